/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/locate.h"

#include <string.h>

#include "remote/layout_debug.h"
#include "remote/version_scan.h"

#define MAX_FILES 8192 /* mapped files that are looked into */
#define MAX_COPIES 16  /* mappings of one file that may be its loaded image */
#define MAX_EMPTY 64   /* interpreters without threads before one with */

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
        if (!pyr_memory_read_u64(memory, interpreter + layout->interpreter_threads_head, &thread)) {
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

static bool is_likely(const struct pyr_map_entry *entry)
{
    return strstr(base_name(entry->path), "python") != NULL;
}

/* The first mapping of each file. */
struct files {
    uint32_t first[MAX_FILES];
    uint32_t count;
};

static bool is_same_file(const struct pyr_map_entry *a, const struct pyr_map_entry *b)
{
    return a->inode == b->inode && a->device == b->device;
}

static void list_files(const struct pyr_maps *maps, struct files *files)
{
    files->count = 0;
    for (uint32_t i = 0; i < maps->count && files->count < MAX_FILES; i++) {
        const struct pyr_map_entry *entry = &maps->entries[i];
        bool seen = entry->inode == 0 || entry->path[0] != '/';
        /* From the last one on: the mappings of a file mostly stand together. */
        for (uint32_t k = files->count; k > 0 && !seen; k--) {
            seen = is_same_file(entry, &maps->entries[files->first[k - 1]]);
        }
        if (!seen) {
            files->first[files->count++] = i;
        }
    }
}

/* False, with `err` set, for lack of memory and for a file that is of an interpreter, which is not
 * one that can be read. */
static bool open_image(const struct pyr_locate *in, uint32_t index, struct image *image,
                       struct pyr_err *err)
{
    struct pyr_err failure = {0};
    const struct pyr_map_entry *entry = &in->maps->entries[index];
    int fd = in->open(in->context, entry);
    if (fd < 0 || pyr_elf_open(&image->elf, fd, &failure)) {
        return true;
    }
    if (failure.code == PYR_ERR_NOMEM ||
        (failure.code == PYR_ERR_UNSUPPORTED && is_likely(entry))) {
        *err = failure;
        return pyr_err_prefix(err, "%s", entry->path);
    }
    return true;
}

static void find_runtime(struct image *image)
{
    const Elf64_Shdr *section = pyr_elf_section(&image->elf, ".PyRuntime");
    if (image->symbols[RUNTIME].found) {
        image->runtime = image->symbols[RUNTIME].value;
    } else if (section != NULL && section->sh_addr != 0) {
        image->runtime = section->sh_addr; /* all that strip leaves in a program without exports */
    } else if (image->symbols[INTERP_HEAD].found) {
        image->runtime = image->symbols[INTERP_HEAD].value;
    } else {
        return;
    }
    image->has_runtime = true;
}

static bool load_image(const struct pyr_locate *in, uint32_t index, struct image *image,
                       struct pyr_err *err)
{
    static const char *const names[WANTED] = {
        "_PyRuntime", "interp_head",         "_PyThreadState_Current",
        "Py_Version", "_Py_AddToAllObjects", "_AsyncioDebug"};
    *image = (struct image){.first = index};
    for (uint32_t i = 0; i < WANTED; i++) {
        image->symbols[i].name = names[i];
    }
    if (!open_image(in, index, image, err)) {
        return false;
    }
    if (!pyr_elf_find_symbols(&image->elf, image->symbols, WANTED, err)) {
        pyr_elf_release(&image->elf);
        return false;
    }
    find_runtime(image);
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
    uint64_t budget = PYR_VERSION_SCAN_BYTES;
    return pyr_version_scan(in->memory, &in->maps->entries[image->first], &budget);
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
                           "this is a free-threaded Python, which can't be read from outside yet");
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
                           "Python is not up yet, or is shutting down: it has no thread");
    }
    return true;
}

static bool is_new_bias(uint64_t bias, uint64_t tried[MAX_COPIES], uint32_t *count)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (tried[i] == bias) {
            return false;
        }
    }
    tried[(*count)++] = bias;
    return true;
}

