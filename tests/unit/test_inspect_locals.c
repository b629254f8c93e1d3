/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "object_fixture.h"
#include "remote/inspect.h"
#include "unit.h"

#define VARARGS 4u
#define KIND_LOCAL 0x20u
#define KIND_CELL 0x40u
#define KIND_FREE 0x80u
#define COUNT 6

static const struct fake_code simple_code = {"a.py", "f", "f", 1, "", 0, 100};

struct told {
    char text[512];
    uint32_t enough;
    uint32_t count;
};

static bool tell(void *context, const struct pyr_local *local)
{
    struct told *told = context;
    const size_t len = strlen(told->text);
    (void)snprintf(told->text + len, sizeof(told->text) - len, "%s%s=%llx ",
                   local->is_argument ? "*" : "", local->name, (unsigned long long)local->value);
    return ++told->count < told->enough;
}

/* A function f(a, b, *rest) with the variables c, cell and free; `b` is used by another function,
 * too, `c` is not set. Up to 3.10 there is a cell `b` beside the argument. */
static struct pyr_raw_frame make_frame(struct fake *fake)
{
    const struct pyr_layout *layout = &fake->layout;
    const bool modern = pyr_layout_minor(layout) >= 11;
    const uint64_t tag = pyr_layout_minor(layout) >= 14 ? 1 : 0;
    const uint64_t one = 0x1000;
    const uint64_t two = 0x2000;
    const uint64_t b_cell = fake_words(fake, "cell", 0, &two, 1);
    const uint64_t cell = fake_words(fake, "cell", 0, &one, 1);
    const uint64_t empty = 0;
    const uint64_t empty_cell = fake_words(fake, "cell", 0, &empty, 1);
    const uint64_t names[COUNT] = {fake_ascii(fake, "a"),    fake_ascii(fake, "b"),
                                   fake_ascii(fake, "rest"), fake_ascii(fake, "c"),
                                   fake_ascii(fake, "cell"), fake_ascii(fake, "free")};
    const uint8_t kinds[COUNT] = {
        KIND_LOCAL, KIND_LOCAL | KIND_CELL, KIND_LOCAL, KIND_LOCAL, KIND_CELL, KIND_FREE};
    uint64_t code = fake_code(fake, &simple_code);
    uint64_t frame = fake_alloc(fake, layout->frame_locals + 128);
    fake_u32(fake, code, layout->code_arg_count, 2);
    fake_u32(fake, code, layout->code_kwonly_count, 0);
    fake_u32(fake, code, layout->code_flags, VARARGS);
    if (modern) {
        const uint64_t values[COUNT] = {0x100 | tag, b_cell, 0x300, 0, cell | tag, empty_cell};
        fake_u64(fake, code, layout->code_local_names, fake_tuple(fake, names, COUNT));
        fake_u64(fake, code, layout->code_local_kinds, fake_bytes(fake, kinds, COUNT));
        memcpy(fake_at(fake, frame + layout->frame_locals), values, sizeof(values));
    } else {
        const uint64_t cells[] = {names[1], names[4]};
        const uint64_t values[] = {0x100, 0, 0x300, 0, b_cell, cell, empty_cell};
        fake_u64(fake, code, layout->code_local_names, fake_tuple(fake, names, 4));
        fake_u64(fake, code, layout->code_cell_names, fake_tuple(fake, cells, 2));
        fake_u64(fake, code, layout->code_free_names, fake_tuple(fake, &names[5], 1));
        memcpy(fake_at(fake, frame + layout->frame_locals), values, sizeof(values));
    }
    return (struct pyr_raw_frame){.code = code, .address = frame};
}

static void test_variables_are_told_arguments_first(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct told told = {.enough = 100};
        fake_open(&fake, fake_versions[v]);
        const struct pyr_raw_frame frame = make_frame(&fake);
        assert_true(pyr_inspect_locals(fake.memory, &fake.layout, &frame, tell, &told));
        assert_string_equal(told.text, "*a=100 *b=2000 *rest=300 cell=1000 ");
        told = (struct told){.enough = 2};
        assert_true(pyr_inspect_locals(fake.memory, &fake.layout, &frame, tell, &told));
        assert_string_equal(told.text, "*a=100 *b=2000 ");
        fake_close(&fake);
    }
}

static void test_numbers_on_the_stack_are_no_variables(void **state)
{
    (void)state;
    struct fake fake;
    struct told told = {.enough = 100};
    fake_open(&fake, 0x030e0af0);
    const struct pyr_raw_frame frame = make_frame(&fake);
    fake_u64(&fake, frame.address, fake.layout.frame_locals, 7u << 2 | 3u);
    assert_true(pyr_inspect_locals(fake.memory, &fake.layout, &frame, tell, &told));
    assert_string_equal(told.text, "*b=2000 *rest=300 cell=1000 ");
    fake_close(&fake);
}

static void test_frames_that_lie_are_refused_or_bounded(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        struct told told = {.enough = UINT32_MAX};
        fake_open(&fake, fake_versions[v]);
        struct pyr_raw_frame frame = make_frame(&fake);
        fake_u32(&fake, frame.code, fake.layout.code_arg_count, UINT32_MAX);
        assert_true(pyr_inspect_locals(fake.memory, &fake.layout, &frame, tell, &told));
        uint64_t names = 0;
        memcpy(&names, fake_at(&fake, frame.code + fake.layout.code_local_names), sizeof(names));
        fake_u64(&fake, names, fake.layout.var_size, UINT64_MAX);
        fake.memory->reads = 0;
        (void)!pyr_inspect_locals(fake.memory, &fake.layout, &frame, tell, &told);
        assert_in_range(fake.memory->reads, 1, 20000);
        frame.code = 0xdead0000;
        assert_false(pyr_inspect_locals(fake.memory, &fake.layout, &frame, tell, &told));
        frame = make_frame(&fake);
        frame.address = 0xdead0000;
        assert_false(pyr_inspect_locals(fake.memory, &fake.layout, &frame, tell, &told));
        fake_close(&fake);
    }
}

static void test_running_out_of_memory_is_told(void **state)
{
    (void)state;
    struct fake fake;
    fake_open(&fake, 0x030c01f0);
    const struct pyr_raw_frame frame = make_frame(&fake);
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct told told = {.enough = 100};
        pyr_mem_fail_after(nth);
        failed = !pyr_inspect_locals(fake.memory, &fake.layout, &frame, tell, &told);
        pyr_mem_fail_after(-1);
        assert_true(failed || told.count == 4);
    }
    fake_close(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables_are_told_arguments_first),
        cmocka_unit_test(test_numbers_on_the_stack_are_no_variables),
        cmocka_unit_test(test_frames_that_lie_are_refused_or_bounded),
        cmocka_unit_test(test_running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
