/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/walk.h"

#include "base/mem.h"
#include "remote_fixture.h"
#include "unit.h"

#define OWNER_THREAD 0
#define DEEP 12000

static const struct fake_code simple_code = {"a.py", "f", "f", 1, "", 0, 100};

static uint64_t thread_with(struct fake *fake, uint64_t frame)
{
    return fake_thread(fake, &(struct fake_thread){.frame = frame});
}

/* The chain of `count` frames, innermost last made; each at an offset of its own. */
static uint64_t chain(struct fake *fake, uint64_t code, int count)
{
    uint64_t frame = 0;
    for (int i = count; i-- > 0;) {
        frame = fake_frame(fake, code, 2 * (i % 50), frame, OWNER_THREAD);
    }
    return frame;
}

static void test_frames_come_innermost_first_with_their_offsets(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct pyr_raw_stack stack = {0};
        fake_open(&fake, fake_versions[v]);
        uint64_t outer_code = fake_code(&fake, &simple_code);
        uint64_t inner_code = fake_code(&fake, &simple_code);
        uint64_t outer = fake_frame(&fake, outer_code, 6, 0, OWNER_THREAD);
        uint64_t middle = fake_frame(&fake, inner_code, 0, outer, OWNER_THREAD);
        uint64_t inner = fake_frame(&fake, inner_code, -1, middle, OWNER_THREAD);
        uint64_t thread = thread_with(&fake, inner);
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 100, &stack), PYR_WALK_OK);
        assert_int_equal(stack.count, 3);
        assert_int_equal(stack.frames[0].address, inner);
        assert_int_equal(stack.frames[0].code, inner_code);
        assert_int_equal(stack.frames[0].offset, -1);
        assert_int_equal(stack.frames[1].address, middle);
        assert_int_equal(stack.frames[1].offset, 0);
        assert_int_equal(stack.frames[2].code, outer_code);
        assert_int_equal(stack.frames[2].offset, 6);
        assert_false(stack.truncated || stack.torn);
        pyr_raw_stack_release(&stack);
        fake_close(&fake);
    }
}

static void test_a_thread_without_frames_is_empty(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct pyr_raw_stack stack = {0};
        fake_open(&fake, fake_versions[v]);
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread_with(&fake, 0), 100, &stack),
                         PYR_WALK_EMPTY);
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, 8, 100, &stack), PYR_WALK_FAILED);
        pyr_raw_stack_release(&stack);
        fake_close(&fake);
    }
}

/* From 3.12 on a frame of the interpreter's own marks a call from C; in 3.11 a flag does. */
static void test_shims_are_left_out_and_make_their_callee_an_entry(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct pyr_raw_stack stack = {0};
        fake_open(&fake, fake_versions[v]);
        uint32_t minor = pyr_layout_minor(&fake.layout);
        uint64_t code = fake_code(&fake, &simple_code);
        uint64_t base = fake_frame(&fake, code, 2, 0, OWNER_THREAD);
        uint64_t shim = minor >= 12 ? fake_frame(&fake, 0, 0, base, FAKE_OWNER_SHIM) : base;
        uint64_t called = fake_frame(&fake, code, 4, shim, OWNER_THREAD);
        uint64_t tip = fake_frame(&fake, code, 6, called, OWNER_THREAD);
        fake_u8(&fake, called, fake.layout.frame_is_entry, 1);
        uint64_t thread = thread_with(&fake, tip);
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 100, &stack), PYR_WALK_OK);
        assert_int_equal(stack.count, 3);
        assert_int_equal(stack.frames[0].is_entry, minor < 11); /* then each is */
        assert_true(stack.frames[1].is_entry);
        assert_int_equal(stack.frames[2].address, base);
        assert_true(stack.frames[2].is_entry); /* the outermost is called from C */
        pyr_raw_stack_release(&stack);
        fake_close(&fake);
    }
}

