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

static pyr_thread add_context(struct pyr_profile *profile, enum pyr_thread_kind kind,
                              const char *name, uint32_t parent, const char *tag)
{
    struct pyr_err err = {0};
    struct pyr_thread_info info = {.kind = kind, .parent = {parent}};
    pyr_thread thread = {0};
    assert_true(pyr_strtab_add_text(profile->strings, name, &info.name, &err));
    assert_true(pyr_strtab_add_text(profile->strings, tag, &info.tag, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
    assert_true(pyr_values_add(profile->values, (pyr_stack){1}, thread, 1, 5, &err));
    return thread;
}

static int64_t text_number(const struct pyr_buf *message, const char *text)
{
    int64_t number = 0;
    for (size_t at = 0; at + 1 < message->len; at++) { /* from the empty text on */
        if (memcmp(message->data + at, "\x32\0", 2) == 0) {
            while (at + 1 < message->len && message->data[at] == '\x32') {
                const size_t len = (uint8_t)message->data[at + 1];
                if (len == strlen(text) && memcmp(message->data + at + 2, text, len) == 0) {
                    return number;
                }
                number++;
                at += 2 + len;
            }
            break;
        }
    }
    fail_msg("no text %s", text);
    return -1;
}

/* Does any sample have this label? */
static bool has_label(const struct pyr_buf *message, const char *key, const char *text)
{
    const char label[] = {'\x1A', 4,
                          '\x08', (char)text_number(message, key),
                          '\x10', (char)text_number(message, text)};
    return has(message, label, sizeof(label));
}

static void test_tasks_greenlets_and_tags_are_labels(void **state)
{
    (void)state;
    struct pyr_profile *profile = exchange_fixture_new();
    const pyr_thread task = add_context(profile, PYR_THREAD_TASK, "fetch", 1, "");
    const pyr_thread green = add_context(profile, PYR_THREAD_GREENLET, "hub", 2, "");
    const pyr_thread context = add_context(profile, PYR_THREAD_CONTEXT, "", 1, "");
    (void)add_context(profile, PYR_THREAD_TASK, "", task.i, "blue");
    (void)green;
    struct pyr_buf message = message_of(profile);
    assert_true(has_label(&message, "thread", "MainThread"));
    assert_true(has_label(&message, "task", "fetch"));
    assert_true(has_label(&message, "greenlet", "hub"));
    assert_true(has_label(&message, "tag", "blue"));
    const char number[] = {
        '\x1A', 4, '\x08', (char)text_number(&message, "context"), '\x18', (char)context.i};
    assert_true(has(&message, number, sizeof(number)));
    pyr_buf_release(&message);
    pyr_profile_free(profile);
}

/* pprof sums up every value along the stacks. */
static void test_waiting_times_are_left_out(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = exchange_fixture_new();
    struct pyr_buf before = message_of(profile);
    uint32_t column = 0;
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_AWAITED,
                                PYR_UNIT_NS, &column, &err));
    assert_true(pyr_values_add(profile->values, (pyr_stack){1}, (pyr_thread){1}, column, 70, &err));
    assert_true(/* a row with nothing else is none */
                pyr_values_add(profile->values, (pyr_stack){1}, (pyr_thread){0}, column, 70, &err));
    struct pyr_buf after = message_of(profile);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.data, after.data, before.len);
    pyr_buf_release(&before);
    pyr_buf_release(&after);
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
        cmocka_unit_test(test_tasks_greenlets_and_tags_are_labels),
        cmocka_unit_test(test_waiting_times_are_left_out),
        cmocka_unit_test(test_a_profile_of_nothing_is_written),
        cmocka_unit_test(test_hostile_names_are_written_and_read),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
