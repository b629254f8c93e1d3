/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/access.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define MAX_STATUS_SIZE ((size_t)1 << 16)
#define CAPABILITY_PTRACE 19 /* CAP_SYS_PTRACE */
#define FILTERED 2           /* Seccomp: a filter decides which calls are allowed */

/* What /proc/PID/status says of a process. */
struct status {
    char state; /* Z: a zombie */
    bool has_memory;
    uint32_t group;   /* the process, when it is one of its threads */
    uint32_t uids[3]; /* real, effective, saved */
    uint64_t capabilities;
    uint32_t seccomp;
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

static uint64_t number_of(const char *text, const char *name, int base)
{
    const char *line = find_line(text, name);
    return line != NULL ? strtoull(line, NULL, base) : 0;
}

static void parse_status(const char *text, struct status *status)
{
    const char *state = find_line(text, "State:\t");
    const char *uids = find_line(text, "Uid:\t");
    char *next = NULL;
    *status = (struct status){.state = state != NULL ? *state : '?'};
    status->has_memory = find_line(text, "VmSize:") != NULL;
    status->group = (uint32_t)number_of(text, "Tgid:\t", 10);
    for (uint32_t i = 0; i < 3 && uids != NULL; i++) {
        status->uids[i] = (uint32_t)strtoul(uids, &next, 10);
        uids = next;
    }
    status->capabilities = number_of(text, "CapEff:\t", 16);
    status->seccomp = (uint32_t)number_of(text, "Seccomp:\t", 10);
}

/* `who`: a process id, or "self". */
static bool read_status(const char *who, struct status *status, struct pyr_err *err)
{
    char path[64];
    struct pyr_file file = {0};
    (void)snprintf(path, sizeof(path), "/proc/%s/status", who);
    if (!pyr_file_read(&file, path, MAX_STATUS_SIZE, err)) {
        return false;
    }
    char text[8192];
    size_t size = file.size < sizeof(text) - 1 ? file.size : sizeof(text) - 1;
    memcpy(text, file.data, size);
    text[size] = '\0';
    pyr_file_release(&file);
    parse_status(text, status);
    return true;
}

static bool refuse_missing(uint32_t pid, const struct pyr_err *failure, struct pyr_err *err)
{
    if (failure->code == PYR_ERR_NOMEM) {
        return pyr_err_nomem(err);
    }
    if (pid != 0 && pid <= INT32_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM)) {
        return pyr_err_set(err, PYR_ERR_PERMISSION,
                           "process %u is hidden from us: /proc is mounted with hidepid, or is "
                           "not there; run as root, or mount it",
                           pid);
    }
    return pyr_err_set(err, PYR_ERR_GONE, "there is no process %u", pid);
}

static bool check(uint32_t pid, struct status *status, struct pyr_err *err)
{
    char who[16];
    struct pyr_err failure = {0};
    (void)snprintf(who, sizeof(who), "%u", pid);
    if (!read_status(who, status, &failure)) {
        return refuse_missing(pid, &failure, err);
    }
    if (status->state == 'Z' || status->state == 'X') {
        return pyr_err_set(err, PYR_ERR_GONE,
                           "process %u has ended; its parent has yet to ask how (a zombie)", pid);
    }
    if (status->group != pid) {
        return pyr_err_set(err, PYR_ERR_USAGE, "%u is a thread of process %u: name that one", pid,
                           status->group);
    }
    if (!status->has_memory) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "process %u is a thread of the kernel, not a program", pid);
    }
    return true;
}

bool pyr_access_check(uint32_t pid, struct pyr_err *err)
{
    struct status status = {0};
    return check(pid, &status, err);
}

/* -1 when the kernel has no such thing. */
static int yama_scope(void)
{
    struct pyr_file file = {0};
    struct pyr_err ignored = {0};
    if (!pyr_file_read(&file, "/proc/sys/kernel/yama/ptrace_scope", MAX_STATUS_SIZE, &ignored)) {
        return -1;
    }
    int scope = file.size > 0 ? file.data[0] - '0' : -1;
    pyr_file_release(&file);
    return scope;
}

/* The kernel gives root what /proc has of a process that does not want to be looked into. */
static bool is_undumpable(uint32_t pid, const struct status *status)
{
    char path[64];
    struct stat info;
    (void)snprintf(path, sizeof(path), "/proc/%u/maps", pid);
    return stat(path, &info) == 0 && info.st_uid != status->uids[1];
}

static bool explain_scope(uint32_t pid, int scope, struct pyr_err *err)
{
    if (scope == 1) {
        return pyr_err_set(err, PYR_ERR_PERMISSION,
                           "process %u may be read by its parents only (ptrace_scope is 1): start "
                           "it with `pyrometer record`, or use sudo, or `sysctl "
                           "kernel.yama.ptrace_scope=0`",
                           pid);
    }
    if (scope == 2) {
        return pyr_err_set(err, PYR_ERR_PERMISSION,
                           "process %u may be read with CAP_SYS_PTRACE only (ptrace_scope is 2): "
                           "use sudo",
                           pid);
    }
    return pyr_err_set(err, PYR_ERR_PERMISSION,
                       "no process may be read by another here (ptrace_scope is 3), and that "
                       "stays so until the machine is started anew");
}

static bool explain_uid(uint32_t pid, const struct status *theirs, struct pyr_err *err)
{
    return pyr_err_set(err, PYR_ERR_PERMISSION,
                       "process %u belongs to user %u, and we are user %u: use sudo, or run as "
                       "that user; in a container, give it the capability SYS_PTRACE",
                       pid, theirs->uids[1], (unsigned)geteuid());
}

static bool is_same_user(const struct status *theirs)
{
    uint32_t us = geteuid();
    return theirs->uids[0] == us && theirs->uids[1] == us && theirs->uids[2] == us;
}

bool pyr_access_explain(uint32_t pid, struct pyr_err *err)
{
    struct status theirs = {0};
    struct status ours = {0};
    struct pyr_err ignored = {0};
    if (!check(pid, &theirs, err)) {
        return false;
    }
    (void)read_status("self", &ours, &ignored);
    bool privileged = (ours.capabilities >> CAPABILITY_PTRACE & 1) != 0;
    int scope = yama_scope();
    if (scope >= 3) {
        return explain_scope(pid, scope, err);
    }
    if (!privileged) {
        if (!is_same_user(&theirs)) {
            return explain_uid(pid, &theirs, err);
        }
        if (is_undumpable(pid, &theirs)) {
            return pyr_err_set(err, PYR_ERR_PERMISSION,
                               "process %u has forbidden others to read it (it was made "
                               "undumpable, or gained rights when it began): use sudo",
                               pid);
        }
        if (scope >= 1) {
            return explain_scope(pid, scope, err);
        }
        if ((theirs.capabilities & ~ours.capabilities) != 0) {
            return pyr_err_set(err, PYR_ERR_PERMISSION,
                               "process %u has capabilities that we lack: use sudo; in a "
                               "container, give it the capability SYS_PTRACE",
                               pid);
        }
    }
    if (ours.seccomp == FILTERED) {
        return pyr_err_set(err, PYR_ERR_PERMISSION,
                           "a sandbox (seccomp) keeps us from reading process %u: in Docker use "
                           "--cap-add SYS_PTRACE, in Kubernetes capabilities: add: [SYS_PTRACE]",
                           pid);
    }
    return pyr_err_set(err, PYR_ERR_PERMISSION,
                       "process %u can't be read: it is in another user namespace, or a security "
                       "module forbids it; run on the host as root",
                       pid);
}
