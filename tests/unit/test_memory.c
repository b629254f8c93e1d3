/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/memory.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

#define MANY (3 * PYR_MEMORY_MAX_BATCH + 5)

static uint32_t values[MANY];

static uint64_t address_of(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

static void test_made_up_memory_has_only_its_images(void **state)
{
    (void)state;
    static const char first[] = "first piece";
    static const char second[] = "second";
    const struct pyr_memory_image images[] = {{0x1000, first, sizeof(first)},
                                              {0x2000, second, sizeof(second)}};
    struct pyr_memory *memory = pyr_memory_open_images(images, 2);
    char text[16] = "";
    assert_true(pyr_memory_read(memory, 0x1000, text, sizeof(first)));
    assert_string_equal(text, first);
    assert_true(pyr_memory_read(memory, 0x2003, text, 4));
    assert_string_equal(text, "ond");
    assert_false(pyr_memory_read(memory, 0x1001, text, sizeof(first)));
    assert_false(pyr_memory_read(memory, 0xfff, text, 2));
    assert_false(pyr_memory_read(memory, UINT64_MAX, text, 2));
    assert_int_equal(memory->failure, PYR_MEMORY_NOT_MAPPED);
    pyr_memory_close(memory);
    pyr_memory_close(NULL);
}

/* A child that sleeps with a copy of our memory; its pid. */
static pid_t make_child(void)
{
    for (uint32_t i = 0; i < MANY; i++) {
        values[i] = i * 3;
    }
    pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            (void)pause();
        }
    }
    memset(values, 0, sizeof(values)); /* so that only the child's can have them */
    return child;
}

static void end_child(pid_t child)
{
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* More ranges than the kernel takes in one call, and each at its place. */
static void read_many(struct pyr_memory *memory)
{
    static uint32_t into[MANY];
    static struct pyr_memory_range ranges[MANY];
    memset(into, 0, sizeof(into));
    for (uint32_t i = 0; i < MANY; i++) {
        ranges[i] = (struct pyr_memory_range){address_of(&values[i]), sizeof(uint32_t), &into[i]};
    }
    uint64_t before = memory->reads;
    assert_true(pyr_memory_read_all(memory, ranges, MANY));
    assert_int_equal(memory->reads - before, 4);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(into[i], i * 3);
    }
    ranges[MANY - 2].address = 8;
    assert_false(pyr_memory_read_all(memory, ranges, MANY));
    assert_int_equal(memory->failure, PYR_MEMORY_NOT_MAPPED);
}

static void test_another_process_is_read_in_batches(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    pid_t child = make_child();
    struct pyr_memory *memory = pyr_memory_open_process((uint32_t)child, address_of(values), &err);
    assert_non_null(memory);
    read_many(memory);
    end_child(child);
    uint32_t value = 0;
    assert_false(pyr_memory_read_u32(memory, address_of(values), &value));
    assert_int_equal(memory->failure, PYR_MEMORY_GONE);
    pyr_memory_close(memory);
}

static void test_the_number_of_whole_ranges_is_told(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    uint64_t into[3] = {0};
    pid_t child = make_child();
    struct pyr_memory *memory = pyr_memory_open_process((uint32_t)child, 0, &err);
    struct pyr_memory_range ranges[3] = {{address_of(values), 8, &into[0]},
                                         {address_of(values + 2), 8, &into[1]},
                                         {0x10, 8, &into[2]}};
    assert_int_equal(memory->source->read(memory, ranges, 3), 2);
    ranges[0].address = 0x10;
    assert_int_equal(memory->source->read(memory, ranges, 3), 0);
    assert_int_equal(memory->source->read(memory, ranges, 0), 0);
    pyr_memory_close(memory);
    end_child(child);
}

static bool forbid_the_call(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* In a process of its own, as there is no way back. */
static int read_without_the_call(pid_t child)
{
    struct pyr_err err = {0};
    uint32_t value = 0;
    if (!forbid_the_call()) {
        return 77;
    }
    struct pyr_memory *memory = pyr_memory_open_process((uint32_t)child, address_of(values), &err);
    if (memory == NULL || !pyr_memory_read_u32(memory, address_of(&values[7]), &value)) {
        return 1;
    }
    bool refused = !pyr_memory_read_u32(memory, 8, &value) &&
                   memory->failure == PYR_MEMORY_NOT_MAPPED &&
                   !pyr_memory_read_u32(memory, UINT64_MAX - 8, &value);
    pyr_memory_close(memory);
    return value == 21 && refused ? 0 : 2;
}

static void test_a_sandbox_without_the_call_reads_through_a_file(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = make_child();
    pid_t reader = fork();
    if (reader == 0) {
        _exit(read_without_the_call(child));
    }
    assert_int_equal(waitpid(reader, &status, 0), reader);
    end_child(child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_a_process_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    pid_t child = make_child();
    end_child(child);
    assert_null(pyr_memory_open_process((uint32_t)child, address_of(values), &err));
    assert_int_equal(err.code, PYR_ERR_GONE);
    assert_non_null(strstr(err.message, "there is no process"));
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct pyr_err err = {0};
    pyr_mem_fail_after(0);
    assert_null(pyr_memory_open_process((uint32_t)getpid(), 0, &err));
    assert_int_equal(err.code, PYR_ERR_NOMEM);
    for (long nth = 0; nth < 2; nth++) {
        pyr_mem_fail_after(nth);
        assert_null(pyr_memory_open_images(NULL, 0));
    }
    pyr_mem_fail_after(-1);
    struct pyr_memory *memory = pyr_memory_open_images(NULL, 0);
    assert_non_null(memory);
    pyr_memory_close(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made_up_memory_has_only_its_images),
        cmocka_unit_test(test_another_process_is_read_in_batches),
        cmocka_unit_test(test_the_number_of_whole_ranges_is_told),
        cmocka_unit_test(test_a_sandbox_without_the_call_reads_through_a_file),
        cmocka_unit_test(test_a_process_that_is_not_there_is_named),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
