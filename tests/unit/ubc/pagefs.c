// SPDX-License-Identifier: BSD-2-Clause
/*
 * The file system of pages. See pagefs.h.
 */
#include <string.h>
#include <sys/errno.h>
#include <libkern/libkern.h>
#include <mach/kern_return.h>
#include <vfs/vfs_support.h>

#include "kern/lock_iface.h"
#include "tests/support/ktest_kern.h"
#include "tests/unit/ubc/pagefs.h"
#include "tests/unit/vfs/plain_mount.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"

struct page_store page_store;

#define NODE_ROOT PG_FILES
static struct node {
    vnode_t vp; /* lock */
    unsigned index;
} nodes[PG_FILES + 1];
static vnode_t held[PG_FILES]; /* the running case's iocounts */
static lck_grp_t *group;
static lck_mtx_t lock;
static struct kern_call call;
static int (**vector)(void *);

static struct node *node_of(vnode_t vp)
{
    return vnode_fsnode(vp);
}

/* ---- operations ---------------------------------------------------------------------------------------- */

/* All pages of @upl from @first on, between memory and the file. Those that are not in the list are left. */
static int transfer(vnode_t vp, upl_t upl, size_t first, off_t f_offset, size_t size, bool in)
{
    upl_page_info_t *info = ubc_upl_pageinfo(upl);
    uint8_t *store = page_store.data[node_of(vp)->index] + f_offset;
    vm_offset_t addr;
    if (ubc_upl_map(upl, &addr))
        return EIO;
    for (size_t i = 0; i < size / PG; i++) {
        int index = (int)(first + i);
        uint8_t *page = (uint8_t *)addr + (size_t)index * PG;
        if (!upl_page_present(info, index))
            continue;
        if (in && !upl_valid_page(info, index))
            memcpy(page, store + i * PG, PG);
        else if (!in)
            memcpy(store + i * PG, page, PG);
        if (!in)
            atomic_fetch_add(&page_store.pages, 1);
    }
    return ubc_upl_unmap(upl) ? EIO : 0;
}

static int pg_pagein(struct vnop_pagein_args *ap)
{
    upl_t upl = ap->a_pl;
    if (!upl && ubc_create_upl(ap->a_vp, ap->a_f_offset, (int)ap->a_size, &upl, NULL, UPL_UBC_PAGEIN))
        return EINVAL;
    size_t first = ap->a_pl ? ap->a_pl_offset / PG : 0;
    int error = transfer(ap->a_vp, upl, first, ap->a_f_offset, ap->a_size, true);
    if (error)
        ubc_upl_abort_range(upl, (upl_offset_t)(first * PG), (upl_size_t)ap->a_size,
                            UPL_ABORT_ERROR | UPL_ABORT_FREE_ON_EMPTY);
    else
        ubc_upl_commit_range(upl, (upl_offset_t)(first * PG), (upl_size_t)ap->a_size,
                             UPL_COMMIT_FREE_ON_EMPTY);
    return error;
}

static int pg_pageout(struct vnop_pageout_args *ap)
{
    upl_t upl = ap->a_pl;
    if (atomic_load(&page_store.out_missing))
        return ENOTSUP;
    int fails = atomic_load(&page_store.out_error);
    atomic_fetch_add(&page_store.outs, 1);
    atomic_store(&page_store.last_flags, ap->a_flags);
    if (!upl && ubc_create_upl(ap->a_vp, ap->a_f_offset, (int)ap->a_size, &upl, NULL, UPL_UBC_PAGEOUT))
        return EINVAL;
    if (!fails || ap->a_f_offset + (off_t)ap->a_size <= (off_t)atomic_load(&page_store.fail_from) * PG)
        fails = transfer(ap->a_vp, upl, ap->a_pl_offset / PG, ap->a_f_offset, ap->a_size, false);
    if (fails)
        ubc_upl_abort_range(upl, ap->a_pl_offset, (upl_size_t)ap->a_size, UPL_ABORT_FREE_ON_EMPTY);
    else
        ubc_upl_commit_range(upl, ap->a_pl_offset, (upl_size_t)ap->a_size, UPL_COMMIT_FREE_ON_EMPTY);
    return fails;
}

static int pg_mmap(struct vnop_mmap_args *ap)
{
    atomic_fetch_add(&page_store.maps, 1);
    atomic_store(&page_store.map_prot, ap->a_fflags);
    return atomic_load(&page_store.map_error);
}

static int pg_mnomap(struct vnop_mnomap_args *ap)
{
    (void)ap;
    atomic_fetch_add(&page_store.unmaps, 1);
    return 0;
}

static int pg_blktooff(struct vnop_blktooff_args *ap)
{
    *ap->a_offset = ap->a_lblkno * PG;
    return ap->a_lblkno < 0 ? EINVAL : 0;
}

static int pg_offtoblk(struct vnop_offtoblk_args *ap)
{
    *ap->a_lblkno = ap->a_offset / PG;
    return ap->a_offset < 0 ? EINVAL : 0;
}

static int pg_reclaim(struct vnop_reclaim_args *ap)
{
    lck_mtx_lock(&lock);
    node_of(ap->a_vp)->vp = NULLVP;
    lck_mtx_unlock(&lock);
    vnode_clearfsnode(ap->a_vp);
    return 0;
}

