// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fixture's mounts, nodes and attributes. One mutex for everything; not held over vnode_create,
 * vnode_getwithvid, hooks.
 */
#include <sys/proc.h>
#include <sys/systm.h>
#include <sys/unistd.h>
#include <libkern/libkern.h>
#include <kern/locks.h>

#include "kern/lock_iface.h"
#include "tests/unit/vfs/sys_fixture.h"

_Atomic(uint32_t) fx_calls[FX_OP_COUNT];
_Atomic(int) fx_access_answer, fx_last_ioflag, fx_last_open_mode;

static struct {
    int error;
    uint32_t times;
    void (*hook)(void *arg);
    void *arg;
} plan[FX_OP_COUNT]; /* fx mutex */
static lck_mtx_t mutex;
static lck_grp_t *group;
int (**fx_vnodeop_p)(void *);

void fx_lock(void)
{
    lck_mtx_lock(&mutex);
}

void fx_unlock(void)
{
    lck_mtx_unlock(&mutex);
}

void fx_sleep(void *channel)
{
    msleep(channel, &mutex, 0, "fixture", NULL);
}

void fx_fail(enum fx_op op, int error, uint32_t times)
{
    fx_lock();
    plan[op].error = error;
    plan[op].times = times;
    fx_unlock();
}

void fx_hook(enum fx_op op, void (*fn)(void *arg), void *arg)
{
    fx_lock();
    plan[op].hook = fn;
    plan[op].arg = arg;
    fx_unlock();
}

int fx_enter(enum fx_op op)
{
    int error = 0;
    atomic_fetch_add_explicit(&fx_calls[op], 1, memory_order_relaxed);
    fx_lock();
    void (*hook)(void *arg) = plan[op].hook;
    void *arg = plan[op].arg;
    plan[op].hook = NULL;
    if (plan[op].times) {
        plan[op].times--;
        error = plan[op].error;
    }
    fx_unlock();
    if (hook)
        hook(arg);
    return error;
}

void fx_touch(struct fx_node *node)
{
    nanotime(&node->n_mtime);
    node->n_ctime = node->n_mtime;
}

/* ---- nodes --------------------------------------------------------------------------------------------- */

struct fx_node *fx_node_make(struct fx_mount *mnt, const struct fx_new *args)
{
    const struct vnode_attr *vap = args->vap;
    struct fx_node *node = kern_alloc(sizeof(*node), "fixture");
    node->n_mount = mnt;
    node->n_refs = 1;
    node->n_type = args->type;
    node->n_mode = vap && VATTR_IS_ACTIVE(vap, va_mode) ? vap->va_mode : 0755;
    node->n_uid = vap && VATTR_IS_ACTIVE(vap, va_uid) ? vap->va_uid : 0;
    node->n_gid = vap && VATTR_IS_ACTIVE(vap, va_gid) ? vap->va_gid : 0;
    node->n_rdev = vap && VATTR_IS_ACTIVE(vap, va_rdev) ? vap->va_rdev : 0;
    node->n_next_cookie = 2;
    TAILQ_INIT(&node->n_entries);
    if (args->target) {
        node->n_size = (off_t)strlen(args->target);
        node->n_target = kern_alloc((size_t)node->n_size + 1, "fixture");
        memcpy(node->n_target, args->target, (size_t)node->n_size);
    }
    fx_touch(node);
    node->n_atime = node->n_btime = node->n_mtime;
    fx_lock();
    node->n_ino = mnt->m_next_ino++;
    TAILQ_INSERT_TAIL(&mnt->m_nodes, node, n_link);
    fx_unlock();
    return node;
}

void fx_node_rele(struct fx_node *node)
{
    struct fx_xattr *x;
    if (--node->n_refs)
        return;
    TAILQ_REMOVE(&node->n_mount->m_nodes, node, n_link);
    while ((x = node->n_xattrs)) {
        node->n_xattrs = x->x_next;
        kern_free(x, sizeof(*x));
    }
    if (node->n_target)
        kern_free(node->n_target, (size_t)node->n_size + 1);
    kern_free(node->n_data, FX_FILE_MAX);
    kern_free(node, sizeof(*node));
}

struct fx_entry *fx_find(struct fx_node *dir, const char *name, size_t len)
{
    struct fx_entry *ent;
    TAILQ_FOREACH(ent, &dir->n_entries, e_link)
    {
        if (ent->e_len == len && memcmp(ent->e_name, name, len) == 0)
            return ent;
    }
    return NULL;
}

