/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "remote/native_names.h"

#define MAX_NAME 512 /* bytes that are shown; C++ templates know no end */

bool pyr_native_symbols_init(struct pyr_native_symbols *symbols, struct pyr_native_modules *modules,
                             struct pyr_perf_map *perf_map, struct pyr_err *err)
{
    memset(symbols, 0, sizeof *symbols);
    symbols->modules = modules;
    symbols->perf_map = perf_map;
    symbols->arena = pyr_arena_new();
    if (symbols->arena != NULL) {
        symbols->texts = pyr_strtab_new(symbols->arena);
    }
    if (symbols->texts == NULL) {
        pyr_native_symbols_release(symbols);
        return pyr_err_nomem(err);
    }
    return true;
}

void pyr_native_symbols_release(struct pyr_native_symbols *symbols)
{
    pyr_strtab_free(symbols->texts);
    pyr_arena_free(symbols->arena);
    pyr_mem_free(symbols->known);
    pyr_map_release(&symbols->by_pc);
    memset(symbols, 0, sizeof *symbols);
}

void pyr_native_symbols_forget(struct pyr_native_symbols *symbols)
{
    pyr_map_clear(&symbols->by_pc);
    symbols->count = 0;
}

static bool intern(struct pyr_native_symbols *symbols, const char *text, const char **kept,
                   struct pyr_err *err)
{
    pyr_str id = {0};
    if (!pyr_strtab_add(symbols->texts, text, strlen(text), &id, err)) {
        return false;
    }
    *kept = pyr_strtab_text(symbols->texts, id);
    return true;
}

/* A function without a symbol is named by its place in its file, which unwind tables tell: so all
 * of it has one name, today and tomorrow. */
static void name_by_place(const struct pyr_native_module *module, uint64_t pc, char *name,
                          size_t size)
{
    const struct pyr_dw *dw = module->modules->dw;
    Dwarf_Addr bias = 0;
    Dwarf_Addr start = 0;
    Dwarf_Addr end = 0;
    Dwarf_Frame *row = NULL;
    Dwarf_CFI *table = dw->unwind_table(module->dwfl, &bias);
    snprintf(name, size, "??");
    if (table == NULL || dw->unwind_row(table, pc - bias, &row) != 0) {
        return;
    }
    if (dw->unwind_row_info(row, &start, &end, NULL) >= 0) {
        snprintf(name, size, "0x%" PRIx64, (uint64_t)start);
    }
    pyr_mem_free(row);
}

static bool name_in_module(struct pyr_native_symbols *symbols, struct pyr_native_module *module,
                           struct pyr_native_known *known, struct pyr_err *err)
{
    const struct pyr_native_function *function = NULL;
    char name[MAX_NAME];
    if (!pyr_native_modules_function(module, known->pc, &function, err)) {
        return false;
    }
    const char *symbol = function != NULL ? function->symbol : "";
    known->symbol.role = pyr_native_role(symbol, module->name, module->interpreter);
    if (function != NULL) {
        known->start = function->start;
        pyr_native_tidy(symbol, name, sizeof name);
        pyr_dw_demangle(symbols->modules->dw, name, sizeof name);
    } else {
        name_by_place(module, known->pc, name, sizeof name);
    }
    return intern(symbols, name[0] != '\0' ? name : "??", &known->symbol.name, err) &&
           intern(symbols, module->name, &known->symbol.module, err);
}

static bool name_generated(struct pyr_native_symbols *symbols, struct pyr_native_known *known,
                           struct pyr_err *err)
{
    const struct pyr_perf_symbol *found = pyr_perf_map_find(symbols->perf_map, known->pc);
    const char *name = found != NULL ? found->name : "??";
    known->placed = true;
    known->symbol.role = pyr_native_role(name, "", false);
    return intern(symbols, name, &known->symbol.name, err);
}

static bool name(struct pyr_native_symbols *symbols, struct pyr_native_known *known,
                 struct pyr_err *err)
{
    struct pyr_native_module *module = pyr_native_modules_find(symbols->modules, known->pc);
    known->symbol.name = known->symbol.module = known->symbol.file = "";
    return module != NULL ? name_in_module(symbols, module, known, err)
                          : name_generated(symbols, known, err);
}

/* The source's file and line of `pc`; "" when there is no debug information for it. */
static const char *source_of(const struct pyr_native_module *module, uint64_t pc, uint32_t *line)
{
    const struct pyr_dw *dw = module->modules->dw;
    int number = 0;
    Dwfl_Line *row = dw->source(module->dwfl, pc);
    const char *file = row != NULL ? dw->line_info(row, NULL, &number, NULL, NULL, NULL) : NULL;
    *line = file != NULL && number > 0 ? (uint32_t)number : 0;
    return file != NULL ? file : "";
}

static bool place(struct pyr_native_symbols *symbols, struct pyr_native_known *known,
                  struct pyr_err *err)
{
    struct pyr_native_module *module = pyr_native_modules_find(symbols->modules, known->pc);
    uint32_t first = 0;
    uint32_t line = 0;
    known->placed = true;
    if (module == NULL || known->start == 0) {
        return true;
    }
    if (!intern(symbols, source_of(module, known->start, &first), &known->symbol.file, err)) {
        return false;
    }
    known->symbol.first_line = first;
    /* What the compiler inlined here may be of another file, whose lines would mislead. */
    const char *file = source_of(module, known->pc, &line);
    known->symbol.line = strcmp(file, known->symbol.file) == 0 ? line : 0;
    return true;
}

static struct pyr_native_known *find_or_name(struct pyr_native_symbols *symbols, uint64_t pc,
                                             struct pyr_err *err)
{
    const uint32_t index = pyr_map_get(&symbols->by_pc, pc);
    if (index != 0) {
        return &symbols->known[index - 1];
    }
    if (!pyr_mem_grow(&symbols->known, &symbols->cap, (size_t)symbols->count + 1,
                      sizeof *symbols->known, err)) {
        return NULL;
    }
    struct pyr_native_known *known = &symbols->known[symbols->count];
    *known = (struct pyr_native_known){.pc = pc};
    if (!name(symbols, known, err) || !pyr_map_put(&symbols->by_pc, pc, symbols->count + 1, err)) {
        return NULL;
    }
    symbols->count++;
    return known;
}

const struct pyr_native_symbol *pyr_native_symbols_get(struct pyr_native_symbols *symbols,
                                                       uint64_t pc, bool with_place,
                                                       struct pyr_err *err)
{
    struct pyr_native_known *known = find_or_name(symbols, pc, err);
    if (known == NULL || (with_place && !known->placed && !place(symbols, known, err))) {
        return NULL;
    }
    return &known->symbol;
}
