// SPDX-License-Identifier: BSD-2-Clause
/*
 * blockfs: a file system for the tests of disks. It shows a disk as a directory of files, one for each block
 * of 4 KiB, called by its number, and reads them from the device below with one buffer for each block.
 * With BLOCKFS_WRITES it is type blockfsrw and writes as well, through the device's buffers and never to the
 * medium: it knows no F_FULLFSYNC.
 *
 * Objects: one struct blockfs for each mount, with a slot for each block and one more for the root; a slot's
 * vnode exists while somebody needs it. b_lock guards the slots and is held over no call that may come back.
 */
#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <libkern/locks.h>
#include <mach/mach_types.h>
#include <string.h>
#include <sys/buf.h>
#include <sys/dirent.h>
#include <sys/disk.h>
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

#ifdef BLOCKFS_WRITES
#define BLOCKFS_TYPE "blockfsrw"
#else
#define BLOCKFS_WRITES 0
#define BLOCKFS_TYPE   "blockfs"
#endif
#define BLOCK    4096u
#define ROOT_INO 2u
#define INO(n)   ((uint64_t)(n) + 3)

struct slot {
    vnode_t vp;
    boolean_t making;
};
struct blockfs {
    mount_t b_mount;
    vnode_t b_dev;
    lck_mtx_t *b_lock;
    uint32_t b_block;     /* of the device, bytes */
    uint32_t b_count;     /* blocks of ours; the slot behind them is the root's */
    struct slot b_slot[]; /* [lock] */
};

static lck_grp_t *lock_group;
static OSMallocTag tag;
static vfstable_t table;
static int (**blockfs_vnodeop_p)(void *);

static struct blockfs *blockfs_of(vnode_t vp)
{
    return vfs_fsprivate(vnode_mount(vp));
}

static uint32_t number_of(vnode_t vp)
{
    return (uint32_t)((struct slot *)vnode_fsnode(vp) - blockfs_of(vp)->b_slot);
}

static uint32_t blockfs_size(uint32_t count)
{
    return (uint32_t)(sizeof(struct blockfs) + (count + 1) * sizeof(struct slot));
}

/* ---- vnodes -------------------------------------------------------------------------------------------- */

static int slot_create(struct blockfs *fs, uint32_t number, vnode_t *vpp)
{
    struct vnode_fsparam param = {
        .vnfs_mp = fs->b_mount,
        .vnfs_vtype = number == fs->b_count ? VDIR : VREG,
        .vnfs_str = "blockfs",
        .vnfs_fsnode = &fs->b_slot[number],
        .vnfs_vops = blockfs_vnodeop_p,
        .vnfs_markroot = number == fs->b_count,
        .vnfs_filesize = number == fs->b_count ? 0 : BLOCK,
        .vnfs_flags = VNFS_NOCACHE | VNFS_CANTCACHE | VNFS_ADDFSREF,
    };
    return vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, vpp);
}

static int slot_vnode(struct blockfs *fs, uint32_t number, vnode_t *vpp)
{
    struct slot *slot = &fs->b_slot[number];
    for (;;) {
        lck_mtx_lock(fs->b_lock);
        while (!slot->vp && slot->making)
            msleep(&slot->making, fs->b_lock, PINOD, "blockfs vnode", NULL);
        vnode_t vp = slot->vp;
        uint32_t vid = vp ? vnode_vid(vp) : 0;
        slot->making = !vp;
        lck_mtx_unlock(fs->b_lock);
        if (!vp)
            break;
        if (vnode_getwithvid(vp, vid) == 0) {
            *vpp = vp;
            return 0;
        }
    }
    vnode_t vp = NULLVP;
    int error = slot_create(fs, number, &vp);
    lck_mtx_lock(fs->b_lock);
    slot->vp = error ? NULLVP : vp;
    slot->making = FALSE;
    wakeup(&slot->making);
    lck_mtx_unlock(fs->b_lock);
    *vpp = error ? NULLVP : vp;
    return error;
}

static int blockfs_reclaim(struct vnop_reclaim_args *ap)
{
    struct blockfs *fs = blockfs_of(ap->a_vp);
    lck_mtx_lock(fs->b_lock);
    ((struct slot *)vnode_fsnode(ap->a_vp))->vp = NULLVP;
    lck_mtx_unlock(fs->b_lock);
    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    return 0;
}

