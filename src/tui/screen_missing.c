/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/screen.h"

#include <stddef.h>

bool pyr_screen_check(struct pyr_err *err)
{
    return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                       "this pyrometer was built without ncurses, which top needs: install "
                       "libncurses-dev and build again; record and dump work without it");
}

struct pyr_screen *pyr_screen_open(bool color, struct pyr_err *err)
{
    (void)color;
    (void)!pyr_screen_check(err);
    return NULL;
}

void pyr_screen_close(struct pyr_screen *screen)
{
    (void)screen;
}

bool pyr_screen_is_ascii(const struct pyr_screen *screen)
{
    (void)screen;
    return true;
}

void pyr_screen_size(const struct pyr_screen *screen, uint32_t *columns, uint32_t *rows)
{
    (void)screen;
    *columns = 0;
    *rows = 0;
}

void pyr_screen_show(struct pyr_screen *screen, const struct pyr_grid *grid)
{
    (void)screen;
    (void)grid;
}

struct pyr_screen_event pyr_screen_wait(struct pyr_screen *screen, uint32_t timeout_ms)
{
    (void)screen;
    (void)timeout_ms;
    return (struct pyr_screen_event){.key = PYR_KEY_NONE, .gone = true};
}
