/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The only atomics outside base/ring.h: a counter with one writer and many readers, and the
 * publishing of a pointer or count. On the machines we support each is a plain load or store. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* For a counter that several threads raise; not for the hot path. */
static inline void pyr_counter_add_shared(uint64_t *counter, uint64_t n)
{
    (void)__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/* Adds without a locked instruction: right only where one thread writes. */
static inline void pyr_counter_add(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

static inline void pyr_counter_set(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, n, __ATOMIC_RELAXED);
}

static inline uint64_t pyr_counter_read(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* A word of any type that one thread writes and another may look at meanwhile. */
#define PYR_SHARED_SET(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELEASE)
#define PYR_SHARED_GET(place) __atomic_load_n(&(place), __ATOMIC_ACQUIRE)

/* What was written before publishing is seen by whoever saw the published value. */
static inline void pyr_publish_u32(uint32_t *place, uint32_t value)
{
    __atomic_store_n(place, value, __ATOMIC_RELEASE);
}

static inline uint32_t pyr_published_u32(const uint32_t *place)
{
    return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

/* Sets a shared pointer to NULL if it is still `value`. */
#define PYR_SHARED_CLEAR_IF(place, value)                                                          \
    ((void)__sync_bool_compare_and_swap(&(place), (value), NULL))

/* Whoever comes first says what the word is, which must not be 0; gives what stands there now. */
static inline uint64_t pyr_set_once(uint64_t *place, uint64_t value)
{
    uint64_t before = 0;
    bool first = __atomic_compare_exchange_n(place, &before, value, false, __ATOMIC_RELAXED,
                                             __ATOMIC_RELAXED);
    return first ? value : before;
}
