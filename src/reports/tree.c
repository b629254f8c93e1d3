/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "reports/tree.h"

#include <string.h>

#include "reports/header.h"
#include "reports/outline.h"
#include "reports/sections.h"
#include "reports/table.h"

#define LEAD_PER_LEVEL 2
#define ROWS_EACH 24         /* of a report in sections */
#define MAX_LEAD_COLUMNS 100 /* where the width is not limited */

struct tree {
    const struct pyr_view *view;
    struct pyr_outline outline;
    struct pyr_table table;
    struct pyr_buf lead; /* a byte per open level: does a branch follow at that level? */
    uint32_t rows_left;
};

static int64_t size_of(int64_t value)
{
    return value < 0 ? -value : value;
}

static const char *dots(const struct tree *tree)
{
    return tree->view->options->ascii ? "..." : "…";
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

static void add_names(struct tree *tree, const struct pyr_outline_node *node, size_t start)
{
    const struct pyr_view *view = tree->view;
    const bool ascii = view->options->ascii;
    const bool is_import = node->branch.func.i == tree->outline.branches.machinery.i;
    const bool hot = size_of(node->figures.self) * 20 >= size_of(view->whole);
    struct pyr_table *table = &tree->table;
    if (node->folded) {
        pyr_buf_add_text(&table->text, ascii ? ".. " : "⋯ ");
    }
    const size_t lead = table->text.len - start;
    if (is_import) {
        pyr_buf_add_text(&table->text, "(import system)");
    } else {
        pyr_view_add_name(view, node->branch.func, &table->text);
    }
    if (node->figures.recursion > 0) {
        pyr_buf_addf(&table->text, ascii ? " (recursive, %u deep)" : " ↻ %u",
                     (unsigned)node->figures.recursion);
    }
    if (node->shown == 0 && pyr_outline_has_rest(&tree->outline, node)) {
        pyr_buf_addf(&table->text, " %s %s more", dots(tree), pyr_figure_count(node->hidden).text);
    }
    pyr_table_add_since(table, hot ? PYR_STYLE_STRONG : PYR_STYLE_PLAIN, start, lead);
    const size_t place = table->text.len;
    if (!is_import) {
        pyr_view_add_place(view, node->branch.func, &table->text);
    }
    pyr_table_add_since(table, PYR_STYLE_DIM, place, 0);
}

/* How the total divides, where that is known. */
static void add_cpu(const struct pyr_view *view, int64_t cpu, int64_t waiting, enum pyr_style style,
                    struct pyr_table *table)
{
    const bool known = view->cpu >= 0;
    pyr_table_add(table, style, known ? pyr_view_cell(PYR_UNIT_NS, cpu).text : "");
    pyr_table_add(table, style, known ? pyr_view_cell(PYR_UNIT_NS, waiting).text : "");
}

static void add_row(struct tree *tree, const struct pyr_outline_node *node, bool last)
{
    const struct pyr_view *view = tree->view;
    const int64_t inclusive = node->branch.inclusive;
    struct pyr_table *table = &tree->table;
    const enum pyr_style heat = pyr_style_heat(inclusive, view->whole);
    pyr_table_add(table, heat, pyr_figure_share(inclusive, view->whole).text);
    pyr_table_add(table, heat, pyr_view_cell(view->unit, inclusive).text);
    add_cpu(view, node->figures.cpu, node->figures.waiting, PYR_STYLE_PLAIN, table);
    pyr_table_add(table, pyr_style_heat(node->figures.self, view->whole),
                  pyr_view_cell(view->unit, node->figures.self).text);
    pyr_table_add(table, PYR_STYLE_PLAIN,
                  view->calls < 0 ? "" : pyr_figure_count(node->figures.calls).text);
    const size_t start = table->text.len;
    add_lead(tree, last, &table->text);
    add_names(tree, node, start);
}

/* "… 37 more": the branches of one level that were left out, when together they matter. */
static void add_rest_row(struct tree *tree, const struct pyr_outline_node *node)
{
    const struct pyr_view *view = tree->view;
    struct pyr_table *table = &tree->table;
    pyr_table_add(table, PYR_STYLE_DIM, pyr_figure_share(node->hidden_value, view->whole).text);
    pyr_table_add(table, PYR_STYLE_DIM, pyr_view_cell(view->unit, node->hidden_value).text);
    for (int i = 0; i < 4; i++) { /* cpu, waiting, self, calls */
        pyr_table_add(table, PYR_STYLE_DIM, "");
    }
    const size_t start = table->text.len;
    add_lead(tree, true, &table->text);
    const size_t lead = table->text.len - start;
    pyr_buf_addf(&table->text, "%s %s more", dots(tree), pyr_figure_count(node->hidden).text);
    pyr_table_add_since(table, PYR_STYLE_DIM, start, lead);
    pyr_table_add(table, PYR_STYLE_DIM, "");
}

/* What is below a node; the outline bounds how deep that is. */
static void draw(struct tree *tree, const struct pyr_outline_node *node)
{
    const struct pyr_outline *outline = &tree->outline;
    const bool rest = node->shown > 0 && pyr_outline_has_rest(outline, node);
    uint32_t seen = 0;
    for (uint32_t i = node->level.first; i < node->level.end; i++) {
        const uint32_t mark = outline->branches.branches[i].mark;
        if (mark == 0) {
            continue;
        }
        const bool last = ++seen == node->shown && !rest;
        tree->rows_left--;
        add_row(tree, &outline->nodes[mark], last);
        pyr_buf_add_char(&tree->lead, last ? 0 : 1);
        if (!tree->lead.failed) {
            draw(tree, &outline->nodes[mark]);
            tree->lead.len--;
        }
    }
    if (rest && tree->rows_left > 0) {
        tree->rows_left--;
        add_rest_row(tree, node);
    }
}

static void add_notes(const struct tree *tree, struct pyr_buf *out)
{
    const struct pyr_view *view = tree->view;
    const struct pyr_outline *outline = &tree->outline;
    const double share = view->options->min_share;
    uint32_t hidden = 0;
    int64_t value = 0;
    bool folded = false;
    for (uint32_t i = 0; i < outline->node_count; i++) {
        const struct pyr_outline_node *node = &outline->nodes[i];
        hidden += node->hidden;
        value += node->hidden_value;
        folded = folded || node->folded;
    }
    const char *branches = hidden == 1 ? "branch" : "branches";
    if (hidden > 0 && outline->cut) {
        pyr_header_add_note(view, out, "%s %s %s left out, %s in all; --limit shows more",
                            dots(tree), pyr_figure_count(hidden).text, branches,
                            pyr_figure_share(value, view->whole).text);
    } else if (hidden > 0) {
        pyr_header_add_note(view, out,
                            "%s %s %s below %.3g %% left out, %s in all; --min-share shows more",
                            dots(tree), pyr_figure_count(hidden).text, branches,
                            100 * (share >= 0 ? share : PYR_OUTLINE_MIN_SHARE),
                            pyr_figure_share(value, view->whole).text);
    }
    if (folded) {
        pyr_header_add_note(view, out,
                            "%s stands for the import system's own functions, and for those of "
                            "libraries that only",
                            view->options->ascii ? ".." : "⋯");
        pyr_header_add_note(view, out, "call the next one; --full-paths shows them");
    }
}

bool pyr_tree_add(const struct pyr_view *view, uint32_t rows, struct pyr_buf *out,
                  struct pyr_err *err)
{
    const bool counted = view->calls >= 0;
    const bool divided = view->cpu >= 0;
    const struct pyr_table_column columns[] = {
        {.title = "%"},
        {.title = "total", .gap = 1},
        {.title = "cpu", .drop = 3, .absent = !divided},
        {.title = "waiting", .drop = 4, .absent = !divided},
        {.title = "self"},
        {.title = counted ? "calls" : "", .drop = 5, .gap = counted ? 2 : 1},
        {.title = "function", .left = true, .min = 34, .cut = PYR_CUT_MIDDLE},
        {.title = "where", .left = true, .min = 14, .cut = PYR_CUT_START, .gives_way = true},
    };
    struct tree tree = {.view = view, .rows_left = rows};
    pyr_table_init(&tree.table, columns, sizeof columns / sizeof columns[0]);
    bool ok = pyr_outline_fill(&tree.outline, view, rows, err);
    if (ok && tree.outline.lines == 0) {
        pyr_header_add_note(view, out, "Nothing to show.");
    } else if (ok) {
        draw(&tree, &tree.outline.nodes[0]);
        ok = (!tree.lead.failed || pyr_err_nomem(err)) &&
             pyr_table_render(&tree.table, view->options, out, err);
        add_notes(&tree, out);
    }
    pyr_table_release(&tree.table);
    pyr_outline_release(&tree.outline);
    pyr_buf_release(&tree.lead);
    return ok && pyr_buf_check(out, err);
}

static bool add_body(const struct pyr_view *view, bool one_of_many, struct pyr_buf *out,
                     struct pyr_err *err)
{
    const struct pyr_report_options *options = view->options;
    uint32_t rows = options->limit;
    if (!one_of_many) {
        pyr_buf_add_char(out, '\n');
    }
    if (rows == 0 && options->min_share >= 0) {
        rows = UINT32_MAX;
    } else if (rows == 0) {
        rows = one_of_many ? ROWS_EACH : PYR_TREE_DEFAULT_ROWS;
    }
    return pyr_tree_add(view, rows, out, err);
}

static bool render(const struct pyr_profile *profile, const struct pyr_report_options *options,
                   struct pyr_buf *out, struct pyr_err *err)
{
    return pyr_sections_render(profile, options, add_body, out, err);
}

const struct pyr_report pyr_report_tree = {
    .name = "tree",
    .summary = "who called whom, from the outermost call inwards",
    .splits = true,
    .render = render,
};
