/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The totals against a reference that does everything the long way, and against known answers. */
#include "model/totals.h"

#include "base/mem.h"
#include "unit.h"

#include "short_profile.h"

static struct pyr_totals *totals_of(const struct pyr_profile *profile, uint32_t thread)
{
    struct pyr_err err = {0};
    struct pyr_totals *totals = NULL;
    assert_true(pyr_totals_new(profile, (pyr_thread){thread}, &totals, &err));
    return totals;
}

static struct pyr_total total_of(const struct pyr_totals *totals, struct pyr_profile *profile,
                                 char name)
{
    int64_t index = pyr_totals_find_function(totals, short_function(profile, name));
    assert_true(index >= 0);
    struct pyr_total total = pyr_totals_function(totals, (uint32_t)index);
    assert_int_equal(total.func.i, short_function(profile, name).i);
    assert_int_equal(total.caller.i, 0);
    return total;
}

/* A caller of '\0' means none. */
static struct pyr_total arc_of(const struct pyr_totals *totals, struct pyr_profile *profile,
                               char caller, char callee)
{
    static const int64_t nothing[PYR_MAX_METRICS] = {0};
    uint32_t from = caller == '\0' ? 0 : short_function(profile, caller).i;
    uint32_t to = short_function(profile, callee).i;
    for (uint32_t i = 0; i < pyr_totals_arc_count(totals); i++) {
        struct pyr_total total = pyr_totals_arc(totals, i);
        if (total.caller.i == from && total.func.i == to) {
            return total;
        }
    }
    fail_msg("no arc from %c to %c", caller, callee);
    return (struct pyr_total){.self = nothing, .inclusive = nothing, .primitive = nothing};
}

static void test_an_empty_profile_has_empty_totals(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    struct pyr_totals *totals = totals_of(p, 0);
    assert_int_equal(pyr_totals_function_count(totals), 0);
    assert_int_equal(pyr_totals_arc_count(totals), 0);
    assert_int_equal(pyr_totals_first_child(totals, (pyr_stack){0}).i, 0);
    assert_int_equal(pyr_totals_find_function(totals, (pyr_func){1}), -1);
    assert_int_equal(pyr_totals_find_function(totals, (pyr_func){0}), -1);
    pyr_totals_free(totals);
    pyr_totals_free(NULL);
    pyr_profile_free(p);
}

static void test_inclusive_is_self_and_all_that_is_called(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    short_add(p, "a", 1, "wall", 1);
    short_add(p, "ab", 1, "wall", 20);
    short_add(p, "ac", 1, "wall", 300);
    short_add(p, "abc", 1, "wall", 4000);
    struct pyr_totals *totals = totals_of(p, 0);
    assert_int_equal(pyr_totals_stack_inclusive(totals, (pyr_stack){0})[0], 4321);
    assert_int_equal(pyr_totals_stack_self(totals, (pyr_stack){0})[0], 0);
    assert_int_equal(pyr_totals_stack_inclusive(totals, short_stack(p, "ab"))[0], 4020);
    assert_int_equal(pyr_totals_stack_self(totals, short_stack(p, "ab"))[0], 20);
    assert_int_equal(total_of(totals, p, 'a').inclusive[0], 4321);
    assert_int_equal(total_of(totals, p, 'c').inclusive[0], 4300);
    assert_int_equal(total_of(totals, p, 'c').self[0], 4300);
    assert_int_equal(arc_of(totals, p, 'a', 'c').self[0], 300);
    assert_int_equal(arc_of(totals, p, 'b', 'c').self[0], 4000);
    assert_int_equal(arc_of(totals, p, '\0', 'a').inclusive[0], 4321);
    assert_int_equal(pyr_totals_arc_count(totals), 4);
    pyr_totals_free(totals);
    pyr_profile_free(p);
}

/* f calls itself, twice: what cProfile shows as 3/1 calls. */
static void test_recursion_counts_each_moment_once(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    static const char *const stacks[] = {"f", "ff", "fff"};
    for (int i = 0; i < 3; i++) {
        short_add(p, stacks[i], 1, "calls", 1);
        short_add(p, stacks[i], 1, "wall", 10);
    }
    struct pyr_totals *totals = totals_of(p, 0);
    struct pyr_total f = total_of(totals, p, 'f');
    assert_int_equal(f.self[0], 3);
    assert_int_equal(f.primitive[0], 1);
    assert_int_equal(f.self[1], 30);
    assert_int_equal(f.inclusive[1], 30);
    struct pyr_total from_none = arc_of(totals, p, '\0', 'f');
    assert_int_equal(from_none.self[0], 1);
    assert_int_equal(from_none.inclusive[1], 30);
    struct pyr_total from_f = arc_of(totals, p, 'f', 'f');
    assert_int_equal(from_f.self[0], 2);
    assert_int_equal(from_f.primitive[0], 1); /* the second lies below the first */
    assert_int_equal(from_f.inclusive[1], 20);
    pyr_totals_free(totals);
    pyr_profile_free(p);
}

