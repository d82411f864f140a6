// SPDX-License-Identifier: BSD-2-Clause
/*
 * Headers for a transfer: what they say, their parts (clones), the end of the transfer and the wait for it.
 */
#include <sys/buf.h>
#include <sys/param.h>
#include <mach/vm_param.h>

#include "buf/buf_iface.h"
#include "tests/unit/vfs/core_tinyfs.h"

static struct buf_counters counters(void)
{
    struct buf_counters now;
    buf_counters_get(&now);
    return now;
}

static void header__fresh__is_empty_and_keeps_what_is_set(void)
{
    int mark;
    buf_t bp = buf_alloc(NULLVP);
    KT_ASSERT_EQ(counters().io_buffers, 1);
    KT_ASSERT(!buf_vnode(bp) && !buf_dataptr(bp) && !buf_upl(bp) && !buf_callback(bp));
    KT_ASSERT(!buf_rcred(bp) && !buf_wcred(bp) && !buf_proc(bp));
    KT_ASSERT(!buf_count(bp) && !buf_size(bp) && !buf_resid(bp) && !buf_error(bp) && !buf_flags(bp));
    KT_ASSERT_EQ(buf_device(bp), NODEV);
    buf_setblkno(bp, (daddr64_t)1 << 40);
    buf_setlblkno(bp, -12);
    buf_setlblksize(bp, 8192);
    buf_setcount(bp, 4096);
    buf_setsize(bp, 16384);
    buf_setresid(bp, 512);
    buf_setdirtyoff(bp, 3);
    buf_setdirtyend(bp, 300);
    buf_seterror(bp, EIO);
    buf_setdataptr(bp, (uintptr_t)&mark);
    buf_setdrvdata(bp, &mark);
    buf_setfsprivate(bp, bp);
    KT_ASSERT_EQ(buf_blkno(bp), (daddr64_t)1 << 40);
    KT_ASSERT_EQ(buf_lblkno(bp), -12);
    KT_ASSERT(buf_lblksize(bp) == 8192 && buf_count(bp) == 4096 && buf_size(bp) == 16384);
    KT_ASSERT(buf_resid(bp) == 512 && buf_dirtyoff(bp) == 3 && buf_dirtyend(bp) == 300);
    KT_ASSERT_EQ(buf_error(bp), EIO);
    KT_ASSERT(buf_dataptr(bp) == (uintptr_t)&mark && buf_drvdata(bp) == &mark && buf_fsprivate(bp) == bp);
    buf_free(bp);
    KT_ASSERT_EQ(counters().io_buffers, 0);
}

static void header__flags__only_those_for_callers(void)
{
    buf_t bp = buf_alloc(NULLVP);
    buf_setflags(bp, B_READ | B_RAW | B_DELWRI | B_CLUSTER | B_META);
    KT_ASSERT_EQ(buf_flags(bp), B_READ | B_RAW);
    buf_clearflags(bp, B_RAW);
    buf_markfua(bp);
    KT_ASSERT(buf_fua(bp));
    KT_ASSERT_EQ(buf_flags(bp), B_READ | B_FUA);
    buf_seterror(bp, EIO);
    buf_reset(bp, B_ASYNC);
    KT_ASSERT(!buf_fua(bp) && !buf_error(bp) && !buf_valid(bp) && !buf_fromcache(bp));
    KT_ASSERT_EQ(buf_flags(bp), B_ASYNC);
    buf_set_redundancy_flags(bp, 6);
    buf_clear_redundancy_flags(bp, 2);
    KT_ASSERT_EQ(buf_redundancy_flags(bp), 4);
    buf_markaged(bp);
    buf_free(bp);
}

static void header__vnode__and_device(void)
{
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
    buf_t bp = buf_alloc(vp);
    KT_ASSERT_PTR_EQ(buf_vnode(bp), vp);
    KT_ASSERT_ERRNO(buf_setdevice(bp, vp), EINVAL);
    buf_setvnode(bp, NULLVP);
    KT_ASSERT_NULL(buf_vnode(bp));
    buf_free(bp);
    vnode_put(vp);
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VBLK), &vp));
    bp = buf_alloc(NULLVP);
    KT_ASSERT_OK(buf_setdevice(bp, vp));
    KT_ASSERT_EQ(buf_device(bp), vnode_specrdev(vp));
    buf_free(bp);
    vnode_put(vp);
}

