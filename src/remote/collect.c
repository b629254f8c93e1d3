/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/collect.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "model/stacks.h"
#include "remote/collect_process.h"

#define MAX_COMMAND 60 /* bytes of it in a stack's level */

struct pyr_collector {
    struct pyr_collect_options options;
    struct pyr_profile *profile;          /* owned */
    struct pyr_collect_state **processes; /* owned, as each entry is; NULL where one has ended */
    uint32_t process_cap;
    uint32_t process_count; /* entries, those that ended among them */
    uint64_t origin_ns;     /* CLOCK_MONOTONIC at the profile's start */
    uint32_t samples;       /* columns */
    uint32_t weight;
    struct pyr_map tasks; /* owned; hash of thread, coroutine and name -> thread of the model */
    uint32_t task_count;
    uint32_t threads;  /* told apart so far */
    pyr_thread shared; /* for those beyond the limit; id 0: not needed yet */
    pyr_stack folded;  /* the same for call paths */
    uint64_t folded_samples;
    uint64_t folded_threads;
};

static bool add_columns(struct pyr_collector *collector, struct pyr_profile *profile,
                        struct pyr_err *err)
{
    return pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_SAMPLES, PYR_UNIT_COUNT,
                           &collector->samples, err) &&
           pyr_metrics_add(&profile->metrics, profile->strings,
                           collector->options.cpu ? PYR_METRIC_CPU : PYR_METRIC_WALL, PYR_UNIT_NS,
                           &collector->weight, err);
}

static struct pyr_profile *new_profile(struct pyr_collector *collector, struct pyr_err *err)
{
    struct pyr_profile *profile = pyr_profile_new(err);
    if (profile != NULL && !add_columns(collector, profile, err)) {
        pyr_profile_free(profile);
        profile = NULL;
    }
    return profile;
}

struct pyr_collector *pyr_collector_new(const struct pyr_collect_options *options,
                                        struct pyr_err *err)
{
    struct pyr_collector *collector = pyr_mem_zalloc(1, sizeof *collector);
    if (collector == NULL) {
        (void)pyr_err_nomem(err);
        return NULL;
    }
    collector->options = *options;
    if (collector->options.node_limit == 0) {
        collector->options.node_limit = PYR_COLLECT_NODE_LIMIT;
    }
    collector->origin_ns = pyr_clock_monotonic_ns();
    collector->profile = new_profile(collector, err);
    if (collector->profile == NULL) {
        pyr_mem_free(collector);
        return NULL;
    }
    return collector;
}

void pyr_collector_free(struct pyr_collector *collector)
{
    if (collector == NULL) {
        return;
    }
    for (uint32_t i = 0; i < collector->process_count; i++) {
        pyr_collect_state_free(collector->processes[i]);
    }
    pyr_mem_free(collector->processes);
    pyr_map_release(&collector->tasks);
    pyr_profile_free(collector->profile);
    pyr_mem_free(collector);
}

/* A place that has become free, or a new one. */
static bool find_place(struct pyr_collector *collector, uint32_t *place, struct pyr_err *err)
{
    for (*place = 0; *place < collector->process_count; (*place)++) {
        if (collector->processes[*place] == NULL) {
            return true;
        }
    }
    if (!pyr_mem_grow(&collector->processes, &collector->process_cap, (size_t)*place + 1,
                      sizeof(struct pyr_collect_state *), err)) {
        return false;
    }
    collector->process_count++;
    return true;
}

bool pyr_collector_begin(struct pyr_collector *collector, const struct pyr_collect_process *process,
                         uint32_t *handle, struct pyr_err *err)
{
    uint32_t place = 0;
    if (!find_place(collector, &place, err)) {
        return false;
    }
    collector->processes[place] = pyr_collect_state_new(process, &collector->options, err);
    *handle = place + 1;
    return collector->processes[place] != NULL;
}

void pyr_collector_end(struct pyr_collector *collector, uint32_t handle)
{
    struct pyr_collect_state **state = &collector->processes[handle - 1];
    pyr_collect_state_note_ends(*state, collector->profile, collector->origin_ns);
    pyr_collect_state_free(*state);
    *state = NULL;
}

