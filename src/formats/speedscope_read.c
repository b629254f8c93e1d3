/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "formats/speedscope.h"

#define MAX_VALUE 4.0e18 /* sums of two still fit 64 bits */
#define SNIFF_BYTES 65536

struct frame_list {
    pyr_func *funcs; /* owned; as numbered in the file */
    uint32_t count;
    uint32_t cap;
};

struct reader {
    const uint8_t *data;
    size_t size;
    struct pyr_profile *profile;
    struct frame_list frames;
    bool has_frames; /* shared.frames was there, be it empty */
};

/* One entry of "profiles": where its parts are. The order of keys in a file is free, so that the
 * arrays are read when everything else is known. Position 0: not there. */
struct section {
    size_t samples;
    size_t weights;
    size_t events;
    double end;
    double scale;
    const char *metric;
    const char *unit;
    pyr_str name;
    bool evented;
    bool has_end;
    uint32_t column;
    pyr_thread thread;
};

struct unit {
    const char *name;
    double scale;
    const char *metric;
    const char *unit;
};

static const struct unit units[] = {
    {"none", 1, PYR_METRIC_SAMPLES, PYR_UNIT_COUNT}, /* the first: when none is given */
    {"nanoseconds", 1, PYR_METRIC_WALL, PYR_UNIT_NS},
    {"microseconds", 1e3, PYR_METRIC_WALL, PYR_UNIT_NS},
    {"milliseconds", 1e6, PYR_METRIC_WALL, PYR_UNIT_NS},
    {"seconds", 1e9, PYR_METRIC_WALL, PYR_UNIT_NS},
    {"bytes", 1, "bytes", PYR_UNIT_BYTES},
};

static bool fail_at(const struct pyr_json_reader *json, const char *what, struct pyr_err *err)
{
    return pyr_err_set(err, PYR_ERR_FORMAT, "byte %zu: %s", json->in.pos, what);
}

static bool is_key(const struct pyr_json_reader *json, const char *key)
{
    return json->text.len == strlen(key) && memcmp(json->text.data, key, json->text.len) == 0;
}

/* A reader of the value that starts at byte `pos`. */
static void begin_at(const struct reader *r, size_t pos, struct pyr_json_reader *json)
{
    pyr_json_reader_init(json, r->data, r->size);
    json->in.pos = pos;
}

static bool read_text(struct reader *r, struct pyr_json_reader *json, pyr_str *id,
                      struct pyr_err *err)
{
    enum pyr_json_kind kind = PYR_JSON_NULL;
    if (!pyr_json_peek(json, &kind, err)) {
        return false;
    }
    if (kind != PYR_JSON_STRING) {
        return pyr_json_skip(json, err); /* null, as some exporters write what they don't know */
    }
    return pyr_json_read_string(json, err) &&
           pyr_strtab_add(r->profile->strings, json->text.data == NULL ? "" : json->text.data,
                          json->text.len, id, err);
}

static bool read_number(struct pyr_json_reader *json, double *number, struct pyr_err *err)
{
    enum pyr_json_kind kind = PYR_JSON_NULL;
    if (!pyr_json_peek(json, &kind, err)) {
        return false;
    }
    return kind == PYR_JSON_NUMBER ? pyr_json_read_double(json, number, err)
                                   : pyr_json_skip(json, err);
}

static bool read_frame(struct reader *r, struct pyr_json_reader *json, struct pyr_err *err)
{
    struct pyr_function function = {.kind = PYR_FUNC_PYTHON};
    double line = 0;
    pyr_func func = {0};
    bool more = false, ok = pyr_json_enter_object(json, err);
    while (ok && (ok = pyr_json_next_key(json, &more, err)) && more) {
        if (is_key(json, "name")) {
            ok = read_text(r, json, &function.qualname, err);
        } else if (is_key(json, "file")) {
            ok = read_text(r, json, &function.file, err);
        } else if (is_key(json, "line")) {
            ok = read_number(json, &line, err);
        } else {
            ok = pyr_json_skip(json, err);
        }
    }
    if (line > 0 && line <= UINT32_MAX) {
        function.first_line = (uint32_t)line;
    }
    if (!ok || !pyr_functions_add(r->profile->functions, &function, &func, err) ||
        !pyr_mem_grow(&r->frames.funcs, &r->frames.cap, (size_t)r->frames.count + 1, sizeof func,
                      err)) {
        return false;
    }
    r->frames.funcs[r->frames.count++] = func;
    return true;
}

