// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pages outside of lists: sizes, single pages and ranges, writing back, memory, and the end of a vnode.
 */
#include <string.h>
#include <sys/errno.h>
#include <kern/thread.h>
#include <mach/kern_return.h>
#include <vfs/vfs_support.h>

#include "buf/buf_iface.h"
#include "tests/unit/ubc/pagefs.h"
#include "vfs/vnop_iface.h"

/* ---- sizes --------------------------------------------------------------------------------------------- */

static void getsize__as_created_and_as_set(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT_EQ(ubc_getsize(vp), PG_BYTES);
    KT_ASSERT(ubc_setsize(vp, 77));
    KT_ASSERT_EQ(ubc_getsize(vp), 77);
    KT_ASSERT(!ubc_setsize(vp, -1));
    KT_ASSERT_ERRNO(ubc_setsize_ex(vp, -1, 0), EINVAL);
    KT_ASSERT_OK(ubc_setsize_ex(vp, 78, 0));
    KT_ASSERT_EQ(ubc_getsize(vp), 78);
    KT_ASSERT_EQ(pg_counters().files, 0); /* so far nothing was cached */
    pg_recycle(0);
    KT_ASSERT_EQ(ubc_getsize(pg_file(0)), PG_BYTES);
}

static void setsize__smaller__zeroes_the_tail_and_drops_the_rest(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT_OK(pg_put(vp, 0, 6, 8));
    KT_ASSERT(ubc_setsize(vp, 2 * PG + 100));
    KT_ASSERT_EQ(pg_counters().pages, 3);
    KT_ASSERT_EQ(pg_counters().dirty, 3);
    KT_ASSERT_EQ(pg_peek(vp, 2 * PG + 99), 8);
    KT_ASSERT_EQ(pg_peek(vp, 2 * PG + 100), 0);
    KT_ASSERT_EQ(pg_peek(vp, 3 * PG - 1), 0);
    KT_ASSERT(ubc_setsize(vp, PG));
    KT_ASSERT_EQ(pg_counters().pages, 1);
    KT_ASSERT_EQ(pg_peek(vp, PG - 1), 8);
    KT_ASSERT(ubc_setsize(vp, 0));
    KT_ASSERT(!ubc_pages_resident(vp));
}

static void setsize__larger__what_was_behind_the_end_is_zero(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT(ubc_setsize(vp, 10));
    KT_ASSERT_OK(pg_put(vp, 0, 1, 8));
    KT_ASSERT(ubc_setsize(vp, 3 * PG));
    KT_ASSERT_EQ(pg_peek(vp, 9), 8);
    KT_ASSERT_EQ(pg_peek(vp, 10), 0);
    KT_ASSERT_EQ(pg_peek(vp, PG - 1), 0);
    /* With its last page in a list of the caller's own nobody waits. */
    KT_ASSERT(ubc_setsize(vp, 20));
    upl_t upl = pg_list(vp, 0, 1, 0, NULL);
    KT_ASSERT(ubc_setsize(vp, 30));
    KT_ASSERT_OK(ubc_upl_abort(upl, 0));
}

/* ---- one page, and ranges ------------------------------------------------------------------------------ */

static void page_op__flags_come_and_go(void)
{
    vnode_t vp = pg_file(0);
    int flags;
    KT_ASSERT_EQ(ubc_page_op(vp, 0, 0, NULL, &flags), KERN_FAILURE);
    KT_ASSERT_OK(pg_fill(vp, 0, 1));
    KT_ASSERT_OK(ubc_page_op(vp, 0, (int)(UPL_POP_SET | UPL_POP_DIRTY), NULL, &flags));
    KT_ASSERT_EQ(flags, 0);
    KT_ASSERT_OK(ubc_page_op(vp, 0, (int)(UPL_POP_SET | UPL_POP_BUSY), NULL, &flags));
    KT_ASSERT_EQ(flags, UPL_POP_DIRTY);
    KT_ASSERT_OK(ubc_page_op(vp, 0, (int)(UPL_POP_CLR | UPL_POP_DIRTY | UPL_POP_BUSY), NULL, &flags));
    KT_ASSERT_EQ(flags, UPL_POP_DIRTY | UPL_POP_BUSY);
    KT_ASSERT_EQ(pg_counters().dirty, 0);
    KT_ASSERT_EQ(ubc_page_op(vp, 0, UPL_POP_PHYSICAL, NULL, &flags), KERN_INVALID_ARGUMENT);
    KT_ASSERT_OK(ubc_page_op(vp, 0, UPL_POP_DUMP, NULL, NULL));
    KT_ASSERT_EQ(pg_counters().pages, 0);
}