static void test_mutual_recursion_counts_each_moment_once(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    static const char *const stacks[] = {"m", "ma", "mab", "maba", "mabab", "mb", "mba"};
    for (int i = 0; i < 7; i++) {
        short_add(p, stacks[i], 1, "calls", 1);
        short_add(p, stacks[i], 1, "wall", 1);
    }
    struct pyr_totals *totals = totals_of(p, 0);
    struct pyr_total a = total_of(totals, p, 'a');
    assert_int_equal(a.self[0], 3);
    assert_int_equal(a.primitive[0], 2); /* ma, mba */
    assert_int_equal(a.inclusive[1], 4 + 1);
    struct pyr_total b = total_of(totals, p, 'b');
    assert_int_equal(b.primitive[0], 2); /* mab, mb */
    assert_int_equal(b.inclusive[1], 3 + 2);
    struct pyr_total a_to_b = arc_of(totals, p, 'a', 'b');
    assert_int_equal(a_to_b.self[0], 2);
    assert_int_equal(a_to_b.primitive[0], 1);
    assert_int_equal(a_to_b.inclusive[1], 3);
    pyr_totals_free(totals);
    pyr_profile_free(p);
}

static void test_lines_of_one_function_are_one_function(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    pyr_func f = short_function(p, 'f');
    uint32_t column = 0;
    assert_true(pyr_metrics_add(&p->metrics, p->strings, "samples", "count", &column, &err));
    pyr_stack stack = {0};
    for (uint32_t line = 1; line <= 3; line++) {
        assert_true(pyr_profile_push(p, stack, f, line, &stack, &err));
        assert_true(pyr_values_add(p->values, stack, (pyr_thread){0}, column, 1, &err));
    }
    struct pyr_totals *totals = totals_of(p, 0);
    assert_int_equal(pyr_totals_function_count(totals), 1);
    assert_int_equal(total_of(totals, p, 'f').inclusive[0], 3);
    assert_int_equal(total_of(totals, p, 'f').primitive[0], 1);
    pyr_totals_free(totals);
    pyr_profile_free(p);
}

static void test_one_thread_is_told_apart(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    short_add(p, "a", 1, "wall", 1);
    short_add(p, "ab", 1, "wall", 2);
    short_add(p, "ab", 2, "wall", 40);
    short_add(p, "abc", 2, "wall", 0);
    short_add(p, "d", 0, "wall", 500);
    struct pyr_totals *all = totals_of(p, 0);
    struct pyr_totals *first = totals_of(p, 1);
    struct pyr_totals *second = totals_of(p, 2);
    assert_int_equal(pyr_totals_stack_inclusive(all, (pyr_stack){0})[0], 543);
    assert_int_equal(pyr_totals_stack_inclusive(first, (pyr_stack){0})[0], 3);
    assert_int_equal(pyr_totals_stack_inclusive(second, (pyr_stack){0})[0], 40);
    assert_int_equal(pyr_totals_function_count(all), 4);
    assert_int_equal(pyr_totals_function_count(first), 2);
    assert_int_equal(pyr_totals_function_count(second), 3); /* c ran, if only for no time */
    assert_int_equal(pyr_totals_find_function(first, short_function(p, 'c')), -1);
    assert_int_equal(pyr_totals_first_child(first, short_stack(p, "ab")).i, 0);
    assert_int_equal(pyr_totals_first_child(second, short_stack(p, "ab")).i,
                     short_stack(p, "abc").i);
    pyr_totals_free(all);
    pyr_totals_free(first);
    pyr_totals_free(second);
    pyr_profile_free(p);
}

