/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/svg.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "formats/columns.h"
#include "formats/flame.h"
#include "formats/names.h"

/* Pixels. The picture is as wide as its window; texts are cut for this width until a script that
 * knows the real one has run. */
#define DEFAULT_WIDTH 1200
#define ROW_HEIGHT 17
#define HEAD_HEIGHT 56
#define FOOT_HEIGHT 28
#define CHAR_WIDTH 7
#define NARROWEST 1e-7 /* of the whole */

struct drawing {
    const struct pyr_profile *profile;
    struct pyr_buf *out;
    struct pyr_flame flame;
    struct pyr_function_names names;
    int column;
    int64_t narrowest; /* boxes narrower than this are left out */
    uint32_t ties;     /* of those as narrow, so many are drawn: parents come first */
    uint32_t left_out;
    uint32_t depth; /* of the deepest box that is drawn */
};

/* XML has no way to write most control characters; the names are one line each already. */
static void add_escaped(struct pyr_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        const bool is_nonchar = c == 0xef && i + 2 < len && (unsigned char)text[i + 1] == 0xbf &&
                                (unsigned char)text[i + 2] >= 0xbe;
        if (c == '&') {
            pyr_buf_add_text(out, "&amp;");
        } else if (c == '<') {
            pyr_buf_add_text(out, "&lt;");
        } else if (c == '>') {
            pyr_buf_add_text(out, "&gt;");
        } else if (c == '"') {
            pyr_buf_add_text(out, "&quot;");
        } else if (is_nonchar) {
            pyr_buf_add_text(out, "\xef\xbf\xbd");
            i += 2;
        } else {
            pyr_buf_add_char(out, text[i]);
        }
    }
}

static void add_str(struct drawing *drawing, pyr_str id)
{
    struct pyr_buf text = {0};
    pyr_name_add_str(&text, drawing->profile, id, PYR_NAME_ONE_LINE);
    add_escaped(drawing->out, text.len == 0 ? "" : text.data, text.len);
    drawing->out->failed = drawing->out->failed || text.failed;
    pyr_buf_release(&text);
}

/* "1.25 s", "12 samples". */
static void add_amount(struct drawing *drawing, int64_t value)
{
    const double amount = (double)value;
    if (drawing->column < 0) {
        pyr_buf_add_text(drawing->out, "nothing measured");
    } else if (!pyr_columns_is_ns(drawing->profile, drawing->column)) {
        pyr_buf_addf(drawing->out, "%lld %s", (long long)value,
                     pyr_columns_is_bytes(drawing->profile, drawing->column)
                         ? "bytes"
                         : pyr_columns_name(drawing->profile, drawing->column));
    } else if (amount >= 1e9) {
        pyr_buf_addf(drawing->out, "%.2f s", amount / 1e9);
    } else if (amount >= 1e6) {
        pyr_buf_addf(drawing->out, "%.2f ms", amount / 1e6);
    } else {
        pyr_buf_addf(drawing->out, "%.2f us", amount / 1e3);
    }
}

static double share(const struct drawing *drawing, int64_t value)
{
    const int64_t whole = drawing->flame.boxes[0].total;
    return whole == 0 ? 1.0 : (double)value / (double)whole;
}

/* Eight hues of a kind, so that neighbours can be told apart. */
static void add_class(struct drawing *drawing, pyr_func func)
{
    static const char *const kinds[PYR_FUNC_KIND_COUNT] = {"p", "b", "n", "s"};
    if (func.i == 0) {
        pyr_buf_add_text(drawing->out, "s");
        return;
    }
    const struct pyr_function *function = pyr_functions_get(drawing->profile->functions, func);
    const struct pyr_strtab *strings = drawing->profile->strings;
    const uint64_t hash = pyr_hash_bytes(pyr_strtab_text(strings, function->qualname),
                                         pyr_strtab_len(strings, function->qualname));
    pyr_buf_addf(drawing->out, "%s%u", kinds[function->kind], (unsigned)(hash % 8));
}

