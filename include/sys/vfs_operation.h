// SPDX-License-Identifier: BSD-2-Clause
/*
 * sys/vfs_operation.h: operations of a file system on its mounts that are described as vnode operations are:
 * a descriptor for each, and a vector of (descriptor, function) that is registered with the type. An
 * operation that is added in a later release changes no structure that a built kext has: it is not in the
 * kext's vector, and VFS does what the operation's line below says.
 *
 * Registration: VFS_TBLVFSOPV in vfe_flags, and vfe_reserv[0] points to the struct vfsopv_desc. The
 * operations of struct vfsops stay where they are.
 *
 * No release of Darwin has these: they are this project's own and can still change, so a kext that names a
 * descriptor asks for evolving interfaces (KextbedEvolvingInterfaces in its Info.plist).
 *
 * For all of them: no lock of VFS's is held, the mount cannot go away during the call, it may block, and the
 * errno is the file system's own.
 */
#ifndef KPI_SYS_VFS_OPERATION_H
#define KPI_SYS_VFS_OPERATION_H

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/mount.h>
#include <sys/types.h>

#define VFS_TBLVFSOPV 0x40000000u /* vfe_flags: vfe_reserv[0] is a struct vfsopv_desc * */

struct vfsop_desc; /* opaque; used by address */
struct vfsopv_entry_desc {
    struct vfsop_desc *opve_op; /* NULL ends the vector */
    int (*opve_impl)(void *);   /* gets the operation's struct vfsop_*_args */
};
struct vfsopv_desc {
    struct vfsopv_entry_desc *opv_desc_ops;
};

__BEGIN_DECLS
/** vfsop_default_desc - operations that the vector does not name; without one: the line of each operation. */
extern struct vfsop_desc vfsop_default_desc;
/** vfsop_init_desc - once at registration, after struct vfsops' vfs_init; an error undoes the registration.
 *  Without: success. */
extern struct vfsop_desc vfsop_init_desc;
/** vfsop_uninit_desc - once at vfs_fsremove(), when nothing of the type is mounted any more; an error keeps
 * it registered, and is what vfs_fsremove() returns. Without: success. */
extern struct vfsop_desc vfsop_uninit_desc;
/** vfsop_extend_desc - grow a live file system to a_bytes. Without: ENOTSUP. */
extern struct vfsop_desc vfsop_extend_desc;
/** vfsop_truncate_desc - shrink a live file system to a_bytes; ENOSPC if more is in use, and nothing has
 *  changed. Without: ENOTSUP. */
extern struct vfsop_desc vfsop_truncate_desc;
/** vfsop_update_desc - change a live mount. Without: vfs_mount with MNT_UPDATE set (vfs_isupdate). */
extern struct vfsop_desc vfsop_update_desc;
/** vfsop_reload_desc - forget what is cached of a read-only mount: its store was changed from below. Without:
 *  vfs_mount with MNT_UPDATE and MNT_RELOAD set (vfs_isreload). */
extern struct vfsop_desc vfsop_reload_desc;
/** vfsop_suspend_desc - the mount is suspended: no operation runs, everything is flushed, and the type's own
 *  threads stop here. Without: success. */
extern struct vfsop_desc vfsop_suspend_desc;
/** vfsop_resume_desc - they may go on. Before anybody is let in; also when a suspension ends by force.
 * Without: success. */
extern struct vfsop_desc vfsop_resume_desc;
__END_DECLS

struct vfsop_init_args {
    struct vfsop_desc *a_desc;
    struct vfsconf *a_conf;
};
struct vfsop_uninit_args {
    struct vfsop_desc *a_desc;
    struct vfsconf *a_conf;
};
struct vfsop_extend_args {
    struct vfsop_desc *a_desc;
    mount_t a_mp;
    uint64_t a_bytes; /* the new size, more than the present one */
    vfs_context_t a_context;
};
struct vfsop_truncate_args {
    struct vfsop_desc *a_desc;
    mount_t a_mp;
    uint64_t a_bytes; /* the new size, less than the present one */
    vfs_context_t a_context;
};
struct vfsop_update_args {
    struct vfsop_desc *a_desc;
    mount_t a_mp;
    uint64_t a_flags;   /* MNT_*: as they will be; vfs_flags() are as they were, but see vfs_iswriteupgrade */
    vnode_t a_devvp;    /* as vfs_mount's */
    user_addr_t a_data; /* as vfs_mount's */
    vfs_context_t a_context;
};
struct vfsop_reload_args {
    struct vfsop_desc *a_desc;
    mount_t a_mp;
    vnode_t a_devvp;
    vfs_context_t a_context;
};
struct vfsop_suspend_args {
    struct vfsop_desc *a_desc;
    mount_t a_mp;
    vfs_context_t a_context;
};
struct vfsop_resume_args {
    struct vfsop_desc *a_desc;
    mount_t a_mp;
    vfs_context_t a_context;
};

#endif /* KPI_SYS_VFS_OPERATION_H */
