/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native.h"

#include <stdio.h>
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

#define WALK_STACKS 4000
#define WALK_KIDS 8
#define WALK_THREADS 8
#define WALK_RUNS 1000000

/* A program to walk about in: a tree of calls, and where each thread is in it. */
struct walk {
    uint64_t seed;
    uint32_t parent[WALK_STACKS + 1];
    uint32_t kids[WALK_STACKS + 1][WALK_KIDS];
    uint32_t kid_count[WALK_STACKS + 1];
    bool seen[WALK_STACKS + 1];
    uint32_t at[WALK_THREADS];
    uint64_t end_ns[WALK_THREADS];
};

static uint32_t chance(struct walk *walk, uint32_t of)
{
    walk->seed ^= walk->seed << 13;
    walk->seed ^= walk->seed >> 7;
    walk->seed ^= walk->seed << 17;
    return (uint32_t)((walk->seed >> 33) % of);
}

static void walk_start(struct walk *walk, struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    memset(walk, 0, sizeof(*walk));
    walk->seed = 88172645463325252u;
    for (uint32_t i = 1; i <= WALK_STACKS; i++) {
        pyr_stack stack = {0};
        char name[32];
        uint32_t parent = 0;
        while (i > 1 && (parent == 0 || walk->kid_count[parent] == WALK_KIDS)) {
            parent = 1 + chance(walk, i - 1);
        }
        (void)snprintf(name, sizeof(name), "step%u_%u", walk->kid_count[parent], parent % 97);
        const struct pyr_function_text text = {name, "app", "app.py", i % 97, PYR_FUNC_PYTHON};
        pyr_func func = {0};
        assert_true(pyr_profile_add_function(profile, &text, &func, &err));
        assert_true(pyr_profile_push(profile, (pyr_stack){parent}, func, 0, &stack, &err));
        assert_int_equal(stack.i, i);
        walk->parent[i] = parent;
        walk->kids[parent][walk->kid_count[parent]++] = i;
    }
    for (uint32_t i = 0; i < WALK_THREADS; i++) {
        const struct pyr_thread_info info = {.pid = 1, .tid = i + 1};
        pyr_thread thread = {0};
        assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
        walk->at[i] = 1;
    }
}

/* Records `WALK_RUNS` events: each ends what its thread did since the thread's last one, then
 * calls or returns; after about `stay` of them another thread goes on. */
static void walk_record(struct walk *walk, struct pyr_profile *profile, uint32_t stay)
{
    struct pyr_err err = {0};
    uint64_t now_ns = 1000000;
    uint32_t thread = 0;
    for (uint32_t i = 0; i < WALK_RUNS; i++) {
        const uint32_t at = walk->at[thread];
        now_ns += 100 + chance(walk, 4901);
        const struct pyr_run run = {
            .start_ns = walk->end_ns[thread],
            .duration_ns = now_ns - walk->end_ns[thread],
            .thread = {thread + 1},
            .stack = {at},
        };
        assert_true(pyr_timeline_add(profile->timeline, run, &err));
        walk->end_ns[thread] = now_ns;
        walk->seen[at] = true;
        if (walk->kid_count[at] > 0 && (at == 1 || chance(walk, 3) < 2)) {
            walk->at[thread] = walk->kids[at][chance(walk, walk->kid_count[at])];
        } else if (walk->parent[at] != 0) {
            walk->at[thread] = walk->parent[at];
        }
        if (chance(walk, stay) == 0) {
            thread = chance(walk, WALK_THREADS);
        }
    }
}

/* Durations nearly random, a tree too large to learn, threads that hand over seldom (as the
 * interpreter lets them), often, and (as tasks do) after a few calls. */
static void test_an_event_of_the_timeline_takes_at_most_8_bytes(void **state)
{
    (void)state;
    static const uint32_t stays[] = {2000, 50, 5};
    static struct walk walk;
    for (size_t i = 0; i < sizeof(stays) / sizeof(stays[0]); i++) {
        struct pyr_err err = {0};
        struct pyr_profile *profile = native_fixture_new(0);
        struct pyr_profile *back = NULL;
        uint32_t seen = 0;
        walk_start(&walk, profile);
        struct pyr_buf without = native_fixture_file(profile);
        walk_record(&walk, profile, stays[i]);
        for (uint32_t k = 1; k <= WALK_STACKS; k++) {
            seen += walk.seen[k] ? 1 : 0;
        }
        assert_true(seen > 2000);
        struct pyr_buf file = native_fixture_file(profile);
        const double bytes = (double)(file.len - without.len) / WALK_RUNS;
        print_message("%u runs at a time, %u stacks: %.2f bytes each\n", stays[i], seen, bytes);
        assert_true(bytes <= 8);
        assert_true(pyr_format_native.read(bytes_of(&file), file.len, &back, &err));
        native_fixture_assert_equal(profile, back);
        pyr_profile_free(back);
        pyr_profile_free(profile);
        pyr_buf_release(&file);
        pyr_buf_release(&without);
    }
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
        cmocka_unit_test(test_an_event_of_the_timeline_takes_at_most_8_bytes),
        cmocka_unit_test(test_large_tables_span_sections),
        cmocka_unit_test(test_stating_rows_again_uses_none_of_the_memory_allowed),
        cmocka_unit_test(test_what_shrinks_too_well_is_written_so_that_it_can_be_read),
        cmocka_unit_test(test_the_first_bytes_tell_a_native_file),
        cmocka_unit_test(test_running_out_of_memory_while_writing_is_reported),
        cmocka_unit_test(test_running_out_of_memory_while_reading_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
