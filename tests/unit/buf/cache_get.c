// SPDX-License-Identifier: BSD-2-Clause
/*
 * Getting and releasing buffers: hits, misses, waits for busy ones, sizes, what is kept and what is not;
 * reading and reading ahead.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/proc.h>

#include "tests/unit/buf/ramfs.h"

static void get__miss__is_empty_and_busy(void)
{
    vnode_t vp = ram_file(0);
    buf_t bp = buf_getblk(vp, 3, RAM_BLOCK, 0, 0, BLK_READ);
    KT_ASSERT(bp && !buf_valid(bp) && !buf_fromcache(bp) && buf_dataptr(bp));
    KT_ASSERT(buf_count(bp) == RAM_BLOCK && buf_size(bp) >= RAM_BLOCK && buf_lblkno(bp) == 3);
    KT_ASSERT_EQ(buf_dataptr(bp) % RAM_BLOCK, 0);
    KT_ASSERT_PTR_EQ(buf_vnode(bp), vp);
    KT_ASSERT(vnode_hascleanblks(vp) && !vnode_hasdirtyblks(vp));
    buf_brelse(bp);
    KT_ASSERT_EQ(ram_counters().clean, 0); /* it had nothing to keep */
    bp = buf_getblk(vp, (daddr64_t)1 << 45, 512, 0, 0, BLK_META);
    KT_ASSERT_EQ(buf_lblkno(bp), (daddr64_t)1 << 45);
    KT_ASSERT(buf_flags(bp) & B_META);
    buf_brelse(bp);
}

static void get__hit__keeps_contents(void)
{
    buf_t bp;
    vnode_t vp = ram_file(1);
    memset(ram_block(1, 7), 'x', RAM_BLOCK);
    KT_ASSERT_OK(buf_bread(vp, 7, RAM_BLOCK, NOCRED, &bp));
    KT_ASSERT(buf_valid(bp) && !buf_fromcache(bp) && !buf_error(bp) && !buf_resid(bp));
    KT_ASSERT_EQ(*(uint8_t *)buf_dataptr(bp), 'x');
    KT_ASSERT_EQ(buf_blkno(bp), ram_map[1][7]);
    buf_brelse(bp);
    for (int i = 0; i < 3; i++) {
        KT_ASSERT_OK(buf_bread(vp, 7, RAM_BLOCK, NOCRED, &bp));
        KT_ASSERT(buf_fromcache(bp) && buf_valid(bp) && !buf_rcred(bp));
        buf_brelse(bp);
    }
    KT_ASSERT_EQ(atomic_load(&ram_disk.reads), 1u);
    KT_ASSERT_OK(buf_meta_bread(vp, 7, RAM_BLOCK, kauth_cred_get(), &bp));
    KT_ASSERT(buf_flags(bp) & B_META);
    buf_brelse(bp);
}

static void get__only_valid__does_not_make_one(void)
{
    buf_t bp;
    vnode_t vp = ram_file(0);
    KT_ASSERT_NULL(buf_getblk(vp, 1, RAM_BLOCK, 0, 0, (int)(BLK_META | BLK_ONLYVALID)));
    KT_ASSERT_EQ(ram_counters().clean, 0);
    KT_ASSERT_OK(buf_bread(vp, 1, RAM_BLOCK, NOCRED, &bp));
    buf_brelse(bp);
    bp = buf_getblk(vp, 1, RAM_BLOCK, 0, 0, (int)(BLK_READ | BLK_ONLYVALID));
    KT_ASSERT(bp && buf_valid(bp));
    buf_brelse(bp);
}

/* ---- busy ---------------------------------------------------------------------------------------------- */

struct waiter {
    vnode_t vp;
    _Atomic(bool) got;
    void *thread;
};

static void wait_for_block(void *arg)
{
    struct waiter *waiter = arg;
    buf_t bp = buf_getblk(waiter->vp, 5, RAM_BLOCK, 0, 0, BLK_WRITE);
    atomic_store(&waiter->got, true);
    buf_bdwrite(bp);
}

static void busy__another_thread__waits_its_turn(void)
{
    struct waiter waiters[3];
    vnode_t vp = ram_file(0);
    buf_t bp = buf_getblk(vp, 5, RAM_BLOCK, 0, 0, BLK_WRITE);
    for (unsigned i = 0; i < 3; i++) {
        waiters[i].vp = vp;
        atomic_store(&waiters[i].got, false);
        waiters[i].thread = ktest_thread(wait_for_block, &waiters[i]);
    }
    ktest_msleep(20);
    for (unsigned i = 0; i < 3; i++)
        KT_ASSERT(!atomic_load(&waiters[i].got));
    buf_brelse(bp); /* goes away: they look again and make another */
    for (unsigned i = 0; i < 3; i++)
        ktest_thread_join(waiters[i].thread);
    KT_ASSERT_EQ(ram_counters().dirty, 1);
}

