/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* pyrometer._probe.Profile: a model profile as a Python object. Its signatures are in
 * python/pyrometer/_probe.pyi. */
#include "probe/module.h"

#include <string.h>

#include "formats/format.h"
#include "model/compensate.h"
#include "model/totals.h"
#include "reports/diff.h"
#include "reports/report.h"

struct profile {
    PyObject_HEAD struct pyr_profile *profile; /* owned */
};

static PyTypeObject profile_type;

PyObject *pyr_profile_wrap(struct pyr_profile *profile)
{
    struct profile *self = PyObject_New(struct profile, &profile_type);
    if (self == NULL) {
        pyr_profile_free(profile);
        return NULL;
    }
    self->profile = profile;
    return (PyObject *)self;
}

struct pyr_profile *pyr_profile_unwrap(PyObject *object)
{
    if (!PyObject_TypeCheck(object, &profile_type)) {
        PyErr_Format(PyExc_TypeError, "a Profile is needed, not %s", Py_TYPE(object)->tp_name);
        return NULL;
    }
    return ((struct profile *)object)->profile;
}

static void profile_dealloc(PyObject *self)
{
    pyr_profile_free(((struct profile *)self)->profile);
    PyObject_Free(self);
}

/* Text of ours may hold any bytes: what is not UTF-8 is shown as U+FFFD. */
static PyObject *to_str(const char *text, size_t len)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "replace");
}

static PyObject *buf_to_object(struct pyr_buf *out, bool as_text)
{
    struct pyr_err err = {0};
    PyObject *result = NULL;
    if (!pyr_buf_check(out, &err)) {
        pyr_raise(&err);
    } else if (as_text) {
        result = to_str(out->data != NULL ? out->data : "", out->len);
    } else {
        result = PyBytes_FromStringAndSize(out->data, (Py_ssize_t)out->len);
    }
    pyr_buf_release(out);
    return result;
}

static PyObject *profile_load(PyObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"path", "format", NULL};
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    PyObject *path = NULL;
    const char *format = NULL;
    (void)type;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O&|z:load", names, PyUnicode_FSConverter,
                                     &path, &format)) {
        return NULL;
    }
    bool ok = pyr_format_load(PyBytes_AS_STRING(path), format, &profile, &err);
    Py_DECREF(path);
    return ok ? pyr_profile_wrap(profile) : pyr_raise(&err);
}

/* What is no time at all is no limit. */
static uint64_t to_ns(double seconds)
{
    return seconds > 0 && seconds < 1e9 ? (uint64_t)(seconds * 1e9) : 0;
}

static PyObject *profile_save(PyObject *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"path", "format", "min_duration", "max_depth", NULL};
    struct pyr_err err = {0};
    struct pyr_format_options options = {0};
    PyObject *path = NULL;
    const char *format = NULL;
    double min_duration = 0;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O&|z$dI:save", names, PyUnicode_FSConverter,
                                     &path, &format, &min_duration, &options.max_depth)) {
        return NULL;
    }
    options.min_duration_ns = to_ns(min_duration);
    bool ok = pyr_format_save(((struct profile *)self)->profile, PyBytes_AS_STRING(path), format,
                              &options, &err);
    Py_DECREF(path);
    if (!ok) {
        return pyr_raise(&err);
    }
    Py_RETURN_NONE;
}

static PyObject *profile_export(PyObject *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"format", "min_duration", "max_depth", NULL};
    struct pyr_err err = {0};
    struct pyr_format_options options = {0};
    struct pyr_buf out = {0};
    const char *name = NULL;
    double min_duration = 0;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "s|$dI:export", names, &name, &min_duration,
                                     &options.max_depth)) {
        return NULL;
    }
    options.min_duration_ns = to_ns(min_duration);
    const struct pyr_format *format = pyr_format_find(name, &err);
    if (format != NULL && format->write == NULL) {
        pyr_err_set(&err, PYR_ERR_UNSUPPORTED, "%s can be read, not written", name);
        format = NULL;
    }
    if (format == NULL || !format->write(((struct profile *)self)->profile, &options, &out, &err)) {
        pyr_buf_release(&out);
        return pyr_raise(&err);
    }
    return buf_to_object(&out, false);
}

