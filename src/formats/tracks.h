/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Tracks: a timeline's runs as nested slices, a call each, for formats that draw along time.
 *
 * Every thread, task and greenlet has a track; what ran under a tag is on the track of the untagged
 * entry. From a run to the next one on its track the frames that both stacks begin with go on, and
 * the others end and begin; before a gap all end. A task's stack begins with frames of its native
 * thread: those go on in the thread's own track, and the task's has what follows them.
 * Takes time linear in the runs (but for sorting them) and in the slices. Threads: one owner. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "formats/format.h"
#include "model/profile.h"

struct pyr_track_slice {
    uint64_t start_ns; /* since the profile's start */
    uint64_t end_ns;
    pyr_thread track;
    pyr_thread native; /* as in the track's own */
    pyr_func func;
    pyr_str tag; /* that it began under; "" for none */
};

struct pyr_track {
    pyr_thread thread; /* id 0: runs of no thread */
    pyr_thread native; /* below which it belongs; itself for a native thread */
};

/* Start zeroed. */
struct pyr_tracks {
    /* Owned. Native threads with all that belongs to them follow each other; within that in the
     * order in which slices began, the outer one first of those that began together. */
    struct pyr_track_slice *slices;
    uint32_t slice_count;
    uint32_t slice_cap;
    struct pyr_track
        *tracks; /* owned; those that have runs, in the same order, native ones first */
    uint32_t track_count;
};

/* `options` as writers take them. */
PYR_MUST_USE bool pyr_tracks_init(struct pyr_tracks *tracks, const struct pyr_profile *profile,
                                  const struct pyr_format_options *options, struct pyr_err *err);
void pyr_tracks_release(struct pyr_tracks *tracks);
