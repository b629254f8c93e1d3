/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/timeline.h"

#include "base/mem.h"

struct pyr_timeline {
    struct pyr_run *runs; /* owned */
    uint32_t cap;
    uint32_t count;
};

struct pyr_timeline *pyr_timeline_new(void)
{
    return pyr_mem_zalloc(1, sizeof(struct pyr_timeline));
}

void pyr_timeline_free(struct pyr_timeline *timeline)
{
    if (timeline == NULL) {
        return;
    }
    pyr_mem_free(timeline->runs);
    pyr_mem_free(timeline);
}

bool pyr_timeline_add(struct pyr_timeline *timeline, struct pyr_run run, struct pyr_err *err)
{
    if (!pyr_mem_grow(&timeline->runs, &timeline->cap, (size_t)timeline->count + 1,
                      sizeof *timeline->runs, err)) {
        return false;
    }
    timeline->runs[timeline->count++] = run;
    return true;
}

void pyr_timeline_shift(struct pyr_timeline *timeline, uint64_t ns)
{
    for (uint32_t i = 0; i < timeline->count; i++) {
        timeline->runs[i].start_ns = pyr_timeline_sum(timeline->runs[i].start_ns, ns);
    }
}

struct pyr_run pyr_timeline_get(const struct pyr_timeline *timeline, uint32_t index)
{
    return timeline->runs[index];
}

uint32_t pyr_timeline_count(const struct pyr_timeline *timeline)
{
    return timeline->count;
}
