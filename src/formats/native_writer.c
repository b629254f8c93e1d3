/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "formats/native_write.h"

struct pyr_native_writer {
    int fd;
    char *path;      /* owned, for messages */
    bool is_regular; /* what was written can be taken back */
    bool is_torn;    /* half a batch could not be taken back yet */
    struct pyr_native_state state;
};

static void release(struct pyr_native_writer *writer)
{
    pyr_mem_free(writer->path);
    pyr_mem_free(writer);
}

static bool open_file(struct pyr_native_writer *writer, const char *path, struct pyr_err *err)
{
    struct pyr_buf header = {0};
    struct stat info;
    if (!pyr_file_create(path, &writer->fd, err)) {
        return false;
    }
    writer->is_regular = fstat(writer->fd, &info) == 0 && S_ISREG(info.st_mode);
    pyr_native_put_file_header(&header);
    const bool ok = pyr_buf_check(&header, err) &&
                    pyr_file_write(writer->fd, header.data, header.len, path, err);
    pyr_buf_release(&header);
    if (!ok) {
        (void)close(writer->fd);
    }
    return ok;
}

bool pyr_native_writer_open(const char *path, struct pyr_native_writer **out, struct pyr_err *err)
{
    *out = NULL;
    struct pyr_native_writer *writer = pyr_mem_zalloc(1, sizeof(*writer));
    if (writer == NULL) {
        return pyr_err_nomem(err);
    }
    writer->path = pyr_mem_strdup(path);
    if (writer->path == NULL) {
        release(writer);
        return pyr_err_nomem(err);
    }
    if (!open_file(writer, path, err)) {
        release(writer);
        return false;
    }
    writer->state.file_bytes = PYR_NATIVE_FILE_HEADER_BYTES;
    *out = writer;
    return true;
}

/* Cuts off what a failed write left, so that the next batch follows the last whole one. */
static bool take_back(struct pyr_native_writer *writer, struct pyr_err *err)
{
    const off_t end = (off_t)writer->state.file_bytes;
    if (!writer->is_regular) {
        return pyr_err_set(err, PYR_ERR_IO, "%s: an earlier write failed half-way", writer->path);
    }
    while (ftruncate(writer->fd, end) != 0) {
        if (errno != EINTR) {
            return pyr_err_errno(err, errno, "%s", writer->path);
        }
    }
    if (lseek(writer->fd, end, SEEK_SET) != end) {
        return pyr_err_errno(err, errno, "%s", writer->path);
    }
    writer->is_torn = false;
    return true;
}

static bool write_batch(struct pyr_native_writer *writer, const struct pyr_buf *batch,
                        struct pyr_err *err)
{
    if (pyr_file_write(writer->fd, batch->data, batch->len, writer->path, err)) {
        return true;
    }
    struct pyr_err ignored = {0}; /* the write's own failure is the one to tell */
    writer->is_torn = true;
    if (writer->is_regular) {
        (void)!take_back(writer, &ignored);
    }
    return false;
}

static bool append(struct pyr_native_writer *writer, struct pyr_profile *profile, bool end,
                   struct pyr_err *err)
{
    if (writer->is_torn && !take_back(writer, err)) {
        return false;
    }
    struct pyr_native_state state = writer->state;
    struct pyr_buf batch = {0};
    bool ok = false;
    if (!pyr_native_put_batch(&batch, profile, end, &state, err)) {
        pyr_err_prefix(err, "%s", writer->path);
        goto done;
    }
    if (batch.len > 0) {
        if (!write_batch(writer, &batch, err)) {
            goto done;
        }
        state.mark.epochs = (uint64_t)pyr_values_next_epoch(profile->values) + 1;
        writer->state = state;
    }
    ok = true;
done:
    pyr_buf_release(&batch);
    return ok;
}

bool pyr_native_writer_flush(struct pyr_native_writer *writer, struct pyr_profile *profile,
                             struct pyr_err *err)
{
    return append(writer, profile, false, err);
}

bool pyr_native_writer_close(struct pyr_native_writer *writer, struct pyr_profile *profile,
                             struct pyr_err *err)
{
    struct pyr_err at_close = {0};
    bool ok = append(writer, profile, true, err);
    if (!pyr_file_close(writer->fd, writer->path, &at_close) && ok) {
        *err = at_close;
        ok = false;
    }
    release(writer);
    return ok;
}

void pyr_native_writer_abandon(struct pyr_native_writer *writer)
{
    if (writer != NULL) {
        (void)close(writer->fd);
        release(writer);
    }
}
