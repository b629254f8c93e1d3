/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_names.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void test_the_loop_is_known_however_it_was_compiled(void **state)
{
    (void)state;
    static const char *const loops[] = {
        "_PyEval_EvalFrameDefault",        "_PyEval_EvalFrameDefault.cold",
        "_PyEval_EvalFrameDefault.llvm.7", "_PyEval_EvalFrameDefault.lto_priv.0",
        "_PyEval_EvalFrameDefault/1",      "_PyEval_EvalFrameDefault.cold.0",
    };
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
        assert_int_equal(pyr_native_role(loops[i], "python3.12", true), PYR_NATIVE_EVAL);
        /* A program that has CPython in it twice, or under another name. */
        assert_int_equal(pyr_native_role(loops[i], "game", false), PYR_NATIVE_EVAL);
    }
    assert_int_equal(pyr_native_role("_PyEval_EvalFrameDefault.part.0", "python3", true),
                     PYR_NATIVE_EVAL_PART);
    assert_int_equal(pyr_native_role("_PyEval_EvalFrameDefault.part.0.cold", "python3", true),
                     PYR_NATIVE_EVAL_PART);
    assert_int_equal(pyr_native_role("_TAIL_CALL_LOAD_ATTR", "python3.15", true),
                     PYR_NATIVE_EVAL_PART);
    assert_int_equal(pyr_native_role("_TAIL_CALL_CALL.llvm.123", "python3.15", true),
                     PYR_NATIVE_EVAL_PART);
}

static void test_what_only_calls_the_loop_is_not_the_loop(void **state)
{
    (void)state;
    static const char *const others[] = {"PyEval_EvalFrameEx", "PyEval_EvalFrame",
                                         "_PyEval_EvalFrameDefaultX", "_PyEval_Vector"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(pyr_native_role(others[i], "python3.9", true), PYR_NATIVE_HIDDEN);
    }
}

static void test_machinery_is_hidden_in_the_interpreter_only(void **state)
{
    (void)state;
    static const char *const hidden[] = {"PyObject_Vectorcall", "cfunction_vectorcall_FASTCALL",
                                         "method_vectorcall.constprop.0", "slot_tp_call", ""};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        assert_int_equal(pyr_native_role(hidden[i], "libpython3.11.so.1.0", true),
                         PYR_NATIVE_HIDDEN);
        assert_int_equal(pyr_native_role(hidden[i], "libshop.so", false), PYR_NATIVE_SHOWN);
    }
}

static void test_what_the_interpreter_does_in_c_is_shown(void **state)
{
    (void)state;
    static const char *const shown[] = {"list_sort", "sre_ucs1_match",  "gc_collect_main",
                                        "take_gil",  "PyLong_Multiply", "builtin_sorted"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        assert_int_equal(pyr_native_role(shown[i], "python3.11", true), PYR_NATIVE_SHOWN);
    }
}

static void test_threads_and_greenlets_have_a_base(void **state)
{
    (void)state;
    assert_int_equal(pyr_native_role("start_thread", "libc.so.6", false), PYR_NATIVE_BASE);
    assert_int_equal(pyr_native_role("start_thread", "libpthread-2.31.so", false), PYR_NATIVE_BASE);
    assert_int_equal(pyr_native_role("__clone3", "libc.so.6", false), PYR_NATIVE_BASE);
    assert_int_equal(pyr_native_role("_start", "python3.11", true), PYR_NATIVE_BASE);
    assert_int_equal(pyr_native_role("clone", "libgit.so", false), PYR_NATIVE_SHOWN);
    assert_int_equal(pyr_native_role("clone", "libcurl.so.4", false), PYR_NATIVE_SHOWN);
    assert_int_equal(pyr_native_role("g_initialstub", "_greenlet.cpython-311.so", false),
                     PYR_NATIVE_BASE);
    assert_int_equal(
        pyr_native_role("_ZN8greenlet12UserGreenlet13inner_bootstrapEPNS_6_greenlet8PyObjectE",
                        "_greenlet.cpython-312-x86_64-linux-gnu.so", false),
        PYR_NATIVE_BASE);
}

