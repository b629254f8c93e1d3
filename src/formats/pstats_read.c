/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "formats/arc_tree.h"
#include "formats/marshal.h"
#include "formats/pstats.h"

#define MAX_NS 4.0e18          /* 126 years; sums of two still fit */
#define MAX_ROUNDING_NS 1000.0 /* of an inclusive time: far less than one sample stands for */
#define BUILTIN_PREFIX "<built-in method "
#define METHOD_PREFIX "<method '"
#define METHOD_MIDDLE "' of '"
#define METHOD_SUFFIX "' objects>"

enum { COUNT, TIME, COLUMNS };

struct figures {
    int64_t primitive;
    int64_t calls;
    int64_t self_ns;
    double inclusive_ns;
};

struct reader {
    struct pyr_marshal doc;
    struct pyr_profile *profile;
    struct pyr_arc_graph graph;
    uint32_t *strings; /* owned; by value: id of its text and 1, so that it is hashed once */
    bool sampled;      /* written by Python 3.15's sampling profiler */
};

static const struct pyr_marshal_value *at(const struct reader *r, uint32_t index)
{
    return &r->doc.values[index];
}

static bool wrong(struct pyr_err *err, const char *what)
{
    return pyr_err_set(err, PYR_ERR_FORMAT, "not a pstats file: %s", what);
}

static bool as_int(const struct pyr_marshal_value *value, int64_t *integer, struct pyr_err *err)
{
    if (value->kind != PYR_MARSHAL_INT) {
        return wrong(err, "a count that is no integer");
    }
    /* Half the range, so that a sum of two can't overflow. */
    *integer = value->as.integer > INT64_MAX / 2   ? INT64_MAX / 2
               : value->as.integer < INT64_MIN / 2 ? INT64_MIN / 2
                                                   : value->as.integer;
    return true;
}

static bool as_ns(const struct pyr_marshal_value *value, double *ns, struct pyr_err *err)
{
    if (value->kind != PYR_MARSHAL_FLOAT && value->kind != PYR_MARSHAL_INT) {
        return wrong(err, "a time that is no number");
    }
    double seconds = value->kind == PYR_MARSHAL_INT ? (double)value->as.integer : value->as.real;
    *ns = fmax(-MAX_NS, fmin(MAX_NS, seconds * 1e9));
    return true;
}

static bool as_str(struct reader *r, uint32_t index, pyr_str *id, struct pyr_err *err)
{
    const struct pyr_marshal_value *value = at(r, index);
    if (value->kind != PYR_MARSHAL_TEXT) {
        return wrong(err, "a name that is no text");
    }
    if (r->strings[value->origin] == 0) {
        if (!pyr_strtab_add(r->profile->strings, value->as.text, value->len, id, err)) {
            return false;
        }
        r->strings[value->origin] = id->i + 1;
    }
    id->i = r->strings[value->origin] - 1;
    return true;
}

static bool starts_with(const char *text, size_t len, const char *prefix)
{
    return len >= strlen(prefix) && memcmp(text, prefix, strlen(prefix)) == 0;
}

static bool ends_with(const char *text, size_t len, const char *suffix)
{
    return len >= strlen(suffix) &&
           memcmp(text + len - strlen(suffix), suffix, strlen(suffix)) == 0;
}

/* "<built-in method time.sleep>": module "time", qualified name "sleep". */
static bool parse_builtin(struct reader *r, const char *text, size_t len,
                          struct pyr_function *function, struct pyr_err *err)
{
    const char *name = text + strlen(BUILTIN_PREFIX);
    size_t name_len = len - strlen(BUILTIN_PREFIX) - 1;
    const char *dot = memrchr(name, '.', name_len);
    if (memchr(name, ' ', name_len) != NULL || name_len == 0) {
        return true; /* "__new__ of type object at 0x55d0": stays as it is */
    }
    if (dot != NULL) {
        size_t module_len = (size_t)(dot - name);
        if (!pyr_strtab_add(r->profile->strings, name, module_len, &function->module, err)) {
            return false;
        }
        name = dot + 1;
        name_len -= module_len + 1;
    }
    return pyr_strtab_add(r->profile->strings, name, name_len, &function->qualname, err);
}

