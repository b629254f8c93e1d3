/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/locate.h"

#include <stdlib.h>
#include <string.h>

#include "remote/layout_debug.h"
#include "remote/version_scan.h"

#define MAX_FILES 8192  /* mapped files that are looked into */
#define MAX_COPIES 16   /* mappings of one file that may be its loaded image */
#define MAX_EMPTY 64    /* interpreters without threads before one with */

enum wanted { RUNTIME, INTERP_HEAD, CURRENT_THREAD, VERSION, TRACED, ASYNCIO, WANTED };

/* A file that defines an interpreter. */
struct image {
    struct pyr_elf elf;
    struct pyr_elf_symbol symbols[WANTED];
    uint32_t first; /* its first mapping */
    bool has_runtime;
    uint64_t runtime; /* in the file */
};

bool pyr_locate_is_alive(struct pyr_memory *memory, const struct pyr_location *location)
{
    const struct pyr_layout *layout = &location->layout;
    uint64_t interpreter = 0;
    uint64_t head = location->runtime;
    if (layout->runtime_interpreters_head != PYR_LAYOUT_NONE) {
        head += layout->runtime_interpreters_head;
    }
    if (!pyr_memory_read_u64(memory, head, &interpreter)) {
        return false;
    }
    for (uint32_t i = 0; i < MAX_EMPTY && interpreter != 0; i++) {
        uint64_t thread = 0;
        uint64_t back = 0;
        if (!pyr_memory_read_u64(memory, interpreter + layout->interpreter_threads_head,
                                 &thread)) {
            return false;
        }
        if (thread != 0) {
            return pyr_memory_read_u64(memory, thread + layout->thread_interpreter, &back) &&
                   back == interpreter;
        }
        if (!pyr_memory_read_u64(memory, interpreter + layout->interpreter_next, &interpreter)) {
            return false;
        }
    }
    return false;
}

/* ---- files ---- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool is_first_of_file(const struct pyr_maps *maps, uint32_t index)
{
    const struct pyr_map_entry *entry = &maps->entries[index];
    for (uint32_t i = 0; i < index; i++) {
        if (maps->entries[i].inode == entry->inode && maps->entries[i].device == entry->device) {
            return false;
        }
    }
    return true;
}

static bool open_image(const struct pyr_locate *in, uint32_t index, struct pyr_elf *elf)
{
    struct pyr_err ignored = {0};
    int fd = in->open(in->context, &in->maps->entries[index]);
    return fd >= 0 && pyr_elf_open(elf, fd, &ignored);
}

static bool load_image(const struct pyr_locate *in, uint32_t index, struct image *image,
                       struct pyr_err *err)
{
    static const char *const names[WANTED] = {"_PyRuntime",  "interp_head", "_PyThreadState_Current",
                                              "Py_Version",  "_Py_AddToAllObjects",
                                              "_AsyncioDebug"};
    *image = (struct image){.first = index};
    for (uint32_t i = 0; i < WANTED; i++) {
        image->symbols[i].name = names[i];
    }
    if (!open_image(in, index, &image->elf)) {
        return true;
    }
    if (!pyr_elf_find_symbols(&image->elf, image->symbols, WANTED, err)) {
        return false;
    }
    const Elf64_Shdr *section = pyr_elf_section(&image->elf, ".PyRuntime");
    if (image->symbols[RUNTIME].found) {
        image->runtime = image->symbols[RUNTIME].value;
        image->has_runtime = true;
    } else if (section != NULL && section->sh_addr != 0) {
        image->runtime = section->sh_addr;
        image->has_runtime = true;
    } else if (image->symbols[INTERP_HEAD].found) {
        image->runtime = image->symbols[INTERP_HEAD].value;
        image->has_runtime = true;
    }
    return true;
}

/* ---- one copy of the interpreter's file ---- */

static uint32_t find_version(const struct pyr_locate *in, const struct image *image, uint64_t bias)
{
    uint32_t version = 0;
    const struct pyr_elf_symbol *symbol = &image->symbols[VERSION];
    if (symbol->found && pyr_memory_read_u32(in->memory, symbol->value + bias, &version) &&
        version >> 24 == 3) {
        return version;
    }
    return pyr_version_scan(in->memory, in->maps, image->first);
}

static bool find_layout(const struct pyr_locate *in, const struct image *image, uint64_t bias,
                        struct pyr_location *location, struct pyr_err *err)
{
    uint8_t table[PYR_DEBUG_TABLE_MAX];
    uint32_t version = 0;
    bool free_threaded = false;
    if (pyr_memory_read(in->memory, location->runtime, table, sizeof(table)) &&
        pyr_layout_debug_head(table, &version, &free_threaded)) {
        return pyr_layout_debug_decode(table, sizeof(table), &location->layout, err);
    }
    version = find_version(in, image, bias);
    if (version == 0) {
        return pyr_err_set(err, PYR_ERR_GONE, "Python is not up yet: it has no version so far");
    }
    return pyr_layout_find(version, false, image->symbols[TRACED].found, &location->layout, err);
}

