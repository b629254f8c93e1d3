/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "exchange_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "native_fixture.h"
#include "unit.h"

static const struct pyr_function_text functions[] = {
    {"<module>", "app", "app.py", 1, PYR_FUNC_PYTHON},
    {"fib", "app", "app.py", 3, PYR_FUNC_PYTHON},
    {"len", "builtins", "", 0, PYR_FUNC_BUILTIN},
    {"Basket.add", "shop", "shop.py", 10, PYR_FUNC_PYTHON},
    {"list.append", "", "", 0, PYR_FUNC_BUILTIN},
};

struct row {
    const char *path; /* a digit for each function */
    uint32_t thread;
    int64_t calls;
    int64_t wall;
};

static const struct row rows[] = {
    {"0", 1, 1, 1000}, {"01", 1, 1, 200}, {"011", 1, 8, 800},
    {"02", 1, 5, 50},  {"03", 2, 2, 400}, {"034", 2, 4, 40},
};

static pyr_stack add_stack(struct pyr_profile *profile, const char *path)
{
    struct pyr_err err = {0};
    pyr_stack stack = {0};
    for (const char *digit = path; *digit != '\0'; digit++) {
        pyr_func func = {0};
        assert_true(pyr_profile_add_function(profile, &functions[*digit - '0'], &func, &err));
        assert_true(pyr_profile_push(profile, stack, func, 0, &stack, &err));
    }
    return stack;
}

struct pyr_profile *exchange_fixture_new(void)
{
    static const char *const names[] = {"MainThread", "worker"};
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    uint32_t calls = 0, wall = 0;
    assert_non_null(p);
    assert_true(pyr_metrics_add(&p->metrics, p->strings, "calls", "count", &calls, &err));
    assert_true(pyr_metrics_add(&p->metrics, p->strings, "wall", "ns", &wall, &err));
    for (uint32_t i = 0; i < 2; i++) {
        struct pyr_thread_info info = {.pid = 7, .tid = 70 + i};
        pyr_thread thread = {0};
        assert_true(pyr_strtab_add_text(p->strings, names[i], &info.name, &err));
        assert_true(pyr_threads_add(p->threads, &info, &thread, &err));
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pyr_stack stack = add_stack(p, rows[i].path);
        pyr_thread thread = {rows[i].thread};
        assert_true(pyr_values_add(p->values, stack, thread, calls, rows[i].calls, &err));
        assert_true(pyr_values_add(p->values, stack, thread, wall, rows[i].wall, &err));
    }
    assert_true(pyr_meta_set_text(p->meta, PYR_META_COMMAND, "app.py --fast", &err));
    assert_true(pyr_meta_set_number(p->meta, PYR_META_START_NS, 1700000000000000000, &err));
    assert_true(pyr_meta_set_number(p->meta, PYR_META_DURATION_NS, 2490, &err));
    return p;
}

void exchange_fixture_add_timeline(struct pyr_profile *profile)
{
    static const struct {
        uint64_t start, duration;
        uint32_t thread;
        const char *path;
    } runs[] = {{100, 50, 1, "01"}, {150, 30, 1, "011"}, {300, 20, 1, "02"}, {0, 440, 2, "034"}};
    struct pyr_err err = {0};
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        const struct pyr_run run = {
            runs[i].start, runs[i].duration, {runs[i].thread}, add_stack(profile, runs[i].path)};
        assert_true(pyr_timeline_add(profile->timeline, run, &err));
    }
}

struct pyr_buf exchange_fixture_write(const struct pyr_format *format,
                                      const struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    if (!format->write(profile, NULL, &out, &err)) {
        fail_msg("%s", err.message);
    }
    pyr_buf_add_char(&out, '\0'); /* so that there are data, and a text ends */
    out.len--;
    assert_false(out.failed);
    return out;
}

struct pyr_profile *exchange_fixture_read(const struct pyr_format *format, const void *data,
                                          size_t size)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    assert_true(format->sniff(data, size));
    if (!format->read(data, size, &profile, &err)) {
        fail_msg("%s", err.message);
    }
    assert_non_null(profile);
    return profile;
}

