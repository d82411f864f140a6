// SPDX-License-Identifier: BSD-2-Clause
/*
 * Inodes on the disk: where one lies, what its fields mean in memory, reading and writing it. What is not
 * known here (the extended attributes behind the fields) stays as it is.
 *
 * Locks: i_map_lock shared, then the buffer of the table's block; m_super_lock for a file without a name.
 */
#include "ext2fs.h"

#define EPOCH_BITS 2u
#define EPOCH_MASK 3u

void ext2_inode_where(const struct ext2_mount *mnt, uint32_t ino, e2_block_t *block, uint32_t *offset)
{
    uint32_t group = (ino - 1) / mnt->m_inodes_per_group, index = (ino - 1) % mnt->m_inodes_per_group;

    *block = mnt->m_groups[group].g_inode_table + index / mnt->m_inodes_per_block;
    *offset = index % mnt->m_inodes_per_block * mnt->m_inode_size;
}

/* The inode in its table's block, which stays busy. */
static int slot_get(struct ext2_mount *mnt, uint32_t ino, buf_t *bpp, struct e2_inode_disk **disk)
{
    e2_block_t block;
    uint32_t offset;

    ext2_inode_where(mnt, ino, &block, &offset);
    int error = ext2_meta_read(mnt, block, bpp);
    if (!error)
        *disk = (struct e2_inode_disk *)(void *)((char *)buf_dataptr(*bpp) + offset);
    return error;
}

/* Does the inode reach as far as this field, which lies behind the first 128 bytes? */
#define HAS_FIELD(extra, field)                                                                              \
    (E2_OLD_INODE + (extra) >=                                                                               \
     offsetof(struct e2_inode_disk, field) + sizeof(((struct e2_inode_disk *)0)->field))

/* ---- devices: an old encoding of 16 bits in the first word, a new one in the second ----------------------
 */

dev_t ext2_rdev(const struct ext2_inode *ip)
{
    uint32_t old = e2_le32(ip->i_block[0]), new = e2_le32(ip->i_block[1]);

    if (old)
        return makedev(old >> 8 & 0xff, old & 0xff);
    return makedev(new >> 8 & 0xfff, (new & 0xff) | (new >> 12 & 0xfff00));
}

void ext2_rdev_set(struct ext2_inode *ip, dev_t rdev)
{
    uint32_t maj = (uint32_t)major(rdev), min = (uint32_t)minor(rdev);

    bzero(ip->i_block, sizeof(ip->i_block));
    if (min < 256)
        ip->i_block[0] = e2_to32(maj << 8 | min);
    else
        ip->i_block[1] = e2_to32((min & 0xff) | maj << 8 | (min & 0xfff00) << 12);
}

/* ---- times -----------------------------------------------------------------------------------------------
 */

static struct timespec time_get(e2_le32_t low, e2_le32_t extra)
{
    uint32_t bits = e2_le32(extra);
    struct timespec ts;

    ts.tv_sec = (int32_t)e2_le32(low) + (time_t)((uint64_t)(bits & EPOCH_MASK) << 32);
    ts.tv_nsec = (long)(bits >> EPOCH_BITS);
    if (ts.tv_nsec > 999999999)
        ts.tv_nsec = 0;
    return ts;
}

/* What does not fit is as near as it can be. */
static e2_le32_t time_set(const struct timespec *ts, boolean_t wide, e2_le32_t *extra)
{
    int64_t seconds = ts->tv_sec, last = wide ? (int64_t)0x37fffffff : INT32_MAX;

    if (seconds < INT32_MIN)
        seconds = INT32_MIN;
    if (seconds > last)
        seconds = last;
    if (wide) {
        uint64_t epoch = (uint64_t)(seconds - (int32_t)seconds) >> 32 & EPOCH_MASK;
        *extra = e2_to32((uint32_t)ts->tv_nsec << EPOCH_BITS | (uint32_t)epoch);
    }
    return e2_to32((uint32_t)seconds);
}

static void times_get(struct ext2_inode *ip, const struct e2_inode_disk *disk)
{
    uint32_t extra = ip->i_extra_isize;
    e2_le32_t none = {0};

    ip->i_atime = time_get(disk->i_atime, HAS_FIELD(extra, i_atime_extra) ? disk->i_atime_extra : none);
    ip->i_mtime = time_get(disk->i_mtime, HAS_FIELD(extra, i_mtime_extra) ? disk->i_mtime_extra : none);
    ip->i_ctime = time_get(disk->i_ctime, HAS_FIELD(extra, i_ctime_extra) ? disk->i_ctime_extra : none);
    if (HAS_FIELD(extra, i_crtime_extra))
        ip->i_btime = time_get(disk->i_crtime, disk->i_crtime_extra);
}

