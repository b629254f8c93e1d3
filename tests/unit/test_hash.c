/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <string.h>

#include "unit.h"

static void test_the_checksum_has_its_published_values(void **state)
{
    (void)state;
    unsigned char bytes[32];
    assert_int_equal(pyr_crc32c(0, "", 0), 0);
    assert_int_equal(pyr_crc32c(0, "123456789", 9), 0xE3069283u);
    memset(bytes, 0, sizeof bytes); /* RFC 3720, B.4 */
    assert_int_equal(pyr_crc32c(0, bytes, sizeof bytes), 0x8A9136AAu);
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(pyr_crc32c(0, bytes, sizeof bytes), 0x62A8AB43u);
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)i;
    }
    assert_int_equal(pyr_crc32c(0, bytes, sizeof bytes), 0x46DD794Eu);
}

static void test_the_checksum_is_the_same_in_pieces_and_on_any_machine(void **state)
{
    (void)state;
    unsigned char bytes[100];
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 37 + 11);
    }
    for (size_t len = 0; len <= sizeof bytes; len++) {
        uint32_t whole = pyr_crc32c(0, bytes, len);
        assert_int_equal(pyr_crc32c_portable(0, bytes, len), whole);
        for (size_t cut = 0; cut <= len; cut += 7) {
            uint32_t first = pyr_crc32c(0, bytes, cut);
            assert_int_equal(pyr_crc32c(first, bytes + cut, len - cut), whole);
        }
    }
}

static void test_every_byte_and_the_length_change_the_hash(void **state)
{
    (void)state;
    unsigned char bytes[40] = {0};
    for (size_t len = 0; len < sizeof bytes; len++) {
        uint64_t hash = pyr_hash_bytes(bytes, len);
        assert_true(hash != pyr_hash_bytes(bytes, len + 1));
        assert_true(hash != pyr_hash_seeded(1, bytes, len));
        assert_true(hash == pyr_hash_seeded(0, bytes, len));
        for (size_t i = 0; i < len; i++) {
            bytes[i] = 1;
            assert_true(hash != pyr_hash_bytes(bytes, len));
            bytes[i] = 0;
        }
    }
}

static void test_low_bits_of_the_hash_spread(void **state)
{
    (void)state;
    uint32_t counts[64] = {0};
    for (uint64_t i = 0; i < 64000; i++) {
        counts[pyr_hash_u64(i << 40) & 63]++;
    }
    for (int i = 0; i < 64; i++) {
        assert_in_range(counts[i], 800, 1200); /* 1000 expected, six standard deviations */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_checksum_has_its_published_values),
        cmocka_unit_test(test_the_checksum_is_the_same_in_pieces_and_on_any_machine),
        cmocka_unit_test(test_every_byte_and_the_length_change_the_hash),
        cmocka_unit_test(test_low_bits_of_the_hash_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
