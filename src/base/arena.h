/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Arena: many small allocations that live and die together.
 *
 * Blocks are never moved, so pointers stay valid until the arena is freed. Threads: one owner. */
#pragma once

#include <stddef.h>

struct pyr_arena;

struct pyr_arena *pyr_arena_new(void);        /* NULL when out of memory */
void pyr_arena_free(struct pyr_arena *arena); /* NULL is allowed */
/* Aligned to 8, not zeroed, valid until the arena is freed; NULL when out of memory. */
void *pyr_arena_alloc(struct pyr_arena *arena, size_t size);
/* A NUL-terminated copy of `len` bytes; NULL when out of memory. */
char *pyr_arena_copy(struct pyr_arena *arena, const char *text, size_t len);
/* Bytes taken from the system. */
size_t pyr_arena_size(const struct pyr_arena *arena);
