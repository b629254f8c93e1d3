/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/pprof.h"

#include <string.h>

#include "exchange_fixture.h"
#include "formats/gzip.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_pprof;

static struct pyr_buf message_of(const struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    struct pyr_buf file = exchange_fixture_write(format, profile), message = {0};
    assert_true(pyr_gzip_sniff((const uint8_t *)file.data, file.len));
    assert_true(pyr_gzip_unpack((const uint8_t *)file.data, file.len, 1 << 24, &message, &err));
    pyr_buf_release(&file);
    return message;
}

static bool has(const struct pyr_buf *message, const char *bytes, size_t len)
{
    return memmem(message->data, message->len, bytes, len) != NULL;
}

static void test_the_message_has_types_samples_and_texts(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf message = message_of(profile);
    /* texts 1 to 4: calls count wall nanoseconds */
    assert_memory_equal(message.data, "\x0A\x04\x08\x01\x10\x02\x0A\x04\x08\x03\x10\x04", 12);
    /* the sample of fib in fib: locations with the running one first, 8 calls and 800 ns */
    assert_true(has(&message, "\x0A\x03\x02\x02\x01\x12\x03\x08\xA0\x06", 10));
    assert_true(has(&message,
                    "\x32\0\x32\x05"
                    "calls\x32\x05"
                    "count\x32\x04wall\x32\x0B"
                    "nanoseconds",
                    33));
    assert_true(has(&message, "shop.Basket.add", 15));
    assert_true(has(&message, "MainThread", 10));
    pyr_buf_release(&message);
    pyr_profile_free(profile);
}

static void test_what_is_written_is_read_again(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf file = exchange_fixture_write(format, profile);
    struct pyr_profile *back = exchange_fixture_read(format, file.data, file.len);
    assert_int_equal(exchange_fixture_value(back, "<module>;fib;fib", "calls"), 8);
    assert_int_equal(exchange_fixture_value(back, "<module>;Basket.add", "wall"), 400);
    assert_int_equal(pyr_threads_count(back->threads), 2);
    struct pyr_thread_info worker = pyr_threads_get(back->threads, (pyr_thread){2});
    assert_string_equal(pyr_strtab_text(back->strings, worker.name), "worker");
    assert_int_equal(worker.pid, 7);
    assert_int_equal(worker.tid, 71);
    const struct pyr_function *add = pyr_functions_get(back->functions, (pyr_func){4});
    assert_string_equal(pyr_strtab_text(back->strings, add->module), "shop");
    assert_string_equal(pyr_strtab_text(back->strings, add->qualname), "Basket.add");
    assert_int_equal(add->first_line, 10);
    assert_int_equal(pyr_meta_number(back->meta, PYR_META_DURATION_NS, 0), 2490);
    struct pyr_buf again = exchange_fixture_write(format, back);
    assert_true(again.len > 0);
    pyr_buf_release(&again);
    pyr_profile_free(back);
    pyr_buf_release(&file);
    pyr_profile_free(profile);
}

static void test_a_profile_of_nothing_is_written(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    struct pyr_buf message = message_of(profile);
    assert_true(has(&message, "\x32\0", 2));
    pyr_buf_release(&message);
    pyr_profile_free(profile);
}

static void test_hostile_names_are_written_and_read(void **state)
{
    (void)state;
    exchange_fixture_takes_hostile_names(format);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    exchange_fixture_writes_without_memory(format);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_message_has_types_samples_and_texts),
        cmocka_unit_test(test_what_is_written_is_read_again),
        cmocka_unit_test(test_a_profile_of_nothing_is_written),
        cmocka_unit_test(test_hostile_names_are_written_and_read),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
