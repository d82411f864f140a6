// SPDX-License-Identifier: BSD-2-Clause
/*
 * Page lists and buffers that others have made: pagein, pageout, single buffers, copying and zeroing.
 */
#include <string.h>
#include <sys/errno.h>
#include <mach/kern_return.h>

#include "buf/buf_iface.h"
#include "tests/unit/cluster/flatfs.h"
#include "vfs/vnop_iface.h"

#define PG FLAT_PAGE
static uint8_t data[64 * PG];

static vnode_t file_of(size_t bytes)
{
    vnode_t vp = flat_file(0);
    memset(data, 7, bytes);
    KT_ASSERT_OK(flat_write(0, 0, data, bytes, IO_SYNC, NULL));
    KT_ASSERT_OK(ubc_msync(vp, 0, FLAT_BYTES, NULL, UBC_INVALIDATE));
    return vp;
}

static upl_t list_of(vnode_t vp, unsigned page, unsigned count, int flags)
{
    upl_t upl;
    KT_ASSERT_OK(ubc_create_upl(vp, (off_t)page * PG, (int)(count * PG), &upl, NULL, flags));
    return upl;
}

static int peek(vnode_t vp, off_t offset)
{
    const uint8_t *page;
    struct ubc_page *held = ubc_page_hold(vp, offset, &page);
    int value = held ? page[offset % PG] : -1;
    if (held)
        ubc_page_unhold(held);
    return value;
}

/* ---- pagein -------------------------------------------------------------------------------------------- */

static void pagein__fills_up_to_the_end(void)
{
    vnode_t vp = file_of(2 * PG + 100);
    KT_ASSERT_OK(VNOP_PAGEIN(vp, list_of(vp, 0, 5, UPL_UBC_PAGEIN), 0, 0, 5 * PG, 0, vfs_context_current()));
    KT_ASSERT_EQ(flat_counters().pages, 3);
    KT_ASSERT_EQ(peek(vp, 2 * PG + 99), 7);
    KT_ASSERT_EQ(peek(vp, 2 * PG + 100), 0);
    KT_ASSERT_EQ(peek(vp, 3 * PG - 1), 0);
    upl_t upl = list_of(vp, 4, 1, UPL_UBC_PAGEIN);
    KT_ASSERT_ERRNO(cluster_pagein(vp, upl, 0, 4 * PG, PG, 2 * PG + 100, 0), EINVAL);
    KT_ASSERT_EQ(flat_counters().pages, 3);
}

static void pagein__fails__pages_are_gone(void)
{
    vnode_t vp = file_of(4 * PG);
    atomic_store(&flat_disk.fail_reads, EIO);
    KT_ASSERT_ERRNO(
        cluster_pagein_ext(vp, list_of(vp, 0, 4, UPL_UBC_PAGEIN), 0, 0, 4 * PG, 4 * PG, 0, NULL, NULL), EIO);
    KT_ASSERT_EQ(flat_counters().pages, 0);
}

static void pagein__kept_list__is_the_callers(void)
{
    vnode_t vp = file_of(4 * PG);
    upl_t upl = list_of(vp, 0, 4, UPL_UBC_PAGEIN);
    KT_ASSERT_OK(cluster_pagein(vp, upl, PG, PG, 2 * PG, 4 * PG, UPL_NOCOMMIT));
    KT_ASSERT_OK(ubc_upl_commit_range(upl, PG, 2 * PG, 0));
    KT_ASSERT_OK(ubc_upl_abort(upl, 0));
    KT_ASSERT_EQ(flat_counters().pages, 2);
    KT_ASSERT_EQ(peek(vp, PG), 7);
}

/* ---- pageout ------------------------------------------------------------------------------------------- */

/* Pages of the file become @value, dirty. */
static void put(vnode_t vp, unsigned page, unsigned count, uint8_t value)
{
    memset(data, value, count * PG);
    KT_ASSERT_OK(flat_write(0, (off_t)page * PG, data, count * PG, 0, NULL));
    KT_ASSERT_EQ(peek(vp, (off_t)page * PG), value);
}

static void pageout__holes_and_what_is_clean__are_not_written(void)
{
    vnode_t vp = file_of(8 * PG);
    put(vp, 1, 1, 8);
    put(vp, 4, 2, 8);
    uint32_t writes = atomic_load(&flat_disk.writes);
    upl_t upl = list_of(vp, 0, 8, UPL_UBC_PAGEOUT);
    KT_ASSERT_OK(cluster_pageout(vp, upl, 0, 0, 8 * PG, 8 * PG, UPL_IOSYNC));
    KT_ASSERT_GE(atomic_load(&flat_disk.writes), writes + 2);
    KT_ASSERT_EQ(flat_counters().dirty, 0);
    KT_ASSERT_EQ(flat_stored(0, 0), 7);
    KT_ASSERT_EQ(flat_stored(0, PG), 8);
    KT_ASSERT_EQ(flat_stored(0, 3 * PG), 7);
    KT_ASSERT_EQ(flat_stored(0, 6 * PG - 1), 8);
}

