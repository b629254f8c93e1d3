/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Made-up objects beside those of remote_fixture.h: containers, and coroutines that await each
 * other. */
#pragma once

#include "remote_fixture.h"

/* An object of a type of its own with this name, with `count` words behind its head. */
uint64_t fake_words(struct fake *fake, const char *type, uint64_t flags, const uint64_t *words,
                    size_t count);
uint64_t fake_tuple(struct fake *fake, const uint64_t *items, size_t count);
uint64_t fake_list(struct fake *fake, const uint64_t *items, size_t count);
/* In a table of `slots`, the first of which had an item that was taken out. */
uint64_t fake_set(struct fake *fake, const uint64_t *items, size_t count, size_t slots);
uint64_t fake_double(struct fake *fake, double value);

enum fake_gen_state { FAKE_CREATED, FAKE_SUSPENDED, FAKE_AWAITING, FAKE_RUNNING, FAKE_FINISHED };
/* `type`: "coroutine", "generator" …; `awaited` is on top of its value stack. */
uint64_t fake_coroutine(struct fake *fake, const char *type, uint64_t code,
                        enum fake_gen_state state, uint64_t awaited);
/* Where its frame is. */
uint64_t fake_coroutine_frame(struct fake *fake, uint64_t coroutine);
