/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Registry: every function a trace has met, numbered from 1, with its texts copied out of Python,
 * so that the thread that writes the file needs no interpreter.
 *
 * A record keeps its code object alive, so that a key can't come to mean another function while
 * the trace lasts. Threads: adding takes the lock, which guards the map and the arena; records
 * below the published count may be read by anyone without it. */
#pragma once

#include <Python.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "model/functions.h"

#define PYR_REGISTRY_CHUNK 256u
#define PYR_REGISTRY_MAX_CHUNKS 1024u /* 262,144 functions: more are not recorded, and counted */

struct pyr_record {
    const void *key;
    PyObject *object;     /* owned: the code object; for builtins what keeps the key valid */
    const char *qualname; /* in the registry's arena, like all texts; never NULL */
    const char *module;
    const char *file;
    const char *label; /* of a builtin, as cProfile writes it; NULL for Python functions */
    uint32_t first_line;
    enum pyr_func_kind kind;
    bool excluded; /* by a filter, or because it is ours */
    bool ours;
    bool unnamed; /* its qualified name was not known when it was met */
    bool hidden;  /* part of the calibration, in no profile */
};

/* The module name under which the calibration's functions run. */
#define PYR_CALIBRATION_MODULE "<pyrometer calibration>"

struct pyr_registry {
    struct pyr_record *chunks[PYR_REGISTRY_MAX_CHUNKS]; /* owned */
    uint32_t count;                                     /* published; the next number */
    struct pyr_map by_key;
    struct pyr_arena *arena;
    PyObject *include; /* owned tuples of str: module names, prefixes or patterns; may be NULL */
    PyObject *exclude;
    pthread_mutex_t lock;
};

bool pyr_registry_init(struct pyr_registry *registry, PyObject *include, PyObject *exclude);
void pyr_registry_release(struct pyr_registry *registry); /* needs the GIL */

/* 0 when `key` has not been met. */
uint32_t pyr_registry_find(struct pyr_registry *registry, const void *key);
/* The number of the Python function with this code, added if need be; 0 when out of memory.
 * `globals` may be NULL. Leaves a raised exception as it is. */
uint32_t pyr_registry_python(struct pyr_registry *registry, PyObject *code, PyObject *globals);
/* The same for a builtin function or method descriptor; `key` is its PyMethodDef. */
uint32_t pyr_registry_builtin(struct pyr_registry *registry, const void *key, PyObject *callable);

/* Looks again for the names of those that had none. Needs the GIL; no one may read meanwhile. */
void pyr_registry_name_rest(struct pyr_registry *registry);

/* `number` from 1 to below the published count. */
static inline struct pyr_record *pyr_registry_get(const struct pyr_registry *registry,
                                                  uint32_t number)
{
    return &registry->chunks[number / PYR_REGISTRY_CHUNK][number % PYR_REGISTRY_CHUNK];
}
