/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Hashes for tables in memory (never stored in a file) and the checksum that files use. */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint64_t pyr_hash_bytes(const void *data, size_t len);
/* For tables of texts from files: with a seed that a file's maker can't know (an address will do)
 * no file can be made whose texts all collide. */
uint64_t pyr_hash_seeded(uint64_t seed, const void *data, size_t len);

/* Mixes all bits of `key` into all bits of the result. */
static inline uint64_t pyr_hash_u64(uint64_t key)
{
    key ^= key >> 32;
    key *= 0xD6E8FEB86659FD93u;
    key ^= key >> 32;
    key *= 0xD6E8FEB86659FD93u;
    key ^= key >> 32;
    return key;
}

/* CRC-32C (Castagnoli), start with `crc` 0; may be fed in pieces. */
uint32_t pyr_crc32c(uint32_t crc, const void *data, size_t len);
/* The same without the processor's own instruction, which pyr_crc32c() uses where there is one. */
uint32_t pyr_crc32c_portable(uint32_t crc, const void *data, size_t len);
