/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* What a recorder does with processes that are no Python; those that are, tests/remote records. */
#include "remote/recorder.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "unit.h"

static const struct pyr_recorder_options plain = {.sampler = {.rate = 100}};

/* A process that runs no Python, until it is killed. */
static pid_t start(void)
{
    const pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    assert_true(child > 0);
    return child;
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void test_what_is_no_python_is_refused_in_words(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    const pid_t child = start();
    assert_null(pyr_recorder_open((uint32_t)child, &plain, &err));
    assert_true(err.code != PYR_OK && err.message[0] != '\0');
    end(child);
    err = (struct pyr_err){0};
    assert_null(pyr_recorder_open((uint32_t)child, &plain, &err));
    assert_int_equal(err.code, PYR_ERR_GONE);
}

static void test_what_we_started_is_waited_for_until_it_ends(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_recorder_options options = plain;
    struct pyr_recorder_progress progress;
    const pid_t child = start();
    options.starting = true;
    options.subprocesses = true;
    struct pyr_recorder *recorder = pyr_recorder_open((uint32_t)child, &options, &err);
    assert_non_null(recorder);
    assert_true(pyr_recorder_run(recorder, pyr_clock_monotonic_ns() + 30000000, NULL, &err));
    pyr_recorder_progress(recorder, &progress);
    assert_false(progress.started || progress.ended);
    assert_true(pyr_recorder_why_not(recorder)[0] != '\0');
    end(child);
    assert_true(pyr_recorder_run(recorder, UINT64_MAX, NULL, &err)); /* comes back by itself */
    pyr_recorder_progress(recorder, &progress);
    assert_true(progress.ended);
    assert_int_equal(progress.counts.rounds, 0);
    pyr_recorder_close(recorder);
}

static void test_a_stop_that_is_set_ends_a_run(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_recorder_options options = plain;
    const volatile int stop = 1;
    const pid_t child = start();
    options.starting = true;
    struct pyr_recorder *recorder = pyr_recorder_open((uint32_t)child, &options, &err);
    assert_true(pyr_recorder_run(recorder, UINT64_MAX, &stop, &err));
    pyr_recorder_close(recorder);
    end(child);
}

static void test_a_profile_without_samples_says_what_was_asked(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_recorder_options options = plain;
    struct pyr_profile *profile = NULL;
    const struct pyr_profile *same = NULL;
    const pid_t child = start();
    options.starting = true;
    options.keep_last_ns = 1000000000;
    struct pyr_recorder *recorder = pyr_recorder_open((uint32_t)child, &options, &err);
    assert_true(pyr_recorder_finish(recorder, &profile, &err));
    assert_true(pyr_recorder_profile(recorder, &same, &err));
    assert_ptr_equal(profile, same);
    assert_int_equal(pyr_meta_number(profile->meta, PYR_META_RATE_ASKED, 0), 100);
    assert_int_equal(pyr_meta_number(profile->meta, PYR_META_PID, 0), child);
    assert_int_equal(pyr_meta_number(profile->meta, PYR_META_ROUNDS, -1), 0);
    assert_string_equal(pyr_meta_text(profile->meta, PYR_META_COLLECTOR), "record");
    assert_true(pyr_recorder_recent(recorder, 0, &profile, &err));
    assert_int_equal(pyr_values_count(profile->values), 0);
    pyr_profile_free(profile);
    assert_true(pyr_recorder_take(recorder, &profile, &err));
    pyr_profile_free(profile);
    pyr_recorder_close(recorder);
    end(child);
}

static void test_recent_samples_have_to_be_asked_for_at_the_start(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_recorder_options options = plain;
    struct pyr_profile *profile = NULL;
    const pid_t child = start();
    options.starting = true;
    struct pyr_recorder *recorder = pyr_recorder_open((uint32_t)child, &options, &err);
    assert_false(pyr_recorder_recent(recorder, 0, &profile, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    pyr_recorder_close(recorder);
    end(child);
}

static void test_survives_every_failed_allocation_at_the_start(void **state)
{
    (void)state;
    bool failed = true;
    struct pyr_recorder_options options = plain;
    const pid_t child = start();
    options.starting = true;
    options.subprocesses = true;
    options.keep_last_ns = 1;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        struct pyr_recorder *recorder = pyr_recorder_open((uint32_t)child, &options, &err);
        pyr_mem_fail_after(-1);
        failed = recorder == NULL;
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_recorder_close(recorder);
    }
    end(child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_python_is_refused_in_words),
        cmocka_unit_test(test_what_we_started_is_waited_for_until_it_ends),
        cmocka_unit_test(test_a_stop_that_is_set_ends_a_run),
        cmocka_unit_test(test_a_profile_without_samples_says_what_was_asked),
        cmocka_unit_test(test_recent_samples_have_to_be_asked_for_at_the_start),
        cmocka_unit_test(test_survives_every_failed_allocation_at_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
