// SPDX-License-Identifier: BSD-2-Clause
/*
 * File handles for the host. No lock, no state.
 */
#include <sys/errno.h>
#include <sys/vfs_handle.h>
#include <string.h>

#include "vfs/mount_internal.h"
#include "vfs/sys_internal.h"

_Static_assert(SYS_HANDLE_MAX == NFS_MAX_FH_SIZE && sizeof(struct sys_handle) == sizeof(fhandle_t),
               "one handle for both sides");

int sys_handle_make(sys_caller_t *who, const struct sys_node *node, struct sys_handle *handle)
{
    struct sys_call call;
    fhandle_t made;
    vnode_t vp;
    CALL_ENTER(&call, who);
    int error = call_node_get(node, &vp);
    if (!error) {
        error = vfs_vptofh(vp, &made, call.c_ctx);
        vnode_put(vp);
    }
    if (!error) {
        handle->len = made.fh_len;
        memcpy(handle->data, made.fh_data, made.fh_len);
    }
    call_leave(&call);
    return error;
}

int sys_handle_find(sys_caller_t *who, uint32_t mount_id, const struct sys_handle *handle,
                    struct sys_node *node, struct sys_attr *attr)
{
    struct sys_call call;
    fhandle_t wanted;
    mount_t mp;
    vnode_t vp;
    if (handle->len > SYS_HANDLE_MAX)
        return ESTALE;
    wanted.fh_len = handle->len;
    memcpy(wanted.fh_data, handle->data, handle->len);
    CALL_ENTER(&call, who);
    int error = mount_find_busy(mount_id, &mp);
    if (!error) {
        error = call_export_check(who, mp);
        if (!error)
            error = vfs_fhtovp(mp, &wanted, &vp, call.c_ctx);
        if (!error) {
            error = call_describe(&call, vp, node, attr);
            vnode_put(vp);
        }
        vfs_unbusy(mp);
    } else if (error == ENOENT) {
        error = ESTALE;
    }
    call_leave(&call);
    return error;
}
