/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The sampler alone, for measuring: samples a process, checks each stack of a program of call
 * towers (see targets.py), and prints what came of it as one line of JSON.
 *
 *     reader PID MODE RATE SECONDS [check] [cpu] [gc] [ordinary] [only-gil] [toggle MS] [stacks
 * FILE]
 *
 * MODE is auto, frozen, compared or stopped; RATE 0 is as fast as it goes. `toggle` samples only in
 * every other window of so many milliseconds of CLOCK_MONOTONIC. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "remote/codes.h"
#include "remote/lines.h"
#include "remote/pace.h"
#include "remote/priority.h"
#include "remote/sampler.h"

#define NS_PER_S 1000000000ull
#define DRIVE_FIRST_CALL 3 /* lines from `def drive` to the call of the first tower */

struct reader {
    struct pyr_target target;
    struct pyr_codes *codes;
    struct pyr_sampler *sampler;
    struct pyr_priority priority;
    FILE *stacks;
    bool check;
    bool ordinary; /* no raised priority */
    uint64_t toggle_ns;
    uint64_t seen;
    uint64_t checked;
    uint64_t impossible;
    uint64_t depth;
    uint64_t towers_depth;
    uint64_t wall_ns;
    uint64_t cpu_ns;
    uint64_t idle;
    uint64_t holds;
    uint64_t waits;
};

static const struct pyr_code *code_of(struct reader *reader, const struct pyr_raw_frame *frame)
{
    uint32_t id = frame->kind == PYR_RAW_PYTHON ? pyr_codes_id(reader->codes, reader->target.memory,
                                                               &reader->target.layout, frame->code)
                                                : 0;
    return id == 0 ? NULL : pyr_codes_get(reader->codes, id);
}

/* From the outermost in: drive() at the line of tower k, then t<k>_0, t<k>_1 and so on. */
static void check(struct reader *reader, const struct pyr_raw_stack *stack)
{
    int tower = -1;
    int level = 0;
    bool bad = false;
    for (uint32_t i = stack->count; i-- > 0;) {
        const struct pyr_raw_frame *frame = &stack->frames[i];
        const struct pyr_code *code = code_of(reader, frame);
        if (code == NULL) {
            bad = bad || frame->kind == PYR_RAW_PYTHON;
            continue;
        }
        int k = 0;
        int d = 0;
        if (strcmp(code->name, "drive") == 0) {
            struct pyr_position at = pyr_line_find(&code->lines, frame->offset);
            tower = at.line - (int)code->first_line - DRIVE_FIRST_CALL;
        } else if (sscanf(code->name, "t%d_%d", &k, &d) == 2) {
            bad = bad || k != tower || d != level;
            level++;
        } else if (level > 0) {
            bad = true;
        }
    }
    reader->checked++;
    reader->impossible += bad;
    reader->towers_depth += (uint64_t)level;
}

static void write_stack(struct reader *reader, const struct pyr_raw_stack *stack)
{
    for (uint32_t i = stack->count; i-- > 0;) {
        const struct pyr_code *code = code_of(reader, &stack->frames[i]);
        if (code != NULL) {
            struct pyr_position at = pyr_line_find(&code->lines, stack->frames[i].offset);
            fprintf(reader->stacks, "%s:%s:%d%s", code->file, code->name, at.line,
                    i > 0 ? ";" : "");
        }
    }
    fputc('\n', reader->stacks);
}

static void seen(void *context, const struct pyr_sample *sample)
{
    struct reader *reader = context;
    reader->seen++;
    reader->depth += sample->stack->count;
    reader->wall_ns += sample->wall_ns;
    reader->cpu_ns += sample->cpu_ns;
    reader->idle += sample->idle;
    reader->holds += sample->holds_gil;
    reader->waits += sample->waits_for_gil;
    if (reader->check && sample->thread->is_main) {
        check(reader, sample->stack);
    }
    if (reader->stacks != NULL && sample->thread->is_main) {
        write_stack(reader, sample->stack);
    }
}

static uint64_t cpu_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Sleeps through the windows without sampling. */
static uint64_t skip_window(const struct reader *reader, uint64_t now)
{
    if (reader->toggle_ns != 0 && now / reader->toggle_ns % 2 == 1) {
        uint64_t until = (now / reader->toggle_ns + 1) * reader->toggle_ns;
        while (!pyr_pace_wait(until)) {
        }
        return until;
    }
    return 0;
}

static bool sample(struct reader *reader, uint32_t rate, double seconds, struct pyr_err *err)
{
    struct pyr_pace pace;
    uint64_t now = pyr_clock_monotonic_ns();
    uint64_t end = now + (uint64_t)(seconds * 1e9);
    pyr_pace_start(&pace, rate, 0, now);
    while ((now = pyr_clock_monotonic_ns()) < end) {
        uint64_t skipped = skip_window(reader, now);
        if (skipped != 0) {
            pyr_pace_start(&pace, rate, 0, skipped);
            continue;
        }
        uint64_t late = 0;
        uint64_t due = pyr_pace_next(&pace, now, &late);
        pyr_sampler_count_late(reader->sampler, late);
        (void)pyr_pace_wait(due);
        if (!pyr_sampler_round(reader->sampler, seen, reader, err)) {
            return err->code == PYR_ERR_GONE;
        }
    }
    return true;
}

