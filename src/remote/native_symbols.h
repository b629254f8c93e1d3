/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Native symbols: names, places in the source and roles of machine code, kept per program counter.
 * Names cost nothing more once a module's functions are listed; places need its debug information,
 * and are looked up when they are first asked for. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "model/strtab.h"
#include "remote/native.h"
#include "remote/native_modules.h"
#include "remote/perf_map.h"

struct pyr_native_known {
    struct pyr_native_symbol symbol;
    uint64_t pc;
    uint64_t start; /* of the function; 0 when not known */
    bool placed;    /* file and lines were looked up */
};

struct pyr_native_symbols {
    struct pyr_native_modules *modules; /* borrowed */
    struct pyr_perf_map *perf_map;      /* borrowed */
    struct pyr_arena *arena;            /* owned; holds what `texts` names */
    struct pyr_strtab *texts;           /* owned */
    struct pyr_native_known *known;     /* owned */
    uint32_t count;
    uint32_t cap;
    struct pyr_map by_pc; /* index + 1 */
};

PYR_MUST_USE bool pyr_native_symbols_init(struct pyr_native_symbols *symbols,
                                          struct pyr_native_modules *modules,
                                          struct pyr_perf_map *perf_map, struct pyr_err *err);
void pyr_native_symbols_release(struct pyr_native_symbols *symbols); /* zeroed is allowed */
/* Addresses mean something else from now on. Texts stay. */
void pyr_native_symbols_forget(struct pyr_native_symbols *symbols);
/* `place`: with file and lines. Valid until the next call; NULL when out of memory. */
const struct pyr_native_symbol *pyr_native_symbols_get(struct pyr_native_symbols *symbols,
                                                       uint64_t pc, bool place,
                                                       struct pyr_err *err);
