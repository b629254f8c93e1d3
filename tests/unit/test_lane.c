/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/lane.h"

#include <string.h>

#include "base/mem.h"
#include "remote/batch.h"
#include "remote/walk.h"
#include "remote_fixture.h"
#include "unit.h"

#define OWNER_THREAD 0
#define MAX_DEPTH 5000
#define TRIES 6

static const struct fake_code simple_code = {"a.py", "f", "f", 1, "", 0, 100};

/* A program whose frames lie in chunks of `chunk_frames`, from 3.11 on; before, side by side. */
struct program {
    struct fake fake;
    uint64_t code;
    uint64_t thread;
    uint64_t frame; /* the innermost */
    uint64_t chunk;
    int frames;
};

static bool has_chunks(const struct program *program)
{
    return program->fake.layout.thread_chunk != PYR_LAYOUT_NONE;
}

static void set_frame(struct program *program, uint64_t frame)
{
    struct fake *fake = &program->fake;
    const struct pyr_layout *layout = &fake->layout;
    program->frame = frame;
    if (layout->thread_cframe == PYR_LAYOUT_NONE) {
        fake_u64(fake, program->thread, layout->thread_frame, frame);
        return;
    }
    uint64_t cframe = 0;
    memcpy(&cframe, (char *)fake_at(fake, program->thread) + layout->thread_cframe, 8);
    fake_u64(fake, cframe, layout->cframe_frame, frame);
}

/* From now on frames are in a new chunk. */
static void push_chunk(struct program *program)
{
    struct fake *fake = &program->fake;
    const struct pyr_layout *layout = &fake->layout;
    if (!has_chunks(program)) {
        (void)fake_alloc(fake, 8192); /* far from the others */
        return;
    }
    uint64_t end = fake_alloc(fake, 8);
    if (program->chunk != 0) {
        fake_u64(fake, program->chunk, layout->chunk_top,
                 (end - program->chunk - layout->chunk_data) / 8);
        fake_u64(fake, program->chunk, layout->chunk_size, end - program->chunk);
    }
    uint64_t chunk = fake_alloc(fake, layout->chunk_data);
    fake_u64(fake, chunk, layout->chunk_previous, program->chunk);
    fake_u64(fake, chunk, layout->chunk_size, 65536);
    fake_u64(fake, program->thread, layout->thread_chunk, chunk);
    program->chunk = chunk;
}

static void push_frames(struct program *program, int count)
{
    struct fake *fake = &program->fake;
    uint64_t frame = program->frame;
    for (int i = 0; i < count; i++) {
        frame = fake_frame(fake, program->code, 2 * (program->frames++ % 50), frame, OWNER_THREAD);
    }
    uint64_t top = fake_alloc(fake, 8);
    fake_u64(fake, program->thread, fake->layout.thread_chunk_top, top);
    set_frame(program, frame);
}

static void open_program(struct program *program, uint32_t version)
{
    *program = (struct program){0};
    fake_open(&program->fake, version);
    program->code = fake_code(&program->fake, &simple_code);
    program->thread = fake_thread(&program->fake, &(struct fake_thread){0});
    if (program->fake.layout.thread_cframe != PYR_LAYOUT_NONE) {
        uint64_t cframe = fake_alloc(&program->fake, 64);
        fake_u64(&program->fake, program->thread, program->fake.layout.thread_cframe, cframe);
    }
    push_chunk(program);
}

