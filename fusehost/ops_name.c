// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on names: lookup and forget, making, linking, renaming, removing. Called by the workers.
 */
#include <errno.h>

#include "fusehost/flags_map.h"
#include "fusehost/op.h"

/* A name is one component, and what the kernel process has mounted on it is not ours to show. */
#define AT_NAME (SYS_AT_COMPONENT | SYS_AT_NOFOLLOW | SYS_AT_NOCROSS)

static void reply_negative(const struct fh_op *op)
{
    struct fuse_entry_param entry = {.entry_timeout = op->session->options.negative_timeout};

    if (entry.entry_timeout > 0)
        fuse_reply_entry(op->req, &entry);
    else
        fuse_reply_err(op->req, ENOENT);
}

/* A server of files for the network asks for "." of a number that the host may have forgotten long ago. */
static void lookup_forgotten(fuse_req_t req, uint64_t nodeid)
{
    struct fh_session *session = fuse_req_userdata(req);
    struct fh_op op = {.req = req, .session = session};
    struct sys_node sys;
    struct sys_attr attr;

    if (!session->info.has_vget || (nodeid & FH_NODE_ALIAS) ||
        sys_recover(session->kernel_caller, session->mount_id, nodeid, &sys, &attr) != 0) {
        fuse_reply_err(req, ESTALE);
        return;
    }
    fh_reply_entry(&op, &sys, &attr, NULL);
}

void fh_op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct fh_session *session = fuse_req_userdata(req);
    bool self = name[0] == '.' && name[1] == '\0';
    bool up = name[0] == '.' && name[1] == '.' && name[2] == '\0';
    struct sys_node sys;
    struct sys_attr attr;
    struct fh_op op;
    int err;

    if (self) {
        struct fh_node *known = fh_node_get(&session->nodes, parent);

        if (!known) {
            lookup_forgotten(req, parent);
            return;
        }
        fh_node_put(known);
    }
    if (!fh_op_begin(&op, req, parent))
        return;
    if (up && op.node == session->nodes.root)
        self = true;
    FH_OP_CALL(op, err, sys_lookup(op.who, &op.at, self ? NULL : name, self ? 0 : AT_NAME, &sys, &attr));
    if (!err)
        fh_reply_entry(&op, &sys, &attr, self || up ? NULL : name);
    else if (err == SYS_ENOENT)
        reply_negative(&op);
    else
        fh_reply_err(req, err);
    fh_op_end(&op);
}

void fh_op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup)
{
    struct fh_session *session = fuse_req_userdata(req);

    fh_node_forget(&session->nodes, ino, nlookup);
    fuse_reply_none(req);
}

void fh_op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
    struct fh_session *session = fuse_req_userdata(req);

    for (size_t i = 0; i < count; i++)
        fh_node_forget(&session->nodes, forgets[i].ino, forgets[i].nlookup);
    fuse_reply_none(req);
}

static void reply_made(struct fh_op *op, int err, const struct sys_node *sys, const struct sys_attr *attr,
                       const char *name)
{
    if (err)
        fh_reply_err(op->req, err);
    else
        fh_reply_entry(op, sys, attr, name);
    fh_op_end(op);
}

void fh_op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
    struct sys_node sys;
    struct sys_attr attr;
    struct fh_op op;
    uint32_t type = fh_vtype(mode), device = 0;
    int err;

    if (type == SYS_VNON || type == SYS_VDIR || type == SYS_VLNK ||
        ((type == SYS_VBLK || type == SYS_VCHR) && !fh_rdev_to_darwin(rdev, &device))) {
        fuse_reply_err(req, EINVAL);
        return;
    }
    if (!fh_op_begin(&op, req, parent))
        return;
    FH_OP_CALL(op, err, sys_mknod(op.who, &op.at, name, AT_NAME, type, mode & 07777, device, &sys, &attr));
    reply_made(&op, err, &sys, &attr, name);
}

void fh_op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
    struct sys_node sys;
    struct sys_attr attr;
    struct fh_op op;
    int err;

    if (!fh_op_begin(&op, req, parent))
        return;
    FH_OP_CALL(op, err, sys_mkdir(op.who, &op.at, name, AT_NAME, mode & 07777, &sys, &attr));
    reply_made(&op, err, &sys, &attr, name);
}

