/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "native_fixture.h"
#include "unit.h"

#define FLUSHES 6

static char folder[] = "test_native_writer_XXXXXX";
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(path, sizeof(path), "%s/profile.pyro", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static struct pyr_native_writer *open_writer(void)
{
    struct pyr_err err = {0};
    struct pyr_native_writer *writer = NULL;
    assert_true(pyr_native_writer_open(path, &writer, &err));
    return writer;
}

static struct pyr_profile *load(void)
{
    struct pyr_err err = {0};
    struct pyr_profile *profile = NULL;
    if (!pyr_format_load(path, "pyro", &profile, &err)) {
        fail_msg("%s", err.message);
    }
    return profile;
}

static void grow(struct pyr_profile *profile, uint32_t round)
{
    struct pyr_err err = {0};
    assert_true(native_fixture_grow(profile, round, &err));
}

static void flush(struct pyr_native_writer *writer, struct pyr_profile *profile)
{
    struct pyr_err err = {0};
    assert_true(pyr_native_writer_flush(writer, profile, &err));
}

static size_t file_size(void)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return (size_t)info.st_size;
}

/* Profiles after so many rounds equal the file's content. */
static void assert_holds_rounds(uint32_t rounds)
{
    struct pyr_profile *expected = native_fixture_new(rounds);
    struct pyr_profile *back = load();
    native_fixture_assert_equal_but_meta(expected, back);
    pyr_profile_free(back);
    pyr_profile_free(expected);
}

