/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/screen.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
#undef columns /* it makes a macro of each capability */

#include "base/mem.h"

#define ESCAPE_DELAY_MS 25
#define FIRST_FILL_PAIR 8

/* Signals that ask us to end, read like keys. */
static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
/* Signals after which nothing can be trusted: the terminal is given back, and that is all. */
static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

struct pyr_screen {
    SCREEN *curses;
    bool color;
    bool ascii;
    int signals;           /* a signalfd; -1: none */
    struct pyr_grid shown; /* owned: what the terminal shows now */
    bool fresh;            /* nothing of it is known */
};

bool pyr_screen_check(struct pyr_err *err)
{
    const char *term = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "top needs a terminal, and standard %s is none; 'pyrometer record' and "
                           "'pyrometer dump' do without",
                           isatty(STDIN_FILENO) ? "output" : "input");
    }
    if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0) {
        return pyr_err_set(err, PYR_ERR_USAGE,
                           "top can't draw on this terminal (TERM is %s); set TERM, or use "
                           "'pyrometer record' or 'pyrometer dump'",
                           term == NULL || term[0] == '\0' ? "not set" : "dumb");
    }
    return true;
}

/* Only writes and a system call or two: it may run at any moment, on any thread. */
static void give_back(int signo)
{
    const char *texts[] = {exit_attribute_mode, cursor_normal, exit_ca_mode};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i] != NULL && texts[i] != (const char *)-1) {
            (void)!write(STDOUT_FILENO, texts[i], strlen(texts[i]));
        }
    }
    (void)reset_shell_mode();
    signal(signo, SIG_DFL);
    raise(signo);
}

static void guard(void)
{
    struct sigaction action = {.sa_handler = give_back, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        sigaction(fatal[i], &action, NULL);
    }
}

static void unguard(void)
{
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        signal(fatal[i], SIG_DFL);
    }
}

/* Where no locale is named at all, the terminal is most likely one of today: UTF-8. */
static bool choose_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    bool named = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        named = named || (value != NULL && value[0] != '\0');
    }
    if (setlocale(LC_CTYPE, named ? "" : "C.UTF-8") == NULL) {
        setlocale(LC_CTYPE, "C.UTF-8");
        return named;
    }
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static void start_colors(struct pyr_screen *screen)
{
    static const short backgrounds[PYR_LOOK_FILLS] = {COLOR_YELLOW, COLOR_RED, COLOR_GREEN,
                                                      COLOR_CYAN};
    screen->color = screen->color && has_colors() && start_color() == OK;
    if (!screen->color) {
        return;
    }
    const short background = use_default_colors() == OK ? -1 : COLOR_BLACK;
    for (short color = 1; color < 8; color++) {
        init_pair(color, color, background);
    }
    for (short i = 0; i < PYR_LOOK_FILLS; i++) {
        init_pair((short)(FIRST_FILL_PAIR + i), COLOR_BLACK, backgrounds[i]);
    }
}

static int take_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        sigaddset(&set, ending[i]);
    }
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

struct pyr_screen *pyr_screen_open(bool color, struct pyr_err *err)
{
    struct pyr_screen *screen = NULL;
    if (!pyr_screen_check(err)) {
        return NULL;
    }
    screen = pyr_mem_zalloc(1, sizeof *screen);
    if (screen == NULL) {
        (void)pyr_err_nomem(err);
        return NULL;
    }
    screen->color = color;
    screen->fresh = true;
    screen->ascii = choose_locale();
    screen->curses = newterm(NULL, stdout, stdin);
    if (screen->curses == NULL) {
        pyr_mem_free(screen);
        (void)pyr_err_set(err, PYR_ERR_USAGE, "top does not know the terminal '%s' (TERM)",
                          getenv("TERM"));
        return NULL;
    }
    guard();
    screen->signals = take_signals();
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, true);
    leaveok(stdscr, true);
    set_escdelay(ESCAPE_DELAY_MS);
    curs_set(0);
    wtimeout(stdscr, 0);
    start_colors(screen);
    return screen;
}

void pyr_screen_close(struct pyr_screen *screen)
{
    if (screen == NULL) {
        return;
    }
    curs_set(1);
    endwin();
    delscreen(screen->curses);
    unguard();
    if (screen->signals >= 0) {
        close(screen->signals);
    }
    pyr_grid_release(&screen->shown);
    pyr_mem_free(screen);
}

bool pyr_screen_is_ascii(const struct pyr_screen *screen)
{
    return screen->ascii;
}

void pyr_screen_size(const struct pyr_screen *screen, uint32_t *columns, uint32_t *rows)
{
    (void)screen; /* curses has one, and it is a global */
    *columns = (uint32_t)(COLS > 0 ? COLS : 0);
    *rows = (uint32_t)(LINES > 0 ? LINES : 0);
}

