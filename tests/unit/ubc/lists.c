// SPDX-License-Identifier: BSD-2-Clause
/*
 * Page lists: who is in them, what giving them back does, and where they are mapped; one thread unless said.
 */
#include <string.h>
#include <sys/buf.h>
#include <sys/errno.h>
#include <mach/kern_return.h>

#include "tests/unit/ubc/pagefs.h"

static void create__bad_range__changes_nothing(void)
{
    vnode_t vp = pg_file(0);
    upl_page_info_t *info = (upl_page_info_t *)1;
    upl_t upl = (upl_t)1;
    KT_ASSERT_EQ(ubc_create_upl(vp, 1, PG, &upl, &info, 0), KERN_INVALID_ARGUMENT);
    KT_ASSERT(!upl && !info);
    KT_ASSERT_EQ(ubc_create_upl(vp, 0, 100, &upl, &info, 0), KERN_INVALID_ARGUMENT);
    KT_ASSERT_EQ(ubc_create_upl(vp, -PG, PG, &upl, &info, 0), KERN_INVALID_ARGUMENT);
    KT_ASSERT_EQ(ubc_create_upl(vp, 0, (int)ubc_upl_maxbufsize() + PG, &upl, &info, 0),
                 KERN_INVALID_ARGUMENT);
    KT_ASSERT_EQ(pg_counters().pages, 0);
}

static void create__missing_pages__absent_and_zero(void)
{
    upl_page_info_t *info;
    upl_t upl = pg_list(pg_file(0), 3, 4, 0, &info);
    vm_offset_t addr;
    KT_ASSERT_EQ(upl_get_size(upl), 4 * PG);
    KT_ASSERT_PTR_EQ(ubc_upl_pageinfo(upl), info);
    KT_ASSERT_OK(ubc_upl_map(upl, &addr));
    for (int i = 0; i < 4; i++) {
        KT_ASSERT(upl_page_present(info, i) && !upl_valid_page(info, i) && !upl_dirty_page(info, i));
        KT_ASSERT_EQ(((uint8_t *)addr)[i * PG + 77], 0);
    }
    KT_ASSERT_OK(ubc_upl_unmap(upl));
    KT_ASSERT_EQ(ubc_upl_unmap(upl), KERN_FAILURE);
    KT_ASSERT_OK(ubc_upl_abort(upl, 0));
    KT_ASSERT(!ubc_pages_resident(pg_file(0)));
}

static void commit__ranges__each_as_its_flags_say(void)
{
    vnode_t vp = pg_file(0);
    int flags;
    upl_t upl = pg_list(vp, 0, 4, 0, NULL);
    KT_ASSERT_OK(ubc_upl_commit_range(upl, 0, PG, UPL_COMMIT_FREE_ON_EMPTY));
    KT_ASSERT_OK(ubc_upl_commit_range(upl, PG, PG, UPL_COMMIT_SET_DIRTY | UPL_COMMIT_FREE_ON_EMPTY));
    KT_ASSERT_OK(ubc_upl_abort_range(upl, 2 * PG, PG, UPL_ABORT_FREE_ON_EMPTY));
    KT_ASSERT_EQ(ubc_upl_commit_range(upl, 0, 5 * PG, 0), KERN_FAILURE);
    KT_ASSERT_EQ(ubc_upl_commit_range(upl, 0, PG, UPL_COMMIT_FREE_ABSENT), KERN_INVALID_ARGUMENT);
    KT_ASSERT_OK(ubc_page_op(vp, 3 * PG, 0, NULL, &flags));
    KT_ASSERT_EQ(flags, UPL_POP_BUSY | UPL_POP_ABSENT);
    KT_ASSERT_OK(ubc_upl_commit_range(upl, 3 * PG, PG, UPL_COMMIT_FREE_ON_EMPTY));
    KT_ASSERT_OK(ubc_page_op(vp, 0, 0, NULL, &flags));
    KT_ASSERT_EQ(flags, 0);
    KT_ASSERT_OK(ubc_page_op(vp, PG, 0, NULL, &flags));
    KT_ASSERT_EQ(flags, UPL_POP_DIRTY);
    KT_ASSERT_EQ(ubc_page_op(vp, 2 * PG, 0, NULL, &flags), KERN_FAILURE);
    KT_ASSERT_EQ(pg_counters().pages, 3);
    KT_ASSERT_EQ(pg_counters().dirty, 1);
    KT_ASSERT_ERRNO(is_file_clean(vp, PG_BYTES), EBUSY);
}

