/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Errors: one type, filled by whoever finds the fault and completed by its callers.
 *
 * A function that can fail takes `struct pyr_err *err` last and returns false; `err` is then set
 * exactly once, by the place that knows what was wrong, and callers may put context before it.
 * A message names what was wrong, with what, and what to do about it, without a final stop.
 * `err` may never be NULL. Threads: an error belongs to whoever declared it. */
#pragma once

#include <stdbool.h>

#define PYR_MUST_USE __attribute__((warn_unused_result))
#define PYR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Only what a caller branches on. They become exit statuses in cli/main.c and exception
 * classes in probe/module.c. */
enum pyr_err_code {
    PYR_OK = 0,
    PYR_ERR_NOMEM,
    PYR_ERR_IO,
    PYR_ERR_PERMISSION,
    PYR_ERR_GONE,        /* the process, thread or file is no longer there */
    PYR_ERR_FORMAT,      /* bytes that are not what they claim to be */
    PYR_ERR_UNSUPPORTED, /* valid, but not by this version */
    PYR_ERR_USAGE,
    PYR_ERR_LIMIT, /* a stated bound was reached */
};

struct pyr_err {
    enum pyr_err_code code;
    char message[256]; /* NUL-terminated, cut at a whole UTF-8 character */
};

/* Each of these returns false, so that one can `return pyr_err_set(…)`. */
bool pyr_err_set(struct pyr_err *err, enum pyr_err_code code, const char *fmt, ...)
    PYR_PRINTF(3, 4);
bool pyr_err_nomem(struct pyr_err *err);
/* Chooses the code from `errnum` and ends the message with its description. */
bool pyr_err_errno(struct pyr_err *err, int errnum, const char *fmt, ...) PYR_PRINTF(3, 4);
/* Puts "<fmt>: " before the message that is there. */
bool pyr_err_prefix(struct pyr_err *err, const char *fmt, ...) PYR_PRINTF(2, 3);