static attr_t attributes_of(const struct pyr_screen *screen, struct pyr_look look)
{
    static const struct {
        attr_t attributes;
        short color;
    } styles[] = {
        [PYR_STYLE_PLAIN] = {A_NORMAL, 0},
        [PYR_STYLE_STRONG] = {A_BOLD, 0},
        [PYR_STYLE_DIM] = {A_DIM, 0},
        [PYR_STYLE_HEAD] = {A_BOLD, COLOR_CYAN},
        [PYR_STYLE_WARN] = {A_NORMAL, COLOR_YELLOW},
        [PYR_STYLE_GOOD] = {A_NORMAL, COLOR_GREEN},
        [PYR_STYLE_BAD] = {A_NORMAL, COLOR_RED},
        [PYR_STYLE_HOT] = {A_BOLD, COLOR_RED},
        [PYR_STYLE_WARM] = {A_NORMAL, COLOR_YELLOW},
        [PYR_STYLE_MILD] = {A_NORMAL, COLOR_GREEN},
        [PYR_STYLE_COLD] = {A_DIM, 0},
    };
    attr_t attributes = styles[look.style].attributes;
    if (look.chosen) {
        /* One bar, readable whatever is in it: colours and dimness would break it up. */
        return A_REVERSE | (attributes & A_BOLD);
    }
    if (screen->color && look.fill > 0) {
        return (attributes & A_BOLD) | (attr_t)COLOR_PAIR(FIRST_FILL_PAIR + look.fill - 1);
    }
    if (screen->color && styles[look.style].color > 0) {
        attributes |= (attr_t)COLOR_PAIR(styles[look.style].color);
    }
    return attributes;
}

/* Cells of equal look go out together; what is not ASCII by itself, so that a terminal that thinks
 * otherwise of a character's width is put right at the next. */
static void put_row(const struct pyr_screen *screen, const struct pyr_grid *grid, uint32_t row)
{
    char run[PYR_GRID_MAX_COLUMNS + PYR_GRID_CELL_BYTES];
    for (uint32_t column = 0; column < grid->columns;) {
        const struct pyr_cell *first = pyr_grid_cell(grid, column, row);
        const uint32_t start = column;
        size_t len = 0;
        do {
            const struct pyr_cell *cell = pyr_grid_cell(grid, column, row);
            if (len > 0 &&
                ((uint8_t)cell->text[0] >= 0x80 || cell->size != 1 || (uint8_t)run[0] >= 0x80 ||
                 memcmp(&cell->look, &first->look, sizeof cell->look) != 0)) {
                break;
            }
            memcpy(run + len, cell->text, cell->size);
            len += cell->size;
            column++;
        } while (column < grid->columns && len < PYR_GRID_MAX_COLUMNS);
        if (len > 0) {
            wattrset(stdscr, (int)attributes_of(screen, first->look));
            mvwaddnstr(stdscr, (int)row, (int)start, run, (int)len);
        }
    }
}

/* Is the row on the terminal already? */
static bool is_shown(const struct pyr_screen *screen, const struct pyr_grid *grid, uint32_t row)
{
    return memcmp(pyr_grid_cell(grid, 0, row), pyr_grid_cell(&screen->shown, 0, row),
                  grid->columns * sizeof(struct pyr_cell)) == 0;
}

void pyr_screen_show(struct pyr_screen *screen, const struct pyr_grid *grid)
{
    struct pyr_err ignored = {0};
    const bool same_size = screen->shown.columns == grid->columns &&
                           screen->shown.rows == grid->rows && !screen->fresh;
    if (grid->columns == 0 || grid->rows == 0) {
        return;
    }
    if (!same_size) {
        werase(stdscr);
    }
    for (uint32_t row = 0; row < grid->rows; row++) {
        if (!same_size || !is_shown(screen, grid, row)) {
            put_row(screen, grid, row);
        }
    }
    wattrset(stdscr, A_NORMAL);
    wrefresh(stdscr);
    /* Without memory for the copy, all of it goes to curses again the next time. */
    screen->fresh =
        !same_size && !pyr_grid_resize(&screen->shown, grid->columns, grid->rows, &ignored);
    if (!screen->fresh) {
        memcpy(screen->shown.cells, grid->cells,
               (size_t)grid->columns * grid->rows * sizeof *grid->cells);
    }
}

static int translate(struct pyr_screen *screen, int key)
{
    static const struct {
        int curses;
        int ours;
    } keys[] = {
        {KEY_UP, PYR_KEY_UP},
        {KEY_DOWN, PYR_KEY_DOWN},
        {KEY_LEFT, PYR_KEY_LEFT},
        {KEY_RIGHT, PYR_KEY_RIGHT},
        {KEY_PPAGE, PYR_KEY_PAGE_UP},
        {KEY_NPAGE, PYR_KEY_PAGE_DOWN},
        {KEY_HOME, PYR_KEY_HOME},
        {KEY_END, PYR_KEY_END},
        {KEY_BACKSPACE, PYR_KEY_BACKSPACE},
        {KEY_BTAB, PYR_KEY_BACK_TAB},
        {KEY_ENTER, PYR_KEY_ENTER},
        {KEY_RESIZE, PYR_KEY_RESIZE},
    };
    if (key == KEY_RESIZE) {
        screen->fresh = true;
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i].curses == key) {
            return keys[i].ours;
        }
    }
    return key > 0xFF ? PYR_KEY_NONE : key;
}

static int read_signal(const struct pyr_screen *screen)
{
    struct signalfd_siginfo info;
    if (screen->signals >= 0 && read(screen->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        return (int)info.ssi_signo;
    }
    return 0;
}

struct pyr_screen_event pyr_screen_wait(struct pyr_screen *screen, uint32_t timeout_ms)
{
    struct pyr_screen_event event = {.key = PYR_KEY_NONE};
    struct pollfd waited[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                              {.fd = screen->signals, .events = POLLIN}};
    int key = wgetch(stdscr); /* curses may have read ahead */
    if (key == ERR) {
        const int count = poll(waited, 2, (int)timeout_ms);
        event.signal = read_signal(screen);
        event.gone = count > 0 && (waited[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
        key = wgetch(stdscr);
    }
    if (key != ERR) {
        event.key = translate(screen, key);
    }
    return event;
}
