/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Written by tests only: without them every thread just reads -1. */
static long fail_after = -1;

static bool must_fail(void)
{
    if (fail_after < 0) {
        return false;
    }
    return fail_after-- == 0;
}

void *pyr_mem_alloc(size_t size)
{
    return must_fail() ? NULL : malloc(size != 0 ? size : 1);
}

void *pyr_mem_zalloc(size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total)) {
        return NULL;
    }
    /* As for pyr_mem_alloc(0): NULL must mean that memory ran out. */
    return must_fail() ? NULL : calloc(1, total != 0 ? total : 1);
}

void *pyr_mem_realloc(void *ptr, size_t size)
{
    return must_fail() ? NULL : realloc(ptr, size != 0 ? size : 1);
}

void pyr_mem_free(void *ptr)
{
    free(ptr);
}

char *pyr_mem_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = pyr_mem_alloc(size);
    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}

bool pyr_mem_grow(void *items, uint32_t *cap, size_t needed, size_t item_size, struct pyr_err *err)
{
    if (needed <= *cap) {
        return true;
    }
    if (needed > UINT32_MAX) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "a table holds at most %u entries", UINT32_MAX);
    }
    size_t new_cap = (size_t)*cap + *cap / 2;
    new_cap = new_cap < 8 ? 8 : new_cap;
    new_cap = new_cap < needed ? needed : new_cap;
    new_cap = new_cap > UINT32_MAX ? UINT32_MAX : new_cap;
    size_t size = 0;
    if (__builtin_mul_overflow(new_cap, item_size, &size)) {
        return pyr_err_nomem(err);
    }
    /* By memcpy, because the array pointer may be of any type. */
    unsigned char *array = NULL;
    memcpy(&array, items, sizeof array);
    array = pyr_mem_realloc(array, size);
    if (array == NULL) {
        return pyr_err_nomem(err);
    }
    size_t old_size = *cap * item_size;
    memset(array + old_size, 0, size - old_size);
    memcpy(items, &array, sizeof array);
    *cap = (uint32_t)new_cap;
    return true;
}

void pyr_mem_fail_after(long count)
{
    fail_after = count;
}
