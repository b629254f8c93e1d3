/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/drain.h"

#include <unistd.h>

#include "base/atomic.h"
#include "probe/calibrate.h"

static bool set_costs(struct pyr_meta *meta, struct pyr_trace *trace, struct pyr_err *err)
{
    const struct pyr_costs *costs = pyr_costs_known(trace);
    if (costs == NULL || trace->options.timer != NULL) {
        return true;
    }
    return pyr_meta_set_number(meta, PYR_META_COST_PYTHON_INSIDE, costs->python.inside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_PYTHON_OUTSIDE, costs->python.outside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_RESUME_INSIDE, costs->resume.inside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_RESUME_OUTSIDE, costs->resume.outside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_BUILTIN_INSIDE, costs->builtin.inside_ps, err) &&
           pyr_meta_set_number(meta, PYR_META_COST_BUILTIN_OUTSIDE, costs->builtin.outside_ps, err);
}

static bool set_identity(struct pyr_meta *meta, struct pyr_trace *trace, struct pyr_err *err)
{
    char host[256] = "";
    char python[32] = "";
    (void)gethostname(host, sizeof host - 1);
    snprintf(python, sizeof python, "%d.%d.%d", PY_MAJOR_VERSION, PY_MINOR_VERSION,
             PY_MICRO_VERSION);
    const char *clock = trace->options.timer != NULL ? "external" : pyr_clock_name(pyr_probe.clock);
    return pyr_meta_set_text(meta, PYR_META_COLLECTOR, "trace", err) &&
           pyr_meta_set_text(meta, PYR_META_COMMAND,
                             trace->options.command != NULL ? trace->options.command : "", err) &&
           pyr_meta_set_text(meta, PYR_META_HOST, host, err) &&
           pyr_meta_set_text(meta, PYR_META_PYTHON, python, err) &&
           pyr_meta_set_text(meta, PYR_META_PYROMETER, PYROMETER_VERSION, err) &&
           pyr_meta_set_text(meta, PYR_META_CLOCK, clock, err) &&
           pyr_meta_set_number(meta, PYR_META_PID, trace->pid, err) &&
           pyr_meta_set_number(meta, PYR_META_START_NS, (int64_t)trace->start_unix_ns, err) &&
           pyr_meta_set_number(meta, PYR_META_BUILTINS, trace->options.builtins, err) &&
           pyr_meta_set_number(meta, PYR_META_NODE_LIMIT, trace->options.node_limit, err) &&
           pyr_meta_set_number(meta, PYR_META_CONTEXT_LIMIT, trace->options.context_limit, err) &&
           (trace->options.clock == PYR_CHOOSE_WALL ||
            pyr_meta_set_text(meta, PYR_META_CPU_CLOCK, pyr_cpu_clock_name(trace->cpu_clock), err));
}

bool pyr_drain_meta(struct pyr_drain *drain, struct pyr_trace *trace, struct pyr_err *err)
{
    struct pyr_meta *meta = drain->profile->meta;
    uint64_t unmatched = 0;
    uint64_t folded = 0;
    uint64_t lost_memory = 0;
    pthread_mutex_lock(&pyr_probe.slots_lock); /* the calibration has a ring of its own */
    pthread_mutex_unlock(&pyr_probe.slots_lock);
    uint64_t lost_contexts =
        pyr_counter_read(&trace->lost_contexts) + pyr_counter_read(&trace->labels.lost);
    for (uint32_t i = 0; i < drain->trees_count; i++) {
        unmatched += pyr_counter_read(&drain->trees[i].home->unmatched);
        folded += pyr_counter_read(&drain->trees[i].home->folded);
        lost_memory += pyr_counter_read(&drain->trees[i].home->lost_memory);
    }
    return set_identity(meta, trace, err) && set_costs(meta, trace, err) &&
           pyr_meta_set_number(meta, PYR_META_DURATION_NS, (int64_t)pyr_trace_duration_ns(trace),
                               err) &&
           pyr_meta_set_number(meta, PYR_META_EVENTS, (int64_t)drain->events, err) &&
           pyr_meta_set_number(meta, PYR_META_NODES, (int64_t)pyr_counter_read(&trace->nodes),
                               err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_UNMATCHED, (int64_t)unmatched, err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_FOLDED, (int64_t)folded, err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_DEEP,
                               (int64_t)pyr_counter_read(&trace->lost_deep), err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_MEMORY, (int64_t)lost_memory, err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_CONTEXTS, (int64_t)lost_contexts, err) &&
           pyr_meta_set_number(meta, PYR_META_LOST_CALLBACKS,
                               (int64_t)pyr_counter_read(&trace->lost_callbacks), err) &&
           pyr_meta_set_number(meta, PYR_META_FINISHED, !trace->running, err);
}
