// SPDX-License-Identifier: BSD-2-Clause
/*
 * The operations on buffers: VNOP_STRATEGY and VNOP_BWRITE, which find their vnode in the buffer, and
 * strategy on another vnode than that (a device below a file).
 *
 * A strategy operation owns the buffer: it ends in buf_biodone(), at once or later, on an error too. Where a
 * vnode has none, the buffer is ended here. No lock is held over the operation. Called by buf/, by file
 * systems (KPI), and through the vectors of file systems.
 */
#include <sys/buf.h>
#include <sys/errno.h>
#include <vfs/vfs_support.h>

#include "vfs/vnop_iface.h"
#include "vfs/vnop_internal.h"

/* Is @op what stands for an operation that a type, or a dead vnode, does not have? */
static bool op_is_absent(int (*op)(void *))
{
    return (void *)op == (void *)vn_default_error || op == vnode_dead_vector[vnop_strategy_desc.vdesc_offset];
}

errno_t vnop_strategy_on(vnode_t vp, buf_t bp)
{
    struct vnop_strategy_args args = {.a_desc = &vnop_strategy_desc, .a_bp = bp};
    if (__builtin_expect(!op_is_absent(vp->v_op[vnop_strategy_desc.vdesc_offset]), 1))
        return vnop_call(vp, &vnop_strategy_desc, &args);
    buf_seterror(bp, ENXIO);
    buf_biodone(bp);
    return ENXIO;
}

errno_t VNOP_STRATEGY(struct buf *bp)
{
    return vnop_strategy_on(buf_vnode(bp), bp);
}

errno_t VNOP_BWRITE(buf_t bp)
{
    if (op_is_absent(buf_vnode(bp)->v_op[vnop_bwrite_desc.vdesc_offset]))
        return buf_bwrite(bp);
    struct vnop_bwrite_args args = {.a_desc = &vnop_bwrite_desc, .a_bp = bp};
    vnode_t vp = buf_vnode(bp);
    return vnop_call(vp, &vnop_bwrite_desc, &args);
}

/* ---- stock operations ---------------------------------------------------------------------------------- */

int nop_strategy(struct vnop_strategy_args *ap)
{
    buf_setresid(ap->a_bp, 0);
    buf_biodone(ap->a_bp);
    return 0;
}

int err_strategy(struct vnop_strategy_args *ap)
{
    buf_seterror(ap->a_bp, ENOTSUP);
    buf_biodone(ap->a_bp);
    return ENOTSUP;
}

int vn_bwrite(struct vnop_bwrite_args *ap)
{
    return buf_bwrite(ap->a_bp);
}

int nop_bwrite(struct vnop_bwrite_args *ap)
{
    return buf_bwrite(ap->a_bp);
}

int err_bwrite(struct vnop_bwrite_args *ap)
{
    (void)ap;
    return ENOTSUP;
}