/* ---- contents ------------------------------------------------------------------------------------------ */

static uint8_t pages[2 * PAGE_SIZE];
static unsigned mapped;

static errno_t test_map(upl_t upl, vm_prot_t prot, uintptr_t *addr)
{
    (void)prot;
    *addr = (uintptr_t)upl;
    mapped++;
    return 0;
}

static errno_t test_unmap(upl_t upl)
{
    (void)upl;
    mapped--;
    return 0;
}

static void contents__memory__mapped_as_it_is(void)
{
    caddr_t addr;
    uint8_t data[16] = {1, 2, 3};
    buf_t bp = buf_alloc(NULLVP);
    buf_setdataptr(bp, (uintptr_t)data);
    buf_setcount(bp, 3);
    KT_ASSERT_OK(buf_map(bp, &addr));
    KT_ASSERT_PTR_EQ(addr, data);
    KT_ASSERT_OK(buf_unmap(bp));
    KT_ASSERT_OK(buf_map_range(bp, &addr));
    KT_ASSERT_PTR_EQ(addr, data);
    KT_ASSERT_OK(buf_unmap_range(bp));
    data[3] = 9;
    buf_clear(bp);
    KT_ASSERT(!data[0] && !data[2] && data[3] == 9);
    buf_free(bp);
}

static void contents__page_list__mapped_by_its_owner(void)
{
    static const struct buf_upl_mapper mapper = {test_map, test_unmap};
    upl_t upl = (upl_t)(void *)pages;
    caddr_t addr;
    buf_t bp = buf_alloc(NULLVP);
    KT_ASSERT_OK(buf_setupl(bp, upl, 256));
    KT_ASSERT_PTR_EQ(buf_upl(bp), upl);
    KT_ASSERT_EQ(buf_uploffset(bp), 256);
    KT_ASSERT(buf_flags(bp) & B_CLUSTER);
    buf_upl_mapper_set(NULL); /* the page cache's */
    KT_ASSERT_ERRNO(buf_map(bp, &addr), ENOTSUP);
    buf_upl_mapper_set(&mapper);
    KT_ASSERT_OK(buf_map_range_with_prot(bp, &addr, VM_PROT_READ));
    KT_ASSERT_PTR_EQ(addr, pages + 256);
    KT_ASSERT_OK(buf_unmap_range(bp));
    pages[256] = pages[257] = 7;
    buf_setcount(bp, 1);
    buf_clear(bp);
    KT_ASSERT(pages[256] == 0 && pages[257] == 7 && mapped == 0);
    buf_upl_mapper_set(NULL);
    KT_ASSERT_OK(buf_setupl(bp, NULL, 0));
    KT_ASSERT(!(buf_flags(bp) & B_CLUSTER));
    buf_free(bp);
}

/* ---- the end of a transfer ----------------------------------------------------------------------------- */

static void ended(buf_t bp, void *arg)
{
    *(buf_t *)arg = bp;
}

static void done_elsewhere(void *arg)
{
    ktest_msleep(5);
    buf_seterror(arg, ENXIO);
    buf_biodone(arg);
}

static void transfer__ended_by_another_thread__wakes_the_waiter(void)
{
    buf_t bp = buf_alloc(NULLVP);
    buf_setflags(bp, B_READ);
    void *thread = ktest_thread(done_elsewhere, bp);
    KT_ASSERT_ERRNO(buf_biowait(bp), ENXIO);
    ktest_thread_join(thread);
    KT_ASSERT(!buf_valid(bp));
    buf_reset(bp, B_READ);
    buf_biodone(bp);
    KT_ASSERT_OK(buf_biowait(bp));
    KT_ASSERT(buf_valid(bp));
    buf_reset(bp, B_READ);
    buf_markeintr(bp);
    buf_biodone(bp);
    KT_ASSERT_ERRNO(buf_biowait(bp), EINTR);
    buf_free(bp);
}

