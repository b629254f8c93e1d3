/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Options: tables of what a command takes on its line, and the one parser that reads them.
 *
 * Help, error messages and shell completion are made from the same tables. */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* What can stand after an option, for completion. */
enum pyr_option_values {
    PYR_VALUES_ANY,
    PYR_VALUES_FILE,
    PYR_VALUES_FORMAT,
    PYR_VALUES_REPORT,
    PYR_VALUES_COLOR,
    PYR_VALUES_THREADS,
    PYR_VALUES_SORT,
    PYR_VALUES_BY,
    PYR_VALUES_CLOCK,
    PYR_VALUES_MODE,
};

struct pyr_option {
    const char *name;     /* after "--"; NULL ends the table; "" has its letter only */
    char letter;          /* after "-"; 0: none */
    const char *argument; /* what help calls it; NULL: takes none */
    bool optional;        /* the argument may be left out; it is given as --name=ARGUMENT only */
    bool last;            /* all words after this option and its argument are left alone */
    int id;               /* for the command */
    enum pyr_option_values values;
    const char *help;
};

/* Takes one option that was found; `value` is NULL when there is none. Fails with a usage error
 * when the value is not good. */
typedef bool pyr_option_set(void *settings, int id, const char *value, struct pyr_err *err);

struct pyr_option_words {
    int argc;    /* words that are not options */
    char **argv; /* borrowed from the command line, put in order */
    bool help;   /* --help was among the options: nothing else was looked at */
};

/* What a command takes. */
struct pyr_option_reader {
    const struct pyr_option *const *tables; /* a NULL-terminated list of option tables */
    bool program; /* the first word ends the options: it and what follows belong to a program */
    pyr_option_set *set;
    void *settings; /* for `set` */
};

/* Reads a command line (without the command's own name). Options may stand before and after
 * other words, up to "--", unless those are a program's. */
PYR_MUST_USE bool pyr_options_parse(const struct pyr_option_reader *reader, int argc, char **argv,
                                    struct pyr_option_words *words, struct pyr_err *err);

/* Numbers and shares in an option's value: a usage error names the option. */
PYR_MUST_USE bool pyr_option_number(const char *option, const char *value, uint32_t min,
                                    uint32_t *number, struct pyr_err *err);
/* "2", "2%" or "0.5 %" as 0..1. */
PYR_MUST_USE bool pyr_option_percent(const char *option, const char *value, double *share,
                                     struct pyr_err *err);

/* "100us", "1.5 ms", "2s"; the unit, one of ns us ms s, has to be there. */
PYR_MUST_USE bool pyr_option_duration(const char *option, const char *value, uint64_t *ns,
                                      struct pyr_err *err);

/* A span of time as people say it: "10" (seconds), "500ms", "30s", "5m", "2h". Not 0. */
PYR_MUST_USE bool pyr_option_span(const char *option, const char *value, uint64_t *ns,
                                  struct pyr_err *err);

/* How many letters must be added, taken, changed or swapped to make `b` of `a`; 99 for long words.
 */
unsigned pyr_word_distance(const char *a, const char *b);
