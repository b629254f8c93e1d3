/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/gzip.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

static struct pyr_buf unpacked(const void *data, size_t size)
{
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    if (!pyr_gzip_unpack(data, size, (size_t)1 << 24, &out, &err)) {
        fail_msg("%s", err.message);
    }
    return out;
}

static void refuses(const void *data, size_t size, const char *words)
{
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    assert_false(pyr_gzip_unpack(data, size, (size_t)1 << 24, &out, &err));
    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }
    pyr_buf_release(&out);
}

static void test_a_small_member_is_these_bytes(void **state)
{
    (void)state;
    static const char expected[] = "\x1F\x8B\x08\0\0\0\0\0\0\xFF\x01\x02\0\xFD\xFFhi"
                                   "\xAC\x2A\x93\xD8\x02\0\0\0";
    struct pyr_buf out = {0};
    pyr_gzip_add(&out, "hi", 2);
    assert_int_equal(out.len, sizeof expected - 1);
    assert_memory_equal(out.data, expected, out.len);
    pyr_buf_release(&out);
}

static void test_any_size_comes_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 65534, 65535, 65536, 200000};
    uint8_t *data = malloc(200000);
    assert_non_null(data);
    for (size_t i = 0; i < 200000; i++) {
        data[i] = (uint8_t)(i * 7919 >> 3);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct pyr_buf out = {0};
        pyr_gzip_add(&out, data, sizes[i]);
        assert_true(pyr_gzip_sniff((const uint8_t *)out.data, out.len));
        struct pyr_buf back = unpacked(out.data, out.len);
        assert_int_equal(back.len, sizes[i]);
        assert_true(sizes[i] == 0 || memcmp(back.data, data, sizes[i]) == 0);
        pyr_buf_release(&back);
        pyr_buf_release(&out);
    }
    free(data);
}

static void test_members_follow_one_another_and_have_headers(void **state)
{
    (void)state;
    static const char with_all[] = "\x1F\x8B\x08\x1E\0\0\0\0\0\x03\x03\0xyzname\0comment\0cc"
                                   "\x01\x02\0\xFD\xFFhi\xAC\x2A\x93\xD8\x02\0\0\0";
    struct pyr_buf out = {0};
    pyr_buf_add(&out, with_all, sizeof with_all - 1);
    pyr_gzip_add(&out, "!", 1);
    struct pyr_buf back = unpacked(out.data, out.len);
    assert_int_equal(back.len, 3);
    assert_memory_equal(back.data, "hi!", 3);
    pyr_buf_release(&back);
    for (size_t len = 0; len < out.len; len++) {
        if (len != sizeof with_all - 1) {
            refuses(out.data, len, "byte");
        }
    }
    pyr_buf_release(&out);
}

static void test_a_wrong_checksum_is_refused(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    pyr_gzip_add(&out, "hi", 2);
    out.data[15] = 'H';
    refuses(out.data, out.len, "the checksum does not fit");
    out.data[15] = 'h';
    out.data[out.len - 1] = 1;
    refuses(out.data, out.len, "the checksum does not fit");
    out.data[3] = (char)0x80;
    refuses(out.data, out.len, "not gzip");
    refuses("plain text", 10, "not gzip");
    pyr_buf_release(&out);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_buf out = {0}, back = {0};
        pyr_mem_fail_after(nth);
        pyr_gzip_add(&out, "some text that is longer than the smallest of buffers, which hold 64",
                     68);
        failed = !pyr_buf_check(&out, &err) ||
                 !pyr_gzip_unpack((const uint8_t *)out.data, out.len, 1000, &back, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_buf_release(&out);
        pyr_buf_release(&back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_small_member_is_these_bytes),
        cmocka_unit_test(test_any_size_comes_back),
        cmocka_unit_test(test_members_follow_one_another_and_have_headers),
        cmocka_unit_test(test_a_wrong_checksum_is_refused),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
