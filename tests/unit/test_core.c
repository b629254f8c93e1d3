/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "elf_fixture.h"
#include "unit.h"

#define PROGRAM_AT 0x400000
#define HEAP_AT 0x500000
#define PAGE 4096

static const uint32_t tids[] = {4711, 4712, 4713};
static char heap[PAGE];
static char more[PAGE];
static struct made_elf program;
static struct made_elf other;
static struct made_elf made;
static char program_path[] = "/tmp/pyr-core-program";
static char other_path[] = "/tmp/pyr-core-other";
static char core_path[] = "/tmp/pyr-core-file";

/* A program of which the core kept the first page only, and a heap in two parts. */
static struct made_core whole_core(const struct made_range ranges[4])
{
    return (struct made_core){ranges, 4, tids, 3, "python3 app.py", PROGRAM_AT + 64};
}

static void fill_ranges(struct made_range ranges[4])
{
    ranges[0] = (struct made_range){HEAP_AT + PAGE, PAGE, PAGE, more, NULL, 0, true};
    ranges[1] =
        (struct made_range){PROGRAM_AT, 2ul * PAGE, PAGE, program.bytes, program_path, 0, false};
    ranges[2] = (struct made_range){PROGRAM_AT + 0x10000, PAGE, 0, NULL, program_path, 2, true};
    ranges[3] = (struct made_range){HEAP_AT, PAGE, PAGE, heap, NULL, 0, true};
}

static int set_up(void **state)
{
    struct made_range ranges[4];
    (void)state;
    memset(heap, 'h', sizeof(heap));
    memset(more, 'm', sizeof(more));
    make_program(&program, &(struct made_program){NULL, 0, NULL, 0, "identity", true});
    make_program(&other, &(struct made_program){NULL, 0, NULL, 0, "another!", true});
    memcpy(program.bytes + 0x1000, "left out", 9);
    memcpy(program.bytes + 0x2000, "variables", 10);
    fill_ranges(ranges);
    const struct made_core core = whole_core(ranges);
    make_core(&made, &core);
    bool ok = write_elf(&program, program_path) && write_elf(&other, other_path) &&
              write_elf(&made, core_path);
    return ok ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(program_path);
    (void)unlink(other_path);
    (void)unlink(core_path);
    return 0;
}

static struct pyr_core open_core(void)
{
    struct pyr_core core;
    struct pyr_err err = {0};
    if (!pyr_core_open(&core, core_path, NULL, &err)) {
        fail_msg("%s", err.message);
    }
    return core;
}

static void test_what_the_core_says_of_the_process_is_read(void **state)
{
    (void)state;
    struct pyr_core core = open_core();
    assert_int_equal(core.pid, 4711);
    assert_string_equal(core.command, "python3 app.py");
    assert_int_equal(core.program, PROGRAM_AT + 64);
    assert_int_equal(core.thread_count, 3);
    assert_int_equal(core.threads[2].tid, 4713);
    assert_int_equal(core.threads[2].registers[21], 0x7002);
    assert_int_equal(core.file_count, 1);
    assert_string_equal(core.files[0].path, program_path);
    pyr_core_release(&core);
}

static void test_memory_is_read_where_the_core_kept_it(void **state)
{
    (void)state;
    char bytes[4] = "";
    struct pyr_core core = open_core();
    struct pyr_memory *memory = pyr_memory_open_core(&core);
    assert_true(pyr_memory_read(memory, HEAP_AT, bytes, 3));
    assert_string_equal(bytes, "hhh");
    /* Across two parts that follow each other, though the core has them the other way round. */
    assert_true(pyr_memory_read(memory, HEAP_AT + PAGE - 1, bytes, 3));
    assert_string_equal(bytes, "hmm");
    assert_false(pyr_memory_read(memory, HEAP_AT + 2 * PAGE - 1, bytes, 2));
    assert_int_equal(memory->failure, PYR_MEMORY_NOT_MAPPED);
    assert_false(pyr_memory_read(memory, HEAP_AT - 1, bytes, 1));
    assert_false(pyr_memory_read(memory, UINT64_MAX, bytes, 3));
    pyr_memory_close(memory);
    pyr_core_release(&core);
}

static void test_what_the_core_left_out_comes_from_the_file(void **state)
{
    (void)state;
    char bytes[16] = "";
    struct pyr_core core = open_core();
    assert_true(pyr_core_read(&core, PROGRAM_AT + PAGE, bytes, 9));
    assert_string_equal(bytes, "left out");
    assert_true(pyr_core_read(&core, PROGRAM_AT + 0x10000, bytes, 10));
    assert_string_equal(bytes, "variables");
    int fd = pyr_core_open_mapped(&core, PROGRAM_AT + 0x10000);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(pyr_core_open_mapped(&core, HEAP_AT), -1);
    pyr_core_release(&core);
}

static void test_a_file_that_is_another_one_now_is_not_used(void **state)
{
    (void)state;
    char bytes[16] = "";
    assert_true(write_elf(&other, program_path));
    struct pyr_core core = open_core();
    assert_false(pyr_core_read(&core, PROGRAM_AT + PAGE, bytes, 9));
    assert_int_equal(pyr_core_open_mapped(&core, PROGRAM_AT), -1);
    assert_true(pyr_core_read(&core, PROGRAM_AT, bytes, 4)); /* which the core has itself */
    pyr_core_release(&core);
    (void)unlink(program_path);
    core = open_core();
    assert_false(pyr_core_read(&core, PROGRAM_AT + PAGE, bytes, 9));
    pyr_core_release(&core);
}