static void range_op__tells_stretches_and_dumps(void)
{
    vnode_t vp = pg_file(0);
    int range;
    KT_ASSERT_OK(ubc_range_op(vp, 0, 8 * PG, UPL_ROP_ABSENT, &range));
    KT_ASSERT_EQ(range, 8 * PG);
    KT_ASSERT_OK(pg_put(vp, 2, 3, 1));
    KT_ASSERT_OK(ubc_range_op(vp, 100, 8 * PG, UPL_ROP_ABSENT, &range));
    KT_ASSERT_EQ(range, 2 * PG - 100);
    KT_ASSERT_OK(ubc_range_op(vp, 2 * PG, 8 * PG, UPL_ROP_PRESENT, &range));
    KT_ASSERT_EQ(range, 3 * PG);
    KT_ASSERT_OK(ubc_range_op(vp, 3 * PG, 3 * PG + 10, UPL_ROP_PRESENT, &range));
    KT_ASSERT_EQ(range, 10);
    KT_ASSERT_OK(ubc_range_op(vp, 0, 8 * PG, UPL_ROP_PRESENT, &range));
    KT_ASSERT_EQ(range, 0);
    KT_ASSERT_OK(ubc_range_op(vp, 3 * PG, 8 * PG, UPL_ROP_DUMP, &range));
    KT_ASSERT_EQ(pg_counters().pages, 1);
    KT_ASSERT_EQ(ubc_range_op(vp, 8, 0, UPL_ROP_DUMP, &range), KERN_INVALID_ARGUMENT);
}

static void pages__far_apart__are_found(void)
{
    vnode_t vp = pg_file(0);
    static const off_t far[] = {0, 63, 64, 4095, 4096, 1LL << 30, (1LL << 50) - 1};
    upl_t upl;
    KT_ASSERT(ubc_setsize(vp, 1LL << 62));
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        KT_ASSERT_OK(ubc_create_upl(vp, far[i] * PG, PG, &upl, NULL, 0));
        KT_ASSERT_OK(ubc_upl_commit(upl));
    }
    KT_ASSERT_EQ(pg_counters().pages, 7);
    KT_ASSERT(ubc_setsize(vp, 4096LL * PG));
    KT_ASSERT_EQ(pg_counters().pages, 4);
    KT_ASSERT_EQ(pg_peek(vp, 63 * PG), 0);
    KT_ASSERT_EQ(pg_peek(vp, 62 * PG), -1);
}

/* ---- writing back -------------------------------------------------------------------------------------- */

/* Each case must leave no memory behind, and so a file whose first page was far away. */
static void pages__first_one_far_away__nothing_is_left(void)
{
    vnode_t vp = pg_file(1);
    KT_ASSERT(ubc_setsize(vp, 1LL << 40));
    KT_ASSERT_OK(pg_put(vp, 1u << 20, 1, 7));
    KT_ASSERT_EQ(pg_peek(vp, (off_t)(1u << 20) * PG), 7);
    KT_ASSERT(ubc_setsize(vp, PG));
    KT_ASSERT(!ubc_pages_resident(vp));
}

