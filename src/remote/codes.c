/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/codes.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "model/strtab.h"
#include "remote/fields.h"
#include "remote/unicode.h"

#define MAX_HEAD 1024u
#define MAX_CODES (1u << 20)
#define MAX_TOTAL_BYTES ((size_t)256 << 20) /* of texts and line tables */
#define MAX_COMPARED 512u /* bytes of each text and table that are compared in a check */
#define UNIT_SIZE 2u      /* bytes of an instruction */
#define KIND_MASK 7u      /* in the state of a str, shifted so that the kind is lowest */
#define COMPACT_BIT 8u
#define ASCII_BIT 16u
#define ELLIPSIS "\xE2\x80\xA6"

/* What makes a code object that one and no other: its own fields, and the beginnings of the objects
 * that it refers to, as these can be freed and replaced just like itself. */
enum part {
    PART_FILE,
    PART_QUALNAME,
    PART_LINES,
    PARTS,
};

struct identity {
    uint64_t objects[PARTS]; /* addresses */
    uint32_t sizes[PARTS];   /* bytes from an object's begin that were compared */
    uint64_t head;           /* the hash of its own fields */
    uint64_t hash;           /* and of all */
};

struct known_code {
    struct pyr_code code;
    struct identity identity;
    uint32_t epoch; /* in which it was last seen to be the same */
};

struct pyr_codes {
    struct known_code *items; /* owned; id 1 first */
    uint32_t count;
    uint32_t cap;
    struct pyr_map by_address;
    struct pyr_arena *arena;
    struct pyr_strtab *texts;
    struct pyr_buf scratch;
    uint32_t epoch;
    uint64_t type; /* the address of the type `code`, 0: not met yet */
};

struct pyr_codes *pyr_codes_new(void)
{
    struct pyr_codes *codes = pyr_mem_zalloc(1, sizeof(*codes));
    if (codes == NULL) {
        return NULL;
    }
    codes->arena = pyr_arena_new();
    codes->texts = codes->arena == NULL ? NULL : pyr_strtab_new(codes->arena);
    if (codes->texts == NULL) {
        pyr_codes_free(codes);
        return NULL;
    }
    return codes;
}

void pyr_codes_free(struct pyr_codes *codes)
{
    if (codes == NULL) {
        return;
    }
    pyr_strtab_free(codes->texts);
    pyr_arena_free(codes->arena);
    pyr_buf_release(&codes->scratch);
    pyr_map_release(&codes->by_address);
    pyr_mem_free(codes->items);
    pyr_mem_free(codes);
}

void pyr_codes_forget_addresses(struct pyr_codes *codes)
{
    pyr_map_clear(&codes->by_address);
    codes->type = 0;
}

void pyr_codes_new_epoch(struct pyr_codes *codes)
{
    codes->epoch++;
}

const struct pyr_code *pyr_codes_get(const struct pyr_codes *codes, uint32_t id)
{
    return &codes->items[id - 1].code;
}

uint32_t pyr_codes_count(const struct pyr_codes *codes)
{
    return codes->count;
}

/* One reading of code objects. */
struct reading {
    struct pyr_codes *codes;
    struct pyr_memory *memory;
    const struct pyr_layout *layout;
    uint64_t address;
    uint32_t size;
    uint8_t head[MAX_HEAD];
};

static uint64_t pointer_at(const struct reading *in, uint32_t offset)
{
    return pyr_field_u64(in->head, in->size, offset);
}

static uint32_t qualname_at(const struct pyr_layout *layout)
{
    return layout->code_qualname != PYR_LAYOUT_NONE ? layout->code_qualname : layout->code_name;
}

/* Where the characters of a compact str begin. */
static uint32_t text_data_at(const struct pyr_layout *layout, uint32_t state)
{
    bool ascii = (state >> (layout->unicode_kind_shift & 31) & ASCII_BIT) != 0;
    return ascii ? layout->unicode_ascii_data : layout->unicode_compact_data;
}

/* Hashes what of the bytes of a part never changes while it lives: the length and the data, but no
 * reference count, no cached hash or UTF-8, no flag of interning. */
