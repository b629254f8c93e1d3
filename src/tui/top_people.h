/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Threads and processes: what each is at now and has been since the start. A part of the top
 * model. */
#pragma once

#include "tui/top_model.h"

PYR_MUST_USE bool pyr_top_people_build(struct pyr_top_model *model, struct pyr_err *err);
