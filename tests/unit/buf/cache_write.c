// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing buffers at once and later; errors of writes that nobody waited for; flushing by age and by need.
 */
#include <string.h>
#include <sys/errno.h>
#include <vfs/vfs_support.h>

#include "tests/unit/buf/ramfs.h"

/* A busy buffer of a file's block, filled with @byte. */
static buf_t filled(unsigned f, daddr64_t block, int byte)
{
    buf_t bp = buf_getblk(ram_file(f), block, RAM_BLOCK, 0, 0, BLK_WRITE);
    memset((void *)buf_dataptr(bp), byte, RAM_BLOCK);
    return bp;
}

static uint8_t on_disk(unsigned f, unsigned block)
{
    return *ram_block(f, block);
}

static void write__at_once__is_there_and_stays_cached(void)
{
    buf_t bp = filled(0, 2, 'a');
    KT_ASSERT_OK(buf_bwrite(bp));
    KT_ASSERT_EQ(on_disk(0, 2), 'a');
    KT_ASSERT(ram_counters().clean == 1 && ram_counters().dirty == 0);
    KT_ASSERT_OK(buf_bread(ram_file(0), 2, RAM_BLOCK, NOCRED, &bp));
    KT_ASSERT(buf_fromcache(bp) && buf_blkno(bp) == ram_map[0][2]);
    KT_ASSERT_OK(VNOP_BWRITE(bp));
    KT_ASSERT_EQ(atomic_load(&ram_disk.writes), 2u);
    bp = filled(0, 3, 'b');
    buf_markinvalid(bp);
    KT_ASSERT_OK(buf_bwrite(bp)); /* nothing to write */
    KT_ASSERT_EQ(atomic_load(&ram_disk.writes), 2u);
}

static void write__stock_operations__are_buf_bwrite(void)
{
    struct vnop_bwrite_args args = {.a_desc = &vnop_bwrite_desc, .a_bp = filled(0, 1, 'v')};
    KT_ASSERT_OK(vn_bwrite(&args));
    args.a_bp = filled(0, 2, 'n');
    KT_ASSERT_OK(nop_bwrite(&args));
    KT_ASSERT(on_disk(0, 1) == 'v' && on_disk(0, 2) == 'n');
}

static void write__asynchronous__is_busy_until_done(void)
{
    buf_t bp;
    vnode_t vp = ram_file(0);
    atomic_store(&ram_disk.mode, RAM_HELD);
    KT_ASSERT_OK(buf_bawrite(filled(0, 2, 'c')));
    KT_ASSERT_ERRNO(buf_invalblkno(vp, 2, 0), EBUSY);
    KT_ASSERT(vnode_hasdirtyblks(vp));
    KT_ASSERT_NULL(buf_getblk(vp, 2, RAM_BLOCK, 0, 1, BLK_WRITE));
    ram_let_go();
    bp = buf_getblk(vp, 2, RAM_BLOCK, 0, 0, BLK_WRITE);
    KT_ASSERT(buf_valid(bp) && on_disk(0, 2) == 'c');
    buf_brelse(bp);
    KT_ASSERT(!vnode_hasdirtyblks(vp));
}

static void write__delayed__waits_for_a_flush(void)
{
    vnode_t vp = ram_file(1);
    for (int i = 0; i < 5; i++)
        KT_ASSERT_OK(buf_bdwrite(filled(1, i, '0' + i)));
    KT_ASSERT(ram_counters().dirty == 5 && ram_counters().dirty_bytes == 5 * RAM_BLOCK);
    KT_ASSERT(vnode_hasdirtyblks(vp) && !atomic_load(&ram_disk.writes));
    buf_t bp = buf_getblk(vp, 1, RAM_BLOCK, 0, 0, BLK_READ);
    KT_ASSERT(buf_valid(bp) && (buf_flags(bp) & B_DELWRI));
    buf_brelse(bp);
    atomic_store(&ram_disk.mode, RAM_LATER);
    buf_flushdirtyblks(vp, 1, 0, "test");
    for (unsigned i = 0; i < 5; i++)
        KT_ASSERT_EQ(on_disk(1, i), '0' + i);
    KT_ASSERT(ram_counters().dirty == 0 && ram_counters().clean == 5);
}

