/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/names.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "remote_fixture.h"
#include "unit.h"

#define MAIN_IDENT 0x7f0012345000ull
#define WORKER_IDENT 0x7f0098765000ull

/* An interpreter with a main thread and a worker, and, when asked for, a module threading that
 * knows the worker only. */
struct world {
    struct fake fake;
    struct pyr_target target;
    struct pyr_remote_thread items[2];
    struct pyr_remote_threads threads;
    uint64_t interpreter;
};

static uint64_t single_dict(struct fake *fake, enum fake_table kind, uint64_t key, uint64_t value)
{
    return fake_dict(fake, kind, &key, &value, 1);
}

static void import_threading(struct world *world, bool own_dict)
{
    struct fake *fake = &world->fake;
    const uint64_t attribute = fake_ascii(fake, "_name");
    const uint64_t name = fake_ascii(fake, "worker");
    uint64_t thread = fake_instance(fake, own_dict, &attribute, &name, 1);
    uint64_t active = single_dict(fake, FAKE_GENERAL, fake_int(fake, WORKER_IDENT), thread);
    uint64_t module = fake_alloc(fake, 64);
    fake_u64(fake, module, fake->layout.object_head,
             single_dict(fake, FAKE_NAMED, fake_ascii(fake, "_active"), active));
    fake_u64(fake, world->interpreter, fake->layout.interpreter_modules,
             single_dict(fake, FAKE_NAMED, fake_ascii(fake, "threading"), module));
}

static void open_world(struct world *world, uint32_t version)
{
    *world = (struct world){0};
    fake_open(&world->fake, version);
    fake_target(&world->fake, &world->target, 0);
    world->target.is_core = true; /* the kernel is not to be asked */
    world->interpreter = fake_interpreter(&world->fake, 0, 0);
    world->items[0] = (struct pyr_remote_thread){.address = 0x100,
                                                 .interpreter = world->interpreter,
                                                 .unique_id = 1,
                                                 .ident = MAIN_IDENT,
                                                 .is_main = true};
    world->items[1] = (struct pyr_remote_thread){
        .address = 0x200, .interpreter = world->interpreter, .unique_id = 2, .ident = WORKER_IDENT};
    world->threads = (struct pyr_remote_threads){.items = world->items, .count = 2};
}

static void test_names_are_those_of_threading(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        for (int own_dict = 0; own_dict < 2; own_dict++) {
            struct world world;
            open_world(&world, fake_versions[v]);
            import_threading(&world, own_dict != 0);
            struct pyr_thread_names *names = pyr_thread_names_new();
            assert_string_equal(pyr_thread_names_get(names, &world.items[1]), "");
            pyr_thread_names_update(names, &world.target, &world.threads);
            assert_string_equal(pyr_thread_names_get(names, &world.items[1]), "worker");
            assert_string_equal(pyr_thread_names_get(names, &world.items[0]), "MainThread");
            /* Another thread at the same address has not that name. */
            struct pyr_remote_thread reused = world.items[1];
            reused.unique_id = 3;
            assert_string_equal(pyr_thread_names_get(names, &reused), "");
            pyr_thread_names_free(names);
            fake_close(&world.fake);
        }
    }
}

static void test_a_name_is_looked_for_again_but_not_at_every_update(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0x030c01f0);
    struct pyr_thread_names *names = pyr_thread_names_new();
    pyr_thread_names_update(names, &world.target, &world.threads);
    assert_string_equal(pyr_thread_names_get(names, &world.items[0]), "MainThread");
    assert_string_equal(pyr_thread_names_get(names, &world.items[1]), "");
    import_threading(&world, false);
    uint64_t before = world.fake.memory->reads;
    int updates = 0;
    while (pyr_thread_names_get(names, &world.items[1])[0] == '\0' && updates < 20000) {
        pyr_thread_names_update(names, &world.target, &world.threads);
        updates++;
        (void)usleep(500);
    }
    assert_string_equal(pyr_thread_names_get(names, &world.items[1]), "worker");
    /* It took a while, and in that while the target was looked at once. */
    assert_true(updates > 1);
    assert_in_range(world.fake.memory->reads - before, 1, 100);
    pyr_thread_names_free(names);
    fake_close(&world.fake);
}