void exchange_fixture_refuses(const struct pyr_format *format, const void *data, size_t size,
                              const char *words)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    assert_false(format->read(data, size, &profile, &err));
    assert_null(profile);
    assert_int_not_equal(err.code, PYR_OK);
    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }
}

/* Compares from the running function outwards. */
static bool is_stack(const struct pyr_profile *profile, pyr_stack stack, const char *names)
{
    size_t left = strlen(names);
    while (stack.i != 0) {
        pyr_func func = pyr_profile_stack_function(profile, stack);
        pyr_str qualname = pyr_functions_get(profile->functions, func)->qualname;
        size_t len = pyr_strtab_len(profile->strings, qualname);
        if (len > left ||
            memcmp(names + left - len, pyr_strtab_text(profile->strings, qualname), len) != 0) {
            return false;
        }
        left -= len;
        stack = pyr_stacks_get(profile->stacks, stack).parent;
        if (stack.i != 0 && (left == 0 || names[--left] != ';')) {
            return false;
        }
    }
    return left == 0;
}

int64_t exchange_fixture_value(const struct pyr_profile *profile, const char *names,
                               const char *metric)
{
    int column = pyr_metrics_find(&profile->metrics, profile->strings, metric);
    int64_t sum = 0;
    if (column < 0) {
        fail_msg("no metric %s", metric);
    }
    for (uint32_t i = 1; i <= pyr_values_count(profile->values); i++) {
        struct pyr_value_row row = pyr_values_get(profile->values, i);
        sum += is_stack(profile, row.stack, names) ? row.v[column] : 0;
    }
    return sum;
}

static void write_without_memory(const struct pyr_format *format, const struct pyr_profile *profile)
{
    struct pyr_buf whole = exchange_fixture_write(format, profile);
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_buf out = {0};
        pyr_mem_fail_after(nth);
        failed = !format->write(profile, NULL, &out, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        if (!failed) {
            assert_int_equal(out.len, whole.len);
            assert_true(out.len == 0 || memcmp(out.data, whole.data, whole.len) == 0);
        }
        pyr_buf_release(&out);
    }
    pyr_buf_release(&whole);
}

void exchange_fixture_writes_without_memory(const struct pyr_format *format)
{
    struct pyr_profile *small = exchange_fixture_new(), *large = native_fixture_new(2);
    write_without_memory(format, small);
    exchange_fixture_add_timeline(small);
    write_without_memory(format, small);
    write_without_memory(format, large);
    pyr_profile_free(small);
    pyr_profile_free(large);
}

void exchange_fixture_reads_without_memory(const struct pyr_format *format, const void *data,
                                           size_t size)
{
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_profile *profile = NULL;
        pyr_mem_fail_after(nth);
        failed = !format->read(data, size, &profile, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_int_equal(profile == NULL, failed);
        pyr_profile_free(profile);
    }
}

static void try_reading(const struct pyr_format *format, const uint8_t *data, size_t size)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    (void)format->sniff(data, size);
    if (format->read(data, size, &profile, &err)) {
        assert_non_null(profile);
    } else {
        assert_null(profile);
        assert_int_not_equal(err.code, PYR_OK);
        assert_int_not_equal(err.message[0], '\0');
    }
    pyr_profile_free(profile);
}

void exchange_fixture_survives_damage(const struct pyr_format *format, const void *data,
                                      size_t size)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xFF};
    for (size_t len = 0; len <= size; len++) { /* of exactly that size, for sanitizers to see */
        uint8_t *copy = malloc(len + (len == 0));
        assert_non_null(copy);
        memcpy(copy, data, len);
        try_reading(format, copy, len);
        free(copy);
    }
    uint8_t *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    for (size_t i = 0; i < size; i++) {
        for (size_t c = 0; c < sizeof changes; c++) {
            copy[i] ^= changes[c];
            try_reading(format, copy, size);
            copy[i] ^= changes[c];
        }
    }
    free(copy);
}

void exchange_fixture_takes_hostile_names(const struct pyr_format *format)
{
    struct pyr_profile *profile = native_fixture_new(14);
    struct pyr_buf out = exchange_fixture_write(format, profile);
    if (format->read != NULL) {
        pyr_profile_free(exchange_fixture_read(format, out.data, out.len));
    }
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}
