/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "remote/inspection.h"
#include "remote/objects.h"
#include "remote/sets.h"

#define DEQUE_BLOCK 64u
#define MAX_NAMES 64u /* of a named tuple */

static bool deep_enough(const struct pyr_inspection *in)
{
    return in->depth > in->limits.depth;
}

/* `count` pointers at `items`, with commas. */
static void write_items(struct pyr_inspection *in, uint64_t items, uint64_t count)
{
    uint64_t shown = 0;
    if (count > INT64_MAX / sizeof(uint64_t)) {
        pyr_inspect_unreadable(in);
        return;
    }
    while (shown < count && shown < in->limits.items && !pyr_inspection_full(in) &&
           !deep_enough(in)) {
        uint64_t item = 0;
        if (!pyr_memory_read_u64(in->memory, items + shown * sizeof(item), &item)) {
            pyr_inspect_unreadable(in);
            return;
        }
        if (shown > 0) {
            pyr_buf_add_text(in->out, ", ");
        }
        pyr_inspect_value(in, item);
        shown++;
    }
    pyr_inspect_more(in, shown, count);
}

void pyr_inspect_tuple(struct pyr_inspection *in, uint64_t address)
{
    uint64_t count = 0;
    if (!pyr_inspect_word(in, address, in->layout->var_size, &count)) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_char(in->out, '(');
    write_items(in, address + in->layout->tuple_items, count);
    pyr_buf_add_text(in->out, count == 1 ? ",)" : ")");
}

bool pyr_inspect_named_tuple(struct pyr_inspection *in, uint64_t address,
                             const struct pyr_inspect_type *type)
{
    uint64_t dict = 0;
    uint64_t count = 0;
    uint64_t named = 0;
    if (!pyr_inspect_word(in, type->address, in->layout->type_dict, &dict) || dict == 0) {
        return false;
    }
    const uint64_t names = pyr_object_dict_find(in->memory, in->layout, dict, "_fields");
    if (names == 0 || !pyr_inspect_word(in, address, in->layout->var_size, &count) ||
        !pyr_inspect_word(in, names, in->layout->var_size, &named) || named != count ||
        count > MAX_NAMES) {
        return false;
    }
    pyr_buf_add_char(in->out, '(');
    uint32_t i = 0;
    for (; i < count && i < in->limits.items && !pyr_inspection_full(in) && !deep_enough(in); i++) {
        const uint32_t offset = in->layout->tuple_items + i * 8;
        uint64_t name = 0;
        uint64_t value = 0;
        if (!pyr_inspect_word(in, names, offset, &name) ||
            !pyr_inspect_word(in, address, offset, &value)) {
            break;
        }
        pyr_buf_add_text(in->out, i == 0 ? "" : ", ");
        pyr_inspect_bare_str(in, name);
        pyr_buf_add_char(in->out, '=');
        pyr_inspect_value(in, value);
    }
    pyr_inspect_more(in, i, count);
    pyr_buf_add_char(in->out, ')');
    return true;
}

void pyr_inspect_list(struct pyr_inspection *in, uint64_t address)
{
    uint64_t count = 0;
    uint64_t items = 0;
    if (!pyr_inspect_word(in, address, in->layout->var_size, &count) ||
        !pyr_inspect_word(in, address, in->layout->list_items, &items)) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_char(in->out, '[');
    write_items(in, items, count);
    pyr_buf_add_char(in->out, ']');
}

struct dict_writing {
    struct pyr_inspection *in;
    uint32_t shown;
};

static bool write_entry(void *context, uint64_t key, uint64_t value)
{
    struct dict_writing *writing = context;
    struct pyr_inspection *in = writing->in;
    if (pyr_inspection_full(in)) {
        return false;
    }
    pyr_buf_add_text(in->out, writing->shown++ == 0 ? "" : ", ");
    pyr_inspect_value(in, key);
    pyr_buf_add_text(in->out, ": ");
    pyr_inspect_value(in, value);
    return true;
}

void pyr_inspect_dict(struct pyr_inspection *in, uint64_t address)
{
    struct dict_writing writing = {in, 0};
    uint64_t count = 0;
    if (!pyr_inspect_word(in, address, in->layout->dict_used, &count)) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_char(in->out, '{');
    if (count > 0 && !deep_enough(in) &&
        !pyr_object_dict_each(in->memory, in->layout, address, in->limits.items, write_entry,
                              &writing)) {
        pyr_inspect_unreadable(in);
    } else {
        pyr_inspect_more(in, writing.shown, count);
    }
    pyr_buf_add_char(in->out, '}');
}

struct set_writing {
    struct pyr_inspection *in;
    uint64_t count;
    uint64_t shown;
};

static bool write_item(void *context, uint64_t item, uint64_t hash)
{
    struct set_writing *writing = context;
    struct pyr_inspection *in = writing->in;
    (void)hash;
    if (writing->shown == writing->count || writing->shown == in->limits.items ||
        pyr_inspection_full(in)) {
        return false;
    }
    pyr_buf_add_text(in->out, writing->shown++ == 0 ? "" : ", ");
    pyr_inspect_value(in, item);
    return true;
}

void pyr_inspect_set(struct pyr_inspection *in, uint64_t address)
{
    struct set_writing writing = {in, 0, 0};
    if (!pyr_set_count(in->memory, in->layout, address, &writing.count)) {
        pyr_inspect_unreadable(in);
        return;
    }
    if (writing.count == 0) {
        pyr_buf_add_text(in->out, "set()");
        return;
    }
    pyr_buf_add_char(in->out, '{');
    if (!deep_enough(in) && !pyr_set_each(in->memory, in->layout, address, write_item, &writing)) {
        pyr_inspect_unreadable(in);
    } else {
        pyr_inspect_more(in, writing.shown, writing.count);
    }
    pyr_buf_add_char(in->out, '}');
}

void pyr_inspect_frozenset(struct pyr_inspection *in, uint64_t address)
{
    uint64_t count = 0;
    pyr_buf_add_text(in->out, "frozenset(");
    if (!pyr_set_count(in->memory, in->layout, address, &count) || count > 0) {
        pyr_inspect_set(in, address);
    }
    pyr_buf_add_char(in->out, ')');
}

void pyr_inspect_deque(struct pyr_inspection *in, uint64_t address)
{
    /* After the size: the leftmost block, the rightmost, and where the first item is in its block.
     * A block is a link to the left, the items and a link to the right. */
    const uint32_t blocks = in->layout->var_size + 8;
    uint64_t count = 0;
    uint64_t block = 0;
    uint64_t index = 0;
    uint64_t shown = 0;
    if (!pyr_inspect_word(in, address, in->layout->var_size, &count) ||
        !pyr_inspect_word(in, address, blocks, &block) ||
        !pyr_inspect_word(in, address, blocks + 16, &index) || index > DEQUE_BLOCK) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_text(in->out, "deque([");
    while (shown < count && shown < in->limits.items && !pyr_inspection_full(in) &&
           !deep_enough(in)) {
        uint64_t item = 0;
        if (index >= DEQUE_BLOCK) {
            index = 0;
            if (!pyr_inspect_word(in, block, 8 + DEQUE_BLOCK * 8, &block)) {
                pyr_inspect_unreadable(in);
                break;
            }
        }
        if (!pyr_inspect_word(in, block, 8 + (uint32_t)index++ * 8, &item)) {
            pyr_inspect_unreadable(in);
            break;
        }
        pyr_buf_add_text(in->out, shown++ == 0 ? "" : ", ");
        pyr_inspect_value(in, item);
    }
    pyr_inspect_more(in, shown, count);
    pyr_buf_add_text(in->out, "])");
}
