/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/freeze.h"

#include <string.h>
#include <sys/resource.h>

#include "remote/elf_file.h"

#define MAX_FILES 4096u        /* mappings in which the C library's symbols are looked for */
#define MAX_RSEQ_OFFSET 65536  /* from the thread pointer, either way */
#define MIN_RSEQ_SIZE 20       /* bytes that the first version of the area uses */
#define HIGHEST_CPU (1u << 20) /* above are the kernel's marks for threads without an area */

static bool read_symbols(const struct pyr_target *target, const struct pyr_map_entry *entry,
                         int64_t *offset)
{
    struct pyr_err err = {0};
    struct pyr_elf elf = {0};
    struct pyr_elf_symbol symbols[] = {{.name = "__rseq_offset"}, {.name = "__rseq_size"}};
    uint64_t bias = 0;
    uint64_t value = 0;
    uint32_t size = 0;
    int fd = pyr_maps_open(entry, target->pid);
    if (fd < 0 || !pyr_elf_open(&elf, fd, &err)) {
        return false;
    }
    bool found = pyr_elf_find_symbols(&elf, symbols, 2, &err) && symbols[0].found &&
                 symbols[1].found && pyr_elf_bias(&elf, entry->start, entry->offset, &bias) &&
                 pyr_memory_read_u64(target->memory, symbols[0].value + bias, &value) &&
                 pyr_memory_read_u32(target->memory, symbols[1].value + bias, &size);
    pyr_elf_release(&elf);
    *offset = (int64_t)value;
    /* 0 says that the library did not register it: forbidden by a tunable, or by the kernel. */
    return found && size >= MIN_RSEQ_SIZE && *offset > -MAX_RSEQ_OFFSET &&
           *offset < MAX_RSEQ_OFFSET;
}

static bool names_libc(const char *path)
{
    const char *name = strrchr(path, '/');
    name = name == NULL ? path : name + 1;
    return strncmp(name, "ld-", 3) == 0 || strncmp(name, "ld.", 3) == 0 ||
           strncmp(name, "libc.", 5) == 0 || strncmp(name, "libc-", 5) == 0;
}

/* The C library has the symbols in its loader; a static program has them itself. */
static bool find_offset(const struct pyr_target *target, int64_t *offset)
{
    const struct pyr_maps *maps = &target->maps;
    uint32_t count = maps->count < MAX_FILES ? maps->count : MAX_FILES;
    for (uint32_t i = 0; i < count; i++) {
        const struct pyr_map_entry *entry = &maps->entries[i];
        bool is_program = i == 0;
        if (entry->inode != 0 && entry->offset == 0 && (is_program || names_libc(entry->path)) &&
            read_symbols(target, entry, offset)) {
            return true;
        }
    }
    return false;
}

void pyr_freeze_open(struct pyr_freeze *freeze, const struct pyr_target *target,
                     const struct pyr_home *home)
{
    memset(freeze, 0, sizeof(*freeze));
    freeze->pinned = PYR_CPU_UNKNOWN;
    if (home != NULL) {
        freeze->home = *home;
    } else {
        pyr_home_read(&freeze->home);
    }
    if (!target->is_core && find_offset(target, &freeze->rseq.offset)) {
        freeze->rseq.state = PYR_RSEQ_HOPED;
    }
}

void pyr_freeze_close(struct pyr_freeze *freeze)
{
    pyr_home_return(&freeze->home);
}

uint64_t pyr_rseq_address(const struct pyr_rseq *rseq, uint64_t ident)
{
    return rseq->state == PYR_RSEQ_NONE || ident == 0 ? 0 : ident + (uint64_t)rseq->offset;
}

uint32_t pyr_rseq_cpu(struct pyr_rseq_words words)
{
    return words.cpu == words.start && words.cpu < HIGHEST_CPU ? words.cpu : PYR_CPU_UNKNOWN;
}

void pyr_rseq_learn(struct pyr_rseq *rseq, struct pyr_rseq_words words, uint32_t kernel_cpu)
{
    if (rseq->state != PYR_RSEQ_HOPED) {
        return;
    }
    if (pyr_rseq_cpu(words) != kernel_cpu) {
        /* A thread that was moved but did not run since differs, too, so one is no disproof. */
        if (++rseq->misses >= PYR_RSEQ_MISSES) {
            rseq->state = PYR_RSEQ_NONE;
        }
        return;
    }
    int at = rseq->matches[0] == 0 || rseq->cpus[0] == kernel_cpu ? 0 : 1;
    if (at == 1 && rseq->matches[1] > 0 && rseq->cpus[1] != kernel_cpu) {
        return;
    }
    rseq->cpus[at] = kernel_cpu;
    rseq->matches[at]++;
    if (rseq->matches[0] >= PYR_RSEQ_MATCHES && rseq->matches[1] >= PYR_RSEQ_MATCHES) {
        rseq->state = PYR_RSEQ_PROVED;
    }
}

bool pyr_freeze_follow(struct pyr_freeze *freeze, uint32_t cpu)
{
    /* Another sampler of this thread may have sent it elsewhere meanwhile. */
    uint32_t here = pyr_home_cpu();
    if (cpu == freeze->pinned && cpu == here) {
        return true;
    }
    if (!pyr_home_go(&freeze->home, cpu)) {
        return false;
    }
    freeze->pinned = cpu;
    freeze->migrations += cpu != here;
    return true;
}

bool pyr_freeze_leave(struct pyr_freeze *freeze)
{
    bool left = pyr_home_avoid(&freeze->home, freeze->pinned);
    freeze->pinned = PYR_CPU_UNKNOWN;
    pyr_home_return(&freeze->home);
    return left;
}

uint64_t pyr_freeze_own_switches(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) != 0) {
        return 0;
    }
    return (uint64_t)usage.ru_nvcsw + (uint64_t)usage.ru_nivcsw;
}
