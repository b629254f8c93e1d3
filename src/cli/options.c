/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORD 32
#define FAR 99u

struct parser {
    const struct pyr_option_reader *reader;
    char **argv;
    int argc;
    int next; /* the word to look at */
    struct pyr_option_words *words;
    bool done;
};

static unsigned smallest(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned pyr_word_distance(const char *a, const char *b)
{
    unsigned rows[3][MAX_WORD + 1];
    const size_t la = strlen(a);
    const size_t lb = strlen(b);
    if (la > MAX_WORD || lb > MAX_WORD) {
        return FAR;
    }
    for (size_t j = 0; j <= lb; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= la; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *two_above = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= lb; j++) {
            const unsigned changed = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = smallest(changed, smallest(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = smallest(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[la % 3][lb];
}

bool pyr_option_number(const char *option, const char *value, uint32_t min, uint32_t *number,
                       struct pyr_err *err)
{
    char *end = NULL;
    const unsigned long long read = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || read > UINT32_MAX || read < min) {
        return pyr_err_set(err, PYR_ERR_USAGE, "--%s takes a whole number from %u up, not '%s'",
                           option, (unsigned)min, value);
    }
    *number = (uint32_t)read;
    return true;
}

bool pyr_option_percent(const char *option, const char *value, double *share, struct pyr_err *err)
{
    char *end = NULL;
    const double read = strtod(value, &end);
    end += strspn(end, " %");
    if (end == value || *end != '\0' || !isfinite(read) || read < 0 || read > 100) {
        return pyr_err_set(err, PYR_ERR_USAGE, "--%s takes a percentage from 0 to 100, not '%s'",
                           option, value);
    }
    *share = read / 100;
    return true;
}

bool pyr_option_duration(const char *option, const char *value, uint64_t *ns, struct pyr_err *err)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    char *end = NULL;
    const double read = strtod(value, &end);
    end += strspn(end, " ");
    for (size_t i = 0; i < sizeof units / sizeof units[0] && end != value; i++) {
        if (strcmp(end, units[i].name) == 0 && isfinite(read) && read >= 0 &&
            read * units[i].ns < 9e18) {
            *ns = (uint64_t)(read * units[i].ns + 0.5);
            return true;
        }
    }
    return pyr_err_set(err, PYR_ERR_USAGE,
                       "--%s takes a time with its unit, ns, us, ms or s, such as 100us; not '%s'",
                       option, value);
}

bool pyr_option_span(const char *option, const char *value, uint64_t *ns, struct pyr_err *err)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"", 1e9},   {"us", 1e3},   {"ms", 1e6},   {"s", 1e9},
                 {"m", 60e9}, {"min", 60e9}, {"h", 3600e9}, {"d", 86400e9}};
    char *end = NULL;
    const double read = strtod(value, &end);
    end += strspn(end, " ");
    for (size_t i = 0; i < sizeof units / sizeof units[0] && end != value; i++) {
        if (strcmp(end, units[i].name) == 0 && isfinite(read) && read * units[i].ns >= 1 &&
            read * units[i].ns < 9e18) {
            *ns = (uint64_t)(read * units[i].ns + 0.5);
            return true;
        }
    }
    return pyr_err_set(err, PYR_ERR_USAGE,
                       "--%s takes a time, such as 30 (seconds), 500ms, 5m or 2h; not '%s'", option,
                       value);
}

static const struct pyr_option *find_letter(const struct parser *p, char letter)
{
    for (size_t t = 0; p->reader->tables[t] != NULL; t++) {
        for (const struct pyr_option *o = p->reader->tables[t]; o->name != NULL; o++) {
            if (o->letter == letter) {
                return o;
            }
        }
    }
    return NULL;
}

