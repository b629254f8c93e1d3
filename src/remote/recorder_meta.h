/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Recorder's meta: what a recording says about itself in its profile. Only for recorder.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"
#include "remote/sampler.h"

struct pyr_recorder_facts {
    uint32_t pid;
    char command[256]; /* of the process, as it was when it was first opened */
    char python[32];   /* its version */
    const char *mode;  /* borrowed */
    uint32_t rate;
    uint64_t start_unix_ns; /* of the profile */
    uint64_t duration_ns;
    struct pyr_sampler_counts counts; /* `rounds` and `late` are the recording's own */
    uint64_t folded;
    uint64_t threads_folded;
    uint64_t node_limit;
    bool finished;
};

PYR_MUST_USE bool pyr_recorder_set_meta(struct pyr_meta *meta,
                                        const struct pyr_recorder_facts *facts,
                                        struct pyr_err *err);
