/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds the reader of ELF files: all that is asked of a program. */
#include "remote/elf_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pyr_elf elf;
    struct pyr_err err = {0};
    struct pyr_elf_symbol symbols[] = {{.name = "_PyRuntime"}, {.name = "interp_head"}};
    uint8_t id[PYR_ELF_MAX_BUILD_ID];
    uint64_t bias = 0;
    if (!pyr_elf_open_bytes(&elf, data, size, &err)) {
        return 0;
    }
    (void)!pyr_elf_find_symbols(&elf, symbols, 2, &err);
    (void)pyr_elf_section(&elf, ".PyRuntime");
    (void)pyr_elf_build_id(&elf, id);
    for (uint64_t offset = 0; offset < 0x8000; offset += 0x1000) {
        (void)pyr_elf_bias(&elf, 0x400000, offset, &bias);
    }
    pyr_elf_release(&elf);
    return 0;
}
