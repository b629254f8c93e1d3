/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/elf_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "elf_fixture.h"
#include "unit.h"

static const struct made_symbol symbols[] = {
    {"Py_Version", 0x1100, false}, {"_PyRuntime", 0x5200, false}, {"interp_head", 0x5300, true}};
static const struct made_program python = {symbols, 3, ".PyRuntime", 0x5200, "0123456789", false};

static struct made_elf made;

static struct pyr_elf open_made(void)
{
    struct pyr_elf elf;
    struct pyr_err err = {0};
    assert_true(pyr_elf_open_bytes(&elf, made.bytes, made.size, &err));
    return elf;
}

static void test_symbols_are_found_in_both_tables(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_elf_symbol wanted[] = {{.name = "interp_head"},
                                      {.name = "_PyRuntime"},
                                      {.name = "_PyRunt"},
                                      {.name = "Py_Version"}};
    make_program(&made, &python);
    struct pyr_elf elf = open_made();
    assert_true(pyr_elf_find_symbols(&elf, wanted, 4, &err));
    assert_true(wanted[0].found && wanted[1].found && !wanted[2].found && wanted[3].found);
    assert_int_equal(wanted[0].value, 0x5300);
    assert_int_equal(wanted[1].value, 0x5200);
    assert_int_equal(wanted[3].value, 0x1100);
    assert_int_equal(wanted[3].size, 8);
    /* With the first exported, what is not is not looked for. */
    assert_true(pyr_elf_find_symbols(&elf, wanted + 1, 1, &err));
    struct pyr_elf_symbol exported[] = {{.name = "_PyRuntime"}, {.name = "interp_head"}};
    assert_true(pyr_elf_find_symbols(&elf, exported, 2, &err));
    assert_true(exported[0].found && !exported[1].found);
    pyr_elf_release(&elf);
}

static void test_a_stripped_file_keeps_what_it_exports(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct made_program stripped = python;
    stripped.stripped = true;
    struct pyr_elf_symbol wanted[] = {{.name = "_PyRuntime"}, {.name = "interp_head"}};
    make_program(&made, &stripped);
    struct pyr_elf elf = open_made();
    assert_true(pyr_elf_find_symbols(&elf, wanted, 2, &err));
    assert_true(wanted[0].found && !wanted[1].found);
    pyr_elf_release(&elf);
}

static void test_sections_are_found_by_name(void **state)
{
    (void)state;
    make_program(&made, &python);
    struct pyr_elf elf = open_made();
    const Elf64_Shdr *section = pyr_elf_section(&elf, ".PyRuntime");
    assert_non_null(section);
    assert_int_equal(section->sh_addr, 0x5200);
    assert_null(pyr_elf_section(&elf, ".PyRun"));
    pyr_elf_release(&elf);
}

/* A segment whose offset is no multiple of a page is mapped from the page's start. */
static void test_the_bias_follows_from_any_mapping(void **state)
{
    (void)state;
    uint64_t bias = 0;
    make_program(&made, &python);
    struct pyr_elf elf = open_made();
    assert_true(pyr_elf_bias(&elf, 0x7f0000001000, 0, &bias));
    assert_int_equal(bias, 0x7f0000000000);
    assert_true(pyr_elf_bias(&elf, 0x7f0000005000, 0x2000, &bias));
    assert_int_equal(bias, 0x7f0000000000);
    assert_false(pyr_elf_bias(&elf, 0x7f0000005000, 0x9000, &bias));
    pyr_elf_release(&elf);
}

static void test_the_build_id_is_read(void **state)
{
    (void)state;
    uint8_t id[PYR_ELF_MAX_BUILD_ID];
    make_program(&made, &python);
    struct pyr_elf elf = open_made();
    assert_int_equal(pyr_elf_build_id(&elf, id), 10);
    assert_memory_equal(id, "0123456789", 10);
    pyr_elf_release(&elf);
    struct made_program without = python;
    without.build_id = NULL;
    make_program(&made, &without);
    elf = open_made();
    assert_int_equal(pyr_elf_build_id(&elf, id), 0);
    pyr_elf_release(&elf);
}

