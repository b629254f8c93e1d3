/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* The options of a trace, as Tracer() takes them. */
#pragma once

#include "probe/trace.h"

/* False with an exception; else the caller owns what `options` holds. */
bool pyr_trace_options_parse(struct pyr_trace_options *options, PyObject *args, PyObject *keywords);