static void time_out(void *arg)
{
    struct waiter *waiter = arg;
    buf_t bp = buf_getblk(waiter->vp, 5, RAM_BLOCK, PCATCH, 2, BLK_READ);
    atomic_store(&waiter->got, bp != NULL);
}

static void busy__time_out__null(void)
{
    struct waiter waiter = {.vp = ram_file(0)};
    buf_t bp = buf_getblk(waiter.vp, 5, RAM_BLOCK, 0, 0, BLK_WRITE);
    atomic_store(&waiter.got, true);
    ktest_thread_join(ktest_thread(time_out, &waiter));
    KT_ASSERT(!atomic_load(&waiter.got));
    buf_brelse(bp);
}

static void release_twice(void *arg)
{
    buf_brelse(arg);
    buf_brelse(arg);
}

static void busy__released_twice__panics(void)
{
    buf_t bp;
    KT_ASSERT_OK(buf_bread(ram_file(0), 5, RAM_BLOCK, NOCRED, &bp));
    KT_EXPECT_PANIC(release_twice, bp, "released by somebody who does not have it");
    buf_brelse(bp);
}

/* ---- sizes --------------------------------------------------------------------------------------------- */

static void size__larger__reads_again(void)
{
    buf_t bp;
    vnode_t dev = ram_dev();
    memset(ram_disk.data + 8 * RAM_SECTOR, 'a', 2048);
    KT_ASSERT_OK(buf_bread(dev, 8, 1024, NOCRED, &bp));
    buf_brelse(bp);
    KT_ASSERT_OK(buf_bread(dev, 8, 512, NOCRED, &bp));
    KT_ASSERT(buf_fromcache(bp) && buf_count(bp) == 512);
    buf_brelse(bp);
    KT_ASSERT_OK(buf_bread(dev, 8, 2048, NOCRED, &bp));
    KT_ASSERT(!buf_fromcache(bp) && buf_count(bp) == 2048);
    KT_ASSERT_EQ(((uint8_t *)buf_dataptr(bp))[2047], 'a');
    KT_ASSERT_EQ(atomic_load(&ram_disk.reads), 2u);
    /* A dirty one is written before it is read again. */
    memset((void *)buf_dataptr(bp), 'b', 2048);
    KT_ASSERT_OK(buf_bdwrite(bp));
    KT_ASSERT_OK(buf_bread(dev, 8, 4096, NOCRED, &bp));
    KT_ASSERT(buf_count(bp) == 4096 && *(uint8_t *)buf_dataptr(bp) == 'b');
    KT_ASSERT_EQ(atomic_load(&ram_disk.writes), 1u);
    buf_brelse(bp);
}

static void size__dirty_that_cannot_be_written__no_buffer(void)
{
    vnode_t dev = ram_dev();
    buf_t bp = buf_getblk(dev, 8, 512, 0, 0, BLK_WRITE);
    KT_ASSERT_OK(buf_bdwrite(bp));
    atomic_store(&ram_disk.fail_write_nth, 1);
    KT_ASSERT_ERRNO(buf_bread(dev, 8, 1024, NOCRED, &bp), EIO);
    KT_ASSERT_NULL(bp);
    buf_brelse(bp); /* as callers do */
    KT_ASSERT_EQ(ram_counters().dirty, 1);
}

static void size__set__keeps_contents_and_clears_the_rest(void)
{
    vnode_t dev = ram_dev();
    buf_t bp = buf_getblk(dev, 8, 512, 0, 0, BLK_WRITE);
    memset((void *)buf_dataptr(bp), 'q', 512);
    buf_setsize(bp, 8192);
    const uint8_t *data = (const uint8_t *)buf_dataptr(bp);
    KT_ASSERT(buf_size(bp) == 8192 && data[511] == 'q' && data[512] == 0 && data[8191] == 0);
    buf_setsize(bp, 1024);
    buf_setsize(bp, 4096);
    KT_ASSERT_EQ(buf_size(bp), 4096);
    buf_markinvalid(bp);
    buf_brelse(bp);
}

static void anonymous__belongs_to_no_block(void)
{
    buf_t bp = buf_geteblk(3000);
    KT_ASSERT(!buf_vnode(bp) && buf_count(bp) == 3000);
    memset((void *)buf_dataptr(bp), 1, 3000);
    KT_ASSERT_OK(buf_bwrite(bp));
    bp = buf_geteblk(512);
    KT_ASSERT_OK(buf_bdwrite(bp));
    KT_ASSERT_EQ(ram_counters().bytes, 0);
}

/* ---- what is kept -------------------------------------------------------------------------------------- */

static buf_t read_one(daddr64_t block)
{
    buf_t bp;
    KT_ASSERT_OK(buf_bread(ram_file(0), block, RAM_BLOCK, NOCRED, &bp));
    return bp;
}

