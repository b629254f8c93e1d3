/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/input.h"

#include <string.h>

#include "unit.h"

static enum pyr_action_kind take(struct pyr_input *input, int key)
{
    return pyr_input_take(input, key).kind;
}

static void test_each_key_of_the_help_page_does_something(void **state)
{
    (void)state;
    for (size_t i = 0; pyr_input_help[i].keys != NULL; i++) {
        const char *keys = pyr_input_help[i].keys;
        for (size_t at = 0; keys[at] != '\0'; at++) {
            const bool alone =
                (at == 0 || keys[at - 1] == ' ') && (keys[at + 1] == ' ' || keys[at + 1] == '\0');
            struct pyr_input input = {0};
            if (alone && keys[at] != ' ') {
                assert_int_not_equal(take(&input, keys[at]), PYR_ACTION_NONE);
            }
            pyr_input_release(&input);
        }
    }
}

static void test_keys_mean_what_the_guide_says(void **state)
{
    (void)state;
    struct pyr_input input = {0};
    assert_int_equal(take(&input, 'q'), PYR_ACTION_QUIT);
    assert_int_equal(take(&input, '?'), PYR_ACTION_HELP);
    assert_int_equal(pyr_input_take(&input, '4').number, 3);
    assert_int_equal(pyr_input_take(&input, 'f').number, 3);
    assert_int_equal(take(&input, PYR_KEY_TAB), PYR_ACTION_NEXT_VIEW);
    assert_int_equal(take(&input, PYR_KEY_BACK_TAB), PYR_ACTION_LAST_VIEW);
    assert_int_equal(pyr_input_take(&input, 'j').number, PYR_MOVE_DOWN);
    assert_int_equal(pyr_input_take(&input, PYR_KEY_UP).number, PYR_MOVE_UP);
    assert_int_equal(pyr_input_take(&input, PYR_KEY_END).number, PYR_MOVE_LAST);
    assert_int_equal(take(&input, 's'), PYR_ACTION_NEXT_SORT);
    assert_int_equal(take(&input, '<'), PYR_ACTION_LAST_SORT);
    assert_int_equal(take(&input, ' '), PYR_ACTION_PAUSE);
    assert_int_equal(take(&input, '\r'), PYR_ACTION_ENTER);
    assert_int_equal(take(&input, PYR_KEY_ESCAPE), PYR_ACTION_BACK);
    assert_int_equal(take(&input, PYR_KEY_RESIZE), PYR_ACTION_RESIZE);
    assert_int_equal(take(&input, 'z'), PYR_ACTION_NONE);
    assert_int_equal(take(&input, 0xC3), PYR_ACTION_NONE);
    pyr_input_release(&input);
}

static void test_letters_are_text_while_a_search_is_typed(void **state)
{
    (void)state;
    struct pyr_input input = {0};
    assert_int_equal(take(&input, '/'), PYR_ACTION_SEARCH);
    assert_int_equal(take(&input, 'q'), PYR_ACTION_SEARCH_TYPED);
    assert_int_equal(take(&input, '/'), PYR_ACTION_SEARCH_TYPED);
    assert_string_equal(input.typed.data, "q/");
    assert_int_equal(take(&input, PYR_KEY_DOWN), PYR_ACTION_FIND_NEXT);
    assert_int_equal(take(&input, 1), PYR_ACTION_NONE);
    assert_int_equal(take(&input, '\r'), PYR_ACTION_SEARCH_DONE);
    assert_false(input.searching);
    assert_string_equal(input.typed.data, "q/");
    assert_int_equal(take(&input, 'q'), PYR_ACTION_QUIT);
    pyr_input_release(&input);
}

static void test_a_rubbed_out_character_takes_all_its_bytes_along(void **state)
{
    (void)state;
    struct pyr_input input = {0};
    take(&input, '/');
    take(&input, 'a');
    take(&input, 0xC3);
    take(&input, 0xA9);
    assert_string_equal(input.typed.data, "aé");
    assert_int_equal(take(&input, 127), PYR_ACTION_SEARCH_TYPED);
    assert_string_equal(input.typed.data, "a");
    take(&input, PYR_KEY_BACKSPACE);
    take(&input, PYR_KEY_BACKSPACE); /* nothing is left, and that is no fault */
    assert_int_equal(input.typed.len, 0);
    pyr_input_release(&input);
}

static void test_escape_forgets_what_was_typed(void **state)
{
    (void)state;
    struct pyr_input input = {0};
    take(&input, '/');
    take(&input, 'a');
    assert_int_equal(take(&input, PYR_KEY_ESCAPE), PYR_ACTION_SEARCH_CANCEL);
    assert_int_equal(input.typed.len, 0);
    assert_false(input.searching);
    pyr_input_release(&input);
}

static void test_what_is_typed_has_a_limit(void **state)
{
    (void)state;
    struct pyr_input input = {0};
    take(&input, '/');
    for (int i = 0; i < 1000; i++) {
        take(&input, 'a');
    }
    assert_int_equal(input.typed.len, PYR_INPUT_MAX_TYPED);
    pyr_input_release(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_key_of_the_help_page_does_something),
        cmocka_unit_test(test_keys_mean_what_the_guide_says),
        cmocka_unit_test(test_letters_are_text_while_a_search_is_typed),
        cmocka_unit_test(test_a_rubbed_out_character_takes_all_its_bytes_along),
        cmocka_unit_test(test_escape_forgets_what_was_typed),
        cmocka_unit_test(test_what_is_typed_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
