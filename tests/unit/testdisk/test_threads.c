// SPDX-License-Identifier: BSD-2-Clause
/*
 * Many threads on one test device, requests late and out of order, the power going in their midst: each
 * thread has blocks of its own, whose versions grow. What a thread's own flush covered is there; what is
 * there was written; and every request comes to an end.
 */
#include <stdatomic.h>

#include "tests/unit/testdisk/fixture.h"

#define THREADS 4u
#define OWN     (BLOCKS / THREADS)

struct worker {
    struct host_disk *disk;
    uint64_t first, random;
    uint64_t covered[OWN], tried[OWN]; /* versions */
};

static atomic_uint total;

static void *worker_run(void *arg)
{
    struct worker *worker = arg;
    uint64_t done[OWN] = {0};

    for (uint64_t version = 1;; version++) {
        uint64_t random = random_next(&worker->random);
        uint64_t count = 1 + random % 8, at = (random >> 8) % (OWN - count);
        bool fua = (random >> 20) % 16 == 0;
        int status;

        if ((random >> 30) % 8 == 0) {
            status = disk_do(worker->disk, HOST_DISK_FLUSH, false, 0, NULL, 0, NULL);
            if (status == HOST_OK) {
                memcpy(worker->covered, done, sizeof(done));
            }
        } else if ((random >> 30) % 8 == 1) {
            uint8_t bytes[BLOCK];

            status = disk_do(worker->disk, HOST_DISK_READ, false, (worker->first + at) * BLOCK, bytes, BLOCK,
                             NULL);
            if (status == HOST_OK) {
                assert_int_equal(stamp_of(bytes, worker->first + at), done[at]);
            }
        } else {
            for (uint64_t i = at; i < at + count; i++) {
                worker->tried[i] = version;
            }
            status = stamp_write(worker->disk, worker->first + at, count, version, fua);
            for (uint64_t i = at; status == HOST_OK && i < at + count; i++) {
                done[i] = version;
                worker->covered[i] = fua ? version : worker->covered[i];
            }
        }
        if (status != HOST_OK) {
            assert_int_equal(status, HOST_EIO);
            return NULL;
        }
        atomic_fetch_add(&total, 1);
    }
}

static void run(const char *plan, unsigned seed, bool by_call)
{
    static uint8_t medium[DISK_BYTES];
    static struct worker workers[THREADS];
    pthread_t threads[THREADS];
    struct testdisk_stats stats;
    char text[256];

    memset(medium, 0, sizeof(medium));
    memset(workers, 0, sizeof(workers));
    atomic_store(&total, 0);
    snprintf(text, sizeof(text), "%s,seed=%u", plan, seed);
    struct host_disk *inner = memdisk_new(medium), *disk;
    ((struct memdisk *)inner)->flush_us = seed % 3 * 200;
    assert_int_equal(testdisk_open(inner, text, &disk, NULL, 0), HOST_OK);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].disk = disk;
        workers[i].first = i * OWN;
        workers[i].random = seed * 1000u + i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, worker_run, &workers[i]), 0);
    }
    if (by_call) {
        while (atomic_load(&total) < 200) {
            usleep(200);
        }
        assert_int_equal(testdisk_cut(disk), HOST_OK);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    testdisk_stats(disk, &stats);
    assert_true(stats.off);
    assert_int_equal(stats.under_way, 0);
    host_disk_close(disk);
    for (uint64_t block = 0; block < BLOCKS; block++) {
        const struct worker *worker = &workers[block / OWN];

        assert_in_range(stamp_of(medium + block * BLOCK, block), worker->covered[block % OWN],
                        worker->tried[block % OWN]);
    }
}

static void threads__and_a_cut_by_call__keep_what_is_covered(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 12; seed++) {
        run("torn=block", seed, true);
        run("torn=physical,delay=1us-300us/any:30%", seed, true);
    }
}

static void threads__and_a_cut_at_a_write__keep_what_is_covered(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 12; seed++) {
        run("torn=block,cut=150", seed, false);
        run("torn=none,reorder=3,cut=flush:12", seed, false);
        run("cache=off,cut=request:180", seed, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads__and_a_cut_by_call__keep_what_is_covered),
        cmocka_unit_test(threads__and_a_cut_at_a_write__keep_what_is_covered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
