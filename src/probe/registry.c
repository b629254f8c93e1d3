/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/registry.h"

#include <fnmatch.h>
#include <string.h>

#include "base/atomic.h"
#include "base/mem.h"
#include "probe/compat.h"

/* The package whose own frames are never part of anyone's profile. */
#define OWN_PACKAGE "pyrometer"

bool pyr_registry_init(struct pyr_registry *registry, PyObject *include, PyObject *exclude)
{
    memset(registry, 0, sizeof *registry);
    registry->arena = pyr_arena_new();
    registry->include = include;
    registry->exclude = exclude;
    Py_XINCREF(include);
    Py_XINCREF(exclude);
    registry->count = 1;
    return pthread_mutex_init(&registry->lock, NULL) == 0 && registry->arena != NULL;
}

void pyr_registry_release(struct pyr_registry *registry)
{
    for (uint32_t i = 1; i < registry->count; i++) {
        Py_CLEAR(pyr_registry_get(registry, i)->object);
    }
    for (uint32_t i = 0; i < PYR_REGISTRY_MAX_CHUNKS; i++) {
        pyr_mem_free(registry->chunks[i]);
    }
    pyr_map_release(&registry->by_key);
    pyr_arena_free(registry->arena);
    Py_CLEAR(registry->include);
    Py_CLEAR(registry->exclude);
    pthread_mutex_destroy(&registry->lock);
    memset(registry, 0, sizeof *registry);
}

/* Names are UTF-8, lone surrogates kept as three bytes: what a program calls its functions must
 * survive, and files and reports know how to show it. "" when `text` is not a str. */
static const char *copy_text(struct pyr_registry *registry, PyObject *text)
{
    Py_ssize_t len = 0;
    const char *copy = NULL;
    if (text == NULL || !PyUnicode_Check(text)) {
        PyErr_Clear();
        return "";
    }
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &len);
    if (utf8 != NULL) {
        copy = pyr_arena_copy(registry->arena, utf8, (size_t)len);
    } else {
        PyErr_Clear();
        PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
        if (bytes != NULL) {
            copy = pyr_arena_copy(registry->arena, PyBytes_AS_STRING(bytes),
                                  (size_t)PyBytes_GET_SIZE(bytes));
            Py_DECREF(bytes);
        }
        PyErr_Clear();
    }
    return copy != NULL ? copy : "";
}

static const char *copy_format(struct pyr_registry *registry, PyObject *text)
{
    const char *copy = copy_text(registry, text);
    Py_XDECREF(text);
    return copy;
}

static bool in_package(const char *module, const char *package)
{
    size_t len = strlen(package);
    return strncmp(module, package, len) == 0 && (module[len] == '\0' || module[len] == '.');
}

