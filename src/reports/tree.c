/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/tree.h"

#include <string.h>

#include "reports/branches.h"
#include "reports/header.h"
#include "reports/table.h"

#define MAX_DEPTH 250
#define DEFAULT_MIN_SHARE 0.01
#define MAX_MIN_SHARE 0.4 /* asking for few rows never prunes more than this */
#define LEAD_PER_LEVEL 2
#define MAX_LEAD_COLUMNS 100 /* where the width is not limited */

struct tree {
    const struct pyr_view *view;
    struct pyr_branches branches;
    struct pyr_table *table; /* NULL while only counting */
    struct pyr_buf lead;     /* a byte per open level: does a branch follow at that level? */
    int64_t threshold;       /* of the main metric */
    uint32_t rows_left;
    uint32_t rows;   /* shown so far */
    uint32_t hidden; /* branches below the threshold */
    uint32_t cut;    /* branches above it, left out when the rows were used up */
    int64_t hidden_value;
    bool passed_over; /* functions of the import system were */
};

static int64_t size_of(int64_t value)
{
    return value < 0 ? -value : value;
}

static bool is_shown(const struct tree *tree, const struct pyr_branch *branch)
{
    return size_of(branch->inclusive) >= tree->threshold;
}

/* The import system and the runner of main programs stand between every two modules. */
static bool is_machinery(const struct pyr_view *view, pyr_func func)
{
    const struct pyr_profile *profile = view->profile;
    const struct pyr_function *f = pyr_functions_get(profile->functions, func);
    const char *file = pyr_strtab_text(profile->strings, f->file);
    const char *name = pyr_strtab_text(profile->strings, f->qualname);
    const char *module = pyr_strtab_text(profile->strings, f->module);
    return strncmp(file, "<frozen ", 8) == 0 ||
           (f->kind == PYR_FUNC_BUILTIN && strcmp(module, "builtins") == 0 &&
            (strcmp(name, "exec") == 0 || strcmp(name, "__import__") == 0));
}

/* Opens a branch; tells whether it is machinery that does nothing but call one thing worth
 * showing, which is then in `*next`. */
static bool open_branch(struct tree *tree, struct pyr_branch branch,
                        struct pyr_branch_figures *figures, struct pyr_branch_level *level,
                        struct pyr_branch *next, struct pyr_err *err)
{
    uint32_t shown = 0;
    *next = (struct pyr_branch){{0}, 0, 0, 0};
    if (!pyr_branches_open(&tree->branches, branch, figures, level, err)) {
        return false;
    }
    for (uint32_t i = level->first; i < level->end; i++) {
        if (is_shown(tree, &tree->branches.branches[i])) {
            *next = tree->branches.branches[i];
            shown++;
        }
    }
    const bool busy = figures->self != 0 && size_of(figures->self) >= tree->threshold;
    if (shown != 1 || busy || !is_machinery(tree->view, branch.func)) {
        next->func = (pyr_func){0};
    }
    return true;
}

/* Opens `*branch`, or what machinery leads to from there: `*branch` becomes that one then, and the
 * levels on the way stay open. Machinery that leads to no function of a module is shown itself. */
static bool pass_over(struct tree *tree, struct pyr_branch *branch,
                      struct pyr_branch_figures *figures, struct pyr_branch_level *level,
                      bool *passed, struct pyr_err *err)
{
    const struct pyr_branches *branches = &tree->branches;
    const struct pyr_branch_level mark = {branches->branch_count, branches->branch_count,
                                          branches->pool_count};
    struct pyr_branch current = *branch;
    struct pyr_branch next;
    *passed = false;
    if (!open_branch(tree, current, figures, level, &next, err)) {
        return false;
    }
    for (uint32_t depth = 0; depth < MAX_DEPTH && next.func.i != 0; depth++) {
        current = next;
        if (!open_branch(tree, current, figures, level, &next, err)) {
            return false;
        }
    }
    if (current.func.i == branch->func.i) {
        return true;
    }
    const struct pyr_functions *functions = tree->view->profile->functions;
    if (tree->view->options->full_paths || is_machinery(tree->view, current.func) ||
        pyr_functions_get(functions, current.func)->kind != PYR_FUNC_PYTHON) {
        pyr_branches_close(&tree->branches, &mark);
        return open_branch(tree, *branch, figures, level, &next, err);
    }
    *branch = current;
    *passed = true;
    tree->passed_over = true;
    return true;
}

/* The lines from the branches above, and this one's own fork. Only the innermost part is drawn
 * where all of it would push the names off the screen. */
static void add_lead(const struct tree *tree, bool last, struct pyr_buf *text)
{
    const bool ascii = tree->view->options->ascii;
    const uint32_t width = tree->view->options->width;
    const size_t room = (width == 0 ? MAX_LEAD_COLUMNS : width / 3) / LEAD_PER_LEVEL;
    const size_t depth = tree->lead.len;
    size_t from = 1; /* the roots have no lines of their own */
    if (depth == 0) {
        return;
    }
    if (depth > room) {
        from = depth - room;
        pyr_buf_add_text(text, ascii ? "~ " : "⋮ ");
    }
    for (size_t i = from; i < depth; i++) {
        const char *line = ascii ? "| " : "│ ";
        pyr_buf_add_text(text, tree->lead.data[i] ? line : "  ");
    }
    if (ascii) {
        pyr_buf_add_text(text, last ? "`-" : "|-");
    } else {
        pyr_buf_add_text(text, last ? "└ " : "├ ");
    }
}