static bool try_copy(const struct pyr_locate *in, const struct image *image, uint64_t bias,
                     struct pyr_location *location, struct pyr_err *err)
{
    *location = (struct pyr_location){.runtime = image->runtime + bias};
    if (!find_layout(in, image, bias, location, err)) {
        return false;
    }
    if (location->layout.free_threaded) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "this is a free-threaded Python, which cannot be read from outside yet");
    }
    if (image->symbols[CURRENT_THREAD].found) {
        location->current_thread = image->symbols[CURRENT_THREAD].value + bias;
    }
    const Elf64_Shdr *asyncio = pyr_elf_section(&image->elf, ".AsyncioDebug");
    if (image->symbols[ASYNCIO].found) {
        location->asyncio_debug = image->symbols[ASYNCIO].value + bias;
    } else if (asyncio != NULL) {
        location->asyncio_debug = asyncio->sh_addr + bias;
    }
    if (!pyr_locate_is_alive(in->memory, location)) {
        return pyr_err_set(err, PYR_ERR_GONE,
                           "Python is not up yet, or is shutting down: it has no threads");
    }
    return true;
}

/* libffi, when it is linked into a program, maps that program's file a second time. */
static bool try_image(const struct pyr_locate *in, const struct image *image,
                      struct pyr_location *location, struct pyr_err *err)
{
    uint64_t tried[MAX_COPIES];
    uint32_t count = 0;
    const struct pyr_map_entry *first = &in->maps->entries[image->first];
    for (uint32_t i = image->first; i < in->maps->count && count < MAX_COPIES; i++) {
        const struct pyr_map_entry *entry = &in->maps->entries[i];
        uint64_t bias = 0;
        if (entry->inode != first->inode || entry->device != first->device ||
            !pyr_elf_bias(&image->elf, entry->start, entry->offset, &bias)) {
            continue;
        }
        bool seen = false;
        for (uint32_t k = 0; k < count; k++) {
            seen = seen || tried[k] == bias;
        }
        if (seen) {
            continue;
        }
        tried[count++] = bias;
        struct pyr_err failure = {0};
        if (try_copy(in, image, bias, location, &failure)) {
            return true;
        }
        if (err->code == PYR_OK || failure.code == PYR_ERR_UNSUPPORTED) {
            *err = failure;
        }
    }
    return false;
}

/* ---- all of them ---- */

static bool is_likely(const struct pyr_map_entry *entry)
{
    return strstr(base_name(entry->path), "python") != NULL;
}

/* Sets `err` when an interpreter was found that could not be taken, and for lack of memory. */
static bool try_files(const struct pyr_locate *in, bool likely, struct pyr_location *location,
                      struct pyr_err *err)
{
    uint32_t files = 0;
    for (uint32_t i = 0; i < in->maps->count && files < MAX_FILES; i++) {
        const struct pyr_map_entry *entry = &in->maps->entries[i];
        if (entry->inode == 0 || entry->path[0] != '/' || is_likely(entry) != likely ||
            !is_first_of_file(in->maps, i)) {
            continue;
        }
        struct image image;
        struct pyr_err failure = {0};
        files++;
        bool ok = load_image(in, i, &image, &failure);
        bool found = ok && image.has_runtime && try_image(in, &image, location, &failure);
        pyr_elf_release(&image.elf);
        if (found) {
            return true;
        }
        if (failure.code != PYR_OK && (err->code == PYR_OK || failure.code == PYR_ERR_NOMEM)) {
            *err = failure;
        }
        if (!ok) {
            return false;
        }
    }
    return false;
}

/* In a module of its own, unless it was linked into the interpreter. */
static void find_asyncio(const struct pyr_locate *in, struct pyr_location *location)
{
    for (uint32_t i = 0; i < in->maps->count && location->asyncio_debug == 0; i++) {
        const struct pyr_map_entry *entry = &in->maps->entries[i];
        struct image image;
        struct pyr_err ignored = {0};
        uint64_t bias = 0;
        if (strncmp(base_name(entry->path), "_asyncio", strlen("_asyncio")) != 0 ||
            !is_first_of_file(in->maps, i) || !load_image(in, i, &image, &ignored)) {
            continue;
        }
        const Elf64_Shdr *section = pyr_elf_section(&image.elf, ".AsyncioDebug");
        if (section != NULL && pyr_elf_bias(&image.elf, entry->start, entry->offset, &bias)) {
            location->asyncio_debug = section->sh_addr + bias;
        }
        pyr_elf_release(&image.elf);
    }
}

static bool is_pypy(const struct pyr_maps *maps)
{
    for (uint32_t i = 0; i < maps->count; i++) {
        if (strstr(base_name(maps->entries[i].path), "pypy") != NULL) {
            return true;
        }
    }
    return false;
}

bool pyr_locate(const struct pyr_locate *in, struct pyr_location *location, struct pyr_err *err)
{
    struct pyr_err failure = {0};
    if (try_files(in, true, location, &failure) || try_files(in, false, location, &failure)) {
        find_asyncio(in, location);
        return true;
    }
    if (failure.code != PYR_OK) {
        *err = failure;
        return false;
    }
    if (is_pypy(in->maps)) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "this is PyPy; only CPython can be read from outside");
    }
    return pyr_err_set(err, PYR_ERR_UNSUPPORTED, "no Python interpreter is in this process");
}
