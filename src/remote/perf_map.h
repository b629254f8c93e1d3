/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Perf map: the names that a program gives to code that it makes as it runs, in /tmp/perf-PID.map:
 * Python's own trampolines (python -X perf) and the code of JIT compilers. A line each: address and
 * size in hexadecimal, and the name. The file is the program's: any bytes may be in it.
 * Threads: one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define PYR_PERF_MAP_MAX_BYTES (64u << 20) /* more is not read */
#define PYR_PERF_MAP_MAX_NAME 1024         /* longer ones are cut */

struct pyr_perf_symbol {
    uint64_t start;
    uint64_t size;
    const char *name; /* owned by the map */
    uint32_t order;   /* of lines; of two that say something else the later is right */
};

struct pyr_perf_map {
    uint32_t pid;
    struct pyr_arena *arena;         /* owned */
    struct pyr_perf_symbol *symbols; /* owned; sorted by start */
    uint32_t count;
    uint32_t cap;
    uint64_t size_bytes; /* of the file when it was read */
    uint64_t looked_ns;
};

void pyr_perf_map_init(struct pyr_perf_map *map, uint32_t pid);
void pyr_perf_map_release(struct pyr_perf_map *map); /* zeroed is allowed */
/* Adds what `text` says. */
PYR_MUST_USE bool pyr_perf_map_parse(struct pyr_perf_map *map, const char *text, size_t size,
                                     struct pyr_err *err);
/* Reads the process's file, as the process sees it, if it has grown since; not more often than
 * every 100 ms. No file, or an unreadable one, is no failure. */
PYR_MUST_USE bool pyr_perf_map_refresh(struct pyr_perf_map *map, bool *changed,
                                       struct pyr_err *err);
/* What holds `pc`; NULL when nothing does. Valid until the next refresh. */
const struct pyr_perf_symbol *pyr_perf_map_find(const struct pyr_perf_map *map, uint64_t pc);
