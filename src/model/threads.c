/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/threads.h"

#include "base/mem.h"

struct entry {
    struct pyr_thread_info info;
    uint64_t stamp; /* of its last change */
};

struct pyr_threads {
    struct entry *items; /* owned; id 1 is the first */
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
    tab->items[tab->count++] = (struct entry){copy, ++tab->stamp};
    id->i = tab->count;
    return true;
}

static bool same(const struct pyr_thread_info *a, const struct pyr_thread_info *b)
{
    return a->pid == b->pid && a->tid == b->tid && a->name.i == b->name.i && a->kind == b->kind &&
           a->tag.i == b->tag.i && a->entry.i == b->entry.i && a->start_ns == b->start_ns &&
           a->end_ns == b->end_ns && a->switches == b->switches && a->starved_ns == b->starved_ns &&
           a->starved_known == b->starved_known;
}

void pyr_threads_update(struct pyr_threads *tab, pyr_thread id, const struct pyr_thread_info *info)
{
    struct entry *entry = id.i == 0 ? NULL : &tab->items[id.i - 1];
    if (entry != NULL && !same(&entry->info, info)) {
        pyr_thread parent = entry->info.parent;
        *entry = (struct entry){*info, ++tab->stamp};
        entry->info.parent = parent;
    }
}

struct pyr_thread_info pyr_threads_get(const struct pyr_threads *tab, pyr_thread id)
{
    return id.i == 0 ? (struct pyr_thread_info){0} : tab->items[id.i - 1].info;
}

uint32_t pyr_threads_count(const struct pyr_threads *tab)
{
    return tab->count;
}

pyr_thread pyr_threads_untagged(const struct pyr_threads *tab, pyr_thread id)
{
    while (id.i != 0 && tab->items[id.i - 1].info.tag.i != 0 &&
           tab->items[id.i - 1].info.parent.i != 0) {
        id = tab->items[id.i - 1].info.parent;
    }
    return id;
}

pyr_thread pyr_threads_native(const struct pyr_threads *tab, pyr_thread id)
{
    while (id.i != 0 && tab->items[id.i - 1].info.parent.i != 0 &&
           (tab->items[id.i - 1].info.kind != PYR_THREAD_NATIVE ||
            tab->items[id.i - 1].info.tag.i != 0)) {
        id = tab->items[id.i - 1].info.parent;
    }
    return id;
}

uint64_t pyr_threads_stamp(const struct pyr_threads *tab)
{
    return tab->stamp;
}

uint64_t pyr_threads_stamp_of(const struct pyr_threads *tab, pyr_thread id)
{
    return tab->items[id.i - 1].stamp;
}
