/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "remote/inspection.h"
#include "remote/objects.h"

#define MAX_BASES 32         /* classes whose __slots__ are looked at */
#define MAX_CLASS_ITEMS 512  /* of one class */
#define MEMBER_OBJECT 6      /* a member that is an object; None where it is not set */
#define MEMBER_OBJECT_SET 16 /* the same, not there where it is not set: what __slots__ makes */

static uint64_t class_attribute(const struct pyr_inspection *in,
                                const struct pyr_inspect_type *type, const char *name)
{
    uint64_t dict = 0;
    if (!pyr_inspect_word(in, type->address, in->layout->type_dict, &dict) || dict == 0) {
        return 0;
    }
    return pyr_object_dict_find(in->memory, in->layout, dict, name);
}

/* The attributes of an instance on their way into words. */
struct attributes {
    struct pyr_inspection *in;
    uint64_t object;
    uint32_t shown;
    uint32_t left_out;
    const char *separator; /* before the first */
};

static bool write_attribute(void *context, uint64_t name, uint64_t value)
{
    struct attributes *attributes = context;
    struct pyr_inspection *in = attributes->in;
    if (pyr_inspection_full(in)) {
        return false;
    }
    if (attributes->shown == in->limits.items) {
        attributes->left_out++;
        return true;
    }
    pyr_buf_add_text(in->out, attributes->shown++ == 0 ? attributes->separator : ", ");
    pyr_inspect_bare_str(in, name);
    pyr_buf_add_char(in->out, '=');
    pyr_inspect_value(in, value);
    return true;
}

/* An item of a class' dict: a descriptor made for __slots__ says where in the instance it is. */
static bool write_slot(void *context, uint64_t name, uint64_t value)
{
    struct attributes *attributes = context;
    struct pyr_inspection *in = attributes->in;
    char type[32];
    uint64_t member = 0;
    uint32_t kind = 0;
    uint64_t offset = 0;
    uint64_t object = 0;
    if (!pyr_object_type_name(in->memory, in->layout, value, type, sizeof(type)) ||
        strcmp(type, "member_descriptor") != 0) {
        return !pyr_inspection_full(in);
    }
    /* Behind the head: the class, the name, the qualified name, and the definition: a C name, the
     * kind and the offset. */
    if (!pyr_inspect_word(in, value, in->layout->object_head + 24, &member) ||
        !pyr_memory_read_u32(in->memory, member + 8, &kind) ||
        (kind != MEMBER_OBJECT && kind != MEMBER_OBJECT_SET) ||
        !pyr_memory_read_u64(in->memory, member + 16, &offset) ||
        !pyr_memory_read_u64(in->memory, attributes->object + offset, &object) || object == 0) {
        return true;
    }
    return write_attribute(context, name, object);
}

static void write_slots(struct attributes *attributes, const struct pyr_inspect_type *type)
{
    const struct pyr_inspection *in = attributes->in;
    uint64_t mro = 0;
    uint64_t count = 0;
    if (!pyr_inspect_word(in, type->address, in->layout->type_mro, &mro) ||
        !pyr_inspect_word(in, mro, in->layout->var_size, &count)) {
        return;
    }
    for (uint32_t i = 0; i < count && i < MAX_BASES && !pyr_inspection_full(in); i++) {
        struct pyr_inspect_type base;
        uint64_t address = 0;
        uint64_t dict = 0;
        if (!pyr_inspect_word(in, mro, in->layout->tuple_items + i * 8, &address) ||
            !pyr_inspect_read_type(in, address, &base) || (base.flags & PYR_TYPE_IS_HEAP) == 0 ||
            !pyr_inspect_word(in, address, in->layout->type_dict, &dict) || dict == 0) {
            continue;
        }
        if (pyr_object_dict_find(in->memory, in->layout, dict, "__slots__") != 0 &&
            !pyr_object_dict_each(in->memory, in->layout, dict, MAX_CLASS_ITEMS, write_slot,
                                  attributes)) {
            return;
        }
    }
}

static void write_attributes(struct attributes *attributes, const struct pyr_inspect_type *type)
{
    struct pyr_inspection *in = attributes->in;
    if (in->depth > in->limits.depth) {
        return;
    }
    write_slots(attributes, type);
    /* False as well when it has none. */
    (void)!pyr_object_attributes_each(in->memory, in->layout, attributes->object, MAX_CLASS_ITEMS,
                                      write_attribute, attributes);
    if (attributes->left_out > 0) {
        pyr_inspect_more(in, attributes->shown, (uint64_t)attributes->shown + attributes->left_out);
    }
}

bool pyr_inspect_enum(struct pyr_inspection *in, uint64_t address,
                      const struct pyr_inspect_type *type)
{
    if ((type->flags & PYR_TYPE_IS_HEAP) == 0 || class_attribute(in, type, "_member_map_") == 0) {
        return false;
    }
    const uint64_t name = pyr_object_attribute(in->memory, in->layout, address, "_name_");
    const uint64_t value = pyr_object_attribute(in->memory, in->layout, address, "_value_");
    if (name == 0 || value == 0) {
        return false;
    }
    pyr_buf_addf(in->out, "<%s.", pyr_inspect_short_name(type));
    pyr_inspect_bare_str(in, name);
    pyr_buf_add_text(in->out, ": ");
    pyr_inspect_value(in, value);
    pyr_buf_add_char(in->out, '>');
    return true;
}

void pyr_inspect_exception(struct pyr_inspection *in, uint64_t address,
                           const struct pyr_inspect_type *type)
{
    uint64_t args = 0;
    pyr_buf_add_text(in->out, pyr_inspect_short_name(type));
    /* Behind the head: the dict, and the arguments, a tuple. */
    if (!pyr_inspect_word(in, address, in->layout->object_head + 8, &args) || args == 0) {
        pyr_buf_add_text(in->out, "()");
        return;
    }
    const size_t before = in->out->len;
    pyr_inspect_value(in, args);
    /* repr() has one argument without the comma of a tuple. */
    if (!in->out->failed && in->out->len > before + 2 &&
        memcmp(in->out->data + in->out->len - 2, ",)", 2) == 0) {
        in->out->len -= 2;
        pyr_buf_add_char(in->out, ')');
    }
}

void pyr_inspect_instance(struct pyr_inspection *in, uint64_t address,
                          const struct pyr_inspect_type *type)
{
    struct attributes attributes = {.in = in, .object = address, .separator = " "};
    const char *name = pyr_inspect_short_name(type);
    if (pyr_inspect_enum(in, address, type)) {
        return;
    }
    if ((type->flags & PYR_TYPE_IS_HEAP) != 0 &&
        class_attribute(in, type, "__dataclass_fields__") != 0) {
        attributes.separator = "";
        pyr_buf_addf(in->out, "%s(", name);
        write_attributes(&attributes, type);
        pyr_buf_add_char(in->out, ')');
        return;
    }
    pyr_buf_addf(in->out, "<%s at 0x%llx", name, (unsigned long long)address);
    write_attributes(&attributes, type);
    pyr_buf_add_char(in->out, '>');
}