static void test_children_come_in_the_order_of_their_ids(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    static const char *const stacks[] = {"a", "z", "ac", "ab", "m", "aa"};
    for (int i = 0; i < 6; i++) {
        short_add(p, stacks[i], 1, "wall", 1);
    }
    struct pyr_totals *totals = totals_of(p, 0);
    static const char *const roots[] = {"a", "z", "m"};
    static const char *const below[] = {"ac", "ab", "aa"};
    pyr_stack root = pyr_totals_first_child(totals, (pyr_stack){0});
    pyr_stack child = pyr_totals_first_child(totals, short_stack(p, "a"));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(root.i, short_stack(p, roots[i]).i);
        assert_int_equal(child.i, short_stack(p, below[i]).i);
        root = pyr_totals_next_sibling(totals, root);
        child = pyr_totals_next_sibling(totals, child);
    }
    assert_int_equal(root.i, 0);
    assert_int_equal(child.i, 0);
    pyr_totals_free(totals);
    pyr_profile_free(p);
}

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static struct pyr_profile *random_profile(uint64_t seed)
{
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    for (uint32_t i = 0; i < 120; i++) {
        char names[10] = {0};
        uint32_t len = 1 + next_random(&seed) % 8;
        for (uint32_t k = 0; k < len; k++) {
            names[k] = (char)('a' + next_random(&seed) % 4);
        }
        uint32_t thread = 1 + next_random(&seed) % 2;
        short_add(p, names, thread, "calls", next_random(&seed) % 5);
        short_add(p, names, thread, "wall", (int64_t)(next_random(&seed) % 2000) - 500);
    }
    return p;
}

static bool is_match(const struct pyr_profile *p, pyr_stack stack, struct pyr_total total, bool arc)
{
    pyr_stack parent = pyr_stacks_get(p->stacks, stack).parent;
    return pyr_profile_stack_function(p, stack).i == total.func.i &&
           (!arc || pyr_profile_stack_function(p, parent).i == total.caller.i);
}

/* How many stacks on the way from `stack` to the root are of the function or arc. */
static uint32_t matches_on_path(const struct pyr_profile *p, pyr_stack stack,
                                struct pyr_total total, bool arc)
{
    uint32_t count = 0;
    for (; stack.i != 0; stack = pyr_stacks_get(p->stacks, stack).parent) {
        count += is_match(p, stack, total, arc);
    }
    return count;
}

static void check_total(const struct pyr_profile *p, uint32_t thread, struct pyr_total total,
                        bool arc)
{
    for (uint32_t m = 0; m < p->metrics.count; m++) {
        int64_t self = 0;
        int64_t inclusive = 0;
        int64_t primitive = 0;
        for (uint32_t i = 1; i <= pyr_values_count(p->values); i++) {
            struct pyr_value_row row = pyr_values_get(p->values, i);
            uint32_t on_path = matches_on_path(p, row.stack, total, arc);
            bool top = is_match(p, row.stack, total, arc);
            if (thread != 0 && row.thread.i != thread) {
                continue;
            }
            self += top ? row.v[m] : 0;
            inclusive += on_path > 0 ? row.v[m] : 0;
            primitive += top && on_path == 1 ? row.v[m] : 0;
        }
        assert_int_equal(total.self[m], self);
        assert_int_equal(total.inclusive[m], inclusive);
        assert_int_equal(total.primitive[m], primitive);
    }
}

static void check_order(struct pyr_total before, struct pyr_total total)
{
    assert_true(before.func.i < total.func.i ||
                (before.func.i == total.func.i && before.caller.i < total.caller.i));
}

static void test_random_profiles_agree_with_the_long_way(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct pyr_profile *p = random_profile(seed);
        for (uint32_t thread = 0; thread <= 2; thread++) {
            struct pyr_totals *totals = totals_of(p, thread);
            assert_int_equal(pyr_totals_function_count(totals), 4);
            for (uint32_t i = 0; i < pyr_totals_function_count(totals); i++) {
                check_total(p, thread, pyr_totals_function(totals, i), false);
            }
            int64_t self_of_all_arcs = 0;
            for (uint32_t i = 0; i < pyr_totals_arc_count(totals); i++) {
                struct pyr_total arc = pyr_totals_arc(totals, i);
                check_total(p, thread, arc, true);
                self_of_all_arcs += arc.self[1];
                if (i > 0) {
                    check_order(pyr_totals_arc(totals, i - 1), arc);
                }
            }
            assert_int_equal(self_of_all_arcs,
                             pyr_totals_stack_inclusive(totals, (pyr_stack){0})[1]);
            pyr_totals_free(totals);
        }
        pyr_profile_free(p);
    }
}

static void test_a_stack_may_be_deeper_than_the_machines_own(void **state)
{
    (void)state;
    const uint32_t depth = 300000;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    pyr_func func[2] = {short_function(p, 'a'), short_function(p, 'b')};
    pyr_stack stack = {0};
    short_add(p, "a", 0, "wall", 0);
    for (uint32_t i = 0; i < depth; i++) {
        assert_true(pyr_profile_push(p, stack, func[i % 2], 0, &stack, &err));
        assert_true(pyr_values_add(p->values, stack, (pyr_thread){0}, 0, 1, &err));
    }
    struct pyr_totals *totals = totals_of(p, 0);
    assert_int_equal(total_of(totals, p, 'a').inclusive[0], depth);
    assert_int_equal(total_of(totals, p, 'b').inclusive[0], depth - 1);
    assert_int_equal(total_of(totals, p, 'b').primitive[0], 1);
    assert_int_equal(arc_of(totals, p, 'b', 'a').inclusive[0], depth - 2);
    pyr_totals_free(totals);
    pyr_profile_free(p);
}

