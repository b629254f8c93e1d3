/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/speedscope.h"

#include <stdio.h>
#include <string.h>

#include "exchange_fixture.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_speedscope;

#define FRAMES                                                                                     \
    "\"shared\":{\"frames\":[{\"name\":\"a\",\"file\":\"a.py\",\"line\":3},{\"name\":\"b\"}]}"
#define SAMPLED                                                                                    \
    "{\"type\":\"sampled\",\"name\":\"t\",\"unit\":\"milliseconds\",\"startValue\":0,"             \
    "\"endValue\":3,\"samples\":[[0],[0,1],[]],\"weights\":[1,2.5,4]}"
#define EVENTED                                                                                    \
    "{\"type\":\"evented\",\"unit\":\"none\",\"startValue\":0,\"endValue\":20,\"events\":["        \
    "{\"type\":\"O\",\"frame\":0,\"at\":1},{\"at\":3,\"frame\":1,\"type\":\"O\"},"                 \
    "{\"type\":\"C\",\"frame\":1,\"at\":8},{\"type\":\"O\",\"frame\":1,\"at\":9}]}"

static struct pyr_profile *read_text(const char *text)
{
    return exchange_fixture_read(format, text, strlen(text));
}

static void refuses(const char *text, const char *words)
{
    exchange_fixture_refuses(format, text, strlen(text), words);
}

static void test_samples_have_weights_in_their_unit(void **state)
{
    (void)state;
    struct pyr_profile *profile = read_text("{" FRAMES ",\"profiles\":[" SAMPLED "]}");
    assert_int_equal(exchange_fixture_value(profile, "a", "wall"), 1000000);
    assert_int_equal(exchange_fixture_value(profile, "a;b", "wall"), 2500000);
    assert_int_equal(exchange_fixture_value(profile, "", "wall"), 4000000);
    const struct pyr_function *a = pyr_functions_get(profile->functions, (pyr_func){1});
    assert_int_equal(a->first_line, 3);
    assert_string_equal(pyr_strtab_text(profile->strings, a->file), "a.py");
    struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){1});
    assert_string_equal(pyr_strtab_text(profile->strings, info.name), "t");
    pyr_profile_free(profile);
}

static void test_events_give_the_running_frame_its_time(void **state)
{
    (void)state;
    struct pyr_profile *profile = read_text("{" FRAMES ",\"profiles\":[" EVENTED "]}");
    assert_int_equal(exchange_fixture_value(profile, "a", "samples"), 2 + 1);
    assert_int_equal(exchange_fixture_value(profile, "a;b", "samples"),
                     5 + 11); /* open to the end */
    pyr_profile_free(profile);
}

static void test_keys_may_come_in_any_order(void **state)
{
    (void)state;
    struct pyr_profile *profile = read_text("\xEF\xBB\xBF {\"profiles\":[" SAMPLED "," EVENTED
                                            "],\"x\":{\"y\":[1]}," FRAMES "}");
    assert_int_equal(exchange_fixture_value(profile, "a;b", "wall"), 2500000);
    assert_int_equal(exchange_fixture_value(profile, "a;b", "samples"), 16);
    pyr_profile_free(profile);
}

static void test_unknown_places_may_be_null(void **state)
{
    (void)state;
    struct pyr_profile *profile = read_text(
        "{\"shared\":{\"frames\":[{\"name\":\"a\",\"file\":null,\"line\":null,\"col\":1}]},"
        "\"profiles\":[{\"type\":\"sampled\",\"name\":null,\"samples\":[[0]],\"weights\":[1]}]}");
    assert_int_equal(exchange_fixture_value(profile, "a", "samples"), 1);
    pyr_profile_free(profile);
}

static void test_contradictions_are_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *section, *words;
    } cases[] = {
        {"{\"type\":\"sampled\",\"samples\":[[2]],\"weights\":[1]}", "not in shared.frames"},
        {"{\"type\":\"sampled\",\"samples\":[[-1]],\"weights\":[1]}", "not in shared.frames"},
        {"{\"type\":\"sampled\",\"samples\":[[0.5]],\"weights\":[1]}", "not in shared.frames"},
        {"{\"type\":\"sampled\",\"samples\":[[0]],\"weights\":[]}", "not as many weights"},
        {"{\"type\":\"sampled\",\"samples\":[],\"weights\":[1]}", "not as many weights"},
        {"{\"type\":\"sampled\",\"samples\":[]}", "without samples or weights"},
        {"{\"type\":\"evented\"}", "without events"},
        {"{\"type\":\"other\"}", "neither sampled nor evented"},
        {"{\"type\":\"sampled\",\"unit\":\"days\"}", "an unknown unit"},
        {"{\"type\":\"evented\",\"events\":[{\"type\":\"C\",\"frame\":0,\"at\":1}]}",
         "a frame closed that is not the open one"},
        {"{\"type\":\"evented\",\"events\":[{\"type\":\"O\",\"frame\":0,\"at\":2},"
         "{\"type\":\"O\",\"frame\":0,\"at\":1}]}",
         "not ordered by time"},
        {"{\"type\":\"evented\",\"events\":[{\"type\":\"X\",\"frame\":0,\"at\":2}]}",
         "neither opens nor closes"},
        {"{\"type\":\"evented\",\"events\":[{\"type\":\"O\",\"at\":2}]}",
         "neither opens nor closes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "{" FRAMES ",\"profiles\":[%s]}", cases[i].section);
        refuses(text, cases[i].words);
    }
    refuses("{\"profiles\":[]}", "no profiles or no shared.frames");
    refuses("{" FRAMES "}", "no profiles or no shared.frames");
    refuses("{" FRAMES ",\"profiles\":[]} x", "byte");
    refuses("[]", "an object expected");
    refuses("", "an object expected");
}

static void test_only_objects_that_speak_of_it_look_like_it(void **state)
{
    (void)state;
    assert_true(format->sniff((const uint8_t *)" {\"profiles\":1}", 15));
    assert_false(format->sniff((const uint8_t *)"{\"traceEvents\":[]}", 18));
    assert_false(format->sniff((const uint8_t *)"speedscope", 10));
    assert_false(format->sniff((const uint8_t *)"", 0));
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    static const char text[] = "{" FRAMES ",\"profiles\":[" SAMPLED "," EVENTED "]}";
    exchange_fixture_reads_without_memory(format, text, strlen(text));
}

static void test_survives_damage(void **state)
{
    (void)state;
    static const char text[] = "{" FRAMES ",\"profiles\":[" SAMPLED "," EVENTED "]}";
    exchange_fixture_survives_damage(format, text, strlen(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_have_weights_in_their_unit),
        cmocka_unit_test(test_events_give_the_running_frame_its_time),
        cmocka_unit_test(test_keys_may_come_in_any_order),
        cmocka_unit_test(test_unknown_places_may_be_null),
        cmocka_unit_test(test_contradictions_are_refused_in_words),
        cmocka_unit_test(test_only_objects_that_speak_of_it_look_like_it),
        cmocka_unit_test(test_survives_every_failed_allocation),
        cmocka_unit_test(test_survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