static void abort__valid_page__stays_unless_dumped(void)
{
    vnode_t vp = pg_file(1);
    KT_ASSERT_OK(pg_put(vp, 0, 2, 9));
    KT_ASSERT_OK(ubc_upl_abort(pg_list(vp, 0, 2, 0, NULL), UPL_ABORT_ERROR));
    KT_ASSERT_EQ(pg_counters().dirty, 2);
    KT_ASSERT_OK(ubc_upl_abort(pg_list(vp, 0, 1, 0, NULL), UPL_ABORT_DUMP_PAGES));
    KT_ASSERT_EQ(pg_counters().dirty, 1);
    KT_ASSERT_EQ(pg_peek(vp, 0), -1);
    KT_ASSERT_EQ(pg_peek(vp, PG), 9);
}

static void commit__list_that_writes__cleans_its_pages(void)
{
    vnode_t vp = pg_file(1);
    upl_page_info_t *info;
    KT_ASSERT_OK(pg_put(vp, 1, 1, 9));
    KT_ASSERT_OK(pg_fill(vp, 2, 1));
    upl_t upl = pg_list(vp, 0, 4, UPL_UBC_PAGEOUT, &info);
    KT_ASSERT(!upl_page_present(info, 0) && !upl_page_present(info, 2) && !upl_page_present(info, 3));
    KT_ASSERT(upl_page_present(info, 1) && upl_dirty_page(info, 1) && upl_valid_page(info, 1));
    KT_ASSERT_OK(ubc_upl_abort(upl, 0));
    KT_ASSERT_EQ(pg_counters().dirty, 1);
    KT_ASSERT_OK(ubc_upl_commit(pg_list(vp, 0, 4, UPL_UBC_PAGEOUT, NULL)));
    KT_ASSERT_EQ(pg_counters().dirty, 0);
    KT_ASSERT_EQ(pg_counters().pages, 2);
}

static void pagein__range_partly_there__fills_the_rest(void)
{
    vnode_t vp = pg_file(2);
    KT_ASSERT_OK(pg_put(vp, 5, 1, 200));
    KT_ASSERT_OK(pg_fill(vp, 4, 3));
    KT_ASSERT_EQ(pg_peek(vp, 4 * PG + 1), page_store.data[2][4 * PG + 1]);
    KT_ASSERT_EQ(pg_peek(vp, 5 * PG + 1), 200);
    KT_ASSERT_EQ(pg_peek(vp, 6 * PG + 1), page_store.data[2][6 * PG + 1]);
}

static void map__pages_made_one_by_one_backwards__one_range(void)
{
    vnode_t vp = pg_file(0);
    vm_offset_t addr, again;
    for (unsigned i = 8; i-- > 0;)
        KT_ASSERT_OK(pg_put(vp, i, 1, (uint8_t)(i + 1)));
    upl_t upl = pg_list(vp, 0, 8, 0, NULL);
    KT_ASSERT_OK(ubc_upl_map(upl, &addr));
    KT_ASSERT_GT(pg_counters().moves, 0);
    for (unsigned i = 0; i < 8; i++)
        KT_ASSERT_EQ(((uint8_t *)addr)[i * PG + 5], i + 1);
    KT_ASSERT_OK(ubc_upl_map_range(upl, 2 * PG, PG, VM_PROT_READ, &again));
    KT_ASSERT_EQ(again, addr + 2 * PG);
    KT_ASSERT_EQ(ubc_upl_map_range(upl, 7 * PG, 2 * PG, VM_PROT_READ, &again), KERN_INVALID_ARGUMENT);
    ((uint8_t *)addr)[3 * PG] = 99;
    KT_ASSERT_OK(ubc_upl_unmap_range(upl, 2 * PG, PG));
    KT_ASSERT_OK(ubc_upl_unmap(upl));
    KT_ASSERT_OK(ubc_upl_commit(upl));
    KT_ASSERT_EQ(pg_peek(vp, 3 * PG), 99);
    /* They are neighbours from now on. */
    uint64_t moved = pg_counters().moves;
    upl = pg_list(vp, 0, 8, 0, NULL);
    KT_ASSERT_OK(ubc_upl_map(upl, &addr));
    KT_ASSERT_EQ(pg_counters().moves, moved);
    KT_ASSERT_OK(ubc_upl_unmap(upl));
    KT_ASSERT_OK(ubc_upl_abort(upl, 0));
}

