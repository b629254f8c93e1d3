/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Compensation: subtracts the calibrated cost of measuring from recorded times.
 *
 * For each row: time - calls x inside - sum over its children of calls x outside (and the same for
 * resumes), with the costs that the profile's meta states per kind of function. A result below 0
 * becomes 0. Measuring never waits, so that its cost is as much CPU time as wall time: adds the
 * metrics "wall_corrected" and "cpu_corrected" for those of "wall" and "cpu" that there are, and
 * does nothing where they are there already. Of the times that something waited (awaited, starved)
 * nothing is subtracted, as nothing is measured meanwhile.
 * Fails with PYR_ERR_USAGE when the profile has no calls, no times or no costs. */
#pragma once

#include "base/err.h"
#include "model/profile.h"

PYR_MUST_USE bool pyr_compensate(struct pyr_profile *profile, struct pyr_err *err);