/* "<method 'append' of 'list' objects>": qualified name "list.append". */
static bool parse_method(struct reader *r, const char *text, size_t len,
                         struct pyr_function *function, struct pyr_err *err)
{
    struct pyr_buf qualname = {0};
    const char *name = text + strlen(METHOD_PREFIX);
    const char *end = text + len - strlen(METHOD_SUFFIX);
    const char *middle = memmem(name, (size_t)(end - name), METHOD_MIDDLE, strlen(METHOD_MIDDLE));
    if (middle == NULL) {
        return true;
    }
    const char *owner = middle + strlen(METHOD_MIDDLE);
    pyr_buf_add(&qualname, owner, (size_t)(end - owner));
    pyr_buf_add_char(&qualname, '.');
    pyr_buf_add(&qualname, name, (size_t)(middle - name));
    bool ok =
        pyr_buf_check(&qualname, err) &&
        pyr_strtab_add(r->profile->strings, qualname.data, qualname.len, &function->qualname, err);
    pyr_buf_release(&qualname);
    return ok;
}

static bool parse_builtin_name(struct reader *r, struct pyr_function *function, struct pyr_err *err)
{
    const char *text = pyr_strtab_text(r->profile->strings, function->qualname);
    size_t len = pyr_strtab_len(r->profile->strings, function->qualname);
    function->kind = PYR_FUNC_BUILTIN;
    function->file = (pyr_str){0};
    if (starts_with(text, len, BUILTIN_PREFIX) && ends_with(text, len, ">")) {
        return parse_builtin(r, text, len, function, err);
    }
    if (starts_with(text, len, METHOD_PREFIX) && ends_with(text, len, METHOD_SUFFIX) &&
        len >= strlen(METHOD_PREFIX) + strlen(METHOD_SUFFIX)) {
        return parse_method(r, text, len, function, err);
    }
    return true;
}

/* (file, line, name). In a sampled file the line is the one that ran. */
static bool read_key(struct reader *r, uint32_t index, pyr_frame_id *frame, struct pyr_err *err)
{
    const struct pyr_marshal_value *key = at(r, index);
    struct pyr_function function = {.kind = PYR_FUNC_PYTHON};
    struct pyr_frame place = {0};
    int64_t line = 0;
    if (key->kind != PYR_MARSHAL_TUPLE || key->count != 3) {
        return wrong(err, "a function that is not (file, line, name)");
    }
    uint32_t line_index = at(r, key->first)->next;
    if (!as_str(r, key->first, &function.file, err) || !as_int(at(r, line_index), &line, err) ||
        !as_str(r, at(r, line_index)->next, &function.qualname, err)) {
        return false;
    }
    uint32_t line32 = line < 0 || line > UINT32_MAX ? 0 : (uint32_t)line;
    if (line == 0 && strcmp(pyr_strtab_text(r->profile->strings, function.file), "~") == 0) {
        if (!parse_builtin_name(r, &function, err)) {
            return false;
        }
    } else if (r->sampled) {
        place.line = line32;
    } else {
        function.first_line = line32;
    }
    return pyr_functions_add(r->profile->functions, &function, &place.func, err) &&
           pyr_frames_add(r->profile->frames, place, frame, err);
}

/* Four numbers from the item `index` on; which count comes first differs, see pstats.h. */
static bool read_figures(struct reader *r, uint32_t index, bool is_arc, struct figures *figures,
                         struct pyr_err *err)
{
    const struct pyr_marshal_value *first = at(r, index), *second = at(r, first->next);
    const struct pyr_marshal_value *self = at(r, second->next);
    double ns = 0, inclusive_ns = 0;
    if (!as_int(is_arc ? second : first, &figures->primitive, err) ||
        !as_int(is_arc ? first : second, &figures->calls, err) || !as_ns(self, &ns, err) ||
        !as_ns(at(r, self->next), &inclusive_ns, err)) {
        return false;
    }
    figures->self_ns = llround(ns);
    figures->inclusive_ns = fmax(0, inclusive_ns);
    return true;
}

static double recursive_share(const struct figures *figures)
{
    if (figures->calls <= 0 || figures->primitive >= figures->calls) {
        return 0;
    }
    return figures->primitive <= 0
               ? 1
               : (double)(figures->calls - figures->primitive) / (double)figures->calls;
}

/* A caller with only a count, as Python's pure profiler and the sampling one write it, gets that
 * part of the function's own figures; `whole` is the sum of all counts. */
