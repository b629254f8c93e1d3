/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/frames.h"

#include "base/mem.h"
#include "unit.h"

static bool add_numbered(struct pyr_frames *tab, uint32_t count, struct pyr_err *err)
{
    for (uint32_t i = 1; i <= count; i++) {
        pyr_frame_id id = {0};
        if (!pyr_frames_add(tab, (struct pyr_frame){{i}, i % 7}, &id, err)) {
            return false;
        }
    }
    return true;
}

static void test_a_frame_is_a_function_and_a_line(void **state)
{
    (void)state;
    struct pyr_frames *tab = pyr_frames_new();
    struct pyr_err err = {0};
    static const struct pyr_frame frames[] = {{{1}, 0}, {{1}, 5}, {{5}, 1}, {{UINT32_MAX}, 1}};
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 4; i++) {
            pyr_frame_id id = {0};
            assert_true(pyr_frames_add(tab, frames[i], &id, &err));
            assert_int_equal(id.i, i + 1);
            assert_int_equal(pyr_frames_get(tab, id).func.i, frames[i].func.i);
            assert_int_equal(pyr_frames_get(tab, id).line, frames[i].line);
        }
    }
    assert_int_equal(pyr_frames_count(tab), 4);
    assert_int_equal(pyr_frames_get(tab, (pyr_frame_id){0}).func.i, 0);
    pyr_frames_free(tab);
    pyr_frames_free(NULL);
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        pyr_mem_fail_after(nth);
        struct pyr_frames *tab = pyr_frames_new();
        failed = tab == NULL || !add_numbered(tab, 500, &err);
        pyr_mem_fail_after(-1);
        if (tab != NULL) {
            assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
            assert_true(add_numbered(tab, 500, &err));
            assert_int_equal(pyr_frames_count(tab), 500);
        }
        pyr_frames_free(tab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_frame_is_a_function_and_a_line),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
