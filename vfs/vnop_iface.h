// SPDX-License-Identifier: BSD-2-Clause
/*
 * vnop_iface.h: the dispatch functions: VNOP_X(vp, ...) calls operation X of the vnode's file system. For the
 * system-call layer and the folders beside vfs/. Those that kexts may call are in sys/vnode_if.h; here are
 * the others.
 *
 * What holds for all of them:
 *   Refs:   the caller holds an iocount on every vnode argument for the whole call; none is taken or
 *           consumed. A vnode that is returned (*vpp) comes with one iocount, on success only; on error *vpp
 *           is NULL.
 *   Locks:  none of VFS's are held.
 *   Blocks: yes, and it may allocate and enter other file systems.
 *   Errno:  the file system's own; ENOTSUP where the type has no such operation and its default says so; on
 *           a vnode whose file is gone what vnode_special.c says (EIO, EBADF, ENXIO, ENOTDIR).
 *
 * Which vnode may be NULL and what is true afterwards is in vnop.contract, one row per vnode argument; these
 * functions, the operation descriptors and the checks made with SYS_BOOT_LEDGER are generated from it.
 */
#ifndef KEXTBED_VFS_VNOP_IFACE_H
#define KEXTBED_VFS_VNOP_IFACE_H

#include <sys/types.h>
#include <sys/attr.h>
#include <sys/fcntl.h>
#include <sys/kernel_types.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

/* ---- names --------------------------------------------------------------------------------------------- */
errno_t VNOP_WHITEOUT(vnode_t dvp, struct componentname *cnp, int flags, vfs_context_t ctx);
/* Whoever calls VNOP_RENAME updates names afterwards: vnode_identity_renamed() in vfs_iface.h. */

/* ---- open files ---------------------------------------------------------------------------------------- */
errno_t VNOP_SELECT(vnode_t vp, int which, int fflags, void *wql, vfs_context_t ctx);
errno_t VNOP_MMAP_CHECK(vnode_t vp, int flags, vfs_context_t ctx);
errno_t VNOP_ADVLOCK(vnode_t vp, caddr_t id, int op, struct flock *fl, int flags, vfs_context_t ctx,
                     struct timespec *timeout);
errno_t VNOP_REVOKE(vnode_t vp, int flags, vfs_context_t ctx);
errno_t VNOP_EXCHANGE(vnode_t fvp, vnode_t tvp, int options, vfs_context_t ctx);
errno_t VNOP_COPYFILE(vnode_t fvp, vnode_t tdvp, vnode_t tvp, struct componentname *tcnp, int mode, int flags,
                      vfs_context_t ctx);
errno_t VNOP_CLONEFILE(vnode_t fvp, vnode_t dvp, vnode_t *vpp, struct componentname *cnp,
                       struct vnode_attr *vap, uint32_t flags, vfs_context_t ctx);
errno_t VNOP_MONITOR(vnode_t vp, uint32_t events, uint32_t flags, void *handle, vfs_context_t ctx);

/* ---- contents of directories --------------------------------------------------------------------------- */
errno_t VNOP_READDIRATTR(vnode_t vp, struct attrlist *alist, struct uio *uio, uint32_t maxcount,
                         uint32_t options, uint32_t *newstate, int *eofflag, uint32_t *actualcount,
                         vfs_context_t ctx);
errno_t VNOP_GETATTRLISTBULK(vnode_t vp, struct attrlist *alist, struct vnode_attr *vap, struct uio *uio,
                             void *private, uint64_t options, int32_t *eofflag, int32_t *actualcount,
                             vfs_context_t ctx);

/* ---- blocks -------------------------------------------------------------------------------------------- */
errno_t VNOP_BLKTOOFF(vnode_t vp, daddr64_t lblkno, off_t *offset);
errno_t VNOP_OFFTOBLK(vnode_t vp, off_t offset, daddr64_t *lblkno);
errno_t VNOP_BLOCKMAP(vnode_t vp, off_t foffset, size_t size, daddr64_t *bpn, size_t *run, void *poff,
                      int flags, vfs_context_t ctx);
errno_t VNOP_PAGEIN(vnode_t vp, upl_t pl, upl_offset_t pl_offset, off_t f_offset, size_t size, int flags,
                    vfs_context_t ctx);
errno_t VNOP_PAGEOUT(vnode_t vp, upl_t pl, upl_offset_t pl_offset, off_t f_offset, size_t size, int flags,
                     vfs_context_t ctx);

/** vnop_strategy_on - strategy of @vp, which need not be the buffer's vnode. It owns @bp: the end is
 *  buf_biodone(), whatever this returns. */
errno_t vnop_strategy_on(vnode_t vp, buf_t bp);

/* ---- life (called by vnode_lifecycle.c and vnode_refs.c alone) ----------------------------------------- */
errno_t VNOP_INACTIVE(vnode_t vp, vfs_context_t ctx);
errno_t VNOP_RECLAIM(vnode_t vp, vfs_context_t ctx);

#endif
