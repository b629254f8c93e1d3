/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Samples of made-up interpreters that change while they are read, at any moment there is: between
 * any two calls that read. What is told as exact has to be what was there. */
#include <string.h>
#include <unistd.h>

#include "remote/fields.h"
#include "remote/sampler.h"
#include "remote_fixture.h"
#include "unit.h"

#define MOMENTS 40      /* more than a round has calls */
#define MAX_MOMENTS 200 /* and one that lists the threads, too */
#define OLD_IDENT 0x7000u
#define NEW_IDENT 0x9000u
#define IDENT_SIZE 1024   /* of what pthread_self() points at, … */
#define IDENT_NUMBER 720u /* … and where in it glibc has the kernel's number */

enum change {
    SWITCH,  /* the waiting thread had the GIL meanwhile, and is elsewhere */
    REPLACE, /* and is another, whose state is where that one's was */
    BEGIN,   /* a further thread has begun, which is put before the others */
};

/* Three threads, the first of which has the GIL. */
struct program {
    struct pyr_memory head; /* reads as `fake` does, but changes it at a moment */
    struct fake fake;
    struct pyr_target target;
    uint64_t interpreter;
    uint64_t threads[2];
    uint64_t frames[2]; /* of the second thread: before and after */
    uint64_t late;      /* the thread that is there after BEGIN only, in frames[1] */
    enum change change;
    long moment; /* reads until then; negative: not again */
    uint32_t seen;
    uint64_t code; /* the innermost that was told last of the thread that changes */
    uint64_t ident;
};

static uint64_t number_at(struct program *program, uint64_t address, uint32_t offset)
{
    uint64_t value = 0;
    memcpy(&value, fake_at(&program->fake, address + offset), sizeof(value));
    return value;
}

static uint64_t gil_of(struct program *program)
{
    const struct pyr_layout *layout = &program->fake.layout;
    return layout->runtime_gil != PYR_LAYOUT_NONE
               ? program->target.runtime + layout->runtime_gil
               : number_at(program, program->interpreter, layout->interpreter_gil);
}

static void set_frame(struct program *program, uint64_t thread, uint64_t frame)
{
    const struct pyr_layout *layout = &program->fake.layout;
    if (layout->thread_cframe == PYR_LAYOUT_NONE) {
        fake_u64(&program->fake, thread, layout->thread_frame, frame);
    } else {
        uint64_t cframe = number_at(program, thread, layout->thread_cframe);
        fake_u64(&program->fake, cframe, layout->cframe_frame, frame);
    }
}

static void apply(struct program *program)
{
    const struct pyr_layout *layout = &program->fake.layout;
    if (program->change == BEGIN) {
        fake_u64(&program->fake, program->interpreter, layout->interpreter_threads_head,
                 program->late);
        return;
    }
    uint64_t gil = gil_of(program);
    uint64_t switches = number_at(program, gil, layout->gil_switch_number);
    fake_u64(&program->fake, gil, layout->gil_switch_number, switches + 2);
    if (program->change == REPLACE) {
        fake_u64(&program->fake, program->threads[1], layout->thread_id, NEW_IDENT);
    }
    set_frame(program, program->threads[1], program->frames[1]);
}

static uint32_t read_program(struct pyr_memory *memory, const struct pyr_memory_range *ranges,
                             uint32_t count)
{
    struct program *program = (struct program *)memory;
    if (program->moment >= 0 && program->moment-- == 0) {
        apply(program);
    }
    uint32_t got = program->fake.memory->source->read(program->fake.memory, ranges, count);
    memory->failure = program->fake.memory->failure;
    return got;
}

static const struct pyr_memory_source program_source = {read_program, NULL};

static void program_open(struct program *program, uint32_t version, enum change change)
{
    static const struct fake_code simple = {"a.py", "f", "f", 1, "", 0, 100};
    struct fake *fake = &program->fake;
    *program = (struct program){.change = change, .moment = -1};
    fake_open(fake, version);
    uint64_t code = fake_code(fake, &simple);
    program->frames[0] = fake_frame(fake, code, 8, 0, 0);
    program->frames[1] = fake_frame(fake, fake_code(fake, &simple), 8, 0, 0);
    program->interpreter = fake_interpreter(fake, 0, 0);
    /* The holder is ourselves: where that is, and that it does not run Python, the kernel says. */
    uint64_t self = fake_alloc(fake, IDENT_SIZE);
    fake_u32(fake, self, IDENT_NUMBER, (uint32_t)getpid());
    struct fake_thread thread = {.interpreter = program->interpreter, .ident = 0x8000};
    thread.next = fake_thread(fake, &thread); /* one more, which never does anything */
    thread.unique_id = 1;
    thread.ident = OLD_IDENT;
    thread.frame = program->frames[0];
    program->threads[1] = thread.next = fake_thread(fake, &thread);
    thread.unique_id = 2;
    thread.ident = self;
    thread.frame = fake_frame(fake, code, 4, 0, 0);
    thread.native_id = (uint32_t)getpid();
    thread.next = program->threads[0] = fake_thread(fake, &thread);
    thread.unique_id = 3;
    thread.ident = NEW_IDENT;
    thread.native_id = 0;
    thread.frame = program->frames[1];
    program->late = fake_thread(fake, &thread);
    fake_set_threads(fake, program->interpreter, program->threads[0], program->threads[0]);
    fake_target(fake, &program->target,
                fake_runtime(fake, program->interpreter, program->interpreter));
    fake_set_gil(fake, &program->target, program->interpreter, program->threads[0]);
    program->head.source = &program_source;
    program->target.memory = &program->head;
}

