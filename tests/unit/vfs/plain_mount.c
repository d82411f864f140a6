// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mounting a test's own file system. See plain_mount.h.
 */
#include <libkern/libkern.h>

#include "buf/buf_iface.h"
#include "tests/support/ktest.h"
#include "tests/unit/vfs/plain_mount.h"
#include "ubc/ubc_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"

mount_t plain_mounted;
static int (*root_of)(struct vnode **vpp);
static vfstable_t type;

static int mount_op(struct mount *mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    (void)devvp, (void)data, (void)ctx;
    plain_mounted = mp;
    return 0;
}

static int unmount_op(struct mount *mp, int flags, vfs_context_t ctx)
{
    (void)ctx;
    return vflush(mp, NULLVP, flags & MNT_FORCE ? FORCECLOSE : 0);
}

static int root_op(struct mount *mp, struct vnode **vpp, vfs_context_t ctx)
{
    (void)mp, (void)ctx;
    return root_of(vpp);
}

static struct vfsops vfsops = {
    .vfs_mount = mount_op,
    .vfs_unmount = unmount_op,
    .vfs_root = root_op,
};

void plain_mount_begin(const struct plain_mount *what)
{
    struct vfs_boot_args args = {.max_vnodes = 64, .ledger = true, .cache_bytes = what->cache_bytes};
    struct vfs_fsentry entry = {
        .vfe_vfsops = &vfsops,
        .vfe_vopcnt = what->ndescs,
        .vfe_opvdescs = what->descs,
        .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBL64BITREADY | VFS_TBLNOTYPENUM | (uint32_t)what->flags,
    };
    struct mount_attach attach = {
        .type = what->name, .from = what->name, .on = "/", .kern_flags = MNTK_KERNELROOT};
    uint32_t id;
    mount_t mp;
    strlcpy(entry.vfe_fsname, what->name, sizeof(entry.vfe_fsname));
    root_of = what->root;
    KT_ASSERT_OK(vfs_boot(&args));
    KT_ASSERT_OK(vfs_fsadd_internal(&entry, &type));
    KT_ASSERT_OK(mount_attach(&attach, vfs_context_current(), &mp, &id));
    mount_root_set(mp);
}

void plain_mount_end(void)
{
    struct ubc_counters pages = {0};
    struct buf_counters left;
    KT_ASSERT_OK(mount_detach(plain_mounted, 0, vfs_context_current(), NULL, 0));
    ubc_counters_get(&pages);
    buf_counters_get(&left);
    KT_ASSERT(!pages.files && !pages.pages && !pages.dirty);
    KT_ASSERT(!left.clean && !left.dirty && !left.dirty_bytes && !left.io_buffers && !left.bytes);
    KT_ASSERT_OK(vfs_fsremove(type));
    KT_ASSERT_OK(vfs_shutdown());
}
