/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Weigh: how much time a sample may stand for. Mostly that since the thread's last sample; but when
 * the reader was kept from looking for long, nobody knows what ran meanwhile. */
#pragma once

#include <stdint.h>

#include "remote/sampler.h"

/* So many steps of the recording, and at least so long. */
#define PYR_WEIGH_LONGEST_STEPS 10
#define PYR_WEIGH_LONGEST_NS 100000000u

/* Shortens what the sample stands for to the longest that it may, in both clocks, and gives the
 * rest: of CPU time with `cpu`, else of wall time. */
uint64_t pyr_weigh_shorten(struct pyr_sample *sample, uint32_t rate, bool cpu);
