/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Native stacks of a build without them: all is refused in words. In place of native.c, see
 * meson.build. */
#include "remote/native.h"

static bool refuse(struct pyr_err *err)
{
    return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                       "this build of Pyrometer has no native stacks: they take the headers of "
                       "elfutils' libdw (libdw-dev, elfutils-devel) when it is compiled, and an "
                       "x86-64 processor");
}

bool pyr_native_available(struct pyr_err *err)
{
    return refuse(err);
}

struct pyr_native *pyr_native_open(const struct pyr_target *target, struct pyr_err *err)
{
    (void)target;
    refuse(err);
    return NULL;
}

void pyr_native_close(struct pyr_native *native)
{
    (void)native;
}

bool pyr_native_copy(struct pyr_native *native, const struct pyr_stopper *stopper, uint32_t tid,
                     const struct pyr_raw_stack *python, struct pyr_err *err)
{
    (void)native;
    (void)stopper;
    (void)tid;
    (void)python;
    return refuse(err);
}

bool pyr_native_unwind(struct pyr_native *native, uint32_t tid, struct pyr_raw_stack *machine,
                       struct pyr_err *err)
{
    (void)native;
    (void)tid;
    (void)machine;
    return refuse(err);
}

bool pyr_native_merge(struct pyr_native *native, const struct pyr_raw_stack *python,
                      const struct pyr_raw_stack *machine, bool whole, struct pyr_raw_stack *merged,
                      struct pyr_err *err)
{
    (void)native;
    (void)python;
    (void)machine;
    (void)whole;
    (void)merged;
    return refuse(err);
}

const struct pyr_native_symbol *pyr_native_symbol(struct pyr_native *native, uint64_t pc)
{
    (void)native;
    (void)pc;
    return NULL;
}

const struct pyr_native_counts *pyr_native_counts(const struct pyr_native *native)
{
    static const struct pyr_native_counts none = {0};
    (void)native;
    return &none;
}
