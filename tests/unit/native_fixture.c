/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "native_fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/native.h"
#include "formats/native_write.h"
#include "unit.h"

#define DEPTH 12

struct text {
    const char *bytes;
    size_t len;
};

/* A NUL, broken UTF-8, an over-long form, a lone surrogate, line ends, markup, a terminal's escape
 * and what looks like the file's own letters. */
static const struct text HOSTILE[] = {
    {"a\0b", 3},         {"\0", 1},       {"\xff\xfe", 2},     {"\xc0\x80", 2},
    {"\xed\xa0\x80", 3}, {"x\r\ny\n", 5}, {"</script>", 9},    {"\x1b[31m", 5},
    {"COMT\0\0\0\0", 8}, {"\x89PYR", 4},  {"\xe2\x82\xac", 3}, {"%s%n;;\t\"\\", 9},
};
#define HOSTILE_COUNT (sizeof(HOSTILE) / sizeof(HOSTILE[0]))

static bool add_functions(struct pyr_profile *profile, uint32_t round, pyr_func funcs[DEPTH],
                          struct pyr_err *err)
{
    const struct text *hostile = &HOSTILE[round % HOSTILE_COUNT];
    struct pyr_function hard = {.first_line = UINT32_MAX - round, .kind = PYR_FUNC_NATIVE};
    if (!pyr_strtab_add(profile->strings, hostile->bytes, hostile->len, &hard.qualname, err)) {
        return false;
    }
    hard.file = hard.qualname;
    if (!pyr_functions_add(profile->functions, &hard, &funcs[0], err)) {
        return false;
    }
    for (uint32_t i = 1; i < DEPTH; i++) {
        char qualname[64], file[64];
        snprintf(qualname, sizeof(qualname), "Round%" PRIu32 ".<locals>.step%" PRIu32, round, i);
        snprintf(file, sizeof(file), "/srv/app/part%" PRIu32 ".py", round % 3);
        const struct pyr_function_text text = {
            .qualname = qualname,
            .module = i % 2 == 0 ? "app.part" : "",
            .file = file,
            .first_line = i * 100 + round,
            .kind = (enum pyr_func_kind)(i % PYR_FUNC_KIND_COUNT),
        };
        if (!pyr_profile_add_function(profile, &text, &funcs[i], err)) {
            return false;
        }
    }
    return true;
}

/* A thread is known better later: everything but what makes it this one may change. */
static void learn_thread(struct pyr_threads *threads, uint32_t id, pyr_str text)
{
    struct pyr_thread_info info = pyr_threads_get(threads, (pyr_thread){id});
    info.pid = 4000000000u;
    info.tid = info.tid == 0 ? id : info.tid;
    info.name = text;
    info.tag = info.tag.i == 0 ? text : (pyr_str){0};
    info.entry.i = 1;
    info.start_ns += 5;
    info.end_ns = UINT64_MAX - id;
    info.switches++;
    info.starved_ns = info.starved_ns == 0 ? UINT64_MAX : 0;
    info.starved_known = !info.starved_known;
    pyr_threads_update(threads, (pyr_thread){id}, &info);
}

static bool add_threads(struct pyr_profile *profile, uint32_t round, pyr_thread *thread,
                        struct pyr_err *err)
{
    struct pyr_thread_info info = {
        .pid = 4000000000u,
        .tid = round % 4 == 3 ? 0 : round,
        .kind = (enum pyr_thread_kind)(round % PYR_THREAD_KIND_COUNT),
        .parent = {pyr_threads_count(profile->threads) / 2},
        .entry = {round % 3},
        .start_ns = (uint64_t)round * 1000000007,
        .switches = round * 3,
        .starved_ns = round,
        .starved_known = round % 2 == 0,
    };
    const struct text *hostile = &HOSTILE[(round + 5) % HOSTILE_COUNT];
    pyr_str text = {0};
    if (!pyr_strtab_add(profile->strings, hostile->bytes, hostile->len, &text, err)) {
        return false;
    }
    info.tag.i = round % 5 == 2 ? text.i : 0;
    if (!pyr_threads_add(profile->threads, &info, thread, err)) {
        return false;
    }
    if (round % 2 == 1) { /* the thread of the round before, and the first one */
        learn_thread(profile->threads, thread->i - 1, text);
        learn_thread(profile->threads, 1, text);
    }
    return true;
}

