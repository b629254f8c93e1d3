/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define NO_LIMIT ((size_t)1 << 30)

/* A folder that each test has for itself, and goes into. */
static int enter_folder(void **state)
{
    char *folder = strdup("pyrometer-test-XXXXXX");
    *state = folder;
    return folder != NULL && chdir("/tmp") == 0 && mkdtemp(folder) != NULL ? chdir(folder) : -1;
}

static int leave_folder(void **state)
{
    static const char *const names[] = {"a", "b", "link", "dangling", "pipe", "sub"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)remove(names[i]);
    }
    int result = chdir("..") == 0 ? rmdir(*state) : -1; /* fails when a test left anything */
    free(*state);
    return result;
}

static void write_text(const char *path, const char *text)
{
    struct pyr_err err = {0};
    int fd = -1;
    assert_true(pyr_file_create(path, &fd, &err));
    assert_true(pyr_file_write(fd, text, strlen(text), path, &err));
    assert_true(pyr_file_close(fd, path, &err));
}

static void assert_content(const char *path, const char *text)
{
    struct pyr_err err = {0};
    struct pyr_file file = {0};
    assert_true(pyr_file_read(&file, path, NO_LIMIT, &err));
    assert_int_equal(file.size, strlen(text));
    assert_memory_equal(file.data, text, file.size);
    pyr_file_release(&file);
    assert_null(file.data);
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    write_text("a", "a longer text");
    write_text("a", "text");
    assert_content("a", "text");
}

static void test_an_empty_file_has_data_that_is_not_null(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_file file = {0};
    write_text("a", "");
    assert_true(pyr_file_read(&file, "a", NO_LIMIT, &err));
    assert_non_null(file.data);
    assert_int_equal(file.size, 0);
    pyr_file_release(&file);
    pyr_file_release(&file);
}

static void test_a_file_that_claims_to_be_empty_is_read(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_file file = {0};
    assert_true(pyr_file_read(&file, "/proc/self/status", NO_LIMIT, &err));
    assert_true(file.size > 100);
    assert_memory_equal(file.data, "Name:", 5);
    pyr_file_release(&file);
}

static void test_missing_files_and_folders_are_refused_by_name(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_file file = {0};
    assert_false(pyr_file_read(&file, "nowhere/a", NO_LIMIT, &err));
    assert_int_equal(err.code, PYR_ERR_GONE);
    assert_memory_equal(err.message, "nowhere/a: ", 11);
    assert_false(pyr_file_read(&file, ".", NO_LIMIT, &err));
    assert_int_equal(err.code, PYR_ERR_IO);
    assert_non_null(strstr(err.message, strerror(EISDIR)));
    assert_null(file.data);
}

static void test_a_file_above_the_limit_is_refused(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_file file = {0};
    write_text("a", "12345");
    assert_false(pyr_file_read(&file, "a", 4, &err));
    assert_int_equal(err.code, PYR_ERR_LIMIT);
    assert_true(pyr_file_read(&file, "a", 5, &err));
    pyr_file_release(&file);
    assert_false(pyr_file_read(&file, "/dev/zero", 1000000, &err));
    assert_int_equal(err.code, PYR_ERR_LIMIT);
}

static void *feed_pipe(void *arg)
{
    struct pyr_err err = {0};
    int fd = open("pipe", O_WRONLY);
    for (size_t left = *(size_t *)arg; left > 0; left -= 1000) {
        char piece[1000];
        memset(piece, 'p', sizeof piece);
        if (!pyr_file_write(fd, piece, sizeof piece, "pipe", &err)) {
            break;
        }
    }
    close(fd);
    return NULL;
}

static void test_a_pipe_is_read_whole(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1000, 1000000};
    assert_int_equal(mkfifo("pipe", 0600), 0);
    for (size_t i = 0; i < 3; i++) {
        struct pyr_err err = {0};
        struct pyr_file file = {0};
        size_t size = sizes[i];
        pthread_t feeder;
        assert_int_equal(pthread_create(&feeder, NULL, feed_pipe, &size), 0);
        assert_true(pyr_file_read(&file, "pipe", NO_LIMIT, &err));
        pthread_join(feeder, NULL);
        assert_int_equal(file.size, size);
        assert_non_null(file.data);
        for (size_t k = 0; k < size; k++) {
            assert_int_equal(file.data[k], 'p');
        }
        pyr_file_release(&file);
    }
}

