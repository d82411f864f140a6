// SPDX-License-Identifier: BSD-2-Clause
/*
 * Each kind of fault that a plan can ask for: what the request answers, what is done of it, what is counted.
 */
#include "tests/unit/testdisk/fixture.h"

static uint8_t medium[DISK_BYTES];

static struct host_disk *opened(const char *plan)
{
    memset(medium, 0, sizeof(medium));
    return fixture_open(medium, plan);
}

static struct testdisk_op_stats stats_of(struct host_disk *disk, enum host_disk_op op)
{
    struct testdisk_stats stats;

    testdisk_stats(disk, &stats);
    return stats.op[op];
}

static int read_block(struct host_disk *disk, uint64_t block)
{
    uint8_t bytes[BLOCK];

    return disk_do(disk, HOST_DISK_READ, false, block * BLOCK, bytes, BLOCK, NULL);
}

static int flush(struct host_disk *disk)
{
    return disk_do(disk, HOST_DISK_FLUSH, false, 0, NULL, 0, NULL);
}

static void fail__every_third__fails_and_does_nothing(void **state)
{
    struct host_disk *disk = opened("fail=write:3");

    (void)state;
    for (uint64_t i = 1; i <= 9; i++) {
        assert_int_equal(stamp_write(disk, 1, 1, i, i % 2 == 0), i % 3 == 0 ? HOST_EIO : HOST_OK);
        assert_int_equal(stamp_read(disk, 1), i % 3 == 0 ? i - 1 : i);
    }
    assert_int_equal(stats_of(disk, HOST_DISK_WRITE).failed, 3);
    assert_int_equal(stats_of(disk, HOST_DISK_WRITE).requests, 9);
    assert_int_equal(stats_of(disk, HOST_DISK_WRITE).bytes, 6 * BLOCK);
    assert_int_equal(stats_of(disk, HOST_DISK_READ).failed, 0);
    host_disk_close(disk);
}

static void fail__which__selects_the_requests(void **state)
{
    struct host_disk *disk = opened("fail=read:=2,nospace=write:4+,fail=flush");

    (void)state;
    for (unsigned i = 1; i <= 6; i++) {
        assert_int_equal(read_block(disk, i), i == 2 ? HOST_EIO : HOST_OK);
        assert_int_equal(stamp_write(disk, i, 1, i, false), i >= 4 ? HOST_ENOSPC : HOST_OK);
    }
    assert_int_equal(flush(disk), HOST_EIO);
    assert_int_equal(stats_of(disk, HOST_DISK_FLUSH).failed, 1);
    assert_int_equal(stamp_of(medium + BLOCK, 1), 0);
    host_disk_close(disk);
    assert_int_equal(stamp_of(medium + BLOCK, 1), 1);
}

static void fail__in_a_range__counts_what_touches_it(void **state)
{
    struct host_disk *disk = opened("fail=write:2@10-12");
    static const struct {
        uint64_t first, count;
        int status;
    } rows[] = {{0, 10, HOST_OK},  {8, 3, HOST_OK},  {13, 1, HOST_OK},
                {12, 4, HOST_EIO}, {0, 20, HOST_OK}, {11, 1, HOST_EIO}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(stamp_write(disk, rows[i].first, rows[i].count, i + 1, false), rows[i].status);
    }
    host_disk_close(disk);
}

static void fail__by_chance__follows_from_the_seed(void **state)
{
    unsigned failed[2] = {0}, differ = 0;
    bool first[200];

    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        struct host_disk *disk = opened(round < 2 ? "fail=read:30%,seed=5" : "fail=read:30%,seed=6");

        for (unsigned i = 0; i < 200; i++) {
            bool fails = read_block(disk, 0) != HOST_OK;

            failed[0] += round == 0 && fails;
            failed[1] += round == 1 && fails;
            if (round == 0) {
                first[i] = fails;
            } else if (round == 1) {
                assert_int_equal(fails, first[i]);
            } else {
                differ += fails != first[i];
            }
        }
        host_disk_close(disk);
    }
    assert_int_equal(failed[0], failed[1]);
    assert_in_range(failed[0], 30, 90);
    assert_true(differ > 20);
}

