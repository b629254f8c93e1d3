/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/codes.h"

#include <string.h>

#include "base/mem.h"
#include "remote_fixture.h"
#include "unit.h"

static const uint8_t steps[] = {4, 1, 6, 2};             /* up to 3.10 */
static const uint8_t places[] = {0x80 | 13 << 3 | 1, 2}; /* from 3.11: two units, a line on */

static struct fake_code described(const struct fake *fake)
{
    bool modern = pyr_layout_minor(&fake->layout) >= 11;
    return (struct fake_code){.file = "/app/basket.py",
                              .name = "fill",
                              .qualname = "Basket.fill",
                              .first_line = 40,
                              .lines = modern ? places : steps,
                              .lines_size = modern ? sizeof(places) : sizeof(steps),
                              .units = 30};
}

static uint32_t id_of(struct pyr_codes *codes, struct fake *fake, uint64_t address)
{
    return pyr_codes_id(codes, fake->memory, &fake->layout, address);
}

static void test_a_code_object_is_read_whole(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        bool modern = pyr_layout_minor(&fake.layout) >= 11;
        struct pyr_codes *codes = pyr_codes_new();
        struct fake_code text = described(&fake);
        uint64_t address = fake_code(&fake, &text);
        fake_u32(&fake, address, fake.layout.code_flags, 0x63);
        uint32_t id = id_of(codes, &fake, address);
        assert_int_equal(id, 1);
        const struct pyr_code *code = pyr_codes_get(codes, id);
        assert_int_equal(code->address, address);
        assert_string_equal(code->file, "/app/basket.py");
        assert_string_equal(code->name, "fill");
        assert_string_equal(code->qualname, modern ? "Basket.fill" : "fill");
        assert_int_equal(code->first_line, 40);
        assert_int_equal(code->flags, 0x63);
        assert_int_equal(code->lines.minor, pyr_layout_minor(&fake.layout));
        assert_int_equal(pyr_line_find(&code->lines, 2).line, modern ? 41
                                                              : pyr_layout_minor(&fake.layout) == 10
                                                                  ? 41
                                                                  : 40);
        assert_int_equal(code->instructions, modern ? address + fake.layout.code_instructions : 0);
        assert_int_equal(code->instructions_size, modern ? 60 : 0);
        assert_false(code->is_shim);
        /* Known now: asked again it costs no read. */
        uint64_t reads = fake.memory->reads;
        assert_int_equal(id_of(codes, &fake, address), 1);
        assert_int_equal(fake.memory->reads, reads);
        assert_int_equal(pyr_codes_count(codes), 1);
        pyr_codes_free(codes);
        fake_close(&fake);
    }
}

/* The program frees the code object, or the texts or the table behind it, and makes others, all at
 * the addresses of the old ones. */
enum change {
    CHANGE_FIRST_LINE,
    CHANGE_FILE,
    CHANGE_NAME,
    CHANGE_LINES,
    CHANGE_NAME_POINTER,
    CHANGES,
};

static void change(struct fake *fake, uint64_t code, enum change what)
{
    const struct pyr_layout *layout = &fake->layout;
    uint32_t name =
        layout->code_qualname == PYR_LAYOUT_NONE ? layout->code_name : layout->code_qualname;
    uint64_t at = 0;
    switch (what) {
    case CHANGE_FIRST_LINE:
        fake_u32(fake, code, layout->code_first_line, 41);
        break;
    case CHANGE_FILE:
        memcpy(&at, fake_at(fake, code + layout->code_filename), sizeof(at));
        fake_u8(fake, at, layout->unicode_ascii_data + 13, 'x'); /* its last character */
        break;
    case CHANGE_NAME:
        memcpy(&at, fake_at(fake, code + name), sizeof(at));
        fake_u8(fake, at, layout->unicode_ascii_data, 'X');
        break;
    case CHANGE_LINES:
        memcpy(&at, fake_at(fake, code + layout->code_line_table), sizeof(at));
        fake_u8(fake, at, layout->bytes_data + 1, 6);
        break;
    default:
        fake_u64(fake, code, name, fake_ascii(fake, "other"));
        break;
    }
}

static void test_a_replaced_code_object_gets_an_id_of_its_own(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        for (int what = 0; what < CHANGES; what++) {
            struct fake fake;
            fake_open(&fake, fake_versions[v]);
            struct pyr_codes *codes = pyr_codes_new();
            struct fake_code text = described(&fake);
            uint64_t address = fake_code(&fake, &text);
            assert_int_equal(id_of(codes, &fake, address), 1);
            /* In a new epoch it is looked at again: in one read, and found the same. */
            pyr_codes_new_epoch(codes);
            uint64_t reads = fake.memory->reads;
            assert_int_equal(id_of(codes, &fake, address), 1);
            assert_int_equal(fake.memory->reads, reads + 1);
            change(&fake, address, (enum change)what);
            assert_int_equal(id_of(codes, &fake, address), 1); /* within an epoch it is trusted */
            pyr_codes_new_epoch(codes);
            assert_int_equal(id_of(codes, &fake, address), 2);
            assert_int_equal(id_of(codes, &fake, address), 2);
            assert_string_equal(pyr_codes_get(codes, 1)->file, "/app/basket.py");
            assert_int_equal(pyr_codes_get(codes, 1)->first_line, 40);
            pyr_codes_free(codes);
            fake_close(&fake);
        }
    }
}

