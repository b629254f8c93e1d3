/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* A made-up interpreter: objects, frames and threads put by hand into one piece of memory, where
 * the layout of a version says their fields are. No assertions of cmocka, as the fuzzer uses it
 * too: running out of room aborts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote/layout.h"
#include "remote/memory.h"
#include "remote/target.h"

#define FAKE_BASE 0x100000ull
#define FAKE_SIZE (4u << 20)

struct fake {
    struct pyr_layout layout;
    struct pyr_memory *memory; /* reads `bytes` */
    uint8_t *bytes;            /* at FAKE_BASE */
    size_t size;               /* of them */
    uint64_t used;
    uint64_t types[6]; /* of fake_type_id, made when first needed */
    uint64_t sys_modules;
};

enum fake_type_id { FAKE_STR, FAKE_BYTES, FAKE_CODE, FAKE_DICT, FAKE_INT, FAKE_OBJECT };

/* The versions whose layouts there are: 3.6 to 3.15. */
extern const uint32_t fake_versions[];
extern const size_t fake_version_count;

/* With FAKE_SIZE bytes. */
void fake_open(struct fake *fake, uint32_t version);
void fake_open_sized(struct fake *fake, uint32_t version, size_t size);
void fake_close(struct fake *fake);

/* Zeroed, aligned to 16. */
uint64_t fake_alloc(struct fake *fake, size_t size);
void *fake_at(struct fake *fake, uint64_t address);
/* Sets a field; offset PYR_LAYOUT_NONE does nothing. */
void fake_u64(struct fake *fake, uint64_t address, uint32_t offset, uint64_t value);
void fake_u32(struct fake *fake, uint64_t address, uint32_t offset, uint32_t value);
void fake_u8(struct fake *fake, uint64_t address, uint32_t offset, uint8_t value);

uint64_t fake_type(struct fake *fake, enum fake_type_id id);
/* A type of its own, with flags as tp_flags. */
uint64_t fake_new_type(struct fake *fake, const char *name, uint64_t flags);
uint64_t fake_ascii(struct fake *fake, const char *text);
/* Stored with `width` bytes a character, not marked ASCII. */
uint64_t fake_wide(struct fake *fake, uint32_t width, const uint32_t *chars, size_t count);
uint64_t fake_bytes(struct fake *fake, const void *data, size_t size);
uint64_t fake_int(struct fake *fake, uint64_t value);

struct fake_code {
    const char *file;
    const char *name;
    const char *qualname;
    uint32_t first_line;
    const void *lines;
    size_t lines_size;
    uint32_t units;
};
uint64_t fake_code(struct fake *fake, const struct fake_code *code);
#define FAKE_OWNER_SHIM 3
/* At byte `offset` of the code; -1: not begun. Without `back` it is called from C, as the outermost
 * frame is. */
uint64_t fake_frame(struct fake *fake, uint64_t code, int32_t offset, uint64_t back, uint8_t owner);

enum fake_table {
    FAKE_GENERAL, /* with hashes, any keys */
    FAKE_NAMED,   /* all keys str: from 3.11 on without hashes; before the same as general */
    FAKE_SPLIT,   /* the values beside */
};
/* A table of keys (and values, where not split) as of a dict or a type. */
uint64_t fake_keys(struct fake *fake, enum fake_table kind, const uint64_t *keys,
                   const uint64_t *values, size_t count);
uint64_t fake_dict(struct fake *fake, enum fake_table kind, const uint64_t *keys,
                   const uint64_t *values, size_t count);
/* How an instance has its attributes: as its version does by default, or in a dict of its own. */
uint64_t fake_instance(struct fake *fake, bool own_dict, const uint64_t *keys,
                       const uint64_t *values, size_t count);

struct fake_thread {
    uint64_t interpreter;
    uint64_t next;
    uint64_t ident;
    uint64_t unique_id;
    uint64_t frame;
    uint32_t native_id;
};
uint64_t fake_thread(struct fake *fake, const struct fake_thread *thread);
/* An interpreter; its threads are set with fake_set_threads. */
uint64_t fake_interpreter(struct fake *fake, uint64_t id, uint64_t next);
void fake_set_threads(struct fake *fake, uint64_t interpreter, uint64_t head, uint64_t main);
/* The runtime state (the address of the first interpreter, up to 3.6). */
uint64_t fake_runtime(struct fake *fake, uint64_t head, uint64_t main);
/* `holder` 0: the GIL is free. */
void fake_set_gil(struct fake *fake, struct pyr_target *target, uint64_t interpreter,
                  uint64_t holder);
void fake_target(struct fake *fake, struct pyr_target *target, uint64_t runtime);
