/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define FIRST_READ_SIZE ((size_t)64 << 10)
#define MAX_TEMP_TRIES 100
#define MODE_NEW 0666

static int open_path(const char *path, int flags, mode_t mode)
{
    int fd = -1;
    do {
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static bool refuse_size(const char *path, size_t max_size, struct pyr_err *err)
{
    return pyr_err_set(err, PYR_ERR_LIMIT, "%s: larger than the limit of %zu bytes", path,
                       max_size);
}

/* Reads up to `room` bytes; less only at the end. */
static bool read_fully(int fd, uint8_t *data, size_t room, size_t *got, const char *path,
                       struct pyr_err *err)
{
    *got = 0;
    while (*got < room) {
        ssize_t n = read(fd, data + *got, room - *got);
        if (n == 0) {
            return true;
        }
        if (n > 0) {
            *got += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLIN};
            (void)poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return pyr_err_errno(err, errno, "%s", path);
        }
    }
    return true;
}

/* Into memory of our own and not a mapping: a file that somebody cuts short meanwhile, as a
 * writer does with a batch that failed, would end us with SIGBUS. */
static bool read_whole(struct pyr_file *file, int fd, size_t expected, size_t max_size,
                       const char *path, struct pyr_err *err)
{
    size_t cap = expected + 1; /* one more, so that the end is seen without another round */
    size_t size = 0;
    uint8_t *data = pyr_mem_alloc(cap);
    while (data != NULL) {
        size_t got = 0;
        if (!read_fully(fd, data + size, cap - size, &got, path, err)) {
            pyr_mem_free(data);
            return false;
        }
        size += got;
        if (size > max_size) {
            pyr_mem_free(data);
            return refuse_size(path, max_size, err);
        }
        if (size < cap) {
            file->data = data;
            file->size = size;
            return true;
        }
        uint8_t *larger = pyr_mem_realloc(data, 2 * cap);
        if (larger == NULL) {
            pyr_mem_free(data);
        }
        data = larger;
        cap *= 2;
    }
    return pyr_err_nomem(err);
}

static bool read_open(struct pyr_file *file, int fd, const char *path, size_t max_size,
                      struct pyr_err *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return pyr_err_errno(err, errno, "%s", path);
    }
    if (S_ISDIR(info.st_mode)) {
        return pyr_err_errno(err, EISDIR, "%s", path);
    }
    size_t expected = FIRST_READ_SIZE;
    if (S_ISREG(info.st_mode) && info.st_size > 0) { /* files under /proc say they are empty */
        if ((uint64_t)info.st_size > max_size) {
            return refuse_size(path, max_size, err);
        }
        expected = (size_t)info.st_size;
    }
    return read_whole(file, fd, expected, max_size, path, err);
}

bool pyr_file_read(struct pyr_file *file, const char *path, size_t max_size, struct pyr_err *err)
{
    *file = (struct pyr_file){0};
    int fd = open_path(path, O_RDONLY, 0);
    if (fd < 0) {
        return pyr_err_errno(err, errno, "%s", path);
    }
    bool ok = read_open(file, fd, path, max_size, err);
    close(fd);
    if (!ok) {
        *file = (struct pyr_file){0};
    }
    return ok;
}

void pyr_file_release(struct pyr_file *file)
{
    pyr_mem_free(file->data);
    *file = (struct pyr_file){0};
}

bool pyr_file_create(const char *path, int *fd, struct pyr_err *err)
{
    *fd = open_path(path, O_WRONLY | O_CREAT | O_TRUNC, MODE_NEW);
    return *fd >= 0 ? true : pyr_err_errno(err, errno, "%s", path);
}

bool pyr_file_write(int fd, const void *data, size_t len, const char *path, struct pyr_err *err)
{
    const uint8_t *next = data;
    while (len > 0) {
        ssize_t n = write(fd, next, len);
        if (n >= 0) {
            next += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            (void)poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return pyr_err_errno(err, errno, "%s", path);
        }
    }
    return true;
}

