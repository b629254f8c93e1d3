/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/layout.h"

#include <stddef.h>
#include <string.h>

#include "remote/layout_table.h"
#include "unit.h"

static struct pyr_layout found(uint32_t version)
{
    struct pyr_layout layout;
    struct pyr_err err = {0};
    assert_true(pyr_layout_find(version, false, false, &layout, &err));
    return layout;
}

static void test_every_version_has_a_layout(void **state)
{
    (void)state;
    for (uint32_t minor = 6; minor <= 15; minor++) {
        struct pyr_layout layout = found(0x030000f0 | minor << 16);
        assert_int_equal(pyr_layout_minor(&layout), minor);
        assert_int_not_equal(layout.frame_code, PYR_LAYOUT_NONE);
        assert_int_not_equal(layout.code_line_table, PYR_LAYOUT_NONE);
        assert_int_equal(layout.frame_size, layout.frame_locals);
        assert_true(layout.thread_size > layout.thread_id && layout.thread_size < 512);
    }
}

/* What a version has not must not look like an offset. */
static void test_what_a_version_lacks_is_none(void **state)
{
    (void)state;
    struct pyr_layout old = found(0x030806f0);
    struct pyr_layout new = found(0x030d00f0);
    assert_int_equal(old.thread_chunk, PYR_LAYOUT_NONE);
    assert_int_equal(old.frame_instruction, PYR_LAYOUT_NONE);
    assert_int_equal(old.thread_cframe, PYR_LAYOUT_NONE);
    assert_int_equal(new.frame_lasti, PYR_LAYOUT_NONE);
    assert_int_equal(new.runtime_gil, PYR_LAYOUT_NONE);
    assert_int_equal(new.interpreter_code_generation, PYR_LAYOUT_NONE);
    assert_int_not_equal(new.interpreter_gil, PYR_LAYOUT_NONE);
}

/* Each field is set, to an offset that can be one or to none: none is left as memory had it. */
static void test_no_field_is_forgotten(void **state)
{
    (void)state;
    for (uint32_t minor = 6; minor <= 15; minor++) {
        struct pyr_layout layout;
        struct pyr_err err = {0};
        memset(&layout, 0x5a, sizeof(layout));
        assert_true(pyr_layout_find(0x030000f0 | minor << 16, false, false, &layout, &err));
        size_t first = offsetof(struct pyr_layout, runtime_interpreters_head);
        for (size_t at = first; at < sizeof(layout); at += sizeof(uint32_t)) {
            uint32_t value;
            memcpy(&value, (const char *)&layout + at, sizeof(value));
            assert_true(value == PYR_LAYOUT_NONE || value < 1u << 20);
        }
    }
}

static void test_releases_of_a_version_share_a_layout_but_where_it_changed(void **state)
{
    (void)state;
    assert_int_equal(found(0x030700f0).runtime_tstate_current, 1392);
    assert_int_equal(found(0x030703f0).runtime_tstate_current, 1392);
    assert_int_equal(found(0x030704f0).runtime_tstate_current, 1480);
    assert_int_equal(found(0x030711f0).runtime_tstate_current, 1480);
    assert_int_equal(found(0x030c00f0).interpreter_gil, found(0x030c0ff0).interpreter_gil);
}

static void test_traced_references_move_what_is_in_objects(void **state)
{
    (void)state;
    struct pyr_layout traced;
    struct pyr_err err = {0};
    assert_true(pyr_layout_find(0x030710f0, false, true, &traced, &err));
    assert_true(traced.ref_trace);
    assert_int_equal(traced.object_type, found(0x030710f0).object_type + 16);
    assert_int_equal(traced.frame_code, found(0x030710f0).frame_code + 16);
    assert_int_equal(traced.thread_frame, found(0x030710f0).thread_frame);
}

static void refuse(uint32_t version, const char *words)
{
    struct pyr_layout layout;
    struct pyr_err err = {0};
    assert_false(pyr_layout_find(version, false, false, &layout, &err));
    assert_int_equal(err.code, PYR_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, words));
    assert_non_null(strstr(err.message, "3.6 to 3.15"));
}

static void test_unknown_versions_are_refused_in_words(void **state)
{
    (void)state;
    refuse(0x020712f0, "Python 2.7.18,");
    refuse(0x030502f0, "Python 3.5.2,");
    refuse(0x031000f0, "Python 3.16.0,");
    refuse(0x030f00b4, "Python 3.15.0b4, a pre-release");
    refuse(0x030800a1, "Python 3.8.0a1, a pre-release");
}

static void test_candidates_count_as_releases(void **state)
{
    (void)state;
    assert_int_equal(found(0x030f00c1).version, 0x030f00c1);
}

static void test_versions_are_said_as_python_says_them(void **state)
{
    (void)state;
    char text[32];
    pyr_layout_version_text(0x030c01f0, false, text);
    assert_string_equal(text, "3.12.1");
    pyr_layout_version_text(0x030e00c2, false, text);
    assert_string_equal(text, "3.14.0rc2");
    pyr_layout_version_text(0x030e0af0, true, text);
    assert_string_equal(text, "3.14.10 (free-threaded)");
    pyr_layout_version_text(UINT32_MAX, true, text);
    assert_true(strlen(text) < sizeof(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_version_has_a_layout),
        cmocka_unit_test(test_what_a_version_lacks_is_none),
        cmocka_unit_test(test_no_field_is_forgotten),
        cmocka_unit_test(test_releases_of_a_version_share_a_layout_but_where_it_changed),
        cmocka_unit_test(test_traced_references_move_what_is_in_objects),
        cmocka_unit_test(test_unknown_versions_are_refused_in_words),
        cmocka_unit_test(test_candidates_count_as_releases),
        cmocka_unit_test(test_versions_are_said_as_python_says_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
