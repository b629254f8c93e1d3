/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/header.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static void set_number(struct pyr_profile *profile, const char *key, int64_t value)
{
    struct pyr_err err = {0};
    assert_true(pyr_meta_set_number(profile->meta, key, value, &err));
}

static void set_text(struct pyr_profile *profile, const char *key, const char *value)
{
    struct pyr_err err = {0};
    assert_true(pyr_meta_set_text(profile->meta, key, value, &err));
}

static const char *header(const struct pyr_profile *profile, struct pyr_report_options options,
                          struct pyr_buf *out)
{
    struct pyr_view view = {0};
    struct pyr_err err = {0};
    pyr_buf_clear(out);
    assert_true(pyr_view_init(&view, profile, &options, &err));
    pyr_header_add(&view, out);
    pyr_view_release(&view);
    return out->data;
}

static void test_says_what_ran_how_long_and_how_it_was_measured(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_buf out = {0};
    assert_string_equal(header(profile, report_fixture_options(), &out),
                        "\n"
                        "  Command    shop.py --all\n"
                        "  Time       1.05 s, started 2023-11-14 22:13:20 UTC\n"
                        "  Calls      36 of 6 functions on 2 threads\n"
                        "  Measured   Python 3.12.1, clock tsc\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_the_cost_of_measuring_counts_each_kind_of_call(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_buf out = {0};
    set_number(profile, PYR_META_COST_PYTHON_INSIDE, 400000000);  /* 0.4 ms each … */
    set_number(profile, PYR_META_COST_PYTHON_OUTSIDE, 600000000); /* … and 0.6, of 16 calls */
    set_number(profile, PYR_META_COST_BUILTIN_INSIDE, 200000000); /* 0.2 ms, of 20 calls */
    assert_true(report_fixture_has_line(header(profile, report_fixture_options(), &out),
                                        "cost about 20.0 ms (2.0 %)"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_whatever_was_lost_is_a_warning_in_words(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_buf out = {0};
    set_number(profile, PYR_META_LOST_FOLDED, 1234);
    set_number(profile, PYR_META_LOST_DEEP, 0);
    set_number(profile, "lost_socks", 2);
    const char *text = header(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(text, "Warning|folded into (folded) 1,234 times"));
    assert_true(report_fixture_has_line(text, "Warning|2 lost: socks"));
    assert_null(strstr(text, "too deep"));
    pyr_buf_clear(&out);
    set_number(profile, PYR_META_LOST_DEEP, 1);
    set_number(profile, PYR_META_LOST_UNMATCHED, 1);
    text = header(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(
        text, "Warning|recursion went too deep 1 time; calls below were not seen"));
    assert_true(report_fixture_has_line(text, "Warning|1 return came without"));
    pyr_buf_clear(&out);
    set_number(profile, PYR_META_LOST_DEEP, 2);
    text = header(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(text, "too deep 2 times; calls"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_clocks_and_losses_of_concurrent_programs_are_told(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    set_number(profile, PYR_META_LOST_RUNS, 1500);
    set_number(profile, PYR_META_LOST_CONTEXTS, 1);
    set_number(profile, PYR_META_LOST_CALLBACKS, 2);
    set_number(profile, PYR_META_CONTEXT_LIMIT, 1000);
    const char *text = header(profile, options, &out);
    assert_true(report_fixture_has_line(text, "Measured|clock tsc, CPU by rseq"));
    assert_true(report_fixture_has_line(text, "Calls|2 threads, 3 tasks, 1 greenlet"));
    assert_true(report_fixture_has_line(text, "Warning|1,500 events|timeline|(--timeline=N"));
    set_number(profile, PYR_META_FINISHED, 0);
    pyr_buf_clear(&out);
    text = header(profile, options, &out);
    assert_true(report_fixture_has_line(text, "Warning|the timeline is missing: it is written"));
    assert_null(strstr(text, "1,500 events"));
    set_number(profile, PYR_META_FINISHED, 1);
    pyr_buf_clear(&out);
    text = header(profile, options, &out);
    assert_true(report_fixture_has_line(text, "Warning|1 task, greenlet or tag|--context-limit"));
    assert_true(report_fixture_has_line(text, "Warning|2 callbacks|given up|standard error"));
    assert_null(strstr(text, "Also"));
    options.task = "fetch";
    assert_true(report_fixture_has_line(header(profile, options, &out),
                                        "Calls|4 of 5 functions on 2 tasks called fetch"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_an_unfinished_file_says_so(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_buf out = {0};
    set_number(profile, PYR_META_FINISHED, 0);
    set_text(profile, PYR_META_STOP_REASON, "the disk\x1b[2J is full");
    const char *text = header(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(text, "Warning|unfinished|(the disk\\x1b[2J is full)"));
    assert_null(strstr(strstr(text, "Warning") + 1, "Warning"));
    pyr_buf_clear(&out);
    set_number(profile, PYR_META_FINISHED, 1);
    text = header(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(text, "Warning|incomplete: the disk"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_unknown_remarks_are_shown_and_commands_cut_to_the_width(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    options.width = 30;
    set_text(profile, PYR_META_COMMAND, "a_very_long_script_name.py --and --options");
    set_text(profile, "stacks", "estimated");
    set_number(profile, PYR_META_EXIT_STATUS, 3);
    const char *text = header(profile, options, &out);
    assert_true(report_fixture_has_line(text, "Command|a_very_long_scri…"));
    assert_true(report_fixture_has_line(text, "Also|stacks: estimated"));
    assert_true(report_fixture_has_line(text, "Time|exit status 3"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_samples_are_told_where_there_are_no_calls(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_sampled();
    struct pyr_buf out = {0};
    assert_string_equal(header(profile, report_fixture_options(), &out),
                        "\n  Total      4 samples in 2 functions\n");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

/* A recording of 1,000 rounds, 7 of them late, with 900 samples. */
static struct pyr_profile *new_recording(void)
{
    struct pyr_profile *profile = report_fixture_sampled();
    set_text(profile, PYR_META_MODE, "frozen");
    set_number(profile, PYR_META_RATE_ASKED, 100);
    set_number(profile, PYR_META_RATE_REACHED, 99250);
    set_number(profile, PYR_META_ROUNDS, 993);
    set_number(profile, PYR_META_SAMPLES, 900);
    set_number(profile, PYR_META_SAMPLES_EXACT, 897);
    set_number(profile, PYR_META_LOST_TORN, 3);
    set_number(profile, PYR_META_LOST_SAMPLES, 1);
    set_number(profile, PYR_META_LOST_ROUNDS, 7);
    return profile;
}

static void test_a_recording_says_how_true_it_is(void **state)
{
    (void)state;
    struct pyr_profile *profile = new_recording();
    struct pyr_buf out = {0};
    const char *text = header(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(text, "Sampled    at 99.2 of 100 Hz, frozen: 897 exact, "
                                              "3 torn, 1 lost; 7 of 1,000 rounds late") ||
                report_fixture_has_line(text, "Sampled    at 99.3 of 100 Hz, frozen: 897 exact, "
                                              "3 torn, 1 lost; 7 of 1,000 rounds late"));
    assert_null(strstr(text, "Warning"));
    assert_null(strstr(text, "Also"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_a_recording_that_lost_much_warns(void **state)
{
    (void)state;
    struct pyr_profile *profile = new_recording();
    struct pyr_buf out = {0};
    set_number(profile, PYR_META_LOST_TORN, 20);
    set_number(profile, PYR_META_LOST_SAMPLES, 30);
    set_number(profile, PYR_META_LOST_ROUNDS, 500);
    set_number(profile, PYR_META_LOST_THREADS, 1);
    const char *text = header(profile, report_fixture_options(), &out);
    assert_true(report_fixture_has_line(text, "Warning|20 stacks have a tip"));
    assert_true(report_fixture_has_line(text, "Warning|30 samples could not be taken"));
    assert_true(report_fixture_has_line(text, "Warning|500 rounds were left out"));
    assert_true(report_fixture_has_line(text, "Warning|1 sample is of a thread beyond"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_what_ran_how_long_and_how_it_was_measured),
        cmocka_unit_test(test_the_cost_of_measuring_counts_each_kind_of_call),
        cmocka_unit_test(test_whatever_was_lost_is_a_warning_in_words),
        cmocka_unit_test(test_clocks_and_losses_of_concurrent_programs_are_told),
        cmocka_unit_test(test_an_unfinished_file_says_so),
        cmocka_unit_test(test_unknown_remarks_are_shown_and_commands_cut_to_the_width),
        cmocka_unit_test(test_samples_are_told_where_there_are_no_calls),
        cmocka_unit_test(test_a_recording_says_how_true_it_is),
        cmocka_unit_test(test_a_recording_that_lost_much_warns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
