/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top_ui.h"

#include <stdio.h>
#include <string.h>

void pyr_top_ui_init(struct pyr_top_ui *ui, uint32_t rate)
{
    *ui = (struct pyr_top_ui){.rate = rate};
}

void pyr_top_ui_release(struct pyr_top_ui *ui)
{
    pyr_top_details_release(&ui->details);
    pyr_input_release(&ui->input);
    *ui = (struct pyr_top_ui){0};
}

static void PYR_PRINTF(2, 3) say(struct pyr_top_ui *ui, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(ui->message, sizeof ui->message, fmt, args);
    va_end(args);
}

static struct pyr_list *list_of(struct pyr_top_ui *ui)
{
    switch (ui->view) {
    case PYR_TOP_THREADS:
        return &ui->threads;
    case PYR_TOP_PROCESSES:
        return &ui->processes;
    case PYR_TOP_DETAILS:
        return &ui->details_list;
    case PYR_TOP_HELP:
        return &ui->help;
    case PYR_TOP_TABLE:
    case PYR_TOP_FLAME:
        break;
    }
    return &ui->table;
}

/* What stands at the chosen place is what the choice stays with from now on. */
static void hold_on(struct pyr_top_ui *ui, const struct pyr_top_model *model)
{
    const uint32_t at = list_of(ui)->at;
    if (ui->view == PYR_TOP_TABLE) {
        ui->chosen_key = at < model->row_count ? model->rows[at].key : 0;
    } else if (ui->view == PYR_TOP_THREADS) {
        ui->chosen_thread = at < model->thread_count ? model->threads[at].thread : 0;
    } else if (ui->view == PYR_TOP_PROCESSES) {
        ui->chosen_pid = at < model->process_count ? model->processes[at].pid : 0;
    }
}

static void move(struct pyr_top_ui *ui, const struct pyr_top_model *model, enum pyr_move where)
{
    if (ui->view == PYR_TOP_FLAME) {
        pyr_top_flame_move(&ui->flame, model, where);
        return;
    }
    pyr_list_move(list_of(ui), where);
    hold_on(ui, model);
    if (where == PYR_MOVE_FIRST && ui->view == PYR_TOP_TABLE) {
        ui->chosen_key = 0;
    }
}

static void open_view(struct pyr_top_ui *ui, enum pyr_top_view_id view)
{
    if (ui->view < PYR_TOP_TABS) {
        ui->before = ui->view;
    }
    ui->view = view;
    ui->step_count = 0;
}

static void open_details(struct pyr_top_ui *ui, uint32_t key)
{
    if (key == 0) {
        return;
    }
    if (ui->view == PYR_TOP_DETAILS) {
        if (ui->step_count == PYR_TOP_MAX_STEPS) {
            memmove(ui->steps, ui->steps + 1, sizeof ui->steps - sizeof ui->steps[0]);
            ui->step_count--;
        }
        ui->steps[ui->step_count++] = ui->details.key;
    } else {
        open_view(ui, PYR_TOP_DETAILS);
    }
    ui->details.key = key;
    ui->details_list = (struct pyr_list){0};
}

/* Rows of the details are the callers, then the callees. */
static uint32_t chosen_relative(const struct pyr_top_ui *ui)
{
    const uint32_t at = ui->details_list.at;
    const uint32_t callers = ui->details.callers.count;
    if (at < callers) {
        return ui->details.callers.items[at].key;
    }
    return at - callers < ui->details.callees.count ? ui->details.callees.items[at - callers].key
                                                    : 0;
}

static void only_thread(struct pyr_top_ui *ui, struct pyr_top_model *model)
{
    if (ui->threads.at >= model->thread_count) {
        return;
    }
    const uint32_t thread = model->threads[ui->threads.at].thread;
    model->filter.thread = model->filter.thread == thread ? 0 : thread;
    model->filter.pid = 0;
    open_view(ui, model->filter.thread != 0 ? PYR_TOP_TABLE : PYR_TOP_THREADS);
}

