// SPDX-License-Identifier: BSD-2-Clause
/*
 * The file system of blocks. See flatfs.h.
 *
 * Locks: a file's own, over reading (shared), writing and truncating; inside it the one of the block maps and
 * of what is free, which alone VNOP_BLOCKMAP and VNOP_PAGEOUT take.
 */
#include <string.h>
#include <sys/errno.h>
#include <libkern/libkern.h>
#include <vfs/vfs_support.h>

#include "buf/buf_iface.h"
#include "kern/lock_iface.h"
#include "tests/support/ktest_kern.h"
#include "tests/unit/cluster/flatfs.h"
#include "tests/unit/vfs/plain_mount.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"

#define BLOCK_MIN  1024u
#define BLOCKS_MAX (FLAT_BYTES / BLOCK_MIN)
#define NOWHERE    UINT32_MAX

enum { NODE_ROOT, NODE_DEV, NODE_FILE }; /* and the files after the first */
#define NODES (NODE_FILE + FLAT_FILES)
static struct node {
    vnode_t vp; /* lock */
    unsigned index;
    lck_rw_t rw;
    _Atomic(off_t) size;
    uint32_t map[BLOCKS_MAX]; /* lock */
} nodes[NODES];
static bool taken[FLAT_DISK / BLOCK_MIN]; /* lock */
static uint64_t random_state;             /* lock */
static uint32_t block_size;
static vnode_t held[NODES]; /* the running case's iocounts */
static lck_grp_t *group;
static lck_mtx_t lock;
static struct kern_call call;
static int (**vector)(void *), (**dev_vector)(void *);

static struct node *node_of(vnode_t vp)
{
    return vnode_fsnode(vp);
}

/* ---- blocks: the lock is held -------------------------------------------------------------------------- */

/* Mostly the one behind @near, so that there are runs, else any. */
static uint32_t block_take(uint32_t near)
{
    uint32_t blocks = FLAT_DISK / block_size;
    random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
    uint32_t at = near + 1;
    if (near == NOWHERE || (random_state >> 33) % 8 == 0 || at >= blocks)
        at = (uint32_t)(random_state >> 35) % blocks;
    while (taken[at])
        at = (at + 1) % blocks;
    taken[at] = true;
    memset(flat_disk.data + (size_t)at * block_size, FLAT_GARBAGE, block_size);
    return at;
}

static void block_give(struct node *node, size_t i)
{
    if (node->map[i] != NOWHERE)
        taken[node->map[i]] = false;
    node->map[i] = NOWHERE;
}

static bool block_is(struct node *node, off_t offset)
{
    lck_mtx_lock(&lock);
    bool is = (size_t)offset / block_size < BLOCKS_MAX && node->map[(size_t)offset / block_size] != NOWHERE;
    lck_mtx_unlock(&lock);
    return is;
}

static void blocks_take(struct node *node, off_t from, off_t to)
{
    lck_mtx_lock(&lock);
    for (size_t i = (size_t)from / block_size; (off_t)(i * block_size) < to; i++)
        if (node->map[i] == NOWHERE)
            node->map[i] = block_take(i ? node->map[i - 1] : NOWHERE);
    lck_mtx_unlock(&lock);
}

/* ---- operations ---------------------------------------------------------------------------------------- */

static int flat_blockmap(struct vnop_blockmap_args *ap)
{
    struct node *node = node_of(ap->a_vp);
    size_t i = (size_t)ap->a_foffset / block_size, within = (size_t)ap->a_foffset % block_size;
    size_t run = block_size - within, end = FLAT_BYTES / block_size;
    if (ap->a_foffset < 0 || i >= end)
        return ERANGE;
    lck_mtx_lock(&lock);
    uint32_t first = node->map[i];
    *ap->a_bpn = first == NOWHERE ? -1 : (daddr64_t)(((size_t)first * block_size + within) / FLAT_SECTOR);
    for (; run < ap->a_size && ++i < end; run += block_size)
        if (node->map[i] != (first == NOWHERE ? NOWHERE : node->map[i - 1] + 1))
            break;
    lck_mtx_unlock(&lock);
    if (ap->a_run)
        *ap->a_run = run < ap->a_size ? run : ap->a_size;
    return 0;
}

