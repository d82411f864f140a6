// SPDX-License-Identifier: BSD-2-Clause
/*
 * Inodes in memory, each as long as its vnode: finding one by number, making one for a new file, and its end.
 *
 * While an inode is read and its vnode made it is in the table already, marked i_making, so that nobody makes
 * another; who looks for it waits. What ends is written to its table's block before it leaves the table, and
 * its number may be given away only afterwards: so who finds nothing in the table finds the truth in the
 * block.
 *
 * Locks: s_lock of the inode's shard, never held over a call that may block in VFS. i_lock exclusive, then
 * i_map_lock, over the end of a file without a name.
 */
#include "ext2fs.h"

#define SHARD_BUCKETS_MIN 16u

/* ---- the table -------------------------------------------------------------------------------------------
 */

static struct ext2_shard *shard_of(struct ext2_mount *mnt, uint32_t ino)
{
    return &mnt->m_shards[ino % E2_SHARDS];
}

static struct ext2_inode **bucket_of(struct ext2_shard *shard, uint32_t ino)
{
    return &shard->s_buckets[(ino / E2_SHARDS) & (shard->s_nbuckets - 1)];
}

int ext2_shards_init(struct ext2_mount *mnt)
{
    for (uint32_t i = 0; i < E2_SHARDS; i++) {
        struct ext2_shard *shard = &mnt->m_shards[i];
        shard->s_lock = lck_mtx_alloc_init(ext2_lock_group, LCK_ATTR_NULL);
        shard->s_buckets = ext2_alloc(SHARD_BUCKETS_MIN * sizeof(*shard->s_buckets));
        shard->s_nbuckets = SHARD_BUCKETS_MIN;
        if (!shard->s_lock || !shard->s_buckets)
            return ENOMEM;
    }
    return 0;
}

void ext2_shards_destroy(struct ext2_mount *mnt)
{
    for (uint32_t i = 0; i < E2_SHARDS; i++) {
        struct ext2_shard *shard = &mnt->m_shards[i];
        if (shard->s_lock)
            lck_mtx_free(shard->s_lock, ext2_lock_group);
        ext2_free(shard->s_buckets, shard->s_nbuckets * sizeof(*shard->s_buckets));
    }
}

/* A table that cannot grow still works, only slower. */
static void shard_grow(struct ext2_shard *shard)
{
    uint32_t old_count = shard->s_nbuckets;
    struct ext2_inode **old = shard->s_buckets;
    struct ext2_inode **buckets = ext2_alloc(2u * old_count * sizeof(*buckets));

    if (!buckets)
        return;
    shard->s_buckets = buckets;
    shard->s_nbuckets = 2 * old_count;
    for (uint32_t i = 0; i < old_count; i++) {
        struct ext2_inode *ip = old[i];
        while (ip) {
            struct ext2_inode *next = ip->i_hash_next;
            struct ext2_inode **bucket = bucket_of(shard, ip->i_ino);
            ip->i_hash_next = *bucket;
            *bucket = ip;
            ip = next;
        }
    }
    ext2_free(old, old_count * sizeof(*old));
}

/* s_lock held, here and in the next two. */
static struct ext2_inode *shard_find(struct ext2_shard *shard, uint32_t ino)
{
    struct ext2_inode *ip = *bucket_of(shard, ino);

    while (ip && ip->i_ino != ino)
        ip = ip->i_hash_next;
    return ip;
}

static void shard_insert(struct ext2_shard *shard, struct ext2_inode *ip)
{
    if (shard->s_count >= shard->s_nbuckets)
        shard_grow(shard);
    struct ext2_inode **bucket = bucket_of(shard, ip->i_ino);
    ip->i_hash_next = *bucket;
    *bucket = ip;
    shard->s_count++;
}

static void shard_remove(struct ext2_shard *shard, struct ext2_inode *ip)
{
    struct ext2_inode **where = bucket_of(shard, ip->i_ino);

    while (*where != ip)
        where = &(*where)->i_hash_next;
    *where = ip->i_hash_next;
    shard->s_count--;
}