/* The option called `name`; else NULL, and the most similar one in `*nearest`, if any is. */
static const struct pyr_option *find_name(const struct parser *p, const char *name, size_t len,
                                          const struct pyr_option **nearest)
{
    char word[MAX_WORD + 1];
    unsigned best = 3; /* more letters than this apart is another word */
    snprintf(word, sizeof word, "%.*s", (int)(len < MAX_WORD ? len : MAX_WORD), name);
    *nearest = NULL;
    for (size_t t = 0; p->reader->tables[t] != NULL; t++) {
        for (const struct pyr_option *o = p->reader->tables[t]; o->name != NULL; o++) {
            if (strlen(o->name) == len && strncmp(o->name, name, len) == 0 && len > 0) {
                return o;
            }
            const bool is_start = len >= 2 && strncmp(o->name, name, len) == 0;
            const unsigned distance = is_start ? 0 : pyr_word_distance(word, o->name);
            if (o->name[0] != '\0' && distance < best && distance < strlen(o->name) / 2 + 1) {
                best = distance;
                *nearest = o;
            }
        }
    }
    return NULL;
}

static bool unknown(const char *word, size_t len, const struct pyr_option *nearest,
                    struct pyr_err *err)
{
    if (nearest != NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE, "no option '%.*s'; did you mean '--%s'?", (int)len,
                           word, nearest->name);
    }
    return pyr_err_set(err, PYR_ERR_USAGE, "no option '%.*s'; --help lists them", (int)len, word);
}

static bool take(struct parser *p, const struct pyr_option *option, const char *value,
                 struct pyr_err *err)
{
    p->done = option->last;
    return p->reader->set(p->reader->settings, option->id, value, err);
}

static bool read_long(struct parser *p, const char *word, struct pyr_err *err)
{
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    const size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct pyr_option *nearest = NULL;
    const struct pyr_option *option = find_name(p, name, len, &nearest);
    if (option == NULL) {
        if (len == 4 && strncmp(name, "help", 4) == 0 && equals == NULL) {
            p->words->help = true;
            return true;
        }
        return unknown(word, len + 2, nearest, err);
    }
    if (option->argument == NULL && equals != NULL) {
        return pyr_err_set(err, PYR_ERR_USAGE, "--%s takes no value", option->name);
    }
    if (option->argument == NULL || option->optional || equals != NULL) {
        return take(p, option, equals != NULL ? equals + 1 : NULL, err);
    }
    if (p->next >= p->argc) {
        return pyr_err_set(err, PYR_ERR_USAGE, "--%s needs a value: --%s %s", option->name,
                           option->name, option->argument);
    }
    return take(p, option, p->argv[p->next++], err);
}

/* "-q", "-qs self", "-sself". */
static bool read_letters(struct parser *p, const char *word, struct pyr_err *err)
{
    for (const char *at = word + 1; *at != '\0'; at++) {
        const struct pyr_option *option = find_letter(p, *at);
        if (option == NULL && *at == 'h') {
            p->words->help = true;
            return true;
        }
        if (option == NULL) {
            return unknown(word, strlen(word), NULL, err);
        }
        if (option->argument == NULL) {
            if (!take(p, option, NULL, err)) {
                return false;
            }
            continue;
        }
        if (at[1] != '\0') {
            return take(p, option, at + 1, err);
        }
        if (p->next >= p->argc) {
            return pyr_err_set(err, PYR_ERR_USAGE, "-%c needs a value: -%c %s", *at, *at,
                               option->argument);
        }
        return take(p, option, p->argv[p->next++], err);
    }
    return true;
}

bool pyr_options_parse(const struct pyr_option_reader *reader, int argc, char **argv,
                       struct pyr_option_words *words, struct pyr_err *err)
{
    struct parser p = {.reader = reader, .argv = argv, .argc = argc, .words = words};
    *words = (struct pyr_option_words){.argv = argv};
    while (p.next < argc && !p.done && !words->help) {
        char *word = argv[p.next++];
        if (strcmp(word, "--") == 0) {
            break;
        }
        if (word[0] != '-' || word[1] == '\0') {
            if (reader->program) {
                p.next--;
                break;
            }
            argv[words->argc++] = word; /* never past the word being looked at */
            continue;
        }
        if (!(word[1] == '-' ? read_long(&p, word, err) : read_letters(&p, word, err))) {
            return false;
        }
    }
    while (p.next < argc) {
        argv[words->argc++] = argv[p.next++];
    }
    return true;
}
