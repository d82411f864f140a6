// SPDX-License-Identifier: BSD-2-Clause
/*
 * ext2fs: ext2, and of ext4 what an image from mke2fs has, on a disk. Shared declarations of its files.
 *
 * Objects
 *   ext2_mount   one per mount; found through vfs_fsprivate().
 *   ext2_group   one per block group: what its descriptor says, in memory the truth, written by sync.
 *   ext2_inode   one per file in use; found through vnode_fsnode(). It lives exactly as long as its vnode.
 *
 * Where metadata lies in the buffer cache
 *   on the device's vnode, by file-system block number times m_dev_per_block (the device counts in its own
 *   blocks): superblock, group descriptors, bitmaps, inode tables, blocks of extended attributes.
 *   on the file's own vnode: a directory's blocks under their logical number; indirect blocks and nodes of
 *   extent trees under a negative number, -1 - (block number on the disk), with buf_setblkno() set. So fsync
 *   of a file finds all that is its own with buf_flushdirtyblks(), and what goes with a file is invalidated
 *   with its vnode. File data lies in the UBC, never in buffers.
 *
 * Locks, in the order in which they may be taken:
 *   1. m_rename_lock   mutex: by whoever moves or removes a directory, or locks two directories.
 *   2. i_lock          reader-writer, per inode: contents, size, attributes, names. Shared for reading data
 *                      and for looking names up. A directory before what it holds; two directories, or a
 *                      directory and a file moved into it, as in ext2_lock_pair().
 *   3. i_map_lock      reader-writer, per inode: i_block, indirect blocks and extents, i_delay, i_goal, and
 *                      i_blocks. VNOP_BLOCKMAP, PAGEIN and PAGEOUT come with i_lock held by the same thread,
 *                      or by none: they take this lock only, never i_lock. Pages may be busy when it is
 *                      taken, so nothing below it waits for a page: no ubc_ and no cluster_ call with it.
 *   4. g_lock          mutex, per group: its bitmaps and counts. Never two at once.
 *      m_state_lock    mutex, beside them and below 1 to 3: the superblock's state is being written, buffers
 *                      are taken with it.
 *   5. m_super_lock    mutex: what of the superblock changes (state, orphans), the list of orphans, the list
 *                      of pending frees.
 *   6. s_lock          mutex, per shard of the table of inodes by number. A leaf.
 *   Buffers (buf_getblk, buf_bread) may be taken with 1 to 4 held; with a buffer held no lock above g_lock
 *   is taken, and of two buffers that of the lower file-system block comes first, bitmaps before descriptors.
 *   vnode_create(), vnode_put(), vnode_recycle() and ubc_setsize() may come back into reclaim or pageout of
 *   another file: none of 3 to 6 over them, and over the first three none at all.
 *
 * What reaches the disk when
 *   Metadata is delayed (buf_bdwrite) but where the order matters to whoever repairs after a crash:
 *   - A block that was freed is not given to anybody until the metadata that named it is on the disk: frees
 *     wait in m_pending until the next sync (ext2_free_commit). The same with inode numbers.
 *   - A block that becomes a directory's is written, empty and valid, before the directory's size says so.
 *   - A name's inode is filled in before the name; a name goes before its inode is freed.
 *   - fsync writes the file's data, its map, its inode, then, as long as the names on the way up are newer
 *     than the last sync (I2_NAME_NEW), the directories that hold them; then the device's cache is flushed.
 *   The superblock says "not clean" while it is mounted for writing, and "clean" after unmount and while it
 *   is suspended.
 *
 * The device is set to blocks of the file system's size while it is mounted (m_dev_per_block is 1).
 */
#ifndef EXT2FS_H
#define EXT2FS_H

#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <libkern/locks.h>
#include <mach/mach_types.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/buf.h>
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
#include <sys/ubc.h>
#include <sys/uio.h>
#include <sys/unistd.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>
#include <sys/xattr.h>

#include "ext2_disk.h"

