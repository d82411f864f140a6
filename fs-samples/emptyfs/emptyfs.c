// SPDX-License-Identifier: BSD-2-Clause
/*
 * emptyfs: the smallest honest file system, and the one to copy. It mounts, shows an empty directory, and
 * lets go again. All that every file system must get right is here: registration, the life of a vnode, its
 * return to the kernel, and locks that are never held over a call that may come back to us.
 *
 * Objects: one struct emptyfs_mount per mount, found through vfs_fsprivate(). Its root vnode exists only
 * while somebody needs it; e_lock guards the pointer to it and the flag that says somebody is making it.
 */
#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <libkern/locks.h>
#include <mach/mach_types.h>
#include <string.h>
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/kauth.h>
#include <sys/kernel_types.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

#define ROOT_INO   2
#define BLOCK_SIZE 4096

struct emptyfs_mount {
    mount_t e_mount;
    lck_mtx_t *e_lock;
    vnode_t e_root;     /* while attached */
    boolean_t e_making; /* somebody is in vnode_create() for the root */
    uid_t e_uid;        /* who mounted it owns the root */
    gid_t e_gid;
    struct timespec e_made;
};

static OSMallocTag emptyfs_tag;
static lck_grp_t *emptyfs_lock_group;
static vfstable_t emptyfs_table;
static int (**emptyfs_vnodeop_p)(void *);

static struct emptyfs_mount *mount_of(vnode_t vp)
{
    return vfs_fsprivate(vnode_mount(vp));
}

/* ---- the root vnode ----------------------------------------------------------------------------- */

static int root_create(struct emptyfs_mount *emp)
{
    struct vnode_fsparam param = {
        .vnfs_mp = emp->e_mount,
        .vnfs_vtype = VDIR,
        .vnfs_str = "emptyfs",
        .vnfs_fsnode = emp,
        .vnfs_vops = emptyfs_vnodeop_p,
        .vnfs_markroot = 1,
        .vnfs_flags = VNFS_NOCACHE | VNFS_CANTCACHE,
    };
    int error = vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, &emp->e_root);

    if (!error)
        vnode_addfsref(emp->e_root); /* we keep a pointer to it, until reclaim */
    return error;
}

/*
 * Gives the root vnode with an iocount. The lock must not be held over vnode_getwithvid() or vnode_create():
 * both may wait for a reclaim, and our reclaim takes it. So the pointer may have changed when we have it
 * again: look anew.
 */
static int root_get(struct emptyfs_mount *emp, vnode_t *vpp)
{
    int error = 0;

    lck_mtx_lock(emp->e_lock);
    for (;;) {
        if (emp->e_making) {
            (void)msleep(&emp->e_making, emp->e_lock, PINOD, "emptyfs_root", NULL);
            continue;
        }
        vnode_t vp = emp->e_root;
        if (!vp) {
            emp->e_making = TRUE;
            lck_mtx_unlock(emp->e_lock);
            error = root_create(emp);
            lck_mtx_lock(emp->e_lock);
            if (error)
                emp->e_root = NULLVP;
            emp->e_making = FALSE;
            wakeup(&emp->e_making);
            *vpp = emp->e_root; /* vnode_create() gave the iocount */
            break;
        }
        uint32_t vid = vnode_vid(vp);
        lck_mtx_unlock(emp->e_lock);
        if (vnode_getwithvid(vp, vid) == 0) {
            *vpp = vp;
            return 0;
        }
        lck_mtx_lock(emp->e_lock);
    }
    lck_mtx_unlock(emp->e_lock);
    return error;
}

/* ---- vnode operations --------------------------------------------------------------------------- */

static int emptyfs_vnop_lookup(struct vnop_lookup_args *ap)
{
    struct componentname *cnp = ap->a_cnp;
    boolean_t dot = cnp->cn_namelen == 1 && cnp->cn_nameptr[0] == '.';

    *ap->a_vpp = NULLVP;
    if (dot ||
        (cnp->cn_flags & ISDOTDOT)) { /* VFS itself goes up from a root; here it means the root again */
        int error = vnode_get(ap->a_dvp);
        if (!error)
            *ap->a_vpp = ap->a_dvp;
        return error;
    }
    if ((cnp->cn_flags & ISLASTCN) && (cnp->cn_nameiop == CREATE || cnp->cn_nameiop == RENAME))
        return EROFS;
    return ENOENT;
}

static int emptyfs_vnop_open(struct vnop_open_args *ap)
{
    (void)ap;
    return 0;
}

static int emptyfs_vnop_close(struct vnop_close_args *ap)
{
    (void)ap;
    return 0;
}

