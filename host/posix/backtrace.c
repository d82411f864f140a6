// SPDX-License-Identifier: BSD-2-Clause
/*
 * backtrace.c: return addresses by the chain of frame pointers, and unwind tables for code that was loaded at
 * run time. Reads only inside the calling thread's own stacks, so a broken chain ends the walk instead of the
 * process. No locks.
 */
#include <sys/uio.h>
#include <unistd.h>

#include "host/posix/posix_internal.h"

#define SEARCH_WORDS 16

extern char __executable_start, etext; /* the linker's */
extern void __register_frame(const void *begin);
extern void __deregister_frame(const void *begin);

struct frame {
    uintptr_t next;
    uintptr_t return_pc;
};

/* Frames of one stack lie above each other: each next one must be higher than the one before and inside the
 * bounds. */
__attribute__((no_sanitize("address", "thread"))) static size_t
backtrace_walk(uintptr_t fp, uintptr_t low, uintptr_t high, void **pcs, size_t max)
{
    size_t n = 0;

    while (n < max && fp >= low && fp <= high - sizeof(struct frame) && !(fp & 7)) {
        const struct frame *frame = (const struct frame *)fp;

        if (!frame->return_pc)
            break;
        pcs[n++] = (void *)frame->return_pc;
        if (frame->next <= fp)
            break;
        fp = frame->next;
    }
    return n;
}

size_t host_backtrace(void **pcs, size_t max)
{
    struct host_thread *self = host_thread_self();
    uintptr_t fp = (uintptr_t)__builtin_frame_address(0);

    /* In a signal handler the first frames are on the alternate stack; they are not worth reporting. */
    if (fp < self->stack_low || fp >= self->stack_high)
        return 0;
    return backtrace_walk(fp, fp, self->stack_high, pcs, max);
}

/* Reads what may not be readable: the system says so instead of a fault. */
static bool read_safely(uintptr_t addr, void *buf, size_t len)
{
    struct iovec to = {buf, len}, from = {(void *)addr, len};

    return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)len;
}

/* Is the instruction before @pc a call? Direct: e8 rel32. Indirect: ff /2, two to seven bytes long, maybe
 * prefixed. */
static bool follows_call(uintptr_t pc)
{
    uint8_t code[7];

    if (!read_safely(pc - sizeof code, code, sizeof code))
        return false;
    if (code[2] == 0xe8)
        return true;
    for (size_t at = 0; at <= 5; at++)
        if (code[at] == 0xff && (code[at + 1] & 0x38) == 0x10)
            return true;
    return false;
}

static bool is_our_code(uintptr_t pc)
{
    uintptr_t arena = (uintptr_t)host_arena_base();

    return (pc >= (uintptr_t)&__executable_start && pc < (uintptr_t)&etext) ||
           (pc >= arena && pc - arena < host_arena_size());
}

/* The return address nearest to @sp below the frame @fp. A function of ours that faults has a frame, unless
 * it faults in its very first instructions: then the address lies at @sp itself. A library's has none, and
 * may have pushed a little. */
static uintptr_t frameless_caller(uintptr_t pc, uintptr_t fp, uintptr_t sp, const struct host_thread *self)
{
    size_t words = is_our_code(pc) ? 1 : SEARCH_WORDS;

    for (size_t i = 0; i < words; i++, sp += sizeof(uintptr_t)) {
        uintptr_t word;

        if ((sp & 7) || sp < self->stack_low || sp > self->stack_high - sizeof word || sp == fp)
            break;
        if (read_safely(sp, &word, sizeof word) && is_our_code(word) && follows_call(word))
            return word;
    }
    return 0;
}

size_t host_backtrace_from(uintptr_t pc, uintptr_t fp, uintptr_t sp, void **pcs, size_t max)
{
    struct host_thread *self = thread_self_if_known();
    uintptr_t caller;
    size_t n = 0;

    if (!max)
        return 0;
    pcs[n++] = (void *)pc;
    if (!self)
        return n;
    caller = frameless_caller(pc, fp, sp, self);
    if (caller && n < max)
        pcs[n++] = (void *)caller;
    return n + backtrace_walk(fp, self->stack_low, self->stack_high, pcs + n, max - n);
}

void host_unwind_register(const void *eh_frame)
{
    __register_frame(eh_frame);
}

void host_unwind_deregister(const void *eh_frame)
{
    __deregister_frame(eh_frame);
}
