/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/mirror.h"

#include "base/hash.h"
#include "base/mem.h"

static bool copy_text(struct pyr_profile *to, const struct pyr_profile *from, pyr_str text,
                      pyr_str *id, struct pyr_err *err)
{
    return pyr_strtab_add(to->strings, pyr_strtab_text(from->strings, text),
                          pyr_strtab_len(from->strings, text), id, err);
}

static bool copy_functions(struct pyr_profile *to, const struct pyr_profile *from,
                           struct pyr_err *err)
{
    const uint32_t count = pyr_functions_count(from->functions);
    for (uint32_t i = pyr_functions_count(to->functions) + 1; i <= count; i++) {
        struct pyr_function f = *pyr_functions_get(from->functions, (pyr_func){i});
        pyr_func id = {0};
        if (!copy_text(to, from, f.qualname, &f.qualname, err) ||
            !copy_text(to, from, f.module, &f.module, err) ||
            !copy_text(to, from, f.file, &f.file, err) ||
            !pyr_functions_add(to->functions, &f, &id, err)) {
            return false;
        }
    }
    return true;
}

static bool copy_frames(struct pyr_profile *to, const struct pyr_profile *from, struct pyr_err *err)
{
    const uint32_t count = pyr_frames_count(from->frames);
    for (uint32_t i = pyr_frames_count(to->frames) + 1; i <= count; i++) {
        pyr_frame_id id = {0};
        if (!pyr_frames_add(to->frames, pyr_frames_get(from->frames, (pyr_frame_id){i}), &id,
                            err)) {
            return false;
        }
    }
    return true;
}

static bool copy_stacks(struct pyr_profile *to, const struct pyr_profile *from, struct pyr_err *err)
{
    const uint32_t count = pyr_stacks_count(from->stacks);
    for (uint32_t i = pyr_stacks_count(to->stacks) + 1; i <= count; i++) {
        const struct pyr_stack_node node = pyr_stacks_get(from->stacks, (pyr_stack){i});
        pyr_stack id = {0};
        if (!pyr_stacks_add(to->stacks, node.parent, node.frame, &id, err)) {
            return false;
        }
    }
    return true;
}

static bool copy_thread(struct pyr_profile *to, const struct pyr_profile *from, uint32_t i,
                        struct pyr_err *err)
{
    struct pyr_thread_info info = pyr_threads_get(from->threads, (pyr_thread){i});
    pyr_thread id = {i};
    if (!copy_text(to, from, info.name, &info.name, err) ||
        !copy_text(to, from, info.tag, &info.tag, err) ||
        !copy_text(to, from, info.entry, &info.entry, err)) {
        return false;
    }
    if (i > pyr_threads_count(to->threads)) {
        return pyr_threads_add(to->threads, &info, &id, err);
    }
    pyr_threads_update(to->threads, id, &info);
    return true;
}

static bool copy_threads(struct pyr_mirror *mirror, const struct pyr_profile *from,
                         struct pyr_err *err)
{
    const uint64_t stamp = pyr_threads_stamp(from->threads);
    const uint32_t count = pyr_threads_count(from->threads);
    for (uint32_t i = 1; stamp != mirror->threads_stamp && i <= count; i++) {
        const bool changed =
            i > pyr_threads_count(mirror->profile->threads) ||
            pyr_threads_stamp_of(from->threads, (pyr_thread){i}) > mirror->threads_stamp;
        if (changed && !copy_thread(mirror->profile, from, i, err)) {
            return false;
        }
    }
    mirror->threads_stamp = stamp;
    return true;
}

/* Is the function, or the frame, among the stack `at` and what is further out? */
static void look_outwards(const struct pyr_mirror *mirror, uint32_t at,
                          struct pyr_mirror_path *path)
{
    for (; at != 0 && !path->again_frame; at = mirror->paths[at].parent) {
        const struct pyr_mirror_path *outer = &mirror->paths[at];
        path->again_func = path->again_func || outer->func == path->func;
        path->again_frame = outer->frame == path->frame;
    }
}

