/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_decode.h"

#include "base/reader.h"
#include "formats/native_rows.h"

bool pyr_native_knows(uint32_t type)
{
    return pyr_native_find_table(type) != NULL;
}

/* Cuts the payload into its columns, which must fill it exactly. */
static bool open_columns(struct pyr_native_columns *columns, const uint8_t *payload, size_t size,
                         struct pyr_err *err)
{
    struct pyr_reader in = {payload, size, 0};
    uint32_t sizes[PYR_NATIVE_MAX_COLUMNS];
    uint8_t count = 0;
    if (!pyr_reader_u8(&in, &count, err)) {
        return false;
    }
    if (count > PYR_NATIVE_MAX_COLUMNS) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "%u columns", count);
    }
    columns->count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (!pyr_reader_u32(&in, &sizes[i], err)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *bytes = NULL;
        if (!pyr_reader_bytes(&in, sizes[i], &bytes, err)) {
            return false;
        }
        columns->in[i] = (struct pyr_reader){bytes, sizes[i], 0};
    }
    if (pyr_reader_left(&in) != 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "%zu bytes after the columns",
                           pyr_reader_left(&in));
    }
    return true;
}

static bool check_shape(const struct pyr_native_table *table,
                        const struct pyr_native_columns *columns,
                        const struct pyr_native_section *section, const struct pyr_profile *profile,
                        struct pyr_err *err)
{
    uint32_t most = table->columns + table->optional;
    if (table->type == PYR_NATIVE_VALUES) {
        most = table->columns + profile->metrics.count;
    }
    if (columns->count < table->columns || columns->count > most) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "%u columns", columns->count);
    }
    if (section->first != (uint64_t)table->count(profile) + 1) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "starts at id %u instead of %u", section->first,
                           table->count(profile) + 1);
    }
    return true;
}

static bool add_rows(struct pyr_native_decoder *decoder, const struct pyr_native_table *table,
                     const struct pyr_native_section *section, struct pyr_native_columns *columns,
                     struct pyr_err *err)
{
    struct pyr_profile *profile = decoder->profile;
    const uint64_t cost = pyr_native_row_cost(table->type, columns->count);
    uint32_t count = table->count(profile);
    for (uint32_t i = 0; i < section->rows; i++) { /* each row takes at least a byte */
        if (count == UINT32_MAX) {
            return pyr_err_set(err, PYR_ERR_LIMIT, "row %u: too many", i + 1);
        }
        if (!table->row(profile, columns, count + 1, err)) {
            return pyr_err_prefix(err, "row %u", i + 1);
        }
        if (table->count(profile) != count) {
            count++;
            decoder->budget.memory_bytes += cost;
            if (!pyr_native_budget_check(&decoder->budget, decoder->file_bytes, err)) {
                return false;
            }
        }
    }
    for (uint32_t i = 0; i < columns->count; i++) {
        if (pyr_reader_left(&columns->in[i]) != 0) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "column %u goes on after the last row", i);
        }
    }
    return true;
}

bool pyr_native_decode(struct pyr_native_decoder *decoder, const struct pyr_native_section *section,
                       const uint8_t *payload, struct pyr_err *err)
{
    const struct pyr_native_table *table = pyr_native_find_table(section->type);
    struct pyr_native_columns columns = {0};
    if (table == NULL) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED, "no table for it");
    }
    if (table->type == PYR_NATIVE_STRINGS) {
        decoder->budget.memory_bytes += section->size_bytes;
    }
    return pyr_native_budget_check(&decoder->budget, decoder->file_bytes, err) &&
           open_columns(&columns, payload, section->size_bytes, err) &&
           check_shape(table, &columns, section, decoder->profile, err) &&
           add_rows(decoder, table, section, &columns, err);
}
