/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/callgrind.h"

#include <string.h>

#include "exchange_fixture.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_callgrind;

/* As Valgrind writes: compressed names and lines, inlined code, objects, jumps, and the calls of
 * one pair on two lines. */
static const char valgrind[] = "# callgrind format\n"
                               "version: 1\n"
                               "cmd:  ./a.out -x\n"
                               "desc: Trigger: Program termination = end\n"
                               "positions: instr line\n"
                               "events: Ir Dr\n"
                               "\n"
                               "ob=(1) /a.out\n"
                               "fl=(1) main.c\n"
                               "fn=(1) main\n"
                               "0x10 16 400 10\n"
                               "+3 +1 5\n"
                               "cfi=(2) lib.c\n"
                               "cfn=(2) work\n"
                               "calls=3 0x50 50\n"
                               "* * 300 9\n"
                               "jump=2 0x90 20\n"
                               "+1 +1\n"
                               "fi=(3) inline.h\n"
                               "0x20 7 100\n"
                               "cfi=(2)\n"
                               "cfn=(2)\n"
                               "calls=1 0x50 50\n"
                               "0x20 7 100\n"
                               "fl=(2)\n"
                               "fn=(2)\n"
                               "0x50 50 300 5\n"
                               "cfn=leaf\n"
                               "calls=4 0x60 60\n"
                               "0x50 51 100\n"
                               "fn=leaf\n"
                               "0x60 60 100\n"
                               "totals: 905 15\n";

static void refuses(const char *text, const char *words)
{
    exchange_fixture_refuses(format, text, strlen(text), words);
}

static void test_a_file_of_valgrinds_is_read(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_read(format, valgrind, strlen(valgrind));
    assert_int_equal(exchange_fixture_value(profile, "main", "Ir"), 505);
    assert_int_equal(exchange_fixture_value(profile, "main", "Dr"), 10);
    assert_int_equal(exchange_fixture_value(profile, "main;work", "Ir"), 300);
    assert_int_equal(exchange_fixture_value(profile, "main;work", "calls"), 4);
    assert_int_equal(exchange_fixture_value(profile, "main;work;leaf", "Ir"), 100);
    assert_int_equal(exchange_fixture_value(profile, "main", "calls"), 1);
    assert_string_equal(pyr_meta_text(profile->meta, PYR_META_COMMAND), "./a.out -x");
    assert_string_equal(pyr_meta_text(profile->meta, "stacks"),
                        "estimated from callers and callees");
    const struct pyr_function *work = pyr_functions_get(profile->functions, (pyr_func){2});
    assert_string_equal(pyr_strtab_text(profile->strings, work->file), "lib.c");
    pyr_profile_free(profile);
}

static void test_self_cost_is_shared_by_what_calls_cost(void **state)
{
    (void)state;
    static const char text[] = "events: Ns\nfl=a.c\n"
                               "fn=a\n1 10\ncfn=s\ncalls=9 3\n1 30\n"
                               "fn=b\n2 20\ncfn=s\ncalls=1 3\n2 90\n"
                               "fn=s\n3 120\n";
    struct pyr_profile *profile = exchange_fixture_read(format, text, strlen(text));
    assert_int_equal(exchange_fixture_value(profile, "a;s", "Ns"), 30);
    assert_int_equal(exchange_fixture_value(profile, "b;s", "Ns"), 90);
    assert_int_equal(exchange_fixture_value(profile, "a;s", "calls"), 9);
    assert_int_equal(exchange_fixture_value(profile, "a", "Ns"), 10);
    pyr_profile_free(profile);
}

static void test_recursion_keeps_the_sums(void **state)
{
    (void)state;
    static const char text[] = "events: Ns\nfn=m\n1 1\ncfn=f\ncalls=1 2\n1 100\n"
                               "fn=f\n2 100\ncfn=f\ncalls=7 2\n2 80\n";
    struct pyr_profile *profile = exchange_fixture_read(format, text, strlen(text));
    assert_int_equal(exchange_fixture_value(profile, "m;f", "Ns") +
                         exchange_fixture_value(profile, "m;f;f", "Ns") +
                         exchange_fixture_value(profile, "f", "Ns"),
                     100);
    assert_int_equal(exchange_fixture_value(profile, "m;f;f", "calls"), 7);
    pyr_profile_free(profile);
}

