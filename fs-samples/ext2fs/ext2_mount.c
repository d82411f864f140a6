// SPDX-License-Identifier: BSD-2-Clause
/*
 * The life of a mount: what is read before anybody can use it, what has to be done before it may be changed
 * and after the last change, and what is undone at its end.
 *
 * The device is set to blocks of the file system's size for as long as it is mounted, and gets its own back.
 * Called by VFS operations, one at a time for each mount; takes no lock of its own.
 */
#include <sys/disk.h>

#include "ext2fs.h"

/* ---- the device ------------------------------------------------------------------------------------------
 */

int ext2_device_ioctl(struct ext2_mount *mnt, u_long command, void *data, vfs_context_t context)
{
    int error = vnode_getwithref(mnt->m_dev);

    if (error)
        return error;
    error = VNOP_IOCTL(mnt->m_dev, command, data, FWRITE, context);
    vnode_put(mnt->m_dev);
    return error;
}

/* vfs_init_io_attributes() asks as well. */
static int device_limits(struct ext2_mount *mnt)
{
    int error = vnode_getwithref(mnt->m_dev);

    if (error)
        return error;
    error = vfs_init_io_attributes(mnt->m_dev, mnt->m_mount);
    vnode_put(mnt->m_dev);
    return error;
}

static int device_block_set(struct ext2_mount *mnt, uint32_t bytes, vfs_context_t context)
{
    /* Buffers are found by number, which means something else now. */
    int error = buf_invalidateblks(mnt->m_dev, BUF_INVALIDATE_LOCKED, 0, 0);

    if (!error)
        error = ext2_device_ioctl(mnt, DKIOCSETBLOCKSIZE, &bytes, context);
    return error ? error : device_limits(mnt);
}

/* ---- memory ----------------------------------------------------------------------------------------------
 */

static void locks_free(struct ext2_mount *mnt)
{
    lck_mtx_t *locks[] = {mnt->m_rename_lock, mnt->m_state_lock, mnt->m_super_lock};

    for (size_t i = 0; i < sizeof(locks) / sizeof(*locks); i++)
        if (locks[i])
            lck_mtx_free(locks[i], ext2_lock_group);
}

static void mount_free(struct ext2_mount *mnt)
{
    ext2_groups_free(mnt);
    ext2_shards_destroy(mnt);
    locks_free(mnt);
    if (mnt->m_context)
        (void)vfs_context_rele(mnt->m_context);
    ext2_free(mnt, sizeof(*mnt));
}

static int mount_alloc(mount_t mp, vnode_t devvp, const struct ext2_options *options, vfs_context_t context,
                       struct ext2_mount **out)
{
    struct ext2_mount *mnt = ext2_alloc(sizeof(*mnt));

    if (!mnt)
        return ENOMEM;
    mnt->m_mount = mp;
    mnt->m_dev = devvp;
    mnt->m_context = vfs_context_create(context);
    mnt->m_options = *options;
    mnt->m_rdonly = TRUE;
    mnt->m_hash_seed = random();
    mnt->m_rename_lock = lck_mtx_alloc_init(ext2_lock_group, LCK_ATTR_NULL);
    mnt->m_state_lock = lck_mtx_alloc_init(ext2_lock_group, LCK_ATTR_NULL);
    mnt->m_super_lock = lck_mtx_alloc_init(ext2_lock_group, LCK_ATTR_NULL);
    boolean_t complete = mnt->m_context && mnt->m_rename_lock && mnt->m_state_lock && mnt->m_super_lock;
    int error = complete ? ext2_shards_init(mnt) : ENOMEM;
    if (error)
        mount_free(mnt);
    else
        *out = mnt;
    return error;
}

/* ---- opening and closing ---------------------------------------------------------------------------------
 */

static int journal_check(struct ext2_mount *mnt, boolean_t writable)
{
    if (!ext2_has(mnt->m_incompat, E2_INCOMPAT_RECOVER))
        return 0;
    if (writable && mnt->m_options.norecovery) {
        ext2_report(mnt, "its journal has to be replayed: with norecovery it can only be mounted read-only");
        return EROFS;
    }
    if (!writable && !mnt->m_options.norecovery) {
        ext2_report(mnt, "its journal has to be replayed: mount it for writing, or with norecovery");
        return EROFS;
    }
    return 0;
}

static int errors_wanted(const struct ext2_mount *mnt)
{
    /* 3 asks for a panic, which no disk gets here. */
    return e2_le16(mnt->m_super.s_errors) >= 2 ? E2_ERRORS_RO : E2_ERRORS_CONTINUE;
}