/* Reads the lane as a sampler of a frozen target does; gives the calls that it took. */
static uint64_t read_lane(struct program *program, struct pyr_lane *lane,
                          enum pyr_lane_result *result, struct pyr_raw_stack *stack)
{
    const struct pyr_layout *layout = &program->fake.layout;
    struct pyr_memory *memory = program->fake.memory;
    struct pyr_batch batch = {0};
    struct pyr_err err = {0};
    uint64_t before = memory->reads;
    *result = PYR_LANE_AGAIN;
    for (int i = 0; i < TRIES && *result == PYR_LANE_AGAIN; i++) {
        struct pyr_lane_reading reading = {
            .memory = memory, .layout = layout, .max_depth = MAX_DEPTH, .further_max = MAX_DEPTH};
        *result = PYR_LANE_FAILED;
        pyr_batch_clear(&batch);
        if (!pyr_lane_plan(lane, layout, 1, &err)) {
            break;
        }
        pyr_batch_add(&batch, lane->thread, lane->state, layout->thread_size, &lane->state_read);
        for (uint32_t j = 0; j < lane->piece_count; j++) {
            struct pyr_lane_piece *piece = &lane->pieces[j];
            pyr_batch_add(&batch, piece->address, lane->copies[0] + piece->at, piece->size,
                          &piece->is_read[0]);
        }
        if (!pyr_batch_read(&batch, memory)) {
            break;
        }
        *result = pyr_lane_decode(lane, &reading, stack);
    }
    pyr_lane_settle(lane, layout);
    pyr_batch_release(&batch);
    return memory->reads - before;
}

static void assert_as_walked(struct program *program, const struct pyr_raw_stack *stack)
{
    struct pyr_raw_stack walked = {0};
    (void)pyr_walk(program->fake.memory, &program->fake.layout, program->thread, MAX_DEPTH,
                   &walked);
    assert_int_equal(stack->count, walked.count);
    assert_int_equal(stack->torn, walked.torn);
    assert_int_equal(stack->truncated, walked.truncated);
    assert_memory_equal(stack->frames, walked.frames, walked.count * sizeof(*walked.frames));
    pyr_raw_stack_release(&walked);
}

static void test_what_was_learnt_once_is_read_in_one_call(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct program program;
        struct pyr_lane lane;
        struct pyr_err err = {0};
        struct pyr_raw_stack stack = {0};
        enum pyr_lane_result result;
        open_program(&program, fake_versions[v]);
        push_frames(&program, 30);
        push_chunk(&program);
        push_frames(&program, 30);
        assert_true(pyr_lane_init(&lane, program.thread, &program.fake.layout, &err));
        assert_true(read_lane(&program, &lane, &result, &stack) > 1);
        assert_int_equal(result, PYR_LANE_OK);
        assert_as_walked(&program, &stack);
        (void)read_lane(&program, &lane, &result, &stack);
        for (int i = 0; i < 40; i++) {
            assert_int_equal(read_lane(&program, &lane, &result, &stack), 1);
            assert_int_equal(result, PYR_LANE_OK);
            assert_as_walked(&program, &stack);
        }
        pyr_lane_release(&lane);
        pyr_raw_stack_release(&stack);
        fake_close(&program.fake);
    }
}

static void test_a_stack_that_grows_and_shrinks_is_followed(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct program program;
        struct pyr_lane lane;
        struct pyr_err err = {0};
        struct pyr_raw_stack stack = {0};
        enum pyr_lane_result result;
        uint64_t bases[8];
        open_program(&program, fake_versions[v]);
        assert_true(pyr_lane_init(&lane, program.thread, &program.fake.layout, &err));
        for (int i = 0; i < 8; i++) {
            push_frames(&program, 1 + 7 * i);
            bases[i] = program.frame;
            if (i % 3 == 2) {
                push_chunk(&program);
            }
            (void)read_lane(&program, &lane, &result, &stack);
            assert_int_equal(result, PYR_LANE_OK);
            assert_as_walked(&program, &stack);
        }
        for (int i = 8; i-- > 0;) {
            set_frame(&program, bases[i]);
            (void)read_lane(&program, &lane, &result, &stack);
            assert_int_equal(result, PYR_LANE_OK);
            assert_as_walked(&program, &stack);
        }
        set_frame(&program, 0);
        (void)read_lane(&program, &lane, &result, &stack);
        assert_int_equal(result, PYR_LANE_EMPTY);
        pyr_lane_release(&lane);
        pyr_raw_stack_release(&stack);
        fake_close(&program.fake);
    }
}

