/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "formats/gzip.h"
#include "formats/pprof.h"
#include "formats/pprof_fields.h"
#include "formats/proto.h"

#define MAX_UNPACKED_BYTES ((size_t)1 << 30)
/* Frames pushed per byte of input. A location with many inlined lines that many samples name
 * would otherwise cost time without any bound by the size. */
#define MAX_FRAMES_PER_BYTE 16

struct text {
    const char *data; /* borrowed from the file */
    size_t len;
};

struct range {
    uint32_t first; /* in `frames` */
    uint32_t count;
};

/* `locations` and `functions` say what an id of the file is: 1 + a place in a list. */
struct reader {
    struct pyr_profile *profile;
    struct text *strings; /* owned, like all below */
    uint32_t string_count, string_cap;
    pyr_func *funcs;
    uint32_t func_count, func_cap;
    struct range *locations;
    uint32_t location_count, location_cap;
    pyr_frame_id *frames; /* of all locations, the outermost of each first */
    uint32_t frame_count, frame_cap;
    uint64_t *ids; /* of a sample's locations */
    uint32_t id_count, id_cap;
    struct pyr_map func_by_id;
    struct pyr_map location_by_id;
    struct pyr_map thread_by_key;
    double scales[PYR_MAX_METRICS]; /* by sample type */
    uint32_t columns[PYR_MAX_METRICS];
    uint32_t type_count;
    uint64_t frames_left;
};

typedef bool (*take_fn)(struct reader *r, struct pyr_reader in, struct pyr_err *err);

static bool ends_with(struct text text, const char *suffix, size_t len)
{
    return text.len >= len && memcmp(text.data + text.len - len, suffix, len) == 0;
}

static bool get_text(const struct reader *r, uint64_t index, struct text *text, struct pyr_err *err)
{
    if (index >= r->string_count) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "text %llu of %u", (unsigned long long)index,
                           r->string_count);
    }
    *text = r->strings[index];
    return true;
}

static bool intern(struct reader *r, struct text text, pyr_str *id, struct pyr_err *err)
{
    return pyr_strtab_add(r->profile->strings, text.data, text.len, id, err);
}

static bool take_string(struct reader *r, struct pyr_reader in, struct pyr_err *err)
{
    if (!pyr_mem_grow(&r->strings, &r->string_cap, (size_t)r->string_count + 1, sizeof *r->strings,
                      err)) {
        return false;
    }
    r->strings[r->string_count++] = (struct text){(const char *)in.data, in.size};
    return true;
}

static bool equals(struct text text, const char *other)
{
    return text.len == strlen(other) && memcmp(text.data, other, text.len) == 0;
}

/* Our word for a unit, and what its values are multiplied with. */
static struct text own_unit(struct text unit, double *scale)
{
    static const struct {
        const char *name;
        double scale;
    } times[] = {
        {"nanoseconds", 1}, {"microseconds", 1e3}, {"milliseconds", 1e6}, {"seconds", 1e9}};
    *scale = 1;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (equals(unit, times[i].name)) {
            *scale = times[i].scale;
            return (struct text){PYR_UNIT_NS, strlen(PYR_UNIT_NS)};
        }
    }
    return unit;
}

static bool take_sample_type(struct reader *r, struct pyr_reader in, struct pyr_err *err)
{
    struct pyr_proto_field field;
    struct text type = {"", 0}, unit = {"", 0};
    bool more = false, ok = true;
    pyr_str name = {0}, unit_name = {0};
    while (ok && (ok = pyr_proto_next(&in, &field, &more, err)) && more) {
        if (field.number == PPROF_VALUE_TYPE) {
            ok = get_text(r, field.integer, &type, err);
        } else if (field.number == PPROF_VALUE_UNIT) {
            ok = get_text(r, field.integer, &unit, err);
        }
    }
    if (!ok) {
        return false;
    }
    if (r->type_count == PYR_MAX_METRICS) {
        return pyr_err_set(err, PYR_ERR_LIMIT, "more than %d sample types", PYR_MAX_METRICS);
    }
    uint32_t index = r->type_count++;
    /* Through the table, as a metric is added by NUL-terminated names. */
    return intern(r, type, &name, err) &&
           intern(r, own_unit(unit, &r->scales[index]), &unit_name, err) &&
           pyr_metrics_add(&r->profile->metrics, r->profile->strings,
                           pyr_strtab_text(r->profile->strings, name),
                           pyr_strtab_text(r->profile->strings, unit_name), &r->columns[index],
                           err);
}

static enum pyr_func_kind kind_of(struct text file)
{
    if (file.len == 0) {
        return PYR_FUNC_BUILTIN;
    }
    return file.data[0] == '<' || ends_with(file, ".py", 3) ? PYR_FUNC_PYTHON : PYR_FUNC_NATIVE;
}

