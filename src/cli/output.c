/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "reports/printable.h"

#define MIN_WIDTH 40

bool pyr_output_print_to(int fd, const char *name, const struct pyr_buf *text, struct pyr_err *err)
{
    for (size_t done = 0; done < text->len;) {
        const ssize_t wrote = write(fd, text->data + done, text->len - done);
        if (wrote >= 0) {
            done += (size_t)wrote;
        } else if (errno == EPIPE) {
            return true;
        } else if (errno != EINTR) {
            return pyr_err_errno(err, errno, "can't write to %s", name);
        }
    }
    return true;
}

bool pyr_output_print(const struct pyr_buf *text, struct pyr_err *err)
{
    return pyr_output_print_to(STDOUT_FILENO, "standard output", text, err);
}

void pyr_output_say(const char *fmt, ...)
{
    char message[1024];
    struct pyr_buf line = {0};
    struct pyr_err ignored = {0};
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    pyr_buf_add_text(&line, "pyrometer: ");
    pyr_printable_add(&line, message, strlen(message));
    pyr_buf_add_char(&line, '\n');
    if (line.failed) {
        static const char sorry[] = "pyrometer: out of memory\n";
        ssize_t unheard = write(STDERR_FILENO, sorry, sizeof sorry - 1);
        (void)unheard; /* there is nobody left to tell */
    } else {
        /* Nor here. */
        (void)!pyr_output_print_to(STDERR_FILENO, "standard error", &line, &ignored);
    }
    pyr_buf_release(&line);
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

static bool wants_color(int fd, enum pyr_color_when when)
{
    const char *force = getenv("CLICOLOR_FORCE");
    const char *term = getenv("TERM");
    if (when != PYR_COLOR_AUTO) {
        return when == PYR_COLOR_ALWAYS;
    }
    if (is_set("NO_COLOR")) {
        return false;
    }
    if (force != NULL && force[0] != '\0' && strcmp(force, "0") != 0) {
        return true;
    }
    return isatty(fd) && term != NULL && strcmp(term, "dumb") != 0;
}

/* COLUMNS when it is set, else the terminal's width; 0 where there is no terminal. */
static uint32_t width_of(int fd)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    const long set = columns == NULL ? 0 : strtol(columns, NULL, 10);
    if (set > 0 && set < 10000) {
        return set < MIN_WIDTH ? MIN_WIDTH : (uint32_t)set;
    }
    if (!isatty(fd)) {
        return 0;
    }
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return 80;
    }
    return size.ws_col < MIN_WIDTH ? MIN_WIDTH : size.ws_col;
}

/* A locale that is named and is not UTF-8. One that is not set says nothing about the terminal:
 * most are UTF-8 today. */
static bool is_ascii_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strcasestr(value, "utf-8") == NULL && strcasestr(value, "utf8") == NULL;
        }
    }
    return false;
}

void pyr_output_describe(int fd, enum pyr_color_when when, struct pyr_report_options *options)
{
    options->color = wants_color(fd, when);
    options->width = width_of(fd);
    options->ascii = is_ascii_locale();
}

bool pyr_output_color_when(const char *value, enum pyr_color_when *when, struct pyr_err *err)
{
    static const char *const names[] = {
        [PYR_COLOR_AUTO] = "auto", [PYR_COLOR_ALWAYS] = "always", [PYR_COLOR_NEVER] = "never"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], value) == 0) {
            *when = (enum pyr_color_when)i;
            return true;
        }
    }
    return pyr_err_set(err, PYR_ERR_USAGE, "--color takes auto, always or never, not '%s'", value);
}
