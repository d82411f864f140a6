// SPDX-License-Identifier: BSD-2-Clause
/*
 * All buffers of a vnode: iterating, invalidating; and from blocks of a file to blocks of its device.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/proc.h>

#include "tests/unit/buf/ramfs.h"

static buf_t filled(unsigned f, daddr64_t block, uint32_t size, int byte)
{
    buf_t bp = buf_getblk(ram_file(f), block, (int)size, 0, 0, BLK_WRITE);
    memset((void *)buf_dataptr(bp), byte, size);
    return bp;
}

/* Blocks 0..3 clean, 4..7 dirty; of each, the last is locked. */
static vnode_t eight_blocks(void)
{
    for (int i = 0; i < 8; i++) {
        buf_t bp = filled(0, i, RAM_BLOCK, 'a' + i);
        if (i % 4 == 3)
            buf_setflags(bp, B_LOCKED);
        if (i < 4)
            KT_ASSERT_OK(buf_bwrite(bp));
        else
            KT_ASSERT_OK(buf_bdwrite(bp));
    }
    return ram_file(0);
}

/* ---- iterating ----------------------------------------------------------------------------------------- */

struct visit {
    int answer; /* to the block `special`; BUF_RETURNED to others */
    daddr64_t special;
    unsigned blocks; /* a bit for each that was shown */
    unsigned nobody; /* shown as NULL */
    buf_t claimed;
};

static int visited(buf_t bp, void *arg)
{
    struct visit *visit = arg;
    if (!bp) {
        visit->nobody++;
        return BUF_RETURNED;
    }
    visit->blocks |= 1u << buf_lblkno(bp);
    if (buf_lblkno(bp) != visit->special)
        return BUF_RETURNED;
    if (visit->answer == BUF_CLAIMED || visit->answer == BUF_CLAIMED_DONE)
        visit->claimed = bp;
    return visit->answer;
}

static unsigned blocks_seen(vnode_t vp, int flags)
{
    struct visit visit = {.special = -1};
    buf_iterate(vp, visited, flags, &visit);
    return visit.blocks;
}

static void iterate__flags__choose(void)
{
    vnode_t vp = eight_blocks();
    KT_ASSERT_EQ(blocks_seen(vp, 0), 0xffu);
    KT_ASSERT_EQ(blocks_seen(vp, BUF_SCAN_CLEAN), 0x0fu);
    KT_ASSERT_EQ(blocks_seen(vp, BUF_SCAN_DIRTY), 0xf0u);
    KT_ASSERT_EQ(blocks_seen(vp, BUF_SCAN_DIRTY | BUF_SCAN_CLEAN), 0xffu);
    KT_ASSERT_EQ(blocks_seen(vp, BUF_SKIP_LOCKED), 0x77u);
    KT_ASSERT_EQ(blocks_seen(vp, BUF_SKIP_NONLOCKED | BUF_SCAN_DIRTY), 0x80u);
    KT_ASSERT_EQ(blocks_seen(ram_file(1), 0), 0u);
}

static void iterate__answers__four(void)
{
    vnode_t vp = eight_blocks();
    struct visit visit = {.special = 2, .answer = BUF_RETURNED_DONE};
    buf_iterate(vp, visited, 0, &visit);
    KT_ASSERT_EQ(visit.blocks, 7u);
    visit = (struct visit){.special = 2, .answer = BUF_CLAIMED};
    buf_iterate(vp, visited, 0, &visit);
    KT_ASSERT_EQ(visit.blocks, 0xffu);
    KT_ASSERT_NULL(buf_getblk(vp, 2, RAM_BLOCK, 0, 1, BLK_READ));
    /* Busy ones are passed by, or told of. */
    buf_t claimed = visit.claimed;
    KT_ASSERT_EQ(blocks_seen(vp, 0), 0xfbu);
    visit = (struct visit){.special = -1};
    buf_iterate(vp, visited, BUF_NOTIFY_BUSY, &visit);
    KT_ASSERT(visit.blocks == 0xfb && visit.nobody == 1);
    buf_brelse(claimed);
    visit = (struct visit){.special = 5, .answer = BUF_CLAIMED_DONE};
    buf_iterate(vp, visited, 0, &visit);
    KT_ASSERT_EQ(visit.blocks, 0x3fu);
    buf_brelse(visit.claimed);
}

/* ---- invalidating -------------------------------------------------------------------------------------- */

