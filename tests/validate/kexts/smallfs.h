// SPDX-License-Identifier: BSD-2-Clause
/*
 * smallfs: a file system of four files that is right, and of which each kext of this folder changes one thing
 * so that it is wrong. A mistake is a function in a file of its own that stands in for one operation; the
 * line that a report has to name says BLAME.
 *
 * Locks: m_lock guards the nodes' vnode pointers and is never held over a call that may reclaim; m_second
 * comes after it; m_spin and n_lock are for the mistakes.
 */
#ifndef SMALLFS_H
#define SMALLFS_H

#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <libkern/locks.h>
#include <mach/mach_types.h>
#include <string.h>
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/kernel_types.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

enum { SMALL_ROOT, SMALL_DIR, SMALL_FILE, SMALL_OTHER, SMALL_COUNT };

struct small_mount;
struct small_node {
    struct small_mount *n_mount;
    vnode_t n_vnode;
    boolean_t n_making;
    int n_index;
    lck_rw_t *n_lock;
};
struct small_mount {
    mount_t m_mp;
    lck_mtx_t *m_lock, *m_second;
    lck_spin_t *m_spin;
    vnode_t m_kept; /* for the mistakes */
    struct small_node m_nodes[SMALL_COUNT];
};

/* What a mistake puts in place of the right operation. */
struct small_mistake {
    int (*lookup)(struct vnop_lookup_args *ap);
    int (*getattr)(struct vnop_getattr_args *ap);
    int (*open)(struct vnop_open_args *ap);
    int (*read)(struct vnop_read_args *ap);
    int (*write)(struct vnop_write_args *ap);
    int (*rename)(struct vnop_rename_args *ap);
    int (*inactive)(struct vnop_inactive_args *ap);
    int (*reclaim)(struct vnop_reclaim_args *ap);
    int (*root)(mount_t mp, vnode_t *vpp, vfs_context_t context);
    void (*started)(struct small_mount *mount); /* at the end of the mount */
};
extern const struct small_mistake small_mistake;

extern lck_grp_t *small_group;
extern OSMallocTag small_tag;

static inline struct small_mount *small_mount_of(vnode_t vp)
{
    return vfs_fsprivate(vnode_mount(vp));
}

/* The right operations, for mistakes that only add something. */
int small_lookup(struct vnop_lookup_args *ap);
int small_getattr(struct vnop_getattr_args *ap);
int small_read(struct vnop_read_args *ap);
int small_write(struct vnop_write_args *ap);
int small_reclaim(struct vnop_reclaim_args *ap);
/* A node's vnode, with an iocount. */
int small_vnode(struct small_node *node, vnode_t *vpp);
/* vnode_create() alone, for a node without a vnode. */
int small_vnode_create(struct small_node *node, vnode_t *vpp);

#endif
