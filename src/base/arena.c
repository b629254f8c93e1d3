/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

#define ALIGNMENT 8
#define MIN_BLOCK_SIZE ((size_t)4 << 10)
#define MAX_BLOCK_SIZE ((size_t)1 << 20)

struct block {
    struct block *next; /* owned */
    size_t size;        /* of data */
    size_t used;
    unsigned char data[];
};

struct pyr_arena {
    struct block *blocks; /* owned; small allocations are taken from the first */
    size_t next_size;     /* blocks double, so that an arena of any size has few */
    size_t total;
};

struct pyr_arena *pyr_arena_new(void)
{
    struct pyr_arena *arena = pyr_mem_zalloc(1, sizeof *arena);
    if (arena != NULL) {
        arena->next_size = MIN_BLOCK_SIZE;
        arena->total = sizeof *arena;
    }
    return arena;
}

void pyr_arena_free(struct pyr_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    for (struct block *block = arena->blocks; block != NULL;) {
        struct block *next = block->next;
        pyr_mem_free(block);
        block = next;
    }
    pyr_mem_free(arena);
}

/* A block with room for `size` bytes. One made for a single large allocation goes second, so
 * that what is left of the first is still used. */
static struct block *add_block(struct pyr_arena *arena, size_t size)
{
    bool large = size > arena->next_size / 2;
    size_t data_size = large ? size : arena->next_size - sizeof(struct block);
    struct block *block = pyr_mem_alloc(sizeof *block + data_size);
    if (block == NULL) {
        return NULL;
    }
    block->size = data_size;
    block->used = 0;
    if (large && arena->blocks != NULL) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    if (!large && arena->next_size < MAX_BLOCK_SIZE) {
        arena->next_size *= 2;
    }
    arena->total += sizeof *block + data_size;
    return block;
}

void *pyr_arena_alloc(struct pyr_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size = size == 0 ? ALIGNMENT : (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct block *block = arena->blocks;
    if (block == NULL || block->size - block->used < size) {
        block = add_block(arena, size);
        if (block == NULL) {
            return NULL;
        }
    }
    void *place = block->data + block->used;
    block->used += size;
    return place;
}

char *pyr_arena_copy(struct pyr_arena *arena, const char *text, size_t len)
{
    if (len == SIZE_MAX) {
        return NULL;
    }
    char *copy = pyr_arena_alloc(arena, len + 1);
    if (copy != NULL) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

size_t pyr_arena_size(const struct pyr_arena *arena)
{
    return arena->total;
}