/* What changes while a code object lives is no change of it. */
static void test_a_code_object_that_was_used_is_still_the_same(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        struct pyr_codes *codes = pyr_codes_new();
        const struct pyr_layout *layout = &fake.layout;
        struct fake_code text = described(&fake);
        uint64_t address = fake_code(&fake, &text);
        uint64_t file = 0;
        memcpy(&file, fake_at(&fake, address + layout->code_filename), sizeof(file));
        assert_int_equal(id_of(codes, &fake, address), 1);
        pyr_codes_new_epoch(codes);
        fake_u32(&fake, address, layout->object_refcount, 77);
        fake_u32(&fake, file, layout->object_refcount, 77);
        fake_u64(&fake, file, layout->unicode_length + 8, 0x1234567); /* its hash */
        assert_int_equal(id_of(codes, &fake, address), 1);
        pyr_codes_free(codes);
        fake_close(&fake);
    }
}

static void test_many_codes_are_checked_in_one_read(void **state)
{
    (void)state;
    enum { CODES = PYR_CODES_CHECKED + 5 };
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        struct pyr_codes *codes = pyr_codes_new();
        uint64_t addresses[CODES + 1] = {0};
        for (uint32_t i = 0; i < CODES; i++) {
            struct fake_code text = described(&fake);
            addresses[i] = fake_code(&fake, &text);
            assert_int_equal(id_of(codes, &fake, addresses[i]), i + 1);
        }
        addresses[CODES] = 0xdead0000beefull; /* not known, so not looked at */
        uint64_t reads = fake.memory->reads;
        assert_true(pyr_codes_check(codes, fake.memory, &fake.layout, addresses, CODES + 1));
        assert_int_equal(fake.memory->reads, reads + 2);
        change(&fake, addresses[CODES - 1], CHANGE_FIRST_LINE);
        assert_true(pyr_codes_check(codes, fake.memory, &fake.layout, addresses, CODES - 1));
        assert_false(pyr_codes_check(codes, fake.memory, &fake.layout, addresses, CODES + 1));
        pyr_codes_new_epoch(codes);
        assert_int_equal(id_of(codes, &fake, addresses[CODES - 1]), CODES + 1);
        assert_int_equal(id_of(codes, &fake, addresses[0]), 1);
        assert_true(pyr_codes_check(codes, fake.memory, &fake.layout, addresses, CODES + 1));
        pyr_codes_free(codes);
        fake_close(&fake);
    }
}

static void test_forgotten_addresses_are_read_again(void **state)
{
    (void)state;
    struct fake fake;
    fake_open(&fake, 0x030c01f0);
    struct pyr_codes *codes = pyr_codes_new();
    struct fake_code text = described(&fake);
    uint64_t address = fake_code(&fake, &text);
    assert_int_equal(id_of(codes, &fake, address), 1);
    pyr_codes_forget_addresses(codes);
    assert_int_equal(id_of(codes, &fake, address), 2);
    assert_string_equal(pyr_codes_get(codes, 1)->qualname, "Basket.fill");
    pyr_codes_free(codes);
    fake_close(&fake);
}

static void test_the_interpreters_own_code_is_known_as_such(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *name;
        bool shim;
    } cases[] = {{"__init__", "__init__", true},
                 {"<interpreter trampoline>", "<shim>", true},
                 {"<shim>", "<interpreter trampoline>", true},
                 {"__init__.py", "__init__", false},
                 {"<string>", "<module>", false}};
    struct fake fake;
    fake_open(&fake, 0x030d00f0);
    struct pyr_codes *codes = pyr_codes_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_code text = described(&fake);
        text.file = cases[i].file;
        text.name = text.qualname = cases[i].name;
        uint32_t id = id_of(codes, &fake, fake_code(&fake, &text));
        assert_int_not_equal(id, 0);
        assert_int_equal(pyr_codes_get(codes, id)->is_shim, cases[i].shim);
    }
    pyr_codes_free(codes);
    fake_close(&fake);
}