/* The innermost frame is not linked to its caller yet. */
static void test_a_chain_that_ends_too_soon_is_torn(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct pyr_raw_stack stack = {0};
        fake_open(&fake, fake_versions[v]);
        uint64_t code = fake_code(&fake, &simple_code);
        uint64_t outer = fake_frame(&fake, code, 2, 0, OWNER_THREAD);
        uint64_t inner = fake_frame(&fake, code, 4, outer, OWNER_THREAD);
        fake_u64(&fake, inner, fake.layout.frame_back, 0);
        uint64_t thread = thread_with(&fake, inner);
        const bool is_told = pyr_layout_minor(&fake.layout) >= 11;
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 100, &stack),
                         is_told ? PYR_WALK_TORN : PYR_WALK_OK);
        assert_int_equal(stack.torn, is_told);
        pyr_raw_stack_release(&stack);
        fake_close(&fake);
    }
}

static void test_tags_on_a_pointer_to_code_are_taken_off(void **state)
{
    (void)state;
    struct fake fake;
    struct pyr_raw_stack stack = {0};
    fake_open(&fake, 0x030e0af0);
    uint64_t code = fake_code(&fake, &simple_code);
    uint64_t frame = fake_frame(&fake, code, 2, 0, OWNER_THREAD);
    fake_u64(&fake, frame, fake.layout.frame_code, code | 1);
    uint64_t thread = thread_with(&fake, frame);
    assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 100, &stack), PYR_WALK_OK);
    assert_int_equal(stack.frames[0].code, code);
    assert_int_equal(stack.frames[0].offset, 2);
    pyr_raw_stack_release(&stack);
    fake_close(&fake);
}

static void test_deep_stacks_are_whole(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct pyr_raw_stack stack = {0};
        fake_open(&fake, fake_versions[v]);
        uint64_t code = fake_code(&fake, &simple_code);
        int count = (int)(FAKE_SIZE / 2 / (fake.layout.frame_size + 96));
        count = count < DEEP ? count : DEEP;
        uint64_t thread = thread_with(&fake, chain(&fake, code, count));
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, (uint32_t)count, &stack),
                         PYR_WALK_OK);
        assert_int_equal(stack.count, count);
        assert_false(stack.truncated);
        assert_int_equal(stack.frames[count - 1].offset, 2 * ((count - 1) % 50));
        pyr_raw_stack_release(&stack);
        fake_close(&fake);
    }
}

static void test_what_is_beyond_the_depth_is_cut_and_said_so(void **state)
{
    (void)state;
    struct fake fake;
    struct pyr_raw_stack stack = {0};
    fake_open(&fake, 0x030c01f0);
    uint64_t thread = thread_with(&fake, chain(&fake, fake_code(&fake, &simple_code), 50));
    assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 20, &stack), PYR_WALK_OK);
    assert_int_equal(stack.count, 21);
    assert_true(stack.truncated);
    assert_int_equal(stack.frames[19].offset, 38);
    assert_int_equal(stack.frames[20].kind, PYR_RAW_TRUNCATED);
    /* A shim beyond the last frame cuts nothing. */
    uint64_t shim = fake_frame(&fake, 0, 0, 0, FAKE_OWNER_SHIM);
    uint64_t frame = fake_frame(&fake, fake_code(&fake, &simple_code), 0, shim, OWNER_THREAD);
    thread = thread_with(&fake, frame);
    assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 1, &stack), PYR_WALK_OK);
    assert_int_equal(stack.count, 1);
    assert_false(stack.truncated);
    pyr_raw_stack_release(&stack);
    fake_close(&fake);
}

static void test_cycles_end_the_walk_within_a_few_rounds(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct pyr_raw_stack stack = {0};
        fake_open(&fake, fake_versions[v]);
        uint64_t code = fake_code(&fake, &simple_code);
        uint64_t first = fake_frame(&fake, code, 0, 0, OWNER_THREAD);
        uint64_t last = first;
        for (int i = 0; i < 100; i++) {
            last = fake_frame(&fake, code, 0, last, OWNER_THREAD);
        }
        fake_u64(&fake, first, fake.layout.frame_back, last);
        uint64_t thread = thread_with(&fake, last);
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, PYR_STACK_MAX_DEPTH, &stack),
                         PYR_WALK_TORN);
        assert_true(stack.torn);
        assert_in_range(stack.count, 101, 500);
        /* One that points at itself is seen at once. */
        fake_u64(&fake, last, fake.layout.frame_back, last);
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 100, &stack), PYR_WALK_TORN);
        assert_int_equal(stack.count, 0);
        pyr_raw_stack_release(&stack);
        fake_close(&fake);
    }
}

