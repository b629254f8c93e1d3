/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Children: the processes that a process began, and theirs, as they come and go. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define PYR_CHILDREN_MAX 65536 /* known at a time; more are left out */

struct pyr_children;

struct pyr_children *pyr_children_new(uint32_t root);  /* NULL when out of memory */
void pyr_children_free(struct pyr_children *children); /* NULL is allowed */
typedef void pyr_child_seen(void *context, uint32_t pid, uint32_t parent);
/* Calls `seen` once for each descendant that was not seen before. Takes a look at each thread of
 * each process that is known. */
void pyr_children_update(struct pyr_children *children, pyr_child_seen *seen, void *context);
/* The command line of a process, at most `size` bytes, NULs as spaces; "" when not to be had. */
void pyr_process_command(uint32_t pid, char *text, uint32_t size);
/* Is there such a process, and is it more than a zombie? */
bool pyr_process_is_alive(uint32_t pid);
/* CPU time of all its threads, ended ones included; 0 when there is no such process. In steps of
 * the kernel's tick, 10 ms. */
uint64_t pyr_process_cpu_ns(uint32_t pid);