static void add_title(struct drawing *drawing, const struct pyr_flame_box *box, const char *name,
                      size_t len)
{
    pyr_buf_add_text(drawing->out, "<title>");
    add_escaped(drawing->out, name, len);
    if (box->func.i != 0) {
        const struct pyr_function *function =
            pyr_functions_get(drawing->profile->functions, box->func);
        if (function->file.i != 0) {
            pyr_buf_add_text(drawing->out, " (");
            add_str(drawing, function->file);
            if (function->first_line != 0) {
                pyr_buf_addf(drawing->out, ":%u", function->first_line);
            }
            pyr_buf_add_char(drawing->out, ')');
        }
    }
    pyr_buf_add_text(drawing->out, "\n");
    add_amount(drawing, box->total);
    pyr_buf_addf(drawing->out, ", %.2f %%", 100 * share(drawing, box->total));
    if (box->self > 0) {
        pyr_buf_add_text(drawing->out, "; itself ");
        add_amount(drawing, box->self);
        pyr_buf_addf(drawing->out, ", %.2f %%", 100 * share(drawing, box->self));
    }
    pyr_buf_add_text(drawing->out, "</title>");
}

/* As much of the name as fits, cut between characters. */
static void add_label(struct drawing *drawing, const struct pyr_flame_box *box, const char *name,
                      size_t len)
{
    const size_t room = (size_t)(share(drawing, box->total) * DEFAULT_WIDTH / CHAR_WIDTH);
    if (room < 3) {
        return;
    }
    size_t end = 0, shown = 0;
    while (end < len && shown < room) {
        end++;
        while (end < len && ((unsigned char)name[end] & 0xc0) == 0x80) {
            end++;
        }
        shown++;
    }
    if (end == len) {
        add_escaped(drawing->out, name, len);
        return;
    }
    for (uint32_t i = 0; i < 2; i++) {
        while (end > 0 && ((unsigned char)name[--end] & 0xc0) == 0x80) {
        }
    }
    add_escaped(drawing->out, name, end);
    pyr_buf_add_text(drawing->out, "..");
}

/* A group per box; the script reads the box's place from the group's attributes, in parts of a
 * million of the whole: s(tart), w(idth), d(epth). */
static void add_box(struct drawing *drawing, const struct pyr_flame_box *box)
{
    const double start = share(drawing, box->start), width = share(drawing, box->total);
    const uint32_t top = HEAD_HEIGHT + box->depth * ROW_HEIGHT;
    size_t len = 0;
    const char *name = "all";
    if (box->func.i != 0) {
        name = pyr_function_names_get(&drawing->names, box->func, &len);
    } else {
        len = 3;
    }
    pyr_buf_addf(drawing->out, "<g data-s=\"%.7g\" data-w=\"%.7g\" data-d=\"%u\" class=\"", start,
                 width, box->depth);
    add_class(drawing, box->func);
    pyr_buf_add_text(drawing->out, "\">");
    add_title(drawing, box, name, len);
    pyr_buf_addf(drawing->out,
                 "<rect x=\"%.5g%%\" y=\"%u\" width=\"%.5g%%\" height=\"%d\" rx=\"1\"/>"
                 "<text x=\"%.5g%%\" dx=\"3\" y=\"%u\">",
                 100 * start, top, 100 * width, ROW_HEIGHT - 1, 100 * start, top + 12);
    add_label(drawing, box, name, len);
    pyr_buf_add_text(drawing->out, "</text></g>\n");
}

static int compare_widest(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;
    return a < b ? 1 : a > b ? -1 : 0;
}

/* How narrow a box may be: as narrow as can be seen, and as can be afforded. */
static bool choose_narrowest(struct drawing *drawing, struct pyr_err *err)
{
    const struct pyr_flame *flame = &drawing->flame;
    drawing->narrowest = (int64_t)((double)flame->boxes[0].total * NARROWEST);
    drawing->ties = UINT32_MAX;
    if (flame->count > PYR_SVG_MAX_BOXES) {
        int64_t *widths = pyr_mem_alloc(flame->count * sizeof *widths);
        if (widths == NULL) {
            return pyr_err_nomem(err);
        }
        for (uint32_t i = 0; i < flame->count; i++) {
            widths[i] = flame->boxes[i].total;
        }
        qsort(widths, flame->count, sizeof *widths, compare_widest);
        const int64_t least = widths[PYR_SVG_MAX_BOXES - 1];
        if (least > drawing->narrowest) {
            drawing->narrowest = least;
            drawing->ties = PYR_SVG_MAX_BOXES;
            for (uint32_t i = 0; i < PYR_SVG_MAX_BOXES && widths[i] > least; i++) {
                drawing->ties--;
            }
        }
        pyr_mem_free(widths);
    }
    return true;
}

/* Asked for each box in turn. */
static bool is_drawn(const struct drawing *drawing, const struct pyr_flame_box *box, uint32_t *ties)
{
    if (box->depth == 0 || box->total > drawing->narrowest) {
        return true;
    }
    if (box->total < drawing->narrowest || *ties == 0) {
        return false;
    }
    (*ties)--;
    return true;
}

