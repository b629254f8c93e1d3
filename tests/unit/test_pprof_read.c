/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/pprof.h"

#include <string.h>

#include "exchange_fixture.h"
#include "formats/gzip.h"
#include "formats/pprof_fields.h"
#include "formats/proto.h"
#include "unit.h"

static const struct pyr_format *const format = &pyr_format_pprof;

/* A message by hand: texts last, as some programs write them; ids with gaps; one location with an
 * inlined line, one with an address only; packed and single integers. */
struct message {
    struct pyr_buf out, part, inner;
};

static void end_part(struct message *m, uint32_t field)
{
    pyr_proto_move_message(&m->out, field, &m->part);
}

static void put_function(struct message *m, int64_t id, int64_t name, int64_t file)
{
    pyr_proto_add_int(&m->part, PPROF_FUNCTION_ID, id);
    pyr_proto_add_int(&m->part, PPROF_FUNCTION_NAME, name);
    pyr_proto_add_int(&m->part, PPROF_FUNCTION_FILENAME, file);
    end_part(m, PPROF_FUNCTION);
}

static void put_line(struct message *m, int64_t function, int64_t line)
{
    pyr_proto_add_int(&m->inner, PPROF_LINE_FUNCTION, function);
    pyr_proto_add_int(&m->inner, PPROF_LINE_LINE, line);
    pyr_proto_move_message(&m->part, PPROF_LOCATION_LINE, &m->inner);
}

static void put_location(struct message *m, int64_t id, int64_t address)
{
    pyr_proto_add_int(&m->part, PPROF_LOCATION_ID, id);
    pyr_proto_add_int(&m->part, PPROF_LOCATION_ADDRESS, address);
    end_part(m, PPROF_LOCATION);
}

static void put_texts(struct message *m)
{
    static const char *const texts[] = {"",     "cpu",  "milliseconds", "main", "helper",
                                        "leaf", "m.go", "thread_id",    "a.py", "bytes"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        pyr_proto_add_bytes(&m->out, PPROF_STRING_TABLE, texts[i], strlen(texts[i]));
    }
}

static struct pyr_buf by_hand(int64_t location)
{
    struct message m = {0};
    pyr_proto_add_int(&m.part, PPROF_VALUE_TYPE, 1);
    pyr_proto_add_int(&m.part, PPROF_VALUE_UNIT, 2);
    end_part(&m, PPROF_SAMPLE_TYPE);
    pyr_proto_add_int(&m.part, PPROF_SAMPLE_LOCATION,
                      location); /* runs: leaf, inlined into helper */
    pyr_proto_add_int(&m.part, PPROF_SAMPLE_LOCATION, 100);
    pyr_proto_add_bytes(&m.part, PPROF_SAMPLE_VALUE, "\x05", 1);
    pyr_proto_add_int(&m.inner, PPROF_LABEL_KEY, 7);
    pyr_proto_add_int(&m.inner, PPROF_LABEL_NUM, 42);
    pyr_proto_move_message(&m.part, PPROF_SAMPLE_LABEL, &m.inner);
    end_part(&m, PPROF_SAMPLE);
    put_line(&m, 9, 70); /* leaf is the innermost */
    put_line(&m, 8, 60);
    put_location(&m, 50, 0x1000);
    put_line(&m, 7, 5);
    put_location(&m, 100, 0);
    put_location(&m, 51, 0xABC);
    put_function(&m, 7, 3, 8);
    put_function(&m, 8, 4, 6);
    put_function(&m, 9, 5, 0);
    put_texts(&m);
    pyr_buf_release(&m.part);
    pyr_buf_release(&m.inner);
    assert_false(m.out.failed);
    return m.out;
}

