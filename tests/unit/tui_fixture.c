/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui_fixture.h"

#include <stdio.h>
#include <string.h>

#include "tui/top_draw.h"
#include "unit.h"

static pyr_stack push(struct pyr_profile *profile, pyr_stack parent,
                      const struct pyr_function_text *function, uint32_t line)
{
    struct pyr_err err = {0};
    pyr_func func;
    pyr_stack stack;
    assert_true(pyr_profile_add_function(profile, function, &func, &err));
    assert_true(pyr_profile_push(profile, parent, func, line, &stack, &err));
    return stack;
}

static pyr_thread add_thread(struct pyr_profile *profile, const char *name, uint32_t pid,
                             uint32_t tid)
{
    struct pyr_err err = {0};
    struct pyr_thread_info info = {.pid = pid, .tid = tid};
    pyr_thread thread;
    assert_true(pyr_strtab_add_text(profile->strings, name, &info.name, &err));
    assert_true(pyr_threads_add(profile->threads, &info, &thread, &err));
    return thread;
}

void tui_fixture_init(struct tui_fixture *fixture)
{
    static const struct pyr_function_text functions[] = {
        {"<module>", "__main__", "shop.py", 1, PYR_FUNC_PYTHON},
        {"main", "shop", "shop.py", 5, PYR_FUNC_PYTHON},
        {"hot", "shop", "shop.py", 20, PYR_FUNC_PYTHON},
        {"warm", "shop", "shop.py", 30, PYR_FUNC_PYTHON},
        {"walk", "shop", "shop.py", 40, PYR_FUNC_PYTHON},
        {"serve", "shop", "shop.py", 50, PYR_FUNC_PYTHON},
        {"wait", "shop", "shop.py", 60, PYR_FUNC_PYTHON},
        {"run", "child", "child.py", 70, PYR_FUNC_PYTHON},
    };
    struct pyr_err err = {0};
    const pyr_stack none = {0};
    *fixture = (struct tui_fixture){.source = pyr_profile_new(&err)};
    struct pyr_profile *source = fixture->source;
    assert_non_null(source);
    const pyr_stack module = push(source, none, &functions[0], 80);
    const pyr_stack main = push(source, module, &functions[1], 10);
    fixture->hot_21 = push(source, main, &functions[2], 21);
    fixture->hot_22 = push(source, main, &functions[2], 22);
    fixture->warm = push(source, main, &functions[3], 31);
    const pyr_stack walk = push(source, main, &functions[4], 41);
    fixture->walk = push(source, push(source, walk, &functions[4], 41), &functions[4], 41);
    const pyr_stack serve = push(source, none, &functions[5], 51);
    fixture->wait = push(source, serve, &functions[6], 61);
    fixture->run = push(source, none, &functions[7], 71);
    fixture->main = add_thread(source, "MainThread", 100, 100);
    fixture->worker = add_thread(source, "Worker", 100, 101);
    fixture->child = add_thread(source, "MainThread", 200, 200);
}

void tui_fixture_release(struct tui_fixture *fixture)
{
    pyr_profile_free(fixture->source);
}

void tui_fixture_round(const struct tui_fixture *fixture, uint32_t number,
                       struct pyr_recent samples[3])
{
    const uint64_t time_ns = TUI_FIXTURE_START_NS + (number + 1) * TUI_FIXTURE_STEP_NS;
    const uint32_t turn = number % 10;
    const struct pyr_recent common = {
        .time_ns = time_ns, .wall_ns = TUI_FIXTURE_STEP_NS, .cpu_ns = TUI_FIXTURE_STEP_NS / 2};
    for (uint32_t i = 0; i < 3; i++) {
        samples[i] = common;
    }
    samples[0].thread = fixture->main;
    samples[0].stack = turn < 6    ? fixture->hot_21
                       : turn == 6 ? fixture->hot_22
                       : turn < 9  ? fixture->warm
                                   : fixture->walk;
    samples[0].holds_gil = true;
    samples[1].thread = fixture->worker;
    samples[1].stack = fixture->wait;
    samples[1].idle = true;
    samples[1].cpu_ns = 0;
    samples[2].thread = fixture->child;
    samples[2].stack = fixture->run;
    samples[2].collecting = number >= 90;
}

void tui_fixture_model(const struct tui_fixture *fixture, struct pyr_top_model *model)
{
    struct pyr_err err = {0};
    pyr_top_model_init(model);
    assert_true(pyr_mirror_update(&model->mirror, fixture->source, &err));
    assert_true(pyr_mirror_settle(&model->mirror, &err));
    for (uint32_t i = 0; i < 100; i++) {
        struct pyr_recent samples[3];
        tui_fixture_round(fixture, i, samples);
        assert_true(pyr_top_model_add(model, samples, 3, &err));
    }
    assert_true(pyr_top_model_name_process(model, 100, "/usr/bin/python3 /srv/shop.py", &err));
    assert_true(pyr_top_model_name_process(model, 200, "python3 child.py", &err));
    model->facts = (struct pyr_top_facts){
        .pid = 100,
        .command = "/usr/bin/python3 /srv/shop.py",
        .python = "3.12.1",
        .mode = "frozen",
        .rate_asked = 100,
        .rate_reached = 99.9,
        .samples = 300,
        .exact = 297,
        .lost = 2,
        .late = 1,
        .processes = 2,
        .elapsed_ns = 1000000000,
    };
    assert_true(pyr_top_model_build(model, &err));
}

void tui_fixture_assert_screen(struct pyr_top_ui *ui, const struct pyr_top_model *model,
                               uint32_t columns, uint32_t rows, const char *expected)
{
    struct pyr_grid grid = {0};
    struct pyr_buf text = {0};
    struct pyr_err err = {0};
    assert_true(pyr_grid_resize(&grid, columns, rows, &err));
    assert_true(pyr_top_ui_follow(ui, model, &err));
    assert_true(pyr_top_draw(ui, model, &grid, &err));
    pyr_grid_add_text(&grid, &text);
    if (strcmp(text.data, expected) != 0) {
        print_message("drawn:\n");
        for (const char *line = text.data; *line != '\0'; line = strchr(line, '\n') + 1) {
            print_message("%.*s\n", (int)strcspn(line, "\n"), line);
        }
    }
    assert_string_equal(text.data, expected);
    pyr_buf_release(&text);
    pyr_grid_release(&grid);
}

void tui_fixture_press(struct pyr_top_ui *ui, struct pyr_top_model *model, int key)
{
    struct pyr_err err = {0};
    assert_true(pyr_top_ui_key(ui, model, key, &err));
}

void tui_fixture_type(struct pyr_top_ui *ui, struct pyr_top_model *model, const char *keys)
{
    for (size_t i = 0; keys[i] != '\0'; i++) {
        tui_fixture_press(ui, model, (unsigned char)keys[i]);
    }
}
