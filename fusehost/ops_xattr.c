// SPDX-License-Identifier: BSD-2-Clause
/*
 * Extended attributes. Names pass through whole, since Darwin has no name spaces; the host's own ones that it
 * gives a meaning to ("system.") are refused. Called by the workers.
 */
#include <errno.h>
#include <string.h>

#include "fusehost/flags_map.h"
#include "fusehost/op.h"

/* ENOSYS makes the host stop asking for good: what a mount wants that has none. */
static bool refused(fuse_req_t req, const char *name)
{
    struct fh_session *session = fuse_req_userdata(req);

    if (session->options.noxattr || !session->info.has_xattr)
        fuse_reply_err(req, ENOSYS);
    else if (name && strncmp(name, "system.", 7) == 0)
        fuse_reply_err(req, EOPNOTSUPP);
    else
        return false;
    return true;
}

/* The host's security modules and ls(1) ask for names of this space of any file. Where nothing was put under
 * one, a file system need not even have heard of attributes to say so. */
static int security_error(const char *name, int err)
{
    if (strncmp(name, "security.", 9) != 0 || (err != SYS_ENOTSUP && err != SYS_EPERM && err != SYS_EACCES))
        return err;
    return SYS_ENOATTR;
}

static void reply_bytes(struct fh_op *op, int err, const void *buf, size_t size, size_t len)
{
    if (err)
        fh_reply_err(op->req, err);
    else if (size == 0)
        fuse_reply_xattr(op->req, len);
    else
        fuse_reply_buf(op->req, buf, len);
}

void fh_op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
    struct fh_op op;
    size_t len = 0;
    int err;

    if (refused(req, name) || !fh_op_begin(&op, req, ino))
        return;
    void *buf = size ? fh_worker_out(op.worker, size) : NULL;
    if (size && !buf)
        err = SYS_ENOMEM;
    else
        FH_OP_CALL(op, err, sys_getxattr(op.who, &op.at, name, buf, size, &len));
    err = security_error(name, err);
    reply_bytes(&op, err, buf, size, len);
    fh_op_end(&op);
}

void fh_op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size,
                    int flags)
{
    struct fh_op op;
    uint32_t how;
    int err;

    if (refused(req, name))
        return;
    if (!fh_xattr_flags(flags, &how)) {
        fuse_reply_err(req, EINVAL);
        return;
    }
    if (!fh_op_begin(&op, req, ino))
        return;
    FH_OP_CALL(op, err, sys_setxattr(op.who, &op.at, name, value, size, how));
    fh_reply_err(req, err);
    fh_op_end(&op);
}

void fh_op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
    struct fh_op op;
    size_t len = 0;
    int err;

    if (refused(req, NULL) || !fh_op_begin(&op, req, ino))
        return;
    void *buf = size ? fh_worker_out(op.worker, size) : NULL;
    if (size && !buf)
        err = SYS_ENOMEM;
    else
        FH_OP_CALL(op, err, sys_listxattr(op.who, &op.at, buf, size, &len));
    reply_bytes(&op, err, buf, size, len);
    fh_op_end(&op);
}

void fh_op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
    struct fh_op op;
    int err;

    if (refused(req, name) || !fh_op_begin(&op, req, ino))
        return;
    FH_OP_CALL(op, err, sys_removexattr(op.who, &op.at, name));
    fh_reply_err(req, err);
    fh_op_end(&op);
}