static void test_a_file_and_its_bytes_are_read_alike(void **state)
{
    (void)state;
    char path[] = "/tmp/pyr-elf-XXXXXX";
    struct pyr_err err = {0};
    struct pyr_elf elf = {0};
    uint8_t head[4];
    make_program(&made, &python);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write_elf(&made, path));
    assert_true(pyr_elf_open(&elf, fd, &err));
    (void)unlink(path);
    assert_int_equal(elf.segment_count, 3);
    assert_true(pyr_elf_read(&elf, 0, head, sizeof(head)));
    assert_memory_equal(head, ELFMAG, SELFMAG);
    assert_false(pyr_elf_read(&elf, made.size - 3, head, sizeof(head)));
    assert_false(pyr_elf_read(&elf, UINT64_MAX, head, sizeof(head)));
    /* Cut while it is open: what is gone is not read, and nothing breaks. */
    struct pyr_elf_symbol wanted = {.name = "_PyRuntime"};
    assert_int_equal(ftruncate(fd, 64), 0);
    assert_true(pyr_elf_find_symbols(&elf, &wanted, 1, &err));
    assert_false(wanted.found);
    pyr_elf_release(&elf);
    assert_int_equal(fcntl(fd, F_GETFD), -1); /* it was taken over */
}

static void refuse_with(size_t at, uint8_t value, enum pyr_err_code code)
{
    struct pyr_elf elf;
    struct pyr_err err = {0};
    make_program(&made, &python);
    made.bytes[at] = value;
    assert_false(pyr_elf_open_bytes(&elf, made.bytes, made.size, &err));
    assert_int_equal(err.code, code);
}

static void test_other_files_are_refused(void **state)
{
    (void)state;
    struct pyr_elf elf;
    struct pyr_err err = {0};
    refuse_with(0, 'E', PYR_ERR_FORMAT);
    refuse_with(EI_CLASS, ELFCLASS32, PYR_ERR_UNSUPPORTED);
    refuse_with(EI_DATA, ELFDATA2MSB, PYR_ERR_UNSUPPORTED);
    refuse_with(offsetof(Elf64_Ehdr, e_phoff) + 3, 0x7f, PYR_ERR_FORMAT);
    refuse_with(offsetof(Elf64_Ehdr, e_phentsize), 1, PYR_ERR_FORMAT);
    assert_false(pyr_elf_open_bytes(&elf, made.bytes, 63, &err));
    assert_false(pyr_elf_open_bytes(&elf, made.bytes, 0, &err));
}

/* Whatever one byte of the headers is changed to, reading goes on without harm. */
static void test_any_damaged_byte_is_survived(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    uint8_t id[PYR_ELF_MAX_BUILD_ID];
    for (size_t i = 0; i < MADE_SECTIONS + 6 * sizeof(Elf64_Shdr); i++) {
        if (i == 0x500) {
            i = MADE_SECTIONS;
        }
        for (size_t v = 0; v < sizeof(values); v++) {
            struct pyr_elf elf;
            struct pyr_err err = {0};
            struct pyr_elf_symbol wanted = {.name = "interp_head"};
            make_program(&made, &python);
            made.bytes[i] = values[v];
            if (pyr_elf_open_bytes(&elf, made.bytes, made.size, &err)) {
                assert_true(pyr_elf_find_symbols(&elf, &wanted, 1, &err));
                (void)pyr_elf_section(&elf, ".PyRuntime");
                (void)pyr_elf_build_id(&elf, id);
                pyr_elf_release(&elf);
            }
        }
    }
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    make_program(&made, &python);
    for (long nth = 0; failed; nth++) {
        struct pyr_elf elf;
        struct pyr_err err = {0};
        struct pyr_elf_symbol wanted = {.name = "interp_head"};
        pyr_mem_fail_after(nth);
        bool opened = pyr_elf_open_bytes(&elf, made.bytes, made.size, &err);
        failed = !opened || !pyr_elf_find_symbols(&elf, &wanted, 1, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        if (opened) {
            pyr_elf_release(&elf);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_symbols_are_found_in_both_tables),
        cmocka_unit_test(test_a_stripped_file_keeps_what_it_exports),
        cmocka_unit_test(test_sections_are_found_by_name),
        cmocka_unit_test(test_the_bias_follows_from_any_mapping),
        cmocka_unit_test(test_the_build_id_is_read),
        cmocka_unit_test(test_a_file_and_its_bytes_are_read_alike),
        cmocka_unit_test(test_other_files_are_refused),
        cmocka_unit_test(test_any_damaged_byte_is_survived),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
