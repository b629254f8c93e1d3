/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/coroutines.h"

#include "base/mem.h"

void pyr_coroutines_release(struct pyr_coroutines *coroutines)
{
    pyr_map_release(&coroutines->by_frame);
    pyr_mem_free(coroutines->since);
    *coroutines = (struct pyr_coroutines){0};
}

void pyr_coroutines_clear(struct pyr_coroutines *coroutines)
{
    pyr_map_clear(&coroutines->by_frame);
    coroutines->count = 0;
}

void pyr_coroutines_suspend(struct pyr_coroutines *coroutines, const void *frame, uint64_t now)
{
    struct pyr_err err = {0};
    const uint64_t key = (uint64_t)(uintptr_t)frame;
    uint32_t place = pyr_map_get(&coroutines->by_frame, key);
    if (place == 0) {
        if (!pyr_mem_grow(&coroutines->since, &coroutines->cap, (size_t)coroutines->count + 1,
                          sizeof *coroutines->since, &err) ||
            !pyr_map_put(&coroutines->by_frame, key, coroutines->count + 1, &err)) {
            return;
        }
        place = ++coroutines->count;
    }
    coroutines->since[place - 1] = now;
}

uint64_t pyr_coroutines_resume(struct pyr_coroutines *coroutines, const void *frame, uint64_t now)
{
    uint32_t place = pyr_map_get(&coroutines->by_frame, (uint64_t)(uintptr_t)frame);
    if (place == 0 || coroutines->since[place - 1] == 0) {
        return 0;
    }
    uint64_t since = coroutines->since[place - 1];
    coroutines->since[place - 1] = 0;
    return now > since ? now - since : 0;
}
