/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "probe/figures.h"

#include <string.h>

#include "model/totals.h"
#include "probe/module.h"

/* The columns of a drained profile. */
enum { CALLS, RESUMES, WALL };

static PyObject *function_object(const struct pyr_record *record)
{
    if (record->kind == PYR_FUNC_PYTHON) {
        Py_INCREF(record->object);
        return record->object;
    }
    return PyUnicode_DecodeUTF8(
        record->label != NULL ? record->label : record->qualname,
        (Py_ssize_t)strlen(record->label != NULL ? record->label : record->qualname),
        "surrogatepass");
}

/* Where several code objects are one function to the model, the first stands. */
PyObject *pyr_figures_functions(const struct pyr_trace *trace, const struct pyr_drain *drain)
{
    Py_ssize_t count = (Py_ssize_t)pyr_functions_count(drain->profile->functions);
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        Py_INCREF(Py_None);
        PyList_SET_ITEM(list, i, Py_None);
    }
    for (uint32_t i = drain->functions_count; list != NULL && i-- > 1;) {
        const struct pyr_record *record = pyr_registry_get(&trace->registry, i);
        if (record->hidden || drain->functions[i].i == 0) {
            continue;
        }
        PyObject *object = function_object(record);
        if (object == NULL ||
            PyList_SetItem(list, (Py_ssize_t)drain->functions[i].i - 1, object) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static long long calls_of(const int64_t *v)
{
    return v[CALLS] + v[RESUMES];
}

static PyObject *function_item(const struct pyr_total *total)
{
    long long calls = calls_of(total->self);
    return Py_BuildValue("(kLLdd)", (unsigned long)total->func.i - 1, calls,
                         calls - calls_of(total->primitive), (double)total->inclusive[WALL] / 1e9,
                         (double)total->self[WALL] / 1e9);
}

static PyObject *edge_item(const struct pyr_total *total)
{
    long long primitive = calls_of(total->primitive);
    return Py_BuildValue("(lkLLLLdd)", (long)total->caller.i - 1, (unsigned long)total->func.i - 1,
                         (long long)total->self[CALLS], (long long)total->self[RESUMES], primitive,
                         calls_of(total->self) - primitive, (double)total->self[WALL] / 1e9,
                         (double)total->inclusive[WALL] / 1e9);
}

typedef struct pyr_total total_getter(const struct pyr_totals *totals, uint32_t index);

/* The items of those that were called: others were running before us and never called since. */
static PyObject *list_called(const struct pyr_drain *drain,
                             uint32_t (*count)(const struct pyr_totals *), total_getter *get,
                             PyObject *(*item_of)(const struct pyr_total *))
{
    struct pyr_err err = {0};
    struct pyr_totals *totals = NULL;
    if (!pyr_totals_new(drain->profile, (pyr_thread){0}, &totals, &err)) {
        return pyr_raise(&err);
    }
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < count(totals); i++) {
        const struct pyr_total total = get(totals, i);
        PyObject *item = calls_of(total.self) > 0 ? item_of(&total) : NULL;
        if (item != NULL) {
            (void)PyList_Append(list, item);
        }
        Py_XDECREF(item);
        if (PyErr_Occurred()) {
            Py_CLEAR(list);
        }
    }
    pyr_totals_free(totals);
    return list;
}

PyObject *pyr_figures_totals(const struct pyr_trace *trace, const struct pyr_drain *drain)
{
    (void)trace;
    return list_called(drain, pyr_totals_function_count, pyr_totals_function, function_item);
}

PyObject *pyr_figures_edges(const struct pyr_trace *trace, const struct pyr_drain *drain)
{
    (void)trace;
    return list_called(drain, pyr_totals_arc_count, pyr_totals_arc, edge_item);
}