/* ---- memory ----------------------------------------------------------------------------------------------
 */

struct ext2_inode *ext2_inode_alloc(struct ext2_mount *mnt, uint32_t ino)
{
    struct ext2_inode *ip = ext2_alloc(sizeof(*ip));

    if (!ip)
        return NULL;
    ip->i_mount = mnt;
    ip->i_ino = ino;
    ip->i_lock = lck_rw_alloc_init(ext2_lock_group, LCK_ATTR_NULL);
    ip->i_map_lock = lck_rw_alloc_init(ext2_lock_group, LCK_ATTR_NULL);
    if (ip->i_lock && ip->i_map_lock)
        return ip;
    ext2_inode_free(ip);
    return NULL;
}

void ext2_inode_free(struct ext2_inode *ip)
{
    if (ip->i_dirhash)
        ext2_dirhash_destroy(ip);
    if (ip->i_promised)
        ext2_blocks_unpromise(ip->i_mount, ip->i_promised);
    ext2_free(ip->i_delay, ip->i_delay_room * sizeof(*ip->i_delay));
    if (ip->i_lock)
        lck_rw_free(ip->i_lock, ext2_lock_group);
    if (ip->i_map_lock)
        lck_rw_free(ip->i_map_lock, ext2_lock_group);
    ext2_free(ip, sizeof(*ip));
}

int ext2_inode_peek(struct ext2_mount *mnt, uint32_t ino, struct ext2_inode **out)
{
    *out = NULL;
    if (ino == E2_INVALID_INO || ino > mnt->m_inodes)
        return ext2_damaged(mnt, "there is no inode %u", ino);
    struct ext2_inode *ip = ext2_inode_alloc(mnt, ino);
    int error = ip ? ext2_inode_read(ip) : ENOMEM;
    if (error && ip)
        ext2_inode_free(ip);
    else
        *out = ip;
    return error;
}

void ext2_inode_peek_end(struct ext2_inode *ip)
{
    ext2_inode_free(ip);
}

/* ---- vnodes ----------------------------------------------------------------------------------------------
 */

enum vtype ext2_vtype(uint16_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return VREG;
    case S_IFDIR:
        return VDIR;
    case S_IFLNK:
        return VLNK;
    case S_IFCHR:
        return VCHR;
    case S_IFBLK:
        return VBLK;
    case S_IFIFO:
        return VFIFO;
    case S_IFSOCK:
        return VSOCK;
    default:
        return VNON;
    }
}

static int (**vector_for(enum vtype type))(void *)
{
    if (type == VBLK || type == VCHR)
        return ext2_specop_p;
    return type == VFIFO ? ext2_fifoop_p : ext2_vnodeop_p;
}

static int vnode_make(struct ext2_inode *ip, vnode_t dvp, struct componentname *cnp)
{
    enum vtype type = ext2_vtype(ip->i_mode);
    struct vnode_fsparam param = {
        .vnfs_mp = ip->i_mount->m_mount,
        .vnfs_vtype = type,
        .vnfs_str = "ext2fs",
        .vnfs_dvp = dvp,
        .vnfs_fsnode = ip,
        .vnfs_vops = vector_for(type),
        .vnfs_markroot = ip->i_ino == E2_ROOT_INO,
        .vnfs_rdev = type == VBLK || type == VCHR ? ext2_rdev(ip) : 0,
        .vnfs_filesize = type == VREG ? (off_t)ip->i_size : 0,
        .vnfs_cnp = cnp,
        /* Names enter the cache under the directory's lock, not here. */
        .vnfs_flags = VNFS_NOCACHE | VNFS_ADDFSREF,
    };

    return vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, &ip->i_vnode);
}