static int flat_strategy(struct vnop_strategy_args *ap)
{
    return buf_strategy(held[NODE_DEV], ap);
}

static int dev_strategy(struct vnop_strategy_args *ap)
{
    flat_disk_strategy(ap->a_bp);
    return 0;
}

static int flat_blktooff(struct vnop_blktooff_args *ap)
{
    *ap->a_offset = ap->a_lblkno * block_size;
    return ap->a_lblkno < 0 ? EINVAL : 0;
}

static int flat_pagein(struct vnop_pagein_args *ap)
{
    return cluster_pagein(ap->a_vp, ap->a_pl, ap->a_pl_offset, ap->a_f_offset, (int)ap->a_size,
                          node_of(ap->a_vp)->size, ap->a_flags);
}

static int flat_pageout(struct vnop_pageout_args *ap)
{
    return cluster_pageout(ap->a_vp, ap->a_pl, ap->a_pl_offset, ap->a_f_offset, (int)ap->a_size,
                           node_of(ap->a_vp)->size, ap->a_flags);
}

static int flat_fsync_op(struct vnop_fsync_args *ap)
{
    cluster_push(ap->a_vp, ap->a_waitfor == MNT_WAIT ? IO_SYNC : 0);
    return 0;
}

static int flat_reclaim(struct vnop_reclaim_args *ap)
{
    lck_mtx_lock(&lock);
    node_of(ap->a_vp)->vp = NULLVP;
    lck_mtx_unlock(&lock);
    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    return 0;
}

#define OP(name, function)                                                                                   \
    {                                                                                                        \
        &vnop_##name##_desc, (int (*)(void *))(void (*)(void))(function)                                     \
    }
static const struct vnodeopv_entry_desc entries[] = {
    OP(default, vn_default_error), OP(strategy, flat_strategy),
    OP(blktooff, flat_blktooff),   OP(blockmap, flat_blockmap),
    OP(pagein, flat_pagein),       OP(pageout, flat_pageout),
    OP(reclaim, flat_reclaim),     OP(inactive, nop_inactive),
    OP(fsync, flat_fsync_op),      OP(open, nop_open),
    OP(close, nop_close),          {NULL, NULL},
};
static const struct vnodeopv_entry_desc dev_entries[] = {
    OP(default, vn_default_error), OP(strategy, dev_strategy), OP(reclaim, flat_reclaim),
    OP(inactive, nop_inactive),    OP(fsync, nop_fsync),       {NULL, NULL},
};
static struct vnodeopv_desc vector_desc = {&vector, entries}, dev_vector_desc = {&dev_vector, dev_entries};

/* ---- vnodes -------------------------------------------------------------------------------------------- */

static int node_get(unsigned index, vnode_t *vpp)
{
    struct node *node = &nodes[index];
    struct vnode_fsparam param = {
        .vnfs_mp = plain_mounted,
        .vnfs_vtype = index == NODE_ROOT  ? VDIR
                      : index == NODE_DEV ? VBLK
                                          : VREG,
        .vnfs_rdev = index == NODE_DEV ? 78 : 0,
        .vnfs_fsnode = node,
        .vnfs_vops = index == NODE_DEV ? dev_vector : vector,
        .vnfs_markroot = index == NODE_ROOT,
        .vnfs_filesize = node->size,
        .vnfs_flags = VNFS_ADDFSREF | VNFS_NOCACHE,
    };
    lck_mtx_lock(&lock);
    vnode_t vp = node->vp;
    uint32_t vid = vp ? vnode_vid(vp) : 0;
    lck_mtx_unlock(&lock);
    *vpp = vp;
    if (vp && !vnode_getwithvid(vp, vid))
        return 0;
    int error = vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, vpp);
    lck_mtx_lock(&lock);
    node->vp = *vpp;
    lck_mtx_unlock(&lock);
    return error;
}