static void pageout__not_waited_for__ends_later(void)
{
    vnode_t vp = file_of(8 * PG);
    put(vp, 0, 8, 8);
    atomic_store(&flat_disk.later, true);
    atomic_store(&flat_disk.held, true);
    KT_ASSERT_OK(
        cluster_pageout(vp, list_of(vp, 0, 8, UPL_UBC_PAGEOUT), 0, 0, 8 * PG, 8 * PG, UPL_KEEPCACHED));
    KT_ASSERT_EQ(flat_counters().dirty, 8);
    flat_disk_go();
    KT_ASSERT_OK(ubc_msync(vp, 0, 8 * PG, NULL, UBC_PUSHDIRTY | UBC_SYNC));
    KT_ASSERT_EQ(flat_counters().dirty, 0);
    KT_ASSERT_EQ(flat_counters().pages, 8);
}

static void pageout__fails__pages_stay_dirty(void)
{
    vnode_t vp = file_of(2 * PG);
    uint32_t since = buf_error_sample(vp);
    put(vp, 0, 2, 8);
    atomic_store(&flat_disk.fail_writes, EIO);
    KT_ASSERT_ERRNO(cluster_pageout(vp, list_of(vp, 0, 2, UPL_UBC_PAGEOUT), 0, 0, 2 * PG, 2 * PG, UPL_IOSYNC),
                    EIO);
    KT_ASSERT_EQ(flat_counters().dirty, 2);
    KT_ASSERT_OK(buf_error_check(vp, &since));
    KT_ASSERT_OK(
        cluster_pageout_ext(vp, list_of(vp, 0, 2, UPL_UBC_PAGEOUT), 0, 0, 2 * PG, 2 * PG, 0, NULL, NULL));
    KT_ASSERT_ERRNO(buf_error_check(vp, &since), EIO);
    KT_ASSERT_EQ(flat_counters().dirty, 2);
}

static void pageout__behind_the_end_or_misplaced__is_refused(void)
{
    vnode_t vp = file_of(2 * PG);
    put(vp, 0, 2, 8);
    upl_t upl = list_of(vp, 0, 2, UPL_UBC_PAGEOUT);
    KT_ASSERT_ERRNO(cluster_pageout(vp, upl, 0, PG, PG, 2 * PG, UPL_NOCOMMIT | UPL_IOSYNC), EINVAL);
    KT_ASSERT_ERRNO(cluster_pageout(vp, upl, 0, 1, PG, 2 * PG, UPL_NOCOMMIT), EINVAL);
    KT_ASSERT_ERRNO(cluster_pageout(vp, upl, 0, 0, 3 * PG, 2 * PG, UPL_NOCOMMIT), EINVAL);
    KT_ASSERT_ERRNO(cluster_pageout(vp, NULL, 0, 0, PG, 2 * PG, 0), EINVAL);
    KT_ASSERT_ERRNO(cluster_pagein(vp, NULL, 0, 0, PG, 2 * PG, 0), EINVAL);
    KT_ASSERT_OK(cluster_pageout(vp, upl, PG, PG, PG, 2 * PG, UPL_NOCOMMIT));
    KT_ASSERT_EQ(flat_stored(0, PG), 8);
    KT_ASSERT_OK(ubc_upl_abort(upl, 0));
    KT_ASSERT_EQ(flat_counters().dirty, 2);
}

/* A page over a block that the file does not have: zeros need none, anything else does. */
static void pageout__over_a_hole(void)
{
    flat_reboot(FLAT_BUDGET, 1024);
    vnode_t vp = file_of(PG);
    flat_hole_make(0, 1024, 3072);
    memset(data, 9, 1024);
    KT_ASSERT_OK(flat_write(0, 3072, data, 1024, 0, NULL));
    KT_ASSERT_OK(ubc_msync(vp, 0, PG, NULL, UBC_PUSHDIRTY | UBC_SYNC));
    KT_ASSERT_EQ(flat_stored(0, 0), 7);
    KT_ASSERT_EQ(flat_stored(0, 1024), -1);
    KT_ASSERT_EQ(flat_stored(0, 3072), 9);
    KT_ASSERT_OK(flat_write(0, 0, data, 1024, 0, NULL));
    flat_hole_make(0, 0, 1024);
    KT_ASSERT_ERRNO(ubc_msync(vp, 0, PG, NULL, UBC_PUSHDIRTY | UBC_SYNC), EIO);
    KT_ASSERT_OK(flat_truncate(0, 0));
}

/* ---- buffers ------------------------------------------------------------------------------------------- */

static int called;

static int count_call(buf_t bp, void *arg)
{
    called += bp != NULL && arg == &called;
    return 0;
}

