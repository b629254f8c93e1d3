/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_text.h"

#include <string.h>

#include "base/mem.h"
#include "dump_fixture.h"
#include "unit.h"

static void test_files_are_shown_from_the_package_or_the_folder_on(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *folder;
        const char *shown;
    } cases[] = {
        {"/usr/lib/python3.12/json/decoder.py", NULL, "json/decoder.py"},
        {"/venv/lib/python3.12/site-packages/flask/app.py", "/venv", "flask/app.py"},
        {"/usr/lib/python3/dist-packages/yaml/__init__.py", NULL, "yaml/__init__.py"},
        {"/srv/shop/basket.py", "/srv/shop", "basket.py"},
        {"/srv/shopping/basket.py", "/srv/shop", "/srv/shopping/basket.py"},
        {"/srv/shop/", "/srv/shop", "/srv/shop/"},
        {"/basket.py", "/", "/basket.py"},
        {"<string>", "/srv", "<string>"},
        {"", "/srv", ""},
        {"/usr/lib/python3.12/", NULL, "/usr/lib/python3.12/"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(pyr_dump_short_file(cases[i].path, cases[i].folder), cases[i].shown);
    }
}

static const char expected[] =
    "Process 40: python shop.py\n"
    "Python v3.12.1 (/usr/bin/python3.12), 2 threads, innermost calls first\n"
    "\n"
    "Thread 40 (active+gil+gc): \"Main\\nThread\" in interpreter 0\n"
    "    qsort (libc.so.6)\n"
    "    Basket.add (basket.py:12)\n"
    "        Arguments:\n"
    "            basket: [1, 'a\\x1b']\n"
    "        Locals:\n"
    "            total: 12\n"
    "    <module> (runpy.py)\n"
    "    <truncated: the calls that led here are left out>\n"
    "\n"
    "Thread 0x8000 (idle, waits for the gil) in interpreter 1\n"
    "    <torn: this stack changed while it was read; --blocking holds it still>\n"
    "    <no Python code>\n"
    "\n"
    "3 asyncio tasks\n"
    "Task \"top\" (running, thread 40)\n"
    "Task \"one\" (waiting)\n"
    "    Basket.add (basket.py:12)\n"
    "        Arguments:\n"
    "            basket: [1, 'a\\x1b']\n"
    "        Locals:\n"
    "            total: 12\n"
    "    waits for\n"
    "    Task \"two\" (waiting)\n"
    "        waits for\n"
    "        Task \"one\" (waiting), see above\n"
    "\n"
    "Process 41: cat (child of 40)\n"
    "    not shown: not ours\n";

static void test_all_that_a_dump_has_is_shown(void **state)
{
    (void)state;
    struct dump_fixture fixture;
    struct pyr_dump_options options = {.pid = 40};
    struct pyr_buf out = {0};
    dump_fixture_make(&fixture);
    pyr_dump_text(&fixture.dump, &options, &out);
    assert_string_equal(out.data, expected);
    pyr_buf_clear(&out);
    options.full_files = true;
    pyr_dump_text(&fixture.dump, &options, &out);
    assert_non_null(strstr(out.data, "    Basket.add (/srv/shop/basket.py:12)\n"));
    pyr_buf_release(&out);
}

static void test_running_out_of_memory_is_remembered(void **state)
{
    (void)state;
    struct dump_fixture fixture;
    const struct pyr_dump_options options = {.pid = 40};
    bool failed = true;
    dump_fixture_make(&fixture);
    for (long nth = 0; failed; nth++) {
        struct pyr_buf out = {0};
        pyr_mem_fail_after(nth);
        pyr_dump_text(&fixture.dump, &options, &out);
        pyr_mem_fail_after(-1);
        failed = out.failed;
        assert_true(failed || strcmp(out.data, expected) == 0);
        pyr_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_shown_from_the_package_or_the_folder_on),
        cmocka_unit_test(test_all_that_a_dump_has_is_shown),
        cmocka_unit_test(test_running_out_of_memory_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
