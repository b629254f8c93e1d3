/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "formats/arc_tree.h"
#include "formats/callgrind.h"

#define MAX_COLUMNS (PYR_MAX_METRICS - 1) /* one more for the calls, if no event counts them */
#define MAX_COST (INT64_MAX / 4)          /* so that a few sums can't overflow */
#define SNIFF_BYTES 4096

struct text {
    const char *data; /* borrowed from the file */
    size_t len;
};

/* One function; its place in the list is 1 less than the id of its frame. */
struct function {
    bool has_caller;
    double inclusive;    /* cost of the main event: its own, and of its calls of others */
    double from_callers; /* inclusive cost of the calls into it, without those from itself */
};

struct call {
    pyr_frame_id caller;
    pyr_frame_id callee;
    int64_t calls;
    double inclusive;
};

enum name_kind { NAME_FILE, NAME_FUNCTION, NAME_KINDS };

struct reader {
    struct pyr_profile *profile;
    struct pyr_map names[NAME_KINDS]; /* number in parentheses -> string id and 1 */
    struct pyr_map call_by_key;
    struct function *functions; /* owned; by frame id */
    uint32_t function_cap;
    int64_t *self; /* owned; `columns` by frame id */
    uint32_t self_cap;
    struct call *calls; /* owned */
    uint32_t call_count, call_cap;
    uint32_t positions; /* numbers that a cost line begins with */
    uint32_t columns;   /* events */
    int calls_column;   /* of the event "Calls", which we write ourselves; else -1 */
    pyr_str file, called_file;
    bool has_called_file;
    pyr_frame_id current, called;
    int64_t call_times; /* of the call whose cost the next line has; 0: no call */
};

static bool wrong(struct pyr_err *err, const char *what)
{
    return pyr_err_set(err, PYR_ERR_FORMAT, "not a callgrind file: %s", what);
}

static void add_saturated(int64_t *to, int64_t value)
{
    if (__builtin_add_overflow(*to, value, to) || *to > MAX_COST) {
        *to = MAX_COST;
    }
}

static bool starts_with(struct text text, const char *prefix)
{
    return text.len >= strlen(prefix) && memcmp(text.data, prefix, strlen(prefix)) == 0;
}

static struct text after(struct text text, size_t len)
{
    return (struct text){text.data + len, text.len - len};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct text trimmed(struct text text)
{
    while (text.len > 0 && is_space(text.data[0])) {
        text = after(text, 1);
    }
    while (text.len > 0 && is_space(text.data[text.len - 1])) {
        text.len--;
    }
    return text;
}

/* Takes the next word; empty at the end. */
static struct text take_word(struct text *line)
{
    *line = trimmed(*line);
    struct text word = {line->data, 0};
    while (word.len < line->len && !is_space(line->data[word.len])) {
        word.len++;
    }
    *line = after(*line, word.len);
    return word;
}

static bool parse_number(struct text word, int64_t *number)
{
    *number = 0;
    if (word.len == 0) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] < '0' || word.data[i] > '9') {
            return false;
        }
        if (*number < MAX_COST / 16) {
            *number = *number * 10 + (word.data[i] - '0');
        } else {
            *number = MAX_COST;
        }
    }
    return true;
}

/* "(12) name" gives number 12 its name, "(12)" is that name again, "name" is just a name. */
static bool read_name(struct reader *r, enum name_kind kind, struct text text, pyr_str *id,
                      struct pyr_err *err)
{
    int64_t number = 0;
    const char *close = NULL;
    text = trimmed(text);
    if (text.len > 0 && text.data[0] == '(') {
        close = memchr(text.data, ')', text.len);
    }
    if (close == NULL ||
        !parse_number((struct text){text.data + 1, (size_t)(close - text.data) - 1}, &number)) {
        return pyr_strtab_add(r->profile->strings, text.data, text.len, id, err);
    }
    struct text name = trimmed(after(text, (size_t)(close - text.data) + 1));
    if (name.len > 0) {
        return pyr_strtab_add(r->profile->strings, name.data, name.len, id, err) &&
               pyr_map_put(&r->names[kind], (uint64_t)number, id->i + 1, err);
    }
    uint32_t known = pyr_map_get(&r->names[kind], (uint64_t)number);
    if (known == 0) {
        return wrong(err, "a number without a name");
    }
    id->i = known - 1;
    return true;
}

