// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on a node as such: attributes, symbolic links' targets, access, the file system's size.
 * Called by the workers.
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "fusehost/flags_map.h"
#include "fusehost/op.h"

/* For a file system that does not say how large its blocks are. */
#define STATFS_BLOCK    4096u
#define STATFS_FRAGMENT 512u

void fh_op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct sys_attr attr;
    struct fh_op op;
    int err;

    (void)fi;
    if (!fh_op_begin(&op, req, ino))
        return;
    FH_OP_CALL(op, err, sys_getattr(op.who, &op.at, &attr));
    if (err)
        fh_reply_err(req, err);
    else
        fh_reply_attr(&op, &attr);
    fh_op_end(&op);
}

static struct sys_time time_of(const struct timespec *ts)
{
    return (struct sys_time){.sec = ts->tv_sec, .nsec = (int32_t)ts->tv_nsec};
}

/* The host leaves it to the file system to take set-id bits away (negotiate.c). In exact mode that is the
 * file system's own business, as it is on Darwin; in fast mode it must happen whatever the file system thinks
 * of it. */
void fh_kill_set_id(struct fh_op *op)
{
    struct sys_attr attr, set = {.mask = SYS_ATTR_MODE};
    int err;

    FH_OP_CALL(*op, err, sys_getattr(op->who, &op->at, &attr));
    if (err || attr.type == SYS_VDIR)
        return;
    set.mode = attr.mode & 07777 & ~(uint32_t)S_ISUID;
    if ((attr.mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
        set.mode &= ~(uint32_t)S_ISGID;
    if (set.mode != (attr.mode & 07777))
        FH_OP_CALL(*op, err, sys_setattr(op->who, &op->at, &set, NULL));
}

static int setattr_size(struct fh_op *op, struct sys_attr *set, const struct fuse_file_info *fi)
{
    int err;

    /* ftruncate(2) is allowed by how the file was opened, not by what its mode says now. */
    if (fi && fi->fh) {
        struct fh_file *handle = (struct fh_file *)(uintptr_t)fi->fh;

        err = sys_ftruncate(op->who, handle->file, (int64_t)set->size);
        if (!err)
            set->mask &= ~SYS_ATTR_SIZE;
        return err;
    }
    return 0;
}

void fh_op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *st, int to_set, struct fuse_file_info *fi)
{
    struct sys_attr set = {.mask = fh_setattr_mask(to_set)}, after;
    struct fh_op op;
    int err = 0;

    set.mode = st->st_mode & 07777;
    set.uid = st->st_uid;
    set.gid = st->st_gid;
    set.size = (uint64_t)st->st_size;
    set.atime = time_of(&st->st_atim);
    set.mtime = time_of(&st->st_mtim);
    set.ctime = time_of(&st->st_ctim);
    if (!fh_op_begin(&op, req, ino))
        return;

    bool kill = !op.session->exact && ((set.mask & (SYS_ATTR_UID | SYS_ATTR_GID)) ||
                                       (to_set & (FUSE_SET_ATTR_KILL_SUID | FUSE_SET_ATTR_KILL_SGID)));
    if (set.mask & SYS_ATTR_SIZE)
        err = setattr_size(&op, &set, fi);
    if (!err && set.mask)
        FH_OP_CALL(op, err, sys_setattr(op.who, &op.at, &set, &after));
    if (!err && kill)
        fh_kill_set_id(&op);
    if (!err && (kill || !set.mask))
        FH_OP_CALL(op, err, sys_getattr(op.who, &op.at, &after));
    if (err)
        fh_reply_err(req, err);
    else
        fh_reply_attr(&op, &after);
    fh_op_end(&op);
}

void fh_op_readlink(fuse_req_t req, fuse_ino_t ino)
{
    char target[SYS_PATH_MAX + 1];
    struct fh_op op;
    size_t len = 0;
    int err;

    if (!fh_op_begin(&op, req, ino))
        return;
    FH_OP_CALL(op, err, sys_readlink(op.who, &op.at, target, sizeof(target) - 1, &len));
    if (err) {
        fh_reply_err(req, err);
    } else {
        target[len] = '\0';
        fuse_reply_readlink(req, target);
    }
    fh_op_end(&op);
}

void fh_op_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
    struct fh_op op;
    int err;

    if (!fh_op_begin(&op, req, ino))
        return;
    FH_OP_CALL(op, err, sys_access(op.who, &op.at, (uint32_t)mask & 7u));
    fh_reply_err(req, err);
    fh_op_end(&op);
}

void fh_op_statfs(fuse_req_t req, fuse_ino_t ino)
{
    struct fh_session *session = fuse_req_userdata(req);
    struct sys_statfs fs;
    struct statvfs out = {0};

    (void)ino;
    int err = sys_statfs(session->kernel_caller, session->mount_id, &fs);
    if (err) {
        fh_reply_err(req, err);
        return;
    }
    /* A file system may leave either out; programs divide by both. */
    out.f_frsize = fs.bsize ? fs.bsize : STATFS_FRAGMENT;
    out.f_bsize = fs.iosize ? fs.iosize : fs.bsize ? fs.bsize : STATFS_BLOCK;
    out.f_blocks = fs.blocks;
    out.f_bfree = fs.bfree;
    out.f_bavail = fs.bavail;
    out.f_files = fs.files;
    out.f_ffree = out.f_favail = fs.ffree;
    out.f_namemax = fs.namemax ? fs.namemax : SYS_NAME_MAX;
    fuse_reply_statfs(req, &out);
}
