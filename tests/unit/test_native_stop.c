/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_stop.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

#define THREADS 4
#define SIGNALS 300
#define LOOKS 300

/* What a child and the test both see. */
struct shared {
    atomic_uint ready; /* threads that run */
    atomic_uint tids[THREADS];
    atomic_ulong turns[THREADS];
    atomic_uint received;
    atomic_bool release; /* what waits, may go on */
    atomic_bool end;
};

static struct shared *shared;

static void on_signal(int number)
{
    (void)number;
    atomic_fetch_add(&shared->received, 1);
}

static void *count_turns(void *index)
{
    const size_t i = (size_t)(uintptr_t)index;
    atomic_store(&shared->tids[i], (unsigned)syscall(SYS_gettid));
    atomic_fetch_add(&shared->ready, 1);
    while (!atomic_load(&shared->end)) {
        atomic_fetch_add(&shared->turns[i], 1);
        if (i % 2 == 0) { /* half of them wait in the kernel, half are busy */
            usleep(100);
        }
    }
    return NULL;
}

static void *end_at_once(void *argument)
{
    return argument;
}

/* A child must not outlive the test, even if that fails. */
static void begin_child(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGRTMIN, on_signal);
}

static void run_threads(void)
{
    pthread_t threads[THREADS];
    begin_child();
    for (size_t i = 1; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, count_turns, (void *)(uintptr_t)i);
    }
    count_turns(NULL);
    for (size_t i = 1; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    _exit(7);
}

static void churn_threads(void)
{
    begin_child();
    atomic_store(&shared->ready, THREADS);
    while (!atomic_load(&shared->end)) {
        pthread_t threads[THREADS];
        for (size_t i = 0; i < THREADS; i++) {
            pthread_create(&threads[i], NULL, end_at_once, NULL);
        }
        for (size_t i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
        }
    }
    _exit(7);
}

/* Whoever calls vfork() can't be stopped before the child has ended. */
static void wait_for_vforked(void)
{
    begin_child();
    atomic_store(&shared->ready, THREADS);
    while (!atomic_load(&shared->end)) {
        /* As vfork(), but that the child has its own memory. */
        const pid_t child =
            (pid_t)syscall(SYS_clone, CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL);
        if (child == 0) {
            while (!atomic_load(&shared->release)) {
                usleep(1000);
            }
            _exit(0);
        }
        atomic_fetch_add(&shared->turns[0], 1);
        waitpid(child, NULL, 0);
    }
    _exit(7);
}

static void doze(void)
{
    const struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
}

static pid_t begin(void (*run)(void))
{
    memset(shared, 0, sizeof *shared);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        run();
    }
    while (atomic_load(&shared->ready) != THREADS) {
        doze();
    }
    return pid;
}

/* The child's own end must have been left for us to see. */
static void end_child(pid_t pid)
{
    int status = 0;
    atomic_store(&shared->end, true);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static uint32_t list_threads(pid_t pid, uint32_t *tids, uint32_t max)
{
    char path[64];
    uint32_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL && count < max;
         entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            tids[count++] = (uint32_t)strtoul(entry->d_name, NULL, 10);
        }
    }
    closedir(folder);
    return count;
}

/* The value of "Name:\tvalue" in /proc/PID/status as a text. */
static void status_of(pid_t pid, const char *name, char *value, size_t size)
{
    char path[64];
    char line[256];
    value[0] = '\0';
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') {
            snprintf(value, size, "%.*s", (int)strcspn(line + strlen(name) + 2, "\n"),
                     line + strlen(name) + 2);
        }
    }
    fclose(file);
}

static void stop_all(struct pyr_stopper *stopper, pid_t pid)
{
    uint32_t tids[64];
    struct pyr_err err = {0};
    const uint32_t count = list_threads(pid, tids, 64);
    if (!pyr_stopper_stop(stopper, tids, count, &err)) {
        fail_msg("%s", err.message);
    }
}

static void test_threads_stand_still_while_stopped_and_go_on_afterwards(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    unsigned long before[THREADS];
    const pid_t pid = begin(run_threads);
    pyr_stopper_init(&stopper, (uint32_t)pid);
    for (int look = 0; look < 20; look++) {
        stop_all(&stopper, pid);
        for (size_t i = 0; i < THREADS; i++) {
            assert_true(pyr_stopper_has(&stopper, atomic_load(&shared->tids[i])));
            before[i] = atomic_load(&shared->turns[i]);
        }
        doze();
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(atomic_load(&shared->turns[i]), before[i]);
        }
        pyr_stopper_resume(&stopper);
        for (size_t i = 0; i < THREADS; i++) {
            while (atomic_load(&shared->turns[i]) == before[i]) {
                doze();
            }
        }
    }
    assert_int_equal(stopper.missed, 0);
    pyr_stopper_release(&stopper);
    end_child(pid);
}

