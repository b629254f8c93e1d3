/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_rows.h"

#include <string.h>

/* Reads a step of column `column`, which must lead to a number from `min` to `max`. */
static bool get_step(struct pyr_native_columns *columns, uint32_t column, const uint32_t min_max[2],
                     uint32_t *value, struct pyr_err *err)
{
    int64_t step = 0;
    if (!pyr_reader_svarint(&columns->in[column], &step, err)) {
        return false;
    }
    const uint64_t next = columns->last[column] + (uint64_t)step; /* wraps: out of range then */
    if (next < min_max[0] || next > min_max[1]) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "column %u is out of range", column);
    }
    columns->last[column] = (uint32_t)next;
    *value = (uint32_t)next;
    return true;
}

static bool is_same_id(uint32_t got, uint32_t expected, struct pyr_err *err)
{
    if (got == expected) {
        return true;
    }
    return pyr_err_set(err, PYR_ERR_FORMAT, "the same as id %u", got);
}

static uint32_t count_strings(const struct pyr_profile *profile)
{
    return pyr_strtab_count(profile->strings);
}

static bool row_string(struct pyr_profile *profile, struct pyr_native_columns *columns, uint32_t id,
                       struct pyr_err *err)
{
    uint32_t len = 0;
    const uint8_t *text = NULL;
    pyr_str got = {0};
    return pyr_reader_varint32(&columns->in[0], &len, err) &&
           pyr_reader_bytes(&columns->in[1], len, &text, err) &&
           pyr_strtab_add(profile->strings, (const char *)text, len, &got, err) &&
           is_same_id(got.i, id, err);
}

static uint32_t count_functions(const struct pyr_profile *profile)
{
    return pyr_functions_count(profile->functions);
}

static bool row_function(struct pyr_profile *profile, struct pyr_native_columns *columns,
                         uint32_t id, struct pyr_err *err)
{
    const uint32_t text[2] = {0, count_strings(profile)};
    struct pyr_function function = {0};
    uint32_t kind = 0;
    pyr_func got = {0};
    if (!get_step(columns, 0, text, &function.qualname.i, err) ||
        !get_step(columns, 1, text, &function.module.i, err) ||
        !get_step(columns, 2, text, &function.file.i, err) ||
        !get_step(columns, 3, (uint32_t[]){0, UINT32_MAX}, &function.first_line, err) ||
        !get_step(columns, 4, (uint32_t[]){0, PYR_FUNC_KIND_COUNT - 1}, &kind, err)) {
        return false;
    }
    function.kind = (enum pyr_func_kind)kind;
    return pyr_functions_add(profile->functions, &function, &got, err) &&
           is_same_id(got.i, id, err);
}

static uint32_t count_frames(const struct pyr_profile *profile)
{
    return pyr_frames_count(profile->frames);
}

static bool row_frame(struct pyr_profile *profile, struct pyr_native_columns *columns, uint32_t id,
                      struct pyr_err *err)
{
    struct pyr_frame frame = {0};
    pyr_frame_id got = {0};
    return get_step(columns, 0, (uint32_t[]){1, count_functions(profile)}, &frame.func.i, err) &&
           get_step(columns, 1, (uint32_t[]){0, UINT32_MAX}, &frame.line, err) &&
           pyr_frames_add(profile->frames, frame, &got, err) && is_same_id(got.i, id, err);
}

static uint32_t count_stacks(const struct pyr_profile *profile)
{
    return pyr_stacks_count(profile->stacks);
}

static bool row_stack(struct pyr_profile *profile, struct pyr_native_columns *columns, uint32_t id,
                      struct pyr_err *err)
{
    struct pyr_stack_node node = {0};
    pyr_stack got = {0};
    return get_step(columns, 0, (uint32_t[]){0, id - 1}, &node.parent.i, err) &&
           get_step(columns, 1, (uint32_t[]){1, count_frames(profile)}, &node.frame.i, err) &&
           pyr_stacks_add(profile->stacks, node.parent, node.frame, &got, err) &&
           is_same_id(got.i, id, err);
}

/* Names that the model takes as C strings. */
static bool get_c_text(const struct pyr_profile *profile, uint32_t id, const char **text,
                       struct pyr_err *err)
{
    *text = pyr_strtab_text(profile->strings, (pyr_str){id});
    if (strlen(*text) != pyr_strtab_len(profile->strings, (pyr_str){id})) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a NUL within string %u", id);
    }
    return true;
}

static uint32_t count_metrics(const struct pyr_profile *profile)
{
    return profile->metrics.count;
}

