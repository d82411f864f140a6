// SPDX-License-Identifier: BSD-2-Clause
/*
 * memfs: all that POSIX asks of a file system, in memory. Shared declarations of its files.
 *
 * Objects
 *   memfs_mount  one per mount; found through vfs_fsprivate().
 *   memfs_node   one per file, whatever its type; found through vnode_fsnode(). Nodes are a pool of their
 * own: a node outlives its vnode, which comes and goes with the kernel's table.
 *
 * References on a node (n_refs), each counted once:
 *   +1 while it has a name (n_nlink > 0), +1 while a vnode is attached or being made, +1 for each pointer
 * that a function keeps across a moment without locks. The last one frees the node.
 *
 * Locks, in the order in which they may be taken:
 *   1. m_rename_lock   held by whoever moves or removes a directory or locks two, so that "lies in" holds
 * still.
 *   2. n_lock          one reader-writer lock per node: contents, attributes, names, extended attributes.
 *                      A directory before what it holds at that moment, which only who has locked it can say;
 *                      of two directories the one that holds the other first, else the one at the lower
 * address (rename); then the two nodes that change places, by address. Whoever waits for a node below one
 * that he has locked waits downwards in the tree, and what is locked stays where it is; sideways, by address,
 * waits one thread at a time, the owner of m_rename_lock. So there is no circle, although the order of two
 * directories may turn round between calls. To a checker that remembers orders for good that looks like an
 * inversion.
 *   3. s_lock          one mutex per shard of the table of nodes by number; it also guards the vnode pointers
 * of the nodes in its shard and their "being made" flags. vnode_create() and vnode_put() may reclaim another
 * node of ours: none of these may be held over them. The name cache's locks are leaves, so cache_enter() and
 * cache_purge() are called with n_lock held: this is what keeps a name from entering the cache after it was
 * removed.
 */
#ifndef MEMFS_H
#define MEMFS_H

#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <libkern/locks.h>
#include <mach/mach_types.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/kauth.h>
#include <sys/kernel_types.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/unistd.h>
#include <sys/vnode.h>
#include <sys/vfs_operation.h>
#include <sys/vnode_if.h>
#include <sys/xattr.h>

#define MEMFS_PAGE_SHIFT 12
#define MEMFS_PAGE_SIZE  (1u << MEMFS_PAGE_SHIFT)
#define MEMFS_ROOT_INO   2u
#define MEMFS_NAME_MAX   255u
#define MEMFS_LINK_MAX   65535u
#define MEMFS_SIZE_MAX   ((off_t)1 << 60)
#define MEMFS_LINE       64u /* bytes that processors share or fight for as one */
/* The table of nodes by number: each thread makes its nodes in a group of shards that is its own as long as
 * there are no more threads than groups, so that threads which make and remove files do not meet there. */
#define MEMFS_GROUPS       16u
#define MEMFS_GROUP_SHARDS 8u
#define MEMFS_SHARDS       (MEMFS_GROUPS * MEMFS_GROUP_SHARDS)

/* ---- file contents: a radix tree of pages ------------------------------------------------------- */

struct memfs_data {
    uint64_t d_pages;  /* pages present */
    void *d_root;      /* the one page (height 0), a table of pointers, or NULL */
    uint32_t d_height; /* levels of tables above the pages */
};

/* ---- directories -------------------------------------------------------------------------------- */

struct memfs_node;

struct memfs_entry {
    struct memfs_entry *e_hash_next;
    struct memfs_node *e_node; /* counted in its n_nlink */
    uint64_t e_ino;            /* its number and type, so that listing names does not touch the nodes */
    enum vtype e_type;
    uint32_t e_hash;
    uint32_t e_slot; /* its place in d_slots; cookies are made of it, so they survive other names' changes */
    uint16_t e_namelen;
    char e_name[];
};

struct memfs_dir {
    uint64_t d_changes;             /* moves with every change of a name */
    uint32_t d_count;               /* names, "." and ".." not counted */
    uint32_t d_nslots;              /* slots ever used */
    uint32_t d_first_free;          /* no empty slot lies below */
    uint32_t d_nbuckets;            /* power of two */
    struct memfs_entry **d_buckets; /* hash table by name */
    struct memfs_entry **d_slots; /* entries in the order that readdir shows; NULL where a name was removed */
    struct memfs_node *d_parent;  /* not counted: a child directory's name keeps its parent */
    uint32_t d_slot_capacity;
};

/* ---- nodes -------------------------------------------------------------------------------------- */

struct memfs_xattr {
    struct memfs_xattr *x_next;
    void *x_value;
    uint32_t x_size;
    uint32_t x_namelen;
    char x_name[];
};

/* Times that are owed: set by whoever holds n_lock at all, paid under the exclusive lock. */
#define MEMFS_OWES_ATIME 0x1u

