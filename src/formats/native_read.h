/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Reading: a whole native file into a new profile. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/profile.h"

/* pyr_format_native's. A file that ends early is read up to its last whole batch, and its meta says
 * so: "finished" is 0 and "stop_reason" tells where it ends. */
PYR_MUST_USE bool pyr_native_read(const uint8_t *data, size_t size, struct pyr_profile **out,
                                  struct pyr_err *err);