static void write__marked_by_hand(void)
{
    buf_t bp = filled(0, 1, 'm');
    buf_markdelayed(bp);
    buf_markdelayed(bp);
    KT_ASSERT((buf_flags(bp) & B_DELWRI) && buf_valid(bp));
    buf_brelse(bp);
    KT_ASSERT_EQ(ram_counters().dirty, 1);
    bp = buf_getblk(ram_file(0), 1, RAM_BLOCK, 0, 0, BLK_WRITE);
    buf_markclean(bp);
    KT_ASSERT(!(buf_flags(bp) & B_DELWRI) && ram_counters().dirty == 0);
    buf_brelse(bp);
}

static void write__delayed_not_to_be_cached__is_written_and_gone(void)
{
    buf_t bp = filled(0, 1, 'n');
    buf_setflags(bp, B_NOCACHE);
    KT_ASSERT_OK(buf_bdwrite(bp));
    KT_UNTIL(ram_counters().clean + ram_counters().dirty == 0);
    KT_ASSERT_EQ(on_disk(0, 1), 'n');
}

static void write__locked__only_on_demand(void)
{
    vnode_t vp = ram_file(0);
    buf_t bp = filled(0, 1, 'l');
    buf_setflags(bp, B_LOCKED);
    KT_ASSERT_OK(buf_bdwrite(bp));
    buf_flushdirtyblks(vp, 1, BUF_SKIP_LOCKED, "test");
    KT_ASSERT_EQ(atomic_load(&ram_disk.writes), 0u);
    KT_ASSERT_OK(buf_bdwrite(filled(0, 2, 'f')));
    buf_flushdirtyblks(vp, 1, BUF_SKIP_NONLOCKED, "test");
    KT_ASSERT_EQ(atomic_load(&ram_disk.writes), 1u);
    KT_ASSERT(on_disk(0, 1) == 'l' && on_disk(0, 2) == 0);
}

static void write__old__by_the_flusher(void)
{
    buf_flush_age_set(1);
    KT_ASSERT_OK(buf_bdwrite(filled(0, 1, 'o')));
    KT_UNTIL(ram_counters().dirty == 0);
    KT_ASSERT_OK(buf_invalblkno(ram_file(0), 1, BUF_WAIT)); /* what the flusher did is seen from here on */
    KT_ASSERT_EQ(on_disk(0, 1), 'o');
    buf_flush_age_set(0);
}

/* ---- errors -------------------------------------------------------------------------------------------- */

static void error__waited_for__is_the_caller_s(void)
{
    uint32_t opener = buf_error_sample(ram_file(0));
    buf_t bp;
    atomic_store(&ram_disk.fail_write_nth, 1);
    KT_ASSERT_ERRNO(buf_bwrite(filled(0, 1, 'e')), EIO);
    KT_ASSERT_OK(buf_error_check(ram_file(0), &opener));
    KT_ASSERT(ram_counters().clean == 0 && ram_counters().dirty == 0);
    KT_ASSERT_OK(buf_bread(ram_file(0), 1, RAM_BLOCK, NOCRED, &bp));
    KT_ASSERT_EQ(*(uint8_t *)buf_dataptr(bp), 0); /* what the device has */
    buf_brelse(bp);
}

static void error__delayed__once_for_every_opener(void)
{
    vnode_t vp = ram_file(0);
    uint32_t first = buf_error_sample(vp), second = buf_error_sample(vp);
    KT_ASSERT_OK(buf_bdwrite(filled(0, 1, 'e')));
    atomic_store(&ram_disk.fail_write_nth, 1);
    buf_flushdirtyblks(vp, 1, 0, "test");
    atomic_store(&ram_disk.fail_write_nth, 0);
    uint32_t later = buf_error_sample(vp); /* nobody has heard of it yet */
    KT_ASSERT_ERRNO(buf_error_check(vp, &first), EIO);
    KT_ASSERT_OK(buf_error_check(vp, &first));
    KT_ASSERT_ERRNO(buf_error_check(vp, &second), EIO);
    KT_ASSERT_OK(buf_error_check(vp, &second));
    KT_ASSERT_ERRNO(buf_error_check(vp, &later), EIO);
    uint32_t last = buf_error_sample(vp);
    KT_ASSERT_OK(buf_error_check(vp, &last));
    /* The contents are kept and tried again. */
    KT_ASSERT_EQ(ram_counters().dirty, 1);
    buf_flushdirtyblks(vp, 1, 0, "test");
    KT_ASSERT(on_disk(0, 1) == 'e' && ram_counters().dirty == 0);
    KT_ASSERT_OK(buf_error_check(vp, &first));
    /* The next one is another. */
    buf_error_note(vp, ENOSPC);
    buf_error_note(vp, EIO);
    KT_ASSERT_ERRNO(buf_error_check(vp, &first), EIO);
    KT_ASSERT_ERRNO(buf_error_check(vp, &last), EIO);
    KT_ASSERT_OK(buf_error_check(vp, &first));
}