static bool is_wanted(const struct pyr_collect_options *options, const struct pyr_sample *sample)
{
    if (sample->stack->count == 0 || (options->gil && !sample->holds_gil)) {
        return false;
    }
    return options->cpu ? sample->cpu_ns > 0 : options->idle || options->gil || !sample->idle;
}

/* A level of the stack that no code stands for. */
static bool push_level(struct pyr_profile *profile, pyr_stack parent, const char *text,
                       pyr_stack *stack, struct pyr_err *err)
{
    const struct pyr_function_text function = {text, "", "", 0, PYR_FUNC_SYNTHETIC};
    pyr_func func = {0};
    return pyr_profile_add_function(profile, &function, &func, err) &&
           pyr_profile_push(profile, parent, func, 0, stack, err);
}

/* The stack that all of a thread's stacks are on: the levels that were asked for. */
static bool add_levels(struct pyr_collector *collector, const struct pyr_collect_state *state,
                       struct pyr_collect_thread *thread, struct pyr_err *err)
{
    char text[512];
    thread->root = (pyr_stack){0};
    if (collector->options.processes) {
        const char *open = state->command[0] == '\0' ? "" : " (";
        const char *close = state->command[0] == '\0' ? "" : ")";
        const bool cut = strlen(state->command) > MAX_COMMAND;
        snprintf(text, sizeof text, "process %u%s%.*s%s%s", (unsigned)state->pid, open, MAX_COMMAND,
                 state->command, cut ? "…" : "", close);
        if (!push_level(collector->profile, thread->root, text, &thread->root, err)) {
            return false;
        }
    }
    if (collector->options.threads) {
        const char *open = thread->name[0] == '\0' ? "" : " (";
        const char *close = thread->name[0] == '\0' ? "" : ")";
        snprintf(text, sizeof text, "thread %u%s%s%s", (unsigned)thread->tid, open, thread->name,
                 close);
        return push_level(collector->profile, thread->root, text, &thread->root, err);
    }
    return true;
}

static bool add_thread(struct pyr_collector *collector, const struct pyr_collect_state *state,
                       struct pyr_collect_thread *thread, struct pyr_err *err)
{
    struct pyr_profile *profile = collector->profile;
    struct pyr_thread_info info = {.pid = state->pid, .tid = thread->tid};
    const bool apart = collector->threads < PYR_COLLECT_MAX_THREADS;
    const char *name = apart ? thread->name : "(other threads)";
    if (!apart && collector->shared.i != 0) {
        thread->id = collector->shared;
        return true;
    }
    if (!apart) {
        info = (struct pyr_thread_info){0};
    } else if (thread->first_ns > collector->origin_ns) {
        info.start_ns = thread->first_ns - collector->origin_ns;
    }
    if (!pyr_strtab_add_text(profile->strings, name, &info.name, err) ||
        !pyr_threads_add(profile->threads, &info, &thread->id, err)) {
        return false;
    }
    collector->threads++;
    if (!apart) {
        collector->shared = thread->id;
    }
    return true;
}

/* A name that the program gave late, or changed; or the number of a thread that had not begun. Up
 * to 3.11 such a one may have been seen under the number of the thread that made it: what it does
 * under its own is another thread's to the profile, where a thread keeps its number. */
static bool rename_thread(struct pyr_collector *collector, struct pyr_collect_thread *thread,
                          struct pyr_err *err)
{
    struct pyr_profile *profile = collector->profile;
    if (thread->id.i == 0 || thread->id.i == collector->shared.i) {
        return true;
    }
    struct pyr_thread_info info = pyr_threads_get(profile->threads, thread->id);
    if (info.tid != 0 && info.tid != thread->tid) {
        thread->id = (pyr_thread){0};
        return true;
    }
    if (!pyr_strtab_add_text(profile->strings, thread->name, &info.name, err)) {
        return false;
    }
    info.tid = thread->tid;
    pyr_threads_update(profile->threads, thread->id, &info);
    return true;
}

