/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/modules.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static void assert_module(const char *path, const char *name, const char *file)
{
    struct pyr_module module;
    pyr_module_find((uint32_t)getpid(), path, &module);
    assert_string_equal(module.name, name);
    assert_string_equal(module.file, file);
}

static void test_libraries_are_known_by_their_folders(void **state)
{
    (void)state;
    assert_module("/usr/lib/python3.12/json/decoder.py", "json.decoder", "json/decoder.py");
    assert_module("/v/lib/python3.9/site-packages/flask/__init__.py", "flask", "flask/__init__.py");
    assert_module("/usr/lib/python3/dist-packages/yaml/reader.py", "yaml.reader", "yaml/reader.py");
}

static void test_frozen_modules_say_their_names_and_strings_are_none(void **state)
{
    (void)state;
    assert_module("<frozen importlib._bootstrap>", "importlib._bootstrap",
                  "<frozen importlib._bootstrap>");
    assert_module("<string>", "", "<string>");
    assert_module("<stdin>", "", "<stdin>");
    assert_module("", "", "");
}

static void test_packages_are_followed_up_to_the_outermost(void **state)
{
    (void)state;
    char folder[] = "/tmp/modules-XXXXXX";
    char path[128];
    assert_non_null(mkdtemp(folder));
    const char *const made[] = {"shop", "shop/basket"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, made[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        snprintf(path, sizeof path, "%s/%s/__init__.py", folder, made[i]);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    snprintf(path, sizeof path, "%s/shop/basket/price.py", folder);
    assert_module(path, "shop.basket.price", "shop/basket/price.py");
    snprintf(path, sizeof path, "%s/run.py", folder);
    assert_module(path, "run", "run.py");
    for (int i = 1; i >= 0; i--) {
        snprintf(path, sizeof path, "%s/%s/__init__.py", folder, made[i]);
        unlink(path);
        snprintf(path, sizeof path, "%s/%s", folder, made[i]);
        rmdir(path);
    }
    rmdir(folder);
}

static void test_odd_paths_give_some_name_or_none(void **state)
{
    (void)state;
    char path[8192];
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    struct pyr_module module;
    pyr_module_find(0, path, &module);
    assert_string_equal(module.name, "");
    assert_module("run.py", "run", "run.py");
    assert_module("sub/run.py", "run", "run.py");
    assert_module("/", "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_libraries_are_known_by_their_folders),
        cmocka_unit_test(test_frozen_modules_say_their_names_and_strings_are_none),
        cmocka_unit_test(test_packages_are_followed_up_to_the_outermost),
        cmocka_unit_test(test_odd_paths_give_some_name_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
