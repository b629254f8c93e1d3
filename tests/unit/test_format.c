/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "formats/native.h"
#include "native_fixture.h"
#include "unit.h"

static char folder[] = "test_format_XXXXXX";
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(path, sizeof(path), "%s/x.pyro", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void write_file(const void *data, size_t len)
{
    struct pyr_err err = {0};
    assert_true(pyr_file_replace(path, data, len, &err));
}

static void assert_load_fails(const char *name, enum pyr_err_code code, const char *word)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    assert_false(pyr_format_load(path, name, &profile, &err));
    assert_null(profile);
    assert_int_equal(err.code, code);
    if (strstr(err.message, word) == NULL || strstr(err.message, path) == NULL) {
        fail_msg("%s", err.message);
    }
}

static void test_every_entry_of_the_table_is_whole(void **state)
{
    (void)state;
    assert_ptr_equal(pyr_formats[0], &pyr_format_native);
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        const struct pyr_format *format = pyr_formats[i];
        struct pyr_err err = {0};
        assert_true(format->name[0] != '\0' && format->summary[0] != '\0');
        assert_int_equal(format->extension[0], '.');
        assert_true(format->read != NULL || format->write != NULL);
        assert_true((format->sniff != NULL) == (format->read != NULL));
        assert_ptr_equal(pyr_format_find(format->name, &err), format);
    }
}