static void count_drawn(struct drawing *drawing)
{
    uint32_t ties = drawing->ties;
    for (uint32_t i = 0; i < drawing->flame.count; i++) {
        const struct pyr_flame_box *box = &drawing->flame.boxes[i];
        if (!is_drawn(drawing, box, &ties)) {
            drawing->left_out++;
        } else if (box->depth > drawing->depth) {
            drawing->depth = box->depth;
        }
    }
}

static void add_head(struct drawing *drawing)
{
    const struct pyr_meta *meta = drawing->profile->meta;
    const char *command = pyr_meta_text(meta, PYR_META_COMMAND);
    const uint32_t height = HEAD_HEIGHT + (drawing->depth + 1) * ROW_HEIGHT + FOOT_HEIGHT;
    struct pyr_buf title = {0};
    pyr_name_add(&title, command, strlen(command), PYR_NAME_ONE_LINE);
    const char *text = title.len == 0 ? "Flame graph" : title.data;
    pyr_buf_addf(drawing->out,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%%\" height=\"%u\" "
                 "data-row=\"%d\" data-head=\"%d\" role=\"img\">\n<title>",
                 height, ROW_HEIGHT, HEAD_HEIGHT);
    add_escaped(drawing->out, text, strlen(text));
    pyr_buf_addf(drawing->out, "</title>\n<style>%s</style>\n", pyr_svg_style);
    pyr_buf_addf(drawing->out, "<rect class=\"page\" width=\"100%%\" height=\"100%%\"/>\n"
                               "<text id=\"name\" x=\"12\" y=\"22\">");
    add_escaped(drawing->out, text, strlen(text));
    pyr_buf_add_text(drawing->out, "</text>\n<text id=\"about\" x=\"12\" y=\"42\">");
    add_amount(drawing, drawing->flame.boxes[0].total);
    if (pyr_columns_is_ns(drawing->profile, drawing->column)) {
        pyr_buf_addf(drawing->out, " of %s", pyr_columns_name(drawing->profile, drawing->column));
    }
    pyr_buf_addf(drawing->out, " in %u paths", drawing->flame.count - 1);
    if (drawing->left_out > 0) {
        pyr_buf_addf(drawing->out, "; %u too narrow to be drawn are left out", drawing->left_out);
    }
    pyr_buf_add_text(drawing->out,
                     "</text>\n<text id=\"reset\" x=\"100%\" dx=\"-12\" y=\"22\">Reset zoom</text>"
                     "\n<text id=\"find\" x=\"100%\" dx=\"-12\" y=\"42\">Search</text>\n");
    drawing->out->failed = drawing->out->failed || title.failed;
    pyr_buf_release(&title);
}

static bool draw(struct drawing *drawing, struct pyr_err *err)
{
    if (!pyr_flame_init(&drawing->flame, drawing->profile, drawing->column, err) ||
        !pyr_function_names_init(&drawing->names, drawing->profile, PYR_NAME_ONE_LINE, err) ||
        !choose_narrowest(drawing, err)) {
        return false;
    }
    uint32_t ties = drawing->ties;
    count_drawn(drawing);
    add_head(drawing);
    pyr_buf_add_text(drawing->out, "<g id=\"boxes\">\n");
    for (uint32_t i = 0; i < drawing->flame.count; i++) {
        const struct pyr_flame_box *box = &drawing->flame.boxes[i];
        if (is_drawn(drawing, box, &ties)) {
            add_box(drawing, box);
        }
    }
    pyr_buf_addf(drawing->out,
                 "</g>\n<text id=\"detail\" x=\"12\" y=\"%u\"></text>\n<script><![CDATA[\n%s]]>"
                 "</script>\n</svg>\n",
                 HEAD_HEIGHT + (drawing->depth + 1) * ROW_HEIGHT + 18, pyr_svg_script);
    return pyr_buf_check(drawing->out, err);
}

static bool write_svg(const struct pyr_profile *profile, const struct pyr_format_options *options,
                      struct pyr_buf *out, struct pyr_err *err)
{
    (void)options;
    struct drawing drawing = {
        .profile = profile,
        .out = out,
        .column = pyr_metrics_main(&profile->metrics, profile->strings),
    };
    const bool ok = draw(&drawing, err);
    pyr_function_names_release(&drawing.names);
    pyr_flame_release(&drawing.flame);
    return ok;
}

const struct pyr_format pyr_format_svg = {
    .name = "svg",
    .synonym = "flamegraph",
    .extension = ".svg",
    .summary = "any browser: a flame graph to zoom and search in",
    .write = write_svg,
};
