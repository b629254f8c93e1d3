/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/scope.h"

#include <string.h>

#include "base/mem.h"
#include "report_fixture.h"
#include "unit.h"

/* The ids of the threads in the scope, as digits, and the words on it. */
static void assert_scope(struct pyr_report_options options, const char *ids, const char *words)
{
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_scope scope = {0};
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    assert_true(pyr_scope_find(profile, &options, &scope, &err));
    for (uint32_t i = 0; i <= pyr_threads_count(profile->threads); i++) {
        if (scope.group_of == NULL || scope.group_of[i] != 0) {
            pyr_buf_addf(&out, "%u", (unsigned)i);
        }
    }
    assert_string_equal(out.data == NULL ? "" : out.data, ids);
    pyr_buf_clear(&out);
    pyr_scope_add_words(profile, &scope, &out);
    assert_string_equal(out.data == NULL ? "" : out.data, words);
    pyr_buf_release(&out);
    pyr_scope_release(&scope);
    pyr_profile_free(profile);
}

static void test_without_options_everything_is_in_it(void **state)
{
    (void)state;
    assert_scope((struct pyr_report_options){.thread = NULL}, "012345678",
                 " on 2 threads, 3 tasks, 1 greenlet");
}

static void test_a_thread_brings_what_ran_in_it(void **state)
{
    (void)state;
    assert_scope((struct pyr_report_options){.thread = "Worker"}, "26", " on thread Worker");
    assert_scope((struct pyr_report_options){.thread = "101"}, "134578", " on thread MainThread");
    assert_scope((struct pyr_report_options){.thread = "2"}, "26", " on thread Worker");
}

static void test_tasks_and_greenlets_are_threads_too(void **state)
{
    (void)state;
    assert_scope((struct pyr_report_options){.thread = "Task-2"}, "47", " on task Task-2");
    assert_scope((struct pyr_report_options){.thread = "Greenlet-0"}, "6",
                 " on greenlet Greenlet-0");
}

static void test_a_coroutine_means_all_its_tasks(void **state)
{
    (void)state;
    assert_scope((struct pyr_report_options){.task = "fetch"}, "457", " on 2 tasks called fetch");
    assert_scope((struct pyr_report_options){.task = "3"}, "3", " on task Task-1");
}

static void test_options_narrow_each_other(void **state)
{
    (void)state;
    assert_scope((struct pyr_report_options){.tag = "alice"}, "7", " under tag alice");
    assert_scope((struct pyr_report_options){.task = "Task-2", .tag = "alice"}, "7",
                 " on task Task-2, under tag alice");
    assert_scope((struct pyr_report_options){.thread = "Worker", .tag = "alice"}, "",
                 " on thread Worker, under tag alice");
}

static void assert_refused(struct pyr_profile *profile, struct pyr_report_options options,
                           const char *words)
{
    struct pyr_scope scope = {0};
    struct pyr_err err = {0};
    assert_false(pyr_scope_find(profile, &options, &scope, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_non_null(strstr(err.message, words));
    pyr_scope_release(&scope);
}

static void test_what_is_not_there_is_a_usage_error_with_a_cure(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    struct pyr_profile *plain = report_fixture_new();
    assert_refused(profile, (struct pyr_report_options){.thread = "9"},
                   "--by-thread lists the 2 there are");
    assert_refused(profile, (struct pyr_report_options){.task = "Worker"},
                   "--report tasks lists the 3 there are");
    assert_refused(profile, (struct pyr_report_options){.task = "1"}, "no task '1'");
    assert_refused(profile, (struct pyr_report_options){.tag = "carol"}, "--report tags");
    assert_refused(plain, (struct pyr_report_options){.task = "x"}, "tells no tasks apart");
    pyr_profile_free(plain);
    pyr_profile_free(profile);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_profile *profile = report_fixture_concurrent();
    const struct pyr_report_options options = {.thread = "Task-2", .tag = "alice"};
    bool ok = false;
    for (long nth = 0; !ok; nth++) {
        struct pyr_scope scope = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        ok = pyr_scope_find(profile, &options, &scope, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, ok ? PYR_OK : PYR_ERR_NOMEM);
        pyr_scope_release(&scope);
    }
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_options_everything_is_in_it),
        cmocka_unit_test(test_a_thread_brings_what_ran_in_it),
        cmocka_unit_test(test_tasks_and_greenlets_are_threads_too),
        cmocka_unit_test(test_a_coroutine_means_all_its_tasks),
        cmocka_unit_test(test_options_narrow_each_other),
        cmocka_unit_test(test_what_is_not_there_is_a_usage_error_with_a_cure),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