static vnode_t node_hold(unsigned index)
{
    if (!held[index])
        KT_ASSERT_OK(node_get(index, &held[index]));
    return held[index];
}

vnode_t flat_file(unsigned f)
{
    return node_hold(NODE_FILE + f);
}

void flat_recycle(unsigned f)
{
    vnode_recycle(held[NODE_FILE + f]);
    vnode_put(held[NODE_FILE + f]);
    held[NODE_FILE + f] = NULLVP;
}

/* ---- files --------------------------------------------------------------------------------------------- */

off_t flat_size(unsigned f)
{
    return nodes[NODE_FILE + f].size;
}

static uio_t uio_make(off_t offset, void *data, size_t bytes, int rw)
{
    size_t first = bytes / 3;
    uio_t uio = uio_create(2, offset, UIO_SYSSPACE, rw);
    if (first)
        uio_addiov(uio, (user_addr_t)(uintptr_t)data, first);
    uio_addiov(uio, (user_addr_t)(uintptr_t)data + first, bytes - first);
    return uio;
}

static void uio_end(uio_t uio, size_t bytes, size_t *done)
{
    if (done)
        *done = bytes - (size_t)uio_resid(uio);
    uio_free(uio);
}

int flat_read(unsigned f, off_t offset, void *data, size_t bytes, int flags, size_t *done)
{
    struct node *node = &nodes[NODE_FILE + f];
    uio_t uio = uio_make(offset, data, bytes, UIO_READ);
    lck_rw_lock_shared(&node->rw);
    int error = cluster_read(held[NODE_FILE + f], uio, node->size, flags);
    lck_rw_unlock_shared(&node->rw);
    uio_end(uio, bytes, done);
    return error;
}

/* The file grows without data: what its last block has behind the end becomes zero. File lock held. */
static int grow(struct node *node, vnode_t vp, off_t size)
{
    off_t old = node->size, end = (old / block_size + 1) * block_size;
    int error = 0;
    end = end < size ? end : size;
    if (old % block_size && block_is(node, old))
        error = cluster_write(vp, NULL, old, end, old, 0, IO_HEADZEROFILL);
    if (!error) {
        ubc_setsize(vp, size);
        node->size = size;
    }
    return error;
}

/* Of blocks that are new all that is not data is zeroed. File lock held. */
static int write_data(struct node *node, vnode_t vp, uio_t uio, int flags)
{
    off_t from = uio_offset(uio), to = from + uio_resid(uio), old = node->size;
    off_t head = from / block_size * block_size, tail = (to + block_size - 1) / block_size * block_size;
    if (!block_is(node, from))
        flags |= IO_HEADZEROFILL;
    if (!block_is(node, to - 1))
        flags |= IO_TAILZEROFILL;
    blocks_take(node, from, to);
    int error = cluster_write(vp, uio, old, to > old ? to : old, head, tail, flags);
    to = uio_offset(uio);
    if (to > old) {
        node->size = to;
        ubc_setsize(vp, to);
    }
    return error;
}

int flat_write(unsigned f, off_t offset, const void *data, size_t bytes, int flags, size_t *done)
{
    struct node *node = &nodes[NODE_FILE + f];
    vnode_t vp = held[NODE_FILE + f];
    uio_t uio = uio_make(offset, (void *)(uintptr_t)data, bytes, UIO_WRITE);
    lck_rw_lock_exclusive(&node->rw);
    int error = offset > node->size ? grow(node, vp, offset) : 0;
    if (!error)
        error = write_data(node, vp, uio, flags);
    lck_rw_unlock_exclusive(&node->rw);
    uio_end(uio, bytes, done);
    return error;
}

