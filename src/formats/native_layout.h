/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Layout of the native file: the numbers of docs/format.md, shared by its writer and its reader.
 *
 * A file is a header and then sections; some sections in a row, closed by a commit (or by the end
 * mark), are a batch, and only whole batches count. Nothing here allocates. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* The high bit, both line ends and Ctrl-Z: whatever treats the file as text breaks them. */
#define PYR_NATIVE_MAGIC "\x89PYR\r\n\x1A\n"
#define PYR_NATIVE_MAGIC_BYTES 8
#define PYR_NATIVE_MAJOR 1
#define PYR_NATIVE_MINOR 0
#define PYR_NATIVE_FILE_HEADER_BYTES 16
#define PYR_NATIVE_SECTION_HEADER_BYTES 32
#define PYR_NATIVE_COMMIT_BYTES 12

#define PYR_NATIVE_OPTIONAL 1u /* a reader that does not know the type may skip the section */
#define PYR_NATIVE_ZSTD 2u     /* the payload is one zstd frame */

/* Four letters, first one in the lowest byte, so that a hex dump shows the word. */
#define PYR_NATIVE_LETTERS(a, b, c, d)                                                             \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

enum pyr_native_type {
    PYR_NATIVE_STRINGS = PYR_NATIVE_LETTERS('S', 'T', 'R', 'S'),
    PYR_NATIVE_FUNCTIONS = PYR_NATIVE_LETTERS('F', 'U', 'N', 'C'),
    PYR_NATIVE_FRAMES = PYR_NATIVE_LETTERS('F', 'R', 'A', 'M'),
    PYR_NATIVE_STACKS = PYR_NATIVE_LETTERS('S', 'T', 'A', 'K'),
    PYR_NATIVE_METRICS = PYR_NATIVE_LETTERS('M', 'E', 'T', 'R'),
    PYR_NATIVE_THREADS = PYR_NATIVE_LETTERS('T', 'H', 'R', 'D'),
    PYR_NATIVE_VALUES = PYR_NATIVE_LETTERS('V', 'A', 'L', 'S'),
    PYR_NATIVE_RUNS = PYR_NATIVE_LETTERS('R', 'U', 'N', 'S'),
    PYR_NATIVE_META = PYR_NATIVE_LETTERS('M', 'E', 'T', 'A'),
    PYR_NATIVE_COMMIT = PYR_NATIVE_LETTERS('C', 'O', 'M', 'T'),
    PYR_NATIVE_END = PYR_NATIVE_LETTERS('E', 'N', 'D', 'F'),
};

/* Columns of the sections that have a fixed number of them. */
#define PYR_NATIVE_STRING_COLUMNS 2   /* length, text */
#define PYR_NATIVE_FUNCTION_COLUMNS 5 /* qualname, module, file, first line, kind */
#define PYR_NATIVE_FRAME_COLUMNS 2    /* function, line */
#define PYR_NATIVE_STACK_COLUMNS 2    /* parent, frame */
#define PYR_NATIVE_METRIC_COLUMNS 2   /* name, unit */
#define PYR_NATIVE_THREAD_COLUMNS                                                                  \
    13                             /* id, pid, tid, name, kind, parent, tag, entry; and figures: */
#define PYR_NATIVE_THREAD_STEPS 8  /* start, end, switches, starved, flags are the rest */
#define PYR_NATIVE_THREAD_LEAST 5  /* a section may end with any column from kind on */
#define PYR_NATIVE_VALUE_COLUMNS 2 /* stack, thread; and one per metric after them */
#define PYR_NATIVE_RUN_COLUMNS 4   /* thread, stack, start, duration */
#define PYR_NATIVE_META_COLUMNS 3  /* key, kind, value */
#define PYR_NATIVE_MAX_COLUMNS 18

#define PYR_NATIVE_STARVED_KNOWN 1u /* flag of a thread */

enum pyr_native_meta_kind {
    PYR_NATIVE_META_TEXT = 0,
    PYR_NATIVE_META_NUMBER = 1,
};

/* What stands before each payload; 32 bytes in the file, the last four their own checksum. */
struct pyr_native_section {
    uint32_t type;
    uint32_t flags;
    uint32_t first; /* the id that the next new row of the table has; for a commit: its number */
    uint32_t rows;  /* for a commit: the sections of its batch */
    uint32_t stored_bytes;
    uint32_t size_bytes; /* uncompressed */
    uint32_t payload_crc;
};

void pyr_native_section_put(struct pyr_buf *out, const struct pyr_native_section *section);
/* False when the header's own checksum is wrong. `bytes` are the 32 of the header. */
PYR_MUST_USE bool pyr_native_section_get(const uint8_t *bytes, struct pyr_native_section *section);
/* The four letters for a message, in `text`; what is not a letter becomes '?'. */
const char *pyr_native_type_name(uint32_t type, char text[5]);

/* What a reader accepts. A writer keeps to the same, so that what it writes can be read. */
#define PYR_NATIVE_MAX_SECTION_BYTES ((uint32_t)64 << 20)
#define PYR_NATIVE_MAX_MEMORY_BYTES ((uint64_t)2 << 30)
#define PYR_NATIVE_FREE_BYTES ((uint64_t)64 << 20)
#define PYR_NATIVE_MAX_RATIO 1024

struct pyr_native_budget {
    uint64_t unpacked_bytes; /* of all payloads so far */
    uint64_t memory_bytes;   /* about what the tables need */
};

/* About what one row of a section needs in memory; `columns` as the section has them. */
uint64_t pyr_native_row_cost(uint32_t type, uint32_t columns);
/* 64 MiB and 1024 times the file: what both sums of the budget may reach. */
uint64_t pyr_native_allowance(uint64_t file_bytes);
PYR_MUST_USE bool pyr_native_budget_check(const struct pyr_native_budget *budget,
                                          uint64_t file_bytes, struct pyr_err *err);
