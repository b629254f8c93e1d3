/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/pstats.h"

#include <string.h>

#include "base/buf.h"
#include "exchange_fixture.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_pstats;

/* Marshal by hand, so that files no Python would write can be made as well. */
static void put_int(struct pyr_buf *out, int32_t value)
{
    pyr_buf_add_char(out, 'i');
    pyr_buf_add_u32(out, (uint32_t)value);
}

static void put_seconds(struct pyr_buf *out, const char *seconds)
{
    pyr_buf_add_char(out, 'f');
    pyr_buf_add_u8(out, (uint8_t)strlen(seconds));
    pyr_buf_add_text(out, seconds);
}

static void put_text(struct pyr_buf *out, const char *text)
{
    pyr_buf_add_char(out, 'u');
    pyr_buf_add_u32(out, (uint32_t)strlen(text));
    pyr_buf_add_text(out, text);
}

static void put_tuple(struct pyr_buf *out, uint8_t count)
{
    pyr_buf_add_char(out, ')');
    pyr_buf_add_u8(out, count);
}

static void put_key(struct pyr_buf *out, const char *file, int32_t line, const char *name)
{
    put_tuple(out, 3);
    put_text(out, file);
    put_int(out, line);
    put_text(out, name);
}

static void put_figures(struct pyr_buf *out, int32_t first, int32_t second, const char *self,
                        const char *inclusive)
{
    put_int(out, first);
    put_int(out, second);
    put_seconds(out, self);
    put_seconds(out, inclusive);
}

/* main calls work 3 times, and work calls itself twice; main is called by nobody. */
static struct pyr_buf small_file(void)
{
    struct pyr_buf out = {0};
    pyr_buf_add_char(&out, '{');
    put_key(&out, "app.py", 1, "main");
    put_tuple(&out, 5);
    put_figures(&out, 1, 1, "0.5", "2.0");
    pyr_buf_add_text(&out, "{0");
    put_key(&out, "app.py", 9, "work");
    put_tuple(&out, 5);
    put_figures(&out, 3, 5, "1.5", "1.5");
    pyr_buf_add_char(&out, '{');
    put_key(&out, "app.py", 1, "main");
    put_tuple(&out, 4);
    put_figures(&out, 3, 3, "0.9", "1.5");
    put_key(&out, "app.py", 9, "work");
    put_tuple(&out, 4);
    put_figures(&out, 2, 2, "0.6", "0.6");
    pyr_buf_add_text(&out, "00");
    return out;
}

static void test_callers_become_stacks(void **state)
{
    (void)state;
    struct pyr_buf file = small_file();
    struct pyr_profile *profile = exchange_fixture_read(format, file.data, file.len);
    assert_int_equal(exchange_fixture_value(profile, "main", "calls"), 1);
    assert_int_equal(exchange_fixture_value(profile, "main", "wall"), 500000000);
    assert_int_equal(exchange_fixture_value(profile, "main;work", "calls"), 3);
    assert_int_equal(exchange_fixture_value(profile, "main;work", "wall"), 900000000);
    assert_int_equal(exchange_fixture_value(profile, "main;work;work", "calls"), 2);
    assert_int_equal(exchange_fixture_value(profile, "main;work;work", "wall"), 600000000);
    assert_string_equal(pyr_meta_text(profile->meta, "stacks"),
                        "estimated from callers and callees");
    const struct pyr_function *work = pyr_functions_get(profile->functions, (pyr_func){2});
    assert_int_equal(work->first_line, 9);
    pyr_profile_free(profile);
    pyr_buf_release(&file);
}

static void test_counts_alone_share_a_functions_own_figures(void **state)
{
    (void)state;
    struct pyr_buf file = {0};
    pyr_buf_add_char(&file, '{');
    put_key(&file, "app.py", 9, "work");
    put_tuple(&file, 5);
    put_figures(&file, 4, 4, "1.0", "1.0");
    pyr_buf_add_char(&file, '{');
    put_key(&file, "app.py", 1, "a");
    put_int(&file, 3);
    put_key(&file, "app.py", 2, "b");
    put_int(&file, 1);
    pyr_buf_add_text(&file, "00");
    struct pyr_profile *profile = exchange_fixture_read(format, file.data, file.len);
    assert_int_equal(exchange_fixture_value(profile, "a;work", "wall"), 750000000);
    assert_int_equal(exchange_fixture_value(profile, "b;work", "wall"), 250000000);
    assert_int_equal(exchange_fixture_value(profile, "b;work", "calls"), 1);
    pyr_profile_free(profile);
    pyr_buf_release(&file);
}

static void test_a_sampled_file_has_samples_and_lines(void **state)
{
    (void)state;
    struct pyr_buf file = {0};
    pyr_buf_add_char(&file, '{');
    put_key(&file, "app.py", 10, "work");
    put_tuple(&file, 5);
    put_figures(&file, 3, 9, "0.003", "0.009"); /* 3 samples in it, 9 in what it calls too */
    pyr_buf_add_char(&file, '{');
    put_key(&file, "app.py", 20, "main");
    put_int(&file, 9);
    pyr_buf_add_char(&file, '0');
    put_tuple(&file, 1);
    put_text(&file, "__sampled__");
    pyr_buf_add_text(&file, "T0");
    struct pyr_profile *profile = exchange_fixture_read(format, file.data, file.len);
    assert_int_equal(exchange_fixture_value(profile, "main;work", "samples"), 3);
    assert_int_equal(exchange_fixture_value(profile, "main;work", "wall"), 3000000);
    assert_int_equal(pyr_metrics_find(&profile->metrics, profile->strings, "calls"), -1);
    struct pyr_frame frame = pyr_frames_get(profile->frames, (pyr_frame_id){1});
    assert_int_equal(frame.line, 10);
    assert_int_equal(pyr_functions_get(profile->functions, frame.func)->first_line, 0);
    pyr_profile_free(profile);
    pyr_buf_release(&file);
}