static void bp__several_runs__all_of_them(void)
{
    flat_reboot(FLAT_BUDGET, 1024);
    vnode_t vp = file_of(16384);
    uint8_t *memory = kern_alloc(16384, "bp");
    flat_hole_make(0, 4096, 6144);
    called = 0;
    for (unsigned i = 0; i < 2; i++) {
        buf_t bp = buf_alloc(vp);
        memset(memory, 1, 16384);
        buf_setflags(bp, B_READ);
        buf_setcount(bp, 16384);
        buf_setsize(bp, 16384);
        buf_setdataptr(bp, (uintptr_t)memory);
        buf_setlblkno(bp, 0);
        KT_ASSERT_OK(i ? cluster_bp_ext(bp, count_call, &called) : cluster_bp(bp));
        KT_ASSERT_OK(buf_biowait(bp));
        KT_ASSERT_EQ(buf_resid(bp), 0u);
        buf_free(bp);
        KT_ASSERT_EQ(memory[4095], 7);
        KT_ASSERT_EQ(memory[4096], 0);
        KT_ASSERT_EQ(memory[6143], 0);
        KT_ASSERT_EQ(memory[16383], 7);
    }
    KT_ASSERT_GE(called, 2);
    kern_free(memory, 16384);
}

/* ---- copying and zeroing ------------------------------------------------------------------------------- */

static void copy_upl__as_far_as_it_goes(void)
{
    vnode_t vp = file_of(4 * PG);
    upl_t upl = list_of(vp, 0, 4, UPL_FILE_IO);
    uio_t uio = uio_create(1, 10, UIO_SYSSPACE, UIO_WRITE);
    int resid = 2 * PG;
    memset(data, 5, 2 * PG);
    uio_addiov(uio, (user_addr_t)(uintptr_t)data, 2 * PG);
    cluster_zero(upl, 0, 4 * PG, NULL);
    KT_ASSERT_OK(cluster_copy_upl_data(uio, upl, 10, &resid));
    KT_ASSERT_EQ(resid, 0);
    KT_ASSERT_EQ(uio_resid(uio), 0);
    resid = 5;
    KT_ASSERT_ERRNO(cluster_copy_upl_data(uio, upl, 5 * PG, &resid), EINVAL);
    uio_free(uio);
    cluster_zero(upl, 20, 3, NULL);
    KT_ASSERT_OK(ubc_upl_commit(upl));
    KT_ASSERT_EQ(peek(vp, 9), 0);
    KT_ASSERT_EQ(peek(vp, 10), 5);
    KT_ASSERT_EQ(peek(vp, 22), 0);
    KT_ASSERT_EQ(peek(vp, 23), 5);
    KT_ASSERT_EQ(peek(vp, 2 * PG + 9), 5);
    KT_ASSERT_EQ(peek(vp, 2 * PG + 10), 0);
}

static int copy_ubc(vnode_t vp, off_t offset, int bytes, int rw, int dirty)
{
    uio_t uio = uio_create(1, offset, UIO_SYSSPACE, rw);
    uio_addiov(uio, (user_addr_t)(uintptr_t)data, (user_size_t)bytes);
    KT_ASSERT_OK(cluster_copy_ubc_data(vp, uio, &bytes, dirty));
    KT_ASSERT_EQ(uio_resid(uio), bytes);
    uio_free(uio);
    return bytes;
}

static void copy_ubc__stops_where_nothing_is_cached(void)
{
    vnode_t vp = file_of(8 * PG);
    KT_ASSERT_EQ(copy_ubc(vp, 0, 8 * PG, UIO_READ, 0), 8 * PG);
    KT_ASSERT_OK(advisory_read(vp, 8 * PG, 0, 3 * PG));
    KT_ASSERT_EQ(copy_ubc(vp, 100, 7 * PG, UIO_READ, 0), 4 * PG + 100);
    memset(data, 5, sizeof(data));
    KT_ASSERT_EQ(copy_ubc(vp, 2 * PG - 10, 4 * PG, UIO_WRITE, 1), 3 * PG - 10);
    KT_ASSERT_EQ(peek(vp, 2 * PG - 11), 7);
    KT_ASSERT_EQ(peek(vp, 2 * PG - 10), 5);
    KT_ASSERT_EQ(peek(vp, 3 * PG - 1), 5);
    KT_ASSERT_EQ(flat_counters().dirty, 2);
}

static const struct ktest_case cases[] = {
    KT_CASE(pagein__fills_up_to_the_end),
    KT_CASE(pagein__fails__pages_are_gone),
    KT_CASE(pagein__kept_list__is_the_callers),
    KT_CASE(pageout__holes_and_what_is_clean__are_not_written),
    KT_CASE(pageout__not_waited_for__ends_later),
    KT_CASE(pageout__fails__pages_stay_dirty),
    KT_CASE(pageout__behind_the_end_or_misplaced__is_refused),
    KT_CASE(pageout__over_a_hole),
    KT_CASE(bp__several_runs__all_of_them),
    KT_CASE(copy_upl__as_far_as_it_goes),
    KT_CASE(copy_ubc__stops_where_nothing_is_cached),
};
FLAT_SUITE(lists, cases);