static void test_a_full_disk_is_reported(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    assert_false(pyr_file_replace("/dev/full", "text", 4, &err));
    assert_int_equal(err.code, PYR_ERR_IO);
    assert_memory_equal(err.message, "/dev/full: ", 11);
    assert_non_null(strstr(err.message, strerror(ENOSPC)));
}

static void test_replacing_leaves_readers_the_old_file(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct pyr_file old = {0};
    assert_true(pyr_file_replace("a", "old", 3, &err));
    assert_int_equal(chmod("a", 0600), 0);
    assert_true(pyr_file_read(&old, "a", NO_LIMIT, &err));
    assert_true(pyr_file_replace("a", "new text", 8, &err));
    assert_memory_equal(old.data, "old", 3);
    pyr_file_release(&old);
    assert_content("a", "new text");
    struct stat info;
    assert_int_equal(stat("a", &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void test_replacing_writes_through_links(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    struct stat info;
    write_text("a", "old");
    assert_int_equal(symlink("a", "link"), 0);
    assert_int_equal(symlink("b", "dangling"), 0);
    assert_true(pyr_file_replace("link", "new", 3, &err));
    assert_true(pyr_file_replace("dangling", "born", 4, &err));
    assert_int_equal(lstat("link", &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_content("a", "new");
    assert_content("b", "born");
}

static void test_replacing_a_folder_or_in_none_fails_and_leaves_nothing(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    assert_int_equal(mkdir("sub", 0700), 0);
    assert_false(pyr_file_replace("sub", "x", 1, &err));
    assert_int_equal(err.code, PYR_ERR_IO);
    assert_false(pyr_file_replace("nowhere/a", "x", 1, &err));
    assert_int_equal(err.code, PYR_ERR_GONE);
    assert_memory_equal(err.message, "nowhere/a: ", 11);
    char too_long[PATH_MAX + 10];
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    assert_false(pyr_file_replace(too_long, "x", 1, &err));
}

static void test_a_replacement_that_does_not_fit_leaves_the_old_file(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    static const char text[1000] = {'x'};
    struct rlimit before;
    write_text("a", "old");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 100, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool ok = pyr_file_replace("a", text, sizeof text, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_false(ok);
    assert_int_equal(err.code, PYR_ERR_IO);
    assert_content("a", "old"); /* and leave_folder() finds no other */
}

static void test_what_is_open_already_is_written_straight(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    char path[64];
    write_text("a", "");
    int fd = open("a", O_WRONLY | O_CLOEXEC);
    struct stat before;
    struct stat after;
    assert_int_equal(fstat(fd, &before), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    assert_true(pyr_file_replace(path, "text", 4, &err));
    assert_int_equal(stat("a", &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    close(fd);
    assert_content("a", "text");
}

static void test_a_slow_reader_is_waited_for(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    char piece[1000] = {0};
    while (write(ends[1], piece, sizeof piece) > 0) {
    }
    assert_int_equal(errno, EAGAIN);
    pid_t reader = fork();
    if (reader == 0) {
        char sink[4096];
        close(ends[1]);
        fcntl(ends[0], F_SETFL, 0);
        usleep(20000);
        while (read(ends[0], sink, sizeof sink) > 0) {
        }
        _exit(0);
    }
    assert_true(pyr_file_write(ends[1], piece, sizeof piece, "pipe", &err));
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(waitpid(reader, NULL, 0), reader);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_what_is_written_is_read),
        IN_FOLDER(test_an_empty_file_has_data_that_is_not_null),
        IN_FOLDER(test_a_file_that_claims_to_be_empty_is_read),
        IN_FOLDER(test_missing_files_and_folders_are_refused_by_name),
        IN_FOLDER(test_a_file_above_the_limit_is_refused),
        IN_FOLDER(test_a_pipe_is_read_whole),
        IN_FOLDER(test_a_full_disk_is_reported),
        IN_FOLDER(test_replacing_leaves_readers_the_old_file),
        IN_FOLDER(test_replacing_writes_through_links),
        IN_FOLDER(test_replacing_a_folder_or_in_none_fails_and_leaves_nothing),
        IN_FOLDER(test_a_replacement_that_does_not_fit_leaves_the_old_file),
        IN_FOLDER(test_what_is_open_already_is_written_straight),
        cmocka_unit_test(test_a_slow_reader_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
