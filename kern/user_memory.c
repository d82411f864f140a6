// SPDX-License-Identifier: BSD-2-Clause
/*
 * user_memory.c: copying between the kernel half and memory that a call lends it. User addresses are tagged
 * host addresses; only the ranges pushed by the running call may be touched, everything else is EFAULT. No
 * locks: the list is the thread's own.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "kern/thread_internal.h"

void kern_user_range_push(struct kern_user_range *range, void *addr, size_t len, bool writable)
{
    struct kern_call *call = thread_self()->t_call;

    KASSERT(call, "user memory is lent outside a call");
    range->kr_start = kern_user_addr(addr);
    range->kr_end = range->kr_start + len;
    range->kr_writable = writable;
    range->kr_next = call->kc_ranges;
    call->kc_ranges = range;
}

void kern_user_range_pop(struct kern_user_range *range)
{
    struct kern_call *call = thread_self()->t_call;

    KASSERT(call && call->kc_ranges == range,
            "user ranges are taken back in another order than they were lent");
    call->kc_ranges = range->kr_next;
}

static struct kern_user_range *range_of(user_addr_t addr, bool write)
{
    struct kern_call *call = thread_self()->t_call;

    for (; call; call = call->kc_previous)
        for (struct kern_user_range *range = call->kc_ranges; range; range = range->kr_next)
            if (addr >= range->kr_start && addr < range->kr_end && (range->kr_writable || !write))
                return range;
    return NULL;
}

int kern_user_check(user_addr_t addr, size_t len, bool write)
{
    /* Neighbouring ranges may be lent piece by piece; walk over them. */
    while (len) {
        struct kern_user_range *range = range_of(addr, write);
        size_t here;

        if (!range)
            return EFAULT;
        here = range->kr_end - addr;
        if (here >= len)
            return 0;
        addr += here;
        len -= here;
    }
    return 0;
}

static void *host_of(user_addr_t addr)
{
    return (void *)(uintptr_t)(addr & ~KERN_USER_TAG);
}

int copyin(const user_addr_t uaddr, void *kaddr, size_t len)
{
    if (kern_user_check(uaddr, len, false))
        return EFAULT;
    memcpy(kaddr, host_of(uaddr), len);
    return 0;
}

int copyout(const void *kaddr, user_addr_t udaddr, size_t len)
{
    if (kern_user_check(udaddr, len, true))
        return EFAULT;
    memcpy(host_of(udaddr), kaddr, len);
    return 0;
}

int copystr(const void *kfaddr, void *kdaddr, size_t len, size_t *done)
{
    const char *from = kfaddr;
    char *to = kdaddr;
    size_t i;

    for (i = 0; i < len; i++) {
        to[i] = from[i];
        if (!from[i]) {
            if (done)
                *done = i + 1;
            return 0;
        }
    }
    if (done)
        *done = i;
    return ENAMETOOLONG;
}

int copyinstr(const user_addr_t uaddr, void *kaddr, size_t len, size_t *done)
{
    const char *from = host_of(uaddr);
    char *to = kaddr;
    size_t i;

    for (i = 0; i < len; i++) {
        if (kern_user_check(uaddr + i, 1, false))
            return EFAULT;
        to[i] = from[i];
        if (!to[i]) {
            if (done)
                *done = i + 1;
            return 0;
        }
    }
    if (done)
        *done = i;
    return ENAMETOOLONG;
}

int copyoutstr(const void *kaddr, user_addr_t udaddr, size_t len, size_t *done)
{
    size_t have = strnlen(kaddr, len), n = have < len ? have + 1 : len;
    int error = copyout(kaddr, udaddr, n);

    if (error)
        return error;
    if (done)
        *done = n;
    return have < len ? 0 : ENAMETOOLONG;
}

int fubyte(user_addr_t addr)
{
    unsigned char byte;

    return copyin(addr, &byte, sizeof byte) ? -1 : byte;
}

int subyte(user_addr_t addr, int byte)
{
    unsigned char value = (unsigned char)byte;

    return copyout(&value, addr, sizeof value) ? -1 : 0;
}

long fuword(user_addr_t addr)
{
    long word;

    return copyin(addr, &word, sizeof word) ? -1 : word;
}

int suword(user_addr_t addr, long word)
{
    return copyout(&word, addr, sizeof word) ? -1 : 0;
}
