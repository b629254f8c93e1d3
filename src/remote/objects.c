/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/objects.h"

#include <string.h>

#include "remote/fields.h"

#define MAX_ENTRIES ((uint64_t)1 << 18) /* of a table, that are looked at */
#define MAX_KEYS_HEAD 128u
#define MAX_KEY 256u /* bytes of a key that is looked for */
#define MAX_ITEMS_SIZE ((uint64_t)1 << 32)
#define MAX_LOG2_SIZE 40
#define BLOCK 64u /* entries that are read at once */
#define ENTRY_WORDS 3u
#define NAMED_ENTRY_WORDS 2u /* where all keys are str: without the hash */
#define KIND_GENERAL 0
#define IS_DICT ((uint64_t)1 << 29) /* Py_TPFLAGS_DICT_SUBCLASS */
#define IS_INT ((uint64_t)1 << 24)  /* Py_TPFLAGS_LONG_SUBCLASS */
#define MAX_DIGITS 3u               /* of an int, that fit 64 bits */
#define DIGIT_BITS 30u
#define HAS_MANAGED_DICT ((uint64_t)1 << 4)
#define HAS_INLINE_VALUES ((uint64_t)1 << 2)
#define MANAGED_DICT_BEFORE 24u /* bytes before the object */
#define VALUES_BEFORE 32u       /* the same, 3.11 */
#define COMPACT_ASCII 24u       /* in the state of a str, shifted so that the kind is lowest */
#define PAGE_SIZE 4096u

/* The entries of a table, of whatever kind. */
struct table {
    uint64_t entries;
    uint64_t values; /* of a split table: an array beside; 0: within the entries */
    uint64_t count;
    uint32_t entry_words; /* the key is the last but one, the value the last */
};

/* What a table is read with. */
struct reading {
    struct pyr_memory *memory;
    const struct pyr_layout *layout;
};

struct block {
    uint64_t keys[BLOCK];
    uint64_t values[BLOCK]; /* 0: the entry is empty */
    uint32_t count;
};

static uint64_t type_of(const struct reading *in, uint64_t object, uint64_t *flags)
{
    uint64_t type = 0;
    bool ok = object != 0 &&
              pyr_memory_read_u64(in->memory, object + in->layout->object_type, &type) &&
              pyr_memory_read_u64(in->memory, type + in->layout->type_flags, flags);
    return ok ? type : 0;
}

/* Up to 3.10 the size is said, and how wide an index is follows from it. */
static bool index_bytes(const struct pyr_layout *layout, const uint8_t *head, uint32_t head_size,
                        uint64_t *bytes)
{
    if (layout->keys_log2_size != PYR_LAYOUT_NONE) {
        uint8_t log2 = pyr_field_u8(head, head_size, layout->keys_log2_index_bytes);
        *bytes = log2 <= MAX_LOG2_SIZE ? (uint64_t)1 << log2 : 0;
        return *bytes != 0;
    }
    uint64_t slots = pyr_field_u64(head, head_size, layout->keys_size);
    uint64_t width = slots <= UINT8_MAX ? 1 : slots <= UINT16_MAX ? 2 : slots <= UINT32_MAX ? 4 : 8;
    *bytes = slots * width;
    return slots <= (uint64_t)1 << MAX_LOG2_SIZE;
}

/* Finds the entries behind the keys object at `keys`. */
static bool find_entries(const struct reading *in, uint64_t keys, struct table *table)
{
    const struct pyr_layout *layout = in->layout;
    uint8_t head[MAX_KEYS_HEAD];
    uint64_t indices = 0;
    uint32_t size = layout->keys_indices;
    if (keys == 0 || size > sizeof(head) || !pyr_memory_read(in->memory, keys, head, size) ||
        !index_bytes(layout, head, size, &indices)) {
        return false;
    }
    bool named = layout->keys_kind != PYR_LAYOUT_NONE &&
                 pyr_field_u8(head, size, layout->keys_kind) != KIND_GENERAL;
    table->entries = keys + size + indices;
    table->entry_words = named ? NAMED_ENTRY_WORDS : ENTRY_WORDS;
    table->count = pyr_field_u64(head, size, layout->keys_entry_count);
    return table->count <= INT64_MAX;
}

