// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random operations against a model that knows every byte, and many threads that know which stamp each page
 * must have, while others write back, evict and drop what is clean.
 */
#include <string.h>
#include <sys/errno.h>
#include <kern/clock.h>
#include <mach/kern_return.h>

#include "buf/buf_iface.h"
#include "tests/unit/ubc/pagefs.h"
#include "ubc/ubc_internal.h"

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(*state >> 33);
}

/* ---- one thread and every byte ------------------------------------------------------------------------- */

#define MODEL_PAGES 64u
#define MODEL_STEPS 3000u
static uint8_t model[MODEL_PAGES * PG]; /* the file as its reader sees it */
static off_t model_size;

/* Bytes of [@from, @to) become @value, as a write does: missing pages are brought in first. */
static void model_write(vnode_t vp, off_t from, off_t to, uint8_t value)
{
    unsigned first = (unsigned)(from / PG), count = (unsigned)((to + PG - 1) / PG) - first;
    vm_offset_t addr;
    if (to > model_size) {
        KT_ASSERT(ubc_setsize(vp, to));
        model_size = to;
    }
    KT_ASSERT_OK(pg_fill(vp, first, count));
    upl_t upl = pg_list(vp, first, count, UPL_FILE_IO, NULL);
    KT_ASSERT_OK(ubc_upl_map(upl, &addr));
    memset((uint8_t *)addr + from % PG, value, (size_t)(to - from));
    KT_ASSERT_OK(ubc_upl_unmap(upl));
    KT_ASSERT_OK(ubc_upl_commit_range(upl, 0, count * PG, UPL_COMMIT_SET_DIRTY | UPL_COMMIT_FREE_ON_EMPTY));
    memset(model + from, value, (size_t)(to - from));
}

static void model_resize(vnode_t vp, off_t size)
{
    KT_ASSERT(ubc_setsize(vp, size));
    if (size < model_size) {
        /* What is stored behind the end is the file system's to forget. */
        memset(page_store.data[0] + size, 0, (size_t)(model_size - size));
        memset(model + size, 0, (size_t)(model_size - size));
    }
    model_size = size;
}

static void model_check(vnode_t vp, unsigned first, unsigned count)
{
    upl_page_info_t *info;
    vm_offset_t addr;
    KT_ASSERT_OK(pg_fill(vp, first, count));
    upl_t upl = pg_list(vp, first, count, 0, &info);
    KT_ASSERT_OK(ubc_upl_map(upl, &addr));
    KT_ASSERT_MEM((void *)addr, model + (size_t)first * PG, count * PG);
    KT_ASSERT_OK(ubc_upl_unmap(upl));
    KT_ASSERT_OK(ubc_upl_abort(upl, 0));
}

static void model_step(vnode_t vp, uint64_t *random)
{
    unsigned first = next_random(random) % MODEL_PAGES;
    unsigned count = 1 + next_random(random) % (MODEL_PAGES - first);
    off_t from = (off_t)first * PG + next_random(random) % PG, to = (off_t)(first + count) * PG;
    switch (next_random(random) % 8) {
    case 0:
    case 1:
        model_write(vp, from, from + 1 + next_random(random) % (to - from), (uint8_t)next_random(random));
        break;
    case 2:
        model_resize(vp, from);
        break;
    case 3:
        KT_ASSERT_OK(ubc_msync(vp, (off_t)first * PG, to, NULL, UBC_PUSHDIRTY | UBC_SYNC));
        break;
    case 4:
        KT_ASSERT_OK(ubc_msync(vp, (off_t)first * PG, to, NULL, UBC_PUSHDIRTY | UBC_INVALIDATE));
        break;
    case 5:
        buf_memory_charge(PG_BUDGET); /* as much as evicts all that is clean */
        buf_memory_discharge(PG_BUDGET);
        break;
    case 6:
        ubc_writer_pass(ubc_mount_get(vp), mach_absolute_time(), true);
        break;
    default:
        model_check(vp, first, count);
    }
}

static void model__random_operations__every_byte(void)
{
    uint64_t random = ktest_seed();
    vnode_t vp = pg_file(0);
    ubc_writer_hold(true); /* passes are steps */
    model_size = MODEL_PAGES * PG;
    KT_ASSERT(ubc_setsize(vp, model_size));
    memcpy(model, page_store.data[0], sizeof(model));
    for (unsigned i = 0; i < MODEL_STEPS; i++)
        model_step(vp, &random);
    model_check(vp, 0, MODEL_PAGES);
    KT_ASSERT_OK(ubc_msync(vp, 0, PG_BYTES, NULL, UBC_PUSHDIRTY | UBC_SYNC));
    KT_ASSERT_MEM(page_store.data[0], model, (size_t)model_size);
    KT_ASSERT_EQ(pg_counters().dirty, 0);
}

/* ---- many threads -------------------------------------------------------------------------------------- */

#define THREADS 5u
#define ROUNDS  1500u
#define RUN_MAX 8u

static uint8_t stamps[PG_FILES][PG_PAGES]; /* whoever has the page busy */
static _Atomic(uint32_t) wrong;
static _Atomic(bool) stop;
static vnode_t files[PG_FILES];
static uint64_t budget;

static void check_page(const uint8_t *page, uint8_t expected)
{
    for (unsigned i = 0; i < PG; i += 509)
        if (page[i] != expected)
            atomic_fetch_add(&wrong, 1);
}