static bool add_meta(struct pyr_profile *profile, uint32_t round, struct pyr_err *err)
{
    char key[32];
    snprintf(key, sizeof(key), "custom_%" PRIu32, round);
    return pyr_meta_set_text(profile->meta, PYR_META_COLLECTOR, "trace", err) &&
           pyr_meta_set_text(profile->meta, PYR_META_COMMAND, round % 2 == 0 ? "" : "a\nb", err) &&
           pyr_meta_set_number(profile->meta, PYR_META_EVENTS, INT64_MAX - round, err) &&
           pyr_meta_set_number(profile->meta, PYR_META_FINISHED, 1, err) &&
           (round % 3 == 0 ? pyr_meta_set_number(profile->meta, "changes_kind", INT64_MIN, err)
                           : pyr_meta_set_text(profile->meta, "changes_kind", "text", err)) &&
           pyr_meta_set_text(profile->meta, key, key, err);
}

static bool add_stacks(struct pyr_profile *profile, uint32_t round, const pyr_func *funcs,
                       pyr_thread thread, struct pyr_err *err)
{
    static const int64_t values[] = {1, -1, 0, INT64_MAX, INT64_MIN, 123456789, 1000};
    const uint32_t columns = profile->metrics.count;
    pyr_stack stack = {0};
    for (uint32_t i = 0; i < DEPTH; i++) {
        if (i % 5 == 4) {
            stack.i = 0; /* another outermost frame */
        }
        if (!pyr_profile_push(profile, stack, funcs[(i * 7 + round) % DEPTH], i % 3, &stack, err)) {
            return false;
        }
        for (uint32_t column = 0; column < columns; column++) {
            const int64_t delta = values[(i + column + round) % (sizeof(values) / sizeof(*values))];
            if (!pyr_values_add(profile->values, stack, (pyr_thread){i % 2 == 0 ? thread.i : 0},
                                column, delta, err)) {
                return false;
            }
        }
        const struct pyr_run run = {
            .start_ns = (uint64_t)round * 1000000007 + i,
            .duration_ns = i == 3 ? UINT64_MAX : i * 17,
            .thread = thread,
            .stack = stack,
        };
        if (!pyr_timeline_add(profile->timeline, run, err)) {
            return false;
        }
    }
    /* A row of the first round grows in every later one; the empty stack has one too. */
    return pyr_values_add(profile->values, (pyr_stack){1}, (pyr_thread){1}, 0, 10, err) &&
           pyr_values_add(profile->values, (pyr_stack){0}, (pyr_thread){0}, 0, -1, err);
}

bool native_fixture_grow(struct pyr_profile *profile, uint32_t round, struct pyr_err *err)
{
    pyr_func funcs[DEPTH];
    pyr_thread thread = {0};
    uint32_t column = 0;
    char late[32];
    snprintf(late, sizeof(late), "late_%" PRIu32, round);
    return add_functions(profile, round, funcs, err) &&
           pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_CALLS, PYR_UNIT_COUNT,
                           &column, err) &&
           pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_WALL, PYR_UNIT_NS,
                           &column, err) &&
           (round == 0 || round > 3 ||
            pyr_metrics_add(&profile->metrics, profile->strings, late, "furlongs", &column, err)) &&
           add_threads(profile, round, &thread, err) &&
           add_stacks(profile, round, funcs, thread, err) && add_meta(profile, round, err);
}

struct pyr_profile *native_fixture_new(uint32_t rounds)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = pyr_profile_new(&err);
    assert_non_null(profile);
    for (uint32_t round = 0; round < rounds; round++) {
        assert_true(native_fixture_grow(profile, round, &err));
    }
    return profile;
}

struct pyr_buf native_fixture_file(const struct pyr_profile *profile)
{
    struct pyr_buf file = {0};
    struct pyr_err err = {0};
    assert_true(pyr_format_native.write(profile, NULL, &file, &err));
    return file;
}

