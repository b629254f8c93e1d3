/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The extension module pyrometer._probe: its exception classes, and its types. */
#pragma once

#include <Python.h>

#include "base/err.h"

/* Raises the exception class that belongs to the error's code; returns NULL. */
PyObject *pyr_raise(const struct pyr_err *err);
/* Borrowed; valid once the module has been loaded. */
PyObject *pyr_error_class(enum pyr_err_code code);

/* Each adds its type to the module; -1 with an exception. */
int pyr_tracer_type_add(PyObject *module);
int pyr_profile_type_add(PyObject *module);
int pyr_ending_type_add(PyObject *module);

/* Functions of the module: run_main(code, globals) and call_main(function, arguments) run the
 * program and give its exit status. */
PyObject *pyr_run_main(PyObject *module, PyObject *args);
PyObject *pyr_call_main(PyObject *module, PyObject *args);

/* Takes over `profile`, also on failure. A new reference to a Profile, or NULL. */
struct pyr_profile;
PyObject *pyr_profile_wrap(struct pyr_profile *profile);
/* Borrowed; NULL with an exception when `object` is no Profile. */
struct pyr_profile *pyr_profile_unwrap(PyObject *object);