void fh_op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
    struct sys_node sys;
    struct sys_attr attr;
    struct fh_op op;
    int err;

    if (!fh_op_begin(&op, req, parent))
        return;
    FH_OP_CALL(op, err, sys_symlink(op.who, &op.at, name, AT_NAME, target, &sys, &attr));
    reply_made(&op, err, &sys, &attr, name);
}

void fh_op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t new_parent, const char *new_name)
{
    struct sys_attr attr;
    struct fh_op op;
    int err;

    if (!fh_op_begin(&op, req, new_parent) || !fh_op_second(&op, ino))
        return;
    FH_OP_CALL(op, err, sys_link(op.who, &op.at2, &op.at, new_name, AT_NAME, &attr));
    reply_made(&op, err, &op.at2, &attr, new_name);
}

/* A file lost its name @name in @parent. The host may still have it open, or know it by another name that we
 * do not, so it must keep its identity: until the host forgets it, unless it can be found by its number. */
static void name_lost(const struct fh_op *op, sys_hold_t *hold, struct fh_node *parent, const char *name)
{
    struct fh_session *session = op->session;
    struct sys_node sys;
    struct sys_attr attr;
    struct fh_node *node = NULL;

    if (!hold)
        return;
    if (sys_hold_node(hold, &sys) == 0)
        node = fh_node_find(&session->nodes, sys.fileid);
    if (!node) {
        sys_hold_release(hold);
        return;
    }
    fh_node_unname(node, parent, name);
    if (session->info.has_vget && atomic_load(&node->nlink) > 1 && node->type != SYS_VDIR &&
        sys_getattr(session->kernel_caller, &sys, &attr) == 0 && attr.nlink > 0) {
        atomic_store(&node->nlink, attr.nlink);
        sys_hold_release(hold);
    } else {
        fh_node_set_weak(node, &sys);
        fh_node_keep(node, hold);
    }
    fh_node_put(node);
}

typedef int remove_fn(sys_caller_t *who, const struct sys_node *at, const char *name, uint32_t flags,
                      sys_hold_t **hold);

static void name_remove(fuse_req_t req, fuse_ino_t parent, const char *name, remove_fn *fn)
{
    sys_hold_t *hold = NULL;
    struct fh_op op;
    int err;

    if (!fh_op_begin(&op, req, parent))
        return;
    FH_OP_CALL(op, err, fn(op.who, &op.at, name, AT_NAME, &hold));
    if (!err)
        name_lost(&op, hold, op.node, name);
    fh_reply_err(req, err);
    fh_op_end(&op);
}

void fh_op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    name_remove(req, parent, name, sys_unlink);
}

void fh_op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    name_remove(req, parent, name, sys_rmdir);
}

/* The node of a file that is @name in @parent now learns so, if the host knows the file. */
static void name_moved(const struct fh_op *op, struct fh_node *parent, const struct sys_node *sys,
                       const char *name)
{
    struct fh_node *node = sys->vnode ? fh_node_find(&op->session->nodes, sys->fileid) : NULL;

    if (!node)
        return;
    fh_node_move(node, parent, name);
    fh_node_put(node);
}

void fh_op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
                  const char *new_name, unsigned flags)
{
    struct sys_renamed renamed;
    struct fh_op op;
    uint32_t how;
    int err;

    if (!fh_rename_flags(flags, &how)) {
        fuse_reply_err(req, EINVAL);
        return;
    }
    if (!fh_op_begin(&op, req, parent) || !fh_op_second(&op, new_parent))
        return;
    FH_OP_CALL(op, err, sys_rename(op.who, &op.at, name, &op.at2, new_name, AT_NAME, how, &renamed));
    if (!err) {
        name_lost(&op, renamed.replaced, op.node2, new_name);
        name_moved(&op, op.node2, &renamed.moved, new_name);
        if (how & SYS_RENAME_SWAP)
            name_moved(&op, op.node, &renamed.swapped, name);
        fuse_reply_err(req, 0);
    } else if (err == SYS_ENOTSUP && how) {
        fuse_reply_err(req, EINVAL); /* what renameat2(2) says of a flag that a file system lacks */
    } else {
        fh_reply_err(req, err);
    }
    fh_op_end(&op);
}