static int vnode_make(struct fx_node *node, vnode_t dvp, struct componentname *cnp, vnode_t *vpp)
{
    struct vnode_fsparam param = {
        .vnfs_mp = node->n_mount->m_mp,
        .vnfs_vtype = node->n_type,
        .vnfs_str = "fxfs",
        .vnfs_dvp = dvp,
        .vnfs_fsnode = node,
        .vnfs_vops = fx_vnodeop_p,
        .vnfs_markroot = node == node->n_mount->m_root,
        .vnfs_rdev = node->n_rdev,
        .vnfs_filesize = node->n_size,
        .vnfs_cnp = cnp,
        .vnfs_flags = VNFS_ADDFSREF | (cnp && (cnp->cn_flags & MAKEENTRY) ? 0u : (uint32_t)VNFS_NOCACHE),
    };
    return vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, vpp);
}

int fx_vnode(struct fx_node *node, vnode_t dvp, struct componentname *cnp, vnode_t *vpp)
{
    for (;;) {
        fx_lock();
        while (!node->n_vnode && node->n_making)
            fx_sleep(&node->n_making);
        vnode_t vp = node->n_vnode;
        uint32_t vid = vp ? vnode_vid(vp) : 0;
        if (!vp) {
            node->n_making = true;
            node->n_refs++;
        }
        fx_unlock();
        if (!vp)
            break;
        if (vnode_getwithvid(vp, vid) == 0) {
            *vpp = vp;
            return 0;
        }
    }
    vnode_t vp = NULL;
    int error = vnode_make(node, dvp, cnp, &vp);
    fx_lock();
    node->n_making = false;
    if (error)
        fx_node_rele(node);
    else
        node->n_vnode = vp;
    wakeup(&node->n_making);
    fx_unlock();
    *vpp = vp;
    return error;
}

/* ---- attributes ---------------------------------------------------------------------------------------- */

static int fx_vnop_getattr(struct vnop_getattr_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    struct vnode_attr *vap = ap->a_vap;
    int error = fx_enter(FX_GETATTR);
    if (error)
        return error;
    fx_lock();
    VATTR_RETURN(vap, va_mode, node->n_mode);
    VATTR_RETURN(vap, va_uid, node->n_uid);
    VATTR_RETURN(vap, va_gid, node->n_gid);
    VATTR_RETURN(vap, va_flags, node->n_flags);
    VATTR_RETURN(vap, va_nlink, node->n_nlink);
    VATTR_RETURN(vap, va_rdev, node->n_rdev);
    VATTR_RETURN(vap, va_data_size, (uint64_t)node->n_size);
    VATTR_RETURN(vap, va_data_alloc, fx_allocated(node));
    VATTR_RETURN(vap, va_total_alloc, fx_allocated(node));
    VATTR_RETURN(vap, va_iosize, FX_BLOCK);
    VATTR_RETURN(vap, va_gen, 7);
    if (!(node->n_mount->m_options & FX_NO_NUMBERS))
        VATTR_RETURN(vap, va_fileid, node->n_ino);
    VATTR_RETURN(vap, va_access_time, node->n_atime);
    VATTR_RETURN(vap, va_modify_time, node->n_mtime);
    VATTR_RETURN(vap, va_change_time, node->n_ctime);
    VATTR_RETURN(vap, va_create_time, node->n_btime);
    fx_unlock();
    return 0;
}

#define TAKE(vap, field, where)                                                                              \
    do {                                                                                                     \
        if (VATTR_IS_ACTIVE(vap, field)) {                                                                   \
            (where) = (vap)->field;                                                                          \
            VATTR_SET_SUPPORTED(vap, field);                                                                 \
        }                                                                                                    \
    } while (0)

static int fx_vnop_setattr(struct vnop_setattr_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    struct vnode_attr *vap = ap->a_vap;
    int error = fx_enter(FX_SETATTR);
    if (error)
        return error;
    fx_lock();
    if (VATTR_IS_ACTIVE(vap, va_data_size)) {
        error = fx_resize(node, (off_t)vap->va_data_size);
        VATTR_SET_SUPPORTED(vap, va_data_size);
    }
    if (!error) {
        TAKE(vap, va_mode, node->n_mode);
        TAKE(vap, va_uid, node->n_uid);
        TAKE(vap, va_gid, node->n_gid);
        TAKE(vap, va_flags, node->n_flags);
        TAKE(vap, va_access_time, node->n_atime);
        TAKE(vap, va_modify_time, node->n_mtime);
        TAKE(vap, va_change_time, node->n_ctime);
        TAKE(vap, va_create_time, node->n_btime);
    }
    fx_unlock();
    return error;
}

static int fx_vnop_access(struct vnop_access_args *ap)
{
    (void)ap;
    int error = fx_enter(FX_ACCESS);
    return error ? error : atomic_load(&fx_access_answer);
}

