// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory.c: heap and page mappings. No locks of its own; libc's allocator and the system do the work.
 * Called by the kernel half's allocator and by the extension manager.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/posix/posix_internal.h"

#define SMALL_BLOCK ((size_t)1032)    /* the largest that glibc keeps per thread */
#define LARGE_PAGE  ((size_t)2 << 20) /* of the processor; where it has others, nothing is gained or lost */

void *host_alloc(size_t size, size_t align)
{
    void *ptr;

    if (align <= 16)
        return malloc(size ? size : 1);
    if (posix_memalign(&ptr, align, size ? size : 1))
        return NULL;
    return ptr;
}

/* What is this large is a table that is looked into at random places, where small pages would make a miss in
 * the address translation of nearly every look. */
static void *prefer_large_pages(void *ptr, size_t size)
{
    uintptr_t start = ((uintptr_t)ptr + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)ptr + size) & ~(LARGE_PAGE - 1);

    if (ptr && start < end)
        (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
    return ptr;
}

void *host_alloc_zero(size_t size)
{
    void *ptr;

    if (size >= 2 * LARGE_PAGE)
        return prefer_large_pages(calloc(1, size), size);

    /* calloc knows which large memory is zero already, but never looks into the thread's own cache of small
     * blocks. */
    if (size > SMALL_BLOCK)
        return calloc(1, size);
    ptr = malloc(size ? size : 1);
    return ptr ? memset(ptr, 0, size) : NULL;
}

void host_free(void *ptr)
{
    free(ptr);
}

size_t host_page_size(void)
{
    static _Atomic size_t cached;
    size_t size = atomic_load_explicit(&cached, memory_order_relaxed);

    if (!size) {
        size = (size_t)sysconf(_SC_PAGESIZE);
        atomic_store_explicit(&cached, size, memory_order_relaxed);
    }
    return size;
}

static int prot_to_posix(unsigned prot)
{
    return (prot & HOST_PROT_READ ? PROT_READ : 0) | (prot & HOST_PROT_WRITE ? PROT_WRITE : 0) |
           (prot & HOST_PROT_EXEC ? PROT_EXEC : 0);
}

void *host_map(size_t size, unsigned prot)
{
    void *ptr = mmap(NULL, size, prot_to_posix(prot), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return ptr == MAP_FAILED ? NULL : ptr;
}

int host_protect(void *addr, size_t size, unsigned prot)
{
    return mprotect(addr, size, prot_to_posix(prot)) ? HOST_EINVAL : HOST_OK;
}

void host_unmap(void *addr, size_t size)
{
    (void)munmap(addr, size);
}