static void times_put(const struct ext2_inode *ip, struct e2_inode_disk *disk)
{
    uint32_t extra = ip->i_extra_isize;

    disk->i_atime = time_set(&ip->i_atime, HAS_FIELD(extra, i_atime_extra), &disk->i_atime_extra);
    disk->i_mtime = time_set(&ip->i_mtime, HAS_FIELD(extra, i_mtime_extra), &disk->i_mtime_extra);
    disk->i_ctime = time_set(&ip->i_ctime, HAS_FIELD(extra, i_ctime_extra), &disk->i_ctime_extra);
    if (HAS_FIELD(extra, i_crtime_extra))
        disk->i_crtime = time_set(&ip->i_btime, TRUE, &disk->i_crtime_extra);
}

/* ---- from the disk ---------------------------------------------------------------------------------------
 */

/* A directory's may go beyond 32 bits only with large_dir; in old ones the field was another. */
static uint64_t size_get(const struct ext2_inode *ip, const struct e2_inode_disk *disk)
{
    boolean_t wide = S_ISREG(ip->i_mode) ||
                     (S_ISDIR(ip->i_mode) && ext2_has(ip->i_mount->m_incompat, E2_INCOMPAT_LARGEDIR));

    return e2_le32(disk->i_size_lo) | (wide ? (uint64_t)e2_le32(disk->i_size_hi) << 32 : 0);
}

static uint64_t blocks_get(const struct ext2_inode *ip, const struct e2_inode_disk *disk)
{
    uint64_t blocks = e2_le32(disk->i_blocks_lo);

    if (!ext2_has(ip->i_mount->m_rocompat, E2_ROCOMPAT_HUGE_FILE))
        return blocks;
    blocks |= (uint64_t)e2_le16(disk->i_blocks_hi) << 32;
    return ip->i_flags & E2_HUGE_FILE_FL ? blocks << (ip->i_mount->m_block_shift - 9) : blocks;
}

static void fields_get(struct ext2_inode *ip, const struct e2_inode_disk *disk)
{
    struct ext2_mount *mnt = ip->i_mount;

    ip->i_mode = e2_le16(disk->i_mode);
    ip->i_uid = e2_le16(disk->i_uid_lo) | (uint32_t)e2_le16(disk->i_uid_hi) << 16;
    ip->i_gid = e2_le16(disk->i_gid_lo) | (uint32_t)e2_le16(disk->i_gid_hi) << 16;
    ip->i_nlink = e2_le16(disk->i_links_count);
    ip->i_dtime = e2_le32(disk->i_dtime);
    ip->i_flags = e2_le32(disk->i_flags);
    ip->i_generation = e2_le32(disk->i_generation);
    ip->i_extra_isize = mnt->m_inode_size > E2_OLD_INODE ? e2_le16(disk->i_extra_isize) : 0;
    ip->i_file_acl = e2_le32(disk->i_file_acl_lo);
    if (ext2_has(mnt->m_incompat, E2_INCOMPAT_64BIT))
        ip->i_file_acl |= (e2_block_t)e2_le16(disk->i_file_acl_hi) << 32;
    ip->i_size = size_get(ip, disk);
    ip->i_blocks = blocks_get(ip, disk);
    memcpy(ip->i_block, disk->i_block, sizeof(ip->i_block));
}

static int refused(struct ext2_inode *ip, const char *field, uint64_t value)
{
    return ext2_damaged(ip->i_mount, "file %u: its inode's %s is %llu, which makes no sense", ip->i_ino,
                        field, value);
}

static int size_check(struct ext2_inode *ip)
{
    const struct ext2_mount *mnt = ip->i_mount;

    if (S_ISREG(ip->i_mode) && ip->i_size > ext2_size_max(mnt, ext2_has(ip->i_flags, E2_EXTENTS_FL)))
        return refused(ip, "i_size", ip->i_size);
    if (S_ISDIR(ip->i_mode) && (ip->i_size == 0 || ip->i_size & (mnt->m_block_size - 1)))
        return refused(ip, "i_size", ip->i_size);
    if (S_ISLNK(ip->i_mode) && (ip->i_size == 0 || ip->i_size > mnt->m_block_size))
        return refused(ip, "i_size", ip->i_size);
    return 0;
}

static int fields_check(struct ext2_inode *ip)
{
    const struct ext2_mount *mnt = ip->i_mount;

    if (ext2_vtype(ip->i_mode) == VNON)
        return refused(ip, "i_mode", ip->i_mode);
    if (ip->i_extra_isize % 4 || E2_OLD_INODE + ip->i_extra_isize > mnt->m_inode_size)
        return refused(ip, "i_extra_isize", ip->i_extra_isize);
    if ((ip->i_flags & E2_EXTENTS_FL && !ext2_has(mnt->m_incompat, E2_INCOMPAT_EXTENTS)) ||
        ip->i_flags & (E2_INLINE_DATA_FL | E2_EA_INODE_FL))
        return refused(ip, "i_flags", ip->i_flags);
    if (ip->i_file_acl && !ext2_block_valid(mnt, ip->i_file_acl, 1))
        return refused(ip, "i_file_acl", ip->i_file_acl);
    return size_check(ip);
}

