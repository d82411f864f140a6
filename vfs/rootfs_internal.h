// SPDX-License-Identifier: BSD-2-Clause
/*
 * rootfs_internal.h: shared by the files of the root file system, the tree that the kernel process starts
 * with: directories to mount on, and in /dev the device nodes that kexts make.
 *
 * One lock, rootfs_lock, for all nodes: rank 50, below every lock of vfs/'s. It is not held over
 * vnode_create(), vnode_getwithvid() or vnode_put(), which may wait for a reclaim that needs it.
 */
#ifndef KEXTBED_VFS_ROOTFS_INTERNAL_H
#define KEXTBED_VFS_ROOTFS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/queue.h>
#include <sys/vnode.h>
#include <kern/locks.h>

#include "kern/lock_iface.h"

#define ROOTFS_ROOT_ID    2u /* numbers below are cookies of "." and ".." */
#define ROOTFS_MODE       0755
#define ROOTFS_BLOCK_SIZE 512u

/* A directory or device node. References: one while it has a name (the root: while mounted), one while a
 * vnode is attached or being made, and one for each pointer kept without the lock. Field legend: [i]
 * constant, [l] rootfs_lock.
 */
struct rootfs_node {
    TAILQ_ENTRY(rootfs_node) rn_sibling;                  /* [l] in the order of their numbers */
    TAILQ_HEAD(rootfs_children, rootfs_node) rn_children; /* [l] */
    struct rootfs_node *rn_parent; /* [l] NULL once its name is gone; the root's is itself */
    uint32_t rn_refs;              /* [l] */
    uint32_t rn_child_count;       /* [l] */
    uint64_t rn_id;                /* [i] never reused */
    vnode_t rn_vnode;              /* [l] */
    bool rn_making;                /* [l] a vnode is being made */
    bool rn_mount_made;            /* [i] made to be mounted on, goes with the mount */
    uid_t rn_uid;                  /* [i] */
    gid_t rn_gid;                  /* [i] */
    mode_t rn_mode;                /* [i] */
    enum vtype rn_type;            /* [i] VDIR, VCHR, VBLK */
    dev_t rn_rdev;                 /* [i] device nodes */
    struct timespec rn_btime;      /* [i] */
    struct timespec rn_mtime;      /* [l] */
    uint32_t rn_namelen;           /* [i] */
    char rn_name[];                /* [i] */
};

extern lck_mtx_t rootfs_lock;
extern int (**rootfs_vnodeop_p)(void *), (**rootfs_device_vnodeop_p)(void *);
extern const struct vnodeopv_desc rootfs_vnodeop_opv_desc, rootfs_device_vnodeop_opv_desc;

/* rootfs_node.c; _locked: the caller holds rootfs_lock */
struct rootfs_new {
    const char *name;
    size_t namelen;
    mode_t mode;
    uid_t uid;
    gid_t gid;
    enum vtype type;
    dev_t rdev; /* device nodes */
    bool mount_made;
};
/** rootfs_node_make - a node with one reference and no name, which is the caller's to enter or release. */
struct rootfs_node *rootfs_node_make(const struct rootfs_new *args);
void rootfs_node_rele(struct rootfs_node *node);
void rootfs_node_rele_locked(struct rootfs_node *node);
/** rootfs_node_enter_locked - give @node its name in @dir; the name takes over the caller's reference.
 * EEXIST, ENOENT: @dir is removed. */
int rootfs_node_enter_locked(struct rootfs_node *dir, struct rootfs_node *node);
/** rootfs_node_remove_locked - take the name away. ENOTEMPTY. */
int rootfs_node_remove_locked(struct rootfs_node *node);
struct rootfs_node *rootfs_node_find_locked(struct rootfs_node *dir, const char *name, size_t len);
/** rootfs_node_vnode - the vnode of @node, on which the caller has a reference. @dvp and @cnp (both or
 * neither) name it. Gives an iocount. */
int rootfs_node_vnode(struct rootfs_node *node, mount_t mp, vnode_t dvp, struct componentname *cnp,
                      vnode_t *vpp);
/** rootfs_node_detach - a vnode is reclaimed. */
void rootfs_node_detach(struct rootfs_node *node);
/** rootfs_node_count - nodes in existence. */
uint32_t rootfs_node_count(void);

/* devfs.c: the names in /dev that devfs_make_node() gives. */
/** devfs_attach - @dev is the directory /dev of the tree that is being mounted. */
void devfs_attach(struct rootfs_node *dev);
/** devfs_detach - the tree goes: forget the nodes that nobody removed. */
void devfs_detach(void);

#endif
