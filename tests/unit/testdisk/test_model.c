// SPDX-License-Identifier: BSD-2-Clause
/*
 * The volatile cache against an oracle that knows, for each block, what a read has to see, what is on the
 * medium for certain, and what else may be there after a power cut. Thousands of random requests, each run
 * from a seed that a failure names; TESTDISK_SEED in the environment runs that one alone.
 */
#include "tests/unit/testdisk/fixture.h"

#define RUNS      250u
#define OPS       400u
#define STAMP_MAX 1024u

struct oracle {
    uint64_t seen[BLOCKS];            /* what a read sees */
    uint64_t durable[BLOCKS];         /* on the medium for certain */
    bool possible[BLOCKS][STAMP_MAX]; /* or this */
};

struct run {
    struct oracle oracle;
    struct host_disk *disk;
    uint64_t random;
    uint64_t stamp;
    bool unmap, lies;
};

static void oracle_write(struct oracle *oracle, uint64_t first, uint64_t count, uint64_t stamp, bool fua)
{
    for (uint64_t block = first; block < first + count; block++) {
        oracle->seen[block] = stamp;
        if (fua) {
            oracle->durable[block] = stamp;
            memset(oracle->possible[block], 0, sizeof(oracle->possible[block]));
        } else {
            oracle->possible[block][stamp] = true;
        }
    }
}

static void oracle_flush(struct oracle *oracle)
{
    memcpy(oracle->durable, oracle->seen, sizeof(oracle->durable));
    memset(oracle->possible, 0, sizeof(oracle->possible));
}

static void run_read(struct run *run, uint64_t first, uint64_t count)
{
    uint8_t bytes[64 * BLOCK];

    assert_int_equal(disk_do(run->disk, HOST_DISK_READ, false, first * BLOCK, bytes, count * BLOCK, NULL),
                     HOST_OK);
    for (uint64_t i = 0; i < count; i++) {
        assert_int_equal(stamp_of(bytes + i * BLOCK, first + i), run->oracle.seen[first + i]);
    }
}

static void run_op(struct run *run)
{
    uint64_t random = random_next(&run->random);
    uint64_t count = 1 + (random >> 8) % (random % 3 == 0 ? 40 : 6);
    uint64_t first = (random >> 16) % (BLOCKS - count + 1);
    unsigned kind = (unsigned)(random >> 40) % 20;

    if (kind < 6) {
        run_read(run, first, count);
    } else if (kind < 16) {
        bool fua = kind == 15;

        run->stamp++;
        assert_int_equal(stamp_write(run->disk, first, count, run->stamp, fua), HOST_OK);
        oracle_write(&run->oracle, first, count, run->stamp, fua);
    } else if (kind < 18) {
        assert_int_equal(disk_do(run->disk, HOST_DISK_UNMAP, false, first * BLOCK, NULL, count * BLOCK, NULL),
                         HOST_OK);
        if (run->unmap) {
            oracle_write(&run->oracle, first, count, 0, false);
        }
    } else if ((random >> 50) % 4 == 0) {
        assert_int_equal(disk_do(run->disk, HOST_DISK_FLUSH, false, 0, NULL, 0, NULL), HOST_OK);
        if (!run->lies) {
            oracle_flush(&run->oracle);
        }
    }
}

static void check_medium(const struct run *run, const uint8_t *bytes, bool cut)
{
    for (uint64_t block = 0; block < BLOCKS; block++) {
        uint64_t stamp = stamp_of(bytes + block * BLOCK, block);

        if (!cut) {
            assert_int_equal(stamp, run->oracle.seen[block]);
        } else if (stamp != run->oracle.durable[block] && !run->oracle.possible[block][stamp]) {
            fail_msg("block %llu: %llu is there, %llu was covered", (unsigned long long)block,
                     (unsigned long long)stamp, (unsigned long long)run->oracle.durable[block]);
        }
    }
}

static void run_seed(uint64_t seed)
{
    static uint8_t bytes[DISK_BYTES];
    static struct run run;
    struct testdisk_stats stats;
    char plan[128];
    static const char *const torn[] = {"none", "physical", "block"};
    bool cut = seed % 4 != 0;

    memset(bytes, 0, sizeof(bytes));
    memset(&run, 0, sizeof(run));
    run.random = seed * 0x9e3779b97f4a7c15u + 1;
    run.lies = seed % 5 == 0;
    run.unmap = seed % 3 != 0;
    snprintf(plan, sizeof(plan), "seed=%llu,torn=%s%s", (unsigned long long)seed, torn[seed % 3],
             run.lies ? ",lie=flush" : "");
    struct host_disk *inner = memdisk_new(bytes);
    ((struct memdisk *)inner)->no_unmap = !run.unmap;
    assert_int_equal(testdisk_open(inner, plan, &run.disk, NULL, 0), HOST_OK);
    unsigned ops = 1 + (unsigned)(random_next(&run.random) % OPS);
    for (unsigned i = 0; i < ops; i++) {
        run_op(&run);
    }
    run_read(&run, 0, 64);
    testdisk_stats(run.disk, &stats);
    assert_int_equal(stats.under_way, 0);
    if (cut) {
        assert_int_equal(testdisk_cut(run.disk), HOST_OK);
        check_medium(&run, bytes, true);
        assert_int_equal(stamp_write(run.disk, 0, 1, 1, true), HOST_EIO);
        assert_int_equal(disk_do(run.disk, HOST_DISK_READ, false, 0, bytes, BLOCK, NULL), HOST_EIO);
        assert_int_equal(disk_do(run.disk, HOST_DISK_FLUSH, false, 0, NULL, 0, NULL), HOST_EIO);
        testdisk_stats(run.disk, &stats);
        assert_true(stats.off);
        assert_int_equal(stats.after_cut, 3);
    }
    host_disk_close(run.disk);
    check_medium(&run, bytes, cut);
}

static void cache__random_requests__are_what_the_oracle_says(void **state)
{
    const char *only = getenv("TESTDISK_SEED");

    (void)state;
    if (only != NULL) {
        run_seed(strtoull(only, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        /* Shown when a check below fails. */
        print_message("\rTESTDISK_SEED=%llu", (unsigned long long)seed);
        run_seed(seed);
    }
    print_message("\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cache__random_requests__are_what_the_oracle_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
