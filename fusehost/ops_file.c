// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on open files. Where the host sends OPEN, a handle stands for what was opened; where it was told
 * not to, handles are 0: reads and writes go to the node, and the node's lazily opened file serves the rest.
 * Called by the workers.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <unistd.h>

#include "fusehost/flags_map.h"
#include "fusehost/op.h"

#define AT_NAME (SYS_AT_COMPONENT | SYS_AT_NOFOLLOW | SYS_AT_NOCROSS)

/* A write-back cache reads what surrounds a partial page, whoever may read the file. */
static uint32_t oflags_of(const struct fh_session *session, int host)
{
    uint32_t oflags = fh_oflags(host) & ~(SYS_O_CREAT | SYS_O_EXCL);

    if (session->writeback) {
        oflags &= ~SYS_O_SYNC; /* the host follows such a write with FSYNC */
        if ((oflags & SYS_O_ACCMODE) == SYS_O_WRONLY)
            oflags |= SYS_O_WIDEN;
    }
    return oflags;
}

/* Hands an open file to the host; consumes it on error. */
static struct fh_file *handle_make(const struct fh_op *op, uint64_t nodeid, sys_file_t *file,
                                   struct fuse_file_info *fi)
{
    struct fh_file *handle = fh_file_new(&op->session->files, nodeid, file, op->who);

    if (!handle) {
        sys_close(op->who, file);
        return NULL;
    }
    fi->fh = (uint64_t)(uintptr_t)handle;
    fi->keep_cache = !op->session->exact;
    return handle;
}

static void open_common(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, bool directory)
{
    sys_file_t *file = NULL;
    struct fh_op op;
    int err;

    if (!fh_op_begin(&op, req, ino))
        return;
    uint32_t oflags = directory ? SYS_O_RDONLY | SYS_O_DIRECTORY : oflags_of(op.session, fi->flags);
    FH_OP_CALL(op, err, sys_open(op.who, &op.at, NULL, 0, oflags, 0, &file, NULL, NULL));
    struct fh_file *handle = err ? NULL : handle_make(&op, ino, file, fi);
    if (err) {
        fh_reply_err(req, err);
    } else if (!handle) {
        fuse_reply_err(req, ENOMEM);
    } else {
        if (directory)
            fi->cache_readdir = fi->keep_cache;
        if (fuse_reply_open(req, fi) != 0)
            fh_file_close(&op.session->files, handle);
    }
    fh_op_end(&op);
}

void fh_op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fh_session *session = fuse_req_userdata(req);

    if (session->no_open)
        fuse_reply_err(req, ENOSYS);
    else
        open_common(req, ino, fi, false);
}

void fh_op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fh_session *session = fuse_req_userdata(req);

    if (session->no_open)
        fuse_reply_err(req, ENOSYS);
    else
        open_common(req, ino, fi, true);
}

static void reply_created(struct fh_op *op, sys_file_t *file, const struct sys_node *sys,
                          const struct sys_attr *attr, const char *name, struct fuse_file_info *fi)
{
    struct fh_session *session = op->session;
    struct fh_node *node = fh_node_enter(&session->nodes, sys, attr, op->node, name);
    struct fh_file *handle = node ? handle_make(op, node->nodeid, file, fi) : NULL;
    struct fuse_entry_param entry;

    if (!handle) {
        if (node) {
            fh_node_forget(&session->nodes, node->nodeid, 1);
            fh_node_put(node);
        } else {
            sys_close(op->who, file);
        }
        fuse_reply_err(op->req, ENOMEM);
        return;
    }
    fh_entry_fill(session, node, attr, &entry);
    if (fuse_reply_create(op->req, &entry, fi) != 0) {
        fh_file_close(&session->files, handle);
        fh_node_forget(&session->nodes, node->nodeid, 1);
    }
    fh_node_put(node);
    fh_invalidator_pressure(session);
}

/* Where there is no OPEN there is no CREATE either: the host sends MKNOD instead, and then neither RELEASE
 * nor a SETATTR for the times of a file that was only made. */
void fh_op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
    struct fh_session *session = fuse_req_userdata(req);
    sys_file_t *file = NULL;
    struct sys_node sys;
    struct sys_attr attr;
    struct fh_op op;
    int err;

    if (session->no_open) {
        fuse_reply_err(req, ENOSYS);
        return;
    }
    if (!fh_op_begin(&op, req, parent))
        return;
    uint32_t oflags = oflags_of(session, fi->flags) | SYS_O_CREAT | (fi->flags & O_EXCL ? SYS_O_EXCL : 0);
    FH_OP_CALL(op, err, sys_open(op.who, &op.at, name, AT_NAME, oflags, mode & 07777, &file, &sys, &attr));
    if (err)
        fh_reply_err(req, err);
    else
        reply_created(&op, file, &sys, &attr, name, fi);
    fh_op_end(&op);
}

/* Reading is read-ahead more often than not, so it is done in the name of whoever opened the file. */
static int file_read(struct fh_op *op, uint64_t fh, const struct sys_iovec *iov, off_t off, size_t *done)
{
    const struct fh_file *handle = (const struct fh_file *)(uintptr_t)fh;
    int err;

    if (handle)
        return sys_pread(handle->opener, handle->file, iov, 1, off, done);
    FH_OP_CALL(*op, err, sys_node_read(op->who, &op->at, iov, 1, off, done));
    return err;
}

/* @own: the host writes back by itself, for no caller. A host that caches no writes does so for mappings
 * alone, and that is all it ever tells of them: they last no longer than what they were made from is open. */
