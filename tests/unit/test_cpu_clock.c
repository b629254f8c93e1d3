/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/cpu_clock.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"

#include "unit.h"

#define BURN_NS 60000000u
#define ATTEMPTS 5
#define PAUSE_NS 100000000

/* A thread that steps, as the tracer does, and the sum of what it was told. */
struct stepper {
    struct pyr_cpu_clock clock;
    enum pyr_cpu_clock_kind kind;
    uint64_t last;
    uint64_t ticks;
    uint64_t ns;
    uint64_t steps;
    uint64_t slow_steps;
    uint64_t kernel_begin_ns;
    uint64_t kernel_ns; /* what the kernel says the thread used meanwhile */
};

static double rate;

static uint64_t kernel_cpu_ns(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void nap(long ns)
{
    struct timespec pause = {0, ns};
    nanosleep(&pause, NULL);
}

static void begin(struct stepper *s, enum pyr_cpu_clock_kind kind)
{
    memset(s, 0, sizeof *s);
    s->kind = kind;
    s->kernel_begin_ns = kernel_cpu_ns();
    pyr_cpu_clock_begin(&s->clock, kind, rate);
    s->last = pyr_clock_tsc();
}

static void step(struct stepper *s)
{
    uint64_t ticks = 0;
    uint64_t ns = 0;
    uint64_t now = pyr_clock_tsc();
    pyr_cpu_clock_step(&s->clock, s->last, now, &ticks, &ns);
    assert_true(ticks == 0 || ns == 0);
    pyr_counter_set(&s->last, now);
    pyr_counter_add(&s->ticks, ticks);
    pyr_counter_add(&s->ns, ns);
    s->steps++;
    s->slow_steps += ticks == 0;
}

static double sum_ns(const struct stepper *s)
{
    return (double)pyr_counter_read(&s->ticks) * rate + (double)pyr_counter_read(&s->ns);
}

static void finish(struct stepper *s)
{
    step(s);
    s->kernel_ns = kernel_cpu_ns() - s->kernel_begin_ns;
    pyr_cpu_clock_end(&s->clock);
}

static void work(int rounds)
{
    for (volatile int i = 0; i < rounds; i++) {
    }
}

static void burn(struct stepper *s, uint64_t cpu_ns)
{
    uint64_t begin_ns = kernel_cpu_ns();
    while (kernel_cpu_ns() - begin_ns < cpu_ns) {
        for (int i = 0; i < 100; i++) {
            work(200);
            step(s);
        }
    }
}

static bool near(double got, double wanted, double share)
{
    const bool ok = got >= (1 - share) * wanted && got <= (1 + share) * wanted;
    if (!ok) {
        print_message("%.0f is not within %.0f %% of %.0f\n", got, 100 * share, wanted);
    }
    return ok;
}

/* Another program, or the host of a virtual machine, may come between two readings that are
 * compared: a bound that does not hold is measured again, and a clock that is wrong is wrong in
 * every attempt. */
static void assert_measured(const char *what, bool (*attempt)(enum pyr_cpu_clock_kind),
                            enum pyr_cpu_clock_kind kind)
{
    for (int i = 1; !attempt(kind); i++) {
        if (i == ATTEMPTS) {
            fail_msg("%s: no attempt of %d was within its bounds", what, ATTEMPTS);
        }
        print_message("measured again: %s\n", what);
        nap(i * PAUSE_NS);
    }
}

/* The rest of this file is told to expect markers only where there are some. */
static enum pyr_cpu_clock_kind proved(void)
{
    for (int i = 0; i < 20; i++) {
        if (pyr_cpu_clock_prove() == PYR_CPU_CLOCK_RSEQ) {
            return PYR_CPU_CLOCK_RSEQ;
        }
    }
    return PYR_CPU_CLOCK_SYSCALL;
}

static void need_markers(void)
{
    if (proved() != PYR_CPU_CLOCK_RSEQ) {
        skip();
    }
}

static void *burn_thread(void *arg)
{
    struct stepper *s = arg;
    begin(s, s->kind);
    burn(s, BURN_NS);
    finish(s);
    return NULL;
}

static void *sleep_thread(void *arg)
{
    struct stepper *s = arg;
    begin(s, s->kind);
    for (int i = 0; i < 20; i++) {
        nap(3000000);
        step(s);
    }
    finish(s);
    return NULL;
}

static void run_thread(struct stepper *s, void *(*body)(void *), enum pyr_cpu_clock_kind kind)
{
    pthread_t thread;
    s->kind = kind;
    assert_int_equal(pthread_create(&thread, NULL, body, s), 0);
    pthread_join(thread, NULL);
}

static bool measure_burner(enum pyr_cpu_clock_kind kind)
{
    struct stepper s = {0};
    run_thread(&s, burn_thread, kind);
    if (kind == PYR_CPU_CLOCK_SYSCALL) {
        assert_int_equal(s.ticks, 0);
        assert_int_equal(s.slow_steps, s.steps);
    }
    return near(sum_ns(&s), (double)s.kernel_ns, 0.02);
}

static void test_a_burner_is_given_what_the_kernel_counts(void **state)
{
    (void)state;
    assert_measured("a burner", measure_burner, proved());
}

static void test_system_calls_alone_tell_the_same(void **state)
{
    (void)state;
    assert_measured("a burner by system calls", measure_burner, PYR_CPU_CLOCK_SYSCALL);
}

static bool measure_sleeper(enum pyr_cpu_clock_kind kind)
{
    struct stepper s = {0};
    uint64_t wall = pyr_clock_monotonic_ns();
    run_thread(&s, sleep_thread, kind);
    wall = pyr_clock_monotonic_ns() - wall;
    assert_true(wall >= 60000000);
    assert_true(sum_ns(&s) <= (double)s.kernel_ns);
    assert_true(s.slow_steps >= 15); /* each nap, or nearly so, was a switch */
    return sum_ns(&s) < 0.1 * (double)wall;
}

static void test_a_sleeper_uses_none(void **state)
{
    (void)state;
    assert_measured("a sleeper", measure_sleeper, proved());
    assert_measured("a sleeper by system calls", measure_sleeper, PYR_CPU_CLOCK_SYSCALL);
}

static bool measure_steps(enum pyr_cpu_clock_kind kind)
{
    struct stepper s = {0};
    run_thread(&s, burn_thread, kind);
    /* Of the burner's own system calls none is a switch. */
    return s.steps > 1000 && s.slow_steps * 20 < s.steps;
}

static void test_most_steps_of_a_busy_loop_are_no_system_call(void **state)
{
    (void)state;
    need_markers();
    assert_measured("the steps of a burner", measure_steps, PYR_CPU_CLOCK_RSEQ);
}

static bool measure_two_threads(enum pyr_cpu_clock_kind kind)
{
    cpu_set_t all;
    cpu_set_t one;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0); /* new threads inherit it */
    struct stepper s[2] = {{.kind = kind}, {.kind = kind}};
    pthread_t threads[2];
    uint64_t wall = pyr_clock_monotonic_ns();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, burn_thread, &s[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    wall = pyr_clock_monotonic_ns() - wall;
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);

    bool ok = sum_ns(&s[0]) + sum_ns(&s[1]) <= 1.02 * (double)wall;
    for (int i = 0; i < 2; i++) {
        assert_true(s[i].slow_steps > 2); /* each met the other */
        ok = near(sum_ns(&s[i]), (double)s[i].kernel_ns, 0.02) && ok;
    }
    return ok;
}

