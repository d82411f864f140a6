// SPDX-License-Identifier: BSD-2-Clause
/*
 * Power cuts: what has to be there, what may be, that every outcome occurs, and that a seed names one.
 */
#include <stdatomic.h>

#include "tests/unit/testdisk/fixture.h"

static uint8_t medium[DISK_BYTES];

static int flush(struct host_disk *disk)
{
    return disk_do(disk, HOST_DISK_FLUSH, false, 0, NULL, 0, NULL);
}

static struct host_disk *opened(const char *format, unsigned seed)
{
    char plan[128];

    memset(medium, 0, sizeof(medium));
    snprintf(plan, sizeof(plan), format, seed);
    return fixture_open(medium, plan);
}

static uint64_t stamp_on_medium(uint64_t block)
{
    return stamp_of(medium + block * BLOCK, block);
}

/* One write of three physical blocks, not aligned to them, on older contents. -> bit mask of the outcome of
 * each block. */
static uint32_t one_write(const char *format, unsigned seed)
{
    struct host_disk *disk = opened(format, seed);
    uint32_t mask = 0;

    assert_int_equal(stamp_write(disk, 0, 32, 1, false), HOST_OK);
    assert_int_equal(flush(disk), HOST_OK);
    assert_int_equal(stamp_write(disk, 4, 24, 2, false), HOST_OK);
    assert_int_equal(testdisk_cut(disk), HOST_OK);
    host_disk_close(disk);
    for (uint64_t block = 0; block < 32; block++) {
        uint64_t stamp = stamp_on_medium(block);

        assert_true(stamp == 1 || (stamp == 2 && block >= 4 && block < 28));
        mask |= (uint32_t)(stamp == 2) << block;
    }
    return mask;
}

#define WHOLE 0x0ffffff0u

static void cut__without_tears__keeps_a_write_or_not(void **state)
{
    unsigned kept = 0;

    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        uint32_t mask = one_write("torn=none,seed=%u", seed);

        assert_true(mask == 0 || mask == WHOLE);
        kept += mask != 0;
    }
    assert_in_range(kept, 40, 160);
}

static void cut__with_tears__breaks_between_units(void **state)
{
    static const uint32_t pieces[] = {0x000000f0u, 0x0000ff00u, 0x00ff0000u, 0x0f000000u};
    unsigned torn = 0, torn_finely = 0;

    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        uint32_t mask = one_write("torn=physical,seed=%u", seed);

        for (unsigned i = 0; i < 4; i++) {
            assert_true((mask & pieces[i]) == 0 || (mask & pieces[i]) == pieces[i]);
        }
        torn += mask != 0 && mask != WHOLE;
        mask = one_write("torn=block,seed=%u", seed);
        for (unsigned i = 0; i < 4; i++) {
            torn_finely += (mask & pieces[i]) != 0 && (mask & pieces[i]) != pieces[i];
        }
    }
    assert_in_range(torn, 20, 100);
    assert_true(torn_finely > 20);
}

static void cut__told_how_much_to_keep__does(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++) {
        assert_int_equal(one_write("keep=0,seed=%u", seed), 0);
        assert_int_equal(one_write("keep=100,seed=%u", seed), WHOLE);
    }
}

static void cut__same_seed__same_outcome(void **state)
{
    unsigned different = 0;

    (void)state;
    for (unsigned seed = 0; seed < 50; seed++) {
        uint32_t mask = one_write("torn=block,seed=%u", seed);

        assert_int_equal(mask, one_write("torn=block,seed=%u", seed));
        different += mask != one_write("torn=block,seed=%u", seed + 1000);
    }
    assert_true(different > 10);
}

/* Two writes, one after the other, neither covered: all four outcomes are there, the later one alone too. */
static void cut__writes__are_reordered(void **state)
{
    unsigned outcomes[4] = {0};

    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        struct host_disk *disk = opened("torn=none,seed=%u", seed);

        assert_int_equal(stamp_write(disk, 10, 1, 1, false), HOST_OK);
        assert_int_equal(stamp_write(disk, 20, 1, 2, false), HOST_OK);
        assert_int_equal(testdisk_cut(disk), HOST_OK);
        outcomes[(stamp_on_medium(10) != 0) + 2 * (stamp_on_medium(20) != 0)]++;
        host_disk_close(disk);
    }
    for (unsigned i = 0; i < 4; i++) {
        assert_true(outcomes[i] > 5);
    }
}

