/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/variables.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_fixture.h"
#include "unit.h"

static struct made_elf program;
static int initialised = 7;
static int zeroed[5000];

static uint32_t find(const struct pyr_map_entry *first, struct pyr_variables *ranges)
{
    const struct pyr_memory_image image = {0x10000, program.bytes, program.size};
    struct pyr_memory *memory = pyr_memory_open_images(&image, 1);
    uint32_t count = pyr_variables_find(memory, first, ranges);
    pyr_memory_close(memory);
    return count;
}

static void test_our_own_variables_are_in_what_is_found(void **state)
{
    (void)state;
    struct pyr_maps maps;
    struct pyr_variables ranges[PYR_VARIABLES_MAX];
    struct pyr_err err = {0};
    bool has_initialised = false;
    bool has_zeroed = false;
    struct pyr_memory *memory = pyr_memory_open_process((uint32_t)getpid(), 0, &err);
    assert_true(pyr_maps_read(&maps, (uint32_t)getpid(), &err));
    uint64_t one = (uint64_t)(uintptr_t)&initialised;
    uint64_t last = (uint64_t)(uintptr_t)&zeroed[4999];
    const struct pyr_map_entry *first = maps.entries;
    while (first->inode != pyr_maps_find(&maps, one)->inode) {
        first++; /* a sanitizer has mappings of its own before */
    }
    uint32_t count = pyr_variables_find(memory, first, ranges);
    for (uint32_t i = 0; i < count; i++) {
        has_initialised = has_initialised || (one >= ranges[i].start && one < ranges[i].end);
        has_zeroed = has_zeroed || (last >= ranges[i].start && last < ranges[i].end);
    }
    assert_true(has_initialised && has_zeroed);
    pyr_maps_release(&maps);
    pyr_memory_close(memory);
}

static void test_what_is_no_program_has_none(void **state)
{
    (void)state;
    struct pyr_variables ranges[PYR_VARIABLES_MAX];
    struct pyr_map_entry first = {.start = 0x10000, .end = 0x20000};
    make_program(&program, &(struct made_program){NULL, 0, NULL, 0, NULL, true});
    assert_int_equal(find(&first, ranges), 0); /* none is writable */
    program.bytes[0] = 'X';
    assert_int_equal(find(&first, ranges), 0);
    first.offset = 4096;
    assert_int_equal(find(&first, ranges), 0);
    first = (struct pyr_map_entry){.start = 0x50000};
    assert_int_equal(find(&first, ranges), 0);
}

/* Whatever one byte of the headers is changed to, ranges are in order. */
static void test_any_damaged_byte_is_survived(void **state)
{
    (void)state;
    const struct pyr_map_entry first = {.start = 0x10000, .end = 0x20000};
    for (size_t i = 0; i < sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr); i++) {
        for (int value = 0; value < 256; value += 5) {
            struct pyr_variables ranges[PYR_VARIABLES_MAX];
            make_program(&program, &(struct made_program){NULL, 0, NULL, 0, NULL, true});
            program.bytes[sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_flags)] = PF_R | PF_W;
            program.bytes[i] = (uint8_t)value;
            uint32_t count = find(&first, ranges);
            assert_true(count <= PYR_VARIABLES_MAX);
            for (uint32_t k = 0; k < count; k++) {
                assert_true(ranges[k].start <= ranges[k].end);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_our_own_variables_are_in_what_is_found),
        cmocka_unit_test(test_what_is_no_program_has_none),
        cmocka_unit_test(test_any_damaged_byte_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
