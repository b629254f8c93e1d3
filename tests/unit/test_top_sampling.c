/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_sampling.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static const struct pyr_recorder_options options = {.sampler = {.rate = 100, .max_depth = 100},
                                                    .collect = {.idle = true}};

static void test_a_process_that_can_not_be_read_is_told_at_once(void **state)
{
    (void)state;
    struct pyr_sampling sampling = {0};
    struct pyr_err err = {0};
    assert_false(pyr_sampling_start(&sampling, 999999999, &options, &err));
    assert_int_not_equal(err.code, PYR_OK);
    assert_false(sampling.started);
    pyr_sampling_stop(&sampling); /* once more, which is nothing */
}

static void test_one_that_was_never_started_can_be_stopped(void **state)
{
    (void)state;
    struct pyr_sampling sampling = {0};
    pyr_sampling_stop(&sampling);
    assert_false(sampling.started);
}

/* A process of ours in which no Python comes up: taken as it is, then it ends. */
static void test_the_end_of_the_process_is_told_with_the_last_picture(void **state)
{
    (void)state;
    struct pyr_recorder_options starting = options;
    struct pyr_sampling sampling = {0};
    struct pyr_top_model model;
    struct pyr_err err = {0};
    const pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    starting.starting = true;
    pyr_top_model_init(&model);
    assert_true(pyr_sampling_start(&sampling, (uint32_t)child, &starting, &err));
    assert_true(pyr_sampling_take(&sampling, &model, &err));
    assert_false(model.facts.ended);
    pyr_sampling_set_rate(&sampling, 500);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    for (int i = 0; i < 1000 && !model.facts.ended; i++) {
        usleep(10000);
        assert_true(pyr_sampling_take(&sampling, &model, &err));
    }
    assert_true(model.facts.ended);
    assert_true(model.facts.why[0] != '\0');
    assert_int_equal(model.facts.rate_asked, 500);
    pyr_sampling_stop(&sampling);
    pyr_top_model_release(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_process_that_can_not_be_read_is_told_at_once),
        cmocka_unit_test(test_one_that_was_never_started_can_be_stopped),
        cmocka_unit_test(test_the_end_of_the_process_is_told_with_the_last_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
