/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/tasks.h"

#include <string.h>

#include "base/mem.h"

void pyr_remote_tasks_release(struct pyr_remote_tasks *tasks)
{
    for (uint32_t i = 0; i < tasks->count; i++) {
        pyr_raw_stack_release(&tasks->items[i].coroutines);
        pyr_mem_free(tasks->items[i].awaited_by);
    }
    pyr_mem_free(tasks->items);
    memset(tasks, 0, sizeof(*tasks));
}

bool pyr_remote_tasks_list(struct pyr_target *target, const struct pyr_remote_threads *threads,
                           struct pyr_remote_tasks *tasks, struct pyr_err *err)
{
    (void)target;
    (void)threads;
    (void)tasks;
    return pyr_err_set(err, PYR_ERR_UNSUPPORTED, "asyncio's tasks can't be read yet");
}
