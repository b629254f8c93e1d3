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

/* A recording of 2 s at 100 Hz: some samples torn, one lost, rounds late; 10 ms a sample. */
static struct pyr_profile *new_recording(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = report_fixture_sampled();
    const struct {
        const char *key;
        int64_t number;
    } numbers[] = {
        {PYR_META_PID, 1234},       {PYR_META_START_NS, 1700000000000000000},
        {PYR_META_FINISHED, 1},     {PYR_META_DURATION_NS, 2000 * (int64_t)MS},
        {PYR_META_RATE_ASKED, 100}, {PYR_META_RATE_REACHED, 98000},
        {PYR_META_ROUNDS, 196},     {PYR_META_LOST_ROUNDS, 4},
        {PYR_META_SAMPLES, 190},    {PYR_META_SAMPLES_EXACT, 187},
        {PYR_META_LOST_TORN, 3},    {PYR_META_LOST_SAMPLES, 1},
        {PYR_META_LOST_THREADS, 0},
    };
    uint32_t wall = 0;
    assert_true(pyr_metrics_add(&profile->metrics, profile->strings, PYR_METRIC_WALL, PYR_UNIT_NS,
                                &wall, &err));
    for (uint32_t row = 1; row <= pyr_values_count(profile->values); row++) {
        const struct pyr_value_row at = pyr_values_get(profile->values, row);
        assert_true(
            pyr_values_add(profile->values, at.stack, at.thread, wall, at.v[0] * 10 * MS, &err));
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_true(pyr_meta_set_number(profile->meta, numbers[i].key, numbers[i].number, &err));
    }
    assert_true(pyr_meta_set_text(profile->meta, PYR_META_COLLECTOR, "record", &err));
    assert_true(pyr_meta_set_text(profile->meta, PYR_META_COMMAND, "python3 shop.py", &err));
    assert_true(pyr_meta_set_text(profile->meta, PYR_META_PYTHON, "3.12.1", &err));
    assert_true(pyr_meta_set_text(profile->meta, PYR_META_MODE, "frozen", &err));
    return profile;
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
    struct pyr_profile *recording = new_recording();
    save(recording, folder, "recorded.pyro");
    pyr_profile_free(recording);
    return 0;
}
