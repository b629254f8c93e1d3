/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Prints where the fields of CPython's structures are, by the headers it is compiled with: a line
 * "<field of struct pyr_layout> <offset>" each, and "debug <field> <position>" for what the table
 * at the start of _PyRuntime tells (3.13+). Fields that this version lacks are left out.
 * tools/make_layouts.py compiles and runs it; nothing of Python is linked or run. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <frameobject.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#if PY_VERSION_HEX >= 0x030F0000
#include "internal/pycore_interpframe_structs.h"
#endif
#if PY_VERSION_HEX >= 0x030E0000
#include "internal/pycore_debug_offsets.h"
#include "internal/pycore_interpframe.h"
#elif PY_VERSION_HEX >= 0x030B0000
#include "internal/pycore_frame.h"
#endif
#if PY_VERSION_HEX >= 0x030B0000
#include "internal/pycore_code.h"
#include "internal/pycore_dict.h"
#endif
#if PY_VERSION_HEX >= 0x03090000
#include "internal/pycore_gil.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_pystate.h"
#include "internal/pycore_runtime.h"
#elif PY_VERSION_HEX >= 0x03080000
#include "internal/pycore_gil.h"
#include "internal/pycore_pystate.h"
#elif PY_VERSION_HEX >= 0x03070000
#include "internal/pystate.h"
#endif

#if PY_VERSION_HEX < 0x030B0000
/* Not in an installed header: 3.6 to 3.10 have it beside the source of dictionaries. */
struct keys_before_3_11 {
    Py_ssize_t refcount;
    Py_ssize_t size;
    void *lookup;
    Py_ssize_t usable;
    Py_ssize_t entry_count;
    char indices[1];
};
#endif

struct field {
    const char *name;
    size_t offset;
};

#define AT(name, type, member)                                                                     \
    {                                                                                              \
#name, offsetof(type, member)                                                              \
    }
#define SIZE(name, type)                                                                           \
    {                                                                                              \
#name, sizeof(type)                                                                        \
    }

