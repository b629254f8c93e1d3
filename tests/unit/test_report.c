/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/report.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static void test_every_report_is_found_by_its_name_and_renders(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    const struct pyr_report_options options = report_fixture_options();
    for (size_t i = 0; pyr_reports[i] != NULL; i++) {
        struct pyr_buf out = {0};
        struct pyr_err err = {0};
        assert_ptr_equal(pyr_report_find(pyr_reports[i]->name, &err), pyr_reports[i]);
        assert_true(strlen(pyr_reports[i]->summary) > 10);
        (void)report_fixture_render(pyr_reports[i], profile, &options, &out);
        pyr_buf_release(&out);
    }
    pyr_profile_free(profile);
}

static void test_an_unknown_report_is_a_usage_error_with_the_known_ones(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    assert_null(pyr_report_find("pie", &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_non_null(strstr(err.message, "summary, flat, tree"));
}

/* Names from a file may hold anything: none of it may reach the terminal as it is. */
static void test_no_report_lets_a_hostile_name_through(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = report_fixture_sampled();
    const struct pyr_report_options options = report_fixture_options();
    const pyr_stack stack =
        report_fixture_push(profile, (pyr_stack){0}, "x\x1b]0;owned\x07\r\n\xff", 3);
    struct pyr_thread_info info = {.tid = 7};
    pyr_thread thread;
    assert_true(pyr_strtab_add_text(profile->strings, "t\x1b[2J", &info.name, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
    assert_true(pyr_values_add(profile->values, stack, thread, 0, 9, &err));
    assert_true(pyr_meta_set_text(profile->meta, PYR_META_COMMAND, "c\x1b[31m\n", &err));
    assert_true(pyr_meta_set_text(profile->meta, "k\x1b[31m", "v\x1b[31m", &err));
    assert_true(pyr_meta_set_number(profile->meta, "lost_\x1b[31m", 1, &err));
    for (size_t i = 0; pyr_reports[i] != NULL; i++) {
        struct pyr_buf out = {0};
        const char *text = report_fixture_render(pyr_reports[i], profile, &options, &out);
        for (const char *c = text; *c != '\0'; c++) {
            assert_true((unsigned char)*c >= 0x20 || *c == '\n');
        }
        assert_null(strchr(text, '\xff'));
        pyr_buf_release(&out);
    }
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_report_is_found_by_its_name_and_renders),
        cmocka_unit_test(test_an_unknown_report_is_a_usage_error_with_the_known_ones),
        cmocka_unit_test(test_no_report_lets_a_hostile_name_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
