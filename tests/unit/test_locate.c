/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/locate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "debug_table.h"
#include "elf_fixture.h"
#include "remote_fixture.h"
#include "unit.h"

#define RUNTIME_AT 0x5200 /* in the file, whose first byte is loaded at 0x1000 */
#define ROOM 0x8000
#define LIBRARY "/usr/lib/libpython3.so"

/* A process with one interpreter: its memory, its file and its maps. */
struct process {
    struct fake fake;
    uint64_t runtime;
    uint64_t interpreter;
    uint64_t thread;
    uint64_t version; /* of the variable that has it */
    struct made_elf elf;
    bool no_file;
    struct pyr_maps maps;
};

static struct process it;

static uint64_t bias(void)
{
    return it.runtime - RUNTIME_AT;
}

static void set_maps(const char *path, const char *more)
{
    char text[512];
    struct pyr_err err = {0};
    unsigned long long start = bias() + 0x1000;
    int len = snprintf(text, sizeof(text),
                       "%llx-%llx rw-p 0 0:0 0 [heap]\n%llx-%llx rw-p 0 8:1 77 %s\n%s", FAKE_BASE,
                       start, start, FAKE_BASE + FAKE_SIZE, path, more);
    pyr_maps_release(&it.maps);
    assert_true(pyr_maps_parse(&it.maps, text, (size_t)len, &err));
}

/* The beginning of the file as it is in memory: all that follows is its variables. */
static void put_head(void)
{
    uint64_t start = bias() + 0x1000;
    const Elf64_Ehdr head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64},
                             .e_phoff = sizeof(head),
                             .e_phentsize = sizeof(Elf64_Phdr),
                             .e_phnum = 1};
    const Elf64_Phdr segment = {.p_type = PT_LOAD,
                                .p_flags = PF_R | PF_W,
                                .p_vaddr = 0x1000,
                                .p_memsz = FAKE_BASE + FAKE_SIZE - start};
    memcpy(fake_at(&it.fake, start), &head, sizeof(head));
    memcpy(fake_at(&it.fake, start + sizeof(head)), &segment, sizeof(segment));
}

static void use_symbols(const struct made_symbol *symbols, uint32_t count)
{
    make_program(&it.elf, &(struct made_program){symbols, count, NULL, 0, NULL, true});
}

/* As each version tells it: in the table of offsets, in a symbol, in a text. */
static void set_version(uint32_t version)
{
    uint32_t minor = (version >> 16) & 0xff;
    if (minor >= 13) {
        uint8_t table[PYR_DEBUG_TABLE_MAX];
        debug_table(table, minor - 13);
        memcpy(fake_at(&it.fake, it.runtime), table, told_rows_table_size[minor - 13]);
    } else if (minor >= 11) {
        memcpy(fake_at(&it.fake, it.version), &version, sizeof(version));
    }
    char text[32];
    pyr_layout_version_text(version, false, text);
    (void)snprintf(fake_at(&it.fake, it.version + 8), 56, "%s (main, Nov 22 2026)", text);
}

static void begin(uint32_t version)
{
    memset(&it, 0, sizeof(it));
    fake_open(&it.fake, version);
    it.interpreter = fake_interpreter(&it.fake, 0, 0);
    it.thread = fake_thread(&it.fake, &(struct fake_thread){.interpreter = it.interpreter});
    fake_set_threads(&it.fake, it.interpreter, it.thread, it.thread);
    fake_u64(&it.fake, it.interpreter, it.fake.layout.interpreter_modules,
             fake_dict(&it.fake, FAKE_NAMED, NULL, NULL, 0));
    (void)fake_alloc(&it.fake, ROOM); /* what comes before is the heap */
    it.runtime = fake_runtime(&it.fake, it.interpreter, it.interpreter);
    it.version = fake_alloc(&it.fake, 64);
    set_version(version);
    put_head();
    const struct made_symbol old[] = {{"interp_head", RUNTIME_AT, false},
                                      {"_PyThreadState_Current", 0x5100, false}};
    const struct made_symbol new[] = {{"_PyRuntime", RUNTIME_AT, false},
                                      {"Py_Version", it.version - bias(), false}};
    uint32_t minor = pyr_layout_minor(&it.fake.layout);
    use_symbols(minor == 6 ? old : new, minor < 11 && minor > 6 ? 1 : 2);
    set_maps(LIBRARY, "");
}

static void end(void)
{
    pyr_maps_release(&it.maps);
    fake_close(&it.fake);
}

