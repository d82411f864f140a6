// SPDX-License-Identifier: BSD-2-Clause
/*
 * The root file system as a mount: registration, its VFS operations, the tree it starts with (/dev and /mnt),
 * and the directories under /mnt that are made for a mount and go with it. It is a type of file system like
 * any other, but the kernel's own: not counted, not reported, mounted once at the start and unmounted last.
 *
 * Locks: rootfs_lock, see rootfs_internal.h. Called by sys_boot.c and sys_mount.c.
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vnode_if.h>
#include <libkern/libkern.h>
#include <string.h>

#include "vfs/mount_internal.h"
#include "vfs/rootfs_internal.h"
#include "vfs/sys_internal.h"

#define MOUNT_DIR "mnt"

lck_mtx_t rootfs_lock;

static vfstable_t rootfs_type;
static struct rootfs_node *root_node, *mnt_node; /* constant while mounted */
static _Atomic(uint32_t) mountpoints_made;

static struct rootfs_node *dir_make(struct rootfs_node *parent, const char *name)
{
    const struct rootfs_new args = {.name = name, .namelen = strlen(name), .mode = ROOTFS_MODE, .type = VDIR};
    struct rootfs_node *node = rootfs_node_make(&args);
    lck_mtx_lock(&rootfs_lock);
    if (parent)
        rootfs_node_enter_locked(parent, node);
    else
        node->rn_parent = node;
    lck_mtx_unlock(&rootfs_lock);
    return node;
}

/* Takes the names from all that is left; what has a vnode goes with it. Lock held. */
static void tree_drop_locked(struct rootfs_node *node)
{
    struct rootfs_node *child;
    while ((child = TAILQ_FIRST(&node->rn_children)) != NULL) {
        tree_drop_locked(child);
        rootfs_node_remove_locked(child);
    }
}

/* ---- VFS operations ------------------------------------------------------------------------------------ */

static int rootfs_mount(struct mount *mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    (void)devvp;
    (void)data;
    (void)ctx;
    if (root_node)
        return EBUSY;
    root_node = dir_make(NULL, "/");
    devfs_attach(dir_make(root_node, "dev"));
    mnt_node = dir_make(root_node, MOUNT_DIR);
    vfs_setfsprivate(mp, root_node);
    vfs_getnewfsid(mp);
    vfs_statfs(mp)->f_bsize = ROOTFS_BLOCK_SIZE;
    vfs_statfs(mp)->f_iosize = ROOTFS_BLOCK_SIZE;
    return 0;
}

static int rootfs_unmount(struct mount *mp, int flags, vfs_context_t ctx)
{
    (void)ctx;
    int error = vflush(mp, NULL, flags & MNT_FORCE ? FORCECLOSE : 0);
    if (error)
        return error;
    devfs_detach();
    lck_mtx_lock(&rootfs_lock);
    tree_drop_locked(root_node);
    root_node->rn_parent = NULL;
    rootfs_node_rele_locked(root_node);
    root_node = mnt_node = NULL;
    lck_mtx_unlock(&rootfs_lock);
    return 0;
}

static int rootfs_root(struct mount *mp, vnode_t *vpp, vfs_context_t ctx)
{
    (void)ctx;
    return rootfs_node_vnode(root_node, mp, NULL, NULL, vpp);
}

static int rootfs_getattr(struct mount *mp, struct vfs_attr *vfa, vfs_context_t ctx)
{
    (void)mp;
    (void)ctx;
    VFSATTR_RETURN(vfa, f_bsize, ROOTFS_BLOCK_SIZE);
    VFSATTR_RETURN(vfa, f_iosize, ROOTFS_BLOCK_SIZE);
    VFSATTR_RETURN(vfa, f_blocks, 0);
    VFSATTR_RETURN(vfa, f_bfree, 0);
    VFSATTR_RETURN(vfa, f_bavail, 0);
    VFSATTR_RETURN(vfa, f_bused, 0);
    VFSATTR_RETURN(vfa, f_files, rootfs_node_count());
    VFSATTR_RETURN(vfa, f_ffree, 0);
    return 0;
}

static struct vfsops rootfs_vfsops = {
    .vfs_mount = rootfs_mount,
    .vfs_unmount = rootfs_unmount,
    .vfs_root = rootfs_root,
    .vfs_getattr = rootfs_getattr,
};

/* ---- start and end ------------------------------------------------------------------------------------- */