static void report(const struct reader *reader, double elapsed, double cpu)
{
    const struct pyr_sampler_counts *c = pyr_sampler_counts(reader->sampler);
    const char *why = "";
    enum pyr_sampler_mode mode = pyr_sampler_mode(reader->sampler, &why);
    double rounds = c->rounds > 0 ? (double)c->rounds : 1;
    double samples = c->samples > 0 ? (double)c->samples : 1;
    printf("{\"mode\": \"%s\", \"why\": \"%s\", \"elapsed_s\": %.3f, \"rounds\": %llu, "
           "\"late\": %llu, \"samples\": %llu, \"exact\": %llu, \"torn\": %llu, \"likely\": %llu, "
           "\"lost\": %llu, "
           "\"retries\": %llu, \"migrations\": %llu, \"threads_missed\": %llu, ",
           pyr_sampler_mode_name(mode), why, elapsed, (unsigned long long)c->rounds,
           (unsigned long long)c->late, (unsigned long long)c->samples,
           (unsigned long long)c->exact, (unsigned long long)c->torn, (unsigned long long)c->likely,
           (unsigned long long)c->lost, (unsigned long long)c->retries,
           (unsigned long long)c->migrations, (unsigned long long)c->threads_missed);
    printf("\"reads_per_round\": %.2f, \"cpu_us_per_round\": %.2f, \"depth\": %.2f, "
           "\"checked\": %llu, \"impossible\": %llu, \"tower_depth\": %.2f, ",
           (double)c->read_calls / rounds, cpu * 1e6 / rounds, (double)reader->depth / samples,
           (unsigned long long)reader->checked, (unsigned long long)reader->impossible,
           (double)reader->towers_depth / (reader->checked > 0 ? (double)reader->checked : 1));
    printf("\"wall_s\": %.4f, \"cpu_s\": %.4f, \"idle\": %llu, \"holds_gil\": %llu, "
           "\"waits_for_gil\": %llu}\n",
           (double)reader->wall_ns * 1e-9, (double)reader->cpu_ns * 1e-9,
           (unsigned long long)reader->idle, (unsigned long long)reader->holds,
           (unsigned long long)reader->waits);
}

static enum pyr_sampler_mode mode_of(const char *name)
{
    for (int mode = PYR_SAMPLER_AUTO; mode <= PYR_SAMPLER_STOPPED; mode++) {
        if (strcmp(name, pyr_sampler_mode_name((enum pyr_sampler_mode)mode)) == 0) {
            return (enum pyr_sampler_mode)mode;
        }
    }
    return PYR_SAMPLER_AUTO;
}

static bool take_options(struct reader *reader, int argc, char **argv,
                         struct pyr_sampler_options *options)
{
    for (int i = 5; i < argc; i++) {
        if (strcmp(argv[i], "check") == 0) {
            reader->check = true;
        } else if (strcmp(argv[i], "cpu") == 0) {
            options->cpu = true;
        } else if (strcmp(argv[i], "gc") == 0) {
            options->gc = true;
        } else if (strcmp(argv[i], "ordinary") == 0) {
            reader->ordinary = true;
        } else if (strcmp(argv[i], "only-gil") == 0) {
            options->only_gil = true;
        } else if (strcmp(argv[i], "toggle") == 0 && i + 1 < argc) {
            reader->toggle_ns = strtoull(argv[++i], NULL, 10) * 1000000;
        } else if (strcmp(argv[i], "stacks") == 0 && i + 1 < argc) {
            reader->stacks = fopen(argv[++i], "w");
            if (reader->stacks == NULL) {
                return false;
            }
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct reader reader = {0};
    struct pyr_err err = {0};
    struct pyr_sampler_options options = {0};
    if (argc < 5 || !take_options(&reader, argc, argv, &options)) {
        fprintf(stderr,
                "usage: reader PID MODE RATE SECONDS [check] [cpu] [gc] [ordinary] [only-gil] "
                "[toggle MS] [stacks FILE]\n");
        return 2;
    }
    uint32_t rate = (uint32_t)strtoul(argv[3], NULL, 10);
    options.mode = mode_of(argv[2]);
    options.rate = rate == 0 ? 1000000 : rate;
    reader.codes = pyr_codes_new();
    bool ok = reader.codes != NULL &&
              pyr_target_open(&reader.target, (uint32_t)strtoul(argv[1], NULL, 10), &err);
    if (ok) {
        reader.sampler = pyr_sampler_open(&reader.target, reader.codes, &options, &err);
        ok = reader.sampler != NULL;
    }
    if (ok) {
        const char *why = "";
        if (!reader.ordinary && pyr_sampler_mode(reader.sampler, &why) == PYR_SAMPLER_FROZEN) {
            pyr_priority_begin(&reader.priority);
            pyr_priority_raise(&reader.priority);
        }
        uint64_t start = pyr_clock_monotonic_ns();
        uint64_t cpu = cpu_now();
        ok = sample(&reader, rate, strtod(argv[4], NULL), &err);
        report(&reader, (double)(pyr_clock_monotonic_ns() - start) * 1e-9,
               (double)(cpu_now() - cpu) * 1e-9);
    }
    if (!ok) {
        fprintf(stderr, "reader: %s\n", err.message);
    }
    pyr_priority_end(&reader.priority);
    pyr_sampler_close(reader.sampler);
    pyr_target_close(&reader.target);
    pyr_codes_free(reader.codes);
    if (reader.stacks != NULL) {
        (void)fclose(reader.stacks);
    }
    return ok ? 0 : 1;
}