static void test_names_of_builtins_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *name, *module, *qualname;
    } cases[] = {
        {"<built-in method time.sleep>", "time", "sleep"},
        {"<built-in method a.b.c>", "a.b", "c"},
        {"<built-in method len>", "", "len"},
        {"<built-in method __new__ of type object at 0x1>", "",
         "<built-in method __new__ of type object at 0x1>"},
        {"<built-in method >", "", "<built-in method >"},
        {"<method 'append' of 'list' objects>", "", "list.append"},
        {"<method 'x' of 'a.B' objects>", "", "a.B.x"},
        {"<method 'x objects>", "", "<method 'x objects>"},
        {"<method '' objects>", "", "<method '' objects>"},
        {"<len>", "", "<len>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pyr_buf file = {0};
        pyr_buf_add_char(&file, '{');
        put_key(&file, "~", 0, cases[i].name);
        put_tuple(&file, 5);
        put_figures(&file, 1, 1, "1", "1");
        pyr_buf_add_text(&file, "{00");
        struct pyr_profile *profile = exchange_fixture_read(format, file.data, file.len);
        const struct pyr_function *f = pyr_functions_get(profile->functions, (pyr_func){1});
        assert_int_equal(f->kind, PYR_FUNC_BUILTIN);
        assert_string_equal(pyr_strtab_text(profile->strings, f->module), cases[i].module);
        assert_string_equal(pyr_strtab_text(profile->strings, f->qualname), cases[i].qualname);
        assert_string_equal(pyr_strtab_text(profile->strings, f->file), "");
        pyr_profile_free(profile);
        pyr_buf_release(&file);
    }
}

static void test_absurd_figures_are_bounded(void **state)
{
    (void)state;
    struct pyr_buf file = {0};
    pyr_buf_add_char(&file, '{');
    put_key(&file, "app.py", -5, "work");
    put_tuple(&file, 5);
    put_figures(&file, -7, INT32_MAX, "1e300", "-1e300");
    pyr_buf_add_char(&file, '{');
    put_key(&file, "app.py", 1, "main");
    put_tuple(&file, 4);
    put_figures(&file, INT32_MIN, 3, "-1e300", "1e300");
    pyr_buf_add_text(&file, "00");
    pyr_profile_free(exchange_fixture_read(format, file.data, file.len));
    pyr_buf_release(&file);
}

static void test_files_of_another_shape_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t size;
        const char *words;
    } cases[] = {
        {"T", 1, "its content is no dict"},
        {"{TT0", 4, "a function that is not (file, line, name)"},
        {"{)\x03TTTT0", 8, "a name that is no text"},
        {"{)\x03z\0z\0z\0T0", 11, "a count that is no integer"},
        {"{)\x03z\0Tz\0T0", 10, "a function without five figures"},
        {"{)\x03z\0Tz\0)\x05TTTTT0", 16, "callers that are no dict"},
        {"{)\x03z\0Tz\0)\x05TTz\0T{00", 18, "a time that is no number"},
        {"{)\x03z\0Tz\0)\x05TTTT{)\x03z\0Tz\0z\0"
         "00",
         26, "a caller without four figures"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        exchange_fixture_refuses(format, cases[i].data, cases[i].size, cases[i].words);
    }
}

static void test_only_dicts_with_tuples_look_like_it(void **state)
{
    (void)state;
    assert_true(format->sniff((const uint8_t *)"{0", 2));
    assert_true(format->sniff((const uint8_t *)"\xFB\xA9\x03", 3));
    assert_false(format->sniff((const uint8_t *)"{\"a\": 1}", 8));
    assert_false(format->sniff((const uint8_t *)"{", 1));
    assert_false(format->sniff((const uint8_t *)"{0}", 3));
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_buf file = small_file();
    exchange_fixture_reads_without_memory(format, file.data, file.len);
    pyr_buf_release(&file);
}

static void test_survives_damage(void **state)
{
    (void)state;
    struct pyr_buf file = small_file();
    exchange_fixture_survives_damage(format, file.data, file.len);
    pyr_buf_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_callers_become_stacks),
        cmocka_unit_test(test_counts_alone_share_a_functions_own_figures),
        cmocka_unit_test(test_a_sampled_file_has_samples_and_lines),
        cmocka_unit_test(test_names_of_builtins_are_taken_apart),
        cmocka_unit_test(test_absurd_figures_are_bounded),
        cmocka_unit_test(test_files_of_another_shape_are_refused),
        cmocka_unit_test(test_only_dicts_with_tuples_look_like_it),
        cmocka_unit_test(test_survives_every_failed_allocation),
        cmocka_unit_test(test_survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
