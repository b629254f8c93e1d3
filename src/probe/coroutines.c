/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/coroutines.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

#define MIN_PLACES 64u
#define MAX_PLACES (1u << 30)

void pyr_coroutines_release(struct pyr_coroutines *coroutines)
{
    pyr_mem_free(coroutines->table);
    *coroutines = (struct pyr_coroutines){0};
}

void pyr_coroutines_clear(struct pyr_coroutines *coroutines)
{
    if (coroutines->table != NULL) {
        memset(coroutines->table, 0, ((size_t)coroutines->mask + 1) * sizeof *coroutines->table);
    }
    coroutines->count = 0;
}

/* The frame's place, or the free one where it belongs. There are always some. */
static struct pyr_suspended *find(const struct pyr_coroutines *coroutines, const void *frame)
{
    /* The upper half, which every bit of the address reaches. */
    uint64_t i = (uint64_t)(uintptr_t)frame * 0x9E3779B97F4A7C15u >> 32;
    while (true) {
        struct pyr_suspended *place = &coroutines->table[i & coroutines->mask];
        if (place->frame == frame || place->frame == NULL) {
            return place;
        }
        i++;
    }
}

static uint32_t count_suspended(const struct pyr_coroutines *coroutines)
{
    uint32_t count = 0;
    for (uint32_t i = 0; coroutines->table != NULL && i <= coroutines->mask; i++) {
        count += coroutines->table[i].since != 0;
    }
    return count;
}

/* Room for those that are suspended, twice as much where it is they who need it: the others' frames
 * may be no more. False when out of memory, with nothing changed. */
static bool grow(struct pyr_coroutines *coroutines)
{
    uint32_t places = coroutines->table != NULL ? coroutines->mask + 1 : MIN_PLACES;
    if (count_suspended(coroutines) >= places / 4) {
        places *= 2;
    }
    struct pyr_coroutines grown = {.mask = places - 1};
    if (places > MAX_PLACES) {
        return false;
    }
    grown.table = pyr_mem_zalloc(places, sizeof *grown.table);
    if (grown.table == NULL) {
        return false;
    }
    for (uint32_t i = 0; coroutines->table != NULL && i <= coroutines->mask; i++) {
        if (coroutines->table[i].since != 0) {
            *find(&grown, coroutines->table[i].frame) = coroutines->table[i];
            grown.count++;
        }
    }
    pyr_mem_free(coroutines->table);
    *coroutines = grown;
    return true;
}

void pyr_coroutines_suspend(struct pyr_coroutines *coroutines, const void *frame, uint64_t now)
{
    if (frame == NULL || (coroutines->count >= coroutines->mask / 2 && !grow(coroutines))) {
        return;
    }
    struct pyr_suspended *place = find(coroutines, frame);
    coroutines->count += place->frame == NULL;
    *place = (struct pyr_suspended){frame, now};
}

uint64_t pyr_coroutines_resume(struct pyr_coroutines *coroutines, const void *frame, uint64_t now)
{
    if (coroutines->table == NULL || frame == NULL) {
        return 0;
    }
    struct pyr_suspended *place = find(coroutines, frame);
    uint64_t since = place->since;
    place->since = 0;
    return since != 0 && now > since ? now - since : 0;
}
