// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random reads, writes, truncations, pushes and evictions against a model that knows every byte, for each
 * size of blocks; and many threads, each with a part of the files that is its own.
 */
#include <string.h>
#include <sys/errno.h>

#include "buf/buf_iface.h"
#include "tests/unit/cluster/flatfs.h"

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(*state >> 33);
}

static void fill_random(uint8_t *data, size_t bytes, uint64_t *random)
{
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(next_random(random) | 1);
}

static void evict_all(void)
{
    buf_memory_charge(FLAT_GENEROUS);
    buf_memory_discharge(FLAT_GENEROUS);
}

/* ---- one thread and every byte ------------------------------------------------------------------------- */

#define MODEL_BYTES (768u << 10)
#define MODEL_PIECE (150u << 10)
#define MODEL_STEPS 600u
static uint8_t model[MODEL_BYTES], piece[MODEL_BYTES];

static void model_check(off_t offset, size_t bytes, int flags)
{
    size_t done, size = (size_t)flat_size(0);
    memset(piece, 0x77, bytes);
    KT_ASSERT_OK(flat_read(0, offset, piece, bytes, flags, &done));
    size_t there = (size_t)offset >= size ? 0 : size - (size_t)offset < bytes ? size - (size_t)offset : bytes;
    KT_ASSERT_EQ(done, there);
    KT_ASSERT_MEM(piece, model + offset, done);
}

static void model_write(off_t offset, size_t bytes, int flags, uint64_t *random)
{
    size_t done;
    fill_random(piece, bytes, random);
    KT_ASSERT_OK(flat_write(0, offset, piece, bytes, flags, &done));
    KT_ASSERT_EQ(done, bytes);
    memcpy(model + offset, piece, bytes);
}

static void model_truncate(off_t size)
{
    if (size < flat_size(0))
        memset(model + size, 0, (size_t)(flat_size(0) - size));
    KT_ASSERT_OK(flat_truncate(0, size));
}

/* A place that is now and then where a block or a page begins. */
static off_t model_place(uint64_t *random)
{
    off_t at = next_random(random) % (MODEL_BYTES - MODEL_PIECE);
    return next_random(random) % 3 ? at : at & ~(off_t)1023;
}

static size_t model_length(uint64_t *random)
{
    size_t bytes = 1 + next_random(random) % MODEL_PIECE;
    return next_random(random) % 2 ? bytes : 1 + bytes % 6000;
}

static void model_step(uint64_t *random)
{
    static const int flags[] = {0, 0, 0, IO_SYNC, IO_NOZERODIRTY, IO_NOCACHE, IO_NOCACHE | IO_SYNC};
    vnode_t vp = flat_file(0);
    off_t from = model_place(random);
    switch (next_random(random) % 12) {
    case 0:
    case 1:
    case 2:
    case 3:
        model_write(from, model_length(random), flags[next_random(random) % 7], random);
        break;
    case 4:
        model_truncate(from);
        break;
    case 5:
        KT_ASSERT_OK(flat_fsync(0));
        break;
    case 6:
        KT_ASSERT_OK(ubc_msync(vp, from & ~4095, from + 40000, NULL, UBC_PUSHDIRTY | UBC_SYNC));
        break;
    case 7:
        KT_ASSERT_OK(ubc_msync(vp, from & ~4095, from + 40000, NULL, UBC_PUSHDIRTY | UBC_INVALIDATE));
        break;
    case 8:
        cluster_push(vp, 0);
        evict_all();
        break;
    case 9:
        KT_ASSERT_OK(advisory_read(vp, flat_size(0), from, 70000));
        break;
    default:
        model_check(from, model_length(random), next_random(random) % 4 ? 0 : IO_NOCACHE);
    }
}

static void model_run(uint64_t budget, uint32_t block, bool later)
{
    uint64_t random = ktest_seed();
    flat_reboot(budget, block);
    flat_file(0);
    atomic_store(&flat_disk.later, later);
    memset(model, 0, sizeof(model));
    for (unsigned i = 0; i < MODEL_STEPS; i++)
        model_step(&random);
    model_check(0, MODEL_BYTES, 0);
    KT_ASSERT_OK(flat_fsync(0));
    KT_ASSERT_EQ(flat_counters().dirty, 0);
    KT_ASSERT_OK(ubc_msync(flat_file(0), 0, MODEL_BYTES, NULL, UBC_INVALIDATE));
    KT_ASSERT_EQ(flat_counters().pages, 0);
    model_check(0, MODEL_BYTES, 0);
    for (off_t at = 0; at < flat_size(0); at += 97)
        KT_ASSERT_EQ(flat_stored(0, at) == -1 ? 0 : flat_stored(0, at), model[at]);
}

static void model__one_kibibyte_blocks(void)
{
    model_run(FLAT_BUDGET, 1024, false);
    model_run(FLAT_GENEROUS, 1024, true);
}

static void model__two_kibibyte_blocks(void)
{
    model_run(FLAT_BUDGET, 2048, true);
    model_run(FLAT_GENEROUS, 2048, false);
}

static void model__four_kibibyte_blocks(void)
{
    model_run(FLAT_BUDGET, 4096, false);
    model_run(FLAT_GENEROUS, 4096, true);
}