static void add_row(struct tree *tree, const struct pyr_branch *branch,
                    const struct pyr_branch_figures *figures, bool last, bool passed)
{
    const struct pyr_view *view = tree->view;
    struct pyr_table *table = tree->table;
    const enum pyr_style heat = pyr_style_heat(branch->inclusive, view->whole);
    pyr_table_add(table, heat, pyr_figure_share(branch->inclusive, view->whole).text);
    pyr_table_add(table, heat, pyr_view_cell(view->unit, branch->inclusive).text);
    pyr_table_add(table, pyr_style_heat(figures->self, view->whole),
                  pyr_view_cell(view->unit, figures->self).text);
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  view->calls < 0 ? "" : pyr_figure_count(figures->calls).text);

    const size_t start = table->text.len;
    add_lead(tree, last, &table->text);
    if (passed) {
        pyr_buf_add_text(&table->text, view->options->ascii ? ".." : "⋯ ");
    }
    const size_t lead = table->text.len - start;
    pyr_view_add_name(view, branch->func, &table->text);
    if (figures->recursion > 0) {
        pyr_buf_addf(&table->text, view->options->ascii ? " (recursive, %u deep)" : " ↻ %u",
                     (unsigned)figures->recursion);
    }
    const bool hot = size_of(figures->self) * 20 >= size_of(view->whole);
    pyr_table_add_since(table, hot ? PYR_STYLE_STRONG : PYR_STYLE_PLAIN, start, lead);
    const size_t place = table->text.len;
    pyr_view_add_place(view, branch->func, &table->text);
    pyr_table_add_since(table, PYR_STYLE_DIM, place, 0);
}

/* "… 37 more": the branches of one level that were left out, when together they matter. */
static void add_hidden_row(struct tree *tree, uint32_t count, int64_t value)
{
    const struct pyr_view *view = tree->view;
    struct pyr_table *table = tree->table;
    pyr_table_add(table, PYR_STYLE_DIM, pyr_figure_share(value, view->whole).text);
    pyr_table_add(table, PYR_STYLE_DIM, pyr_view_cell(view->unit, value).text);
    pyr_table_add(table, PYR_STYLE_DIM, "");
    pyr_table_add(table, PYR_STYLE_DIM, "");
    const size_t start = table->text.len;
    add_lead(tree, true, &table->text);
    const size_t lead = table->text.len - start;
    pyr_buf_addf(&table->text, "%s %s more", view->options->ascii ? "..." : "…",
                 pyr_figure_count(count).text);
    pyr_table_add_since(table, PYR_STYLE_DIM, start, lead);
    pyr_table_add(table, PYR_STYLE_DIM, "");
}

struct level_sum {
    uint32_t shown;
    uint32_t hidden;
    int64_t hidden_value;
};

static struct level_sum sum_level(const struct tree *tree, const struct pyr_branch_level *level)
{
    struct level_sum sum = {0};
    for (uint32_t i = level->first; i < level->end; i++) {
        const struct pyr_branch *branch = &tree->branches.branches[i];
        if (is_shown(tree, branch)) {
            sum.shown++;
        } else {
            sum.hidden++;
            sum.hidden_value += branch->inclusive;
        }
    }
    return sum;
}

static bool walk(struct tree *tree, const struct pyr_branch_level *level, struct pyr_err *err);

static bool walk_branch(struct tree *tree, struct pyr_branch branch, bool last, struct pyr_err *err)
{
    struct pyr_branch_figures figures;
    struct pyr_branch_level level;
    bool passed = false;
    const struct pyr_branch_level mark = {tree->branches.branch_count, tree->branches.branch_count,
                                          tree->branches.pool_count};
    if (tree->rows_left == 0 || tree->lead.len >= MAX_DEPTH) {
        tree->cut++;
        return true;
    }
    if (!pass_over(tree, &branch, &figures, &level, &passed, err)) {
        return false;
    }
    tree->rows_left--;
    tree->rows++;
    if (tree->table != NULL) {
        add_row(tree, &branch, &figures, last, passed);
    }
    pyr_buf_add_char(&tree->lead, last ? 0 : 1);
    const bool ok = !tree->lead.failed ? walk(tree, &level, err) : pyr_err_nomem(err);
    if (ok) {
        tree->lead.len--;
    }
    pyr_branches_close(&tree->branches, &mark);
    return ok;
}

