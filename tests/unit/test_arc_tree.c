/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/arc_tree.h"

#include "base/mem.h"
#include "exchange_fixture.h"
#include "model/totals.h"
#include "unit.h"

enum { CALLS, WALL, COLUMNS };

struct graph {
    struct pyr_profile *profile;
    struct pyr_arc_graph arcs;
};

static struct graph graph_new(void)
{
    struct graph g = {0};
    struct pyr_err err = {0};
    uint32_t column = 0;
    g.profile = pyr_profile_new(&err);
    assert_non_null(g.profile);
    assert_true(
        pyr_metrics_add(&g.profile->metrics, g.profile->strings, "calls", "count", &column, &err));
    assert_true(
        pyr_metrics_add(&g.profile->metrics, g.profile->strings, "wall", "ns", &column, &err));
    g.arcs.columns = COLUMNS;
    return g;
}

static void graph_release(struct graph *g)
{
    pyr_profile_free(g->profile);
    pyr_arc_graph_release(&g->arcs);
}

/* '-' is nobody. */
static pyr_frame_id frame_of(struct graph *g, char name)
{
    struct pyr_err err = {0};
    pyr_frame_id frame = {0};
    const char qualname[] = {name, '\0'};
    const struct pyr_function_text text = {qualname, "", "", 0, PYR_FUNC_PYTHON};
    struct pyr_frame place = {0};
    if (name != '-') {
        assert_true(pyr_profile_add_function(g->profile, &text, &place.func, &err));
        assert_true(pyr_frames_add(g->profile->frames, place, &frame, &err));
    }
    return frame;
}

struct arc {
    const char *pair; /* caller and callee */
    int64_t calls, primitive, self, inclusive;
};

static void add_arcs(struct graph *g, const struct arc *arcs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pyr_err err = {0};
        const int64_t values[COLUMNS] = {arcs[i].calls, arcs[i].self};
        const struct pyr_arc arc = {
            .caller = frame_of(g, arcs[i].pair[0]),
            .callee = frame_of(g, arcs[i].pair[1]),
            .inclusive = (double)arcs[i].inclusive,
            .below = (double)(arcs[i].inclusive - arcs[i].self),
            .recursive_share = (double)(arcs[i].calls - arcs[i].primitive) / (double)arcs[i].calls,
        };
        assert_true(pyr_arc_graph_add(&g->arcs, &arc, values, &err));
    }
}

static struct pyr_totals *build(struct graph *g, const struct arc *arcs, size_t count)
{
    struct pyr_err err = {0};
    struct pyr_totals *totals = NULL;
    add_arcs(g, arcs, count);
    assert_true(pyr_arc_tree_build(g->profile, &g->arcs, &err));
    assert_true(pyr_totals_new(g->profile, (pyr_thread){0}, &totals, &err));
    return totals;
}

static struct pyr_total total_of(struct graph *g, const struct pyr_totals *totals, char name)
{
    pyr_func func = pyr_frames_get(g->profile->frames, frame_of(g, name)).func;
    int64_t index = pyr_totals_find_function(totals, func);
    assert_true(index >= 0);
    return pyr_totals_function(totals, (uint32_t)index);
}

/* Every arc of the totals has the calls and self time that the graph says. */
static void assert_arcs_exact(struct graph *g, const struct pyr_totals *totals,
                              const struct arc *arcs, size_t count)
{
    size_t found = 0;
    for (uint32_t t = 0; t < pyr_totals_arc_count(totals); t++) {
        struct pyr_total total = pyr_totals_arc(totals, t);
        for (size_t i = 0; i < count; i++) {
            pyr_frame_id caller = frame_of(g, arcs[i].pair[0]);
            pyr_frame_id callee = frame_of(g, arcs[i].pair[1]);
            uint32_t from = caller.i == 0 ? 0 : pyr_frames_get(g->profile->frames, caller).func.i;
            if (total.caller.i == from &&
                total.func.i == pyr_frames_get(g->profile->frames, callee).func.i) {
                assert_int_equal(total.self[CALLS], arcs[i].calls);
                assert_int_equal(total.self[WALL], arcs[i].self);
                assert_int_equal(total.primitive[CALLS], arcs[i].primitive);
                found++;
            }
        }
    }
    assert_int_equal(found, count);
}

