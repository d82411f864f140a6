// SPDX-License-Identifier: BSD-2-Clause
/*
 * Many threads on few blocks with a budget that holds a fraction of them. Each block has a stamp that grows
 * with every write; whoever gets the block must find the stamp of the last write, in the cache or on the
 * disk, and the whole of it. Others flush, invalidate, iterate and evict meanwhile.
 */
#include <string.h>
#include <sys/errno.h>
#include <kern/thread.h>

#include "tests/unit/buf/ramfs.h"

#define THREADS 6u
#define BLOCKS  96u /* of each of FILES files; the budget holds some 128 of the 384 */
#define FILES   4u
#define ROUNDS  4000u

static _Atomic(uint32_t) stamps[FILES][BLOCKS]; /* what the last owner left; written with the buffer busy */
static _Atomic(uint32_t) wrong, writes_done;
static vnode_t files[FILES];
static _Atomic(bool) stop;
static bool with_errors;

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(*state >> 33);
}

static void check(buf_t bp, uint32_t expected)
{
    const uint32_t *data = (const uint32_t *)buf_dataptr(bp);
    for (unsigned i = 0; i < RAM_BLOCK / 4; i += 37)
        if (data[i] != expected)
            atomic_fetch_add(&wrong, 1);
}

static void stamp(buf_t bp, uint32_t value)
{
    uint32_t *data = (uint32_t *)buf_dataptr(bp);
    for (unsigned i = 0; i < RAM_BLOCK / 4; i++)
        data[i] = value;
}

/* One block: read and compare, and in most rounds leave another stamp, by one of the ways to write. */
static void one_round(uint64_t *random)
{
    unsigned f = next_random(random) % FILES, block = next_random(random) % BLOCKS;
    unsigned how = next_random(random) % 8;
    buf_t bp;
    errno_t error = buf_bread(files[f], block, RAM_BLOCK, NOCRED, &bp);
    if (error) {
        atomic_fetch_add(&wrong, 1);
        buf_brelse(bp);
        return;
    }
    check(bp, atomic_load(&stamps[f][block]));
    if (how < 3) {
        if (how == 0)
            buf_markaged(bp);
        buf_brelse(bp);
        return;
    }
    uint32_t value = atomic_fetch_add(&stamps[f][block], 1) + 1;
    stamp(bp, value);
    atomic_fetch_add(&writes_done, 1);
    if (how == 3 && !with_errors)
        error = buf_bwrite(bp);
    else if (how == 4)
        error = buf_bawrite(bp);
    else
        error = buf_bdwrite(bp);
    if (error)
        atomic_fetch_add(&wrong, 1);
}

static void worker(void *arg)
{
    uint64_t random = ktest_seed() + (uintptr_t)arg * 7919;
    for (unsigned i = 0; i < ROUNDS; i++)
        one_round(&random);
}

static int look(buf_t bp, void *arg)
{
    unsigned f = *(unsigned *)arg;
    check(bp, atomic_load(&stamps[f][buf_lblkno(bp)]));
    return BUF_RETURNED;
}

static void troublemaker(void *arg)
{
    uint64_t random = ktest_seed() ^ (uintptr_t)arg;
    while (!atomic_load(&stop)) {
        unsigned f = next_random(&random) % FILES;
        switch (next_random(&random) % 5) {
        case 0:
            buf_flushdirtyblks(files[f], 1, 0, "stress");
            break;
        case 1:
            if (!with_errors)
                buf_invalidateblks(files[f], BUF_WRITE_DATA, 0, 0);
            break;
        case 2:
            buf_iterate(files[f], look, 0, &f);
            break;
        case 3:
            buf_memory_reclaim(16 * RAM_BLOCK);
            break;
        default:
            ktest_msleep(1);
        }
    }
}

static void run(void)
{
    void *threads[THREADS], *trouble[2];
    atomic_store(&stop, false);
    atomic_store(&wrong, 0);
    atomic_store(&writes_done, 0);
    buf_flush_age_set(20 * 1000 * 1000);
    for (unsigned f = 0; f < FILES; f++)
        files[f] = ram_file(f);
    memset(stamps, 0, sizeof(stamps));
    atomic_store(&ram_disk.mode, RAM_LATER);
    for (uintptr_t i = 0; i < THREADS; i++)
        threads[i] = ktest_thread(worker, (void *)(i + 1));
    for (uintptr_t i = 0; i < 2; i++)
        trouble[i] = ktest_thread(troublemaker, (void *)(i + 100));
    for (unsigned i = 0; i < THREADS; i++)
        ktest_thread_join(threads[i]);
    atomic_store(&stop, true);
    for (unsigned i = 0; i < 2; i++)
        ktest_thread_join(trouble[i]);
    KT_ASSERT_EQ(atomic_load(&wrong), 0u);
    atomic_store(&ram_disk.fail_write_nth, 0);
    for (unsigned f = 0; f < FILES; f++) {
        buf_flushdirtyblks(files[f], 1, 0, "stress");
        for (unsigned i = 0; i < BLOCKS; i++) {
            KT_ASSERT_EQ(*(uint32_t *)(void *)ram_block(f, i), atomic_load(&stamps[f][i]));
            KT_ASSERT_EQ(*(uint32_t *)(void *)(ram_block(f, i) + RAM_BLOCK - 4), atomic_load(&stamps[f][i]));
        }
    }
    KT_ASSERT_EQ(ram_counters().dirty, 0);
    buf_flush_age_set(0);
}

static void stress__small_budget__every_reader_sees_the_last_write(void)
{
    ram_reboot(BUF_BUDGET_MIN);
    with_errors = false;
    run();
    KT_ASSERT_GT(ram_counters().evictions, 0u);
}

/* Writes that fail now and then are tried again; with every 97th it is not the same one three times. */
static void stress__failing_writes__nothing_is_lost(void)
{
    uint32_t opener = 0;
    errno_t heard = 0;
    ram_reboot(BUF_BUDGET_MIN);
    with_errors = true;
    atomic_store(&ram_disk.fail_write_nth, 97);
    run();
    for (unsigned f = 0; f < FILES; f++, opener = 0)
        heard |= buf_error_check(files[f], &opener);
    KT_ASSERT_EQ(heard, EIO);
}

static void stress__eight_mebibytes(void)
{
    ram_reboot(8u << 20);
    with_errors = false;
    run();
}

static const struct ktest_case cases[] = {
    KT_CASE(stress__small_budget__every_reader_sees_the_last_write),
    KT_CASE(stress__failing_writes__nothing_is_lost),
    KT_CASE(stress__eight_mebibytes),
};
RAM_SUITE(cache_stress, cases);
