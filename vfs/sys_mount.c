// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mounting, changing a mount, unmounting, and what there is to know about mounts.
 *
 * A mount covers a directory of the kernel's own tree: the one that the caller names, or one made for it
 * under /mnt that goes again with the mount. The argument of the type's own reaches VFS_MOUNT as user memory,
 * for copyin.
 *
 * Types that want a disk (VFS_TBLLOCALVOL without VFS_TBLGENERICMNTARGS): the host names it in `special`, a
 * block device of the kernel's own tree, and the argument begins with the pointer that Darwin's mount
 * programs put there, which is skipped as Darwin's VFS does. No lock. Called by the host and the tests.
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/unistd.h>
#include <libkern/libkern.h>
#include <string.h>

#include "vfs/device_internal.h"
#include "vfs/mount_internal.h"
#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

#define MOUNT_FLAGS                                                                                          \
    (SYS_MNT_RDONLY | SYS_MNT_SYNCHRONOUS | SYS_MNT_NOEXEC | SYS_MNT_NOSUID | SYS_MNT_NODEV |                \
     SYS_MNT_UNION | SYS_MNT_NOATIME)

static int text_check(const char *text, size_t max)
{
    return text && strnlen(text, max) >= max ? ENAMETOOLONG : 0;
}

static int args_check(const struct sys_mount *args)
{
    if (!args || !args->type || !*args->type || !args->special)
        return EINVAL;
    if ((args->flags & ~(MOUNT_FLAGS | SYS_MNT_UPDATE | SYS_MNT_RELOAD | SYS_MNT_FORCE)) ||
        (args->data_size && !args->data))
        return EINVAL;
    if ((args->flags & (SYS_MNT_FORCE | SYS_MNT_RELOAD)) && !(args->flags & SYS_MNT_UPDATE))
        return EINVAL;
    if (args->backing.kind > SYS_BACKING_DEVICE)
        return EINVAL;
    int error = text_check(args->type, SYS_FSTYPE_MAX);
    if (!error)
        error = text_check(args->special, SYS_PATH_MAX);
    if (!error)
        error = text_check(args->shown_on, SYS_PATH_MAX);
    return error;
}

/* ---- the device ---------------------------------------------------------------------------------------- */

bool call_type_wants_disk(const struct vfstable *type)
{
    return (type->vfc_flags & VFS_TBLLOCALVOL) && !(type->vfc_flags & VFS_TBLGENERICMNTARGS);
}

static kauth_action_t device_rights(uint64_t flags)
{
    return flags & SYS_MNT_RDONLY ? KAUTH_VNODE_READ_DATA : KAUTH_VNODE_READ_DATA | KAUTH_VNODE_WRITE_DATA;
}

/* The disk that @path names, which the caller may use. Refs: gives an iocount on *devvp. */
static int device_find(const struct sys_call *call, const char *path, uint64_t flags, vnode_t *devvp)
{
    struct bdevsw driver;
    vnode_t vp;
    int error = vnode_lookup(path, 0, &vp, call->c_ctx);
    if (error)
        return error;
    if (vnode_vtype(vp) != VBLK)
        error = ENOTBLK;
    else if (!device_block_get(vnode_specrdev(vp), &driver))
        error = ENXIO;
    else if (!vfs_context_issuser(call->c_ctx))
        error = vnode_authorize(vp, NULL, device_rights(flags), call->c_ctx);
    if (error)
        vnode_put(vp);
    else
        *devvp = vp;
    return error;
}

static const char *device_trouble(int error)
{
    switch (error) {
    case ENOENT:
        return "there is none of that name in the kernel half's tree";
    case ENOTBLK:
        return "that is none";
    case ENXIO:
        return "no driver stands behind that one";
    case EACCES:
    case EPERM:
        return "the one who asks may not use that one";
    default:
        return "that one cannot be found";
    }
}

struct mount_data {
    vnode_t devvp;
    user_addr_t addr;
    struct kern_user_range range;
};

