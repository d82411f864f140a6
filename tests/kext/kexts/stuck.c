// SPDX-License-Identifier: BSD-2-Clause
/* Registers a file system and forgets to take it back. */
#include <mach/kmod.h>
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/vnode.h>
#include <vfs/vfs_support.h>

kern_return_t stuck_start(kmod_info_t *ki, void *data);

static int (**stuck_vnodeop_p)(void *);
static struct vnodeopv_entry_desc stuck_entries[] = {
    {&vnop_default_desc, (int (*)(void *))(void (*)(void))vn_default_error},
    {NULL, NULL},
};
static struct vnodeopv_desc stuck_opv = {&stuck_vnodeop_p, stuck_entries};
static struct vnodeopv_desc *stuck_opvs[] = {&stuck_opv};

static int stuck_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
    (void)mp;
    (void)devvp;
    (void)data;
    (void)context;
    return ENOTSUP;
}

static struct vfsops stuck_vfsops = {.vfs_mount = stuck_mount};
static struct vfs_fsentry stuck_fsentry = {
    .vfe_vfsops = &stuck_vfsops,
    .vfe_vopcnt = 1,
    .vfe_opvdescs = stuck_opvs,
    .vfe_fsname = "stuckfs",
    .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBL64BITREADY,
};

kern_return_t stuck_start(kmod_info_t *ki, void *data)
{
    vfstable_t table;

    (void)ki;
    (void)data;
    return vfs_fsadd(&stuck_fsentry, &table) == 0 ? KERN_SUCCESS : KERN_FAILURE;
}
