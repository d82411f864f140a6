// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory_io.c: IOKit's C allocation functions and kalloc/kmem_alloc. Freed with the size that was asked for.
 * No locks of its own. Called by kexts.
 */
#include <IOKit/IOLib.h>
#include <mach/kern_return.h>

#include "kern/memory_internal.h"
#include "kern/memory_io_internal.h"
#include "host/host.h"

static void *io_alloc(size_t size, const char *tag, bool zero, const void *caller)
{
    struct memory_request request = {.size = size,
                                     .tag = memory_tag_named(tag),
                                     .kind = MEMORY_IOKIT,
                                     .caller = caller,
                                     .zero = zero,
                                     .may_fail = true};

    return size ? memory_alloc(&request) : NULL;
}

static void *io_alloc_aligned(size_t size, size_t align, const char *tag, bool zero, const void *caller)
{
    struct memory_request request = {.size = size,
                                     .align = 16,
                                     .tag = memory_tag_named(tag),
                                     .kind = MEMORY_ALIGNED,
                                     .caller = caller,
                                     .zero = zero,
                                     .may_fail = true};

    while (request.align < align)
        request.align <<= 1;
    return size ? memory_alloc(&request) : NULL;
}

static void io_free(void *addr, size_t size, const void *caller)
{
    if (addr)
        memory_free(addr, size, NULL, MEMORY_IOKIT, caller);
}

void *IOMalloc(vm_size_t size)
{
    return io_alloc(size, "IOMalloc", false, __builtin_return_address(0));
}

void *IOMallocZero(vm_size_t size)
{
    return io_alloc(size, "IOMalloc", true, __builtin_return_address(0));
}

void *IOMallocData(vm_size_t size)
{
    return io_alloc(size, "IOMallocData", false, __builtin_return_address(0));
}

void *IOMallocZeroData(vm_size_t size)
{
    return io_alloc(size, "IOMallocData", true, __builtin_return_address(0));
}

void IOFree(void *addr, vm_size_t size)
{
    io_free(addr, size, __builtin_return_address(0));
}

void IOFreeData(void *addr, vm_size_t size)
{
    io_free(addr, size, __builtin_return_address(0));
}

void *IOMallocAligned(vm_size_t size, vm_offset_t alignment)
{
    return io_alloc_aligned(size, alignment, "IOMallocAligned", false, __builtin_return_address(0));
}

void IOFreeAligned(void *addr, vm_size_t size)
{
    if (addr)
        memory_free(addr, size, NULL, MEMORY_ALIGNED, __builtin_return_address(0));
}

void *IOMallocPageable(vm_size_t size, vm_size_t alignment)
{
    return io_alloc_aligned(size, alignment < host_page_size() ? host_page_size() : alignment,
                            "IOMallocPageable", false, __builtin_return_address(0));
}

void IOFreePageable(void *addr, vm_size_t size)
{
    if (addr)
        memory_free(addr, size, NULL, MEMORY_ALIGNED, __builtin_return_address(0));
}

void *kalloc(vm_size_t size)
{
    return io_alloc(size, "kalloc", false, __builtin_return_address(0));
}

void kfree(void *addr, vm_size_t size)
{
    io_free(addr, size, __builtin_return_address(0));
}

/* Z_ZERO and Z_REALLOCF of the zone flags that callers of kalloc_data pass. */
#define KALLOC_ZERO     4u
#define KALLOC_REALLOCF 8u

void *kalloc_data(vm_size_t size, unsigned flags)
{
    return io_alloc(size, "kalloc_data", (flags & KALLOC_ZERO) != 0, __builtin_return_address(0));
}

void kfree_data(void *addr, vm_size_t size)
{
    io_free(addr, size, __builtin_return_address(0));
}

void *krealloc_data(void *addr, vm_size_t old_size, vm_size_t new_size, unsigned flags)
{
    const void *caller = __builtin_return_address(0);
    vm_size_t kept = old_size < new_size ? old_size : new_size;
    char *to = io_alloc(new_size, "kalloc_data", false, caller);

    if (to && addr)
        memcpy(to, addr, kept);
    if (to && (flags & KALLOC_ZERO))
        memset(to + (addr ? kept : 0), 0, new_size - (addr ? kept : 0));
    if (to || new_size == 0 || (flags & KALLOC_REALLOCF))
        io_free(addr, old_size, caller);
    return to;
}
