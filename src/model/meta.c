/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/meta.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"

struct pyr_meta {
    struct pyr_strtab *strings;   /* borrowed */
    struct pyr_meta_entry *items; /* owned */
    uint32_t cap;
    uint32_t count;
    uint64_t stamp;
    struct pyr_map by_key; /* owned; gives index + 1 */
};

struct pyr_meta *pyr_meta_new(struct pyr_strtab *strings)
{
    struct pyr_meta *meta = pyr_mem_zalloc(1, sizeof *meta);
    if (meta != NULL) {
        meta->strings = strings;
    }
    return meta;
}

void pyr_meta_free(struct pyr_meta *meta)
{
    if (meta == NULL) {
        return;
    }
    pyr_map_release(&meta->by_key);
    pyr_mem_free(meta->items);
    pyr_mem_free(meta);
}

static bool is_equal(const struct pyr_meta_entry *a, const struct pyr_meta_entry *b)
{
    return a->is_number == b->is_number && a->text.i == b->text.i && a->number == b->number;
}

static bool set_entry(struct pyr_meta *meta, const struct pyr_meta_entry *entry,
                      struct pyr_err *err)
{
    uint32_t found = pyr_map_get(&meta->by_key, entry->key.i);
    if (found != 0) {
        if (!is_equal(&meta->items[found - 1], entry)) {
            meta->items[found - 1] = *entry;
            meta->stamp++;
        }
        return true;
    }
    if (!pyr_mem_grow(&meta->items, &meta->cap, (size_t)meta->count + 1, sizeof *meta->items,
                      err) ||
        !pyr_map_put(&meta->by_key, entry->key.i, meta->count + 1, err)) {
        return false;
    }
    meta->items[meta->count++] = *entry;
    meta->stamp++;
    return true;
}

bool pyr_meta_set_text(struct pyr_meta *meta, const char *key, const char *text,
                       struct pyr_err *err)
{
    struct pyr_meta_entry entry = {.is_number = false};
    return pyr_strtab_add_text(meta->strings, key, &entry.key, err) &&
           pyr_strtab_add_text(meta->strings, text, &entry.text, err) &&
           set_entry(meta, &entry, err);
}

bool pyr_meta_set_number(struct pyr_meta *meta, const char *key, int64_t number,
                         struct pyr_err *err)
{
    struct pyr_meta_entry entry = {.is_number = true, .number = number};
    return pyr_strtab_add_text(meta->strings, key, &entry.key, err) && set_entry(meta, &entry, err);
}

/* NULL when the key is not there. */
static const struct pyr_meta_entry *find_entry(const struct pyr_meta *meta, const char *key)
{
    size_t len = strlen(key);
    pyr_str id = pyr_strtab_find(meta->strings, key, len);
    if (id.i == 0 && len > 0) {
        return NULL;
    }
    uint32_t found = pyr_map_get(&meta->by_key, id.i);
    return found == 0 ? NULL : &meta->items[found - 1];
}

bool pyr_meta_has(const struct pyr_meta *meta, const char *key)
{
    return find_entry(meta, key) != NULL;
}

const char *pyr_meta_text(const struct pyr_meta *meta, const char *key)
{
    const struct pyr_meta_entry *entry = find_entry(meta, key);
    return entry == NULL || entry->is_number ? "" : pyr_strtab_text(meta->strings, entry->text);
}

int64_t pyr_meta_number(const struct pyr_meta *meta, const char *key, int64_t otherwise)
{
    const struct pyr_meta_entry *entry = find_entry(meta, key);
    return entry == NULL || !entry->is_number ? otherwise : entry->number;
}

struct pyr_meta_entry pyr_meta_get(const struct pyr_meta *meta, uint32_t index)
{
    return meta->items[index];
}

uint32_t pyr_meta_count(const struct pyr_meta *meta)
{
    return meta->count;
}

uint64_t pyr_meta_stamp(const struct pyr_meta *meta)
{
    return meta->stamp;
}
