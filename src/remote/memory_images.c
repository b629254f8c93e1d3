/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Memory that is made up of pieces: for tests and fuzzing. */
#include <string.h>

#include "base/mem.h"
#include "remote/memory.h"

struct images_memory {
    struct pyr_memory head;
    struct pyr_memory_image *images; /* owned; what they hold is borrowed */
    uint32_t count;
};

static bool read_one(const struct images_memory *memory, const struct pyr_memory_range *range)
{
    for (uint32_t i = 0; i < memory->count; i++) {
        const struct pyr_memory_image *image = &memory->images[i];
        uint64_t skip = range->address - image->address; /* huge when it lies before */
        if (range->address >= image->address && skip <= image->size &&
            range->size <= image->size - skip) {
            memcpy(range->into, (const uint8_t *)image->data + skip, range->size);
            return true;
        }
    }
    return false;
}

static uint32_t read_images(struct pyr_memory *head, const struct pyr_memory_range *ranges,
                            uint32_t count)
{
    const struct images_memory *memory = (const struct images_memory *)head;
    for (uint32_t i = 0; i < count; i++) {
        if (ranges[i].size > 0 && !read_one(memory, &ranges[i])) {
            head->failure = PYR_MEMORY_NOT_MAPPED;
            return i;
        }
    }
    return count;
}

static void close_images(struct pyr_memory *head)
{
    struct images_memory *memory = (struct images_memory *)head;
    pyr_mem_free(memory->images);
    pyr_mem_free(memory);
}

static const struct pyr_memory_source images_source = {read_images, close_images};

struct pyr_memory *pyr_memory_open_images(const struct pyr_memory_image *images, uint32_t count)
{
    struct images_memory *memory = pyr_mem_zalloc(1, sizeof(*memory));
    struct pyr_memory_image *copy = pyr_mem_zalloc(count > 0 ? count : 1, sizeof(*copy));
    if (memory == NULL || copy == NULL) {
        pyr_mem_free(memory);
        pyr_mem_free(copy);
        return NULL;
    }
    if (count > 0) {
        memcpy(copy, images, count * sizeof(*copy));
    }
    memory->head.source = &images_source;
    memory->images = copy;
    memory->count = count;
    return &memory->head;
}