static void invalidate__block(void)
{
    vnode_t vp = eight_blocks();
    KT_ASSERT_ERRNO(buf_invalblkno(vp, 100, 0), ENOENT);
    KT_ASSERT_OK(buf_invalblkno(vp, 5, 0)); /* dirty: its contents are lost */
    KT_ASSERT_OK(buf_invalblkno(vp, 3, BUF_WAIT));
    KT_ASSERT_EQ(blocks_seen(vp, 0), 0xd7u);
    KT_ASSERT_EQ(*ram_block(0, 5), 0);
    buf_t bp = buf_getblk(vp, 1, RAM_BLOCK, 0, 0, BLK_READ);
    KT_ASSERT_ERRNO(buf_invalblkno(vp, 1, 0), EBUSY);
    buf_brelse(bp);
}

static void invalidate__all__written_or_not(void)
{
    vnode_t vp = eight_blocks();
    KT_ASSERT_OK(buf_invalidateblks(vp, BUF_WRITE_DATA, 0, 0));
    KT_ASSERT_EQ(blocks_seen(vp, 0), 0x88u); /* the locked ones */
    KT_ASSERT(*ram_block(0, 4) == 'e' && *ram_block(0, 7) == 0);
    KT_ASSERT_OK(buf_invalidateblks(vp, BUF_INVALIDATE_LOCKED, 0, 0));
    KT_ASSERT_EQ(blocks_seen(vp, 0), 0u);
    KT_ASSERT_EQ(*ram_block(0, 7), 0);
}

static void invalidate__metadata__spared(void)
{
    vnode_t vp = ram_file(0);
    buf_t bp = buf_getblk(vp, 1, RAM_BLOCK, 0, 0, BLK_META);
    KT_ASSERT_OK(buf_bwrite(bp));
    KT_ASSERT_OK(buf_bwrite(filled(0, 2, RAM_BLOCK, 'd')));
    KT_ASSERT_OK(buf_invalidateblks(vp, BUF_SKIP_META, 0, 0));
    KT_ASSERT_EQ(blocks_seen(vp, 0), 2u);
}

struct invalidation {
    vnode_t vp;
    int flags, timeo;
    _Atomic(int) result;
};

static void invalidate_all(void *arg)
{
    struct invalidation *work = arg;
    atomic_store(&work->result, buf_invalidateblks(work->vp, work->flags, PCATCH, work->timeo));
}

static void invalidate__busy__waits_or_times_out(void)
{
    vnode_t vp = eight_blocks();
    struct invalidation work = {.vp = vp, .flags = BUF_INVALIDATE_LOCKED | BUF_WRITE_DATA, .timeo = 2};
    buf_t bp = buf_getblk(vp, 6, RAM_BLOCK, 0, 0, BLK_WRITE);
    ktest_thread_join(ktest_thread(invalidate_all, &work));
    KT_ASSERT_EQ(atomic_load(&work.result), EWOULDBLOCK);
    work.timeo = 0;
    atomic_store(&work.result, -1);
    void *thread = ktest_thread(invalidate_all, &work);
    ktest_msleep(20);
    KT_ASSERT_EQ(atomic_load(&work.result), -1);
    memset((void *)buf_dataptr(bp), 'Z', RAM_BLOCK);
    KT_ASSERT_OK(buf_bdwrite(bp)); /* dirty at the last moment: written all the same */
    ktest_thread_join(thread);
    KT_ASSERT_EQ(atomic_load(&work.result), 0);
    KT_ASSERT_EQ(blocks_seen(vp, 0), 0u);
    KT_ASSERT_EQ(*ram_block(0, 6), 'Z');
}

/* ---- from the file to the device ----------------------------------------------------------------------- */

#define WIDE (4 * RAM_BLOCK)

/* Blocks 0..3 of file 0: two together, one apart, one nowhere. */
static void scatter(void)
{
    ram_map[0][2] = ram_map[0][100];
    ram_map[0][3] = -1;
    memset(ram_block(0, 0), 'p', RAM_BLOCK);
    memset(ram_block(0, 1), 'q', RAM_BLOCK);
    memset(ram_block(0, 100), 'r', RAM_BLOCK);
}

static void strategy__several_runs__read_as_one(void)
{
    buf_t bp;
    scatter();
    for (int mode = RAM_NOW; mode <= RAM_LATER; mode++) {
        atomic_store(&ram_disk.mode, mode);
        KT_ASSERT_OK(buf_bread(ram_file(0), 0, WIDE, NOCRED, &bp));
        const uint8_t *data = (const uint8_t *)buf_dataptr(bp);
        KT_ASSERT(data[0] == 'p' && data[RAM_BLOCK] == 'q' && data[2 * RAM_BLOCK] == 'r');
        KT_ASSERT(data[3 * RAM_BLOCK] == 0 && data[WIDE - 1] == 0);
        KT_ASSERT(buf_blkno(bp) == buf_lblkno(bp) && !buf_resid(bp));
        buf_markinvalid(bp);
        buf_brelse(bp);
    }
    KT_ASSERT_EQ(atomic_load(&ram_disk.reads), 4u);
}