struct memfs_node {
    /* What seldom changes stands in front, apart from what changes with each name of a directory. */
    lck_rw_t *n_lock;
    uint64_t n_ino;
    struct memfs_mount *n_mount;
    uint32_t n_generation;
    enum vtype n_type;
    /* Whose it is and what they may do: changes under n_lock, and n_owner_changes is odd meanwhile. VFS asks
     * for these at nearly every call that names something, so they are read without n_lock (memfs_attr.c). */
    _Atomic(uint32_t) n_owner_changes;
    _Atomic(uid_t) n_uid;
    _Atomic(gid_t) n_gid;
    _Atomic(uint32_t) n_flags; /* UF_*, SF_* */
    _Atomic(mode_t) n_mode;    /* permission, set-id and sticky bits */
    dev_t n_rdev;
    struct timespec n_atime, n_btime;
    _Atomic(uint32_t) n_owed;
    uint32_t n_nlink;
    off_t n_size;
    struct timespec n_mtime, n_ctime;
    union {
        struct memfs_data data; /* VREG */
        struct memfs_dir dir;   /* VDIR */
        char *target;           /* VLNK: n_size bytes and a NUL */
    } u;

    struct memfs_xattr *n_xattrs;
    _Atomic(int32_t) n_refs;

    /* guarded by the shard's s_lock */
    boolean_t n_making; /* somebody is in vnode_create() for this node */
    vnode_t n_vnode;    /* while attached; set by vnode_create() before anybody can find the vnode */
    struct memfs_node *n_hash_next;
};

struct memfs_shard {
    lck_mtx_t *s_lock;
    struct memfs_node **s_buckets;
    uint32_t s_nbuckets;
    uint32_t s_count;
    char s_pad[MEMFS_LINE - 24];
};

struct memfs_group {
    _Atomic(uint64_t) g_next;  /* how many numbers it gave out */
    _Atomic(uint64_t) g_spare; /* of m_nodes: counted, but not in use; a few for the group's next nodes */
    char g_pad[MEMFS_LINE - 16];
};

struct memfs_mount {
    mount_t m_mount;
    struct memfs_node *m_root;
    lck_mtx_t *m_rename_lock;
    uint32_t
        m_generation; /* of all its nodes: numbers do not come again within a mount, but in the next one */
    _Atomic(uint64_t) m_max_bytes; /* the limits may change on a live mount */
    _Atomic(uint64_t) m_max_nodes;
    char m_pad[MEMFS_LINE];
    _Atomic(int64_t) m_free_bytes; /* for pages and extended attributes */
    _Atomic(uint64_t) m_nodes;
    struct memfs_group m_groups[MEMFS_GROUPS];
    struct memfs_shard m_shards[MEMFS_SHARDS];
};

extern OSMallocTag memfs_tag;
extern lck_grp_t *memfs_lock_group;
extern int (**memfs_vnodeop_p)(void *);
extern struct vnodeopv_desc memfs_vnodeop_opv_desc;
extern struct vfsops memfs_vfsops;
extern struct vfsopv_desc memfs_vfsopv_desc;

static inline struct memfs_node *vtom(vnode_t vp)
{
    return vnode_fsnode(vp);
}

static inline struct memfs_mount *memfs_mount_of(mount_t mp)
{
    return vfs_fsprivate(mp);
}

static inline void memfs_owe_atime(struct memfs_node *node)
{
    if (!(atomic_load_explicit(&node->n_owed, memory_order_relaxed) & MEMFS_OWES_ATIME))
        atomic_fetch_or_explicit(&node->n_owed, MEMFS_OWES_ATIME, memory_order_relaxed);
}

/* memfs_node.c: the pool of nodes, and nodes' vnodes */
struct memfs_node_args {
    enum vtype type;
    mode_t mode;
    uid_t uid;
    gid_t gid;
    dev_t rdev;
};
int memfs_node_alloc(struct memfs_mount *mnt, const struct memfs_node_args *args, struct memfs_node **out);
uint64_t memfs_nodes_used(struct memfs_mount *mnt); /* takes back what the groups have spare */
void memfs_node_ref(struct memfs_node *node);
void memfs_node_rele(struct memfs_node *node);
struct memfs_node *memfs_node_find(struct memfs_mount *mnt, uint64_t ino); /* gives a reference, or NULL */
/* Gives an iocount. dvp and cnp, both or neither, say under which name the vnode becomes known. */
int memfs_node_vnode(struct memfs_node *node, vnode_t dvp, struct componentname *cnp, vnode_t *vpp);
int memfs_vnop_inactive(struct vnop_inactive_args *ap);
int memfs_vnop_reclaim(struct vnop_reclaim_args *ap);
int memfs_shards_init(struct memfs_mount *mnt);
void memfs_shards_destroy(struct memfs_mount *mnt);
void memfs_lock_pair(struct memfs_node *a, struct memfs_node *b); /* both exclusive; may be the same */
void memfs_unlock_pair(struct memfs_node *a, struct memfs_node *b);

