/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/collect_process.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "remote/modules.h"

#define UNNAMED_NS 100000000u /* a name that was not there is asked for again so much later, … */
#define RENAME_NS 1000000000u /* … and one that was in case it changed */
#define SWEEP_AT 1024         /* threads; then those that have gone are dropped … */
#define SWEEP_AGE_NS 60000000000u /* … when they were not seen for so long */

/* A code object in the model. */
struct pyr_func_entry {
    pyr_func func; /* id 0: not looked at yet */
    bool hidden;
};

struct pyr_collect_state *pyr_collect_state_new(const struct pyr_collect_process *process,
                                                const struct pyr_collect_options *options,
                                                struct pyr_err *err)
{
    struct pyr_collect_state *state = pyr_mem_zalloc(1, sizeof *state);
    if (state == NULL) {
        (void)pyr_err_nomem(err);
        return NULL;
    }
    state->pid = process->pid;
    state->source = process->source;
    state->options = options;
    snprintf(state->command, sizeof state->command, "%s",
             process->command == NULL ? "" : process->command);
    state->main_file = process->main_file == NULL ? NULL : pyr_mem_strdup(process->main_file);
    state->main_module = process->main_module == NULL ? NULL : pyr_mem_strdup(process->main_module);
    if ((state->main_file == NULL) != (process->main_file == NULL) ||
        (state->main_module == NULL) != (process->main_module == NULL)) {
        pyr_collect_state_free(state);
        (void)pyr_err_nomem(err);
        return NULL;
    }
    return state;
}

void pyr_collect_state_free(struct pyr_collect_state *state)
{
    if (state == NULL) {
        return;
    }
    for (uint32_t i = 0; i < state->thread_count; i++) {
        pyr_mem_free(state->threads[i].path);
    }
    pyr_mem_free(state->threads);
    pyr_map_release(&state->by_address);
    pyr_map_release(&state->frames);
    pyr_map_release(&state->symbols);
    pyr_mem_free(state->functions);
    pyr_mem_free(state->main_file);
    pyr_mem_free(state->main_module);
    pyr_mem_free(state);
}

void pyr_collect_state_forget_profile(struct pyr_collect_state *state)
{
    if (state->functions != NULL) {
        memset(state->functions, 0, state->function_cap * sizeof *state->functions);
    }
    pyr_map_clear(&state->frames);
    pyr_map_clear(&state->symbols);
    memset(state->marks, 0, sizeof state->marks);
    for (uint32_t i = 0; i < state->thread_count; i++) {
        struct pyr_collect_thread *thread = &state->threads[i];
        thread->id = (pyr_thread){0};
        thread->rooted = false;
        thread->valid = 0;
    }
}

static void note_end(const struct pyr_collect_thread *thread, struct pyr_profile *profile,
                     uint64_t origin_ns)
{
    if (thread->id.i == 0 || thread->last_ns <= origin_ns) {
        return;
    }
    struct pyr_thread_info info = pyr_threads_get(profile->threads, thread->id);
    if (info.pid != 0) {
        info.end_ns = thread->last_ns - origin_ns;
        pyr_threads_update(profile->threads, thread->id, &info);
    }
}

void pyr_collect_state_note_ends(const struct pyr_collect_state *state, struct pyr_profile *profile,
                                 uint64_t origin_ns)
{
    for (uint32_t i = 0; i < state->thread_count; i++) {
        note_end(&state->threads[i], profile, origin_ns);
    }
}

/* Drops threads that are no more, so that a program which makes ever new ones costs no memory. On
 * failure nothing is dropped: there is only more to remember. */
static void sweep(struct pyr_collect_state *state, uint64_t now_ns)
{
    struct pyr_err ignored = {0};
    struct pyr_map by_address = {0};
    uint32_t kept = 0;
    if (state->threads == NULL || !pyr_map_reserve(&by_address, state->thread_count, &ignored)) {
        pyr_map_release(&by_address);
        return;
    }
    for (uint32_t i = 0; i < state->thread_count; i++) {
        struct pyr_collect_thread *thread = &state->threads[i];
        if (thread->last_ns + SWEEP_AGE_NS < now_ns) {
            pyr_mem_free(thread->path);
            continue;
        }
        state->threads[kept++] = *thread;
        (void)!pyr_map_put(&by_address, thread->address, kept, &ignored);
    }
    memset(state->threads + kept, 0, (state->thread_count - kept) * sizeof *state->threads);
    state->thread_count = kept;
    pyr_map_release(&state->by_address);
    state->by_address = by_address;
}