static uint64_t values_at(const struct pyr_layout *layout, uint64_t values)
{
    return values + (layout->values_items == PYR_LAYOUT_NONE ? 0 : layout->values_items);
}

static bool table_of_dict(const struct reading *in, uint64_t dict, struct table *table)
{
    uint64_t flags = 0;
    uint64_t keys = 0;
    uint64_t values = 0;
    *table = (struct table){0};
    if (type_of(in, dict, &flags) == 0 || (flags & IS_DICT) == 0 ||
        !pyr_memory_read_u64(in->memory, dict + in->layout->dict_keys, &keys) ||
        !pyr_memory_read_u64(in->memory, dict + in->layout->dict_values, &values) ||
        !find_entries(in, keys, table)) {
        return false;
    }
    table->values = values == 0 ? 0 : values_at(in->layout, values);
    return true;
}

/* The names of values that are kept in the instance are in its type. */
static bool table_of_values(const struct reading *in, uint64_t type, uint64_t values,
                            struct table *table)
{
    uint64_t keys = 0;
    if (in->layout->type_cached_keys == PYR_LAYOUT_NONE ||
        !pyr_memory_read_u64(in->memory, type + in->layout->type_cached_keys, &keys) ||
        !find_entries(in, keys, table)) {
        return false;
    }
    table->values = values_at(in->layout, values);
    return true;
}

/* Where the instance has a pointer to its dict; 0: nowhere. */
static uint64_t dict_pointer(const struct reading *in, uint64_t type, uint64_t object)
{
    uint64_t word = 0;
    if (!pyr_memory_read_u64(in->memory, type + in->layout->type_dict_offset, &word)) {
        return 0;
    }
    int64_t offset = (int64_t)word;
    if (offset >= 0) {
        return offset == 0 ? 0 : object + (uint64_t)offset;
    }
    /* Counted from the end of an object of variable size, as of a subclass of int or tuple. */
    uint64_t sizes[2] = {0}; /* of the object, and of an item */
    uint64_t count = 0;
    if (!pyr_memory_read(in->memory, type + in->layout->type_basic_size, sizes, sizeof(sizes)) ||
        !pyr_memory_read_u64(in->memory, object + in->layout->var_size, &count)) {
        return 0;
    }
    count = (int64_t)count < 0 ? 0 - count : count; /* negative for a negative int */
    if (sizes[0] > MAX_ITEMS_SIZE || sizes[1] > PAGE_SIZE || count > MAX_ITEMS_SIZE) {
        return 0;
    }
    return object + ((sizes[0] + count * sizes[1] + 7) & ~(uint64_t)7) + word;
}

/* From 3.13 on the values are at the end of the object itself, and say whether they are in use. */
static uint64_t inline_values(const struct reading *in, uint64_t type, uint64_t object)
{
    uint64_t size = 0;
    uint8_t head[4] = {0}; /* capacity, size, embedded, valid */
    bool ok = pyr_memory_read_u64(in->memory, type + in->layout->type_basic_size, &size) &&
              pyr_memory_read(in->memory, object + size, head, sizeof(head)) && head[3] != 0;
    return ok ? object + size : 0;
}

static bool table_of_object(const struct reading *in, uint64_t object, struct table *table)
{
    uint64_t flags = 0;
    uint64_t word = 0;
    uint64_t type = type_of(in, object, &flags);
    uint32_t minor = pyr_layout_minor(in->layout);
    *table = (struct table){0};
    if (type == 0) {
        return false;
    }
    if (minor < 11 || (flags & HAS_MANAGED_DICT) == 0) {
        uint64_t pointer = dict_pointer(in, type, object);
        return pointer != 0 && pyr_memory_read_u64(in->memory, pointer, &word) &&
               table_of_dict(in, word, table);
    }
    if (minor >= 13 && (flags & HAS_INLINE_VALUES) != 0) {
        uint64_t values = inline_values(in, type, object);
        if (values != 0) {
            return table_of_values(in, type, values, table);
        }
    }
    if (minor == 11 && pyr_memory_read_u64(in->memory, object - VALUES_BEFORE, &word) &&
        word != 0) {
        return table_of_values(in, type, word, table);
    }
    if (!pyr_memory_read_u64(in->memory, object - MANAGED_DICT_BEFORE, &word)) {
        return false;
    }
    if (minor == 12 && (word & 1) != 0) { /* 3.12 marks values by the pointer's lowest bit */
        return table_of_values(in, type, word + 1, table);
    }
    return table_of_dict(in, word, table);
}