/* ---- names --------------------------------------------------------------------------------------------- */

static boolean_t number_parse(const char *name, int len, uint32_t *number)
{
    uint32_t value = 0;
    if (len < 1 || len > 8 || (len > 1 && name[0] == '0'))
        return FALSE;
    for (int i = 0; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return FALSE;
        value = value * 10 + (uint32_t)(name[i] - '0');
    }
    *number = value;
    return TRUE;
}

static int blockfs_lookup(struct vnop_lookup_args *ap)
{
    struct blockfs *fs = blockfs_of(ap->a_dvp);
    struct componentname *cnp = ap->a_cnp;
    uint32_t number;
    *ap->a_vpp = NULLVP;
    if ((cnp->cn_namelen == 1 && cnp->cn_nameptr[0] == '.') || (cnp->cn_flags & ISDOTDOT))
        return slot_vnode(fs, fs->b_count, ap->a_vpp);
    if (number_parse(cnp->cn_nameptr, cnp->cn_namelen, &number) && number < fs->b_count)
        return slot_vnode(fs, number, ap->a_vpp);
    return (cnp->cn_flags & ISLASTCN) && cnp->cn_nameiop != LOOKUP ? EROFS : ENOENT;
}

/* The offset is the number of the entry: ".", "..", and the blocks. */
static int blockfs_readdir(struct vnop_readdir_args *ap)
{
    struct blockfs *fs = blockfs_of(ap->a_vp);
    off_t index = uio_offset(ap->a_uio), end = (off_t)fs->b_count + 2;
    int count = 0, error = 0;
    if ((ap->a_flags & (VNODE_READDIR_EXTENDED | VNODE_READDIR_REQSEEKOFF)) || index < 0)
        return EINVAL;
    for (; index < end && uio_resid(ap->a_uio) >= (user_ssize_t)sizeof(struct dirent) && !error; index++) {
        struct dirent entry = {.d_reclen = sizeof(entry)};
        entry.d_ino = (ino_t)(index < 2 ? ROOT_INO : INO(index - 2));
        entry.d_type = index < 2 ? DT_DIR : DT_REG;
        int len = index < 2 ? snprintf(entry.d_name, sizeof(entry.d_name), "%s", index ? ".." : ".")
                            : snprintf(entry.d_name, sizeof(entry.d_name), "%lld", index - 2);
        entry.d_namlen = (uint8_t)len;
        error = uiomove((const char *)&entry, (int)sizeof(entry), ap->a_uio);
        count += !error;
    }
    if (error)
        return error;
    uio_setoffset(ap->a_uio, index);
    if (ap->a_eofflag)
        *ap->a_eofflag = index >= end;
    if (ap->a_numdirent)
        *ap->a_numdirent = count;
    return 0;
}

static int blockfs_getattr(struct vnop_getattr_args *ap)
{
    struct blockfs *fs = blockfs_of(ap->a_vp);
    struct vnode_attr *vap = ap->a_vap;
    uint32_t number = number_of(ap->a_vp);
    boolean_t root = number == fs->b_count;
    VATTR_RETURN(vap, va_type, root ? VDIR : VREG);
    VATTR_RETURN(vap, va_mode, root ? 0555 : vfs_isrdonly(fs->b_mount) ? 0444 : 0644);
    VATTR_RETURN(vap, va_nlink, root ? 2 : 1);
    VATTR_RETURN(vap, va_fileid, root ? ROOT_INO : INO(number));
    VATTR_RETURN(vap, va_data_size, root ? 0 : BLOCK);
    VATTR_RETURN(vap, va_data_alloc, root ? 0 : BLOCK);
    VATTR_RETURN(vap, va_iosize, BLOCK);
    return 0;
}

/* ---- contents ------------------------------------------------------------------------------------------ */

/* The same through a buffer that is kept. */
static int block_get(struct blockfs *fs, uint32_t number, buf_t *bpp)
{
    int error = buf_meta_bread(fs->b_dev, (daddr64_t)number * (BLOCK / fs->b_block), BLOCK, NOCRED, bpp);
    if (error) {
        buf_brelse(*bpp);
        *bpp = NULL;
    }
    return error;
}

