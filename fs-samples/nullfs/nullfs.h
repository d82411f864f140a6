// SPDX-License-Identifier: BSD-2-Clause
/*
 * nullfs: shows a directory of another file system a second time, as a mount of its own. It keeps nothing but
 * which of its vnodes stands for which vnode below ("lower"), and passes every operation on; what a stacked
 * file system with a purpose would begin with.
 *
 * References. A node lives exactly as long as its vnode, and holds one usecount on its lower vnode, so that
 * this one stays what it is. For the length of each operation the lower vnode also gets an iocount
 * (nullfs_lower_get()), as VFS holds one on ours. The mount holds one usecount on the directory that it
 * shows. So the lower file system cannot be unmounted meanwhile, unless by force: then what is below is dead,
 * and operations answer ENXIO.
 *
 * Lock: m_lock, a leaf over the table of nodes and their "being made" flags. No function of VFS that may
 * block is called with it held, nor any operation below. Whoever makes a vnode does so without it, and others
 * who want the same one wait for the flag.
 *
 * Names. Nothing enters the name cache for our directories, so there is nothing to purge; the lower file
 * system's own lookup, with its cache, answers each time.
 */
#ifndef NULLFS_H
#define NULLFS_H

#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <libkern/locks.h>
#include <mach/mach_types.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kauth.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

#define NULLFS_BUCKETS 256u /* a power of two */

struct nullfs_node {
    struct nullfs_node *n_next; /* m_lock: in its bucket */
    vnode_t n_lower;            /* one usecount */
    vnode_t n_vnode;            /* m_lock; NULL while it is being made */
    boolean_t n_making;         /* m_lock */
    boolean_t n_nameless;       /* a name of it was removed through us: let it go early */
};

struct nullfs_mount {
    mount_t m_mount;
    vnode_t m_lower; /* the directory shown; one usecount */
    lck_mtx_t *m_lock;
    struct nullfs_node *m_buckets[NULLFS_BUCKETS];
};

extern OSMallocTag nullfs_tag;
extern lck_grp_t *nullfs_lock_group;
extern int (**nullfs_vnodeop_p)(void *);
extern struct vfsops nullfs_vfsops;

static inline struct nullfs_mount *nullfs_mount_of(vnode_t vp)
{
    return vfs_fsprivate(vnode_mount(vp));
}

/* nullfs_node.c */
/* The vnode below, with an iocount; end with vnode_put(). ENXIO: it is no more. */
int nullfs_lower_get(vnode_t vp, vnode_t *lowerp);
/* Our vnode for a lower one, with an iocount. The caller has one on `lower` and keeps it. dvp and cnp, both
 * or neither, say under which name it is known. */
int nullfs_node_vnode(struct nullfs_mount *mnt, vnode_t lower, vnode_t dvp, struct componentname *cnp,
                      vnode_t *vpp);
void nullfs_node_nameless(vnode_t vp);
int nullfs_vnop_inactive(struct vnop_inactive_args *ap);
int nullfs_vnop_reclaim(struct vnop_reclaim_args *ap);

/* nullfs_names.c */
int nullfs_vnop_lookup(struct vnop_lookup_args *ap);
int nullfs_vnop_create(struct vnop_create_args *ap);
int nullfs_vnop_mknod(struct vnop_mknod_args *ap);
int nullfs_vnop_mkdir(struct vnop_mkdir_args *ap);
int nullfs_vnop_symlink(struct vnop_symlink_args *ap);
int nullfs_vnop_link(struct vnop_link_args *ap);
int nullfs_vnop_remove(struct vnop_remove_args *ap);
int nullfs_vnop_rmdir(struct vnop_rmdir_args *ap);
int nullfs_vnop_rename(struct vnop_rename_args *ap);
int nullfs_vnop_renamex(struct vnop_renamex_args *ap);
int nullfs_vnop_readdir(struct vnop_readdir_args *ap);
int nullfs_vnop_readlink(struct vnop_readlink_args *ap);

/* nullfs_files.c */
int nullfs_vnop_open(struct vnop_open_args *ap);
int nullfs_vnop_close(struct vnop_close_args *ap);
int nullfs_vnop_access(struct vnop_access_args *ap);
int nullfs_vnop_getattr(struct vnop_getattr_args *ap);
int nullfs_vnop_setattr(struct vnop_setattr_args *ap);
int nullfs_vnop_read(struct vnop_read_args *ap);
int nullfs_vnop_write(struct vnop_write_args *ap);
int nullfs_vnop_ioctl(struct vnop_ioctl_args *ap);
int nullfs_vnop_allocate(struct vnop_allocate_args *ap);
int nullfs_vnop_fsync(struct vnop_fsync_args *ap);
int nullfs_vnop_mmap(struct vnop_mmap_args *ap);
int nullfs_vnop_mnomap(struct vnop_mnomap_args *ap);
int nullfs_vnop_pathconf(struct vnop_pathconf_args *ap);
int nullfs_vnop_getxattr(struct vnop_getxattr_args *ap);
int nullfs_vnop_setxattr(struct vnop_setxattr_args *ap);
int nullfs_vnop_listxattr(struct vnop_listxattr_args *ap);
int nullfs_vnop_removexattr(struct vnop_removexattr_args *ap);

#endif
