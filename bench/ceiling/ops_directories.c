// SPDX-License-Identifier: BSD-2-Clause
/*
 * FUSE calls that list directories. An offset is the place behind an entry: 1 behind ".", 2 behind "..", then
 * the slot of the name plus three. Locks: the directory's, then each node's in turn for its attributes
 * (ceiling.h).
 */
#include "bench/ceiling/ceiling.h"

#include <errno.h>
#include <stdlib.h>

enum {
    DOT_OFFSET = 1,
    DOT_DOT_OFFSET = 2,
};

// A reply being put together.
struct listing {
    fuse_req_t req;
    char *buf;
    size_t used;
    size_t room;
    bool plus; // with attributes, each of which is a lookup
};

static void ceiling_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    if (ceiling.skip_open)
        fuse_reply_err(req, ENOSYS);
    else
        fuse_reply_open(req, fi);
}

// "." and "..": never looked up by name, so no node goes with them. Returns whether it fitted.
static bool list_dot(struct listing *list, const char *name, ino_t ino, off_t off)
{
    struct fuse_entry_param entry = {.attr = {.st_ino = ino, .st_mode = S_IFDIR}};
    size_t need = list->plus ? fuse_add_direntry_plus(list->req, list->buf + list->used,
                                                      list->room - list->used, name, &entry, off)
                             : fuse_add_direntry(list->req, list->buf + list->used, list->room - list->used,
                                                 name, &entry.attr, off);

    if (need > list->room - list->used)
        return false;
    list->used += need;
    return true;
}

static bool list_name(struct listing *list, const struct dirent_slot *name)
{
    char *at = list->buf + list->used;
    size_t left = list->room - list->used;
    off_t off = (off_t)name->slot + DOT_DOT_OFFSET + 1;
    struct fuse_entry_param entry;
    size_t need;

    if (list->plus) {
        node_entry(name->node, &entry);
        need = fuse_add_direntry_plus(list->req, at, left, name->name, &entry, off);
    } else {
        // Number and type, all that is sent, never change: no lock.
        need = fuse_add_direntry(list->req, at, left, name->name, &name->node->n_stat, off);
    }
    if (need > left)
        return false;
    if (list->plus)
        node_ref(name->node, 1);
    list->used += need;
    return true;
}

static void list_names(struct listing *list, const struct node *dir, off_t off)
{
    if (off < DOT_OFFSET && !list_dot(list, ".", dir->n_stat.st_ino, DOT_OFFSET))
        return;
    if (off < DOT_DOT_OFFSET && !list_dot(list, "..", dir->n_dir.parent->n_stat.st_ino, DOT_DOT_OFFSET))
        return;
    for (size_t i = off > DOT_DOT_OFFSET ? (size_t)(off - DOT_DOT_OFFSET) : 0; i < dir->n_dir.n_slots; i++)
        if (dir->n_dir.slots[i] != NULL && !list_name(list, dir->n_dir.slots[i]))
            return;
}

static void reply_listing(fuse_req_t req, fuse_ino_t ino, size_t room, off_t off, bool plus)
{
    struct node *dir = node_of(ino);
    struct listing list = {.req = req, .buf = malloc(room), .room = room, .plus = plus};

    if (list.buf == NULL) {
        fuse_reply_err(req, ENOMEM);
        return;
    }
    pthread_rwlock_rdlock(&dir->n_lock);
    list_names(&list, dir, off);
    pthread_rwlock_unlock(&dir->n_lock);
    fuse_reply_buf(req, list.buf, list.used);
    free(list.buf);
}

static void ceiling_readdir(fuse_req_t req, fuse_ino_t ino, size_t room, off_t off, struct fuse_file_info *fi)
{
    (void)fi;
    reply_listing(req, ino, room, off, false);
}

static void ceiling_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t room, off_t off,
                                struct fuse_file_info *fi)
{
    (void)fi;
    reply_listing(req, ino, room, off, true);
}

static void ceiling_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    (void)fi;
    fuse_reply_err(req, 0);
}

void ops_directories_fill(struct fuse_lowlevel_ops *ops)
{
    ops->opendir = ceiling_opendir;
    ops->readdir = ceiling_readdir;
    ops->readdirplus = ceiling_readdirplus;
    ops->releasedir = ceiling_releasedir;
}