static void test_stopping_in_two_steps_holds_both(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    struct pyr_err err = {0};
    const pid_t pid = begin(run_threads);
    const uint32_t first = atomic_load(&shared->tids[0]);
    const uint32_t second[2] = {atomic_load(&shared->tids[1]), first};
    pyr_stopper_init(&stopper, (uint32_t)pid);
    assert_true(pyr_stopper_stop(&stopper, &first, 1, &err));
    assert_true(pyr_stopper_has(&stopper, first));
    assert_false(pyr_stopper_has(&stopper, second[0]));
    assert_true(pyr_stopper_stop(&stopper, second, 2, &err));
    assert_true(pyr_stopper_has(&stopper, first));
    assert_true(pyr_stopper_has(&stopper, second[0]));
    assert_int_equal(stopper.count, 2);
    pyr_stopper_release(&stopper);
    end_child(pid);
}

static void test_every_signal_that_is_sent_meanwhile_arrives(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    const pid_t pid = begin(run_threads);
    pyr_stopper_init(&stopper, (uint32_t)pid);
    for (unsigned i = 0; i < SIGNALS; i++) {
        const uint32_t tid = atomic_load(&shared->tids[i % THREADS]);
        /* Half arrive while all is held still, half at any moment of stopping. */
        assert_int_equal(syscall(SYS_tgkill, pid, tid, SIGRTMIN), 0);
        stop_all(&stopper, pid);
        assert_int_equal(syscall(SYS_tgkill, pid, tid, SIGRTMIN), 0);
        pyr_stopper_resume(&stopper);
    }
    while (atomic_load(&shared->received) < 2 * SIGNALS) {
        doze();
    }
    doze();
    assert_int_equal(atomic_load(&shared->received), 2 * SIGNALS);
    pyr_stopper_release(&stopper);
    end_child(pid);
}

static void wait_for_state(pid_t pid, const char *letters)
{
    char value[64];
    do {
        doze();
        status_of(pid, "State", value, sizeof value);
    } while (strchr(letters, value[0]) == NULL);
}

static void test_what_job_control_stopped_stays_stopped(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    char value[64];
    const pid_t pid = begin(run_threads);
    pyr_stopper_init(&stopper, (uint32_t)pid);
    kill(pid, SIGSTOP);
    wait_for_state(pid, "T");
    stop_all(&stopper, pid);
    assert_true(pyr_stopper_has(&stopper, (uint32_t)pid));
    pyr_stopper_resume(&stopper);
    wait_for_state(pid, "T");
    doze();
    status_of(pid, "State", value, sizeof value);
    assert_int_equal(value[0], 'T');
    kill(pid, SIGCONT);
    wait_for_state(pid, "RS");
    pyr_stopper_release(&stopper);
    end_child(pid);
}

static void test_a_stop_that_arrives_meanwhile_is_obeyed_afterwards(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    const pid_t pid = begin(run_threads);
    pyr_stopper_init(&stopper, (uint32_t)pid);
    stop_all(&stopper, pid);
    kill(pid, SIGSTOP);
    pyr_stopper_resume(&stopper);
    wait_for_state(pid, "T");
    kill(pid, SIGCONT);
    pyr_stopper_release(&stopper);
    end_child(pid);
}

static void test_threads_that_come_and_go_are_no_failure(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    const pid_t pid = begin(churn_threads);
    pyr_stopper_init(&stopper, (uint32_t)pid);
    for (int look = 0; look < LOOKS; look++) {
        stop_all(&stopper, pid);
        pyr_stopper_resume(&stopper);
        assert_int_equal(stopper.count, 0);
    }
    assert_int_equal(stopper.missed, 0);
    pyr_stopper_release(&stopper);
    end_child(pid);
}

static void test_a_thread_that_can_not_be_stopped_is_left_out_and_goes_on(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    const pid_t pid = begin(wait_for_vforked);
    pyr_stopper_init(&stopper, (uint32_t)pid);
    wait_for_state(pid, "D");
    stop_all(&stopper, pid);
    assert_false(pyr_stopper_has(&stopper, (uint32_t)pid));
    assert_int_equal(stopper.missed, 1);
    pyr_stopper_resume(&stopper);
    const unsigned long turns = atomic_load(&shared->turns[0]);
    atomic_store(&shared->release, true);
    while (stopper.count != 0) { /* whenever it stops, it is let go of */
        doze();
        pyr_stopper_resume(&stopper);
    }
    while (atomic_load(&shared->turns[0]) == turns) {
        doze();
    }
    pyr_stopper_release(&stopper);
    end_child(pid);
}

static void test_a_thread_of_another_process_is_left_alone(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    struct pyr_err err = {0};
    const uint32_t own = (uint32_t)getppid();
    const pid_t pid = begin(run_threads);
    pyr_stopper_init(&stopper, (uint32_t)pid);
    assert_true(pyr_stopper_stop(&stopper, &own, 1, &err));
    assert_int_equal(stopper.count, 0);
    pyr_stopper_release(&stopper);
    end_child(pid);
}

