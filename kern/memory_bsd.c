// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory_bsd.c: _MALLOC and _FREE, and kern_os_malloc for C++ objects: families whose free knows no size. No
 * locks of its own.
 */
#include <string.h>
#include <sys/malloc.h>
#include <libkern/libkern.h>

#include "kern/memory_bsd_internal.h"
#include "kern/memory_internal.h"

static void *malloc_bsd(size_t size, int flags, const void *caller)
{
    struct memory_request request = {.size = size,
                                     .tag = memory_tag_named("_MALLOC"),
                                     .kind = MEMORY_BSD,
                                     .caller = caller,
                                     .zero = (flags & M_ZERO) != 0,
                                     .may_fail = true};

    return size ? memory_alloc(&request) : NULL;
}

void *_MALLOC(size_t size, int type, int flags)
{
    (void)type;
    return malloc_bsd(size, flags, __builtin_return_address(0));
}

void *_MALLOC_ZONE(size_t size, int type, int flags)
{
    (void)type;
    return malloc_bsd(size, flags, __builtin_return_address(0));
}

void _FREE(void *addr, int type)
{
    (void)type;
    if (addr)
        memory_free(addr, MEMORY_SIZE_UNKNOWN, NULL, MEMORY_BSD, __builtin_return_address(0));
}

void _FREE_ZONE(void *addr, size_t size, int type)
{
    (void)type;
    if (addr)
        memory_free(addr, size, NULL, MEMORY_BSD, __builtin_return_address(0));
}

static void *os_malloc(size_t size, const void *caller)
{
    struct memory_request request = {.size = size,
                                     .tag = memory_tag_named("kern_os_malloc"),
                                     .kind = MEMORY_KERN_OS,
                                     .caller = caller,
                                     .zero = true,
                                     .may_fail = true};

    return size ? memory_alloc(&request) : NULL;
}

void *kern_os_malloc(size_t size)
{
    return os_malloc(size, __builtin_return_address(0));
}

void kern_os_free(void *addr)
{
    if (addr)
        memory_free(addr, MEMORY_SIZE_UNKNOWN, NULL, MEMORY_KERN_OS, __builtin_return_address(0));
}

void *kern_os_realloc(void *addr, size_t size)
{
    const void *caller = __builtin_return_address(0);
    void *moved = NULL;
    size_t have;

    if (!addr)
        return os_malloc(size, caller);
    have = memory_size(addr, MEMORY_KERN_OS, caller);
    if (size) {
        moved = os_malloc(size, caller);
        if (!moved)
            return NULL;
        memcpy(moved, addr, have < size ? have : size);
    }
    memory_free(addr, have, NULL, MEMORY_KERN_OS, caller);
    return moved;
}
