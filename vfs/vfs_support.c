// SPDX-License-Identifier: BSD-2-Clause
/*
 * The stock operations that a file system may put into its vectors: nop_X succeeds without doing anything,
 * err_X refuses with ENOTSUP. Both set the results that their callers look at.
 *
 * nop_revoke() does what revoking means (vn_revoke). What is about buffers is in
 * vnop_block.c.
 * Takes no lock.
 */
#include <sys/errno.h>
#include <sys/ubc.h>
#include <sys/vnode.h>
#include <vfs/vfs_support.h>

int vn_default_error(void)
{
    return ENOTSUP;
}

/* ---- operations without a result ----------------------------------------------------------------------- */

#define STOCK_PAIR(op)                                                                                       \
    int nop_##op(struct vnop_##op##_args *ap)                                                                \
    {                                                                                                        \
        (void)ap;                                                                                            \
        return 0;                                                                                            \
    }                                                                                                        \
    int err_##op(struct vnop_##op##_args *ap)                                                                \
    {                                                                                                        \
        (void)ap;                                                                                            \
        return ENOTSUP;                                                                                      \
    }

STOCK_PAIR(access)
STOCK_PAIR(advlock)
STOCK_PAIR(blockmap)
STOCK_PAIR(close)
STOCK_PAIR(copyfile)
STOCK_PAIR(create)
STOCK_PAIR(exchange)
STOCK_PAIR(fsync)
STOCK_PAIR(getattr)
STOCK_PAIR(inactive)
STOCK_PAIR(ioctl)
STOCK_PAIR(link)
STOCK_PAIR(mkdir)
STOCK_PAIR(mknod)
STOCK_PAIR(mmap)
STOCK_PAIR(monitor)
STOCK_PAIR(open)
STOCK_PAIR(pathconf)
STOCK_PAIR(read)
STOCK_PAIR(readdir)
STOCK_PAIR(readlink)
STOCK_PAIR(reclaim)
STOCK_PAIR(remove)
STOCK_PAIR(rename)
STOCK_PAIR(rmdir)
STOCK_PAIR(select)
STOCK_PAIR(setattr)
STOCK_PAIR(symlink)
STOCK_PAIR(whiteout)
STOCK_PAIR(write)

/* ---- operations with one ------------------------------------------------------------------------------- */

/* The same, after storing "nothing" in the result. */
#define STOCK_PAIR_RESULT(op, statement)                                                                     \
    int nop_##op(struct vnop_##op##_args *ap)                                                                \
    {                                                                                                        \
        statement;                                                                                           \
        return 0;                                                                                            \
    }                                                                                                        \
    int err_##op(struct vnop_##op##_args *ap)                                                                \
    {                                                                                                        \
        statement;                                                                                           \
        return ENOTSUP;                                                                                      \
    }

STOCK_PAIR_RESULT(allocate, *ap->a_bytesallocated = 0)
STOCK_PAIR_RESULT(blktooff, *ap->a_offset = -1)
STOCK_PAIR_RESULT(offtoblk, *ap->a_lblkno = -1)
STOCK_PAIR_RESULT(searchfs, *ap->a_nummatches = 0)
STOCK_PAIR_RESULT(readdirattr, (*ap->a_actualcount = 0, *ap->a_eofflag = 0))

int nop_revoke(struct vnop_revoke_args *ap)
{
    return vn_revoke(ap->a_vp, ap->a_flags, ap->a_context);
}

int err_revoke(struct vnop_revoke_args *ap)
{
    vn_revoke(ap->a_vp, ap->a_flags, ap->a_context);
    return ENOTSUP;
}

/* Who cannot page gives the list back that came with the call. */
static void list_abort(upl_t pl, upl_offset_t offset, size_t size, int flags)
{
    if (pl && !(flags & UPL_NOCOMMIT))
        ubc_upl_abort_range(pl, offset, (upl_size_t)size, UPL_ABORT_FREE_ON_EMPTY);
}

int nop_pagein(struct vnop_pagein_args *ap)
{
    list_abort(ap->a_pl, ap->a_pl_offset, ap->a_size, ap->a_flags);
    return EINVAL;
}

int err_pagein(struct vnop_pagein_args *ap)
{
    list_abort(ap->a_pl, ap->a_pl_offset, ap->a_size, ap->a_flags);
    return ENOTSUP;
}

int nop_pageout(struct vnop_pageout_args *ap)
{
    list_abort(ap->a_pl, ap->a_pl_offset, ap->a_size, ap->a_flags);
    return EINVAL;
}

int err_pageout(struct vnop_pageout_args *ap)
{
    list_abort(ap->a_pl, ap->a_pl_offset, ap->a_size, ap->a_flags);
    return ENOTSUP;
}
