/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Names: hostile text made fit for a format, and the names of all functions at once.
 *
 * Names in a profile are any bytes. Every format has its own idea of what it can hold; the rules
 * below say which, and what can't be held is replaced by one visible character. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "model/profile.h"

/* Always: invalid UTF-8 becomes U+FFFD. To be or-ed: */
#define PYR_NAME_SURROGATES 1u   /* lone surrogates, as "surrogatepass" writes them, are kept */
#define PYR_NAME_NO_NUL 2u       /* NUL becomes U+2400 */
#define PYR_NAME_ONE_LINE 4u     /* control characters, NUL among them, become a space */
#define PYR_NAME_NO_SEMICOLON 8u /* ';' becomes ':' */

void pyr_name_add(struct pyr_buf *out, const char *text, size_t len, uint32_t rules);
/* The same for a string of the profile. */
void pyr_name_add_str(struct pyr_buf *out, const struct pyr_profile *profile, pyr_str id,
                      uint32_t rules);
/* "module.qualname", or only the qualified name where the module is not known. */
void pyr_name_add_function(struct pyr_buf *out, const struct pyr_profile *profile, pyr_func func,
                           uint32_t rules);
/* The thread's name, or "thread <number>" when it has none. Of a task, a greenlet or the like also
 * what it is, where it ran and which function it began with: "MainThread / task Task-1 (serve)".
 * Of tagged work the tag after it: "MainThread [blue]". */
void pyr_name_add_thread(struct pyr_buf *out, const struct pyr_profile *profile, pyr_thread thread,
                         uint32_t rules);

/* Writes what `text` holds as a JSON string and empties `text`; a failed `text` fails the document.
 * Made with PYR_NAME_NO_NUL, else it ends at the first NUL. */
void pyr_name_put_json(struct pyr_buf *text, struct pyr_json_writer *json);

/* The names of all functions of a profile. Start zeroed. */
struct pyr_function_names {
    struct pyr_buf text; /* owned: NUL-terminated names, one after the other */
    size_t *starts;      /* owned: by function id, and one more for the end */
};

/* With PYR_NAME_NO_NUL or PYR_NAME_ONE_LINE in `rules` no name has a NUL inside. */
PYR_MUST_USE bool pyr_function_names_init(struct pyr_function_names *names,
                                          const struct pyr_profile *profile, uint32_t rules,
                                          struct pyr_err *err);
void pyr_function_names_release(struct pyr_function_names *names);
/* Borrowed, NUL-terminated; "" for id 0. */
const char *pyr_function_names_get(const struct pyr_function_names *names, pyr_func func,
                                   size_t *len);
