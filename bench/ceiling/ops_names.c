// SPDX-License-Identifier: BSD-2-Clause
/*
 * FUSE calls that find, make and remove names. Locks: directories, then nodes (ceiling.h).
 */
#include "bench/ceiling/ceiling.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void ceiling_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct node *dir = node_of(parent);
    struct fuse_entry_param entry = {.entry_timeout = ceiling.timeout_s};

    pthread_rwlock_rdlock(&dir->n_lock);
    struct dirent_slot *found = dir_find(dir, name);
    if (found != NULL) {
        node_ref(found->node, 1);
        node_entry(found->node, &entry);
    }
    pthread_rwlock_unlock(&dir->n_lock);
    // An entry without a node is a name that the kernel may remember as missing.
    if (found == NULL && ceiling.timeout_s <= 0)
        fuse_reply_err(req, ENOENT);
    else
        fuse_reply_entry(req, &entry);
}

static void ceiling_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count)
{
    if (ino != FUSE_ROOT_ID)
        node_release(node_of(ino), count);
    fuse_reply_none(req);
}

static void ceiling_forget_multi(fuse_req_t req, size_t n, struct fuse_forget_data *forgets)
{
    for (size_t i = 0; i < n; i++)
        if (forgets[i].ino != FUSE_ROOT_ID)
            node_release(node_of(forgets[i].ino), forgets[i].nlookup);
    fuse_reply_none(req);
}

/*
 * Names the new @node in @parent. Takes over the caller's reference; on success another one is left for the
 * kernel and @entry is filled. Returns 0 or an errno.
 */
static int name_new(fuse_ino_t parent, const char *name, struct node *node, struct fuse_entry_param *entry)
{
    struct node *dir = node_of(parent);
    int error;

    node_ref(node, 1);
    node_entry(node, entry);
    pthread_rwlock_wrlock(&dir->n_lock);
    error = dir_find(dir, name) != NULL ? EEXIST : dir_add(dir, name, node);
    if (error == 0) {
        if (S_ISDIR(entry->attr.st_mode)) {
            node->n_dir.parent = dir;
            dir->n_stat.st_nlink++;
        }
        node_touch(dir, true);
    }
    pthread_rwlock_unlock(&dir->n_lock);
    if (error != 0)
        node_release(node, 2);
    return error;
}

static void make_node(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
    struct node *node = node_new(fuse_req_ctx(req), mode, rdev);
    struct fuse_entry_param entry;
    int error = node != NULL ? name_new(parent, name, node, &entry) : ENOMEM;

    if (error != 0)
        fuse_reply_err(req, error);
    else
        fuse_reply_entry(req, &entry);
}

static void ceiling_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
    make_node(req, parent, name, mode, rdev);
}

static void ceiling_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
    make_node(req, parent, name, S_IFDIR | (mode & 07777), 0);
}

static void ceiling_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
    struct node *node = node_new(fuse_req_ctx(req), S_IFLNK | 0777, 0);
    struct fuse_entry_param entry;
    int error = ENOMEM;

    if (node != NULL) {
        node->n_data = strdup(target);
        node->n_stat.st_size = (off_t)strlen(target);
        if (node->n_data != NULL)
            error = name_new(parent, name, node, &entry);
        else
            node_release(node, 1);
    }
    if (error != 0)
        fuse_reply_err(req, error);
    else
        fuse_reply_entry(req, &entry);
}

static void ceiling_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
                           struct fuse_file_info *fi)
{
    struct node *node = node_new(fuse_req_ctx(req), S_IFREG | (mode & 07777), 0);
    struct fuse_entry_param entry;
    int error = node != NULL ? name_new(parent, name, node, &entry) : ENOMEM;

    fi->keep_cache = ceiling.keep_cache;
    if (error != 0)
        fuse_reply_err(req, error);
    else
        fuse_reply_create(req, &entry, fi);
}

static void ceiling_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
    struct node *node = node_of(ino);
    struct node *dir = node_of(parent);
    struct fuse_entry_param entry;

    node_ref(node, 2); // the name's and the kernel's
    pthread_rwlock_wrlock(&dir->n_lock);
    int error = dir_find(dir, name) != NULL ? EEXIST : dir_add(dir, name, node);
    if (error == 0) {
        node_touch(dir, true);
        pthread_rwlock_wrlock(&node->n_lock);
        node->n_stat.st_nlink++;
        node_touch(node, false);
        pthread_rwlock_unlock(&node->n_lock);
        node_entry(node, &entry);
    }
    pthread_rwlock_unlock(&dir->n_lock);
    if (error != 0) {
        node_release(node, 2);
        fuse_reply_err(req, error);
    } else {
        fuse_reply_entry(req, &entry);
    }
}