static bool read_function(struct reader *r, struct text text, pyr_str file, pyr_frame_id *frame,
                          struct pyr_err *err)
{
    struct pyr_function function = {.kind = PYR_FUNC_PYTHON, .file = file};
    struct pyr_frame place = {0};
    const char *path = pyr_strtab_text(r->profile->strings, file);
    if (strcmp(path, "~") == 0 || strcmp(path, "???") == 0) {
        function.file = (pyr_str){0};
        function.kind = PYR_FUNC_BUILTIN;
    }
    if (!read_name(r, NAME_FUNCTION, text, &function.qualname, err) ||
        !pyr_functions_add(r->profile->functions, &function, &place.func, err) ||
        !pyr_frames_add(r->profile->frames, place, frame, err)) {
        return false;
    }
    size_t needed = (size_t)frame->i + 1;
    return pyr_mem_grow(&r->functions, &r->function_cap, needed, sizeof *r->functions, err) &&
           pyr_mem_grow(&r->self, &r->self_cap, needed * (r->columns + 1), sizeof *r->self, err);
}

/* Our own names back into ours: "Wall_ns" is the metric wall in ns. Any other event is a count
 * under its own name. Changes `name`. */
static const char *own_event(char *name, size_t len)
{
    static const char *const suffixes[][2] = {{"_ns", PYR_UNIT_NS}, {"_bytes", PYR_UNIT_BYTES}};
    const char *unit = PYR_UNIT_COUNT;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t suffix = strlen(suffixes[i][0]);
        if (len > suffix && strcmp(name + len - suffix, suffixes[i][0]) == 0) {
            name[len - suffix] = '\0';
            unit = suffixes[i][1];
        }
    }
    bool ours = strcmp(unit, PYR_UNIT_COUNT) != 0 || strcmp(name, "Calls") == 0 ||
                strcmp(name, "Samples") == 0;
    if (ours && name[0] >= 'A' && name[0] <= 'Z') {
        name[0] = (char)(name[0] - 'A' + 'a');
    }
    return unit;
}

static bool is_taken(const struct reader *r, const char *name)
{
    return pyr_metrics_find(&r->profile->metrics, r->profile->strings, name) >= 0;
}

static bool add_event(struct reader *r, struct text word, struct pyr_err *err)
{
    struct pyr_buf name = {0};
    const char *unit = PYR_UNIT_COUNT;
    uint32_t column = 0;
    pyr_buf_add(&name, word.data, word.len);
    if (!name.failed) {
        unit = own_event(name.data, strlen(name.data));
    }
    if (!name.failed && is_taken(r, name.data)) { /* "A_ns" and "a", say: then it stays as it is */
        unit = PYR_UNIT_COUNT;
        pyr_buf_clear(&name);
        pyr_buf_add(&name, word.data, word.len);
        while (!name.failed && is_taken(r, name.data)) {
            pyr_buf_add_char(&name, '_');
        }
    }
    bool ok =
        pyr_buf_check(&name, err) &&
        pyr_metrics_add(&r->profile->metrics, r->profile->strings, name.data, unit, &column, err);
    if (ok && strcmp(name.data, PYR_METRIC_CALLS) == 0) {
        r->calls_column = (int)column;
    }
    pyr_buf_release(&name);
    return ok;
}

static bool read_events(struct reader *r, struct text line, struct pyr_err *err)
{
    struct text words[MAX_COLUMNS] = {{0}};
    if (r->columns > 0) {
        return wrong(err, "two lists of events");
    }
    for (struct text word = take_word(&line); word.len > 0; word = take_word(&line)) {
        if (r->columns == MAX_COLUMNS) {
            return pyr_err_set(err, PYR_ERR_LIMIT, "more than %d events", MAX_COLUMNS);
        }
        for (uint32_t i = 0; i < r->columns; i++) {
            if (words[i].len == word.len && memcmp(words[i].data, word.data, word.len) == 0) {
                return wrong(err, "an event named twice");
            }
        }
        if (memchr(word.data, '\0', word.len) != NULL) {
            return wrong(err, "an event that is no word");
        }
        words[r->columns++] = word;
        if (!add_event(r, word, err)) {
            return false;
        }
    }
    return r->columns > 0 || wrong(err, "no events");
}

