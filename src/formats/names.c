/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/names.h"

#include "base/mem.h"

#define REPLACEMENT "\xEF\xBF\xBD"
#define NUL_SYMBOL "\xE2\x90\x80"

/* Length of the well-formed UTF-8 sequence at `s`, of which `left` bytes are there; 0 when it is
 * not one. Surrogates count as well-formed, and are told apart by is_surrogate(). */
static size_t sequence_len(const unsigned char *s, size_t left)
{
    size_t len = 0;
    uint32_t code = 0, least = 0;
    if (s[0] < 0x80) {
        return 1;
    }
    if (s[0] >= 0xC2 && s[0] < 0xE0) {
        len = 2, code = s[0] & 0x1Fu, least = 0x80;
    } else if (s[0] >= 0xE0 && s[0] < 0xF0) {
        len = 3, code = s[0] & 0x0Fu, least = 0x800;
    } else if (s[0] >= 0xF0 && s[0] < 0xF5) {
        len = 4, code = s[0] & 0x07u, least = 0x10000;
    }
    if (len == 0 || left < len) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0u) != 0x80) {
            return 0;
        }
        code = (code << 6) | (s[i] & 0x3Fu);
    }
    return code >= least && code <= 0x10FFFF ? len : 0;
}

static bool is_surrogate(const unsigned char *s, size_t len)
{
    return len == 3 && s[0] == 0xED && s[1] >= 0xA0;
}

/* What stands for the ASCII character `c` under `rules`; NULL: itself. */
static const char *replacement_for(unsigned char c, uint32_t rules)
{
    if ((rules & PYR_NAME_ONE_LINE) != 0 && (c < 0x20 || c == 0x7F)) {
        return " ";
    }
    if ((rules & PYR_NAME_NO_NUL) != 0 && c == 0) {
        return NUL_SYMBOL;
    }
    if ((rules & PYR_NAME_NO_SEMICOLON) != 0 && c == ';') {
        return ":";
    }
    return NULL;
}

void pyr_name_add(struct pyr_buf *out, const char *text, size_t len, uint32_t rules)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t kept_from = 0; /* what is fine as it is gets appended in one piece */
    for (size_t i = 0; i < len;) {
        size_t step = sequence_len(s + i, len - i);
        const char *instead = NULL;
        if (step == 0) {
            instead = REPLACEMENT;
            step = 1;
        } else if (step == 1) {
            instead = replacement_for(s[i], rules);
        } else if (is_surrogate(s + i, step) && (rules & PYR_NAME_SURROGATES) == 0) {
            instead = REPLACEMENT;
        }
        if (instead != NULL) {
            pyr_buf_add(out, text + kept_from, i - kept_from);
            pyr_buf_add_text(out, instead);
            kept_from = i + step;
        }
        i += step;
    }
    pyr_buf_add(out, text + kept_from, len - kept_from);
}

void pyr_name_add_str(struct pyr_buf *out, const struct pyr_profile *profile, pyr_str id,
                      uint32_t rules)
{
    pyr_name_add(out, pyr_strtab_text(profile->strings, id), pyr_strtab_len(profile->strings, id),
                 rules);
}

void pyr_name_add_function(struct pyr_buf *out, const struct pyr_profile *profile, pyr_func func,
                           uint32_t rules)
{
    const struct pyr_function *function = pyr_functions_get(profile->functions, func);
    if (pyr_strtab_len(profile->strings, function->module) > 0) {
        pyr_name_add_str(out, profile, function->module, rules);
        pyr_buf_add_char(out, '.');
    }
    pyr_name_add_str(out, profile, function->qualname, rules);
}

static void add_own_name(struct pyr_buf *out, const struct pyr_profile *profile, pyr_thread thread,
                         uint32_t rules)
{
    static const char *const kinds[PYR_THREAD_KIND_COUNT] = {"thread", "task", "greenlet",
                                                             "context"};
    const struct pyr_thread_info info = pyr_threads_get(profile->threads, thread);
    const bool is_named = pyr_strtab_len(profile->strings, info.name) > 0;
    if (info.kind != PYR_THREAD_NATIVE || !is_named) {
        pyr_buf_addf(out, "%s ", kinds[info.kind]);
    }
    if (is_named) {
        pyr_name_add_str(out, profile, info.name, rules);
    } else {
        pyr_buf_addf(out, "%u", thread.i);
    }
    if (info.kind != PYR_THREAD_NATIVE && info.entry.i != 0) {
        pyr_buf_add_text(out, " (");
        pyr_name_add_str(out, profile, info.entry, rules);
        pyr_buf_add_char(out, ')');
    }
}

void pyr_name_add_thread(struct pyr_buf *out, const struct pyr_profile *profile, pyr_thread thread,
                         uint32_t rules)
{
    const pyr_thread untagged = pyr_threads_untagged(profile->threads, thread);
    const pyr_thread native = pyr_threads_native(profile->threads, thread);
    const pyr_str tag = pyr_threads_get(profile->threads, thread).tag;
    if (native.i != untagged.i) {
        add_own_name(out, profile, native, rules);
        pyr_buf_add_text(out, " / ");
    }
    add_own_name(out, profile, untagged, rules);
    if (tag.i != 0) {
        pyr_buf_add_text(out, " [");
        pyr_name_add_str(out, profile, tag, rules);
        pyr_buf_add_char(out, ']');
    }
}

void pyr_name_put_json(struct pyr_buf *text, struct pyr_json_writer *json)
{
    pyr_buf_add_char(text, '\0');
    if (text->failed) {
        json->out->failed = true;
    } else {
        pyr_json_text(json, text->data);
    }
    pyr_buf_clear(text);
}

bool pyr_function_names_init(struct pyr_function_names *names, const struct pyr_profile *profile,
                             uint32_t rules, struct pyr_err *err)
{
    uint32_t count = pyr_functions_count(profile->functions);
    names->starts = pyr_mem_zalloc((size_t)count + 2, sizeof *names->starts);
    if (names->starts == NULL) {
        return pyr_err_nomem(err);
    }
    pyr_buf_add_char(&names->text, '\0');
    for (uint32_t i = 1; i <= count; i++) {
        names->starts[i] = names->text.len;
        pyr_name_add_function(&names->text, profile, (pyr_func){i}, rules);
        pyr_buf_add_char(&names->text, '\0');
    }
    names->starts[count + 1] = names->text.len;
    return pyr_buf_check(&names->text, err);
}

void pyr_function_names_release(struct pyr_function_names *names)
{
    pyr_buf_release(&names->text);
    pyr_mem_free(names->starts);
    names->starts = NULL;
}

const char *pyr_function_names_get(const struct pyr_function_names *names, pyr_func func,
                                   size_t *len)
{
    size_t start = names->starts[func.i];
    *len = func.i == 0 ? 0 : names->starts[func.i + 1] - start - 1;
    return names->text.data + start;
}