int ext2_inode_read(struct ext2_inode *ip)
{
    struct e2_inode_disk *disk;
    buf_t bp;
    int error = slot_get(ip->i_mount, ip->i_ino, &bp, &disk);

    if (error)
        return error;
    boolean_t intact = ext2_csum_inode_ok(ip->i_mount, ip->i_ino, disk);
    fields_get(ip, disk);
    times_get(ip, disk);
    buf_brelse(bp);
    if (ip->i_mode == 0 || (ip->i_nlink == 0 && ip->i_dtime > ip->i_mount->m_inodes))
        return ESTALE;
    if (!intact)
        return ext2_damaged(ip->i_mount, "file %u: its inode's checksum is wrong", ip->i_ino);
    return fields_check(ip);
}

/* ---- to the disk -----------------------------------------------------------------------------------------
 */

static void size_put(const struct ext2_inode *ip, struct e2_inode_disk *disk)
{
    disk->i_size_lo = e2_to32((uint32_t)ip->i_size);
    if (S_ISREG(ip->i_mode) ||
        (S_ISDIR(ip->i_mode) && ext2_has(ip->i_mount->m_incompat, E2_INCOMPAT_LARGEDIR)))
        disk->i_size_hi = e2_to32((uint32_t)(ip->i_size >> 32));
    if (S_ISREG(ip->i_mode) && ip->i_size > INT32_MAX &&
        !ext2_has(ip->i_mount->m_rocompat, E2_ROCOMPAT_LARGE_FILE))
        ext2_large_file(ip->i_mount);
}

/* Counted in 512 bytes as long as that fits into 48 bits, which it always does. i_map_lock held. */
static void map_put(const struct ext2_inode *ip, struct e2_inode_disk *disk)
{
    memcpy(disk->i_block, ip->i_block, sizeof(ip->i_block));
    disk->i_blocks_lo = e2_to32((uint32_t)ip->i_blocks);
    if (ext2_has(ip->i_mount->m_rocompat, E2_ROCOMPAT_HUGE_FILE))
        disk->i_blocks_hi = e2_to16((uint16_t)(ip->i_blocks >> 32));
}

static void fields_put(struct ext2_inode *ip, struct e2_inode_disk *disk)
{
    struct ext2_mount *mnt = ip->i_mount;

    disk->i_mode = e2_to16(ip->i_mode);
    disk->i_uid_lo = e2_to16((uint16_t)ip->i_uid);
    disk->i_uid_hi = e2_to16((uint16_t)(ip->i_uid >> 16));
    disk->i_gid_lo = e2_to16((uint16_t)ip->i_gid);
    disk->i_gid_hi = e2_to16((uint16_t)(ip->i_gid >> 16));
    disk->i_links_count = e2_to16((uint16_t)ip->i_nlink);
    disk->i_dtime = e2_to32(ip->i_nlink == 0 ? ext2_orphan_next(ip, ip->i_dtime) : 0);
    disk->i_flags = e2_to32(ip->i_flags & ~E2_HUGE_FILE_FL);
    disk->i_generation = e2_to32(ip->i_generation);
    disk->i_file_acl_lo = e2_to32((uint32_t)ip->i_file_acl);
    if (ext2_has(mnt->m_incompat, E2_INCOMPAT_64BIT))
        disk->i_file_acl_hi = e2_to16((uint16_t)(ip->i_file_acl >> 32));
    if (mnt->m_inode_size > E2_OLD_INODE)
        disk->i_extra_isize = e2_to16(ip->i_extra_isize);
}

int ext2_inode_write(struct ext2_inode *ip, int waitfor)
{
    struct ext2_mount *mnt = ip->i_mount;
    struct e2_inode_disk *disk;
    buf_t bp;

    /* What changes from now on makes it dirty again. */
    uint32_t was = atomic_fetch_and(&ip->i_state, ~(uint32_t)(I2_DIRTY | I2_NEW));
    lck_rw_lock_shared(ip->i_map_lock); /* until it is in the buffer, so that nothing older overtakes it */
    int error = slot_get(mnt, ip->i_ino, &bp, &disk);
    if (error) {
        lck_rw_unlock_shared(ip->i_map_lock);
        atomic_fetch_or(&ip->i_state, was & (I2_DIRTY | I2_NEW));
        return error;
    }
    if (was & I2_NEW)
        bzero(disk, mnt->m_inode_size);
    map_put(ip, disk);
    lck_rw_unlock_shared(ip->i_map_lock);
    fields_put(ip, disk);
    size_put(ip, disk);
    times_put(ip, disk);
    ext2_csum_inode_set(mnt, ip->i_ino, disk);
    if (waitfor != MNT_WAIT)
        return buf_bdwrite(bp);
    error = buf_bwrite(bp);
    if (error)
        ext2_inode_dirty(ip);
    return error;
}