static void test_a_message_in_any_order_is_read(void **state)
{
    (void)state;
    struct pyr_buf file = by_hand(50);
    struct pyr_profile *profile = exchange_fixture_read(format, file.data, file.len);
    assert_int_equal(exchange_fixture_value(profile, "main;helper;leaf", "cpu"), 5000000);
    assert_true(pyr_strtab_find(profile->strings, "ns", 2).i != 0);
    struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){1});
    assert_int_equal(info.tid, 42);
    assert_int_equal(pyr_functions_get(profile->functions, (pyr_func){1})->kind, PYR_FUNC_PYTHON);
    assert_int_equal(pyr_functions_get(profile->functions, (pyr_func){2})->kind, PYR_FUNC_NATIVE);
    assert_int_equal(pyr_functions_get(profile->functions, (pyr_func){3})->kind, PYR_FUNC_BUILTIN);
    pyr_profile_free(profile);
    pyr_buf_release(&file);
}

static void test_places_without_symbols_are_addresses(void **state)
{
    (void)state;
    struct pyr_buf file = by_hand(51);
    struct pyr_profile *profile = exchange_fixture_read(format, file.data, file.len);
    assert_int_equal(exchange_fixture_value(profile, "main;0xabc", "cpu"), 5000000);
    pyr_profile_free(profile);
    pyr_buf_release(&file);
}

static void test_gzip_around_it_makes_no_difference(void **state)
{
    (void)state;
    struct pyr_buf file = by_hand(50), packed = {0};
    pyr_gzip_add(&packed, file.data, file.len);
    struct pyr_profile *profile = exchange_fixture_read(format, packed.data, packed.len);
    assert_int_equal(exchange_fixture_value(profile, "main;helper;leaf", "cpu"), 5000000);
    pyr_profile_free(profile);
    pyr_buf_release(&packed);
    pyr_buf_release(&file);
}

static void test_what_is_not_there_is_refused(void **state)
{
    (void)state;
    struct pyr_buf file = by_hand(77);
    exchange_fixture_refuses(format, file.data, file.len, "at location 77, which is not there");
    pyr_buf_release(&file);
    exchange_fixture_refuses(format, "", 0, "no table of texts");
    exchange_fixture_refuses(format, "\x32\x01x", 3, "no table of texts");
    exchange_fixture_refuses(format, "\x32\0\x0A\x02\x08\x05", 6, "text 5 of 1");
    exchange_fixture_refuses(format, "\x32\0\x22\x04\x22\x02\x08\x05", 8,
                             "a line of function 5, which is not there");
    exchange_fixture_refuses(format, "plain", 5, "byte");
}

/* One location of many inlined lines, named by many samples. */
static void test_stacks_are_bounded_by_the_size_of_the_file(void **state)
{
    (void)state;
    struct message m = {0};
    put_function(&m, 1, 0, 0);
    for (int i = 0; i < 1000; i++) {
        put_line(&m, 1, i);
    }
    put_location(&m, 1, 0);
    for (int i = 0; i < 1000; i++) {
        for (int j = 0; j < 10; j++) {
            pyr_proto_add_int(&m.part, PPROF_SAMPLE_LOCATION, 1);
        }
        end_part(&m, PPROF_SAMPLE);
    }
    put_texts(&m);
    exchange_fixture_refuses(format, m.out.data, m.out.len, "more frames than the file's size");
    pyr_buf_release(&m.out);
    pyr_buf_release(&m.part);
    pyr_buf_release(&m.inner);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_buf file = by_hand(50), packed = {0};
    pyr_gzip_add(&packed, file.data, file.len);
    exchange_fixture_reads_without_memory(format, packed.data, packed.len);
    pyr_buf_release(&packed);
    pyr_buf_release(&file);
}

static void test_survives_damage(void **state)
{
    (void)state;
    struct pyr_buf file = by_hand(50);
    exchange_fixture_survives_damage(format, file.data, file.len);
    pyr_buf_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_in_any_order_is_read),
        cmocka_unit_test(test_places_without_symbols_are_addresses),
        cmocka_unit_test(test_gzip_around_it_makes_no_difference),
        cmocka_unit_test(test_what_is_not_there_is_refused),
        cmocka_unit_test(test_stacks_are_bounded_by_the_size_of_the_file),
        cmocka_unit_test(test_survives_every_failed_allocation),
        cmocka_unit_test(test_survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
