/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/top.h"

#include <signal.h>

#include "base/clock.h"
#include "tui/grid.h"
#include "tui/screen.h"
#include "tui/top_draw.h"
#include "tui/top_sampling.h"
#include "tui/top_ui.h"

#define TICK_NS 100000000ull /* between two pictures … */
#define TICKS_PER_COST 4     /* … or so many times what one costs, if that is more */

struct top {
    struct pyr_sampling sampling;
    struct pyr_top_model model;
    struct pyr_top_ui ui;
    struct pyr_grid grid;
    struct pyr_screen *screen;
};

static bool show(struct top *top, struct pyr_err *err)
{
    uint32_t columns = 0;
    uint32_t rows = 0;
    pyr_screen_size(top->screen, &columns, &rows);
    top->grid.ascii = pyr_screen_is_ascii(top->screen);
    if (!pyr_grid_resize(&top->grid, columns, rows, err) ||
        !pyr_top_draw(&top->ui, &top->model, &top->grid, err)) {
        return false;
    }
    pyr_screen_show(top->screen, &top->grid);
    return true;
}

/* A new picture, of what came since the last. */
static bool tick(struct top *top, struct pyr_err *err)
{
    return pyr_sampling_take(&top->sampling, &top->model, err) &&
           pyr_top_model_build(&top->model, err) && pyr_top_ui_follow(&top->ui, &top->model, err) &&
           show(top, err);
}

static bool take_key(struct top *top, int key, struct pyr_err *err)
{
    const uint32_t rate = top->ui.rate;
    if (!pyr_top_ui_key(&top->ui, &top->model, key, err)) {
        return false;
    }
    if (top->ui.rate != rate) {
        pyr_sampling_set_rate(&top->sampling, top->ui.rate);
        top->model.facts.rate_asked = top->ui.rate;
    }
    return show(top, err);
}

static bool loop(struct top *top, int *signal, struct pyr_err *err)
{
    uint64_t next_ns = 0;
    while (!top->ui.quit) {
        uint64_t now_ns = pyr_clock_monotonic_ns();
        if (now_ns >= next_ns) {
            if (!tick(top, err)) {
                return false;
            }
            const uint64_t done_ns = pyr_clock_monotonic_ns();
            const uint64_t cost_ns = (done_ns - now_ns) * TICKS_PER_COST;
            next_ns = now_ns + (cost_ns > TICK_NS ? cost_ns : TICK_NS);
            now_ns = done_ns;
        }
        const uint64_t wait_ns = next_ns > now_ns ? next_ns - now_ns : 0;
        const struct pyr_screen_event event =
            pyr_screen_wait(top->screen, (uint32_t)(wait_ns / 1000000u) + 1);
        if (event.gone || event.signal != 0) {
            *signal = event.signal == SIGINT ? 0 : event.signal;
            return true;
        }
        if (event.key != PYR_KEY_NONE && !take_key(top, event.key, err)) {
            return false;
        }
    }
    return true;
}

bool pyr_top_run(const struct pyr_top_options *options, int *signal, struct pyr_err *err)
{
    struct top top = {.screen = NULL};
    bool ok = false;
    *signal = 0;
    if (!pyr_screen_check(err)) {
        return false;
    }
    pyr_top_model_init(&top.model);
    pyr_top_ui_init(&top.ui, options->recorder.sampler.rate);
    top.model.filter = options->filter;
    top.model.facts.pid = options->pid;
    if (!pyr_sampling_start(&top.sampling, options->pid, &options->recorder, err)) {
        goto done;
    }
    top.screen = pyr_screen_open(options->color, err);
    ok = top.screen != NULL && loop(&top, signal, err);
done:
    pyr_screen_close(top.screen);
    pyr_sampling_stop(&top.sampling);
    pyr_grid_release(&top.grid);
    pyr_top_ui_release(&top.ui);
    pyr_top_model_release(&top.model);
    return ok;
}
