/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/layout.h"

#include <stdio.h>
#include <string.h>

#include "remote/layout_rows.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))
#define TABLE(name)                                                                                \
    {                                                                                              \
        name##_versions, COUNT(name##_versions), name, COUNT(name)                                 \
    }

#define FIRST_MINOR 6
#define LAST_MINOR 15
#define FIRST_WITH_TABLE 13
/* Of PY_VERSION_HEX: alpha a, beta b, release candidate c, final f. */
#define LEVEL_CANDIDATE 0xc

static const struct layout_table release_table = TABLE(rows);
static const struct layout_table traced_table = TABLE(traced_rows);
static const struct layout_table later_table = TABLE(later_rows);
static const struct layout_table free_table = TABLE(free_rows);

void pyr_layout_version_text(uint32_t version, bool free_threaded, char text[32])
{
    static const char *const levels[16] = {[0xa] = "a", [0xb] = "b", [LEVEL_CANDIDATE] = "rc"};
    const char *level = levels[(version >> 4) & 0xf];
    char serial[5] = "";
    if (level != NULL) {
        (void)snprintf(serial, sizeof(serial), "%s%u", level, version & 0xf);
    }
    (void)snprintf(text, 32, "%u.%u.%u%s%s", version >> 24, (version >> 16) & 0xff,
                   (version >> 8) & 0xff, serial, free_threaded ? " (free-threaded)" : "");
}

int pyr_layout_column(const struct layout_table *table, uint32_t version)
{
    int column = -1;
    for (uint32_t i = 0; i < table->version_count; i++) {
        bool same = table->versions[i] >> 16 == version >> 16;
        bool older = column >= 0 && table->versions[column] >= version;
        if (same && !older) {
            column = (int)i;
        }
    }
    return column;
}

void pyr_layout_fill(const struct layout_table *table, uint32_t column, struct pyr_layout *layout)
{
    for (uint32_t i = 0; i < table->field_count; i++) {
        const struct layout_field *field = &table->fields[i];
        memcpy((char *)layout + field->at, &field->values[column], sizeof(uint32_t));
    }
}

void pyr_layout_blank(struct pyr_layout *layout)
{
    size_t first = offsetof(struct pyr_layout, runtime_interpreters_head);
    memset((char *)layout + first, 0xff, sizeof(*layout) - first); /* NONE is all ones */
}

void pyr_layout_complete(struct pyr_layout *layout)
{
    const uint32_t wanted[] = {
        layout->thread_next,       layout->thread_interpreter, layout->thread_id,
        layout->thread_native_id,  layout->thread_unique_id,   layout->thread_frame,
        layout->thread_cframe,     layout->thread_chunk,       layout->thread_chunk_top,
        layout->thread_status,     layout->thread_base_frame,  layout->thread_holds_gil,
        layout->thread_chunk_limit};
    uint32_t end = 0;
    for (uint32_t i = 0; i < COUNT(wanted); i++) {
        if (wanted[i] != PYR_LAYOUT_NONE && wanted[i] + 8 > end) {
            end = wanted[i] + 8;
        }
    }
    layout->thread_size = end;
}

static bool refuse(uint32_t version, bool free_threaded, const char *why, struct pyr_err *err)
{
    char text[32];
    pyr_layout_version_text(version, free_threaded, text);
    return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                       "this is Python %s, %s; Pyrometer reads 3.%d to 3.%d from outside", text,
                       why, FIRST_MINOR, LAST_MINOR);
}

bool pyr_layout_find(uint32_t version, bool free_threaded, bool ref_trace,
                     struct pyr_layout *layout, struct pyr_err *err)
{
    uint32_t minor = (version >> 16) & 0xff;
    if (version >> 24 != 3 || minor < FIRST_MINOR || minor > LAST_MINOR) {
        return refuse(version, free_threaded, "whose layout is not known", err);
    }
    if (((version >> 4) & 0xf) < LEVEL_CANDIDATE) {
        return refuse(version, free_threaded, "a pre-release whose layout may be any", err);
    }
    const struct layout_table *table = ref_trace ? &traced_table : &release_table;
    if (minor >= FIRST_WITH_TABLE) {
        table = free_threaded ? &free_table : &later_table;
    }
    int column = pyr_layout_column(table, version);
    if (column < 0) {
        return refuse(version, free_threaded, "whose layout is not known", err);
    }
    pyr_layout_blank(layout);
    layout->version = version;
    layout->free_threaded = free_threaded;
    layout->ref_trace = ref_trace;
    pyr_layout_fill(table, (uint32_t)column, layout);
    pyr_layout_complete(layout);
    return true;
}