/* The end of i_making. On an error the inode leaves the table and is freed. */
static int making_end(struct ext2_inode *ip, int error, vnode_t *vpp)
{
    struct ext2_shard *shard = shard_of(ip->i_mount, ip->i_ino);

    lck_mtx_lock(shard->s_lock);
    if (error)
        shard_remove(shard, ip);
    else
        *vpp = ip->i_vnode;
    ip->i_making = FALSE;
    wakeup(&ip->i_making);
    lck_mtx_unlock(shard->s_lock);
    if (error)
        ext2_inode_free(ip);
    return error;
}

/* ---- finding one -----------------------------------------------------------------------------------------
 */

static boolean_t is_named(struct ext2_inode *ip)
{
    lck_rw_lock_shared(ip->i_lock);
    boolean_t named = ip->i_nlink > 0;
    lck_rw_unlock_shared(ip->i_lock);
    return named;
}

/* The one in the table, with an iocount, or `fresh` put into it: then *vpp is NULLVP. */
static void find_or_insert(struct ext2_shard *shard, uint32_t ino, struct ext2_inode *fresh, vnode_t *vpp)
{
    *vpp = NULLVP;
    lck_mtx_lock(shard->s_lock);
    for (;;) {
        struct ext2_inode *ip = shard_find(shard, ino);
        if (!ip)
            break;
        if (ip->i_making) {
            (void)msleep(&ip->i_making, shard->s_lock, PINOD, "ext2_inode", NULL);
            continue;
        }
        vnode_t vp = ip->i_vnode;
        uint32_t vid = vnode_vid(vp);
        lck_mtx_unlock(shard->s_lock);
        if (vnode_getwithvid(vp, vid) == 0) {
            *vpp = vp;
            return;
        }
        lck_mtx_lock(shard->s_lock); /* reclaimed meanwhile, and out of the table */
    }
    fresh->i_making = TRUE;
    shard_insert(shard, fresh);
    lck_mtx_unlock(shard->s_lock);
}

/* One that is in the table, which is the usual case: without making a fresh one first. */
static vnode_t find_ready(struct ext2_shard *shard, uint32_t ino)
{
    lck_mtx_lock(shard->s_lock);
    struct ext2_inode *ip = shard_find(shard, ino);
    vnode_t vp = ip && !ip->i_making ? ip->i_vnode : NULLVP;
    uint32_t vid = vp ? vnode_vid(vp) : 0;
    lck_mtx_unlock(shard->s_lock);
    return vp && vnode_getwithvid(vp, vid) == 0 ? vp : NULLVP;
}

static int inode_get(struct ext2_mount *mnt, uint32_t ino, vnode_t dvp, struct componentname *cnp,
                     boolean_t nameless, vnode_t *vpp)
{
    struct ext2_shard *shard = shard_of(mnt, ino);
    int error = 0;

    *vpp = NULLVP;
    if (ino > mnt->m_inodes || (ino < mnt->m_first_ino && ino != E2_ROOT_INO))
        return ESTALE;
    vnode_t vp = find_ready(shard, ino);
    if (!vp) {
        struct ext2_inode *fresh = ext2_inode_alloc(mnt, ino);
        if (!fresh)
            return ENOMEM;
        find_or_insert(shard, ino, fresh, &vp);
        if (vp) {
            ext2_inode_free(fresh);
        } else {
            error = ext2_inode_read(fresh);
            if (!error && fresh->i_nlink == 0 && !nameless)
                error = ESTALE;
            if (!error)
                error = vnode_make(fresh, dvp, cnp);
            return making_end(fresh, error, vpp);
        }
    }
    if (!nameless && !is_named(vtoi(vp))) {
        vnode_put(vp);
        return ESTALE;
    }
    *vpp = vp;
    return 0;
}

int ext2_inode_get(struct ext2_mount *mnt, uint32_t ino, vnode_t dvp, struct componentname *cnp, vnode_t *vpp)
{
    return inode_get(mnt, ino, dvp, cnp, FALSE, vpp);
}

int ext2_inode_get_nameless(struct ext2_mount *mnt, uint32_t ino, vnode_t *vpp)
{
    return inode_get(mnt, ino, NULLVP, NULL, TRUE, vpp);
}