int flat_truncate(unsigned f, off_t size)
{
    struct node *node = &nodes[NODE_FILE + f];
    vnode_t vp = held[NODE_FILE + f];
    int error = 0;
    lck_rw_lock_exclusive(&node->rw);
    if (size > node->size) {
        error = grow(node, vp, size);
    } else {
        node->size = size;
        ubc_setsize(vp, size);
        lck_mtx_lock(&lock);
        for (size_t i = ((size_t)size + block_size - 1) / block_size; i < FLAT_BYTES / block_size; i++)
            block_give(node, i);
        lck_mtx_unlock(&lock);
    }
    lck_rw_unlock_exclusive(&node->rw);
    return error;
}

int flat_fsync(unsigned f)
{
    int error = 0;
    cluster_push_err(held[NODE_FILE + f], IO_SYNC, NULL, NULL, &error);
    return error;
}

int flat_stored(unsigned f, off_t offset)
{
    lck_mtx_lock(&lock);
    uint32_t block = nodes[NODE_FILE + f].map[(size_t)offset / block_size];
    lck_mtx_unlock(&lock);
    return block == NOWHERE ? -1 : flat_disk.data[(size_t)block * block_size + (size_t)offset % block_size];
}

void flat_hole_make(unsigned f, off_t from, off_t to)
{
    lck_mtx_lock(&lock);
    for (size_t i = (size_t)from / block_size; (off_t)(i * block_size) < to; i++)
        block_give(&nodes[NODE_FILE + f], i);
    lck_mtx_unlock(&lock);
}

struct ubc_counters flat_counters(void)
{
    struct ubc_counters now = {0};
    ubc_counters_get(&now);
    return now;
}

/* ---- mounting ------------------------------------------------------------------------------------------ */

static int root_get(struct vnode **vpp)
{
    return node_get(NODE_ROOT, vpp);
}

static void nodes_boot(void)
{
    memset(held, 0, sizeof(held));
    memset(taken, 0, sizeof(taken));
    random_state = ktest_seed();
    for (unsigned i = 0; i < NODES; i++) {
        memset(&nodes[i], 0, sizeof(nodes[i]));
        nodes[i].index = i;
        memset(nodes[i].map, 0xff, sizeof(nodes[i].map));
        lck_rw_init(&nodes[i].rw, group, LCK_ATTR_NULL);
    }
}

static void boot(uint64_t cache_bytes, uint32_t block)
{
    static struct vnodeopv_desc *descs[] = {&vector_desc, &dev_vector_desc};
    struct plain_mount what = {
        .name = "flat",
        .descs = descs,
        .ndescs = 2,
        .cache_bytes = cache_bytes,
        .root = root_get,
    };
    block_size = block;
    group = lck_grp_alloc_init("flatfs", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&lock, group, LCK_ATTR_NULL);
    flat_disk_boot();
    nodes_boot();
    plain_mount_begin(&what);
    node_hold(NODE_DEV);
}

static void end(void)
{
    atomic_store(&flat_disk.fail_reads, 0);
    atomic_store(&flat_disk.fail_writes, 0);
    flat_disk_go();
    for (unsigned i = NODE_FILE; i < NODES; i++)
        if (held[i])
            vnode_recycle(held[i]), vnode_put(held[i]);
    vnode_put(held[NODE_DEV]);
    plain_mount_end();
    flat_disk_shutdown();
    for (unsigned i = 0; i < NODES; i++)
        lck_rw_destroy(&nodes[i].rw, group);
    lck_mtx_destroy(&lock, group);
    lck_grp_free(group);
}

void flat_reboot(uint64_t cache_bytes, uint32_t block)
{
    end();
    boot(cache_bytes, block);
}

void flat_suite_boot(void)
{
    ktest_kern_boot();
}

void flat_suite_setup(void)
{
    ktest_kern_setup();
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    boot(FLAT_BUDGET, 4096);
}

void flat_suite_teardown(void)
{
    end();
    kern_leave(&call);
    ktest_kern_teardown();
}