/* Frames of generators come and go in the heap; what is not met any more is not read for ever. */
static void test_frames_not_met_for_long_are_forgotten(void **state)
{
    (void)state;
    struct program program;
    struct pyr_lane lane;
    struct pyr_err err = {0};
    struct pyr_raw_stack stack = {0};
    enum pyr_lane_result result;
    open_program(&program, 0x030812f0);
    push_frames(&program, 5);
    uint64_t base = program.frame;
    assert_true(pyr_lane_init(&lane, program.thread, &program.fake.layout, &err));
    for (int i = 0; i < 20; i++) {
        set_frame(&program, base);
        push_chunk(&program);
        push_frames(&program, 3);
        (void)read_lane(&program, &lane, &result, &stack);
        assert_int_equal(stack.count, 8);
    }
    assert_true(lane.loose_count >= 20);
    set_frame(&program, base);
    for (int i = 0; i < 60; i++) {
        (void)read_lane(&program, &lane, &result, &stack);
        assert_int_equal(stack.count, 5);
    }
    assert_in_range(lane.loose_count, 1, 8);
    pyr_lane_release(&lane);
    pyr_raw_stack_release(&stack);
    fake_close(&program.fake);
}

static void test_a_lane_that_forgot_everything_learns_it_again(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct program program;
        struct pyr_lane lane;
        struct pyr_err err = {0};
        struct pyr_raw_stack stack = {0};
        enum pyr_lane_result result;
        open_program(&program, fake_versions[v]);
        push_frames(&program, 30);
        assert_true(pyr_lane_init(&lane, program.thread, &program.fake.layout, &err));
        for (int i = 0; i < 3; i++) {
            (void)read_lane(&program, &lane, &result, &stack);
            assert_true(lane.copy_caps[0] > 0 || i == 0);
            pyr_lane_forget(&lane);
            assert_int_equal(lane.copy_caps[0] + lane.chunk_cap + lane.loose_cap, 0);
            (void)read_lane(&program, &lane, &result, &stack);
            assert_int_equal(result, PYR_LANE_OK);
            assert_as_walked(&program, &stack);
            (void)read_lane(&program, &lane, &result, &stack);
        }
        pyr_lane_release(&lane);
        pyr_raw_stack_release(&stack);
        fake_close(&program.fake);
    }
}

static void test_cycles_and_wild_pointers_end_the_chain(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct program program;
        struct pyr_lane lane;
        struct pyr_err err = {0};
        struct pyr_raw_stack stack = {0};
        enum pyr_lane_result result;
        open_program(&program, fake_versions[v]);
        push_frames(&program, 1);
        uint64_t outermost = program.frame;
        uint64_t back = 0;
        memcpy(&back, (char *)fake_at(&program.fake, outermost) + program.fake.layout.frame_back,
               8);
        push_frames(&program, 20);
        assert_true(pyr_lane_init(&lane, program.thread, &program.fake.layout, &err));
        fake_u64(&program.fake, outermost, program.fake.layout.frame_back, program.frame);
        (void)read_lane(&program, &lane, &result, &stack);
        assert_int_equal(result, PYR_LANE_TORN);
        assert_true(stack.torn);
        fake_u64(&program.fake, outermost, program.fake.layout.frame_back, 0xdead0000dead0000ull);
        (void)read_lane(&program, &lane, &result, &stack);
        assert_int_equal(result, PYR_LANE_TORN);
        assert_as_walked(&program, &stack);
        fake_u64(&program.fake, outermost, program.fake.layout.frame_back, back);
        (void)read_lane(&program, &lane, &result, &stack);
        assert_int_equal(result, PYR_LANE_OK);
        pyr_lane_release(&lane);
        pyr_raw_stack_release(&stack);
        fake_close(&program.fake);
    }
}

