/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/format.h"

#include <ctype.h>
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
#include "formats/svg.h"

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
    &pyr_format_svg,
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
        const struct pyr_format *format = pyr_formats[i];
        if (strcmp(format->name, name) == 0 ||
            (format->synonym != NULL && strcmp(format->synonym, name) == 0)) {
            return format;
        }
    }
    set_with_names(err, PYR_ERR_USAGE, "unknown format", can_exist);
    pyr_err_prefix(err, "%s", name);
    return NULL;
}

static size_t ending_len(const char *path, const char *extension)
{
    const size_t path_len = strlen(path);
    const size_t len = extension == NULL ? 0 : strlen(extension);
    return len <= path_len && len > 0 && strcmp(path + path_len - len, extension) == 0 ? len : 0;
}

const struct pyr_format *pyr_format_by_path(const char *path)
{
    const struct pyr_format *best = NULL;
    size_t best_len = 0;
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        const size_t own = ending_len(path, pyr_formats[i]->extension);
        const size_t other = ending_len(path, pyr_formats[i]->alias);
        const size_t len = own > other ? own : other;
        if (len > best_len) {
            best = pyr_formats[i];
            best_len = len;
        }
    }
    return best;
}

bool pyr_format_has_extension(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot == name || !isalpha((unsigned char)dot[1])) {
        return false; /* "run-2.5" has none */
    }
    for (const char *at = dot + 1; *at != '\0'; at++) {
        if (!isalnum((unsigned char)*at)) {
            return false;
        }
    }
    return true;
}

static void refuse_extension(const char *path, struct pyr_err *err)
{
    struct pyr_buf list = {0};
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        if (can_write(pyr_formats[i])) {
            pyr_buf_addf(&list, "%s%s", i == 0 ? "" : ", ", pyr_formats[i]->extension);
        }
    }
    if (pyr_buf_check(&list, err)) {
        pyr_err_set(err, PYR_ERR_USAGE,
                    "no format has the extension %s: choose one of %s; or name a format",
                    strrchr(path, '.'), list.data == NULL ? "" : list.data);
    }
    pyr_buf_release(&list);
    (void)pyr_err_prefix(err, "%s", path);
}

const struct pyr_format *pyr_format_to_write(const char *path, const char *name,
                                             struct pyr_err *err)
{
    const struct pyr_format *format =
        name == NULL ? pyr_format_by_path(path) : pyr_format_find(name, err);
    if (format == NULL && name == NULL) {
        if (pyr_format_has_extension(path)) {
            refuse_extension(path, err);
            return NULL;
        }
        format = &pyr_format_native;
    }
    if (format != NULL && format->write == NULL) {
        set_with_names(err, PYR_ERR_UNSUPPORTED, "this format can only be read", can_write);
        (void)pyr_err_prefix(err, "%s", format->name);
        return NULL;
    }
    return format;
}

/* NULL, with `err` set, when the content is none of ours. */
static const struct pyr_format *sniff(const struct pyr_file *file, const char *path,
                                      struct pyr_err *err)
{
    const struct pyr_format *named = pyr_format_by_path(path);
    const bool is_json = file->size > 0 && (file->data[0] == '{' || file->data[0] == '[');
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        if (pyr_formats[i]->sniff != NULL && pyr_formats[i]->sniff(file->data, file->size)) {
            return pyr_formats[i];
        }
    }
    if (file->size == 0) {
        pyr_err_set(err, PYR_ERR_FORMAT, "the file is empty");
        return NULL;
    }
    if (named != NULL && named->read == NULL && is_json) {
        pyr_err_set(err, PYR_ERR_UNSUPPORTED, "%s can be written, not read", named->name);
        return NULL;
    }
    set_with_names(err, PYR_ERR_FORMAT,
                   "this does not look like a profile; if it is one, name its format", can_read);
    return NULL;
}

static bool load(const struct pyr_file *file, const char *path, const char *name,
                 struct pyr_profile **out, struct pyr_err *err)
{
    const struct pyr_format *format =
        name == NULL ? sniff(file, path, err) : pyr_format_find(name, err);
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
    const bool ok = load(&file, path, name, out, err);
    pyr_file_release(&file);
    return ok ? true : pyr_err_prefix(err, "%s", path);
}

bool pyr_format_save(const struct pyr_profile *profile, const char *path, const char *name,
                     const struct pyr_format_options *options, struct pyr_err *err)
{
    const struct pyr_format *format = pyr_format_to_write(path, name, err);
    if (format == NULL) {
        return false;
    }
    struct pyr_buf out = {0};
    const bool ok = format->write(profile, options, &out, err) && pyr_buf_check(&out, err)
                        ? pyr_file_replace(path, out.data, out.len, err)
                        : pyr_err_prefix(err, "%s", path);
    pyr_buf_release(&out);
    return ok;
}