#define COUNT(arcs) (sizeof(arcs) / sizeof((arcs)[0]))

static void test_a_shared_callee_is_dealt_out_by_what_it_cost_below(void **state)
{
    (void)state;
    /* s is called from a and b; what s calls costs 300 below a and 100 below b. */
    static const struct arc arcs[] = {{"-m", 1, 1, 10, 460}, {"ma", 1, 1, 20, 330},
                                      {"mb", 1, 1, 10, 120}, {"as", 1, 1, 10, 310},
                                      {"bs", 1, 1, 10, 110}, {"sz", 40, 40, 400, 400}};
    struct graph g = graph_new();
    struct pyr_totals *totals = build(&g, arcs, COUNT(arcs));
    assert_arcs_exact(&g, totals, arcs, COUNT(arcs));
    assert_int_equal(exchange_fixture_value(g.profile, "m;a;s;z", "wall"), 300);
    assert_int_equal(exchange_fixture_value(g.profile, "m;b;s;z", "wall"), 100);
    assert_int_equal(exchange_fixture_value(g.profile, "m;a;s;z", "calls"), 30);
    assert_int_equal(total_of(&g, totals, 'a').inclusive[WALL], 330);
    assert_int_equal(total_of(&g, totals, 'b').inclusive[WALL], 120);
    assert_int_equal(total_of(&g, totals, 'm').inclusive[WALL], 460);
    pyr_totals_free(totals);
    graph_release(&g);
}

static void test_recursion_counts_once(void **state)
{
    (void)state;
    static const struct arc arcs[] = {{"-m", 1, 1, 10, 210},
                                      {"mf", 1, 1, 50, 200},
                                      {"ff", 24, 8, 120, 140},
                                      {"fl", 25, 25, 30, 30}};
    struct graph g = graph_new();
    struct pyr_totals *totals = build(&g, arcs, COUNT(arcs));
    assert_arcs_exact(&g, totals, arcs, COUNT(arcs));
    struct pyr_total f = total_of(&g, totals, 'f');
    assert_int_equal(f.self[CALLS], 25);
    assert_int_equal(f.primitive[CALLS], 1);
    assert_int_equal(f.inclusive[WALL], 200);
    assert_int_equal(exchange_fixture_value(g.profile, "m;f;f", "calls"), 8);
    assert_int_equal(exchange_fixture_value(g.profile, "m;f;f;f", "calls"), 16);
    pyr_totals_free(totals);
    graph_release(&g);
}

static void test_mutual_recursion_counts_once(void **state)
{
    (void)state;
    static const struct arc arcs[] = {
        {"-m", 1, 1, 1, 101}, {"me", 1, 1, 2, 100}, {"eo", 15, 1, 60, 98}, {"oe", 14, 1, 38, 90}};
    struct graph g = graph_new();
    struct pyr_totals *totals = build(&g, arcs, COUNT(arcs));
    assert_arcs_exact(&g, totals, arcs, COUNT(arcs));
    assert_int_equal(total_of(&g, totals, 'e').primitive[CALLS], 1);
    assert_int_equal(total_of(&g, totals, 'o').primitive[CALLS], 1);
    assert_int_equal(total_of(&g, totals, 'e').inclusive[WALL], 100);
    assert_int_equal(total_of(&g, totals, 'm').inclusive[WALL], 101);
    pyr_totals_free(totals);
    graph_release(&g);
}