// Takes the name @entry, whose node is @node, out of the write-locked @dir. The caller releases the name's
// reference.
static void name_remove(struct node *dir, struct dirent_slot *entry)
{
    struct node *node = entry->node;

    dir_remove(dir, entry);
    node_touch(dir, true);
    pthread_rwlock_wrlock(&node->n_lock);
    if (S_ISDIR(node->n_stat.st_mode)) {
        node->n_stat.st_nlink = 0;
        dir->n_stat.st_nlink--;
    } else {
        node->n_stat.st_nlink--;
    }
    node_touch(node, false);
    pthread_rwlock_unlock(&node->n_lock);
}

// Whether @node may lose its name: to an unlink, or if @as_dir to an rmdir. Its directory is write-locked.
static int removable(struct node *node, bool as_dir)
{
    int error = 0;

    pthread_rwlock_rdlock(&node->n_lock);
    if (S_ISDIR(node->n_stat.st_mode) != as_dir)
        error = as_dir ? ENOTDIR : EISDIR;
    else if (as_dir && node->n_dir.n_names != 0)
        error = ENOTEMPTY;
    pthread_rwlock_unlock(&node->n_lock);
    return error;
}

static void remove_name(fuse_req_t req, fuse_ino_t parent, const char *name, bool as_dir)
{
    struct node *dir = node_of(parent);
    struct node *node = NULL;

    pthread_rwlock_wrlock(&dir->n_lock);
    struct dirent_slot *entry = dir_find(dir, name);
    int error = entry != NULL ? removable(entry->node, as_dir) : ENOENT;
    if (error == 0) {
        node = entry->node;
        name_remove(dir, entry);
    }
    pthread_rwlock_unlock(&dir->n_lock);
    if (node != NULL)
        node_release(node, 1);
    fuse_reply_err(req, error);
}

static void ceiling_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    remove_name(req, parent, name, false);
}

static void ceiling_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    remove_name(req, parent, name, true);
}

static void lock_both(struct node *a, struct node *b)
{
    struct node *first = (uintptr_t)a < (uintptr_t)b ? a : b;

    pthread_rwlock_wrlock(&first->n_lock);
    if (a != b)
        pthread_rwlock_wrlock(first == a ? &b->n_lock : &a->n_lock);
}

static void unlock_both(struct node *a, struct node *b)
{
    pthread_rwlock_unlock(&a->n_lock);
    if (a != b)
        pthread_rwlock_unlock(&b->n_lock);
}

/*
 * Moves a name between the write-locked directories @from and @to. The kernel has made sure that @to does not
 * lie inside what is moved. @victim gets the node that lost its name, for the caller to release, or NULL.
 */
static int name_move(struct node *from, const char *name, struct node *to, const char *new_name, bool replace,
                     struct node **victim)
{
    struct dirent_slot *entry = dir_find(from, name);
    struct dirent_slot *there = dir_find(to, new_name);
    int error;

    *victim = NULL;
    if (entry == NULL)
        return ENOENT;
    if (there != NULL && !replace)
        return EEXIST;
    if (there != NULL && there->node == entry->node)
        return 0;
    struct node *node = entry->node;
    bool is_dir = S_ISDIR(node->n_stat.st_mode); // the type never changes
    error = there != NULL ? removable(there->node, is_dir) : 0;
    if (error == 0)
        error = dir_add(to, new_name, node);
    if (error != 0)
        return error;
    if (there != NULL) {
        *victim = there->node;
        name_remove(to, there);
    }
    dir_remove(from, entry);
    if (is_dir) {
        node->n_dir.parent = to;
        from->n_stat.st_nlink--;
        to->n_stat.st_nlink++;
    }
    node_touch(from, true);
    node_touch(to, true);
    return 0;
}

static void ceiling_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
                           const char *new_name, unsigned flags)
{
    struct node *from = node_of(parent);
    struct node *to = node_of(new_parent);
    struct node *victim;

    if ((flags & ~(unsigned)RENAME_NOREPLACE) != 0) {
        fuse_reply_err(req, EINVAL);
        return;
    }
    lock_both(from, to);
    int error = name_move(from, name, to, new_name, (flags & RENAME_NOREPLACE) == 0, &victim);
    unlock_both(from, to);
    if (victim != NULL)
        node_release(victim, 1);
    fuse_reply_err(req, error);
}

void ops_names_fill(struct fuse_lowlevel_ops *ops)
{
    ops->lookup = ceiling_lookup;
    ops->forget = ceiling_forget;
    ops->forget_multi = ceiling_forget_multi;
    ops->mknod = ceiling_mknod;
    ops->mkdir = ceiling_mkdir;
    ops->symlink = ceiling_symlink;
    // A missing call is answered 'no such call'; files are then made with MKNOD.
    ops->create = ceiling.skip_open ? NULL : ceiling_create;
    ops->link = ceiling_link;
    ops->unlink = ceiling_unlink;
    ops->rmdir = ceiling_rmdir;
    ops->rename = ceiling_rename;
}
