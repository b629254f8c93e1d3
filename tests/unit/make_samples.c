/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Writes the profiles that the command-line tests show: `make_samples FOLDER`. They are kept in
 * tests/cli/data, so that a change of the format that old files do not survive is noticed. */
#include <stdio.h>

#include "formats/format.h"
#include "report_fixture.h"
#include "unit.h"

#define MS 1000000

static void save(const struct pyr_profile *profile, const char *folder, const char *name)
{
    struct pyr_err err = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!pyr_format_save(profile, path, NULL, NULL, &err)) {
        fail_msg("%s", err.message);
    }
}

/* The same shop after a day's work: price four times faster and asked half as often. */
static void improve(struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    const pyr_stack price = {3};
    const pyr_thread main_thread = {1};
    assert_true(pyr_values_add(profile->values, price, main_thread, 0, -5, &err));
    assert_true(pyr_values_add(profile->values, price, main_thread, 1, -450 * MS, &err));
    assert_true(pyr_meta_set_number(profile->meta, PYR_META_DURATION_NS, 600 * MS, &err));
    const pyr_stack tax = report_fixture_push(profile, price, "tax", 50);
    const int64_t v[] = {5, 25 * MS};
    assert_true(pyr_values_set(profile->values, tax, main_thread, v, 2, &err));
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : ".";
    struct pyr_err err = {0};
    struct pyr_profile *shop = report_fixture_new();
    assert_true(pyr_meta_set_number(shop->meta, PYR_META_COST_PYTHON_INSIDE, 200000000, &err));
    assert_true(pyr_meta_set_number(shop->meta, PYR_META_COST_BUILTIN_OUTSIDE, 300000000, &err));
    save(shop, folder, "shop.pyro");
    improve(shop);
    save(shop, folder, "shop-after.pyro");
    assert_true(pyr_meta_set_number(shop->meta, PYR_META_LOST_FOLDED, 12345, &err));
    assert_true(pyr_meta_set_number(shop->meta, PYR_META_EXIT_STATUS, 3, &err));
    assert_true(pyr_meta_set_text(shop->meta, PYR_META_COMMAND, "evil\x1b[2J.py", &err));
    (void)report_fixture_push(shop, (pyr_stack){0}, "name\x1b]0;title\x07", 66);
    const int64_t v[] = {1, 80 * MS};
    const pyr_stack evil = {9};
    assert_true(pyr_values_set(shop->values, evil, (pyr_thread){1}, v, 2, &err));
    save(shop, folder, "evil.pyro");
    pyr_profile_free(shop);
    struct pyr_profile *concurrent = report_fixture_concurrent();
    save(concurrent, folder, "concurrent.pyro");
    pyr_profile_free(concurrent);
    return 0;
}
