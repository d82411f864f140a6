// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a volume that is only read does not do. Every mount is read-only so far: the parts that take and give
 * space, cut files and write them back do not exist yet. What is here stands where they will, is reached by
 * nobody on such a volume, and says EROFS where it can say something.
 */
#include <sys/disk.h>

#include "ext2fs.h"

int ext2_writing_check(const struct ext2_mount *mnt)
{
    ext2_report(mnt, "it can only be read so far: mount it read-only (-o ro)");
    return EROFS;
}

int ext2_device_flush(struct ext2_mount *mnt, vfs_context_t context)
{
    return VNOP_IOCTL(mnt->m_dev, DKIOCSYNCHRONIZECACHE, NULL, FWRITE, context);
}

int ext2_sync(struct ext2_mount *mnt, int waitfor, vfs_context_t context)
{
    (void)waitfor;
    (void)context;
    return mnt->m_rdonly ? 0 : EROFS;
}

int ext2_truncate(struct ext2_inode *ip, uint64_t size, vfs_context_t context)
{
    (void)ip;
    (void)size;
    (void)context;
    return EROFS;
}

int ext2_map_cut(struct ext2_inode *ip, e2_lblk_t lblk)
{
    (void)ip;
    (void)lblk;
    return EROFS;
}

int ext2_ino_take(struct ext2_mount *mnt, uint32_t parent, boolean_t is_dir, uint32_t *ino)
{
    (void)mnt;
    (void)parent;
    (void)is_dir;
    *ino = E2_INVALID_INO;
    return EROFS;
}

void ext2_ino_give(struct ext2_mount *mnt, uint32_t ino, boolean_t is_dir)
{
    (void)ino;
    (void)is_dir;
    (void)ext2_writing_check(mnt);
}

int ext2_xattr_drop(struct ext2_inode *ip)
{
    (void)ip;
    return EROFS;
}

/* Nothing was ever promised, is pending, or has an index. */
void ext2_blocks_unpromise(struct ext2_mount *mnt, uint64_t count)
{
    (void)mnt;
    (void)count;
}

void ext2_pending_destroy(struct ext2_mount *mnt)
{
    (void)mnt;
}

void ext2_dirhash_destroy(struct ext2_inode *dir)
{
    (void)dir;
}

void ext2_map_init(struct ext2_inode *ip)
{
    (void)ip;
}