static int emptyfs_vnop_getattr(struct vnop_getattr_args *ap)
{
    const struct emptyfs_mount *emp = mount_of(ap->a_vp);
    struct vnode_attr *vap = ap->a_vap;

    /* Each field is marked as returned: VFS fills in what a file system does not know. */
    VATTR_RETURN(vap, va_type, VDIR);
    VATTR_RETURN(vap, va_mode, S_IRUSR | S_IXUSR | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH);
    VATTR_RETURN(vap, va_uid, emp->e_uid);
    VATTR_RETURN(vap, va_gid, emp->e_gid);
    VATTR_RETURN(vap, va_nlink, 2);
    VATTR_RETURN(vap, va_fileid, ROOT_INO);
    VATTR_RETURN(vap, va_fsid, (uint32_t)vfs_statfs(emp->e_mount)->f_fsid.val[0]);
    VATTR_RETURN(vap, va_data_size, 2 * sizeof(struct dirent));
    VATTR_RETURN(vap, va_data_alloc, 0);
    VATTR_RETURN(vap, va_iosize, BLOCK_SIZE);
    VATTR_RETURN(vap, va_access_time, emp->e_made);
    VATTR_RETURN(vap, va_modify_time, emp->e_made);
    VATTR_RETURN(vap, va_change_time, emp->e_made);
    VATTR_RETURN(vap, va_create_time, emp->e_made);
    return 0;
}

/* The offset is the number of the entry: 0 is ".", 1 is "..", 2 the end. */
static int emptyfs_vnop_readdir(struct vnop_readdir_args *ap)
{
    static const char *const names[] = {".", ".."};
    off_t index = uio_offset(ap->a_uio);
    int count = 0;
    int error = 0;

    if (ap->a_flags & (VNODE_READDIR_EXTENDED | VNODE_READDIR_REQSEEKOFF))
        return EINVAL; /* the registration says that we know the plain form only */
    if (index < 0)
        return EINVAL;
    for (; index < 2 && uio_resid(ap->a_uio) >= (user_ssize_t)sizeof(struct dirent) && !error; index++) {
        struct dirent entry = {.d_ino = ROOT_INO, .d_reclen = sizeof(entry), .d_type = DT_DIR};
        entry.d_namlen = (uint8_t)strlcpy(entry.d_name, names[index], sizeof(entry.d_name));
        error = uiomove((const char *)&entry, (int)sizeof(entry), ap->a_uio);
        count += !error;
    }
    if (error)
        return error;
    uio_setoffset(ap->a_uio, index);
    if (ap->a_eofflag)
        *ap->a_eofflag = index >= 2;
    if (ap->a_numdirent)
        *ap->a_numdirent = count;
    return 0;
}

/* The kernel takes the vnode back: nobody may find it through us any more. */
static int emptyfs_vnop_reclaim(struct vnop_reclaim_args *ap)
{
    struct emptyfs_mount *emp = vnode_fsnode(ap->a_vp);

    lck_mtx_lock(emp->e_lock);
    emp->e_root = NULLVP;
    lck_mtx_unlock(emp->e_lock);
    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    return 0;
}

typedef int (*vnop_t)(void *);

static struct vnodeopv_entry_desc emptyfs_vnodeop_entries[] = {
    {&vnop_default_desc, (vnop_t)(void (*)(void))vn_default_error},
    {&vnop_lookup_desc, (vnop_t)emptyfs_vnop_lookup},
    {&vnop_open_desc, (vnop_t)emptyfs_vnop_open},
    {&vnop_close_desc, (vnop_t)emptyfs_vnop_close},
    {&vnop_getattr_desc, (vnop_t)emptyfs_vnop_getattr},
    {&vnop_readdir_desc, (vnop_t)emptyfs_vnop_readdir},
    {&vnop_reclaim_desc, (vnop_t)emptyfs_vnop_reclaim},
    {NULL, NULL},
};

static struct vnodeopv_desc emptyfs_vnodeop_opv_desc = {&emptyfs_vnodeop_p, emptyfs_vnodeop_entries};
static struct vnodeopv_desc *emptyfs_opv_descs[] = {&emptyfs_vnodeop_opv_desc};

/* ---- operations on a mount ---------------------------------------------------------------------- */

static void fill_statfs(struct vfsstatfs *sfs)
{
    sfs->f_bsize = BLOCK_SIZE;
    sfs->f_iosize = BLOCK_SIZE;
    sfs->f_blocks = 1;
    sfs->f_bused = 1;
    sfs->f_bfree = sfs->f_bavail = 0;
    sfs->f_files = 1;
    sfs->f_ffree = 0;
}

