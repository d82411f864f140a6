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
    uint64_t max = atomic_load_explicit(&mnt->m_max_bytes, memory_order_relaxed);

    if (bytes > max)
        return ENOSPC;
    uint64_t before = atomic_fetch_add_explicit(&mnt->m_bytes, bytes, memory_order_relaxed);
    if (before <= max - bytes)
        return 0;
    memfs_space_give(mnt, bytes);
    return ENOSPC;
}

void memfs_space_give(struct memfs_mount *mnt, uint64_t bytes)
{
    atomic_fetch_sub_explicit(&mnt->m_bytes, bytes, memory_order_relaxed);
}