static void release__by_what_the_buffer_says(void)
{
    buf_t bp = read_one(1);
    buf_markinvalid(bp);
    buf_brelse(bp);
    bp = read_one(2);
    buf_setflags(bp, B_NOCACHE);
    buf_brelse(bp);
    KT_ASSERT_EQ(ram_counters().clean, 0);
    bp = read_one(3);
    buf_markaged(bp);
    buf_brelse(bp);
    bp = read_one(4);
    buf_setflags(bp, B_LOCKED);
    buf_brelse(bp);
    KT_ASSERT_EQ(ram_counters().clean, 2);
    KT_ASSERT_EQ(buf_memory_reclaim(UINT64_MAX), RAM_BLOCK); /* the locked one stays */
    KT_ASSERT_EQ(ram_counters().clean, 1);
    bp = read_one(4);
    KT_ASSERT(buf_fromcache(bp) && (buf_flags(bp) & B_LOCKED));
    buf_clearflags(bp, B_LOCKED);
    buf_brelse(bp);
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static void read__fails__error_and_nothing_kept(void)
{
    buf_t bp;
    vnode_t vp = ram_file(0);
    atomic_store(&ram_disk.fail_read_nth, 1);
    KT_ASSERT_ERRNO(buf_bread(vp, 9, RAM_BLOCK, NOCRED, &bp), EIO);
    KT_ASSERT(bp && buf_error(bp) == EIO && !buf_valid(bp) && buf_resid(bp) == RAM_BLOCK);
    buf_brelse(bp);
    KT_ASSERT_EQ(ram_counters().clean, 0);
    atomic_store(&ram_disk.fail_read_nth, 0);
    KT_ASSERT_OK(buf_bread(vp, 9, RAM_BLOCK, NOCRED, &bp));
    buf_brelse(bp);
}

static void read__ahead__without_waiting(void)
{
    buf_t bp;
    vnode_t vp = ram_file(2);
    daddr64_t ahead[] = {11, 12, 13};
    int sizes[] = {RAM_BLOCK, RAM_BLOCK, RAM_BLOCK};
    atomic_store(&ram_disk.mode, RAM_LATER);
    KT_ASSERT_OK(buf_breadn(vp, 10, RAM_BLOCK, ahead, sizes, 3, NOCRED, &bp));
    buf_brelse(bp);
    KT_UNTIL(atomic_load(&ram_disk.reads) == 4);
    for (int i = 11; i < 14; i++) {
        KT_ASSERT_OK(buf_bread(vp, i, RAM_BLOCK, NOCRED, &bp));
        KT_ASSERT(buf_fromcache(bp));
        buf_brelse(bp);
    }
    KT_ASSERT_OK(buf_meta_breadn(vp, 10, RAM_BLOCK, ahead, sizes, 3, NOCRED, &bp));
    buf_brelse(bp);
    KT_ASSERT_EQ(atomic_load(&ram_disk.reads), 4u);
}

static void read__ahead_of_a_busy_block__does_not_wait(void)
{
    vnode_t vp = ram_file(2);
    daddr64_t ahead[] = {11};
    int sizes[] = {RAM_BLOCK};
    buf_t bp, busy = buf_getblk(vp, 11, RAM_BLOCK, 0, 0, BLK_WRITE);
    KT_ASSERT_OK(buf_breadn(vp, 10, RAM_BLOCK, ahead, sizes, 1, NOCRED, &bp));
    buf_brelse(bp);
    buf_brelse(busy);
    KT_ASSERT_EQ(atomic_load(&ram_disk.reads), 1u);
}

static void read__by_hand__as_file_systems_do(void)
{
    vnode_t vp = ram_file(2);
    memset(ram_block(2, 1), 'h', RAM_BLOCK);
    buf_t bp = buf_getblk(vp, 1, RAM_BLOCK, 0, 0, BLK_READ);
    buf_reset(bp, B_READ);
    KT_ASSERT_OK(VNOP_STRATEGY(bp));
    KT_ASSERT_OK(buf_biowait(bp));
    KT_ASSERT_EQ(*(uint8_t *)buf_dataptr(bp), 'h');
    buf_clear(bp);
    KT_ASSERT_EQ(*(uint8_t *)buf_dataptr(bp), 0);
    buf_markinvalid(bp);
    buf_brelse(bp);
}

static const struct ktest_case cases[] = {
    KT_CASE(get__miss__is_empty_and_busy),
    KT_CASE(get__hit__keeps_contents),
    KT_CASE(get__only_valid__does_not_make_one),
    KT_CASE(busy__another_thread__waits_its_turn),
    KT_CASE(busy__time_out__null),
    KT_CASE(busy__released_twice__panics),
    KT_CASE(size__larger__reads_again),
    KT_CASE(size__dirty_that_cannot_be_written__no_buffer),
    KT_CASE(size__set__keeps_contents_and_clears_the_rest),
    KT_CASE(anonymous__belongs_to_no_block),
    KT_CASE(release__by_what_the_buffer_says),
    KT_CASE(read__fails__error_and_nothing_kept),
    KT_CASE(read__ahead__without_waiting),
    KT_CASE(read__ahead_of_a_busy_block__does_not_wait),
    KT_CASE(read__by_hand__as_file_systems_do),
};
RAM_SUITE(cache_get, cases);