static void __attribute__((format(printf, 2, 3)))
mount_why(const struct sys_mount *args, const char *format, ...)
{
    va_list ap;
    if (!args->why_size)
        return;
    va_start(ap, format);
    vsnprintf(args->why, args->why_size, format, ap);
    va_end(ap);
}

/* Past the pointer to the device's name, which the type does not see. */
static int data_skip_name(const struct sys_mount *args, struct mount_data *data)
{
    if (args->data_is_text && args->data_size)
        return 0;
    if (!args->data_size) {
        data->addr = kern_user_addr(data) + sizeof(user_addr_t); /* an address, with nothing to read there */
        return 0;
    }
    if (args->data_size < sizeof(user_addr_t)) {
        mount_why(args, "its mount arguments begin with a pointer to the device's name, of %u bytes",
                  (unsigned)sizeof(user_addr_t));
        return EINVAL;
    }
    data->addr += sizeof(user_addr_t);
    return 0;
}

/* The device of a new mount, or the one that @mp, which is to be changed, lies on. */
static int data_device(const struct sys_call *call, const struct sys_mount *args, mount_t mp,
                       struct mount_data *data)
{
    int error;
    if (mp) {
        data->devvp = vfs_devvp(mp);
        error = data->devvp ? vnode_getwithref(data->devvp) : 0;
        if (error)
            data->devvp = NULL;
        return error;
    }
    error = device_find(call, args->special, args->flags, &data->devvp);
    if (error)
        mount_why(args, "%s wants a block device, and %s", args->type, device_trouble(error));
    return error;
}

/* Lends @args->data to the call and finds the device where the type wants one. @mp: what is to be changed, or
 * NULL. End with data_end(). */
static int data_begin(const struct sys_call *call, const struct sys_mount *args, mount_t mp,
                      struct mount_data *data)
{
    struct vfstable *type = vfs_type_hold(args->type);
    if (!type)
        return ENODEV;
    bool wants_device = call_type_wants_disk(type);
    vfs_type_drop(type);
    data->devvp = NULL;
    data->addr = args->data_size ? kern_user_addr(args->data) : 0;
    if (wants_device) {
        int error = data_skip_name(args, data);
        if (!error)
            error = data_device(call, args, mp, data);
        if (error)
            return error;
    }
    kern_user_range_push(&data->range, (void *)(uintptr_t)args->data, args->data_size, false);
    return 0;
}

static void data_end(struct mount_data *data)
{
    kern_user_range_pop(&data->range);
    if (data->devvp)
        vnode_put(data->devvp);
}

/* ---- mount --------------------------------------------------------------------------------------------- */

/* The directory to mount on, with an iocount; @path gets the name it has in the kernel's tree. */
static int covered_find(const struct sys_call *call, const struct sys_mount *args, vnode_t *vpp, char *path)
{
    if (!args->on)
        return rootfs_mountpoint_make(vpp, path, SYS_PATH_MAX);
    struct lookup lk;
    /* What is mounted there already is not to be mounted upon: it is in the way. */
    int error = call_lookup_at(call, &lk, NULL, args->on, SYS_AT_NOCROSS, LOOKUP, true);
    if (error)
        return error;
    *vpp = lk.lk_vp;
    strlcpy(path, args->on, SYS_PATH_MAX);
    return 0;
}

static int root_describe(const struct sys_call *call, uint32_t mount_id, struct sys_node *root)
{
    mount_t mp;
    vnode_t vp;
    int error = mount_find_busy(mount_id, &mp);
    if (error)
        return error;
    error = VFS_ROOT(mp, &vp, call->c_ctx);
    if (!error) {
        error = call_describe(call, vp, root, NULL);
        vnode_put(vp);
    }
    vfs_unbusy(mp);
    return error;
}

static void withdraw(const struct sys_call *call, uint32_t mount_id)
{
    mount_t mp = mount_find(mount_id);
    if (!mp)
        return;
    mount_detach(mp, MNT_FORCE, call->c_ctx, NULL, 0);
    mount_rele(mp);
}

