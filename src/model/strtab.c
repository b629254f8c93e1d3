/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/strtab.h"

#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"

struct entry {
    const char *text; /* in the arena */
    size_t len;
};

struct pyr_strtab {
    struct pyr_arena *arena; /* borrowed */
    struct entry *entries;   /* owned; id 1 is the first */
    uint32_t cap;
    uint32_t count;
    struct pyr_map by_hash; /* owned */
};

struct pyr_strtab *pyr_strtab_new(struct pyr_arena *arena)
{
    struct pyr_strtab *tab = pyr_mem_zalloc(1, sizeof *tab);
    if (tab != NULL) {
        tab->arena = arena;
    }
    return tab;
}

void pyr_strtab_free(struct pyr_strtab *tab)
{
    if (tab == NULL) {
        return;
    }
    pyr_map_release(&tab->by_hash);
    pyr_mem_free(tab->entries);
    pyr_mem_free(tab);
}

/* The id of the text, or 0; `*key` is then where it belongs. Texts of equal hash are kept under
 * the keys that follow from hashing the key again. */
static uint32_t find_key(const struct pyr_strtab *tab, const char *text, size_t len, uint64_t *key)
{
    *key = pyr_hash_seeded((uint64_t)(uintptr_t)tab, text, len);
    for (;;) {
        uint32_t id = pyr_map_get(&tab->by_hash, *key);
        if (id == 0) {
            return 0;
        }
        const struct entry *entry = &tab->entries[id - 1];
        if (entry->len == len && memcmp(entry->text, text, len) == 0) {
            return id;
        }
        *key = pyr_hash_u64(*key + 1);
    }
}

bool pyr_strtab_add(struct pyr_strtab *tab, const char *text, size_t len, pyr_str *id,
                    struct pyr_err *err)
{
    id->i = 0;
    if (len == 0) {
        return true;
    }
    uint64_t key = 0;
    id->i = find_key(tab, text, len, &key);
    if (id->i != 0) {
        return true;
    }
    if (!pyr_mem_grow(&tab->entries, &tab->cap, (size_t)tab->count + 1, sizeof *tab->entries,
                      err) ||
        !pyr_map_reserve(&tab->by_hash, tab->count + 1, err)) {
        return false;
    }
    const char *copy = pyr_arena_copy(tab->arena, text, len);
    if (copy == NULL) {
        return pyr_err_nomem(err);
    }
    if (!pyr_map_put(&tab->by_hash, key, tab->count + 1, err)) {
        return false;
    }
    tab->entries[tab->count++] = (struct entry){copy, len};
    id->i = tab->count;
    return true;
}

bool pyr_strtab_add_text(struct pyr_strtab *tab, const char *text, pyr_str *id, struct pyr_err *err)
{
    return pyr_strtab_add(tab, text, strlen(text), id, err);
}

pyr_str pyr_strtab_find(const struct pyr_strtab *tab, const char *text, size_t len)
{
    uint64_t key = 0;
    return (pyr_str){len == 0 ? 0 : find_key(tab, text, len, &key)};
}

const char *pyr_strtab_text(const struct pyr_strtab *tab, pyr_str id)
{
    return id.i == 0 ? "" : tab->entries[id.i - 1].text;
}

size_t pyr_strtab_len(const struct pyr_strtab *tab, pyr_str id)
{
    return id.i == 0 ? 0 : tab->entries[id.i - 1].len;
}

uint32_t pyr_strtab_count(const struct pyr_strtab *tab)
{
    return tab->count;
}
