// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start and end of the VFS core, in order and back, and its counters.
 *
 * Called by the system-call layer's boot; no other call into vfs/ runs before vfs_boot() returned or after
 * vfs_shutdown() began.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "buf/buf_iface.h"
#include "buf/disk_iface.h"
#include "ubc/ubc_iface.h"
#include "vfs/authorize_internal.h"
#include "vfs/device_internal.h"
#include "vfs/file_table_internal.h"
#include "vfs/fileop_internal.h"
#include "vfs/mount_internal.h"
#include "vfs/suspend_internal.h"
#include "vfs/vfs_event_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnode_checked_internal.h"
#include "vfs/vnode_special_internal.h"
#include "vfs/vnop_internal.h"

#define NAMES_PER_VNODE 2u

static bool booted;

int vfs_boot(const struct vfs_boot_args *args)
{
    if (booted)
        return EALREADY;
    int error = validate_boot(args->validate, args->exceptions);
    if (error)
        return error;
    error = vnode_table_boot(args->max_vnodes);
    if (error)
        goto validator;
    error = name_string_boot();
    if (error)
        goto table;
    error = name_cache_boot((uint32_t)desiredvnodes * NAMES_PER_VNODE);
    if (error)
        goto strings;
    error = vnode_special_boot();
    if (error)
        goto cache;
    error = authorize_scope_boot();
    if (error)
        goto special;
    error = fileop_scope_boot();
    if (error)
        goto authorize;
    error = buf_boot(args->cache_bytes);
    if (error)
        goto fileop;
    ubc_boot((uint32_t)desiredvnodes);
    mount_table_boot();
    suspend_boot();
    vfs_event_boot();
    device_boot();
    error = disk_boot();
    KASSERT(!error, "the numbers of disks are taken at the start: %d", error);
    file_table_boot();
    iocount_ledger_boot(args->ledger || validate_on());
    if (validate_on())
        long_refs_boot();
    booted = true;
    return 0;

fileop:
    fileop_scope_shutdown();
authorize:
    authorize_scope_shutdown();
special:
    vnode_special_shutdown();
cache:
    name_cache_shutdown();
strings:
    name_string_shutdown();
table:
    vnode_table_shutdown();
validator:
    validate_shutdown();
    return error;
}

int vfs_shutdown(void)
{
    struct vfs_counters now;
    if (!booted)
        return 0;
    vfs_counters_get(&now);
    if (now.mounts || mount_root() || vfs_register_count(true))
        return EBUSY;
    booted = false;
    ubc_shutdown();
    buf_shutdown(); /* early: a flush under way has iocounts */
    file_table_shutdown();
    fileop_scope_shutdown();
    authorize_scope_shutdown();
    disk_shutdown();
    device_shutdown();
    if (validate_on())
        long_refs_shutdown();
    iocount_ledger_shutdown();
    vfs_event_shutdown();
    name_cache_shutdown();
    suspend_shutdown();
    mount_table_shutdown();
    name_string_shutdown();
    vnode_table_shutdown();
    vnode_special_shutdown();
    validate_shutdown();
    return 0;
}

void vfs_counters_get(struct vfs_counters *out)
{
    struct mount *mp;
    vnode_table_counters(out);
    out->mounts = 0;
    mount_list_lock();
    TAILQ_FOREACH(mp, &mount_list, mnt_list)
    out->mounts += !mount_kern_is(mp, MNTK_KERNELROOT);
    mount_list_unlock();
    out->file_systems = vfs_register_count(false);
    cache_sweep();
    out->name_cache_entries = name_cache_count();
    out->name_strings = name_string_count();
}