/* ---- a new one -------------------------------------------------------------------------------------------
 */

static void fill_new(struct ext2_inode *ip, uint16_t mode, const struct vnode_attr *vap,
                     vfs_context_t context)
{
    struct ext2_mount *mnt = ip->i_mount;
    uint32_t room = mnt->m_inode_size - E2_OLD_INODE, extra = e2_le16(mnt->m_super.s_want_extra_isize);
    kauth_cred_t cred = vfs_context_ucred(context);

    ip->i_mode = mode;
    ip->i_uid = VATTR_IS_ACTIVE(vap, va_uid) ? vap->va_uid : kauth_cred_getuid(cred);
    ip->i_gid = VATTR_IS_ACTIVE(vap, va_gid) ? vap->va_gid : kauth_cred_getgid(cred);
    ip->i_generation = random();
    ip->i_extra_isize = (uint16_t)(room == 0 ? 0 : extra >= 4 && extra % 4 == 0 ? extra : 32);
    ext2_now(mnt, &ip->i_btime);
    ip->i_atime = ip->i_mtime = ip->i_ctime = ip->i_btime;
    if (S_ISCHR(mode) || S_ISBLK(mode))
        ext2_rdev_set(ip, VATTR_IS_ACTIVE(vap, va_rdev) ? vap->va_rdev : 0);
    else if (S_ISREG(mode) || S_ISDIR(mode))
        ext2_map_init(ip);
    atomic_store(&ip->i_state, I2_NEW | I2_DIRTY);
}

/* FALSE: it is in use, although its bitmap says that it is not. */
static boolean_t insert_new(struct ext2_shard *shard, struct ext2_inode *ip)
{
    lck_mtx_lock(shard->s_lock);
    boolean_t is_free = !shard_find(shard, ip->i_ino);
    if (is_free) {
        ip->i_making = TRUE;
        shard_insert(shard, ip);
    }
    lck_mtx_unlock(shard->s_lock);
    return is_free;
}

int ext2_inode_new(vnode_t dvp, uint16_t mode, const struct vnode_attr *vap, struct componentname *cnp,
                   vfs_context_t context, vnode_t *vpp)
{
    struct ext2_inode *dir = vtoi(dvp);
    struct ext2_mount *mnt = dir->i_mount;
    uint32_t ino;

    *vpp = NULLVP;
    int error = ext2_ino_take(mnt, dir->i_ino, S_ISDIR(mode), &ino);
    if (error)
        return error;
    struct ext2_inode *ip = ext2_inode_alloc(mnt, ino);
    if (!ip) {
        ext2_ino_give(mnt, ino, S_ISDIR(mode));
        return ENOMEM;
    }
    fill_new(ip, mode, vap, context);
    ip->i_parent = dir->i_ino;
    if (!insert_new(shard_of(mnt, ino), ip)) { /* its number stays taken, which is right */
        ext2_inode_free(ip);
        return ext2_damaged(mnt, "inode %u is in use, and its bitmap says that it is not", ino);
    }
    error = making_end(ip, vnode_make(ip, dvp, cnp), vpp);
    if (error)
        ext2_ino_give(mnt, ino, S_ISDIR(mode));
    return error;
}

void ext2_inode_abandon(vnode_t vp)
{
    (void)vnode_recycle(vp); /* at the put: nothing is left that could lead to it */
    vnode_put(vp);
}

/* ---- the end ---------------------------------------------------------------------------------------------
 */

/* Does i_block hold a map? In a short symbolic link it is the target, in a device its number. */
static boolean_t has_map(const struct ext2_inode *ip)
{
    if (S_ISLNK(ip->i_mode))
        return ext2_has(ip->i_flags, E2_EXTENTS_FL) || ip->i_size >= sizeof(ip->i_block);
    return S_ISREG(ip->i_mode) || S_ISDIR(ip->i_mode);
}

