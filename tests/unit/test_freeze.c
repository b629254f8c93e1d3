/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/freeze.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static struct pyr_rseq hoped(void)
{
    return (struct pyr_rseq){.state = PYR_RSEQ_HOPED, .offset = 2336};
}

static void say(struct pyr_rseq *rseq, uint32_t cpu, uint32_t kernel, int times)
{
    for (int i = 0; i < times; i++) {
        pyr_rseq_learn(rseq, (struct pyr_rseq_words){cpu, cpu}, kernel);
    }
}

static void test_an_offset_is_proved_by_agreeing_on_two_cpus(void **state)
{
    (void)state;
    struct pyr_rseq rseq = hoped();
    say(&rseq, 0, 0, 1000); /* zeros would agree as well */
    assert_int_equal(rseq.state, PYR_RSEQ_HOPED);
    say(&rseq, 1, 1, PYR_RSEQ_MATCHES - 1);
    assert_int_equal(rseq.state, PYR_RSEQ_HOPED);
    say(&rseq, 1, 1, 1);
    assert_int_equal(rseq.state, PYR_RSEQ_PROVED);
}

static void test_a_few_misses_are_no_disproof_but_many_are(void **state)
{
    (void)state;
    struct pyr_rseq rseq = hoped();
    say(&rseq, 0, 1, PYR_RSEQ_MISSES - 1);
    assert_int_equal(rseq.state, PYR_RSEQ_HOPED);
    say(&rseq, 0, 1, 1);
    assert_int_equal(rseq.state, PYR_RSEQ_NONE);
    assert_int_equal(pyr_rseq_address(&rseq, 0x7000), 0);
    say(&rseq, 1, 1, 100); /* it stays so */
    assert_int_equal(rseq.state, PYR_RSEQ_NONE);
}

static void test_words_that_name_no_cpu_are_none(void **state)
{
    (void)state;
    assert_int_equal(pyr_rseq_cpu((struct pyr_rseq_words){3, 3}), 3);
    assert_int_equal(pyr_rseq_cpu((struct pyr_rseq_words){0, 3}), PYR_CPU_UNKNOWN);
    /* Threads that have registered no area, or failed to. */
    assert_int_equal(pyr_rseq_cpu((struct pyr_rseq_words){0, UINT32_MAX}), PYR_CPU_UNKNOWN);
    assert_int_equal(pyr_rseq_cpu((struct pyr_rseq_words){UINT32_MAX, UINT32_MAX}),
                     PYR_CPU_UNKNOWN);
    assert_int_equal(pyr_rseq_cpu((struct pyr_rseq_words){UINT32_MAX - 1, UINT32_MAX - 1}),
                     PYR_CPU_UNKNOWN);
}

static void test_the_area_is_at_the_thread_pointer_and_the_offset(void **state)
{
    (void)state;
    struct pyr_rseq rseq = hoped();
    assert_int_equal(pyr_rseq_address(&rseq, 0x7000), 0x7000 + 2336);
    assert_int_equal(pyr_rseq_address(&rseq, 0), 0);
    rseq.offset = -160;
    assert_int_equal(pyr_rseq_address(&rseq, 0x7000), 0x7000 - 160);
}

/* This very process as the target: the words follow each migration. */
static void test_this_process_own_area_is_found_and_follows(void **state)
{
    (void)state;
    struct pyr_target target = {.pid = (uint32_t)getpid()};
    struct pyr_freeze freeze;
    struct pyr_err err = {0};
    assert_true(pyr_maps_read(&target.maps, target.pid, &err));
    target.memory = pyr_memory_open_process(target.pid, 0, &err);
    assert_non_null(target.memory);
    pyr_freeze_open(&freeze, &target, NULL);
    uint64_t address = pyr_rseq_address(&freeze.rseq, (uint64_t)pthread_self());
    for (uint32_t cpu = 0; address != 0 && cpu < 64; cpu++) { /* 0: an old C library */
        struct pyr_rseq_words words;
        if (pyr_freeze_follow(&freeze, cpu)) {
            memset(&words, 0xff, sizeof(words));
            assert_true(pyr_memory_read(target.memory, address, &words, sizeof(words)));
            assert_int_equal(pyr_rseq_cpu(words), cpu);
            assert_int_equal(pyr_home_cpu(), cpu);
        }
    }
    pyr_freeze_close(&freeze);
    pyr_memory_close(target.memory);
    pyr_maps_release(&target.maps);
}

static void test_the_reader_is_let_go_again(void **state)
{
    (void)state;
    struct pyr_target target = {.is_core = true};
    struct pyr_freeze freeze;
    struct pyr_home before;
    struct pyr_home after;
    pyr_home_read(&before);
    pyr_freeze_open(&freeze, &target, NULL);
    assert_true(pyr_freeze_follow(&freeze, pyr_home_cpu()));
    assert_int_equal(freeze.migrations, 0);
    assert_false(pyr_freeze_follow(&freeze, PYR_HOME_MAX_CPUS));
    pyr_home_read(&after);
    assert_int_equal(after.count, 1);
    pyr_freeze_close(&freeze);
    pyr_home_read(&after);
    assert_memory_equal(&before, &after, sizeof(before));
}

static void test_own_switches_are_counted(void **state)
{
    (void)state;
    uint64_t before = pyr_freeze_own_switches();
    usleep(1000);
    assert_true(pyr_freeze_own_switches() > before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_offset_is_proved_by_agreeing_on_two_cpus),
        cmocka_unit_test(test_a_few_misses_are_no_disproof_but_many_are),
        cmocka_unit_test(test_words_that_name_no_cpu_are_none),
        cmocka_unit_test(test_the_area_is_at_the_thread_pointer_and_the_offset),
        cmocka_unit_test(test_this_process_own_area_is_found_and_follows),
        cmocka_unit_test(test_the_reader_is_let_go_again),
        cmocka_unit_test(test_own_switches_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
