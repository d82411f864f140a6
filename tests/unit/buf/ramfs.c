// SPDX-License-Identifier: BSD-2-Clause
/*
 * The disk in memory and the file system on it. See ramfs.h.
 */
#include <string.h>
#include <sys/errno.h>
#include <libkern/libkern.h>
#include <vfs/vfs_support.h>

#include "kern/lock_iface.h"
#include "tests/support/ktest_kern.h"
#include "tests/unit/buf/ramfs.h"
#include "tests/unit/vfs/plain_mount.h"
#include "vfs/vfs_iface.h"

struct ram_disk ram_disk;
daddr64_t ram_map[RAM_FILES][RAM_FILE_BLOCKS];

enum { NODE_ROOT, NODE_DEV, NODE_FILE }; /* and the files after the first */
#define NODES (NODE_FILE + RAM_FILES)
static struct node {
    vnode_t vp; /* lock */
    unsigned index;
    bool making; /* lock */
} nodes[NODES];
static vnode_t held[NODES]; /* the running case's iocounts */
static lck_grp_t *group;
static lck_mtx_t lock;
static struct kern_call call;
static int (**vector)(void *);

/* ---- the disk ------------------------------------------------------------------------------------------ */

#define QUEUE_MAX 4096u
static buf_t queue[QUEUE_MAX]; /* lock */
static unsigned queued;        /* lock */
static bool ending;            /* lock */
static void *disk_thread;

static bool is_nth(uint32_t count, uint32_t nth)
{
    return nth && count % nth == 0;
}

static errno_t disk_transfer(buf_t bp, bool fails)
{
    caddr_t addr;
    size_t off = (size_t)buf_blkno(bp) * RAM_SECTOR, len = buf_count(bp);
    if (fails)
        return atomic_load(&ram_disk.fail_errno);
    if (buf_blkno(bp) < 0 || off + len > RAM_DISK_BYTES)
        return EINVAL;
    buf_map(bp, &addr);
    if (buf_flags(bp) & B_READ)
        memcpy(addr, ram_disk.data + off, len);
    else
        memcpy(ram_disk.data + off, addr, len);
    buf_unmap(bp);
    return 0;
}

static void disk_finish(buf_t bp)
{
    bool read = (buf_flags(bp) & B_READ) != 0;
    uint32_t count = atomic_fetch_add(read ? &ram_disk.reads : &ram_disk.writes, 1) + 1;
    uint32_t nth = atomic_load(read ? &ram_disk.fail_read_nth : &ram_disk.fail_write_nth);
    errno_t error = disk_transfer(bp, is_nth(count, nth));
    buf_setresid(bp, error ? buf_count(bp) : 0);
    if (error)
        buf_seterror(bp, error);
    buf_biodone(bp);
}

static int dev_strategy(buf_t bp)
{
    atomic_store(&ram_disk.last_blkno, buf_blkno(bp));
    atomic_store(&ram_disk.last_count, buf_count(bp));
    lck_mtx_lock(&lock);
    bool later = atomic_load(&ram_disk.mode) != RAM_NOW;
    if (later) {
        KASSERT(queued < QUEUE_MAX, "ramfs: too much at once");
        queue[queued++] = bp;
        atomic_store(&ram_disk.held, queued);
        wakeup(&queue);
    }
    lck_mtx_unlock(&lock);
    if (!later)
        disk_finish(bp);
    return 0;
}

static void disk_run(void *arg)
{
    (void)arg;
    lck_mtx_lock(&lock);
    while (!ending || queued) {
        if (!queued || (atomic_load(&ram_disk.mode) == RAM_HELD && !ending)) {
            msleep(&queue, &lock, PRIBIO, "ram disk", NULL);
            continue;
        }
        buf_t bp = queue[--queued];
        atomic_store(&ram_disk.held, queued);
        lck_mtx_unlock(&lock);
        disk_finish(bp);
        lck_mtx_lock(&lock);
    }
    lck_mtx_unlock(&lock);
}

void ram_let_go(void)
{
    lck_mtx_lock(&lock);
    atomic_store(&ram_disk.mode, RAM_LATER);
    wakeup(&queue);
    lck_mtx_unlock(&lock);
    KT_UNTIL(atomic_load(&ram_disk.held) == 0);
    atomic_store(&ram_disk.mode, RAM_NOW);
}

/* ---- operations ---------------------------------------------------------------------------------------- */

static struct node *node_of(vnode_t vp)
{
    return vnode_fsnode(vp);
}

static int ram_strategy(struct vnop_strategy_args *ap)
{
    vnode_t vp = buf_vnode(ap->a_bp);
    if (node_of(vp)->index == NODE_DEV)
        return dev_strategy(ap->a_bp);
    if (!(buf_flags(ap->a_bp) & B_READ))
        atomic_fetch_add(&ram_disk.written_back, 1);
    return buf_strategy(held[NODE_DEV], ap);
}

/* On the device itself: what buf_strategy hands on comes here with the file's vnode in it. */
static int dev_vector_strategy(struct vnop_strategy_args *ap)
{
    return dev_strategy(ap->a_bp);
}

static int ram_blktooff(struct vnop_blktooff_args *ap)
{
    *ap->a_offset = ap->a_lblkno * RAM_BLOCK;
    return ap->a_lblkno < 0 || ap->a_lblkno > (1 << 30) ? EINVAL : 0;
}

