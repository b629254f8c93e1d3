/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/collect.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

/* A made-up process: the code object at address 100 * n is number n; number 9 is a shim; every
 * second byte is another line. */
#define CODES 9

struct fake {
    struct pyr_code codes[CODES + 1];
    uint8_t table[64];
    const char *thread_name;
    uint32_t code_questions;
};

static const uint8_t two_bytes_a_line[] = {2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1};

static uint32_t code_id(void *context, uint64_t address)
{
    struct fake *fake = context;
    fake->code_questions++;
    return address % 100 == 0 && address / 100 <= CODES ? (uint32_t)(address / 100) : 0;
}

static const struct pyr_code *code(void *context, uint32_t id)
{
    struct fake *fake = context;
    return &fake->codes[id];
}

static const char *thread_name(void *context, const struct pyr_remote_thread *thread)
{
    const struct fake *fake = context;
    (void)thread;
    return fake->thread_name;
}

static const struct pyr_native_symbol *symbol(void *context, uint64_t pc)
{
    static const struct pyr_native_symbol known = {
        .name = "memcpy", .module = "libc.so.6", .file = "string.c", .line = 7};
    (void)context;
    return pc == 1 ? &known : NULL;
}

/* The frame at 0xA7 is of a task that has a name. */
static const char *task_name(void *context, uint64_t frame)
{
    (void)context;
    return frame == 0xA7 ? "Task-7" : "";
}

static void fake_init(struct fake *fake)
{
    static const char *const names[CODES + 1] = {"",     "one", "two",   "three", "four",
                                                 "five", "six", "seven", "eight", "<shim>"};
    *fake = (struct fake){.thread_name = "Worker"};
    for (uint32_t i = 1; i <= CODES; i++) {
        fake->codes[i] = (struct pyr_code){
            .qualname = names[i],
            .name = names[i],
            .file = i == 8 ? "/usr/lib/python3.9/json/decoder.py" : "/nowhere/app.py",
            .first_line = i * 10,
            .lines = {two_bytes_a_line, sizeof two_bytes_a_line, i * 10, 9},
            .flags = i == 7 ? 0x80 : 0, /* a coroutine */
            .is_shim = i == 9,
        };
    }
}

static struct pyr_collect_process process_of(struct fake *fake)
{
    return (struct pyr_collect_process){
        .pid = 4242,
        .command = "python app.py",
        .main_file = "app.py",
        .source = {fake, code_id, code, thread_name, symbol, task_name},
    };
}

/* One collector of one process with a thread of its own. */
struct fixture {
    struct fake fake;
    struct pyr_collector *collector;
    uint32_t handle;
    struct pyr_remote_thread thread;
    struct pyr_raw_frame frames[16];
    struct pyr_raw_stack stack;
    struct pyr_sample sample;
};

static void open_collector(struct fixture *f, struct pyr_collect_options options)
{
    struct pyr_err err = {0};
    *f = (struct fixture){0};
    fake_init(&f->fake);
    const struct pyr_collect_process process = process_of(&f->fake);
    f->collector = pyr_collector_new(&options, &err);
    assert_non_null(f->collector);
    assert_true(pyr_collector_begin(f->collector, &process, &f->handle, &err));
    f->thread = (struct pyr_remote_thread){.address = 0x1000, .unique_id = 1, .tid = 77};
    f->stack.frames = f->frames;
    f->sample = (struct pyr_sample){
        .thread = &f->thread, .stack = &f->stack, .time_ns = 1, .wall_ns = 10, .cpu_ns = 3};
}

static void close_collector(struct fixture *f)
{
    pyr_collector_free(f->collector);
}

/* The stack as a word, a letter per frame from the outermost: 'a' is code 1 at its first line, 'A'
 * the same two lines on; 's' a shim, '!' the mark of a torn tip, '~' of a cut, '#' GC, 'n' native,
 * '?' no code object. */