static bool add_shape(struct pyr_mirror *mirror, uint32_t parent, uint32_t func, uint32_t *id,
                      struct pyr_err *err)
{
    const uint64_t key = (uint64_t)parent << 32 | func;
    *id = pyr_map_get(&mirror->shape_of, key);
    if (*id != 0) {
        return true;
    }
    if (!pyr_mem_grow(&mirror->shapes, &mirror->shape_cap, mirror->shape_count + (size_t)1,
                      sizeof *mirror->shapes, err) ||
        !pyr_map_put(&mirror->shape_of, key, mirror->shape_count, err)) {
        return false;
    }
    *id = mirror->shape_count++;
    mirror->shapes[*id] = (struct pyr_mirror_shape){
        .parent = parent, .func = func, .depth = mirror->shapes[parent].depth + 1};
    return true;
}

static bool add_path(struct pyr_mirror *mirror, uint32_t stack, struct pyr_err *err)
{
    const struct pyr_profile *profile = mirror->profile;
    const struct pyr_stack_node node = pyr_stacks_get(profile->stacks, (pyr_stack){stack});
    const struct pyr_mirror_path *outer = &mirror->paths[node.parent.i];
    const uint32_t func = pyr_frames_get(profile->frames, node.frame).func.i;
    const uint64_t hash = pyr_hash_u64(func);
    const uint64_t bits = 1ull << (hash & 63u) | 1ull << (hash >> 8 & 63u);
    struct pyr_mirror_path path = {.parent = node.parent.i,
                                   .frame = node.frame.i,
                                   .func = func,
                                   .depth = outer->depth + 1,
                                   .functions = outer->functions | bits};
    if ((outer->functions & bits) == bits) {
        look_outwards(mirror, node.parent.i, &path);
    }
    if (!add_shape(mirror, outer->shape, func, &path.shape, err)) {
        return false;
    }
    mirror->paths[stack] = path;
    return true;
}

bool pyr_mirror_settle(struct pyr_mirror *mirror, struct pyr_err *err)
{
    const uint32_t count = pyr_stacks_count(mirror->profile->stacks) + 1;
    if (!pyr_mem_grow(&mirror->paths, &mirror->path_cap, count, sizeof *mirror->paths, err) ||
        !pyr_mem_grow(&mirror->shapes, &mirror->shape_cap, 1, sizeof *mirror->shapes, err)) {
        return false;
    }
    mirror->shape_count = mirror->shape_count == 0 ? 1 : mirror->shape_count;
    mirror->path_count = mirror->path_count == 0 ? 1 : mirror->path_count;
    for (; mirror->path_count < count; mirror->path_count++) {
        if (!add_path(mirror, mirror->path_count, err)) {
            return false;
        }
    }
    return true;
}

/* A profile that has less than it had is another one. */
static bool is_another(const struct pyr_profile *mine, const struct pyr_profile *source)
{
    return pyr_stacks_count(source->stacks) < pyr_stacks_count(mine->stacks) ||
           pyr_frames_count(source->frames) < pyr_frames_count(mine->frames) ||
           pyr_functions_count(source->functions) < pyr_functions_count(mine->functions) ||
           pyr_threads_count(source->threads) < pyr_threads_count(mine->threads);
}

bool pyr_mirror_update(struct pyr_mirror *mirror, const struct pyr_profile *source,
                       struct pyr_err *err)
{
    if (mirror->profile != NULL && is_another(mirror->profile, source)) {
        const uint32_t generation = mirror->generation + 1;
        pyr_mirror_release(mirror);
        mirror->generation = generation;
    }
    if (mirror->profile == NULL) {
        mirror->profile = pyr_profile_new(err);
    }
    return mirror->profile != NULL && copy_functions(mirror->profile, source, err) &&
           copy_frames(mirror->profile, source, err) && copy_stacks(mirror->profile, source, err) &&
           copy_threads(mirror, source, err);
}

void pyr_mirror_release(struct pyr_mirror *mirror)
{
    pyr_profile_free(mirror->profile);
    pyr_mem_free(mirror->paths);
    pyr_mem_free(mirror->shapes);
    pyr_map_release(&mirror->shape_of);
    *mirror = (struct pyr_mirror){0};
}
