/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/svg.h"

#include <string.h>

#include "exchange_fixture.h"
#include "unit.h"

static struct pyr_buf draw(const char *collapsed)
{
    struct pyr_profile *profile = exchange_fixture_read(
        pyr_format_find("collapsed", &(struct pyr_err){0}), collapsed, strlen(collapsed));
    struct pyr_buf out = exchange_fixture_write(&pyr_format_svg, profile);
    pyr_profile_free(profile);
    return out;
}

/* Lines that begin with `start`. */
static uint32_t count_lines(const struct pyr_buf *out, const char *start)
{
    const char *const end = out->data + out->len;
    const size_t len = strlen(start);
    uint32_t found = 0;
    for (const char *line = out->data; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const size_t size = (size_t)((newline == NULL ? end : newline) - line);
        found += size >= len && memcmp(line, start, len) == 0;
        line += size + 1;
    }
    return found;
}

static void test_each_box_says_what_it_stands_for(void **state)
{
    (void)state;
    struct pyr_buf out = draw("f (a.py:1);g (a.py:2) 3\nf (a.py:1) 1\n");
    assert_int_equal(count_lines(&out, "<g data-s="), 3);
    assert_non_null(strstr(out.data, "data-s=\"0\" data-w=\"0.75\" data-d=\"2\""));
    assert_non_null(strstr(out.data, "<title>g (a.py)\n3 samples, 75.00 %; itself 3 samples, "
                                     "75.00 %</title>"));
    assert_non_null(strstr(out.data, "<title>f (a.py)\n4 samples, 100.00 %; itself 1 samples, "
                                     "25.00 %</title>"));
    pyr_buf_release(&out);
}

static void test_names_are_text(void **state)
{
    (void)state;
    struct pyr_buf out = draw("</title><script>alert(\"1\")</script>&\t\xef\xbf\xbe 3\n");
    assert_int_equal(count_lines(&out, "<script>"), 1); /* ours */
    assert_null(strstr(out.data, "<script>alert"));
    assert_non_null(strstr(out.data, "&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)"
                                     "&lt;/script&gt;&amp; \xef\xbf\xbd"));
    pyr_buf_release(&out);
}

static void test_long_names_are_cut_between_characters(void **state)
{
    (void)state;
    struct pyr_buf text = {0};
    for (uint32_t i = 0; i < 300; i++) {
        pyr_buf_add_text(&text, "\xc3\xa9");
    }
    pyr_buf_add_text(&text, " 1\n");
    struct pyr_buf out = draw(text.data);
    const char *label = strstr(strstr(out.data, "data-d=\"1\""), "y=\"85\">");
    assert_non_null(label);
    /* 1200 pixels have room for 171 characters, the last two of which are the mark. */
    assert_int_equal(strstr(label, "..</text>") - (label + strlen("y=\"85\">")), 169 * 2);
    pyr_buf_release(&out);
    pyr_buf_release(&text);
}

static void test_the_narrowest_are_left_out_and_counted(void **state)
{
    (void)state;
    struct pyr_buf text = {0};
    for (uint32_t i = 0; i < PYR_SVG_MAX_BOXES; i++) {
        pyr_buf_addf(&text, "f%u;g %u\n", i, i < PYR_SVG_MAX_BOXES - 7 ? 1 : 1000);
    }
    struct pyr_buf out = draw(text.data);
    assert_int_equal(count_lines(&out, "<g data-s="), PYR_SVG_MAX_BOXES);
    assert_int_equal(count_lines(&out, "1000 samples"), 14);
    assert_non_null(strstr(out.data, "; 20001 too narrow to be drawn are left out"));
    pyr_buf_release(&out);
    pyr_buf_release(&text);
}

static void test_a_profile_without_metrics_is_an_empty_picture(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_buf out = exchange_fixture_write(&pyr_format_svg, profile);
    assert_int_equal(count_lines(&out, "<g data-s="), 1);
    assert_non_null(strstr(out.data, ">nothing measured in 0 paths<"));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static void test_hostile_names_are_written(void **state)
{
    (void)state;
    exchange_fixture_takes_hostile_names(&pyr_format_svg);
}

static void test_running_out_of_memory_is_reported(void **state)
{
    (void)state;
    exchange_fixture_writes_without_memory(&pyr_format_svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_box_says_what_it_stands_for),
        cmocka_unit_test(test_names_are_text),
        cmocka_unit_test(test_long_names_are_cut_between_characters),
        cmocka_unit_test(test_the_narrowest_are_left_out_and_counted),
        cmocka_unit_test(test_a_profile_without_metrics_is_an_empty_picture),
        cmocka_unit_test(test_hostile_names_are_written),
        cmocka_unit_test(test_running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