static void transfer__with_a_callback__is_the_callbacks(void)
{
    buf_t seen = NULL, bp = buf_alloc(NULLVP);
    KT_ASSERT_OK(buf_setcallback(bp, ended, &seen));
    KT_ASSERT_PTR_EQ(buf_callback(bp), (void *)ended);
    KT_ASSERT(buf_flags(bp) & B_ASYNC);
    buf_setflags(bp, B_READ);
    buf_biodone(bp);
    KT_ASSERT_PTR_EQ(seen, bp);
    KT_ASSERT_NULL(buf_callback(bp));
    buf_free(bp);
}

static void transfer__asynchronous__is_freed_at_its_end(void)
{
    buf_t bp = buf_alloc(NULLVP);
    buf_setflags(bp, B_READ | B_ASYNC);
    buf_biodone(bp);
    KT_ASSERT_EQ(counters().io_buffers, 0);
}

static void transfer__write__is_counted_unless_raw(void)
{
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
    buf_t bp = buf_alloc(vp);
    vnode_startwrite(vp);
    buf_setflags(bp, B_RAW);
    buf_biodone(bp);
    KT_ASSERT(vnode_hasdirtyblks(vp) || vnode_waitforwrites(vp, 0, 0, 1, "test") == EWOULDBLOCK);
    buf_reset(bp, 0);
    buf_clearflags(bp, B_RAW);
    buf_biodone(bp);
    KT_ASSERT_OK(vnode_waitforwrites(vp, 0, 0, 0, "test"));
    buf_free(bp);
    vnode_put(vp);
}

static void clone__part__of_memory_or_pages(void)
{
    buf_t seen = NULL, bp = buf_alloc(NULLVP);
    buf_setdataptr(bp, (uintptr_t)pages);
    buf_setcount(bp, sizeof(pages));
    buf_setflags(bp, B_READ | B_FUA);
    KT_ASSERT_NULL(buf_clone(bp, -1, 4, NULL, NULL));
    KT_ASSERT_NULL(buf_clone(bp, 0, -4, NULL, NULL));
    KT_ASSERT_NULL(buf_clone(bp, 1, sizeof(pages), NULL, NULL));
    buf_t part = buf_clone(bp, 100, 50, ended, &seen);
    KT_ASSERT_NOT_NULL(part);
    KT_ASSERT_EQ(buf_dataptr(part), (uintptr_t)pages + 100);
    KT_ASSERT_EQ(buf_count(part), 50);
    KT_ASSERT((buf_flags(part) & (B_READ | B_FUA)) == (B_READ | B_FUA));
    buf_biodone(part);
    KT_ASSERT_PTR_EQ(seen, part);
    buf_free(part);

    KT_ASSERT_OK(buf_setupl(bp, (upl_t)(void *)pages, 512));
    KT_ASSERT_NULL(buf_clone(bp, 100, 50, NULL, NULL));
    part = buf_clone(bp, PAGE_SIZE - 512, (int)sizeof(pages) - PAGE_SIZE + 512, NULL, NULL);
    KT_ASSERT_NOT_NULL(part);
    KT_ASSERT_EQ(buf_uploffset(part), PAGE_SIZE);
    KT_ASSERT_PTR_EQ(buf_upl(part), pages);
    buf_free(part);
    buf_free(bp);
}

static const struct ktest_case cases[] = {
    KT_CASE(header__fresh__is_empty_and_keeps_what_is_set),
    KT_CASE(header__flags__only_those_for_callers),
    KT_CASE(header__vnode__and_device),
    KT_CASE(contents__memory__mapped_as_it_is),
    KT_CASE(contents__page_list__mapped_by_its_owner),
    KT_CASE(transfer__ended_by_another_thread__wakes_the_waiter),
    KT_CASE(transfer__with_a_callback__is_the_callbacks),
    KT_CASE(transfer__asynchronous__is_freed_at_its_end),
    KT_CASE(transfer__write__is_counted_unless_raw),
    KT_CASE(clone__part__of_memory_or_pages),
};
TINY_SUITE(io_header, cases);