static void assert_same_names(const struct pyr_profile *a, const struct pyr_profile *b)
{
    for (uint32_t i = 1; i <= pyr_strtab_count(a->strings); i++) {
        const size_t len = pyr_strtab_len(a->strings, (pyr_str){i});
        assert_int_equal(len, pyr_strtab_len(b->strings, (pyr_str){i}));
        assert_memory_equal(pyr_strtab_text(a->strings, (pyr_str){i}),
                            pyr_strtab_text(b->strings, (pyr_str){i}), len);
    }
    assert_int_equal(pyr_functions_count(a->functions), pyr_functions_count(b->functions));
    for (uint32_t i = 1; i <= pyr_functions_count(a->functions); i++) {
        const struct pyr_function *x = pyr_functions_get(a->functions, (pyr_func){i});
        const struct pyr_function *y = pyr_functions_get(b->functions, (pyr_func){i});
        assert_int_equal(x->qualname.i, y->qualname.i);
        assert_int_equal(x->module.i, y->module.i);
        assert_int_equal(x->file.i, y->file.i);
        assert_int_equal(x->first_line, y->first_line);
        assert_int_equal(x->kind, y->kind);
    }
    assert_int_equal(a->metrics.count, b->metrics.count);
    for (uint32_t i = 0; i < a->metrics.count; i++) {
        assert_int_equal(a->metrics.items[i].name.i, b->metrics.items[i].name.i);
        assert_int_equal(a->metrics.items[i].unit.i, b->metrics.items[i].unit.i);
    }
}

static void assert_same_stacks(const struct pyr_profile *a, const struct pyr_profile *b)
{
    assert_int_equal(pyr_frames_count(a->frames), pyr_frames_count(b->frames));
    for (uint32_t i = 1; i <= pyr_frames_count(a->frames); i++) {
        const struct pyr_frame x = pyr_frames_get(a->frames, (pyr_frame_id){i});
        const struct pyr_frame y = pyr_frames_get(b->frames, (pyr_frame_id){i});
        assert_int_equal(x.func.i, y.func.i);
        assert_int_equal(x.line, y.line);
    }
    assert_int_equal(pyr_stacks_count(a->stacks), pyr_stacks_count(b->stacks));
    for (uint32_t i = 1; i <= pyr_stacks_count(a->stacks); i++) {
        const struct pyr_stack_node x = pyr_stacks_get(a->stacks, (pyr_stack){i});
        const struct pyr_stack_node y = pyr_stacks_get(b->stacks, (pyr_stack){i});
        assert_int_equal(x.parent.i, y.parent.i);
        assert_int_equal(x.frame.i, y.frame.i);
    }
    assert_int_equal(pyr_threads_count(a->threads), pyr_threads_count(b->threads));
    for (uint32_t i = 1; i <= pyr_threads_count(a->threads); i++) {
        const struct pyr_thread_info x = pyr_threads_get(a->threads, (pyr_thread){i});
        const struct pyr_thread_info y = pyr_threads_get(b->threads, (pyr_thread){i});
        assert_int_equal(x.pid, y.pid);
        assert_int_equal(x.tid, y.tid);
        assert_int_equal(x.name.i, y.name.i);
        assert_int_equal(x.kind, y.kind);
        assert_int_equal(x.parent.i, y.parent.i);
        assert_int_equal(x.tag.i, y.tag.i);
        assert_int_equal(x.entry.i, y.entry.i);
        assert_true(x.start_ns == y.start_ns && x.end_ns == y.end_ns);
        assert_true(x.switches == y.switches && x.starved_ns == y.starved_ns);
        assert_int_equal(x.starved_known, y.starved_known);
    }
}

static void assert_same_values(const struct pyr_profile *a, const struct pyr_profile *b)
{
    assert_int_equal(pyr_values_count(a->values), pyr_values_count(b->values));
    for (uint32_t i = 1; i <= pyr_values_count(a->values); i++) {
        const struct pyr_value_row x = pyr_values_get(a->values, i);
        const struct pyr_value_row y = pyr_values_get(b->values, i);
        assert_int_equal(x.stack.i, y.stack.i);
        assert_int_equal(x.thread.i, y.thread.i);
        assert_memory_equal(x.v, y.v, a->metrics.count * sizeof(*x.v));
    }
    assert_int_equal(pyr_timeline_count(a->timeline), pyr_timeline_count(b->timeline));
    for (uint32_t i = 0; i < pyr_timeline_count(a->timeline); i++) {
        const struct pyr_run x = pyr_timeline_get(a->timeline, i);
        const struct pyr_run y = pyr_timeline_get(b->timeline, i);
        assert_true(x.start_ns == y.start_ns && x.duration_ns == y.duration_ns);
        assert_int_equal(x.thread.i, y.thread.i);
        assert_int_equal(x.stack.i, y.stack.i);
    }
}

void native_fixture_assert_equal_but_meta(const struct pyr_profile *a, const struct pyr_profile *b)
{
    assert_true(pyr_strtab_count(a->strings) <= pyr_strtab_count(b->strings));
    assert_same_names(a, b);
    assert_same_stacks(a, b);
    assert_same_values(a, b);
}