static void test_a_process_killed_while_held_still_ends_and_its_parent_sees_it(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    int status = 0;
    const pid_t pid = begin(run_threads);
    pyr_stopper_init(&stopper, (uint32_t)pid);
    stop_all(&stopper, pid);
    kill(pid, SIGKILL);
    pyr_stopper_resume(&stopper);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    const uint32_t tid = (uint32_t)pid;
    struct pyr_err err = {0};
    assert_true(pyr_stopper_stop(&stopper, &tid, 1, &err));
    assert_int_equal(stopper.count, 0);
    pyr_stopper_release(&stopper);
}

/* Begins a process that holds `pid` still, and gives its id when it does. */
static pid_t begin_other_tracer(pid_t pid)
{
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    const pid_t other = fork();
    if (other == 0) {
        struct pyr_stopper stopper;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pyr_stopper_init(&stopper, (uint32_t)pid);
        stop_all(&stopper, pid);
        if (write(ready[1], "", 1) == 1) {
            pause();
        }
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return other;
}

static void test_a_profiler_that_is_killed_leaves_the_process_running(void **state)
{
    (void)state;
    char value[64];
    const pid_t pid = begin(run_threads);
    const pid_t other = begin_other_tracer(pid);
    unsigned long before[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        before[i] = atomic_load(&shared->turns[i]);
    }
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    for (size_t i = 0; i < THREADS; i++) {
        while (atomic_load(&shared->turns[i]) == before[i]) {
            doze();
        }
    }
    status_of(pid, "TracerPid", value, sizeof value);
    assert_string_equal(value, "0");
    end_child(pid);
}

static void test_who_traces_already_is_named(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    struct pyr_err err = {0};
    char number[32];
    const pid_t pid = begin(run_threads);
    const pid_t other = begin_other_tracer(pid);
    const uint32_t tid = (uint32_t)pid;
    pyr_stopper_init(&stopper, (uint32_t)pid);
    assert_false(pyr_stopper_stop(&stopper, &tid, 1, &err));
    assert_int_equal(err.code, PYR_ERR_PERMISSION);
    snprintf(number, sizeof number, "process %d (", (int)other);
    assert_non_null(strstr(err.message, number));
    assert_int_equal(stopper.count, 0);
    pyr_stopper_release(&stopper);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    end_child(pid);
}

static void test_registers_are_those_of_the_thread_and_only_while_it_is_held(void **state)
{
    (void)state;
    struct pyr_stopper stopper;
    struct pyr_err err = {0};
    struct user_regs_struct registers;
    const pid_t pid = begin(run_threads);
    const uint32_t tid = atomic_load(&shared->tids[1]);
    pyr_stopper_init(&stopper, (uint32_t)pid);
    assert_false(pyr_stopper_registers(&stopper, tid, &registers, sizeof registers, &err));
    assert_int_equal(err.code, PYR_ERR_GONE);
    stop_all(&stopper, pid);
    memset(&registers, 0, sizeof registers);
    assert_true(pyr_stopper_registers(&stopper, tid, &registers, sizeof registers, &err));
#if defined(__x86_64__)
    /* That thread counts in this very function, whose code is at the same place in the child. */
    const uintptr_t here = (uintptr_t)count_turns;
    assert_true(registers.rip >= here && registers.rip < here + 4096);
    assert_true(registers.rsp != 0);
#endif
    pyr_stopper_release(&stopper);
    end_child(pid);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const pid_t pid = begin(run_threads);
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_stopper stopper;
        struct pyr_err err = {0};
        const uint32_t tid = (uint32_t)pid;
        pyr_stopper_init(&stopper, tid);
        pyr_mem_fail_after(nth);
        failed = !pyr_stopper_stop(&stopper, &tid, 1, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(stopper.count, failed ? 0 : 1);
        pyr_stopper_release(&stopper);
    }
    end_child(pid);
}

int main(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_stand_still_while_stopped_and_go_on_afterwards),
        cmocka_unit_test(test_stopping_in_two_steps_holds_both),
        cmocka_unit_test(test_every_signal_that_is_sent_meanwhile_arrives),
        cmocka_unit_test(test_what_job_control_stopped_stays_stopped),
        cmocka_unit_test(test_a_stop_that_arrives_meanwhile_is_obeyed_afterwards),
        cmocka_unit_test(test_threads_that_come_and_go_are_no_failure),
        cmocka_unit_test(test_a_thread_that_can_not_be_stopped_is_left_out_and_goes_on),
        cmocka_unit_test(test_a_thread_of_another_process_is_left_alone),
        cmocka_unit_test(test_a_process_killed_while_held_still_ends_and_its_parent_sees_it),
        cmocka_unit_test(test_a_profiler_that_is_killed_leaves_the_process_running),
        cmocka_unit_test(test_who_traces_already_is_named),
        cmocka_unit_test(test_registers_are_those_of_the_thread_and_only_while_it_is_held),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