static void test_a_circle_that_nothing_leads_into_is_kept(void **state)
{
    (void)state;
    static const struct arc arcs[] = {
        {"-m", 1, 1, 5, 5}, {"ab", 3, 3, 30, 60}, {"ba", 2, 2, 20, 40}};
    struct graph g = graph_new();
    struct pyr_totals *totals = build(&g, arcs, COUNT(arcs));
    assert_arcs_exact(&g, totals, arcs, COUNT(arcs));
    pyr_totals_free(totals);
    graph_release(&g);
}

static void test_odd_values_are_dealt_out_whole(void **state)
{
    (void)state;
    /* 7 calls over three callers of equal weight, a negative time, and the largest one. */
    static const struct arc arcs[] = {{"-a", 1, 1, 0, 9},   {"-b", 1, 1, 0, 9},
                                      {"-c", 1, 1, 0, 9},   {"as", 1, 1, 1, 4},
                                      {"bs", 1, 1, 1, 4},   {"cs", 1, 1, 1, 4},
                                      {"sx", 7, 7, -11, 1}, {"sy", 7, 7, INT64_MAX / 4, 1}};
    struct graph g = graph_new();
    struct pyr_totals *totals = build(&g, arcs, COUNT(arcs));
    assert_arcs_exact(&g, totals, arcs, COUNT(arcs));
    pyr_totals_free(totals);
    graph_release(&g);
}

/* 2^40 paths lead through 40 diamonds, one after the other. */
static void test_the_tree_stays_in_proportion_to_the_graph(void **state)
{
    (void)state;
    struct graph g = graph_new();
    struct pyr_err err = {0};
    const size_t diamonds = 40;
    pyr_frame_id frames[3 * 40 + 1]; /* three per diamond, and the last end */
    for (size_t i = 0; i < 3 * diamonds + 1; i++) {
        frames[i] = frame_of(&g, (char)('0' + i));
    }
    const int64_t values[COLUMNS] = {1, 1};
    const struct pyr_arc root = {.callee = frames[0], .inclusive = 1e6, .below = 1e6};
    assert_true(pyr_arc_graph_add(&g.arcs, &root, values, &err));
    for (size_t d = 0; d < diamonds; d++) {
        for (size_t side = 1; side <= 2; side++) {
            const struct pyr_arc in = {frames[3 * d], frames[3 * d + side], 1e5, 1e5, 0};
            const struct pyr_arc out = {frames[3 * d + side], frames[3 * d + 3], 1e5, 1e5, 0};
            assert_true(pyr_arc_graph_add(&g.arcs, &in, values, &err));
            assert_true(pyr_arc_graph_add(&g.arcs, &out, values, &err));
        }
    }
    assert_true(pyr_arc_tree_build(g.profile, &g.arcs, &err));
    assert_in_range(pyr_stacks_count(g.profile->stacks), g.arcs.count, 20000);
    int64_t calls = 0;
    for (uint32_t i = 1; i <= pyr_values_count(g.profile->values); i++) {
        calls += pyr_values_get(g.profile->values, i).v[CALLS];
    }
    assert_int_equal(calls, g.arcs.count);
    graph_release(&g);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    static const struct arc arcs[] = {{"-m", 1, 1, 10, 210},
                                      {"mf", 1, 1, 50, 200},
                                      {"ff", 24, 8, 120, 140},
                                      {"fl", 25, 25, 30, 30}};
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct graph g = graph_new();
        struct pyr_err err = {0};
        add_arcs(&g, arcs, COUNT(arcs));
        pyr_mem_fail_after(nth);
        failed = !pyr_arc_tree_build(g.profile, &g.arcs, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        graph_release(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_shared_callee_is_dealt_out_by_what_it_cost_below),
        cmocka_unit_test(test_recursion_counts_once),
        cmocka_unit_test(test_mutual_recursion_counts_once),
        cmocka_unit_test(test_a_circle_that_nothing_leads_into_is_kept),
        cmocka_unit_test(test_odd_values_are_dealt_out_whole),
        cmocka_unit_test(test_the_tree_stays_in_proportion_to_the_graph),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
