/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/native_unwind.h"

#include <string.h>
#include <sys/user.h>

#include "base/mem.h"
#include "remote/native.h"

#define PIECE 16384 /* bytes that are read at once while the end of a stack is not known */
#define PAGE 4096
/* What a function has just popped, unwind tables say to be below the stack pointer: it still is. */
#define KEPT_BELOW 128
#define MAX_ENTRIES_AT_ONCE 64
#define OLDEST_LOOP_FRAME 12 /* the version whose loop has a Python frame of its own */
#define STACK_POINTER 7      /* DWARF's numbers of registers */
#define FRAME_POINTER 6
#define PROGRAM_COUNTER 16

static pid_t next_thread(Dwfl *dwfl, void *context, void **thread)
{
    (void)dwfl;
    const struct pyr_native_unwinder *unwinder = context;
    if (*thread != NULL) {
        return 0;
    }
    *thread = context;
    return (pid_t)unwinder->copy->tid;
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *context, void **thread)
{
    (void)dwfl;
    const struct pyr_native_unwinder *unwinder = context;
    *thread = context;
    return (pid_t)unwinder->copy->tid == tid;
}

/* Only the copy is there to be read: the thread has gone on. */
static bool read_word(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *word, void *context)
{
    (void)dwfl;
    struct pyr_native_unwinder *unwinder = context;
    const struct pyr_native_copied *copy = unwinder->copy;
    const uint64_t place = address - copy->start;
    if (place > copy->size || copy->size - place < sizeof *word) {
        unwinder->unread = true;
        return false;
    }
    memcpy(word, copy->bytes + place, sizeof *word);
    if (address > unwinder->highest) {
        unwinder->highest = address;
    }
    return true;
}

static bool set_registers(Dwfl_Thread *thread, void *context)
{
    const struct pyr_native_unwinder *unwinder = context;
    return unwinder->dw->set_registers(thread, 0, PYR_NATIVE_REGISTERS, unwinder->copy->registers);
}

static bool attach(struct pyr_native_unwinder *unwinder, struct pyr_err *err)
{
    static const Dwfl_Thread_Callbacks callbacks = {
        .next_thread = next_thread,
        .get_thread = get_thread,
        .memory_read = read_word,
        .set_initial_registers = set_registers,
    };
    const Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_ehsize = sizeof(Elf64_Ehdr),
    };
    const struct pyr_dw *dw = unwinder->dw;
    memcpy(unwinder->header, &header, sizeof header);
    unwinder->machine = dw->elf_memory(unwinder->header, sizeof unwinder->header);
    if (unwinder->machine == NULL ||
        !dw->attach(unwinder->modules->dwfl, unwinder->machine,
                    (pid_t)unwinder->modules->target->pid, &callbacks, unwinder)) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED, "libdw can't unwind stacks here: %s",
                           dw->error_text(-1));
    }
    return true;
}

bool pyr_native_unwinder_open(struct pyr_native_unwinder *unwinder,
                              struct pyr_native_modules *modules, struct pyr_perf_map *perf_map,
                              struct pyr_err *err)
{
    memset(unwinder, 0, sizeof *unwinder);
    unwinder->dw = modules->dw;
    unwinder->modules = modules;
    unwinder->perf_map = perf_map;
    unwinder->memory = modules->target->memory;
    unwinder->layout = &modules->target->layout;
    if (!attach(unwinder, err)) {
        pyr_native_unwinder_close(unwinder);
        return false;
    }
    return true;
}

void pyr_native_unwinder_close(struct pyr_native_unwinder *unwinder)
{
    for (uint32_t i = 0; i < unwinder->count; i++) {
        pyr_mem_free(unwinder->copies[i].bytes);
        pyr_mem_free(unwinder->copies[i].entries);
    }
    if (unwinder->machine != NULL) {
        unwinder->dw->elf_end(unwinder->machine);
    }
    pyr_mem_free(unwinder->copies);
    pyr_map_release(&unwinder->by_tid);
    memset(unwinder, 0, sizeof *unwinder);
}

static struct pyr_native_copied *copy_of(struct pyr_native_unwinder *unwinder, uint32_t tid)
{
    const uint32_t index = pyr_map_get(&unwinder->by_tid, tid);
    return index == 0 ? NULL : &unwinder->copies[index - 1];
}

static struct pyr_native_copied *need_copy(struct pyr_native_unwinder *unwinder, uint32_t tid,
                                           struct pyr_err *err)
{
    struct pyr_native_copied *copy = copy_of(unwinder, tid);
    if (copy != NULL) {
        return copy;
    }
    if (!pyr_mem_grow(&unwinder->copies, &unwinder->cap, (size_t)unwinder->count + 1,
                      sizeof *unwinder->copies, err) ||
        !pyr_map_put(&unwinder->by_tid, tid, unwinder->count + 1, err)) {
        return NULL;
    }
    copy = &unwinder->copies[unwinder->count++];
    *copy = (struct pyr_native_copied){.tid = tid};
    return copy;
}