static int block_read(struct blockfs *fs, uint32_t number, char *room)
{
    if (!vfs_isrdonly(fs->b_mount)) {
        buf_t kept;
        int failed = block_get(fs, number, &kept);
        if (!failed) {
            memcpy(room, (const void *)buf_dataptr(kept), BLOCK);
            buf_brelse(kept);
        }
        return failed;
    }
    buf_t bp = buf_alloc(fs->b_dev);
    buf_setflags(bp, B_READ);
    buf_setblkno(bp, (daddr64_t)number * (BLOCK / fs->b_block));
    buf_setcount(bp, BLOCK);
    buf_setsize(bp, BLOCK);
    buf_setdataptr(bp, (uintptr_t)room);
    int error = VNOP_STRATEGY(bp);
    int ended = buf_biowait(bp);
    if (!error)
        error = ended ? ended : buf_resid(bp) ? EIO : 0;
    buf_free(bp);
    return error;
}

static int blockfs_read(struct vnop_read_args *ap)
{
    struct blockfs *fs = blockfs_of(ap->a_vp);
    uint32_t number = number_of(ap->a_vp);
    off_t offset = uio_offset(ap->a_uio);
    char *room;
    if (vnode_isdir(ap->a_vp))
        return EISDIR;
    if (offset < 0)
        return EINVAL;
    if (offset >= BLOCK)
        return 0;
    room = OSMalloc(BLOCK, tag);
    if (!room)
        return ENOMEM;
    int error = block_read(fs, number, room);
    if (!error)
        error = uiomove(room + offset, (int)(BLOCK - offset), ap->a_uio);
    OSFree(room, BLOCK, tag);
    return error;
}

static int blockfs_write(struct vnop_write_args *ap)
{
    struct blockfs *fs = blockfs_of(ap->a_vp);
    off_t offset = uio_offset(ap->a_uio);
    buf_t bp;
    if (!vnode_isreg(ap->a_vp))
        return EISDIR;
    if (offset < 0 || offset > BLOCK || uio_resid(ap->a_uio) > BLOCK - offset)
        return EFBIG;
    int error = block_get(fs, number_of(ap->a_vp), &bp);
    if (error)
        return error;
    error = uiomove((caddr_t)buf_dataptr(bp) + offset, (int)uio_resid(ap->a_uio), ap->a_uio);
    int late = buf_bdwrite(bp);
    return error ? error : late;
}

static int blockfs_fsync(struct vnop_fsync_args *ap)
{
    buf_flushdirtyblks(blockfs_of(ap->a_vp)->b_dev, ap->a_waitfor != MNT_NOWAIT, 0, "blockfs_fsync");
    return 0;
}

static int blockfs_nothing(void *args)
{
    (void)args;
    return 0;
}

#define OP(name, function)                                                                                   \
    {                                                                                                        \
        &vnop_##name##_desc, (int (*)(void *))(void (*)(void))(function)                                     \
    }
static struct vnodeopv_entry_desc entries[] = {
    OP(default, vn_default_error), OP(lookup, blockfs_lookup),   OP(open, blockfs_nothing),
    OP(close, blockfs_nothing),    OP(getattr, blockfs_getattr), OP(read, blockfs_read),
    OP(readdir, blockfs_readdir),  OP(reclaim, blockfs_reclaim), OP(write, blockfs_write),
    OP(fsync, blockfs_fsync),      OP(setattr, blockfs_nothing), {NULL, NULL},
};
static struct vnodeopv_desc vector = {&blockfs_vnodeop_p, entries};
static struct vnodeopv_desc *vectors[] = {&vector};

/* ---- operations on a mount ----------------------------------------------------------------------------- */

static int device_ask(vnode_t devvp, uint32_t *block, uint64_t *count, vfs_context_t ctx)
{
    int error = VNOP_IOCTL(devvp, DKIOCGETBLOCKSIZE, (caddr_t)block, 0, ctx);
    if (!error)
        error = VNOP_IOCTL(devvp, DKIOCGETBLOCKCOUNT, (caddr_t)count, 0, ctx);
    if (!error && (*block > BLOCK || BLOCK % *block))
        error = EINVAL;
    return error;
}

