/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_dw.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define RUST_HASH_LENGTH 19 /* "::h" and 16 hexadecimal digits */

struct function {
    const char *name;
    size_t place;
    bool optional;
};

static const struct function functions[] = {
    {"dwfl_begin", offsetof(struct pyr_dw, begin), false},
    {"dwfl_end", offsetof(struct pyr_dw, end), false},
    {"dwfl_errno", offsetof(struct pyr_dw, last_error), false},
    {"dwfl_errmsg", offsetof(struct pyr_dw, error_text), false},
    {"dwfl_report_begin", offsetof(struct pyr_dw, report_begin), false},
    {"dwfl_report_module", offsetof(struct pyr_dw, report_module), false},
    {"dwfl_report_end", offsetof(struct pyr_dw, report_end), false},
    {"dwfl_addrmodule", offsetof(struct pyr_dw, find_module), false},
    {"dwfl_module_info", offsetof(struct pyr_dw, module_info), false},
    {"dwfl_build_id_find_debuginfo", offsetof(struct pyr_dw, find_debug_file), false},
    {"dwfl_module_getsymtab", offsetof(struct pyr_dw, count_symbols), false},
    {"dwfl_module_getsym_info", offsetof(struct pyr_dw, symbol), false},
    {"dwfl_module_getsrc", offsetof(struct pyr_dw, source), false},
    {"dwfl_lineinfo", offsetof(struct pyr_dw, line_info), false},
    {"dwfl_module_eh_cfi", offsetof(struct pyr_dw, unwind_table), false},
    {"dwarf_cfi_addrframe", offsetof(struct pyr_dw, unwind_row), false},
    {"dwarf_frame_info", offsetof(struct pyr_dw, unwind_row_info), false},
    {"dwfl_attach_state", offsetof(struct pyr_dw, attach), false},
    {"dwfl_getthread_frames", offsetof(struct pyr_dw, frames), false},
    {"dwfl_thread_state_registers", offsetof(struct pyr_dw, set_registers), false},
    {"dwfl_frame_pc", offsetof(struct pyr_dw, frame_pc), false},
    {"dwfl_frame_reg", offsetof(struct pyr_dw, frame_register), true},
    {"elf_version", offsetof(struct pyr_dw, elf_version), false},
    {"elf_memory", offsetof(struct pyr_dw, elf_memory), false},
    {"elf_end", offsetof(struct pyr_dw, elf_end), false},
};

static bool resolve(struct pyr_dw *dw, struct pyr_err *err)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        /* What the library itself needs, as libelf, is searched too. */
        void *address = dlsym(dw->library, functions[i].name);
        if (address == NULL && !functions[i].optional) {
            return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                               "native stacks need elfutils' libdw, and the one installed has no "
                               "%s: install a newer one (0.170 or later)",
                               functions[i].name);
        }
        memcpy((char *)dw + functions[i].place, &address, sizeof address);
    }
    return true;
}

bool pyr_dw_open(struct pyr_dw *dw, struct pyr_err *err)
{
    memset(dw, 0, sizeof *dw);
    dw->library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
    if (dw->library == NULL) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "native stacks need elfutils' libdw, which is not installed here: "
                           "install the package libdw1 (Debian, Ubuntu), elfutils-libs (Fedora) "
                           "or elfutils (Arch, Alpine)");
    }
    if (!resolve(dw, err)) {
        pyr_dw_close(dw);
        return false;
    }
    dw->elf_version(EV_CURRENT);
    dw->demangler = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
    if (dw->demangler != NULL) {
        void *address = dlsym(dw->demangler, "__cxa_demangle");
        memcpy(&dw->demangle, &address, sizeof address);
    }
    return true;
}

void pyr_dw_close(struct pyr_dw *dw)
{
    if (dw->demangler != NULL) {
        dlclose(dw->demangler);
    }
    if (dw->library != NULL) {
        dlclose(dw->library);
    }
    memset(dw, 0, sizeof *dw);
}

/* Rust ends each name with a hash, which says nothing to a reader. */
static void cut_hash(char *text)
{
    const size_t length = strlen(text);
    if (length <= RUST_HASH_LENGTH) {
        return;
    }
    char *hash = text + length - RUST_HASH_LENGTH;
    if (strncmp(hash, "::h", 3) != 0) {
        return;
    }
    for (const char *digit = hash + 3; *digit != '\0'; digit++) {
        if (!isxdigit((unsigned char)*digit)) {
            return;
        }
    }
    *hash = '\0';
}

void pyr_dw_demangle(const struct pyr_dw *dw, char *text, size_t size)
{
    int status = -1;
    if (dw->demangle == NULL || strncmp(text, "_Z", 2) != 0) {
        return;
    }
    char *written = dw->demangle(text, NULL, NULL, &status);
    if (written != NULL && status == 0) {
        cut_hash(written);
        snprintf(text, size, "%s", written);
    }
    pyr_mem_free(written);
}
