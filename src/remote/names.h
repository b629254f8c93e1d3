/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Names: what the program calls its threads (threading.Thread.name), found through sys.modules;
 * else what the kernel calls them. Kept per thread; a thread without a name is not looked for again
 * at every sample. */
#pragma once

#include "remote/interpreters.h"
#include "remote/target.h"

struct pyr_thread_names;

struct pyr_thread_names *pyr_thread_names_new(void); /* NULL when out of memory */
void pyr_thread_names_free(struct pyr_thread_names *names);
/* Looks up the names of all `threads` that have none yet; those that were not found are looked for
 * again soon, and then less and less often. */
void pyr_thread_names_update(struct pyr_thread_names *names, struct pyr_target *target,
                             const struct pyr_remote_threads *threads);
/* Borrowed, valid until the next update; "MainThread"; "" when not known. */
const char *pyr_thread_names_get(const struct pyr_thread_names *names,
                                 const struct pyr_remote_thread *thread);