static void short__requests__do_a_part_from_the_beginning(void **state)
{
    struct host_disk *disk = opened("short=write:2,short=read:=1");
    uint8_t bytes[16 * BLOCK];
    uint64_t moved;

    (void)state;
    assert_int_equal(stamp_write(disk, 0, 16, 1, false), HOST_OK);
    for (uint64_t i = 0; i < 16; i++) {
        stamp_fill(bytes + i * BLOCK, i, 2);
    }
    assert_int_equal(disk_do(disk, HOST_DISK_WRITE, false, 0, bytes, sizeof(bytes), &moved), HOST_OK);
    assert_true(moved >= BLOCK && moved < sizeof(bytes) && moved % BLOCK == 0);
    uint64_t written = moved / BLOCK;
    memset(bytes, 0xee, sizeof(bytes));
    assert_int_equal(disk_do(disk, HOST_DISK_READ, false, 0, bytes, sizeof(bytes), &moved), HOST_OK);
    assert_true(moved >= BLOCK && moved < sizeof(bytes) && moved % BLOCK == 0);
    for (uint64_t i = moved; i < sizeof(bytes); i++) {
        assert_int_equal(bytes[i], 0xee);
    }
    for (uint64_t i = 0; i < 16; i++) {
        assert_int_equal(stamp_read(disk, i), i < written ? 2 : 1);
    }
    assert_int_equal(stats_of(disk, HOST_DISK_WRITE).shortened, 1);
    /* Of one block nothing is done. */
    assert_int_equal(stamp_write(disk, 100, 1, 3, false), HOST_OK);
    stamp_fill(bytes, 100, 4);
    assert_int_equal(disk_do(disk, HOST_DISK_WRITE, true, 100 * BLOCK, bytes, BLOCK, &moved), HOST_OK);
    assert_int_equal(moved, 0);
    assert_int_equal(stamp_read(disk, 100), 3);
    host_disk_close(disk);
    assert_int_equal(stamp_of(medium + 100 * BLOCK, 100), 3);
}

static void delay__requests__are_late(void **state)
{
    struct host_disk *disk = opened("delay=30ms/write:2,delay=10ms-20ms/read");
    struct timespec before, after;

    (void)state;
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_int_equal(stamp_write(disk, 0, 1, 1, false), HOST_OK);
    assert_int_equal(stamp_write(disk, 0, 1, 2, false), HOST_OK);
    assert_int_equal(stamp_read(disk, 0), 2);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 39);
    assert_int_equal(stats_of(disk, HOST_DISK_WRITE).delayed, 1);
    assert_int_equal(stats_of(disk, HOST_DISK_READ).delayed, 1);
    host_disk_close(disk);
}

static void lie__says_success__and_does_nothing(void **state)
{
    struct host_disk *disk = opened("lie=flush:2,lie=write:=3,keep=0");
    struct testdisk_stats stats;

    (void)state;
    assert_int_equal(stamp_write(disk, 0, 1, 1, false), HOST_OK);
    assert_int_equal(flush(disk), HOST_OK);
    assert_int_equal(stamp_of(medium, 0), 1);
    assert_int_equal(stamp_write(disk, 0, 1, 2, false), HOST_OK);
    assert_int_equal(flush(disk), HOST_OK);
    assert_int_equal(stamp_of(medium, 0), 1);
    assert_int_equal(stamp_write(disk, 0, 1, 3, true), HOST_OK);
    assert_int_equal(stamp_read(disk, 0), 2);
    testdisk_stats(disk, &stats);
    assert_int_equal(stats.op[HOST_DISK_FLUSH].lied, 1);
    assert_int_equal(stats.op[HOST_DISK_WRITE].lied, 1);
    assert_int_equal(stats.uncovered_writes, 1);
    assert_int_equal(stats.uncovered_bytes, BLOCK);
    assert_int_equal(testdisk_cut(disk), HOST_OK);
    assert_int_equal(stamp_of(medium, 0), 1);
    host_disk_close(disk);
}

static void cache_off__completed_writes__are_on_the_medium(void **state)
{
    struct host_disk *disk = opened("cache=off,keep=0");
    struct testdisk_stats stats;

    (void)state;
    for (uint64_t i = 1; i < 20; i++) {
        assert_int_equal(stamp_write(disk, i, 2, i, false), HOST_OK);
        assert_int_equal(stamp_of(medium + i * BLOCK, i), i);
    }
    testdisk_stats(disk, &stats);
    assert_int_equal(stats.uncovered_bytes_max, 0);
    assert_int_equal(testdisk_cut(disk), HOST_OK);
    assert_int_equal(stamp_of(medium + 20 * BLOCK, 20), 19);
    host_disk_close(disk);
}

static void requests__that_make_no_sense__are_refused(void **state)
{
    struct host_disk *disk = opened("");
    uint8_t bytes[4 * BLOCK] = {0};
    struct testdisk_stats stats;

    (void)state;
    assert_int_equal(disk_do(disk, HOST_DISK_READ, false, 1, bytes, BLOCK, NULL), HOST_EINVAL);
    assert_int_equal(disk_do(disk, HOST_DISK_READ, false, 0, bytes, 100, NULL), HOST_EINVAL);
    assert_int_equal(disk_do(disk, HOST_DISK_WRITE, false, DISK_BYTES, bytes, BLOCK, NULL), HOST_EINVAL);
    assert_int_equal(disk_do(disk, HOST_DISK_WRITE, false, DISK_BYTES - BLOCK, bytes, 2 * BLOCK, NULL),
                     HOST_EINVAL);
    assert_int_equal(disk_do(disk, HOST_DISK_WRITE, false, UINT64_MAX - BLOCK + 1, bytes, BLOCK, NULL),
                     HOST_EINVAL);
    testdisk_stats(disk, &stats);
    assert_int_equal(stats.refused, 5);
    assert_int_equal(stats.op[HOST_DISK_READ].requests, 0);
    host_disk_close(disk);
}

