// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading directories, plain and with attributes. Called by the workers. Offsets are the file system's
 * cookies, so a directory that changes while it is read shows what the file system promises.
 */
#include <errno.h>
#include <linux/fuse.h>
#include <string.h>

#include "fusehost/flags_map.h"
#include "fusehost/op.h"

struct listing {
    struct fh_op *op;
    char *buf;
    size_t size, used;
    uint64_t *counted; /* node numbers that this reply counts a lookup for */
    size_t n_counted, max_counted;
};

static bool is_dot(const struct sys_dirent *ent)
{
    return ent->name[0] == '.' && (ent->namelen == 1 || (ent->namelen == 2 && ent->name[1] == '.'));
}

static int emit_plain(void *arg, const struct sys_dirent *ent)
{
    struct listing *list = arg;
    struct stat st = {.st_ino = ent->fileid, .st_mode = fh_mode_type(ent->type)};
    size_t need = fuse_add_direntry(list->op->req, list->buf + list->used, list->size - list->used, ent->name,
                                    &st, ent->cookie);

    if (need > list->size - list->used)
        return 1;
    list->used += need;
    return 0;
}

/* An entry whose file cannot be looked up (removed meanwhile, no search permission) is told without
 * attributes, and the host asks if it wants to know. */
static void entry_look_up(struct listing *list, const struct sys_dirent *ent, struct fuse_entry_param *entry)
{
    struct fh_op *op = list->op;
    struct sys_node sys;
    struct sys_attr attr;

    memset(entry, 0, sizeof(*entry));
    entry->attr.st_ino = ent->fileid;
    entry->attr.st_mode = fh_mode_type(ent->type);
    if (is_dot(ent) || list->n_counted == list->max_counted)
        return;
    if (sys_dirent_lookup(ent, &sys, &attr) != 0)
        return;
    struct fh_node *node = fh_node_enter(&op->session->nodes, &sys, &attr, op->node, ent->name);
    if (!node)
        return;
    fh_entry_fill(op->session, node, &attr, entry);
    list->counted[list->n_counted++] = node->nodeid;
    fh_node_put(node);
}

static int emit_plus(void *arg, const struct sys_dirent *ent)
{
    struct listing *list = arg;
    struct fuse_entry_param entry;
    size_t left = list->size - list->used;

    if (FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET_DIRENTPLUS + ent->namelen) > left)
        return 1;
    entry_look_up(list, ent, &entry);
    list->used +=
        fuse_add_direntry_plus(list->op->req, list->buf + list->used, left, ent->name, &entry, ent->cookie);
    return 0;
}

static void listing_reply(struct listing *list, int err)
{
    struct fh_op *op = list->op;

    if (err && list->used == 0) {
        fh_reply_err(op->req, err);
    } else if (fuse_reply_buf(op->req, list->buf, list->used) != 0) {
        for (size_t i = 0; i < list->n_counted; i++)
            fh_node_forget(&op->session->nodes, list->counted[i], 1);
    }
}

static void readdir_common(struct fh_op *op, size_t size, off_t off, uint64_t fh, bool plus)
{
    struct listing list = {.op = op, .size = size};
    struct fh_io io;
    bool eof;

    /* The node numbers of a reply stand behind it in the same buffer; no entry is smaller than 24 bytes. */
    size_t numbers = plus ? size / 24 + 1 : 0;
    size_t aligned = (size + 7) & ~(size_t)7;
    list.buf = fh_worker_out(op->worker, aligned + numbers * sizeof(uint64_t));
    if (!list.buf) {
        fuse_reply_err(op->req, ENOMEM);
        return;
    }
    list.counted = (uint64_t *)(void *)(list.buf + aligned);
    list.max_counted = numbers;

    int err = fh_io_get(op, fh, false, &io);
    if (!err) {
        err = sys_readdir(op->who, io.file, off, plus ? emit_plus : emit_plain, &list, &eof);
        fh_io_put(op, &io);
    }
    listing_reply(&list, err);
    if (plus)
        fh_invalidator_pressure(op->session);
}

void fh_op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
    struct fh_op op;

    if (!fh_op_begin(&op, req, ino))
        return;
    readdir_common(&op, size, off, fi->fh, false);
    fh_op_end(&op);
}

void fh_op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
    struct fh_op op;

    if (!fh_op_begin(&op, req, ino))
        return;
    readdir_common(&op, size, off, fi->fh, true);
    fh_op_end(&op);
}
