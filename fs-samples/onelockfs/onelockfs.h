// SPDX-License-Identifier: BSD-2-Clause
/*
 * onelockfs: a small file system in memory whose locking is as simple as it gets: one mutex for all of it.
 * VFS asks nothing else of a file system than that an operation returns with the locks it was entered with;
 * how many there are is the file system's own choice, and this is what the choice of one costs and saves.
 *
 * There are files, directories, hard and symbolic links. There are no devices, no extended attributes, no
 * exchange of names, and files end at 4 GiB.
 *
 * Lock: o_lock, over every field of every node but those that never change. It is given up before
 * vnode_create(), vnode_put(), vnode_getwithvid() and whatever else may reclaim a vnode of ours, because
 * reclaim takes it. Nothing enters the name cache: the directory itself is asked each time.
 *
 * References on a node (n_refs): one while it has a name, one while a vnode is attached or being made, one
 * for each pointer kept while the lock is free. The last one frees it.
 */
#ifndef ONELOCKFS_H
#define ONELOCKFS_H

#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <libkern/locks.h>
#include <mach/mach_types.h>
#include <stddef.h>
#include <string.h>
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/kauth.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/unistd.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

#define PAGE_BYTES 4096
#define NAME_BYTES 255
#define FILE_BYTES ((off_t)1 << 32)
#define LINKS_MAX  65535u

struct ol_node;

struct ol_entry {
    struct ol_entry *e_next; /* in the order of their cookies */
    struct ol_node *e_node;
    off_t e_cookie; /* only grows: it survives what happens to other names */
    size_t e_len;
    char e_name[];
};

struct ol_node {
    uint64_t n_ino;    /* never changes */
    enum vtype n_type; /* never changes */
    uint32_t n_refs;
    uint32_t n_nlink;
    mode_t n_mode;
    uid_t n_uid;
    gid_t n_gid;
    off_t n_size; /* of a link: length of its target */
    struct timespec n_atime, n_mtime, n_ctime, n_btime;
    boolean_t n_making; /* somebody is in vnode_create() for it */
    vnode_t n_vnode;
    /* files: pages, NULL where there is a hole */
    char **n_pages;
    size_t n_page_room, n_page_count;
    /* directories */
    struct ol_entry *n_entries, **n_entries_end;
    off_t n_next_cookie;
    uint32_t n_entry_count;
    struct ol_node *n_parent; /* its own name keeps it */
    /* links */
    char *n_target;
};

struct ol_mount {
    mount_t o_mount;
    lck_mtx_t *o_lock;
    struct ol_node *o_root;
    uint64_t o_next_ino, o_nodes, o_pages;
};

extern OSMallocTag ol_tag;
extern lck_grp_t *ol_lock_group;
extern int (**ol_vnodeop_p)(void *);
extern struct vfsops ol_vfsops;

static inline struct ol_node *ol_node_of(vnode_t vp)
{
    return vnode_fsnode(vp);
}

static inline struct ol_mount *ol_mount_of(vnode_t vp)
{
    return vfs_fsprivate(vnode_mount(vp));
}

/* onelockfs_node.c; the lock is held unless it says otherwise */
struct ol_node *ol_node_make(struct ol_mount *mnt, enum vtype type,
                             const struct vnode_attr *vap); /* one reference */
void ol_node_rele(struct ol_mount *mnt, struct ol_node *node);
/* The node's vnode with an iocount. The lock is held, and free when it returns. */
int ol_node_vnode(struct ol_mount *mnt, struct ol_node *node, vnode_t dvp, struct componentname *cnp,
                  vnode_t *vpp);
void ol_changed(struct ol_node *node); /* mtime and ctime */
int ol_vnop_inactive(struct vnop_inactive_args *ap);
int ol_vnop_reclaim(struct vnop_reclaim_args *ap);
int ol_vnop_getattr(struct vnop_getattr_args *ap);
int ol_vnop_setattr(struct vnop_setattr_args *ap);
int ol_vnop_pathconf(struct vnop_pathconf_args *ap);

/* onelockfs_names.c */
int ol_vnop_lookup(struct vnop_lookup_args *ap);
int ol_vnop_create(struct vnop_create_args *ap);
int ol_vnop_mkdir(struct vnop_mkdir_args *ap);
int ol_vnop_symlink(struct vnop_symlink_args *ap);
int ol_vnop_link(struct vnop_link_args *ap);
int ol_vnop_remove(struct vnop_remove_args *ap);
int ol_vnop_rmdir(struct vnop_rmdir_args *ap);
int ol_vnop_rename(struct vnop_rename_args *ap);
void ol_unlink(struct ol_mount *mnt, struct ol_node *dir, struct ol_entry **where);

/* onelockfs_data.c */
void ol_pages_free(struct ol_mount *mnt, struct ol_node *node, size_t from);
int ol_resize(struct ol_mount *mnt, struct ol_node *node, off_t size);
int ol_vnop_read(struct vnop_read_args *ap);
int ol_vnop_write(struct vnop_write_args *ap);
int ol_vnop_fsync(struct vnop_fsync_args *ap);
int ol_vnop_readlink(struct vnop_readlink_args *ap);
int ol_vnop_readdir(struct vnop_readdir_args *ap);

#endif
