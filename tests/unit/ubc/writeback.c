// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing back: by age, by pressure, past suspended files; what a failed write leads to; and writers that
 * wait. Where a case makes passes itself the thread is held back, and time is the argument of the pass.
 */
#include <sys/errno.h>
#include <sys/vfs_suspend.h>
#include <kern/clock.h>

#include "buf/buf_iface.h"
#include "tests/unit/ubc/pagefs.h"
#include "ubc/ubc_internal.h"

#define LIMIT (PG_BUDGET / 2 / PG) /* pages */
#define AGE   (5 * (uint64_t)NSEC_PER_SEC)

static struct ubc_pass pass(vnode_t vp, uint64_t later, bool all)
{
    return ubc_writer_pass(ubc_mount_get(vp), mach_absolute_time() + later, all);
}

/* ---- when ---------------------------------------------------------------------------------------------- */

static void age__young_pages_stay__old_ones_are_written(void)
{
    vnode_t vp = pg_file(0), other = pg_file(1);
    ubc_writer_hold(true);
    KT_ASSERT_OK(pg_put(vp, 0, 3, 101));
    KT_ASSERT_OK(pg_put(vp, 8, 1, 102));
    KT_ASSERT_OK(pg_put(other, 5, 1, 103));
    KT_ASSERT_EQ(pass(vp, 0, false).written, 0u);
    KT_ASSERT_EQ(pg_counters().dirty, 5);
    KT_ASSERT_EQ(pass(vp, AGE + 1, false).written, 5u);
    KT_ASSERT_EQ(pg_counters().dirty, 0);
    KT_ASSERT_EQ(pg_counters().written, 5u);
    KT_ASSERT_EQ(atomic_load(&page_store.outs), 3u); /* neighbours together */
    KT_ASSERT_EQ(atomic_load(&page_store.last_flags), 0);
    KT_ASSERT_EQ(page_store.data[0][8 * PG], 102);
    KT_ASSERT_EQ(page_store.data[1][5 * PG], 103);
    KT_ASSERT_EQ(pg_peek(vp, 0), 101); /* still cached */
    KT_ASSERT(!ubc_vnode_dirty(vp));
}

static void age__set__counts_from_the_first_dirty_page(void)
{
    vnode_t vp = pg_file(0);
    ubc_writer_hold(true);
    ubc_age_set(60 * (uint64_t)NSEC_PER_SEC);
    KT_ASSERT_OK(pg_put(vp, 0, 1, 101));
    KT_ASSERT_EQ(pass(vp, AGE + 1, false).written, 0u);
    KT_ASSERT_EQ(pass(vp, 61 * (uint64_t)NSEC_PER_SEC, false).written, 1u);
    ubc_age_set(0);
}

static void age__type_that_makes_its_lists(void)
{
    pg_reboot(PG_BUDGET, true);
    vnode_t vp = pg_file(0);
    ubc_writer_hold(true);
    KT_ASSERT_OK(pg_put(vp, 0, 3, 101));
    KT_ASSERT_EQ(pass(vp, AGE + 1, false).written, 3u);
    KT_ASSERT_EQ(page_store.data[0][2 * PG], 101);
}

static void thread__old_pages__are_written_by_it(void)
{
    ubc_age_set(1);
    KT_ASSERT_OK(pg_put(pg_file(0), 0, 1, 101));
    KT_UNTIL(!pg_counters().dirty);
    ubc_age_set(0);
    KT_ASSERT_OK(ubc_msync(pg_file(0), 0, PG_BYTES, NULL, UBC_PUSHDIRTY | UBC_SYNC));
    KT_ASSERT_EQ(page_store.data[0][0], 101);
}

static void thread__more_than_a_quarter_of_the_budget__at_once(void)
{
    KT_ASSERT_OK(pg_put(pg_file(0), 0, LIMIT / 2, 101));
    ktest_rest();
    KT_ASSERT_EQ(pg_counters().dirty, LIMIT / 2);
    KT_ASSERT_OK(pg_put(pg_file(1), 0, 1, 101));
    KT_UNTIL(!pg_counters().dirty);
}

static void thread__nothing_clean_to_evict__at_once(void)
{
    vnode_t vp = pg_file(0);
    KT_ASSERT_OK(pg_put(vp, 0, 8, 101));
    buf_memory_charge(PG_BUDGET);
    KT_UNTIL(!pg_counters().dirty);
    buf_memory_discharge(PG_BUDGET);
}

static void suspended__passed_by_until_resumed(void)
{
    vnode_t vp = pg_file(0);
    int owner;
    ubc_writer_hold(true);
    KT_ASSERT_OK(pg_put(vp, 0, 2, 101));
    KT_ASSERT_OK(pg_put(pg_file(1), 0, 1, 101));
    KT_ASSERT_OK(vnode_suspend(vp, &owner, 1000, vfs_context_current()));
    KT_ASSERT_EQ(pass(vp, 0, true).written, 1u);
    KT_ASSERT_EQ(pg_counters().dirty, 2);
    KT_ASSERT_OK(vnode_resume(vp, &owner));
    KT_ASSERT_EQ(pass(vp, 0, true).written, 2u);
}

