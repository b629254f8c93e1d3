/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Maps: what is mapped where in a process, as /proc/PID/maps has it; and the files behind it,
 * opened as the process sees them, which may be in another mount namespace, chroot'ed, or deleted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PYR_MAPS_MAX 65536 /* the kernel's own limit by default; more are left out */

struct pyr_map_entry {
    uint64_t start;
    uint64_t end;
    uint64_t offset; /* in the file */
    uint64_t device;
    uint64_t inode; /* 0: no file */
    bool readable;
    bool writable;
    bool executable;
    const char *path; /* owned by the maps; "" without a file; "[heap]" and the like */
};

struct pyr_maps {
    struct pyr_map_entry *entries; /* owned; in the order of addresses */
    uint32_t count;
    char *texts; /* owned */
};

/* `pid` as we see it. */
PYR_MUST_USE bool pyr_maps_read(struct pyr_maps *maps, uint32_t pid, struct pyr_err *err);
/* The same from text (any bytes). */
PYR_MUST_USE bool pyr_maps_parse(struct pyr_maps *maps, const char *text, size_t size,
                                 struct pyr_err *err);
void pyr_maps_release(struct pyr_maps *maps); /* zeroed is allowed */
/* The entry that holds `address`; NULL when none does. */
const struct pyr_map_entry *pyr_maps_find(const struct pyr_maps *maps, uint64_t address);
/* Opens the file of `entry`, proved by device and inode to be the same file; -1 when it can't be
 * had. The caller closes it. */
int pyr_maps_open(const struct pyr_map_entry *entry, uint32_t pid);
