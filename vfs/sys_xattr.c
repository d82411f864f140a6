// SPDX-License-Identifier: BSD-2-Clause
/*
 * Extended attributes. They are the file system's own or there are none: nothing is kept beside the file.
 *
 * No lock, no state. Called by the host and the tests.
 */
#include <sys/errno.h>
#include <sys/xattr.h>
#include <string.h>

#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

/* Darwin's rule: files, directories and links have extended attributes. */
static int xattr_enter(struct sys_call *call, sys_caller_t *who, const struct sys_node *node,
                       kauth_action_t right, vnode_t *vpp, const char *op)
{
    call_enter(call, who, op);
    int error = call_node_get(node, vpp);
    if (error)
        goto leave;
    if (!vnode_isreg(*vpp) && !vnode_isdir(*vpp) && !vnode_islnk(*vpp))
        error = EPERM;
    if (!error)
        error = call_permit(call, *vpp, right);
    if (!error)
        return 0;
    vnode_put(*vpp);
leave:
    call_leave(call);
    return error;
}

static void xattr_leave(struct sys_call *call, vnode_t vp)
{
    vnode_put(vp);
    call_leave(call);
}

static int name_check(const char *name)
{
    if (!name || !*name)
        return EINVAL;
    return strnlen(name, XATTR_MAXNAMELEN + 1) > XATTR_MAXNAMELEN ? ENAMETOOLONG : 0;
}

/* What both reading calls do with the two ways of asking: how much is there, and what is it. @name NULL:
 * list. */
static int xattr_read(const struct sys_call *call, vnode_t vp, const char *name, void *buf, size_t size,
                      size_t *len)
{
    struct call_uio transfer;
    size_t needed = 0;
    if (size == 0) {
        int error = name ? VNOP_GETXATTR(vp, name, NULL, &needed, 0, call->c_ctx)
                         : VNOP_LISTXATTR(vp, NULL, &needed, 0, call->c_ctx);
        if (!error)
            *len = needed;
        return error;
    }
    int error = call_uio_begin(&transfer, &(struct sys_iovec){buf, size}, 1, 0, UIO_READ);
    if (error)
        return error;
    error = name ? VNOP_GETXATTR(vp, name, transfer.su_uio, &needed, 0, call->c_ctx)
                 : VNOP_LISTXATTR(vp, transfer.su_uio, &needed, 0, call->c_ctx);
    if (!error)
        *len = call_uio_done(&transfer);
    call_uio_end(&transfer);
    return error;
}

int sys_getxattr(sys_caller_t *who, const struct sys_node *node, const char *name, void *buf, size_t size,
                 size_t *len)
{
    struct sys_call call;
    vnode_t vp;
    int error = name_check(name);
    if (!error)
        error = xattr_enter(&call, who, node, KAUTH_VNODE_READ_EXTATTRIBUTES, &vp, __func__);
    if (error)
        return error;
    error = xattr_read(&call, vp, name, buf, size, len);
    xattr_leave(&call, vp);
    return error;
}

int sys_listxattr(sys_caller_t *who, const struct sys_node *node, char *buf, size_t size, size_t *len)
{
    struct sys_call call;
    vnode_t vp;
    int error = xattr_enter(&call, who, node, KAUTH_VNODE_READ_ATTRIBUTES, &vp, __func__);
    if (error)
        return error;
    error = xattr_read(&call, vp, NULL, buf, size, len);
    xattr_leave(&call, vp);
    return error;
}

int sys_setxattr(sys_caller_t *who, const struct sys_node *node, const char *name, const void *buf,
                 size_t size, uint32_t flags)
{
    struct sys_call call;
    struct call_uio transfer;
    vnode_t vp;
    if ((flags & ~(SYS_XATTR_CREATE | SYS_XATTR_REPLACE)) || flags == (SYS_XATTR_CREATE | SYS_XATTR_REPLACE))
        return EINVAL;
    if (size > XATTR_MAXSIZE)
        return E2BIG;
    int error = name_check(name);
    if (!error)
        error = xattr_enter(&call, who, node, KAUTH_VNODE_WRITE_EXTATTRIBUTES, &vp, __func__);
    if (error)
        return error;
    error = call_uio_begin(&transfer, &(struct sys_iovec){(void *)(uintptr_t)buf, size}, 1, 0, UIO_WRITE);
    if (!error) {
        error = VNOP_SETXATTR(vp, name, transfer.su_uio, (int)flags, call.c_ctx);
        call_uio_end(&transfer);
    }
    xattr_leave(&call, vp);
    return error;
}

int sys_removexattr(sys_caller_t *who, const struct sys_node *node, const char *name)
{
    struct sys_call call;
    vnode_t vp;
    int error = name_check(name);
    if (!error)
        error = xattr_enter(&call, who, node, KAUTH_VNODE_WRITE_EXTATTRIBUTES, &vp, __func__);
    if (error)
        return error;
    error = VNOP_REMOVEXATTR(vp, name, 0, call.c_ctx);
    xattr_leave(&call, vp);
    return error;
}
