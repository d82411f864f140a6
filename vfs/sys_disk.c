// SPDX-License-Identifier: BSD-2-Clause
/*
 * Disks of the host, as the host program and tests attach them. The driver is buf/disk.c.
 *
 * No lock. Called by the host and the tests.
 */
#include <sys/errno.h>
#include <libkern/libkern.h>

#include "buf/disk_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/sys_internal.h"

_Static_assert(SYS_DISK_NODE_MAX == DISK_NODE_MAX, "a name of a node fits");

int sys_disk_attach(sys_caller_t *who, const struct sys_disk *args, uint32_t *unit,
                    char node[SYS_DISK_NODE_MAX])
{
    struct sys_call call;
    if (!args || (!args->disk && (!args->path || args->path[0] != '/')) ||
        args->backing.kind > SYS_BACKING_DEVICE)
        return EINVAL;
    const struct mount_backing backing = call_backing(&args->backing);
    char *why = args->why_size ? args->why : NULL;
    CALL_ENTER(&call, who);
    kauth_cred_t cred = vfs_context_ucred(call.c_ctx);
    const struct disk_new fresh = {
        .path = args->path,
        .disk = args->disk,
        .read_only = args->read_only,
        .uid = kauth_cred_getuid(cred),
        .gid = kauth_cred_getgid(cred),
        .why = why,
        .why_size = args->why_size,
    };
    /* Whoever has it mounted here is the better answer than that this process has it. */
    int error = mount_backing_in_use(&backing, why, args->why_size) ? EBUSY : disk_attach(&fresh, unit);
    call_leave(&call);
    if (!error)
        snprintf(node, SYS_DISK_NODE_MAX, "/dev/disk%u", *unit);
    return error;
}

int sys_disk_detach(uint32_t unit)
{
    struct sys_call call;
    CALL_ENTER(&call, sys_caller_kernel());
    int error = disk_detach(unit);
    call_leave(&call);
    return error;
}

void sys_disk_detach_all(void)
{
    struct sys_call call;
    CALL_ENTER(&call, sys_caller_kernel());
    for (uint32_t unit = 0; unit < DISKS_MAX; unit++)
        disk_detach(unit);
    call_leave(&call);
}

bool sys_type_wants_disk(const char *name)
{
    struct vfstable *type = vfs_type_hold(name);
    if (!type)
        return false;
    bool wants = call_type_wants_disk(type);
    vfs_type_drop(type);
    return wants;
}
