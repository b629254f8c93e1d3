/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_options.h"

#include <string.h>

#include "unit.h"

static bool read_line(struct pyr_trace_options *options, char *line, char **argv,
                      struct pyr_err *err)
{
    int argc = 0;
    char *rest = NULL;
    for (char *word = strtok_r(line, " ", &rest); word != NULL && argc < 16;
         word = strtok_r(NULL, " ", &rest)) {
        argv[argc++] = word;
    }
    return pyr_trace_options_read(options, argc, argv, err);
}

static void test_defaults_are_all_threads_builtins_and_a_report(void **state)
{
    (void)state;
    struct pyr_trace_options options;
    struct pyr_err err = {0};
    char line[] = "/dev/null a -q";
    char *argv[16];
    assert_true(read_line(&options, line, argv, &err));
    assert_int_equal(options.kind, PYR_PROGRAM_SCRIPT);
    assert_string_equal(options.program, "/dev/null");
    assert_int_equal(options.argc, 2);
    assert_string_equal(options.argv[1], "-q");
    assert_false(options.no_builtins || options.main_thread_only || options.quiet ||
                 options.no_report);
    pyr_trace_options_release(&options);
}

static void test_patterns_keep_their_order(void **state)
{
    (void)state;
    struct pyr_trace_options options;
    struct pyr_err err = {0};
    char line[] = "--include a --exclude b --include c -m mod x";
    char *argv[16];
    assert_true(read_line(&options, line, argv, &err));
    assert_int_equal(options.pattern_count, 6);
    assert_string_equal(options.patterns[2], "exclude");
    assert_string_equal(options.patterns[5], "c");
    assert_int_equal(options.kind, PYR_PROGRAM_MODULE);
    assert_string_equal(options.program, "mod");
    assert_string_equal(options.argv[0], "x");
    pyr_trace_options_release(&options);
}

static void assert_refused(const char *text)
{
    struct pyr_trace_options options;
    struct pyr_err err = {0};
    char line[64];
    char *argv[16];
    strncpy(line, text, sizeof line - 1);
    line[sizeof line - 1] = '\0';
    assert_false(read_line(&options, line, argv, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    pyr_trace_options_release(&options);
}

static void test_concurrent_programs_have_options_of_their_own(void **state)
{
    (void)state;
    struct pyr_trace_options options;
    struct pyr_err err = {0};
    char line[] = "--clock both --no-greenlets --tag shop.web:user --context-limit 50 --timeline "
                  "--by tag --sort waiting /dev/null";
    char other[] = "--timeline=5000 --min-duration 1ms --max-depth 3 -f chrome /dev/null";
    char cpu[] =
        "--clock cpu --compensate --sort cpu_corrected --report tasks --task fetch /dev/null";
    char *argv[16];
    assert_true(read_line(&options, line, argv, &err));
    assert_string_equal(options.clock, "both");
    assert_string_equal(options.tag, "shop.web:user");
    assert_true(options.no_greenlets && !options.no_tasks);
    assert_int_equal(options.context_limit, 50);
    assert_int_equal(options.timeline, PYR_TRACE_TIMELINE_EVENTS);
    assert_string_equal(options.show.options.by, "tag");
    pyr_trace_options_release(&options);
    assert_true(read_line(&options, other, argv, &err));
    assert_int_equal(options.timeline, 5000);
    assert_int_equal(options.show.writing.min_duration_ns, 1000000);
    assert_int_equal(options.show.writing.max_depth, 3);
    pyr_trace_options_release(&options);
    assert_true(read_line(&options, cpu, argv, &err));
    assert_string_equal(options.show.options.task, "fetch");
    pyr_trace_options_release(&options);
}

static void test_what_cannot_be_run_is_refused_at_once(void **state)
{
    (void)state;
    assert_refused("");
    assert_refused("/nonexistent.py");
    assert_refused("/tmp");
    assert_refused("--threads few /dev/null");
    assert_refused("--node-limit 0 /dev/null");
    assert_refused("--format gif /dev/null");
    assert_refused("--sort colour /dev/null");
    assert_refused("--sort wall_corrected /dev/null");
    assert_refused("--match ( /dev/null");
    assert_refused("--callers=( /dev/null");
    assert_refused("-q --sort colour -m mod");
    assert_refused("--report pie /dev/null");
    assert_refused("--thread= /dev/null");
    assert_refused("--callers fetch /dev/null");
    assert_refused("--clock sun /dev/null");
    assert_refused("--tag user /dev/null");
    assert_refused("--tag :user /dev/null");
    assert_refused("--tag shop: /dev/null");
    assert_refused("--tag shop..web:user /dev/null");
    assert_refused("--tag a:b:c /dev/null");
    assert_refused("--context-limit 0 /dev/null");
    assert_refused("--timeline=0 /dev/null");
    assert_refused("--by process /dev/null");
    assert_refused("--by task --callers /dev/null");
    assert_refused("--task= /dev/null");
    assert_refused("--max-depth 0 -f chrome /dev/null");
    assert_refused("--min-duration 5 -f chrome /dev/null");
    assert_refused("--min-duration 5us -f json /dev/null");
}

static void test_a_report_of_what_is_not_recorded_is_refused_at_once(void **state)
{
    (void)state;
    assert_refused("--no-tasks --by task /dev/null");
    assert_refused("--no-tasks --report tasks /dev/null");
    assert_refused("--no-tasks --task fetch /dev/null");
    assert_refused("--no-greenlets --by greenlet /dev/null");
    assert_refused("--by tag /dev/null");
    assert_refused("--report tags /dev/null");
    assert_refused("--sort waiting /dev/null");
    assert_refused("--sort cpu /dev/null");
    assert_refused("--clock cpu --sort elapsed /dev/null");
}

static void test_reports_are_chosen_and_sorted_as_a_trace_can_be(void **state)
{
    (void)state;
    struct pyr_trace_options options;
    struct pyr_err err = {0};
    char line[] = "--tree --sort wall_corrected --compensate --thread Any /dev/null";
    char other[] = "--callees=fetch --sort resumes /dev/null";
    char *argv[16];
    assert_true(read_line(&options, line, argv, &err));
    assert_string_equal(options.show.report->name, "tree");
    pyr_trace_options_release(&options);
    assert_true(read_line(&options, other, argv, &err));
    assert_string_equal(options.show.report->name, "callees");
    assert_string_equal(options.show.options.function, "fetch");
    pyr_trace_options_release(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_all_threads_builtins_and_a_report),
        cmocka_unit_test(test_patterns_keep_their_order),
        cmocka_unit_test(test_reports_are_chosen_and_sorted_as_a_trace_can_be),
        cmocka_unit_test(test_concurrent_programs_have_options_of_their_own),
        cmocka_unit_test(test_a_report_of_what_is_not_recorded_is_refused_at_once),
        cmocka_unit_test(test_what_cannot_be_run_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
