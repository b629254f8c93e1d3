/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/perf_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

static void parse(struct pyr_perf_map *map, const char *text)
{
    struct pyr_err err = {0};
    assert_true(pyr_perf_map_parse(map, text, strlen(text), &err));
}

static const char *name_at(const struct pyr_perf_map *map, uint64_t pc)
{
    const struct pyr_perf_symbol *symbol = pyr_perf_map_find(map, pc);
    return symbol != NULL ? symbol->name : "";
}

static void test_code_has_the_name_that_its_line_gives(void **state)
{
    (void)state;
    struct pyr_perf_map map;
    pyr_perf_map_init(&map, 1);
    parse(&map, "7f00 10 py::work:/app/shop.py\n"
                "1000 20 first\n"
                "0x2000 0x8 with spaces in it\n");
    assert_string_equal(name_at(&map, 0x7f00), "py::work:/app/shop.py");
    assert_string_equal(name_at(&map, 0x7f0f), "py::work:/app/shop.py");
    assert_string_equal(name_at(&map, 0x7f10), "");
    assert_string_equal(name_at(&map, 0x1000), "first");
    assert_string_equal(name_at(&map, 0x2007), "with spaces in it");
    assert_string_equal(name_at(&map, 0xfff), "");
    pyr_perf_map_release(&map);
}

static void test_of_two_lines_for_the_same_code_the_later_is_right(void **state)
{
    (void)state;
    struct pyr_perf_map map;
    pyr_perf_map_init(&map, 1);
    parse(&map, "1000 20 old\n1000 20 new\n1008 4 within\n");
    assert_string_equal(name_at(&map, 0x1000), "new");
    assert_string_equal(name_at(&map, 0x1009), "within");
    assert_string_equal(name_at(&map, 0x101f), "new");
    pyr_perf_map_release(&map);
}

static void test_lines_that_are_none_are_left_out(void **state)
{
    (void)state;
    static const char bytes[] = "1000 20 with\0zero\n4000 4 good";
    struct pyr_err err = {0};
    struct pyr_perf_map map;
    pyr_perf_map_init(&map, 1);
    parse(&map, "\n"
                "xyz 10 no address\n"
                "1000\n"
                "1000 \n"
                "1000 10\n"
                "1000 10 \n"
                "1000 0 empty\n"
                "ffffffffffffffff 10 beyond the end\n"
                "11112222333344445 10 too long a number\n"
                "-1000 10 negative\n"
                "3000 8 good");
    assert_int_equal(map.count, 1);
    assert_string_equal(name_at(&map, 0x3000), "good");
    assert_true(pyr_perf_map_parse(&map, bytes, sizeof bytes - 1, &err));
    assert_int_equal(map.count, 2);
    pyr_perf_map_release(&map);
}

static void test_long_names_are_cut(void **state)
{
    (void)state;
    static char text[PYR_PERF_MAP_MAX_NAME + 100];
    struct pyr_perf_map map;
    pyr_perf_map_init(&map, 1);
    memset(text, 'n', sizeof text - 1);
    memcpy(text, "1000 8 ", 7);
    parse(&map, text);
    assert_int_equal(strlen(name_at(&map, 0x1000)), PYR_PERF_MAP_MAX_NAME);
    pyr_perf_map_release(&map);
}

static void test_the_file_of_a_process_is_found_and_read_again_when_it_grows(void **state)
{
    (void)state;
    char path[64];
    struct pyr_err err = {0};
    struct pyr_perf_map map;
    bool changed = true;
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    pyr_perf_map_init(&map, (uint32_t)getpid());
    unlink(path);
    assert_true(pyr_perf_map_refresh(&map, &changed, &err));
    assert_false(changed);
    assert_int_equal(map.count, 0);

    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("1000 8 one\n", file);
    fflush(file);
    map.looked_ns = 0; /* as if it had been long ago */
    assert_true(pyr_perf_map_refresh(&map, &changed, &err));
    assert_true(changed);
    assert_string_equal(name_at(&map, 0x1000), "one");

    fputs("2000 8 two\n", file);
    fclose(file);
    map.looked_ns = 0;
    assert_true(pyr_perf_map_refresh(&map, &changed, &err));
    assert_true(changed);
    assert_int_equal(map.count, 2);
    assert_string_equal(name_at(&map, 0x2000), "two");
    map.looked_ns = 0;
    assert_true(pyr_perf_map_refresh(&map, &changed, &err));
    assert_false(changed);
    unlink(path);
    pyr_perf_map_release(&map);
}

static void test_links_in_the_place_of_the_file_are_not_followed(void **state)
{
    (void)state;
    char path[64];
    struct pyr_err err = {0};
    struct pyr_perf_map map;
    bool changed = true;
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    unlink(path);
    assert_int_equal(symlink("/proc/kallsyms", path), 0);
    pyr_perf_map_init(&map, (uint32_t)getpid());
    assert_true(pyr_perf_map_refresh(&map, &changed, &err));
    assert_false(changed);
    unlink(path);
    pyr_perf_map_release(&map);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    static const char text[] = "1000 8 one\n2000 8 two\n3000 8 three\n";
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_perf_map map;
        pyr_perf_map_init(&map, 1);
        pyr_mem_fail_after(nth);
        failed = !pyr_perf_map_parse(&map, text, sizeof text - 1, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_perf_map_release(&map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_has_the_name_that_its_line_gives),
        cmocka_unit_test(test_of_two_lines_for_the_same_code_the_later_is_right),
        cmocka_unit_test(test_lines_that_are_none_are_left_out),
        cmocka_unit_test(test_long_names_are_cut),
        cmocka_unit_test(test_the_file_of_a_process_is_found_and_read_again_when_it_grows),
        cmocka_unit_test(test_links_in_the_place_of_the_file_are_not_followed),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