static const struct field fields[] = {
/* The runtime and the GIL. */
#if PY_VERSION_HEX >= 0x03070000
    AT(runtime_interpreters_head, _PyRuntimeState, interpreters.head),
    AT(runtime_interpreters_main, _PyRuntimeState, interpreters.main),
    AT(gil_last_holder, struct _gil_runtime_state, last_holder),
    AT(gil_locked, struct _gil_runtime_state, locked),
    AT(gil_switch_number, struct _gil_runtime_state, switch_number),
#endif
#if PY_VERSION_HEX >= 0x03070000 && PY_VERSION_HEX < 0x030C0000
    AT(runtime_tstate_current, _PyRuntimeState, gilstate.tstate_current),
    AT(runtime_gil, _PyRuntimeState, ceval.gil),
#endif
#if PY_VERSION_HEX >= 0x03070000 && PY_VERSION_HEX < 0x03090000
    AT(runtime_gc_collecting, _PyRuntimeState, gc.collecting),
    AT(runtime_finalizing, _PyRuntimeState, finalizing),
#elif PY_VERSION_HEX >= 0x03090000
    AT(runtime_finalizing, _PyRuntimeState, _finalizing),
#endif
    /* Interpreters. */
    AT(interpreter_next, PyInterpreterState, next),
#if PY_VERSION_HEX >= 0x03070000
    AT(interpreter_id, PyInterpreterState, id),
#endif
#if PY_VERSION_HEX >= 0x030B0000
    AT(interpreter_threads_head, PyInterpreterState, threads.head),
#else
    AT(interpreter_threads_head, PyInterpreterState, tstate_head),
#endif
#if PY_VERSION_HEX >= 0x030C0000
    AT(interpreter_gil, PyInterpreterState, ceval.gil),
    AT(interpreter_modules, PyInterpreterState, imports.modules),
#else
    AT(interpreter_modules, PyInterpreterState, modules),
#endif
#if PY_VERSION_HEX >= 0x03090000
    AT(interpreter_gc_collecting, PyInterpreterState, gc.collecting),
#endif
#if PY_VERSION_HEX >= 0x030E0000
    AT(interpreter_threads_main, PyInterpreterState, threads.main),
    AT(interpreter_code_generation, PyInterpreterState, _code_object_generation),
#endif
    /* Thread states and the chunks of their data stacks. */
    AT(thread_next, PyThreadState, next),
    AT(thread_interpreter, PyThreadState, interp),
    AT(thread_id, PyThreadState, thread_id),
#if PY_VERSION_HEX >= 0x03070000
    AT(thread_unique_id, PyThreadState, id),
    AT(thread_exception, PyThreadState, exc_info),
    AT(exception_value, _PyErr_StackItem, exc_value),
#else
    AT(thread_exception, PyThreadState, exc_value),
#endif
#if PY_VERSION_HEX >= 0x030B0000
    AT(thread_native_id, PyThreadState, native_thread_id),
    AT(thread_chunk, PyThreadState, datastack_chunk),
    AT(thread_chunk_top, PyThreadState, datastack_top),
    AT(thread_chunk_limit, PyThreadState, datastack_limit),
    AT(chunk_previous, _PyStackChunk, previous),
    AT(chunk_size, _PyStackChunk, size),
    AT(chunk_top, _PyStackChunk, top),
    AT(chunk_data, _PyStackChunk, data),
#endif
#if PY_VERSION_HEX >= 0x030D0000
    AT(thread_frame, PyThreadState, current_frame),
#elif PY_VERSION_HEX >= 0x030B0000
    AT(thread_cframe, PyThreadState, cframe),
    AT(cframe_frame, _PyCFrame, current_frame),
#else
    AT(thread_frame, PyThreadState, frame),
#endif
#if PY_VERSION_HEX >= 0x030C0000
    AT(thread_status, PyThreadState, _status),
#endif
#if PY_VERSION_HEX >= 0x030F0000
    AT(thread_base_frame, PyThreadState, base_frame),
    AT(thread_holds_gil, PyThreadState, holds_gil),
#endif
/* Frames. */
#if PY_VERSION_HEX >= 0x030B0000
    AT(frame_back, _PyInterpreterFrame, previous),
    AT(frame_owner, _PyInterpreterFrame, owner),
    AT(frame_locals, _PyInterpreterFrame, localsplus),
    AT(frame_size, _PyInterpreterFrame, localsplus),
    AT(frame_globals, _PyInterpreterFrame, f_globals),
#else
    AT(frame_back, PyFrameObject, f_back),
    AT(frame_code, PyFrameObject, f_code),
    AT(frame_lasti, PyFrameObject, f_lasti),
    AT(frame_locals, PyFrameObject, f_localsplus),
    AT(frame_size, PyFrameObject, f_localsplus),
    AT(frame_globals, PyFrameObject, f_globals),
#endif
#if PY_VERSION_HEX >= 0x030D0000
    AT(frame_code, _PyInterpreterFrame, f_executable),
    AT(frame_instruction, _PyInterpreterFrame, instr_ptr),
#elif PY_VERSION_HEX >= 0x030B0000
    AT(frame_code, _PyInterpreterFrame, f_code),
    AT(frame_instruction, _PyInterpreterFrame, prev_instr),
#endif
#if PY_VERSION_HEX >= 0x030E0000
    AT(frame_stack_top, _PyInterpreterFrame, stackpointer),
#elif PY_VERSION_HEX >= 0x030B0000
    AT(frame_stack_top, _PyInterpreterFrame, stacktop),
#elif PY_VERSION_HEX >= 0x030A0000
    AT(frame_stack_top, PyFrameObject, f_stackdepth),
#endif
#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000
    AT(frame_is_entry, _PyInterpreterFrame, is_entry),
#endif
#if PY_VERSION_HEX >= 0x030E0000 && defined(Py_GIL_DISABLED)
    AT(frame_tlbc_index, _PyInterpreterFrame, tlbc_index),
#endif
    /* Code objects. */
    AT(code_filename, PyCodeObject, co_filename),
    AT(code_name, PyCodeObject, co_name),
    AT(code_first_line, PyCodeObject, co_firstlineno),
    AT(code_flags, PyCodeObject, co_flags),
    AT(code_arg_count, PyCodeObject, co_argcount),
    AT(code_kwonly_count, PyCodeObject, co_kwonlyargcount),
#if PY_VERSION_HEX >= 0x030A0000
    AT(code_line_table, PyCodeObject, co_linetable),
#else
    AT(code_line_table, PyCodeObject, co_lnotab),
#endif
#if PY_VERSION_HEX >= 0x030B0000
    AT(code_qualname, PyCodeObject, co_qualname),
    AT(code_local_names, PyCodeObject, co_localsplusnames),
    AT(code_local_kinds, PyCodeObject, co_localspluskinds),
    AT(code_local_count, PyCodeObject, co_nlocalsplus),
    AT(code_instructions, PyCodeObject, co_code_adaptive),
    AT(code_size, PyCodeObject, co_code_adaptive),
#else
    AT(code_local_names, PyCodeObject, co_varnames),
    AT(code_cell_names, PyCodeObject, co_cellvars),
    AT(code_free_names, PyCodeObject, co_freevars),
    AT(code_local_count, PyCodeObject, co_nlocals),
    AT(code_instructions, PyCodeObject, co_code),
    SIZE(code_size, PyCodeObject),
#endif
#if PY_VERSION_HEX >= 0x030C0000
    AT(code_version, PyCodeObject, co_version),
#endif
/* Objects. */
#ifdef Py_GIL_DISABLED
    AT(object_refcount, PyObject, ob_ref_local),
#else
    AT(object_refcount, PyObject, ob_refcnt),
#endif
    AT(object_type, PyObject, ob_type),
    AT(var_size, PyVarObject, ob_size),
    SIZE(object_head, PyObject),
    AT(type_name, PyTypeObject, tp_name),
    AT(type_flags, PyTypeObject, tp_flags),
    AT(type_basic_size, PyTypeObject, tp_basicsize),
    AT(type_dict_offset, PyTypeObject, tp_dictoffset),
    AT(type_mro, PyTypeObject, tp_mro),
    AT(type_dict, PyTypeObject, tp_dict),
    AT(type_cached_keys, PyHeapTypeObject, ht_cached_keys),
    AT(bytes_data, PyBytesObject, ob_sval),
    AT(unicode_length, PyASCIIObject, length),
    AT(unicode_state, PyASCIIObject, state),
    SIZE(unicode_ascii_data, PyASCIIObject),
    SIZE(unicode_compact_data, PyCompactUnicodeObject),
    AT(tuple_items, PyTupleObject, ob_item),
    AT(list_items, PyListObject, ob_item),
    AT(set_table, PySetObject, table),
    AT(set_mask, PySetObject, mask),
    AT(set_used, PySetObject, used),
    AT(float_value, PyFloatObject, ob_fval),
#if PY_VERSION_HEX >= 0x030C0000
    AT(long_size, PyLongObject, long_value.lv_tag),
    AT(long_digits, PyLongObject, long_value.ob_digit),
#else
    AT(long_size, PyVarObject, ob_size),
    /* In 3.6 a header that is not installed with the others shows it; it follows the size. */
    SIZE(long_digits, PyVarObject),
#endif
    AT(dict_used, PyDictObject, ma_used),
    AT(dict_keys, PyDictObject, ma_keys),
    AT(dict_values, PyDictObject, ma_values),
#if PY_VERSION_HEX >= 0x030B0000
    AT(keys_log2_size, struct _dictkeysobject, dk_log2_size),
    AT(keys_log2_index_bytes, struct _dictkeysobject, dk_log2_index_bytes),
    AT(keys_kind, struct _dictkeysobject, dk_kind),
    AT(keys_entry_count, struct _dictkeysobject, dk_nentries),
    AT(keys_indices, struct _dictkeysobject, dk_indices),
    AT(values_items, struct _dictvalues, values),
    AT(generator_frame, PyGenObject, gi_iframe),
    AT(generator_state, PyGenObject, gi_frame_state),
#else
    AT(keys_size, struct keys_before_3_11, size),
    AT(keys_entry_count, struct keys_before_3_11, entry_count),
    AT(keys_indices, struct keys_before_3_11, indices),
    {"values_items", 0}, /* ma_values points at the first value */
    AT(generator_frame, PyGenObject, gi_frame),
#endif
#if PY_VERSION_HEX < 0x030C0000
    AT(generator_code, PyGenObject, gi_code),
#endif
    SIZE(generator_size, PyGenObject),
};

