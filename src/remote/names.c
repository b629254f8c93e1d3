/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/names.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "remote/objects.h"
#include "remote/unicode.h"

#define MAX_NAME_CHARS 256
#define MAX_ACTIVE 65536 /* entries of threading._active that are looked at */
#define MAX_COMM 32
#define MAX_UTF8 4                 /* bytes of a character */
#define FIRST_WAIT_NS 100000000ull /* until a name that was not found is looked for again */
#define LONGEST_WAIT_NS 32000000000ull
#define SPARE_ENTRIES 64 /* of ended threads, that may stay */
#define MAIN_NAME "MainThread"

struct entry {
    uint64_t interpreter;
    uint64_t address;
    uint64_t unique_id;
    char *name;       /* owned; NULL: not known */
    bool is_final;    /* it is threading's */
    uint64_t due_ns;  /* when to look again */
    uint64_t wait_ns; /* how long after that */
};

struct pyr_thread_names {
    struct entry *entries; /* owned */
    uint32_t count;
    uint32_t cap;
    struct pyr_map by_key;
};

struct pyr_thread_names *pyr_thread_names_new(void)
{
    return pyr_mem_zalloc(1, sizeof(struct pyr_thread_names));
}

static void clear(struct pyr_thread_names *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        pyr_mem_free(names->entries[i].name);
    }
    names->count = 0;
    pyr_map_clear(&names->by_key);
}

void pyr_thread_names_free(struct pyr_thread_names *names)
{
    if (names == NULL) {
        return;
    }
    clear(names);
    pyr_map_release(&names->by_key);
    pyr_mem_free(names->entries);
    pyr_mem_free(names);
}

static uint64_t key_of(const struct pyr_remote_thread *thread)
{
    return pyr_hash_u64(thread->address ^
                        pyr_hash_u64(thread->unique_id ^ pyr_hash_u64(thread->interpreter)));
}

static struct entry *find(const struct pyr_thread_names *names,
                          const struct pyr_remote_thread *thread)
{
    uint32_t at = pyr_map_get(&names->by_key, key_of(thread));
    struct entry *entry = at == 0 ? NULL : &names->entries[at - 1];
    bool same = entry != NULL && entry->interpreter == thread->interpreter &&
                entry->address == thread->address && entry->unique_id == thread->unique_id;
    return same ? entry : NULL;
}

/* NULL when out of memory, or when another thread has the same key: it has no name then. */
static struct entry *find_or_add(struct pyr_thread_names *names,
                                 const struct pyr_remote_thread *thread)
{
    struct pyr_err err = {0};
    if (pyr_map_get(&names->by_key, key_of(thread)) != 0) {
        return find(names, thread);
    }
    if (!pyr_mem_grow(&names->entries, &names->cap, (size_t)names->count + 1,
                      sizeof(*names->entries), &err) ||
        !pyr_map_put(&names->by_key, key_of(thread), names->count + 1, &err)) {
        return NULL;
    }
    struct entry *entry = &names->entries[names->count++];
    *entry = (struct entry){.interpreter = thread->interpreter,
                            .address = thread->address,
                            .unique_id = thread->unique_id,
                            .wait_ns = FIRST_WAIT_NS};
    return entry;
}

static void set_name(struct entry *entry, const char *name, bool is_final)
{
    char *copy = pyr_mem_strdup(name);
    if (copy != NULL) {
        pyr_mem_free(entry->name);
        entry->name = copy;
        entry->is_final = is_final;
    }
}

/* The threads of one interpreter whose names are looked for. */
struct search {
    struct pyr_memory *memory;
    const struct pyr_layout *layout;
    struct pyr_thread_names *names;
    struct pyr_map wanted; /* from identity to entry + 1 */
};

/* An entry of threading._active: from identity to Thread. */
static bool see_thread(void *context, uint64_t key, uint64_t value)
{
    struct search *in = context;
    uint64_t ident = 0;
    struct pyr_buf name = {0};
    bool cut = false;
    uint32_t at = pyr_object_integer(in->memory, in->layout, key, &ident)
                      ? pyr_map_get(&in->wanted, ident)
                      : 0;
    if (at == 0) {
        return true;
    }
    uint64_t text = pyr_object_attribute(in->memory, in->layout, value, "_name");
    if (text != 0 && pyr_unicode_read(in->memory, in->layout, text, MAX_NAME_CHARS, &name, &cut)) {
        set_name(&in->names->entries[at - 1], name.data == NULL ? "" : name.data, true);
    }
    pyr_buf_release(&name);
    return true;
}

