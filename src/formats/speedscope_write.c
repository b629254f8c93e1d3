/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/mem.h"
#include "formats/columns.h"
#include "formats/names.h"
#include "formats/path.h"
#include "formats/slices.h"
#include "formats/speedscope.h"

#define RULES (PYR_NAME_NO_NUL | PYR_NAME_SURROGATES)

struct writer {
    const struct pyr_profile *profile;
    struct pyr_json_writer json;
    struct pyr_path path;
    struct pyr_buf text;
    struct pyr_slices slices;
    const char *unit;
};

static void put_frames(struct writer *w)
{
    uint32_t count = pyr_functions_count(w->profile->functions);
    pyr_json_key(&w->json, "shared");
    pyr_json_object_begin(&w->json);
    pyr_json_key(&w->json, "frames");
    pyr_json_array_begin(&w->json);
    for (uint32_t i = 1; i <= count; i++) {
        const struct pyr_function *f = pyr_functions_get(w->profile->functions, (pyr_func){i});
        pyr_json_object_begin(&w->json);
        pyr_json_key(&w->json, "name");
        pyr_name_add_function(&w->text, w->profile, (pyr_func){i}, RULES);
        pyr_name_put_json(&w->text, &w->json);
        if (pyr_strtab_len(w->profile->strings, f->file) > 0) {
            pyr_json_key(&w->json, "file");
            pyr_name_add_str(&w->text, w->profile, f->file, RULES);
            pyr_name_put_json(&w->text, &w->json);
        }
        if (f->first_line > 0) {
            pyr_json_key(&w->json, "line");
            pyr_json_int(&w->json, f->first_line);
        }
        pyr_json_object_end(&w->json);
    }
    pyr_json_array_end(&w->json);
    pyr_json_object_end(&w->json);
}

static bool put_samples(struct writer *w, const struct pyr_slice_range *range, struct pyr_err *err)
{
    pyr_json_key(&w->json, "samples");
    pyr_json_array_begin(&w->json);
    for (uint32_t i = range->from; i < range->to; i++) {
        if (!pyr_path_fill(&w->path, w->profile, w->slices.items[i].stack, err)) {
            return false;
        }
        pyr_json_array_begin(&w->json);
        for (uint32_t d = 0; d < w->path.depth; d++) {
            pyr_func func = pyr_profile_stack_function(w->profile, w->path.stacks[d]);
            pyr_json_int(&w->json, (int64_t)func.i - 1);
        }
        pyr_json_array_end(&w->json);
    }
    pyr_json_array_end(&w->json);
    return true;
}

static bool put_profile(struct writer *w, const struct pyr_slice_range *range, struct pyr_err *err)
{
    int64_t total = 0;
    pyr_json_object_begin(&w->json);
    pyr_json_key(&w->json, "type");
    pyr_json_text(&w->json, "sampled");
    pyr_json_key(&w->json, "name");
    pyr_name_add_thread(&w->text, w->profile, range->thread, RULES);
    pyr_name_put_json(&w->text, &w->json);
    pyr_json_key(&w->json, "unit");
    pyr_json_text(&w->json, w->unit);
    if (!put_samples(w, range, err)) {
        return false;
    }
    pyr_json_key(&w->json, "weights");
    pyr_json_array_begin(&w->json);
    for (uint32_t i = range->from; i < range->to; i++) {
        pyr_json_int(&w->json, w->slices.items[i].weight);
        if (__builtin_add_overflow(total, w->slices.items[i].weight, &total)) {
            total = INT64_MAX;
        }
    }
    pyr_json_array_end(&w->json);
    pyr_json_key(&w->json, "startValue");
    pyr_json_int(&w->json, 0);
    pyr_json_key(&w->json, "endValue");
    pyr_json_int(&w->json, total);
    pyr_json_object_end(&w->json);
    return true;
}

static bool put_profiles(struct writer *w, struct pyr_err *err)
{
    struct pyr_slice_range range = {0};
    bool any = false;
    pyr_json_key(&w->json, "profiles");
    pyr_json_array_begin(&w->json);
    while (pyr_slices_next_thread(&w->slices, &range)) {
        any = true;
        if (!put_profile(w, &range, err)) {
            return false;
        }
    }
    if (!any) { /* speedscope refuses a file without any profile */
        const struct pyr_slice_range none = {0};
        if (!put_profile(w, &none, err)) {
            return false;
        }
    }
    pyr_json_array_end(&w->json);
    return true;
}

static bool put_document(struct writer *w, struct pyr_err *err)
{
    const char *command = pyr_meta_text(w->profile->meta, PYR_META_COMMAND);
    pyr_json_object_begin(&w->json);
    pyr_json_key(&w->json, "$schema");
    pyr_json_text(&w->json, "https://www.speedscope.app/file-format-schema.json");
    pyr_json_key(&w->json, "name");
    pyr_json_text(&w->json, command[0] != '\0' ? command : "pyrometer");
    pyr_json_key(&w->json, "exporter");
    pyr_json_text(&w->json, "pyrometer@" PYROMETER_VERSION);
    pyr_json_key(&w->json, "activeProfileIndex");
    pyr_json_int(&w->json, 0);
    put_frames(w);
    if (!put_profiles(w, err)) {
        return false;
    }
    pyr_json_object_end(&w->json);
    return true;
}

static bool write_speedscope(const struct pyr_profile *profile,
                             const struct pyr_format_options *options, struct pyr_buf *out,
                             struct pyr_err *err)
{
    (void)options;
    int column = pyr_metrics_main(&profile->metrics, profile->strings);
    bool in_time = pyr_timeline_count(profile->timeline) > 0;
    struct writer w = {.profile = profile, .json.out = out, .unit = "none"};
    if (in_time || pyr_columns_is_ns(profile, column)) {
        w.unit = "nanoseconds";
    } else if (pyr_columns_is_bytes(profile, column)) {
        w.unit = "bytes";
    }
    bool ok = pyr_slices_init(&w.slices, profile, column, err) && put_document(&w, err) &&
              pyr_buf_check(out, err);
    pyr_slices_release(&w.slices);
    pyr_path_release(&w.path);
    pyr_buf_release(&w.text);
    return ok;
}

const struct pyr_format pyr_format_speedscope = {
    .name = "speedscope",
    .extension = ".speedscope.json",
    .summary = "speedscope.app: flame graphs, by time and merged",
    .write = write_speedscope,
    .read = pyr_speedscope_read,
    .sniff = pyr_speedscope_sniff,
};