static bool walk(struct tree *tree, const struct pyr_branch_level *level, struct pyr_err *err)
{
    const struct level_sum sum = sum_level(tree, level);
    const bool hidden_row =
        sum.hidden > 0 && tree->threshold > 0 && size_of(sum.hidden_value) >= tree->threshold;
    uint32_t seen = 0;
    for (uint32_t i = level->first; i < level->end; i++) {
        const struct pyr_branch branch = tree->branches.branches[i];
        if (is_shown(tree, &branch)) {
            seen++;
            if (!walk_branch(tree, branch, seen == sum.shown && !hidden_row, err)) {
                return false;
            }
        }
    }
    tree->hidden += sum.hidden;
    tree->hidden_value += sum.hidden_value;
    if (hidden_row && tree->rows_left > 0) {
        tree->rows++;
        tree->rows_left--;
        if (tree->table != NULL) {
            add_hidden_row(tree, sum.hidden, sum.hidden_value);
        }
    }
    return true;
}

static bool walk_all(struct tree *tree, double min_share, uint32_t rows, struct pyr_err *err)
{
    struct pyr_branch_level level;
    tree->threshold = (int64_t)((double)size_of(tree->view->whole) * min_share);
    if (tree->threshold == 0 && min_share > 0) {
        tree->threshold = 1; /* a few samples: what has none is nothing */
    }
    tree->rows_left = rows;
    tree->rows = tree->hidden = tree->cut = 0;
    tree->hidden_value = 0;
    tree->passed_over = false;
    pyr_buf_clear(&tree->lead);
    if (!pyr_branches_open_root(&tree->branches, &level, err) || !walk(tree, &level, err)) {
        return false;
    }
    pyr_branches_close(&tree->branches, &level);
    return true;
}

static void add_notes(const struct tree *tree, double min_share, struct pyr_buf *out)
{
    const struct pyr_view *view = tree->view;
    const char *dots = view->options->ascii ? "..." : "…";
    if (tree->cut > 0) {
        pyr_header_add_note(view, out, "%s %s more branches; --limit shows more", dots,
                            pyr_figure_count(tree->cut).text);
    }
    if (tree->hidden > 0) {
        pyr_header_add_note(
            view, out, "%s %s branch%s below %.3g %% left out, %s in all; --min-share shows more",
            dots, pyr_figure_count(tree->hidden).text, tree->hidden == 1 ? "" : "es",
            100 * min_share, pyr_figure_share(tree->hidden_value, view->whole).text);
    }
    if (tree->passed_over) {
        pyr_header_add_note(view, out,
                            "%s stands for the import system's own functions; --full-paths shows "
                            "them",
                            view->options->ascii ? ".." : "⋯");
    }
}

/* Prunes harder until the tree fits `rows`, unless the user said where to prune. */
static bool find_share(struct tree *tree, uint32_t rows, double *min_share, struct pyr_err *err)
{
    *min_share = tree->view->options->min_share;
    if (*min_share >= 0) {
        return true;
    }
    for (*min_share = DEFAULT_MIN_SHARE; *min_share < MAX_MIN_SHARE; *min_share *= 1.5) {
        if (!walk_all(tree, *min_share, rows, err)) {
            return false;
        }
        if (tree->cut == 0 && tree->rows_left > 0) {
            break;
        }
    }
    return true;
}

bool pyr_tree_add(const struct pyr_view *view, uint32_t rows, struct pyr_buf *out,
                  struct pyr_err *err)
{
    const bool counted = view->calls >= 0;
    const struct pyr_table_column columns[] = {
        {.title = "%"},
        {.title = "total", .gap = 1},
        {.title = "self"},
        {.title = counted ? "calls" : "", .drop = 5, .gap = counted ? 2 : 1},
        {.title = "function", .left = true, .min = 34, .cut = PYR_CUT_MIDDLE},
        {.title = "where", .left = true, .min = 14, .cut = PYR_CUT_START, .gives_way = true},
    };
    struct pyr_table table = {0};
    struct tree tree = {.view = view};
    double min_share = 0;
    pyr_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    bool ok =
        pyr_branches_init(&tree.branches, view, err) && find_share(&tree, rows, &min_share, err);
    tree.table = &table;
    ok = ok && walk_all(&tree, min_share, rows, err);
    if (ok && tree.rows == 0) {
        pyr_header_add_note(view, out, "Nothing to show.");
    } else if (ok) {
        ok = pyr_table_render(&table, view->options, out, err);
        add_notes(&tree, min_share, out);
    }
    pyr_table_release(&table);
    pyr_branches_release(&tree.branches);
    pyr_buf_release(&tree.lead);
    return ok && pyr_buf_check(out, err);
}

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    struct pyr_view view = {0};
    uint32_t rows = options->limit;
    if (rows == 0) {
        rows = options->min_share >= 0 ? UINT32_MAX : PYR_TREE_DEFAULT_ROWS;
    }
    bool ok = pyr_view_init(&view, profile, options, err);
    if (ok) {
        pyr_header_add(&view, out);
        pyr_buf_add_char(out, '\n');
        ok = pyr_tree_add(&view, rows, out, err);
        pyr_buf_add_char(out, '\n');
    }
    pyr_view_release(&view);
    return ok && pyr_buf_check(out, err);
}

const struct pyr_report pyr_report_tree = {
    .name = "tree",
    .summary = "who called whom, from the outermost call inwards",
    .render = render,
};