static void test_an_unknown_name_is_refused_with_the_names_there_are(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    assert_null(pyr_format_find("nonsense", &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_non_null(strstr(err.message, "nonsense"));
    for (size_t i = 0; pyr_formats[i] != NULL; i++) {
        assert_non_null(strstr(err.message, pyr_formats[i]->name));
    }
}

static void test_a_path_gives_the_format_of_its_extension(void **state)
{
    (void)state;
    assert_ptr_equal(pyr_format_by_path("a.b/x.pyro"), &pyr_format_native);
    assert_ptr_equal(pyr_format_by_path(".pyro"), &pyr_format_native);
    assert_null(pyr_format_by_path("x.pyro.gone"));
    assert_null(pyr_format_by_path("pyro"));
    assert_null(pyr_format_by_path(""));
    assert_string_equal(pyr_format_by_path("x.prof")->name, "pstats");
}

static void test_what_to_write_is_never_guessed_from_a_foreign_extension(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    assert_ptr_equal(pyr_format_to_write("a.b/plain", NULL, &err), &pyr_format_native);
    assert_ptr_equal(pyr_format_to_write("run-2.5", NULL, &err), &pyr_format_native);
    assert_ptr_equal(pyr_format_to_write(".hidden", NULL, &err), &pyr_format_native);
    assert_ptr_equal(pyr_format_to_write("x.csv", "pyro", &err), &pyr_format_native);
    assert_string_equal(pyr_format_to_write("x.prof", NULL, &err)->name, "pstats");
    assert_null(pyr_format_to_write("a/x.csv", NULL, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    assert_non_null(strstr(err.message, "a/x.csv: no format has the extension .csv"));
    assert_non_null(strstr(err.message, ".pyro, .pstats, .callgrind"));
    assert_null(pyr_format_to_write("x.csv", "nonsense", &err));
}

static void test_our_own_json_is_told_from_what_is_no_profile(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(3);
    static const char *const names[] = {"x.json", "x.trace.json"};
    char file[160];
    for (size_t i = 0; i < 2; i++) {
        struct pyr_profile *back = NULL;
        snprintf(file, sizeof file, "%s/%s", folder, names[i]);
        assert_true(pyr_format_save(profile, file, NULL, NULL, &err));
        assert_false(pyr_format_load(file, NULL, &back, &err));
        assert_non_null(strstr(err.message, "json can be written, not read") != NULL
                            ? err.message
                            : strstr(err.message, "chrome can be written, not read"));
        (void)unlink(file);
    }
    pyr_profile_free(profile);
}

static void test_what_is_saved_loads_the_same_whatever_the_path_says(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(3);
    struct pyr_profile *back = NULL;
    char plain[160];
    assert_true(pyr_format_save(profile, path, NULL, NULL, &err));
    assert_true(pyr_format_load(path, NULL, &back, &err));
    native_fixture_assert_equal(profile, back);
    pyr_profile_free(back);

    snprintf(plain, sizeof(plain), "%s/without-extension", folder);
    assert_true(pyr_format_save(profile, plain, NULL, NULL, &err));
    assert_true(pyr_format_load(plain, "pyro", &back, &err));
    native_fixture_assert_equal(profile, back);
    (void)unlink(plain);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

static void test_a_file_that_is_no_profile_is_refused_by_name(void **state)
{
    (void)state;
    write_file("", 0);
    assert_load_fails(NULL, PYR_ERR_FORMAT, "empty");
    assert_load_fails("pyro", PYR_ERR_FORMAT, "byte 0");
    write_file("\x7f"
               "ELF\x02\x01\x01",
               7);
    assert_load_fails(NULL, PYR_ERR_FORMAT, "does not look like a profile");
    assert_load_fails("nonsense", PYR_ERR_USAGE, "unknown format");
    write_file("\x89PYRO", 5);
    assert_load_fails(NULL, PYR_ERR_FORMAT, "byte 5");
}

static void test_what_is_not_there_or_a_folder_is_refused(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    assert_false(pyr_format_load("/nonexistent/x.pyro", NULL, &profile, &err));
    assert_non_null(strstr(err.message, "/nonexistent/x.pyro"));
    err = (struct pyr_err){0};
    assert_false(pyr_format_load(folder, NULL, &profile, &err));
    assert_non_null(strstr(err.message, folder));
    assert_null(profile);
    profile = native_fixture_new(1);
    err = (struct pyr_err){0};
    assert_false(pyr_format_save(profile, "/nonexistent/x.pyro", NULL, NULL, &err));
    assert_non_null(strstr(err.message, "/nonexistent"));
    err = (struct pyr_err){0};
    assert_false(pyr_format_save(profile, path, "nonsense", NULL, &err));
    assert_int_equal(err.code, PYR_ERR_USAGE);
    pyr_profile_free(profile);
}

static void test_running_out_of_memory_is_reported(void **state)
{
    (void)state;
    struct pyr_profile *profile = native_fixture_new(1);
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_profile *back = NULL;
        pyr_mem_fail_after(nth);
        failed = !pyr_format_save(profile, path, "pyro", NULL, &err) ||
                 !pyr_format_load(path, NULL, &back, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_true(failed == (back == NULL));
        pyr_profile_free(back);
    }
    pyr_mem_fail_after(0);
    struct pyr_err err = {0};
    assert_null(pyr_format_find("nonsense", &err));
    pyr_mem_fail_after(-1);
    assert_int_equal(err.code, PYR_ERR_NOMEM);
    pyr_profile_free(profile);
}

static void test_py_spys_names_are_known(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    assert_string_equal(pyr_format_find("flamegraph", &err)->name, "svg");
    assert_string_equal(pyr_format_find("raw", &err)->name, "collapsed");
    assert_string_equal(pyr_format_find("chrometrace", &err)->name, "chrome");
    assert_string_equal(pyr_format_find("speedscope", &err)->name, "speedscope");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_py_spys_names_are_known),
        cmocka_unit_test(test_every_entry_of_the_table_is_whole),
        cmocka_unit_test(test_an_unknown_name_is_refused_with_the_names_there_are),
        cmocka_unit_test(test_a_path_gives_the_format_of_its_extension),
        cmocka_unit_test(test_what_to_write_is_never_guessed_from_a_foreign_extension),
        cmocka_unit_test(test_our_own_json_is_told_from_what_is_no_profile),
        cmocka_unit_test(test_what_is_saved_loads_the_same_whatever_the_path_says),
        cmocka_unit_test(test_a_file_that_is_no_profile_is_refused_by_name),
        cmocka_unit_test(test_what_is_not_there_or_a_folder_is_refused),
        cmocka_unit_test(test_running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
