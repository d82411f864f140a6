// SPDX-License-Identifier: BSD-2-Clause
/*
 * FUSE calls about attributes, links' targets and the file system as a whole. Locks: the node's alone
 * (ceiling.h).
 */
#include "bench/ceiling/ceiling.h"

#include <errno.h>
#include <sys/statvfs.h>

static void ceiling_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct node *node = node_of(ino);
    struct stat st;

    (void)fi;
    pthread_rwlock_rdlock(&node->n_lock);
    st = node->n_stat;
    pthread_rwlock_unlock(&node->n_lock);
    fuse_reply_attr(req, &st, ceiling.timeout_s);
}

static void set_times(struct node *node, const struct stat *wanted, int which)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if ((which & FUSE_SET_ATTR_ATIME) != 0)
        node->n_stat.st_atim = (which & FUSE_SET_ATTR_ATIME_NOW) != 0 ? now : wanted->st_atim;
    if ((which & FUSE_SET_ATTR_MTIME) != 0)
        node->n_stat.st_mtim = (which & FUSE_SET_ATTR_MTIME_NOW) != 0 ? now : wanted->st_mtim;
    node->n_stat.st_ctim = (which & FUSE_SET_ATTR_CTIME) != 0 ? wanted->st_ctim : now;
}

static void ceiling_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *wanted, int which,
                            struct fuse_file_info *fi)
{
    struct node *node = node_of(ino);
    struct stat st;
    int error = 0;

    (void)fi;
    pthread_rwlock_wrlock(&node->n_lock);
    if ((which & FUSE_SET_ATTR_SIZE) != 0)
        error = wanted->st_size < 0 ? EINVAL : data_resize(node, (uint64_t)wanted->st_size);
    if (error == 0) {
        if ((which & FUSE_SET_ATTR_MODE) != 0)
            node->n_stat.st_mode = (node->n_stat.st_mode & S_IFMT) | (wanted->st_mode & 07777);
        if ((which & FUSE_SET_ATTR_UID) != 0)
            node->n_stat.st_uid = wanted->st_uid;
        if ((which & FUSE_SET_ATTR_GID) != 0)
            node->n_stat.st_gid = wanted->st_gid;
        set_times(node, wanted, which);
        st = node->n_stat;
    }
    pthread_rwlock_unlock(&node->n_lock);
    if (error != 0)
        fuse_reply_err(req, error);
    else
        fuse_reply_attr(req, &st, ceiling.timeout_s);
}

static void ceiling_readlink(fuse_req_t req, fuse_ino_t ino)
{
    fuse_reply_readlink(req, node_of(ino)->n_data); // never changes
}

static void ceiling_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
    (void)ino;
    (void)mask;
    fuse_reply_err(req, 0);
}

static void ceiling_statfs(fuse_req_t req, fuse_ino_t ino)
{
    struct statvfs st = {.f_bsize = 4096,
                         .f_frsize = 4096,
                         .f_blocks = 1 << 24,
                         .f_bfree = 1 << 24,
                         .f_bavail = 1 << 24,
                         .f_files = 1 << 24,
                         .f_ffree = 1 << 24,
                         .f_favail = 1 << 24,
                         .f_namemax = 255};

    (void)ino;
    fuse_reply_statfs(req, &st);
}

void ops_attributes_fill(struct fuse_lowlevel_ops *ops)
{
    ops->getattr = ceiling_getattr;
    ops->setattr = ceiling_setattr;
    ops->readlink = ceiling_readlink;
    ops->access = ceiling_access;
    ops->statfs = ceiling_statfs;
}