struct mount_backing call_backing(const struct sys_backing *backing)
{
    static const enum backing_kind kinds[] = {
        [SYS_BACKING_NONE] = BACKING_NONE,
        [SYS_BACKING_FILE] = BACKING_HOST_FILE,
        [SYS_BACKING_DEVICE] = BACKING_HOST_DEVICE,
    };
    return (struct mount_backing){kinds[backing->kind], backing->dev, backing->ino};
}

static int mount_new(const struct sys_call *call, const struct sys_mount *args, uint32_t *mount_id,
                     struct sys_node *root)
{
    char path[SYS_PATH_MAX];
    struct mount_data data;
    vnode_t covered;
    mount_t mp;
    uint32_t id;
    int error = covered_find(call, args, &covered, path);
    if (error)
        return error;
    error = data_begin(call, args, NULL, &data);
    if (error)
        goto uncover;
    struct mount_attach attach = {
        .type = args->type,
        .from = args->special,
        .on = args->shown_on ? args->shown_on : path,
        .flags = args->flags,
        .covered = covered,
        .devvp = data.devvp,
        .data = data.addr,
        .backing = call_backing(&args->backing),
        .why = args->why,
        .why_size = args->why_size,
    };
    error = mount_attach(&attach, call->c_ctx, &mp, &id);
    data_end(&data);
    if (!error && root) {
        error = root_describe(call, id, root);
        if (error)
            withdraw(call, id);
    }
    if (!error)
        *mount_id = id;
uncover:
    if (error)
        rootfs_mountpoint_drop(covered);
    vnode_put(covered);
    return error;
}

/* ---- update -------------------------------------------------------------------------------------------- */

/* The mount that an update means, busy. */
static int updated_find(const struct sys_call *call, const struct sys_mount *args, uint32_t mount_id,
                        mount_t *mpp)
{
    if (!args->on)
        return mount_find_busy(mount_id, mpp) == EINTR ? EINTR : *mpp ? 0 : EINVAL;
    struct lookup lk;
    int error = call_lookup_at(call, &lk, NULL, args->on, 0, LOOKUP, true);
    if (error)
        return error;
    error = vnode_isvroot(lk.lk_vp) ? 0 : EINVAL;
    if (!error)
        error = mount_find_busy(vfs_mount_id(vnode_mount(lk.lk_vp)), mpp);
    lookup_done(&lk);
    return error;
}

static int mount_change(const struct sys_call *call, const struct sys_mount *args, uint32_t *mount_id,
                        struct sys_node *root)
{
    struct mount_data data;
    mount_t mp;
    int error = updated_find(call, args, *mount_id, &mp);
    if (error)
        return error;
    error = strcmp(mp->mnt_type->vfc_name, args->type) || mount_kern_is(mp, MNTK_KERNELROOT) ? EINVAL : 0;
    if (!error)
        error = data_begin(call, args, mp, &data);
    if (!error) {
        error = mount_update(mp, args->flags, data.devvp, data.addr, call->c_ctx);
        data_end(&data);
    }
    uint32_t id = vfs_mount_id(mp);
    vfs_unbusy(mp);
    if (!error && root)
        error = root_describe(call, id, root);
    if (!error)
        *mount_id = id;
    return error;
}

int sys_mount(sys_caller_t *who, const struct sys_mount *args, uint32_t *mount_id, struct sys_node *root)
{
    struct sys_call call;
    int error = args_check(args);
    if (error)
        return error;
    CALL_ENTER(&call, who);
    if (args->flags & SYS_MNT_UPDATE)
        error = mount_change(&call, args, mount_id, root);
    else
        error = mount_new(&call, args, mount_id, root);
    call_leave(&call);
    return error;
}

int sys_resize(sys_caller_t *who, uint32_t mount_id, uint64_t bytes)
{
    struct sys_call call;
    mount_t mp;
    CALL_ENTER(&call, who);
    int error = mount_find_busy(mount_id, &mp);
    if (!error) {
        error = mount_kern_is(mp, MNTK_KERNELROOT) ? EINVAL : mount_resize(mp, bytes, call.c_ctx);
        vfs_unbusy(mp);
    }
    call_leave(&call);
    return error;
}