static int contents_read(struct ext2_mount *mnt, boolean_t writable, vfs_context_t context)
{
    int error = ext2_super_read(mnt, writable);

    if (!error)
        error = journal_check(mnt, writable);
    if (!error)
        error = device_block_set(mnt, mnt->m_block_size, context);
    if (!error)
        error = ext2_groups_read(mnt);
    if (!error && mnt->m_options.errors == 0)
        mnt->m_options.errors = (uint32_t)errors_wanted(mnt);
    return error;
}

int ext2_mount_open(mount_t mp, vnode_t devvp, const struct ext2_options *options, vfs_context_t context,
                    struct ext2_mount **out)
{
    struct ext2_mount *mnt;
    int error = mount_alloc(mp, devvp, options, context, &mnt);

    if (error)
        return error;
    error = ext2_device_ioctl(mnt, DKIOCGETBLOCKSIZE, &mnt->m_dev_block, context);
    if (!error)
        error = contents_read(mnt, vfs_isrdwr(mp), context);
    if (error)
        ext2_mount_close(mnt, context);
    else
        *out = mnt;
    return error;
}

void ext2_mount_close(struct ext2_mount *mnt, vfs_context_t context)
{
    ext2_pending_destroy(mnt);
    if (mnt->m_dev_block) {
        int error = device_block_set(mnt, mnt->m_dev_block, context);
        if (error)
            ext2_report(mnt, "the device does not take its own block size back: error %d", error);
    }
    mount_free(mnt);
}

/* ---- between read-only and writable ----------------------------------------------------------------------
 */

static void state_report(const struct ext2_mount *mnt, uint16_t state)
{
    if (state & E2_STATE_ERROR)
        ext2_report(mnt, "it is known to have errors: e2fsck should repair it");
    else if (!(state & E2_STATE_VALID) && !ext2_has(mnt->m_compat, E2_COMPAT_HAS_JOURNAL))
        ext2_report(mnt, "it was not unmounted cleanly: e2fsck should look at it");
}

/* What the superblock says of this mount. */
static void super_mounted(struct ext2_mount *mnt)
{
    struct timespec now;

    nanotime(&now);
    lck_mtx_lock(mnt->m_super_lock);
    mnt->m_super.s_mtime = e2_to32((uint32_t)now.tv_sec);
    mnt->m_super.s_mnt_count = e2_to16((uint16_t)(e2_le16(mnt->m_super.s_mnt_count) + 1));
    mnt->m_super_dirty = TRUE;
    lck_mtx_unlock(mnt->m_super_lock);
}

int ext2_mount_writable(struct ext2_mount *mnt)
{
    int error = ext2_writing_check(mnt);

    if (!error)
        error = ext2_features_check(mnt, TRUE);
    if (!error)
        error = journal_check(mnt, TRUE);
    if (!error && ext2_has(mnt->m_incompat, E2_INCOMPAT_RECOVER))
        error = ext2_journal_recover(mnt);
    if (error)
        return error;
    mnt->m_state_clean = e2_le16(mnt->m_super.s_state);
    state_report(mnt, mnt->m_state_clean);
    if (ext2_has(mnt->m_compat, E2_COMPAT_HAS_JOURNAL)) /* it was replayed, if it had to be */
        mnt->m_state_clean |= E2_STATE_VALID;
    super_mounted(mnt);
    mnt->m_rdonly = FALSE;
    error = ext2_unclean(mnt);
    if (!error)
        error = ext2_orphans_clean(mnt);
    if (error)
        mnt->m_rdonly = TRUE;
    return error;
}

int ext2_mount_readonly(struct ext2_mount *mnt, vfs_context_t context)
{
    int error = ext2_sync(mnt, MNT_WAIT, context);

    if (!error)
        error = ext2_clean(mnt);
    if (!error)
        mnt->m_rdonly = TRUE;
    return error;
}

/* ---- figures ---------------------------------------------------------------------------------------------
 */

void ext2_statfs(struct ext2_mount *mnt, struct vfsstatfs *sfs)
{
    int64_t left = atomic_load(&mnt->m_free_blocks) - atomic_load(&mnt->m_promised);
    int64_t inodes = atomic_load(&mnt->m_free_inodes);

    lck_mtx_lock(mnt->m_super_lock);
    left += (int64_t)mnt->m_pending_blocks; /* free with the next sync */
    lck_mtx_unlock(mnt->m_super_lock);
    sfs->f_bsize = mnt->m_block_size;
    sfs->f_iosize = mnt->m_block_size;
    sfs->f_blocks = mnt->m_blocks;
    sfs->f_bfree = left > 0 ? (uint64_t)left : 0;
    sfs->f_bused = sfs->f_blocks - sfs->f_bfree;
    sfs->f_bavail = sfs->f_bfree > mnt->m_reserved ? sfs->f_bfree - mnt->m_reserved : 0;
    sfs->f_files = mnt->m_inodes;
    sfs->f_ffree = inodes > 0 ? (uint64_t)inodes : 0;
}