/* The entry for `info`, a task, if there is one; else `*key` is where it belongs. */
static pyr_thread find_task(const struct pyr_collector *collector,
                            const struct pyr_thread_info *info, uint64_t *key)
{
    const uint32_t fields[] = {info->parent.i, info->name.i, info->entry.i};
    *key = pyr_hash_seeded(0, fields, sizeof fields);
    for (;; *key = pyr_hash_u64(*key + 1)) {
        const pyr_thread id = {pyr_map_get(&collector->tasks, *key)};
        if (id.i == 0) {
            return id;
        }
        const struct pyr_thread_info other = pyr_threads_get(collector->profile->threads, id);
        if (other.parent.i == info->parent.i && other.name.i == info->name.i &&
            other.entry.i == info->entry.i) {
            return id;
        }
    }
}

/* The task that the sample is of, `*id`, where it is of any; else the thread. */
static bool choose_task(struct pyr_collector *collector, struct pyr_collect_state *state,
                        const struct pyr_collect_thread *thread, const struct pyr_sample *sample,
                        pyr_thread *id, struct pyr_err *err)
{
    struct pyr_profile *profile = collector->profile;
    struct pyr_thread_info info = {
        .pid = state->pid, .tid = thread->tid, .kind = PYR_THREAD_TASK, .parent = thread->id};
    const char *entry = NULL;
    const char *name = NULL;
    uint64_t key = 0;
    *id = thread->id;
    if (!pyr_collect_find_task(state, sample, &entry, &name)) {
        return true;
    }
    name = collector->task_count < PYR_COLLECT_MAX_TASKS ? name : "";
    if (!pyr_strtab_add_text(profile->strings, name, &info.name, err) ||
        !pyr_strtab_add_text(profile->strings, entry, &info.entry, err)) {
        return false;
    }
    *id = find_task(collector, &info, &key);
    if (id->i != 0) {
        return true;
    }
    collector->task_count++;
    return pyr_threads_add(profile->threads, &info, id, err) &&
           pyr_map_put(&collector->tasks, key, id->i, err);
}

/* The trie is full: what is new in it is put to one place. */
static bool fold(struct pyr_collector *collector, pyr_stack *stack, struct pyr_err *err)
{
    collector->folded_samples++;
    *stack = collector->folded;
    return collector->folded.i != 0 ||
           (push_level(collector->profile, (pyr_stack){0}, "(folded)", stack, err) &&
            ((collector->folded = *stack).i != 0));
}

static bool find_stack(struct pyr_collector *collector, struct pyr_collect_state *state,
                       struct pyr_collect_thread *thread, const struct pyr_sample *sample,
                       pyr_stack *stack, struct pyr_err *err)
{
    const uint32_t count = sample->stack->count;
    if (!pyr_collect_thread_room(thread, count, err)) {
        return false;
    }
    uint32_t depth =
        thread->valid < sample->same_outermost ? thread->valid : sample->same_outermost;
    depth = depth < count ? depth : count;
    thread->valid = 0; /* until all went well */
    pyr_stack top = depth == 0 ? thread->root : thread->path[depth - 1];
    for (; depth < count; depth++) {
        const struct pyr_raw_frame *raw = &sample->stack->frames[count - 1 - depth];
        pyr_frame_id frame = {0};
        if (!pyr_collect_frame(state, collector->profile, raw, &frame, err)) {
            return false;
        }
        if (frame.i != 0) { /* 0: the interpreter's own, not shown */
            const pyr_stack known = pyr_stacks_find(collector->profile->stacks, top, frame);
            if (known.i == 0 &&
                pyr_stacks_count(collector->profile->stacks) >= collector->options.node_limit) {
                return fold(collector, stack, err);
            }
            if (known.i == 0 &&
                !pyr_stacks_add(collector->profile->stacks, top, frame, &top, err)) {
                return false;
            }
            top = known.i == 0 ? top : known;
        }
        thread->path[depth] = top;
    }
    thread->valid = count;
    *stack = top;
    return true;
}

static bool prepare_thread(struct pyr_collector *collector, struct pyr_collect_state *state,
                           struct pyr_collect_thread *thread, const struct pyr_sample *sample,
                           struct pyr_err *err)
{
    bool renamed = false;
    if (!pyr_collect_thread_name(state, thread, sample, &renamed, err)) {
        return false;
    }
    /* One that had not begun has no number yet, or up to 3.11 that of the thread that made it. */
    if (sample->thread->tid != 0 && thread->tid != sample->thread->tid) {
        thread->tid = sample->thread->tid;
        renamed = true;
    }
    if (renamed && !rename_thread(collector, thread, err)) {
        return false;
    }
    if (renamed && collector->options.threads) {
        thread->rooted = false;
    }
    if (!thread->rooted) {
        thread->valid = 0;
        thread->rooted = add_levels(collector, state, thread, err);
    }
    return thread->rooted && (thread->id.i != 0 || add_thread(collector, state, thread, err));
}

