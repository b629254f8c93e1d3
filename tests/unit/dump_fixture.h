/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* A dump made by hand, to be shown. */
#pragma once

#include "cli/dump.h"

struct dump_fixture {
    struct pyr_dump_local locals[2];
    struct pyr_dump_frame frames[3];
    struct pyr_dump_thread threads[2];
    struct pyr_dump_task tasks[3];
    uint32_t awaited_by[2];
    struct pyr_dump_process processes[2];
    struct pyr_dump dump;
};

/* Two threads, three tasks (of which two wait in a circle), and a child that can't be read. */
void dump_fixture_make(struct dump_fixture *fixture);