void native_fixture_assert_equal(const struct pyr_profile *a, const struct pyr_profile *b)
{
    native_fixture_assert_equal_but_meta(a, b);
    assert_int_equal(pyr_strtab_count(a->strings), pyr_strtab_count(b->strings));
    assert_int_equal(pyr_meta_count(a->meta), pyr_meta_count(b->meta));
    for (uint32_t i = 0; i < pyr_meta_count(a->meta); i++) {
        const struct pyr_meta_entry x = pyr_meta_get(a->meta, i);
        const struct pyr_meta_entry y = pyr_meta_get(b->meta, i);
        assert_int_equal(x.key.i, y.key.i);
        assert_int_equal(x.is_number, y.is_number);
        assert_int_equal(x.text.i, y.text.i);
        assert_true(x.number == y.number);
    }
}

void native_forge_start(struct native_forge *forge)
{
    *forge = (struct native_forge){0};
    pyr_native_put_file_header(&forge->file);
    forge->batch = (struct pyr_native_batch){
        .out = &forge->file,
        .out_start = forge->file.len,
        .file_offset = forge->file.len,
    };
}

void native_forge_rows(struct native_forge *forge, struct pyr_native_section section,
                       uint32_t columns, const int64_t *cells)
{
    struct pyr_err err = {0};
    pyr_native_batch_begin(&forge->batch, columns);
    for (uint32_t column = 0; column < columns; column++) {
        for (uint32_t row = 0; row < section.rows; row++) {
            pyr_buf_add_svarint(&forge->batch.payload, cells[row * columns + column]);
        }
        pyr_native_batch_column(&forge->batch);
    }
    assert_true(pyr_native_batch_section(&forge->batch, &section, 0, &err));
}

void native_forge_strings(struct native_forge *forge, uint32_t have, const char *const *texts,
                          uint32_t count)
{
    struct pyr_err err = {0};
    const struct pyr_native_section section = {
        .type = PYR_NATIVE_STRINGS, .first = have + 1, .rows = count};
    pyr_native_batch_begin(&forge->batch, PYR_NATIVE_STRING_COLUMNS);
    for (uint32_t i = 0; i < count; i++) {
        pyr_buf_add_varint(&forge->batch.payload, strlen(texts[i]));
    }
    pyr_native_batch_column(&forge->batch);
    for (uint32_t i = 0; i < count; i++) {
        pyr_buf_add_text(&forge->batch.payload, texts[i]);
    }
    pyr_native_batch_column(&forge->batch);
    assert_true(pyr_native_batch_section(&forge->batch, &section, 0, &err));
}

void native_forge_tables(struct native_forge *forge)
{
    static const char *const texts[] = {"a", "b", "c"};
    native_forge_strings(forge, 0, texts, 3);
    native_forge_rows(forge, (struct pyr_native_section){PYR_NATIVE_FUNCTIONS, 0, 1, 1, 0, 0, 0}, 5,
                      (int64_t[]){1, 2, 3, 4, 0});
    native_forge_rows(forge, (struct pyr_native_section){PYR_NATIVE_FRAMES, 0, 1, 1, 0, 0, 0}, 2,
                      (int64_t[]){1, 0});
    native_forge_rows(forge, (struct pyr_native_section){PYR_NATIVE_STACKS, 0, 1, 1, 0, 0, 0}, 2,
                      (int64_t[]){0, 1});
    native_forge_rows(forge, (struct pyr_native_section){PYR_NATIVE_METRICS, 0, 1, 1, 0, 0, 0}, 2,
                      (int64_t[]){1, 2});
    native_forge_rows(forge, (struct pyr_native_section){PYR_NATIVE_THREADS, 0, 1, 1, 0, 0, 0}, 5,
                      (int64_t[]){1, 10, 11, 1, 0});
}

bool native_forge_read(struct native_forge *forge, struct pyr_profile **out, struct pyr_err *err)
{
    assert_true(pyr_native_batch_commit(&forge->batch, 1, true, err));
    const bool ok =
        pyr_format_native.read((const uint8_t *)forge->file.data, forge->file.len, out, err);
    pyr_native_batch_release(&forge->batch);
    pyr_buf_release(&forge->file);
    return ok;
}

void native_forge_refused(struct native_forge *forge, enum pyr_err_code code, const char *word)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    assert_false(native_forge_read(forge, &profile, &err));
    assert_null(profile);
    assert_int_equal(err.code, code);
    if (strstr(err.message, word) == NULL || strstr(err.message, "byte ") == NULL) {
        fail_msg("no \"%s\" in: %s", word, err.message);
    }
}