/* A block that was written twice has any of its versions; whole writes keep their order where they overlap.
 */
static void cut__of_overlapping_writes__leaves_any_version_in_order(void **state)
{
    unsigned versions[3] = {0};

    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        struct host_disk *disk = opened("torn=none,seed=%u", seed);

        assert_int_equal(stamp_write(disk, 0, 2, 1, false), HOST_OK);
        assert_int_equal(stamp_write(disk, 1, 2, 2, false), HOST_OK);
        assert_int_equal(testdisk_cut(disk), HOST_OK);
        host_disk_close(disk);
        uint64_t middle = stamp_on_medium(1);
        versions[middle]++;
        /* The second is there: it lies over the first. */
        assert_true(stamp_on_medium(2) != 2 || middle == 2);
        assert_true(stamp_on_medium(2) == 2 || middle == stamp_on_medium(0));
    }
    assert_true(versions[0] > 20 && versions[1] > 20 && versions[2] > 20);
}

static void cut__at_a_write__takes_that_write_with_it(void **state)
{
    unsigned kept = 0;

    (void)state;
    for (unsigned seed = 0; seed < 100; seed++) {
        struct host_disk *disk = opened("cut=3,torn=none,seed=%u", seed);
        struct testdisk_stats stats;

        assert_int_equal(stamp_write(disk, 1, 1, 1, false), HOST_OK);
        assert_int_equal(stamp_write(disk, 2, 1, 2, true), HOST_OK);
        assert_int_equal(stamp_write(disk, 3, 1, 3, true), HOST_EIO);
        assert_int_equal(stamp_write(disk, 4, 1, 4, false), HOST_EIO);
        testdisk_stats(disk, &stats);
        assert_true(stats.off);
        assert_int_equal(stats.under_way, 0);
        assert_int_equal(stats.cut.kept + stats.cut.torn + stats.cut.lost, 3);
        assert_int_equal(stamp_on_medium(2), 2);
        assert_int_equal(stamp_on_medium(4), 0);
        kept += stamp_on_medium(3) == 3;
        host_disk_close(disk);
    }
    assert_in_range(kept, 10, 90);
}

static void cut__at_a_flush_or_a_request__comes_then(void **state)
{
    struct host_disk *disk = opened("cut=flush:2,keep=0,seed=%u", 1);

    (void)state;
    assert_int_equal(stamp_write(disk, 1, 1, 1, false), HOST_OK);
    assert_int_equal(flush(disk), HOST_OK);
    assert_int_equal(stamp_write(disk, 1, 1, 2, false), HOST_OK);
    assert_int_equal(flush(disk), HOST_EIO);
    assert_int_equal(stamp_on_medium(1), 1);
    host_disk_close(disk);
    disk = opened("cut=request:3,keep=100,seed=%u", 1);
    assert_int_equal(stamp_write(disk, 1, 1, 1, false), HOST_OK);
    assert_int_equal(stamp_read(disk, 1), 1);
    assert_int_equal(disk_do(disk, HOST_DISK_UNMAP, false, BLOCK, NULL, BLOCK, NULL), HOST_EIO);
    assert_int_equal(stamp_on_medium(1), 0);
    host_disk_close(disk);
}

/* Older contents that nothing covered must not come back over what was written with hi_fua. */
static void cut__older_writes__never_lie_over_a_durable_one(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 100; seed++) {
        struct host_disk *disk = opened("torn=block,seed=%u", seed);

        assert_int_equal(stamp_write(disk, 0, 20, 1, false), HOST_OK);
        assert_int_equal(stamp_write(disk, 5, 10, 2, true), HOST_OK);
        if (seed % 2 == 0) {
            assert_int_equal(flush(disk), HOST_OK);
        }
        assert_int_equal(testdisk_cut(disk), HOST_OK);
        for (uint64_t block = 5; block < 15; block++) {
            assert_int_equal(stamp_on_medium(block), 2);
        }
        host_disk_close(disk);
    }
}