static void msync__dirty_runs__are_written_together(void)
{
    vnode_t vp = pg_file(0);
    off_t resid = 1;
    KT_ASSERT_OK(pg_put(vp, 0, 3, 101));
    KT_ASSERT_OK(pg_fill(vp, 3, 1));
    KT_ASSERT_OK(pg_put(vp, 4, 2, 102));
    KT_ASSERT_OK(pg_put(vp, 10, 1, 103));
    KT_ASSERT_OK(ubc_msync(vp, 0, 8 * PG, &resid, UBC_PUSHDIRTY));
    KT_ASSERT_EQ(resid, 0);
    KT_ASSERT_EQ(atomic_load(&page_store.outs), 2u);
    KT_ASSERT_EQ(atomic_load(&page_store.pages), 5u);
    KT_ASSERT_EQ(atomic_load(&page_store.last_flags), UPL_MSYNC);
    KT_ASSERT_EQ(page_store.data[0][3 * PG - 1], 101);
    KT_ASSERT_EQ(page_store.data[0][4 * PG], 102);
    KT_ASSERT_EQ(pg_counters().dirty, 1);
    KT_ASSERT_OK(ubc_msync(vp, 0, PG_BYTES, NULL, UBC_PUSHDIRTY | UBC_SYNC | UBC_INVALIDATE));
    KT_ASSERT_EQ(atomic_load(&page_store.last_flags), UPL_MSYNC | UPL_IOSYNC);
    KT_ASSERT_EQ(page_store.data[0][10 * PG], 103);
    KT_ASSERT_EQ(pg_counters().pages, 0);
}

static void msync__push_all__clean_ones_too(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT_OK(pg_fill(vp, 0, 4));
    KT_ASSERT_OK(pg_put(vp, 1, 1, 101));
    KT_ASSERT_OK(ubc_msync(vp, 0, PG_BYTES, NULL, UBC_PUSHALL));
    KT_ASSERT_EQ(atomic_load(&page_store.pages), 4u);
    KT_ASSERT_EQ(pg_counters().dirty, 0);
}

static void msync__invalidate_alone__forgets_what_was_written(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT_OK(pg_put(vp, 0, 4, 101));
    KT_ASSERT_OK(ubc_msync(vp, PG, 3 * PG, NULL, UBC_INVALIDATE));
    KT_ASSERT_EQ(pg_counters().dirty, 2);
    KT_ASSERT_EQ(atomic_load(&page_store.outs), 0u);
    KT_ASSERT_ERRNO(ubc_msync(vp, 0, PG, NULL, 0), EINVAL);
    KT_ASSERT_ERRNO(ubc_msync(vp, -1, PG, NULL, UBC_PUSHDIRTY), EINVAL);
}

static void msync__failed_write__says_where_and_stays_dirty(void)
{
    vnode_t vp = pg_file(0);
    off_t resid;
    KT_ASSERT_OK(pg_put(vp, 0, 2, 101));
    KT_ASSERT_OK(pg_put(vp, 4, 2, 101));
    atomic_store(&page_store.out_error, EIO);
    atomic_store(&page_store.fail_from, 3);
    KT_ASSERT_ERRNO(ubc_msync(vp, 0, PG_BYTES, &resid, UBC_PUSHDIRTY | UBC_INVALIDATE), EIO);
    KT_ASSERT_EQ(resid, 4 * PG);
    KT_ASSERT_EQ(pg_counters().dirty, 2);
    KT_ASSERT_EQ(pg_peek(vp, 5 * PG), 101);
    atomic_store(&page_store.out_error, 0);
    KT_ASSERT_OK(ubc_msync(vp, resid, PG_BYTES, &resid, UBC_PUSHDIRTY));
    KT_ASSERT_EQ(page_store.data[0][4 * PG], 101);
}