static int open_made(void *context, const struct pyr_map_entry *entry)
{
    const struct process *process = context;
    char path[] = "/tmp/pyr-locate-XXXXXX";
    int fd = process->no_file || entry->inode != 77 ? -1 : mkstemp(path);
    if (fd >= 0) {
        assert_true(write_elf(&process->elf, path));
        (void)unlink(path);
    }
    return fd;
}

static bool locate(struct pyr_location *location, struct pyr_err *err)
{
    const struct pyr_locate in = {it.fake.memory, &it.maps, open_made, &it};
    *err = (struct pyr_err){0};
    return pyr_locate(&in, location, err);
}

static void expect_found(void)
{
    struct pyr_location location;
    struct pyr_err err;
    if (!locate(&location, &err)) {
        fail_msg("%x: %s", it.fake.layout.version, err.message);
    }
    assert_int_equal(location.runtime, it.runtime);
    assert_int_equal(location.layout.version, it.fake.layout.version);
}

static void expect_refused(enum pyr_err_code code, const char *words)
{
    struct pyr_location location;
    struct pyr_err err;
    assert_false(locate(&location, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, words));
}

static void test_each_version_is_found_by_its_symbol(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        begin(fake_versions[v]);
        expect_found();
        end();
    }
}

/* From 3.10 on a section has the runtime's name, which stripping leaves. */
static void test_each_version_is_found_without_symbols(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        begin(fake_versions[v]);
        make_program(&it.elf,
                     &(struct made_program){NULL, 0, ".PyRuntime", RUNTIME_AT, NULL, true});
        expect_found();
        use_symbols(NULL, 0);
        expect_found();
        it.no_file = true;
        expect_found();
        end();
    }
}

static void test_a_program_of_any_name_may_have_python_in_it(void **state)
{
    (void)state;
    begin(0x030c01f0);
    set_maps("/opt/game", "");
    expect_found();
    end();
}

/* libffi maps a static program's file a second time, where none of its variables are. */
static void test_of_two_mappings_the_one_that_lives_counts(void **state)
{
    (void)state;
    char text[512];
    struct pyr_err err = {0};
    begin(0x030c01f0);
    int len =
        snprintf(text, sizeof(text),
                 "5000-6000 r-xp 0 8:1 77 " LIBRARY "\n%llx-%llx rw-p 0 8:1 77 " LIBRARY "\n",
                 (unsigned long long)bias() + 0x1000, (unsigned long long)(FAKE_BASE + FAKE_SIZE));
    pyr_maps_release(&it.maps);
    assert_true(pyr_maps_parse(&it.maps, text, (size_t)len, &err));
    expect_found();
    end();
}

static void test_an_interpreter_without_threads_is_not_up(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        begin(fake_versions[v]);
        fake_set_threads(&it.fake, it.interpreter, 0, 0);
        expect_refused(PYR_ERR_GONE, "not up yet");
        end();
        begin(fake_versions[v]);
        fake_u64(&it.fake, it.thread, it.fake.layout.thread_interpreter, it.thread);
        expect_refused(PYR_ERR_GONE, "not up yet");
        end();
        begin(fake_versions[v]);
        fake_u64(&it.fake, it.interpreter, it.fake.layout.interpreter_threads_head, 0x18);
        expect_refused(PYR_ERR_GONE, "not up yet");
        end();
    }
}

/* A list of interpreters without threads that goes round is left. */
static void test_a_cycle_of_interpreters_ends(void **state)
{
    (void)state;
    begin(0x030c01f0);
    fake_set_threads(&it.fake, it.interpreter, 0, 0);
    fake_u64(&it.fake, it.interpreter, it.fake.layout.interpreter_next, it.interpreter);
    expect_refused(PYR_ERR_GONE, "not up yet");
    end();
}

static void test_a_version_that_is_not_known_is_named(void **state)
{
    (void)state;
    begin(0x030c01f0);
    uint32_t version = 0x031000f0;
    memcpy(fake_at(&it.fake, it.version), &version, sizeof(version));
    expect_refused(PYR_ERR_UNSUPPORTED, "Python 3.16.0");
    end();
    begin(0x030f02f0);
    fake_u64(&it.fake, it.runtime, 8, 0x030f00b4);
    expect_refused(PYR_ERR_UNSUPPORTED, "Python 3.15.0b4, a pre-release");
    end();
}

