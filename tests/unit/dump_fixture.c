/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "dump_fixture.h"

#include <string.h>

void dump_fixture_make(struct dump_fixture *it)
{
    memset(it, 0, sizeof(*it));
    it->locals[0] = (struct pyr_dump_local){"basket", "[1, 'a\x1b']", true};
    it->locals[1] = (struct pyr_dump_local){"total", "12", false};
    it->frames[0] = (struct pyr_dump_frame){.kind = PYR_RAW_NATIVE,
                                            .name = "qsort",
                                            .file = "",
                                            .module = "libc.so.6",
                                            .at = {-1, -1, -1, -1}};
    it->frames[1] = (struct pyr_dump_frame){.name = "Basket.add",
                                            .file = "/srv/shop/basket.py",
                                            .at = {12, 13, 4, 20},
                                            .locals = it->locals,
                                            .local_count = 2};
    it->frames[2] = (struct pyr_dump_frame){
        .name = "<module>", .file = "/usr/lib/python3.12/runpy.py", .at = {-1, -1, -1, -1}};
    it->threads[0] = (struct pyr_dump_thread){
        .is = {.tid = 40, .ident = 0x7000, .is_main = true, .holds_gil = true, .collecting = true},
        .name = "Main\nThread",
        .active = true,
        .truncated = true,
        .stack = {it->frames, 3}};
    it->threads[1] = (struct pyr_dump_thread){.is = {.ident = 0x8000, .interpreter_id = 1},
                                              .name = "",
                                              .torn = true,
                                              .waits_for_gil = true};
    it->tasks[0] = (struct pyr_dump_task){.name = "top", .thread = 0, .running = true};
    it->tasks[1] = (struct pyr_dump_task){.name = "one",
                                          .thread = UINT32_MAX,
                                          .awaited_by = &it->awaited_by[1],
                                          .awaited_by_count = 1,
                                          .stack = {it->frames + 1, 1}};
    it->tasks[2] = (struct pyr_dump_task){.name = "two",
                                          .thread = UINT32_MAX,
                                          .awaited_by = &it->awaited_by[0],
                                          .awaited_by_count = 1};
    it->awaited_by[0] = 1;
    it->awaited_by[1] = 2;
    it->processes[0] = (struct pyr_dump_process){.pid = 40,
                                                 .python = "3.12.1",
                                                 .command = "python shop.py",
                                                 .executable = "/usr/bin/python3.12",
                                                 .folder = "/srv/shop",
                                                 .mode = "frozen",
                                                 .has_tasks = true,
                                                 .threads = it->threads,
                                                 .thread_count = 2,
                                                 .interpreters = 2,
                                                 .tasks = it->tasks,
                                                 .task_count = 3};
    it->processes[1] =
        (struct pyr_dump_process){.pid = 41, .parent = 40, .command = "cat", .problem = "not ours"};
    it->dump = (struct pyr_dump){.processes = it->processes, .count = 2};
}