static int emptyfs_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
    (void)devvp;
    (void)data; /* no options */
    if (vfs_isupdate(mp))
        return vfs_iswriteupgrade(mp) ? EROFS : 0;
    struct emptyfs_mount *emp = OSMalloc(sizeof(*emp), emptyfs_tag);
    if (!emp)
        return ENOMEM;
    bzero(emp, sizeof(*emp));
    emp->e_lock = lck_mtx_alloc_init(emptyfs_lock_group, LCK_ATTR_NULL);
    if (!emp->e_lock) {
        OSFree(emp, sizeof(*emp), emptyfs_tag);
        return ENOMEM;
    }
    emp->e_mount = mp;
    emp->e_uid = kauth_cred_getuid(vfs_context_ucred(context));
    emp->e_gid = kauth_cred_getgid(vfs_context_ucred(context));
    nanotime(&emp->e_made);
    vfs_setfsprivate(mp, emp);
    vfs_setflags(mp, MNT_RDONLY);
    fill_statfs(vfs_statfs(mp));
    return 0;
}

static int emptyfs_start(mount_t mp, int flags, vfs_context_t context)
{
    (void)mp;
    (void)flags;
    (void)context;
    return 0;
}

static int emptyfs_unmount(mount_t mp, int mntflags, vfs_context_t context)
{
    struct emptyfs_mount *emp = vfs_fsprivate(mp);

    (void)context;
    int error = vflush(mp, NULLVP, (mntflags & MNT_FORCE) ? FORCECLOSE : 0); /* gives back the root vnode */
    if (error)
        return error;
    vfs_setfsprivate(mp, NULL);
    lck_mtx_free(emp->e_lock, emptyfs_lock_group);
    OSFree(emp, sizeof(*emp), emptyfs_tag);
    return 0;
}

static int emptyfs_root(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
    (void)context;
    return root_get(vfs_fsprivate(mp), vpp);
}

static int emptyfs_getattr(mount_t mp, struct vfs_attr *attr, vfs_context_t context)
{
    (void)mp;
    (void)context;
    VFSATTR_RETURN(attr, f_objcount, 1);
    VFSATTR_RETURN(attr, f_bsize, BLOCK_SIZE);
    VFSATTR_RETURN(attr, f_iosize, BLOCK_SIZE);
    VFSATTR_RETURN(attr, f_blocks, 1);
    VFSATTR_RETURN(attr, f_bused, 1);
    VFSATTR_RETURN(attr, f_bfree, 0);
    VFSATTR_RETURN(attr, f_bavail, 0);
    VFSATTR_RETURN(attr, f_files, 1);
    VFSATTR_RETURN(attr, f_ffree, 0);
    return 0;
}

static int emptyfs_sync(mount_t mp, int waitfor, vfs_context_t context)
{
    (void)mp;
    (void)waitfor;
    (void)context;
    return 0;
}

static struct vfsops emptyfs_vfsops = {
    .vfs_mount = emptyfs_mount,
    .vfs_start = emptyfs_start,
    .vfs_unmount = emptyfs_unmount,
    .vfs_root = emptyfs_root,
    .vfs_getattr = emptyfs_getattr,
    .vfs_sync = emptyfs_sync,
};

static struct vfs_fsentry emptyfs_fsentry = {
    .vfe_vfsops = &emptyfs_vfsops,
    .vfe_vopcnt = 1,
    .vfe_opvdescs = emptyfs_opv_descs,
    .vfe_fsname = "emptyfs",
    .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBLLOCALVOL |
                 VFS_TBLGENERICMNTARGS | VFS_TBL64BITREADY,
};

/* ---- loading and unloading ---------------------------------------------------------------------- */

kern_return_t emptyfs_kext_start(kmod_info_t *info, void *data);
kern_return_t emptyfs_kext_stop(kmod_info_t *info, void *data);

kern_return_t emptyfs_kext_start(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    emptyfs_lock_group = lck_grp_alloc_init("emptyfs", LCK_GRP_ATTR_NULL);
    emptyfs_tag = OSMalloc_Tagalloc("emptyfs", OSMT_DEFAULT);
    if (!emptyfs_lock_group || !emptyfs_tag || vfs_fsadd(&emptyfs_fsentry, &emptyfs_table) != 0) {
        if (emptyfs_tag)
            OSMalloc_Tagfree(emptyfs_tag);
        if (emptyfs_lock_group)
            lck_grp_free(emptyfs_lock_group);
        return KERN_FAILURE;
    }
    return KERN_SUCCESS;
}

/* Refused while an emptyfs is mounted. */
kern_return_t emptyfs_kext_stop(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    if (vfs_fsremove(emptyfs_table) != 0)
        return KERN_FAILURE;
    OSMalloc_Tagfree(emptyfs_tag);
    lck_grp_free(emptyfs_lock_group);
    return KERN_SUCCESS;
}
