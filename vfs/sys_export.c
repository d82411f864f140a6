// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exports for a host program that serves files to clients over a network: to whom a mount is exported, and in
 * whose name a client's requests are carried out. The list is VFS's own (vfs_export.c), so kexts see the
 * same.
 *
 * No lock, no state: what a client's caller was allowed is kept with it and compared at each handle.
 */
#include <sys/errno.h>
#include <sys/socket.h>
#include <sys/vfs_handle.h>
#include <string.h>

#include "vfs/mount_internal.h"
#include "vfs/sys_internal.h"

_Static_assert(SYS_AF_INET == AF_INET && SYS_AF_INET6 == AF_INET6, "families of both sides");
_Static_assert(SYS_EXPORT_READONLY == VFS_EXPORT_READONLY && SYS_EXPORT_MAPROOT == VFS_EXPORT_MAPROOT &&
                   SYS_EXPORT_MAPALL == VFS_EXPORT_MAPALL,
               "flags of both sides");

static struct vfs_export_address address_in(const struct sys_address *address)
{
    struct vfs_export_address in = {.ea_family = address->family, .ea_prefix = address->prefix};
    memcpy(in.ea_addr, address->addr, sizeof(in.ea_addr));
    return in;
}

static int check(mount_t mp, const struct sys_address *client, struct sys_export *out)
{
    struct vfs_export_address address = address_in(client);
    struct vfs_export ex;
    int error = vfs_checkexp(mp, &address, &ex);
    if (!error)
        *out = (struct sys_export){.flags = ex.ex_flags, .uid = ex.ex_uid, .gid = ex.ex_gid};
    return error;
}

int call_export_check(const struct sys_caller *who, mount_t mp)
{
    struct sys_export now;
    if (!who->sc_mount_id)
        return 0;
    if (who->sc_mount_id != mp->mnt_id || check(mp, &who->sc_client, &now))
        return EACCES;
    const struct sys_export *then = &who->sc_export;
    return now.flags == then->flags && now.uid == then->uid && now.gid == then->gid ? 0 : EACCES;
}

/* With @ex to export, with NULL to end the export to @to, or where that is NULL too to everybody. */
static int change(sys_caller_t *who, const char *name, uint32_t mount_id, const struct sys_export *ex,
                  const struct sys_address *to)
{
    struct sys_call call;
    mount_t mp;
    struct vfs_export_address address = to ? address_in(to) : (struct vfs_export_address){0};
    call_enter(&call, who, name);
    int error = authorize_is_super(call.c_ctx) ? 0 : EPERM;
    if (!error)
        error = mount_find_busy(mount_id, &mp);
    if (error)
        goto leave;
    if (ex)
        error = vfs_export(
            mp, &(struct vfs_export){
                    .ex_address = address, .ex_flags = ex->flags, .ex_uid = ex->uid, .ex_gid = ex->gid});
    else
        error = vfs_unexport(mp, to ? &address : NULL);
    vfs_unbusy(mp);
leave:
    call_leave(&call);
    return error;
}

int sys_export(sys_caller_t *who, uint32_t mount_id, const struct sys_export *ex)
{
    return change(who, __func__, mount_id, ex, &ex->to);
}

int sys_unexport(sys_caller_t *who, uint32_t mount_id, const struct sys_address *to)
{
    return change(who, __func__, mount_id, NULL, to);
}

/* Whom the export takes the client's user for. The server's host has not checked what he may do. */
static struct sys_identity mapped(const struct sys_identity *claimed, const struct sys_export *ex)
{
    struct sys_identity id = *claimed;
    if ((ex->flags & SYS_EXPORT_MAPALL) || ((ex->flags & SYS_EXPORT_MAPROOT) && id.uid == 0)) {
        id.uid = ex->uid;
        id.gid = ex->gid;
        id.ngroups = 0;
    }
    id.flags &= ~SYS_CALLER_PREAUTHORISED;
    if (ex->flags & SYS_EXPORT_READONLY)
        id.flags |= SYS_CALLER_READONLY;
    return id;
}

int sys_export_caller(uint32_t mount_id, const struct sys_address *client, const struct sys_identity *claimed,
                      sys_caller_t **who)
{
    struct sys_call call;
    struct sys_export ex;
    mount_t mp;
    CALL_ENTER(&call, sys_caller_kernel());
    int error = mount_find_busy(mount_id, &mp);
    if (!error) {
        error = check(mp, client, &ex);
        vfs_unbusy(mp);
    }
    call_leave(&call);
    if (error)
        return error;
    struct sys_identity id = mapped(claimed, &ex);
    error = sys_caller_create(&id, who);
    if (error)
        return error;
    (*who)->sc_mount_id = mount_id;
    (*who)->sc_client = *client;
    (*who)->sc_export = ex;
    return 0;
}
