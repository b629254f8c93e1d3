/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "remote/layout_debug.h"
#include "remote/locate.h"
#include "remote/variables.h"
#include "remote/version_scan.h"

#define BLOCK_WORDS 2048
#define FIRST_WITH_TABLE 0x030d0000u
#define MAX_FILES 256
#define MAX_SCANNED ((uint64_t)256 << 20) /* bytes of variables, of all files */
#define DEBUG_COOKIE 0x7970677562656478u  /* "xdebugpy" */
#define MAX_GUESSES 65536u                /* words that were followed */

/* A file's variables, and what is known of the interpreter that they may be of. */
struct scan {
    const struct pyr_locate *in;
    struct pyr_location *location;
    bool has_layout; /* up to 3.12, whose version was found */
    uint32_t guesses;
    uint64_t budget;                 /* bytes that may still be searched */
    uint64_t block[BLOCK_WORDS + 1]; /* one more: the word after the block's last */
};

static bool is_heap_like(const struct pyr_maps *maps, uint64_t address)
{
    const struct pyr_map_entry *entry = pyr_maps_find(maps, address);
    return entry != NULL && entry->readable && entry->writable && address % 8 == 0;
}

/* Whether the object at `address` is a dict, by the name of its type. */
static bool is_dict(struct pyr_memory *memory, const struct pyr_layout *layout, uint64_t address)
{
    uint64_t type = 0;
    uint64_t name = 0;
    char text[sizeof("dict")] = "";
    return pyr_memory_read_u64(memory, address + layout->object_type, &type) &&
           pyr_memory_read_u64(memory, type + layout->type_name, &name) &&
           pyr_memory_read(memory, name, text, sizeof(text)) && memcmp(text, "dict", 5) == 0;
}

/* Of all that points at itself in a circle, only an interpreter has sys.modules. */
static bool is_interpreter_at(struct scan *scan, uint64_t address, uint32_t head_at)
{
    struct pyr_memory *memory = scan->in->memory;
    const struct pyr_layout *layout = &scan->location->layout;
    uint64_t interpreter = 0;
    uint64_t modules = 0;
    scan->location->runtime = address - head_at;
    return pyr_locate_is_alive(memory, scan->location) &&
           pyr_memory_read_u64(memory, address, &interpreter) &&
           pyr_memory_read_u64(memory, interpreter + layout->interpreter_modules, &modules) &&
           is_dict(memory, layout, modules);
}

/* From 3.7 on the list's head is followed by the main interpreter, which is set whenever the head
 * is; a lone pointer to an interpreter is some other variable. */
static bool is_list(struct scan *scan, uint64_t address, uint64_t head, uint64_t after)
{
    uint32_t head_at = scan->location->layout.runtime_interpreters_head;
    const struct pyr_maps *maps = scan->in->maps;
    bool has_main = head_at != PYR_LAYOUT_NONE;
    if (!is_heap_like(maps, head) || (has_main && !is_heap_like(maps, after)) ||
        ++scan->guesses > MAX_GUESSES) {
        return false;
    }
    if (!has_main) {
        return is_interpreter_at(scan, address, 0);
    }
    return is_interpreter_at(scan, address + sizeof(uint64_t), head_at) &&
           is_interpreter_at(scan, address, head_at);
}

/* From 3.13 on the runtime begins with a word of its own. */
static bool is_runtime(struct scan *scan, uint64_t address)
{
    uint8_t table[PYR_DEBUG_TABLE_MAX];
    struct pyr_err ignored = {0};
    scan->location->runtime = address;
    return ++scan->guesses <= MAX_GUESSES &&
           pyr_memory_read(scan->in->memory, address, table, sizeof(table)) &&
           pyr_layout_debug_decode(table, sizeof(table), &scan->location->layout, &ignored) &&
           !scan->location->layout.free_threaded &&
           pyr_locate_is_alive(scan->in->memory, scan->location);
}

static bool is_it(struct scan *scan, uint64_t address, uint64_t word, uint64_t after)
{
    if (!scan->has_layout) {
        return word == DEBUG_COOKIE && is_runtime(scan, address);
    }
    return is_list(scan, address, word, after);
}

static bool scan_range(struct scan *scan, uint64_t start, uint64_t end)
{
    for (uint64_t at = start; at < end; at += BLOCK_WORDS * sizeof(uint64_t)) {
        uint64_t words = (end - at) / sizeof(uint64_t);
        words = words > BLOCK_WORDS ? BLOCK_WORDS : words;
        size_t more = (end - at) / sizeof(uint64_t) > words ? 1 : 0;
        scan->block[words] = 0;
        if (!pyr_memory_read(scan->in->memory, at, scan->block,
                             (size_t)(words + more) * sizeof(uint64_t))) {
            continue;
        }
        for (uint64_t i = 0; i < words; i++) {
            if (scan->block[i] != 0 &&
                is_it(scan, at + i * sizeof(uint64_t), scan->block[i], scan->block[i + 1])) {
                return true;
            }
        }
    }
    return false;
}

static bool scan_file(struct scan *scan, const struct pyr_map_entry *first)
{
    struct pyr_variables ranges[PYR_VARIABLES_MAX];
    uint32_t count = pyr_variables_find(scan->in->memory, first, ranges);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t size = ranges[i].end - ranges[i].start;
        size = size > scan->budget ? scan->budget : size;
        scan->budget -= size;
        if (scan_range(scan, ranges[i].start, ranges[i].start + size)) {
            return true;
        }
    }
    return false;
}

bool pyr_locate_scan(const struct pyr_locate *in, struct pyr_location *location,
                     struct pyr_err *err)
{
    uint32_t files = 0;
    struct scan *scan = pyr_mem_zalloc(1, sizeof(*scan));
    if (scan == NULL) {
        return pyr_err_nomem(err);
    }
    scan->in = in;
    scan->budget = MAX_SCANNED;
    uint64_t version_budget = MAX_SCANNED;
    bool found = false;
    for (uint32_t i = 0; i < in->maps->count && files < MAX_FILES && !found; i++) {
        const struct pyr_map_entry *entry = &in->maps->entries[i];
        if (entry->inode == 0 || entry->path[0] != '/' || entry->offset != 0) {
            continue;
        }
        struct pyr_err ignored = {0};
        uint32_t version = pyr_version_scan(in->memory, entry, &version_budget);
        files++;
        *location = (struct pyr_location){0};
        scan->location = location;
        scan->has_layout = version != 0 && version < FIRST_WITH_TABLE &&
                           pyr_layout_find(version, false, false, &location->layout, &ignored);
        found = scan_file(scan, entry);
    }
    pyr_mem_free(scan);
    return found;
}