static void share_figures(const struct reader *r, const struct figures *own, int64_t count,
                          double whole, struct figures *figures)
{
    double share = whole > 0 ? (double)count / whole : 0;
    figures->self_ns = llround((double)own->self_ns * share);
    figures->inclusive_ns = own->inclusive_ns * share;
    if (r->sampled) {
        figures->calls = llround((double)own->primitive * share);
        figures->primitive = figures->calls;
    } else {
        figures->calls = count;
        figures->primitive = llround((double)count * (1 - recursive_share(own)));
    }
}

/* The sum of the counts of callers that have nothing but a count. */
static bool sum_counts(struct reader *r, const struct pyr_marshal_value *callers, double *sum,
                       struct pyr_err *err)
{
    *sum = 0;
    for (uint32_t i = callers->first; i != 0; i = at(r, at(r, i)->next)->next) {
        const struct pyr_marshal_value *value = at(r, at(r, i)->next);
        if (value->kind == PYR_MARSHAL_INT) {
            int64_t count = 0;
            if (!as_int(value, &count, err)) {
                return false;
            }
            *sum += (double)(count < 0 ? 0 : count);
        }
    }
    return true;
}

static bool read_caller(struct reader *r, uint32_t index, const struct figures *own, double whole,
                        struct figures *figures, struct pyr_err *err)
{
    const struct pyr_marshal_value *value = at(r, index);
    if (value->kind == PYR_MARSHAL_INT) {
        int64_t count = 0;
        if (!as_int(value, &count, err)) {
            return false;
        }
        share_figures(r, own, count < 0 ? 0 : count, whole, figures);
        return true;
    }
    if (value->kind != PYR_MARSHAL_TUPLE || value->count != 4) {
        return wrong(err, "a caller without four figures");
    }
    return read_figures(r, value->first, true, figures, err);
}

static bool add_arc(struct reader *r, pyr_frame_id caller, pyr_frame_id callee,
                    const struct figures *figures, struct pyr_err *err)
{
    const int64_t values[COLUMNS] = {figures->calls, figures->self_ns};
    const struct pyr_arc arc = {
        .caller = caller,
        .callee = callee,
        .inclusive = figures->inclusive_ns,
        .below = fmax(0, figures->inclusive_ns - (double)figures->self_ns),
        .recursive_share = recursive_share(figures),
    };
    return pyr_arc_graph_add(&r->graph, &arc, values, err);
}

static void add_saturated(int64_t *to, int64_t value)
{
    if (__builtin_add_overflow(*to, value, to)) {
        *to = value < 0 ? INT64_MIN / 2 : INT64_MAX / 2;
    }
}

/* What a function has beyond its callers' parts: an arc of its own when it was called by nobody
 * as well, else a rounding difference that goes to the caller with the largest part. */
static bool add_rest(struct reader *r, pyr_frame_id callee, struct figures *rest,
                     uint32_t first_arc, struct pyr_err *err)
{
    struct pyr_arc_graph *graph = &r->graph;
    bool is_rounding = r->sampled && rest->inclusive_ns < MAX_ROUNDING_NS;
    if (first_arc == graph->count || (rest->calls > 0 && !is_rounding)) {
        rest->inclusive_ns = fmax(0, rest->inclusive_ns);
        rest->primitive = rest->calls;
        return add_arc(r, (pyr_frame_id){0}, callee, rest, err);
    }
    int64_t *largest = graph->values + (size_t)first_arc * COLUMNS;
    for (uint32_t i = first_arc; i < graph->count; i++) {
        int64_t *values = graph->values + (size_t)i * COLUMNS;
        largest = values[TIME] > largest[TIME] ? values : largest;
    }
    add_saturated(&largest[TIME], rest->self_ns);
    if (r->sampled) {
        add_saturated(&largest[COUNT], rest->calls);
    }
    return true;
}

