/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/cpu_clock.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/resource.h>

#include "base/atomic.h"
#include "base/clock.h"

#define NS_PER_S 1000000000u
/* More was handed out as ticks than the kernel counted (interrupts, a rate that is a little off):
 * it is taken from later readings, but no more than this, lest one long stretch starve many. */
#define MAX_OWED_NS 1000000u
#define KEEP_TRIES 20
#define NAPS_WANTED 3
#define NAP_TRIES 10
#define SPIN_TRIES 5
#define SPIN_NS 200000u
#define SPIN_LIMIT_NS 20000000u
#define SPIN_TOLERANCE_NS 10000u /* 5 %: readings of the clocks are part of the spin */
#define MAX_VERSION_TRIES 100

#if defined(__x86_64__) && defined(__linux__)

/* The kernel's struct rseq_cs, with pointers for its addresses. */
struct pyr_cpu_clock_marker {
    uint32_t version;
    uint32_t flags;
    const void *start;
    uint64_t size;
    const void *abort;
} __attribute__((aligned(32)));

/* Where a thread that is in the section would be sent on. The kernel demands the word that glibc
 * registered right before it, and kills the process where it is missing. */
static const uint32_t landing[2] = {0x53053053, 0};

const struct pyr_cpu_clock_marker pyr_cpu_clock_marker = {
    .start = &landing[1],
    .size = 0, /* so no instruction is in it */
    .abort = &landing[1],
};

/* What is used of the kernel's struct rseq. */
struct rseq_area {
    uint32_t cpu_id_start;
    int32_t cpu_id; /* negative: not registered */
    uint64_t rseq_cs;
};

/* NULL where the C library registered no area for the calling thread. Its variables are looked up
 * by name because a C library without them must do. */
static uint64_t *own_field(void)
{
    const ptrdiff_t *offset = dlsym(RTLD_DEFAULT, "__rseq_offset");
    const unsigned *size = dlsym(RTLD_DEFAULT, "__rseq_size");
    if (offset == NULL || size == NULL || *size < sizeof(struct rseq_area)) {
        return NULL;
    }
    char *thread_pointer = NULL;
    __asm__("movq %%fs:0, %0" : "=r"(thread_pointer));
    struct rseq_area *area = (struct rseq_area *)(void *)(thread_pointer + *offset);
    /* The kernel writes the number at every switch, so the compiler must not know it. */
    return *(volatile int32_t *)&area->cpu_id >= 0 ? &area->rseq_cs : NULL;
}

#else

struct pyr_cpu_clock_marker {
    uint32_t unused;
};
const struct pyr_cpu_clock_marker pyr_cpu_clock_marker = {0};

static uint64_t *own_field(void)
{
    return NULL;
}

#endif

static const uint64_t never_marked = 0;

const char *pyr_cpu_clock_name(enum pyr_cpu_clock_kind kind)
{
    return kind == PYR_CPU_CLOCK_RSEQ ? "rseq" : "syscall";
}

static bool read_ns(clockid_t id, uint64_t *ns)
{
    struct timespec now;
    if (clock_gettime(id, &now) != 0) {
        return false;
    }
    *ns = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
    return true;
}

static uint64_t own_cpu_ns(void)
{
    uint64_t ns = 0;
    return read_ns(CLOCK_THREAD_CPUTIME_ID, &ns) ? ns : 0;
}

static void set_marker(uint64_t *field)
{
    *(volatile uint64_t *)field = (uintptr_t)&pyr_cpu_clock_marker;
}

static bool has_marker(const uint64_t *field)
{
    return *(const volatile uint64_t *)field == (uintptr_t)&pyr_cpu_clock_marker;
}

static void remove_marker(uint64_t *field)
{
    if (has_marker(field)) {
        *(volatile uint64_t *)field = 0;
    }
}

static void spin(uint64_t ns)
{
    uint64_t begin = pyr_clock_monotonic_ns();
    while (pyr_clock_monotonic_ns() - begin < ns) {
        /* On the processor all the time. */
    }
}

static bool marker_outlives_a_loop(uint64_t *field)
{
    for (int i = 0; i < KEEP_TRIES; i++) {
        set_marker(field);
        spin(SPIN_NS / KEEP_TRIES);
        if (has_marker(field)) {
            return true;
        }
    }
    return false;
}

static bool every_nap_erases_the_marker(uint64_t *field)
{
    const struct timespec nap = {0, 1};
    int proved = 0;
    for (int i = 0; i < NAP_TRIES && proved < NAPS_WANTED; i++) {
        struct rusage before = {0};
        struct rusage after = {0};
        getrusage(RUSAGE_THREAD, &before);
        set_marker(field);
        nanosleep(&nap, NULL);
        bool kept = has_marker(field);
        getrusage(RUSAGE_THREAD, &after);
        if (after.ru_nvcsw == before.ru_nvcsw) {
            continue;
        }
        if (kept) {
            return false;
        }
        /* After an involuntary switch as well, it may have been that one. */
        proved += after.ru_nivcsw == before.ru_nivcsw;
    }
    return proved == NAPS_WANTED;
}