static void msync__type_that_cannot__pages_are_nobodys_again(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT_OK(pg_put(vp, 0, 2, 101));
    KT_ASSERT(vnode_hasdirtyblks(vp));
    atomic_store(&page_store.out_missing, true);
    KT_ASSERT_ERRNO(ubc_msync(vp, 0, PG_BYTES, NULL, UBC_PUSHDIRTY), ENOTSUP);
    KT_ASSERT_EQ(pg_counters().dirty, 2);
    KT_ASSERT_EQ(pg_peek(vp, PG), 101);
    atomic_store(&page_store.out_missing, false);
    KT_ASSERT_OK(ubc_msync(vp, 0, PG_BYTES, NULL, UBC_PUSHDIRTY));
    KT_ASSERT(!vnode_hasdirtyblks(vp));
}

static void msync__type_that_makes_its_lists(void)
{
    pg_reboot(PG_BUDGET, true);
    vnode_t vp = pg_file(0);
    KT_ASSERT_OK(pg_put(vp, 0, 3, 101));
    KT_ASSERT_OK(ubc_msync(vp, 0, PG_BYTES, NULL, UBC_PUSHDIRTY | UBC_SYNC));
    KT_ASSERT_EQ(atomic_load(&page_store.pages), 3u);
    KT_ASSERT_EQ(page_store.data[0][2 * PG], 101);
    KT_ASSERT_OK(VNOP_PAGEIN(vp, NULL, 0, 4 * PG, 2 * PG, 0, vfs_context_current()));
    KT_ASSERT_EQ(pg_peek(vp, 5 * PG), page_store.data[0][5 * PG]);
}

static void stock_operations__give_the_list_back(void)
{
    vnode_t vp = pg_file(0);
    struct vnop_pageout_args out = {.a_vp = vp, .a_size = 2 * PG};
    struct vnop_pagein_args in = {.a_vp = vp, .a_size = 2 * PG};
    KT_ASSERT_OK(pg_put(vp, 0, 2, 101));
    out.a_pl = pg_list(vp, 0, 2, UPL_UBC_PAGEOUT, NULL);
    KT_ASSERT_ERRNO(nop_pageout(&out), EINVAL);
    out.a_pl = pg_list(vp, 0, 2, UPL_UBC_PAGEOUT, NULL);
    KT_ASSERT_ERRNO(err_pageout(&out), ENOTSUP);
    KT_ASSERT_EQ(pg_counters().dirty, 2);
    in.a_pl = pg_list(vp, 4, 2, UPL_UBC_PAGEIN, NULL);
    KT_ASSERT_ERRNO(nop_pagein(&in), EINVAL);
    in.a_pl = pg_list(vp, 4, 2, UPL_UBC_PAGEIN, NULL);
    KT_ASSERT_ERRNO(err_pagein(&in), ENOTSUP);
    KT_ASSERT_EQ(pg_counters().pages, 2);
}

/* ---- memory, and the end ------------------------------------------------------------------------------- */

static void budget__more_pages_than_fit__the_oldest_go(void)
{
    vnode_t vp = pg_file(0), other = pg_file(1);
    struct buf_counters now;
    KT_ASSERT_OK(pg_put(other, 0, 8, 55)); /* dirty ones stay */
    for (unsigned f = 2; f < PG_FILES; f++)
        for (unsigned i = 0; i < PG_PAGES; i += 16)
            KT_ASSERT_OK(pg_fill(pg_file(f), i, 16));
    for (unsigned i = 0; i < PG_PAGES; i += 16) {
        KT_ASSERT_OK(pg_fill(vp, i, 16));
        KT_ASSERT_EQ(pg_peek(vp, 0), page_store.data[0][0]); /* read again and again: it stays */
    }
    buf_counters_get(&now);
    KT_ASSERT_LE(now.bytes, PG_BUDGET);
    KT_ASSERT_GT(now.bytes, PG_BUDGET / 2);
    KT_ASSERT_GT(pg_counters().evictions, 400u);
    KT_ASSERT_EQ(pg_counters().dirty, 8);
    KT_ASSERT_EQ(pg_peek(pg_file(2), 0), -1);
    KT_ASSERT_EQ(pg_peek(other, 0), 55);
}

