/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Unwinding and naming, on children of this program whose stacks are known. */
#include "remote/native.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

#define NOINLINE __attribute__((noinline, noclone))
#define DEEP 3000      /* calls; 100 bytes of stack each at least, and more than 64 KiB in all */
#define TOO_DEEP 20000 /* more than PYR_NATIVE_MAX_STACK */

struct shared {
    atomic_uint own_tid; /* of the thread that is looked at */
    atomic_uint tid;     /* the same, when it has arrived */
    atomic_uint depth;
    atomic_bool end;
    atomic_ulong sum;
};

static struct shared *shared;

/* Nothing that follows a call may be left out, or the call would become a jump. */
static NOINLINE void stay(void)
{
    atomic_store(&shared->tid, atomic_load(&shared->own_tid));
    while (!atomic_load(&shared->end)) { /* never: but the compiler must not know */
        atomic_fetch_add(&shared->sum, 1);
    }
}

static NOINLINE void middle(void)
{
    stay();
    atomic_fetch_add(&shared->sum, 2);
}

static NOINLINE void outer(void)
{
    middle();
    atomic_fetch_add(&shared->sum, 3);
}

static NOINLINE void recurse(unsigned depth)
{
    volatile char room[100];
    room[0] = (char)depth;
    if (depth == 0) {
        stay();
    } else {
        recurse(depth - 1);
    }
    atomic_fetch_add(&shared->sum, (unsigned char)room[0]);
}

static NOINLINE void on_signal(int number)
{
    (void)number;
    stay();
    atomic_fetch_add(&shared->sum, 4);
}

static NOINLINE void signal_yourself(void)
{
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    atomic_fetch_add(&shared->sum, 5);
}

static NOINLINE void sleep_long(void)
{
    const struct timespec pause = {1000, 0};
    atomic_store(&shared->tid, atomic_load(&shared->own_tid));
    while (!atomic_load(&shared->end)) {
        nanosleep(&pause, NULL);
    }
}

static NOINLINE void recurse_deeply(void)
{
    recurse(atomic_load(&shared->depth));
    atomic_fetch_add(&shared->sum, 6);
}

static void *thread_main(void *argument)
{
    atomic_store(&shared->own_tid, (unsigned)syscall(SYS_gettid));
    outer();
    return argument;
}

static NOINLINE void stay_in_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, thread_main, NULL);
    pthread_join(thread, NULL);
    atomic_fetch_add(&shared->sum, 7);
}

/* A process and what looks at it. */
struct child {
    pid_t pid;
    struct pyr_target target;
    struct pyr_stopper stopper;
    struct pyr_native *native;
    struct pyr_raw_stack machine;
};

static void begin(struct child *child, void (*run)(void), unsigned depth)
{
    struct pyr_err err = {0};
    const struct timespec pause = {0, 1000000};
    memset(shared, 0, sizeof *shared);
    memset(child, 0, sizeof *child);
    atomic_store(&shared->depth, depth);
    child->pid = fork();
    if (child->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        atomic_store(&shared->own_tid, (unsigned)syscall(SYS_gettid));
        run();
        _exit(1);
    }
    while (atomic_load(&shared->tid) == 0) {
        nanosleep(&pause, NULL);
    }
    child->target.pid = (uint32_t)child->pid;
    child->target.memory = pyr_memory_open_process(child->target.pid, 0, &err);
    assert_non_null(child->target.memory);
    pyr_stopper_init(&child->stopper, child->target.pid);
    child->native = pyr_native_open(&child->target, &err);
    if (child->native == NULL) {
        fail_msg("%s", err.message);
    }
}