/* A name "module.qualname" whose system name is the qualified name, as we write it. */
static bool split_module(struct reader *r, struct text name, struct text system_name,
                         struct pyr_function *function, struct pyr_err *err)
{
    size_t rest = name.len - system_name.len;
    if (system_name.len == 0 || name.len < system_name.len + 2 || name.data[rest - 1] != '.' ||
        !ends_with(name, system_name.data, system_name.len)) {
        return intern(r, name, &function->qualname, err);
    }
    return intern(r, (struct text){name.data, rest - 1}, &function->module, err) &&
           intern(r, system_name, &function->qualname, err);
}

static bool take_function(struct reader *r, struct pyr_reader in, struct pyr_err *err)
{
    struct pyr_proto_field field;
    struct pyr_function function = {0};
    struct text name = {"", 0}, system_name = {"", 0}, file = {"", 0};
    uint64_t id = 0;
    bool more = false, ok = true;
    while (ok && (ok = pyr_proto_next(&in, &field, &more, err)) && more) {
        if (field.number == PPROF_FUNCTION_ID) {
            id = field.integer;
        } else if (field.number == PPROF_FUNCTION_NAME) {
            ok = get_text(r, field.integer, &name, err);
        } else if (field.number == PPROF_FUNCTION_SYSTEM_NAME) {
            ok = get_text(r, field.integer, &system_name, err);
        } else if (field.number == PPROF_FUNCTION_FILENAME) {
            ok = get_text(r, field.integer, &file, err);
        } else if (field.number == PPROF_FUNCTION_START_LINE && field.integer <= UINT32_MAX) {
            function.first_line = (uint32_t)field.integer;
        }
    }
    function.kind = kind_of(file);
    if (!ok || !split_module(r, name.len > 0 ? name : system_name, system_name, &function, err) ||
        !intern(r, file, &function.file, err) ||
        !pyr_mem_grow(&r->funcs, &r->func_cap, (size_t)r->func_count + 1, sizeof *r->funcs, err) ||
        !pyr_functions_add(r->profile->functions, &function, &r->funcs[r->func_count], err)) {
        return false;
    }
    return pyr_map_put(&r->func_by_id, id, ++r->func_count, err);
}

static bool add_frame(struct reader *r, pyr_func func, uint32_t line, struct pyr_err *err)
{
    const struct pyr_frame frame = {func, line};
    return pyr_mem_grow(&r->frames, &r->frame_cap, (size_t)r->frame_count + 1, sizeof *r->frames,
                        err) &&
           pyr_frames_add(r->profile->frames, frame, &r->frames[r->frame_count++], err);
}

static bool take_line(struct reader *r, struct pyr_reader in, struct pyr_err *err)
{
    struct pyr_proto_field field;
    uint64_t id = 0, line = 0;
    bool more = false;
    do {
        if (!pyr_proto_next(&in, &field, &more, err)) {
            return false;
        }
        id = field.number == PPROF_LINE_FUNCTION ? field.integer : id;
        line = field.number == PPROF_LINE_LINE ? field.integer : line;
    } while (more);
    uint32_t index = pyr_map_get(&r->func_by_id, id);
    if (index == 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "a line of function %llu, which is not there",
                           (unsigned long long)id);
    }
    pyr_func func = r->funcs[index - 1];
    uint32_t first = pyr_functions_get(r->profile->functions, func)->first_line;
    /* Where no lines were recorded we write the first one. */
    return add_frame(r, func, line > UINT32_MAX || line == first ? 0 : (uint32_t)line, err);
}

/* A place in machine code without a symbol. */
static bool add_address(struct reader *r, uint64_t address, struct pyr_err *err)
{
    char name[32];
    pyr_func func = {0};
    (void)snprintf(name, sizeof name, "0x%llx", (unsigned long long)address);
    const struct pyr_function_text text = {name, "", "", 0, PYR_FUNC_NATIVE};
    return pyr_profile_add_function(r->profile, &text, &func, err) && add_frame(r, func, 0, err);
}

static bool take_location(struct reader *r, struct pyr_reader in, struct pyr_err *err)
{
    struct pyr_proto_field field;
    uint64_t id = 0, address = 0;
    uint32_t first = r->frame_count;
    bool more = false, ok = true;
    while (ok && (ok = pyr_proto_next(&in, &field, &more, err)) && more) {
        if (field.number == PPROF_LOCATION_ID) {
            id = field.integer;
        } else if (field.number == PPROF_LOCATION_ADDRESS) {
            address = field.integer;
        } else if (field.number == PPROF_LOCATION_LINE && field.is_bytes) {
            ok = take_line(r, field.bytes, err);
        }
    }
    if (ok && r->frame_count == first) {
        ok = add_address(r, address, err);
    }
    if (!ok || !pyr_mem_grow(&r->locations, &r->location_cap, (size_t)r->location_count + 1,
                             sizeof *r->locations, err)) {
        return false;
    }
    for (uint32_t i = first, j = r->frame_count - 1; i < j; i++, j--) { /* the inlined come first */
        pyr_frame_id other = r->frames[i];
        r->frames[i] = r->frames[j];
        r->frames[j] = other;
    }
    r->locations[r->location_count] = (struct range){first, r->frame_count - first};
    return pyr_map_put(&r->location_by_id, id, ++r->location_count, err);
}

