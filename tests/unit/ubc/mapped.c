// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mappings: what a file system is told of them, and who asks; and pages of a list that are about to be used.
 */
#include <sys/errno.h>
#include <sys/mman.h>

#include "buf/buf_iface.h"
#include "tests/unit/ubc/pagefs.h"

static void map__first_and_last__the_file_system_hears(void)
{
    vnode_t vp = pg_file(0);
    boolean_t writable = true;
    KT_ASSERT(UBCINFOEXISTS(vp));
    KT_ASSERT(!UBCINFOEXISTS(NULLVP));
    KT_ASSERT(!ubc_is_mapped(vp, &writable) && !writable);
    KT_ASSERT_OK(ubc_map(vp, PROT_READ, vfs_context_current()));
    KT_ASSERT(ubc_is_mapped(vp, &writable) && !writable);
    KT_ASSERT(vnode_isinuse(vp, 0));
    KT_ASSERT_OK(ubc_map(vp, PROT_READ | PROT_WRITE, vfs_context_current()));
    KT_ASSERT(ubc_is_mapped(vp, &writable) && writable);
    KT_ASSERT(ubc_is_mapped(vp, NULL));
    KT_ASSERT(ubc_is_mapped_writable(vp));
    KT_ASSERT_EQ(atomic_load(&page_store.maps), 2u);
    KT_ASSERT_EQ(atomic_load(&page_store.map_prot), PROT_READ | PROT_WRITE);
    ubc_unmap(vp, vfs_context_current());
    KT_ASSERT(ubc_is_mapped(vp, NULL));
    KT_ASSERT_EQ(atomic_load(&page_store.unmaps), 0u);
    ubc_unmap(vp, vfs_context_current());
    KT_ASSERT_EQ(atomic_load(&page_store.unmaps), 1u);
    KT_ASSERT(!ubc_is_mapped(vp, &writable) && !writable);
    KT_ASSERT(!ubc_is_mapped_writable(vp));
    KT_ASSERT(ubc_was_mapped_writable(vp));
    KT_ASSERT(!vnode_isinuse(vp, 0));
    pg_recycle(0);
    KT_ASSERT(!ubc_was_mapped_writable(pg_file(0)));
}

static void map__refused__nothing_is_mapped(void)
{
    vnode_t vp = pg_file(0);
    atomic_store(&page_store.map_error, EPERM);
    KT_ASSERT_ERRNO(ubc_map(vp, PROT_READ, vfs_context_current()), EPERM);
    KT_ASSERT(!ubc_is_mapped(vp, NULL));
    KT_ASSERT(!vnode_isinuse(vp, 0));
    atomic_store(&page_store.map_error, EINVAL); /* that is no refusal */
    KT_ASSERT_OK(ubc_map(vp, PROT_READ, vfs_context_current()));
    KT_ASSERT(!ubc_was_mapped_writable(vp));
    ubc_unmap(vp, vfs_context_current());
}

static void needed__eviction_passes_once(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT_OK(pg_fill(vp, 0, 64));
    upl_t upl = pg_list(vp, 0, 64, 0, NULL);
    ubc_upl_range_needed(upl, 2, 1);
    ubc_upl_range_needed(upl, -1, 1);
    ubc_upl_range_needed(upl, 63, 0);
    KT_ASSERT_OK(ubc_upl_abort(upl, 0));
    uint64_t room = PG_BUDGET - 63 * PG; /* as if somebody else had it: some pages have to go */
    buf_memory_charge(room);
    buf_memory_discharge(room);
    KT_ASSERT_LT(pg_counters().pages, 64u);
    KT_ASSERT_EQ(pg_peek(vp, PG), -1);
    KT_ASSERT_NE(pg_peek(vp, 2 * PG), -1);
}

static const struct ktest_case cases[] = {
    KT_CASE(map__first_and_last__the_file_system_hears),
    KT_CASE(map__refused__nothing_is_mapped),
    KT_CASE(needed__eviction_passes_once),
};
PG_SUITE(mapped, cases);
