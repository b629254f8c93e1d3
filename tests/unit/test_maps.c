/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/maps.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

static const char text[] = "00400000-00452000 r-xp 00001000 08:02 173521 /usr/bin/a b (deleted)\n"
                           "00e03000-00e24000 rw-p 00000000 00:00 0           [heap]\n"
                           "7f1d2c000000-7f1d2c021000 ---p 00000000 00:00 0 \n"
                           "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]";

static struct pyr_maps parse(const char *bytes, size_t size)
{
    struct pyr_maps maps;
    struct pyr_err err = {0};
    assert_true(pyr_maps_parse(&maps, bytes, size, &err));
    return maps;
}

static void test_each_field_of_a_line_is_read(void **state)
{
    (void)state;
    struct pyr_maps maps = parse(text, strlen(text));
    assert_int_equal(maps.count, 4);
    const struct pyr_map_entry *first = &maps.entries[0];
    assert_int_equal(first->start, 0x400000);
    assert_int_equal(first->end, 0x452000);
    assert_int_equal(first->offset, 0x1000);
    assert_int_equal(first->device, makedev(8, 2));
    assert_int_equal(first->inode, 173521);
    assert_true(first->readable && !first->writable && first->executable);
    assert_string_equal(first->path, "/usr/bin/a b (deleted)");
    assert_string_equal(maps.entries[1].path, "[heap]");
    assert_true(maps.entries[1].writable);
    assert_string_equal(maps.entries[2].path, "");
    assert_false(maps.entries[2].readable);
    assert_int_equal(maps.entries[3].end, 0xffffffffff601000);
    pyr_maps_release(&maps);
}

static void test_an_address_is_found_in_its_mapping(void **state)
{
    (void)state;
    struct pyr_maps maps = parse(text, strlen(text));
    assert_ptr_equal(pyr_maps_find(&maps, 0x400000), &maps.entries[0]);
    assert_ptr_equal(pyr_maps_find(&maps, 0x451fff), &maps.entries[0]);
    assert_null(pyr_maps_find(&maps, 0x452000));
    assert_null(pyr_maps_find(&maps, 0));
    assert_null(pyr_maps_find(&maps, UINT64_MAX));
    assert_ptr_equal(pyr_maps_find(&maps, 0x7f1d2c000001), &maps.entries[2]);
    pyr_maps_release(&maps);
    assert_null(pyr_maps_find(&maps, 0x400000));
}

static void test_lines_that_are_none_are_left_out(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\n\n\n",
        "garbage\n",
        "400000 r-xp 0 08:02 1 /x\n",
        "500000-400000 r-xp 0 08:02 1 /x\n",
        "10000000000000000-10000000000000001 r-xp 0 08:02 1 /x\n",
        "400000-500000 r-x",
        "400000-500000 r-xp 0 08-02 1 /x\n",
        "400000-500000 r-xp 0 08:02 99999999999999999999999 /x\n",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct pyr_maps maps = parse(bad[i], strlen(bad[i]));
        assert_int_equal(maps.count, 0);
        pyr_maps_release(&maps);
    }
}

static void test_mappings_that_overlap_are_left_out(void **state)
{
    (void)state;
    static const char overlapping[] = "1000-3000 r--p 0 0:0 0\n2000-4000 r--p 0 0:0 0\n"
                                      "0-1000 r--p 0 0:0 0\n3000-4000 r--p 0 0:0 0\n";
    struct pyr_maps maps = parse(overlapping, strlen(overlapping));
    assert_int_equal(maps.count, 2);
    assert_int_equal(maps.entries[1].start, 0x3000);
    pyr_maps_release(&maps);
}