static int ram_blockmap(struct vnop_blockmap_args *ap)
{
    const daddr64_t *map = ram_map[node_of(ap->a_vp)->index - NODE_FILE];
    size_t block = (size_t)ap->a_foffset / RAM_BLOCK, within = (size_t)ap->a_foffset % RAM_BLOCK;
    int error = atomic_load(&ram_disk.blockmap_error);
    if (error || block >= RAM_FILE_BLOCKS)
        return error ? error : ERANGE;
    daddr64_t first = map[block];
    size_t run = RAM_BLOCK - within;
    while (run < ap->a_size && block + 1 < RAM_FILE_BLOCKS &&
           (first == -1 ? map[block + 1] == -1 : map[block + 1] == map[block] + RAM_BLOCK / RAM_SECTOR)) {
        block++;
        run += RAM_BLOCK;
    }
    *ap->a_bpn = first == -1 ? -1 : first + (daddr64_t)(within / RAM_SECTOR);
    if (ap->a_run)
        *ap->a_run = run < ap->a_size ? run : ap->a_size;
    return 0;
}

static int ram_reclaim(struct vnop_reclaim_args *ap)
{
    lck_mtx_lock(&lock);
    node_of(ap->a_vp)->vp = NULLVP;
    lck_mtx_unlock(&lock);
    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    return 0;
}

static int ram_fsync(struct vnop_fsync_args *ap)
{
    buf_flushdirtyblks(ap->a_vp, 1, 0, "ram_fsync");
    return 0;
}

#define OP(name, function)                                                                                   \
    {                                                                                                        \
        &vnop_##name##_desc, (int (*)(void *))(void (*)(void))(function)                                     \
    }
static const struct vnodeopv_entry_desc entries[] = {
    OP(default, vn_default_error), OP(strategy, ram_strategy),
    OP(blktooff, ram_blktooff),    OP(blockmap, ram_blockmap),
    OP(reclaim, ram_reclaim),      OP(inactive, nop_inactive),
    OP(fsync, ram_fsync),          OP(open, nop_open),
    OP(close, nop_close),          {NULL, NULL},
};
static const struct vnodeopv_entry_desc dev_entries[] = {
    OP(default, vn_default_error), OP(strategy, dev_vector_strategy),
    OP(reclaim, ram_reclaim),      OP(inactive, nop_inactive),
    OP(fsync, ram_fsync),          {NULL, NULL},
};
static int (**dev_vector)(void *);
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
        .vnfs_rdev = index == NODE_DEV ? 77 : 0,
        .vnfs_fsnode = node,
        .vnfs_vops = index == NODE_DEV ? dev_vector : vector,
        .vnfs_markroot = index == NODE_ROOT,
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

vnode_t ram_dev(void)
{
    return node_hold(NODE_DEV);
}

vnode_t ram_file(unsigned f)
{
    return node_hold(NODE_FILE + f);
}

void ram_recycle(unsigned f)
{
    vnode_recycle(held[NODE_FILE + f]);
    vnode_put(held[NODE_FILE + f]);
    held[NODE_FILE + f] = NULLVP;
}

struct buf_counters ram_counters(void)
{
    struct buf_counters now;
    buf_counters_get(&now);
    return now;
}

/* ---- mounting ------------------------------------------------------------------------------------------ */

static int root_get(struct vnode **vpp)
{
    return node_get(NODE_ROOT, vpp);
}

static void boot(uint64_t cache_bytes)
{
    static struct vnodeopv_desc *descs[] = {&vector_desc, &dev_vector_desc};
    struct plain_mount what = {
        .name = "ram",
        .descs = descs,
        .ndescs = 2,
        .cache_bytes = cache_bytes,
        .root = root_get,
    };
    memset(&ram_disk, 0, sizeof(ram_disk));
    memset(held, 0, sizeof(held));
    ram_disk.data = kern_alloc(RAM_DISK_BYTES, "ram_disk");
    atomic_store(&ram_disk.fail_errno, EIO);
    for (unsigned f = 0; f < RAM_FILES; f++)
        for (unsigned i = 0; i < RAM_FILE_BLOCKS; i++)
            ram_map[f][i] = (daddr64_t)(f * RAM_FILE_BLOCKS + i) * (RAM_BLOCK / RAM_SECTOR);
    for (unsigned i = 0; i < NODES; i++)
        nodes[i] = (struct node){.index = i};
    group = lck_grp_alloc_init("ramfs", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&lock, group, LCK_ATTR_NULL);
    ending = false;
    disk_thread = ktest_thread(disk_run, NULL);
    plain_mount_begin(&what);
    ram_dev();
}

static void end(void)
{
    atomic_store(&ram_disk.fail_read_nth, 0);
    atomic_store(&ram_disk.fail_write_nth, 0);
    atomic_store(&ram_disk.blockmap_error, 0);
    ram_let_go();
    /* The files first: their buffers are written through the device's vnode. */
    for (unsigned i = NODE_FILE; i < NODES; i++) {
        if (held[i])
            vnode_recycle(held[i]), vnode_put(held[i]);
    }
    vnode_put(held[NODE_DEV]);
    plain_mount_end();
    lck_mtx_lock(&lock);
    ending = true;
    wakeup(&queue);
    lck_mtx_unlock(&lock);
    ktest_thread_join(disk_thread);
    lck_mtx_destroy(&lock, group);
    lck_grp_free(group);
    kern_free(ram_disk.data, RAM_DISK_BYTES);
}

void ram_reboot(uint64_t cache_bytes)
{
    end();
    boot(cache_bytes);
}

void ram_suite_boot(void)
{
    ktest_kern_boot();
}

void ram_suite_setup(void)
{
    ktest_kern_setup();
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    boot(4u << 20);
}

void ram_suite_teardown(void)
{
    end();
    kern_leave(&call);
    ktest_kern_teardown();
}
