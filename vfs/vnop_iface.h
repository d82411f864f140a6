// SPDX-License-Identifier: BSD-2-Clause
/*
 * vnop_iface.h: the dispatch functions: VNOP_X(vp, ...) calls operation X of the vnode's file system. For the
 * system-call layer, the folders beside vfs/ and (those that are KPI) kexts.
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
/* EJUSTRETURN: the name is absent, but CREATE or RENAME may go on. */
errno_t VNOP_LOOKUP(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, vfs_context_t ctx);
errno_t VNOP_CREATE(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, struct vnode_attr *vap,
                    vfs_context_t ctx);
errno_t VNOP_WHITEOUT(vnode_t dvp, struct componentname *cnp, int flags, vfs_context_t ctx);
errno_t VNOP_MKNOD(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, struct vnode_attr *vap,
                   vfs_context_t ctx);
errno_t VNOP_MKDIR(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, struct vnode_attr *vap,
                   vfs_context_t ctx);
errno_t VNOP_SYMLINK(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, struct vnode_attr *vap,
                     char *target, vfs_context_t ctx);
errno_t VNOP_LINK(vnode_t vp, vnode_t tdvp, struct componentname *cnp, vfs_context_t ctx);
errno_t VNOP_REMOVE(vnode_t dvp, vnode_t vp, struct componentname *cnp, int flags, vfs_context_t ctx);
errno_t VNOP_RMDIR(vnode_t dvp, vnode_t vp, struct componentname *cnp, vfs_context_t ctx);
/* The caller updates names afterwards: vnode_identity_renamed() in vfs_iface.h. */
errno_t VNOP_RENAME(vnode_t fdvp, vnode_t fvp, struct componentname *fcnp, vnode_t tdvp, vnode_t tvp,
                    struct componentname *tcnp, vfs_context_t ctx);
errno_t VNOP_RENAMEX(vnode_t fdvp, vnode_t fvp, struct componentname *fcnp, vnode_t tdvp, vnode_t tvp,
                     struct componentname *tcnp, struct vnode_attr *vap, vfs_rename_flags_t flags,
                     vfs_context_t ctx);

/* ---- open files ---------------------------------------------------------------------------------------- */
errno_t VNOP_OPEN(vnode_t vp, int mode, vfs_context_t ctx);
errno_t VNOP_CLOSE(vnode_t vp, int fflag, vfs_context_t ctx);
errno_t VNOP_READ(vnode_t vp, struct uio *uio, int ioflag, vfs_context_t ctx);
errno_t VNOP_WRITE(vnode_t vp, struct uio *uio, int ioflag, vfs_context_t ctx);
errno_t VNOP_IOCTL(vnode_t vp, u_long command, caddr_t data, int fflag, vfs_context_t ctx);
errno_t VNOP_SELECT(vnode_t vp, int which, int fflags, void *wql, vfs_context_t ctx);
errno_t VNOP_FSYNC(vnode_t vp, int waitfor, vfs_context_t ctx);
errno_t VNOP_MMAP(vnode_t vp, int fflags, vfs_context_t ctx);
errno_t VNOP_MMAP_CHECK(vnode_t vp, int flags, vfs_context_t ctx);
errno_t VNOP_MNOMAP(vnode_t vp, vfs_context_t ctx);
errno_t VNOP_ADVLOCK(vnode_t vp, caddr_t id, int op, struct flock *fl, int flags, vfs_context_t ctx,
                     struct timespec *timeout);
errno_t VNOP_ALLOCATE(vnode_t vp, off_t length, u_int32_t flags, off_t *bytesallocated, off_t offset,
                      vfs_context_t ctx);
errno_t VNOP_REVOKE(vnode_t vp, int flags, vfs_context_t ctx);
errno_t VNOP_EXCHANGE(vnode_t fvp, vnode_t tvp, int options, vfs_context_t ctx);
errno_t VNOP_COPYFILE(vnode_t fvp, vnode_t tdvp, vnode_t tvp, struct componentname *tcnp, int mode, int flags,
                      vfs_context_t ctx);
errno_t VNOP_CLONEFILE(vnode_t fvp, vnode_t dvp, vnode_t *vpp, struct componentname *cnp,
                       struct vnode_attr *vap, uint32_t flags, vfs_context_t ctx);
errno_t VNOP_MONITOR(vnode_t vp, uint32_t events, uint32_t flags, void *handle, vfs_context_t ctx);

/* ---- attributes ---------------------------------------------------------------------------------------- */
errno_t VNOP_ACCESS(vnode_t vp, int action, vfs_context_t ctx);
errno_t VNOP_GETATTR(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx);
errno_t VNOP_SETATTR(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx);
errno_t VNOP_PATHCONF(vnode_t vp, int name, int32_t *retval, vfs_context_t ctx);
errno_t VNOP_GETXATTR(vnode_t vp, const char *name, uio_t uio, size_t *size, int options, vfs_context_t ctx);
errno_t VNOP_SETXATTR(vnode_t vp, const char *name, uio_t uio, int options, vfs_context_t ctx);
errno_t VNOP_LISTXATTR(vnode_t vp, uio_t uio, size_t *size, int options, vfs_context_t ctx);
errno_t VNOP_REMOVEXATTR(vnode_t vp, const char *name, int options, vfs_context_t ctx);

/* ---- contents of directories and links ----------------------------------------------------------------- */
errno_t VNOP_READDIR(vnode_t vp, struct uio *uio, int flags, int *eofflag, int *numdirent, vfs_context_t ctx);
errno_t VNOP_READDIRATTR(vnode_t vp, struct attrlist *alist, struct uio *uio, uint32_t maxcount,
                         uint32_t options, uint32_t *newstate, int *eofflag, uint32_t *actualcount,
                         vfs_context_t ctx);
errno_t VNOP_GETATTRLISTBULK(vnode_t vp, struct attrlist *alist, struct vnode_attr *vap, struct uio *uio,
                             void *private, uint64_t options, int32_t *eofflag, int32_t *actualcount,
                             vfs_context_t ctx);
errno_t VNOP_READLINK(vnode_t vp, struct uio *uio, vfs_context_t ctx);

/* ---- blocks -------------------------------------------------------------------------------------------- */
errno_t VNOP_BLKTOOFF(vnode_t vp, daddr64_t lblkno, off_t *offset);
errno_t VNOP_OFFTOBLK(vnode_t vp, off_t offset, daddr64_t *lblkno);
errno_t VNOP_BLOCKMAP(vnode_t vp, off_t foffset, size_t size, daddr64_t *bpn, size_t *run, void *poff,
                      int flags, vfs_context_t ctx);
errno_t VNOP_PAGEIN(vnode_t vp, upl_t pl, upl_offset_t pl_offset, off_t f_offset, size_t size, int flags,
                    vfs_context_t ctx);
errno_t VNOP_PAGEOUT(vnode_t vp, upl_t pl, upl_offset_t pl_offset, off_t f_offset, size_t size, int flags,
                     vfs_context_t ctx);

/* ---- life (called by vnode_lifecycle.c and vnode_refs.c alone) ----------------------------------------- */
errno_t VNOP_INACTIVE(vnode_t vp, vfs_context_t ctx);
errno_t VNOP_RECLAIM(vnode_t vp, vfs_context_t ctx);

#endif