static void set_stack(struct fixture *f, const char *word, uint32_t same)
{
    const uint32_t count = (uint32_t)strlen(word);
    f->stack.count = count;
    f->sample.same_outermost = same;
    for (uint32_t i = 0; i < count; i++) {
        const char c = word[count - 1 - i];
        struct pyr_raw_frame *frame = &f->frames[i];
        *frame = (struct pyr_raw_frame){.offset = c >= 'A' && c <= 'H' ? 5 : 0};
        if (c >= 'a' && c <= 'h') {
            frame->code = (uint64_t)(c - 'a' + 1) * 100;
        } else if (c >= 'A' && c <= 'H') {
            frame->code = (uint64_t)(c - 'A' + 1) * 100;
        } else if (c == 's') {
            frame->code = 900;
        } else if (c == '?') {
            frame->code = 12345;
        } else {
            frame->code = 1;
            frame->kind = c == '!'   ? PYR_RAW_TORN
                          : c == '~' ? PYR_RAW_TRUNCATED
                          : c == '#' ? PYR_RAW_GC
                                     : PYR_RAW_NATIVE;
        }
    }
}

static struct pyr_collected add(struct fixture *f, const char *word, uint32_t same)
{
    struct pyr_err err = {0};
    struct pyr_collected where;
    set_stack(f, word, same);
    f->sample.time_ns++;
    assert_true(pyr_collector_add(f->collector, f->handle, &f->sample, &where, &err));
    return where;
}

/* "one:10;two:20": names and lines from the outermost frame on. */
static void assert_stack(struct fixture *f, pyr_stack stack, const char *expected)
{
    struct pyr_profile *profile = pyr_collector_profile(f->collector);
    char text[512] = "";
    for (pyr_stack at = stack; at.i != 0; at = pyr_stacks_get(profile->stacks, at).parent) {
        char before[512];
        const struct pyr_frame frame =
            pyr_frames_get(profile->frames, pyr_stacks_get(profile->stacks, at).frame);
        const struct pyr_function *function = pyr_functions_get(profile->functions, frame.func);
        snprintf(before, sizeof before, "%s", text);
        snprintf(text, sizeof text, "%s:%u%s%.400s",
                 pyr_strtab_text(profile->strings, function->qualname), frame.line,
                 before[0] == '\0' ? "" : ";", before);
    }
    assert_string_equal(text, expected);
}

static int64_t value_of(struct fixture *f, struct pyr_collected where, uint32_t column)
{
    const struct pyr_profile *profile = pyr_collector_profile(f->collector);
    const uint32_t row = pyr_values_find(profile->values, where.stack, where.thread);
    return row == 0 ? -1 : pyr_values_get(profile->values, row).v[column];
}

static void test_stacks_get_names_lines_and_weights(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){0});
    const struct pyr_collected first = add(&f, "abC", 0);
    assert_true(first.kept);
    assert_stack(&f, first.stack, "one:10;two:20;three:32");
    const struct pyr_collected again = add(&f, "abC", 3);
    assert_int_equal(again.stack.i, first.stack.i);
    assert_int_equal(value_of(&f, first, 0), 2);
    assert_int_equal(value_of(&f, first, 1), 20);
    const struct pyr_thread_info info =
        pyr_threads_get(pyr_collector_profile(f.collector)->threads, first.thread);
    assert_int_equal(info.pid, 4242);
    assert_int_equal(info.tid, 77);
    assert_string_equal(pyr_strtab_text(pyr_collector_profile(f.collector)->strings, info.name),
                        "Worker");
    close_collector(&f);
}

static void test_what_nobody_saw_is_the_threads_alone(void **state)
{
    (void)state;
    struct fixture f;
    struct pyr_err err = {0};
    open_collector(&f, (struct pyr_collect_options){.threads = true});
    const struct pyr_collected where = add(&f, "ab", 0);
    assert_true(pyr_collector_add_unseen(f.collector, f.handle, &f.sample, &where, 70, &err));
    const struct pyr_profile *profile = pyr_collector_profile(f.collector);
    const pyr_stack last = {pyr_stacks_count(profile->stacks)};
    assert_stack(&f, last, "thread 77 (Worker):0;<not sampled>:0");
    const struct pyr_collected unseen = {.stack = last, .thread = where.thread};
    assert_int_equal(value_of(&f, unseen, 0), 0);
    assert_int_equal(value_of(&f, unseen, 1), 70);
    assert_int_equal(value_of(&f, where, 1), 10);
    close_collector(&f);
}