static bool read_shared(struct reader *r, struct pyr_json_reader *json, struct pyr_err *err)
{
    bool more = false, ok = pyr_json_enter_object(json, err);
    while (ok && (ok = pyr_json_next_key(json, &more, err)) && more) {
        if (!is_key(json, "frames")) {
            ok = pyr_json_skip(json, err);
            continue;
        }
        r->has_frames = true;
        ok = pyr_json_enter_array(json, err);
        while (ok && (ok = pyr_json_next_item(json, &more, err)) && more) {
            ok = read_frame(r, json, err);
        }
    }
    return ok;
}

/* Gives the function of a frame number. */
static bool read_frame_number(const struct reader *r, struct pyr_json_reader *json, pyr_func *func,
                              struct pyr_err *err)
{
    double number = -1;
    if (!pyr_json_read_double(json, &number, err)) {
        return false;
    }
    if (!(number >= 0) || number >= r->frames.count || number > floor(number)) {
        return fail_at(json, "a frame that is not in shared.frames", err);
    }
    *func = r->frames.funcs[(uint32_t)number];
    return true;
}

static int64_t scaled(const struct section *section, double value)
{
    return llround(fmax(-MAX_VALUE, fmin(MAX_VALUE, value * section->scale)));
}

static bool read_stack(const struct reader *r, struct pyr_json_reader *json, pyr_stack *stack,
                       struct pyr_err *err)
{
    bool more = false, ok = pyr_json_enter_array(json, err);
    *stack = (pyr_stack){0};
    while (ok && (ok = pyr_json_next_item(json, &more, err)) && more) {
        pyr_func func = {0};
        ok = read_frame_number(r, json, &func, err) &&
             pyr_profile_push(r->profile, *stack, func, 0, stack, err);
    }
    return ok;
}

static bool read_samples(const struct reader *r, const struct section *section, struct pyr_err *err)
{
    struct pyr_json_reader samples, weights;
    bool more = false, more_weights = false;
    begin_at(r, section->samples, &samples);
    begin_at(r, section->weights, &weights);
    bool ok = pyr_json_enter_array(&samples, err) && pyr_json_enter_array(&weights, err);
    while (ok && (ok = pyr_json_next_item(&samples, &more, err) &&
                       pyr_json_next_item(&weights, &more_weights, err))) {
        pyr_stack stack = {0};
        double weight = 0;
        if (more != more_weights) {
            ok = fail_at(&weights, "not as many weights as samples", err);
        }
        if (!ok || !more) {
            break;
        }
        ok = read_stack(r, &samples, &stack, err) && pyr_json_read_double(&weights, &weight, err) &&
             pyr_values_add(r->profile->values, stack, section->thread, section->column,
                            scaled(section, weight), err);
    }
    pyr_json_reader_release(&samples);
    pyr_json_reader_release(&weights);
    return ok;
}

struct event {
    double at;
    pyr_func func;
    bool opens;
    bool closes;
};

