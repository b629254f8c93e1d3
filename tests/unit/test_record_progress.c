/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_progress.h"

#include "unit.h"

static void assert_line(const struct pyr_record_progress *progress,
                        const struct pyr_recorder_progress *now, const char *expected)
{
    struct pyr_buf line = {0};
    pyr_record_progress_add(progress, now, &line);
    assert_string_equal(line.data, expected);
    pyr_buf_release(&line);
}

static void test_says_rate_samples_share_and_time_left(void **state)
{
    (void)state;
    struct pyr_record_progress progress = {.pid = 12, .duration_ns = 30000000000u};
    struct pyr_recorder_progress now = {.started = true,
                                        .rate = 99.84,
                                        .elapsed_ns = 18500000000u,
                                        .counts = {.samples = 1996, .exact = 1990, .lost = 4}};
    assert_line(&progress, &now, "Recording 12 at 99.8 Hz: 1,996 samples, 99.5 % exact, 12 s left");
    progress.duration_ns = 0;
    now.processes = 3;
    assert_line(&progress, &now,
                "Recording 12 at 99.8 Hz: 1,996 samples, 99.5 % exact, 3 processes, 18 s so far; "
                "Ctrl-C ends it");
}

static void test_says_that_it_waits(void **state)
{
    (void)state;
    const struct pyr_record_progress progress = {.pid = 12};
    const struct pyr_recorder_progress now = {0};
    assert_line(&progress, &now, "Waiting for Python in process 12");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_rate_samples_share_and_time_left),
        cmocka_unit_test(test_says_that_it_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