static bool make_room(struct pyr_native_copied *copy, size_t size, struct pyr_err *err)
{
    if (size <= copy->cap) {
        return true;
    }
    uint8_t *bytes = pyr_mem_realloc(copy->bytes, size);
    if (bytes == NULL) {
        return pyr_err_nomem(err);
    }
    copy->bytes = bytes;
    copy->cap = size;
    return true;
}

/* Reads what is mapped from `start` on, in steps of `step`; gives the number of bytes. */
static size_t read_steps(struct pyr_native_unwinder *unwinder, uint64_t start, uint8_t *into,
                         size_t max, size_t step)
{
    size_t done = 0;
    while (done < max) {
        const uint64_t at = start + done;
        size_t size = step - (size_t)(at % step);
        size = size < max - done ? size : max - done;
        if (!pyr_memory_read(unwinder->memory, at, into + done, size)) {
            break;
        }
        done += size;
    }
    return done;
}

static uint64_t start_of(struct pyr_native_unwinder *unwinder, uint64_t sp)
{
    uint8_t byte = 0;
    const uint64_t below = sp - KEPT_BELOW;
    /* A stack that has not grown further yet may begin with this very page. */
    const bool same_page = below / PAGE == sp / PAGE;
    return same_page || pyr_memory_read(unwinder->memory, below, &byte, 1) ? below : sp;
}

static bool copy_stack(struct pyr_native_unwinder *unwinder, struct pyr_native_copied *copy,
                       struct pyr_err *err)
{
    const uint64_t start = start_of(unwinder, copy->registers[STACK_POINTER]);
    copy->start = start;
    copy->size = 0;
    if (copy->stack_end > start && copy->stack_end - start <= PYR_NATIVE_MAX_STACK) {
        const size_t size = (size_t)(copy->stack_end - start);
        if (!make_room(copy, size, err)) {
            return false;
        }
        if (pyr_memory_read(unwinder->memory, start, copy->bytes, size)) {
            copy->size = size;
            return true;
        }
    }
    if (!make_room(copy, PYR_NATIVE_MAX_STACK, err)) {
        return false;
    }
    copy->size = read_steps(unwinder, start, copy->bytes, PYR_NATIVE_MAX_STACK, PIECE);
    copy->size += read_steps(unwinder, start + copy->size, copy->bytes + copy->size,
                             PYR_NATIVE_MAX_STACK - copy->size, PAGE);
    return true;
}

/* From 3.12 on, the frame before an entry frame is the loop's own, on the C stack. */
static bool copy_entries(struct pyr_native_unwinder *unwinder, struct pyr_native_copied *copy,
                         const struct pyr_raw_stack *python, struct pyr_err *err)
{
    struct pyr_memory_range ranges[MAX_ENTRIES_AT_ONCE];
    uint32_t pending = 0;
    copy->placed = pyr_layout_minor(unwinder->layout) >= OLDEST_LOOP_FRAME &&
                   unwinder->dw->frame_register != NULL;
    copy->entry_count = 0;
    for (uint32_t i = 0; i < python->count && copy->placed; i++) {
        const struct pyr_raw_frame *frame = &python->frames[i];
        if (frame->kind == PYR_RAW_PYTHON && frame->is_entry) {
            if (!pyr_mem_grow(&copy->entries, &copy->entry_cap, python->count,
                              sizeof *copy->entries, err)) {
                return false;
            }
            ranges[pending++] = (struct pyr_memory_range){
                frame->address + unwinder->layout->frame_back,
                sizeof *copy->entries,
                &copy->entries[copy->entry_count++],
            };
        }
        if (pending == MAX_ENTRIES_AT_ONCE || (pending > 0 && i + 1 == python->count)) {
            copy->placed = pyr_memory_read_all(unwinder->memory, ranges, pending);
            pending = 0;
        }
    }
    return true;
}

bool pyr_native_unwinder_copy(struct pyr_native_unwinder *unwinder,
                              const struct pyr_stopper *stopper, uint32_t tid,
                              const struct pyr_raw_stack *python, struct pyr_err *err)
{
    struct user_regs_struct regs = {0};
    if (!pyr_stopper_registers(stopper, tid, &regs, sizeof regs, err)) {
        return false;
    }
    struct pyr_native_copied *copy = need_copy(unwinder, tid, err);
    if (copy == NULL) {
        return false;
    }
    const Dwarf_Word registers[PYR_NATIVE_REGISTERS] = {
        regs.rax, regs.rdx, regs.rcx, regs.rbx, regs.rsi, regs.rdi, regs.rbp, regs.rsp, regs.r8,
        regs.r9,  regs.r10, regs.r11, regs.r12, regs.r13, regs.r14, regs.r15, regs.rip,
    };
    memcpy(copy->registers, registers, sizeof registers);
    return copy_entries(unwinder, copy, python, err) && copy_stack(unwinder, copy, err);
}