/* ---- unmount ------------------------------------------------------------------------------------------- */

static int detach(const struct sys_call *call, mount_t mp, uint64_t flags, char *why, size_t why_size)
{
    if (mount_kern_is(mp, MNTK_KERNELROOT)) {
        if (why)
            strlcpy(why, "it is the root of the kernel's own tree", why_size);
        return EBUSY;
    }
    /* The directory must outlive the mount until it is known whether it goes too. */
    vnode_t covered = mp->mnt_covered;
    bool kept = covered && vnode_getwithref(covered) == 0;
    int error = mount_detach(mp, flags & SYS_MNT_FORCE ? MNT_FORCE : 0, call->c_ctx, why, why_size);
    if (kept) {
        if (!error)
            rootfs_mountpoint_drop(covered);
        vnode_put(covered);
    }
    return error;
}

int sys_unmount(sys_caller_t *who, uint32_t mount_id, uint64_t flags, char *why, size_t why_size)
{
    struct sys_call call;
    if (flags & ~SYS_MNT_FORCE)
        return EINVAL;
    if (why && why_size)
        why[0] = '\0';
    CALL_ENTER(&call, who);
    mount_t mp = mount_find(mount_id);
    int error = mp ? detach(&call, mp, flags, why_size ? why : NULL, why_size) : ENOENT;
    if (mp)
        mount_rele(mp);
    call_leave(&call);
    return error;
}

unsigned sys_mount_holders(uint32_t mount_id, char *why, size_t why_size)
{
    mount_t mp = mount_find(mount_id);
    unsigned held = 0;
    why[0] = '\0';
    if (mp) {
        held = vfs_mount_holders(mp, why, why_size);
        mount_rele(mp);
    }
    return held;
}

/* ---- what there is ------------------------------------------------------------------------------------- */

int sys_mount_root(uint32_t mount_id, struct sys_node *root)
{
    struct sys_call call;
    CALL_ENTER(&call, sys_caller_kernel());
    int error = root_describe(&call, mount_id, root);
    call_leave(&call);
    return error;
}

int sys_mount_info(uint32_t mount_id, struct sys_mount_info *info)
{
    struct vfs_type_abilities can;
    mount_t mp = mount_find(mount_id);
    if (!mp)
        return ENOENT;
    const struct vfsstatfs *stat = vfs_statfs(mp);
    vfs_mount_abilities(mp, &can);
    info->mount_id = mount_id;
    info->type_num = (uint32_t)vfs_typenum(mp);
    info->flags = vfs_flags(mp) & MNT_VISFLAGMASK;
    info->has_open = can.has_open;
    info->has_close = can.has_close;
    info->has_vget = can.has_vget;
    info->has_xattr = can.has_xattr;
    strlcpy(info->type, stat->f_fstypename, sizeof(info->type));
    strlcpy(info->special, stat->f_mntfromname, sizeof(info->special));
    strlcpy(info->shown_on, stat->f_mntonname, sizeof(info->shown_on));
    info->vnodes = vfs_mount_vnodes(mp);
    info->vnode_ops = vfs_mount_ops(mp);
    mount_rele(mp);
    return 0;
}

int sys_mount_path(uint32_t mount_id, char *path, size_t size)
{
    mount_t mp;
    int len = (int)(size < SYS_PATH_MAX ? size : SYS_PATH_MAX);
    int error = mount_find_busy(mount_id, &mp);
    if (error)
        return error;
    vnode_t covered = mp->mnt_covered;
    error = vnode_getwithref(covered);
    if (!error) {
        error = vnode_mount(covered) == mount_root() ? rootfs_path(covered, path, size)
                                                     : vn_getpath(covered, path, &len);
        vnode_put(covered);
    }
    vfs_unbusy(mp);
    return error == ENOSPC ? ENAMETOOLONG : error;
}

size_t sys_mount_list(uint32_t *mount_ids, size_t max)
{
    size_t count = 0;
    mount_t mp;
    mount_list_lock();
    TAILQ_FOREACH(mp, &mount_list, mnt_list)
    {
        if (mount_kern_is(mp, MNTK_KERNELROOT))
            continue;
        if (count < max)
            mount_ids[count] = mp->mnt_id;
        count++;
    }
    mount_list_unlock();
    return count;
}