static void error__again_and_again__gives_up(void)
{
    vnode_t vp = ram_file(0);
    uint32_t opener = buf_error_sample(vp);
    KT_ASSERT_OK(buf_bdwrite(filled(0, 1, 'e')));
    atomic_store(&ram_disk.fail_write_nth, 1);
    for (int i = 0; i < 3; i++) {
        KT_ASSERT_EQ(ram_counters().dirty, 1);
        buf_flushdirtyblks(vp, 1, 0, "test");
        KT_ASSERT_ERRNO(buf_error_check(vp, &opener), EIO);
    }
    KT_ASSERT(ram_counters().dirty == 0 && ram_counters().clean == 0);
    /* A device that is gone is not asked again. */
    atomic_store(&ram_disk.fail_errno, ENXIO);
    KT_ASSERT_OK(buf_bdwrite(filled(0, 1, 'e')));
    buf_flushdirtyblks(vp, 1, 0, "test");
    KT_ASSERT_ERRNO(buf_error_check(vp, &opener), ENXIO);
    KT_ASSERT(ram_counters().dirty == 0 && ram_counters().clean == 0);
}

static void error__delayed_then_waited_for__both_hear(void)
{
    buf_t bp;
    vnode_t vp = ram_file(0);
    uint32_t opener = buf_error_sample(vp);
    KT_ASSERT_OK(buf_bdwrite(filled(0, 1, 'e')));
    atomic_store(&ram_disk.fail_write_nth, 1);
    bp = buf_getblk(vp, 1, RAM_BLOCK, 0, 0, BLK_WRITE);
    KT_ASSERT_ERRNO(buf_bwrite(bp), EIO);
    KT_ASSERT_ERRNO(buf_error_check(vp, &opener), EIO);
    KT_ASSERT_EQ(ram_counters().dirty, 1);
}

static void error__vnode_recycled__starts_afresh(void)
{
    vnode_t vp = ram_file(0);
    buf_error_note(vp, EIO);
    ram_recycle(0);
    vp = ram_file(0);
    uint32_t opener = buf_error_sample(vp);
    KT_ASSERT_OK(buf_error_check(vp, &opener));
}

/* ---- a vnode that loses its file ----------------------------------------------------------------------- */

static void reclaim__dirty_buffers__are_written_first(void)
{
    for (int i = 0; i < 8; i++)
        KT_ASSERT_OK(buf_bdwrite(filled(3, i, 'r')));
    buf_t bp = filled(3, 8, 'R');
    buf_setflags(bp, B_LOCKED);
    KT_ASSERT_OK(buf_bdwrite(bp));
    KT_ASSERT_OK(buf_bread(ram_file(3), 20, RAM_BLOCK, NOCRED, &bp));
    buf_brelse(bp);
    atomic_store(&ram_disk.mode, RAM_LATER);
    ram_recycle(3);
    KT_ASSERT(ram_counters().dirty == 0 && ram_counters().clean == 0 && ram_counters().bytes == 0);
    for (unsigned i = 0; i < 8; i++)
        KT_ASSERT_EQ(on_disk(3, i), 'r');
    KT_ASSERT_EQ(on_disk(3, 8), 'R');
}

static void reclaim__writes_fail__ends_all_the_same(void)
{
    for (int i = 0; i < 8; i++)
        KT_ASSERT_OK(buf_bdwrite(filled(3, i, 'r')));
    atomic_store(&ram_disk.fail_write_nth, 2);
    ram_recycle(3);
    KT_ASSERT(ram_counters().dirty == 0 && ram_counters().clean == 0);
}