#if PY_VERSION_HEX >= 0x030D0000
#define TELLS(name, member)                                                                        \
    {                                                                                              \
#name, offsetof(_Py_DebugOffsets, member)                                                  \
    }

static const struct field told[] = {
    TELLS(runtime_interpreters_head, runtime_state.interpreters_head),
    TELLS(runtime_finalizing, runtime_state.finalizing),
    TELLS(interpreter_next, interpreter_state.next),
    TELLS(interpreter_id, interpreter_state.id),
    TELLS(interpreter_threads_head, interpreter_state.threads_head),
    TELLS(interpreter_gil, interpreter_state.ceval_gil),
    TELLS(interpreter_modules, interpreter_state.imports_modules),
    TELLS(thread_next, thread_state.next),
    TELLS(thread_interpreter, thread_state.interp),
    TELLS(thread_id, thread_state.thread_id),
    TELLS(thread_native_id, thread_state.native_thread_id),
    TELLS(thread_frame, thread_state.current_frame),
    TELLS(thread_chunk, thread_state.datastack_chunk),
    TELLS(thread_status, thread_state.status),
    TELLS(frame_back, interpreter_frame.previous),
    TELLS(frame_code, interpreter_frame.executable),
    TELLS(frame_instruction, interpreter_frame.instr_ptr),
    TELLS(frame_locals, interpreter_frame.localsplus),
    TELLS(frame_size, interpreter_frame.localsplus),
    TELLS(frame_owner, interpreter_frame.owner),
    TELLS(code_filename, code_object.filename),
    TELLS(code_name, code_object.name),
    TELLS(code_qualname, code_object.qualname),
    TELLS(code_line_table, code_object.linetable),
    TELLS(code_first_line, code_object.firstlineno),
    TELLS(code_arg_count, code_object.argcount),
    TELLS(code_local_names, code_object.localsplusnames),
    TELLS(code_local_kinds, code_object.localspluskinds),
    TELLS(code_instructions, code_object.co_code_adaptive),
    TELLS(code_size, code_object.co_code_adaptive),
    TELLS(object_head, pyobject.size),
    TELLS(object_type, pyobject.ob_type),
    TELLS(var_size, tuple_object.ob_size),
    TELLS(type_name, type_object.tp_name),
    TELLS(type_flags, type_object.tp_flags),
    TELLS(tuple_items, tuple_object.ob_item),
    TELLS(list_items, list_object.ob_item),
    TELLS(dict_keys, dict_object.ma_keys),
    TELLS(dict_values, dict_object.ma_values),
    TELLS(float_value, float_object.ob_fval),
    TELLS(long_size, long_object.lv_tag),
    TELLS(long_digits, long_object.ob_digit),
    TELLS(bytes_data, bytes_object.ob_sval),
    TELLS(unicode_state, unicode_object.state),
    TELLS(unicode_length, unicode_object.length),
    TELLS(unicode_ascii_data, unicode_object.asciiobject_size),
#if PY_VERSION_HEX >= 0x030E0000
    TELLS(interpreter_threads_main, interpreter_state.threads_main),
    TELLS(interpreter_code_generation, interpreter_state.code_object_generation),
    TELLS(frame_stack_top, interpreter_frame.stackpointer),
    TELLS(set_table, set_object.table),
    TELLS(set_mask, set_object.mask),
    TELLS(set_used, set_object.used),
    TELLS(generator_frame, gen_object.gi_iframe),
    TELLS(generator_state, gen_object.gi_frame_state),
    TELLS(generator_size, gen_object.size),
#endif
#if PY_VERSION_HEX >= 0x030E0000 && defined(Py_GIL_DISABLED)
    TELLS(frame_tlbc_index, interpreter_frame.tlbc_index),
#endif
#if PY_VERSION_HEX >= 0x030F0000
    TELLS(thread_base_frame, thread_state.base_frame),
    TELLS(thread_holds_gil, thread_state.holds_gil),
    TELLS(type_basic_size, type_object.tp_basicsize),
    TELLS(type_dict_offset, type_object.tp_dictoffset),
    TELLS(unicode_compact_data, unicode_object.compactunicodeobject_size),
#endif
    /* These four are offsets from other structs than the layout's: layout_debug.c subtracts. */
    TELLS(interpreter_gc_collecting, gc.collecting),
    TELLS(within_gc, interpreter_state.gc),
    TELLS(gil_locked, interpreter_state.gil_runtime_state_locked),
    TELLS(gil_last_holder, interpreter_state.gil_runtime_state_holder),
    TELLS(within_gil, interpreter_state.gil_runtime_state),
    SIZE(table_size, _Py_DebugOffsets),
};

static void print_told(void)
{
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        printf("debug %s %zu\n", told[i].name, told[i].offset);
    }
}
#else
static void print_told(void)
{
}
#endif

/* The first of the bits of a str's state that say how wide its characters are. */
static size_t kind_shift(void)
{
    PyASCIIObject text;
    unsigned int word = 0;
    memset(&text, 0, sizeof(text));
    text.state.kind = 1;
    memcpy(&word, &text.state, sizeof(word));
    size_t shift = 0;
    while (shift < 32 && ((word >> shift) & 1) == 0) {
        shift++;
    }
    return shift;
}

int main(void)
{
    printf("version %lu\n", (unsigned long)PY_VERSION_HEX);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        printf("%s %zu\n", fields[i].name, fields[i].offset);
    }
    printf("unicode_kind_shift %zu\n", kind_shift());
    print_told();
    return 0;
}