static bool read_function(struct reader *r, uint32_t key, struct pyr_err *err)
{
    const struct pyr_marshal_value *value = at(r, at(r, key)->next);
    pyr_frame_id callee = {0}, caller = {0};
    struct figures own = {0}, from = {0};
    double whole = 0;
    if (!read_key(r, key, &callee, err)) {
        return false;
    }
    if (value->kind != PYR_MARSHAL_TUPLE || value->count != 5) {
        return wrong(err, "a function without five figures");
    }
    uint32_t last = value->first;
    for (int i = 0; i < 4; i++) {
        last = at(r, last)->next;
    }
    const struct pyr_marshal_value *callers = at(r, last);
    if (callers->kind != PYR_MARSHAL_DICT) {
        return wrong(err, "callers that are no dict");
    }
    if (!read_figures(r, value->first, false, &own, err) || !sum_counts(r, callers, &whole, err)) {
        return false;
    }
    whole = fmax(whole, (double)own.calls);
    struct figures rest = own;
    rest.calls = r->sampled ? own.primitive : own.calls;
    uint32_t first_arc = r->graph.count;
    for (uint32_t i = callers->first; i != 0; i = at(r, at(r, i)->next)->next) {
        if (!read_key(r, i, &caller, err) ||
            !read_caller(r, at(r, i)->next, &own, whole, &from, err) ||
            !add_arc(r, caller, callee, &from, err)) {
            return false;
        }
        add_saturated(&rest.calls, -from.calls);
        add_saturated(&rest.self_ns, -from.self_ns);
        rest.inclusive_ns -= caller.i == callee.i ? 0 : from.inclusive_ns;
    }
    return add_rest(r, callee, &rest, first_arc, err);
}

static bool is_sampled_mark(const struct reader *r, uint32_t key)
{
    const struct pyr_marshal_value *value = at(r, key);
    if (value->kind != PYR_MARSHAL_TUPLE || value->count != 1) {
        return false;
    }
    const struct pyr_marshal_value *text = at(r, value->first);
    return text->kind == PYR_MARSHAL_TEXT && text->len == strlen("__sampled__") &&
           memcmp(text->as.text, "__sampled__", text->len) == 0;
}

static bool read_document(struct reader *r, struct pyr_err *err)
{
    const struct pyr_marshal_value *top = at(r, 1);
    struct pyr_profile *profile = r->profile;
    uint32_t column = 0;
    if (top->kind != PYR_MARSHAL_DICT) {
        return wrong(err, "its content is no dict");
    }
    for (uint32_t i = top->first; i != 0; i = at(r, at(r, i)->next)->next) {
        r->sampled = r->sampled || is_sampled_mark(r, i);
    }
    r->graph.columns = COLUMNS;
    if (!pyr_metrics_add(&profile->metrics, profile->strings,
                         r->sampled ? PYR_METRIC_SAMPLES : PYR_METRIC_CALLS, PYR_UNIT_COUNT,
                         &column, err) ||
        !pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_WALL, PYR_UNIT_NS, &column,
                         err) ||
        !pyr_meta_set_text(profile->meta, PYR_META_COLLECTOR, "import:pstats", err) ||
        !pyr_meta_set_text(profile->meta, "stacks", "estimated from callers and callees", err)) {
        return false;
    }
    for (uint32_t i = top->first; i != 0; i = at(r, at(r, i)->next)->next) {
        if (!is_sampled_mark(r, i) && !read_function(r, i, err)) {
            return false;
        }
    }
    return pyr_arc_tree_build(profile, &r->graph, err);
}

bool pyr_pstats_read(const uint8_t *data, size_t size, struct pyr_profile **out,
                     struct pyr_err *err)
{
    struct reader r = {0};
    *out = NULL;
    bool ok = pyr_marshal_parse(&r.doc, data, size, err);
    if (ok) {
        r.profile = pyr_profile_new(err);
        r.strings = pyr_mem_zalloc(r.doc.count, sizeof *r.strings);
        ok = r.profile != NULL && (r.strings != NULL || pyr_err_nomem(err));
    }
    if (ok && read_document(&r, err)) {
        *out = r.profile;
        r.profile = NULL; /* it is the caller's now */
    }
    pyr_profile_free(r.profile);
    pyr_mem_free(r.strings);
    pyr_arc_graph_release(&r.graph);
    pyr_marshal_release(&r.doc);
    return *out != NULL;
}

/* A marshalled dict whose first key is a tuple, or that is empty. */
bool pyr_pstats_sniff(const uint8_t *data, size_t size)
{
    if (size < 2 || (data[0] & 0x7F) != '{') {
        return false;
    }
    uint8_t next = data[1] & 0x7F;
    return next == '(' || next == ')' || (next == '0' && size == 2);
}
