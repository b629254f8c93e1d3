/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/threads.h"

#include "base/mem.h"

struct pyr_threads {
    struct pyr_thread_info *items; /* owned; id 1 is the first */
    uint32_t cap;
    uint32_t count;
    uint64_t stamp;
};

struct pyr_threads *pyr_threads_new(void)
{
    return pyr_mem_zalloc(1, sizeof(struct pyr_threads));
}

void pyr_threads_free(struct pyr_threads *tab)
{
    if (tab == NULL) {
        return;
    }
    pyr_mem_free(tab->items);
    pyr_mem_free(tab);
}

bool pyr_threads_add(struct pyr_threads *tab, const struct pyr_thread_info *info, pyr_thread *id,
                     struct pyr_err *err)
{
    struct pyr_thread_info copy = *info;
    id->i = 0;
    if (!pyr_mem_grow(&tab->items, &tab->cap, (size_t)tab->count + 1, sizeof *tab->items, err)) {
        return false;
    }
    tab->items[tab->count++] = copy;
    tab->stamp++;
    id->i = tab->count;
    return true;
}

void pyr_threads_rename(struct pyr_threads *tab, pyr_thread id, pyr_str name)
{
    if (id.i != 0 && tab->items[id.i - 1].name.i != name.i) {
        tab->items[id.i - 1].name = name;
        tab->stamp++;
    }
}

struct pyr_thread_info pyr_threads_get(const struct pyr_threads *tab, pyr_thread id)
{
    return id.i == 0 ? (struct pyr_thread_info){0} : tab->items[id.i - 1];
}

uint32_t pyr_threads_count(const struct pyr_threads *tab)
{
    return tab->count;
}

uint64_t pyr_threads_stamp(const struct pyr_threads *tab)
{
    return tab->stamp;
}