static uint64_t hash_part(const struct reading *in, enum part part, const uint8_t *bytes,
                          uint32_t size)
{
    const struct pyr_layout *layout = in->layout;
    bool text = part != PART_LINES;
    uint32_t state = pyr_field_u32(bytes, size, layout->unicode_state);
    uint32_t data_at = text ? text_data_at(layout, state) : layout->bytes_data;
    uint64_t length = pyr_field_u64(bytes, size, text ? layout->unicode_length : layout->var_size);
    uint64_t hash = pyr_hash_u64(length + 1);
    return data_at < size ? hash ^ pyr_hash_bytes(bytes + data_at, size - data_at) : hash;
}

/* The code object's own fields that never change. */
static uint64_t hash_head(const struct pyr_layout *layout, const uint8_t *head, uint32_t size)
{
    const uint32_t fields[] = {
        layout->code_filename,   layout->code_name,        layout->code_qualname,
        layout->code_line_table, layout->code_local_names, layout->code_local_kinds,
        layout->code_cell_names, layout->code_free_names,
    };
    const uint32_t numbers[] = {
        layout->code_first_line,   layout->code_flags,       layout->code_arg_count,
        layout->code_kwonly_count, layout->code_local_count, layout->code_version,
    };
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        hash = pyr_hash_u64(hash ^ pyr_field_u64(head, size, fields[i]));
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        hash = pyr_hash_u64(hash ^ pyr_field_u32(head, size, numbers[i]));
    }
    /* Up to 3.10 the instructions are an object of their own, later the code object has a size. */
    uint32_t inner = pyr_layout_minor(layout) >= 11 ? layout->var_size : layout->code_instructions;
    return pyr_hash_u64(hash ^ pyr_field_u64(head, size, inner));
}

/* Reads the head and, in the same call, what `identity` says of the parts; then hashes all. */
static bool hash_all(struct reading *in, const struct identity *identity, uint64_t *head,
                     uint64_t *hash)
{
    uint8_t parts[PARTS][MAX_HEAD] = {{0}};
    struct pyr_memory_range ranges[PARTS + 1] = {{in->address, in->size, in->head}};
    uint32_t count = 1;
    for (int i = 0; i < PARTS; i++) {
        if (identity->sizes[i] > 0) {
            ranges[count++] =
                (struct pyr_memory_range){identity->objects[i], identity->sizes[i], parts[i]};
        }
    }
    if (!pyr_memory_read_all(in->memory, ranges, count)) {
        return false;
    }
    *head = *hash = hash_head(in->layout, in->head, in->size);
    for (int i = 0; i < PARTS; i++) {
        if (identity->sizes[i] > 0) {
            *hash = pyr_hash_u64(*hash ^ hash_part(in, (enum part)i, parts[i], identity->sizes[i]));
        }
    }
    return true;
}

/* Is the object a code object? The type is known by its name first, and then by its address. */
static bool is_code(struct reading *in)
{
    static const char name[] = "code";
    char found[sizeof(name)] = "";
    uint64_t text = 0;
    uint64_t type = pointer_at(in, in->layout->object_type);
    if (type == 0) {
        return false;
    }
    if (type == in->codes->type) {
        return true;
    }
    if (!pyr_memory_read_u64(in->memory, type + in->layout->type_name, &text) ||
        !pyr_memory_read(in->memory, text, found, sizeof(found)) ||
        memcmp(found, name, sizeof(name)) != 0) {
        return false;
    }
    in->codes->type = type;
    return true;
}

/* How much of a str to compare: its data, in whatever width, up to the limit. */
static uint32_t compared_of_text(const struct reading *in, uint64_t address)
{
    uint64_t chars = 0;
    uint32_t state = 0;
    const struct pyr_layout *layout = in->layout;
    if (!pyr_memory_read_u64(in->memory, address + layout->unicode_length, &chars) ||
        !pyr_memory_read_u32(in->memory, address + layout->unicode_state, &state)) {
        return 0;
    }
    uint32_t data = text_data_at(layout, state);
    state >>= layout->unicode_kind_shift & 31;
    uint32_t width = state & KIND_MASK;
    if ((state & COMPACT_BIT) == 0 || width > 4 || data > MAX_HEAD - MAX_COMPARED) {
        return 0;
    }
    uint64_t size = chars < MAX_COMPARED ? chars * width : MAX_COMPARED;
    return data + (uint32_t)(size < MAX_COMPARED ? size : MAX_COMPARED);
}

