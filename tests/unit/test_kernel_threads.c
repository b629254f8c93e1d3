/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/kernel_threads.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "remote/interpreters.h"
#include "unit.h"

#define POINTED_SIZE 768 /* bytes of what pthread_self() points at that are looked at */

struct other {
    pthread_t thread;
    uint32_t tid;
    sem_t ready;
    sem_t done;
};

static void *wait_until_done(void *context)
{
    struct other *other = context;
    other->tid = (uint32_t)syscall(SYS_gettid);
    (void)sem_post(&other->ready);
    while (sem_wait(&other->done) != 0) {
    }
    return NULL;
}

static int start_other(void **state)
{
    static struct other other;
    (void)sem_init(&other.ready, 0, 0);
    (void)sem_init(&other.done, 0, 0);
    if (pthread_create(&other.thread, NULL, wait_until_done, &other) != 0) {
        return -1;
    }
    while (sem_wait(&other.ready) != 0) {
    }
    *state = &other;
    return 0;
}

static int end_other(void **state)
{
    struct other *other = *state;
    (void)sem_post(&other->done);
    return pthread_join(other->thread, NULL);
}

static void test_the_threads_of_a_process_are_listed(void **state)
{
    struct other *other = *state;
    struct pyr_kernel_threads threads = {0};
    struct pyr_err err = {0};
    uint32_t self = (uint32_t)getpid();
    assert_true(pyr_kernel_threads_read(&threads, self, &err));
    assert_true(threads.count >= 2);
    assert_int_equal(pyr_kernel_threads_find(&threads, self), self);
    assert_int_equal(pyr_kernel_threads_find(&threads, other->tid), other->tid);
    assert_int_equal(pyr_kernel_threads_find(&threads, 0), 0);
    assert_int_equal(pyr_kernel_threads_find(&threads, UINT32_MAX), 0);
    pyr_kernel_threads_release(&threads);
    assert_false(pyr_kernel_threads_read(&threads, INT32_MAX, &err));
    assert_int_equal(err.code, PYR_ERR_GONE);
    pyr_kernel_threads_release(&threads);
}

/* As before 3.11: of a thread nothing is known but what pthread_self() gave. */
static void test_threads_are_matched_by_their_thread_pointers(void **state)
{
    struct other *other = *state;
    struct pyr_kernel_threads threads = {0};
    struct pyr_err err = {0};
    static const uint8_t nothing[POINTED_SIZE];
    uint64_t pointers[2] = {(uint64_t)pthread_self(), (uint64_t)other->thread};
    const struct pyr_memory_image images[] = {
        {pointers[0], (const void *)(uintptr_t)pointers[0], POINTED_SIZE},
        {pointers[1], (const void *)(uintptr_t)pointers[1], POINTED_SIZE},
        {0x1000, nothing, POINTED_SIZE},
    };
    struct pyr_memory *memory = pyr_memory_open_images(images, 3);
    assert_true(pyr_kernel_threads_read(&threads, (uint32_t)getpid(), &err));
    assert_int_equal(pyr_kernel_threads_match(&threads, memory, pointers[0]), getpid());
    assert_int_equal(pyr_kernel_threads_match(&threads, memory, pointers[1]), other->tid);
    assert_int_equal(pyr_kernel_threads_match(&threads, memory, 0x1000), 0);
    assert_int_equal(pyr_kernel_threads_match(&threads, memory, 0xdead0000beefull), 0);
    pyr_kernel_threads_release(&threads);
    pyr_memory_close(memory);
}

static void test_the_innermost_number_is_the_last(void **state)
{
    (void)state;
    assert_int_equal(pyr_kernel_threads_inner("Name:\tx\nNSpid:\t4711\t12\t1\nNSsid:\t9\n"), 1);
    assert_int_equal(pyr_kernel_threads_inner("Name:\tx\nNSpid:\t4711\n"), 4711);
    assert_int_equal(pyr_kernel_threads_inner("Name:\tNSpid:\t5\n"), 0);
    assert_int_equal(pyr_kernel_threads_inner("\nNSpid:\t99999999999999\n"), 0);
    assert_int_equal(pyr_kernel_threads_inner("\nNSpid:"), 0);
    assert_int_equal(pyr_kernel_threads_inner(""), 0);
}

static void test_the_kernel_says_what_a_thread_is_at(void **state)
{
    struct other *other = *state;
    uint32_t self = (uint32_t)getpid();
    assert_int_equal(pyr_thread_state(self, self), PYR_THREAD_RUNNING);
    enum pyr_thread_state at = PYR_THREAD_UNKNOWN;
    for (int i = 0; i < 1000 && at != PYR_THREAD_SLEEPING; i++) { /* it is on its way there */
        at = pyr_thread_state(self, other->tid);
        (void)usleep(1000);
    }
    assert_int_equal(at, PYR_THREAD_SLEEPING);
    assert_int_equal(pyr_thread_state(self, INT32_MAX), PYR_THREAD_DEAD);
}

static void test_running_out_of_memory_is_reported(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_kernel_threads threads = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_kernel_threads_read(&threads, (uint32_t)getpid(), &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_kernel_threads_release(&threads);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_threads_of_a_process_are_listed),
        cmocka_unit_test(test_threads_are_matched_by_their_thread_pointers),
        cmocka_unit_test(test_the_innermost_number_is_the_last),
        cmocka_unit_test(test_the_kernel_says_what_a_thread_is_at),
        cmocka_unit_test(test_running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, start_other, end_other);
}