/* i_lock held exclusive. */
static int contents_free(struct ext2_inode *ip, vfs_context_t context)
{
    if (S_ISREG(ip->i_mode))
        return ext2_truncate(ip, 0, context);
    if (!has_map(ip))
        return 0;
    int error = buf_invalidateblks(ip->i_vnode, BUF_INVALIDATE_LOCKED, 0, 0);
    if (error)
        return error;
    lck_rw_lock_exclusive(ip->i_map_lock);
    error = ext2_map_cut(ip, 0);
    lck_rw_unlock_exclusive(ip->i_map_lock);
    ip->i_size = 0;
    return error;
}

/* A file that has no name and that nobody uses: all that it has is freed, but its number. */
static void inode_end(struct ext2_inode *ip, vfs_context_t context)
{
    struct timespec now;

    lck_rw_lock_exclusive(ip->i_lock);
    if (!(atomic_load(&ip->i_state) & I2_FREED)) {
        int error = ext2_unclean(ip->i_mount);
        if (!error)
            error = contents_free(ip, context);
        if (!error && ip->i_file_acl)
            error = ext2_xattr_drop(ip);
        (void)ext2_orphan_remove(ip);
        nanotime(&now);
        ip->i_dtime = (uint32_t)now.tv_sec;
        if (error) /* what is still there stays there, and so does the number */
            ext2_report(ip->i_mount, "file %u, which has no name any more, cannot be freed: error %d",
                        ip->i_ino, error);
        else
            atomic_fetch_or(&ip->i_state, I2_FREED);
        ext2_inode_dirty(ip);
    }
    lck_rw_unlock_exclusive(ip->i_lock);
}

int ext2_vnop_inactive(struct vnop_inactive_args *ap)
{
    struct ext2_inode *ip = vtoi(ap->a_vp);

    if (is_named(ip))
        return 0;
    if (!ip->i_mount->m_rdonly)
        inode_end(ip, ap->a_context);
    (void)vnode_recycle(ap->a_vp);
    return 0;
}

/* Nobody else has the inode any more, but for who walks the list of orphans. */
static void write_last(struct ext2_inode *ip, vfs_context_t context)
{
    if (ip->i_nlink == 0) /* one that never was in use is not told that it is inactive */
        inode_end(ip, context);
    lck_rw_lock_exclusive(ip->i_lock);
    ext2_pay_times(ip);
    int error = atomic_load(&ip->i_state) & I2_DIRTY ? ext2_inode_write(ip, MNT_NOWAIT) : 0;
    lck_rw_unlock_exclusive(ip->i_lock);
    if (error)
        ext2_report(ip->i_mount, "the inode of file %u cannot be written: error %d", ip->i_ino, error);
}

int ext2_vnop_reclaim(struct vnop_reclaim_args *ap)
{
    vnode_t vp = ap->a_vp;
    struct ext2_inode *ip = vtoi(vp);
    struct ext2_mount *mnt = ip->i_mount;
    struct ext2_shard *shard = shard_of(mnt, ip->i_ino);

    if (!mnt->m_rdonly)
        write_last(ip, ap->a_context);
    lck_mtx_lock(shard->s_lock);
    shard_remove(shard, ip);
    lck_mtx_unlock(shard->s_lock);
    if (atomic_load(&ip->i_state) & I2_FREED)
        ext2_ino_give(mnt, ip->i_ino, S_ISDIR(ip->i_mode));
    vnode_removefsref(vp);
    vnode_clearfsnode(vp);
    ext2_inode_free(ip);
    return 0;
}

void ext2_lock_pair(struct ext2_inode *a, struct ext2_inode *b)
{
    struct ext2_inode *first = a->i_ino < b->i_ino ? a : b;

    lck_rw_lock_exclusive(first->i_lock);
    if (a != b)
        lck_rw_lock_exclusive((first == a ? b : a)->i_lock);
}

void ext2_unlock_pair(struct ext2_inode *a, struct ext2_inode *b)
{
    lck_rw_unlock_exclusive(a->i_lock);
    if (a != b)
        lck_rw_unlock_exclusive(b->i_lock);
}