static struct pyr_collect_thread *new_thread(struct pyr_collect_state *state, uint64_t address,
                                             uint64_t now_ns, struct pyr_err *err)
{
    if (state->thread_count >= SWEEP_AT && state->thread_count == state->thread_cap) {
        sweep(state, now_ns);
    }
    if (!pyr_mem_grow(&state->threads, &state->thread_cap, (size_t)state->thread_count + 1,
                      sizeof *state->threads, err) ||
        !pyr_map_put(&state->by_address, address, state->thread_count + 1, err)) {
        return NULL;
    }
    struct pyr_collect_thread *thread = &state->threads[state->thread_count++];
    *thread = (struct pyr_collect_thread){.address = address};
    return thread;
}

struct pyr_collect_thread *pyr_collect_find_thread(struct pyr_collect_state *state,
                                                   const struct pyr_sample *sample,
                                                   struct pyr_err *err)
{
    const struct pyr_remote_thread *remote = sample->thread;
    const uint32_t place = pyr_map_get(&state->by_address, remote->address);
    struct pyr_collect_thread *thread = place == 0 ? NULL : &state->threads[place - 1];
    if (thread == NULL) {
        thread = new_thread(state, remote->address, sample->time_ns, err);
        if (thread == NULL) {
            return NULL;
        }
    }
    if (thread->first_ns == 0 || thread->unique_id != remote->unique_id) {
        /* Another thread where one was before. */
        *thread = (struct pyr_collect_thread){
            .address = remote->address,
            .unique_id = remote->unique_id,
            .tid = remote->tid,
            .first_ns = sample->time_ns,
            .path = thread->path,
            .path_cap = thread->path_cap,
        };
    }
    thread->last_ns = sample->time_ns;
    return thread;
}

bool pyr_collect_thread_name(struct pyr_collect_state *state, struct pyr_collect_thread *thread,
                             const struct pyr_sample *sample, bool *renamed, struct pyr_err *err)
{
    *renamed = false;
    const uint64_t wait_ns = thread->name[0] == '\0' ? UNNAMED_NS : RENAME_NS;
    if (state->source.thread_name == NULL ||
        (thread->named_ns != 0 && sample->time_ns < thread->named_ns + wait_ns)) {
        return true;
    }
    const char *name = state->source.thread_name(state->source.context, sample->thread);
    if (name == NULL) {
        return pyr_err_nomem(err);
    }
    if (strncmp(name, thread->name, sizeof thread->name - 1) != 0 && name[0] != '\0') {
        snprintf(thread->name, sizeof thread->name, "%s", name);
        *renamed = true;
    }
    thread->named_ns = sample->time_ns;
    return true;
}

bool pyr_collect_thread_room(struct pyr_collect_thread *thread, uint32_t depth, struct pyr_err *err)
{
    return pyr_mem_grow(&thread->path, &thread->path_cap, depth, sizeof *thread->path, err);
}

static bool ends_with_path(const char *path, const char *end)
{
    const size_t len = strlen(path);
    end += strncmp(end, "./", 2) == 0 ? 2 : 0;
    const size_t size = strlen(end);
    return size > 0 && len >= size && strcmp(path + len - size, end) == 0 &&
           (len == size || path[len - size - 1] == '/' || end[0] == '/');
}

/* The name that the module has for the program itself: the one that was started is __main__. */
static const char *module_name(const struct pyr_collect_state *state, const struct pyr_code *code,
                               const struct pyr_module *module)
{
    const char *main = state->main_module;
    const size_t len = main == NULL ? 0 : strlen(main);
    if (state->main_file != NULL && ends_with_path(code->file, state->main_file)) {
        return "__main__";
    }
    if (len > 0 && strncmp(module->name, main, len) == 0 &&
        (module->name[len] == '\0' || strcmp(module->name + len, ".__main__") == 0)) {
        return "__main__";
    }
    return module->name;
}

static bool add_code(struct pyr_collect_state *state, struct pyr_profile *profile, uint32_t id,
                     struct pyr_func_entry *entry, struct pyr_err *err)
{
    const struct pyr_code *code = state->source.code(state->source.context, id);
    struct pyr_module module;
    pyr_module_find(state->pid, code->file, &module);
    const struct pyr_function_text text = {
        .qualname = code->qualname,
        .module = module_name(state, code, &module),
        .file = state->options->full_files ? code->file : module.file,
        .first_line = code->first_line,
        .kind = PYR_FUNC_PYTHON,
    };
    entry->hidden = code->is_shim;
    return pyr_profile_add_function(profile, &text, &entry->func, err);
}

/* co_flags: coroutines, generators that stand for them, asynchronous generators. */
#define COROUTINE_FLAGS 0x380u

