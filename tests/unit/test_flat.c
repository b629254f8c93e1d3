/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/flat.h"

#include <string.h>

#include "model/compensate.h"
#include "report_fixture.h"
#include "unit.h"

/* The report without its header. */
static const char *body(const char *text)
{
    const char *found = strstr(text, "\n\n");
    return found == NULL ? text : found + 2;
}

static void test_shows_every_figure_of_every_function(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_string_equal(
        body(text),
        "  calls     self      %            total      %  per call  function       where\n"
        "     10   600 ms 60.0 %  ██████   650 ms 65.0 %   65.0 ms  price          shop.py:20\n"
        "    3/1   250 ms 25.0 %  ██▌      250 ms 25.0 %    250 ms  walk           shop.py:10\n"
        "     20  50.0 ms  5.0 %  ▌       50.0 ms  5.0 %   2.50 ms  len            [builtins]\n"
        "      1  50.0 ms  5.0 %  ▌       50.0 ms  5.0 %   50.0 ms  work           shop.py:40\n"
        "      1  40.0 ms  4.0 %  ▍        940 ms 94.0 %    940 ms  main           shop.py:30\n"
        "      1  10.0 ms  1.0 %  ▏        950 ms 95.0 %    950 ms  <module> shop  shop.py:1\n"
        "\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_limit_says_what_it_hides(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.limit = 2;
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "… 4 more functions, 15.0 % of the total"));
    assert_false(report_fixture_has_line(text, "work"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_filters_leave_shares_of_the_whole(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.module = "builtins";
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "20|50.0 ms|5.0 %|len"));
    assert_false(report_fixture_has_line(text, "price"));
    pyr_buf_clear(&out);
    options.module = "nowhere";
    text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "No function matches."));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_raw_and_corrected_times_stand_side_by_side(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    assert_true(pyr_meta_set_number(profile->meta, PYR_META_COST_PYTHON_INSIDE, 1000000000, &err));
    assert_true(
        pyr_meta_set_number(profile->meta, PYR_META_COST_BUILTIN_OUTSIDE, 2000000000, &err));
    assert_true(pyr_compensate(profile, &err));
    options.compensated = true;
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    /* price: 600 ms less 10 x 1 ms of its own and 20 x 2 ms for its calls of len. */
    assert_true(report_fixture_has_line(text, "10|600 ms|550 ms|650 ms|600 ms|price"));
    assert_true(report_fixture_has_line(text, "Measured|subtracted"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_cpu_divides_the_self_time_and_coroutines_show_their_lives(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_true(report_fixture_has_line(
        text, "self|cpu|waiting|total|awaiting|starved|elapsed|resumes|function"));
    assert_true(report_fixture_has_line(text, "120 ms|12.0 %|50.0 ms|70.0 ms|450 ms|45.0 %|loop"));
    assert_true(report_fixture_has_line(
        text, "110 ms|11.0 %|110 ms|0 s|180 ms|700 ms|30.0 ms|910 ms|6|fetch"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_corrected_cpu_stands_beside_corrected_wall_and_waiting_stays(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    assert_true(pyr_meta_set_number(profile->meta, PYR_META_COST_PYTHON_INSIDE, 1000000000, &err));
    assert_true(pyr_compensate(profile, &err));
    options.compensated = true;
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    /* parse: 100 ms of wall and 90 ms of CPU time, each less 10 x 1 ms. */
    assert_true(report_fixture_has_line(text, "10|100 ms|90.0 ms|80.0 ms|10.0 ms|100 ms|parse"));
    assert_null(strstr(text, "cpu_corrected"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_cpu_alone_is_the_main_metric(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    uint32_t column;
    const pyr_stack main = report_fixture_push(profile, (pyr_stack){0}, "main", 30);
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_AWAITED,
                                PYR_UNIT_NS, &column, &err));
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_CPU, PYR_UNIT_NS,
                                &column, &err));
    assert_true(pyr_values_add(profile->values, main, (pyr_thread){0}, 0, 70000000, &err));
    assert_true(pyr_values_add(profile->values, main, (pyr_thread){0}, 1, 5000000, &err));
    options.sort = "cpu";
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_true(report_fixture_has_line(text, "5.00 ms|100 %|5.00 ms|100 %|70.0 ms|main"));
    assert_null(strstr(text, " waiting"));
    assert_null(strstr(text, "elapsed"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_samples_are_shown_as_counts(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_sampled();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    assert_string_equal(body(text), "  self     %              total     %  function  where\n"
                                    "     4 100 %  ██████████      4 100 %  hot       shop.py:4\n"
                                    "     0 0.0 %                  4 100 %  main      shop.py:30\n"
                                    "\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_ascii_terminals_get_ascii_only(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.ascii = true;
    options.limit = 1;
    const char *text = report_fixture_render(&pyr_report_flat, profile, &options, &out);
    for (const char *c = text; *c != '\0'; c++) {
        assert_true((unsigned char)*c < 0x80);
    }
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct pyr_report_options options = report_fixture_options();
    report_fixture_starve(&pyr_report_flat, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shows_every_figure_of_every_function),
        cmocka_unit_test(test_a_limit_says_what_it_hides),
        cmocka_unit_test(test_filters_leave_shares_of_the_whole),
        cmocka_unit_test(test_raw_and_corrected_times_stand_side_by_side),
        cmocka_unit_test(test_cpu_divides_the_self_time_and_coroutines_show_their_lives),
        cmocka_unit_test(test_corrected_cpu_stands_beside_corrected_wall_and_waiting_stays),
        cmocka_unit_test(test_cpu_alone_is_the_main_metric),
        cmocka_unit_test(test_samples_are_shown_as_counts),
        cmocka_unit_test(test_ascii_terminals_get_ascii_only),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