static bool parse_options(PyObject *args, PyObject *keywords, const char **name,
                          struct pyr_report_options *options)
{
    static char *names[] = {"name",    "sort",  "module", "match",       "function",   "thread",
                            "task",    "tag",   "by",     "limit",       "min_share",  "width",
                            "reverse", "color", "ascii",  "compensated", "full_paths", NULL};
    int reverse = 0;
    int color = 0;
    int ascii = 0;
    int compensated = 0;
    int full_paths = 0;
    *options = (struct pyr_report_options){.min_share = -1.0};
    if (!PyArg_ParseTupleAndKeywords(
            args, keywords, "|s$zzzzzzzzIdIppppp:report", names, name, &options->sort,
            &options->module, &options->match, &options->function, &options->thread, &options->task,
            &options->tag, &options->by, &options->limit, &options->min_share, &options->width,
            &reverse, &color, &ascii, &compensated, &full_paths)) {
        return false;
    }
    options->reverse = reverse != 0;
    options->color = color != 0;
    options->ascii = ascii != 0;
    options->compensated = compensated != 0;
    options->full_paths = full_paths != 0;
    return true;
}

static PyObject *profile_report(PyObject *self, PyObject *args, PyObject *keywords)
{
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    struct pyr_report_options options;
    const char *name = "summary";
    if (!parse_options(args, keywords, &name, &options)) {
        return NULL;
    }
    const struct pyr_report *report = pyr_report_find(name, &err);
    if (report == NULL ||
        !report->render(((struct profile *)self)->profile, &options, &out, &err)) {
        pyr_buf_release(&out);
        return pyr_raise(&err);
    }
    return buf_to_object(&out, true);
}

static PyObject *profile_diff(PyObject *self, PyObject *args, PyObject *keywords)
{
    struct pyr_err err = {0};
    struct pyr_buf out = {0};
    struct pyr_report_options options;
    const char *name = "";
    struct pyr_profile *after =
        PyTuple_GET_SIZE(args) == 1 ? pyr_profile_unwrap(PyTuple_GET_ITEM(args, 0)) : NULL;
    PyObject *none = PyTuple_New(0);
    if (after == NULL || none == NULL || !parse_options(none, keywords, &name, &options)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "diff() takes one Profile");
        }
        Py_XDECREF(none);
        return NULL;
    }
    Py_DECREF(none);
    if (!pyr_diff_render(((struct profile *)self)->profile, after, &options, &out, &err)) {
        pyr_buf_release(&out);
        return pyr_raise(&err);
    }
    return buf_to_object(&out, true);
}

static PyObject *profile_compensate(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct pyr_err err = {0};
    if (!pyr_compensate(((struct profile *)self)->profile, &err)) {
        return pyr_raise(&err);
    }
    Py_RETURN_NONE;
}

static PyObject *text_of(const struct pyr_profile *profile, pyr_str id)
{
    return to_str(pyr_strtab_text(profile->strings, id), pyr_strtab_len(profile->strings, id));
}

/* Takes over `value`; false with an exception. */
static bool set_item(PyObject *dict, PyObject *key, PyObject *value)
{
    bool ok = key != NULL && value != NULL && PyDict_SetItem(dict, key, value) == 0;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return ok;
}