static void test_two_threads_on_one_processor_share_its_time(void **state)
{
    (void)state;
    assert_measured("two threads on one processor", measure_two_threads, proved());
}

/* A burner that makes a step only when told to, and says where it is. */
struct asked {
    struct stepper s;
    struct pyr_cpu_clock kept; /* the clock as it was when the thread ended */
    int wish;                  /* raised by who asks */
    int done;
};

static void *answer_thread(void *arg)
{
    struct asked *a = arg;
    begin(&a->s, a->s.kind);
    PYR_SHARED_SET(a->done, 1);
    int wish = 0;
    while (wish < 3) {
        work(1000);
        int now = PYR_SHARED_GET(a->wish);
        if (now != wish) {
            wish = now;
            step(&a->s);
            PYR_SHARED_SET(a->done, wish + 1);
        }
    }
    a->kept = a->s.clock;
    finish(&a->s);
    return NULL;
}

static void wait_for(int *place, int value)
{
    while (PYR_SHARED_GET(*place) != value) {
        sched_yield();
    }
}

static bool measure_asking(enum pyr_cpu_clock_kind kind)
{
    struct asked a = {.s = {.kind = kind}};
    bool ok = true;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, answer_thread, &a), 0);
    wait_for(&a.done, 1);
    clockid_t id;
    assert_int_equal(pthread_getcpuclockid(thread, &id), 0);
    struct timespec t = {0};
    for (int wish = 1; wish <= 3; wish++) {
        nap(30000000);
        uint64_t pending = 0;
        uint64_t last = pyr_counter_read(&a.s.last);
        double sum = sum_ns(&a.s);
        assert_true(pyr_cpu_clock_of_thread(&a.s.clock, last, &pending));
        clock_gettime(id, &t);
        double kernel = (double)t.tv_sec * 1e9 + (double)t.tv_nsec - (double)a.s.kernel_begin_ns;
        assert_true(pending > 0);
        ok = near(sum + (double)pending, kernel, 0.02) && ok;
        PYR_SHARED_SET(a.wish, wish);
        wait_for(&a.done, wish + 1);
    }
    pthread_join(thread, NULL);
    ok = near(sum_ns(&a.s), (double)a.s.kernel_ns, 0.02) && ok;
    uint64_t pending = 0;
    /* A joined thread may still be on its last way in the kernel. */
    for (int i = 0; i < 1000 && pyr_cpu_clock_of_thread(&a.kept, 0, &pending); i++) {
        nap(1000000);
    }
    assert_false(pyr_cpu_clock_of_thread(&a.kept, 0, &pending));
    assert_false(pyr_cpu_clock_of_thread(&a.s.clock, 0, &pending)); /* not begun */
    return ok;
}