static void flag_done(struct host_disk_io *io)
{
    atomic_store((atomic_bool *)io->hi_owner, true);
}

/* A flush that is late: what is complete before it arrives is covered, what comes meanwhile is not. What
 * comes meanwhile and is durable by itself is not undone by it on the disk below: no cut puts it right there.
 */
static void flush__that_is_late__covers_what_was_complete_when_it_arrived(void **state)
{
    struct host_disk *disk = NULL;
    struct host_disk_io io;
    atomic_bool done;
    bool in_time = false;

    (void)state;
    /* As late as it takes to be later than the two writes after it, on whatever machine. */
    for (unsigned late = 20; !in_time && late < 10000; late *= 2) {
        if (disk != NULL) {
            host_disk_close(disk);
        }
        disk = opened("delay=%ums/flush,keep=0", late);
        atomic_init(&done, false);
        io = (struct host_disk_io){
            .hi_op = HOST_DISK_FLUSH, .hi_async = true, .hi_done = flag_done, .hi_owner = &done};
        assert_int_equal(stamp_write(disk, 1, 3, 1, false), HOST_OK);
        host_disk_submit(disk, &io);
        assert_int_equal(stamp_write(disk, 2, 1, 2, false), HOST_OK);
        assert_int_equal(stamp_write(disk, 3, 1, 3, true), HOST_OK);
        in_time = !atomic_load(&done);
        while (!atomic_load(&done)) {
            usleep(1000);
        }
    }
    assert_true(in_time);
    assert_int_equal(io.hi_status, HOST_OK);
    assert_int_equal(stamp_read(disk, 2), 2);
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(stamp_on_medium(1), 1);
        assert_int_equal(stamp_on_medium(2), 1);
        assert_int_equal(stamp_on_medium(3), 3);
        assert_int_equal(testdisk_cut(disk), HOST_OK);
    }
    host_disk_close(disk);
}

/* The negative control: a flush that lies is found out. With one that does not, never. */
static void cut__after_a_lying_flush__loses_something_for_some_seed(void **state)
{
    (void)state;
    for (unsigned lies = 0; lies < 2; lies++) {
        unsigned lost = 0;

        for (unsigned seed = 0; seed < 50; seed++) {
            struct host_disk *disk = opened(lies ? "lie=flush,seed=%u" : "seed=%u", seed);

            for (uint64_t block = 0; block < 10; block++) {
                assert_int_equal(stamp_write(disk, block * 8, 8, block + 1, false), HOST_OK);
            }
            assert_int_equal(flush(disk), HOST_OK);
            assert_int_equal(testdisk_cut(disk), HOST_OK);
            for (uint64_t block = 0; block < 80; block++) {
                lost += stamp_on_medium(block) != block / 8 + 1;
            }
            host_disk_close(disk);
        }
        assert_int_equal(lost != 0, lies != 0);
    }
}

static void cut__twice__is_one(void **state)
{
    struct host_disk *disk = opened("seed=%u", 1);

    (void)state;
    assert_int_equal(testdisk_cut(disk), HOST_OK);
    assert_int_equal(testdisk_cut(disk), HOST_OK);
    host_disk_close(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut__without_tears__keeps_a_write_or_not),
        cmocka_unit_test(cut__with_tears__breaks_between_units),
        cmocka_unit_test(cut__told_how_much_to_keep__does),
        cmocka_unit_test(cut__same_seed__same_outcome),
        cmocka_unit_test(cut__writes__are_reordered),
        cmocka_unit_test(cut__of_overlapping_writes__leaves_any_version_in_order),
        cmocka_unit_test(cut__at_a_write__takes_that_write_with_it),
        cmocka_unit_test(cut__at_a_flush_or_a_request__comes_then),
        cmocka_unit_test(cut__older_writes__never_lie_over_a_durable_one),
        cmocka_unit_test(flush__that_is_late__covers_what_was_complete_when_it_arrived),
        cmocka_unit_test(cut__after_a_lying_flush__loses_something_for_some_seed),
        cmocka_unit_test(cut__twice__is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
