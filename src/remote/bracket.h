/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Bracket: what is known just before and just after a reading, and whether it proves that no thread
 * could change its Python stack in between.
 *
 * Only the holder of the GIL changes Python stacks. The words of the GIL name the last holder and
 * count how often it became another, so equal words at both ends say: if anyone ran Python, it was
 * that thread. It did not run either when the reader was on the CPU that the thread is on, at both
 * ends, and was not switched out itself: a thread that runs elsewhere is noted on another CPU
 * before its first instruction there, and to come back it would have to run on the reader's.
 * Pure: everything is given. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "remote/layout.h"

#define PYR_CPU_UNKNOWN UINT32_MAX

/* The words of a GIL. */
struct pyr_gil_words {
    uint64_t holder; /* the thread state that has it, or had it last */
    uint64_t switches;
    bool locked;
};

struct pyr_bracket_end {
    struct pyr_gil_words gil;
    uint32_t cpu;          /* on which the holder is; PYR_CPU_UNKNOWN: there is no such thread */
    uint64_t runs;         /* how often the kernel gave it a CPU, where that is asked; else 0 */
    uint64_t own_switches; /* of the reader */
};

enum pyr_bracket_result {
    PYR_BRACKET_HELD = 0,  /* proved */
    PYR_BRACKET_ELSEWHERE, /* the holder is on another CPU than the reader: follow it */
    PYR_BRACKET_BROKEN,    /* someone ran, or may have */
};

enum pyr_bracket_result pyr_bracket_check(const struct pyr_bracket_end *before,
                                          const struct pyr_bracket_end *after, uint32_t own_cpu);
/* May `thread` have run Python since the words were `then`? Not if neither is it the holder, nor
 * was it then, nor has anyone been in between. */
bool pyr_bracket_may_have_run(const struct pyr_gil_words *then, const struct pyr_gil_words *now,
                              uint64_t thread);
/* The size of what to read at the address of the GIL; 0 when this version's can't be. */
uint32_t pyr_gil_size(const struct pyr_layout *layout);
struct pyr_gil_words pyr_gil_decode(const struct pyr_layout *layout, const uint8_t *bytes);
#define PYR_GIL_MAX_SIZE 256