static uint32_t compared_of_bytes(const struct reading *in, uint64_t address)
{
    uint64_t size = 0;
    const struct pyr_layout *layout = in->layout;
    if (!pyr_memory_read_u64(in->memory, address + layout->var_size, &size) ||
        layout->bytes_data > MAX_HEAD - MAX_COMPARED) {
        return 0;
    }
    return layout->bytes_data + (uint32_t)(size < MAX_COMPARED ? size : MAX_COMPARED);
}

/* A text of the code object, kept. NULL when it can't be read or there is no room. */
static const char *keep_text(struct reading *in, uint64_t address)
{
    struct pyr_buf *text = &in->codes->scratch;
    struct pyr_err err = {0};
    pyr_str id = {0};
    bool cut = false;
    pyr_buf_clear(text);
    if (!pyr_unicode_read(in->memory, in->layout, address, PYR_CODE_MAX_NAME, text, &cut)) {
        return NULL;
    }
    if (cut) {
        pyr_buf_add_text(text, ELLIPSIS);
    }
    if (text->failed || pyr_arena_size(in->codes->arena) > MAX_TOTAL_BYTES) {
        return NULL;
    }
    return pyr_strtab_add(in->codes->texts, text->data == NULL ? "" : text->data, text->len, &id,
                          &err)
               ? pyr_strtab_text(in->codes->texts, id)
               : NULL;
}

/* The bytes of the line table, kept. Too long a one is left out: then lines are the first line. */
static bool keep_lines(struct reading *in, struct pyr_line_table *lines)
{
    const struct pyr_layout *layout = in->layout;
    uint64_t address = pointer_at(in, layout->code_line_table);
    uint64_t size = 0;
    lines->first_line = pyr_field_u32(in->head, in->size, layout->code_first_line);
    lines->minor = pyr_layout_minor(layout);
    if (!pyr_memory_read_u64(in->memory, address + layout->var_size, &size) || size > INT64_MAX) {
        return false;
    }
    if (size > PYR_CODE_MAX_LINE_TABLE ||
        pyr_arena_size(in->codes->arena) > MAX_TOTAL_BYTES - PYR_CODE_MAX_LINE_TABLE) {
        return true;
    }
    /* Read before room is taken for good, as a wild size is refused only by reading. */
    void *bytes = pyr_mem_alloc(size == 0 ? 1 : size);
    bool ok =
        bytes != NULL && pyr_memory_read(in->memory, address + layout->bytes_data, bytes, size);
    if (ok) {
        lines->bytes = (const uint8_t *)pyr_arena_copy(in->codes->arena, bytes, size);
        lines->size = (uint32_t)size;
        ok = lines->bytes != NULL;
    }
    pyr_mem_free(bytes);
    return ok;
}

/* Code that the interpreter makes for itself: to call __init__ from within, to leave C. */
static bool is_shim(const struct pyr_code *code)
{
    return code->file[0] == '<'
               ? strcmp(code->name, "<shim>") == 0 || strcmp(code->file, "<shim>") == 0 ||
                     strcmp(code->name, "<interpreter trampoline>") == 0 ||
                     strcmp(code->file, "<interpreter trampoline>") == 0
               : strcmp(code->file, "__init__") == 0 && strcmp(code->name, "__init__") == 0;
}

/* Reads everything of the code object whose head has been read. */
static bool read_code(struct reading *in, struct pyr_code *code)
{
    const struct pyr_layout *layout = in->layout;
    *code = (struct pyr_code){.address = in->address};
    code->name = keep_text(in, pointer_at(in, layout->code_name));
    code->file = code->name == NULL ? NULL : keep_text(in, pointer_at(in, layout->code_filename));
    if (code->file == NULL || !keep_lines(in, &code->lines)) {
        return false;
    }
    code->qualname = layout->code_qualname == PYR_LAYOUT_NONE
                         ? code->name
                         : keep_text(in, pointer_at(in, layout->code_qualname));
    if (code->qualname == NULL) {
        return false;
    }
    code->first_line = code->lines.first_line;
    code->flags = pyr_field_u32(in->head, in->size, layout->code_flags);
    if (pyr_layout_minor(layout) >= 11) {
        uint64_t units = pointer_at(in, layout->var_size);
        code->instructions = in->address + layout->code_instructions;
        code->instructions_size = units < UINT32_MAX / UNIT_SIZE ? (uint32_t)units * UNIT_SIZE : 0;
    }
    code->is_shim = is_shim(code);
    return true;
}