static bool take_label(struct reader *r, struct pyr_reader in, struct pyr_thread_info *info,
                       struct pyr_err *err)
{
    struct pyr_proto_field field;
    struct text key = {"", 0}, text = {"", 0};
    uint64_t number = 0;
    bool more = false, ok = true;
    while (ok && (ok = pyr_proto_next(&in, &field, &more, err)) && more) {
        if (field.number == PPROF_LABEL_KEY) {
            ok = get_text(r, field.integer, &key, err);
        } else if (field.number == PPROF_LABEL_STR) {
            ok = get_text(r, field.integer, &text, err);
        } else if (field.number == PPROF_LABEL_NUM) {
            number = field.integer;
        }
    }
    uint32_t number32 = number > UINT32_MAX ? 0 : (uint32_t)number;
    if (ok && equals(key, "pid")) {
        info->pid = number32;
    } else if (ok && (equals(key, "tid") || equals(key, "thread_id"))) {
        info->tid = number32;
    } else if (ok && (equals(key, "thread") || equals(key, "thread_name"))) {
        ok = intern(r, text, &info->name, err);
    }
    return ok;
}

static bool find_thread(struct reader *r, const struct pyr_thread_info *info, pyr_thread *thread,
                        struct pyr_err *err)
{
    *thread = (pyr_thread){0};
    if (info->pid == 0 && info->tid == 0 && info->name.i == 0) {
        return true;
    }
    uint64_t key = pyr_hash_u64((uint64_t)info->name.i << 32 | info->tid) ^ info->pid;
    thread->i = pyr_map_get(&r->thread_by_key, key);
    if (thread->i != 0) {
        struct pyr_thread_info found = pyr_threads_get(r->profile->threads, *thread);
        if (found.name.i == info->name.i && found.tid == info->tid && found.pid == info->pid) {
            return true;
        }
    }
    return pyr_threads_add(r->profile->threads, info, thread, err) &&
           pyr_map_put(&r->thread_by_key, key, thread->i, err);
}

static bool push_locations(struct reader *r, pyr_stack *stack, struct pyr_err *err)
{
    *stack = (pyr_stack){0};
    for (uint32_t i = r->id_count; i > 0; i--) { /* the running one comes first */
        uint32_t index = pyr_map_get(&r->location_by_id, r->ids[i - 1]);
        if (index == 0) {
            return pyr_err_set(err, PYR_ERR_FORMAT, "a sample at location %llu, which is not there",
                               (unsigned long long)r->ids[i - 1]);
        }
        struct range range = r->locations[index - 1];
        if (range.count > r->frames_left) {
            return pyr_err_set(err, PYR_ERR_LIMIT,
                               "stacks of more frames than the file's size allows");
        }
        r->frames_left -= range.count;
        for (uint32_t f = range.first; f < range.first + range.count; f++) {
            if (!pyr_stacks_add(r->profile->stacks, *stack, r->frames[f], stack, err)) {
                return false;
            }
        }
    }
    return true;
}

static int64_t scaled(int64_t value, double scale)
{
    const double max = 9.0e18;
    if (!(scale > 1)) {
        return value;
    }
    double result = (double)value * scale;
    return result > max ? INT64_MAX : result < -max ? INT64_MIN : (int64_t)result;
}

static bool take_ids(struct reader *r, struct pyr_proto_field *field, struct pyr_err *err)
{
    uint64_t id = 0;
    bool more = false, ok = true;
    while (ok && (ok = pyr_proto_next_int(field, &id, &more, err)) && more) {
        ok = pyr_mem_grow(&r->ids, &r->id_cap, (size_t)r->id_count + 1, sizeof *r->ids, err);
        if (ok) {
            r->ids[r->id_count++] = id;
        }
    }
    return ok;
}

