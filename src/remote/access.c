/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/access.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define MAX_STATUS_SIZE ((size_t)1 << 16)

/* What /proc/PID/status says of a process. */
struct status {
    char state; /* Z: a zombie */
    bool has_memory;
    uint32_t uid;
    uint32_t saved_uid;
};

static const char *find_line(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0) {
            return line + len;
        }
    }
    return NULL;
}

static bool read_status(uint32_t pid, struct status *status, struct pyr_err *err)
{
    char path[64];
    struct pyr_file file = {0};
    struct pyr_err failure = {0};
    (void)snprintf(path, sizeof(path), "/proc/%u/status", pid);
    if (pid == 0 || pid > INT32_MAX || !pyr_file_read(&file, path, MAX_STATUS_SIZE, &failure)) {
        return pyr_err_set(err, PYR_ERR_GONE, "there is no process %u", pid);
    }
    char text[4096];
    size_t size = file.size < sizeof(text) - 1 ? file.size : sizeof(text) - 1;
    memcpy(text, file.data, size);
    text[size] = '\0';
    pyr_file_release(&file);
    const char *state = find_line(text, "State:\t");
    const char *uids = find_line(text, "Uid:\t");
    status->state = state != NULL ? *state : '?';
    status->has_memory = find_line(text, "VmSize:") != NULL;
    unsigned ids[4] = {0};
    (void)(uids != NULL && sscanf(uids, "%u %u %u %u", &ids[0], &ids[1], &ids[2], &ids[3]) == 4);
    status->uid = ids[0];
    status->saved_uid = ids[2];
    return true;
}

bool pyr_access_check(uint32_t pid, struct pyr_err *err)
{
    struct status status = {0};
    if (!read_status(pid, &status, err)) {
        return false;
    }
    if (status.state == 'Z' || status.state == 'X') {
        return pyr_err_set(err, PYR_ERR_GONE,
                           "process %u has ended and waits for its parent (a zombie)", pid);
    }
    if (!status.has_memory) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "process %u is a thread of the kernel, not a program", pid);
    }
    return true;
}

bool pyr_access_explain(uint32_t pid, struct pyr_err *err)
{
    if (!pyr_access_check(pid, err)) {
        return false;
    }
    return pyr_err_set(err, PYR_ERR_PERMISSION, "process %u may not be read", pid);
}
