/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/group_table.h"

#include <string.h>

#include "report_fixture.h"
#include "unit.h"

static const char *table(const struct pyr_profile *profile, uint32_t rows, struct pyr_buf *out)
{
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_view view = {0};
    struct pyr_groups threads = {0};
    struct pyr_groups contexts = {0};
    struct pyr_err err = {0};
    pyr_buf_clear(out);
    assert_true(pyr_view_init(&view, profile, &options, &err));
    assert_true(pyr_groups_fill(&threads, &view, PYR_BY_THREAD, &err));
    assert_true(pyr_groups_fill(&contexts, &view, PYR_BY_CONTEXT, &err));
    assert_true(pyr_group_table_add(&threads, &contexts, rows, out, &err));
    pyr_groups_release(&threads);
    pyr_groups_release(&contexts);
    pyr_view_release(&view);
    return out->data;
}

static void test_only_columns_that_tell_something_are_shown(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_profile *plain = report_fixture_new();
    struct pyr_buf out = {0};
    assert_string_equal(
        table(profile, 9, &out),
        "   total      %     cpu  waiting  calls  switches  tasks   id  thread\n"
        "  500 ms 50.0 %  350 ms   150 ms     18         7      3  101  MainThread\n"
        "  500 ms 50.0 %  300 ms   200 ms      2         3         102  Worker\n");
    assert_string_equal(table(plain, 9, &out), "    total      %  calls   id  thread\n"
                                               "   950 ms 95.0 %     35  101  MainThread\n"
                                               "  50.0 ms  5.0 %      1  102  Worker\n");
    pyr_buf_release(&out);
    pyr_profile_free(plain);
    pyr_profile_free(profile);
}

static void test_contexts_follow_the_threads_and_say_what_they_are(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_new();
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    pyr_thread thread;
    struct pyr_thread_info info = {.kind = PYR_THREAD_CONTEXT, .parent = {2}, .switches = 9};
    assert_true(pyr_strtab_add_text(profile->strings, "user\x1b 7", &info.name, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
    assert_true(pyr_values_add(profile->values, (pyr_stack){7}, thread, 1, 50000000, &err));
    const char *text = table(profile, 9, &out);
    assert_true(report_fixture_has_line(text, "100 ms|9.5 %|102|thread|Worker"));
    assert_true(report_fixture_has_line(text, "50.0 ms|4.8 %|9|3|context|user\\x1b 7"));
    text = table(profile, 1, &out);
    assert_true(report_fixture_has_line(text, "… 2 more, 14.3 % of the total"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_columns_that_tell_something_are_shown),
        cmocka_unit_test(test_contexts_follow_the_threads_and_say_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