/* One spin that agrees is enough: a busy machine can part the readings, but not join them. */
static bool clocks_agree(uint64_t *field)
{
    uint64_t begin = pyr_clock_monotonic_ns();
    for (int i = 0; i < SPIN_TRIES; i++) {
        set_marker(field);
        struct pyr_clock_mark from = pyr_clock_mark(PYR_CLOCK_TSC);
        uint64_t cpu_ns = own_cpu_ns();
        spin(SPIN_NS);
        cpu_ns = own_cpu_ns() - cpu_ns;
        struct pyr_clock_mark to = pyr_clock_mark(PYR_CLOCK_TSC);
        bool kept = has_marker(field);
        uint64_t ns = to.ns - from.ns;
        uint64_t apart = ns > cpu_ns ? ns - cpu_ns : cpu_ns - ns;
        if (kept && to.ticks > from.ticks && apart <= SPIN_TOLERANCE_NS) {
            return true;
        }
        if (to.ns - begin > SPIN_LIMIT_NS) {
            break;
        }
    }
    return false;
}

enum pyr_cpu_clock_kind pyr_cpu_clock_prove(void)
{
    uint64_t *field = own_field();
    if (field == NULL || pyr_clock_best() != PYR_CLOCK_TSC) {
        return PYR_CPU_CLOCK_SYSCALL;
    }
    bool proved =
        marker_outlives_a_loop(field) && every_nap_erases_the_marker(field) && clocks_agree(field);
    remove_marker(field);
    return proved ? PYR_CPU_CLOCK_RSEQ : PYR_CPU_CLOCK_SYSCALL;
}

/* Sets a marker where there may be one, and publishes what holds from it on. */
static void rebase(struct pyr_cpu_clock *clock, uint64_t base_ns)
{
    pyr_publish_u32(&clock->version, clock->version + 1);
    PYR_SHARED_SET(clock->base_ns, base_ns);
    if (clock->field == NULL) {
        PYR_SHARED_SET(clock->start_ticks, UINT64_MAX);
    } else {
        set_marker(clock->field);
        uint64_t start = pyr_clock_tsc();
        PYR_SHARED_SET(clock->start_ticks, start);
    }
    pyr_publish_u32(&clock->version, clock->version + 1);
}

void pyr_cpu_clock_begin(struct pyr_cpu_clock *clock, enum pyr_cpu_clock_kind kind,
                         double ns_per_tick)
{
    clock->field = kind == PYR_CPU_CLOCK_RSEQ ? own_field() : NULL;
    clock->ns_per_tick = ns_per_tick;
    clock->watched = clock->field != NULL ? clock->field : &never_marked;
    if (pthread_getcpuclockid(pthread_self(), &clock->id) != 0) {
        clock->id = CLOCK_THREAD_CPUTIME_ID;
    }
    rebase(clock, own_cpu_ns());
}

enum pyr_cpu_clock_kind pyr_cpu_clock_kind(const struct pyr_cpu_clock *clock)
{
    return clock->field != NULL ? PYR_CPU_CLOCK_RSEQ : PYR_CPU_CLOCK_SYSCALL;
}

void pyr_cpu_clock_end(struct pyr_cpu_clock *clock)
{
    if (clock->field != NULL && clock->field == own_field()) {
        remove_marker(clock->field);
    }
    *clock = (struct pyr_cpu_clock){0};
}

/* What the steps up to `last_ticks` handed out, on the kernel's clock. */
static uint64_t handed_out_ns(uint64_t base_ns, uint64_t start_ticks, uint64_t last_ticks,
                              double ns_per_tick)
{
    if (last_ticks <= start_ticks) {
        return base_ns;
    }
    return base_ns + (uint64_t)((double)(last_ticks - start_ticks) * ns_per_tick);
}

__attribute__((noinline, cold)) uint64_t pyr_cpu_clock_read(struct pyr_cpu_clock *clock,
                                                            uint64_t last_ticks)
{
    uint64_t handed =
        handed_out_ns(clock->base_ns, clock->start_ticks, last_ticks, clock->ns_per_tick);
    uint64_t reading = own_cpu_ns();
    uint64_t owed = handed > reading ? handed - reading : 0;
    rebase(clock, reading + (owed < MAX_OWED_NS ? owed : MAX_OWED_NS));
    return reading > handed ? reading - handed : 0;
}

bool pyr_cpu_clock_of_thread(const struct pyr_cpu_clock *clock, uint64_t last_ticks,
                             uint64_t *pending_ns)
{
    /* A thread that steps meanwhile is given up on in the end: what was read last is then off by
     * one step, which is what the caller's other figures are off by, too. */
    uint64_t handed = 0;
    for (int i = 0; i < MAX_VERSION_TRIES; i++) {
        uint32_t version = pyr_published_u32(&clock->version);
        uint64_t base_ns = PYR_SHARED_GET(clock->base_ns);
        uint64_t start_ticks = PYR_SHARED_GET(clock->start_ticks);
        handed = handed_out_ns(base_ns, start_ticks, last_ticks, clock->ns_per_tick);
        if (version % 2 == 0 && version == pyr_published_u32(&clock->version)) {
            if (version == 0) {
                return false;
            }
            break;
        }
    }
    uint64_t reading = 0;
    if (!read_ns(clock->id, &reading)) {
        return false;
    }
    *pending_ns = reading > handed ? reading - handed : 0;
    return true;
}