static void test_another_thread_learns_what_was_used_since_the_last_step(void **state)
{
    (void)state;
    assert_measured("another's thread", measure_asking, proved());
    assert_measured("another's thread by system calls", measure_asking, PYR_CPU_CLOCK_SYSCALL);
}

static void *ask_thread(void *arg)
{
    struct asked *a = arg;
    uint64_t most = 0;
    while (PYR_SHARED_GET(a->wish) == 0) {
        uint64_t pending = 0;
        uint64_t last = pyr_counter_read(&a->s.last);
        if (pyr_cpu_clock_of_thread(&a->s.clock, last, &pending) && pending > most) {
            most = pending;
        }
        PYR_SHARED_SET(a->done, a->done + 1);
    }
    pyr_counter_set(&a->s.kernel_ns, most);
    return NULL;
}

/* The owner's stretches are short, so whatever is said to be pending must be, too: a base of one
 * step with the ticks of another would be off by all that was used between. */
static void test_a_thread_that_steps_may_be_asked_at_any_time(void **state)
{
    (void)state;
    struct asked a = {0};
    begin(&a.s, proved());
    burn(&a.s, BURN_NS);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_thread, &a), 0);
    while (PYR_SHARED_GET(a.done) < 1000) {
        work(1000);
        nap(1);
        step(&a.s);
    }
    PYR_SHARED_SET(a.wish, 1);
    pthread_join(thread, NULL);
    assert_true(a.s.kernel_ns < BURN_NS / 2);
    pyr_cpu_clock_end(&a.s.clock);
}