static int blockfs_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    struct blockfs *fs;
    uint32_t block;
    uint64_t count;
    (void)data;
    if (vfs_isupdate(mp))
        return BLOCKFS_WRITES ? 0 : ENOTSUP;
    int error = vfs_isrdwr(mp) && !BLOCKFS_WRITES ? EROFS : device_ask(devvp, &block, &count, ctx);
    if (error)
        return error;
    uint32_t blocks = (uint32_t)(count * block / BLOCK);
    fs = OSMalloc(blockfs_size(blocks), tag);
    if (!fs)
        return ENOMEM;
    memset(fs, 0, blockfs_size(blocks));
    fs->b_mount = mp;
    fs->b_dev = devvp;
    fs->b_block = block;
    fs->b_count = blocks;
    fs->b_lock = lck_mtx_alloc_init(lock_group, LCK_ATTR_NULL);
    vfs_setfsprivate(mp, fs);
    vfs_statfs(mp)->f_bsize = BLOCK;
    vfs_statfs(mp)->f_iosize = BLOCK;
    return 0;
}

static int blockfs_unmount(mount_t mp, int mntflags, vfs_context_t ctx)
{
    struct blockfs *fs = vfs_fsprivate(mp);
    (void)ctx;
    int error = vflush(mp, NULLVP, (mntflags & MNT_FORCE) ? FORCECLOSE : 0);
    if (error)
        return error;
    vfs_setfsprivate(mp, NULL);
    lck_mtx_free(fs->b_lock, lock_group);
    OSFree(fs, blockfs_size(fs->b_count), tag);
    return 0;
}

static int blockfs_root(mount_t mp, vnode_t *vpp, vfs_context_t ctx)
{
    struct blockfs *fs = vfs_fsprivate(mp);
    (void)ctx;
    return slot_vnode(fs, fs->b_count, vpp);
}

static int blockfs_vfs_getattr(mount_t mp, struct vfs_attr *attr, vfs_context_t ctx)
{
    struct blockfs *fs = vfs_fsprivate(mp);
    (void)ctx;
    VFSATTR_RETURN(attr, f_bsize, BLOCK);
    VFSATTR_RETURN(attr, f_iosize, BLOCK);
    VFSATTR_RETURN(attr, f_blocks, fs->b_count);
    VFSATTR_RETURN(attr, f_bfree, 0);
    VFSATTR_RETURN(attr, f_bavail, 0);
    return 0;
}

static struct vfsops vfsops = {
    .vfs_mount = blockfs_mount,
    .vfs_unmount = blockfs_unmount,
    .vfs_root = blockfs_root,
    .vfs_getattr = blockfs_vfs_getattr,
};
static struct vfs_fsentry fsentry = {
    .vfe_vfsops = &vfsops,
    .vfe_vopcnt = 1,
    .vfe_opvdescs = vectors,
    .vfe_fsname = BLOCKFS_TYPE,
    .vfe_flags =
        VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBLLOCALVOL | VFS_TBL64BITREADY,
};

kern_return_t blockfs_start(kmod_info_t *info, void *data);
kern_return_t blockfs_stop(kmod_info_t *info, void *data);

kern_return_t blockfs_start(kmod_info_t *info, void *data)
{
    (void)info, (void)data;
    lock_group = lck_grp_alloc_init("blockfs", LCK_GRP_ATTR_NULL);
    tag = OSMalloc_Tagalloc("blockfs", OSMT_DEFAULT);
    if (vfs_fsadd(&fsentry, &table) == 0)
        return KERN_SUCCESS;
    OSMalloc_Tagfree(tag);
    lck_grp_free(lock_group);
    return KERN_FAILURE;
}

kern_return_t blockfs_stop(kmod_info_t *info, void *data)
{
    (void)info, (void)data;
    if (vfs_fsremove(table) != 0)
        return KERN_FAILURE;
    OSMalloc_Tagfree(tag);
    lck_grp_free(lock_group);
    return KERN_SUCCESS;
}
