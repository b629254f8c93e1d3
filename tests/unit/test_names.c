/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/names.h"

#include <string.h>

#include "base/mem.h"
#include "exchange_fixture.h"
#include "unit.h"

static void assert_becomes(const char *text, size_t len, uint32_t rules, const char *expected)
{
    struct pyr_buf out = {0};
    pyr_name_add(&out, text, len, rules);
    pyr_buf_add_char(&out, '\0');
    assert_false(out.failed);
    assert_int_equal(out.len - 1, strlen(expected));
    assert_string_equal(out.data, expected);
    pyr_buf_release(&out);
}

static void test_valid_text_is_kept_as_it_is(void **state)
{
    (void)state;
    static const char text[] = "a\n\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF;";
    assert_becomes(text, strlen(text), 0, text);
    assert_becomes("", 0, PYR_NAME_ONE_LINE, "");
}

static void test_broken_utf8_becomes_one_mark_per_byte(void **state)
{
    (void)state;
    assert_becomes("a\xFFz", 3, 0, "a\xEF\xBF\xBDz");
    assert_becomes("\xC0\x80", 2, 0, "\xEF\xBF\xBD\xEF\xBF\xBD"); /* longer than need be */
    assert_becomes("\xE0\x80\x80", 3, 0, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_becomes("\xF4\x90\x80\x80", 4, 0, /* beyond the last character */
                   "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_becomes("\xE2\x82", 2, 0, "\xEF\xBF\xBD\xEF\xBF\xBD"); /* cut */
    assert_becomes("\xE2\x82\x41", 3, 0,
                   "\xEF\xBF\xBD\xEF\xBF\xBD"
                   "A");
}

static void test_lone_surrogates_are_kept_on_demand(void **state)
{
    (void)state;
    assert_becomes("\xED\xA0\x80", 3, PYR_NAME_SURROGATES, "\xED\xA0\x80");
    assert_becomes("\xED\xA0\x80", 3, 0, "\xEF\xBF\xBD");
    assert_becomes("\xED\x9F\xBF", 3, 0, "\xED\x9F\xBF"); /* the last before them */
}

static void test_each_rule_replaces_its_characters(void **state)
{
    (void)state;
    assert_becomes("a\0b", 3, PYR_NAME_NO_NUL,
                   "a\xE2\x90\x80"
                   "b");
    assert_becomes("a\0b\r\n\t\x7F.", 8, PYR_NAME_ONE_LINE, "a b    .");
    assert_becomes("a;b", 3, PYR_NAME_NO_SEMICOLON, "a:b");
}

static void test_functions_have_their_module_in_front(void **state)
{
    (void)state;
    static const char *const expected[] = {"app.<module>", "app.fib", "builtins.len",
                                           "shop.Basket.add", "list.append"};
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_function_names names = {0};
    size_t len = 0;
    assert_true(pyr_function_names_init(&names, profile, 0, &err));
    for (uint32_t i = 0; i < 5; i++) {
        assert_string_equal(pyr_function_names_get(&names, (pyr_func){i + 1}, &len), expected[i]);
        assert_int_equal(len, strlen(expected[i]));
    }
    assert_string_equal(pyr_function_names_get(&names, (pyr_func){0}, &len), "");
    pyr_function_names_release(&names);
    pyr_profile_free(profile);
}

static void test_threads_without_a_name_have_a_number(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = {0};
    const struct pyr_thread_info info = {0};
    pyr_thread thread = {0};
    assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
    for (uint32_t i = 0; i <= 3; i++) {
        pyr_name_add_thread(&out, profile, (pyr_thread){i}, 0);
        pyr_buf_add_char(&out, ',');
    }
    assert_string_equal(out.data, "thread 0,MainThread,worker,thread 3,");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static pyr_thread add_context(struct pyr_profile *profile, const struct pyr_thread_info *like,
                              const char *name, const char *tag, const char *entry)
{
    struct pyr_err err = {0};
    struct pyr_thread_info info = *like;
    pyr_thread thread = {0};
    assert_true(pyr_strtab_add_text(profile->strings, name, &info.name, &err));
    assert_true(pyr_strtab_add_text(profile->strings, tag, &info.tag, &err));
    assert_true(pyr_strtab_add_text(profile->strings, entry, &info.entry, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
    return thread;
}

static void test_tasks_and_tags_say_what_they_are_and_where(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf out = {0};
    const struct pyr_thread_info task = {.kind = PYR_THREAD_TASK, .parent = {1}};
    const pyr_thread fetch = add_context(profile, &task, "Task-1", "", "fetch");
    const struct pyr_thread_info below = {.kind = PYR_THREAD_TASK, .parent = fetch};
    const struct pyr_thread_info greenlet = {.kind = PYR_THREAD_GREENLET};
    const struct pyr_thread_info context = {.kind = PYR_THREAD_CONTEXT, .parent = {2}};
    const struct pyr_thread_info main_thread = {.parent = {1}};
    (void)add_context(profile, &below, "", "blue;\n",
                      ""); /* a tagged entry need not say it again */
    (void)add_context(profile, &greenlet, "", "", "");
    (void)add_context(profile, &context, "x", "", "");
    (void)add_context(profile, &main_thread, "", "red", "");
    for (uint32_t i = 3; i <= 7; i++) {
        pyr_name_add_thread(&out, profile, (pyr_thread){i}, PYR_NAME_ONE_LINE);
        pyr_buf_add_char(&out, ',');
    }
    assert_string_equal(out.data, "MainThread / task Task-1 (fetch),"
                                  "MainThread / task Task-1 (fetch) [blue; ],"
                                  "greenlet 5,worker / context x,MainThread [red],");
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_json_text_that_failed_fails_the_document(void **state)
{
    (void)state;
    struct pyr_buf out = {0}, text = {0};
    struct pyr_json_writer json = {.out = &out};
    pyr_json_array_begin(&json);
    pyr_buf_add_text(&text, "a\"b");
    pyr_name_put_json(&text, &json);
    pyr_json_array_end(&json);
    assert_string_equal(out.data, "[\"a\\\"b\"]");
    assert_int_equal(text.len, 0);
    text.failed = true;
    pyr_name_put_json(&text, &json);
    assert_true(out.failed);
    pyr_buf_release(&out);
    pyr_buf_release(&text);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_function_names names = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_function_names_init(&names, profile, 0, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_function_names_release(&names);
    }
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_text_is_kept_as_it_is),
        cmocka_unit_test(test_broken_utf8_becomes_one_mark_per_byte),
        cmocka_unit_test(test_lone_surrogates_are_kept_on_demand),
        cmocka_unit_test(test_each_rule_replaces_its_characters),
        cmocka_unit_test(test_functions_have_their_module_in_front),
        cmocka_unit_test(test_threads_without_a_name_have_a_number),
        cmocka_unit_test(test_tasks_and_tags_say_what_they_are_and_where),
        cmocka_unit_test(test_json_text_that_failed_fails_the_document),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