static void test_a_cycle_of_shims_ends_too(void **state)
{
    (void)state;
    struct fake fake;
    struct pyr_raw_stack stack = {0};
    fake_open(&fake, 0x030f02f0);
    uint64_t one = fake_frame(&fake, 0, 0, 0, FAKE_OWNER_SHIM);
    uint64_t two = fake_frame(&fake, 0, 0, one, FAKE_OWNER_SHIM);
    fake_u64(&fake, one, fake.layout.frame_back, two);
    uint64_t thread = thread_with(&fake, two);
    assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 100, &stack), PYR_WALK_TORN);
    assert_in_range(fake.memory->reads, 1, 300);
    pyr_raw_stack_release(&stack);
    fake_close(&fake);
}

static void test_what_is_no_frame_leaves_what_was_good(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct pyr_raw_stack stack = {0};
        fake_open(&fake, fake_versions[v]);
        uint32_t minor = pyr_layout_minor(&fake.layout);
        uint64_t code = fake_code(&fake, &simple_code);
        uint64_t wild = fake_frame(&fake, code, 4, 0xdead0000beefull, OWNER_THREAD);
        uint64_t thread = thread_with(&fake, wild);
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 100, &stack), PYR_WALK_TORN);
        assert_int_equal(stack.count, 1);
        assert_int_equal(stack.frames[0].offset, 4);
        /* An instruction before its code, between two, or too far on. */
        const int32_t absurd[] = {-4, 3, INT32_MAX - 1};
        for (size_t i = 0; minor >= 11 && i < 3; i++) {
            uint64_t frame = fake_frame(&fake, code, absurd[i], 0, OWNER_THREAD);
            uint64_t at = code + fake.layout.code_instructions + (uint64_t)(int64_t)absurd[i];
            fake_u64(&fake, frame, fake.layout.frame_instruction, at);
            thread = thread_with(&fake, frame);
            assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 9, &stack), PYR_WALK_TORN);
            assert_int_equal(stack.count, 0);
        }
        /* An owner that there is none, or no code. */
        uint64_t frame = fake_frame(&fake, minor >= 11 ? code : 0, 0, 0, 17);
        thread = thread_with(&fake, frame);
        assert_int_equal(pyr_walk(fake.memory, &fake.layout, thread, 9, &stack), PYR_WALK_TORN);
        pyr_raw_stack_release(&stack);
        fake_close(&fake);
    }
}

static void test_out_of_memory_is_a_failed_walk(void **state)
{
    (void)state;
    struct fake fake;
    fake_open(&fake, 0x030d00f0);
    uint64_t thread = thread_with(&fake, chain(&fake, fake_code(&fake, &simple_code), 100));
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_raw_stack stack = {0};
        pyr_mem_fail_after(nth);
        enum pyr_walk_result result = pyr_walk(fake.memory, &fake.layout, thread, 50, &stack);
        pyr_mem_fail_after(-1);
        failed = result != PYR_WALK_OK;
        assert_int_equal(result, failed ? PYR_WALK_FAILED : PYR_WALK_OK);
        pyr_raw_stack_release(&stack);
    }
    fake_close(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_come_innermost_first_with_their_offsets),
        cmocka_unit_test(test_a_thread_without_frames_is_empty),
        cmocka_unit_test(test_shims_are_left_out_and_make_their_callee_an_entry),
        cmocka_unit_test(test_a_chain_that_ends_too_soon_is_torn),
        cmocka_unit_test(test_tags_on_a_pointer_to_code_are_taken_off),
        cmocka_unit_test(test_deep_stacks_are_whole),
        cmocka_unit_test(test_what_is_beyond_the_depth_is_cut_and_said_so),
        cmocka_unit_test(test_cycles_end_the_walk_within_a_few_rounds),
        cmocka_unit_test(test_a_cycle_of_shims_ends_too),
        cmocka_unit_test(test_what_is_no_frame_leaves_what_was_good),
        cmocka_unit_test(test_out_of_memory_is_a_failed_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