typedef uint64_t e2_block_t; /* a block of the file system, counted from the disk's beginning; 0 is none */
typedef uint32_t e2_lblk_t;  /* a block of a file */

#define E2_LBLK_MAX    UINT32_MAX
#define E2_SHARDS      64u
#define E2_INVALID_INO 0u

/* ---- in memory ------------------------------------------------------------------------------------------
 */

struct ext2_group {
    lck_mtx_t *g_lock;
    e2_block_t g_block_bitmap, g_inode_bitmap, g_inode_table; /* constant */
    uint32_t g_free_blocks, g_free_inodes, g_dirs;            /* [g_lock] */
    uint32_t g_itable_unused;                                 /* [g_lock] inodes at the end never used */
    uint32_t g_block_csum, g_inode_csum;                      /* [g_lock] of the bitmaps */
    uint16_t g_flags;                                         /* [g_lock] E2_BG_* */
    boolean_t g_dirty;                                        /* [g_lock] the descriptor on disk is older */
    uint32_t g_block_hint, g_inode_hint;                      /* [g_lock] nothing free below */
};

/* A run of blocks that was freed but may still be named on the disk. */
struct ext2_pending;

struct ext2_delay { /* blocks of a file that are promised, not placed yet: [first, first + count) */
    e2_lblk_t first;
    uint32_t count;
};

/* i_state */
#define I2_DIRTY      0x1u /* the inode in its table's block is older */
#define I2_NAME_NEW   0x2u /* the directory's block with its name may not be on the disk */
#define I2_OWES_ATIME 0x4u
#define I2_NEW        0x10u /* what its table's block holds is not of it */
#define I2_FREED      0x8u  /* it had no name left: its blocks are freed, its number goes with the vnode */

struct ext2_dirhash;

struct ext2_inode {
    lck_rw_t *i_lock;
    lck_rw_t *i_map_lock;
    struct ext2_mount *i_mount;
    vnode_t i_vnode;
    uint32_t i_ino;
    uint32_t i_generation;
    _Atomic(uint32_t) i_state; /* I2_* */
    uint32_t i_parent;         /* [i_lock] the inode that holds the name last given; of a directory: ".." */

    uint16_t i_mode; /* [i_lock] type and permission, as on disk; so down to i_flags */
    uint32_t i_uid, i_gid;
    uint32_t i_nlink;
    uint32_t i_dtime;
    uint32_t i_flags; /* E2_*_FL */
    uint64_t i_size;
    struct timespec i_atime, i_mtime, i_ctime, i_btime;
    uint16_t i_extra_isize;
    e2_block_t i_file_acl; /* block of extended attributes, or 0 */

    uint64_t i_blocks;               /* [i_map_lock] of 512 bytes, the attributes' block too */
    e2_le32_t i_block[E2_N_BLOCKS];  /* [i_map_lock] as on the disk; of a link and a device [i_lock] */
    struct ext2_delay *i_delay;      /* [i_map_lock] in order, apart from each other */
    uint32_t i_ndelay, i_delay_room; /* [i_map_lock] */
    uint32_t i_promised;             /* [i_map_lock] blocks that m_promised counts for this file */
    e2_lblk_t i_goal_lblk;           /* [i_map_lock] where the last run given ended, in the file... */
    e2_block_t i_goal;               /* [i_map_lock] ...and on the disk */

    struct ext2_dirhash *i_dirhash; /* [i_lock] index of names, NULL: not made yet */
    uint64_t i_changes;             /* [i_lock] of a directory: moves with every change of a name */
    uint32_t i_dir_last;            /* [i_lock] where the last name was put: block number */

    /* [m_super_lock] of a file without a name that is still in use: its neighbours in the list of orphans */
    boolean_t i_is_orphan;
    struct ext2_inode *i_orphan_next, *i_orphan_prev;

    /* [s_lock] of the shard */
    boolean_t i_making;
    struct ext2_inode *i_hash_next;
};

struct ext2_shard {
    lck_mtx_t *s_lock;
    struct ext2_inode **s_buckets;
    uint32_t s_nbuckets, s_count;
};