static void test_only_what_is_new_on_a_stack_is_looked_up(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){0});
    add(&f, "abcd", 0);
    const uint32_t before = f.fake.code_questions;
    const struct pyr_collected where = add(&f, "abce", 3);
    assert_int_equal(f.fake.code_questions, before + 1);
    assert_stack(&f, where.stack, "one:10;two:20;three:30;five:50");
    close_collector(&f);
}

static void test_a_sample_left_out_does_not_lead_the_next_one_astray(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){0});
    add(&f, "abcd", 0);
    f.sample.idle = true;
    assert_false(add(&f, "ae", 1).kept); /* only "a" is as it was */
    f.sample.idle = false;
    const struct pyr_collected where = add(&f, "aef", 2); /* as in the one before, not as we know */
    assert_stack(&f, where.stack, "one:10;five:50;six:60");
    close_collector(&f);
}

static void test_a_new_thread_at_an_old_address_is_another(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){0});
    const struct pyr_collected first = add(&f, "ab", 0);
    f.thread.unique_id = 2;
    const struct pyr_collected second = add(&f, "ab", 2);
    assert_int_not_equal(first.thread.i, second.thread.i);
    assert_int_equal(first.stack.i, second.stack.i);
    close_collector(&f);
}

static void test_marks_shims_and_native_frames_have_their_names(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){0});
    assert_stack(&f, add(&f, "~asb!", 0).stack, "<truncated>:0;one:10;two:20;<torn>:0");
    assert_stack(&f, add(&f, "a?#", 0).stack, "one:10;<unreadable code>:0;<GC>:0");
    assert_stack(&f, add(&f, "an", 0).stack, "one:10;memcpy:7");
    close_collector(&f);
}

static void test_modules_and_files_are_found_from_the_path(void **state)
{
    (void)state;
    for (int full = 0; full < 2; full++) {
        struct fixture f;
        open_collector(&f, (struct pyr_collect_options){.full_files = full == 1});
        add(&f, "ah", 0);
        const struct pyr_profile *profile = pyr_collector_profile(f.collector);
        const struct pyr_function *main = pyr_functions_get(profile->functions, (pyr_func){1});
        const struct pyr_function *json = pyr_functions_get(profile->functions, (pyr_func){2});
        assert_string_equal(pyr_strtab_text(profile->strings, main->module), "__main__");
        assert_string_equal(pyr_strtab_text(profile->strings, json->module), "json.decoder");
        assert_string_equal(pyr_strtab_text(profile->strings, json->file),
                            full ? "/usr/lib/python3.9/json/decoder.py" : "json/decoder.py");
        close_collector(&f);
    }
}

static void test_levels_for_process_and_thread_are_put_below(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){.processes = true, .threads = true});
    assert_stack(&f, add(&f, "a", 0).stack,
                 "process 4242 (python app.py):0;thread 77 (Worker):0;one:10");
    close_collector(&f);
}

static void test_lines_can_be_functions_own_or_left_out(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){.functions = true});
    assert_stack(&f, add(&f, "aB", 0).stack, "one:10;two:20");
    close_collector(&f);
    open_collector(&f, (struct pyr_collect_options){.no_lines = true});
    assert_stack(&f, add(&f, "aB", 0).stack, "one:0;two:0");
    close_collector(&f);
}

