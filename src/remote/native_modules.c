/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define MAX_VDSO (1u << 20)
#define MAX_FUNCTIONS 4000000
#define MAX_UNSIZED 4096 /* bytes that a function without a size is thought to have at most */
#define FIRST_PATIENCE_NS 50000000u
#define MAX_PATIENCE_NS 10000000000u

static bool is_vdso(const struct pyr_map_entry *entry)
{
    return strcmp(entry->path, "[vdso]") == 0;
}

/* The kernel's library has no file: its bytes are in the process. */
static void open_vdso(struct pyr_native_modules *modules, const struct pyr_map_entry *entry,
                      Elf **elf)
{
    const size_t size = (size_t)(entry->end - entry->start);
    if (modules->vdso != NULL || size > MAX_VDSO) {
        return;
    }
    modules->vdso = pyr_mem_alloc(size);
    if (modules->vdso != NULL &&
        pyr_memory_read(modules->target->memory, entry->start, modules->vdso, size)) {
        *elf = modules->dw->elf_memory(modules->vdso, size);
    }
}

/* Called by libdw when it first needs a module's file. */
static int find_elf(Dwfl_Module *mod, void **data, const char *name, Dwarf_Addr base, char **path,
                    Elf **elf)
{
    (void)mod;
    (void)base;
    const struct pyr_native_module *module = *data;
    struct pyr_native_modules *modules = module->modules;
    const struct pyr_map_entry *entry = pyr_maps_find(&modules->maps, module->start);
    if (entry == NULL) {
        return -1;
    }
    if (is_vdso(entry)) {
        open_vdso(modules, entry, elf);
        return -1;
    }
    *path = pyr_mem_strdup(name); /* libdw frees it */
    if (*path == NULL) {
        modules->failed = true;
        return -1;
    }
    return pyr_maps_open(entry, modules->target->pid);
}

static void free_module(struct pyr_native_module *module)
{
    pyr_mem_free(module->functions);
    pyr_mem_free(module->path);
    pyr_mem_free(module);
}

/* Called by libdw for a module that was not reported again. */
static int forget_module(Dwfl_Module *mod, void *data, const char *name, Dwarf_Addr start,
                         void *context)
{
    (void)mod;
    (void)name;
    (void)start;
    struct pyr_native_modules *modules = context;
    for (uint32_t i = 0; i < modules->count; i++) {
        if (modules->items[i] == data) {
            free_module(modules->items[i]);
            modules->items[i] = modules->items[--modules->count];
            break;
        }
    }
    return DWARF_CB_OK;
}

static struct pyr_native_module *new_module(struct pyr_native_modules *modules, const char *path,
                                            uint64_t start, struct pyr_err *err)
{
    struct pyr_native_module *module = pyr_mem_zalloc(1, sizeof *module);
    char *copy = pyr_mem_strdup(path);
    if (module == NULL || copy == NULL ||
        !pyr_mem_grow(&modules->items, &modules->cap, (size_t)modules->count + 1,
                      sizeof(struct pyr_native_module *), err)) {
        pyr_mem_free(module);
        pyr_mem_free(copy);
        pyr_err_nomem(err);
        return NULL;
    }
    const char *slash = strrchr(copy, '/');
    *module = (struct pyr_native_module){
        .modules = modules,
        .path = copy,
        .name = slash != NULL && slash[1] != '\0' ? slash + 1 : copy,
        .start = start,
    };
    modules->items[modules->count++] = module;
    return module;
}

static bool report(struct pyr_native_modules *modules, const struct pyr_map_entry *first,
                   uint64_t end, uint64_t next, struct pyr_err *err)
{
    const struct pyr_dw *dw = modules->dw;
    const uint64_t runtime = modules->target->runtime;
    Dwfl_Module *mod = dw->report_module(modules->dwfl, first->path, first->start, end);
    if (mod == NULL) {
        return pyr_err_set(err, PYR_ERR_NOMEM, "libdw: %s", dw->error_text(-1));
    }
    void **data = NULL;
    dw->module_info(mod, &data, NULL, NULL, NULL, NULL, NULL, NULL);
    if (*data == NULL) {
        *data = new_module(modules, first->path, first->start, err);
        if (*data == NULL) {
            return false;
        }
    }
    struct pyr_native_module *module = *data;
    module->dwfl = mod;
    module->end = end;
    /* Its variables may lie behind what is mapped from the file. */
    module->interpreter = first->start <= runtime && runtime < next;
    return true;
}

