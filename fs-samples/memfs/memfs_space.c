// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory: allocation under memfs's own tag, and the account of what one mount holds. Lock-free.
 */
#include "memfs.h"

void *memfs_alloc(size_t size)
{
    if (size == 0 || size > UINT32_MAX)
        return NULL;
    void *p = OSMalloc((uint32_t)size, memfs_tag);
    if (p)
        bzero(p, size);
    return p;
}

void memfs_free(void *p, size_t size)
{
    if (p)
        OSFree(p, (uint32_t)size, memfs_tag);
}

int memfs_space_take(struct memfs_mount *mnt, uint64_t bytes)
{
    int64_t left = atomic_load_explicit(&mnt->m_free_bytes, memory_order_relaxed);

    while (left >= 0 && bytes <= (uint64_t)left)
        if (atomic_compare_exchange_weak_explicit(&mnt->m_free_bytes, &left, left - (int64_t)bytes,
                                                  memory_order_relaxed, memory_order_relaxed))
            return 0;
    return ENOSPC;
}

void memfs_space_give(struct memfs_mount *mnt, uint64_t bytes)
{
    atomic_fetch_add_explicit(&mnt->m_free_bytes, (int64_t)bytes, memory_order_relaxed);
}