static bool matches_any(PyObject *patterns, const struct pyr_record *record)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(patterns); i++) {
        const char *pattern = PyUnicode_AsUTF8(PyTuple_GET_ITEM(patterns, i));
        if (pattern == NULL) {
            PyErr_Clear();
            continue;
        }
        const char *subject = strchr(pattern, '/') != NULL ? record->file : record->module;
        if (in_package(record->module, pattern) || fnmatch(pattern, subject, 0) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_excluded(const struct pyr_registry *registry, const struct pyr_record *record)
{
    if (record->ours) {
        return true;
    }
    if (record->hidden) {
        return false;
    }
    if (record->kind != PYR_FUNC_PYTHON) {
        return false; /* a builtin goes with its caller */
    }
    if (registry->exclude != NULL && matches_any(registry->exclude, record)) {
        return true;
    }
    return registry->include != NULL && PyTuple_GET_SIZE(registry->include) > 0 &&
           !matches_any(registry->include, record);
}

/* Under the lock. Gives the place for the next record, zeroed, or NULL. */
static struct pyr_record *next_record(struct pyr_registry *registry)
{
    uint32_t chunk = registry->count / PYR_REGISTRY_CHUNK;
    if (chunk >= PYR_REGISTRY_MAX_CHUNKS) {
        return NULL;
    }
    if (registry->chunks[chunk] == NULL) {
        registry->chunks[chunk] = pyr_mem_zalloc(PYR_REGISTRY_CHUNK, sizeof(struct pyr_record));
        if (registry->chunks[chunk] == NULL) {
            return NULL;
        }
    }
    return pyr_registry_get(registry, registry->count);
}

static void describe_name(struct pyr_registry *registry, struct pyr_record *record, PyObject *code)
{
    bool known = false;
    PyObject *qualname = pyr_code_qualname(code, &known);
    record->qualname = copy_text(registry, qualname);
    record->unnamed = !known;
    Py_DECREF(qualname);
}

static void describe_python(struct pyr_registry *registry, struct pyr_record *record,
                            PyObject *code, PyObject *globals)
{
    PyCodeObject *co = (PyCodeObject *)code;
    describe_name(registry, record, code);
    record->file = copy_text(registry, co->co_filename);
    record->first_line = co->co_firstlineno > 0 ? (uint32_t)co->co_firstlineno : 0;
    record->kind = PYR_FUNC_PYTHON;
    PyObject *module =
        globals != NULL && PyDict_Check(globals) ? PyDict_GetItemString(globals, "__name__") : NULL;
    record->module = copy_text(registry, module);
    record->ours = in_package(record->module, OWN_PACKAGE);
    record->hidden = strcmp(record->module, PYR_CALIBRATION_MODULE) == 0;
    record->object = code;
    Py_INCREF(code);
    pyr_qualnames_learn_nested(code);
}

/* From here on nothing may run Python code (a metaclass's __getattribute__, say): another thread
 * could then wait for our lock with the GIL in its hand. Hence no PyObject_GetAttr on types. */
extern PyObject *_PyType_Lookup(PyTypeObject *type, PyObject *name);

/* Borrowed; NULL when there is none. */
static PyObject *type_attribute(PyTypeObject *type, const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *found = text != NULL ? _PyType_Lookup(type, text) : NULL;
    Py_XDECREF(text);
    return found;
}

/* The module of a type, and its name without it. */
static const char *describe_type(struct pyr_registry *registry, struct pyr_record *record,
                                 PyTypeObject *type)
{
    const char *last = strrchr(type->tp_name, '.');
    if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0) {
        record->module = copy_text(registry, type_attribute(type, "__module__"));
    } else if (last != NULL) {
        record->module =
            copy_format(registry, PyUnicode_FromStringAndSize(type->tp_name, last - type->tp_name));
    } else {
        record->module = "builtins";
    }
    return last != NULL ? last + 1 : type->tp_name;
}

static void describe_method(struct pyr_registry *registry, struct pyr_record *record,
                            PyTypeObject *owner, const char *name)
{
    const char *type_name = describe_type(registry, record, owner);
    record->qualname = copy_format(registry, PyUnicode_FromFormat("%s.%s", type_name, name));
}

static void describe_descriptor(struct pyr_registry *registry, struct pyr_record *record,
                                PyObject *callable)
{
    PyMethodDescrObject *descr = (PyMethodDescrObject *)callable;
    describe_method(registry, record, descr->d_common.d_type, descr->d_method->ml_name);
    /* PyObject_Repr() looks for signals first, and from 3.12 on collects garbage there: both run
     * Python code. */
    record->label = copy_format(registry, Py_TYPE(callable)->tp_repr(callable));
    record->object = callable; /* an attribute of a type: nothing small hangs on it */
    Py_INCREF(callable);
}

/* A function of a module: "len" in builtins. */
static void describe_module_function(struct pyr_registry *registry, struct pyr_record *record,
                                     PyCFunctionObject *function)
{
    const char *name = function->m_ml->ml_name;
    record->module = copy_text(registry, function->m_module);
    record->qualname = copy_format(registry, PyUnicode_FromString(name));
    record->label = copy_format(
        registry, record->module[0] != '\0'
                      ? PyUnicode_FromFormat("<built-in method %s.%s>", record->module, name)
                      : PyUnicode_FromFormat("<built-in method %s>", name));
    record->object = (PyObject *)function;
    Py_INCREF(function);
}

/* A method bound to an object or, as a class method, to a type. Its object is not kept: that would
 * make the program's objects live longer than without us; their type is. */
static void describe_bound_method(struct pyr_registry *registry, struct pyr_record *record,
                                  PyCFunctionObject *function)
{
    const char *name = function->m_ml->ml_name;
    PyObject *self = function->m_self;
    PyTypeObject *owner = PyType_Check(self) ? (PyTypeObject *)self : Py_TYPE(self);
    PyObject *attribute = PyType_Check(self) ? NULL : type_attribute(owner, name);
    if (attribute != NULL && Py_TYPE(attribute) == &PyMethodDescr_Type) {
        describe_descriptor(registry, record, attribute);
        return;
    }
    describe_method(registry, record, owner, name);
    record->label = copy_format(
        registry, function->m_module != NULL && PyUnicode_Check(function->m_module)
                      ? PyUnicode_FromFormat("<built-in method %U.%s>", function->m_module, name)
                      : PyUnicode_FromFormat("<built-in method %s>", name));
    record->object = (PyObject *)owner;
    Py_INCREF(owner);
}

static void describe_builtin(struct pyr_registry *registry, struct pyr_record *record,
                             PyObject *callable)
{
    record->file = "";
    record->kind = PYR_FUNC_BUILTIN;
    PyTypeObject *own_type = NULL;
    if (Py_TYPE(callable) == &PyMethodDescr_Type) {
        own_type = ((PyMethodDescrObject *)callable)->d_common.d_type;
        describe_descriptor(registry, record, callable);
    } else {
        PyCFunctionObject *function = (PyCFunctionObject *)callable;
        if (function->m_self == NULL || PyModule_Check(function->m_self)) {
            describe_module_function(registry, record, function);
        } else {
            own_type = Py_TYPE(function->m_self);
            describe_bound_method(registry, record, function);
        }
    }
    record->ours = in_package(record->module, OWN_PACKAGE) ||
                   (own_type != NULL && in_package(own_type->tp_name, OWN_PACKAGE));
}

static uint32_t add(struct pyr_registry *registry, const void *key, PyObject *object,
                    PyObject *globals)
{
    struct pyr_err err = {0};
    struct pyr_record *record = next_record(registry);
    if (record == NULL) {
        return 0;
    }
    record->key = key;
    if (PyCode_Check(object)) {
        describe_python(registry, record, object, globals);
    } else {
        describe_builtin(registry, record, object);
    }
    record->excluded = is_excluded(registry, record);
    if (!pyr_map_put(&registry->by_key, (uint64_t)(uintptr_t)key, registry->count, &err)) {
        Py_CLEAR(record->object);
        *record = (struct pyr_record){0};
        return 0;
    }
    uint32_t number = registry->count;
    pyr_publish_u32(&registry->count, number + 1);
    return number;
}

static uint32_t find_or_add(struct pyr_registry *registry, const void *key, PyObject *object,
                            PyObject *globals)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    pthread_mutex_lock(&registry->lock);
    uint32_t number = pyr_map_get(&registry->by_key, (uint64_t)(uintptr_t)key);
    if (number == 0) {
        PyErr_Fetch(&type, &value, &traceback);
        number = add(registry, key, object, globals);
        PyErr_Restore(type, value, traceback);
    }
    pthread_mutex_unlock(&registry->lock);
    return number;
}

uint32_t pyr_registry_find(struct pyr_registry *registry, const void *key)
{
    pthread_mutex_lock(&registry->lock);
    uint32_t number = pyr_map_get(&registry->by_key, (uint64_t)(uintptr_t)key);
    pthread_mutex_unlock(&registry->lock);
    return number;
}

void pyr_registry_name_rest(struct pyr_registry *registry)
{
    uint32_t i = 1;
    while (i < registry->count && !pyr_registry_get(registry, i)->unnamed) {
        i++;
    }
    if (i == registry->count) {
        return;
    }
    if (!pyr_qualnames_learn(true)) {
        PyErr_Clear();
    }
    for (; i < registry->count; i++) {
        struct pyr_record *record = pyr_registry_get(registry, i);
        if (record->unnamed) {
            describe_name(registry, record, record->object);
            record->unnamed = false; /* else every stop would look again for what is nowhere */
        }
    }
}

uint32_t pyr_registry_python(struct pyr_registry *registry, PyObject *code, PyObject *globals)
{
    return find_or_add(registry, code, code, globals);
}

uint32_t pyr_registry_builtin(struct pyr_registry *registry, const void *key, PyObject *callable)
{
    return find_or_add(registry, key, callable, NULL);
}
