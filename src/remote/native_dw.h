/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* elfutils' libdw, found when it is first needed: a build of Pyrometer needs its headers only, and
 * runs where it is not installed, for all but native stacks. */
#pragma once

#include <stdbool.h>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <libelf.h>

#include "base/err.h"

/* Named as the library's functions are, without dwfl_, dwarf_ and dwfl_module_. */
struct pyr_dw {
    void *library;
    void *demangler; /* the C++ library; NULL where there is none */

    __typeof__(dwfl_begin) *begin;
    __typeof__(dwfl_end) *end;
    __typeof__(dwfl_errno) *last_error;
    __typeof__(dwfl_errmsg) *error_text;
    __typeof__(dwfl_report_begin) *report_begin;
    __typeof__(dwfl_report_module) *report_module;
    __typeof__(dwfl_report_end) *report_end;
    __typeof__(dwfl_addrmodule) *find_module;
    __typeof__(dwfl_module_info) *module_info;
    __typeof__(dwfl_build_id_find_debuginfo) *find_debug_file;
    __typeof__(dwfl_module_getsymtab) *count_symbols;
    __typeof__(dwfl_module_getsym_info) *symbol;
    __typeof__(dwfl_module_getsrc) *source;
    __typeof__(dwfl_lineinfo) *line_info;
    __typeof__(dwfl_module_eh_cfi) *unwind_table;
    __typeof__(dwarf_cfi_addrframe) *unwind_row;
    __typeof__(dwarf_frame_info) *unwind_row_info;
    __typeof__(dwfl_attach_state) *attach;
    __typeof__(dwfl_getthread_frames) *frames;
    __typeof__(dwfl_thread_state_registers) *set_registers;
    __typeof__(dwfl_frame_pc) *frame_pc;
    __typeof__(dwfl_frame_reg) *frame_register; /* NULL before elfutils 0.188 */
    __typeof__(elf_version) *elf_version;
    __typeof__(elf_memory) *elf_memory;
    __typeof__(elf_end) *elf_end;

    char *(*demangle)(const char *name, char *into, size_t *size, int *status); /* may be NULL */
};

/* Fails with PYR_ERR_UNSUPPORTED, and what to install, where the library is not there. */
PYR_MUST_USE bool pyr_dw_open(struct pyr_dw *dw, struct pyr_err *err);
void pyr_dw_close(struct pyr_dw *dw); /* zeroed is allowed */

/* Replaces the name of a C++ or Rust function in `text` by what was written, if it is one. */
void pyr_dw_demangle(const struct pyr_dw *dw, char *text, size_t size);