static bool take_sample(struct reader *r, struct pyr_reader in, struct pyr_err *err)
{
    struct pyr_proto_field field;
    struct pyr_thread_info info = {0};
    int64_t values[PYR_MAX_METRICS] = {0};
    uint32_t value_count = 0;
    pyr_stack stack = {0};
    pyr_thread thread = {0};
    bool more = false, ok = true;
    r->id_count = 0;
    while (ok && (ok = pyr_proto_next(&in, &field, &more, err)) && more) {
        if (field.number == PPROF_SAMPLE_LOCATION) {
            ok = take_ids(r, &field, err);
        } else if (field.number == PPROF_SAMPLE_LABEL && field.is_bytes) {
            ok = take_label(r, field.bytes, &info, err);
        } else if (field.number == PPROF_SAMPLE_VALUE) {
            uint64_t value = 0;
            while ((ok = pyr_proto_next_int(&field, &value, &more, err)) && more) {
                if (value_count < r->type_count) {
                    values[value_count++] = (int64_t)value;
                }
            }
        }
    }
    ok = ok && push_locations(r, &stack, err) && find_thread(r, &info, &thread, err);
    for (uint32_t i = 0; ok && i < r->type_count; i++) {
        ok = pyr_values_add(r->profile->values, stack, thread, r->columns[i],
                            scaled(values[i], r->scales[i]), err);
    }
    return ok;
}

/* Hands every field `number` of the whole message to `take`. */
static bool each(struct reader *r, struct pyr_reader in, uint32_t number, take_fn take,
                 struct pyr_err *err)
{
    struct pyr_proto_field field;
    bool more = false;
    while (pyr_proto_next(&in, &field, &more, err)) {
        if (!more) {
            return true;
        }
        if (field.number == number && field.is_bytes && !take(r, field.bytes, err)) {
            break;
        }
    }
    return pyr_err_prefix(err, "byte %zu", in.pos);
}

static bool take_facts(struct reader *r, struct pyr_reader in, struct pyr_err *err)
{
    struct pyr_proto_field field;
    struct pyr_meta *meta = r->profile->meta;
    bool more = false, ok = pyr_meta_set_text(meta, PYR_META_COLLECTOR, "import:pprof", err);
    while (ok && (ok = pyr_proto_next(&in, &field, &more, err)) && more) {
        if (field.number == PPROF_TIME_NANOS) {
            ok = pyr_meta_set_number(meta, PYR_META_START_NS, (int64_t)field.integer, err);
        } else if (field.number == PPROF_DURATION_NANOS) {
            ok = pyr_meta_set_number(meta, PYR_META_DURATION_NS, (int64_t)field.integer, err);
        }
    }
    return ok;
}

/* Each kind of part needs those before it, and a file may have them in any order. */
static bool read_message(struct reader *r, struct pyr_reader in, struct pyr_err *err)
{
    r->frames_left = (uint64_t)in.size * MAX_FRAMES_PER_BYTE;
    if (!each(r, in, PPROF_STRING_TABLE, take_string, err)) {
        return false;
    }
    if (r->string_count == 0 || r->strings[0].len != 0) {
        return pyr_err_set(err, PYR_ERR_FORMAT, "not a pprof file: no table of texts in it");
    }
    return each(r, in, PPROF_SAMPLE_TYPE, take_sample_type, err) &&
           each(r, in, PPROF_FUNCTION, take_function, err) &&
           each(r, in, PPROF_LOCATION, take_location, err) &&
           each(r, in, PPROF_SAMPLE, take_sample, err) && take_facts(r, in, err);
}

static void release(struct reader *r)
{
    pyr_profile_free(r->profile);
    pyr_mem_free(r->strings);
    pyr_mem_free(r->funcs);
    pyr_mem_free(r->locations);
    pyr_mem_free(r->frames);
    pyr_mem_free(r->ids);
    pyr_map_release(&r->func_by_id);
    pyr_map_release(&r->location_by_id);
    pyr_map_release(&r->thread_by_key);
}

bool pyr_pprof_read(const uint8_t *data, size_t size, struct pyr_profile **out, struct pyr_err *err)
{
    struct reader r = {0};
    struct pyr_buf unpacked = {0};
    struct pyr_reader in = {data, size, 0};
    bool ok = true;
    *out = NULL;
    if (pyr_gzip_sniff(data, size)) {
        ok = pyr_gzip_unpack(data, size, MAX_UNPACKED_BYTES, &unpacked, err);
        in = (struct pyr_reader){(const uint8_t *)unpacked.data, unpacked.len, 0};
    }
    if (ok) {
        r.profile = pyr_profile_new(err);
        ok = r.profile != NULL && read_message(&r, in, err);
    }
    if (ok) {
        *out = r.profile;
        r.profile = NULL; /* it is the caller's now */
    }
    release(&r);
    pyr_buf_release(&unpacked);
    return ok;
}

/* gzip, or a message that starts with a sample type, as those not packed do. */
bool pyr_pprof_sniff(const uint8_t *data, size_t size)
{
    const uint8_t sample_type = PPROF_SAMPLE_TYPE << 3 | 2;
    return pyr_gzip_sniff(data, size) ||
           (size > 4 && data[0] == sample_type && data[1] >= 2 && data[1] <= 12 && data[2] == 8);
}