static bool read_event(const struct reader *r, struct pyr_json_reader *json, struct event *event,
                       struct pyr_err *err)
{
    bool more = false, ok = pyr_json_enter_object(json, err);
    *event = (struct event){0};
    while (ok && (ok = pyr_json_next_key(json, &more, err)) && more) {
        if (is_key(json, "type")) {
            ok = pyr_json_read_string(json, err);
            event->opens = ok && is_key(json, "O");
            event->closes = ok && is_key(json, "C");
        } else if (is_key(json, "at")) {
            ok = pyr_json_read_double(json, &event->at, err);
        } else if (is_key(json, "frame")) {
            ok = read_frame_number(r, json, &event->func, err);
        } else {
            ok = pyr_json_skip(json, err);
        }
    }
    if (ok && (event->func.i == 0 || event->opens == event->closes)) {
        return fail_at(json, "an event that neither opens nor closes a frame", err);
    }
    return ok;
}

/* What is open while events are read. */
struct replay {
    pyr_stack stack;
    int64_t now;
    bool started;
};

/* The time up to `now` belongs to the frame that is on top. */
static bool advance(const struct reader *r, const struct section *section, struct replay *replay,
                    int64_t now, struct pyr_err *err)
{
    int64_t passed = replay->started ? now - replay->now : 0;
    replay->started = true;
    replay->now = now;
    if (passed < 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "events that are not ordered by time");
    }
    return replay->stack.i == 0 || passed == 0 ||
           pyr_values_add(r->profile->values, replay->stack, section->thread, section->column,
                          passed, err);
}

static bool play(const struct reader *r, struct replay *replay, const struct event *event,
                 struct pyr_err *err)
{
    if (event->opens) {
        return pyr_profile_push(r->profile, replay->stack, event->func, 0, &replay->stack, err);
    }
    if (replay->stack.i == 0 ||
        pyr_profile_stack_function(r->profile, replay->stack).i != event->func.i) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a frame closed that is not the open one");
    }
    replay->stack = pyr_stacks_get(r->profile->stacks, replay->stack).parent;
    return true;
}

static bool read_events(const struct reader *r, const struct section *section, struct pyr_err *err)
{
    struct pyr_json_reader json;
    struct replay replay = {0};
    struct event event = {0};
    bool more = false;
    begin_at(r, section->events, &json);
    bool ok = pyr_json_enter_array(&json, err);
    while (ok && (ok = pyr_json_next_item(&json, &more, err)) && more) {
        ok = read_event(r, &json, &event, err);
        if (ok && (!advance(r, section, &replay, scaled(section, event.at), err) ||
                   !play(r, &replay, &event, err))) {
            ok = pyr_err_prefix(err, "byte %zu", json.in.pos);
        }
    }
    if (ok && section->has_end && replay.stack.i != 0 &&
        scaled(section, section->end) > replay.now) { /* frames that are never closed */
        ok = advance(r, section, &replay, scaled(section, section->end), err);
    }
    pyr_json_reader_release(&json);
    return ok;
}

static bool read_unit(struct pyr_json_reader *json, struct section *section, struct pyr_err *err)
{
    if (!pyr_json_read_string(json, err)) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (is_key(json, units[i].name)) {
            section->scale = units[i].scale;
            section->metric = units[i].metric;
            section->unit = units[i].unit;
            return true;
        }
    }
    return fail_at(json, "an unknown unit", err);
}

static bool note_position(struct pyr_json_reader *json, size_t *pos, struct pyr_err *err)
{
    *pos = json->in.pos;
    return pyr_json_skip(json, err);
}

static bool read_section_key(struct reader *r, struct pyr_json_reader *json,
                             struct section *section, struct pyr_err *err)
{
    if (is_key(json, "type")) {
        bool ok = pyr_json_read_string(json, err);
        section->evented = ok && is_key(json, "evented");
        return ok && (section->evented || is_key(json, "sampled") ||
                      fail_at(json, "a profile that is neither sampled nor evented", err));
    }
    if (is_key(json, "unit")) {
        return read_unit(json, section, err);
    }
    if (is_key(json, "name")) {
        return read_text(r, json, &section->name, err);
    }
    if (is_key(json, "endValue")) {
        section->has_end = true;
        return pyr_json_read_double(json, &section->end, err);
    }
    if (is_key(json, "samples")) {
        return note_position(json, &section->samples, err);
    }
    if (is_key(json, "weights")) {
        return note_position(json, &section->weights, err);
    }
    return is_key(json, "events") ? note_position(json, &section->events, err)
                                  : pyr_json_skip(json, err);
}