int rootfs_boot(vfs_context_t ctx)
{
    struct vnodeopv_desc *vectors[] = {(struct vnodeopv_desc *)(uintptr_t)&rootfs_vnodeop_opv_desc,
                                       (struct vnodeopv_desc *)(uintptr_t)&rootfs_device_vnodeop_opv_desc};
    struct vfs_fsentry entry = {
        .vfe_vfsops = &rootfs_vfsops,
        .vfe_vopcnt = 2,
        .vfe_opvdescs = vectors,
        .vfe_fsname = "rootfs",
        .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBL64BITREADY |
                     VFS_TBLREADDIR_EXTENDED | VFS_TBLGENERICMNTARGS,
    };
    lck_mtx_init(&rootfs_lock, call_lock_group, NULL);
    int error = vfs_fsadd_internal(&entry, &rootfs_type);
    if (error)
        goto out_lock;
    struct mount_attach args = {.type = "rootfs",
                                .from = "none",
                                .on = "/",
                                .flags = MNT_ROOTFS | MNT_LOCAL,
                                .kern_flags = MNTK_KERNELROOT};
    mount_t mp;
    uint32_t id;
    error = mount_attach(&args, ctx, &mp, &id);
    if (error)
        goto out_type;
    mount_root_set(mp);
    return 0;
out_type:
    vfs_fsremove(rootfs_type);
out_lock:
    lck_mtx_destroy(&rootfs_lock, call_lock_group);
    return error;
}

int rootfs_shutdown(vfs_context_t ctx)
{
    mount_t mp = mount_root();
    mount_ref(mp);
    int error = mount_detach(mp, 0, ctx, NULL, 0);
    mount_rele(mp);
    if (error)
        return error;
    mount_root_set(NULL);
    error = vfs_fsremove(rootfs_type);
    KASSERT(!error, "the root file system cannot be unregistered: %d", error);
    KASSERT(rootfs_node_count() == 0, "%u directories of the root are left", rootfs_node_count());
    lck_mtx_destroy(&rootfs_lock, call_lock_group);
    return 0;
}

/* ---- directories to mount on --------------------------------------------------------------------------- */

/* The vnode of @node in the directory @dvp, with name and parent: paths of what is mounted there go through
 * it. */
static int named_vnode(struct rootfs_node *node, vnode_t dvp, vnode_t *vpp)
{
    struct componentname name = {
        .cn_nameiop = LOOKUP, .cn_nameptr = node->rn_name, .cn_namelen = (int)node->rn_namelen};

    return rootfs_node_vnode(node, mount_root(), dvp, &name, vpp);
}

static int mountpoint_vnode(struct rootfs_node *node, vnode_t *vpp)
{
    vnode_t root, dir;
    int error = rootfs_node_vnode(root_node, mount_root(), NULL, NULL, &root);

    if (error)
        return error;
    error = named_vnode(mnt_node, root, &dir);
    vnode_put(root);
    if (error)
        return error;
    error = named_vnode(node, dir, vpp);
    vnode_put(dir);
    return error;
}

int rootfs_mountpoint_make(vnode_t *vpp, char *path, size_t size)
{
    char name[16];
    struct rootfs_node *node;
    int error;
    do { /* somebody may have made a directory of that name */
        unsigned number = atomic_fetch_add_explicit(&mountpoints_made, 1, memory_order_relaxed) + 1;
        snprintf(name, sizeof(name), "%u", number);
        const struct rootfs_new args = {
            .name = name, .namelen = strlen(name), .mode = ROOTFS_MODE, .type = VDIR, .mount_made = true};
        node = rootfs_node_make(&args);
        lck_mtx_lock(&rootfs_lock);
        error = rootfs_node_enter_locked(mnt_node, node);
        if (error)
            rootfs_node_rele_locked(node);
        else
            node->rn_refs++;
        lck_mtx_unlock(&rootfs_lock);
    } while (error == EEXIST);
    if (error)
        return error;
    error = mountpoint_vnode(node, vpp);
    if (error) {
        lck_mtx_lock(&rootfs_lock);
        rootfs_node_remove_locked(node);
        lck_mtx_unlock(&rootfs_lock);
    } else {
        snprintf(path, size, "/%s/%s", MOUNT_DIR, name);
    }
    rootfs_node_rele(node);
    return error;
}

int rootfs_path(vnode_t vp, char *path, size_t size)
{
    size_t at = size, len;
    const struct rootfs_node *node = vnode_fsnode(vp);
    int error = size < 2 ? ENAMETOOLONG : 0;

    if (error)
        return error;
    path[--at] = '\0';
    lck_mtx_lock(&rootfs_lock);
    for (; node && node->rn_parent && node->rn_parent != node; node = node->rn_parent) {
        len = node->rn_namelen;
        if (len + 1 > at) {
            error = ENAMETOOLONG;
            break;
        }
        at -= len;
        memcpy(path + at, node->rn_name, len);
        path[--at] = '/';
    }
    lck_mtx_unlock(&rootfs_lock);
    if (!error && at == size - 1)
        path[--at] = '/';
    if (!error)
        memmove(path, path + at, size - at);
    return error;
}

void rootfs_mountpoint_drop(vnode_t vp)
{
    if (vnode_mount(vp) != mount_root())
        return;
    struct rootfs_node *node = vnode_fsnode(vp);
    if (!node->rn_mount_made || vnode_mountedhere(vp))
        return;
    cache_purge(vp);
    lck_mtx_lock(&rootfs_lock);
    rootfs_node_remove_locked(node);
    lck_mtx_unlock(&rootfs_lock);
    vnode_recycle(vp);
}