/* Blocks that follow each other. */
struct ext2_run {
    e2_block_t first;
    uint64_t count;
};

struct ext2_options {
    boolean_t norecovery; /* a journal is not replayed; reading only */
    uint32_t errors;      /* E2_ERRORS_*; 0: as the superblock says */
};

struct ext2_mount {
    mount_t m_mount;
    vnode_t m_dev;
    vfs_context_t m_context; /* of who mounted it: for what nobody asked for */
    lck_mtx_t *m_rename_lock;
    lck_mtx_t *m_state_lock;
    lck_mtx_t *m_super_lock;
    struct ext2_options m_options; /* [suspended] */

    /* constant while mounted, but where the file system grows or shrinks (all operations suspended) */
    uint32_t m_block_size, m_block_shift;
    uint32_t m_dev_block;     /* of the device, bytes, before it was mounted */
    uint32_t m_dev_per_block; /* device blocks in one of ours */
    e2_block_t m_blocks, m_first_block;
    uint32_t m_blocks_per_group, m_inodes_per_group, m_inodes;
    uint32_t m_inode_size, m_inodes_per_block, m_first_ino;
    uint32_t m_desc_size, m_descs_per_block, m_ngroups;
    uint32_t m_compat, m_incompat, m_rocompat;
    uint32_t m_csum_seed;        /* crc32c of the uuid, or what the superblock says */
    uint32_t m_hash_seed;        /* of names, for dirhash; random */
    boolean_t m_rdonly;          /* [suspended] */
    struct ext2_group *m_groups; /* m_ngroups */
    struct ext2_run *m_meta;     /* where metadata of the groups lies, in order, apart from each other */
    uint32_t m_nmeta, m_meta_room;

    struct e2_super m_super; /* [m_super_lock] what was read, with what changed since */
    boolean_t m_super_dirty; /* [m_super_lock] */
    uint16_t m_state_clean;  /* [m_super_lock] s_state when everything is written: what it was at mount */
    struct ext2_inode *m_orphans; /* [m_super_lock] the first; in the order of the list on the disk */
    _Atomic(boolean_t) m_unclean; /* the disk says "not clean"; changes under m_state_lock */
    _Atomic(boolean_t) m_damaged; /* damage was found */

    _Atomic(int64_t) m_free_blocks; /* neither used nor pending; less m_promised may be promised or given */
    _Atomic(int64_t) m_promised;    /* blocks of delayed writes, and for their maps */
    _Atomic(int64_t) m_free_inodes;
    _Atomic(uint64_t) m_dirs;
    e2_block_t m_reserved; /* blocks only root may have */

    struct ext2_pending *m_pending; /* [m_super_lock] */
    uint64_t m_pending_blocks;      /* [m_super_lock] */

    struct ext2_shard m_shards[E2_SHARDS];
};

extern OSMallocTag ext2_tag;
extern lck_grp_t *ext2_lock_group;
extern int (**ext2_vnodeop_p)(void *);
extern int (**ext2_specop_p)(void *);
extern int (**ext2_fifoop_p)(void *);
extern struct vfsops ext2_vfsops;

static inline struct ext2_inode *vtoi(vnode_t vp)
{
    return vnode_fsnode(vp);
}

static inline struct ext2_mount *ext2_mount_of(mount_t mp)
{
    return vfs_fsprivate(mp);
}

static inline boolean_t ext2_has(uint32_t features, uint32_t which)
{
    return (features & which) != 0;
}

/* The device's number of one of our blocks. */
static inline daddr64_t ext2_daddr(const struct ext2_mount *mnt, e2_block_t block)
{
    return (daddr64_t)(block * mnt->m_dev_per_block);
}

static inline e2_lblk_t ext2_lblk_of(const struct ext2_mount *mnt, uint64_t offset)
{
    return (e2_lblk_t)(offset >> mnt->m_block_shift);
}

/* Blocks that a file of @size bytes has, holes counted. */
static inline uint64_t ext2_blocks_of(const struct ext2_mount *mnt, uint64_t size)
{
    return (size + mnt->m_block_size - 1) >> mnt->m_block_shift;
}