static void only_process(struct pyr_top_ui *ui, struct pyr_top_model *model)
{
    if (ui->processes.at >= model->process_count) {
        return;
    }
    const uint32_t pid = model->processes[ui->processes.at].pid;
    model->filter.pid = model->filter.pid == pid ? 0 : pid;
    model->filter.thread = 0;
    open_view(ui, model->filter.pid != 0 ? PYR_TOP_TABLE : PYR_TOP_PROCESSES);
}

static void toggle_thread(struct pyr_top_ui *ui, struct pyr_top_model *model)
{
    if (ui->view == PYR_TOP_THREADS) {
        only_thread(ui, model);
    } else if (ui->view == PYR_TOP_PROCESSES) {
        only_process(ui, model);
    } else if (model->filter.thread != 0 || model->filter.pid != 0) {
        model->filter.thread = 0;
        model->filter.pid = 0;
        say(ui, "all threads again");
    } else {
        open_view(ui, PYR_TOP_THREADS);
        say(ui, "choose a thread, then t or Enter");
    }
}

static void enter(struct pyr_top_ui *ui, struct pyr_top_model *model)
{
    switch (ui->view) {
    case PYR_TOP_TABLE:
        if (ui->table.at < model->row_count) {
            ui->chosen_key = model->rows[ui->table.at].key;
            open_details(ui, ui->chosen_key);
        }
        break;
    case PYR_TOP_THREADS:
        only_thread(ui, model);
        break;
    case PYR_TOP_PROCESSES:
        only_process(ui, model);
        break;
    case PYR_TOP_FLAME:
        pyr_top_flame_zoom(&ui->flame);
        break;
    case PYR_TOP_DETAILS:
        open_details(ui, chosen_relative(ui));
        break;
    case PYR_TOP_HELP:
        ui->view = ui->before;
        break;
    }
}

/* Esc: one step back, whatever was the last step in. */
static void go_back(struct pyr_top_ui *ui, struct pyr_top_model *model)
{
    if (ui->view == PYR_TOP_DETAILS && ui->step_count > 0) {
        ui->details.key = ui->steps[--ui->step_count];
        ui->details_list = (struct pyr_list){0};
    } else if (ui->view >= PYR_TOP_TABS) {
        ui->view = ui->before;
    } else if (ui->view == PYR_TOP_FLAME && pyr_top_flame_back(&ui->flame, model)) {
        return;
    } else if (model->search.len > 0) {
        pyr_buf_clear(&model->search);
    } else if (model->filter.thread != 0 || model->filter.pid != 0) {
        model->filter.thread = 0;
        model->filter.pid = 0;
    } else {
        ui->view = PYR_TOP_TABLE;
    }
}

static void go_to_match(struct pyr_top_ui *ui, const struct pyr_top_model *model, int64_t row)
{
    if (row < 0) {
        say(ui, "nothing matches");
        return;
    }
    if (ui->view == PYR_TOP_TABLE) {
        pyr_list_go(&ui->table, (uint32_t)row);
        hold_on(ui, model);
    }
}

/* What does not match leads back to where the search began. */
static void search_typed(struct pyr_top_ui *ui, struct pyr_top_model *model)
{
    pyr_buf_clear(&model->search);
    if (ui->input.typed.len > 0) {
        pyr_buf_add(&model->search, ui->input.typed.data, ui->input.typed.len);
    }
    const int64_t row = model->search.len == 0
                            ? ui->searched_from
                            : pyr_top_model_search(model, ui->searched_from, false, true);
    if (row < 0 && ui->view == PYR_TOP_TABLE) {
        pyr_list_go(&ui->table, ui->searched_from);
        hold_on(ui, model);
    }
    go_to_match(ui, model, row);
}