static void writes__to_a_disk_for_reading__are_refused(void **state)
{
    struct host_disk *inner = memdisk_new(medium), *disk;

    (void)state;
    ((struct memdisk *)inner)->read_only = true;
    assert_int_equal(testdisk_open(inner, "", &disk, NULL, 0), HOST_OK);
    assert_int_equal(stamp_write(disk, 0, 1, 1, false), HOST_EPERM);
    assert_int_equal(read_block(disk, 0), HOST_OK);
    host_disk_close(disk);
}

static void flush__that_the_disk_below_fails__covers_nothing(void **state)
{
    struct host_disk *inner = memdisk_new(medium), *disk;
    struct testdisk_stats stats;

    (void)state;
    memset(medium, 0, sizeof(medium));
    assert_int_equal(testdisk_open(inner, "", &disk, NULL, 0), HOST_OK);
    ((struct memdisk *)inner)->flush_status = HOST_EIO;
    assert_int_equal(stamp_write(disk, 0, 1, 1, false), HOST_OK);
    assert_int_equal(flush(disk), HOST_EIO);
    testdisk_stats(disk, &stats);
    assert_int_equal(stats.uncovered_writes, 1);
    assert_int_equal(stats.op[HOST_DISK_FLUSH].errors, 1);
    ((struct memdisk *)inner)->flush_status = HOST_OK;
    assert_int_equal(flush(disk), HOST_OK);
    testdisk_stats(disk, &stats);
    assert_int_equal(stats.uncovered_writes, 0);
    host_disk_close(disk);
}

static void plan__set_later__counts_from_then(void **state)
{
    struct host_disk *disk = opened("fail=read:=3");
    char why[256];

    (void)state;
    assert_int_equal(read_block(disk, 0), HOST_OK);
    assert_int_equal(read_block(disk, 0), HOST_OK);
    assert_int_equal(testdisk_plan_set(disk, "fail=read:x", why, sizeof(why)), HOST_EINVAL);
    assert_non_null(strstr(why, "fail=read:x"));
    assert_int_equal(testdisk_plan_set(disk, "fail=read:=2", why, sizeof(why)), HOST_OK);
    assert_int_equal(read_block(disk, 0), HOST_OK);
    assert_int_equal(read_block(disk, 0), HOST_EIO);
    assert_int_equal(read_block(disk, 0), HOST_OK);
    host_disk_close(disk);
}

static void test_devices__stand_on_each_other(void **state)
{
    struct host_disk *disk;
    struct host_disk *inner = opened("fail=flush:=1");

    (void)state;
    assert_int_equal(testdisk_open(inner, "", &disk, NULL, 0), HOST_OK);
    assert_true(testdisk_is(disk));
    assert_int_equal(stamp_write(disk, 3, 2, 1, false), HOST_OK);
    assert_int_equal(flush(disk), HOST_EIO);
    assert_int_equal(stamp_of(medium + 3 * BLOCK, 3), 0);
    assert_int_equal(flush(disk), HOST_OK);
    assert_int_equal(stamp_of(medium + 3 * BLOCK, 3), 1);
    host_disk_close(disk);
}

static void open__that_fails__says_why(void **state)
{
    struct host_disk *inner = memdisk_new(medium), *disk = NULL;
    char why[256];

    (void)state;
    assert_false(testdisk_is(inner));
    assert_int_equal(testdisk_open(inner, "nonsense=1", &disk, why, sizeof(why)), HOST_EINVAL);
    assert_non_null(strstr(why, "nonsense"));
    assert_int_equal(testdisk_open(inner, "record=/nowhere/at/all", &disk, why, sizeof(why)), HOST_ENOENT);
    assert_non_null(strstr(why, "/nowhere/at/all"));
    assert_null(disk);
    host_disk_close(inner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail__every_third__fails_and_does_nothing),
        cmocka_unit_test(fail__which__selects_the_requests),
        cmocka_unit_test(fail__in_a_range__counts_what_touches_it),
        cmocka_unit_test(fail__by_chance__follows_from_the_seed),
        cmocka_unit_test(short__requests__do_a_part_from_the_beginning),
        cmocka_unit_test(delay__requests__are_late),
        cmocka_unit_test(lie__says_success__and_does_nothing),
        cmocka_unit_test(cache_off__completed_writes__are_on_the_medium),
        cmocka_unit_test(requests__that_make_no_sense__are_refused),
        cmocka_unit_test(writes__to_a_disk_for_reading__are_refused),
        cmocka_unit_test(flush__that_the_disk_below_fails__covers_nothing),
        cmocka_unit_test(plan__set_later__counts_from_then),
        cmocka_unit_test(test_devices__stand_on_each_other),
        cmocka_unit_test(open__that_fails__says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
