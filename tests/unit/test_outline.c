/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/outline.h"

#include <stdio.h>

#include "base/mem.h"
#include "report_fixture.h"
#include "unit.h"

static pyr_stack push(struct pyr_profile *profile, pyr_stack parent, const char *name,
                      const char *file)
{
    struct pyr_err err = {0};
    const struct pyr_function_text text = {name, "m", file, 1, PYR_FUNC_PYTHON};
    pyr_func func;
    pyr_stack stack;
    assert_true(pyr_profile_add_function(profile, &text, &func, &err));
    assert_true(pyr_profile_push(profile, parent, func, 0, &stack, &err));
    return stack;
}

static void add(struct pyr_profile *profile, pyr_stack stack, int64_t value)
{
    struct pyr_err err = {0};
    assert_true(pyr_values_add(profile->values, stack, (pyr_thread){0}, 0, value, &err));
}

/* A main program that imports, through three functions of the import system that spend 30 of their
 * own, two modules; and a thread as large, whose library calls itself down to one that works. */
static struct pyr_profile *program(void)
{
    struct pyr_profile *profile = report_fixture_sampled();
    const char *frozen = "<frozen importlib._bootstrap>";
    const char *library = "/usr/lib/python3.12/threading.py";
    const pyr_stack main = push(profile, (pyr_stack){0}, "<module>", "app.py");
    const pyr_stack find = push(profile, main, "_find_and_load", frozen);
    const pyr_stack load = push(profile, find, "_load_unlocked", frozen);
    const pyr_stack call = push(profile, load, "_call_with_frames_removed", frozen);
    add(profile, find, 10);
    add(profile, load, 20);
    add(profile, push(profile, call, "<module>", "a.py"), 3000);
    add(profile, push(profile, load, "<module>", "b.py"), 2000);
    const pyr_stack entry = push(profile, (pyr_stack){0}, "start", library);
    const pyr_stack middle = push(profile, entry, "bootstrap", library);
    const pyr_stack run = push(profile, middle, "run", library);
    add(profile, middle, 1);
    add(profile, run, 100);
    add(profile, push(profile, run, "own", "app.py"), 4000);
    return profile;
}

struct fixture {
    struct pyr_profile *profile;
    struct pyr_report_options options;
    struct pyr_view view;
    struct pyr_outline outline;
};

static void fill(struct fixture *f, struct pyr_profile *profile, uint32_t lines)
{
    struct pyr_err err = {0};
    f->profile = profile;
    assert_true(pyr_view_init(&f->view, profile, &f->options, &err));
    assert_true(pyr_outline_fill(&f->outline, &f->view, lines, &err));
}

static void release(struct fixture *f)
{
    pyr_outline_release(&f->outline);
    pyr_view_release(&f->view);
    pyr_profile_free(f->profile);
}

/* The name of a node's function, with its file where it is a module's code. */
static const char *name_of(const struct fixture *f, const struct pyr_outline_node *node)
{
    static char text[64];
    const struct pyr_function *func = pyr_functions_get(f->profile->functions, node->branch.func);
    snprintf(text, sizeof text, "%s %s", pyr_strtab_text(f->profile->strings, func->qualname),
             pyr_strtab_text(f->profile->strings, func->file));
    return text;
}

static void assert_sums(const struct pyr_outline *outline)
{
    for (uint32_t i = 1; i < outline->node_count; i++) {
        const struct pyr_outline_node *node = &outline->nodes[i];
        int64_t sum = node->figures.self + node->hidden_value;
        for (uint32_t k = 1; k < outline->node_count; k++) {
            sum += outline->nodes[k].parent == i ? outline->nodes[k].branch.inclusive : 0;
        }
        assert_int_equal(sum, node->branch.inclusive);
    }
}