static void model__sixteen_kibibyte_blocks(void)
{
    model_run(FLAT_BUDGET, 16384, true);
    model_run(FLAT_GENEROUS, 16384, false);
}

static void model__hardly_any_memory(void)
{
    model_run(512u << 10, 1024, true);
}

/* ---- many threads -------------------------------------------------------------------------------------- */

#define THREADS   4u
#define ROUNDS    150u
#define SLICE     5000u /* bytes: no two threads' parts begin with a page */
#define SLICES    300u
#define SLICE_MAX 12u

static uint8_t stamps[FLAT_FILES][SLICES]; /* of the thread that owns the slice: index modulo THREADS */
static _Atomic(uint32_t) wrong;
static _Atomic(bool) stop;

/* A slice is one stamp from end to end, and the owner knows which. */
static void slice_read(unsigned f, unsigned slice, const uint8_t *expected)
{
    uint8_t data[SLICE];
    size_t done;
    if (flat_read(f, (off_t)slice * SLICE, data, SLICE, 0, &done) || done != SLICE)
        atomic_fetch_add(&wrong, 1);
    else if (expected && (data[0] != *expected || memcmp(data, data + 1, SLICE - 1)))
        atomic_fetch_add(&wrong, 1);
}

static void slice_write(unsigned f, unsigned slice, uint8_t stamp, int flags)
{
    uint8_t data[SLICE];
    memset(data, stamp, SLICE);
    if (flat_write(f, (off_t)slice * SLICE, data, SLICE, flags, NULL))
        atomic_fetch_add(&wrong, 1);
    stamps[f][slice] = stamp;
}

static void worker(void *arg)
{
    unsigned me = (unsigned)(uintptr_t)arg;
    uint64_t random = ktest_seed() + me * 7919;
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned f = next_random(&random) % FLAT_FILES, first = next_random(&random) % (SLICES - SLICE_MAX);
        bool writes = next_random(&random) % 2;
        int flags = next_random(&random) % 16 ? 0 : IO_SYNC;
        for (unsigned slice = first; slice < first + SLICE_MAX; slice++) {
            bool mine = slice % THREADS == me;
            if (mine && writes)
                slice_write(f, slice, (uint8_t)(next_random(&random) | 1), flags);
            else
                slice_read(f, slice, mine ? &stamps[f][slice] : NULL);
        }
    }
}

static void troublemaker(void *arg)
{
    uint64_t random = ktest_seed() ^ (uintptr_t)arg;
    while (!atomic_load(&stop)) {
        unsigned f = next_random(&random) % FLAT_FILES;
        off_t from = (off_t)(next_random(&random) % SLICES) * SLICE;
        if (next_random(&random) % 2)
            cluster_push(flat_file(f), next_random(&random) % 2 ? IO_SYNC : 0);
        else if (ubc_msync(flat_file(f), from, from + 200000, NULL, UBC_PUSHDIRTY | UBC_INVALIDATE))
            atomic_fetch_add(&wrong, 1);
        if (next_random(&random) % 8 == 0)
            evict_all();
        ktest_msleep(1);
    }
}

static void threads_run(uint64_t budget, uint32_t block)
{
    void *threads[THREADS], *trouble;
    flat_reboot(budget, block);
    atomic_store(&flat_disk.later, true);
    atomic_store(&stop, false);
    atomic_store(&wrong, 0);
    for (unsigned f = 0; f < FLAT_FILES; f++) {
        flat_file(f);
        for (unsigned slice = 0; slice < SLICES; slice++)
            slice_write(f, slice, (uint8_t)(slice | 1), 0);
    }
    for (uintptr_t i = 0; i < THREADS; i++)
        threads[i] = ktest_thread(worker, (void *)i);
    trouble = ktest_thread(troublemaker, (void *)100);
    for (unsigned i = 0; i < THREADS; i++)
        ktest_thread_join(threads[i]);
    atomic_store(&stop, true);
    ktest_thread_join(trouble);
    KT_ASSERT_EQ(atomic_load(&wrong), 0u);
    for (unsigned f = 0; f < FLAT_FILES; f++) {
        KT_ASSERT_OK(flat_fsync(f));
        for (unsigned slice = 0; slice < SLICES; slice++)
            KT_ASSERT_EQ(flat_stored(f, (off_t)slice * SLICE + 4999), stamps[f][slice]);
    }
    KT_ASSERT_EQ(flat_counters().dirty, 0);
}

static void threads__eight_mebibytes(void)
{
    threads_run(FLAT_BUDGET, 1024);
}

static void threads__little_memory__larger_blocks(void)
{
    threads_run(1u << 20, 16384);
}

static const struct ktest_case cases[] = {
    KT_CASE(model__one_kibibyte_blocks),
    KT_CASE(model__two_kibibyte_blocks),
    KT_CASE(model__four_kibibyte_blocks),
    KT_CASE(model__sixteen_kibibyte_blocks),
    KT_CASE(model__hardly_any_memory),
    KT_CASE(threads__eight_mebibytes),
    KT_CASE(threads__little_memory__larger_blocks),
};
FLAT_SUITE(model, cases);
