/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/inspect.h"

#include <string.h>

#include "base/mem.h"
#include "remote/objects.h"
#include "remote/unicode.h"

#define MAX_LOCALS 1024u /* variables of one frame; more are left out */
#define OLDEST_KINDS 11  /* since when one table names all variables */
#define OLDEST_TAGS 14   /* since when references on the stack have tags */
#define TAGS ((uint64_t)3)
#define TAGGED_INT ((uint64_t)3) /* no object, but a number of the interpreter's own */
#define KIND_CELL 0x40u          /* of a variable: other functions use it too */
#define KIND_FREE 0x80u          /* it is another function's */
#define HAS_VARARGS 0x04u        /* co_flags */
#define HAS_VARKEYWORDS 0x08u
#define MAX_NAME_CHARS 63u

/* The variables of a frame, as its code describes them. */
struct variables {
    struct pyr_memory *memory;
    const struct pyr_layout *layout;
    const struct pyr_raw_frame *frame;
    uint32_t arguments; /* so many come first */
    uint32_t plain;     /* so many are no cells; up to 3.10 */
    uint32_t count;
    uint64_t names[MAX_LOCALS];
    uint64_t values[MAX_LOCALS];
    uint8_t kinds[MAX_LOCALS];
    pyr_inspect_local *local;
    void *context;
};

static bool read_u32(const struct variables *in, uint32_t offset, uint32_t *value)
{
    return offset != PYR_LAYOUT_NONE &&
           pyr_memory_read_u32(in->memory, in->frame->code + offset, value);
}

static bool count_arguments(struct variables *in)
{
    uint32_t positional = 0;
    uint32_t keywords = 0;
    uint32_t flags = 0;
    if (!read_u32(in, in->layout->code_arg_count, &positional) ||
        !read_u32(in, in->layout->code_kwonly_count, &keywords) ||
        !read_u32(in, in->layout->code_flags, &flags)) {
        return false;
    }
    const uint64_t count = (uint64_t)positional + keywords + ((flags & HAS_VARARGS) != 0) +
                           ((flags & HAS_VARKEYWORDS) != 0);
    in->arguments = count < MAX_LOCALS ? (uint32_t)count : MAX_LOCALS;
    return true;
}

/* Adds the names in the tuple that the code has at `offset`. */
static bool add_names(struct variables *in, uint32_t offset)
{
    uint64_t tuple = 0;
    uint64_t count = 0;
    if (offset == PYR_LAYOUT_NONE ||
        !pyr_memory_read_u64(in->memory, in->frame->code + offset, &tuple)) {
        return false;
    }
    if (tuple == 0) { /* up to 3.7 for none */
        return true;
    }
    if (!pyr_memory_read_u64(in->memory, tuple + in->layout->var_size, &count)) {
        return false;
    }
    const uint32_t room = MAX_LOCALS - in->count;
    const uint32_t now = count < room ? (uint32_t)count : room;
    if (now > 0 && !pyr_memory_read(in->memory, tuple + in->layout->tuple_items,
                                    in->names + in->count, now * sizeof(uint64_t))) {
        return false;
    }
    in->count += now;
    return true;
}

static bool add_kinds(struct variables *in)
{
    uint64_t bytes = 0;
    uint64_t size = 0;
    if (!pyr_memory_read_u64(in->memory, in->frame->code + in->layout->code_local_kinds, &bytes) ||
        !pyr_memory_read_u64(in->memory, bytes + in->layout->var_size, &size) || size < in->count) {
        return false;
    }
    return in->count == 0 ||
           pyr_memory_read(in->memory, bytes + in->layout->bytes_data, in->kinds, in->count);
}

static bool describe(struct variables *in)
{
    if (!count_arguments(in) || !add_names(in, in->layout->code_local_names)) {
        return false;
    }
    in->plain = in->count;
    if (pyr_layout_minor(in->layout) >= OLDEST_KINDS) {
        return add_kinds(in);
    }
    if (!add_names(in, in->layout->code_cell_names) ||
        !add_names(in, in->layout->code_free_names)) {
        return false;
    }
    for (uint32_t i = in->plain; i < in->count; i++) {
        in->kinds[i] = KIND_CELL;
    }
    return true;
}

