/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/functions.h"

#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"

struct pyr_functions {
    struct pyr_function *items; /* owned; id 1 is the first */
    uint32_t cap;
    uint32_t count;
    struct pyr_map by_hash; /* owned */
};

struct pyr_functions *pyr_functions_new(void)
{
    return pyr_mem_zalloc(1, sizeof(struct pyr_functions));
}

void pyr_functions_free(struct pyr_functions *tab)
{
    if (tab == NULL) {
        return;
    }
    pyr_map_release(&tab->by_hash);
    pyr_mem_free(tab->items);
    pyr_mem_free(tab);
}

static bool is_equal(const struct pyr_function *a, const struct pyr_function *b)
{
    return a->qualname.i == b->qualname.i && a->module.i == b->module.i && a->file.i == b->file.i &&
           a->first_line == b->first_line && a->kind == b->kind;
}

/* The id of the function, or 0; `*key` is then where it belongs. Functions of equal hash are kept
 * under the keys that follow from hashing the key again. */
static uint32_t find_key(const struct pyr_functions *tab, const struct pyr_function *function,
                         uint64_t *key)
{
    const uint32_t fields[] = {
        function->qualname.i, function->module.i,       function->file.i,
        function->first_line, (uint32_t)function->kind,
    };
    *key = pyr_hash_seeded((uint64_t)(uintptr_t)tab, fields, sizeof fields);
    for (;;) {
        uint32_t id = pyr_map_get(&tab->by_hash, *key);
        if (id == 0 || is_equal(&tab->items[id - 1], function)) {
            return id;
        }
        *key = pyr_hash_u64(*key + 1);
    }
}

bool pyr_functions_add(struct pyr_functions *tab, const struct pyr_function *function, pyr_func *id,
                       struct pyr_err *err)
{
    uint64_t key = 0;
    if ((uint32_t)function->kind >= PYR_FUNC_KIND_COUNT) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "no kind of function has the number %u",
                           (unsigned)function->kind);
    }
    id->i = find_key(tab, function, &key);
    if (id->i != 0) {
        return true;
    }
    struct pyr_function copy = *function; /* which may be one of the items that now move */
    if (!pyr_mem_grow(&tab->items, &tab->cap, (size_t)tab->count + 1, sizeof *tab->items, err) ||
        !pyr_map_put(&tab->by_hash, key, tab->count + 1, err)) {
        return false;
    }
    tab->items[tab->count++] = copy;
    id->i = tab->count;
    return true;
}

const struct pyr_function *pyr_functions_get(const struct pyr_functions *tab, pyr_func id)
{
    static const struct pyr_function none = {.kind = PYR_FUNC_SYNTHETIC};
    return id.i == 0 ? &none : &tab->items[id.i - 1];
}

uint32_t pyr_functions_count(const struct pyr_functions *tab)
{
    return tab->count;
}

const char *pyr_function_short_name(const char *qualname)
{
    const char *dot = strrchr(qualname, '.');
    /* Only a name that is not Python's can end in a dot; nothing would be left of it. */
    return dot != NULL && dot[1] != '\0' ? dot + 1 : qualname;
}