static void test_chunks_that_lie_about_themselves_are_not_believed(void **state)
{
    (void)state;
    const uint64_t lies[] = {0, 1, 24, 1ull << 40, UINT64_MAX};
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct program program;
        struct pyr_lane lane;
        struct pyr_err err = {0};
        struct pyr_raw_stack stack = {0};
        enum pyr_lane_result result;
        open_program(&program, 0x030d00f0);
        push_frames(&program, 10);
        const struct pyr_layout *layout = &program.fake.layout;
        assert_true(pyr_lane_init(&lane, program.thread, layout, &err));
        fake_u64(&program.fake, program.chunk, layout->chunk_size, lies[i]);
        fake_u64(&program.fake, program.chunk, layout->chunk_previous, program.chunk);
        (void)read_lane(&program, &lane, &result, &stack);
        assert_int_equal(result, PYR_LANE_OK); /* frame by frame, if need be */
        assert_as_walked(&program, &stack);
        pyr_lane_release(&lane);
        pyr_raw_stack_release(&stack);
        fake_close(&program.fake);
    }
}

static void test_what_is_beyond_the_depth_is_cut_and_said_so(void **state)
{
    (void)state;
    struct program program;
    struct pyr_lane lane;
    struct pyr_err err = {0};
    struct pyr_raw_stack stack = {0};
    enum pyr_lane_result result;
    open_program(&program, 0x030c01f0);
    push_frames(&program, MAX_DEPTH + 10);
    assert_true(pyr_lane_init(&lane, program.thread, &program.fake.layout, &err));
    (void)read_lane(&program, &lane, &result, &stack);
    assert_int_equal(result, PYR_LANE_OK);
    assert_true(stack.truncated);
    assert_int_equal(stack.count, MAX_DEPTH + 1);
    assert_int_equal(stack.frames[MAX_DEPTH].kind, PYR_RAW_TRUNCATED);
    pyr_lane_release(&lane);
    pyr_raw_stack_release(&stack);
    fake_close(&program.fake);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    const uint32_t versions[] = {0x030812f0, 0x030d00f0};
    for (size_t v = 0; v < 2; v++) {
        struct program program;
        bool failed = true;
        open_program(&program, versions[v]);
        push_frames(&program, 40);
        push_chunk(&program);
        push_frames(&program, 40);
        for (long nth = 0; failed; nth++) {
            struct pyr_lane lane = {0};
            struct pyr_err err = {0};
            struct pyr_raw_stack stack = {0};
            enum pyr_lane_result result = PYR_LANE_FAILED;
            pyr_mem_fail_after(nth);
            bool ready = pyr_lane_init(&lane, program.thread, &program.fake.layout, &err);
            if (ready) {
                (void)read_lane(&program, &lane, &result, &stack);
            }
            pyr_mem_fail_after(-1);
            failed = !ready || result != PYR_LANE_OK;
            assert_true(ready || err.code == PYR_ERR_NOMEM);
            if (ready) {
                (void)read_lane(&program, &lane, &result, &stack);
                assert_int_equal(result, PYR_LANE_OK);
                assert_as_walked(&program, &stack);
            }
            assert_true(nth > 0 || failed);
            pyr_lane_release(&lane);
            pyr_raw_stack_release(&stack);
        }
        fake_close(&program.fake);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_learnt_once_is_read_in_one_call),
        cmocka_unit_test(test_a_stack_that_grows_and_shrinks_is_followed),
        cmocka_unit_test(test_frames_not_met_for_long_are_forgotten),
        cmocka_unit_test(test_a_lane_that_forgot_everything_learns_it_again),
        cmocka_unit_test(test_cycles_and_wild_pointers_end_the_chain),
        cmocka_unit_test(test_chunks_that_lie_about_themselves_are_not_believed),
        cmocka_unit_test(test_what_is_beyond_the_depth_is_cut_and_said_so),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
