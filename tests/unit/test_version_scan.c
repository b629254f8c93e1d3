/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/version_scan.h"

#include <elf.h>
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

static uint64_t limit = PYR_VERSION_SCAN_BYTES;

/* A program whose variables begin a page after it, of which `zeroed` bytes are not in the file. */
static uint32_t scan_with(size_t at, uint64_t in_memory, uint32_t rights)
{
    static char page[4096];
    static char bytes[BLOCK];
    const struct pyr_memory_image images[] = {{0x10000, page, sizeof(page)},
                                              {0x11000, bytes, sizeof(bytes)}};
    const Elf64_Ehdr head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64},
                             .e_phoff = sizeof(head),
                             .e_phentsize = sizeof(Elf64_Phdr),
                             .e_phnum = 2};
    const Elf64_Phdr segments[] = {
        {.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = 0x400000, .p_memsz = 4096},
        {.p_type = PT_LOAD,
         .p_flags = rights,
         .p_offset = 0x1000,
         .p_vaddr = 0x401000,
         .p_filesz = 100,
         .p_memsz = in_memory},
    };
    const struct pyr_map_entry first = {.start = 0x10000, .end = 0x11000};
    struct pyr_memory *memory = pyr_memory_open_images(images, 2);
    memcpy(page, &head, sizeof(head));
    memcpy(page + sizeof(head), segments, sizeof(segments));
    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes + at,
           "\0"
           "3.9.18 (main",
           13);
    uint64_t budget = limit;
    uint32_t version = pyr_version_scan(memory, &first, &budget);
    assert_true(budget <= limit);
    pyr_memory_close(memory);
    return version;
}

static void test_the_version_is_found_wherever_it_stands(void **state)
{
    (void)state;
    /* Also where the blocks that are read at once meet. */
    for (size_t at = 16300; at < 16400; at++) {
        assert_int_equal(scan_with(at, BLOCK, PF_R | PF_W), 0x030912f0);
    }
    assert_int_equal(scan_with(BLOCK - 14, BLOCK, PF_R | PF_W), 0x030912f0);
    assert_int_equal(scan_with(0, BLOCK, PF_R | PF_W), 0x030912f0);
}

static void test_only_variables_are_searched(void **state)
{
    (void)state;
    assert_int_equal(scan_with(300, 299, PF_R | PF_W), 0);
    assert_int_equal(scan_with(300, BLOCK, PF_R), 0);
    assert_int_equal(scan_with(300, UINT64_MAX, PF_R | PF_W), 0);
}

static void test_no_more_is_searched_than_is_allowed(void **state)
{
    (void)state;
    limit = 20000;
    assert_int_equal(scan_with(19000, BLOCK, PF_R | PF_W), 0x030912f0);
    assert_int_equal(scan_with(20001, BLOCK, PF_R | PF_W), 0);
    limit = PYR_VERSION_SCAN_BYTES;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions_are_read_as_python_writes_them),
        cmocka_unit_test(test_other_texts_are_no_version),
        cmocka_unit_test(test_a_version_that_is_cut_is_not_read_past_its_end),
        cmocka_unit_test(test_the_version_is_found_wherever_it_stands),
        cmocka_unit_test(test_only_variables_are_searched),
        cmocka_unit_test(test_no_more_is_searched_than_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
