/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "remote/coroutines.h"
#include "remote/inspection.h"
#include "remote/objects.h"

#define OLDEST_NAMES_FIRST 10 /* of functions: the fields were put in another order */

/* The word `index` of an object, counted from behind its head. */
static bool read_field(const struct pyr_inspection *in, uint64_t address, uint32_t index,
                       uint64_t *word)
{
    return pyr_inspect_word(in, address, in->layout->object_head + index * 8, word);
}

static void write_address(struct pyr_inspection *in, uint64_t address)
{
    pyr_buf_addf(in->out, " at 0x%llx>", (unsigned long long)address);
}

void pyr_inspect_none(struct pyr_inspection *in, uint64_t address)
{
    (void)address;
    pyr_buf_add_text(in->out, "None");
}

void pyr_inspect_ellipsis(struct pyr_inspection *in, uint64_t address)
{
    (void)address;
    pyr_buf_add_text(in->out, "Ellipsis");
}

/* range and slice: three objects each. */
static bool write_three(struct pyr_inspection *in, uint64_t address, const char *name)
{
    uint64_t fields[3];
    for (uint32_t i = 0; i < 3; i++) {
        if (!read_field(in, address, i, &fields[i])) {
            pyr_inspect_unreadable(in);
            return false;
        }
    }
    pyr_buf_add_text(in->out, name);
    for (uint32_t i = 0; i < 3; i++) {
        pyr_buf_add_text(in->out, i == 0 ? "(" : ", ");
        pyr_inspect_value(in, fields[i]);
    }
    pyr_buf_add_char(in->out, ')');
    return true;
}

void pyr_inspect_range(struct pyr_inspection *in, uint64_t address)
{
    static const char step_of_one[] = ", 1)";
    if (!write_three(in, address, "range") || in->out->failed) {
        return;
    }
    const size_t tail = sizeof(step_of_one) - 1;
    if (in->out->len > tail &&
        memcmp(in->out->data + in->out->len - tail, step_of_one, tail) == 0) {
        in->out->len -= tail;
        pyr_buf_add_char(in->out, ')');
    }
}

void pyr_inspect_slice(struct pyr_inspection *in, uint64_t address)
{
    (void)write_three(in, address, "slice");
}

/* Where the qualified name of a function is, in words behind the head. */
static uint32_t function_name(const struct pyr_layout *layout)
{
    return pyr_layout_minor(layout) >= OLDEST_NAMES_FIRST ? 3 : 11;
}

void pyr_inspect_function(struct pyr_inspection *in, uint64_t address)
{
    uint64_t name = 0;
    if (!read_field(in, address, function_name(in->layout), &name)) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_text(in->out, "<function ");
    pyr_inspect_bare_str(in, name);
    write_address(in, address);
}

void pyr_inspect_method(struct pyr_inspection *in, uint64_t address)
{
    uint64_t function = 0;
    uint64_t self = 0;
    uint64_t name = 0;
    if (!read_field(in, address, 0, &function) || !read_field(in, address, 1, &self) ||
        !read_field(in, function, function_name(in->layout), &name)) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_text(in->out, "<bound method ");
    pyr_inspect_bare_str(in, name);
    pyr_buf_add_text(in->out, " of ");
    pyr_inspect_value(in, self);
    pyr_buf_add_char(in->out, '>');
}

void pyr_inspect_builtin(struct pyr_inspection *in, uint64_t address)
{
    uint64_t definition = 0;
    uint64_t self = 0;
    uint64_t name = 0;
    char text[PYR_INSPECT_MAX_TYPE_NAME];
    char type[PYR_INSPECT_MAX_TYPE_NAME];
    if (!read_field(in, address, 0, &definition) || !read_field(in, address, 1, &self) ||
        !pyr_inspect_word(in, definition, 0, &name) ||
        !pyr_inspect_c_text(in->memory, name, text, sizeof(text))) {
        pyr_inspect_unreadable(in);
        return;
    }
    if (self == 0 || !pyr_object_type_name(in->memory, in->layout, self, type, sizeof(type)) ||
        strcmp(type, "module") == 0) {
        pyr_buf_addf(in->out, "<built-in function %s>", text);
        return;
    }
    pyr_buf_addf(in->out, "<built-in method %s of %s object", text, type);
    write_address(in, self);
}

void pyr_inspect_module(struct pyr_inspection *in, uint64_t address)
{
    uint64_t dict = 0;
    if (!read_field(in, address, 0, &dict)) {
        pyr_inspect_unreadable(in);
        return;
    }
    const uint64_t name = pyr_object_dict_find(in->memory, in->layout, dict, "__name__");
    pyr_buf_add_text(in->out, "<module '");
    pyr_inspect_bare_str(in, name);
    pyr_buf_add_text(in->out, "'>");
}

void pyr_inspect_class(struct pyr_inspection *in, uint64_t address)
{
    struct pyr_inspect_type type;
    uint64_t dict = 0;
    uint64_t module = 0;
    if (!pyr_inspect_read_type(in, address, &type)) {
        pyr_inspect_unreadable(in);
        return;
    }
    if ((type.flags & PYR_TYPE_IS_HEAP) != 0 && strchr(type.name, '.') == NULL &&
        pyr_inspect_word(in, address, in->layout->type_dict, &dict) && dict != 0) {
        module = pyr_object_dict_find(in->memory, in->layout, dict, "__module__");
    }
    pyr_buf_add_text(in->out, "<class '");
    if (module != 0) {
        pyr_inspect_bare_str(in, module);
        pyr_buf_add_char(in->out, '.');
    }
    pyr_buf_add_text(in->out, type.name);
    pyr_buf_add_text(in->out, "'>");
}

void pyr_inspect_generator(struct pyr_inspection *in, uint64_t address)
{
    char type[PYR_INSPECT_MAX_TYPE_NAME];
    uint64_t name = 0;
    if (!pyr_object_type_name(in->memory, in->layout, address, type, sizeof(type)) ||
        !pyr_inspect_word(in, address, pyr_coroutine_name_offset(in->layout), &name)) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_addf(in->out, "<%s object ", type);
    pyr_inspect_bare_str(in, name);
    write_address(in, address);
}

void pyr_inspect_cell(struct pyr_inspection *in, uint64_t address)
{
    uint64_t value = 0;
    if (!read_field(in, address, 0, &value)) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_text(in->out, "<cell: ");
    if (value == 0) {
        pyr_buf_add_text(in->out, "empty");
    } else {
        pyr_inspect_value(in, value);
    }
    pyr_buf_add_char(in->out, '>');
}