static void test_imported_modules_are_children_of_the_importing_one(void **state)
{
    (void)state;
    struct fixture f = {.options = report_fixture_options()};
    f.options.min_share = 0;
    fill(&f, program(), UINT32_MAX);
    uint32_t imported = 0;
    for (uint32_t i = 1; i < f.outline.node_count; i++) {
        const struct pyr_outline_node *node = &f.outline.nodes[i];
        const struct pyr_outline_node *parent = &f.outline.nodes[node->parent];
        if (node->branch.imported) {
            assert_true(node->folded);
            assert_string_equal(name_of(&f, parent), "<module> app.py");
            imported++;
        }
        if (node->branch.func.i == f.outline.branches.machinery.i) {
            assert_int_equal(node->figures.self, 30);
            assert_int_equal(node->branch.inclusive, 30);
        }
    }
    assert_int_equal(imported, 3);
    assert_sums(&f.outline);
    release(&f);
}

static void test_full_paths_hide_no_function(void **state)
{
    (void)state;
    struct fixture f = {.options = report_fixture_options()};
    f.options.full_paths = true;
    f.options.min_share = 0;
    fill(&f, program(), UINT32_MAX);
    for (uint32_t i = 1; i < f.outline.node_count; i++) {
        assert_false(f.outline.nodes[i].folded);
    }
    assert_int_equal(f.outline.node_count, 1 + 2 + 10); /* the fixture's own, and ours */
    release(&f);
}

static void test_a_librarys_own_calls_take_one_line(void **state)
{
    (void)state;
    struct fixture f = {.options = report_fixture_options()};
    fill(&f, program(), UINT32_MAX);
    bool found = false;
    for (uint32_t i = 1; i < f.outline.node_count; i++) {
        const char *name = name_of(&f, &f.outline.nodes[i]);
        assert_string_not_equal(name, "bootstrap /usr/lib/python3.12/threading.py");
        if (f.outline.nodes[i].folded && f.outline.nodes[i].figures.self == 100) {
            assert_string_equal(name, "run /usr/lib/python3.12/threading.py");
            const struct pyr_outline_node *parent = &f.outline.nodes[f.outline.nodes[i].parent];
            assert_string_equal(name_of(&f, parent), "start /usr/lib/python3.12/threading.py");
            found = true;
        }
    }
    assert_true(found);
    assert_sums(&f.outline);
    release(&f);
}

static void test_any_number_of_lines_holds_the_largest_and_adds_up(void **state)
{
    (void)state;
    for (uint32_t lines = 1; lines < 12; lines++) {
        struct fixture f = {.options = report_fixture_options()};
        int64_t smallest = INT64_MAX;
        fill(&f, program(), lines);
        assert_true(f.outline.node_count > 1);
        assert_true(f.outline.lines <= lines || lines == 1);
        assert_sums(&f.outline);
        for (uint32_t i = 1; i < f.outline.node_count; i++) {
            const int64_t size = f.outline.nodes[i].branch.inclusive;
            smallest = size < smallest ? size : smallest;
        }
        for (uint32_t i = 0; i < f.outline.node_count; i++) {
            const struct pyr_outline_node *node = &f.outline.nodes[i];
            for (uint32_t b = node->level.first; b < node->level.end; b++) {
                const struct pyr_branch *branch = &f.outline.branches.branches[b];
                assert_true(branch->mark != 0 || branch->inclusive <= smallest);
            }
        }
        release(&f);
    }
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool done = false;
    for (long count = 0; !done; count++) {
        struct fixture f = {.options = report_fixture_options(), .profile = program()};
        struct pyr_err err = {0};
        assert_true(pyr_view_init(&f.view, f.profile, &f.options, &err));
        pyr_mem_fail_after(count);
        done = pyr_outline_fill(&f.outline, &f.view, 20, &err);
        pyr_mem_fail_after(-1);
        assert_true(done || err.code == PYR_ERR_NOMEM);
        release(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_imported_modules_are_children_of_the_importing_one),
        cmocka_unit_test(test_full_paths_hide_no_function),
        cmocka_unit_test(test_a_librarys_own_calls_take_one_line),
        cmocka_unit_test(test_any_number_of_lines_holds_the_largest_and_adds_up),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