static void search(struct pyr_top_ui *ui, struct pyr_top_model *model, enum pyr_action_kind kind)
{
    switch (kind) {
    case PYR_ACTION_SEARCH:
        pyr_buf_clear(&model->search);
        ui->searched_from = ui->table.at;
        break;
    case PYR_ACTION_SEARCH_TYPED:
        search_typed(ui, model);
        break;
    case PYR_ACTION_SEARCH_CANCEL:
        pyr_buf_clear(&model->search);
        if (ui->view == PYR_TOP_TABLE) {
            pyr_list_go(&ui->table, ui->searched_from);
            hold_on(ui, model);
        }
        break;
    case PYR_ACTION_FIND_NEXT:
    case PYR_ACTION_FIND_LAST:
        if (model->search.len == 0) {
            say(ui, "/ searches");
            break;
        }
        go_to_match(ui, model,
                    pyr_top_model_search(model, ui->table.at, kind == PYR_ACTION_FIND_LAST, false));
        break;
    default:
        break;
    }
}

/* 1 2 5 10 20 50 100 … */
static uint32_t next_rate(uint32_t rate, bool faster)
{
    uint32_t step = PYR_TOP_MIN_RATE;
    uint32_t below = PYR_TOP_MIN_RATE;
    const uint32_t factors[] = {2, 5, 10};
    for (uint32_t decade = 1; decade <= PYR_TOP_MAX_RATE; decade *= 10) {
        for (uint32_t i = 0; i < 3; i++) {
            below = step < rate ? step : below;
            step = decade * factors[i];
            if (faster && step > rate) {
                return step > PYR_TOP_MAX_RATE ? PYR_TOP_MAX_RATE : step;
            }
        }
    }
    return faster ? PYR_TOP_MAX_RATE : below;
}

static void toggle(struct pyr_top_ui *ui, struct pyr_top_model *model, enum pyr_action_kind kind)
{
    if (kind == PYR_ACTION_LINES) {
        model->filter.lines = !model->filter.lines;
        ui->chosen_key = 0; /* keys are of another kind now, and so are those of the details */
        ui->view = ui->view == PYR_TOP_DETAILS ? ui->before : ui->view;
        ui->details.key = 0;
        say(ui, model->filter.lines ? "by line" : "by function");
    } else if (kind == PYR_ACTION_IDLE) {
        model->filter.idle = !model->filter.idle;
        say(ui, model->filter.idle ? "with idle threads" : "without idle threads");
    } else {
        model->filter.gil = !model->filter.gil;
        say(ui, model->filter.gil ? "only what holds the GIL" : "with or without the GIL");
    }
}

static void change_sort(struct pyr_top_ui *ui, struct pyr_top_model *model, uint32_t steps)
{
    model->sort = (enum pyr_top_sort)(((uint32_t)model->sort + steps) % PYR_TOP_SORT_COUNT);
    ui->chosen_key = 0;
    pyr_list_go(&ui->table, 0);
}