/* libffi, when it is linked into a program, maps that program's file a second time. */
static bool try_image(const struct pyr_locate *in, const struct image *image,
                      struct pyr_location *location, struct pyr_err *err)
{
    uint64_t tried[MAX_COPIES];
    uint32_t count = 0;
    const struct pyr_map_entry *first = &in->maps->entries[image->first];
    if (image->elf.machine != EM_X86_64) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "this is a Python for another processor than x86-64");
    }
    for (uint32_t i = image->first; i < in->maps->count && count < MAX_COPIES; i++) {
        const struct pyr_map_entry *entry = &in->maps->entries[i];
        struct pyr_err failure = {0};
        uint64_t bias = 0;
        if (!is_same_file(entry, first) ||
            !pyr_elf_bias(&image->elf, entry->start, entry->offset, &bias) ||
            !is_new_bias(bias, tried, &count)) {
            continue;
        }
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

/* Sets `err` when an interpreter was found that could not be taken, and for lack of memory. */
static bool try_files(const struct pyr_locate *in, const struct files *files, bool likely,
                      struct pyr_location *location, struct pyr_err *err)
{
    for (uint32_t i = 0; i < files->count; i++) {
        struct image image;
        struct pyr_err failure = {0};
        if (is_likely(&in->maps->entries[files->first[i]]) != likely) {
            continue;
        }
        if (load_image(in, files->first[i], &image, &failure)) {
            bool found = image.has_runtime && try_image(in, &image, location, &failure);
            pyr_elf_release(&image.elf);
            if (found) {
                return true;
            }
        }
        if (failure.code == PYR_ERR_NOMEM) {
            *err = failure;
            return false;
        }
        if (err->code == PYR_OK) {
            *err = failure;
        }
    }
    return false;
}

/* It is in a module of its own, unless that was linked into the interpreter. */
bool pyr_locate_asyncio(const struct pyr_locate *in, uint64_t *address)
{
    for (uint32_t i = 0; i < in->maps->count; i++) {
        const struct pyr_map_entry *entry = &in->maps->entries[i];
        struct image image;
        struct pyr_err ignored = {0};
        uint64_t bias = 0;
        if (strncmp(base_name(entry->path), "_asyncio", strlen("_asyncio")) != 0 ||
            !load_image(in, i, &image, &ignored)) {
            continue;
        }
        const Elf64_Shdr *section = pyr_elf_section(&image.elf, ".AsyncioDebug");
        bool found =
            section != NULL && pyr_elf_bias(&image.elf, entry->start, entry->offset, &bias);
        *address = found ? section->sh_addr + bias : 0;
        pyr_elf_release(&image.elf);
        if (found) {
            return true;
        }
    }
    return false;
}

static bool is_pypy(const struct pyr_maps *maps)
{
    for (uint32_t i = 0; i < maps->count; i++) {
        const char *name = base_name(maps->entries[i].path);
        if (strncmp(name, "pypy", 4) == 0 || strncmp(name, "libpypy", 7) == 0) {
            return true;
        }
    }
    return false;
}

static bool refuse(const struct pyr_locate *in, const struct pyr_err *failure, struct pyr_err *err)
{
    if (failure->code != PYR_OK) {
        *err = *failure;
        return false;
    }
    if (is_pypy(in->maps)) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "this is PyPy, and only CPython can be read from outside");
    }
    return pyr_err_set(err, PYR_ERR_UNSUPPORTED, "there is no Python interpreter in it");
}

bool pyr_locate(const struct pyr_locate *in, struct pyr_location *location, struct pyr_err *err)
{
    struct pyr_err failure = {0};
    struct files files;
    list_files(in->maps, &files);
    bool found =
        try_files(in, &files, true, location, &failure) ||
        (failure.code != PYR_ERR_NOMEM && try_files(in, &files, false, location, &failure)) ||
        (failure.code == PYR_OK && pyr_locate_scan(in, location, &failure));
    if (!found) {
        return refuse(in, &failure, err);
    }
    if (location->asyncio_debug == 0) {
        (void)pyr_locate_asyncio(in, &location->asyncio_debug);
    }
    return true;
}
