// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tiny file system of the core's tests: operations. See core_tinyfs.h.
 *
 * Locks: each mount's own mutex over its nodes' vnode pointers. It is not held over vnode_create() or
 * vnode_getwithvid().
 */
#include <sys/errno.h>
#include <sys/proc.h>
#include <sys/stat.h>
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/mount_internal.h"

uint32_t tiny_nodes_max = TINY_NODES;
struct tiny_tricks tiny_tricks;
int (**tiny_vector)(void *), (**tiny_root_vector)(void *);

/* ---- nodes --------------------------------------------------------------------------------------------- */

struct tiny_mount *tiny_of(mount_t mp)
{
    return vfs_fsprivate(mp);
}

static struct tiny_mount *mount_of(vnode_t vp)
{
    return tiny_of(vnode_mount(vp));
}

struct tiny_node *tiny_node(struct tiny_mount *tm, uint32_t ino)
{
    return ino >= 1 && ino <= atomic_load(&tm->count) ? &tm->nodes[ino - 1] : NULL;
}

static void note(vnode_t vp, char what)
{
    struct tiny_mount *tm = mount_of(vp);
    struct tiny_node *node = vnode_fsnode(vp);
    lck_mtx_lock(&tm->lock);
    if (node->events < TINY_HISTORY - 1)
        node->history[node->events] = what;
    node->events++;
    lck_mtx_unlock(&tm->lock);
}

uint32_t tiny_add(struct tiny_mount *tm, uint32_t parent, enum vtype type)
{
    lck_mtx_lock(&tm->lock);
    uint32_t ino = atomic_load(&tm->count) + 1;
    if (ino > tm->max) {
        lck_mtx_unlock(&tm->lock);
        return 0;
    }
    struct tiny_node *node = &tm->nodes[ino - 1];
    node->ino = ino;
    node->parent = parent;
    node->type = type;
    node->linked = true;
    snprintf(node->name, sizeof(node->name), "n%u", ino);
    atomic_store(&tm->count, ino);
    lck_mtx_unlock(&tm->lock);
    return ino;
}

struct componentname tiny_name(const char *name)
{
    return (struct componentname){.cn_nameiop = LOOKUP,
                                  .cn_flags = MAKEENTRY | ISLASTCN,
                                  .cn_nameptr = (char *)(uintptr_t)name,
                                  .cn_namelen = (int)strlen(name)};
}

static int make_vnode(struct tiny_mount *tm, struct tiny_node *node)
{
    vnode_t dvp = NULLVP;
    if (node->parent && tiny_get(tm, node->parent, &dvp))
        return ENOENT;
    struct componentname cn = tiny_name(node->name);
    struct vnode_fsparam param = {
        .vnfs_mp = tm->mp,
        .vnfs_vtype = node->type,
        .vnfs_str = "tiny",
        .vnfs_dvp = dvp,
        .vnfs_fsnode = node,
        .vnfs_vops = tm->root ? tiny_root_vector : tiny_vector,
        .vnfs_markroot = node->ino == TINY_ROOT,
        .vnfs_cnp = dvp ? &cn : NULL,
        .vnfs_flags = VNFS_ADDFSREF | (node->linked ? 0 : VNFS_NOCACHE),
    };
    vnode_t vp = NULLVP;
    int error = vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, &vp);
    lck_mtx_lock(&tm->lock);
    if (!error)
        node->vp = vp;
    node->making = false;
    wakeup(&node->making);
    lck_mtx_unlock(&tm->lock);
    if (dvp)
        vnode_put(dvp);
    return error;
}

int tiny_get(struct tiny_mount *tm, uint32_t ino, vnode_t *vpp)
{
    struct tiny_node *node = tiny_node(tm, ino);
    *vpp = NULLVP;
    if (!node)
        return ENOENT;
    for (;;) {
        lck_mtx_lock(&tm->lock);
        while (node->making)
            msleep(&node->making, &tm->lock, PINOD, "tiny", NULL);
        vnode_t vp = node->vp;
        if (!vp) {
            node->making = true;
            lck_mtx_unlock(&tm->lock);
            int error = make_vnode(tm, node);
            if (!error)
                *vpp = node->vp;
            return error;
        }
        uint32_t vid = vnode_vid(vp);
        lck_mtx_unlock(&tm->lock);
        int error = vnode_getwithvid(vp, vid);
        if (error && error != ENOENT)
            return error;
        if (!error) {
            *vpp = vp;
            return 0;
        }
    }
}

/* ---- vnode operations ---------------------------------------------------------------------------------- */