#define OP(name, function)                                                                                   \
    {                                                                                                        \
        &vnop_##name##_desc, (int (*)(void *))(void (*)(void))(function)                                     \
    }
static const struct vnodeopv_entry_desc entries[] = {
    OP(default, vn_default_error),
    OP(pagein, pg_pagein),
    OP(pageout, pg_pageout),
    OP(blktooff, pg_blktooff),
    OP(offtoblk, pg_offtoblk),
    OP(reclaim, pg_reclaim),
    OP(inactive, nop_inactive),
    OP(fsync, nop_fsync),
    OP(mmap, pg_mmap),
    OP(mnomap, pg_mnomap),
    {NULL, NULL},
};
static struct vnodeopv_desc vector_desc = {&vector, entries};

/* ---- vnodes -------------------------------------------------------------------------------------------- */

static int node_get(unsigned index, vnode_t *vpp)
{
    struct node *node = &nodes[index];
    struct vnode_fsparam param = {
        .vnfs_mp = plain_mounted,
        .vnfs_vtype = index == NODE_ROOT ? VDIR : VREG,
        .vnfs_fsnode = node,
        .vnfs_vops = vector,
        .vnfs_markroot = index == NODE_ROOT,
        .vnfs_filesize = PG_BYTES,
        .vnfs_flags = VNFS_NOCACHE,
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

vnode_t pg_file(unsigned f)
{
    if (!held[f])
        KT_ASSERT_OK(node_get(f, &held[f]));
    return held[f];
}

void pg_recycle(unsigned f)
{
    vnode_recycle(held[f]);
    vnode_put(held[f]);
    held[f] = NULLVP;
}

/* ---- pages --------------------------------------------------------------------------------------------- */

upl_t pg_list(vnode_t vp, unsigned page, unsigned count, int flags, upl_page_info_t **info)
{
    upl_t upl;
    KT_ASSERT_OK(ubc_create_upl(vp, (off_t)page * PG, (int)(count * PG), &upl, info, flags));
    return upl;
}

int pg_fill(vnode_t vp, unsigned page, unsigned count)
{
    upl_t upl;
    if (ubc_create_upl(vp, (off_t)page * PG, (int)(count * PG), &upl, NULL, UPL_UBC_PAGEIN))
        return EINVAL;
    return VNOP_PAGEIN(vp, upl, 0, (off_t)page * PG, count * PG, 0, vfs_context_current());
}

int pg_put(vnode_t vp, unsigned page, unsigned count, uint8_t value)
{
    upl_t upl;
    vm_offset_t addr;
    if (ubc_create_upl(vp, (off_t)page * PG, (int)(count * PG), &upl, NULL, UPL_FILE_IO | UPL_WILL_MODIFY))
        return EINVAL;
    if (ubc_upl_map(upl, &addr))
        return EIO;
    memset((uint8_t *)addr, value, count * PG);
    ubc_upl_unmap(upl);
    return ubc_upl_commit_range(upl, 0, count * PG, UPL_COMMIT_SET_DIRTY | UPL_COMMIT_FREE_ON_EMPTY);
}

int pg_peek(vnode_t vp, off_t offset)
{
    const uint8_t *data;
    struct ubc_page *page = ubc_page_hold(vp, offset, &data);
    if (!page)
        return -1;
    int value = data[offset % PG];
    ubc_page_unhold(page);
    return value;
}

struct ubc_counters pg_counters(void)
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

static void boot(uint64_t cache_bytes, bool makes_lists)
{
    static struct vnodeopv_desc *descs[] = {&vector_desc};
    struct plain_mount what = {
        .name = "page",
        .descs = descs,
        .ndescs = 1,
        .flags = makes_lists ? VFS_TBLVNOP_PAGEINV2 | VFS_TBLVNOP_PAGEOUTV2 : 0,
        .cache_bytes = cache_bytes,
        .root = root_get,
    };
    memset(&page_store, 0, sizeof(page_store));
    memset(held, 0, sizeof(held));
    for (unsigned f = 0; f < PG_FILES; f++) {
        page_store.data[f] = kern_alloc(PG_BYTES, "page_store");
        for (unsigned i = 0; i < PG_PAGES; i++)
            memset(page_store.data[f] + (size_t)i * PG, (int)(f * 50 + i % 50 + 1), PG);
    }
    for (unsigned i = 0; i <= PG_FILES; i++)
        nodes[i] = (struct node){.index = i};
    group = lck_grp_alloc_init("pagefs", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&lock, group, LCK_ATTR_NULL);
    plain_mount_begin(&what);
}

static void end(void)
{
    atomic_store(&page_store.out_error, 0);
    for (unsigned f = 0; f < PG_FILES; f++)
        if (held[f])
            pg_recycle(f);
    plain_mount_end();
    lck_mtx_destroy(&lock, group);
    lck_grp_free(group);
    for (unsigned f = 0; f < PG_FILES; f++)
        kern_free(page_store.data[f], PG_BYTES);
}

void pg_reboot(uint64_t cache_bytes, bool makes_lists)
{
    end();
    boot(cache_bytes, makes_lists);
}

void pg_suite_boot(void)
{
    ktest_kern_boot();
}

void pg_suite_setup(void)
{
    ktest_kern_setup();
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    boot(PG_BUDGET, false);
}

void pg_suite_teardown(void)
{
    end();
    kern_leave(&call);
    ktest_kern_teardown();
}
