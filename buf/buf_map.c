// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where a buffer's contents are: an address, or pages of a page list that are mapped when somebody asks.
 *
 * All fields are the owner's: no lock. Called by file systems and drivers (KPI).
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/systm.h>

#include "buf/buf_internal.h"

static const struct buf_upl_mapper *upl_mapper; /* constant but for start and end */

void buf_upl_mapper_set(const struct buf_upl_mapper *mapper)
{
    upl_mapper = mapper;
}

uintptr_t buf_dataptr(buf_t bp)
{
    return bp->b_data;
}

void buf_setdataptr(buf_t bp, uintptr_t data)
{
    if (!buf_is_iobuf(bp))
        panic("buf_setdataptr: buffer %p has memory of its own", (void *)bp);
    bp->b_data = data;
}

void *buf_upl(buf_t bp)
{
    return bp->b_upl;
}

uint32_t buf_uploffset(buf_t bp)
{
    return bp->b_upl_offset;
}

errno_t buf_setupl(buf_t bp, upl_t upl, uint32_t offset)
{
    if (!buf_is_iobuf(bp))
        return EINVAL;
    bp->b_upl = upl;
    bp->b_upl_offset = offset;
    if (upl)
        bp->b_flags |= B_CLUSTER;
    else
        bp->b_flags &= ~B_CLUSTER;
    return 0;
}

errno_t buf_map_range_with_prot(buf_t bp, caddr_t *io_addr, vm_prot_t prot)
{
    uintptr_t addr;
    if (!(bp->b_flags & B_CLUSTER)) {
        *io_addr = (caddr_t)bp->b_data;
        return 0;
    }
    errno_t error = upl_mapper ? upl_mapper->map(bp->b_upl, prot, &addr) : ENOTSUP;
    *io_addr = error ? NULL : (caddr_t)(addr + bp->b_upl_offset);
    return error;
}

errno_t buf_map_range(buf_t bp, caddr_t *io_addr)
{
    return buf_map_range_with_prot(bp, io_addr, VM_PROT_READ | VM_PROT_WRITE);
}

errno_t buf_map(buf_t bp, caddr_t *io_addr)
{
    return buf_map_range_with_prot(bp, io_addr, VM_PROT_READ | VM_PROT_WRITE);
}

errno_t buf_unmap(buf_t bp)
{
    if (!(bp->b_flags & B_CLUSTER))
        return 0;
    return upl_mapper ? upl_mapper->unmap(bp->b_upl) : ENOTSUP;
}

errno_t buf_unmap_range(buf_t bp)
{
    return buf_unmap(bp);
}

void buf_clear(buf_t bp)
{
    caddr_t addr;
    if (!buf_map(bp, &addr)) {
        if (addr)
            memset(addr, 0, bp->b_count);
        buf_unmap(bp);
    }
    bp->b_resid = 0;
}