static void test_more_than_the_limit_are_left_out(void **state)
{
    (void)state;
    enum { LINES = PYR_MAPS_MAX + 100, WIDTH = 32 };
    char *many = malloc((size_t)LINES * WIDTH);
    size_t size = 0;
    for (unsigned i = 0; i < LINES; i++) {
        size += (size_t)snprintf(many + size, WIDTH, "%x000-%x000 r--p 0 0:0 0\n", i, i + 1);
    }
    struct pyr_maps maps = parse(many, size);
    assert_int_equal(maps.count, PYR_MAPS_MAX);
    pyr_maps_release(&maps);
    free(many);
}

static void test_our_own_maps_have_this_program(void **state)
{
    (void)state;
    struct pyr_maps maps;
    struct pyr_err err = {0};
    assert_true(pyr_maps_read(&maps, (uint32_t)getpid(), &err));
    const struct pyr_map_entry *entry = pyr_maps_find(&maps, (uint64_t)(uintptr_t)text);
    assert_non_null(entry);
    assert_non_null(strstr(entry->path, "test_maps"));
    pyr_maps_release(&maps);
    assert_false(pyr_maps_read(&maps, INT32_MAX, &err));
    assert_null(maps.entries);
}

/* The file behind a mapping is had under any name, and after it was deleted. */
static void test_the_file_of_a_mapping_is_opened_also_when_deleted(void **state)
{
    (void)state;
    char path[] = "/tmp/pyr-maps-XXXXXX";
    char found[5] = "";
    struct pyr_maps maps;
    struct pyr_err err = {0};
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "here", 4), 4);
    void *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    (void)close(fd);
    for (int round = 0; round < 2; round++) {
        assert_true(pyr_maps_read(&maps, (uint32_t)getpid(), &err));
        int again =
            pyr_maps_open(pyr_maps_find(&maps, (uint64_t)(uintptr_t)mapped), (uint32_t)getpid());
        if (again < 0 && round == 1) {
            print_message("without the right to map_files a deleted file is lost\n");
        } else {
            assert_int_equal(read(again, found, 4), 4);
            assert_string_equal(found, "here");
            (void)close(again);
        }
        pyr_maps_release(&maps);
        (void)unlink(path);
    }
    (void)munmap(mapped, 4096);
}

static void test_another_file_of_the_same_name_is_not_opened(void **state)
{
    (void)state;
    struct pyr_map_entry entry = {.start = 0x1000, .end = 0x2000, .device = 1, .inode = 1};
    entry.path = "/bin/sh";
    assert_int_equal(pyr_maps_open(&entry, (uint32_t)getpid()), -1);
    entry.inode = 0;
    assert_int_equal(pyr_maps_open(&entry, (uint32_t)getpid()), -1);
}

static void test_a_device_that_is_mapped_is_not_opened(void **state)
{
    (void)state;
    struct pyr_maps maps;
    struct pyr_err err = {0};
    int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    void *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    (void)close(fd);
    assert_true(pyr_maps_read(&maps, (uint32_t)getpid(), &err));
    const struct pyr_map_entry *entry = pyr_maps_find(&maps, (uint64_t)(uintptr_t)mapped);
    assert_string_equal(entry->path, "/dev/zero");
    assert_int_equal(pyr_maps_open(entry, (uint32_t)getpid()), -1);
    pyr_maps_release(&maps);
    (void)munmap(mapped, 4096);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_maps maps;
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_maps_read(&maps, (uint32_t)getpid(), &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_maps_release(&maps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_field_of_a_line_is_read),
        cmocka_unit_test(test_an_address_is_found_in_its_mapping),
        cmocka_unit_test(test_lines_that_are_none_are_left_out),
        cmocka_unit_test(test_mappings_that_overlap_are_left_out),
        cmocka_unit_test(test_more_than_the_limit_are_left_out),
        cmocka_unit_test(test_our_own_maps_have_this_program),
        cmocka_unit_test(test_the_file_of_a_mapping_is_opened_also_when_deleted),
        cmocka_unit_test(test_another_file_of_the_same_name_is_not_opened),
        cmocka_unit_test(test_a_device_that_is_mapped_is_not_opened),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
