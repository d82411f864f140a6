// SPDX-License-Identifier: BSD-2-Clause
/*
 * One request in progress: its caller, the nodes it names, and how a call into the kernel half is repeated
 * when a vnode was recycled under its weak reference. For the ops_*.c files alone.
 *
 * The shape of every operation:
 *
 *     struct fh_op op;
 *     int err;
 *     if (!fh_op_begin(&op, req, ino))
 *         return;                                  answered already
 *     FH_OP_CALL(op, err, sys_xxx(op.who, &op.at, ...));
 *     ... one fuse_reply_*() ...
 *     fh_op_end(&op);
 *
 * Errors travel as Darwin's until fh_reply_err().
 */
#ifndef KEXTBED_FUSEHOST_OP_H
#define KEXTBED_FUSEHOST_OP_H

#include "fusehost/session_internal.h"

struct fh_op {
    fuse_req_t req;
    struct fh_session *session;
    struct fh_worker *worker;
    sys_caller_t *who;
    struct fh_node *node, *node2; /* referenced; node2 may be NULL */
    struct sys_node at, at2;
    sys_hold_t *pin, *pin2; /* keep the two from being recycled again, once they were */
    unsigned tries;
};

/** fh_op_begin - fill @op for a request about @ino. False: unknown number or no memory; answered. */
bool fh_op_begin(struct fh_op *op, fuse_req_t req, fuse_ino_t ino);
/** fh_op_second - add a second node; false: answered, and @op has ended. */
bool fh_op_second(struct fh_op *op, fuse_ino_t ino);
void fh_op_end(struct fh_op *op);
/** fh_op_again - should the call that failed with *@err be repeated? Finds the nodes again and pins them. */
bool fh_op_again(struct fh_op *op, int *err);

#define FH_OP_CALL(op, err, call)                                                                            \
    do {                                                                                                     \
        (err) = (call);                                                                                      \
    } while ((err) && fh_op_again(&(op), &(err)))

/** fh_reply_err - answer with a Darwin errno, 0 for success. */
void fh_reply_err(fuse_req_t req, int darwin);
/** fh_reply_attr - answer with attributes. */
void fh_reply_attr(const struct fh_op *op, const struct sys_attr *attr);
/** fh_reply_entry - answer with a file found or made as @name in op's node; counts the lookup. */
void fh_reply_entry(const struct fh_op *op, const struct sys_node *sys, const struct sys_attr *attr,
                    const char *name);
/** fh_entry_fill - the entry for a node. */
void fh_entry_fill(const struct fh_session *session, const struct fh_node *node, const struct sys_attr *attr,
                   struct fuse_entry_param *entry);

/* An open file to do I/O on: the host's handle where there are handles, else the node's lazily opened one. */
struct fh_io {
    sys_file_t *file;
    struct fh_lazy *lazy;
};
/** fh_io_get - Darwin errno. Owes fh_io_put(). */
int fh_io_get(const struct fh_op *op, uint64_t fh, bool write, struct fh_io *io);
void fh_io_put(const struct fh_op *op, struct fh_io *io);

/* The operations, by file. */
void fh_op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void fh_op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup);
void fh_op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets);
void fh_op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev);
void fh_op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void fh_op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void fh_op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t new_parent, const char *new_name);
void fh_op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void fh_op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
void fh_op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
                  const char *new_name, unsigned flags);

void fh_op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fh_op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *st, int to_set, struct fuse_file_info *fi);
void fh_op_readlink(fuse_req_t req, fuse_ino_t ino);
void fh_op_access(fuse_req_t req, fuse_ino_t ino, int mask);
void fh_op_statfs(fuse_req_t req, fuse_ino_t ino);
/** fh_kill_set_id - take the set-id bits away that a write or a change of owner must not leave. */
void fh_kill_set_id(struct fh_op *op);

void fh_op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fh_op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
                  struct fuse_file_info *fi);
void fh_op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi);
void fh_op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
                 struct fuse_file_info *fi);
void fh_op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fh_op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fh_op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi);
void fh_op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off, off_t len,
                     struct fuse_file_info *fi);
void fh_op_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence, struct fuse_file_info *fi);

void fh_op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fh_op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi);
void fh_op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi);

void fh_op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void fh_op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size,
                    int flags);
void fh_op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);
void fh_op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name);

#endif
