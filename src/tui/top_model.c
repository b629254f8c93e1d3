/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_model.h"

#include <string.h>

#include "base/mem.h"
#include "reports/printable.h"
#include "tui/top_people.h"
#include "tui/top_rows.h"

void pyr_top_model_init(struct pyr_top_model *model)
{
    *model = (struct pyr_top_model){.sort = PYR_TOP_OWN_NOW};
}

void pyr_top_model_release(struct pyr_top_model *model)
{
    pyr_mirror_release(&model->mirror);
    pyr_store_release(&model->live);
    pyr_store_release(&model->frozen);
    pyr_buf_release(&model->search);
    pyr_sums_release(&model->sums);
    pyr_mem_free(model->rows);
    pyr_mem_free(model->threads);
    pyr_mem_free(model->processes);
    for (uint32_t i = 0; i < model->name_count; i++) {
        pyr_mem_free(model->names[i].command);
    }
    pyr_mem_free(model->names);
    *model = (struct pyr_top_model){0};
}

bool pyr_top_model_add(struct pyr_top_model *model, const struct pyr_recent *samples,
                       uint32_t count, struct pyr_err *err)
{
    return pyr_store_add(&model->live, samples, count, err);
}

const struct pyr_store *pyr_top_model_store(const struct pyr_top_model *model)
{
    return model->paused ? &model->frozen : &model->live;
}

bool pyr_top_model_pause(struct pyr_top_model *model, bool paused, struct pyr_err *err)
{
    if (paused && !model->paused && !pyr_store_copy(&model->frozen, &model->live, err)) {
        return false;
    }
    if (!paused) {
        pyr_store_release(&model->frozen);
    }
    model->paused = paused;
    return true;
}

bool pyr_top_model_clear(struct pyr_top_model *model, struct pyr_err *err)
{
    pyr_store_clear(&model->live);
    return !model->paused || pyr_store_copy(&model->frozen, &model->live, err);
}

bool pyr_top_model_build(struct pyr_top_model *model, struct pyr_err *err)
{
    return pyr_sums_build(&model->sums, &model->mirror, pyr_top_model_store(model), &model->filter,
                          err) &&
           pyr_top_rows_build(model, err) && pyr_top_people_build(model, err);
}

static struct pyr_top_name *find_name(const struct pyr_top_model *model, uint32_t pid)
{
    for (uint32_t i = 0; i < model->name_count; i++) {
        if (model->names[i].pid == pid) {
            return &model->names[i];
        }
    }
    return NULL;
}

bool pyr_top_model_name_process(struct pyr_top_model *model, uint32_t pid, const char *command,
                                struct pyr_err *err)
{
    struct pyr_top_name *name = find_name(model, pid);
    char *copy = pyr_mem_strdup(command);
    if (copy == NULL) {
        return pyr_err_nomem(err);
    }
    if (name == NULL) {
        if (!pyr_mem_grow(&model->names, &model->name_cap, model->name_count + (size_t)1,
                          sizeof *model->names, err)) {
            pyr_mem_free(copy);
            return false;
        }
        name = &model->names[model->name_count++];
        *name = (struct pyr_top_name){.pid = pid};
    }
    pyr_mem_free(name->command);
    name->command = copy;
    return true;
}

const char *pyr_top_model_command(const struct pyr_top_model *model, uint32_t pid)
{
    const struct pyr_top_name *name = find_name(model, pid);
    return name == NULL ? NULL : name->command;
}

void pyr_top_model_add_thread(const struct pyr_top_model *model, uint32_t thread,
                              struct pyr_buf *out)
{
    const struct pyr_profile *profile = model->mirror.profile;
    if (profile == NULL || thread == 0 || thread > pyr_threads_count(profile->threads)) {
        pyr_buf_add_text(out, "(no thread)");
        return;
    }
    const struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){thread});
    const size_t len = pyr_strtab_len(profile->strings, info.name);
    if (len == 0) {
        pyr_buf_addf(out, "thread %u", (unsigned)(info.tid != 0 ? info.tid : thread));
        return;
    }
    pyr_printable_add(out, pyr_strtab_text(profile->strings, info.name), len);
}
