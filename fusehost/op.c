// SPDX-License-Identifier: BSD-2-Clause
/*
 * What all operations share: beginning and ending a request, repeating a call whose vnode was recycled,
 * the replies. See op.h.
 */
#include <errno.h>
#include <linux/fuse.h>
#include <sys/stat.h>

#include "fusehost/errno_map.h"
#include "fusehost/flags_map.h"
#include "fusehost/op.h"

/* Once its nodes are pinned a call does not go stale for lack of vnodes again. */
#define TRIES_MAX 4u

const struct fuse_lowlevel_ops fh_ops = {
    .init = fh_negotiate,
    .lookup = fh_op_lookup,
    .forget = fh_op_forget,
    .forget_multi = fh_op_forget_multi,
    .getattr = fh_op_getattr,
    .setattr = fh_op_setattr,
    .readlink = fh_op_readlink,
    .mknod = fh_op_mknod,
    .mkdir = fh_op_mkdir,
    .unlink = fh_op_unlink,
    .rmdir = fh_op_rmdir,
    .symlink = fh_op_symlink,
    .rename = fh_op_rename,
    .link = fh_op_link,
    .open = fh_op_open,
    .read = fh_op_read,
    .write = fh_op_write,
    .flush = fh_op_flush,
    .release = fh_op_release,
    .fsync = fh_op_fsync,
    .opendir = fh_op_opendir,
    .readdir = fh_op_readdir,
    .readdirplus = fh_op_readdirplus,
    .releasedir = fh_op_release,
    .fsyncdir = fh_op_fsync,
    .statfs = fh_op_statfs,
    .setxattr = fh_op_setxattr,
    .getxattr = fh_op_getxattr,
    .listxattr = fh_op_listxattr,
    .removexattr = fh_op_removexattr,
    .access = fh_op_access,
    .create = fh_op_create,
    .fallocate = fh_op_fallocate,
    .lseek = fh_op_lseek,
};

void fh_reply_err(fuse_req_t req, int darwin)
{
    fuse_reply_err(req, fh_errno_to_host(darwin));
}

/* The host takes an answer of another type than the file has for the end of that file: whoever has it open
 * meets EIO from then on without our help, cached pages included, and its names are looked up anew. */
static void reply_revoked(fuse_req_t req, const struct fh_node *node)
{
    const struct fuse_in_header *in = (const void *)fh_worker_current()->in;
    struct stat st = {.st_ino = node->fileid, .st_nlink = 1};

    if (in->opcode != FUSE_GETATTR) {
        fuse_reply_err(req, EIO);
        return;
    }
    st.st_mode = node->type == SYS_VFIFO ? S_IFSOCK : S_IFIFO;
    fuse_reply_attr(req, &st, 0);
}

bool fh_op_begin(struct fh_op *op, fuse_req_t req, fuse_ino_t ino)
{
    const struct fuse_ctx *ctx = fuse_req_ctx(req);

    op->req = req;
    op->session = fuse_req_userdata(req);
    op->worker = fh_worker_current();
    op->node2 = NULL;
    op->pin = op->pin2 = NULL;
    op->tries = 0;
    op->node = fh_node_get(&op->session->nodes, ino);
    if (!op->node) {
        fuse_reply_err(req, ESTALE);
        return false;
    }
    fh_node_weak(op->node, &op->at);
    if (op->at.vnode == FH_NODE_REVOKED) {
        reply_revoked(req, op->node);
        fh_node_put(op->node);
        return false;
    }
    op->who = fh_caller_get(&op->worker->callers, ctx->uid, ctx->gid, ctx->pid, op->session->exact);
    if (!op->who) {
        fh_node_put(op->node);
        fuse_reply_err(req, ENOMEM);
        return false;
    }
    return true;
}

bool fh_op_second(struct fh_op *op, fuse_ino_t ino)
{
    op->node2 = fh_node_get(&op->session->nodes, ino);
    if (!op->node2) {
        fuse_reply_err(op->req, ESTALE);
        fh_op_end(op);
        return false;
    }
    fh_node_weak(op->node2, &op->at2);
    if (op->at2.vnode == FH_NODE_REVOKED) {
        fuse_reply_err(op->req, EIO);
        fh_op_end(op);
        return false;
    }
    return true;
}

static void pins_release(struct fh_op *op)
{
    if (op->pin)
        sys_hold_release(op->pin);
    if (op->pin2)
        sys_hold_release(op->pin2);
    op->pin = op->pin2 = NULL;
}

void fh_op_end(struct fh_op *op)
{
    pins_release(op);
    fh_node_put(op->node);
    if (op->node2)
        fh_node_put(op->node2);
}

bool fh_op_again(struct fh_op *op, int *err)
{
    if (op->tries >= TRIES_MAX)
        return false;
    if (*err == SYS_ENFILE && op->tries == 0 && op->session->no_open) {
        /* Files that we keep open fill the table of vnodes. */
        op->tries++;
        fh_lazies_shrink(op->session);
        return true;
    }
    if (*err != SYS_ESTALE)
        return false;
    op->tries++;
    fh_stats_add(&op->worker->stats.recovered, 1);
    pins_release(op);
    /* Which of two nodes went stale is not told. */
    int failed = fh_node_pin(op->session, op->node, &op->at, &op->pin);
    if (!failed && op->node2)
        failed = fh_node_pin(op->session, op->node2, &op->at2, &op->pin2);
    if (failed)
        *err = failed;
    return !failed;
}

void fh_reply_attr(const struct fh_op *op, const struct sys_attr *attr)
{
    struct stat st;

    fh_stat(attr, &st);
    fuse_reply_attr(op->req, &st, op->session->options.attr_timeout);
}

void fh_entry_fill(const struct fh_session *session, const struct fh_node *node, const struct sys_attr *attr,
                   struct fuse_entry_param *entry)
{
    entry->ino = node->nodeid;
    entry->generation = node->generation;
    entry->attr_timeout = session->options.attr_timeout;
    entry->entry_timeout = session->options.entry_timeout;
    fh_stat(attr, &entry->attr);
}

void fh_reply_entry(const struct fh_op *op, const struct sys_node *sys, const struct sys_attr *attr,
                    const char *name)
{
    struct fuse_entry_param entry;
    struct fh_node *node = fh_node_enter(&op->session->nodes, sys, attr, op->node, name);

    if (!node) {
        fuse_reply_err(op->req, ENOMEM);
        return;
    }
    fh_entry_fill(op->session, node, attr, &entry);
    if (fuse_reply_entry(op->req, &entry) != 0)
        fh_node_forget(&op->session->nodes, node->nodeid, 1);
    fh_node_put(node);
    fh_invalidator_pressure(op->session);
}

int fh_io_get(const struct fh_op *op, uint64_t fh, bool write, struct fh_io *io)
{
    io->lazy = NULL;
    if (fh) {
        io->file = ((struct fh_file *)(uintptr_t)fh)->file;
        return 0;
    }
    int err = fh_lazy_get(op->session, op->node, write, &io->lazy);
    if (!err)
        io->file = io->lazy->file;
    return err;
}

void fh_io_put(const struct fh_op *op, struct fh_io *io)
{
    if (io->lazy)
        fh_lazy_put(op->session, io->lazy);
}
