/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Modules: which module a source file is, judged by its path and by the packages around it, as the
 * target sees them. Nothing of the target is read, only whether files are there. */
#pragma once

#include <stdint.h>

struct pyr_module {
    char name[256];   /* "json.decoder"; "" when the file is none, as "<string>" */
    const char *file; /* the part of the path from the outermost package on; borrowed from it */
};

/* `file` as a code object of process `pid` says. */
void pyr_module_find(uint32_t pid, const char *file, struct pyr_module *module);