/* Some programs have their build id where the core did not keep it: then the headers have to do. */
static void test_a_file_with_other_headers_is_not_used(void **state)
{
    (void)state;
    char bytes[16] = "";
    struct made_elf changed = program;
    changed.bytes[offsetof(Elf64_Ehdr, e_entry)] = 1;
    assert_true(write_elf(&changed, program_path));
    struct pyr_core core = open_core();
    assert_false(pyr_core_read(&core, PROGRAM_AT + PAGE, bytes, 9));
    pyr_core_release(&core);
}

static void test_the_program_may_be_said(void **state)
{
    (void)state;
    char bytes[16] = "";
    struct pyr_core core;
    struct pyr_err err = {0};
    assert_int_equal(rename(program_path, other_path), 0);
    assert_true(pyr_core_open(&core, core_path, other_path, &err));
    assert_true(pyr_core_read(&core, PROGRAM_AT + PAGE, bytes, 9));
    assert_string_equal(bytes, "left out");
    pyr_core_release(&core);
    assert_true(write_elf(&other, other_path));
    assert_false(pyr_core_open(&core, core_path, other_path, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_non_null(strstr(err.message, "is not the program that made the core file"));
    assert_false(pyr_core_open(&core, core_path, "/nowhere/python", &err));
    assert_non_null(strstr(err.message, "/nowhere/python"));
}

static void test_maps_are_as_those_of_a_process(void **state)
{
    (void)state;
    struct pyr_maps maps;
    struct pyr_err err = {0};
    struct pyr_core core = open_core();
    assert_true(pyr_core_maps(&core, &maps, &err));
    assert_int_equal(maps.count, 4);
    assert_int_equal(maps.entries[0].start, PROGRAM_AT);
    assert_string_equal(maps.entries[0].path, program_path);
    assert_true(maps.entries[0].inode != 0 && maps.entries[0].inode == maps.entries[1].inode);
    assert_int_equal(maps.entries[1].offset, 0x2000);
    assert_true(maps.entries[1].writable && !maps.entries[0].writable);
    assert_int_equal(maps.entries[2].inode, 0);
    pyr_maps_release(&maps);
    pyr_core_release(&core);
}

static void refuse(const char *path, enum pyr_err_code code, const char *words)
{
    struct pyr_core core;
    struct pyr_err err = {0};
    assert_false(pyr_core_open(&core, path, NULL, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, words));
    assert_non_null(strstr(err.message, path));
}

static void test_what_is_no_core_file_is_refused_in_words(void **state)
{
    (void)state;
    refuse("/nowhere/core", PYR_ERR_GONE, "No such file");
    refuse(program_path, PYR_ERR_FORMAT, "not a core file");
    made.size = 40;
    assert_true(write_elf(&made, core_path));
    refuse(core_path, PYR_ERR_FORMAT, "compressed");
    struct made_core empty = {NULL, 0, NULL, 0, "", 0};
    make_core(&made, &empty);
    made.bytes[sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz)] = 0;
    made.bytes[sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz) + 1] = 0;
    assert_true(write_elf(&made, core_path));
    refuse(core_path, PYR_ERR_FORMAT, "no notes");
}

/* As when the disk was full, or a limit reached. */
static void test_a_core_that_is_cut_has_what_it_has(void **state)
{
    (void)state;
    char byte = 0;
    struct made_elf cut = made;
    cut.size -= PAGE + 1;
    assert_true(write_elf(&cut, core_path));
    struct pyr_core core = open_core();
    assert_int_equal(core.thread_count, 3);
    assert_true(pyr_core_read(&core, HEAP_AT + PAGE, &byte, 1));
    assert_false(pyr_core_read(&core, HEAP_AT, &byte, 1));
    pyr_core_release(&core);
}

static void test_any_damaged_byte_is_survived(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 0x80, 0xff};
    for (size_t i = 0; i < 2600; i++) {
        for (size_t v = 0; v < sizeof(values); v++) {
            struct pyr_core core;
            struct pyr_maps maps = {0};
            struct pyr_err err = {0};
            char bytes[64];
            uint8_t before = made.bytes[i];
            made.bytes[i] = values[v];
            if (pyr_core_open_bytes(&core, made.bytes, made.size, &err)) {
                (void)!pyr_core_read(&core, PROGRAM_AT + PAGE - 8, bytes, sizeof(bytes));
                (void)!pyr_core_read(&core, HEAP_AT + PAGE - 8, bytes, sizeof(bytes));
                assert_true(pyr_core_maps(&core, &maps, &err));
                pyr_maps_release(&maps);
                pyr_core_release(&core);
            }
            made.bytes[i] = before;
        }
    }
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_core core;
        struct pyr_maps maps = {0};
        struct pyr_err err = {0};
        struct pyr_memory *memory = NULL;
        pyr_mem_fail_after(nth);
        bool opened = pyr_core_open(&core, core_path, NULL, &err);
        failed = !opened || !pyr_core_maps(&core, &maps, &err);
        if (!failed) {
            memory = pyr_memory_open_core(&core);
            failed = memory == NULL;
        }
        pyr_mem_fail_after(-1);
        assert_true(!failed || memory == NULL);
        pyr_memory_close(memory);
        pyr_maps_release(&maps);
        if (opened) {
            pyr_core_release(&core);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_the_core_says_of_the_process_is_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_memory_is_read_where_the_core_kept_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_the_core_left_out_comes_from_the_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_another_one_now_is_not_used, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_with_other_headers_is_not_used, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_program_may_be_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_maps_are_as_those_of_a_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_core_file_is_refused_in_words, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_core_that_is_cut_has_what_it_has, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_any_damaged_byte_is_survived, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_survives_every_failed_allocation, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
