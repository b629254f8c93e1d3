/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/version_scan.h"

#include <string.h>

#include "unit.h"

#define BLOCK 40000

static uint32_t parse(const char *text)
{
    return pyr_version_parse(text, strlen(text));
}

static void test_versions_are_read_as_python_writes_them(void **state)
{
    (void)state;
    assert_int_equal(parse("3.8.18 (default, Nov 22 2026, 10:00:00) \n[GCC 12.2.0]"), 0x030812f0);
    assert_int_equal(parse("3.6.0 (default"), 0x030600f0);
    assert_int_equal(parse("3.7.0rc1 (default"), 0x030700c1);
    assert_int_equal(parse("3.8.0a4+ (heads/master:1234, "), 0x030800a4);
    assert_int_equal(parse("3.9.0b2 (tags/"), 0x030900b2);
    assert_int_equal(parse("2.7.18 (default"), 0x020712f0);
}

static void test_other_texts_are_no_version(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",         "3",          "3.8",       "3.8.1",     "3.8.1 ",      "3.8.1(",
        "4.0.1 (",  "3..1 (",     "3.8.x (",   "3.8.1r1 (", "3.8.1rc99 (", "3.8.1234 (",
        "13.8.1 (", "3.8.1 [GCC", "3.999.1 (",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(parse(others[i]), 0);
    }
}

static void test_a_version_that_is_cut_is_not_read_past_its_end(void **state)
{
    (void)state;
    static const char text[] = "3.7.16rc1+ (";
    for (size_t size = 0; size < sizeof(text) - 1; size++) {
        assert_int_equal(pyr_version_parse(text, size), 0);
    }
    assert_int_equal(pyr_version_parse(text, sizeof(text) - 1), 0x030710c1);
}

/* Variables of one file, and what follows it without a file: its zeroed ones. */
static uint64_t limit = PYR_VERSION_SCAN_BYTES;

static uint32_t scan_with(size_t at, const char *maps_text)
{
    static char bytes[BLOCK];
    struct pyr_maps maps;
    struct pyr_err err = {0};
    const struct pyr_memory_image image = {0x10000, bytes, sizeof(bytes)};
    struct pyr_memory *memory = pyr_memory_open_images(&image, 1);
    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes + at,
           "\0"
           "3.9.18 (main",
           13);
    assert_true(pyr_maps_parse(&maps, maps_text, strlen(maps_text), &err));
    uint64_t budget = limit;
    uint32_t version = pyr_version_scan(memory, &maps, 0, &budget);
    assert_true(budget <= limit);
    pyr_maps_release(&maps);
    pyr_memory_close(memory);
    return version;
}

static void test_the_version_is_found_wherever_it_stands(void **state)
{
    (void)state;
    static const char own[] = "10000-19c40 rw-p 0 8:1 7 /lib/libpython3.9.so\n";
    /* Also where the blocks that are read at once meet. */
    for (size_t at = 16300; at < 16400; at++) {
        assert_int_equal(scan_with(at, own), 0x030912f0);
    }
    assert_int_equal(scan_with(BLOCK - 14, own), 0x030912f0);
    assert_int_equal(scan_with(0, own), 0x030912f0);
}

static void test_only_the_file_and_its_zeroed_variables_are_searched(void **state)
{
    (void)state;
    assert_int_equal(scan_with(100, "1000-2000 r--p 0 8:1 7 /p\n10000-19c40 rw-p 0 0:0 0 \n"),
                     0x030912f0);
    assert_int_equal(scan_with(100, "1000-2000 r--p 0 8:1 7 /p\n10000-19c40 rw-p 0 8:1 8 /q\n"), 0);
    assert_int_equal(scan_with(100, "1000-2000 r--p 0 8:1 7 /p\n10000-19c40 rw-p 0 0:0 0 [heap]\n"),
                     0);
    assert_int_equal(scan_with(100, "10000-19c40 r--p 0 8:1 7 /p\n"), 0);
}

static void test_no_more_is_searched_than_is_allowed(void **state)
{
    (void)state;
    static const char own[] = "10000-19c40 rw-p 0 8:1 7 /p\n";
    limit = 20000;
    assert_int_equal(scan_with(19000, own), 0x030912f0);
    assert_int_equal(scan_with(20001, own), 0);
    limit = PYR_VERSION_SCAN_BYTES;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions_are_read_as_python_writes_them),
        cmocka_unit_test(test_other_texts_are_no_version),
        cmocka_unit_test(test_a_version_that_is_cut_is_not_read_past_its_end),
        cmocka_unit_test(test_the_version_is_found_wherever_it_stands),
        cmocka_unit_test(test_only_the_file_and_its_zeroed_variables_are_searched),
        cmocka_unit_test(test_no_more_is_searched_than_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
