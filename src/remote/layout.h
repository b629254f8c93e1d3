/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Layout: where the fields of CPython's structures are, for one version and build.
 *
 * Up to 3.12 a layout is a row of layout_rows.h, which tools/make_layouts.py generates from the
 * headers of each version. From 3.13 on the interpreter says it itself, in a table at the start of
 * _PyRuntime (_Py_DebugOffsets); what that table leaves out comes from a row of the same minor
 * version. All offsets are in bytes from the start of their structure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define PYR_LAYOUT_NONE UINT32_MAX /* this version has no such field */

/* What a field is for is said where CPython's name does not. */
struct pyr_layout {
    uint32_t version; /* PY_VERSION_HEX */
    bool free_threaded;
    bool ref_trace; /* debug builds up to 3.7: every object begins with two more pointers */

    uint32_t runtime_interpreters_head;
    uint32_t runtime_interpreters_main;
    uint32_t runtime_tstate_current; /* up to 3.11 */
    uint32_t runtime_gil;            /* struct _gil_runtime_state within it; up to 3.11 */
    uint32_t runtime_gc_collecting;  /* 3.7 and 3.8 */
    uint32_t runtime_finalizing;

    uint32_t interpreter_next;
    uint32_t interpreter_id;
    uint32_t interpreter_threads_head;
    uint32_t interpreter_threads_main; /* 3.14+ */
    uint32_t interpreter_gil;          /* a pointer to the struct; 3.12+ */
    uint32_t interpreter_gc_collecting;
    uint32_t interpreter_modules;         /* sys.modules, a dict */
    uint32_t interpreter_code_generation; /* 3.14+ */

    uint32_t gil_last_holder;
    uint32_t gil_locked;
    uint32_t gil_switch_number;

    uint32_t thread_next;
    uint32_t thread_interpreter;
    uint32_t thread_id;        /* pthread_self(): the thread pointer, see freeze.h */
    uint32_t thread_native_id; /* 3.11+ */
    uint32_t thread_unique_id; /* `id`, a counter that is never used twice */
    uint32_t thread_frame;     /* the innermost frame; NONE where `cframe` is there */
    uint32_t thread_cframe;    /* 3.11, 3.12 */
    uint32_t cframe_frame;
    uint32_t thread_chunk; /* the newest chunk of the data stack, 3.11+ */
    uint32_t thread_chunk_top;
    uint32_t thread_chunk_limit;
    uint32_t thread_status;     /* 3.12+ */
    uint32_t thread_base_frame; /* 3.15+ */
    uint32_t thread_holds_gil;  /* 3.15+ */
    uint32_t thread_exception;  /* the one that is being handled: a pointer to the item whose
                                 * exception_value it is; in 3.6 the value itself */
    uint32_t exception_value;
    uint32_t thread_size; /* of what is worth reading at once */

    uint32_t chunk_previous;
    uint32_t chunk_size;
    uint32_t chunk_top; /* used words of a chunk that is not the newest */
    uint32_t chunk_data;

    /* _PyInterpreterFrame from 3.11 on, PyFrameObject before. */
    uint32_t frame_back;
    uint32_t frame_code;
    uint32_t frame_instruction; /* a pointer into the code; 3.11+ */
    uint32_t frame_lasti;       /* up to 3.10; in bytes, in code units in 3.10 */
    uint32_t frame_owner;       /* 3.11+ */
    uint32_t frame_is_entry;    /* 3.11 */
    uint32_t frame_locals;      /* localsplus */
    uint32_t frame_stack_top;   /* stacktop (an index, up to 3.13) or stackpointer (3.14+) */
    uint32_t frame_globals;
    uint32_t frame_tlbc_index; /* free-threaded builds from 3.14 on */
    uint32_t frame_size;       /* without the locals */

    uint32_t code_filename;
    uint32_t code_name;
    uint32_t code_qualname; /* 3.11+ */
    uint32_t code_first_line;
    uint32_t code_line_table; /* co_lnotab, co_linetable */
    uint32_t code_flags;
    uint32_t code_arg_count;
    uint32_t code_kwonly_count;
    uint32_t code_local_names; /* co_varnames, co_localsplusnames: a tuple */
    uint32_t code_local_kinds; /* bytes, 3.11+ */
    uint32_t code_cell_names;  /* up to 3.10 */
    uint32_t code_free_names;
    uint32_t code_local_count;  /* co_nlocals, co_nlocalsplus */
    uint32_t code_version;      /* 3.12+ */
    uint32_t code_instructions; /* co_code_adaptive, 3.11+; before, co_code: a bytes object */
    uint32_t code_size;         /* without the instructions */

    uint32_t object_type;
    uint32_t object_refcount;
    uint32_t var_size;    /* ob_size */
    uint32_t object_head; /* sizeof(PyObject) */
    uint32_t type_name;
    uint32_t type_flags;
    uint32_t type_basic_size;
    uint32_t type_dict_offset;
    uint32_t type_mro;
    uint32_t type_dict;
    uint32_t type_cached_keys; /* of a heap type, for the inline values of its instances; 3.11+ */

    uint32_t bytes_data;
    uint32_t unicode_length;
    uint32_t unicode_state;
    uint32_t unicode_ascii_data;   /* = sizeof(PyASCIIObject) */
    uint32_t unicode_compact_data; /* = sizeof(PyCompactUnicodeObject) */
    uint32_t unicode_kind_shift;   /* of the bits in state: kind:3, compact:1, ascii:1 */
    uint32_t tuple_items;
    uint32_t list_items; /* a pointer to them */
    uint32_t set_table;
    uint32_t set_mask;
    uint32_t set_used;
    uint32_t float_value;
    uint32_t long_size; /* ob_size up to 3.11, lv_tag after */
    uint32_t long_digits;
    uint32_t dict_used;
    uint32_t dict_keys;
    uint32_t dict_values;    /* of a split table */
    uint32_t keys_log2_size; /* 3.11+; before, keys_size is the number of slots */
    uint32_t keys_size;
    uint32_t keys_log2_index_bytes;
    uint32_t keys_kind;
    uint32_t keys_entry_count;
    uint32_t keys_indices;
    uint32_t values_items;    /* of struct _dictvalues: the first value */
    uint32_t generator_frame; /* gi_iframe, or gi_frame: a pointer up to 3.10 */
    uint32_t generator_state; /* gi_frame_state, 3.11+ */
    uint32_t generator_code;
    uint32_t generator_size;
};

/* "3.12.1", "3.14.0 (free-threaded)". `text` has room for 32 bytes. */
void pyr_layout_version_text(uint32_t version, bool free_threaded, char text[32]);
/* Minor version: 12 for 3.12. */
static inline uint32_t pyr_layout_minor(const struct pyr_layout *layout)
{
    return (layout->version >> 16) & 0xff;
}

/* The row for a version up to 3.12; for later ones the row that only fills gaps of the target's own
 * table. Fails with the versions there are, also for pre-releases. */
PYR_MUST_USE bool pyr_layout_find(uint32_t version, bool free_threaded, bool ref_trace,
                                  struct pyr_layout *layout, struct pyr_err *err);
