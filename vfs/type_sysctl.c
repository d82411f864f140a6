// SPDX-License-Identifier: BSD-2-Clause
/*
 * The sysctl operation of registered types: "vfs.<type number>.<n>..." leads to the type's vfs_sysctl with
 * the numbers that follow. The variable is part of the type and goes with it; withdrawing it waits for calls
 * under way. No lock. Called by vfs_register.c.
 */
#include <sys/errno.h>
#include <sys/sysctl.h>

#include "vfs/mount_internal.h"

static int type_handler(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
    const struct vfstable *type = __container_of(oidp, struct vfstable, vfc_sysctl);
    int error = type->vfc_ops->vfs_sysctl(arg1, (u_int)arg2, req->oldptr, &req->oldlen, req->newptr,
                                          req->newlen, vfs_context_current());
    req->oldidx = req->oldlen;
    return error;
}

void vfs_type_sysctl_add(struct vfstable *type)
{
    if (!type->vfc_ops->vfs_sysctl)
        return;
    type->vfc_sysctl = (struct sysctl_oid){
        .oid_parent = &sysctl__vfs_children,
        .oid_number = type->vfc_typenum,
        .oid_kind = (int)(CTLTYPE_NODE | CTLFLAG_RW | CTLFLAG_KERN | CTLFLAG_LOCKED | CTLFLAG_OID2),
        .oid_name = type->vfc_name,
        .oid_handler = type_handler,
        .oid_fmt = "-",
        .oid_version = SYSCTL_OID_VERSION,
    };
    sysctl_register_oid(&type->vfc_sysctl);
}

void vfs_type_sysctl_remove(struct vfstable *type)
{
    if (type->vfc_ops->vfs_sysctl)
        sysctl_unregister_oid(&type->vfc_sysctl);
}