static void test_sums_stop_at_the_ends_of_the_range(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    short_add(p, "a", 0, "wall", INT64_MAX);
    short_add(p, "ab", 0, "wall", INT64_MAX);
    struct pyr_totals *totals = totals_of(p, 0);
    assert_true(total_of(totals, p, 'a').inclusive[0] == INT64_MAX);
    pyr_totals_free(totals);
    pyr_profile_free(p);
}

/* Groups that take all threads between them share out every figure of the whole. */
static void test_groups_of_threads_add_up_to_the_whole(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    const struct pyr_thread_info info = {.tid = 1};
    const uint32_t group_of[] = {2, 1, 2, 1, 3};
    const int64_t expected[] = {0, 4010, 301, 50000};
    for (int i = 0; i < 4; i++) {
        pyr_thread thread;
        assert_true(pyr_threads_add(p->threads, &info, &thread, &err));
    }
    short_add(p, "a", 0, "wall", 1);
    short_add(p, "ab", 1, "wall", 10);
    short_add(p, "aba", 2, "wall", 300);
    short_add(p, "ab", 3, "wall", 4000);
    short_add(p, "c", 4, "wall", 50000);
    short_add(p, "c", 9, "wall", 600000); /* of a thread that there is not: of no group */
    for (uint32_t group = 0; group <= 3; group++) {
        struct pyr_totals *totals = NULL;
        assert_true(pyr_totals_new_group(p, group_of, group, &totals, &err));
        assert_int_equal(pyr_totals_stack_inclusive(totals, (pyr_stack){0})[0], expected[group]);
        if (group == 2) {
            assert_int_equal(total_of(totals, p, 'a').inclusive[0], 301);
            assert_int_equal(total_of(totals, p, 'b').inclusive[0], 300);
            assert_int_equal(pyr_totals_find_function(totals, short_function(p, 'c')), -1);
        }
        pyr_totals_free(totals);
    }
    pyr_profile_free(p);
}

static void test_ids_that_lead_nowhere_are_refused(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_totals *totals = NULL;
    struct pyr_profile *p = pyr_profile_new(&err);
    short_add(p, "a", 0, "wall", 1);
    assert_true(pyr_values_add(p->values, (pyr_stack){2}, (pyr_thread){0}, 0, 1, &err));
    assert_false(pyr_totals_new(p, (pyr_thread){0}, &totals, &err));
    assert_int_equal(err.code, PYR_ERR_FORMAT);
    assert_null(totals);
    pyr_profile_free(p);

    p = pyr_profile_new(&err);
    pyr_stack stack = {0};
    assert_true(pyr_profile_push(p, stack, (pyr_func){1}, 0, &stack, &err));
    assert_false(pyr_totals_new(p, (pyr_thread){0}, &totals, &err));
    pyr_profile_free(p);

    p = pyr_profile_new(&err);
    assert_true(pyr_stacks_add(p->stacks, (pyr_stack){0}, (pyr_frame_id){1}, &stack, &err));
    assert_false(pyr_totals_new(p, (pyr_thread){0}, &totals, &err));
    pyr_profile_free(p);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    struct pyr_profile *p = random_profile(7);
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_totals *totals = NULL;
        pyr_mem_fail_after(nth);
        failed = !pyr_totals_new(p, (pyr_thread){0}, &totals, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(totals == NULL, failed);
        pyr_totals_free(totals);
    }
    pyr_profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_profile_has_empty_totals),
        cmocka_unit_test(test_inclusive_is_self_and_all_that_is_called),
        cmocka_unit_test(test_recursion_counts_each_moment_once),
        cmocka_unit_test(test_mutual_recursion_counts_each_moment_once),
        cmocka_unit_test(test_lines_of_one_function_are_one_function),
        cmocka_unit_test(test_one_thread_is_told_apart),
        cmocka_unit_test(test_children_come_in_the_order_of_their_ids),
        cmocka_unit_test(test_random_profiles_agree_with_the_long_way),
        cmocka_unit_test(test_a_stack_may_be_deeper_than_the_machines_own),
        cmocka_unit_test(test_sums_stop_at_the_ends_of_the_range),
        cmocka_unit_test(test_groups_of_threads_add_up_to_the_whole),
        cmocka_unit_test(test_ids_that_lead_nowhere_are_refused),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