/* False when the program has no module threading, or it can't be read. */
static bool search_interpreter(struct search *in, uint64_t interpreter)
{
    uint64_t modules = 0;
    uint64_t dict = 0;
    if (in->layout->interpreter_modules == PYR_LAYOUT_NONE ||
        !pyr_memory_read_u64(in->memory, interpreter + in->layout->interpreter_modules, &modules)) {
        return false;
    }
    uint64_t module = pyr_object_dict_find(in->memory, in->layout, modules, "threading");
    /* A module's dict comes first in it. */
    if (module == 0 || !pyr_memory_read_u64(in->memory, module + in->layout->object_head, &dict)) {
        return false;
    }
    uint64_t active = pyr_object_dict_find(in->memory, in->layout, dict, "_active");
    return active != 0 &&
           pyr_object_dict_each(in->memory, in->layout, active, MAX_ACTIVE, see_thread, in);
}

/* The kernel keeps 15 bytes of a name: takes off what was left of a character at their end. */
static void end_whole(char *text)
{
    size_t len = strlen(text);
    size_t at = len;
    while (at > 0 && len - at < MAX_UTF8 && ((uint8_t)text[at - 1] & 0xC0) == 0x80) {
        at--;
    }
    uint8_t lead = at > 0 ? (uint8_t)text[at - 1] : 0;
    size_t follow = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (len - at < follow) {
        text[at - 1] = '\0';
    }
}

/* What the kernel calls a thread, when that is not just what it calls the process. */
static void name_by_kernel(struct entry *entry, const struct pyr_remote_thread *thread,
                           uint32_t pid)
{
    char texts[2][MAX_COMM] = {"", ""};
    const uint32_t tids[2] = {pid, thread->tid};
    for (int i = 0; i < 2 && thread->tid != 0; i++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "/proc/%u/task/%u/comm", pid, tids[i]);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t len = fd < 0 ? 0 : read(fd, texts[i], MAX_COMM - 1);
        if (fd >= 0) {
            (void)close(fd);
        }
        texts[i][len > 0 ? len : 0] = '\0';
        texts[i][strcspn(texts[i], "\n")] = '\0';
        end_whole(texts[i]);
    }
    if (texts[1][0] != '\0' && strcmp(texts[0], texts[1]) != 0) {
        set_name(entry, texts[1], false);
    }
}

/* Looks for all names that are wanted in the interpreter of `threads->items[first]`. False when out
 * of memory. */
static bool name_threads(struct search *in, struct pyr_target *target,
                         const struct pyr_remote_threads *threads, uint32_t first, uint64_t now_ns)
{
    uint64_t interpreter = threads->items[first].interpreter;
    struct pyr_err err = {0};
    pyr_map_clear(&in->wanted);
    for (uint32_t i = first; i < threads->count; i++) {
        const struct pyr_remote_thread *thread = &threads->items[i];
        const struct entry *entry = find(in->names, thread);
        bool wanted = thread->interpreter == interpreter && entry != NULL && !entry->is_final &&
                      entry->due_ns <= now_ns;
        uint32_t at = wanted ? (uint32_t)(entry - in->names->entries) + 1 : 0;
        if (at != 0 && !pyr_map_put(&in->wanted, thread->ident, at, &err)) {
            return false;
        }
    }
    (void)search_interpreter(in, interpreter);
    for (uint32_t i = first; i < threads->count; i++) {
        const struct pyr_remote_thread *thread = &threads->items[i];
        struct entry *entry = find(in->names, thread);
        if (entry == NULL || thread->interpreter != interpreter || entry->is_final ||
            entry->due_ns > now_ns) {
            continue;
        }
        if (thread->is_main) {
            set_name(entry, MAIN_NAME, false);
        } else if (!target->is_core) {
            name_by_kernel(entry, thread, target->pid);
        }
        entry->due_ns = now_ns + entry->wait_ns;
        entry->wait_ns =
            entry->wait_ns * 2 < LONGEST_WAIT_NS ? entry->wait_ns * 2 : LONGEST_WAIT_NS;
    }
    return true;
}

void pyr_thread_names_update(struct pyr_thread_names *names, struct pyr_target *target,
                             const struct pyr_remote_threads *threads)
{
    uint64_t now_ns = pyr_clock_monotonic_ns();
    struct search in = {target->memory, &target->layout, names, {0}};
    if (names->count / 2 > threads->count + SPARE_ENTRIES) {
        clear(names); /* those that are still there are found again */
    }
    for (uint32_t i = 0; i < threads->count; i++) {
        (void)find_or_add(names, &threads->items[i]);
    }
    for (uint32_t i = 0; i < threads->count; i++) {
        const struct entry *entry = find(names, &threads->items[i]);
        bool due = entry != NULL && !entry->is_final && entry->due_ns <= now_ns;
        /* Afterwards no other of this interpreter is due. */
        if (due && !name_threads(&in, target, threads, i, now_ns)) {
            break;
        }
    }
    pyr_map_release(&in.wanted);
}

const char *pyr_thread_names_get(const struct pyr_thread_names *names,
                                 const struct pyr_remote_thread *thread)
{
    const struct entry *entry = find(names, thread);
    return entry == NULL || entry->name == NULL ? "" : entry->name;
}
