/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Stack: the frames of one thread as they were read, before anything in them has a name. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define PYR_STACK_DEFAULT_DEPTH 20000 /* frames; what is beyond is cut at the outermost end */
#define PYR_STACK_MAX_DEPTH 1000000

enum pyr_raw_kind {
    PYR_RAW_PYTHON = 0,
    PYR_RAW_NATIVE,    /* code: a program counter, see native.h */
    PYR_RAW_GC,        /* the collector was running on this thread */
    PYR_RAW_TORN,      /* what is above (further in) could not be proved, and was left out */
    PYR_RAW_TRUNCATED, /* outermost frames beyond the limit were left out */
};

struct pyr_raw_frame {
    uint64_t code;    /* address of the code object */
    uint64_t address; /* of the frame itself */
    int32_t offset;   /* of the instruction, in bytes from the code's first; -1: not begun */
    uint8_t kind;     /* enum pyr_raw_kind */
    uint8_t owner;    /* as the interpreter says */
    bool is_entry;    /* there is C code between it and the frame that called it */
};

/* Innermost frame first. */
struct pyr_raw_stack {
    struct pyr_raw_frame *frames; /* owned */
    uint32_t count;
    uint32_t cap;
    bool truncated;
    bool torn;
};

void pyr_raw_stack_release(struct pyr_raw_stack *stack); /* zeroed is allowed */
/* False when out of memory or at PYR_STACK_MAX_DEPTH. */
PYR_MUST_USE bool pyr_raw_stack_push(struct pyr_raw_stack *stack, struct pyr_raw_frame frame);