static void test_which_samples_are_kept_is_as_asked(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){0});
    assert_false(add(&f, "", 0).kept);
    f.sample.idle = true;
    assert_false(add(&f, "a", 0).kept);
    close_collector(&f);
    open_collector(&f, (struct pyr_collect_options){.idle = true});
    f.sample.idle = true;
    assert_true(add(&f, "a", 0).kept);
    close_collector(&f);
    open_collector(&f, (struct pyr_collect_options){.gil = true});
    assert_false(add(&f, "a", 0).kept);
    f.sample.holds_gil = true;
    assert_true(add(&f, "a", 0).kept);
    close_collector(&f);
    open_collector(&f, (struct pyr_collect_options){.cpu = true});
    f.sample.idle = true; /* it used some before it fell asleep */
    const struct pyr_collected where = add(&f, "a", 0);
    assert_int_equal(value_of(&f, where, 1), 3);
    f.sample.cpu_ns = 0;
    assert_false(add(&f, "a", 1).kept);
    close_collector(&f);
}

static void test_beyond_the_limit_of_paths_samples_are_folded_and_counted(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){.node_limit = 2});
    const struct pyr_collected known = add(&f, "ab", 0);
    assert_stack(&f, add(&f, "abc", 2).stack, "(folded):0");
    assert_stack(&f, add(&f, "ae", 1).stack, "(folded):0");
    assert_int_equal(add(&f, "ab", 1).stack.i, known.stack.i);
    assert_int_equal(pyr_collector_folded(f.collector), 2);
    close_collector(&f);
}

static void test_many_threads_share_an_entry_in_the_end(void **state)
{
    (void)state;
    struct fixture f;
    struct pyr_collected where = {0};
    open_collector(&f, (struct pyr_collect_options){0});
    for (uint32_t i = 0; i < PYR_COLLECT_MAX_THREADS + 10; i++) {
        f.thread.address = 0x1000 + 64 * (uint64_t)i;
        where = add(&f, "a", 0);
    }
    const struct pyr_profile *profile = pyr_collector_profile(f.collector);
    assert_int_equal(pyr_threads_count(profile->threads), PYR_COLLECT_MAX_THREADS + 1);
    assert_int_equal(pyr_collector_threads_folded(f.collector), 10);
    assert_int_equal(value_of(&f, where, 0), 10);
    close_collector(&f);
}

static void test_a_number_known_late_is_taken_over(void **state)
{
    (void)state;
    const struct pyr_collect_options threads = {.threads = true, .node_limit = 1000};
    struct fixture f;
    open_collector(&f, threads);
    f.thread.tid = 0; /* it has not begun */
    const struct pyr_collected first = add(&f, "a", 0);
    f.thread.tid = 77;
    const struct pyr_collected second = add(&f, "a", 1);
    struct pyr_profile *profile = pyr_collector_profile(f.collector);
    assert_int_equal(first.thread.i, second.thread.i);
    assert_int_equal(pyr_threads_get(profile->threads, second.thread).tid, 77);
    assert_true(first.stack.i != second.stack.i); /* below it now stands another number */
    close_collector(&f);
}

static void test_a_name_given_late_is_taken_over(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){0});
    f.fake.thread_name = "";
    const struct pyr_collected where = add(&f, "a", 0);
    f.fake.thread_name = "Later";
    f.sample.time_ns += 2000000000;
    assert_int_equal(add(&f, "a", 1).thread.i, where.thread.i);
    const struct pyr_profile *profile = pyr_collector_profile(f.collector);
    assert_string_equal(
        pyr_strtab_text(profile->strings, pyr_threads_get(profile->threads, where.thread).name),
        "Later");
    close_collector(&f);
}

/* The same for a sample whose coroutine, 'g', has its frame at `frame`. */
static pyr_thread thread_of_task(struct fixture *f, uint64_t frame)
{
    struct pyr_err err = {0};
    struct pyr_collected where;
    set_stack(f, "abgc", 0);
    f->frames[1].address = frame;
    assert_true(pyr_collector_add(f->collector, f->handle, &f->sample, &where, &err));
    return where.thread;
}

