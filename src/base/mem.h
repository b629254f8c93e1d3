/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The heap: the only file that calls malloc, so that a test can make any one allocation fail.
 *
 * Every function gives NULL when out of memory, and never aborts. What they return is owned by
 * the caller and released with pyr_mem_free(). Threads: any, except pyr_mem_fail_after(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

void *pyr_mem_alloc(size_t size);
/* Zeroed; NULL also when `count * size` overflows. */
void *pyr_mem_zalloc(size_t count, size_t size);
void *pyr_mem_realloc(void *ptr, size_t size); /* on failure `ptr` is as it was */
void pyr_mem_free(void *ptr);                  /* NULL is allowed */
char *pyr_mem_strdup(const char *text);

/* Makes room for `needed` items of `item_size` bytes in the array `*items`, whose capacity is
 * `*cap` items; grows by half again at least. New room is zeroed. `items` points at the array
 * pointer. On failure the array is as it was. */
PYR_MUST_USE bool pyr_mem_grow(void *items, uint32_t *cap, size_t needed, size_t item_size,
                               struct pyr_err *err);

/* For tests: the allocation after `count` more ones fails, once. -1 means never. */
void pyr_mem_fail_after(long count);