/* Answers as file systems did when a_retval led to a register_t. */
static int fx_vnop_pathconf(struct vnop_pathconf_args *ap)
{
    register_t value;
    bool no_case = (fx_node_of(ap->a_vp)->n_mount->m_options & FX_NO_CASE) != 0;
    switch (ap->a_name) {
    case _PC_NAME_MAX:
        value = 200;
        break;
    case _PC_CASE_SENSITIVE:
        value = no_case ? 0 : 1;
        break;
    default:
        return EINVAL;
    }
    memcpy(ap->a_retval, &value, sizeof(value));
    return 0;
}

static int fx_vnop_open(struct vnop_open_args *ap)
{
    atomic_store(&fx_last_open_mode, ap->a_mode);
    return fx_enter(FX_OPEN);
}

static int fx_vnop_close(struct vnop_close_args *ap)
{
    (void)ap;
    return fx_enter(FX_CLOSE);
}

static int fx_vnop_fsync(struct vnop_fsync_args *ap)
{
    (void)ap;
    return fx_enter(FX_FSYNC);
}

static int fx_vnop_inactive(struct vnop_inactive_args *ap)
{
    fx_enter(FX_INACTIVE);
    fx_lock();
    bool gone = fx_node_of(ap->a_vp)->n_nlink == 0;
    fx_unlock();
    if (gone)
        vnode_recycle(ap->a_vp);
    return 0;
}

static int fx_vnop_reclaim(struct vnop_reclaim_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    fx_enter(FX_RECLAIM);
    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    fx_lock();
    node->n_vnode = NULL;
    fx_node_rele(node);
    fx_unlock();
    return 0;
}

static int fx_vnop_default(struct vnop_generic_args *ap)
{
    (void)ap;
    return ENOTSUP;
}

#define OP(name)                                                                                             \
    {                                                                                                        \
        &vnop_##name##_desc, (int (*)(void *))fx_vnop_##name                                                 \
    }
static const struct vnodeopv_entry_desc fx_ops[] = {
    OP(default),  OP(lookup),  OP(create),   OP(mknod),    OP(mkdir),    OP(symlink),   OP(link),
    OP(remove),   OP(rmdir),   OP(rename),   OP(renamex),  OP(readdir),  OP(readlink),  OP(open),
    OP(close),    OP(access),  OP(getattr),  OP(setattr),  OP(read),     OP(write),     OP(ioctl),
    OP(allocate), OP(fsync),   OP(pathconf), OP(getxattr), OP(setxattr), OP(listxattr), OP(removexattr),
    OP(inactive), OP(reclaim), {NULL, NULL},
};
struct vnodeopv_desc fx_vector = {&fx_vnodeop_p, fx_ops};

/* ---- mounts -------------------------------------------------------------------------------------------- */

static int fx_vfs_mount(struct mount *mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    struct fx_args args = {0};
    char type[MFSTYPENAMELEN];
    (void)ctx;
    int error = fx_enter(FX_MOUNT);
    if (!error && data)
        error = copyin(data, &args, sizeof(args));
    if (error || vfs_isupdate(mp))
        return error;
    struct fx_mount *mnt = kern_alloc(sizeof(*mnt), "fixture");
    mnt->m_mp = mp;
    mnt->m_options = args.options;
    mnt->m_next_ino = 100;
    vfs_name(mp, type);
    KASSERT(!devvp == (strcmp(type, "fxdisk") != 0), "only fxdisk has a device, and that always");
    mnt->m_plain = strcmp(type, "fxplain") == 0;
    TAILQ_INIT(&mnt->m_nodes);
    mnt->m_root = fx_node_make(mnt, &(struct fx_new){.type = VDIR});
    mnt->m_root->n_parent = mnt->m_root;
    mnt->m_root->n_nlink = 2;
    vfs_setfsprivate(mp, mnt);
    vfs_getnewfsid(mp);
    vfs_statfs(mp)->f_bsize = FX_BLOCK;
    vfs_statfs(mp)->f_iosize = FX_BLOCK;
    if (args.options & FX_OPAQUE)
        vfs_setauthopaque(mp);
    return 0;
}

static int fx_vfs_start(struct mount *mp, int flags, vfs_context_t ctx)
{
    (void)mp;
    (void)flags;
    (void)ctx;
    return fx_enter(FX_START);
}

static void entries_drop(struct fx_node *dir)
{
    struct fx_entry *ent;
    while ((ent = TAILQ_FIRST(&dir->n_entries))) {
        TAILQ_REMOVE(&dir->n_entries, ent, e_link);
        entries_drop(ent->e_node);
        fx_node_rele(ent->e_node);
        kern_free(ent, sizeof(*ent) + ent->e_len + 1);
    }
}