bool pyr_collector_add(struct pyr_collector *collector, uint32_t handle,
                       const struct pyr_sample *sample, struct pyr_collected *where,
                       struct pyr_err *err)
{
    struct pyr_collect_state *state = collector->processes[handle - 1];
    struct pyr_collect_thread *thread = pyr_collect_find_thread(state, sample, err);
    const uint64_t weight = collector->options.cpu ? sample->cpu_ns : sample->wall_ns;
    struct pyr_collected ignored = {0};
    where = where == NULL ? &ignored : where;
    *where = (struct pyr_collected){0};
    if (thread == NULL) {
        return false;
    }
    if (!is_wanted(&collector->options, sample)) {
        /* What the next sample has in common with this one, it has with the one before, too, but
         * not more than this one had. */
        thread->valid =
            thread->valid < sample->same_outermost ? thread->valid : sample->same_outermost;
        return true;
    }
    if (!prepare_thread(collector, state, thread, sample, err)) {
        return false;
    }
    where->thread = thread->id;
    if ((collector->options.tasks &&
         !choose_task(collector, state, thread, sample, &where->thread, err)) ||
        !find_stack(collector, state, thread, sample, &where->stack, err) ||
        !pyr_values_add(collector->profile->values, where->stack, where->thread, collector->samples,
                        1, err) ||
        !pyr_values_add(collector->profile->values, where->stack, where->thread, collector->weight,
                        weight > INT64_MAX ? INT64_MAX : (int64_t)weight, err)) {
        return false;
    }
    collector->folded_threads += thread->id.i == collector->shared.i ? 1 : 0;
    where->kept = true;
    return true;
}

bool pyr_collector_add_unseen(struct pyr_collector *collector, uint32_t process,
                              const struct pyr_sample *sample, const struct pyr_collected *where,
                              uint64_t weight, struct pyr_err *err)
{
    struct pyr_collect_state *state = collector->processes[process - 1];
    const struct pyr_collect_thread *thread = pyr_collect_find_thread(state, sample, err);
    pyr_stack stack = {0};
    return thread != NULL &&
           push_level(collector->profile, thread->root, "<not sampled>", &stack, err) &&
           pyr_values_add(collector->profile->values, stack, where->thread, collector->weight,
                          weight > INT64_MAX ? INT64_MAX : (int64_t)weight, err);
}

struct pyr_profile *pyr_collector_profile(struct pyr_collector *collector)
{
    return collector->profile;
}

uint64_t pyr_collector_folded(const struct pyr_collector *collector)
{
    return collector->folded_samples;
}

uint64_t pyr_collector_threads_folded(const struct pyr_collector *collector)
{
    return collector->folded_threads;
}

void pyr_collector_note_ends(struct pyr_collector *collector)
{
    for (uint32_t i = 0; i < collector->process_count; i++) {
        if (collector->processes[i] != NULL) {
            pyr_collect_state_note_ends(collector->processes[i], collector->profile,
                                        collector->origin_ns);
        }
    }
}

struct pyr_profile *pyr_collector_take(struct pyr_collector *collector, struct pyr_err *err)
{
    struct pyr_profile *next = new_profile(collector, err);
    if (next == NULL) {
        return NULL;
    }
    struct pyr_profile *profile = collector->profile;
    pyr_collector_note_ends(collector);
    for (uint32_t i = 0; i < collector->process_count; i++) {
        if (collector->processes[i] != NULL) {
            pyr_collect_state_forget_profile(collector->processes[i]);
        }
    }
    collector->profile = next;
    collector->origin_ns = pyr_clock_monotonic_ns();
    collector->threads = 0;
    collector->task_count = 0;
    pyr_map_clear(&collector->tasks);
    collector->shared = (pyr_thread){0};
    collector->folded = (pyr_stack){0};
    collector->folded_samples = 0;
    collector->folded_threads = 0;
    return profile;
}