static void test_our_own_events_become_our_metrics(void **state)
{
    (void)state;
    static const char text[] = "events: Cpu_ns Heap_bytes Samples Calls\nfn=f\n1 10 20 30 40\n";
    struct pyr_profile *profile = exchange_fixture_read(format, text, strlen(text));
    assert_int_equal(exchange_fixture_value(profile, "f", "cpu"), 10);
    assert_int_equal(exchange_fixture_value(profile, "f", "heap"), 20);
    assert_int_equal(exchange_fixture_value(profile, "f", "samples"), 30);
    assert_int_equal(exchange_fixture_value(profile, "f", "calls"), 40);
    assert_int_equal(profile->metrics.count, 4);
    pyr_profile_free(profile);
}

static void test_events_that_would_share_a_name_keep_their_own(void **state)
{
    (void)state;
    static const char text[] = "events: Wall_ns wall Wall_bytes\nfn=f\n1 10 20 30\n";
    struct pyr_profile *profile = exchange_fixture_read(format, text, strlen(text));
    assert_int_equal(exchange_fixture_value(profile, "f", "wall"), 10);
    assert_int_equal(exchange_fixture_value(profile, "f", "wall_"), 20);
    assert_int_equal(exchange_fixture_value(profile, "f", "Wall_bytes"), 30);
    pyr_profile_free(profile);
}

static void test_other_shapes_are_refused_with_their_place(void **state)
{
    (void)state;
    refuses("# callgrind format\n1 2\n", "byte 19");
    refuses("events: A\n1 2\n", "costs before the events or the function");
    refuses("fn=f\n", "functions before the events");
    refuses("events: A\nevents: A\n", "two lists of events");
    refuses("events: A A\n", "an event named twice");
    exchange_fixture_refuses(format, "events: A\0B\n", 12, "an event that is no word");
    refuses("events:\n", "no events");
    refuses("# nothing\n", "no events");
    refuses("events: A\nfn=(3)\n", "a number without a name");
    refuses("events: A\nfn=f\n1 x\n", "a cost that is no number");
    refuses("events: A\nfn=f\ncalls=1 2\n", "calls of nothing");
    refuses("events: A\npositions: instr line\nfn=f\n1\n", "a line without a position");
    refuses("events: A\nwhat\n", "neither a cost nor a name");
    refuses("events: A B C D E F G H I J K L M N O P\n", "more than 15 events");
}

static void test_absurd_costs_are_bounded(void **state)
{
    (void)state;
    static const char text[] = "events: A\nfn=f\n1 99999999999999999999999\n"
                               "1 99999999999999999999999\ncfn=f\ncalls=99999999999999999999 1\n"
                               "1 99999999999999999999999\n";
    struct pyr_profile *profile = exchange_fixture_read(format, text, strlen(text));
    assert_true(exchange_fixture_value(profile, "f", "A") > 0);
    pyr_profile_free(profile);
}

static void test_only_text_with_events_looks_like_it(void **state)
{
    (void)state;
    assert_true(format->sniff((const uint8_t *)"events: Ir\n", 11));
    assert_true(format->sniff((const uint8_t *)"version: 1\nevents: Ir\n", 22));
    assert_false(format->sniff((const uint8_t *)"a;b 1\n", 6));
    assert_false(format->sniff((const uint8_t *)"{\nevents:", 9));
    assert_false(format->sniff((const uint8_t *)"", 0));
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    exchange_fixture_reads_without_memory(format, valgrind, strlen(valgrind));
}

static void test_survives_damage(void **state)
{
    (void)state;
    exchange_fixture_survives_damage(format, valgrind, strlen(valgrind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_of_valgrinds_is_read),
        cmocka_unit_test(test_self_cost_is_shared_by_what_calls_cost),
        cmocka_unit_test(test_recursion_keeps_the_sums),
        cmocka_unit_test(test_our_own_events_become_our_metrics),
        cmocka_unit_test(test_events_that_would_share_a_name_keep_their_own),
        cmocka_unit_test(test_other_shapes_are_refused_with_their_place),
        cmocka_unit_test(test_absurd_costs_are_bounded),
        cmocka_unit_test(test_only_text_with_events_looks_like_it),
        cmocka_unit_test(test_survives_every_failed_allocation),
        cmocka_unit_test(test_survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