/* ---- ext2_memory.c ---------------------------------------------------------------------------------------
 */
void *ext2_alloc(size_t size); /* zeroed; NULL: no memory */
void ext2_free(void *p, size_t size);
/* printf with the mount's device in front; for damage that was found. Returns EIO (EINVAL while mounting is
 * the caller's to say). The superblock remembers that there was an error; with errors=remount-ro nothing is
 * changed any more. Any lock held. */
int ext2_damaged(struct ext2_mount *mnt, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ext2_report(const struct ext2_mount *mnt, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- ext2_super.c, ext2_feature.c: the superblock --------------------------------------------------------
 */
/* Fills in the constants of *mnt from the disk, every field checked: what makes no sense gives EINVAL and a
 * line that names field and value; an unknown feature gives ENOTSUP (read-write: EROFS) and its name. */
int ext2_super_read(struct ext2_mount *mnt, boolean_t writable);
int ext2_features_check(const struct ext2_mount *mnt, boolean_t writable);
/* ---- ext2_state.c: what is written of it. No buffer and no lock below m_rename_lock held.
 * ------------------------ */
int ext2_super_write(struct ext2_mount *mnt, int waitfor); /* counts summed up; copies are left alone */
int ext2_unclean(struct ext2_mount *mnt);     /* before the first change: written and flushed, then nothing */
int ext2_clean(struct ext2_mount *mnt);       /* everything else is on the disk: says so */
void ext2_large_file(struct ext2_mount *mnt); /* there is a file of 2 GiB or more */
boolean_t ext2_group_has_super(const struct ext2_mount *mnt, uint32_t group);

/* ---- ext2_group.c: descriptors ---------------------------------------------------------------------------
 */
int ext2_groups_read(struct ext2_mount *mnt); /* each number checked to lie inside, and not on another's */
int ext2_groups_write(struct ext2_mount *mnt, int waitfor); /* those that changed */
void ext2_groups_free(struct ext2_mount *mnt);
e2_block_t ext2_group_first(const struct ext2_mount *mnt, uint32_t group);
uint32_t ext2_group_blocks(const struct ext2_mount *mnt, uint32_t group); /* the last one may be shorter */
e2_block_t ext2_desc_block(const struct ext2_mount *mnt, uint32_t index); /* the index-th of descriptors */
uint32_t ext2_table_blocks(const struct ext2_mount *mnt);                 /* of a group's inode table */
/* ---- ext2_metamap.c: where the groups' metadata lies -----------------------------------------------------
 */
int ext2_metamap_make(struct ext2_mount *mnt); /* from the descriptors; what lies on another's: EINVAL */
void ext2_metamap_free(struct ext2_mount *mnt);
boolean_t ext2_block_valid(const struct ext2_mount *mnt, e2_block_t block, uint64_t count); /* may be data */
/* The first run of metadata in [first, first + count), cut to it; count 0: none. */
struct ext2_run ext2_metamap_next(const struct ext2_mount *mnt, e2_block_t first, uint64_t count);

/* ---- ext2_meta.c: buffers of metadata --------------------------------------------------------------------
 */
/* A block on the device's vnode, read. On error *bpp is NULL. */
int ext2_meta_read(struct ext2_mount *mnt, e2_block_t block, buf_t *bpp);
int ext2_meta_new(struct ext2_mount *mnt, e2_block_t block, buf_t *bpp); /* zeroed, not read */
/* A node of a file's map (an indirect block, a node of an extent tree) on the file's vnode; on the device's,
 * where the inode has none (ext2_inode_peek). */
int ext2_node_read(struct ext2_inode *ip, e2_block_t block, buf_t *bpp);
int ext2_node_new(struct ext2_inode *ip, e2_block_t block, buf_t *bpp); /* zeroed, not read */
void ext2_node_forget(struct ext2_inode *ip, e2_block_t block); /* it was freed: its buffer is dropped */

/* ---- ext2_csum.c: METADATA_CSUM and GDT_CSUM; nothing happens, and all is well, without them
 * --------------- */
void ext2_csum_init(void); /* once, when the kext is loaded */
uint32_t ext2_csum_seed(const struct e2_super *super);
uint32_t ext2_crc32c(uint32_t crc, const void *bytes, size_t len);
uint16_t ext2_crc16(uint16_t crc, const void *bytes, size_t len);
void ext2_csum_super_set(struct ext2_mount *mnt, struct e2_super *super);
boolean_t ext2_csum_super_ok(const struct e2_super *super);
void ext2_csum_group_set(const struct ext2_mount *mnt, uint32_t group, struct e2_group_desc *desc);
boolean_t ext2_csum_group_ok(const struct ext2_mount *mnt, uint32_t group, const struct e2_group_desc *desc);
uint32_t ext2_csum_bitmap(const struct ext2_mount *mnt, const void *bitmap, size_t bytes);
void ext2_csum_inode_set(const struct ext2_mount *mnt, uint32_t ino, struct e2_inode_disk *disk);
boolean_t ext2_csum_inode_ok(const struct ext2_mount *mnt, uint32_t ino, const struct e2_inode_disk *disk);
/* Of what belongs to a file, whose number and generation go in. */
void ext2_csum_dir_set(const struct ext2_inode *dir, void *block); /* the tail must be there */
boolean_t ext2_csum_dir_ok(const struct ext2_inode *dir, const void *block);
void ext2_csum_extent_set(const struct ext2_inode *ip, void *block);
boolean_t ext2_csum_extent_ok(const struct ext2_inode *ip, const void *block);
void ext2_csum_xattr_set(const struct ext2_mount *mnt, e2_block_t block, struct e2_xattr_header *header);
boolean_t ext2_csum_xattr_ok(const struct ext2_mount *mnt, e2_block_t block,
                             const struct e2_xattr_header *header);

/* ---- ext2_inode.c, ext2_inode_table.c: inodes in memory and on disk
 * ---------------------------------------- */
int ext2_shards_init(struct ext2_mount *mnt);
void ext2_shards_destroy(struct ext2_mount *mnt);
/* Gives an iocount. dvp and cnp, both or neither, say under which name the vnode becomes known. ESTALE:
 * nobody uses that inode. EIO: it is damaged. No lock is held. */
int ext2_inode_get(struct ext2_mount *mnt, uint32_t ino, vnode_t dvp, struct componentname *cnp,
                   vnode_t *vpp);
/* A new file of @mode (type and permission) in the directory @dvp: an inode number is taken, the inode filled
 * in and marked dirty; nlink is 0 and no name is there yet: the caller, who holds the iocount that it gets,
 * makes the name under the directory's i_lock (sets nlink, i_parent and I2_NAME_NEW, calls
 * ext2_inode_write(), then ext2_dir_add()), or gives up with ext2_inode_abandon(). It has a map
 * (ext2_map_init) unless it is a symbolic link or a special file. No lock held. */
int ext2_inode_new(vnode_t dvp, uint16_t mode, const struct vnode_attr *vap, struct componentname *cnp,
                   vfs_context_t context, vnode_t *vpp);
void ext2_inode_abandon(vnode_t vp); /* consumes the iocount; inactive and reclaim free the inode */
/* An inode that only the caller sees, without a vnode (its map's nodes are read through the device's
 * buffers). For the journal. End with ext2_inode_peek_end. */
int ext2_inode_peek(struct ext2_mount *mnt, uint32_t ino, struct ext2_inode **out);
void ext2_inode_peek_end(struct ext2_inode *ip);
/* Where an inode lies: a block of its group's table, and the byte in it. */
void ext2_inode_where(const struct ext2_mount *mnt, uint32_t ino, e2_block_t *block, uint32_t *offset);
struct ext2_inode *ext2_inode_alloc(struct ext2_mount *mnt, uint32_t ino); /* NULL: no memory */
void ext2_inode_free(struct ext2_inode *ip);
/* From the disk, every field checked. ESTALE: nobody uses it. Nobody else sees @ip. */
int ext2_inode_read(struct ext2_inode *ip);
dev_t ext2_rdev(const struct ext2_inode *ip);
void ext2_rdev_set(struct ext2_inode *ip, dev_t rdev);
/* From memory into its table's block. waitfor MNT_WAIT: written before it returns, else delayed. i_lock held
 * at least shared, i_map_lock not. */
int ext2_inode_write(struct ext2_inode *ip, int waitfor);
static inline void ext2_inode_dirty(struct ext2_inode *ip)
{
    atomic_fetch_or(&ip->i_state, I2_DIRTY);
}
void ext2_lock_pair(struct ext2_inode *a,
                    struct ext2_inode *b); /* i_lock of both exclusive; may be the same */
void ext2_unlock_pair(struct ext2_inode *a, struct ext2_inode *b);
enum vtype ext2_vtype(uint16_t mode);
int ext2_vnop_inactive(
    struct vnop_inactive_args *ap); /* frees what has no name: truncates, then the number */
int ext2_vnop_reclaim(struct vnop_reclaim_args *ap);
/* As ext2_inode_get, of one that has no name any more. For the list of orphans. */
int ext2_inode_get_nameless(struct ext2_mount *mnt, uint32_t ino, vnode_t *vpp);
/* The list of orphans: files that lost their last name while open, for whoever mounts after a crash. */
int ext2_orphan_add(struct ext2_inode *ip);    /* its last name went; i_lock held exclusive */
int ext2_orphan_remove(struct ext2_inode *ip); /* it ends, or has a name again */
uint32_t ext2_orphan_next(struct ext2_inode *ip, uint32_t dtime); /* what i_dtime is to say on the disk */
int ext2_orphans_clean(struct ext2_mount *mnt);                   /* at a writable mount, after the journal */

/* ---- ext2_balloc.c, ext2_ialloc.c, ext2_pending.c: space
 * --------------------------------------------------- */
/* Up to @want blocks that follow each other, near @goal (0: near the inode's group), 1 at least. @promised of
 * them were promised. ENOSPC. i_map_lock of @ip held exclusive. */
int ext2_blocks_take(struct ext2_inode *ip, e2_block_t goal, uint32_t want, boolean_t promised,
                     e2_block_t *first, uint32_t *count);
void ext2_blocks_give(struct ext2_mount *mnt, e2_block_t first, uint64_t count); /* pending until a sync */
/* Blocks for delayed writes. ENOSPC, with the reserve for root respected. */
int ext2_blocks_promise(struct ext2_mount *mnt, uint64_t count, vfs_context_t context);
void ext2_blocks_unpromise(struct ext2_mount *mnt, uint64_t count);
int ext2_ino_take(struct ext2_mount *mnt, uint32_t parent, boolean_t is_dir, uint32_t *ino);
void ext2_ino_give(struct ext2_mount *mnt, uint32_t ino, boolean_t is_dir); /* pending until a sync */
/* What was freed before @mark (ext2_pending_mark) may be given away: the metadata is on the disk. */
uint64_t ext2_pending_mark(struct ext2_mount *mnt);
int ext2_pending_commit(struct ext2_mount *mnt, uint64_t mark);
void ext2_pending_destroy(struct ext2_mount *mnt);

/* ---- ext2_map.c, ext2_indirect.c, ext2_extent*.c: where a file's blocks lie
 * ------------------------------------ */
/* The run at @lblk: *block is 0 in a hole (and *count how long it is, as far as that is easily known), else
 * where it lies; at most @want. *fresh: it is allocated but was never written (an unwritten extent).
 * i_map_lock held. */
int ext2_map_find(struct ext2_inode *ip, e2_lblk_t lblk, uint32_t want, e2_block_t *block, uint32_t *count,
                  boolean_t *fresh);
/* As ext2_map_find, and places what is a hole, or makes it written. i_map_lock held exclusive. */
int ext2_map_place(struct ext2_inode *ip, e2_lblk_t lblk, uint32_t want, e2_block_t *block, uint32_t *count);
/* All from @lblk on is freed, and promises for it are given back. i_map_lock held exclusive. */
int ext2_map_cut(struct ext2_inode *ip, e2_lblk_t lblk);
/* [first, first + count) will be written: promises space for those that are holes and not promised yet.
 * i_map_lock not held, i_lock held exclusive. */
int ext2_map_delay(struct ext2_inode *ip, e2_lblk_t first, uint32_t count, vfs_context_t context);
void ext2_map_init(struct ext2_inode *ip); /* of a new file: an extent tree's root, or nothing */
uint64_t ext2_size_max(const struct ext2_mount *mnt, boolean_t extents);

/* ---- ext2_io.c, ext2_blockmap.c, ext2_truncate.c: contents
 * ---------------------------------------------------- */
int ext2_truncate(struct ext2_inode *ip, uint64_t size, vfs_context_t context); /* i_lock held exclusive */
int ext2_fsync(struct ext2_inode *ip, int waitfor, vfs_context_t context);      /* no lock held */
int ext2_sync(struct ext2_mount *mnt, int waitfor, vfs_context_t context); /* all of it, then pending frees */
int ext2_device_flush(struct ext2_mount *mnt, vfs_context_t context);
int ext2_vnop_read(struct vnop_read_args *ap);
int ext2_vnop_write(struct vnop_write_args *ap);
int ext2_vnop_fsync(struct vnop_fsync_args *ap);
int ext2_vnop_ioctl(struct vnop_ioctl_args *ap);
int ext2_vnop_allocate(struct vnop_allocate_args *ap);
int ext2_vnop_mmap(struct vnop_mmap_args *ap);
int ext2_vnop_blockmap(struct vnop_blockmap_args *ap);
int ext2_vnop_strategy(struct vnop_strategy_args *ap);
int ext2_vnop_blktooff(struct vnop_blktooff_args *ap);
int ext2_vnop_offtoblk(struct vnop_offtoblk_args *ap);
int ext2_vnop_pagein(struct vnop_pagein_args *ap);
int ext2_vnop_pageout(struct vnop_pageout_args *ap);
int ext2_vnop_bwrite(struct vnop_bwrite_args *ap);

/* ---- ext2_dir.c, ext2_dirhash.c: names of a directory; i_lock held, exclusive for all that change
 * ---------------- */
struct ext2_name {
    uint32_t ino;
    uint8_t type; /* E2_FT_* */
    e2_lblk_t lblk;
    uint32_t offset; /* in the block */
};
int ext2_dir_find(struct ext2_inode *dir, const char *name, size_t len, struct ext2_name *out); /* ENOENT */
int ext2_dir_add(struct ext2_inode *dir, const char *name, size_t len, uint32_t ino, uint8_t type);
int ext2_dir_remove(struct ext2_inode *dir, const char *name, size_t len, const struct ext2_name *at);
int ext2_dir_retarget(struct ext2_inode *dir, const struct ext2_name *at, uint32_t ino, uint8_t type);
int ext2_dir_init(struct ext2_inode *dir, uint32_t parent); /* a new one: "." and "..", one block, written */
int ext2_dir_set_parent(struct ext2_inode *dir, uint32_t parent);
int ext2_dir_is_empty(struct ext2_inode *dir, boolean_t *empty);
int ext2_dir_parent(struct ext2_inode *dir, uint32_t *parent); /* what ".." says */
/* One block read and every entry in it checked (lengths, alignment, numbers, names without '/' or NUL): what
 * a caller walks is safe. Damage: EIO, told once per directory. */
int ext2_dir_block(struct ext2_inode *dir, e2_lblk_t lblk, buf_t *bpp);
uint8_t ext2_dirent_type(uint16_t mode);
void ext2_dirhash_destroy(struct ext2_inode *dir);

/* ---- ext2_lookup.c, ext2_names.c, ext2_rename.c, ext2_readdir.c, ext2_symlink.c
 * ---------------------------------- */
int ext2_vnop_lookup(struct vnop_lookup_args *ap);
int ext2_vnop_create(struct vnop_create_args *ap);
int ext2_vnop_mknod(struct vnop_mknod_args *ap);
int ext2_vnop_mkdir(struct vnop_mkdir_args *ap);
int ext2_vnop_symlink(struct vnop_symlink_args *ap);
int ext2_vnop_readlink(struct vnop_readlink_args *ap);
int ext2_vnop_link(struct vnop_link_args *ap);
int ext2_vnop_remove(struct vnop_remove_args *ap);
int ext2_vnop_rmdir(struct vnop_rmdir_args *ap);
int ext2_vnop_rename(struct vnop_rename_args *ap);
int ext2_vnop_renamex(struct vnop_renamex_args *ap);
int ext2_vnop_readdir(struct vnop_readdir_args *ap);

/* ---- ext2_options.c, ext2_mount.c, ext2_change.c, ext2_resize.c: the mount
 * ---------------------------------------- */
#define E2_ERRORS_CONTINUE 1u
#define E2_ERRORS_RO       2u
extern struct vfsopv_desc ext2_vfsopv_desc;
/* From the mount's data: changes what is named. EINVAL with a line in the log. */
int ext2_options_read(user_addr_t data, struct ext2_options *options);
int ext2_mount_open(mount_t mp, vnode_t devvp, const struct ext2_options *options, vfs_context_t context,
                    struct ext2_mount **out);
void ext2_mount_close(struct ext2_mount *mnt, vfs_context_t context); /* nothing is written */
/* ext2_readonly.c: EROFS, told with what to do: this file system only reads so far. */
int ext2_writing_check(const struct ext2_mount *mnt);
int ext2_mount_writable(struct ext2_mount *mnt); /* journal, orphans, "not clean": it may be changed now */
int ext2_mount_readonly(struct ext2_mount *mnt, vfs_context_t context); /* all is written, "clean" */
/* Asks the device; takes the iocount that this needs. */
int ext2_device_ioctl(struct ext2_mount *mnt, u_long command, void *data, vfs_context_t context);
void ext2_statfs(struct ext2_mount *mnt, struct vfsstatfs *sfs);
int ext2_grow(struct ext2_mount *mnt, uint64_t blocks, vfs_context_t context);
int ext2_shrink(struct ext2_mount *mnt, uint64_t blocks, vfs_context_t context);

/* ---- ext2_attr.c
 * ------------------------------------------------------------------------------------------- */
void ext2_now(const struct ext2_mount *mnt, struct timespec *ts); /* as fine as the inode keeps it */
void ext2_changed(struct ext2_inode *ip);                         /* mtime and ctime; i_lock held exclusive */
void ext2_touch_ctime(struct ext2_inode *ip);
void ext2_owe_atime(struct ext2_inode *ip); /* i_lock held at all */
void ext2_pay_times(struct ext2_inode *ip); /* i_lock held exclusive */
int ext2_vnop_getattr(struct vnop_getattr_args *ap);
int ext2_vnop_setattr(struct vnop_setattr_args *ap);
int ext2_vnop_pathconf(struct vnop_pathconf_args *ap);

/* ---- ext2_xattr*.c
 * ------------------------------------------------------------------------------------------ */
int ext2_vnop_getxattr(struct vnop_getxattr_args *ap);
int ext2_vnop_setxattr(struct vnop_setxattr_args *ap);
int ext2_vnop_removexattr(struct vnop_removexattr_args *ap);
int ext2_vnop_listxattr(struct vnop_listxattr_args *ap);
int ext2_xattr_drop(
    struct ext2_inode *ip); /* the file ends: its block of attributes, or its share, is given back */

/* ---- ext2_journal*.c
 * ----------------------------------------------------------------------------------------- */
/* With E2_INCOMPAT_RECOVER, after the superblock and the descriptors were read and before anything else:
 * replays the journal, reads both again, and clears the feature on the disk. The device is open for writing.
 */
int ext2_journal_recover(struct ext2_mount *mnt);

#endif