static void read_positions(struct reader *r, struct text line)
{
    r->positions = 0;
    while (take_word(&line).len > 0) {
        r->positions++;
    }
}

/* The costs at the end of a line; what is left out is 0. */
static bool read_costs(struct reader *r, struct text line, int64_t *costs, struct pyr_err *err)
{
    for (uint32_t i = 0; i < r->positions; i++) {
        if (take_word(&line).len == 0) {
            return wrong(err, "a line without a position");
        }
    }
    for (uint32_t c = 0; c < r->columns; c++) {
        struct text word = take_word(&line);
        costs[c] = 0;
        if (word.len > 0 && !parse_number(word, &costs[c])) {
            return wrong(err, "a cost that is no number");
        }
    }
    return true;
}

/* Adds to what is known of the pair; calls of one pair may be on many lines. */
static bool add_call(struct reader *r, int64_t inclusive, struct pyr_err *err)
{
    uint64_t key = (uint64_t)r->current.i << 32 | r->called.i;
    uint32_t index = pyr_map_get(&r->call_by_key, key);
    if (index == 0) {
        if (!pyr_mem_grow(&r->calls, &r->call_cap, (size_t)r->call_count + 1, sizeof *r->calls,
                          err) ||
            !pyr_map_put(&r->call_by_key, key, r->call_count + 1, err)) {
            return false;
        }
        index = ++r->call_count;
        r->calls[index - 1] = (struct call){.caller = r->current, .callee = r->called};
    }
    struct call *call = &r->calls[index - 1];
    add_saturated(&call->calls, r->call_times);
    call->inclusive += (double)inclusive;
    r->functions[r->called.i].has_caller = true;
    if (r->current.i != r->called.i) {
        r->functions[r->current.i].inclusive += (double)inclusive;
        r->functions[r->called.i].from_callers += (double)inclusive;
    }
    return true;
}

static bool read_cost_line(struct reader *r, struct text line, struct pyr_err *err)
{
    int64_t costs[MAX_COLUMNS] = {0};
    if (r->columns == 0 || r->current.i == 0) {
        return wrong(err, "costs before the events or the function they belong to");
    }
    if (!read_costs(r, line, costs, err)) {
        return false;
    }
    if (r->call_times > 0) {
        bool ok = add_call(r, costs[0], err);
        r->call_times = 0;
        return ok;
    }
    for (uint32_t c = 0; c < r->columns; c++) {
        add_saturated(&r->self[(size_t)r->current.i * r->columns + c], costs[c]);
    }
    r->functions[r->current.i].inclusive += (double)costs[0];
    return true;
}

static bool read_call_line(struct reader *r, struct text line, struct pyr_err *err)
{
    if (r->called.i == 0 || !parse_number(take_word(&line), &r->call_times)) {
        return wrong(err, "calls of nothing");
    }
    r->call_times = r->call_times < 1 ? 1 : r->call_times;
    r->has_called_file = false;
    return true;
}

/* Lines "key=value" about functions and files. `fi` and `fe` only say where a line of the current
 * function is, and objects and jumps are not kept. */
static bool read_spec(struct reader *r, struct text line, struct pyr_err *err)
{
    const char *equals = memchr(line.data, '=', line.len);
    struct text value = after(line, (size_t)(equals - line.data) + 1);
    if (r->columns == 0) {
        return wrong(err, "functions before the events");
    }
    if (starts_with(line, "fl=")) {
        return read_name(r, NAME_FILE, value, &r->file, err);
    }
    if (starts_with(line, "fn=")) {
        return read_function(r, value, r->file, &r->current, err);
    }
    if (starts_with(line, "cfi=") || starts_with(line, "cfl=")) {
        r->has_called_file = true;
        return read_name(r, NAME_FILE, value, &r->called_file, err);
    }
    if (starts_with(line, "cfn=")) {
        pyr_str file = r->has_called_file ? r->called_file : r->file;
        return read_function(r, value, file, &r->called, err);
    }
    if (starts_with(line, "calls=")) {
        return read_call_line(r, value, err);
    }
    if (starts_with(line, "fi=") || starts_with(line, "fe=")) {
        pyr_str ignored = {0};
        return read_name(r, NAME_FILE, value, &ignored, err);
    }
    return true;
}

