// SPDX-License-Identifier: BSD-2-Clause
/*
 * See smallfs.h.
 */
#include "smallfs.h"

lck_grp_t *small_group;
OSMallocTag small_tag;

static const char *const names[] = {".", "dir", "file", "other"};
static vfstable_t table;
static int (**vnodeop_p)(void *);

/* ---- vnodes ------------------------------------------------------------------------------------- */

int small_vnode_create(struct small_node *node, vnode_t *vpp)
{
    struct vnode_fsparam param = {
        .vnfs_mp = node->n_mount->m_mp,
        .vnfs_vtype = node->n_index <= SMALL_DIR ? VDIR : VREG,
        .vnfs_str = "smallfs",
        .vnfs_fsnode = node,
        .vnfs_vops = vnodeop_p,
        .vnfs_markroot = node->n_index == SMALL_ROOT,
        .vnfs_flags = VNFS_NOCACHE | VNFS_CANTCACHE,
    };
    int error = vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, vpp);

    if (!error)
        vnode_addfsref(*vpp);
    return error;
}

int small_vnode(struct small_node *node, vnode_t *vpp)
{
    struct small_mount *mount = node->n_mount;
    int error = 0;

    lck_mtx_lock(mount->m_lock);
    for (;;) {
        if (node->n_making) {
            (void)msleep(&node->n_making, mount->m_lock, PINOD, "small_vnode", NULL);
            continue;
        }
        vnode_t vp = node->n_vnode;
        if (!vp)
            break;
        uint32_t vid = vnode_vid(vp);
        lck_mtx_unlock(mount->m_lock);
        if (vnode_getwithvid(vp, vid) == 0) {
            *vpp = vp;
            return 0;
        }
        lck_mtx_lock(mount->m_lock);
    }
    node->n_making = TRUE;
    lck_mtx_unlock(mount->m_lock);
    error = small_vnode_create(node, &node->n_vnode);
    lck_mtx_lock(mount->m_lock);
    if (error)
        node->n_vnode = NULLVP;
    node->n_making = FALSE;
    wakeup(&node->n_making);
    *vpp = node->n_vnode;
    lck_mtx_unlock(mount->m_lock);
    return error;
}

/* ---- vnode operations --------------------------------------------------------------------------- */

int small_lookup(struct vnop_lookup_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_dvp);
    struct componentname *cnp = ap->a_cnp;

    *ap->a_vpp = NULLVP;
    if (cnp->cn_flags & ISDOTDOT)
        return small_vnode(&mount->m_nodes[SMALL_ROOT], ap->a_vpp);
    for (int i = SMALL_DIR; i < SMALL_COUNT; i++) {
        if (strlen(names[i]) == (size_t)cnp->cn_namelen &&
            strncmp(cnp->cn_nameptr, names[i], (size_t)cnp->cn_namelen) == 0)
            return small_vnode(&mount->m_nodes[i], ap->a_vpp);
    }
    if ((cnp->cn_flags & ISLASTCN) && (cnp->cn_nameiop == CREATE || cnp->cn_nameiop == RENAME))
        return EROFS;
    return ENOENT;
}

int small_getattr(struct vnop_getattr_args *ap)
{
    struct small_node *node = vnode_fsnode(ap->a_vp);
    struct vnode_attr *vap = ap->a_vap;
    boolean_t dir = node->n_index <= SMALL_DIR;

    lck_rw_lock_shared(node->n_lock);
    VATTR_RETURN(vap, va_type, dir ? VDIR : VREG);
    VATTR_RETURN(vap, va_mode, dir ? 0755 : 0644);
    VATTR_RETURN(vap, va_uid, 0);
    VATTR_RETURN(vap, va_gid, 0);
    VATTR_RETURN(vap, va_nlink, 2);
    VATTR_RETURN(vap, va_fileid, (uint64_t)node->n_index + 2);
    VATTR_RETURN(vap, va_data_size, 16);
    lck_rw_unlock_shared(node->n_lock);
    return 0;
}

