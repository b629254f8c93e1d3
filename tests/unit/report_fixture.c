/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "report_fixture.h"

#include <string.h>

#include "base/mem.h"
#include "unit.h"

#define MS 1000000

pyr_stack report_fixture_push(struct pyr_profile *profile, pyr_stack parent, const char *name,
                              uint32_t first_line)
{
    struct pyr_err err = {0};
    pyr_func func;
    pyr_stack stack;
    const bool builtin = first_line == 0;
    const struct pyr_function_text text = {
        .qualname = name,
        .module = builtin ? "builtins" : "shop",
        .file = builtin ? "" : "shop.py",
        .first_line = first_line,
        .kind = builtin ? PYR_FUNC_BUILTIN : PYR_FUNC_PYTHON,
    };
    assert_true(pyr_profile_add_function(profile, &text, &func, &err));
    assert_true(pyr_profile_push(profile, parent, func, 0, &stack, &err));
    return stack;
}

static pyr_thread add_thread(struct pyr_profile *profile, const char *name, uint32_t tid)
{
    struct pyr_err err = {0};
    struct pyr_thread_info info = {.pid = 100, .tid = tid, .kind = PYR_THREAD_NATIVE};
    pyr_thread thread;
    assert_true(pyr_strtab_add_text(profile->strings, name, &info.name, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
    return thread;
}

static void set(struct pyr_profile *profile, pyr_stack stack, pyr_thread thread, int64_t calls,
                int64_t ms)
{
    struct pyr_err err = {0};
    const int64_t v[] = {calls, ms * MS};
    assert_true(pyr_values_set(profile->values, stack, thread, v, 2, &err));
}

static void set_meta(struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    struct pyr_meta *meta = profile->meta;
    assert_true(pyr_meta_set_text(meta, PYR_META_COLLECTOR, "trace", &err));
    assert_true(pyr_meta_set_text(meta, PYR_META_COMMAND, "shop.py --all", &err));
    assert_true(pyr_meta_set_text(meta, PYR_META_PYTHON, "3.12.1", &err));
    assert_true(pyr_meta_set_text(meta, PYR_META_CLOCK, "tsc", &err));
    assert_true(pyr_meta_set_number(meta, PYR_META_START_NS, 1700000000000000000, &err));
    assert_true(pyr_meta_set_number(meta, PYR_META_DURATION_NS, 1050 * MS, &err));
    assert_true(pyr_meta_set_number(meta, PYR_META_FINISHED, 1, &err));
}

struct pyr_profile *report_fixture_new(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    uint32_t column;
    assert_non_null(p);
    set_meta(p);
    assert_true(
        pyr_metrics_add(&p->metrics, p->strings, PYR_METRIC_CALLS, PYR_UNIT_COUNT, &column, &err));
    assert_true(
        pyr_metrics_add(&p->metrics, p->strings, PYR_METRIC_WALL, PYR_UNIT_NS, &column, &err));
    const pyr_thread main_thread = add_thread(p, "MainThread", 101);
    const pyr_thread worker = add_thread(p, "Worker", 102);
    const pyr_stack module = report_fixture_push(p, (pyr_stack){0}, "<module>", 1);
    const pyr_stack main = report_fixture_push(p, module, "main", 30);
    const pyr_stack price = report_fixture_push(p, main, "price", 20);
    const pyr_stack len = report_fixture_push(p, price, "len", 0);
    const pyr_stack walk = report_fixture_push(p, main, "walk", 10);
    const pyr_stack again = report_fixture_push(p, walk, "walk", 10);
    const pyr_stack work = report_fixture_push(p, (pyr_stack){0}, "work", 40);
    set(p, module, main_thread, 1, 10);
    set(p, main, main_thread, 1, 40);
    set(p, price, main_thread, 10, 600);
    set(p, len, main_thread, 20, 50);
    set(p, walk, main_thread, 1, 100);
    set(p, again, main_thread, 2, 150);
    set(p, work, worker, 1, 50);
    return p;
}

static pyr_thread add_context(struct pyr_profile *profile, const char *name, const char *entry,
                              const char *tag, struct pyr_thread_info info)
{
    struct pyr_err err = {0};
    pyr_thread thread;
    info.pid = 100;
    info.start_ns *= MS;
    info.end_ns *= MS;
    info.starved_ns *= MS;
    assert_true(pyr_strtab_add_text(profile->strings, name, &info.name, &err));
    assert_true(pyr_strtab_add_text(profile->strings, entry, &info.entry, &err));
    assert_true(pyr_strtab_add_text(profile->strings, tag, &info.tag, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
    return thread;
}

struct figures {
    int64_t calls, resumes, wall_ms, cpu_ms, awaited_ms, starved_ms;
};

static void set_all(struct pyr_profile *profile, pyr_stack stack, pyr_thread thread,
                    struct figures f)
{
    struct pyr_err err = {0};
    const int64_t v[] = {f.calls,       f.resumes,         f.wall_ms * MS,
                         f.cpu_ms * MS, f.awaited_ms * MS, f.starved_ms * MS};
    assert_true(pyr_values_set(profile->values, stack, thread, v, 6, &err));
}

static void add_metrics(struct pyr_profile *profile)
{
    static const char *const names[] = {PYR_METRIC_CALLS, PYR_METRIC_RESUMES, PYR_METRIC_WALL,
                                        PYR_METRIC_CPU,   PYR_METRIC_AWAITED, PYR_METRIC_STARVED};
    struct pyr_err err = {0};
    uint32_t column;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_true(pyr_metrics_add(&profile->metrics, profile->strings, names[i],
                                    i < 2 ? PYR_UNIT_COUNT : PYR_UNIT_NS, &column, &err));
    }
}

/* Threads 1 to 8. */
static void add_contexts(struct pyr_profile *p)
{
    const pyr_thread on_main = {1};
    const pyr_thread on_worker = {2};
    const struct pyr_thread_info task_2 = {.kind = PYR_THREAD_TASK,
                                           .parent = on_main,
                                           .start_ns = 100,
                                           .end_ns = 600,
                                           .switches = 4,
                                           .starved_ns = 30,
                                           .starved_known = true};
    struct pyr_thread_info info = {.tid = 101, .end_ns = 1000, .switches = 7};
    (void)add_context(p, "MainThread", "", "", info);
    info.tid = 102;
    info.switches = 3;
    (void)add_context(p, "Worker", "", "", info);
    info = task_2;
    info.start_ns = 0;
    info.end_ns = 900;
    info.switches = 5;
    info.starved_ns = 20;
    (void)add_context(p, "Task-1", "serve", "", info);
    const pyr_thread second = add_context(p, "Task-2", "fetch", "", task_2);
    info = task_2;
    info.start_ns = 150;
    info.starved_ns = 0;
    info.starved_known = false;
    (void)add_context(p, "Task-3", "fetch", "", info);
    info = (struct pyr_thread_info){
        .kind = PYR_THREAD_GREENLET, .parent = on_worker, .end_ns = 800, .switches = 6};
    (void)add_context(p, "Greenlet-0", "handle", "", info);
    info = (struct pyr_thread_info){.kind = PYR_THREAD_TASK, .parent = second};
    (void)add_context(p, "Task-2", "fetch", "alice", info);
    info = (struct pyr_thread_info){.tid = 101, .parent = on_main};
    (void)add_context(p, "MainThread", "", "bob", info);
}

struct pyr_profile *report_fixture_concurrent(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    assert_non_null(p);
    set_meta(p);
    assert_true(pyr_meta_set_text(p->meta, PYR_META_CPU_CLOCK, "rseq", &err));
    add_metrics(p);
    add_contexts(p);
    const pyr_stack module = report_fixture_push(p, (pyr_stack){0}, "<module>", 1);
    const pyr_stack main = report_fixture_push(p, module, "main", 30);
    const pyr_stack loop = report_fixture_push(p, main, "loop", 60);
    const pyr_stack serve = report_fixture_push(p, loop, "serve", 70);
    const pyr_stack parse = report_fixture_push(p, serve, "parse", 80);
    const pyr_stack fetch = report_fixture_push(p, loop, "fetch", 90);
    const pyr_stack read = report_fixture_push(p, fetch, "read", 100);
    const pyr_stack work = report_fixture_push(p, (pyr_stack){0}, "work", 40);
    const pyr_stack handle = report_fixture_push(p, (pyr_stack){0}, "handle", 110);
    set_all(p, module, (pyr_thread){1}, (struct figures){1, 0, 10, 10, 0, 0});
    set_all(p, main, (pyr_thread){1}, (struct figures){1, 0, 40, 20, 0, 0});
    set_all(p, loop, (pyr_thread){1}, (struct figures){1, 0, 100, 30, 0, 0});
    set_all(p, loop, (pyr_thread){8}, (struct figures){0, 0, 20, 20, 0, 0});
    set_all(p, serve, (pyr_thread){3}, (struct figures){1, 4, 50, 50, 700, 20});
    set_all(p, parse, (pyr_thread){3}, (struct figures){10, 0, 100, 90, 0, 0});
    set_all(p, fetch, (pyr_thread){4}, (struct figures){1, 2, 30, 30, 300, 30});
    set_all(p, fetch, (pyr_thread){7}, (struct figures){0, 1, 60, 60, 0, 0});
    set_all(p, read, (pyr_thread){4}, (struct figures){2, 2, 70, 20, 250, 10});
    set_all(p, fetch, (pyr_thread){5}, (struct figures){1, 3, 20, 20, 400, 0});
    set_all(p, work, (pyr_thread){2}, (struct figures){1, 0, 200, 100, 0, 0});
    set_all(p, handle, (pyr_thread){6}, (struct figures){1, 0, 300, 200, 0, 0});
    return p;
}

static void add_sample(struct pyr_profile *p, pyr_stack parent, pyr_func func, uint32_t line,
                       int64_t samples)
{
    struct pyr_err err = {0};
    pyr_stack stack;
    assert_true(pyr_profile_push(p, parent, func, line, &stack, &err));
    assert_true(pyr_values_add(p->values, stack, (pyr_thread){0}, 0, samples, &err));
}

struct pyr_profile *report_fixture_sampled(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *p = pyr_profile_new(&err);
    const struct pyr_function_text hot = {"hot", "shop", "shop.py", 4, PYR_FUNC_PYTHON};
    uint32_t column;
    pyr_func func;
    assert_non_null(p);
    assert_true(pyr_metrics_add(&p->metrics, p->strings, PYR_METRIC_SAMPLES, PYR_UNIT_COUNT,
                                &column, &err));
    assert_true(pyr_profile_add_function(p, &hot, &func, &err));
    const pyr_stack main = report_fixture_push(p, (pyr_stack){0}, "main", 30);
    add_sample(p, main, func, 5, 3);
    add_sample(p, main, func, 6, 1);
    return p;
}

struct pyr_report_options report_fixture_options(void)
{
    return (struct pyr_report_options){.min_share = -1};
}

const char *report_fixture_render(const struct pyr_report *report,
                                  const struct pyr_profile *profile,
                                  const struct pyr_report_options *options, struct pyr_buf *out)
{
    struct pyr_err err = {0};
    if (!report->render(profile, options, out, &err)) {
        fail_msg("%s", err.message);
    }
    assert_non_null(out->data);
    return out->data;
}

int report_fixture_open(void **state)
{
    struct report_fixture *f = test_calloc(1, sizeof *f);
    f->profile = report_fixture_concurrent();
    f->options = report_fixture_options();
    *state = f;
    return 0;
}

int report_fixture_close(void **state)
{
    struct report_fixture *f = *state;
    pyr_buf_release(&f->out);
    pyr_profile_free(f->profile);
    test_free(f);
    return 0;
}

const char *report_fixture_text(struct report_fixture *f, const struct pyr_report *report)
{
    pyr_buf_clear(&f->out);
    return report_fixture_render(report, f->profile, &f->options, &f->out);
}

void report_fixture_assert_told(const struct pyr_report *report, const char *words)
{
    struct pyr_profile *profile = report_fixture_new();
    const struct pyr_report_options options = report_fixture_options();
    struct pyr_buf out = {0};
    const char *text = report_fixture_render(report, profile, &options, &out);
    assert_true(report_fixture_has_line(text, words));
    pyr_buf_release(&out);
    pyr_profile_free(profile);
}

static bool line_has(const char *line, size_t len, const char *words)
{
    while (*words != '\0') {
        const size_t size = strcspn(words, "|");
        const char *found = memmem(line, len, words, size);
        if (found == NULL) {
            return false;
        }
        len -= (size_t)(found - line) + size;
        line = found + size;
        words += size + (words[size] == '|' ? 1 : 0);
    }
    return true;
}

bool report_fixture_has_line(const char *text, const char *words)
{
    while (*text != '\0') {
        const size_t len = strcspn(text, "\n");
        if (line_has(text, len, words)) {
            return true;
        }
        text += len + (text[len] == '\n' ? 1 : 0);
    }
    return false;
}

static void starve(struct pyr_profile *profile, const struct pyr_report *report,
                   const struct pyr_report_options *options)
{
    bool ok = false;
    for (long nth = 0; !ok; nth++) {
        struct pyr_buf out = {0};
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        ok = report->render(profile, options, &out, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, ok ? PYR_OK : PYR_ERR_NOMEM);
        pyr_buf_release(&out);
    }
    pyr_profile_free(profile);
}

void report_fixture_starve(const struct pyr_report *report,
                           const struct pyr_report_options *options)
{
    starve(report_fixture_new(), report, options);
}

void report_fixture_starve_concurrent(const struct pyr_report *report,
                                      const struct pyr_report_options *options)
{
    starve(report_fixture_concurrent(), report, options);
}