/* What a cell holds, 0 for nothing. A variable that will be in a cell is not yet when its function
 * has just begun. */
static uint64_t look_through(const struct variables *in, uint64_t value)
{
    char type[8];
    uint64_t content = 0;
    if (!pyr_object_type_name(in->memory, in->layout, value, type, sizeof(type)) ||
        strcmp(type, "cell") != 0) {
        return value;
    }
    return pyr_memory_read_u64(in->memory, value + in->layout->object_head, &content) ? content
                                                                                      : value;
}

static uint64_t value_of(const struct variables *in, uint32_t i)
{
    uint64_t value = in->values[i];
    if (pyr_layout_minor(in->layout) >= OLDEST_TAGS) {
        if ((value & TAGS) == TAGGED_INT) {
            return 0;
        }
        value &= ~TAGS;
    }
    const bool in_cell = (in->kinds[i] & (KIND_CELL | KIND_FREE)) != 0;
    return value != 0 && in_cell ? look_through(in, value) : value;
}

/* Up to 3.10 an argument that inner functions use has moved to a cell of the same name: where the
 * variable `i` is now. */
static uint32_t place_of(const struct variables *in, uint32_t i)
{
    if (i < in->plain && in->values[i] == 0) {
        for (uint32_t k = in->plain; k < in->count; k++) {
            if (in->names[k] == in->names[i]) {
                return k;
            }
        }
    }
    return i;
}

static bool is_moved_argument(const struct variables *in, uint32_t i)
{
    for (uint32_t k = 0; i >= in->plain && k < in->arguments && k < in->plain; k++) {
        if (place_of(in, k) == i) {
            return true;
        }
    }
    return false;
}

/* False when enough were told. */
static bool tell(struct variables *in, struct pyr_buf *name, uint32_t i, bool is_argument)
{
    struct pyr_local local = {.value = value_of(in, i), .is_argument = is_argument};
    bool was_cut = false;
    pyr_buf_clear(name);
    if (local.value == 0 ||
        !pyr_unicode_read(in->memory, in->layout, in->names[i], MAX_NAME_CHARS, name, &was_cut) ||
        name->len == 0) {
        return !name->failed;
    }
    size_t len = name->len < sizeof(local.name) - 1 ? name->len : sizeof(local.name) - 1;
    while (len < name->len && len > 0 && ((uint8_t)name->data[len] & 0xC0) == 0x80) {
        len--;
    }
    memcpy(local.name, name->data, len);
    return in->local(in->context, &local);
}

static void tell_all(struct variables *in, struct pyr_buf *name)
{
    const uint32_t arguments = in->arguments < in->plain ? in->arguments : in->plain;
    for (uint32_t i = 0; i < arguments; i++) {
        if (!tell(in, name, place_of(in, i), true)) {
            return;
        }
    }
    for (uint32_t i = arguments; i < in->count; i++) {
        if (!is_moved_argument(in, i) && !tell(in, name, i, false)) {
            return;
        }
    }
}

bool pyr_inspect_locals(struct pyr_memory *memory, const struct pyr_layout *layout,
                        const struct pyr_raw_frame *frame, pyr_inspect_local *local, void *context)
{
    struct variables *in = pyr_mem_zalloc(1, sizeof(*in));
    struct pyr_buf name = {0};
    if (in == NULL) {
        return false;
    }
    in->memory = memory;
    in->layout = layout;
    in->frame = frame;
    in->local = local;
    in->context = context;
    const bool ok = describe(in) && (in->count == 0 ||
                                     pyr_memory_read(memory, frame->address + layout->frame_locals,
                                                     in->values, in->count * sizeof(uint64_t)));
    if (ok) {
        tell_all(in, &name);
    }
    const bool enough = ok && !name.failed;
    pyr_buf_release(&name);
    pyr_mem_free(in);
    return enough;
}
