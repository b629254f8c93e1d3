/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define EVAL_LOOP "_PyEval_EvalFrameDefault"
#define MAX_CYTHON_SCOPES 16

/* Functions of CPython that only lead from one call to the next, by how their names begin. What a
 * call does in C once it has arrived (list_sort, sre_search, gc_collect_main, take_gil) is shown.
 */
static const char *const machinery[] = {
    "_PyCFunction_",
    "_PyCallMethodDescriptor",
    "_PyEvalFrame",
    "_PyEval_",
    "_PyFunction_",
    "_PyGen_",
    "_PyImport_",
    "_PyMethodDef_RawFastCall",
    "_PyMethodDescr_",
    "_PyObject_Call",
    "_PyObject_FastCall",
    "_PyObject_MakeTpCall",
    "_PyObject_Vectorcall",
    "_PyRun_",
    "_PyVectorcall",
    "_Py_BuiltinCall",
    "_Py_CallBuiltin",
    "_Py_UnixMain",
    "_Py_VectorCall",
    "_Py_Vectorcall",
    "PyCFunction_Call",
    "PyEval_",
    "PyImport_",
    "PyIter_Send",
    "PyObject_Call",
    "PyObject_Vectorcall",
    "PyRun_",
    "PyVectorcall_",
    "Py_BytesMain",
    "Py_Main",
    "Py_RunMain",
    "bootstrap",
    "bounded_lru_cache_wrapper",
    "call_function",
    "call_method",
    "call_unbound",
    "cfunction_",
    "do_call_core",
    "do_start_new_thread",
    "fast_function",
    "function_call",
    "function_code_fastcall",
    "gen_iternext",
    "gen_send",
    "import_",
    "infinite_lru_cache_wrapper",
    "lru_cache_call",
    "main",
    "method_call",
    "method_vectorcall",
    "object_vacall",
    "partial_",
    "py_trampoline_evaluator",
    "pymain_",
    "pyrun_",
    "pythread_wrapper",
    "run_eval_code_obj",
    "run_mod",
    "slot_",
    "t_bootstrap",
    "thread_run",
    "trace_call_function",
    "type_call",
    "vectorcall_",
    "wrap_",
    "wrapper_call",
    "wrapperdescr_",
};

static const char *const bases[] = {
    "__clone", "__clone3", "__libc_start_call_main", "__libc_start_main", "_start",
    "clone",   "clone3",   "start_thread",           "thread_start",
};

static bool begins_with(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Is `symbol` the function `name`, or a part or copy of it that a compiler or linker made? */
static bool is_or_is_of(const char *symbol, const char *name)
{
    const size_t length = strlen(name);
    return strncmp(symbol, name, length) == 0 && strchr("./@", symbol[length]) != NULL;
}

bool pyr_native_is_libc(const char *module)
{
    static const char *const names[] = {"libc.so", "libc-", "libpthread", "ld-"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (begins_with(module, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_base(const char *symbol, const char *module)
{
    /* A greenlet's stack lies upon that of who began it, which is not its caller. */
    if (begins_with(module, "_greenlet")) {
        return strstr(symbol, "g_initialstub") != NULL || strstr(symbol, "inner_bootstrap") != NULL;
    }
    /* Others may have functions with such names too. */
    if (strcmp(symbol, "_start") != 0 && !pyr_native_is_libc(module)) {
        return false;
    }
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        if (is_or_is_of(symbol, bases[i])) {
            return true;
        }
    }
    return false;
}

enum pyr_native_role pyr_native_role(const char *symbol, const char *module, bool interpreter)
{
    if (is_or_is_of(symbol, EVAL_LOOP)) {
        return strstr(symbol, ".part") != NULL ? PYR_NATIVE_EVAL_PART : PYR_NATIVE_EVAL;
    }
    if (begins_with(symbol, "_TAIL_CALL_")) {
        return PYR_NATIVE_EVAL_PART;
    }
    if (is_base(symbol, module)) {
        return PYR_NATIVE_BASE;
    }
    if (begins_with(symbol, "py::")) { /* the trampolines of python -X perf */
        return PYR_NATIVE_HIDDEN;
    }
    if (!interpreter) {
        /* The program `python` when all of CPython is in libpython. */
        const bool program = strcmp(symbol, "main") == 0 && begins_with(module, "python");
        return program ? PYR_NATIVE_HIDDEN : PYR_NATIVE_SHOWN;
    }
    if (symbol[0] == '\0') {
        return PYR_NATIVE_HIDDEN;
    }
    for (size_t i = 0; i < sizeof machinery / sizeof *machinery; i++) {
        if (begins_with(symbol, machinery[i])) {
            return PYR_NATIVE_HIDDEN;
        }
    }
    return PYR_NATIVE_SHOWN;
}

/* The length of what is the function's own name. */
static size_t own_length(const char *symbol)
{
    static const char *const marks[] = {
        ".cold", ".constprop.", ".isra.", ".llvm.", ".lto_priv.", ".part.", "@",
    };
    size_t length = strlen(symbol);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *mark = strstr(symbol + (symbol[0] != '\0'), marks[i]);
        if (mark != NULL && (size_t)(mark - symbol) < length) {
            length = (size_t)(mark - symbol);
        }
    }
    return length;
}

/* Reads "6Basket_" as Cython writes each scope: gives what follows it, NULL if there is none. */
static const char *read_scope(const char *at, const char *end, const char **name, size_t *length)
{
    size_t number = 0;
    const char *digits = at;
    while (at < end && isdigit((unsigned char)*at) && number < 1000) {
        number = number * 10 + (size_t)(*at++ - '0');
    }
    if (at == digits || number == 0 || number >= (size_t)(end - at) || at[number] != '_') {
        return NULL;
    }
    *name = at;
    *length = number;
    return at + number + 1;
}

static void add(char *text, size_t size, const char *part, size_t length)
{
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%.*s", (int)length, part);
}

static bool tidy_cython(const char *symbol, size_t length, char *text, size_t size)
{
    static const char *const kinds[] = {"__pyx_pw_", "__pyx_pf_", "__pyx_f_", "__pyx_gb_"};
    const char *end = symbol + length;
    const char *at = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && at == NULL; i++) {
        at = begins_with(symbol, kinds[i]) ? symbol + strlen(kinds[i]) : NULL;
    }
    if (at == NULL || at >= end) {
        return false;
    }
    text[0] = '\0';
    for (int scope = 0; scope < MAX_CYTHON_SCOPES; scope++) {
        const char *name = NULL;
        size_t name_length = 0;
        const char *next = read_scope(at, end, &name, &name_length);
        if (next == NULL || next >= end) {
            break;
        }
        add(text, size, name, name_length);
        add(text, size, ".", 1);
        at = next;
    }
    if (text[0] == '\0') {
        return false;
    }
    /* A number may stand before the name, which makes it unique. */
    const char *name = at;
    while (name < end && isdigit((unsigned char)*name)) {
        name++;
    }
    add(text, size, name < end ? name : at, (size_t)(end - (name < end ? name : at)));
    return true;
}

void pyr_native_tidy(const char *symbol, char *text, size_t size)
{
    const size_t length = own_length(symbol);
    if (!tidy_cython(symbol, length, text, size)) {
        snprintf(text, size, "%.*s", (int)(length < size ? length : size), symbol);
    }
}