/* Python's trampolines for perf have no unwind tables. All there are look alike: one word is
 * pushed, the frame pointer or padding, and the loop called; so the caller's registers are known.
 */
static bool leave_trampoline(struct pyr_native_unwinder *unwinder, Dwfl_Frame *frame, uint64_t pc)
{
    static const uint8_t landing_pad[] = {0xf3, 0x0f, 0x1e, 0xfa};
    const struct pyr_perf_symbol *symbol = pyr_perf_map_find(unwinder->perf_map, pc);
    Dwarf_Word registers[PYR_NATIVE_REGISTERS] = {0};
    Dwarf_Word words[2];
    uint8_t code[8];
    if (symbol == NULL || strncmp(symbol->name, "py::", 4) != 0 ||
        unwinder->dw->frame_register == NULL ||
        !pyr_memory_read(unwinder->memory, symbol->start, code, sizeof code)) {
        return false;
    }
    for (unsigned i = 0; i < PROGRAM_COUNTER; i++) {
        /* Registers that a call may change are not known, and not needed. */
        if (unwinder->dw->frame_register(frame, i, &registers[i]) < 0) {
            return false;
        }
    }
    const uint64_t sp = registers[STACK_POINTER];
    if (!read_word(NULL, sp, &words[0], unwinder) ||
        !read_word(NULL, sp + sizeof *words, &words[1], unwinder)) {
        return false;
    }
    const size_t skipped = memcmp(code, landing_pad, sizeof landing_pad) == 0 ? 4 : 0;
    if (code[skipped] == 0x55) { /* push %rbp */
        registers[FRAME_POINTER] = words[0];
    }
    registers[STACK_POINTER] = sp + sizeof words;
    registers[PROGRAM_COUNTER] = words[1];
    memcpy(unwinder->copy->registers, registers, sizeof registers);
    return true;
}

/* Called by libdw for each frame. */
static int on_frame(Dwfl_Frame *frame, void *context)
{
    struct pyr_native_unwinder *unwinder = context;
    Dwarf_Addr pc = 0;
    bool active = false;
    if (!unwinder->dw->frame_pc(frame, &pc, &active) || pc == 0 ||
        unwinder->frames >= PYR_NATIVE_MAX_FRAMES) {
        unwinder->over = true;
        return DWARF_CB_ABORT;
    }
    /* After a trampoline, the first frame is a caller too. */
    const bool calls = !active || unwinder->resumable;
    unwinder->resumable = false;
    const uint64_t at = calls ? pc - 1 : pc;
    if (!pyr_native_modules_executable(unwinder->modules, at)) {
        unwinder->over = true;
        return DWARF_CB_ABORT;
    }
    struct pyr_raw_frame raw = {.code = at, .kind = PYR_RAW_NATIVE, .offset = -1};
    Dwarf_Word sp = 0;
    if (unwinder->dw->frame_register != NULL &&
        unwinder->dw->frame_register(frame, STACK_POINTER, &sp) == 0) {
        raw.address = sp;
    }
    unwinder->frames++;
    if (!pyr_raw_stack_push(unwinder->stack, raw)) {
        unwinder->failed = true;
        return DWARF_CB_ABORT;
    }
    const bool known = pyr_native_modules_find(unwinder->modules, at) != NULL;
    if (!known && calls && leave_trampoline(unwinder, frame, at)) {
        unwinder->resumable = true;
        return DWARF_CB_ABORT;
    }
    return DWARF_CB_OK;
}

bool pyr_native_unwinder_run(struct pyr_native_unwinder *unwinder, uint32_t tid,
                             struct pyr_raw_stack *machine, struct pyr_err *err)
{
    struct pyr_native_copied *copy = copy_of(unwinder, tid);
    int result = -1;
    if (copy == NULL || copy->size == 0) {
        machine->truncated = true;
        return true;
    }
    unwinder->copy = copy;
    unwinder->stack = machine;
    unwinder->highest = 0;
    unwinder->frames = 0;
    unwinder->over = unwinder->unread = unwinder->failed = unwinder->resumable = false;
    do {
        result = unwinder->dw->frames(unwinder->modules->dwfl, (pid_t)tid, on_frame, unwinder);
    } while (unwinder->resumable && !unwinder->failed);
    copy->size = 0; /* used up: leaving a trampoline changes the registers */
    /* libdw says no error where what it could not read is a register of the last frame. */
    const bool complete = result == 0 && !unwinder->over && !unwinder->unread;
    machine->truncated = !complete;
    copy->stack_end = complete ? unwinder->highest + sizeof(Dwarf_Word) : 0;
    return (!unwinder->failed && !unwinder->modules->failed) || pyr_err_nomem(err);
}