static bool row_metric(struct pyr_profile *profile, struct pyr_native_columns *columns, uint32_t id,
                       struct pyr_err *err)
{
    const uint32_t text[2] = {0, count_strings(profile)};
    uint32_t name_id = 0, unit_id = 0, column = 0;
    const char *name = NULL, *unit = NULL;
    return get_step(columns, 0, text, &name_id, err) && get_step(columns, 1, text, &unit_id, err) &&
           get_c_text(profile, name_id, &name, err) && get_c_text(profile, unit_id, &unit, err) &&
           pyr_metrics_add(&profile->metrics, profile->strings, name, unit, &column, err) &&
           is_same_id(column + 1, id, err);
}

static uint32_t count_threads(const struct pyr_profile *profile)
{
    return pyr_threads_count(profile->threads);
}

/* A row whose id is known already tells how the same thread is now. */
static bool restate_thread(struct pyr_threads *threads, pyr_thread id,
                           const struct pyr_thread_info *info, struct pyr_err *err)
{
    const struct pyr_thread_info known = pyr_threads_get(threads, id);
    if ((known.pid != info->pid && known.pid != 0) || (known.tid != info->tid && known.tid != 0) ||
        known.kind != info->kind || known.parent.i != info->parent.i) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "thread %u became another one", id.i);
    }
    pyr_threads_update(threads, id, info);
    return true;
}

/* The columns that a section may do without: what it has not got stays as it is. */
static bool row_context(const struct pyr_profile *profile, struct pyr_native_columns *columns,
                        pyr_thread id, struct pyr_thread_info *info, struct pyr_err *err)
{
    const uint32_t text[2] = {0, count_strings(profile)};
    struct {
        uint32_t *value;
        uint32_t min_max[2];
    } const steps[] = {{&info->parent.i, {0, id.i - 1}},
                       {&info->tag.i, {0, text[1]}},
                       {&info->entry.i, {0, text[1]}}};
    uint64_t flags = info->starved_known ? PYR_NATIVE_STARVED_KNOWN : 0;
    uint64_t *const figures[] = {&info->start_ns, &info->end_ns, &info->switches, &info->starved_ns,
                                 &flags};
    uint32_t column = PYR_NATIVE_THREAD_LEAST;
    for (; column < columns->count && column < PYR_NATIVE_THREAD_STEPS; column++) {
        const uint32_t i = column - PYR_NATIVE_THREAD_LEAST;
        if (!get_step(columns, column, steps[i].min_max, steps[i].value, err)) {
            return false;
        }
    }
    for (; column < columns->count; column++) {
        if (!pyr_reader_varint(&columns->in[column], figures[column - PYR_NATIVE_THREAD_STEPS],
                               err)) {
            return false;
        }
    }
    if (flags > PYR_NATIVE_STARVED_KNOWN) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "flags of thread %u are out of range", id.i);
    }
    info->starved_known = flags != 0;
    return true;
}

static bool check_ancestors(const struct pyr_threads *threads, pyr_thread id, struct pyr_err *err)
{
    uint32_t count = 0;
    for (; id.i != 0; id = pyr_threads_get(threads, id).parent) {
        if (++count > PYR_THREAD_MAX_ANCESTORS) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "thread %u has more than %d ancestors",
                               pyr_threads_count(threads) + 1, PYR_THREAD_MAX_ANCESTORS);
        }
    }
    return true;
}

static bool row_thread(struct pyr_profile *profile, struct pyr_native_columns *columns, uint32_t id,
                       struct pyr_err *err)
{
    const uint32_t any[2] = {0, UINT32_MAX};
    struct pyr_thread_info info = {0};
    uint32_t kind = 0;
    pyr_thread got = {0};
    if (!get_step(columns, 0, (uint32_t[]){1, id}, &got.i, err)) {
        return false;
    }
    if (got.i < id) {
        info = pyr_threads_get(profile->threads, got);
    }
    if (!get_step(columns, 1, any, &info.pid, err) || !get_step(columns, 2, any, &info.tid, err) ||
        !get_step(columns, 3, (uint32_t[]){0, count_strings(profile)}, &info.name.i, err) ||
        !get_step(columns, 4, (uint32_t[]){0, PYR_THREAD_KIND_COUNT - 1}, &kind, err)) {
        return false;
    }
    info.kind = (enum pyr_thread_kind)kind;
    if (!row_context(profile, columns, got, &info, err)) {
        return false;
    }
    if (got.i < id) {
        return restate_thread(profile->threads, got, &info, err);
    }
    return check_ancestors(profile->threads, info.parent, err) &&
           pyr_threads_add(profile->threads, &info, &got, err);
}

static uint32_t count_values(const struct pyr_profile *profile)
{
    return pyr_values_count(profile->values);
}

