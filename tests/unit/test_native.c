/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native.h"

#include <string.h>

#include "base/mem.h"
#include "formats/native_write.h"
#include "native_fixture.h"
#include "unit.h"

#define ROUNDS 14 /* more than there are hostile names */

static const uint8_t *bytes_of(const struct pyr_buf *file)
{
    return (const uint8_t *)file->data;
}

static void test_a_profile_with_everything_in_it_comes_back_the_same(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(ROUNDS);
    struct pyr_profile *back = NULL;
    struct pyr_buf file = native_fixture_file(profile);
    assert_true(pyr_format_native.read(bytes_of(&file), file.len, &back, &err));
    native_fixture_assert_equal(profile, back);
    assert_int_equal(pyr_meta_number(back->meta, PYR_META_FINISHED, -1), 1);
    assert_string_equal(pyr_meta_text(back->meta, PYR_META_STOP_REASON), "");
    pyr_buf_release(&file);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

static void test_an_empty_profile_comes_back_empty(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(0);
    struct pyr_profile *back = NULL;
    struct pyr_buf file = native_fixture_file(profile);
    assert_true(pyr_format_native.read(bytes_of(&file), file.len, &back, &err));
    native_fixture_assert_equal(profile, back);
    assert_int_equal(pyr_meta_count(back->meta), 0);
    pyr_buf_release(&file);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

static void test_what_was_read_writes_the_same_bytes_again(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(ROUNDS);
    struct pyr_profile *back = NULL;
    struct pyr_buf file = native_fixture_file(profile);
    assert_true(pyr_format_native.read(bytes_of(&file), file.len, &back, &err));
    struct pyr_buf again = native_fixture_file(back);
    assert_int_equal(file.len, again.len);
    assert_memory_equal(file.data, again.data, file.len);
    pyr_buf_release(&again);
    pyr_buf_release(&file);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

static void test_writing_appends_to_what_the_buffer_holds(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(2);
    struct pyr_profile *back = NULL;
    struct pyr_buf out = {0};
    pyr_buf_add_text(&out, "before");
    assert_true(pyr_format_native.write(profile, NULL, &out, &err));
    assert_memory_equal(out.data, "before", 6);
    assert_true(pyr_format_native.read(bytes_of(&out) + 6, out.len - 6, &back, &err));
    native_fixture_assert_equal(profile, back);
    pyr_buf_release(&out);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

/* Tables larger than a section may be are cut into several, and join again. */
static void test_large_tables_span_sections(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(1);
    struct pyr_profile *back = NULL;
    pyr_stack stack = {0};
    pyr_str id = {0};
    static char text[1 << 20];
    for (uint32_t i = 0; i < 66; i++) { /* more text than one section may have */
        memset(text, 'a' + (int)(i % 26), sizeof(text));
        assert_true(pyr_strtab_add(profile->strings, text, sizeof(text) - i, &id, &err));
    }
    for (uint32_t i = 0; i < 140000; i++) {
        const pyr_func func = {i % 5 + 1};
        assert_true(pyr_profile_push(profile, stack, func, i, &stack, &err));
        assert_true(pyr_values_add(profile->values, stack, (pyr_thread){1}, 1, i, &err));
        assert_true(pyr_timeline_add(profile->timeline, (struct pyr_run){i, 1, {1}, stack}, &err));
    }
    struct pyr_buf file = native_fixture_file(profile);
    assert_true(pyr_format_native.read(bytes_of(&file), file.len, &back, &err));
    native_fixture_assert_equal(profile, back);
    pyr_buf_release(&file);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

/* However often rows are stated again, a reader needs no more memory for them. */
static void test_stating_rows_again_uses_none_of_the_memory_allowed(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(3);
    struct pyr_buf file = {0};
    struct pyr_native_state state_now = {.file_bytes = PYR_NATIVE_FILE_HEADER_BYTES};
    assert_true(pyr_native_put_batch(&file, profile, false, &state_now, &err));
    const struct pyr_native_budget before = state_now.budget;
    assert_true(before.memory_bytes > 0);
    state_now.mark.epochs = 0; /* as if every row had changed */
    assert_true(pyr_native_put_batch(&file, profile, false, &state_now, &err));
    assert_true(state_now.budget.unpacked_bytes > before.unpacked_bytes);
    assert_true(state_now.budget.memory_bytes == before.memory_bytes);
    assert_int_equal(state_now.file_bytes, PYR_NATIVE_FILE_HEADER_BYTES + file.len);
    pyr_buf_release(&file);
    pyr_profile_free(profile);
}

/* A reader trusts no file that grows a thousandfold; a writer keeps what it writes below that. */
static void test_what_shrinks_too_well_is_written_so_that_it_can_be_read(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(1);
    struct pyr_profile *back = NULL;
    for (uint32_t i = 0; i < 1200000; i++) {
        const struct pyr_run run = {(uint64_t)i * 10, 10, {1}, {1}};
        assert_true(pyr_timeline_add(profile->timeline, run, &err));
    }
    struct pyr_native_state now = {.file_bytes = PYR_NATIVE_FILE_HEADER_BYTES};
    struct pyr_buf file = {0};
    pyr_native_put_file_header(&file);
    assert_true(pyr_native_put_batch(&file, profile, true, &now, &err));
    assert_true(file.len > 4 * 1200000); /* as it is: packed it were a few thousand bytes */
    assert_true(now.budget.unpacked_bytes < file.len); /* the first try is not counted */
    assert_true(pyr_format_native.read(bytes_of(&file), file.len, &back, &err));
    native_fixture_assert_equal(profile, back);
    pyr_buf_release(&file);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

static void test_the_first_bytes_tell_a_native_file(void **state)
{
    (void)state;
    struct pyr_profile *profile = native_fixture_new(1);
    struct pyr_buf file = native_fixture_file(profile);
    assert_true(pyr_format_native.sniff(bytes_of(&file), file.len));
    assert_true(pyr_format_native.sniff(bytes_of(&file), 4));
    assert_false(pyr_format_native.sniff(bytes_of(&file), 3));
    assert_false(pyr_format_native.sniff((const uint8_t *)"PYR\r\n\x1A\n", 7));
    pyr_buf_release(&file);
    pyr_profile_free(profile);
}

static void test_running_out_of_memory_while_writing_is_reported(void **state)
{
    (void)state;
    struct pyr_profile *profile = native_fixture_new(3);
    bool failed = true;
    long nth = 0;
    for (; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_buf out = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_format_native.write(profile, NULL, &out, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        pyr_buf_release(&out);
    }
    assert_true(nth > 5);
    pyr_profile_free(profile);
}

static void test_running_out_of_memory_while_reading_is_reported(void **state)
{
    (void)state;
    struct pyr_profile *profile = native_fixture_new(3);
    struct pyr_buf file = native_fixture_file(profile);
    bool failed = true;
    long nth = 0;
    for (; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_profile *back = NULL;
        pyr_mem_fail_after(nth);
        failed = !pyr_format_native.read(bytes_of(&file), file.len, &back, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_true(failed == (back == NULL));
        pyr_profile_free(back);
    }
    assert_true(nth > 20);
    pyr_buf_release(&file);
    pyr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_profile_with_everything_in_it_comes_back_the_same),
        cmocka_unit_test(test_an_empty_profile_comes_back_empty),
        cmocka_unit_test(test_what_was_read_writes_the_same_bytes_again),
        cmocka_unit_test(test_writing_appends_to_what_the_buffer_holds),
        cmocka_unit_test(test_large_tables_span_sections),
        cmocka_unit_test(test_stating_rows_again_uses_none_of_the_memory_allowed),
        cmocka_unit_test(test_what_shrinks_too_well_is_written_so_that_it_can_be_read),
        cmocka_unit_test(test_the_first_bytes_tell_a_native_file),
        cmocka_unit_test(test_running_out_of_memory_while_writing_is_reported),
        cmocka_unit_test(test_running_out_of_memory_while_reading_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
