/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

#include "unit.h"

/* Whatever is in a table is in its help; no line is wider than a terminal. */
static void assert_whole(const struct pyr_command *command)
{
    struct pyr_buf out = {0};
    pyr_help_add_command(command, &out);
    assert_false(out.failed);
    for (size_t t = 0; command->options[t] != NULL; t++) {
        for (const struct pyr_option *o = command->options[t]; o->name != NULL; o++) {
            char name[64] = "--";
            strncat(name, o->name, 40);
            assert_true(o->name[0] == '\0' || strstr(out.data, name) != NULL);
            assert_true(o->help[0] != '\0');
        }
    }
    for (const char *line = out.data; *line != '\0';) {
        const size_t len = strcspn(line, "\n");
        assert_true(len <= 84); /* bytes; "…" takes three */
        line += len + (line[len] == '\n' ? 1 : 0);
    }
    pyr_buf_release(&out);
}

static void test_every_command_explains_every_option(void **state)
{
    (void)state;
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        assert_whole(pyr_commands[i]);
    }
}

static void test_the_main_help_lists_every_command(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    pyr_help_add_main(&out);
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        assert_non_null(strstr(out.data, pyr_commands[i]->summary));
    }
    pyr_buf_release(&out);
}

static void test_no_two_options_of_a_command_share_a_name_or_letter(void **state)
{
    (void)state;
    for (size_t i = 0; pyr_commands[i] != NULL; i++) {
        const struct pyr_option *seen[64];
        size_t count = 0;
        for (size_t t = 0; pyr_commands[i]->options[t] != NULL; t++) {
            for (const struct pyr_option *o = pyr_commands[i]->options[t]; o->name != NULL; o++) {
                for (size_t k = 0; k < count; k++) {
                    assert_true(o->name[0] == '\0' || strcmp(o->name, seen[k]->name) != 0);
                    assert_true(o->letter == 0 || o->letter != seen[k]->letter);
                    assert_int_not_equal(o->id, seen[k]->id);
                }
                assert_true(count < 64);
                seen[count++] = o;
            }
        }
    }
}

static void test_commands_are_found_and_guessed(void **state)
{
    (void)state;
    assert_ptr_equal(pyr_command_find("trace"), pyr_commands[0]);
    assert_null(pyr_command_find("tra"));
    assert_string_equal(pyr_command_nearest("tra")->name, "trace");
    assert_string_equal(pyr_command_nearest("repotr")->name, "report");
    assert_null(pyr_command_nearest("xyzzy"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_command_explains_every_option),
        cmocka_unit_test(test_the_main_help_lists_every_command),
        cmocka_unit_test(test_no_two_options_of_a_command_share_a_name_or_letter),
        cmocka_unit_test(test_commands_are_found_and_guessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