static int tiny_lookup(struct vnop_lookup_args *ap)
{
    struct tiny_mount *tm = mount_of(ap->a_dvp);
    struct tiny_node *dir = vnode_fsnode(ap->a_dvp);
    bool dotdot = (ap->a_cnp->cn_flags & ISDOTDOT) != 0;
    uint32_t ino = dotdot ? dir->parent : 0;
    for (int i = 1; !dotdot && i < ap->a_cnp->cn_namelen; i++)
        ino = ino * 10 + (uint32_t)(ap->a_cnp->cn_nameptr[i] - '0');
    if (tiny_tricks.lookup_keeps_vpp) {
        *ap->a_vpp = ap->a_dvp;
        return EIO;
    }
    if (tiny_tricks.lookup_no_vpp)
        return 0;
    struct tiny_node *node = tiny_node(tm, ino);
    if (!node || !node->linked || (node->parent != dir->ino && !dotdot))
        return ENOENT;
    return tiny_get(tm, ino, ap->a_vpp);
}

static int tiny_create(struct vnop_create_args *ap)
{
    struct tiny_mount *tm = mount_of(ap->a_dvp);
    struct tiny_node *dir = vnode_fsnode(ap->a_dvp);
    uint32_t ino = tiny_add(tm, dir->ino, ap->a_vap->va_type);
    return ino ? tiny_get(tm, ino, ap->a_vpp) : ENOSPC;
}

static int tiny_remove(struct vnop_remove_args *ap)
{
    struct tiny_node *node = vnode_fsnode(ap->a_vp);
    node->linked = false;
    cache_purge(ap->a_vp);
    vnode_recycle(ap->a_vp);
    return 0;
}

static int tiny_open(struct vnop_open_args *ap)
{
    note(ap->a_vp, 'O');
    return 0;
}

static int tiny_close(struct vnop_close_args *ap)
{
    note(ap->a_vp, 'C');
    return 0;
}

static int tiny_fsync(struct vnop_fsync_args *ap)
{
    note(ap->a_vp, 'F');
    return 0;
}

static int tiny_inactive(struct vnop_inactive_args *ap)
{
    atomic_fetch_add(&mount_of(ap->a_vp)->inactive, 1);
    note(ap->a_vp, 'I');
    if (atomic_load(&tiny_tricks.inactive_recycles))
        vnode_recycle(ap->a_vp);
    return 0;
}

static int tiny_reclaim(struct vnop_reclaim_args *ap)
{
    struct tiny_mount *tm = mount_of(ap->a_vp);
    struct tiny_node *node = vnode_fsnode(ap->a_vp);
    note(ap->a_vp, 'R');
    while (atomic_load(&tiny_tricks.reclaim_waits)) {
        atomic_store(&tiny_tricks.reclaim_waiting, true);
        ktest_msleep(1);
    }
    lck_mtx_lock(&tm->lock);
    KASSERT(node->vp == ap->a_vp, "tiny: reclaim of a vnode that is not node %u's", node->ino);
    node->vp = NULLVP;
    lck_mtx_unlock(&tm->lock);
    atomic_fetch_add(&tm->reclaimed, 1);
    if (tiny_tricks.reclaim_fails)
        return EIO;
    if (!tiny_tricks.reclaim_keeps_fsref)
        vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    return 0;
}

static int tiny_getattr(struct vnop_getattr_args *ap)
{
    struct tiny_node *node = vnode_fsnode(ap->a_vp);
    struct timespec then = {.tv_sec = 1000, .tv_nsec = 5};
    if (tiny_tricks.getattr_leaks)
        vnode_get(ap->a_vp);
    if (tiny_tricks.getattr_drops)
        vnode_put(ap->a_vp);
    VATTR_RETURN(ap->a_vap, va_data_size, 1000);
    VATTR_RETURN(ap->a_vap, va_modify_time, then);
    if (tiny_tricks.getattr_minimal)
        return 0;
    VATTR_RETURN(ap->a_vap, va_fileid, node->ino);
    VATTR_RETURN(ap->a_vap, va_uid, 501);
    VATTR_RETURN(ap->a_vap, va_gid, 20);
    VATTR_RETURN(ap->a_vap, va_mode, 0644);
    return 0;
}

static int tiny_setattr(struct vnop_setattr_args *ap)
{
    ap->a_vap->va_supported |= ap->a_vap->va_active;
    return 0;
}

/* Every byte of a file is the low byte of its offset; 1000 bytes. */
static int tiny_read(struct vnop_read_args *ap)
{
    int error = 0;
    while (!error && uio_resid(ap->a_uio) > 0 && uio_offset(ap->a_uio) < 1000) {
        char byte = (char)uio_offset(ap->a_uio);
        error = uiomove(&byte, 1, ap->a_uio);
    }
    return error;
}