/* A module is a file's mapping from its beginning, and what follows of the same file. */
static bool report_all(struct pyr_native_modules *modules, struct pyr_err *err)
{
    const struct pyr_maps *maps = &modules->maps;
    for (uint32_t i = 0; i < maps->count;) {
        const struct pyr_map_entry *first = &maps->entries[i++];
        bool code = first->executable;
        uint64_t end = first->end;
        if (!is_vdso(first) && (first->inode == 0 || first->offset != 0)) {
            continue;
        }
        while (i < maps->count &&
               (maps->entries[i].inode == 0 ||
                (maps->entries[i].inode == first->inode &&
                 maps->entries[i].device == first->device && maps->entries[i].offset != 0)) &&
               maps->entries[i].path[0] != '[') {
            const struct pyr_map_entry *entry = &maps->entries[i++];
            if (entry->inode != 0) {
                end = entry->end;
                code = code || entry->executable;
            }
        }
        const uint64_t next = i < maps->count ? maps->entries[i].start : UINT64_MAX;
        if (code && !report(modules, first, end, next, err)) {
            return false;
        }
    }
    return true;
}

static bool read_modules(struct pyr_native_modules *modules, bool *moved, struct pyr_err *err)
{
    struct pyr_maps maps = {0};
    const uint32_t before = modules->count;
    modules->refreshed_ns = pyr_clock_monotonic_ns();
    modules->lost = false;
    if (!pyr_maps_read(&maps, modules->target->pid, err)) {
        return false;
    }
    pyr_maps_release(&modules->maps);
    modules->maps = maps;
    modules->dw->report_begin(modules->dwfl);
    const bool ok = report_all(modules, err);
    const uint32_t reported = modules->count;
    modules->dw->report_end(modules->dwfl, forget_module, modules);
    *moved = reported != before || modules->count != reported;
    modules->patience_ns = *moved ? FIRST_PATIENCE_NS : 2 * modules->patience_ns;
    if (modules->patience_ns > MAX_PATIENCE_NS) {
        modules->patience_ns = MAX_PATIENCE_NS;
    }
    return ok;
}

bool pyr_native_modules_open(struct pyr_native_modules *modules, const struct pyr_dw *dw,
                             const struct pyr_target *target, struct pyr_err *err)
{

    bool moved = false;
    memset(modules, 0, sizeof *modules);
    modules->dw = dw;
    modules->target = target;
    modules->patience_ns = FIRST_PATIENCE_NS;
    /* Below the process's own root first, which may be a container's; then ours. */
    snprintf(modules->debug_path, sizeof modules->debug_path,
             "/proc/%u/root/usr/lib/debug:/usr/lib/debug", target->pid);
    modules->debug_paths = modules->debug_path;
    modules->callbacks = (Dwfl_Callbacks){
        .find_elf = find_elf,
        .find_debuginfo = dw->find_debug_file,
        .debuginfo_path = &modules->debug_paths,
    };
    modules->dwfl = dw->begin(&modules->callbacks);
    if (modules->dwfl == NULL) {
        return pyr_err_set(err, PYR_ERR_NOMEM, "libdw: %s", dw->error_text(-1));
    }
    if (!read_modules(modules, &moved, err)) {
        pyr_native_modules_close(modules);
        return false;
    }
    return true;
}

void pyr_native_modules_close(struct pyr_native_modules *modules)
{
    if (modules->dwfl != NULL) {
        modules->dw->end(modules->dwfl);
    }
    for (uint32_t i = 0; i < modules->count; i++) {
        free_module(modules->items[i]);
    }
    pyr_mem_free(modules->items);
    pyr_mem_free(modules->vdso);
    pyr_maps_release(&modules->maps);
    memset(modules, 0, sizeof *modules);
}