/* Things that point at each other as an interpreter and its thread do, before the real ones. */
static void test_what_only_looks_like_an_interpreter_is_passed_over(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count && fake_versions[v] < 0x030d0000; v++) {
        begin(fake_versions[v]);
        const struct pyr_layout *layout = &it.fake.layout;
        uint64_t object = fake_alloc(&it.fake, 8192);
        uint64_t other = fake_alloc(&it.fake, 512);
        fake_u64(&it.fake, object, layout->interpreter_threads_head, other);
        fake_u64(&it.fake, other, layout->thread_interpreter, object);
        fake_u64(&it.fake, it.runtime - 0x1000, 0, object);
        fake_u64(&it.fake, it.runtime - 0x1000, 8, object);
        use_symbols(NULL, 0);
        expect_found();
        end();
    }
}

static void test_free_threaded_builds_are_refused(void **state)
{
    (void)state;
    begin(0x030e0af0);
    fake_u64(&it.fake, it.runtime, 16, 1);
    expect_refused(PYR_ERR_UNSUPPORTED, "free-threaded");
    end();
}

static void test_what_is_no_python_for_us_is_told(void **state)
{
    (void)state;
    begin(0x030c01f0);
    fake_u64(&it.fake, it.runtime, it.fake.layout.runtime_interpreters_main, 0);
    use_symbols(NULL, 0);
    set_maps("/opt/game", "");
    expect_refused(PYR_ERR_UNSUPPORTED, "no Python interpreter");
    set_maps("/opt/game", "7f0000000000-7f0000001000 r-xp 0 8:1 5 /opt/bin/pypy3.10\n");
    expect_refused(PYR_ERR_UNSUPPORTED, "PyPy");
    set_maps(LIBRARY, "");
    it.elf.bytes[EI_CLASS] = ELFCLASS32;
    expect_refused(PYR_ERR_UNSUPPORTED, "32-bit");
    it.elf.bytes[EI_CLASS] = ELFCLASS64;
    const struct made_symbol symbol = {"_PyRuntime", RUNTIME_AT, false};
    use_symbols(&symbol, 1);
    it.elf.bytes[offsetof(Elf64_Ehdr, e_machine)] = EM_AARCH64;
    expect_refused(PYR_ERR_UNSUPPORTED, "another processor");
    end();
}

static void test_the_table_of_asyncio_is_found_when_it_is_there(void **state)
{
    (void)state;
    struct pyr_location location;
    struct pyr_err err;
    uint64_t address = 0;
    begin(0x030f02f0);
    make_program(&it.elf, &(struct made_program){NULL, 0, ".AsyncioDebug", 0x5700, NULL, true});
    set_maps("/lib/_asyncio.cpython-315-x86_64-linux-gnu.so", "");
    const struct pyr_locate in = {it.fake.memory, &it.maps, open_made, &it};
    assert_true(pyr_locate_asyncio(&in, &address));
    assert_int_equal(address, bias() + 0x5700);
    assert_true(locate(&location, &err));
    assert_int_equal(location.asyncio_debug, bias() + 0x5700);
    set_maps(LIBRARY, "");
    assert_false(pyr_locate_asyncio(&in, &address));
    end();
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    for (int scanned = 0; scanned < 2; scanned++) {
        bool failed = true;
        begin(0x030912f0);
        if (scanned == 1) {
            use_symbols(NULL, 0);
        }
        for (long nth = 0; failed; nth++) {
            struct pyr_location location;
            struct pyr_err err;
            pyr_mem_fail_after(nth);
            failed = !locate(&location, &err);
            pyr_mem_fail_after(-1);
            if (err.code != (failed ? PYR_ERR_NOMEM : PYR_OK)) {
                fail_msg("%d: %s", scanned, err.message);
            }
        }
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_version_is_found_by_its_symbol),
        cmocka_unit_test(test_each_version_is_found_without_symbols),
        cmocka_unit_test(test_a_program_of_any_name_may_have_python_in_it),
        cmocka_unit_test(test_of_two_mappings_the_one_that_lives_counts),
        cmocka_unit_test(test_an_interpreter_without_threads_is_not_up),
        cmocka_unit_test(test_a_cycle_of_interpreters_ends),
        cmocka_unit_test(test_a_version_that_is_not_known_is_named),
        cmocka_unit_test(test_what_only_looks_like_an_interpreter_is_passed_over),
        cmocka_unit_test(test_free_threaded_builds_are_refused),
        cmocka_unit_test(test_what_is_no_python_for_us_is_told),
        cmocka_unit_test(test_the_table_of_asyncio_is_found_when_it_is_there),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
