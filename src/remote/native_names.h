/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Native names: what the symbol of a piece of machine code says about it. Pure functions on text
 * that is hostile. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What a frame of machine code is to a stack that shows Python's frames too. */
enum pyr_native_role {
    PYR_NATIVE_SHOWN = 0,
    PYR_NATIVE_HIDDEN,    /* CPython's own way from one call to the next */
    PYR_NATIVE_EVAL,      /* the interpreter's loop: stands for Python frames */
    PYR_NATIVE_EVAL_PART, /* a piece of it, which may have a frame of its own further in */
    PYR_NATIVE_BASE,      /* where a thread begins, or a greenlet: nothing beyond is of interest */
};

/* `symbol` as it stands in the symbol table, "" when there is none; `module` the last part of its
 * file's path; `interpreter`: that file is the one that CPython is in. */
enum pyr_native_role pyr_native_role(const char *symbol, const char *module, bool interpreter);

/* Is that file a part of the C library? */
bool pyr_native_is_libc(const char *module);

/* What to show for a symbol, into `text`: without what compilers append to parts and copies of a
 * function (".cold", ".constprop.0"), and with the names of Cython's functions as they were written
 * ("__pyx_pw_4shop_6Basket_1add" is "shop.Basket.add"). Always NUL-terminated, cut if need be. */
void pyr_native_tidy(const char *symbol, char *text, size_t size);
