/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/sets.h"

#include "object_fixture.h"
#include "unit.h"

#define MANY 200

struct found {
    uint64_t sum;
    uint32_t count;
    uint32_t enough;
};

static bool see(void *context, uint64_t item, uint64_t hash)
{
    struct found *found = context;
    assert_true(hash >= 1000);
    found->sum += item;
    return ++found->count < found->enough;
}

static void test_items_are_found_and_those_taken_out_are_not(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct found found = {.enough = 1000};
        uint64_t items[MANY];
        uint64_t count = 0;
        fake_open(&fake, fake_versions[v]);
        for (uint64_t i = 0; i < MANY; i++) {
            items[i] = i + 1;
        }
        uint64_t set = fake_set(&fake, items, MANY, 512);
        assert_true(pyr_set_count(fake.memory, &fake.layout, set, &count));
        assert_int_equal(count, MANY);
        assert_true(pyr_set_each(fake.memory, &fake.layout, set, see, &found));
        assert_int_equal(found.count, MANY);
        assert_int_equal(found.sum, MANY * (MANY + 1) / 2);
        found = (struct found){.enough = 3};
        assert_true(pyr_set_each(fake.memory, &fake.layout, set, see, &found));
        assert_int_equal(found.count, 3);
        fake_close(&fake);
    }
}

static void test_small_tables_and_empty_ones_are_read(void **state)
{
    (void)state;
    struct fake fake;
    struct found found = {.enough = 1000};
    const uint64_t item = 7;
    fake_open(&fake, 0x030c01f0);
    assert_true(pyr_set_each(fake.memory, &fake.layout, fake_set(&fake, &item, 1, 8), see, &found));
    assert_int_equal(found.sum, 7);
    assert_true(pyr_set_each(fake.memory, &fake.layout, fake_set(&fake, NULL, 0, 8), see, &found));
    assert_int_equal(found.count, 1);
    fake_close(&fake);
}

static void test_absurd_tables_cost_no_more_than_the_limit(void **state)
{
    (void)state;
    struct fake fake;
    struct found found = {.enough = UINT32_MAX};
    const uint64_t masks[] = {UINT64_MAX, INT64_MAX, (uint64_t)1 << 40};
    fake_open(&fake, 0x030d00f0);
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        uint64_t set = fake_set(&fake, NULL, 0, 8);
        fake_u64(&fake, set, fake.layout.set_mask, masks[i]);
        fake.memory->reads = 0;
        assert_false(pyr_set_each(fake.memory, &fake.layout, set, see, &found));
        assert_in_range(fake.memory->reads, 1, PYR_SET_MAX_SLOTS / 64 + 2);
    }
    assert_false(pyr_set_each(fake.memory, &fake.layout, 0, see, &found));
    assert_false(pyr_set_each(fake.memory, &fake.layout, 0xdead0000, see, &found));
    uint64_t count = 0;
    assert_false(pyr_set_count(fake.memory, &fake.layout, 0, &count));
    fake_close(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_are_found_and_those_taken_out_are_not),
        cmocka_unit_test(test_small_tables_and_empty_ones_are_read),
        cmocka_unit_test(test_absurd_tables_cost_no_more_than_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