static int file_write(struct fh_op *op, uint64_t fh, bool own, const struct sys_iovec *iov, off_t off,
                      size_t *done)
{
    struct fh_file *handle = (struct fh_file *)(uintptr_t)fh;
    int err;

    if (handle) {
        if (own)
            fh_files_written(&op->session->files, handle);
        if (own && !op->session->writeback)
            sys_mapped(handle->opener, handle->file);
        return sys_pwrite(own ? handle->opener : op->who, handle->file, iov, 1, off, done);
    }
    sys_caller_t *who = own ? op->session->kernel_caller : op->who;
    FH_OP_CALL(*op, err, sys_node_write(who, &op->at, iov, 1, off, done));
    return err;
}

void fh_op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
    struct sys_iovec iov = {.len = size};
    size_t done = 0;
    struct fh_op op;

    if (!fh_op_begin(&op, req, ino))
        return;
    iov.base = fh_worker_out(op.worker, size);
    int err = iov.base ? file_read(&op, fi->fh, &iov, off, &done) : SYS_ENOMEM;
    if (err && done == 0) {
        fh_reply_err(req, err);
    } else {
        fuse_reply_buf(req, iov.base, done);
        fh_stats_add(&op.worker->stats.bytes_read, done);
    }
    fh_op_end(&op);
}

void fh_op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
                 struct fuse_file_info *fi)
{
    struct sys_iovec iov = {.base = (char *)(uintptr_t)buf, .len = size};
    bool writepage = fi->writepage;
    size_t done = 0;
    struct fh_op op;

    if (!fh_op_begin(&op, req, ino))
        return;
    int err = file_write(&op, fi->fh, writepage, &iov, off, &done);
    /* Write-back takes a short count for an I/O error, so it had better hear the real one. */
    if (err && (done == 0 || writepage)) {
        fh_reply_err(req, err);
    } else {
        if ((op.worker->raw_flags & FUSE_WRITE_KILL_SUIDGID) && !op.session->exact)
            fh_kill_set_id(&op);
        fuse_reply_write(req, done);
        fh_stats_add(&op.worker->stats.bytes_written, done);
    }
    fh_op_end(&op);
}

/* Nothing to do: what was written has arrived, and locks are the host's. */
void fh_op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fh_session *session = fuse_req_userdata(req);

    (void)ino;
    (void)fi;
    fuse_reply_err(req, session->no_open ? ENOSYS : 0);
}

void fh_op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fh_session *session = fuse_req_userdata(req);
    int err = 0;

    (void)ino;
    if (fi->fh)
        err = fh_file_close(&session->files, (struct fh_file *)(uintptr_t)fi->fh);
    fh_reply_err(req, err);
}

void fh_op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
    struct fh_io io;
    struct fh_op op;

    if (!fh_op_begin(&op, req, ino))
        return;
    int err = fh_io_get(&op, fi->fh, false, &io);
    if (!err) {
        err = sys_fsync(op.who, io.file, datasync != 0);
        fh_io_put(&op, &io);
    }
    fh_reply_err(req, err);
    fh_op_end(&op);
}

void fh_op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off, off_t len,
                     struct fuse_file_info *fi)
{
    bool keep_size;
    enum fh_fallocate what = fh_fallocate_mode(mode, &keep_size);
    struct fh_io io;
    struct fh_op op;

    if (what == FH_FALLOCATE_REFUSED) {
        fuse_reply_err(req, EOPNOTSUPP);
        return;
    }
    if (!fh_op_begin(&op, req, ino))
        return;
    int err = fh_io_get(&op, fi->fh, true, &io);
    if (!err) {
        if (what == FH_FALLOCATE_RESERVE)
            err = sys_allocate(op.who, io.file, off, len, keep_size);
        else if (what == FH_FALLOCATE_PUNCH)
            err = sys_punch(op.who, io.file, off, len);
        else
            err = sys_zero_range(op.who, io.file, off, len, keep_size);
        fh_io_put(&op, &io);
    }
    fh_reply_err(req, err);
    fh_op_end(&op);
}

/* What is true of any file whose holes nobody tells: all data, and a hole at the end. */
static int seek_plain(struct fh_op *op, int64_t off, bool hole, int64_t *out)
{
    struct sys_attr attr;
    int err;

    FH_OP_CALL(*op, err, sys_getattr(op->who, &op->at, &attr));
    if (!err && (off < 0 || (uint64_t)off >= attr.size))
        err = SYS_ENXIO;
    if (!err)
        *out = hole ? (int64_t)attr.size : off;
    return err;
}

void fh_op_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence, struct fuse_file_info *fi)
{
    struct fh_session *session = fuse_req_userdata(req);
    bool hole = whence == SEEK_HOLE;
    int64_t result = 0;
    struct fh_io io;
    struct fh_op op;

    if (whence != SEEK_DATA && whence != SEEK_HOLE) {
        fuse_reply_err(req, EINVAL);
        return;
    }
    if (session->writeback) {
        /* The host asks without writing back first, so the file system would call dirty pages a hole. */
        fuse_reply_err(req, ENOSYS);
        return;
    }
    if (!fh_op_begin(&op, req, ino))
        return;
    int err = fh_io_get(&op, fi->fh, false, &io);
    if (!err) {
        err = sys_seek(op.who, io.file, off, hole, &result);
        fh_io_put(&op, &io);
        if (err == SYS_ENOTSUP)
            err = seek_plain(&op, off, hole, &result);
    }
    if (err)
        fh_reply_err(req, err);
    else
        fuse_reply_lseek(req, result);
    fh_op_end(&op);
}