static void map__list_with_holes__writing_there_harms_nobody(void)
{
    vnode_t vp = pg_file(0);
    vm_offset_t addr;
    KT_ASSERT_OK(pg_put(vp, 1, 2, 7));
    upl_t upl = pg_list(vp, 0, 4, UPL_UBC_PAGEIN, NULL);
    KT_ASSERT_OK(ubc_upl_map(upl, &addr));
    memset((uint8_t *)addr, 1, 4 * PG);
    KT_ASSERT_OK(ubc_upl_unmap(upl));
    KT_ASSERT_OK(ubc_upl_commit(upl));
    KT_ASSERT_EQ(pg_peek(vp, 0), 1);
    KT_ASSERT_EQ(pg_peek(vp, PG), 7);
    KT_ASSERT_EQ(pg_peek(vp, 2 * PG), 7);
    KT_ASSERT_EQ(pg_peek(vp, 3 * PG), 1);
}

static void buffer__of_a_list__is_mapped(void)
{
    vnode_t vp = pg_file(0);
    caddr_t addr;
    upl_t upl = pg_list(vp, 0, 2, 0, NULL);
    buf_t bp = buf_alloc(vp);
    KT_ASSERT_OK(buf_setupl(bp, upl, PG));
    buf_setcount(bp, PG);
    KT_ASSERT_OK(buf_map(bp, &addr));
    memset(addr, 5, PG);
    KT_ASSERT_OK(buf_unmap(bp));
    buf_free(bp);
    KT_ASSERT_OK(ubc_upl_commit(upl));
    KT_ASSERT_EQ(pg_peek(vp, 0), 0);
    KT_ASSERT_EQ(pg_peek(vp, PG), 5);
}

struct wait {
    vnode_t vp;
    _Atomic(int) value;
};

static void peeker(void *arg)
{
    struct wait *wait = arg;
    atomic_store(&wait->value, pg_peek(wait->vp, 0));
}

static void busy__reader_waits_until_it_is_given_back(void)
{
    struct wait wait = {.vp = pg_file(0)};
    vm_offset_t addr;
    upl_t upl = pg_list(wait.vp, 0, 1, 0, NULL);
    atomic_store(&wait.value, -2);
    void *thread = ktest_thread(peeker, &wait);
    ktest_rest();
    KT_ASSERT_EQ(atomic_load(&wait.value), -2);
    KT_ASSERT_OK(ubc_upl_abort(pg_list(wait.vp, 0, 1, UPL_NOBLOCK, NULL), 0));
    KT_ASSERT_OK(ubc_upl_map(upl, &addr));
    *(uint8_t *)addr = 42;
    ubc_upl_unmap(upl);
    KT_ASSERT_OK(ubc_upl_commit(upl));
    ktest_thread_join(thread);
    KT_ASSERT_EQ(atomic_load(&wait.value), 42);
}

static const struct ktest_case cases[] = {
    KT_CASE(create__bad_range__changes_nothing),
    KT_CASE(create__missing_pages__absent_and_zero),
    KT_CASE(commit__ranges__each_as_its_flags_say),
    KT_CASE(abort__valid_page__stays_unless_dumped),
    KT_CASE(commit__list_that_writes__cleans_its_pages),
    KT_CASE(pagein__range_partly_there__fills_the_rest),
    KT_CASE(map__pages_made_one_by_one_backwards__one_range),
    KT_CASE(map__list_with_holes__writing_there_harms_nobody),
    KT_CASE(buffer__of_a_list__is_mapped),
    KT_CASE(busy__reader_waits_until_it_is_given_back),
};
PG_SUITE(lists, cases);
