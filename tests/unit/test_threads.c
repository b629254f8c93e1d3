/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/threads.h"

#include "base/mem.h"
#include "unit.h"

static void test_equal_threads_stay_two(void **state)
{
    (void)state;
    struct pyr_threads *tab = pyr_threads_new();
    struct pyr_err err = {0};
    struct pyr_thread_info info = {.pid = 1, .tid = 2, .name = {3}, .kind = PYR_THREAD_TASK};
    pyr_thread a = {0};
    pyr_thread b = {0};
    assert_true(pyr_threads_add(tab, &info, &a, &err));
    assert_true(pyr_threads_add(tab, &info, &b, &err));
    assert_int_equal(a.i, 1);
    assert_int_equal(b.i, 2);
    assert_int_equal(pyr_threads_count(tab), 2);
    struct pyr_thread_info got = pyr_threads_get(tab, b);
    assert_int_equal(got.pid, 1);
    assert_int_equal(got.tid, 2);
    assert_int_equal(got.name.i, 3);
    assert_int_equal(got.kind, PYR_THREAD_TASK);
    assert_int_equal(pyr_threads_get(tab, (pyr_thread){0}).tid, 0);
    pyr_threads_free(tab);
    pyr_threads_free(NULL);
}

static void test_the_stamp_tells_of_changes_and_only_of_changes(void **state)
{
    (void)state;
    struct pyr_threads *tab = pyr_threads_new();
    struct pyr_err err = {0};
    struct pyr_thread_info info = {.tid = 2, .name = {3}};
    pyr_thread id = {0};
    uint64_t start = pyr_threads_stamp(tab);
    assert_true(pyr_threads_add(tab, &info, &id, &err));
    uint64_t added = pyr_threads_stamp(tab);
    assert_true(added > start);
    pyr_threads_update(tab, id, &info);
    assert_int_equal(pyr_threads_stamp(tab), added);
    info.name.i = 4;
    pyr_threads_update(tab, id, &info);
    assert_true(pyr_threads_stamp(tab) > added);
    assert_int_equal(pyr_threads_get(tab, id).name.i, 4);
    pyr_threads_free(tab);
}

/* Every field but the parent, one after the other. */
static void test_a_thread_is_known_better_as_time_goes_by(void **state)
{
    (void)state;
    struct pyr_threads *tab = pyr_threads_new();
    struct pyr_err err = {0};
    pyr_thread first = {0}, id = {0};
    struct pyr_thread_info info = {.kind = PYR_THREAD_TASK};
    assert_true(pyr_threads_add(tab, &info, &first, &err));
    info.parent = first;
    assert_true(pyr_threads_add(tab, &info, &id, &err));
    const struct pyr_thread_info steps[] = {
        {.pid = 1},      {.tid = 2},    {.name = {3}},   {.tag = {4}},      {.entry = {5}},
        {.start_ns = 6}, {.end_ns = 7}, {.switches = 8}, {.starved_ns = 9}, {.starved_known = true},
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const uint64_t before = pyr_threads_stamp(tab);
        struct pyr_thread_info next = steps[i];
        next.parent.i = 77; /* is not taken */
        pyr_threads_update(tab, id, &next);
        assert_true(pyr_threads_stamp(tab) > before);
        assert_int_equal(pyr_threads_stamp_of(tab, id), pyr_threads_stamp(tab));
        assert_int_equal(pyr_threads_stamp_of(tab, first), 1);
        assert_int_equal(pyr_threads_get(tab, id).parent.i, first.i);
    }
    assert_true(pyr_threads_get(tab, id).starved_known);
    pyr_threads_update(tab, (pyr_thread){0}, &info); /* no thread: nothing to know */
    pyr_threads_free(tab);
}

static pyr_thread add(struct pyr_threads *tab, enum pyr_thread_kind kind, uint32_t parent,
                      uint32_t tag)
{
    struct pyr_err err = {0};
    const struct pyr_thread_info info = {.kind = kind, .parent = {parent}, .tag = {tag}};
    pyr_thread id = {0};
    assert_true(pyr_threads_add(tab, &info, &id, &err));
    return id;
}

static void test_ancestors_are_found_by_kind_and_tag(void **state)
{
    (void)state;
    struct pyr_threads *tab = pyr_threads_new();
    const pyr_thread thread = add(tab, PYR_THREAD_NATIVE, 0, 0);
    const pyr_thread tagged_thread = add(tab, PYR_THREAD_NATIVE, thread.i, 5);
    const pyr_thread task = add(tab, PYR_THREAD_TASK, thread.i, 0);
    const pyr_thread tagged_task = add(tab, PYR_THREAD_TASK, task.i, 5);
    const pyr_thread orphan = add(tab, PYR_THREAD_GREENLET, 0, 6);
    assert_int_equal(pyr_threads_untagged(tab, tagged_task).i, task.i);
    assert_int_equal(pyr_threads_untagged(tab, tagged_thread).i, thread.i);
    assert_int_equal(pyr_threads_untagged(tab, task).i, task.i);
    assert_int_equal(pyr_threads_untagged(tab, orphan).i, orphan.i);
    assert_int_equal(pyr_threads_native(tab, tagged_task).i, thread.i);
    assert_int_equal(pyr_threads_native(tab, tagged_thread).i, thread.i);
    assert_int_equal(pyr_threads_native(tab, thread).i, thread.i);
    assert_int_equal(pyr_threads_native(tab, orphan).i, orphan.i);
    assert_int_equal(pyr_threads_native(tab, (pyr_thread){0}).i, 0);
    assert_int_equal(pyr_threads_untagged(tab, (pyr_thread){0}).i, 0);
    pyr_threads_free(tab);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        uint32_t added = 0;
        pyr_mem_fail_after(nth);
        struct pyr_threads *tab = pyr_threads_new();
        pyr_thread id = {0};
        while (tab != NULL && added < 100 &&
               pyr_threads_add(tab, &(struct pyr_thread_info){.tid = added}, &id, &err)) {
            added++;
        }
        pyr_mem_fail_after(-1);
        failed = added < 100;
        if (tab != NULL) {
            assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
            assert_int_equal(pyr_threads_count(tab), added);
            assert_int_equal(pyr_threads_stamp(tab), added);
        }
        pyr_threads_free(tab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_threads_stay_two),
        cmocka_unit_test(test_the_stamp_tells_of_changes_and_only_of_changes),
        cmocka_unit_test(test_a_thread_is_known_better_as_time_goes_by),
        cmocka_unit_test(test_ancestors_are_found_by_kind_and_tag),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
