/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump_json.h"

#include "dump_fixture.h"
#include "unit.h"

#define FRAME                                                                                      \
    "{\"name\":\"Basket.add\",\"file\":\"/srv/shop/basket.py\",\"line\":12,\"end_line\":13,"       \
    "\"column\":4,\"end_column\":20,\"locals\":["                                                  \
    "{\"name\":\"basket\",\"value\":\"[1, 'a\\u001b']\",\"argument\":true},"                       \
    "{\"name\":\"total\",\"value\":\"12\",\"argument\":false}]}"

static const char expected[] =
    "{\"pid\":40,\"command\":\"python shop.py\",\"python\":\"3.12.1\","
    "\"executable\":\"/usr/bin/python3.12\",\"mode\":\"frozen\",\"threads_missed\":false,"
    "\"threads\":[{\"tid\":40,\"ident\":28672,\"name\":\"Main\\nThread\",\"interpreter\":0,"
    "\"state\":\"active\",\"gil\":true,\"waits_for_gil\":false,\"gc\":true,\"main\":true,"
    "\"truncated\":true,\"torn\":false,\"frames\":["
    "{\"name\":\"qsort\",\"file\":\"\",\"line\":-1,\"end_line\":-1,\"column\":-1,"
    "\"end_column\":-1,\"module\":\"libc.so.6\"}," FRAME
    ",{\"name\":\"<module>\",\"file\":\"/usr/lib/python3.12/runpy.py\",\"line\":-1,"
    "\"end_line\":-1,\"column\":-1,\"end_column\":-1}]},"
    "{\"tid\":0,\"ident\":32768,\"name\":\"\",\"interpreter\":1,\"state\":\"idle\",\"gil\":false,"
    "\"waits_for_gil\":true,\"gc\":false,\"main\":false,\"truncated\":false,\"torn\":true,"
    "\"frames\":[]}],"
    "\"tasks\":[{\"id\":0,\"name\":\"top\",\"tid\":40,\"running\":true,\"awaited_by\":[],"
    "\"frames\":[]},"
    "{\"id\":1,\"name\":\"one\",\"tid\":0,\"running\":false,\"awaited_by\":[2],\"frames\":[" FRAME
    "]},"
    "{\"id\":2,\"name\":\"two\",\"tid\":0,\"running\":false,\"awaited_by\":[1],\"frames\":[]}],"
    "\"tasks_missed\":false,"
    "\"subprocesses\":[{\"pid\":41,\"parent\":40,\"command\":\"cat\",\"problem\":\"not ours\"}]}\n";

static void test_all_that_a_dump_has_is_written(void **state)
{
    (void)state;
    struct dump_fixture fixture;
    struct pyr_buf out = {0};
    dump_fixture_make(&fixture);
    pyr_dump_json(&fixture.dump, &out);
    assert_string_equal(out.data, expected);
    pyr_buf_release(&out);
}

static void test_a_core_file_and_tasks_that_can_not_be_read_are_told(void **state)
{
    (void)state;
    struct pyr_dump_process process = {.pid = 7,
                                       .python = "3.6.15",
                                       .command = "",
                                       .executable = "/p",
                                       .core = "core.7",
                                       .mode = "core",
                                       .has_tasks = true,
                                       .task_problem = "too old"};
    const struct pyr_dump dump = {.processes = &process, .count = 1};
    struct pyr_buf out = {0};
    pyr_dump_json(&dump, &out);
    assert_string_equal(out.data,
                        "{\"pid\":7,\"command\":\"\",\"python\":\"3.6.15\",\"executable\":\"/p\","
                        "\"core\":\"core.7\",\"mode\":\"core\",\"threads_missed\":false,"
                        "\"threads\":[],\"tasks\":[],\"tasks_missed\":false,"
                        "\"tasks_problem\":\"too old\"}\n");
    pyr_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_a_dump_has_is_written),
        cmocka_unit_test(test_a_core_file_and_tasks_that_can_not_be_read_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
