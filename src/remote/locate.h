/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Locate: which of the files that a process has mapped is the interpreter, where its state is, and
 * what version it is. A program may have the interpreter's file mapped twice, and an embedding one
 * may have any name: what is found counts once an interpreter is there whose threads name it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/elf_file.h"
#include "remote/layout.h"
#include "remote/maps.h"
#include "remote/memory.h"

/* Opens the file behind a mapping for reading; -1 when it can't be had. */
typedef int pyr_open_mapped(void *context, const struct pyr_map_entry *entry);

struct pyr_locate {
    struct pyr_memory *memory;
    const struct pyr_maps *maps;
    pyr_open_mapped *open;
    void *context;
};

struct pyr_location {
    uint64_t runtime;        /* _PyRuntime; up to 3.6 interp_head */
    uint64_t current_thread; /* _PyThreadState_Current, 3.6 */
    uint64_t asyncio_debug;
    struct pyr_layout layout;
};

/* PYR_ERR_UNSUPPORTED: there is no Python, or one that can't be read. PYR_ERR_GONE: there is one,
 * but it has no threads: it is not up yet, or shutting down. */
PYR_MUST_USE bool pyr_locate(const struct pyr_locate *in, struct pyr_location *location,
                             struct pyr_err *err);
/* Is there an interpreter at `location->runtime` whose first thread names it? */
bool pyr_locate_is_alive(struct pyr_memory *memory, const struct pyr_location *location);
/* The interpreter's variables searched for what can only be its list of interpreters: for programs
 * that have no symbol and no section left that would tell, or no file. */
PYR_MUST_USE bool pyr_locate_scan(const struct pyr_locate *in, struct pyr_location *location,
                                  struct pyr_err *err);
/* Where asyncio's own table is, if that module has been loaded since. */
bool pyr_locate_asyncio(const struct pyr_locate *in, uint64_t *address);
