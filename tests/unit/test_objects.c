/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/objects.h"

#include <stdio.h>
#include <string.h>

#include "remote_fixture.h"
#include "unit.h"

#define MANY 150 /* more than two blocks */

struct pairs {
    uint64_t keys[MANY];
    uint64_t values[MANY];
};

/* Keys "key 0", "key 1" …; an entry that was deleted; a key that is not ASCII; one that is no str.
 */
static struct pairs make_pairs(struct fake *fake, bool split)
{
    static const uint32_t wide[] = {'k', 'e', 'y', ' ', 0x20ac};
    struct pairs pairs;
    for (uint64_t i = 0; i < MANY; i++) {
        char text[32];
        (void)snprintf(text, sizeof(text), "key %u", (unsigned)i);
        pairs.keys[i] = fake_ascii(fake, text);
        pairs.values[i] = 0x1000 + i;
    }
    pairs.values[3] = 0;
    if (!split) {
        pairs.keys[3] = 0;
    }
    pairs.keys[4] = fake_wide(fake, 2, wide, 5);
    pairs.keys[5] = fake_int(fake, 5);
    pairs.keys[6] = 0xdead0000beefull;
    return pairs;
}

static bool count_item(void *context, uint64_t key, uint64_t value)
{
    uint64_t *counts = context;
    (void)key;
    counts[0]++;
    counts[1] += value;
    return counts[0] < 1000;
}

static void test_keys_are_found_in_tables_of_every_kind(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        for (int kind = FAKE_GENERAL; kind <= FAKE_SPLIT; kind++) {
            struct fake fake;
            fake_open(&fake, fake_versions[v]);
            struct pairs pairs = make_pairs(&fake, kind == FAKE_SPLIT);
            uint64_t dict = fake_dict(&fake, (enum fake_table)kind, pairs.keys, pairs.values, MANY);
            for (uint64_t i = 0; i < MANY; i++) {
                char text[32];
                (void)snprintf(text, sizeof(text), "key %u", (unsigned)i);
                uint64_t expected = i >= 3 && i <= 6 ? 0 : 0x1000 + i;
                assert_int_equal(pyr_object_dict_find(fake.memory, &fake.layout, dict, text),
                                 expected);
            }
            assert_int_equal(pyr_object_dict_find(fake.memory, &fake.layout, dict, "key"), 0);
            uint64_t counts[2] = {0};
            assert_true(pyr_object_dict_each(fake.memory, &fake.layout, dict, UINT32_MAX,
                                             count_item, counts));
            assert_int_equal(counts[0], MANY - 1);
            counts[0] = 0;
            assert_true(
                pyr_object_dict_each(fake.memory, &fake.layout, dict, 70, count_item, counts));
            assert_int_equal(counts[0], 70);
            counts[0] = 999;
            assert_true(
                pyr_object_dict_each(fake.memory, &fake.layout, dict, 70, count_item, counts));
            assert_int_equal(counts[0], 1000); /* the callback had enough */
            fake_close(&fake);
        }
    }
}

static void test_attributes_are_found_wherever_an_instance_has_them(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        for (int own_dict = 0; own_dict < 2; own_dict++) {
            struct fake fake;
            fake_open(&fake, fake_versions[v]);
            const uint64_t keys[] = {fake_ascii(&fake, "_target"), fake_ascii(&fake, "_name"),
                                     fake_ascii(&fake, "_unset")};
            const uint64_t values[] = {0x100, 0x200, 0};
            uint64_t object = fake_instance(&fake, own_dict != 0, keys, values, 3);
            assert_int_equal(pyr_object_attribute(fake.memory, &fake.layout, object, "_name"),
                             0x200);
            assert_int_equal(pyr_object_attribute(fake.memory, &fake.layout, object, "_unset"), 0);
            assert_int_equal(pyr_object_attribute(fake.memory, &fake.layout, object, "_none"), 0);
            uint64_t counts[2] = {0};
            assert_true(pyr_object_attributes_each(fake.memory, &fake.layout, object, 100,
                                                   count_item, counts));
            assert_int_equal(counts[0], 2);
            assert_int_equal(counts[1], 0x300);
            char name[16];
            assert_true(
                pyr_object_type_name(fake.memory, &fake.layout, object, name, sizeof(name)));
            assert_string_equal(name, "Basket");
            assert_true(pyr_object_type_name(fake.memory, &fake.layout, object, name, 4));
            assert_string_equal(name, "Bas");
            fake_close(&fake);
        }
    }
}

/* From 3.13 on: values that were made invalid, as their dict has them now. */
static void test_inline_values_out_of_use_are_passed_over(void **state)
{
    (void)state;
    struct fake fake;
    fake_open(&fake, 0x030e0af0);
    const uint64_t key = fake_ascii(&fake, "_name");
    const uint64_t old_value = 0x100;
    const uint64_t value = 0x200;
    uint64_t object = fake_instance(&fake, false, &key, &old_value, 1);
    assert_int_equal(pyr_object_attribute(fake.memory, &fake.layout, object, "_name"), 0x100);
    fake_u8(&fake, object + fake.layout.object_head, 3, 0);
    fake_u64(&fake, object - 24, 0, fake_dict(&fake, FAKE_NAMED, &key, &value, 1));
    assert_int_equal(pyr_object_attribute(fake.memory, &fake.layout, object, "_name"), 0x200);
    fake_close(&fake);
}