/* The longest name, which Darwin asks of a file rather than of the mount. */
static uint32_t name_max(mount_t mp, vfs_context_t ctx)
{
    int32_t max = 0;
    vnode_t vp;
    if (VFS_ROOT(mp, &vp, ctx))
        return SYS_NAME_MAX;
    if (call_pathconf(vp, _PC_NAME_MAX, &max, ctx) || max <= 0 || max > (int32_t)SYS_NAME_MAX)
        max = (int32_t)SYS_NAME_MAX;
    vnode_put(vp);
    return (uint32_t)max;
}

static void statfs_ask(struct vfs_attr *vfa)
{
    VFSATTR_INIT(vfa);
    VFSATTR_WANTED(vfa, f_bsize);
    VFSATTR_WANTED(vfa, f_iosize);
    VFSATTR_WANTED(vfa, f_blocks);
    VFSATTR_WANTED(vfa, f_bfree);
    VFSATTR_WANTED(vfa, f_bavail);
    VFSATTR_WANTED(vfa, f_files);
    VFSATTR_WANTED(vfa, f_ffree);
}

static void statfs_take(struct sys_statfs *out, const struct vfs_attr *vfa, mount_t mp)
{
    const struct vfsstatfs *stat = vfs_statfs(mp);
    memset(out, 0, sizeof(*out));
    out->bsize = VFSATTR_IS_SUPPORTED(vfa, f_bsize) ? vfa->f_bsize : stat->f_bsize;
    out->iosize = (uint32_t)(VFSATTR_IS_SUPPORTED(vfa, f_iosize) ? vfa->f_iosize : stat->f_iosize);
    if (VFSATTR_IS_SUPPORTED(vfa, f_blocks))
        out->blocks = vfa->f_blocks;
    if (VFSATTR_IS_SUPPORTED(vfa, f_bfree))
        out->bavail = out->bfree = vfa->f_bfree;
    if (VFSATTR_IS_SUPPORTED(vfa, f_bavail))
        out->bavail = vfa->f_bavail;
    if (VFSATTR_IS_SUPPORTED(vfa, f_files))
        out->files = vfa->f_files;
    if (VFSATTR_IS_SUPPORTED(vfa, f_ffree))
        out->ffree = vfa->f_ffree;
    out->fsid = (uint64_t)(uint32_t)stat->f_fsid.val[0] | (uint64_t)(uint32_t)stat->f_fsid.val[1] << 32;
    out->flags = vfs_flags(mp) & MNT_VISFLAGMASK;
    strlcpy(out->type, stat->f_fstypename, sizeof(out->type));
}

int sys_statfs(sys_caller_t *who, uint32_t mount_id, struct sys_statfs *out)
{
    struct sys_call call;
    struct vfs_attr vfa;
    mount_t mp;
    CALL_ENTER(&call, who);
    int error = mount_find_busy(mount_id, &mp);
    if (error)
        goto leave;
    statfs_ask(&vfa);
    error = vfs_getattr(mp, &vfa, call.c_ctx);
    if (!error) {
        statfs_take(out, &vfa, mp);
        out->namemax = name_max(mp, call.c_ctx);
    }
    vfs_unbusy(mp);
leave:
    call_leave(&call);
    return error;
}

int sys_sync(sys_caller_t *who, uint32_t mount_id, bool wait)
{
    struct sys_call call;
    mount_t mp;
    CALL_ENTER(&call, who);
    int error = mount_find_busy(mount_id, &mp);
    if (!error) {
        error = vfs_isrdonly(mp) ? 0 : VFS_SYNC(mp, wait ? MNT_WAIT : MNT_NOWAIT, call.c_ctx);
        if (!error && wait)
            error = mount_device_sync(vfs_devvp(mp), call.c_ctx);
        vfs_unbusy(mp);
    }
    call_leave(&call);
    return error;
}
