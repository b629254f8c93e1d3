/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/format.h"

#include <string.h>

#include "base/file.h"
#include "formats/callgrind.h"
#include "formats/chrome.h"
#include "formats/collapsed.h"
#include "formats/json_export.h"
#include "formats/native.h"
#include "formats/pprof.h"
#include "formats/pstats.h"
#include "formats/speedscope.h"

/* A line for each, so that adding one is adding a line. */
/* clang-format off */
const struct pyr_format *const pyr_formats[] = {
    &pyr_format_native,
    &pyr_format_pstats,
    &pyr_format_callgrind,
    &pyr_format_speedscope,
    &pyr_format_pprof,
    &pyr_format_chrome,
    &pyr_format_json,
    &pyr_format_collapsed, /* the last: of what is text, anything may be it */
    NULL,
};
/* clang-format on */

/* "a, b, c": the formats that `can` do something. */
static void add_names(struct pyr_buf *out, bool (*can)(const struct pyr_format *format))
{
    const char *separator = "";
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        if (can(pyr_formats[i])) {
            pyr_buf_addf(out, "%s%s", separator, pyr_formats[i]->name);
            separator = ", ";
        }
    }
}

static bool can_exist(const struct pyr_format *format)
{
    return format->name != NULL;
}

static bool can_read(const struct pyr_format *format)
{
    return format->read != NULL;
}

static bool can_write(const struct pyr_format *format)
{
    return format->write != NULL;
}

/* Ends the message with the formats to choose from. */
static void set_with_names(struct pyr_err *err, enum pyr_err_code code, const char *what,
                           bool (*can)(const struct pyr_format *format))
{
    struct pyr_buf names = {0};
    add_names(&names, can);
    if (pyr_buf_check(&names, err)) {
        pyr_err_set(err, code, "%s: choose one of %s", what, names.data == NULL ? "" : names.data);
    }
    pyr_buf_release(&names);
}

const struct pyr_format *pyr_format_find(const char *name, struct pyr_err *err)
{
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        if (strcmp(pyr_formats[i]->name, name) == 0) {
            return pyr_formats[i];
        }
    }
    set_with_names(err, PYR_ERR_USAGE, "unknown format", can_exist);
    pyr_err_prefix(err, "%s", name);
    return NULL;
}

const struct pyr_format *pyr_format_by_path(const char *path)
{
    const struct pyr_format *best = NULL;
    size_t best_len = 0;
    const size_t path_len = strlen(path);
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        const char *extension = pyr_formats[i]->extension;
        const size_t len = strlen(extension);
        if (len > best_len && len <= path_len && strcmp(path + path_len - len, extension) == 0) {
            best = pyr_formats[i];
            best_len = len;
        }
    }
    return best;
}

/* NULL, with `err` set, when the content is none of ours. */
static const struct pyr_format *sniff(const struct pyr_file *file, struct pyr_err *err)
{
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        if (pyr_formats[i]->sniff != NULL && pyr_formats[i]->sniff(file->data, file->size)) {
            return pyr_formats[i];
        }
    }
    if (file->size == 0) {
        pyr_err_set(err, PYR_ERR_FORMAT, "the file is empty");
        return NULL;
    }
    set_with_names(err, PYR_ERR_FORMAT,
                   "this does not look like a profile; if it is one, name its format", can_read);
    return NULL;
}

static bool load(const struct pyr_file *file, const char *name, struct pyr_profile **out,
                 struct pyr_err *err)
{
    const struct pyr_format *format = name == NULL ? sniff(file, err) : pyr_format_find(name, err);
    if (format == NULL) {
        return false;
    }
    if (format->read == NULL) {
        set_with_names(err, PYR_ERR_UNSUPPORTED, "this format can only be written", can_read);
        return pyr_err_prefix(err, "%s", format->name);
    }
    return format->read(file->data, file->size, out, err);
}

bool pyr_format_load(const char *path, const char *name, struct pyr_profile **out,
                     struct pyr_err *err)
{
    struct pyr_file file = {0};
    *out = NULL;
    if (!pyr_file_read(&file, path, PYR_FORMAT_MAX_FILE_BYTES, err)) {
        return false;
    }
    const bool ok = load(&file, name, out, err);
    pyr_file_release(&file);
    return ok ? true : pyr_err_prefix(err, "%s", path);
}

bool pyr_format_save(const struct pyr_profile *profile, const char *path, const char *name,
                     struct pyr_err *err)
{
    const struct pyr_format *format =
        name == NULL ? pyr_format_by_path(path) : pyr_format_find(name, err);
    if (format == NULL && name != NULL) {
        return false;
    }
    if (format == NULL) {
        format = &pyr_format_native;
    }
    if (format->write == NULL) {
        set_with_names(err, PYR_ERR_UNSUPPORTED, "this format can only be read", can_write);
        return pyr_err_prefix(err, "%s", format->name);
    }
    struct pyr_buf out = {0};
    const bool ok = format->write(profile, &out, err) && pyr_buf_check(&out, err)
                        ? pyr_file_replace(path, out.data, out.len, err)
                        : pyr_err_prefix(err, "%s", path);
    pyr_buf_release(&out);
    return ok;
}