/* Identifies before and after reading, so that an object that was replaced meanwhile isn't kept. */
static bool identify(struct reading *in, struct identity *identity)
{
    const struct pyr_layout *layout = in->layout;
    identity->objects[PART_FILE] = pointer_at(in, layout->code_filename);
    identity->objects[PART_QUALNAME] = pointer_at(in, qualname_at(layout));
    identity->objects[PART_LINES] = pointer_at(in, layout->code_line_table);
    identity->sizes[PART_FILE] = compared_of_text(in, identity->objects[PART_FILE]);
    identity->sizes[PART_QUALNAME] = compared_of_text(in, identity->objects[PART_QUALNAME]);
    identity->sizes[PART_LINES] = compared_of_bytes(in, identity->objects[PART_LINES]);
    return hash_all(in, identity, &identity->head, &identity->hash);
}

static bool add(struct pyr_codes *codes, const struct known_code *known, uint32_t *id)
{
    struct pyr_err err = {0};
    if (codes->count >= MAX_CODES ||
        !pyr_mem_grow(&codes->items, &codes->cap, (size_t)codes->count + 1, sizeof(*codes->items),
                      &err) ||
        !pyr_map_put(&codes->by_address, known->code.address, codes->count + 1, &err)) {
        return false;
    }
    codes->items[codes->count++] = *known;
    *id = codes->count;
    return true;
}

uint32_t pyr_codes_id(struct pyr_codes *codes, struct pyr_memory *memory,
                      const struct pyr_layout *layout, uint64_t address)
{
    uint32_t id = pyr_map_get(&codes->by_address, address);
    if (id != 0 && codes->items[id - 1].epoch == codes->epoch) {
        return id;
    }
    struct reading in = {codes, memory, layout, address, layout->code_size, {0}};
    if (in.size > sizeof(in.head)) {
        return 0;
    }
    uint64_t head = 0;
    uint64_t hash = 0;
    if (id != 0 && hash_all(&in, &codes->items[id - 1].identity, &head, &hash) &&
        hash == codes->items[id - 1].identity.hash) {
        codes->items[id - 1].epoch = codes->epoch;
        return id;
    }
    struct known_code known = {.epoch = codes->epoch};
    if (!pyr_memory_read(memory, address, in.head, in.size) || !is_code(&in) ||
        !identify(&in, &known.identity) || !read_code(&in, &known.code) ||
        !hash_all(&in, &known.identity, &head, &hash) || hash != known.identity.hash ||
        !add(codes, &known, &id)) {
        return 0;
    }
    return id;
}

bool pyr_codes_check(const struct pyr_codes *codes, struct pyr_memory *memory,
                     const struct pyr_layout *layout, const uint64_t *addresses, uint32_t count)
{
    uint8_t heads[PYR_CODES_CHECKED][MAX_HEAD];
    struct pyr_memory_range ranges[PYR_CODES_CHECKED];
    uint32_t ids[PYR_CODES_CHECKED];
    uint32_t size = layout->code_size;
    if (size > MAX_HEAD) {
        return true; /* then no code was ever read */
    }
    for (uint32_t i = 0; i < count;) {
        uint32_t known = 0;
        for (; i < count && known < PYR_CODES_CHECKED; i++) {
            ids[known] = pyr_map_get(&codes->by_address, addresses[i]);
            if (ids[known] != 0) {
                ranges[known] = (struct pyr_memory_range){addresses[i], size, heads[known]};
                known++;
            }
        }
        if (known > 0 && !pyr_memory_read_all(memory, ranges, known)) {
            return false;
        }
        for (uint32_t k = 0; k < known; k++) {
            if (hash_head(layout, heads[k], size) != codes->items[ids[k] - 1].identity.head) {
                return false;
            }
        }
    }
    return true;
}