static void test_many_flushes_give_what_one_gives(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(0);
    struct pyr_native_writer *writer = open_writer();
    for (uint32_t round = 0; round < FLUSHES; round++) {
        grow(profile, round);
        flush(writer, profile);
        assert_holds_rounds(round + 1);
    }
    assert_true(pyr_native_writer_close(writer, profile, &err));
    struct pyr_profile *back = load();
    native_fixture_assert_equal(profile, back);
    assert_int_equal(pyr_meta_number(back->meta, PYR_META_FINISHED, -1), 1);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

static void test_a_flush_writes_only_what_is_new(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(FLUSHES);
    struct pyr_native_writer *writer = open_writer();
    flush(writer, profile);
    const size_t whole = file_size();
    flush(writer, profile);
    assert_int_equal(file_size(), whole); /* nothing changed: nothing is written */
    assert_true(pyr_values_add(profile->values, (pyr_stack){2}, (pyr_thread){1}, 0, 5, &err));
    flush(writer, profile);
    const size_t row = file_size() - whole;
    assert_true(row > 0 && row < 200); /* a section with one row, and a commit */
    struct pyr_thread_info info = pyr_threads_get(profile->threads, (pyr_thread){2});
    info.name.i = 1;
    pyr_threads_update(profile->threads, (pyr_thread){2}, &info);
    flush(writer, profile);
    const size_t renamed = file_size() - whole - row;
    assert_true(renamed > 0 && renamed < 200); /* one thread, not all of them */
    info.name.i = 0;
    pyr_threads_update(profile->threads, (pyr_thread){2}, &info);
    flush(writer, profile); /* a name that goes away is news, too */
    const size_t nameless = file_size();
    info.switches += 1000;
    info.end_ns = 77;
    pyr_threads_update(profile->threads, (pyr_thread){2}, &info);
    flush(writer, profile);
    assert_true(file_size() > nameless && file_size() - nameless < 200);
    pyr_threads_update(profile->threads, (pyr_thread){2}, &info);
    flush(writer, profile); /* the same again is none */
    const size_t last = file_size();
    flush(writer, profile);
    assert_int_equal(file_size(), last);
    assert_true(file_size() > whole + row + renamed);
    assert_true(pyr_native_writer_close(writer, profile, &err));
    struct pyr_profile *back = load();
    native_fixture_assert_equal(profile, back);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

/* However short the file is cut, a reader gets all batches that are whole, and says that the file
 * is not finished; or it says that there is no whole header. */
static void test_a_file_cut_at_any_length_keeps_its_whole_batches(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_file file = {0};
    struct pyr_profile *rounds[FLUSHES + 1] = {native_fixture_new(0)};
    size_t ends[FLUSHES + 1] = {16};
    struct pyr_profile *profile = native_fixture_new(0);
    struct pyr_native_writer *writer = open_writer();
    for (uint32_t round = 0; round < FLUSHES; round++) {
        grow(profile, round);
        flush(writer, profile);
        rounds[round + 1] = native_fixture_new(round + 1);
        ends[round + 1] = file_size();
    }
    assert_true(pyr_native_writer_close(writer, profile, &err));
    assert_true(pyr_file_read(&file, path, SIZE_MAX, &err));
    for (size_t size = 0; size < file.size; size++) {
        struct pyr_profile *back = NULL;
        /* A copy of the very size, so that a sanitizer sees a read beyond it. */
        uint8_t *cut = pyr_mem_alloc(size);
        memcpy(cut, file.data, size);
        const bool ok = pyr_format_native.read(cut, size, &back, &err);
        pyr_mem_free(cut);
        assert_true(ok == (size >= 16));
        if (!ok) {
            assert_int_equal(err.code, PYR_ERR_FORMAT);
            assert_null(back);
            continue;
        }
        uint32_t whole = FLUSHES;
        while (ends[whole] > size) {
            whole--;
        }
        native_fixture_assert_equal_but_meta(rounds[whole], back);
        assert_int_equal(pyr_meta_number(back->meta, PYR_META_FINISHED, -1), 0);
        assert_non_null(strstr(pyr_meta_text(back->meta, PYR_META_STOP_REASON), "ends early"));
        pyr_profile_free(back);
    }
    pyr_file_release(&file);
    for (uint32_t i = 0; i <= FLUSHES; i++) {
        pyr_profile_free(rounds[i]);
    }
    pyr_profile_free(profile);
}

static void test_an_abandoned_file_reads_up_to_the_last_flush(void **state)
{
    (void)state;
    struct pyr_profile *profile = native_fixture_new(2);
    struct pyr_native_writer *writer = open_writer();
    flush(writer, profile);
    grow(profile, 2);
    pyr_native_writer_abandon(writer);
    pyr_native_writer_abandon(NULL);
    assert_holds_rounds(2);
    pyr_profile_free(profile);
}

static void limit_file_size(rlim_t size)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* What did not fit is not lost: the rows that changed before the failure, too. */
static void test_a_full_disk_loses_nothing_that_a_later_flush_can_write(void **state)
{
    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    struct pyr_profile *profile = native_fixture_new(2);
    struct pyr_native_writer *writer = open_writer();
    flush(writer, profile);
    const size_t good = file_size();
    uint32_t failures = 0;
    for (size_t room = 0; room < 400; room += 7) {
        struct pyr_err err = {0};
        if (room % 2 == 0) { /* a failed batch gives way to one of another length */
            assert_true(pyr_values_add(profile->values, (pyr_stack){3}, (pyr_thread){1}, 0,
                                       (int64_t)room + 1, &err));
        } else {
            grow(profile, (uint32_t)room);
        }
        limit_file_size(good + room);
        const bool ok = pyr_native_writer_flush(writer, profile, &err);
        limit_file_size(RLIM_INFINITY);
        if (ok) {
            break;
        }
        failures++;
        assert_int_equal(err.code, PYR_ERR_IO);
        assert_non_null(strstr(err.message, path));
        assert_int_equal(file_size(), good);
        assert_holds_rounds(2);
    }
    assert_true(failures > 20);
    flush(writer, profile);
    struct pyr_err err = {0};
    assert_true(pyr_native_writer_close(writer, profile, &err));
    struct pyr_profile *back = load();
    native_fixture_assert_equal(profile, back);
    pyr_profile_free(back);
    pyr_profile_free(profile);
    (void)signal(SIGXFSZ, SIG_DFL);
}

static void test_a_disk_full_at_the_end_keeps_what_was_flushed(void **state)
{
    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    struct pyr_err err = {0};
    struct pyr_profile *profile = native_fixture_new(2);
    struct pyr_native_writer *writer = open_writer();
    flush(writer, profile);
    grow(profile, 2);
    limit_file_size(file_size() + 10);
    const bool ok = pyr_native_writer_close(writer, profile, &err);
    limit_file_size(RLIM_INFINITY);
    assert_false(ok);
    assert_int_equal(err.code, PYR_ERR_IO);
    assert_holds_rounds(2);
    pyr_profile_free(profile);
    (void)signal(SIGXFSZ, SIG_DFL);
}

static void test_a_full_device_is_an_error_every_time(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_native_writer *writer = NULL;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    assert_false(pyr_native_writer_open("/dev/full", &writer, &err));
    assert_null(writer);
    assert_int_equal(err.code, PYR_ERR_IO);
    assert_non_null(strstr(err.message, "/dev/full"));
}

static void test_a_path_that_cannot_be_written_is_named(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_native_writer *writer = NULL;
    assert_false(pyr_native_writer_open("/nonexistent/x.pyro", &writer, &err));
    assert_null(writer);
    assert_non_null(strstr(err.message, "/nonexistent/x.pyro"));
}

struct drain {
    int fd;
    struct pyr_buf got;
};

static void *drain_pipe(void *arg)
{
    struct drain *drain = arg;
    char bytes[512];
    ssize_t n = 0;
    while ((n = read(drain->fd, bytes, sizeof(bytes))) > 0) {
        pyr_buf_add(&drain->got, bytes, (size_t)n);
    }
    return NULL;
}

static void test_a_pipe_gets_the_same_file(void **state)
{
    (void)state;
    int ends[2];
    char pipe_path[64];
    pthread_t reader;
    struct pyr_err err = {0};
    struct pyr_native_writer *writer = NULL;
    struct pyr_profile *back = NULL;
    struct pyr_profile *profile = native_fixture_new(0);
    assert_int_equal(pipe(ends), 0);
    struct drain drain = {.fd = ends[0]};
    snprintf(pipe_path, sizeof(pipe_path), "/dev/fd/%d", ends[1]);
    assert_int_equal(pthread_create(&reader, NULL, drain_pipe, &drain), 0);
    assert_true(pyr_native_writer_open(pipe_path, &writer, &err));
    (void)close(ends[1]);
    for (uint32_t round = 0; round < FLUSHES; round++) {
        grow(profile, round);
        flush(writer, profile);
    }
    assert_true(pyr_native_writer_close(writer, profile, &err));
    assert_int_equal(pthread_join(reader, NULL), 0);
    (void)close(ends[0]);
    assert_true(
        pyr_format_native.read((const uint8_t *)drain.got.data, drain.got.len, &back, &err));
    native_fixture_assert_equal(profile, back);
    pyr_buf_release(&drain.got);
    pyr_profile_free(back);
    pyr_profile_free(profile);
}

/* Half a batch cannot be taken back from a pipe: what would follow it could not be read. */
static void test_a_pipe_that_nobody_read_for_a_while_stays_failed(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_native_writer *writer = NULL;
    struct pyr_profile *profile = native_fixture_new(1);
    char fifo[160];
    char bytes[64];
    (void)signal(SIGPIPE, SIG_IGN);
    snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    int reader = open(fifo, O_RDONLY | O_NONBLOCK);
    assert_true(pyr_native_writer_open(fifo, &writer, &err));
    (void)close(reader);
    assert_false(pyr_native_writer_flush(writer, profile, &err));
    reader = open(fifo, O_RDONLY | O_NONBLOCK);
    for (int i = 0; i < 3; i++) {
        err = (struct pyr_err){0};
        assert_false(pyr_native_writer_flush(writer, profile, &err));
        assert_non_null(strstr(err.message, "half-way"));
    }
    assert_false(pyr_native_writer_close(writer, profile, &err));
    assert_int_equal(read(reader, bytes, sizeof(bytes)), 16); /* the header, and no more */
    (void)close(reader);
    (void)unlink(fifo);
    pyr_profile_free(profile);
    (void)signal(SIGPIPE, SIG_DFL);
}

static void test_running_out_of_memory_leaves_the_writer_usable(void **state)
{
    (void)state;
    bool failed = true;
    long nth = 0;
    for (; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_profile *profile = native_fixture_new(2);
        struct pyr_native_writer *writer = open_writer();
        flush(writer, profile);
        grow(profile, 2);
        grow(profile, 3);
        const size_t good = file_size();
        pyr_mem_fail_after(nth);
        failed = !pyr_native_writer_flush(writer, profile, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_true((file_size() == good) == failed);
        assert_true(pyr_native_writer_close(writer, profile, &err));
        struct pyr_profile *back = load();
        native_fixture_assert_equal(profile, back);
        pyr_profile_free(back);
        pyr_profile_free(profile);
    }
    assert_true(nth > 5);
}

static void test_running_out_of_memory_while_opening_is_reported(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct pyr_err err = {0};
        struct pyr_native_writer *writer = NULL;
        pyr_mem_fail_after(nth);
        failed = !pyr_native_writer_open(path, &writer, &err);
        pyr_mem_fail_after(-1);
        assert_int_equal(err.code, failed ? PYR_ERR_NOMEM : PYR_OK);
        assert_true(failed == (writer == NULL));
        pyr_native_writer_abandon(writer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_flushes_give_what_one_gives),
        cmocka_unit_test(test_a_flush_writes_only_what_is_new),
        cmocka_unit_test(test_a_file_cut_at_any_length_keeps_its_whole_batches),
        cmocka_unit_test(test_an_abandoned_file_reads_up_to_the_last_flush),
        cmocka_unit_test(test_a_full_disk_loses_nothing_that_a_later_flush_can_write),
        cmocka_unit_test(test_a_disk_full_at_the_end_keeps_what_was_flushed),
        cmocka_unit_test(test_a_full_device_is_an_error_every_time),
        cmocka_unit_test(test_a_path_that_cannot_be_written_is_named),
        cmocka_unit_test(test_a_pipe_gets_the_same_file),
        cmocka_unit_test(test_a_pipe_that_nobody_read_for_a_while_stays_failed),
        cmocka_unit_test(test_running_out_of_memory_leaves_the_writer_usable),
        cmocka_unit_test(test_running_out_of_memory_while_opening_is_reported),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
