/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/coroutines.h"

#include "base/mem.h"
#include "object_fixture.h"
#include "unit.h"

#define DEEP 3000

static const struct fake_code simple_code = {"a.py", "f", "f", 1, "", 0, 100};

static uint64_t new_code(struct fake *fake)
{
    return fake_code(fake, &simple_code);
}

static void test_the_one_awaited_last_is_innermost(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct pyr_raw_stack stack = {0};
        fake_open(&fake, fake_versions[v]);
        uint64_t future = fake_words(&fake, "_asyncio.FutureIter", 0, NULL, 0);
        uint64_t inner = fake_coroutine(&fake, "generator", new_code(&fake), FAKE_AWAITING, future);
        uint64_t wrapper = fake_words(&fake, "coroutine_wrapper", 0, &inner, 1);
        uint64_t middle =
            fake_coroutine(&fake, "async_generator", new_code(&fake), FAKE_AWAITING, wrapper);
        uint64_t send = fake_words(&fake, "async_generator_asend", 0, &middle, 1);
        uint64_t outer = fake_coroutine(&fake, "coroutine", new_code(&fake), FAKE_AWAITING, send);
        assert_true(pyr_coroutine_stack(fake.memory, &fake.layout, outer, &stack));
        assert_int_equal(stack.count, 3);
        assert_int_equal(stack.frames[0].address, fake_coroutine_frame(&fake, inner));
        assert_int_equal(stack.frames[1].address, fake_coroutine_frame(&fake, middle));
        assert_int_equal(stack.frames[2].address, fake_coroutine_frame(&fake, outer));
        assert_int_equal(stack.frames[2].offset, 8);
        pyr_raw_stack_release(&stack);
        fake_close(&fake);
    }
}

/* What lies on the stack of a generator that has yielded is not what it awaits. */
static void test_a_generator_that_yielded_awaits_nobody(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct pyr_raw_stack stack = {0};
        fake_open(&fake, fake_versions[v]);
        uint64_t other = fake_coroutine(&fake, "generator", new_code(&fake), FAKE_SUSPENDED, 0);
        uint64_t outer = fake_coroutine(&fake, "generator", new_code(&fake), FAKE_SUSPENDED, other);
        assert_true(pyr_coroutine_stack(fake.memory, &fake.layout, outer, &stack));
        assert_int_equal(stack.count, 1);
        pyr_raw_stack_release(&stack);
        fake_close(&fake);
    }
}

static void test_states_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        enum fake_gen_state made;
        enum pyr_coroutine_state told;
    } cases[] = {
        {FAKE_CREATED, PYR_COROUTINE_CREATED},    {FAKE_SUSPENDED, PYR_COROUTINE_SUSPENDED},
        {FAKE_AWAITING, PYR_COROUTINE_SUSPENDED}, {FAKE_RUNNING, PYR_COROUTINE_RUNNING},
        {FAKE_FINISHED, PYR_COROUTINE_FINISHED},
    };
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            uint64_t frame = 0;
            uint64_t coroutine =
                fake_coroutine(&fake, "coroutine", new_code(&fake), cases[i].made, 0);
            assert_int_equal(pyr_coroutine_look(fake.memory, &fake.layout, coroutine, &frame),
                             cases[i].told);
        }
        uint64_t frame = 0;
        assert_int_equal(pyr_coroutine_look(fake.memory, &fake.layout, fake_int(&fake, 1), &frame),
                         PYR_COROUTINE_NONE);
        assert_int_equal(pyr_coroutine_look(fake.memory, &fake.layout, 0, &frame),
                         PYR_COROUTINE_NONE);
        fake_close(&fake);
    }
}

static void test_those_that_await_each_other_in_a_circle_come_to_an_end(void **state)
{
    (void)state;
    struct fake fake;
    struct pyr_raw_stack stack = {0};
    fake_open(&fake, 0x030c01f0);
    uint64_t coroutine = fake_coroutine(&fake, "coroutine", new_code(&fake), FAKE_AWAITING, 0);
    fake_u64(&fake, fake_coroutine_frame(&fake, coroutine), fake.layout.frame_locals + 8,
             coroutine);
    assert_true(pyr_coroutine_stack(fake.memory, &fake.layout, coroutine, &stack));
    assert_int_equal(stack.count, PYR_MAX_COROUTINE_CHAIN);
    assert_true(stack.truncated);
    pyr_raw_stack_release(&stack);
    uint64_t wrapper = fake_words(&fake, "coroutine_wrapper", 0, &coroutine, 1);
    fake_u64(&fake, wrapper, fake.layout.object_head, wrapper);
    assert_true(pyr_coroutine_stack(fake.memory, &fake.layout, wrapper, &stack));
    assert_int_equal(stack.count, 0);
    fake_close(&fake);
}

static void test_running_out_of_memory_is_told(void **state)
{
    (void)state;
    struct fake fake;
    fake_open(&fake, 0x030d00f0);
    uint64_t coroutine = 0;
    uint64_t code = new_code(&fake);
    for (int i = 0; i < DEEP; i++) {
        coroutine = fake_coroutine(&fake, "coroutine", code, FAKE_AWAITING, coroutine);
        if (fake.used > FAKE_SIZE - 65536) {
            break;
        }
    }
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_raw_stack stack = {0};
        pyr_mem_fail_after(nth);
        failed = !pyr_coroutine_stack(fake.memory, &fake.layout, coroutine, &stack);
        pyr_mem_fail_after(-1);
        assert_true(failed || stack.count > 100);
        pyr_raw_stack_release(&stack);
    }
    fake_close(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_one_awaited_last_is_innermost),
        cmocka_unit_test(test_a_generator_that_yielded_awaits_nobody),
        cmocka_unit_test(test_states_are_told_apart),
        cmocka_unit_test(test_those_that_await_each_other_in_a_circle_come_to_an_end),
        cmocka_unit_test(test_running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