/* A subclass of tuple has its dict behind the items. */
static void test_a_dict_behind_items_is_found(void **state)
{
    (void)state;
    struct fake fake;
    fake_open(&fake, 0x030912f0);
    const struct pyr_layout *layout = &fake.layout;
    const uint64_t key = fake_ascii(&fake, "_name");
    const uint64_t value = 0x200;
    uint64_t type = fake_new_type(&fake, "Pair", 0);
    fake_u64(&fake, type, layout->type_basic_size, 32);
    fake_u64(&fake, type, layout->type_basic_size + 8, 8);
    fake_u64(&fake, type, layout->type_dict_offset, (uint64_t)-8);
    uint64_t object = fake_alloc(&fake, 64);
    fake_u64(&fake, object, layout->object_type, type);
    fake_u64(&fake, object, layout->var_size, 2);
    fake_u64(&fake, object, 40, fake_dict(&fake, FAKE_NAMED, &key, &value, 1));
    assert_int_equal(pyr_object_attribute(fake.memory, layout, object, "_name"), 0x200);
    fake_u64(&fake, object, layout->var_size, (uint64_t)1 << 60);
    assert_int_equal(pyr_object_attribute(fake.memory, layout, object, "_name"), 0);
    fake_close(&fake);
}

static void test_integers_up_to_64_bits_are_read(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0,         1, (1u << 30) - 1, 1u << 30, 0x7f1234567890ull,
                                       UINT64_MAX};
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
            uint64_t value = 7;
            uint64_t object = fake_int(&fake, numbers[i]);
            assert_true(pyr_object_integer(fake.memory, &fake.layout, object, &value));
            assert_int_equal(value, numbers[i]);
        }
        uint64_t value = 0;
        uint64_t wide = fake_int(&fake, UINT64_MAX);
        fake_u32(&fake, wide, fake.layout.long_digits + 8, 16); /* 2^64 and more */
        assert_false(pyr_object_integer(fake.memory, &fake.layout, wide, &value));
        bool tagged = pyr_layout_minor(&fake.layout) >= 12;
        fake_u64(&fake, wide, fake.layout.long_size, tagged ? 1 << 3 | 2 : (uint64_t)-1);
        assert_false(pyr_object_integer(fake.memory, &fake.layout, wide, &value));
        assert_false(pyr_object_integer(fake.memory, &fake.layout, fake_ascii(&fake, "1"), &value));
        assert_false(pyr_object_integer(fake.memory, &fake.layout, 0, &value));
        fake_close(&fake);
    }
}

static void test_tables_of_absurd_size_cost_no_more_than_what_is_there(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        const struct pyr_layout *layout = &fake.layout;
        const uint64_t key = fake_ascii(&fake, "a");
        const uint64_t value = 1;
        const uint64_t absurd[] = {UINT64_MAX, INT64_MAX, (uint64_t)1 << 40, 1u << 20};
        for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
            uint64_t dict = fake_dict(&fake, FAKE_GENERAL, &key, &value, 1);
            uint64_t keys = 0;
            memcpy(&keys, fake_at(&fake, dict + layout->dict_keys), sizeof(keys));
            fake_u64(&fake, keys, layout->keys_entry_count, absurd[i]);
            fake.memory->reads = 0;
            uint64_t found = pyr_object_dict_find(fake.memory, layout, dict, "b");
            assert_int_equal(found, 0);
            assert_in_range(fake.memory->reads, 0, FAKE_SIZE / 64);
            fake_u8(&fake, keys, layout->keys_log2_index_bytes, 63);
            fake_u64(&fake, keys, layout->keys_size, absurd[i]);
            assert_int_equal(pyr_object_dict_find(fake.memory, layout, dict, "a"), 0);
        }
        assert_int_equal(pyr_object_dict_find(fake.memory, layout, key, "a"), 0);
        assert_int_equal(pyr_object_dict_find(fake.memory, layout, 0, "a"), 0);
        assert_int_equal(pyr_object_attribute(fake.memory, layout, 0, "a"), 0);
        assert_int_equal(pyr_object_attribute(fake.memory, layout, 0xdead0000beefull, "a"), 0);
        fake_close(&fake);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_are_found_in_tables_of_every_kind),
        cmocka_unit_test(test_attributes_are_found_wherever_an_instance_has_them),
        cmocka_unit_test(test_inline_values_out_of_use_are_passed_over),
        cmocka_unit_test(test_a_dict_behind_items_is_found),
        cmocka_unit_test(test_integers_up_to_64_bits_are_read),
        cmocka_unit_test(test_tables_of_absurd_size_cost_no_more_than_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