/* memfs_options.c */
struct memfs_options {
    uint64_t bytes;
    uint64_t nodes;
    struct memfs_node_args root;
};
void memfs_options_default(struct memfs_options *options, vfs_context_t context);
int memfs_options_read(user_addr_t data, struct memfs_options *options); /* changes what is named */

/* memfs_space.c: memory that a mount may use */
int memfs_space_take(struct memfs_mount *mnt, uint64_t bytes); /* ENOSPC when the mount is full */
void memfs_space_give(struct memfs_mount *mnt, uint64_t bytes);
void *memfs_alloc(size_t size); /* zeroed; NULL when there is no memory */
void memfs_free(void *p, size_t size);

/* memfs_data.c: pages of a file; the caller holds n_lock, exclusive for all that change */
void *memfs_page_find(const struct memfs_data *data, uint64_t index);
int memfs_page_get(struct memfs_node *node, uint64_t index,
                   void **page); /* makes a zeroed one if there is none */
void memfs_pages_free(struct memfs_node *node, uint64_t first, uint64_t end); /* [first, end) */
uint64_t memfs_page_next(const struct memfs_data *data, uint64_t index, uint64_t end, boolean_t present);
void memfs_zero_range(struct memfs_node *node, off_t from, off_t to); /* in pages that exist; makes none */
int memfs_resize(struct memfs_node *node, off_t size);
void memfs_punch(struct memfs_node *node, off_t from, off_t to);

/* memfs_dir.c: names of a directory; the caller holds n_lock of the directory, exclusive for all that change.
 * Entries are made and freed without it. */
struct memfs_entry *memfs_entry_alloc(const char *name, size_t len); /* in no directory; NULL: no memory */
void memfs_entry_free(struct memfs_entry *entry);                    /* NULL is allowed */
struct memfs_entry *memfs_dir_find(const struct memfs_node *dir, const char *name, size_t len);
int memfs_dir_add(struct memfs_node *dir, struct memfs_entry *entry, struct memfs_node *node);
void memfs_dir_remove(struct memfs_node *dir, struct memfs_entry *entry); /* the caller frees it */
void memfs_dir_retarget(struct memfs_node *dir, struct memfs_entry *entry, struct memfs_node *node);
void memfs_dir_destroy(struct memfs_node *dir);

/* memfs_lookup.c, memfs_names.c, memfs_rename.c: names */
int memfs_vnop_lookup(struct vnop_lookup_args *ap);
int memfs_vnop_create(struct vnop_create_args *ap);
int memfs_vnop_mknod(struct vnop_mknod_args *ap);
int memfs_vnop_mkdir(struct vnop_mkdir_args *ap);
int memfs_vnop_symlink(struct vnop_symlink_args *ap);
int memfs_vnop_readlink(struct vnop_readlink_args *ap);
int memfs_vnop_link(struct vnop_link_args *ap);
int memfs_vnop_remove(struct vnop_remove_args *ap);
int memfs_vnop_rmdir(struct vnop_rmdir_args *ap);
int memfs_vnop_rename(struct vnop_rename_args *ap);
int memfs_vnop_renamex(struct vnop_renamex_args *ap);
/* The caller holds n_lock of both, exclusive, and frees the entry; a directory's name counts for its parent's
 * link count too. */
void memfs_unlink_locked(struct memfs_node *dir, struct memfs_entry *entry);

/* memfs_readdir.c */
int memfs_vnop_readdir(struct vnop_readdir_args *ap);

/* memfs_attr.c: attributes and times */
void memfs_now(struct timespec *ts);
void memfs_changed(struct memfs_node *node); /* mtime and ctime; n_lock held exclusive */
void memfs_touch_ctime(struct memfs_node *node);
void memfs_pay_times(struct memfs_node *node); /* n_lock held exclusive */
int memfs_vnop_getattr(struct vnop_getattr_args *ap);
int memfs_vnop_setattr(struct vnop_setattr_args *ap);
int memfs_vnop_pathconf(struct vnop_pathconf_args *ap);

/* memfs_io.c */
int memfs_vnop_read(struct vnop_read_args *ap);
int memfs_vnop_write(struct vnop_write_args *ap);
int memfs_vnop_ioctl(struct vnop_ioctl_args *ap);
int memfs_vnop_allocate(struct vnop_allocate_args *ap);
int memfs_vnop_fsync(struct vnop_fsync_args *ap);
int memfs_vnop_mmap(struct vnop_mmap_args *ap);

/* memfs_xattr.c */
int memfs_vnop_getxattr(struct vnop_getxattr_args *ap);
int memfs_vnop_setxattr(struct vnop_setxattr_args *ap);
int memfs_vnop_removexattr(struct vnop_removexattr_args *ap);
int memfs_vnop_listxattr(struct vnop_listxattr_args *ap);
void memfs_xattrs_destroy(struct memfs_node *node);

#endif