static bool read_section(struct reader *r, struct pyr_json_reader *json, struct pyr_err *err)
{
    struct section section = {
        .scale = units[0].scale, .metric = units[0].metric, .unit = units[0].unit};
    bool more = false, ok = pyr_json_enter_object(json, err);
    while (ok && (ok = pyr_json_next_key(json, &more, err)) && more) {
        ok = read_section_key(r, json, &section, err);
    }
    const struct pyr_thread_info info = {.name = section.name};
    if (!ok || !pyr_threads_add(r->profile->threads, &info, &section.thread, err) ||
        !pyr_metrics_add(&r->profile->metrics, r->profile->strings, section.metric, section.unit,
                         &section.column, err)) {
        return false;
    }
    if (section.evented ? section.events == 0 : section.samples == 0 || section.weights == 0) {
        return fail_at(json,
                       section.evented ? "a profile without events"
                                       : "a profile without samples or weights",
                       err);
    }
    return section.evented ? read_events(r, &section, err) : read_samples(r, &section, err);
}

/* First the frames, then the profiles that name them: a file may have them in any order. */
static bool read_document(struct reader *r, struct pyr_json_reader *json, struct pyr_err *err)
{
    size_t profiles = 0;
    bool more = false, ok = pyr_json_enter_object(json, err);
    while (ok && (ok = pyr_json_next_key(json, &more, err)) && more) {
        if (is_key(json, "shared")) {
            ok = read_shared(r, json, err);
        } else if (is_key(json, "profiles")) {
            ok = note_position(json, &profiles, err);
        } else {
            ok = pyr_json_skip(json, err);
        }
    }
    ok = ok && pyr_json_end(json, err);
    if (ok && (profiles == 0 || !r->has_frames)) {
        return pyr_err_set(err, PYR_ERR_FORMAT,
                           "not a speedscope file: no profiles or no shared.frames in it");
    }
    if (!ok) {
        return false;
    }
    json->in.pos = profiles;
    ok = pyr_json_enter_array(json, err);
    while (ok && (ok = pyr_json_next_item(json, &more, err)) && more) {
        ok = read_section(r, json, err);
    }
    return ok;
}

bool pyr_speedscope_read(const uint8_t *data, size_t size, struct pyr_profile **out,
                         struct pyr_err *err)
{
    struct reader r = {.data = data, .size = size, .profile = pyr_profile_new(err)};
    struct pyr_json_reader json;
    *out = NULL;
    pyr_json_reader_init(&json, data, size);
    if (r.profile != NULL &&
        pyr_meta_set_text(r.profile->meta, PYR_META_COLLECTOR, "import:speedscope", err) &&
        read_document(&r, &json, err)) {
        *out = r.profile;
        r.profile = NULL; /* it is the caller's now */
    }
    pyr_json_reader_release(&json);
    pyr_mem_free(r.frames.funcs);
    pyr_profile_free(r.profile);
    return *out != NULL;
}

/* A JSON object that speaks of speedscope, or has its outermost keys. */
bool pyr_speedscope_sniff(const uint8_t *data, size_t size)
{
    static const char *const marks[] = {"speedscope", "\"shared\"", "\"profiles\""};
    size_t len = size < SNIFF_BYTES ? size : SNIFF_BYTES, start = 0;
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        start = 3;
    }
    while (start < len && strchr(" \t\r\n", data[start]) != NULL && data[start] != '\0') {
        start++;
    }
    if (start == len || data[start] != '{') {
        return false;
    }
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (memmem(data, len, marks[i], strlen(marks[i])) != NULL) {
            return true;
        }
    }
    return false;
}