static void test_names_that_are_known_cost_no_read(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0x030e0af0);
    import_threading(&world, false);
    struct pyr_thread_names *names = pyr_thread_names_new();
    world.threads.items = &world.items[1];
    world.threads.count = 1;
    pyr_thread_names_update(names, &world.target, &world.threads);
    uint64_t before = world.fake.memory->reads;
    pyr_thread_names_update(names, &world.target, &world.threads);
    assert_int_equal(world.fake.memory->reads, before);
    pyr_thread_names_free(names);
    fake_close(&world.fake);
}

static void test_names_of_ended_threads_are_let_go(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0x030d00f0);
    struct pyr_thread_names *names = pyr_thread_names_new();
    world.threads.count = 1;
    const struct pyr_remote_thread first = world.items[0];
    for (uint64_t i = 0; i < 1000; i++) {
        world.items[0].unique_id = i + 1;
        pyr_thread_names_update(names, &world.target, &world.threads);
        assert_string_equal(pyr_thread_names_get(names, &world.items[0]), "MainThread");
    }
    assert_string_equal(pyr_thread_names_get(names, &first), "");
    pyr_thread_names_free(names);
    fake_close(&world.fake);
}

/* As a thread that threading doesn't know may be called by the kernel; of this very process. */
static void *be_called(void *context)
{
    struct world *world = context;
    struct pyr_thread_names *names = pyr_thread_names_new();
    world->items[1].tid = (uint32_t)syscall(SYS_gettid);
    world->target.is_core = false;
    static const char *const called[][2] = {
        {"pool-7", "pool-7"},
        {"twelve bytes\xE2\x82\xAC", "twelve bytes\xE2\x82\xAC"},
        {"thirteen byte\xE2\x82\xAC", "thirteen byte"},
        {"twelve bytes\xF0\x9F\x94\xA5", "twelve bytes"}};
    for (size_t i = 0; i < sizeof(called) / sizeof(called[0]); i++) {
        world->items[1].unique_id = 100 + i;
        assert_int_equal(prctl(PR_SET_NAME, called[i][0]), 0);
        pyr_thread_names_update(names, &world->target, &world->threads);
        assert_string_equal(pyr_thread_names_get(names, &world->items[1]), called[i][1]);
    }
    pyr_thread_names_free(names);
    return NULL;
}

static void test_else_the_kernels_name_is_taken_cut_at_a_character(void **state)
{
    (void)state;
    struct world world;
    pthread_t thread;
    open_world(&world, 0x030c01f0);
    assert_int_equal(pthread_create(&thread, NULL, be_called, &world), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    fake_close(&world.fake);
}

static void test_without_memory_threads_have_no_names(void **state)
{
    (void)state;
    bool found = false;
    for (long nth = 0; !found; nth++) {
        struct world world;
        open_world(&world, 0x030d00f0);
        import_threading(&world, false);
        pyr_mem_fail_after(nth);
        struct pyr_thread_names *names = pyr_thread_names_new();
        if (names != NULL) {
            pyr_thread_names_update(names, &world.target, &world.threads);
        }
        pyr_mem_fail_after(-1);
        found = names != NULL && pyr_thread_names_get(names, &world.items[0])[0] != '\0' &&
                pyr_thread_names_get(names, &world.items[1])[0] != '\0';
        pyr_thread_names_free(names);
        fake_close(&world.fake);
    }
    pyr_thread_names_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_those_of_threading),
        cmocka_unit_test(test_a_name_is_looked_for_again_but_not_at_every_update),
        cmocka_unit_test(test_names_that_are_known_cost_no_read),
        cmocka_unit_test(test_names_of_ended_threads_are_let_go),
        cmocka_unit_test(test_else_the_kernels_name_is_taken_cut_at_a_character),
        cmocka_unit_test(test_without_memory_threads_have_no_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