bool pyr_collect_find_task(struct pyr_collect_state *state, const struct pyr_sample *sample,
                           const char **entry, const char **name)
{
    const struct pyr_collect_source *source = &state->source;
    for (uint32_t i = sample->stack->count; i > 0; i--) {
        const struct pyr_raw_frame *raw = &sample->stack->frames[i - 1];
        const uint32_t id =
            raw->kind == PYR_RAW_PYTHON ? source->code_id(source->context, raw->code) : 0;
        const struct pyr_code *code = id == 0 ? NULL : source->code(source->context, id);
        if (code != NULL && (code->flags & COROUTINE_FLAGS) != 0) {
            *name =
                source->task_name == NULL ? "" : source->task_name(source->context, raw->address);
            *entry = code->qualname;
            return true;
        }
    }
    return false;
}

static bool add_mark(struct pyr_collect_state *state, struct pyr_profile *profile, uint8_t kind,
                     pyr_frame_id *frame, struct pyr_err *err)
{
    static const char *const names[] = {"<unreadable code>", "<native>", "<GC>", "<torn>",
                                        "<truncated>"};
    const struct pyr_function_text text = {names[kind], "", "", 0, PYR_FUNC_SYNTHETIC};
    struct pyr_frame row = {0};
    if (state->marks[kind].i == 0 &&
        (!pyr_profile_add_function(profile, &text, &row.func, err) ||
         !pyr_frames_add(profile->frames, row, &state->marks[kind], err))) {
        return false;
    }
    *frame = state->marks[kind];
    return true;
}

static bool add_native(struct pyr_collect_state *state, struct pyr_profile *profile, uint64_t pc,
                       pyr_frame_id *frame, struct pyr_err *err)
{
    frame->i = pyr_map_get(&state->symbols, pc);
    if (frame->i != 0) {
        return true;
    }
    const struct pyr_native_symbol *symbol =
        state->source.symbol == NULL ? NULL : state->source.symbol(state->source.context, pc);
    if (symbol == NULL) {
        return add_mark(state, profile, PYR_RAW_NATIVE, frame, err);
    }
    const struct pyr_function_text text = {symbol->name, symbol->module, symbol->file,
                                           symbol->first_line, PYR_FUNC_NATIVE};
    struct pyr_frame row = {.line = state->options->no_lines ? 0 : symbol->line};
    if (state->options->functions && !state->options->no_lines) {
        row.line = symbol->first_line;
    }
    return pyr_profile_add_function(profile, &text, &row.func, err) &&
           pyr_frames_add(profile->frames, row, frame, err) &&
           pyr_map_put(&state->symbols, pc, frame->i, err);
}

static uint32_t line_of(const struct pyr_collect_state *state, uint32_t id, int32_t offset)
{
    const struct pyr_code *code = state->source.code(state->source.context, id);
    if (state->options->no_lines || state->options->functions) {
        return state->options->no_lines ? 0 : code->first_line;
    }
    const int32_t line = pyr_line_find(&code->lines, offset).line;
    return line < 0 ? 0 : (uint32_t)line;
}

bool pyr_collect_frame(struct pyr_collect_state *state, struct pyr_profile *profile,
                       const struct pyr_raw_frame *raw, pyr_frame_id *frame, struct pyr_err *err)
{
    if (raw->kind == PYR_RAW_NATIVE) {
        return add_native(state, profile, raw->code, frame, err);
    }
    if (raw->kind != PYR_RAW_PYTHON) {
        return add_mark(state, profile,
                        raw->kind <= PYR_RAW_TRUNCATED ? raw->kind : (uint8_t)PYR_RAW_TORN, frame,
                        err);
    }
    const uint32_t id = state->source.code_id(state->source.context, raw->code);
    if (id == 0) {
        return add_mark(state, profile, PYR_RAW_PYTHON, frame, err);
    }
    const uint64_t key = (uint64_t)id << 32 | (uint32_t)raw->offset;
    frame->i = pyr_map_get(&state->frames, key);
    if (frame->i != 0) {
        return true;
    }
    if (!pyr_mem_grow(&state->functions, &state->function_cap, (size_t)id + 1,
                      sizeof *state->functions, err)) {
        return false;
    }
    struct pyr_func_entry *entry = &state->functions[id];
    if (entry->func.i == 0 && !add_code(state, profile, id, entry, err)) {
        return false;
    }
    if (entry->hidden) {
        return true; /* and the frame stays 0 */
    }
    const struct pyr_frame row = {entry->func, line_of(state, id, raw->offset)};
    return pyr_frames_add(profile->frames, row, frame, err) &&
           pyr_map_put(&state->frames, key, frame->i, err);
}
