/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/interpreters.h"

#include <unistd.h>

#include "base/mem.h"
#include "remote_fixture.h"
#include "unit.h"

/* Two interpreters: the main one with three threads, the newest of them first as the interpreter
 * has them, and another with one. */
struct world {
    struct fake fake;
    struct pyr_target target;
    uint64_t main;
    uint64_t other;
    uint64_t threads[3]; /* of the main one, oldest first */
    uint64_t other_thread;
};

static void open_world(struct world *world, uint32_t version)
{
    struct fake *fake = &world->fake;
    fake_open(fake, version);
    world->main = fake_interpreter(fake, 0, 0);
    world->other = fake_interpreter(fake, 1, world->main);
    uint64_t next = 0;
    for (uint32_t i = 0; i < 3; i++) {
        next = fake_thread(
            fake, &(struct fake_thread){.interpreter = world->main,
                                        .next = next,
                                        .ident = 0x7000 + i,
                                        .unique_id = i + 1,
                                        .native_id = i == 0 ? (uint32_t)getpid() : INT32_MAX - i});
        world->threads[i] = next;
    }
    world->other_thread = fake_thread(
        fake, &(struct fake_thread){.interpreter = world->other, .ident = 0x8000, .unique_id = 1});
    fake_set_threads(fake, world->main, next, world->threads[0]);
    fake_set_threads(fake, world->other, world->other_thread, world->other_thread);
    fake_target(fake, &world->target, fake_runtime(fake, world->other, world->main));
}

static void test_all_threads_are_listed_the_main_one_first(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct world world;
        struct pyr_remote_threads threads = {0};
        struct pyr_err err = {0};
        open_world(&world, fake_versions[v]);
        fake_set_gil(&world.fake, &world.target, world.main, world.threads[1]);
        for (int again = 0; again < 2; again++) {
            assert_true(pyr_remote_threads_list(&world.target, &threads, &err));
            assert_int_equal(threads.count, 4);
            assert_int_equal(threads.interpreters, 2);
            assert_false(threads.torn);
            for (uint32_t i = 0; i < 3; i++) {
                const struct pyr_remote_thread *thread = &threads.items[i];
                assert_int_equal(thread->address, world.threads[i]);
                assert_int_equal(thread->interpreter, world.main);
                assert_int_equal(thread->interpreter_id, 0);
                assert_int_equal(thread->ident, 0x7000 + i);
                assert_int_equal(thread->is_main, i == 0);
                assert_int_equal(thread->holds_gil, i == 1);
                assert_false(thread->collecting);
                if (pyr_layout_minor(&world.fake.layout) > 6) { /* which has no such number */
                    assert_int_equal(thread->unique_id, i + 1);
                }
            }
            bool told = world.fake.layout.thread_native_id != PYR_LAYOUT_NONE;
            assert_int_equal(threads.items[0].tid, told ? getpid() : 0);
            assert_int_equal(threads.items[1].tid, 0); /* the kernel knows of none such */
            assert_int_equal(threads.items[3].address, world.other_thread);
            assert_true(threads.items[3].is_main);
            if (pyr_layout_minor(&world.fake.layout) > 6) {
                assert_int_equal(threads.items[3].interpreter_id, 1);
            }
        }
        pyr_remote_threads_release(&threads);
        fake_close(&world.fake);
    }
}

static void test_a_free_gil_has_no_holder(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct world world;
        struct pyr_remote_threads threads = {0};
        struct pyr_err err = {0};
        open_world(&world, fake_versions[v]);
        fake_set_gil(&world.fake, &world.target, world.main, 0);
        assert_true(pyr_remote_threads_list(&world.target, &threads, &err));
        for (uint32_t i = 0; i < threads.count; i++) {
            assert_false(threads.items[i].holds_gil);
        }
        pyr_remote_threads_release(&threads);
        fake_close(&world.fake);
    }
}

static void test_the_collector_runs_on_the_thread_with_the_gil(void **state)
{
    (void)state;
    for (size_t v = 1; v < fake_version_count; v++) { /* 3.6 doesn't say */
        struct world world;
        struct pyr_remote_threads threads = {0};
        struct pyr_err err = {0};
        open_world(&world, fake_versions[v]);
        const struct pyr_layout *layout = &world.fake.layout;
        fake_set_gil(&world.fake, &world.target, world.main, world.threads[2]);
        fake_u32(&world.fake, world.main, layout->interpreter_gc_collecting, 1);
        fake_u32(&world.fake, world.target.runtime, layout->runtime_gc_collecting, 1);
        assert_true(pyr_remote_threads_list(&world.target, &threads, &err));
        for (uint32_t i = 0; i < 3; i++) {
            assert_int_equal(threads.items[i].collecting, i == 2);
        }
        pyr_remote_threads_release(&threads);
        fake_close(&world.fake);
    }
}

static void test_an_interpreter_that_is_not_there_is_gone(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct world world;
        struct pyr_remote_threads threads = {0};
        struct pyr_err err = {0};
        open_world(&world, fake_versions[v]);
        world.target.runtime = fake_runtime(&world.fake, 0, 0);
        assert_false(pyr_remote_threads_list(&world.target, &threads, &err));
        assert_int_equal(err.code, PYR_ERR_GONE);
        assert_null(threads.items);
        world.target.runtime = 0xdead0000beefull;
        assert_false(pyr_remote_threads_list(&world.target, &threads, &err));
        assert_int_equal(err.code, PYR_ERR_GONE);
        fake_close(&world.fake);
    }
}

/* Threads in a circle, a thread of another interpreter, and an address where nothing is. */
static void test_a_torn_list_keeps_what_was_good(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct world world;
        struct pyr_remote_threads threads = {0};
        struct pyr_err err = {0};
        open_world(&world, fake_versions[v]);
        const uint64_t wrong[] = {world.threads[2], world.other_thread, 0xdead0000beefull};
        for (size_t i = 0; i < 3; i++) {
            fake_u64(&world.fake, world.threads[0], world.fake.layout.thread_next, wrong[i]);
            assert_true(pyr_remote_threads_list(&world.target, &threads, &err));
            assert_true(threads.torn);
            assert_in_range(threads.count, 4, 20);
        }
        /* Interpreters in a circle. */
        fake_u64(&world.fake, world.threads[0], world.fake.layout.thread_next, 0);
        fake_u64(&world.fake, world.main, world.fake.layout.interpreter_next, world.other);
        assert_true(pyr_remote_threads_list(&world.target, &threads, &err));
        assert_true(threads.torn);
        assert_in_range(threads.interpreters, 2, 10);
        pyr_remote_threads_release(&threads);
        fake_close(&world.fake);
    }
}

static void test_running_out_of_memory_is_reported(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0x030d00f0);
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_remote_threads threads = {0};
        struct pyr_err err = {0};
        assert_true(pyr_remote_threads_list(&world.target, &threads, &err));
        pyr_mem_fail_after(nth);
        failed = !pyr_remote_threads_list(&world.target, &threads, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(threads.count, failed ? 0 : 4);
        pyr_remote_threads_release(&threads);
    }
    fake_close(&world.fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_threads_are_listed_the_main_one_first),
        cmocka_unit_test(test_a_free_gil_has_no_holder),
        cmocka_unit_test(test_the_collector_runs_on_the_thread_with_the_gil),
        cmocka_unit_test(test_an_interpreter_that_is_not_there_is_gone),
        cmocka_unit_test(test_a_torn_list_keeps_what_was_good),
        cmocka_unit_test(test_running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