/* ---- how much ------------------------------------------------------------------------------------------ */

static void budget__clean__evicts_the_oldest(void)
{
    buf_t bp;
    ram_reboot(BUF_BUDGET_MIN);
    for (daddr64_t i = 0; i < RAM_FILE_BLOCKS; i++) {
        KT_ASSERT_OK(buf_bread(ram_file(0), i, RAM_BLOCK, NOCRED, &bp));
        buf_brelse(bp);
        KT_ASSERT_LE(ram_counters().bytes, ram_counters().budget);
    }
    KT_ASSERT_GT(ram_counters().evictions, 0u);
    KT_ASSERT_GE(ram_counters().bytes, ram_counters().budget / 2);
    uint32_t reads = atomic_load(&ram_disk.reads);
    KT_ASSERT_OK(buf_bread(ram_file(0), RAM_FILE_BLOCKS - 1, RAM_BLOCK, NOCRED, &bp));
    buf_brelse(bp);
    KT_ASSERT_EQ(atomic_load(&ram_disk.reads), reads);
    KT_ASSERT_OK(buf_bread(ram_file(0), 0, RAM_BLOCK, NOCRED, &bp));
    buf_brelse(bp);
    KT_ASSERT_EQ(atomic_load(&ram_disk.reads), reads + 1);
}

static void budget__dirty__writers_write(void)
{
    ram_reboot(BUF_BUDGET_MIN);
    atomic_store(&ram_disk.mode, RAM_LATER);
    for (unsigned f = 0; f < 2; f++) {
        for (unsigned i = 0; i < RAM_FILE_BLOCKS; i++) {
            KT_ASSERT_OK(buf_bdwrite(filled(f, i, (int)i)));
            KT_ASSERT_LE(ram_counters().dirty_bytes, ram_counters().budget * 3 / 4);
        }
    }
    KT_ASSERT_GT(atomic_load(&ram_disk.writes), RAM_FILE_BLOCKS);
    for (unsigned f = 0; f < 2; f++) {
        buf_flushdirtyblks(ram_file(f), 1, 0, "test");
        for (unsigned i = 0; i < RAM_FILE_BLOCKS; i++)
            KT_ASSERT_EQ(on_disk(f, i), (uint8_t)i);
    }
}

/* More busy buffers of one thread than the budget holds: nobody waits for himself. */
static void budget__all_busy__goes_beyond(void)
{
    static buf_t mine[256];
    ram_reboot(BUF_BUDGET_MIN);
    for (unsigned i = 0; i < 256; i++)
        mine[i] = filled(0, i, 1);
    KT_ASSERT_GT(ram_counters().bytes, ram_counters().budget);
    for (unsigned i = 0; i < 256; i++)
        KT_ASSERT_OK(buf_bwrite(mine[i]));
    KT_ASSERT_LE(ram_counters().bytes, ram_counters().budget);
}

static void budget__too_small__refused(void)
{
    KT_ASSERT_ERRNO(buf_boot(BUF_BUDGET_MIN - 1), EINVAL);
}

static const struct ktest_case cases[] = {
    KT_CASE(write__at_once__is_there_and_stays_cached),
    KT_CASE(write__stock_operations__are_buf_bwrite),
    KT_CASE(write__asynchronous__is_busy_until_done),
    KT_CASE(write__delayed__waits_for_a_flush),
    KT_CASE(write__marked_by_hand),
    KT_CASE(write__delayed_not_to_be_cached__is_written_and_gone),
    KT_CASE(write__locked__only_on_demand),
    KT_CASE(write__old__by_the_flusher),
    KT_CASE(error__waited_for__is_the_caller_s),
    KT_CASE(error__delayed__once_for_every_opener),
    KT_CASE(error__again_and_again__gives_up),
    KT_CASE(error__delayed_then_waited_for__both_hear),
    KT_CASE(error__vnode_recycled__starts_afresh),
    KT_CASE(reclaim__dirty_buffers__are_written_first),
    KT_CASE(reclaim__writes_fail__ends_all_the_same),
    KT_CASE(budget__clean__evicts_the_oldest),
    KT_CASE(budget__dirty__writers_write),
    KT_CASE(budget__all_busy__goes_beyond),
    KT_CASE(budget__too_small__refused),
};
RAM_SUITE(cache_write, cases);