static void test_the_program_is_shown_unless_it_is_python(void **state)
{
    (void)state;
    assert_int_equal(pyr_native_role("main", "python3.11", false), PYR_NATIVE_HIDDEN);
    assert_int_equal(pyr_native_role("main", "python3.14", true), PYR_NATIVE_HIDDEN);
    assert_int_equal(pyr_native_role("main", "uwsgi", false), PYR_NATIVE_SHOWN);
}

static void test_trampolines_of_python_for_perf_are_hidden(void **state)
{
    (void)state;
    assert_int_equal(pyr_native_role("py::work:/app/shop.py", "[perf map]", false),
                     PYR_NATIVE_HIDDEN);
    assert_int_equal(pyr_native_role("pyramid", "[perf map]", false), PYR_NATIVE_SHOWN);
}

static void assert_tidy(const char *symbol, const char *expected)
{
    char text[64];
    pyr_native_tidy(symbol, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_what_compilers_append_is_left_out(void **state)
{
    (void)state;
    assert_tidy("list_sort", "list_sort");
    assert_tidy("list_sort.constprop.0", "list_sort");
    assert_tidy("sre_match.part.0.cold", "sre_match");
    assert_tidy("take_gil.lto_priv.3", "take_gil");
    assert_tidy("memcpy@@GLIBC_2.14", "memcpy");
    assert_tidy("main.go", "main.go");
    assert_tidy("", "");
    assert_tidy(".cold", ".cold");
}

static void test_functions_of_cython_are_named_as_they_were_written(void **state)
{
    (void)state;
    assert_tidy("__pyx_pw_4shop_1total", "shop.total");
    assert_tidy("__pyx_pw_4shop_6Basket_3add", "shop.Basket.add");
    assert_tidy("__pyx_pf_4shop_total", "shop.total");
    assert_tidy("__pyx_f_4shop_6Basket_sum_up", "shop.Basket.sum_up");
    assert_tidy("__pyx_pw_5numpy_6random_6mtrand_11RandomState_21rand.constprop.0",
                "numpy.random.mtrand.RandomState.rand");
    assert_tidy("__pyx_pw_4shop_10_secret", "shop._secret");
    assert_tidy("__pyx_pw_4shop_12", "shop.12");
    assert_tidy("__pyx_tp_new_4shop_Basket", "__pyx_tp_new_4shop_Basket");
}

static void test_hostile_symbols_do_no_harm(void **state)
{
    (void)state;
    char text[16];
    pyr_native_tidy("__pyx_pw_", text, sizeof text);
    assert_string_equal(text, "__pyx_pw_");
    pyr_native_tidy("__pyx_pw_99999999999999999999x_y", text, sizeof text);
    assert_string_equal(text, "__pyx_pw_999999");
    pyr_native_tidy("__pyx_pw_0_", text, sizeof text);
    assert_string_equal(text, "__pyx_pw_0_");
    pyr_native_tidy("__pyx_pw_4shop_", text, sizeof text);
    assert_string_equal(text, "__pyx_pw_4shop_");
    pyr_native_tidy("__pyx_f_1a_1b_1c_1d_1e_1f_1g_1h_1i_1j_1k_1l_1m_1n_1o_1p_1q_1r_1s_1t_f", text,
                    sizeof text);
    assert_string_equal(text, "a.b.c.d.e.f.g.h");
    pyr_native_tidy("a_name_that_is_longer_than_the_room", text, sizeof text);
    assert_string_equal(text, "a_name_that_is_");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loop_is_known_however_it_was_compiled),
        cmocka_unit_test(test_what_only_calls_the_loop_is_not_the_loop),
        cmocka_unit_test(test_machinery_is_hidden_in_the_interpreter_only),
        cmocka_unit_test(test_what_the_interpreter_does_in_c_is_shown),
        cmocka_unit_test(test_threads_and_greenlets_have_a_base),
        cmocka_unit_test(test_the_program_is_shown_unless_it_is_python),
        cmocka_unit_test(test_trampolines_of_python_for_perf_are_hidden),
        cmocka_unit_test(test_what_compilers_append_is_left_out),
        cmocka_unit_test(test_functions_of_cython_are_named_as_they_were_written),
        cmocka_unit_test(test_hostile_symbols_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
