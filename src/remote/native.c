/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native.h"

#include <string.h>

#include "base/mem.h"
#include "remote/native_dw.h"
#include "remote/native_modules.h"
#include "remote/native_symbols.h"
#include "remote/native_unwind.h"
#include "remote/perf_map.h"

struct pyr_native {
    struct pyr_dw dw;
    struct pyr_perf_map perf_map;
    struct pyr_native_modules modules;
    struct pyr_native_unwinder unwinder;
    struct pyr_native_symbols symbols;
    struct pyr_native_counts counts;
};

bool pyr_native_available(struct pyr_err *err)
{
    struct pyr_dw dw;
    if (!pyr_dw_open(&dw, err)) {
        return false;
    }
    pyr_dw_close(&dw);
    return true;
}

struct pyr_native *pyr_native_open(const struct pyr_target *target, struct pyr_err *err)
{
    if (target->is_core) {
        pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                    "native stacks of core files can't be had yet: a debugger shows them");
        return NULL;
    }
    struct pyr_native *native = pyr_mem_zalloc(1, sizeof *native);
    if (native == NULL) {
        pyr_err_nomem(err);
        return NULL;
    }
    bool named = false;
    pyr_perf_map_init(&native->perf_map, target->pid);
    if (!pyr_perf_map_refresh(&native->perf_map, &named, err) || !pyr_dw_open(&native->dw, err) ||
        !pyr_native_modules_open(&native->modules, &native->dw, target, err) ||
        !pyr_native_unwinder_open(&native->unwinder, &native->modules, &native->perf_map, err) ||
        !pyr_native_symbols_init(&native->symbols, &native->modules, &native->perf_map, err)) {
        pyr_native_close(native);
        return NULL;
    }
    return native;
}

void pyr_native_close(struct pyr_native *native)
{
    if (native == NULL) {
        return;
    }
    pyr_native_symbols_release(&native->symbols);
    pyr_native_unwinder_close(&native->unwinder);
    pyr_native_modules_close(&native->modules);
    pyr_perf_map_release(&native->perf_map);
    pyr_dw_close(&native->dw);
    pyr_mem_free(native);
}

bool pyr_native_copy(struct pyr_native *native, const struct pyr_stopper *stopper, uint32_t tid,
                     const struct pyr_raw_stack *python, struct pyr_err *err)
{
    return pyr_native_unwinder_copy(&native->unwinder, stopper, tid, python, err);
}

/* What begins a program or a thread in the C library has no name where symbols are stripped. */
static bool is_unnamed_start(const struct pyr_native_symbol *symbol,
                             const struct pyr_raw_frame *next)
{
    return (next == NULL || next->owner == PYR_NATIVE_BASE) &&
           strncmp(symbol->name, "0x", 2) == 0 && pyr_native_is_libc(symbol->module);
}

static bool add_roles(struct pyr_native *native, struct pyr_raw_stack *machine, uint32_t from,
                      struct pyr_err *err)
{
    for (uint32_t i = machine->count; i-- > from;) {
        struct pyr_raw_frame *frame = &machine->frames[i];
        const struct pyr_native_symbol *symbol =
            pyr_native_symbols_get(&native->symbols, frame->code, false, err);
        if (symbol == NULL) {
            return false;
        }
        frame->owner = (uint8_t)symbol->role;
        const bool last = i + 1 == machine->count;
        if (!machine->truncated && is_unnamed_start(symbol, last ? NULL : frame + 1)) {
            frame->owner = last ? PYR_NATIVE_BASE : PYR_NATIVE_HIDDEN;
        }
    }
    return true;
}

bool pyr_native_unwind(struct pyr_native *native, uint32_t tid, struct pyr_raw_stack *machine,
                       struct pyr_err *err)
{
    const uint32_t from = machine->count;
    bool moved = false;
    bool named = false;
    if (native->modules.lost && !pyr_perf_map_refresh(&native->perf_map, &named, err)) {
        return false;
    }
    if (!pyr_native_modules_refresh(&native->modules, &moved, err)) {
        return false;
    }
    if (moved || named) {
        pyr_native_symbols_forget(&native->symbols);
    }
    if (!pyr_native_unwinder_run(&native->unwinder, tid, machine, err) ||
        !add_roles(native, machine, from, err)) {
        return false;
    }
    native->counts.frames += machine->count - from;
    return true;
}

bool pyr_native_merge(struct pyr_native *native, const struct pyr_raw_stack *python,
                      const struct pyr_raw_stack *machine, bool whole, struct pyr_raw_stack *merged,
                      struct pyr_err *err)
{
    enum pyr_native_match match = PYR_NATIVE_MATCHED;
    const struct pyr_native_copied *copy = native->unwinder.copy;
    const bool placed = copy != NULL && copy->placed && copy->entry_count > 0;
    const struct pyr_native_stacks stacks = {
        .python = python,
        .machine = machine,
        .entries = placed ? copy->entries : NULL,
        .entry_count = placed ? copy->entry_count : 0,
        .whole = whole,
    };
    if (!pyr_native_merge_stacks(&stacks, merged, &match, err)) {
        return false;
    }
    native->counts.stacks++;
    native->counts.cut += match == PYR_NATIVE_CUT;
    native->counts.mismatched += match == PYR_NATIVE_MISMATCHED;
    return true;
}

const struct pyr_native_symbol *pyr_native_symbol(struct pyr_native *native, uint64_t pc)
{
    struct pyr_err err = {0};
    return pyr_native_symbols_get(&native->symbols, pc, true, &err);
}

const struct pyr_native_counts *pyr_native_counts(const struct pyr_native *native)
{
    return &native->counts;
}
