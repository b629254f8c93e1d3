/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Stacks of machine code beside Python's, in the stopped mode. */
#include "remote/sampler_state.h"

#include "remote/native.h"

bool sampler_open_native(struct pyr_sampler *sampler, struct pyr_err *err)
{
    sampler->native = pyr_native_open(sampler->target, err);
    return sampler->native != NULL;
}

void sampler_close_native(struct pyr_sampler *sampler)
{
    pyr_native_close(sampler->native);
    pyr_raw_stack_release(&sampler->machine);
    pyr_raw_stack_release(&sampler->merged);
    sampler->native = NULL;
}

void sampler_copy_native(struct pyr_sampler *sampler)
{
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        struct pyr_err ignored = {
            0}; /* the thread has ended, or did not stop: Python's stack it is */
        thread->copied = thread->sampled && pyr_native_copy(sampler->native, &sampler->stopper,
                                                            sampler->threads.items[i].tid,
                                                            &thread->stacks[thread->now], &ignored);
    }
}

const struct pyr_raw_stack *sampler_merge_native(struct pyr_sampler *sampler, uint32_t index)
{
    const struct tracked *thread = &sampler->tracked[index];
    const struct pyr_raw_stack *python = &thread->stacks[thread->now];
    struct pyr_err ignored = {0};
    struct pyr_raw_stack *machine = &sampler->machine;
    struct pyr_raw_stack *merged = &sampler->merged;
    machine->count = merged->count = 0;
    machine->truncated = merged->truncated = merged->torn = false;
    if (!thread->copied ||
        !pyr_native_unwind(sampler->native, sampler->threads.items[index].tid, machine, &ignored) ||
        !pyr_native_merge(sampler->native, python, machine, false, merged, &ignored)) {
        return python;
    }
    return merged;
}

struct pyr_native *pyr_sampler_native(const struct pyr_sampler *sampler)
{
    return sampler->native;
}
