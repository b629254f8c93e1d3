/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Functions: what can be on a stack, each distinct one once.
 *
 * Two functions are the same when all their fields are equal. Ids are dense and start at 1;
 * id 0 is no function. Threads: one writer; readers only after the writer has stopped. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/strtab.h"

typedef struct {
    uint32_t i;
} pyr_func;

/* The numbers are stored in files: add at the end, never change. */
enum pyr_func_kind {
    PYR_FUNC_PYTHON = 0,
    PYR_FUNC_BUILTIN = 1,   /* implemented in C, called as a Python object */
    PYR_FUNC_NATIVE = 2,    /* machine code with a symbol: a C stack frame */
    PYR_FUNC_SYNTHETIC = 3, /* ours: "(folded)", a process level, "[await]" */
};
#define PYR_FUNC_KIND_COUNT 4

struct pyr_function {
    pyr_str qualname;    /* "Basket.add", "<module>", "list.append" (a method of a C type), "len" */
    pyr_str module;      /* "shop.basket", "builtins"; empty when not known */
    pyr_str file;        /* as the code object says; empty for builtins */
    uint32_t first_line; /* 0 when not known */
    enum pyr_func_kind kind;
};

struct pyr_functions;

struct pyr_functions *pyr_functions_new(void); /* NULL when out of memory */
void pyr_functions_free(struct pyr_functions *tab);

PYR_MUST_USE bool pyr_functions_add(struct pyr_functions *tab, const struct pyr_function *function,
                                    pyr_func *id, struct pyr_err *err);
/* Borrowed, valid until the next add. `id` must have come from this table. */
const struct pyr_function *pyr_functions_get(const struct pyr_functions *tab, pyr_func id);
uint32_t pyr_functions_count(const struct pyr_functions *tab);

/* The name as code objects have it: what follows the last '.' of the qualified name, so
 * "outer.<locals>.inner" gives "inner". Points into `qualname`. */
const char *pyr_function_short_name(const char *qualname);
