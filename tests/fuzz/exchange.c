/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <stdlib.h>

static void must(bool holds)
{
    if (!holds) {
        abort(); /* what the fuzzer reports */
    }
}

/* A bound that was stated is no fault, as long as it is the reason given. */
static bool is_excused(const struct pyr_err *err)
{
    return err->code == PYR_ERR_LIMIT;
}

static void write_and_read(const struct pyr_format *format, const struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    struct pyr_buf file = {0};
    struct pyr_profile *back = NULL;
    if (!format->write(profile, NULL, &file, &err)) {
        must(is_excused(&err));
    } else if (format->read != NULL) {
        const uint8_t *data = file.data == NULL ? (const uint8_t *)"" : (const uint8_t *)file.data;
        must(format->read(data, file.len, &back, &err) || is_excused(&err));
    }
    pyr_profile_free(back);
    pyr_buf_release(&file);
}

void exchange_try(const struct pyr_format *format, const uint8_t *data, size_t size)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    (void)format->sniff(data, size);
    if (!format->read(data, size, &profile, &err)) {
        must(profile == NULL && err.code != PYR_OK && err.message[0] != '\0');
        return;
    }
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        if (pyr_formats[i]->write != NULL) {
            write_and_read(pyr_formats[i], profile);
        }
    }
    pyr_profile_free(profile);
}
