/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdbool.h>
#include <string.h>

uint64_t pyr_hash_seeded(uint64_t seed, const void *data, size_t len)
{
    const unsigned char *bytes = data;
    uint64_t hash = pyr_hash_u64(seed ^ len);
    uint64_t word = 0;
    for (; len >= sizeof word; len -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = pyr_hash_u64(hash ^ word);
    }
    word = 0;
    for (size_t i = 0; i < len; i++) {
        word |= (uint64_t)bytes[i] << (8 * i);
    }
    return pyr_hash_u64(hash ^ word);
}

uint64_t pyr_hash_bytes(const void *data, size_t len)
{
    return pyr_hash_seeded(0, data, len);
}

uint32_t pyr_crc32c_portable(uint32_t crc, const void *data, size_t len)
{
    /* What each value of four bits contributes, for the reversed polynomial 0x82F63B78. */
    static const uint32_t table[16] = {
        0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3,
        0x61C69362, 0x7198540D, 0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9,
        0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
    };
    const unsigned char *bytes = data;
    crc = ~crc;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return ~crc;
}

#if defined(__x86_64__)

static bool has_crc32c(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") != 0;
}

__attribute__((target("sse4.2"))) static uint32_t crc32c_by_machine(uint32_t crc, const void *data,
                                                                    size_t len)
{
    const unsigned char *bytes = data;
    uint64_t wide = ~crc;
    uint64_t word = 0;
    for (; len >= sizeof word; len -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (size_t i = 0; i < len; i++) {
        crc = __builtin_ia32_crc32qi(crc, bytes[i]);
    }
    return ~crc;
}

#else

static bool has_crc32c(void)
{
    return false;
}

static uint32_t crc32c_by_machine(uint32_t crc, const void *data, size_t len)
{
    return pyr_crc32c_portable(crc, data, len);
}

#endif

uint32_t pyr_crc32c(uint32_t crc, const void *data, size_t len)
{
    return has_crc32c() ? crc32c_by_machine(crc, data, len) : pyr_crc32c_portable(crc, data, len);
}