static void dirty_file__is_not_recycled_while_there_are_others(void)
{
    vnode_t vp = pg_file(0);
    ubc_writer_hold(true);
    KT_ASSERT(!ubc_vnode_dirty(vp));
    KT_ASSERT_OK(pg_put(vp, 0, 2, 101));
    KT_ASSERT(ubc_vnode_dirty(vp));
    KT_ASSERT(ubc_setsize(vp, PG));
    KT_ASSERT(ubc_vnode_dirty(vp));
    KT_ASSERT(ubc_setsize(vp, 0));
    KT_ASSERT(!ubc_vnode_dirty(vp));
}

/* ---- errors -------------------------------------------------------------------------------------------- */

static void failure__each_opener_hears_once__three_tries(void)
{
    vnode_t vp = pg_file(0);
    uint32_t first = buf_error_sample(vp), second = buf_error_sample(vp);
    ubc_writer_hold(true);
    KT_ASSERT_OK(pg_put(vp, 0, 2, 101));
    atomic_store(&page_store.out_error, ENOSPC);
    KT_ASSERT_EQ(pass(vp, 0, true).failed, 2u);
    KT_ASSERT_ERRNO(buf_error_check(vp, &first), ENOSPC);
    KT_ASSERT_OK(buf_error_check(vp, &first));
    KT_ASSERT_EQ(pass(vp, 0, true).failed, 2u);
    KT_ASSERT_EQ(pass(vp, 0, true).failed, 2u);
    struct ubc_pass last = pass(vp, 0, true);
    KT_ASSERT(!last.failed && !last.written && last.passed == 2);
    KT_ASSERT_EQ(atomic_load(&page_store.outs), UBC_TRIES);
    KT_ASSERT_OK(buf_error_check(vp, &first));
    KT_ASSERT_ERRNO(buf_error_check(vp, &second), ENOSPC);
    KT_ASSERT_OK(buf_error_check(vp, &second));
    KT_ASSERT_EQ(pg_counters().dirty, 2);
    KT_ASSERT_EQ(pg_peek(vp, PG), 101);
    /* Who asks gets another try, and new contents get three. */
    KT_ASSERT_ERRNO(ubc_msync(vp, 0, PG_BYTES, NULL, UBC_PUSHDIRTY), ENOSPC);
    KT_ASSERT_OK(pg_put(vp, 1, 1, 102));
    KT_ASSERT_EQ(pass(vp, 0, true).failed, 1u);
    KT_ASSERT_ERRNO(buf_error_check(vp, &first), ENOSPC);
    atomic_store(&page_store.out_error, 0);
    KT_ASSERT_EQ(pass(vp, 0, true).written, 1u);
    KT_ASSERT_OK(ubc_msync(vp, 0, PG_BYTES, NULL, UBC_PUSHDIRTY));
    KT_ASSERT_EQ(pg_counters().dirty, 0);
    KT_ASSERT_EQ(page_store.data[0][0], 101);
}

static void failure__asked_for__is_noted_too(void)
{
    vnode_t vp = pg_file(0);
    uint32_t opener = buf_error_sample(vp);
    ubc_writer_hold(true);
    KT_ASSERT_OK(pg_put(vp, 0, 2, 101));
    atomic_store(&page_store.out_error, EIO);
    KT_ASSERT_ERRNO(ubc_msync(vp, 0, PG_BYTES, NULL, UBC_PUSHDIRTY), EIO);
    KT_ASSERT_ERRNO(buf_error_check(vp, &opener), EIO);
    KT_ASSERT_OK(buf_error_check(vp, &opener));
}

static void failure__told_by_the_abort__is_noted(void)
{
    vnode_t vp = pg_file(0);
    uint32_t opener = buf_error_sample(vp);
    ubc_writer_hold(true);
    KT_ASSERT_OK(pg_put(vp, 0, 2, 101));
    upl_t upl = pg_list(vp, 0, 2, UPL_UBC_PAGEOUT, NULL);
    KT_ASSERT_OK(ubc_upl_abort(upl, UPL_ABORT_ERROR));
    KT_ASSERT_EQ(pg_counters().dirty, 2);
    KT_ASSERT_ERRNO(buf_error_check(vp, &opener), EIO);
    KT_ASSERT_OK(buf_error_check(vp, &opener));
    KT_ASSERT_EQ(pass(vp, 0, true).written, 2u);
}

/* ---- writers that wait --------------------------------------------------------------------------------- */

struct writer {
    vnode_t vp;
    _Atomic(bool) over;
    errno_t error;
};

static void writer_run(void *arg)
{
    struct writer *writer = arg;
    struct ubc_write write;
    writer->error = ubc_write_begin(writer->vp, 8 * PG, &write);
    if (!writer->error) {
        writer->error = pg_put(writer->vp, 0, 8, 77);
        ubc_write_end(&write);
    }
    atomic_store(&writer->over, true);
}

