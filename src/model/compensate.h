/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Compensation: subtracts the calibrated cost of measuring from recorded wall times.
 *
 * For each row: wall - calls x inside - sum over its children of calls x outside (and the same for
 * resumes), with the costs that the profile's meta states per kind of function. A result below 0
 * becomes 0. Adds the metric "wall_corrected"; does nothing when it is there already.
 * Fails with PYR_ERR_USAGE when the profile has no calls, no wall time or no costs. */
#pragma once

#include "base/err.h"
#include "model/profile.h"

PYR_MUST_USE bool pyr_compensate(struct pyr_profile *profile, struct pyr_err *err);
