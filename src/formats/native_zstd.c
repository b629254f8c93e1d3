/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_zstd.h"

/* For a context whose memory we give: stable in practice, and zstd's source is our own copy. */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

#include "base/mem.h"

#define LEVEL 3

struct pyr_native_packer {
    ZSTD_CCtx *context; /* owned, as below */
    uint8_t *room;
    size_t room_bytes;
};

struct pyr_native_unpacker {
    ZSTD_DCtx *context;
    uint8_t *room;
    size_t room_bytes;
};

static void *take(void *opaque, size_t size)
{
    (void)opaque;
    return pyr_mem_alloc(size);
}

static void give(void *opaque, void *address)
{
    (void)opaque;
    pyr_mem_free(address);
}

static const ZSTD_customMem MEMORY = {take, give, NULL};

/* The content is not kept: every use overwrites it. */
static bool make_room(uint8_t **room, size_t *room_bytes, size_t needed, struct pyr_err *err)
{
    if (needed <= *room_bytes) {
        return true;
    }
    uint8_t *fresh = pyr_mem_alloc(needed);
    if (fresh == NULL) {
        return pyr_err_nomem(err);
    }
    pyr_mem_free(*room);
    *room = fresh;
    *room_bytes = needed;
    return true;
}

struct pyr_native_packer *pyr_native_packer_new(void)
{
    struct pyr_native_packer *packer = pyr_mem_zalloc(1, sizeof(*packer));
    if (packer == NULL) {
        return NULL;
    }
    packer->context = ZSTD_createCCtx_advanced(MEMORY);
    if (packer->context == NULL) {
        pyr_mem_free(packer);
        return NULL;
    }
    return packer;
}

void pyr_native_packer_free(struct pyr_native_packer *packer)
{
    if (packer != NULL) {
        (void)ZSTD_freeCCtx(packer->context);
        pyr_mem_free(packer->room);
        pyr_mem_free(packer);
    }
}

bool pyr_native_pack(struct pyr_native_packer *packer, const void *data, size_t len,
                     const void **packed, size_t *packed_len, struct pyr_err *err)
{
    *packed = NULL;
    *packed_len = 0;
    if (!make_room(&packer->room, &packer->room_bytes, ZSTD_compressBound(len), err)) {
        return false;
    }
    const size_t result =
        ZSTD_compressCCtx(packer->context, packer->room, packer->room_bytes, data, len, LEVEL);
    if (ZSTD_isError(result)) {
        if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation) {
            return pyr_err_nomem(err);
        }
        return pyr_err_set(err, PYR_ERR_IO, "cannot compress: %s", ZSTD_getErrorName(result));
    }
    if (result < len) {
        *packed = packer->room;
        *packed_len = result;
    }
    return true;
}

struct pyr_native_unpacker *pyr_native_unpacker_new(void)
{
    struct pyr_native_unpacker *unpacker = pyr_mem_zalloc(1, sizeof(*unpacker));
    if (unpacker == NULL) {
        return NULL;
    }
    unpacker->context = ZSTD_createDCtx_advanced(MEMORY);
    if (unpacker->context == NULL) {
        pyr_mem_free(unpacker);
        return NULL;
    }
    return unpacker;
}

void pyr_native_unpacker_free(struct pyr_native_unpacker *unpacker)
{
    if (unpacker != NULL) {
        (void)ZSTD_freeDCtx(unpacker->context);
        pyr_mem_free(unpacker->room);
        pyr_mem_free(unpacker);
    }
}

bool pyr_native_unpack(struct pyr_native_unpacker *unpacker, const uint8_t *data, size_t len,
                       size_t size, const uint8_t **unpacked, struct pyr_err *err)
{
    *unpacked = NULL;
    const unsigned long long claimed = ZSTD_getFrameContentSize(data, len);
    if (claimed == ZSTD_CONTENTSIZE_ERROR || claimed == ZSTD_CONTENTSIZE_UNKNOWN) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "not a zstd frame that states its size");
    }
    if (claimed != size) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "unpacks to %llu bytes instead of %zu", claimed,
                           size);
    }
    if (ZSTD_findFrameCompressedSize(data, len) != len) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "not exactly one zstd frame");
    }
    if (!make_room(&unpacker->room, &unpacker->room_bytes, size, err)) {
        return false;
    }
    const size_t result =
        ZSTD_decompressDCtx(unpacker->context, unpacker->room, unpacker->room_bytes, data, len);
    if (ZSTD_isError(result)) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "cannot unpack: %s", ZSTD_getErrorName(result));
    }
    if (result != size) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "unpacks to %zu bytes instead of %zu", result,
                           size);
    }
    *unpacked = unpacker->room;
    return true;
}
