/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/profile.h"

#include "base/mem.h"

static bool make_tables(struct pyr_profile *profile)
{
    profile->arena = pyr_arena_new();
    if (profile->arena == NULL) {
        return false;
    }
    profile->strings = pyr_strtab_new(profile->arena);
    if (profile->strings == NULL) {
        return false;
    }
    profile->functions = pyr_functions_new();
    profile->frames = pyr_frames_new();
    profile->stacks = pyr_stacks_new();
    profile->threads = pyr_threads_new();
    profile->values = pyr_values_new();
    profile->timeline = pyr_timeline_new();
    profile->meta = pyr_meta_new(profile->strings);
    profile->metrics.values = profile->values;
    return profile->functions != NULL && profile->frames != NULL && profile->stacks != NULL &&
           profile->threads != NULL && profile->values != NULL && profile->timeline != NULL &&
           profile->meta != NULL;
}

struct pyr_profile *pyr_profile_new(struct pyr_err *err)
{
    struct pyr_profile *profile = pyr_mem_zalloc(1, sizeof *profile);
    if (profile == NULL || !make_tables(profile)) {
        pyr_profile_free(profile);
        pyr_err_nomem(err);
        return NULL;
    }
    return profile;
}

void pyr_profile_free(struct pyr_profile *profile)
{
    if (profile == NULL) {
        return;
    }
    pyr_meta_free(profile->meta);
    pyr_timeline_free(profile->timeline);
    pyr_values_free(profile->values);
    pyr_threads_free(profile->threads);
    pyr_stacks_free(profile->stacks);
    pyr_frames_free(profile->frames);
    pyr_functions_free(profile->functions);
    pyr_strtab_free(profile->strings);
    pyr_arena_free(profile->arena);
    pyr_mem_free(profile);
}

bool pyr_profile_add_function(struct pyr_profile *profile, const struct pyr_function_text *text,
                              pyr_func *id, struct pyr_err *err)
{
    struct pyr_function function = {.first_line = text->first_line, .kind = text->kind};
    return pyr_strtab_add_text(profile->strings, text->qualname, &function.qualname, err) &&
           pyr_strtab_add_text(profile->strings, text->module, &function.module, err) &&
           pyr_strtab_add_text(profile->strings, text->file, &function.file, err) &&
           pyr_functions_add(profile->functions, &function, id, err);
}

bool pyr_profile_push(struct pyr_profile *profile, pyr_stack parent, pyr_func func, uint32_t line,
                      pyr_stack *stack, struct pyr_err *err)
{
    pyr_frame_id frame = {0};
    return pyr_frames_add(profile->frames, (struct pyr_frame){func, line}, &frame, err) &&
           pyr_stacks_add(profile->stacks, parent, frame, stack, err);
}

pyr_func pyr_profile_stack_function(const struct pyr_profile *profile, pyr_stack stack)
{
    return pyr_frames_get(profile->frames, pyr_stacks_get(profile->stacks, stack).frame).func;
}