static void end(struct child *child)
{
    pyr_native_close(child->native);
    pyr_stopper_release(&child->stopper);
    pyr_memory_close(child->target.memory);
    pyr_raw_stack_release(&child->machine);
    kill(child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
}

static void take(struct child *child)
{
    struct pyr_err err = {0};
    const struct pyr_raw_stack python = {0};
    const uint32_t tid = atomic_load(&shared->tid);
    child->machine.count = 0;
    child->machine.truncated = false;
    if (!pyr_stopper_stop(&child->stopper, &tid, 1, &err) ||
        !pyr_native_copy(child->native, &child->stopper, tid, &python, &err)) {
        fail_msg("%s", err.message);
    }
    pyr_stopper_resume(&child->stopper);
    if (!pyr_native_unwind(child->native, tid, &child->machine, &err)) {
        fail_msg("%s", err.message);
    }
}

static const char *name_of(struct child *child, uint32_t index)
{
    assert_true(index < child->machine.count);
    assert_int_equal(child->machine.frames[index].kind, PYR_RAW_NATIVE);
    const struct pyr_native_symbol *symbol =
        pyr_native_symbol(child->native, child->machine.frames[index].code);
    assert_non_null(symbol);
    return symbol->name;
}

/* The innermost frame with that name; fails when there is none. */
static uint32_t find(struct child *child, const char *name)
{
    for (uint32_t i = 0; i < child->machine.count; i++) {
        if (strcmp(name_of(child, i), name) == 0) {
            return i;
        }
    }
    fail_msg("no %s among the frames", name);
    return 0;
}

static void test_frames_are_the_functions_that_run_innermost_first(void **state)
{
    (void)state;
    struct child child;
    begin(&child, outer, 0);
    for (int look = 0; look < 20; look++) {
        take(&child);
        assert_string_equal(name_of(&child, 0), "stay");
        assert_string_equal(name_of(&child, 1), "middle");
        assert_string_equal(name_of(&child, 2), "outer");
        assert_true(find(&child, "main") > 2);
        assert_string_equal(pyr_native_symbol(child.native, child.machine.frames[0].code)->module,
                            "test_native_unwind");
        assert_false(child.machine.truncated);
        const struct pyr_raw_frame *last = &child.machine.frames[child.machine.count - 1];
        assert_int_equal(last->owner, PYR_NATIVE_BASE);
    }
    end(&child);
}

static void test_callers_are_named_by_the_call_not_by_what_follows_it(void **state)
{
    (void)state;
    struct child child;
    begin(&child, outer, 0);
    take(&child);
    /* The child has this program's code at the same place. */
    const uint64_t code = child.machine.frames[1].code;
    assert_true(code >= (uint64_t)(uintptr_t)middle);
    assert_true(code - (uint64_t)(uintptr_t)middle < 256);
    end(&child);
}

static void test_stack_pointers_rise_from_frame_to_frame(void **state)
{
    (void)state;
    struct child child;
    begin(&child, outer, 0);
    take(&child);
    for (uint32_t i = 1; i < child.machine.count; i++) {
        assert_true(child.machine.frames[i].address > child.machine.frames[i - 1].address);
    }
    end(&child);
}

static void test_a_sleeping_thread_is_in_the_c_library(void **state)
{
    (void)state;
    struct child child;
    begin(&child, sleep_long, 0);
    take(&child);
    const uint32_t at = find(&child, "sleep_long");
    assert_true(at > 0);
    const struct pyr_native_symbol *symbol =
        pyr_native_symbol(child.native, child.machine.frames[at - 1].code);
    assert_true(pyr_native_is_libc(symbol->module));
    assert_false(child.machine.truncated);
    end(&child);
}

static void test_deep_stacks_are_whole_and_so_is_the_next_look(void **state)
{
    (void)state;
    struct child child;
    begin(&child, recurse_deeply, DEEP);
    for (int look = 0; look < 3; look++) { /* from the second on, only what is used is copied */
        take(&child);
        assert_false(child.machine.truncated);
        const uint32_t first = find(&child, "recurse");
        assert_int_equal(find(&child, "recurse_deeply") - first, DEEP + 1);
    }
    end(&child);
}

static void test_stacks_beyond_the_limit_are_cut_and_say_so(void **state)
{
    (void)state;
    struct child child;
    begin(&child, recurse_deeply, TOO_DEEP);
    take(&child);
    assert_true(child.machine.truncated);
    assert_true(child.machine.count > 1000);
    assert_string_equal(name_of(&child, 0), "stay");
    assert_string_equal(name_of(&child, child.machine.count - 1), "recurse");
    end(&child);
}

static void test_a_thread_reaches_its_own_start(void **state)
{
    (void)state;
    struct child child;
    begin(&child, stay_in_thread, 0);
    take(&child);
    assert_string_equal(name_of(&child, 2), "outer");
    assert_string_equal(name_of(&child, 3), "thread_main");
    assert_false(child.machine.truncated);
    const struct pyr_raw_frame *last = &child.machine.frames[child.machine.count - 1];
    assert_int_equal(last->owner, PYR_NATIVE_BASE);
    end(&child);
}

static void test_a_signal_handler_is_above_what_it_interrupted(void **state)
{
    (void)state;
    struct child child;
    begin(&child, signal_yourself, 0);
    take(&child);
    assert_string_equal(name_of(&child, 0), "stay");
    assert_string_equal(name_of(&child, 1), "on_signal");
    assert_true(find(&child, "signal_yourself") > 2);
    assert_false(child.machine.truncated);
    end(&child);
}

static void test_a_thread_that_was_not_copied_has_no_frames(void **state)
{
    (void)state;
    struct child child;
    struct pyr_err err = {0};
    begin(&child, outer, 0);
    assert_true(pyr_native_unwind(child.native, (uint32_t)getpid(), &child.machine, &err));
    assert_int_equal(child.machine.count, 0);
    assert_true(child.machine.truncated);
    end(&child);
}

static void test_code_that_is_nowhere_has_a_name_too(void **state)
{
    (void)state;
    struct child child;
    begin(&child, outer, 0);
    const struct pyr_native_symbol *symbol = pyr_native_symbol(child.native, 42);
    assert_string_equal(symbol->name, "??");
    assert_string_equal(symbol->module, "");
    assert_string_equal(symbol->file, "");
    end(&child);
}

static bool look_once(struct child *child, uint32_t tid, struct pyr_err *err)
{
    const struct pyr_raw_stack python = {0};
    struct pyr_raw_stack merged = {0};
    struct pyr_native *native = pyr_native_open(&child->target, err);
    bool ok = native != NULL && pyr_native_copy(native, &child->stopper, tid, &python, err) &&
              pyr_native_unwind(native, tid, &child->machine, err) &&
              pyr_native_merge(native, &python, &child->machine, true, &merged, err);
    for (uint32_t i = 0; ok && i < merged.count; i++) {
        ok = pyr_native_symbol(native, merged.frames[i].code) != NULL || pyr_err_nomem(err);
    }
    pyr_raw_stack_release(&merged);
    pyr_raw_stack_release(&child->machine);
    pyr_native_close(native);
    return ok;
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct child child;
    struct pyr_err err = {0};
    bool failed = true;
    begin(&child, outer, 0);
    const uint32_t tid = atomic_load(&shared->tid);
    assert_true(pyr_stopper_stop(&child.stopper, &tid, 1, &err));
    for (long nth = 0; failed; nth++) {
        err = (struct pyr_err){0};
        pyr_mem_fail_after(nth);
        failed = !look_once(&child, tid, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
    }
    end(&child);
}

int main(void)
{
    struct pyr_err err = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_are_the_functions_that_run_innermost_first),
        cmocka_unit_test(test_callers_are_named_by_the_call_not_by_what_follows_it),
        cmocka_unit_test(test_stack_pointers_rise_from_frame_to_frame),
        cmocka_unit_test(test_a_sleeping_thread_is_in_the_c_library),
        cmocka_unit_test(test_deep_stacks_are_whole_and_so_is_the_next_look),
        cmocka_unit_test(test_stacks_beyond_the_limit_are_cut_and_say_so),
        cmocka_unit_test(test_a_thread_reaches_its_own_start),
        cmocka_unit_test(test_a_signal_handler_is_above_what_it_interrupted),
        cmocka_unit_test(test_a_thread_that_was_not_copied_has_no_frames),
        cmocka_unit_test(test_code_that_is_nowhere_has_a_name_too),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    if (!pyr_native_available(&err)) {
        printf("skipped: %s\n", err.message);
        return 77;
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