bool pyr_native_modules_refresh(struct pyr_native_modules *modules, bool *moved,
                                struct pyr_err *err)
{
    *moved = false;
    if (modules->failed) {
        return pyr_err_nomem(err);
    }
    if (!modules->lost || pyr_clock_monotonic_ns() - modules->refreshed_ns < modules->patience_ns) {
        return true;
    }
    return read_modules(modules, moved, err);
}

struct pyr_native_module *pyr_native_modules_find(struct pyr_native_modules *modules, uint64_t pc)
{
    void **data = NULL;
    Dwfl_Module *mod = modules->dw->find_module(modules->dwfl, pc);
    if (mod == NULL) {
        modules->lost = true;
        return NULL;
    }
    modules->dw->module_info(mod, &data, NULL, NULL, NULL, NULL, NULL, NULL);
    struct pyr_native_module *module = *data;
    if (pc >= module->end) { /* libdw lets modules reach up to the next one */
        modules->lost = true;
        return NULL;
    }
    return module;
}

bool pyr_native_modules_executable(struct pyr_native_modules *modules, uint64_t pc)
{
    const struct pyr_map_entry *entry = pyr_maps_find(&modules->maps, pc);
    if (entry == NULL || !entry->executable) {
        modules->lost = true;
        return false;
    }
    return true;
}

/* Of several names, one that is for everyone and not for insiders: qsort_r before __qsort_r. */
static uint32_t rank_of(const char *symbol, const GElf_Sym *sym)
{
    uint32_t rank = 0;
    while (symbol[rank] == '_') {
        rank++;
    }
    return 4 * rank + (GELF_ST_BIND(sym->st_info) == STB_LOCAL);
}

static int compare_functions(const void *left, const void *right)
{
    const struct pyr_native_function *a = left;
    const struct pyr_native_function *b = right;
    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    return strcmp(a->symbol, b->symbol);
}

static void keep_one_name_each(struct pyr_native_module *module)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < module->function_count; i++) {
        struct pyr_native_function *function = &module->functions[i];
        if (kept > 0 && module->functions[kept - 1].start == function->start) {
            struct pyr_native_function *same = &module->functions[kept - 1];
            same->size = same->size > function->size ? same->size : function->size;
        } else {
            module->functions[kept++] = *function;
        }
    }
    module->function_count = kept;
}

static bool list_functions(struct pyr_native_module *module, struct pyr_err *err)
{
    const struct pyr_dw *dw = module->modules->dw;
    const int count = dw->count_symbols(module->dwfl);
    if (module->modules->failed) {
        return pyr_err_nomem(err);
    }
    for (int i = 1; i < count && i < MAX_FUNCTIONS; i++) {
        GElf_Sym sym;
        GElf_Addr address = 0;
        GElf_Word section = SHN_UNDEF;
        const char *symbol = dw->symbol(module->dwfl, i, &sym, &address, &section, NULL, NULL);
        if (symbol == NULL || symbol[0] == '\0' || section == SHN_UNDEF ||
            (GELF_ST_TYPE(sym.st_info) != STT_FUNC && GELF_ST_TYPE(sym.st_info) != STT_GNU_IFUNC)) {
            continue;
        }
        if (!pyr_mem_grow(&module->functions, &module->function_cap,
                          (size_t)module->function_count + 1, sizeof *module->functions, err)) {
            return false;
        }
        module->functions[module->function_count++] = (struct pyr_native_function){
            .start = address,
            .size = sym.st_size,
            .symbol = symbol,
            .rank = rank_of(symbol, &sym),
        };
    }
    if (module->function_count > 0) {
        qsort(module->functions, module->function_count, sizeof *module->functions,
              compare_functions);
    }
    keep_one_name_each(module);
    module->listed = true;
    return true;
}

bool pyr_native_modules_function(struct pyr_native_module *module, uint64_t pc,
                                 const struct pyr_native_function **function, struct pyr_err *err)
{
    *function = NULL;
    if (!module->listed && !list_functions(module, err)) {
        return false;
    }
    uint32_t low = 0;
    uint32_t high = module->function_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (module->functions[middle].start <= pc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return true;
    }
    const struct pyr_native_function *found = &module->functions[low - 1];
    const uint64_t size = found->size != 0 ? found->size : MAX_UNSIZED;
    *function = pc - found->start < size ? found : NULL;
    return true;
}
