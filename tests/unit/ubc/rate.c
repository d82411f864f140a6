// SPDX-License-Identifier: BSD-2-Clause
/*
 * What reading a cached page costs, beside copying 4 KiB. Figures for the reader: nothing fails here.
 */
#include <string.h>
#include <kern/clock.h>
#include <libkern/libkern.h>

#include "tests/unit/ubc/pagefs.h"

#define ROUNDS  10000u
#define BATCHES 30u /* the best counts: others use the machine too */

static uint8_t source[PG_BYTES];

struct reader {
    vnode_t vp;
    uint64_t ns; /* hundredths */
};

static uint64_t hits_once(vnode_t vp)
{
    uint8_t target[PG];
    uint64_t start = mach_absolute_time();
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint8_t *data;
        struct ubc_page *page = ubc_page_hold(vp, (off_t)(i * 7 % PG_PAGES) * PG, &data);
        if (!page)
            return UINT64_MAX;
        memcpy(target, data, PG);
        __asm__ volatile("" : : "r"(target) : "memory");
        ubc_page_unhold(page);
    }
    return (mach_absolute_time() - start) / (ROUNDS / 100);
}

static void hits(void *arg)
{
    struct reader *reader = arg;
    reader->ns = UINT64_MAX;
    for (unsigned i = 0; i < BATCHES; i++) {
        uint64_t ns = hits_once(reader->vp);
        reader->ns = ns < reader->ns ? ns : reader->ns;
    }
}

static uint64_t copies(void)
{
    uint8_t target[PG];
    uint64_t least = UINT64_MAX;
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        uint64_t start = mach_absolute_time();
        for (unsigned i = 0; i < ROUNDS; i++) {
            memcpy(target, source + (size_t)(i * 7 % PG_PAGES) * PG, PG);
            __asm__ volatile("" : : "r"(target) : "memory");
        }
        uint64_t ns = (mach_absolute_time() - start) / (ROUNDS / 100);
        least = ns < least ? ns : least;
    }
    return least;
}

static void rate__hit__beside_a_copy(void)
{
    char text[200];
    pg_reboot(16u << 20, false);
    struct reader one = {pg_file(0), 0}, two[2] = {{pg_file(0), 0}, {pg_file(1), 0}};
    for (unsigned i = 0; i < PG_PAGES; i += 64) {
        KT_ASSERT_OK(pg_fill(pg_file(0), i, 64));
        KT_ASSERT_OK(pg_fill(pg_file(1), i, 64));
    }
    memset(source, 1, sizeof(source));
    hits(&one);
    uint64_t copy = copies();
    void *threads[2] = {ktest_thread(hits, &two[0]), ktest_thread(hits, &two[1])};
    ktest_thread_join(threads[0]);
    ktest_thread_join(threads[1]);
    KT_ASSERT_LT(one.ns, UINT64_MAX);
    snprintf(text, sizeof(text),
             "4 KiB of a cached page: %llu.%02llu ns (two threads, two files: %llu and %llu); memcpy: "
             "%llu.%02llu ns",
             one.ns / 100, one.ns % 100, two[0].ns / 100, two[1].ns / 100, copy / 100, copy % 100);
    ktest_note(text);
}

static const struct ktest_case cases[] = {
    KT_CASE(rate__hit__beside_a_copy),
};
PG_SUITE(rate, cases);