static int small_open(struct vnop_open_args *ap)
{
    (void)ap;
    return 0;
}

static int small_close(struct vnop_close_args *ap)
{
    (void)ap;
    return 0;
}

int small_read(struct vnop_read_args *ap)
{
    static const char text[16] = "sixteen letters";
    off_t offset = uio_offset(ap->a_uio);
    struct small_node *node = vnode_fsnode(ap->a_vp);
    int error = 0;

    if (offset < 0)
        return EINVAL;
    lck_rw_lock_shared(node->n_lock);
    if (offset < (off_t)sizeof(text))
        error = uiomove(text + offset, (int)(sizeof(text) - (size_t)offset), ap->a_uio);
    lck_rw_unlock_shared(node->n_lock);
    return error;
}

int small_write(struct vnop_write_args *ap)
{
    uio_update(ap->a_uio, (user_size_t)uio_resid(ap->a_uio));
    return 0;
}

static int small_rename(struct vnop_rename_args *ap)
{
    (void)ap;
    return 0;
}

static int small_inactive(struct vnop_inactive_args *ap)
{
    (void)ap;
    return 0;
}

int small_reclaim(struct vnop_reclaim_args *ap)
{
    struct small_node *node = vnode_fsnode(ap->a_vp);

    lck_mtx_lock(node->n_mount->m_lock);
    node->n_vnode = NULLVP;
    lck_mtx_unlock(node->n_mount->m_lock);
    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    return 0;
}

typedef int (*vnop_t)(void *);
#define VNOP(function) (vnop_t)(void (*)(void))(function)

enum { AT_LOOKUP = 1, AT_GETATTR, AT_OPEN, AT_READ, AT_WRITE, AT_RENAME, AT_INACTIVE, AT_RECLAIM };
static struct vnodeopv_entry_desc entries[] = {
    {&vnop_default_desc, VNOP(vn_default_error)},
    [AT_LOOKUP] = {&vnop_lookup_desc, VNOP(small_lookup)},
    [AT_GETATTR] = {&vnop_getattr_desc, VNOP(small_getattr)},
    [AT_OPEN] = {&vnop_open_desc, VNOP(small_open)},
    [AT_READ] = {&vnop_read_desc, VNOP(small_read)},
    [AT_WRITE] = {&vnop_write_desc, VNOP(small_write)},
    [AT_RENAME] = {&vnop_rename_desc, VNOP(small_rename)},
    [AT_INACTIVE] = {&vnop_inactive_desc, VNOP(small_inactive)},
    [AT_RECLAIM] = {&vnop_reclaim_desc, VNOP(small_reclaim)},
    {&vnop_close_desc, VNOP(small_close)},
    {NULL, NULL},
};
static struct vnodeopv_desc opv_desc = {&vnodeop_p, entries};
static struct vnodeopv_desc *opv_descs[] = {&opv_desc};

/* ---- the mount ---------------------------------------------------------------------------------- */

/* In one place, whatever compilers do to loops: the nodes' locks are of one class. */
static __attribute__((noinline)) lck_rw_t *node_lock_make(void)
{
    lck_rw_t *lock = lck_rw_alloc_init(small_group, LCK_ATTR_NULL);

    __asm__ volatile("");
    return lock;
}

static int small_vfs_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
    struct small_mount *mount = OSMalloc(sizeof(*mount), small_tag);

    (void)devvp;
    (void)data;
    (void)context;
    if (!mount)
        return ENOMEM;
    bzero(mount, sizeof(*mount));
    mount->m_mp = mp;
    mount->m_lock = lck_mtx_alloc_init(small_group, LCK_ATTR_NULL);
    mount->m_second = lck_mtx_alloc_init(small_group, LCK_ATTR_NULL);
    mount->m_spin = lck_spin_alloc_init(small_group, LCK_ATTR_NULL);
    for (int i = 0; i < SMALL_COUNT; i++) {
        mount->m_nodes[i].n_mount = mount;
        mount->m_nodes[i].n_index = i;
        mount->m_nodes[i].n_lock = node_lock_make();
    }
    vfs_setfsprivate(mp, mount);
    if (small_mistake.started)
        small_mistake.started(mount);
    return 0;
}