static bool read_line(struct reader *r, struct text line, struct pyr_err *err)
{
    line = trimmed(line);
    if (line.len == 0 || line.data[0] == '#') {
        return true;
    }
    char first = line.data[0];
    if ((first >= '0' && first <= '9') || first == '+' || first == '-' || first == '*') {
        return read_cost_line(r, line, err);
    }
    const char *equals = memchr(line.data, '=', line.len);
    const char *colon = memchr(line.data, ':', line.len);
    if (equals != NULL && (colon == NULL || equals < colon)) {
        return read_spec(r, line, err);
    }
    if (colon == NULL) {
        return wrong(err, "a line that is neither a cost nor a name");
    }
    if (starts_with(line, "events:")) {
        return read_events(r, after(line, strlen("events:")), err);
    }
    if (starts_with(line, "positions:")) {
        read_positions(r, after(line, strlen("positions:")));
    } else if (starts_with(line, "cmd:")) {
        struct text command = trimmed(after(line, strlen("cmd:")));
        pyr_str id = {0};
        return pyr_strtab_add(r->profile->strings, command.data, command.len, &id, err) &&
               pyr_meta_set_text(r->profile->meta, PYR_META_COMMAND,
                                 pyr_strtab_text(r->profile->strings, id), err);
    }
    return true;
}

/* The part of a function's own costs that belongs to calls with this inclusive cost. */
static void share_self(const struct reader *r, pyr_frame_id frame, double share, int64_t *values)
{
    for (uint32_t c = 0; c < r->columns; c++) {
        values[c] = (int64_t)((double)r->self[(size_t)frame.i * r->columns + c] * share);
    }
}

/* What the shares of all callers together leave of a function's own costs, and what nobody's call
 * explains: an arc from nobody. */
struct rest {
    bool is_root;
    double inclusive;
};

static struct rest rest_of(const struct function *function)
{
    double left = function->inclusive - function->from_callers;
    struct rest rest = {!function->has_caller || left > function->inclusive / 100,
                        left > 0 ? left : 0};
    return rest;
}

static bool add_arc(struct reader *r, struct pyr_arc_graph *graph, const struct call *call,
                    struct pyr_err *err)
{
    const struct function *callee = &r->functions[call->callee.i];
    struct rest rest = rest_of(callee);
    bool same = call->caller.i == call->callee.i;
    double whole = callee->from_callers + (rest.is_root ? rest.inclusive : 0);
    double share = !same && whole > 0 ? call->inclusive / whole : 0;
    int64_t values[PYR_MAX_METRICS] = {0};
    share_self(r, call->callee, share, values);
    double self = (double)values[0];
    values[r->calls_column] = call->calls;
    const struct pyr_arc arc = {
        .caller = call->caller,
        .callee = call->callee,
        .inclusive = call->inclusive,
        .below = call->inclusive > self ? call->inclusive - self : 0,
    };
    return pyr_arc_graph_add(graph, &arc, values, err);
}

/* Gives what rounding and recursion have left over of each function's own costs to its first arc;
 * functions that nobody called, or not only, get an arc from nobody before. */
