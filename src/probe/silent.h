/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Silent threads: those that have had no event since the trace began. Each has been in the same
 * frames all the time, so what it did is known without ever having met it. With the GIL. */
#pragma once

#include "probe/trace.h"

/* The largest number of a thread state there is: what comes after started after us. */
uint64_t pyr_silent_newest_id(void);
/* When figures begin, with a CPU clock: remembers what each thread has used before. */
void pyr_silent_note_cpu(struct pyr_trace *trace);
/* At the end, as of `now`: their times; and seeds of other threads that returned unseen. */
void pyr_silent_visit(struct pyr_trace *trace, uint64_t now);
/* CPU time of a thread that lives; 0 when it can't be told. */
uint64_t pyr_thread_cpu_ns(pthread_t thread);