static void test_tasks_are_told_apart_by_name_and_coroutine(void **state)
{
    (void)state;
    struct fixture f;
    open_collector(&f, (struct pyr_collect_options){.tasks = true});
    const pyr_thread loop = add(&f, "ab", 0).thread;
    const pyr_thread named = thread_of_task(&f, 0xA7);
    const pyr_thread nameless = thread_of_task(&f, 0xB8);
    assert_int_equal(thread_of_task(&f, 0xA7).i, named.i);
    assert_int_equal(thread_of_task(&f, 0xC9).i, nameless.i);
    assert_true(named.i != nameless.i && named.i != loop.i);
    const struct pyr_profile *profile = pyr_collector_profile(f.collector);
    const struct pyr_thread_info info = pyr_threads_get(profile->threads, named);
    assert_int_equal(info.kind, PYR_THREAD_TASK);
    assert_int_equal(info.parent.i, loop.i);
    assert_string_equal(pyr_strtab_text(profile->strings, info.name), "Task-7");
    assert_string_equal(pyr_strtab_text(profile->strings, info.entry), "seven");
    close_collector(&f);
}

static void test_taking_the_profile_leaves_an_empty_one(void **state)
{
    (void)state;
    struct fixture f;
    struct pyr_err err = {0};
    open_collector(&f, (struct pyr_collect_options){0});
    add(&f, "abc", 0);
    struct pyr_profile *taken = pyr_collector_take(f.collector, &err);
    assert_non_null(taken);
    assert_int_equal(pyr_values_count(taken->values), 1);
    assert_int_equal(pyr_values_count(pyr_collector_profile(f.collector)->values), 0);
    const struct pyr_collected where = add(&f, "abc", 3); /* the sampler knows of no new profile */
    assert_stack(&f, where.stack, "one:10;two:20;three:30");
    assert_int_equal(value_of(&f, where, 0), 1);
    pyr_profile_free(taken);
    pyr_collector_end(f.collector, f.handle);
    close_collector(&f);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct fixture f;
        struct pyr_err err = {0};
        struct pyr_profile *taken = NULL;
        open_collector(
            &f, (struct pyr_collect_options){.processes = true, .threads = true, .tasks = true});
        const struct pyr_collect_process process = process_of(&f.fake);
        uint32_t other = 0;
        pyr_mem_fail_after(nth);
        set_stack(&f, "~abgn!", 0);
        failed = !pyr_collector_add(f.collector, f.handle, &f.sample, NULL, &err) ||
                 !pyr_collector_begin(f.collector, &process, &other, &err) ||
                 (taken = pyr_collector_take(f.collector, &err)) == NULL;
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_stack(&f, add(&f, "ab", 0).stack,
                     "process 4242 (python app.py):0;thread 77 (Worker):0;one:10;two:20");
        pyr_profile_free(taken);
        close_collector(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stacks_get_names_lines_and_weights),
        cmocka_unit_test(test_what_nobody_saw_is_the_threads_alone),
        cmocka_unit_test(test_only_what_is_new_on_a_stack_is_looked_up),
        cmocka_unit_test(test_a_sample_left_out_does_not_lead_the_next_one_astray),
        cmocka_unit_test(test_a_new_thread_at_an_old_address_is_another),
        cmocka_unit_test(test_marks_shims_and_native_frames_have_their_names),
        cmocka_unit_test(test_modules_and_files_are_found_from_the_path),
        cmocka_unit_test(test_levels_for_process_and_thread_are_put_below),
        cmocka_unit_test(test_lines_can_be_functions_own_or_left_out),
        cmocka_unit_test(test_which_samples_are_kept_is_as_asked),
        cmocka_unit_test(test_beyond_the_limit_of_paths_samples_are_folded_and_counted),
        cmocka_unit_test(test_many_threads_share_an_entry_in_the_end),
        cmocka_unit_test(test_a_number_known_late_is_taken_over),
        cmocka_unit_test(test_a_name_given_late_is_taken_over),
        cmocka_unit_test(test_tasks_are_told_apart_by_name_and_coroutine),
        cmocka_unit_test(test_taking_the_profile_leaves_an_empty_one),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
