// SPDX-License-Identifier: BSD-2-Clause
/*
 * Set-up and clean-up that the suites of the VFS core share. See core_tinyfs.h.
 */
#include <libkern/libkern.h>

#include "tests/support/ktest_kern.h"
#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/mount_internal.h"

struct tiny_mount *tiny_root, *tiny_mnt;
_Atomic(uint32_t) tiny_mnt_id;
static vfstable_t root_type, type;
static struct kern_call call;

vfs_context_t tiny_ctx(void)
{
    return vfs_context_current();
}

struct vfs_counters tiny_counters(void)
{
    struct vfs_counters now;
    vfs_counters_get(&now);
    return now;
}

struct vfs_fsentry tiny_entry(const char *name, struct vnodeopv_desc **descs)
{
    struct vfs_fsentry entry = {
        .vfe_vfsops = &tiny_vfsops,
        .vfe_vopcnt = 1,
        .vfe_opvdescs = descs,
        .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBL64BITREADY | VFS_TBLNOTYPENUM,
    };
    strlcpy(entry.vfe_fsname, name, sizeof(entry.vfe_fsname));
    return entry;
}

int tiny_mount_mnt(void)
{
    vnode_t dir;
    mount_t mp = NULL;
    uint32_t id = 0;
    KT_ASSERT_OK(tiny_get(tiny_root, 2, &dir));
    struct mount_attach args = {.type = "tiny", .from = "none", .on = "/n2", .covered = dir};
    int error = mount_attach(&args, tiny_ctx(), &mp, &id);
    vnode_put(dir);
    atomic_store(&tiny_mnt_id, id);
    tiny_mnt = error ? NULL : tiny_of(mp);
    return error;
}

int tiny_unmount_mnt(int flags)
{
    mount_t mp = mount_find(tiny_mnt_id);
    if (!mp)
        return ENOENT;
    int error = mount_detach(mp, flags, tiny_ctx(), NULL, 0);
    mount_rele(mp);
    if (!error)
        tiny_mnt = NULL;
    return error;
}

void tiny_boot(uint32_t max_vnodes, bool ledger)
{
    mount_t mp = NULL;
    uint32_t id;
    struct vfs_boot_args boot = {.max_vnodes = max_vnodes, .ledger = ledger};
    struct mount_attach root = {.type = "tinyroot", .from = "root", .on = "/", .kern_flags = MNTK_KERNELROOT};
    static struct vnodeopv_desc *root_descs[] = {&tiny_root_vector_desc}, *descs[] = {&tiny_vector_desc};
    struct vfs_fsentry root_entry = tiny_entry("tinyroot", root_descs), entry = tiny_entry("tiny", descs);
    KT_ASSERT_OK(vfs_boot(&boot));
    KT_ASSERT_OK(vfs_fsadd_internal(&root_entry, &root_type));
    KT_ASSERT_OK(mount_attach(&root, tiny_ctx(), &mp, &id));
    mount_root_set(mp);
    tiny_root = tiny_of(mp);
    tiny_add(tiny_root, TINY_ROOT, VDIR);
    KT_ASSERT_OK(vfs_fsadd(&entry, &type));
    KT_ASSERT_OK(tiny_mount_mnt());
}

void tiny_end(void)
{
    memset(&tiny_tricks, 0, sizeof(tiny_tricks));
    int error = tiny_unmount_mnt(0);
    KT_ASSERT(error == 0 || error == ENOENT);
    struct vfs_counters left = tiny_counters();
    KT_ASSERT_EQ(left.iocounts, 0);
    KT_ASSERT_EQ(left.usecounts, 0);
    KT_ASSERT_EQ(left.mounts, 0);
    KT_ASSERT_OK(vfs_fsremove(type));
    KT_ASSERT_OK(mount_detach(tiny_root->mp, 0, tiny_ctx(), NULL, 0));
    KT_ASSERT_OK(vfs_fsremove(root_type));
    left = tiny_counters();
    KT_ASSERT_EQ(left.vnodes, 0);
    KT_ASSERT_EQ(left.name_cache_entries, 0);
    KT_ASSERT_EQ(left.name_strings, 0);
    KT_ASSERT_EQ(left.file_systems, 0);
    KT_ASSERT_OK(vfs_shutdown());
    tiny_nodes_max = TINY_NODES;
}

void tiny_reboot(uint32_t max_vnodes, bool ledger)
{
    uint32_t nodes = tiny_nodes_max;
    tiny_end();
    tiny_nodes_max = nodes;
    tiny_boot(max_vnodes, ledger);
}

void tiny_suite_boot(void)
{
    ktest_kern_boot();
}

void tiny_suite_setup(void)
{
    ktest_kern_setup();
    memset(&tiny_tricks, 0, sizeof(tiny_tricks));
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    tiny_boot(64, true);
}

void tiny_suite_teardown(void)
{
    tiny_end();
    kern_leave(&call);
    ktest_kern_teardown();
}
