// SPDX-License-Identifier: BSD-2-Clause
/*
 * Nodes: identity, references, attributes. Owns the root. Locks: n_lock, see ceiling.h.
 */
#include "bench/ceiling/ceiling.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static struct node *root;
static atomic_uint_fast64_t next_ino = FUSE_ROOT_ID;

int node_root_make(void)
{
    struct fuse_ctx ctx = {.uid = geteuid(), .gid = getegid()};

    root = node_new(&ctx, S_IFDIR | 0755, 0);
    if (root == NULL)
        return ENOMEM;
    root->n_dir.parent = root;
    return 0;
}

struct node *node_of(fuse_ino_t ino)
{
    return ino == FUSE_ROOT_ID ? root : (struct node *)(uintptr_t)ino;
}

fuse_ino_t node_ino(const struct node *node)
{
    return node == root ? FUSE_ROOT_ID : (fuse_ino_t)(uintptr_t)node;
}

struct node *node_new(const struct fuse_ctx *ctx, mode_t mode, dev_t rdev)
{
    struct node *node = calloc(1, sizeof(*node));

    if (node == NULL)
        return NULL;
    atomic_init(&node->n_refs, 1);
    pthread_rwlock_init(&node->n_lock, NULL);
    node->n_stat.st_ino = atomic_fetch_add(&next_ino, 1);
    node->n_stat.st_mode = mode;
    node->n_stat.st_nlink = S_ISDIR(mode) ? 2 : 1;
    node->n_stat.st_uid = ctx->uid;
    node->n_stat.st_gid = ctx->gid;
    node->n_stat.st_rdev = rdev;
    node->n_stat.st_blksize = 4096;
    node_touch(node, true);
    node->n_stat.st_atim = node->n_stat.st_mtim;
    return node;
}

void node_ref(struct node *node, uint64_t count)
{
    atomic_fetch_add_explicit(&node->n_refs, count, memory_order_relaxed);
}

void node_release(struct node *node, uint64_t count)
{
    if (atomic_fetch_sub(&node->n_refs, count) != count)
        return;
    pthread_rwlock_destroy(&node->n_lock);
    if (S_ISDIR(node->n_stat.st_mode))
        dir_free(&node->n_dir);
    else
        free(node->n_data);
    free(node);
}

void node_touch(struct node *node, bool modified)
{
    clock_gettime(CLOCK_REALTIME_COARSE, &node->n_stat.st_ctim);
    if (modified)
        node->n_stat.st_mtim = node->n_stat.st_ctim;
}

void node_entry(struct node *node, struct fuse_entry_param *entry)
{
    *entry = (struct fuse_entry_param){
        .ino = node_ino(node), .attr_timeout = ceiling.timeout_s, .entry_timeout = ceiling.timeout_s};
    pthread_rwlock_rdlock(&node->n_lock);
    entry->attr = node->n_stat;
    pthread_rwlock_unlock(&node->n_lock);
}
