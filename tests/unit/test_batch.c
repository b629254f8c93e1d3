/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/batch.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

#define BASE 0x10000ull

static const char text[] = "0123456789abcdef";

static struct pyr_memory *open_text(void)
{
    const struct pyr_memory_image image = {BASE, text, 16};
    struct pyr_memory *memory = pyr_memory_open_images(&image, 1);
    assert_non_null(memory);
    return memory;
}

static void test_all_is_read_in_one_call(void **state)
{
    (void)state;
    struct pyr_memory *memory = open_text();
    struct pyr_batch batch = {0};
    char a[2], b[3];
    bool read_a = false, read_b = false, read_none = false;
    pyr_batch_add(&batch, BASE + 10, a, 2, &read_a);
    pyr_batch_add(&batch, BASE, b, 0, &read_none);
    pyr_batch_add(&batch, BASE + 1, b, 3, &read_b);
    assert_true(pyr_batch_read(&batch, memory));
    assert_true(read_a && read_b && read_none);
    assert_memory_equal(a, "ab", 2);
    assert_memory_equal(b, "123", 3);
    assert_int_equal(memory->reads, 1);
    pyr_batch_release(&batch);
    pyr_memory_close(memory);
}

static void test_what_is_gone_does_not_hide_what_is_there(void **state)
{
    (void)state;
    struct pyr_memory *memory = open_text();
    struct pyr_batch batch = {0};
    char bytes[5] = "";
    bool read[5];
    for (uint64_t i = 0; i < 5; i++) {
        pyr_batch_add(&batch, i % 2 == 1 ? 8 : BASE + i, &bytes[i], 1, &read[i]);
    }
    assert_true(pyr_batch_read(&batch, memory));
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(read[i], i % 2 == 0);
    }
    assert_int_equal(bytes[0], '0');
    assert_int_equal(bytes[4], '4');
    assert_int_equal(memory->reads, 3);
    pyr_batch_clear(&batch);
    assert_true(pyr_batch_read(&batch, memory));
    assert_int_equal(memory->reads, 3);
    pyr_batch_release(&batch);
    pyr_memory_close(memory);
}

static void test_what_fails_all_over_is_given_up(void **state)
{
    (void)state;
    struct pyr_memory *memory = open_text();
    struct pyr_batch batch = {0};
    bool read = false;
    char byte;
    for (uint32_t i = 0; i < 10 * PYR_BATCH_MAX_FAILED; i++) {
        pyr_batch_add(&batch, 8, &byte, 1, &read);
    }
    assert_true(pyr_batch_read(&batch, memory));
    assert_int_equal(memory->reads, PYR_BATCH_MAX_FAILED + 1);
    pyr_batch_release(&batch);
    pyr_memory_close(memory);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_memory *memory = open_text();
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_batch batch = {0};
        bool read[100];
        char bytes[100];
        pyr_mem_fail_after(nth);
        for (int i = 0; i < 100; i++) {
            pyr_batch_add(&batch, BASE, &bytes[i], 1, &read[i]);
        }
        failed = batch.failed;
        pyr_mem_fail_after(-1);
        assert_int_equal(pyr_batch_read(&batch, memory), !failed);
        assert_true(nth > 0 || failed);
        pyr_batch_release(&batch);
    }
    pyr_memory_close(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_is_read_in_one_call),
        cmocka_unit_test(test_what_is_gone_does_not_hide_what_is_there),
        cmocka_unit_test(test_what_fails_all_over_is_given_up),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
