/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Freeze: keeps the reader on the CPU of a thread of the target, and learns where that is.
 *
 * Two witnesses say on which CPU a thread is. The kernel's files in /proc always do. The other is
 * the C library's area for restartable sequences (rseq(2), glibc 2.35 and later), where the kernel
 * notes the CPU in the thread's own memory: it is read with the stack, at no cost. Where that area
 * is must be right, or it would prove nothing: it is taken from the target's C library
 * (__rseq_offset), and used only after it has agreed with the kernel's files on two different CPUs,
 * several times each. Until then, and where there is no such area, the files are the witness.
 * Threads: the reading one only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "remote/bracket.h"
#include "remote/home.h"
#include "remote/target.h"

#define PYR_RSEQ_MATCHES 4   /* on each of two CPUs prove the offset */
#define PYR_RSEQ_MISSES 1000 /* without proof, and the offset is not believed */

enum pyr_rseq_state {
    PYR_RSEQ_NONE = 0, /* the target has no such area, or its offset was wrong */
    PYR_RSEQ_HOPED,    /* not proved yet */
    PYR_RSEQ_PROVED,
};

struct pyr_rseq {
    enum pyr_rseq_state state;
    int64_t offset; /* from the thread pointer */
    uint32_t cpus[2];
    uint32_t matches[2]; /* on each of them */
    uint32_t misses;
};

/* The two words of the area that are read: cpu_id_start, cpu_id. */
struct pyr_rseq_words {
    uint32_t start;
    uint32_t cpu;
};

struct pyr_freeze {
    struct pyr_home home;
    struct pyr_rseq rseq;
    uint32_t pinned;     /* the CPU that it was sent to last; PYR_CPU_UNKNOWN: none */
    uint64_t migrations; /* times that the reader went to another CPU */
};

/* `home`: CPUs that may be used; NULL: those of the calling thread now. */
void pyr_freeze_open(struct pyr_freeze *freeze, const struct pyr_target *target,
                     const struct pyr_home *home);
void pyr_freeze_close(struct pyr_freeze *freeze); /* the reader may use its CPUs again */

/* The address of the words of the thread whose pthread_self() is `ident`; 0: there are none. */
uint64_t pyr_rseq_address(const struct pyr_rseq *rseq, uint64_t ident);
/* Tells what both witnesses said of one thread at one moment. */
void pyr_rseq_learn(struct pyr_rseq *rseq, struct pyr_rseq_words words, uint32_t kernel_cpu);
/* The CPU, or PYR_CPU_UNKNOWN where the words say none. */
uint32_t pyr_rseq_cpu(struct pyr_rseq_words words);

/* Goes to `cpu` and stays there; no call when it is there already. False where it may not. */
bool pyr_freeze_follow(struct pyr_freeze *freeze, uint32_t cpu);
/* Goes away from the CPU that it was sent to, and may then be anywhere. False when there is no
 * other CPU. */
bool pyr_freeze_leave(struct pyr_freeze *freeze);
/* How often the calling thread was switched out so far. */
uint64_t pyr_freeze_own_switches(void);