static void limit__writer_waits_until_pages_were_written(void)
{
    struct writer writer = {.vp = pg_file(2)};
    ubc_writer_hold(true);
    KT_ASSERT_OK(pg_put(pg_file(0), 0, 256, 101));
    KT_ASSERT_OK(pg_put(pg_file(0), 256, LIMIT - 256 - 4, 101));
    void *thread = ktest_thread(writer_run, &writer);
    ktest_rest();
    KT_ASSERT(!atomic_load(&writer.over));
    KT_ASSERT_EQ(pg_counters().waits, 1u);
    KT_ASSERT_GT(pass(writer.vp, 0, true).written, 0u);
    ktest_thread_join(thread);
    KT_ASSERT_OK(writer.error);
    KT_ASSERT_EQ(pg_counters().dirty, 8);
    KT_ASSERT_EQ(atomic_load(&page_store.last_flags), UPL_IOSYNC);
}

static void limit__writes_under_way_count(void)
{
    struct writer writer = {.vp = pg_file(2)};
    struct ubc_write under_way[4];
    ubc_writer_hold(true);
    KT_ASSERT_OK(pg_put(pg_file(0), 0, 1, 101));
    for (unsigned i = 0; i < 4; i++) /* a quarter of the limit each, whatever they write */
        KT_ASSERT_OK(ubc_write_begin(pg_file(0), i < 3 ? PG_BYTES : (LIMIT / 4 - 4) * PG, &under_way[i]));
    void *thread = ktest_thread(writer_run, &writer);
    ktest_rest();
    KT_ASSERT(!atomic_load(&writer.over));
    ubc_write_end(&under_way[0]);
    ktest_thread_join(thread);
    KT_ASSERT_OK(writer.error);
    for (unsigned i = 1; i < 4; i++)
        ubc_write_end(&under_way[i]);
}

static void limit__only_what_cannot_be_written__its_error(void)
{
    struct writer writer = {.vp = pg_file(2)};
    atomic_store(&page_store.out_error, EIO);
    KT_ASSERT_OK(pg_put(pg_file(0), 0, 256, 101));
    KT_ASSERT_OK(pg_put(pg_file(0), 256, LIMIT - 256, 101));
    void *thread = ktest_thread(writer_run, &writer);
    ktest_thread_join(thread);
    KT_ASSERT_ERRNO(writer.error, EIO);
    atomic_store(&page_store.out_error, 0);
    KT_ASSERT_OK(ubc_msync(pg_file(0), 0, PG_BYTES, NULL, UBC_PUSHDIRTY | UBC_SYNC));
    writer_run(&writer);
    KT_ASSERT_OK(writer.error);
}

static void limit__all_suspended__goes_on(void)
{
    struct writer writer = {.vp = pg_file(2)};
    int owner;
    ubc_writer_hold(true);
    KT_ASSERT_OK(pg_put(pg_file(0), 0, 256, 101));
    KT_ASSERT_OK(pg_put(pg_file(0), 256, LIMIT - 256, 101));
    KT_ASSERT_OK(vnode_suspend(pg_file(0), &owner, 1000, vfs_context_current()));
    ubc_writer_hold(false);
    writer_run(&writer);
    KT_ASSERT_OK(writer.error);
    KT_ASSERT_OK(vnode_resume(pg_file(0), &owner));
}

static void limit__no_pages_and_devices__nothing_is_counted(void)
{
    struct ubc_write write;
    KT_ASSERT_OK(ubc_write_begin(pg_file(0), 1u << 30, &write));
    KT_ASSERT(!write.uw_mount);
    ubc_write_end(&write);
    KT_ASSERT(!ubc_dirty_crowded());
    KT_ASSERT_OK(pg_put(pg_file(0), 0, 1, 101));
    KT_ASSERT_OK(ubc_write_begin(pg_file(0), 1u << 30, &write));
    KT_ASSERT_EQ(write.uw_pages, LIMIT / 4);
    ubc_write_end(&write);
    KT_ASSERT_EQ(ubc_throttle_reserved(), 0u);
}

static const struct ktest_case cases[] = {
    KT_CASE(age__young_pages_stay__old_ones_are_written),
    KT_CASE(age__set__counts_from_the_first_dirty_page),
    KT_CASE(age__type_that_makes_its_lists),
    KT_CASE(thread__old_pages__are_written_by_it),
    KT_CASE(thread__more_than_a_quarter_of_the_budget__at_once),
    KT_CASE(thread__nothing_clean_to_evict__at_once),
    KT_CASE(suspended__passed_by_until_resumed),
    KT_CASE(dirty_file__is_not_recycled_while_there_are_others),
    KT_CASE(failure__each_opener_hears_once__three_tries),
    KT_CASE(failure__asked_for__is_noted_too),
    KT_CASE(failure__told_by_the_abort__is_noted),
    KT_CASE(limit__writer_waits_until_pages_were_written),
    KT_CASE(limit__writes_under_way_count),
    KT_CASE(limit__only_what_cannot_be_written__its_error),
    KT_CASE(limit__all_suspended__goes_on),
    KT_CASE(limit__no_pages_and_devices__nothing_is_counted),
};
PG_SUITE(writeback, cases);
