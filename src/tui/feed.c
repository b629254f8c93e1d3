/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/feed.h"

#include "base/mem.h"

void pyr_feed_add(void *feed, const struct pyr_recent *recent)
{
    struct pyr_feed_batch *batch = &((struct pyr_feed *)feed)->filling;
    struct pyr_err ignored = {0}; /* the count of what was dropped tells */
    if (batch->count == PYR_FEED_MAX_SAMPLES ||
        !pyr_mem_grow(&batch->items, &batch->cap, batch->count + (size_t)1, sizeof *batch->items,
                      &ignored)) {
        batch->dropped++;
        return;
    }
    batch->items[batch->count++] = *recent;
}

void pyr_feed_take(struct pyr_feed *feed, struct pyr_feed_batch *batch)
{
    const struct pyr_feed_batch taken = feed->filling;
    batch->count = 0;
    batch->dropped = 0;
    feed->filling = *batch;
    *batch = taken;
}

void pyr_feed_release(struct pyr_feed *feed)
{
    pyr_feed_batch_release(&feed->filling);
}

void pyr_feed_batch_release(struct pyr_feed_batch *batch)
{
    pyr_mem_free(batch->items);
    *batch = (struct pyr_feed_batch){0};
}
