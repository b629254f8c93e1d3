/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Native modules: the files that a process runs code from, as libdw is told of them.
 *
 * Files are opened when code of theirs is first met, and as the process sees them (maps.h); their
 * separate debug information is looked for by build id below the process's own root, then ours.
 * Never on the network. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/maps.h"
#include "remote/native_dw.h"
#include "remote/target.h"

struct pyr_native_function {
    uint64_t start;
    uint64_t size;      /* 0: up to the next */
    const char *symbol; /* libdw's, valid as long as the module */
    uint32_t rank;      /* of several names for the same function the lowest is taken */
};

struct pyr_native_module {
    struct pyr_native_modules *modules;
    Dwfl_Module *dwfl;
    const char *name; /* the last part of its path; owned by the maps that it was found in */
    char *path;       /* owned */
    uint64_t start;
    uint64_t end;
    bool interpreter;                      /* CPython is in it */
    bool listed;                           /* functions is filled */
    struct pyr_native_function *functions; /* owned; sorted by start, all different */
    uint32_t function_count;
    uint32_t function_cap;
};

struct pyr_native_modules {
    const struct pyr_dw *dw;
    const struct pyr_target *target;
    Dwfl *dwfl;
    Dwfl_Callbacks callbacks;
    char debug_path[64];
    char *debug_paths;                /* = debug_path, for libdw takes it by its address */
    struct pyr_maps maps;             /* as of the last refresh */
    struct pyr_native_module **items; /* owned */
    uint32_t count;
    uint32_t cap;
    void *vdso; /* owned: a copy of the kernel's own library in the process */
    uint64_t refreshed_ns;
    uint64_t patience_ns; /* how long until maps are read again in vain */
    bool lost;            /* code was met that is in no module: maps may have changed */
    bool failed;          /* memory ran out while libdw called back */
};

/* Reads the maps. `dw` and `target` are borrowed. On failure all is released. */
PYR_MUST_USE bool pyr_native_modules_open(struct pyr_native_modules *modules,
                                          const struct pyr_dw *dw, const struct pyr_target *target,
                                          struct pyr_err *err);
void pyr_native_modules_close(struct pyr_native_modules *modules); /* zeroed is allowed */

/* Reads the maps again if code was met that they don't explain, and not too often. `*moved`:
 * modules have come or gone, so what was known of addresses may mean nothing. */
PYR_MUST_USE bool pyr_native_modules_refresh(struct pyr_native_modules *modules, bool *moved,
                                             struct pyr_err *err);
/* The module that holds `pc`; NULL when none does. */
struct pyr_native_module *pyr_native_modules_find(struct pyr_native_modules *modules, uint64_t pc);
/* May code at `pc` run? */
bool pyr_native_modules_executable(struct pyr_native_modules *modules, uint64_t pc);
/* The function of `module` that holds `pc`; NULL when it has no name. */
PYR_MUST_USE bool pyr_native_modules_function(struct pyr_native_module *module, uint64_t pc,
                                              const struct pyr_native_function **function,
                                              struct pyr_err *err);
