/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/frames.h"

#include "base/map.h"
#include "base/mem.h"

struct pyr_frames {
    struct pyr_frame *items; /* owned; id 1 is the first */
    uint32_t cap;
    uint32_t count;
    struct pyr_map by_content; /* owned */
};

struct pyr_frames *pyr_frames_new(void)
{
    return pyr_mem_zalloc(1, sizeof(struct pyr_frames));
}

void pyr_frames_free(struct pyr_frames *tab)
{
    if (tab == NULL) {
        return;
    }
    pyr_map_release(&tab->by_content);
    pyr_mem_free(tab->items);
    pyr_mem_free(tab);
}

bool pyr_frames_add(struct pyr_frames *tab, struct pyr_frame frame, pyr_frame_id *id,
                    struct pyr_err *err)
{
    uint64_t key = (uint64_t)frame.func.i << 32 | frame.line;
    id->i = pyr_map_get(&tab->by_content, key);
    if (id->i != 0) {
        return true;
    }
    if (!pyr_mem_grow(&tab->items, &tab->cap, (size_t)tab->count + 1, sizeof *tab->items, err) ||
        !pyr_map_put(&tab->by_content, key, tab->count + 1, err)) {
        return false;
    }
    tab->items[tab->count++] = frame;
    id->i = tab->count;
    return true;
}

struct pyr_frame pyr_frames_get(const struct pyr_frames *tab, pyr_frame_id id)
{
    return id.i == 0 ? (struct pyr_frame){0} : tab->items[id.i - 1];
}

uint32_t pyr_frames_count(const struct pyr_frames *tab)
{
    return tab->count;
}