#define OP(name, function)                                                                                   \
    {                                                                                                        \
        &vnop_##name##_desc, (int (*)(void *))(void (*)(void))(function)                                     \
    }
static const struct vnodeopv_entry_desc tiny_ops[] = {
    OP(default, vn_default_error),
    OP(lookup, tiny_lookup),
    OP(create, tiny_create),
    OP(remove, tiny_remove),
    OP(open, tiny_open),
    OP(close, tiny_close),
    OP(fsync, tiny_fsync),
    OP(inactive, tiny_inactive),
    OP(reclaim, tiny_reclaim),
    OP(getattr, tiny_getattr),
    OP(setattr, tiny_setattr),
    OP(read, tiny_read),
    {NULL, NULL},
};
struct vnodeopv_desc tiny_vector_desc = {&tiny_vector, tiny_ops};
struct vnodeopv_desc tiny_root_vector_desc = {&tiny_root_vector, tiny_ops};

/* ---- VFS operations ------------------------------------------------------------------------------------ */

static void tiny_free(struct tiny_mount *tm)
{
    lck_mtx_destroy(&tm->lock, tm->group);
    lck_grp_free(tm->group);
    kern_free(tm->nodes, tm->max * sizeof(*tm->nodes));
    kern_free(tm, sizeof(*tm));
}

static int tiny_mount_op(struct mount *mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    (void)devvp, (void)data, (void)ctx;
    if (tiny_tricks.mount_error)
        return tiny_tricks.mount_error;
    if (vfs_isupdate(mp))
        return 0;
    struct tiny_mount *tm = kern_alloc(sizeof(*tm), "tiny");
    tm->mp = mp;
    tm->root = mount_kern_is(mp, MNTK_KERNELROOT);
    tm->max = tiny_nodes_max;
    tm->nodes = kern_alloc(tm->max * sizeof(*tm->nodes), "tiny");
    tm->group = lck_grp_alloc_init("tiny", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&tm->lock, tm->group, LCK_ATTR_NULL);
    vfs_setfsprivate(mp, tm);
    tiny_add(tm, 0, VDIR);
    return 0;
}

static int tiny_start_op(struct mount *mp, int flags, vfs_context_t ctx)
{
    (void)mp, (void)flags, (void)ctx;
    return tiny_tricks.start_error;
}

static int tiny_unmount_op(struct mount *mp, int flags, vfs_context_t ctx)
{
    (void)ctx;
    struct tiny_mount *tm = tiny_of(mp);
    if (tm->busy_unmount && !(flags & MNT_FORCE))
        return EBUSY;
    int error = vflush(mp, NULLVP, (flags & MNT_FORCE) ? FORCECLOSE : 0);
    if (!error)
        tiny_free(tm);
    return error;
}

static int tiny_root_op(struct mount *mp, struct vnode **vpp, vfs_context_t ctx)
{
    (void)ctx;
    return tiny_tricks.root_error ? tiny_tricks.root_error : tiny_get(tiny_of(mp), TINY_ROOT, vpp);
}

static int tiny_getattr_op(struct mount *mp, struct vfs_attr *attr, vfs_context_t ctx)
{
    (void)mp, (void)ctx;
    VFSATTR_RETURN(attr, f_bsize, 512);
    VFSATTR_RETURN(attr, f_iosize, 4096);
    VFSATTR_RETURN(attr, f_blocks, 1000);
    VFSATTR_RETURN(attr, f_bfree, 400);
    return 0;
}

static int tiny_sync_op(struct mount *mp, int waitfor, vfs_context_t ctx)
{
    (void)mp, (void)waitfor, (void)ctx;
    return tiny_tricks.sync_error;
}

static int tiny_vget_op(struct mount *mp, ino64_t ino, struct vnode **vpp, vfs_context_t ctx)
{
    (void)ctx;
    return tiny_get(tiny_of(mp), (uint32_t)ino, vpp);
}

static int tiny_init_op(struct vfsconf *conf)
{
    (void)conf;
    return tiny_tricks.init_error;
}

struct vfsops tiny_vfsops = {
    .vfs_mount = tiny_mount_op,
    .vfs_start = tiny_start_op,
    .vfs_unmount = tiny_unmount_op,
    .vfs_root = tiny_root_op,
    .vfs_getattr = tiny_getattr_op,
    .vfs_sync = tiny_sync_op,
    .vfs_vget = tiny_vget_op,
    .vfs_init = tiny_init_op,
};
