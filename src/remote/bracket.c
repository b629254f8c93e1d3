/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/bracket.h"

#include "remote/fields.h"

static bool same_words(const struct pyr_gil_words *a, const struct pyr_gil_words *b)
{
    return a->holder == b->holder && a->switches == b->switches && a->locked == b->locked;
}

enum pyr_bracket_result pyr_bracket_check(const struct pyr_bracket_end *before,
                                          const struct pyr_bracket_end *after, uint32_t own_cpu)
{
    if (!same_words(&before->gil, &after->gil) || before->own_switches != after->own_switches) {
        return PYR_BRACKET_BROKEN;
    }
    if (before->cpu == PYR_CPU_UNKNOWN && after->cpu == PYR_CPU_UNKNOWN) {
        /* The last holder has ended. Free at both ends and no switch: nobody had it meanwhile. */
        return before->gil.locked ? PYR_BRACKET_BROKEN : PYR_BRACKET_HELD;
    }
    if (before->cpu != own_cpu || after->cpu != own_cpu) {
        return PYR_BRACKET_ELSEWHERE;
    }
    return before->runs == after->runs ? PYR_BRACKET_HELD : PYR_BRACKET_BROKEN;
}

bool pyr_bracket_may_have_run(const struct pyr_gil_words *then, const struct pyr_gil_words *now,
                              uint64_t thread)
{
    return thread == then->holder || thread == now->holder || now->switches - then->switches > 1;
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

uint32_t pyr_gil_size(const struct pyr_layout *layout)
{
    if (layout->gil_last_holder > PYR_GIL_MAX_SIZE || layout->gil_locked > PYR_GIL_MAX_SIZE ||
        layout->gil_switch_number > PYR_GIL_MAX_SIZE) {
        return 0;
    }
    uint32_t size =
        max_u32(max_u32(layout->gil_last_holder, layout->gil_locked), layout->gil_switch_number) +
        (uint32_t)sizeof(uint64_t);
    return size <= PYR_GIL_MAX_SIZE ? size : 0;
}

struct pyr_gil_words pyr_gil_decode(const struct pyr_layout *layout, const uint8_t *bytes)
{
    uint32_t size = pyr_gil_size(layout);
    return (struct pyr_gil_words){
        .holder = pyr_field_u64(bytes, size, layout->gil_last_holder),
        .switches = pyr_field_u64(bytes, size, layout->gil_switch_number),
        /* -1: not made yet */
        .locked = (int32_t)pyr_field_u32(bytes, size, layout->gil_locked) > 0,
    };
}