static void test_a_nap_makes_the_next_step_slow_and_no_other(void **state)
{
    (void)state;
    need_markers();
    int fast = 0;
    for (int i = 0; i < 20; i++) {
        struct stepper s = {0};
        struct rusage before;
        struct rusage after;
        getrusage(RUSAGE_THREAD, &before);
        begin(&s, PYR_CPU_CLOCK_RSEQ);
        nap(1000000); /* a shorter one may be over before the switch */
        step(&s);
        getrusage(RUSAGE_THREAD, &after);
        if (after.ru_nvcsw > before.ru_nvcsw) {
            assert_int_equal(s.slow_steps, 1);
        }
        uint64_t slow = s.slow_steps;
        work(100);
        step(&s);
        fast += slow == 1 && s.slow_steps == 1;
        finish(&s);
    }
    assert_true(fast > 10);
}

static void test_an_ended_clock_leaves_no_marker(void **state)
{
    (void)state;
    need_markers();
    for (int i = 0; i < 20; i++) {
        struct stepper s = {0};
        begin(&s, PYR_CPU_CLOCK_RSEQ);
        const uint64_t *field = s.clock.field;
        pyr_cpu_clock_end(&s.clock);
        assert_int_equal(*(const volatile uint64_t *)field, 0);
        assert_null(s.clock.watched);
        pyr_cpu_clock_end(&s.clock); /* zeroed is allowed */
    }
}

static void test_a_marker_that_someone_overwrote_costs_one_system_call(void **state)
{
    (void)state;
    need_markers();
    struct stepper s = {0};
    begin(&s, PYR_CPU_CLOCK_RSEQ);
    *(volatile uint64_t *)s.clock.field = 0;
    step(&s);
    assert_int_equal(s.slow_steps, 1);
    assert_true(s.ns > 0);
    finish(&s);
    assert_true(sum_ns(&s) <= (double)s.kernel_ns);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
    work(20000);
}

static bool measure_handler(enum pyr_cpu_clock_kind kind)
{
    struct sigaction action = {.sa_handler = count_signal};
    struct sigaction before;
    sigaction(SIGUSR1, &action, &before);
    struct stepper s = {0};
    signals = 0;
    begin(&s, kind);
    for (int i = 0; i < 300; i++) {
        raise(SIGUSR1);
        step(&s);
    }
    finish(&s);
    sigaction(SIGUSR1, &before, NULL);
    assert_int_equal(signals, 300);
    return near(sum_ns(&s), (double)s.kernel_ns, 0.02);
}

static void test_a_handler_is_cpu_time_of_its_thread(void **state)
{
    (void)state;
    assert_measured("a handler", measure_handler, proved());
}

