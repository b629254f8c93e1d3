/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/stacks.h"

#include "base/map.h"
#include "base/mem.h"

struct pyr_stacks {
    struct pyr_stack_node *items; /* owned; id 1 is the first */
    uint32_t cap;
    uint32_t count;
    struct pyr_map by_content; /* owned */
};

struct pyr_stacks *pyr_stacks_new(void)
{
    return pyr_mem_zalloc(1, sizeof(struct pyr_stacks));
}

void pyr_stacks_free(struct pyr_stacks *tab)
{
    if (tab == NULL) {
        return;
    }
    pyr_map_release(&tab->by_content);
    pyr_mem_free(tab->items);
    pyr_mem_free(tab);
}

bool pyr_stacks_add(struct pyr_stacks *tab, pyr_stack parent, pyr_frame_id frame, pyr_stack *id,
                    struct pyr_err *err)
{
    uint64_t key = (uint64_t)parent.i << 32 | frame.i;
    id->i = pyr_map_get(&tab->by_content, key);
    if (id->i != 0) {
        return true;
    }
    if (parent.i > tab->count) {
        /* Whoever walks the trie relies on parents coming first. */
        return pyr_err_set(err, PYR_ERR_FORMAT, "stack %u lies on stack %u, which is not there",
                           tab->count + 1, parent.i);
    }
    if (!pyr_mem_grow(&tab->items, &tab->cap, (size_t)tab->count + 1, sizeof *tab->items, err) ||
        !pyr_map_put(&tab->by_content, key, tab->count + 1, err)) {
        return false;
    }
    tab->items[tab->count++] = (struct pyr_stack_node){parent, frame};
    id->i = tab->count;
    return true;
}

pyr_stack pyr_stacks_find(const struct pyr_stacks *tab, pyr_stack parent, pyr_frame_id frame)
{
    return (pyr_stack){pyr_map_get(&tab->by_content, (uint64_t)parent.i << 32 | frame.i)};
}

struct pyr_stack_node pyr_stacks_get(const struct pyr_stacks *tab, pyr_stack id)
{
    return id.i == 0 ? (struct pyr_stack_node){0} : tab->items[id.i - 1];
}

uint32_t pyr_stacks_count(const struct pyr_stacks *tab)
{
    return tab->count;
}