static void see(void *context, const struct pyr_sample *sample)
{
    struct program *program = context;
    const uint64_t watched = program->change == BEGIN ? program->late : program->threads[1];
    if (sample->thread->address == watched && sample->quality == PYR_SAMPLE_EXACT &&
        sample->stack->count > 0) {
        program->seen++;
        program->code = sample->stack->frames[0].code;
        program->ident = sample->thread->ident;
    }
}

static uint64_t code_of(struct program *program, uint64_t frame)
{
    uint64_t code = number_at(program, frame, program->fake.layout.frame_code);
    return code & ~(uint64_t)3;
}

/* Calls that were never seen before, so that the holder is looked at in all ways there are. */
static uint64_t new_calls(struct program *program)
{
    static const struct fake_code simple = {"a.py", "g", "g", 1, "", 0, 100};
    uint64_t outer = fake_frame(&program->fake, fake_code(&program->fake, &simple), 4, 0, 0);
    return fake_frame(&program->fake, fake_code(&program->fake, &simple), 4, outer, 0);
}

/* Rounds, in one of which the program changes; the last one is told in full. False when that
 * round was over before the moment had come. */
static bool sample(struct program *program, int changing, long moment)
{
    bool changed = false;
    const struct pyr_sampler_options options = {.mode = PYR_SAMPLER_COMPARED, .rate = 100};
    struct pyr_err err = {0};
    struct pyr_codes *codes = pyr_codes_new();
    struct pyr_sampler *sampler = pyr_sampler_open(&program->target, codes, &options, &err);
    assert_non_null(sampler);
    for (int round = 0; round < 4; round++) {
        set_frame(program, program->threads[0], new_calls(program));
        program->moment = round == changing ? moment : -1;
        program->seen = 0;
        assert_true(pyr_sampler_round(sampler, see, program, &err));
        changed = changed || (round == changing && program->moment < 0);
    }
    pyr_sampler_close(sampler);
    pyr_codes_free(codes);
    return changed;
}

static void try_every_moment(enum change change)
{
    for (size_t i = 1; i < fake_version_count; i++) { /* in 3.6 the GIL can't be found */
        for (long moment = 0; moment < MOMENTS; moment++) {
            struct program program;
            program_open(&program, fake_versions[i], change);
            const struct pyr_layout *layout = &program.fake.layout;
            const bool changed = sample(&program, 1, moment);
            assert_int_equal(program.seen, 1);
            assert_int_equal(program.code, code_of(&program, program.frames[changed ? 1 : 0]));
            assert_int_equal(program.ident,
                             number_at(&program, program.threads[1], layout->thread_id));
            fake_close(&program.fake);
        }
    }
}

static void test_a_thread_that_had_the_gil_between_two_readings_is_read_again(void **state)
{
    (void)state;
    try_every_moment(SWITCH);
}

static void test_a_thread_at_the_place_of_another_is_not_taken_for_it(void **state)
{
    (void)state;
    try_every_moment(REPLACE);
}

/* The first round lists the threads, one read after the other; no list is made again for as long as
 * it looks unchanged. */
static void test_a_thread_that_began_while_they_were_listed_is_sampled(void **state)
{
    (void)state;
    for (size_t i = 1; i < fake_version_count; i++) {
        long moment = 0;
        for (bool changed = true; changed; moment++) {
            struct program program;
            assert_true(moment < MAX_MOMENTS);
            program_open(&program, fake_versions[i], BEGIN);
            changed = sample(&program, 0, moment);
            assert_int_equal(program.seen, changed ? 1 : 0);
            if (changed) {
                assert_int_equal(program.ident, NEW_IDENT);
                assert_int_equal(program.code, code_of(&program, program.frames[1]));
            }
            fake_close(&program.fake);
        }
        assert_true(moment > 3); /* there was a list to be made */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thread_that_had_the_gil_between_two_readings_is_read_again),
        cmocka_unit_test(test_a_thread_at_the_place_of_another_is_not_taken_for_it),
        cmocka_unit_test(test_a_thread_that_began_while_they_were_listed_is_sampled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