static bool measure_fork(enum pyr_cpu_clock_kind kind)
{
    struct stepper s = {0};
    begin(&s, kind);
    burn(&s, BURN_NS / 3);
    pid_t child = fork();
    if (child == 0) {
        begin(&s, s.kind);
        burn(&s, BURN_NS / 3);
        finish(&s);
        _exit(near(sum_ns(&s), (double)s.kernel_ns, 0.02) ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    finish(&s);
    assert_true(WIFEXITED(status));
    return near(sum_ns(&s), (double)s.kernel_ns, 0.02) && WEXITSTATUS(status) == 0;
}

static void test_a_forked_child_begins_again(void **state)
{
    (void)state;
    assert_measured("a forked child", measure_fork, proved());
}

static bool measure_wrong_rate(enum pyr_cpu_clock_kind kind)
{
    struct stepper s = {0};
    begin(&s, kind);
    s.clock.ns_per_tick = 3 * rate; /* as if thrice the time had been handed out */
    burn(&s, BURN_NS / 3);
    nap(1000);
    step(&s);
    assert_true(s.ns <= s.kernel_begin_ns + BURN_NS);
    s.clock.ns_per_tick = rate;
    double before = sum_ns(&s);
    uint64_t kernel = kernel_cpu_ns();
    while (kernel_cpu_ns() - kernel <
           BURN_NS / 3) { /* all of it in slow steps, which pay the debt */
        work(100000);
        nap(1);
        step(&s);
    }
    const bool ok = near(sum_ns(&s) - before, (double)(kernel_cpu_ns() - kernel), 0.1);
    finish(&s);
    return ok;
}

static void test_a_wrong_rate_never_makes_time_negative_and_heals(void **state)
{
    (void)state;
    assert_measured("a wrong rate", measure_wrong_rate, proved());
}

static void test_a_reading_older_than_the_clock_counts_nothing(void **state)
{
    (void)state;
    uint64_t now = pyr_clock_tsc();
    struct stepper s = {0};
    begin(&s, proved());
    uint64_t ticks = 1;
    uint64_t ns = 1;
    pyr_cpu_clock_step(&s.clock, 0, now, &ticks, &ns);
    assert_int_equal(ticks, 0);
    assert_true(ns < 1000000000u);
    pyr_cpu_clock_end(&s.clock);
}

static void test_without_the_counter_there_is_only_the_system_call(void **state)
{
    (void)state;
    setenv("PYROMETER_CLOCK", "monotonic", 1);
    assert_int_equal(pyr_cpu_clock_prove(), PYR_CPU_CLOCK_SYSCALL);
    unsetenv("PYROMETER_CLOCK");
    assert_string_equal(pyr_cpu_clock_name(PYR_CPU_CLOCK_SYSCALL), "syscall");
    assert_string_equal(pyr_cpu_clock_name(PYR_CPU_CLOCK_RSEQ), "rseq");
    struct pyr_cpu_clock clock = {0};
    pyr_cpu_clock_begin(&clock, PYR_CPU_CLOCK_SYSCALL, 1.0);
    assert_int_equal(pyr_cpu_clock_kind(&clock), PYR_CPU_CLOCK_SYSCALL);
    pyr_cpu_clock_end(&clock);
}

int main(void)
{
    struct pyr_clock_mark none = {0};
    enum pyr_clock_kind kind = pyr_clock_best();
    struct pyr_clock_mark from = pyr_clock_mark(kind);
    nap(20000000);
    rate = kind == PYR_CLOCK_TSC ? pyr_clock_rate(kind, from, pyr_clock_mark(kind))
                                 : pyr_clock_rate(PYR_CLOCK_TSC, none, none);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_burner_is_given_what_the_kernel_counts),
        cmocka_unit_test(test_system_calls_alone_tell_the_same),
        cmocka_unit_test(test_a_sleeper_uses_none),
        cmocka_unit_test(test_most_steps_of_a_busy_loop_are_no_system_call),
        cmocka_unit_test(test_two_threads_on_one_processor_share_its_time),
        cmocka_unit_test(test_another_thread_learns_what_was_used_since_the_last_step),
        cmocka_unit_test(test_a_thread_that_steps_may_be_asked_at_any_time),
        cmocka_unit_test(test_a_nap_makes_the_next_step_slow_and_no_other),
        cmocka_unit_test(test_an_ended_clock_leaves_no_marker),
        cmocka_unit_test(test_a_marker_that_someone_overwrote_costs_one_system_call),
        cmocka_unit_test(test_a_handler_is_cpu_time_of_its_thread),
        cmocka_unit_test(test_a_forked_child_begins_again),
        cmocka_unit_test(test_a_wrong_rate_never_makes_time_negative_and_heals),
        cmocka_unit_test(test_a_reading_older_than_the_clock_counts_nothing),
        cmocka_unit_test(test_without_the_counter_there_is_only_the_system_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
