// SPDX-License-Identifier: BSD-2-Clause
/*
 * FUSE calls on open files. There is nothing to remember about an open file. Locks: the node's alone
 * (ceiling.h).
 */
#include "bench/ceiling/ceiling.h"

#include <errno.h>

static void ceiling_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    if (ceiling.skip_open) {
        fuse_reply_err(req, ENOSYS);
        return;
    }
    fi->keep_cache = ceiling.keep_cache;
    fuse_reply_open(req, fi);
}

static void ceiling_read(fuse_req_t req, fuse_ino_t ino, size_t len, off_t off, struct fuse_file_info *fi)
{
    struct node *node = node_of(ino);

    (void)fi;
    pthread_rwlock_rdlock(&node->n_lock);
    size_t left = off < node->n_stat.st_size ? (size_t)(node->n_stat.st_size - off) : 0;
    // An empty file has no memory to point at.
    fuse_reply_buf(req, left != 0 ? node->n_data + off : NULL, left < len ? left : len);
    pthread_rwlock_unlock(&node->n_lock);
}

static void ceiling_write(fuse_req_t req, fuse_ino_t ino, const char *bytes, size_t len, off_t off,
                          struct fuse_file_info *fi)
{
    struct node *node = node_of(ino);

    (void)fi;
    pthread_rwlock_wrlock(&node->n_lock);
    int error = data_write(node, bytes, len, (uint64_t)off);
    pthread_rwlock_unlock(&node->n_lock);
    if (error != 0)
        fuse_reply_err(req, error);
    else
        fuse_reply_write(req, len);
}

static void ceiling_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off, off_t len,
                              struct fuse_file_info *fi)
{
    struct node *node = node_of(ino);

    (void)fi;
    pthread_rwlock_wrlock(&node->n_lock);
    int error = data_allocate(node, mode, (uint64_t)off, (uint64_t)len);
    pthread_rwlock_unlock(&node->n_lock);
    fuse_reply_err(req, error);
}

static void reply_done(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    (void)fi;
    fuse_reply_err(req, 0);
}

static void ceiling_fsync(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi)
{
    (void)data_only;
    reply_done(req, ino, fi);
}

void ops_data_fill(struct fuse_lowlevel_ops *ops)
{
    ops->open = ceiling_open;
    ops->read = ceiling_read;
    ops->write = ceiling_write;
    ops->fallocate = ceiling_fallocate;
    ops->flush = ceiling.skip_open ? NULL : reply_done;
    ops->release = reply_done;
    ops->fsync = ceiling_fsync;
}
