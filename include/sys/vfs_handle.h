// SPDX-License-Identifier: BSD-2-Clause
/*
 * sys/vfs_handle.h: for servers of files: handles of files, and to whom a mount is exported. The functions
 * are this project's own and can still change: KextbedEvolvingInterfaces asks for them.
 */
#ifndef KPI_SYS_VFS_HANDLE_H
#define KPI_SYS_VFS_HANDLE_H

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/mount.h>
#include <sys/types.h>

/* A network address, or all that begin with the same bits. */
struct vfs_export_address {
    uint32_t ea_family;        /* AF_INET: 4 bytes of address; AF_INET6: 16; 0: everybody, ea_prefix 0 */
    uint32_t ea_prefix;        /* bits that count */
    unsigned char ea_addr[16]; /* network byte order */
};

struct vfs_export {
    struct vfs_export_address ex_address;
    uint32_t ex_flags; /* VFS_EXPORT_* */
    uid_t ex_uid;      /* who the superuser, or everybody, is taken for */
    gid_t ex_gid;
};
#define VFS_EXPORT_READONLY 0x1u
#define VFS_EXPORT_MAPROOT  0x2u /* the client's superuser acts as ex_uid, ex_gid */
#define VFS_EXPORT_MAPALL   0x4u /* everybody does */

__BEGIN_DECLS
/** vfs_vptofh - the handle of a file. It names the file until that is deleted.
 *  @vp  in   the file; an iocount is held.
 *  @fhp out  set on success.
 *  @ctx in   whose call it is.
 *  Refs:   none.
 *  Locks:  no lock that VFS_VPTOFH or VNOP_GETATTR takes.
 *  Blocks: yes.
 *  Errno:  0; ENOTSUP the type makes no handles and finds no files by number; the file system's.
 *  KPI:    bsd, evolving */
errno_t vfs_vptofh(vnode_t vp, fhandle_t *fhp, vfs_context_t ctx);
/** vfs_fhtovp - the file of a handle.
 *  @mp  in   the mount that it was made on, held.
 *  @fhp in   any bytes at all.
 *  @vpp out  the file with an iocount; NULL on error.
 *  @ctx in   whose call it is.
 *  Refs:   gives one iocount.
 *  Locks:  no lock that VFS_FHTOVP, VFS_VGET or VNOP_GETATTR takes.
 *  Blocks: yes.
 *  Errno:  0; ESTALE the file is gone, or it is no handle of this file system; the file system's.
 *  KPI:    bsd, evolving */
errno_t vfs_fhtovp(mount_t mp, const fhandle_t *fhp, vnode_t *vpp, vfs_context_t ctx);
/** vfs_export - export a mount to an address or a network, or say anew how.
 *  @mp in  the mount, held.
 *  @ex in  to whom and how; copied.
 *  Refs:   none; exports end with the mount.
 *  Locks:  takes the mount's.
 *  Blocks: yes, for memory.
 *  Errno:  0; EINVAL the address or the flags.
 *  KPI:    bsd, evolving */
errno_t vfs_export(mount_t mp, const struct vfs_export *ex);
/** vfs_unexport - do not export a mount to an address any more; NULL: to nobody.
 *  @mp      in  the mount, held.
 *  @address in  as given to vfs_export().
 *  Refs:   none.
 *  Locks:  takes the mount's.
 *  Blocks: no.
 *  Errno:  0; ENOENT it is not.
 *  KPI:    bsd, evolving */
errno_t vfs_unexport(mount_t mp, const struct vfs_export_address *address);
/** vfs_checkexp - may this client use the mount, and how? The narrowest export that fits counts.
 *  @mp     in   the mount, held.
 *  @client in   its address, all bits of it.
 *  @ex     out  how; set on success.
 *  Refs:   none.
 *  Locks:  takes the mount's.
 *  Blocks: no.
 *  Errno:  0; EACCES it is not exported to that client; EINVAL no address.
 *  KPI:    bsd, evolving */
errno_t vfs_checkexp(mount_t mp, const struct vfs_export_address *client, struct vfs_export *ex);
__END_DECLS

#endif /* KPI_SYS_VFS_HANDLE_H */
