/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Codes: the code objects of a target that were met on its stacks, each read once.
 *
 * A code object is named by a small id, dense from 1, which stays good after the target has freed
 * the object and put another in its place: that gets an id of its own. Such replacement is noticed
 * by reading the object's head again (pyr_codes_check), not by its address alone.
 * Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "remote/layout.h"
#include "remote/lines.h"
#include "remote/memory.h"

#define PYR_CODE_MAX_NAME 1024 /* characters; longer names are cut, with an ellipsis */
#define PYR_CODES_CHECKED 16
#define PYR_CODE_MAX_LINE_TABLE (1u << 20) /* bytes; beyond, lines are the first line */

/* Texts are UTF-8, owned by the table, valid as long as it. */
struct pyr_code {
    uint64_t address;
    const char *qualname; /* co_name before 3.11 */
    const char *name;
    const char *file;
    uint32_t first_line;
    uint32_t flags;             /* co_flags */
    uint64_t instructions;      /* address of the first one; 0 up to 3.10 */
    uint32_t instructions_size; /* bytes */
    struct pyr_line_table lines;
    bool is_shim; /* the interpreter's own, as <shim> or __init__ of 3.13: not shown */
};

struct pyr_codes;

struct pyr_codes *pyr_codes_new(void); /* NULL when out of memory */
void pyr_codes_free(struct pyr_codes *codes);
/* What is cached stays true only while the target is the same program: after exec() or in another
 * process take another table, or say here that addresses mean nothing any more. Ids stay good. */
void pyr_codes_forget_addresses(struct pyr_codes *codes);

/* The id of the code object at `address`, read if it is new or was not checked lately (see
 * pyr_codes_new_epoch). 0 when there is no code object that can be read: then nothing is cached. */
uint32_t pyr_codes_id(struct pyr_codes *codes, struct pyr_memory *memory,
                      const struct pyr_layout *layout, uint64_t address);
/* Looks, in one read for every PYR_CODES_CHECKED, whether the code objects at the addresses are
 * still those that are known; addresses that aren't known are left out. False when one is another
 * by its head, or can't be read: then say pyr_codes_new_epoch(), as others may have been replaced
 * with it. */
bool pyr_codes_check(const struct pyr_codes *codes, struct pyr_memory *memory,
                     const struct pyr_layout *layout, const uint64_t *addresses, uint32_t count);
/* From now on each code is checked again the first time it is asked for: say it when code objects
 * may have been freed (3.14+: the generation counter moved; before: every 100 ms). */
void pyr_codes_new_epoch(struct pyr_codes *codes);
/* `id` must have come from this table. Valid until the next call that adds. */
const struct pyr_code *pyr_codes_get(const struct pyr_codes *codes, uint32_t id);
uint32_t pyr_codes_count(const struct pyr_codes *codes);
