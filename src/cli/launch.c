/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/launch.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

/* Only sent on when a process sent them: what the terminal sends, it sends to the child too. */
static const int terminal_signals[] = {SIGINT, SIGQUIT};
static const int forwarded_signals[] = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

static bool is_executable(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* An owned "<folder>/<name>" if that can be executed; NULL otherwise, or when out of memory. */
static char *executable_in(const char *folder, size_t len, const char *name)
{
    struct pyr_buf path = {0};
    pyr_buf_add(&path, folder, len);
    pyr_buf_addf(&path, "%s%s", len == 0 ? "./" : "/", name);
    if (!path.failed && is_executable(path.data)) {
        return path.data;
    }
    pyr_buf_release(&path);
    return NULL;
}

static char *find_on_path(const char *name)
{
    const char *folders = getenv("PATH");
    if (folders == NULL) {
        folders = "/usr/local/bin:/usr/bin:/bin";
    }
    for (;;) {
        const size_t len = strcspn(folders, ":");
        char *found = executable_in(folders, len, name);
        if (found != NULL || folders[len] == '\0') {
            return found;
        }
        folders += len + 1;
    }
}

static char *find_beside_us(void)
{
    char self[4096];
    const ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len <= 0) {
        return NULL;
    }
    self[len] = '\0';
    char *slash = strrchr(self, '/');
    const size_t folder = slash == NULL ? 0 : (size_t)(slash - self);
    char *found = executable_in(self, folder, "python3");
    return found != NULL ? found : executable_in(self, folder, "python");
}

bool pyr_launch_find_python(const char *wanted, char **path, struct pyr_err *err)
{
    if (wanted != NULL && strchr(wanted, '/') != NULL) {
        if (!is_executable(wanted)) {
            return pyr_err_set(err, PYR_ERR_USAGE, "--python %s: %s", wanted,
                               access(wanted, F_OK) == 0 ? "not a program that can be run"
                                                         : "no such file");
        }
        *path = pyr_mem_strdup(wanted);
        return *path != NULL || pyr_err_nomem(err);
    }
    *path = wanted != NULL ? find_on_path(wanted) : find_beside_us();
    if (*path == NULL && wanted == NULL) {
        *path = find_on_path("python3");
    }
    if (*path == NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE, "no %s on PATH; name an interpreter: --python PATH",
                           wanted != NULL ? wanted : "python3");
    }
    return true;
}

bool pyr_launch_find_program(const char *wanted, char **path, struct pyr_err *err)
{
    if (strchr(wanted, '/') == NULL) {
        *path = find_on_path(wanted);
        return *path != NULL || pyr_err_set(err, PYR_ERR_USAGE, "no program %s on PATH", wanted);
    }
    if (!is_executable(wanted)) {
        return pyr_err_set(err, PYR_ERR_USAGE, "%s: %s", wanted,
                           access(wanted, F_OK) == 0 ? "not a program that can be run"
                                                     : "no such file");
    }
    *path = pyr_mem_strdup(wanted);
    return *path != NULL || pyr_err_nomem(err);
}

bool pyr_launch_is_from_terminal(const siginfo_t *info)
{
    for (size_t i = 0; i < sizeof terminal_signals / sizeof terminal_signals[0]; i++) {
        if (info->si_signo == terminal_signals[i]) {
            return info->si_code != SI_USER && info->si_code != SI_QUEUE &&
                   info->si_code != SI_TKILL;
        }
    }
    return false;
}

void pyr_launch_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    for (size_t i = 0; i < sizeof terminal_signals / sizeof terminal_signals[0]; i++) {
        sigaddset(set, terminal_signals[i]);
    }
    for (size_t i = 0; i < sizeof forwarded_signals / sizeof forwarded_signals[0]; i++) {
        sigaddset(set, forwarded_signals[i]);
    }
}

static bool spawn(const char *path, char *const *argv, const sigset_t *mask, pid_t *child,
                  struct pyr_err *err)
{
    posix_spawnattr_t attributes;
    int status = posix_spawnattr_init(&attributes);
    if (status != 0) {
        return pyr_err_errno(err, status, "can't start %s", path);
    }
    status = posix_spawnattr_setsigmask(&attributes, mask);
    if (status == 0) {
        status = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    }
    if (status == 0) {
        status = posix_spawn(child, path, NULL, &attributes, argv, environ);
    }
    posix_spawnattr_destroy(&attributes);
    return status == 0 || pyr_err_errno(err, status, "can't start %s", path);
}

bool pyr_launch_start(const char *path, char *const *argv, const sigset_t *mask, uint32_t *pid,
                      struct pyr_err *err)
{
    pid_t child = 0;
    if (!spawn(path, argv, mask, &child, err)) {
        return false;
    }
    *pid = (uint32_t)child;
    return true;
}

static void set_end(struct pyr_launch_end *end, pid_t child, int status)
{
    end->pid = (uint32_t)child;
    end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end->status = end->signal != 0 ? 128 + end->signal : WEXITSTATUS(status);
}

bool pyr_launch_has_ended(uint32_t pid, bool wait, bool *ended, struct pyr_launch_end *end,
                          struct pyr_err *err)
{
    siginfo_t info;
    int status = 0;
    int got = -1;
    *ended = false;
    do {
        memset(&info, 0, sizeof info);
        /* Only a look: that it was stopped, to be looked into, is told here as well, and has to be
         * left for who stopped it. */
        got = waitid(P_PID, pid, &info, WEXITED | WNOWAIT | (wait ? 0 : WNOHANG));
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return pyr_err_errno(err, errno, "can't wait for the program");
    }
    if (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED) {
        *ended = waitpid((pid_t)pid, &status, 0) == (pid_t)pid;
        set_end(end, (pid_t)pid, status);
    }
    return true;
}

/* Until the child has ended. All signals of `set` are blocked, so none is missed. */
static bool wait_for(pid_t child, const sigset_t *set, int *status, struct pyr_err *err)
{
    for (;;) {
        siginfo_t info;
        const pid_t ended = waitpid(child, status, WNOHANG);
        if (ended == child) {
            return true;
        }
        if (ended < 0 && errno != EINTR) {
            return pyr_err_errno(err, errno, "can't wait for the program");
        }
        const int signo = sigwaitinfo(set, &info);
        if (signo > 0 && signo != SIGCHLD && !pyr_launch_is_from_terminal(&info)) {
            kill(child, signo);
        }
    }
}

bool pyr_launch_run(const char *path, char *const *argv, struct pyr_launch_end *end,
                    struct pyr_err *err)
{
    sigset_t set;
    sigset_t before;
    pid_t child = 0;
    int status = 0;
    const struct timespec now = {0, 0};
    struct sigaction ordinary = {.sa_handler = SIG_DFL};
    /* Where it is ignored, the child's status would be thrown away. */
    sigaction(SIGCHLD, &ordinary, NULL);
    pyr_launch_signals(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    const bool ok = spawn(path, argv, &before, &child, err) && wait_for(child, &set, &status, err);
    while (sigtimedwait(&set, NULL, &now) > 0) {
        continue; /* what came too late for the child is not meant for us either */
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (!ok) {
        return false;
    }
    set_end(end, child, status);
    return true;
}

void pyr_launch_die(int signal)
{
    const struct rlimit none = {0, 0};
    struct sigaction ordinary = {.sa_handler = SIG_DFL};
    sigset_t set;
    setrlimit(RLIMIT_CORE, &none);
    sigaction(signal, &ordinary, NULL);
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(signal);
}