/* A run of pages, brought in and then had busy: each must have its stamp, and may get another. */
static void round_list(uint64_t *random, bool writes)
{
    unsigned f = next_random(random) % PG_FILES, first = next_random(random) % (PG_PAGES - RUN_MAX);
    unsigned count = 1 + next_random(random) % RUN_MAX;
    upl_page_info_t *info;
    vm_offset_t addr;
    upl_t upl;
    if (pg_fill(files[f], first, count) ||
        ubc_create_upl(files[f], (off_t)first * PG, (int)(count * PG), &upl, &info, 0) ||
        ubc_upl_map(upl, &addr)) {
        atomic_fetch_add(&wrong, 1);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        upl_offset_t at = i * PG;
        uint8_t *page = (uint8_t *)addr + at;
        if (!upl_valid_page(info, (int)i)) { /* evicted since */
            ubc_upl_abort_range(upl, at, PG, 0);
            continue;
        }
        check_page(page, stamps[f][first + i]);
        if (writes) {
            stamps[f][first + i]++;
            memset(page, stamps[f][first + i], PG);
        }
        ubc_upl_commit_range(upl, at, PG, writes ? UPL_COMMIT_SET_DIRTY : 0);
    }
    ubc_upl_unmap(upl);
    ubc_upl_abort(upl, 0);
}

/* What a reader holds is one stamp from end to end. */
static void round_hold(uint64_t *random)
{
    const uint8_t *data;
    struct ubc_page *page = ubc_page_hold(files[next_random(random) % PG_FILES],
                                          (off_t)(next_random(random) % PG_PAGES) * PG, &data);
    if (page) {
        check_page(data, data[PG - 1]);
        ubc_page_unhold(page);
    }
}

/* As the system-call layer goes about a write. What is dirty never gets more than the budget. */
static void round_write(uint64_t *random)
{
    struct ubc_write write;
    if (ubc_write_begin(files[0], RUN_MAX * PG, &write)) {
        atomic_fetch_add(&wrong, 1);
        return;
    }
    round_list(random, true);
    if (pg_counters().dirty * PG > budget)
        atomic_fetch_add(&wrong, 1);
    ubc_write_end(&write);
}

static void worker(void *arg)
{
    uint64_t random = ktest_seed() + (uintptr_t)arg * 7919;
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned what = next_random(&random) % 8;
        if (what < 2)
            round_hold(&random);
        else if (what < 5)
            round_write(&random);
        else
            round_list(&random, false);
    }
}

static void troublemaker(void *arg)
{
    uint64_t random = ktest_seed() ^ (uintptr_t)arg;
    while (!atomic_load(&stop)) {
        vnode_t vp = files[next_random(&random) % PG_FILES];
        off_t from = (off_t)(next_random(&random) % PG_PAGES) * PG;
        int flags = next_random(&random) % 2 ? UBC_PUSHDIRTY | UBC_SYNC : UBC_PUSHDIRTY | UBC_INVALIDATE;
        if (ubc_msync(vp, from, from + 64 * PG, NULL, flags))
            atomic_fetch_add(&wrong, 1);
        if (next_random(&random) % 16 == 0) {
            buf_memory_charge(1u << 20);
            buf_memory_discharge(1u << 20);
        }
        ktest_msleep(1);
    }
}

static void run(uint64_t bytes, bool makes_lists)
{
    void *threads[THREADS], *trouble;
    budget = bytes;
    pg_reboot(budget, makes_lists);
    ubc_age_set(NSEC_PER_SEC / 1000);
    atomic_store(&stop, false);
    atomic_store(&wrong, 0);
    for (unsigned f = 0; f < PG_FILES; f++) {
        files[f] = pg_file(f);
        for (unsigned i = 0; i < PG_PAGES; i++)
            stamps[f][i] = page_store.data[f][(size_t)i * PG];
    }
    for (uintptr_t i = 0; i < THREADS; i++)
        threads[i] = ktest_thread(worker, (void *)(i + 1));
    trouble = ktest_thread(troublemaker, (void *)100);
    for (unsigned i = 0; i < THREADS; i++)
        ktest_thread_join(threads[i]);
    atomic_store(&stop, true);
    ktest_thread_join(trouble);
    KT_ASSERT_EQ(atomic_load(&wrong), 0u);
    for (unsigned f = 0; f < PG_FILES; f++) {
        KT_ASSERT_OK(ubc_msync(files[f], 0, PG_BYTES, NULL, UBC_PUSHDIRTY | UBC_SYNC));
        for (unsigned i = 0; i < PG_PAGES; i++)
            KT_ASSERT_EQ(page_store.data[f][(size_t)i * PG + 1], stamps[f][i]);
    }
    KT_ASSERT_EQ(pg_counters().dirty, 0);
    ubc_age_set(0);
}

static void threads__small_budget__every_page_has_its_stamp(void)
{
    run(2u << 20, false);
    KT_ASSERT_GT(pg_counters().evictions, 0u);
}

static void threads__eight_mebibytes(void)
{
    run(8u << 20, false);
}

static void threads__type_that_makes_its_lists(void)
{
    run(2u << 20, true);
}

static const struct ktest_case cases[] = {
    KT_CASE(model__random_operations__every_byte),
    KT_CASE(threads__small_budget__every_page_has_its_stamp),
    KT_CASE(threads__eight_mebibytes),
    KT_CASE(threads__type_that_makes_its_lists),
};
PG_SUITE(model, cases);