static bool add_rests(struct reader *r, struct pyr_arc_graph *graph, struct pyr_err *err)
{
    uint32_t frames = r->functions == NULL ? 0 : pyr_frames_count(r->profile->frames);
    uint32_t *first_arc = pyr_mem_zalloc((size_t)frames + 1, sizeof *first_arc);
    if (first_arc == NULL) {
        return pyr_err_nomem(err);
    }
    bool ok = true;
    for (uint32_t i = 1; ok && i <= frames; i++) {
        struct rest rest = rest_of(&r->functions[i]);
        int64_t values[PYR_MAX_METRICS] = {0};
        const struct pyr_arc arc = {
            .callee = {i}, .inclusive = rest.inclusive, .below = rest.inclusive};
        if (rest.is_root) {
            values[r->calls_column] = (uint32_t)r->calls_column < r->columns ? 0 : 1;
            ok = pyr_arc_graph_add(graph, &arc, values, err);
            first_arc[i] = graph->count;
        }
    }
    for (uint32_t a = 0; ok && a < graph->count; a++) {
        uint32_t callee = graph->arcs[a].callee.i;
        first_arc[callee] = first_arc[callee] == 0 ? a + 1 : first_arc[callee];
        for (uint32_t c = 0; c < r->columns; c++) {
            r->self[(size_t)callee * r->columns + c] -=
                graph->values[(size_t)a * graph->columns + c];
        }
    }
    for (uint32_t i = 1; ok && i <= frames; i++) {
        for (uint32_t c = 0; first_arc[i] != 0 && c < r->columns; c++) {
            graph->values[(size_t)(first_arc[i] - 1) * graph->columns + c] +=
                r->self[(size_t)i * r->columns + c];
        }
    }
    pyr_mem_free(first_arc);
    return ok;
}

static bool build(struct reader *r, struct pyr_err *err)
{
    struct pyr_arc_graph graph = {0};
    uint32_t column = 0;
    if (r->columns == 0) {
        return wrong(err, "no events");
    }
    if (r->calls_column < 0) {
        if (!pyr_metrics_add(&r->profile->metrics, r->profile->strings, PYR_METRIC_CALLS,
                             PYR_UNIT_COUNT, &column, err)) {
            return false;
        }
        r->calls_column = (int)column;
    }
    graph.columns = r->profile->metrics.count;
    bool ok = true;
    for (uint32_t i = 0; ok && i < r->call_count; i++) {
        ok = add_arc(r, &graph, &r->calls[i], err);
    }
    ok = ok && add_rests(r, &graph, err) && pyr_arc_tree_build(r->profile, &graph, err);
    pyr_arc_graph_release(&graph);
    return ok;
}

static void release(struct reader *r)
{
    pyr_profile_free(r->profile);
    pyr_map_release(&r->names[NAME_FILE]);
    pyr_map_release(&r->names[NAME_FUNCTION]);
    pyr_map_release(&r->call_by_key);
    pyr_mem_free(r->functions);
    pyr_mem_free(r->self);
    pyr_mem_free(r->calls);
}

bool pyr_callgrind_read(const uint8_t *data, size_t size, struct pyr_profile **out,
                        struct pyr_err *err)
{
    struct reader r = {.profile = pyr_profile_new(err), .positions = 1, .calls_column = -1};
    const char *text = (const char *)data;
    *out = NULL;
    bool ok =
        r.profile != NULL &&
        pyr_meta_set_text(r.profile->meta, PYR_META_COLLECTOR, "import:callgrind", err) &&
        pyr_meta_set_text(r.profile->meta, "stacks", "estimated from callers and callees", err);
    for (size_t pos = 0; ok && pos < size;) {
        const char *newline = memchr(text + pos, '\n', size - pos);
        size_t len = newline == NULL ? size - pos : (size_t)(newline - (text + pos));
        ok = read_line(&r, (struct text){text + pos, len}, err) ||
             pyr_err_prefix(err, "byte %zu", pos);
        pos += len + 1;
    }
    if (ok && build(&r, err)) {
        *out = r.profile;
        r.profile = NULL; /* it is the caller's now */
    }
    release(&r);
    return *out != NULL;
}

/* Text with the format's own mark, or with its list of events near the start. */
bool pyr_callgrind_sniff(const uint8_t *data, size_t size)
{
    static const char mark[] = "# callgrind format";
    static const char events[] = "\nevents:";
    size_t len = size < SNIFF_BYTES ? size : SNIFF_BYTES;
    if (len >= strlen(mark) && memcmp(data, mark, strlen(mark)) == 0) {
        return true;
    }
    return len > 0 && data[0] != '{' && memchr(data, '\0', len) == NULL &&
           (memmem(data, len, events, strlen(events)) != NULL ||
            (len >= strlen(events) && memcmp(data, events + 1, strlen(events) - 1) == 0));
}
