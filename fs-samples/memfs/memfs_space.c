// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory: allocation under memfs's own tag, and the account of what one mount holds. Lock-free.
 */
#include "memfs.h"

void *
memfs_alloc(size_t size)
{
    if (size == 0 || size > UINT32_MAX)
        return NULL;
    void *p = OSMalloc((uint32_t)size, memfs_tag);
    if (p)
        bzero(p, size);
    return p;
}

void
memfs_free(void *p, size_t size)
{
    if (p)
        OSFree(p, (uint32_t)size, memfs_tag);
}

int
memfs_space_take(struct memfs_mount *mnt, uint64_t bytes)
{
    if (bytes > mnt->m_max_bytes)
        return ENOSPC;
    SInt64 before = OSAddAtomic64((SInt64)bytes, &mnt->m_bytes);
    if ((uint64_t)before + bytes <= mnt->m_max_bytes)
        return 0;
    memfs_space_give(mnt, bytes);
    return ENOSPC;
}

void
memfs_space_give(struct memfs_mount *mnt, uint64_t bytes)
{
    OSAddAtomic64(-(SInt64)bytes, &mnt->m_bytes);
}
