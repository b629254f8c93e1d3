/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_output.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "formats/format.h"
#include "unit.h"

static void assert_name(const char *path, uint32_t number, const char *expected)
{
    struct pyr_buf name = {0};
    pyr_record_output_name(path, number, &name);
    assert_string_equal(name.data, expected);
    pyr_buf_release(&name);
}

static void test_numbers_stand_before_the_extension(void **state)
{
    (void)state;
    assert_name("run.pyro", 1, "run.0001.pyro");
    assert_name("a/b.speedscope.json", 12, "a/b.0012.speedscope.json");
    assert_name("plain", 12345, "plain.12345");
}

/* Ten stacks of one frame each. */
static struct pyr_profile *new_profile(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    uint32_t column = 0;
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_SAMPLES,
                                PYR_UNIT_COUNT, &column, &err));
    return profile;
}

static void add_samples(struct pyr_profile *profile, uint32_t stacks, int64_t count)
{
    struct pyr_err err = {0};
    const struct pyr_function_text text = {"f", "m", "m.py", 1, PYR_FUNC_PYTHON};
    pyr_func func;
    assert_true(pyr_profile_add_function(profile, &text, &func, &err));
    for (uint32_t i = 1; i <= stacks; i++) {
        pyr_stack stack;
        assert_true(pyr_profile_push(profile, (pyr_stack){0}, func, i, &stack, &err));
        assert_true(pyr_values_add(profile->values, stack, (pyr_thread){0}, 0, count, &err));
    }
}

static int64_t total_of(const char *path)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    int64_t sum = 0;
    assert_true(pyr_format_load(path, NULL, &profile, &err));
    for (uint32_t row = 1; row <= pyr_values_count(profile->values); row++) {
        sum += pyr_values_get(profile->values, row).v[0];
    }
    pyr_profile_free(profile);
    return sum;
}

static void test_the_file_is_whole_after_every_flush(void **state)
{
    (void)state;
    char path[] = "/tmp/record-XXXXXX";
    struct pyr_err err = {0};
    struct pyr_record_output output = {.path = path};
    struct pyr_profile *profile = new_profile();
    close(mkstemp(path));
    unlink(path);
    assert_true(pyr_record_output_flush(&output, profile, &err));
    assert_int_not_equal(access(path, F_OK), 0); /* nothing to write yet */
    add_samples(profile, 10, 1);
    assert_true(pyr_record_output_flush(&output, profile, &err));
    assert_int_equal(total_of(path), 10);
    add_samples(profile, 10, 2);
    assert_true(pyr_record_output_flush(&output, profile, &err));
    assert_int_equal(total_of(path), 30);
    assert_true(pyr_record_output_close(&output, profile, &err));
    assert_int_equal(total_of(path), 30);
    pyr_record_output_abandon(&output);
    unlink(path);
    pyr_profile_free(profile);
}

static void test_a_file_that_is_stated_again_and_again_stays_small(void **state)
{
    (void)state;
    char path[] = "/tmp/record-XXXXXX";
    struct pyr_err err = {0};
    struct stat status;
    struct pyr_record_output output = {.path = path};
    struct pyr_profile *profile = new_profile();
    close(mkstemp(path));
    off_t largest = 0;
    for (int64_t i = 1; i <= 400; i++) {
        add_samples(profile, 20000, i * 1000003);
        assert_true(pyr_record_output_flush(&output, profile, &err));
        assert_int_equal(stat(path, &status), 0);
        largest = status.st_size > largest ? status.st_size : largest;
    }
    assert_true(largest < 8 << 20); /* it would be some 20 MB */
    const int64_t expected = (int64_t)20000 * 1000003 * (400 * 401 / 2);
    assert_int_equal(total_of(path), expected);
    assert_true(pyr_record_output_close(&output, profile, &err));
    assert_int_equal(total_of(path), expected);
    unlink(path);
    pyr_profile_free(profile);
}

static void test_a_place_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_record_output output = {.path = "/nonexistent/x.pyro"};
    struct pyr_profile *profile = new_profile();
    add_samples(profile, 1, 1);
    assert_false(pyr_record_output_flush(&output, profile, &err));
    assert_true(err.code != PYR_OK);
    err = (struct pyr_err){0};
    assert_false(pyr_record_output_close(&output, profile, &err));
    pyr_record_output_abandon(&output);
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_stand_before_the_extension),
        cmocka_unit_test(test_the_file_is_whole_after_every_flush),
        cmocka_unit_test(test_a_file_that_is_stated_again_and_again_stays_small),
        cmocka_unit_test(test_a_place_that_cannot_be_written_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