/* Reads the entries from `from` on, as many as there are and fit. */
static bool read_block(const struct reading *in, const struct table *table, uint64_t from,
                       struct block *block)
{
    uint64_t words[BLOCK * ENTRY_WORDS];
    size_t count = table->count - from < BLOCK ? (size_t)(table->count - from) : BLOCK;
    size_t size = table->entry_words;
    struct pyr_memory_range ranges[2] = {
        {table->entries + from * size * sizeof(uint64_t), count * size * sizeof(uint64_t), words},
        {table->values + from * sizeof(uint64_t), count * sizeof(uint64_t), block->values},
    };
    if (!pyr_memory_read_all(in->memory, ranges, table->values != 0 ? 2 : 1)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        block->keys[i] = words[i * size + size - 2];
        if (table->values == 0) {
            block->values[i] = words[i * size + size - 1];
        }
    }
    block->count = (uint32_t)count;
    return true;
}

static bool table_each(const struct reading *in, const struct table *table, uint32_t max,
                       pyr_object_item *item, void *context)
{
    uint64_t count = table->count < MAX_ENTRIES ? table->count : MAX_ENTRIES;
    for (uint64_t from = 0; from < count && max > 0; from += BLOCK) {
        struct block block;
        if (!read_block(in, table, from, &block)) {
            return false;
        }
        for (uint32_t i = 0; i < block.count && max > 0; i++) {
            if (block.keys[i] == 0 || block.values[i] == 0) {
                continue;
            }
            max--;
            if (!item(context, block.keys[i], block.values[i])) {
                return true;
            }
        }
    }
    return true;
}

/* Is the object at `address`, whose length and state have been read, the text? */
static bool is_text(const struct reading *in, uint64_t address, const char *text, size_t len)
{
    const struct pyr_layout *layout = in->layout;
    uint64_t chars = 0;
    uint32_t state = 0;
    char found[MAX_KEY];
    const struct pyr_memory_range ranges[] = {
        {address + layout->unicode_length, sizeof(chars), &chars},
        {address + layout->unicode_state, sizeof(state), &state},
        {address + layout->unicode_ascii_data, len, found},
    };
    return pyr_memory_read_all(in->memory, ranges, 2) && chars == len &&
           (state >> (layout->unicode_kind_shift & 31) & COMPACT_ASCII) == COMPACT_ASCII &&
           pyr_memory_read_all(in->memory, ranges + 2, 1) && memcmp(found, text, len) == 0;
}

/* Narrows the entries of a block down to those whose key has `len` characters, in one read. When
 * that fails all are left, to be looked at one by one. */
static void keep_of_length(const struct reading *in, struct block *block, size_t len)
{
    uint64_t lengths[BLOCK];
    struct pyr_memory_range ranges[BLOCK];
    uint32_t count = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        if (block->keys[i] != 0 && block->values[i] != 0) {
            block->keys[count] = block->keys[i];
            block->values[count] = block->values[i];
            ranges[count] = (struct pyr_memory_range){
                block->keys[count] + in->layout->unicode_length, sizeof(uint64_t), &lengths[count]};
            count++;
        }
    }
    block->count = count;
    if (count == 0 || !pyr_memory_read_all(in->memory, ranges, count)) {
        return;
    }
    block->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (lengths[i] == len) {
            block->keys[block->count] = block->keys[i];
            block->values[block->count++] = block->values[i];
        }
    }
}