static int fx_vfs_unmount(struct mount *mp, int flags, vfs_context_t ctx)
{
    struct fx_mount *mnt = vfs_fsprivate(mp);
    (void)ctx;
    int error = fx_enter(FX_UNMOUNT);
    if (!error)
        error = vflush(mp, NULL, flags & MNT_FORCE ? FORCECLOSE : 0);
    if (error)
        return error;
    fx_lock();
    entries_drop(mnt->m_root);
    fx_node_rele(mnt->m_root);
    KASSERT(TAILQ_EMPTY(&mnt->m_nodes), "the fixture has a node left");
    fx_unlock();
    vfs_setfsprivate(mp, NULL);
    kern_free(mnt, sizeof(*mnt));
    return 0;
}

static int fx_vfs_root(struct mount *mp, vnode_t *vpp, vfs_context_t ctx)
{
    struct fx_mount *mnt = vfs_fsprivate(mp);
    (void)ctx;
    int error = fx_enter(FX_ROOT);
    return error ? error : fx_vnode(mnt->m_root, NULL, NULL, vpp);
}

static int fx_vfs_getattr(struct mount *mp, struct vfs_attr *vfa, vfs_context_t ctx)
{
    (void)mp;
    (void)ctx;
    VFSATTR_RETURN(vfa, f_bsize, FX_BLOCK);
    VFSATTR_RETURN(vfa, f_iosize, FX_BLOCK);
    VFSATTR_RETURN(vfa, f_blocks, 1000);
    VFSATTR_RETURN(vfa, f_bfree, 600);
    VFSATTR_RETURN(vfa, f_bavail, 500);
    VFSATTR_RETURN(vfa, f_files, 70);
    VFSATTR_RETURN(vfa, f_ffree, 30);
    return 0;
}

static int fx_vfs_sync(struct mount *mp, int waitfor, vfs_context_t ctx)
{
    (void)mp;
    (void)waitfor;
    (void)ctx;
    return fx_enter(FX_SYNC);
}

static int fx_vfs_vget(struct mount *mp, ino64_t ino, vnode_t *vpp, vfs_context_t ctx)
{
    struct fx_mount *mnt = vfs_fsprivate(mp);
    struct fx_node *node;
    (void)ctx;
    int error = fx_enter(FX_VGET);
    if (error)
        return error;
    fx_lock();
    TAILQ_FOREACH(node, &mnt->m_nodes, n_link)
    {
        if (node->n_ino == ino && node->n_nlink)
            break;
    }
    if (node)
        node->n_refs++;
    fx_unlock();
    if (!node)
        return ENOENT;
    error = fx_vnode(node, NULL, NULL, vpp);
    fx_lock();
    fx_node_rele(node);
    fx_unlock();
    return error;
}

struct vfsops fx_vfsops = {
    .vfs_mount = fx_vfs_mount,
    .vfs_start = fx_vfs_start,
    .vfs_unmount = fx_vfs_unmount,
    .vfs_root = fx_vfs_root,
    .vfs_getattr = fx_vfs_getattr,
    .vfs_sync = fx_vfs_sync,
    .vfs_vget = fx_vfs_vget,
};

/* ---- registration -------------------------------------------------------------------------------------- */

vfstable_t fx_types[3];
static const struct {
    const char *name;
    uint32_t flags;
} type_table[3] = {
    {"fxfs", VFS_TBLREADDIR_EXTENDED | VFS_TBLGENERICMNTARGS},
    {"fxplain", VFS_TBLGENERICMNTARGS},
    {"fxdisk", VFS_TBLREADDIR_EXTENDED | VFS_TBLLOCALVOL},
};

void fx_types_add(void)
{
    struct vnodeopv_desc *vectors[] = {&fx_vector};
    group = lck_grp_alloc_init("fixture", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&mutex, group, NULL);
    memset(plan, 0, sizeof(plan));
    for (int i = 0; i < FX_OP_COUNT; i++)
        atomic_store(&fx_calls[i], 0);
    for (size_t i = 0; i < 3; i++) {
        struct vfs_fsentry entry = {
            .vfe_vfsops = &fx_vfsops,
            .vfe_vopcnt = 1,
            .vfe_opvdescs = vectors,
            .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLNOTYPENUM | VFS_TBL64BITREADY | VFS_TBLNATIVEXATTR |
                         type_table[i].flags,
        };
        strlcpy(entry.vfe_fsname, type_table[i].name, sizeof(entry.vfe_fsname));
        KT_ASSERT_OK(vfs_fsadd(&entry, &fx_types[i]));
    }
}

void fx_types_remove(void)
{
    for (size_t i = 0; i < 3; i++)
        KT_ASSERT_OK(vfs_fsremove(fx_types[i]));
    lck_mtx_destroy(&mutex, group);
    lck_grp_free(group);
}
