/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Record output: the file that a recording goes to while it runs, so that a recorder which is
 * killed loses what came after the last flush; and numbered files of periods and moments. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "formats/native.h"

/* Start with `path` alone set. */
struct pyr_record_output {
    const char *path; /* of the .pyro file; borrowed */
    struct pyr_native_writer *writer;
    uint64_t whole_bytes; /* of the file when all of it was written at once */
};

/* Appends what is new; nothing is written before there is a sample. What is stated again at every
 * flush adds up, so from time to time the whole file is written anew and takes the other's place.
 */
PYR_MUST_USE bool pyr_record_output_flush(struct pyr_record_output *output,
                                          struct pyr_profile *profile, struct pyr_err *err);
/* Completes the file, with or without samples. */
PYR_MUST_USE bool pyr_record_output_close(struct pyr_record_output *output,
                                          struct pyr_profile *profile, struct pyr_err *err);
/* Gives up: what was written stays. Nothing happens if it is closed. */
void pyr_record_output_abandon(struct pyr_record_output *output);

/* "run.speedscope.json" as "run.0007.speedscope.json". */
void pyr_record_output_name(const char *path, uint32_t number, struct pyr_buf *name);