static void test_long_names_are_cut_with_an_ellipsis(void **state)
{
    (void)state;
    static uint32_t chars[PYR_CODE_MAX_NAME + 1];
    for (size_t i = 0; i <= PYR_CODE_MAX_NAME; i++) {
        chars[i] = 0x1f525;
    }
    struct fake fake;
    fake_open(&fake, 0x030b07f0);
    struct pyr_codes *codes = pyr_codes_new();
    struct fake_code text = described(&fake);
    uint64_t address = fake_code(&fake, &text);
    fake_u64(&fake, address, fake.layout.code_qualname,
             fake_wide(&fake, 4, chars, PYR_CODE_MAX_NAME + 1));
    uint32_t id = id_of(codes, &fake, address);
    assert_int_equal(id, 1);
    const char *name = pyr_codes_get(codes, id)->qualname;
    assert_int_equal(strlen(name), PYR_CODE_MAX_NAME * 4 + 3);
    assert_string_equal(name + PYR_CODE_MAX_NAME * 4, "\xE2\x80\xA6");
    pyr_codes_free(codes);
    fake_close(&fake);
}

static void test_a_line_table_that_is_too_long_leaves_the_first_line(void **state)
{
    (void)state;
    struct fake fake;
    fake_open(&fake, 0x030b07f0);
    struct pyr_codes *codes = pyr_codes_new();
    struct fake_code text = described(&fake);
    uint64_t address = fake_code(&fake, &text);
    uint64_t table = 0;
    memcpy(&table, fake_at(&fake, address + fake.layout.code_line_table), sizeof(table));
    fake_u64(&fake, table, fake.layout.var_size, PYR_CODE_MAX_LINE_TABLE + 1);
    uint32_t id = id_of(codes, &fake, address);
    assert_int_equal(id, 1);
    assert_int_equal(pyr_line_find(&pyr_codes_get(codes, id)->lines, 2).line, 40);
    pyr_codes_free(codes);
    fake_close(&fake);
}

static void test_what_is_no_code_object_has_no_id(void **state)
{
    (void)state;
    for (size_t v = 0; v < fake_version_count; v++) {
        struct fake fake;
        fake_open(&fake, fake_versions[v]);
        struct pyr_codes *codes = pyr_codes_new();
        const struct pyr_layout *layout = &fake.layout;
        assert_int_equal(id_of(codes, &fake, 0), 0);
        assert_int_equal(id_of(codes, &fake, 0xdead0000beefull), 0);
        assert_int_equal(id_of(codes, &fake, FAKE_BASE + FAKE_SIZE - 16), 0);
        uint64_t str = fake_ascii(&fake, "not a code object");
        (void)fake_alloc(&fake, 1024);
        assert_int_equal(id_of(codes, &fake, str), 0);
        const uint32_t pointers[] = {layout->code_filename, layout->code_name,
                                     layout->code_line_table, layout->object_type};
        for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
            struct fake_code text = described(&fake);
            uint64_t address = fake_code(&fake, &text);
            fake_u64(&fake, address, pointers[i], 0xdead0000beefull);
            assert_int_equal(id_of(codes, &fake, address), 0);
        }
        /* A table whose size is no size. */
        struct fake_code text = described(&fake);
        uint64_t address = fake_code(&fake, &text);
        uint64_t table = 0;
        memcpy(&table, fake_at(&fake, address + layout->code_line_table), sizeof(table));
        fake_u64(&fake, table, layout->var_size, UINT64_MAX);
        assert_int_equal(id_of(codes, &fake, address), 0);
        assert_int_equal(pyr_codes_count(codes), 0);
        pyr_codes_free(codes);
        fake_close(&fake);
    }
}

static void test_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct fake fake;
    fake_open(&fake, 0x030c01f0);
    struct fake_code text = described(&fake);
    uint64_t address = fake_code(&fake, &text);
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        pyr_mem_fail_after(nth);
        struct pyr_codes *codes = pyr_codes_new();
        uint32_t id = codes == NULL ? 0 : id_of(codes, &fake, address);
        pyr_mem_fail_after(-1);
        failed = id == 0;
        if (codes != NULL) {
            assert_int_equal(id_of(codes, &fake, address), 1);
            assert_string_equal(pyr_codes_get(codes, 1)->qualname, "Basket.fill");
        }
        pyr_codes_free(codes);
    }
    fake_close(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_code_object_is_read_whole),
        cmocka_unit_test(test_a_replaced_code_object_gets_an_id_of_its_own),
        cmocka_unit_test(test_a_code_object_that_was_used_is_still_the_same),
        cmocka_unit_test(test_many_codes_are_checked_in_one_read),
        cmocka_unit_test(test_forgotten_addresses_are_read_again),
        cmocka_unit_test(test_the_interpreters_own_code_is_known_as_such),
        cmocka_unit_test(test_long_names_are_cut_with_an_ellipsis),
        cmocka_unit_test(test_a_line_table_that_is_too_long_leaves_the_first_line),
        cmocka_unit_test(test_what_is_no_code_object_has_no_id),
        cmocka_unit_test(test_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
