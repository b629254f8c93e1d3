/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/stack.h"

#include "base/mem.h"

void pyr_raw_stack_release(struct pyr_raw_stack *stack)
{
    pyr_mem_free(stack->frames);
    *stack = (struct pyr_raw_stack){0};
}

bool pyr_raw_stack_push(struct pyr_raw_stack *stack, struct pyr_raw_frame frame)
{
    if (stack->count >= PYR_STACK_MAX_DEPTH) {
        return false;
    }
    if (stack->count == stack->cap) {
        struct pyr_err err = {0};
        if (!pyr_mem_grow(&stack->frames, &stack->cap, (size_t)stack->count + 1, sizeof(frame),
                          &err)) {
            return false;
        }
    }
    stack->frames[stack->count++] = frame;
    return true;
}
