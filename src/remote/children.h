/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Children: the processes that a process began, and theirs, as they come and go. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct pyr_children;

struct pyr_children *pyr_children_new(uint32_t root); /* NULL when out of memory */
void pyr_children_free(struct pyr_children *children);
typedef void pyr_child_seen(void *context, uint32_t pid, uint32_t parent);
/* Calls `seen` once for each descendant that was not seen before. Cheap when nothing changed. */
void pyr_children_update(struct pyr_children *children, pyr_child_seen *seen, void *context);
/* The command line of a process, at most `size` bytes, NULs as spaces; "" when not to be had. */
void pyr_process_command(uint32_t pid, char *text, uint32_t size);