static PyObject *profile_meta(PyObject *self, void *unused)
{
    (void)unused;
    const struct pyr_profile *profile = ((struct profile *)self)->profile;
    PyObject *dict = PyDict_New();
    for (uint32_t i = 0; dict != NULL && i < pyr_meta_count(profile->meta); i++) {
        struct pyr_meta_entry entry = pyr_meta_get(profile->meta, i);
        PyObject *value =
            entry.is_number ? PyLong_FromLongLong(entry.number) : text_of(profile, entry.text);
        if (!set_item(dict, text_of(profile, entry.key), value)) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

static const char *const kind_names[PYR_FUNC_KIND_COUNT] = {"python", "builtin", "native",
                                                            "synthetic"};

/* Adds NAME, NAME_primitive and NAME_inclusive of every metric. */
static bool add_metrics(PyObject *dict, const struct pyr_profile *profile,
                        const struct pyr_total *total)
{
    for (uint32_t i = 0; i < profile->metrics.count; i++) {
        const char *name = pyr_strtab_text(profile->strings, profile->metrics.items[i].name);
        if (!set_item(dict, PyUnicode_FromString(name), PyLong_FromLongLong(total->self[i])) ||
            !set_item(dict, PyUnicode_FromFormat("%s_primitive", name),
                      PyLong_FromLongLong(total->primitive[i])) ||
            !set_item(dict, PyUnicode_FromFormat("%s_inclusive", name),
                      PyLong_FromLongLong(total->inclusive[i]))) {
            return false;
        }
    }
    return true;
}

static PyObject *function_dict(const struct pyr_profile *profile, const struct pyr_total *total)
{
    const struct pyr_function *function = pyr_functions_get(profile->functions, total->func);
    PyObject *dict =
        Py_BuildValue("{sNsNsNsIss}", "qualname", text_of(profile, function->qualname), "module",
                      text_of(profile, function->module), "file", text_of(profile, function->file),
                      "first_line", function->first_line, "kind", kind_names[function->kind]);
    if (dict != NULL && !add_metrics(dict, profile, total)) {
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *profile_functions(PyObject *self, void *unused)
{
    (void)unused;
    struct pyr_err err = {0};
    struct pyr_totals *totals = NULL;
    const struct pyr_profile *profile = ((struct profile *)self)->profile;
    if (!pyr_totals_new(profile, (pyr_thread){0}, &totals, &err)) {
        return pyr_raise(&err);
    }
    uint32_t count = pyr_totals_function_count(totals);
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        struct pyr_total total = pyr_totals_function(totals, i);
        PyObject *dict = function_dict(profile, &total);
        if (dict == NULL) {
            Py_CLEAR(list);
        } else {
            PyList_SET_ITEM(list, (Py_ssize_t)i, dict);
        }
    }
    pyr_totals_free(totals);
    return list;
}

static PyMethodDef profile_methods[] = {
    {"load", (PyCFunction)(void (*)(void))profile_load, METH_VARARGS | METH_KEYWORDS | METH_STATIC,
     "Read a profile from a file."},
    {"save", (PyCFunction)(void (*)(void))profile_save, METH_VARARGS | METH_KEYWORDS,
     "Write the profile to a file."},
    {"export", (PyCFunction)(void (*)(void))profile_export, METH_VARARGS | METH_KEYWORDS,
     "The profile in a format, as bytes."},
    {"report", (PyCFunction)(void (*)(void))profile_report, METH_VARARGS | METH_KEYWORDS,
     "A report as text."},
    {"diff", (PyCFunction)(void (*)(void))profile_diff, METH_VARARGS | METH_KEYWORDS,
     "What changed from this profile to another, as text."},
    {"compensate", profile_compensate, METH_NOARGS,
     "Add the metric wall_corrected: wall less the calibrated cost of measuring."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef profile_attributes[] = {
    {"meta", profile_meta, NULL, "What the profile says about itself.", NULL},
    {"functions", profile_functions, NULL, "Every function with its figures.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyTypeObject profile_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyrometer._probe.Profile",
    .tp_basicsize = sizeof(struct profile),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "A profile: what a collector found.",
    .tp_dealloc = profile_dealloc,
    .tp_methods = profile_methods,
    .tp_getset = profile_attributes,
};

int pyr_profile_type_add(PyObject *module)
{
    if (PyType_Ready(&profile_type) < 0) {
        return -1;
    }
    Py_INCREF(&profile_type);
    return PyModule_AddObject(module, "Profile", (PyObject *)&profile_type);
}