static bool act(struct pyr_top_ui *ui, struct pyr_top_model *model, struct pyr_action action,
                struct pyr_err *err)
{
    switch (action.kind) {
    case PYR_ACTION_NONE:
    case PYR_ACTION_RESIZE:
    case PYR_ACTION_SEARCH_DONE:
        break;
    case PYR_ACTION_QUIT:
        ui->quit = true;
        break;
    case PYR_ACTION_HELP:
        if (ui->view == PYR_TOP_HELP) {
            ui->view = ui->before;
        } else {
            open_view(ui, PYR_TOP_HELP);
        }
        break;
    case PYR_ACTION_VIEW:
        open_view(ui, (enum pyr_top_view_id)action.number);
        break;
    case PYR_ACTION_NEXT_VIEW:
    case PYR_ACTION_LAST_VIEW: {
        const uint32_t at = ui->view < PYR_TOP_TABS ? (uint32_t)ui->view : (uint32_t)ui->before;
        const uint32_t step = action.kind == PYR_ACTION_NEXT_VIEW ? 1 : PYR_TOP_TABS - 1;
        open_view(ui, (enum pyr_top_view_id)((at + step) % PYR_TOP_TABS));
        break;
    }
    case PYR_ACTION_MOVE:
        move(ui, model, (enum pyr_move)action.number);
        break;
    case PYR_ACTION_NEXT_SORT:
    case PYR_ACTION_LAST_SORT:
        change_sort(ui, model, action.kind == PYR_ACTION_NEXT_SORT ? 1 : PYR_TOP_SORT_COUNT - 1);
        break;
    case PYR_ACTION_REVERSE:
        model->reverse = !model->reverse;
        break;
    case PYR_ACTION_SEARCH:
    case PYR_ACTION_SEARCH_TYPED:
    case PYR_ACTION_SEARCH_CANCEL:
    case PYR_ACTION_FIND_NEXT:
    case PYR_ACTION_FIND_LAST:
        search(ui, model, action.kind);
        break;
    case PYR_ACTION_LINES:
    case PYR_ACTION_IDLE:
    case PYR_ACTION_GIL:
        toggle(ui, model, action.kind);
        break;
    case PYR_ACTION_THREAD:
        toggle_thread(ui, model);
        break;
    case PYR_ACTION_PAUSE:
        return pyr_top_model_pause(model, !model->paused, err);
    case PYR_ACTION_CLEAR:
        say(ui, "since the start is since now");
        return pyr_top_model_clear(model, err);
    case PYR_ACTION_FASTER:
    case PYR_ACTION_SLOWER:
        ui->rate = next_rate(ui->rate, action.kind == PYR_ACTION_FASTER);
        say(ui, "%u samples a second", (unsigned)ui->rate);
        break;
    case PYR_ACTION_ENTER:
        enter(ui, model);
        break;
    case PYR_ACTION_BACK:
        go_back(ui, model);
        break;
    }
    return true;
}

bool pyr_top_ui_key(struct pyr_top_ui *ui, struct pyr_top_model *model, int key,
                    struct pyr_err *err)
{
    const struct pyr_action action = pyr_input_take(&ui->input, key);
    if (action.kind == PYR_ACTION_NONE) {
        return true;
    }
    ui->message[0] = '\0';
    return act(ui, model, action, err) && pyr_top_model_build(model, err) &&
           pyr_top_ui_follow(ui, model, err);
}

static uint32_t place_of_thread(const struct pyr_top_model *model, uint32_t thread,
                                uint32_t otherwise)
{
    for (uint32_t i = 0; i < model->thread_count; i++) {
        if (model->threads[i].thread == thread) {
            return i;
        }
    }
    return otherwise;
}

static uint32_t place_of_process(const struct pyr_top_model *model, uint32_t pid,
                                 uint32_t otherwise)
{
    for (uint32_t i = 0; i < model->process_count; i++) {
        if (model->processes[i].pid == pid) {
            return i;
        }
    }
    return otherwise;
}

bool pyr_top_ui_follow(struct pyr_top_ui *ui, const struct pyr_top_model *model,
                       struct pyr_err *err)
{
    const int64_t row = ui->chosen_key == 0 ? -1 : pyr_top_model_find(model, ui->chosen_key);
    pyr_list_fit(&ui->table, model->row_count, ui->table.page);
    pyr_list_fit(&ui->threads, model->thread_count, ui->threads.page);
    pyr_list_fit(&ui->processes, model->process_count, ui->processes.page);
    if (row >= 0) {
        pyr_list_go(&ui->table, (uint32_t)row);
    }
    if (ui->chosen_thread != 0) {
        pyr_list_go(&ui->threads, place_of_thread(model, ui->chosen_thread, ui->threads.at));
    }
    if (ui->chosen_pid != 0) {
        pyr_list_go(&ui->processes, place_of_process(model, ui->chosen_pid, ui->processes.at));
    }
    pyr_top_flame_follow(&ui->flame, model);
    if (ui->view == PYR_TOP_DETAILS) {
        if (!pyr_top_details_build(&ui->details, model, ui->details.key, err)) {
            return false;
        }
        pyr_list_fit(&ui->details_list, ui->details.callers.count + ui->details.callees.count,
                     ui->details_list.page);
    }
    return true;
}