static uint64_t table_find(const struct reading *in, const struct table *table, const char *key)
{
    size_t len = strlen(key);
    uint64_t count = table->count < MAX_ENTRIES ? table->count : MAX_ENTRIES;
    for (uint64_t from = 0; len < MAX_KEY && from < count; from += BLOCK) {
        struct block block;
        if (!read_block(in, table, from, &block)) {
            return 0;
        }
        keep_of_length(in, &block, len);
        for (uint32_t i = 0; i < block.count; i++) {
            if (is_text(in, block.keys[i], key, len)) {
                return block.values[i];
            }
        }
    }
    return 0;
}

uint64_t pyr_object_dict_find(struct pyr_memory *memory, const struct pyr_layout *layout,
                              uint64_t dict, const char *key)
{
    const struct reading in = {memory, layout};
    struct table table;
    return table_of_dict(&in, dict, &table) ? table_find(&in, &table, key) : 0;
}

bool pyr_object_dict_each(struct pyr_memory *memory, const struct pyr_layout *layout, uint64_t dict,
                          uint32_t max, pyr_object_item *item, void *context)
{
    const struct reading in = {memory, layout};
    struct table table;
    return table_of_dict(&in, dict, &table) && table_each(&in, &table, max, item, context);
}

uint64_t pyr_object_attribute(struct pyr_memory *memory, const struct pyr_layout *layout,
                              uint64_t object, const char *name)
{
    const struct reading in = {memory, layout};
    struct table table;
    return table_of_object(&in, object, &table) ? table_find(&in, &table, name) : 0;
}

bool pyr_object_attributes_each(struct pyr_memory *memory, const struct pyr_layout *layout,
                                uint64_t object, uint32_t max, pyr_object_item *item, void *context)
{
    const struct reading in = {memory, layout};
    struct table table;
    return table_of_object(&in, object, &table) && table_each(&in, &table, max, item, context);
}

bool pyr_object_integer(struct pyr_memory *memory, const struct pyr_layout *layout, uint64_t object,
                        uint64_t *value)
{
    const struct reading in = {memory, layout};
    uint64_t flags = 0;
    uint64_t size = 0;
    uint32_t digits[MAX_DIGITS] = {0};
    if (type_of(&in, object, &flags) == 0 || (flags & IS_INT) == 0 ||
        !pyr_memory_read_u64(memory, object + layout->long_size, &size)) {
        return false;
    }
    if (pyr_layout_minor(layout) >= 12) { /* the sign in the two lowest bits: 2 for negative */
        bool negative = (size & 3) == 2;
        size = negative ? UINT64_MAX : size >> 3;
    }
    if (size > MAX_DIGITS || (size > 0 && !pyr_memory_read(memory, object + layout->long_digits,
                                                           digits, size * sizeof(*digits)))) {
        return false;
    }
    *value = 0;
    for (uint32_t i = MAX_DIGITS; i-- > 0;) {
        if (*value >> (64 - DIGIT_BITS) != 0) {
            return false;
        }
        *value = *value << DIGIT_BITS | (digits[i] & ((1u << DIGIT_BITS) - 1));
    }
    return true;
}

bool pyr_object_type_name(struct pyr_memory *memory, const struct pyr_layout *layout,
                          uint64_t object, char *out, uint32_t size)
{
    const struct reading in = {memory, layout};
    uint64_t flags = 0;
    uint64_t text = 0;
    uint64_t type = type_of(&in, object, &flags);
    if (size == 0 || type == 0 || !pyr_memory_read_u64(memory, type + layout->type_name, &text)) {
        return false;
    }
    /* Up to the end of each page, as the next need not be there. */
    for (uint32_t done = 0; done < size - 1;) {
        uint32_t now = PAGE_SIZE - (uint32_t)((text + done) % PAGE_SIZE);
        now = now < size - 1 - done ? now : size - 1 - done;
        if (!pyr_memory_read(memory, text + done, out + done, now)) {
            return false;
        }
        done += now;
        out[done] = '\0';
        if (memchr(out, '\0', done) != NULL) {
            break;
        }
    }
    return size > 1 && out[0] != '\0';
}