static void budget__shared_with_buffers__both_give(void)
{
    struct buf_counters now;
    for (unsigned i = 0; i < PG_PAGES; i += 16)
        KT_ASSERT_OK(pg_fill(pg_file(0), i, 16));
    buf_memory_charge(3u << 20); /* as if somebody else had it */
    buf_counters_get(&now);
    KT_ASSERT_LE(now.bytes, PG_BUDGET);
    KT_ASSERT_LT(pg_counters().pages, PG_PAGES);
    buf_memory_discharge(3u << 20);
}

static void recycle__dirty_pages__are_written(void)
{
    vnode_t vp = pg_file(3);
    KT_ASSERT_OK(pg_put(vp, 7, 2, 201));
    pg_recycle(3);
    KT_ASSERT_EQ(page_store.data[3][8 * PG], 201);
    KT_ASSERT_EQ(pg_counters().files, 0);
}

static void recycle__writes_fail__the_rest_is_written_and_nothing_stays(void)
{
    vnode_t vp = pg_file(3);
    KT_ASSERT_OK(pg_put(vp, 1, 1, 201));
    KT_ASSERT_OK(pg_put(vp, 7, 2, 201));
    atomic_store(&page_store.out_error, EIO);
    atomic_store(&page_store.fail_from, 5);
    pg_recycle(3);
    KT_ASSERT_EQ(page_store.data[3][PG], 201);
    KT_ASSERT_NE(page_store.data[3][8 * PG], 201);
    KT_ASSERT_EQ(pg_counters().pages, 0);
}

static void cred__the_first_one_stays(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT_PTR_EQ(ubc_getcred(vp), NOCRED);
    KT_ASSERT(ubc_setthreadcred(vp, current_proc(), current_thread()));
    KT_ASSERT_PTR_EQ(ubc_getcred(vp), kern_cred_kernel());
    KT_ASSERT(ubc_setthreadcred(vp, current_proc(), NULL));
    KT_ASSERT_PTR_EQ(ubc_getcred(vp), kern_cred_kernel());
}

static void blocks__as_the_file_system_says(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT_EQ(ubc_blktooff(vp, 3), 3 * PG);
    KT_ASSERT_EQ(ubc_offtoblk(vp, 3 * PG + 1), 3);
    KT_ASSERT_EQ(ubc_blktooff(vp, -3), -1);
    KT_ASSERT_EQ(ubc_offtoblk(vp, -3), -1);
}

static const struct ktest_case cases[] = {
    KT_CASE(getsize__as_created_and_as_set),
    KT_CASE(setsize__smaller__zeroes_the_tail_and_drops_the_rest),
    KT_CASE(setsize__larger__what_was_behind_the_end_is_zero),
    KT_CASE(page_op__flags_come_and_go),
    KT_CASE(range_op__tells_stretches_and_dumps),
    KT_CASE(pages__far_apart__are_found),
    KT_CASE(pages__first_one_far_away__nothing_is_left),
    KT_CASE(msync__dirty_runs__are_written_together),
    KT_CASE(msync__push_all__clean_ones_too),
    KT_CASE(msync__invalidate_alone__forgets_what_was_written),
    KT_CASE(msync__failed_write__says_where_and_stays_dirty),
    KT_CASE(msync__type_that_cannot__pages_are_nobodys_again),
    KT_CASE(msync__type_that_makes_its_lists),
    KT_CASE(stock_operations__give_the_list_back),
    KT_CASE(budget__more_pages_than_fit__the_oldest_go),
    KT_CASE(budget__shared_with_buffers__both_give),
    KT_CASE(recycle__dirty_pages__are_written),
    KT_CASE(recycle__writes_fail__the_rest_is_written_and_nothing_stays),
    KT_CASE(cred__the_first_one_stays),
    KT_CASE(blocks__as_the_file_system_says),
};
PG_SUITE(pages, cases);
