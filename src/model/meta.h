/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Meta: what a profile says about itself, and the honesty counters.
 *
 * Keys are short lower-case words; a value is a text or a number. Setting a key again replaces
 * its value. Keys that readers do not know are kept and shown. Threads: one writer. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/strtab.h"

/* Texts. */
#define PYR_META_COLLECTOR "collector" /* trace, record, memory, import:<format>, diff */
#define PYR_META_COMMAND "command"
#define PYR_META_HOST "host"
#define PYR_META_PYTHON "python"           /* 3.12.1 */
#define PYR_META_PYROMETER "pyrometer"     /* version that wrote it */
#define PYR_META_CLOCK "clock"             /* tsc, monotonic, external */
#define PYR_META_CPU_CLOCK "cpu_clock"     /* rseq, syscall; missing without CPU times */
#define PYR_META_STOP_REASON "stop_reason" /* why collecting ended, if not as planned */
/* Numbers. */
#define PYR_META_PID "pid"
#define PYR_META_START_NS "start_ns" /* since 1970, UTC */
#define PYR_META_DURATION_NS "duration_ns"
#define PYR_META_EXIT_STATUS "exit_status"
#define PYR_META_BUILTINS "builtins" /* 1 when calls of C functions were recorded */
#define PYR_META_FINISHED "finished" /* 1 when the collector ended in order */
/* Honesty: counts of what was seen and what is missing. A key that starts with "lost_" is shown
 * as a warning whenever it is not 0. */
#define PYR_META_EVENTS "events"
#define PYR_META_LOST_UNMATCHED "lost_unmatched" /* returns whose call was not seen */
#define PYR_META_LOST_FOLDED "lost_paths"        /* calls folded at the node limit */
#define PYR_META_LOST_DEEP                                                                         \
    "lost_deep" /* times that all below a call was not seen, to protect the C stack */
#define PYR_META_LOST_MEMORY "lost_memory" /* events dropped because memory ran out */
#define PYR_META_LOST_RUNS "lost_runs"     /* events that fell out of the timeline's ring */
#define PYR_META_LOST_CONTEXTS                                                                     \
    "lost_contexts" /* tasks, greenlets or tags not told apart, beyond the limit */
#define PYR_META_LOST_CALLBACKS "lost_callbacks" /* callbacks given up because they failed */
#define PYR_META_CONTEXT_LIMIT "context_limit"
#define PYR_META_NODE_LIMIT "node_limit"
#define PYR_META_NODES "nodes"
/* Of sampled profiles. A round looks at all threads; a sample is of one. Rounds that were due but
 * could not begin in time, samples whose tip was left out as it could not be proved, and samples
 * of which nothing can be said are counted as lost. */
#define PYR_META_MODE "mode"                 /* how samples are proved; a text */
#define PYR_META_RATE_ASKED "rate_asked"     /* rounds per second */
#define PYR_META_RATE_REACHED "rate_reached" /* the same, in thousandths */
#define PYR_META_ROUNDS "rounds"
#define PYR_META_SAMPLES "samples"             /* taken; not all of them are in the profile */
#define PYR_META_SAMPLES_EXACT "samples_exact" /* of these, proved */
#define PYR_META_LOST_ROUNDS "lost_rounds"
#define PYR_META_LOST_TORN "lost_torn"
#define PYR_META_LOST_SAMPLES "lost_samples"
#define PYR_META_LOST_THREADS                                                                      \
    "lost_threads" /* samples of threads beyond those that are told apart */
/* Calibrated cost of measuring one call, in picoseconds: the part that is charged to the callee
 * itself (inside) and to its caller (outside); for Python calls, resumes and builtins. */
#define PYR_META_COST_PYTHON_INSIDE "cost_python_inside_ps"
#define PYR_META_COST_PYTHON_OUTSIDE "cost_python_outside_ps"
#define PYR_META_COST_BUILTIN_INSIDE "cost_builtin_inside_ps"
#define PYR_META_COST_BUILTIN_OUTSIDE "cost_builtin_outside_ps"
#define PYR_META_COST_RESUME_INSIDE "cost_resume_inside_ps"
#define PYR_META_COST_RESUME_OUTSIDE "cost_resume_outside_ps"

struct pyr_meta_entry {
    pyr_str key;
    bool is_number;
    pyr_str text;
    int64_t number;
};

struct pyr_meta;

struct pyr_meta *pyr_meta_new(struct pyr_strtab *strings); /* borrows; NULL when out of memory */
void pyr_meta_free(struct pyr_meta *meta);
PYR_MUST_USE bool pyr_meta_set_text(struct pyr_meta *meta, const char *key, const char *text,
                                    struct pyr_err *err);
PYR_MUST_USE bool pyr_meta_set_number(struct pyr_meta *meta, const char *key, int64_t number,
                                      struct pyr_err *err);
bool pyr_meta_has(const struct pyr_meta *meta, const char *key);
/* Borrowed; "" when the key is not there or is a number. */
const char *pyr_meta_text(const struct pyr_meta *meta, const char *key);
/* `otherwise` when the key is not there or is a text. */
int64_t pyr_meta_number(const struct pyr_meta *meta, const char *key, int64_t otherwise);
/* `index` from 0. */
struct pyr_meta_entry pyr_meta_get(const struct pyr_meta *meta, uint32_t index);
uint32_t pyr_meta_count(const struct pyr_meta *meta);
/* Rises with every change. */
uint64_t pyr_meta_stamp(const struct pyr_meta *meta);