bool pyr_file_close(int fd, const char *path, struct pyr_err *err)
{
    /* Linux closes even when a signal interrupts: trying again might close another's file. */
    if (close(fd) != 0 && errno != EINTR) {
        return pyr_err_errno(err, errno, "%s", path);
    }
    return true;
}

static bool write_and_close(int fd, const void *data, size_t len, const char *path,
                            struct pyr_err *err)
{
    if (!pyr_file_write(fd, data, len, path, err)) {
        close(fd);
        return false;
    }
    return pyr_file_close(fd, path, err);
}

static bool write_straight(const char *path, const void *data, size_t len, struct pyr_err *err)
{
    int fd = -1;
    return pyr_file_create(path, &fd, err) && write_and_close(fd, data, len, path, err);
}

/* What a path stands for when it is replaced. */
struct target {
    char path[PATH_MAX]; /* the file itself, where the given path is a link to it */
    mode_t mode;
    bool exists;
    bool straight; /* not a file that can be replaced: write into what is there */
};

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool find_target(const char *path, struct target *target, struct pyr_err *err)
{
    struct stat info;
    *target = (struct target){.mode = MODE_NEW};
    /* These lead to a file that is open already, and whose owner would not see a new one. */
    if (has_prefix(path, "/dev/std") || has_prefix(path, "/dev/fd/") ||
        has_prefix(path, "/proc/")) {
        target->straight = true;
        return true;
    }
    if (stat(path, &info) == 0) {
        target->exists = true;
        target->mode = info.st_mode & 0777;
        target->straight = !S_ISREG(info.st_mode);
        if (!target->straight && realpath(path, target->path) == NULL) {
            return pyr_err_errno(err, errno, "%s", path);
        }
        return true;
    }
    if (lstat(path, &info) == 0) {
        target->straight = true; /* a link to what is not there yet */
        return true;
    }
    int len = snprintf(target->path, sizeof target->path, "%s", path);
    if (len < 0 || (size_t)len >= sizeof target->path) {
        return pyr_err_errno(err, ENAMETOOLONG, "%s", path);
    }
    return true;
}

/* Opens a new file in the folder of `target`, under a name of its own. Gives -1 and errno. */
static int open_beside(const char *target, char temp[PATH_MAX])
{
    const char *slash = strrchr(target, '/');
    int folder_len = slash == NULL ? 0 : (int)(slash - target) + 1;
    for (int i = 0; i < MAX_TEMP_TRIES; i++) {
        int len = snprintf(temp, PATH_MAX, "%.*s.pyrometer-%ld-%d.tmp", folder_len, target,
                           (long)getpid(), i);
        if (len < 0 || len >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = open_path(temp, O_WRONLY | O_CREAT | O_EXCL, MODE_NEW);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    return -1;
}

bool pyr_file_replace(const char *path, const void *data, size_t len, struct pyr_err *err)
{
    struct target target;
    char temp[PATH_MAX];
    if (!find_target(path, &target, err)) {
        return false;
    }
    if (target.straight) {
        return write_straight(path, data, len, err);
    }
    int fd = open_beside(target.path, temp);
    if (fd < 0 && target.exists && (errno == EACCES || errno == EPERM)) {
        /* The folder is not ours to change, but the file may be. */
        return write_straight(path, data, len, err);
    }
    if (fd < 0) {
        return pyr_err_errno(err, errno, "%s", path);
    }
    if (target.exists) {
        (void)fchmod(fd, target.mode); /* what was private stays so */
    }
    if (!write_and_close(fd, data, len, path, err)) {
        unlink(temp);
        return false;
    }
    if (rename(temp, target.path) != 0) {
        pyr_err_errno(err, errno, "%s", path);
        unlink(temp);
        return false;
    }
    return true;
}
