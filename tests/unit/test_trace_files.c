/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

#define NOBODY 0 /* no process has this id: nothing was rescued */

/* Each test runs in a folder of its own. */
static int enter(void **state)
{
    char *folder = malloc(32);
    if (folder == NULL) {
        return -1;
    }
    snprintf(folder, 32, "/tmp/trace-files-XXXXXX");
    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) != 0 ? -1 : 0;
}

static int leave(void **state)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    free(*state);
    return chdir("/") != 0 || system(command) != 0 ? -1 : 0;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool holds(const char *path, const char *text)
{
    char read[64] = {0};
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    const size_t len = fread(read, 1, sizeof read - 1, file);
    fclose(file);
    return len == strlen(text) && strcmp(read, text) == 0;
}

static void choose(struct pyr_trace_files *files, const char *output, const char *format,
                   enum pyr_program_kind kind, const char *program)
{
    struct pyr_err err = {0};
    if (!pyr_trace_files_choose(files, output, format, kind, program, &err)) {
        fail_msg("%s", err.message);
    }
}

static void assert_names(const char *output, const char *format, enum pyr_program_kind kind,
                         const char *program, const char *collected, const char *converted)
{
    struct pyr_trace_files files;
    choose(&files, output, format, kind, program);
    assert_string_equal(files.collected, collected);
    if (converted == NULL) {
        assert_null(files.converted);
    } else {
        assert_string_equal(files.converted, converted);
    }
    pyr_trace_files_release(&files);
}

static void test_files_are_named_after_the_program(void **state)
{
    (void)state;
    assert_names(NULL, NULL, PYR_PROGRAM_SCRIPT, "/a/shop.py", "shop.pyro", NULL);
    assert_names(NULL, NULL, PYR_PROGRAM_SCRIPT, "bin/tool", "tool.pyro", NULL);
    assert_names(NULL, NULL, PYR_PROGRAM_SCRIPT, "apps/shop//", "shop.pyro", NULL);
    assert_names(NULL, NULL, PYR_PROGRAM_SCRIPT, "..", "trace.pyro", NULL);
    assert_names("o.prof", NULL, PYR_PROGRAM_SCRIPT, "shop.py", "o.prof.pyro", "o.prof");
    assert_names("o.csv", "collapsed", PYR_PROGRAM_SCRIPT, "shop.py", "o.csv.pyro", "o.csv");
    assert_names(NULL, NULL, PYR_PROGRAM_MODULE, "a.b", "a.b.pyro", NULL);
    assert_names(NULL, NULL, PYR_PROGRAM_CODE, "print(1)", "trace.pyro", NULL);
    assert_names("x", NULL, PYR_PROGRAM_CODE, "", "x", NULL);
    assert_names(NULL, "collapsed", PYR_PROGRAM_SCRIPT, "shop.py", "shop.pyro", "shop.collapsed");
    assert_names("o.collapsed", NULL, PYR_PROGRAM_SCRIPT, "shop.py", "o.collapsed.pyro",
                 "o.collapsed");
    assert_names("o", "collapsed", PYR_PROGRAM_SCRIPT, "shop.py", "o.pyro", "o");
    assert_names("o.collapsed", "pyro", PYR_PROGRAM_SCRIPT, "shop.py", "o.collapsed", NULL);
}

static void test_a_file_that_is_there_is_moved_away_and_stays(void **state)
{
    (void)state;
    struct pyr_trace_files files;
    struct pyr_err err = {0};
    put("shop.pyro", "old");
    choose(&files, NULL, NULL, PYR_PROGRAM_SCRIPT, "shop.py");
    assert_true(pyr_trace_files_prepare(&files, &err));
    assert_true(holds("shop.pyro.old", "old"));
    put("shop.pyro", "new");
    assert_true(pyr_trace_files_settle(&files, NOBODY));
    assert_true(holds("shop.pyro.old", "old"));
    pyr_trace_files_release(&files);
}