static void strategy__several_runs__written(void)
{
    scatter();
    ram_map[0][3] = ram_map[0][200];
    KT_ASSERT_OK(buf_bwrite(filled(0, 0, WIDE, 'w')));
    KT_ASSERT_EQ(atomic_load(&ram_disk.writes), 3u);
    KT_ASSERT(*ram_block(0, 1) == 'w' && *ram_block(0, 100) == 'w' && *ram_block(0, 200) == 'w');
    KT_ASSERT_OK(vnode_waitforwrites(ram_dev(), 0, 0, 0, "test"));
    ram_map[0][3] = -1;
    KT_ASSERT_ERRNO(buf_bwrite(filled(0, 0, WIDE, 'x')), EIO); /* a hole has no room */
}

static void strategy__one_part_fails__so_does_the_whole(void)
{
    buf_t bp;
    scatter();
    atomic_store(&ram_disk.fail_read_nth, 2);
    KT_ASSERT_ERRNO(buf_bread(ram_file(0), 0, WIDE, NOCRED, &bp), EIO);
    KT_ASSERT_GT(buf_resid(bp), 0u);
    buf_brelse(bp);
}

static void strategy__hole__zeros(void)
{
    buf_t bp;
    ram_map[0][9] = -1;
    KT_ASSERT_OK(buf_bread(ram_file(0), 9, RAM_BLOCK, NOCRED, &bp));
    KT_ASSERT(*(uint8_t *)buf_dataptr(bp) == 0 && atomic_load(&ram_disk.reads) == 0);
    buf_brelse(bp);
    KT_ASSERT_ERRNO(buf_bwrite(filled(0, 9, RAM_BLOCK, 'x')), EIO);
}

static void strategy__cannot_map__ends_the_transfer(void)
{
    buf_t bp;
    atomic_store(&ram_disk.blockmap_error, ENOSPC);
    KT_ASSERT_ERRNO(buf_bwrite(filled(0, 1, RAM_BLOCK, 'x')), ENOSPC);
    atomic_store(&ram_disk.blockmap_error, 0);
    KT_ASSERT_ERRNO(buf_bread(ram_file(0), -5, RAM_BLOCK, NOCRED, &bp), EINVAL);
    buf_brelse(bp);
    KT_ASSERT_ERRNO(buf_bread(ram_file(0), RAM_FILE_BLOCKS, RAM_BLOCK, NOCRED, &bp), ERANGE);
    buf_brelse(bp);
    bp = buf_getblk(ram_file(0), INT64_MAX / 4, RAM_BLOCK, 0, 0, BLK_READ);
    buf_setlblksize(bp, RAM_BLOCK);
    buf_reset(bp, B_READ);
    VNOP_STRATEGY(bp);
    KT_ASSERT_ERRNO(buf_biowait(bp), EOVERFLOW);
    buf_brelse(bp);
}

static void strategy__mapped_once__is_remembered(void)
{
    buf_t bp = filled(0, 1, RAM_BLOCK, 'k');
    KT_ASSERT_OK(buf_bdwrite(bp));
    buf_flushdirtyblks(ram_file(0), 1, 0, "test");
    atomic_store(&ram_disk.blockmap_error, EIO);
    KT_ASSERT_OK(buf_bwrite(filled(0, 1, RAM_BLOCK, 'l')));
    KT_ASSERT_EQ(*ram_block(0, 1), 'l');
}

static void on_device(void *arg)
{
    struct vnop_strategy_args args = {.a_desc = &vnop_strategy_desc, .a_bp = arg};
    buf_strategy(ram_dev(), &args);
}

static void strategy__device_buffer__panics(void)
{
    buf_t bp = buf_getblk(ram_dev(), 0, 512, 0, 0, BLK_READ);
    KT_EXPECT_PANIC(on_device, bp, "belongs to a device already");
    buf_brelse(bp);
}

static const struct ktest_case cases[] = {
    KT_CASE(iterate__flags__choose),
    KT_CASE(iterate__answers__four),
    KT_CASE(invalidate__block),
    KT_CASE(invalidate__all__written_or_not),
    KT_CASE(invalidate__metadata__spared),
    KT_CASE(invalidate__busy__waits_or_times_out),
    KT_CASE(strategy__several_runs__read_as_one),
    KT_CASE(strategy__several_runs__written),
    KT_CASE(strategy__one_part_fails__so_does_the_whole),
    KT_CASE(strategy__hole__zeros),
    KT_CASE(strategy__cannot_map__ends_the_transfer),
    KT_CASE(strategy__mapped_once__is_remembered),
    KT_CASE(strategy__device_buffer__panics),
};
RAM_SUITE(cache_walk, cases);
