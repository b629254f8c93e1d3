/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "formats/native.h"

#define EXTENSION ".pyro"

void pyr_rescue_path_of_process(const char *path, uint32_t pid, struct pyr_buf *out)
{
    size_t len = strlen(path);
    if (len > strlen(EXTENSION) && strcmp(path + len - strlen(EXTENSION), EXTENSION) == 0) {
        len -= strlen(EXTENSION);
    }
    pyr_buf_add(out, path, len);
    pyr_buf_addf(out, ".%u" EXTENSION, pid);
}

void pyr_rescue_path(const char *path, uint32_t pid, struct pyr_buf *out)
{
    const char *folder = getenv("TMPDIR");
    const char *slash = strrchr(path, '/');
    pyr_buf_add_text(out, folder != NULL && folder[0] != '\0' ? folder : "/tmp");
    pyr_buf_add_char(out, '/');
    pyr_rescue_path_of_process(slash != NULL ? slash + 1 : path, pid, out);
}

/* The folder is everybody's: a file that is there already, or a link, is not ours. */
static bool write_new(const char *path, const struct pyr_buf *content, struct pyr_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return pyr_err_errno(err, errno, "%s", path);
    }
    bool ok = pyr_file_write(fd, content->data, content->len, path, err);
    ok = pyr_file_close(fd, path, err) && ok;
    if (!ok) {
        unlink(path);
    }
    return ok;
}

bool pyr_rescue_save(const struct pyr_profile *profile, const char *path, uint32_t pid,
                     struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_buf content = {0};
    pyr_rescue_path(path, pid, out);
    bool ok = pyr_buf_check(out, err) && pyr_format_native.write(profile, NULL, &content, err) &&
              pyr_buf_check(&content, err) && write_new(out->data, &content, err);
    pyr_buf_release(&content);
    return ok;
}