static void test_a_file_named_by_the_user_is_replaced(void **state)
{
    (void)state;
    struct pyr_trace_files files;
    struct pyr_err err = {0};
    put("o.pyro", "old");
    choose(&files, "o.pyro", NULL, PYR_PROGRAM_SCRIPT, "shop.py");
    assert_true(pyr_trace_files_prepare(&files, &err));
    put("o.pyro", "new");
    assert_true(pyr_trace_files_settle(&files, NOBODY));
    assert_int_equal(access("o.pyro.old", F_OK), -1);
    pyr_trace_files_release(&files);
}

static void test_when_nothing_was_recorded_all_is_as_before(void **state)
{
    (void)state;
    struct pyr_trace_files files;
    struct pyr_err err = {0};
    put("o.pyro", "old");
    choose(&files, "o.pyro", NULL, PYR_PROGRAM_SCRIPT, "shop.py");
    assert_true(pyr_trace_files_prepare(&files, &err));
    put("o.pyro", "");
    assert_false(pyr_trace_files_settle(&files, NOBODY));
    assert_true(holds("o.pyro", "old"));
    assert_int_equal(access("o.pyro.old", F_OK), -1);
    pyr_trace_files_release(&files);
}

static void test_what_cannot_be_written_is_told_before_the_program_runs(void **state)
{
    (void)state;
    struct pyr_trace_files files;
    struct pyr_err err = {0};
    choose(&files, "nowhere/o.pyro", NULL, PYR_PROGRAM_SCRIPT, "shop.py");
    assert_false(pyr_trace_files_prepare(&files, &err));
    assert_non_null(strstr(err.message, "nowhere/o.pyro"));
    pyr_trace_files_release(&files);
    err = (struct pyr_err){0};
    assert_int_equal(mkdir("folder", 0777), 0);
    choose(&files, "folder", NULL, PYR_PROGRAM_SCRIPT, "shop.py");
    assert_false(pyr_trace_files_prepare(&files, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    pyr_trace_files_release(&files);
}

static void test_only_new_files_of_children_are_counted(void **state)
{
    (void)state;
    struct pyr_trace_files files;
    struct pyr_err err = {0};
    char example[4096] = "";
    choose(&files, "o.pyro", NULL, PYR_PROGRAM_SCRIPT, "shop.py");
    assert_true(pyr_trace_files_prepare(&files, &err));
    put("o.pyro", "x");
    put("o.12.pyro", "x");
    put("o.345.pyro", "x");
    put("o.x.pyro", "x");
    put("other.12.pyro", "x");
    put("o..pyro", "x");
    assert_int_equal(pyr_trace_files_children(&files, example, sizeof example), 2);
    assert_true(strcmp(example, "o.12.pyro") == 0 || strcmp(example, "o.345.pyro") == 0);
    files.start += 100;
    assert_int_equal(pyr_trace_files_children(&files, example, sizeof example), 0);
    pyr_trace_files_release(&files);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool ok = false;
    put("o.collapsed.pyro", "old");
    for (long nth = 0; !ok; nth++) {
        struct pyr_trace_files files;
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        ok = pyr_trace_files_choose(&files, "o.collapsed", NULL, PYR_PROGRAM_SCRIPT, "x", &err) &&
             pyr_trace_files_prepare(&files, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, ok ? PYR_OK : PYR_ERR_NOMEM);
        pyr_trace_files_release(&files);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files_are_named_after_the_program, enter, leave),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_there_is_moved_away_and_stays, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(test_a_file_named_by_the_user_is_replaced, enter, leave),
        cmocka_unit_test_setup_teardown(test_when_nothing_was_recorded_all_is_as_before, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_written_is_told_before_the_program_runs,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(test_only_new_files_of_children_are_counted, enter, leave),
        cmocka_unit_test_setup_teardown(test_survives_every_failed_allocation, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
