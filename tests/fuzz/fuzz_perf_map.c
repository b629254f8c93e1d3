/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds the reader of /tmp/perf-PID.map, and what makes names of symbols: both are the program's.
 */
#include <stdlib.h>
#include <string.h>

#include "remote/native_names.h"
#include "remote/perf_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pyr_perf_map map;
    struct pyr_err err = {0};
    char tidy[64];
    pyr_perf_map_init(&map, 1);
    if (!pyr_perf_map_parse(&map, (const char *)data, size, &err)) {
        abort();
    }
    uint64_t before = 0;
    for (uint32_t i = 0; i < map.count; i++) {
        const struct pyr_perf_symbol *symbol = &map.symbols[i];
        if (symbol->start < before || symbol->size == 0 ||
            strlen(symbol->name) > PYR_PERF_MAP_MAX_NAME) {
            abort();
        }
        before = symbol->start;
        const struct pyr_perf_symbol *found =
            pyr_perf_map_find(&map, symbol->start + symbol->size - 1);
        if (found != NULL && found->start > symbol->start + symbol->size - 1) {
            abort();
        }
        pyr_native_tidy(symbol->name, tidy, sizeof tidy);
        if (strlen(tidy) >= sizeof tidy) {
            abort();
        }
        (void)pyr_native_role(symbol->name, symbol->name, i % 2 == 0);
    }
    pyr_perf_map_release(&map);
    return 0;
}
