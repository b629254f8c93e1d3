/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/rescue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/format.h"
#include "native_fixture.h"
#include "unit.h"

#define PID 4711

static char folder[] = "/tmp/test_rescue_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || setenv("TMPDIR", folder, 1) != 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void test_the_place_follows_from_name_and_process(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    pyr_rescue_path("some/where/run.pyro", PID, &out);
    assert_memory_equal(out.data, folder, strlen(folder));
    assert_string_equal(out.data + strlen(folder), "/run.4711.pyro");
    pyr_buf_clear(&out);
    unsetenv("TMPDIR");
    pyr_rescue_path("odd name", PID, &out);
    assert_string_equal(out.data, "/tmp/odd name.4711.pyro");
    setenv("TMPDIR", folder, 1);
    pyr_buf_release(&out);
}

static void test_what_is_rescued_can_be_read_by_its_owner_alone(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    struct stat info;
    struct pyr_profile *loaded = NULL;
    struct pyr_profile *profile = native_fixture_new(2);
    assert_true(pyr_rescue_save(profile, "full/disk.pyro", PID, &out, &err));
    assert_int_equal(stat(out.data, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_true(pyr_format_load(out.data, NULL, &loaded, &err));
    assert_int_equal(pyr_values_count(loaded->values), pyr_values_count(profile->values));
    unlink(out.data);
    pyr_profile_free(loaded);
    pyr_profile_free(profile);
    pyr_buf_release(&out);
}

static void test_a_file_or_link_of_somebody_else_is_left_alone(void **state)
{
    (void)state;
    struct pyr_buf out = {0};
    struct pyr_err err = {0};
    struct stat info;
    struct pyr_profile *profile = native_fixture_new(2);
    pyr_rescue_path("x.pyro", PID, &out);
    assert_int_equal(symlink("target", out.data), 0);
    pyr_buf_clear(&out);
    assert_false(pyr_rescue_save(profile, "x.pyro", PID, &out, &err));
    assert_int_equal(err.code, PYR_ERR_IO);
    assert_int_equal(lstat(out.data, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    unlink(out.data);
    pyr_profile_free(profile);
    pyr_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_place_follows_from_name_and_process),
        cmocka_unit_test(test_what_is_rescued_can_be_read_by_its_owner_alone),
        cmocka_unit_test(test_a_file_or_link_of_somebody_else_is_left_alone),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