static int small_vfs_unmount(mount_t mp, int mntflags, vfs_context_t context)
{
    struct small_mount *mount = vfs_fsprivate(mp);
    int error = vflush(mp, NULLVP, (mntflags & MNT_FORCE) ? FORCECLOSE : 0);

    (void)context;
    if (error)
        return error;
    vfs_setfsprivate(mp, NULL);
    for (int i = 0; i < SMALL_COUNT; i++)
        lck_rw_free(mount->m_nodes[i].n_lock, small_group);
    lck_spin_free(mount->m_spin, small_group);
    lck_mtx_free(mount->m_second, small_group);
    lck_mtx_free(mount->m_lock, small_group);
    OSFree(mount, sizeof(*mount), small_tag);
    return 0;
}

static int small_vfs_root(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
    struct small_mount *mount = vfs_fsprivate(mp);

    (void)context;
    return small_vnode(&mount->m_nodes[SMALL_ROOT], vpp);
}

static int small_vfs_getattr(mount_t mp, struct vfs_attr *attr, vfs_context_t context)
{
    (void)mp;
    (void)context;
    VFSATTR_RETURN(attr, f_bsize, 4096);
    VFSATTR_RETURN(attr, f_blocks, 1);
    return 0;
}

static int small_vfs_sync(mount_t mp, int waitfor, vfs_context_t context)
{
    (void)mp;
    (void)waitfor;
    (void)context;
    return 0;
}

static struct vfsops vfs_operations = {
    .vfs_mount = small_vfs_mount,
    .vfs_unmount = small_vfs_unmount,
    .vfs_root = small_vfs_root,
    .vfs_getattr = small_vfs_getattr,
    .vfs_sync = small_vfs_sync,
};

static struct vfs_fsentry fsentry = {
    .vfe_vfsops = &vfs_operations,
    .vfe_vopcnt = 1,
    .vfe_opvdescs = opv_descs,
    .vfe_fsname = "smallfs",
    .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBLLOCALVOL |
                 VFS_TBLGENERICMNTARGS | VFS_TBL64BITREADY,
};

/* ---- loading ------------------------------------------------------------------------------------ */

kern_return_t smallfs_start(kmod_info_t *info, void *data);
kern_return_t smallfs_stop(kmod_info_t *info, void *data);

#define REPLACE(slot, which)                                                                                 \
    do {                                                                                                     \
        if (small_mistake.which)                                                                             \
            entries[slot].opve_impl = VNOP(small_mistake.which);                                             \
    } while (0)

kern_return_t smallfs_start(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    REPLACE(AT_LOOKUP, lookup);
    REPLACE(AT_GETATTR, getattr);
    REPLACE(AT_OPEN, open);
    REPLACE(AT_READ, read);
    REPLACE(AT_WRITE, write);
    REPLACE(AT_RENAME, rename);
    REPLACE(AT_INACTIVE, inactive);
    REPLACE(AT_RECLAIM, reclaim);
    if (small_mistake.root)
        vfs_operations.vfs_root = small_mistake.root;
    small_group = lck_grp_alloc_init("smallfs", LCK_GRP_ATTR_NULL);
    small_tag = OSMalloc_Tagalloc("smallfs", OSMT_DEFAULT);
    return vfs_fsadd(&fsentry, &table) == 0 ? KERN_SUCCESS : KERN_FAILURE;
}

kern_return_t smallfs_stop(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    if (vfs_fsremove(table) != 0)
        return KERN_FAILURE;
    OSMalloc_Tagfree(small_tag);
    lck_grp_free(small_group);
    return KERN_SUCCESS;
}
