/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "formats/format.h"
#include "formats/rescue.h"

#define NATIVE_EXTENSION ".pyro"

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static bool ends_with(const char *text, size_t len, const char *end)
{
    const size_t size = strlen(end);
    return len >= size && memcmp(text + len - size, end, size) == 0;
}

/* What a program is called without folder and ".py". */
static void add_stem(struct pyr_buf *out, enum pyr_program_kind kind, const char *program)
{
    if (kind == PYR_PROGRAM_CODE) {
        pyr_buf_add_text(out, "trace");
        return;
    }
    size_t len = strlen(program);
    while (len > 0 && program[len - 1] == '/') {
        len--; /* of a folder */
    }
    const char *name = program + len;
    while (name > program && name[-1] != '/') {
        name--;
    }
    len -= (size_t)(name - program);
    if (len <= 2 && strspn(name, ".") >= len) {
        len = 0;
    }
    if (kind == PYR_PROGRAM_SCRIPT && len > 3 && ends_with(name, len, ".py")) {
        len -= 3;
    }
    pyr_buf_add(out, len == 0 ? "trace" : name, len == 0 ? 5 : len);
}

static char *stem_with(enum pyr_program_kind kind, const char *program, const char *extension)
{
    struct pyr_buf name = {0};
    add_stem(&name, kind, program);
    pyr_buf_add_text(&name, extension);
    return name.data; /* NULL when an append failed from the start; checked as a whole below */
}

static char *with_extension(const char *path, const char *extension)
{
    struct pyr_buf name = {0};
    pyr_buf_addf(&name, "%s%s", path, extension);
    return name.data;
}

bool pyr_trace_files_choose(struct pyr_trace_files *files, const char *output, const char *format,
                            enum pyr_program_kind kind, const char *program, struct pyr_err *err)
{
    const char *path = output != NULL ? output : "";
    const struct pyr_format *named = pyr_format_to_write(path, format, err);
    *files = (struct pyr_trace_files){0};
    if (named == NULL) {
        return false;
    }
    const bool converts = strcmp(named->extension, NATIVE_EXTENSION) != 0;
    if (output == NULL) {
        files->collected = stem_with(kind, program, NATIVE_EXTENSION);
        files->converted = converts ? stem_with(kind, program, named->extension) : NULL;
        files->keep_old = true;
    } else {
        files->collected = with_extension(output, converts ? NATIVE_EXTENSION : "");
        files->converted = converts ? pyr_mem_strdup(output) : NULL;
        files->temporary = converts;
    }
    if (files->collected == NULL || (converts && files->converted == NULL)) {
        pyr_trace_files_release(files);
        return pyr_err_nomem(err);
    }
    return true;
}

static bool put_back(struct pyr_trace_files *files)
{
    if (files->old == NULL) {
        return true;
    }
    const bool ok = rename(files->old, files->collected) == 0;
    pyr_mem_free(files->old);
    files->old = NULL;
    return ok;
}

/* Makes sure that `path` can be written, without changing a file that is there. */
static bool try_file(const char *path, struct pyr_err *err)
{
    struct stat status;
    const bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) {
        return pyr_err_set(err, PYR_ERR_USAGE, "%s is a directory; name a file: -o FILE", path);
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    if (fd < 0) {
        return pyr_err_errno(err, errno,
                             "can't write the profile to %s (-o FILE chooses another place)", path);
    }
    close(fd);
    if (!exists) {
        unlink(path);
    }
    return true;
}

bool pyr_trace_files_prepare(struct pyr_trace_files *files, struct pyr_err *err)
{
    struct stat status;
    files->start = time(NULL);
    if ((files->converted != NULL && !try_file(files->converted, err)) ||
        !try_file(files->collected, err)) {
        return false;
    }
    if (stat(files->collected, &status) != 0 || !S_ISREG(status.st_mode)) {
        return true;
    }
    files->old = with_extension(files->collected, ".old");
    if (files->old == NULL) {
        return pyr_err_nomem(err);
    }
    if (rename(files->collected, files->old) != 0) {
        const int why = errno;
        pyr_mem_free(files->old);
        files->old = NULL;
        return pyr_err_errno(err, why, "can't move %s out of the way", files->collected);
    }
    return true;
}

static void take_rescued(struct pyr_trace_files *files, uint32_t pid)
{
    struct stat status;
    struct pyr_buf path = {0};
    pyr_rescue_path(files->collected, pid, &path);
    if (!path.failed && lstat(path.data, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_uid == geteuid() && status.st_mtime >= files->start) {
        pyr_mem_free(files->collected);
        files->collected = path.data;
        path = (struct pyr_buf){0};
    }
    pyr_buf_release(&path);
}

bool pyr_trace_files_settle(struct pyr_trace_files *files, uint32_t pid)
{
    struct stat status;
    take_rescued(files, pid);
    const bool exists = stat(files->collected, &status) == 0;
    if (exists && S_ISREG(status.st_mode) && status.st_size > 0) {
        if (files->old != NULL && !files->keep_old) {
            unlink(files->old);
        }
        return true;
    }
    if (exists && S_ISREG(status.st_mode)) {
        unlink(files->collected);
    }
    (void)put_back(files);
    return false;
}

/* Is `name` "<stem>.<digits>.pyro"? */
static bool is_child(const char *name, const char *stem, size_t stem_len)
{
    if (strncmp(name, stem, stem_len) != 0 || name[stem_len] != '.') {
        return false;
    }
    const char *digits = name + stem_len + 1;
    const size_t count = strspn(digits, "0123456789");
    return count > 0 && strcmp(digits + count, NATIVE_EXTENSION) == 0;
}

unsigned pyr_trace_files_children(const struct pyr_trace_files *files, char *example, size_t size)
{
    const char *name = last_part(files->collected);
    const size_t folder_len = (size_t)(name - files->collected);
    size_t stem = strlen(name);
    unsigned count = 0;
    stem -= ends_with(name, stem, NATIVE_EXTENSION) ? strlen(NATIVE_EXTENSION) : 0;
    struct pyr_buf folder = {0};
    pyr_buf_add_text(&folder, folder_len == 0 ? "./" : "");
    pyr_buf_add(&folder, files->collected, folder_len);
    DIR *dir = folder.failed ? NULL : opendir(folder.data);
    pyr_buf_release(&folder);
    if (dir == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        struct stat status;
        if (!is_child(entry->d_name, name, stem) ||
            fstatat(dirfd(dir), entry->d_name, &status, 0) != 0 || status.st_mtime < files->start) {
            continue;
        }
        if (count++ == 0) {
            snprintf(example, size, "%.*s%s", (int)folder_len, files->collected, entry->d_name);
        }
    }
    closedir(dir);
    return count;
}

void pyr_trace_files_release(struct pyr_trace_files *files)
{
    pyr_mem_free(files->collected);
    pyr_mem_free(files->converted);
    pyr_mem_free(files->old);
    *files = (struct pyr_trace_files){0};
}