static bool row_values(struct pyr_profile *profile, struct pyr_native_columns *columns, uint32_t id,
                       struct pyr_err *err)
{
    (void)id;
    const uint32_t metrics = columns->count - PYR_NATIVE_VALUE_COLUMNS;
    int64_t v[PYR_MAX_METRICS] = {0};
    pyr_stack stack = {0};
    pyr_thread thread = {0};
    if (!get_step(columns, 0, (uint32_t[]){0, count_stacks(profile)}, &stack.i, err) ||
        !get_step(columns, 1, (uint32_t[]){0, count_threads(profile)}, &thread.i, err)) {
        return false;
    }
    for (uint32_t i = 0; i < metrics; i++) {
        if (!pyr_reader_svarint(&columns->in[PYR_NATIVE_VALUE_COLUMNS + i], &v[i], err)) {
            return false;
        }
    }
    return pyr_values_set(profile->values, stack, thread, v, metrics, err);
}

static uint32_t count_runs(const struct pyr_profile *profile)
{
    return pyr_timeline_count(profile->timeline);
}

static bool row_run(struct pyr_profile *profile, struct pyr_native_columns *columns, uint32_t id,
                    struct pyr_err *err)
{
    (void)id;
    struct pyr_run run = {0};
    int64_t step = 0;
    if (!get_step(columns, 0, (uint32_t[]){0, count_threads(profile)}, &run.thread.i, err) ||
        !get_step(columns, 1, (uint32_t[]){0, count_stacks(profile)}, &run.stack.i, err) ||
        !pyr_reader_svarint(&columns->in[2], &step, err) ||
        !pyr_reader_varint(&columns->in[3], &run.duration_ns, err)) {
        return false;
    }
    run.start_ns = columns->last_end_ns + (uint64_t)step;
    columns->last_end_ns = run.start_ns + run.duration_ns;
    return pyr_timeline_add(profile->timeline, run, err);
}

static uint32_t count_meta(const struct pyr_profile *profile)
{
    return pyr_meta_count(profile->meta);
}

static bool row_meta(struct pyr_profile *profile, struct pyr_native_columns *columns, uint32_t id,
                     struct pyr_err *err)
{
    (void)id;
    uint32_t key_id = 0;
    uint8_t kind = 0;
    int64_t value = 0;
    const char *key = NULL, *text = NULL;
    if (!pyr_reader_varint32(&columns->in[0], &key_id, err) ||
        !pyr_reader_u8(&columns->in[1], &kind, err) ||
        !pyr_reader_svarint(&columns->in[2], &value, err)) {
        return false;
    }
    if (key_id > count_strings(profile) || kind > PYR_NATIVE_META_NUMBER) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "key or kind is out of range");
    }
    if (!get_c_text(profile, key_id, &key, err)) {
        return false;
    }
    if (kind == PYR_NATIVE_META_NUMBER) {
        return pyr_meta_set_number(profile->meta, key, value, err);
    }
    if (value < 0 || value > count_strings(profile)) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "the text of %s is out of range", key);
    }
    return get_c_text(profile, (uint32_t)value, &text, err) &&
           pyr_meta_set_text(profile->meta, key, text, err);
}

#define THREAD_OPTIONAL (PYR_NATIVE_THREAD_COLUMNS - PYR_NATIVE_THREAD_LEAST)

static const struct pyr_native_table tables[] = {
    {PYR_NATIVE_STRINGS, PYR_NATIVE_STRING_COLUMNS, 0, count_strings, row_string},
    {PYR_NATIVE_FUNCTIONS, PYR_NATIVE_FUNCTION_COLUMNS, 0, count_functions, row_function},
    {PYR_NATIVE_FRAMES, PYR_NATIVE_FRAME_COLUMNS, 0, count_frames, row_frame},
    {PYR_NATIVE_STACKS, PYR_NATIVE_STACK_COLUMNS, 0, count_stacks, row_stack},
    {PYR_NATIVE_METRICS, PYR_NATIVE_METRIC_COLUMNS, 0, count_metrics, row_metric},
    {PYR_NATIVE_THREADS, PYR_NATIVE_THREAD_LEAST, THREAD_OPTIONAL, count_threads, row_thread},
    {PYR_NATIVE_VALUES, PYR_NATIVE_VALUE_COLUMNS, PYR_MAX_METRICS, count_values, row_values},
    {PYR_NATIVE_RUNS, PYR_NATIVE_RUN_COLUMNS, 0, count_runs, row_run},
    {PYR_NATIVE_META, PYR_NATIVE_META_COLUMNS, 0, count_meta, row_meta},
};

const struct pyr_native_table *pyr_native_find_table(uint32_t type)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (tables[i].type == type) {
            return &tables[i];
        }
    }
    return NULL;
}
