/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/format.h"

#define REWRITE_BYTES ((uint64_t)4 << 20) /* a file is rewritten when it has grown by so much … */
#define REWRITE_TIMES 2                   /* … and to so many times what the whole of it takes */

static uint64_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}

/* Writes all of it beside the file and puts it in its place. A failure changes nothing but that
 * the file goes on growing. */
static void rewrite(struct pyr_record_output *output, struct pyr_profile *profile)
{
    struct pyr_buf path = {0};
    struct pyr_err ignored = {0};
    struct pyr_native_writer *writer = NULL;
    pyr_buf_addf(&path, "%s.%d.new", output->path, (int)getpid());
    if (path.failed || !pyr_native_writer_open(path.data, &writer, &ignored)) {
        pyr_buf_release(&path);
        return;
    }
    if (pyr_native_writer_flush(writer, profile, &ignored) &&
        rename(path.data, output->path) == 0) {
        pyr_native_writer_abandon(output->writer);
        output->writer = writer;
    } else {
        pyr_native_writer_abandon(writer);
        unlink(path.data);
    }
    output->whole_bytes = size_of(output->path);
    pyr_buf_release(&path);
}

bool pyr_record_output_flush(struct pyr_record_output *output, struct pyr_profile *profile,
                             struct pyr_err *err)
{
    if (output->writer == NULL && pyr_values_count(profile->values) == 0) {
        return true;
    }
    if (output->writer == NULL && !pyr_native_writer_open(output->path, &output->writer, err)) {
        return false;
    }
    if (!pyr_native_writer_flush(output->writer, profile, err)) {
        return false;
    }
    const uint64_t size = size_of(output->path);
    if (output->whole_bytes == 0) {
        output->whole_bytes = size;
    }
    if (size > output->whole_bytes * REWRITE_TIMES && size > output->whole_bytes + REWRITE_BYTES) {
        rewrite(output, profile);
    }
    return true;
}

bool pyr_record_output_close(struct pyr_record_output *output, struct pyr_profile *profile,
                             struct pyr_err *err)
{
    if (output->writer == NULL && !pyr_native_writer_open(output->path, &output->writer, err)) {
        return false;
    }
    struct pyr_native_writer *writer = output->writer;
    output->writer = NULL;
    return pyr_native_writer_close(writer, profile, err);
}

void pyr_record_output_abandon(struct pyr_record_output *output)
{
    pyr_native_writer_abandon(output->writer);
    output->writer = NULL;
}

void pyr_record_output_name(const char *path, uint32_t number, struct pyr_buf *name)
{
    const struct pyr_format *format = pyr_format_by_path(path);
    const size_t len = strlen(path);
    size_t ending = 0;
    if (format != NULL) {
        const size_t own = strlen(format->extension);
        const bool is_own = len >= own && strcmp(path + len - own, format->extension) == 0;
        ending = is_own || format->alias == NULL ? own : strlen(format->alias);
    }
    pyr_buf_add(name, path, len - ending);
    pyr_buf_addf(name, ".%04u%s", (unsigned)number, path + len - ending);
}
