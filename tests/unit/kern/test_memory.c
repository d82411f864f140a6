// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_memory.c: the allocation families: contents, accounting, and that misuse is caught.
 */
#include <string.h>
#include <sys/malloc.h>
#include <IOKit/IOLib.h>
#include <libkern/OSMalloc.h>

#include "host/host.h"
#include "kern/memory_internal.h"
#include "tests/support/ktest_kern.h"

static void kern_alloc__fresh__is_zero_and_aligned(void)
{
    for (size_t size = 0; size < 3000; size += 97) {
        unsigned char *ptr = kern_alloc(size, "test");

        KT_ASSERT_EQ((uintptr_t)ptr & 15, 0);
        for (size_t i = 0; i < size; i++)
            KT_ASSERT_EQ(ptr[i], 0);
        memset(ptr, 0xff, size);
        kern_free(ptr, size);
    }
    kern_free(NULL, 10);
}

static void kern_alloc__tag__counts_live_and_peak(void)
{
    struct kern_memory_stats before = {0}, held, after;
    void *a, *b;

    (void)kern_tag_stats("test counted", &before);
    a = kern_alloc(100, "test counted");
    b = kern_alloc(50, "test counted");
    KT_ASSERT(kern_tag_stats("test counted", &held));
    KT_ASSERT_EQ(held.bytes, before.bytes + 150);
    KT_ASSERT_EQ(held.blocks, before.blocks + 2);
    KT_ASSERT_GE(held.peak_bytes, 150u);
    kern_free(a, 100);
    kern_free(b, 50);
    KT_ASSERT(kern_tag_stats("test counted", &after));
    KT_ASSERT_EQ(after.bytes, before.bytes);
    KT_ASSERT_EQ(after.allocations, before.allocations + 2);
    KT_ASSERT(!kern_tag_stats("no such tag", &after));
}

static void free_twice_tag_gone(void *arg)
{
    OSMallocTag tag = OSMalloc_Tagalloc("com.example.tag", OSMT_DEFAULT);
    void *ptr = OSMalloc(700, tag);

    (void)arg;
    OSFree(ptr, 700, tag);
    OSMalloc_Tagfree(tag);
    OSFree(ptr, 700, tag);
}

static void free_twice(void *arg)
{
    void *ptr = kern_alloc(40, "test");

    (void)arg;
    kern_free(ptr, 40);
    kern_free(ptr, 40);
}

static void free_wrong_size(void *arg)
{
    (void)arg;
    kern_free(kern_alloc(40, "sized tag"), 41);
}

static void free_other_family(void *arg)
{
    (void)arg;
    _FREE(IOMalloc(10), M_TEMP);
}

/* Not instrumented: AddressSanitizer would see the access itself. */
__attribute__((no_sanitize("address"))) static void overrun(void *arg)
{
    size_t size = *(const size_t *)arg;
    char *ptr = kern_alloc(size, "overrun tag");

    ((volatile char *)ptr)[size] = 1;
    kern_free(ptr, size);
}

static void free_foreign(void *arg)
{
    static uint64_t not_ours[16];

    (void)arg;
    kern_free(&not_ours[8], 8);
}

static void memory__misuse__panics(void)
{
    KT_EXPECT_PANIC(free_wrong_size, NULL,
                    "freed with size 41, but was allocated with 40 (tag \"sized tag\")");
    KT_EXPECT_PANIC(free_other_family, NULL, "is from IOMalloc, but was given back as memory of _MALLOC");
    for (size_t size = 1; size <= 40; size += 13)
        KT_EXPECT_PANIC(overrun, &size, "was written beyond its end (");
    KT_EXPECT_PANIC(free_foreign, NULL, "no live block of memory");
}

static void memory__double_free__panics(void)
{
    KT_EXPECT_PANIC(free_twice, NULL, "is freed twice (40 bytes, tag \"test\" of kernel): now by ");
    KT_EXPECT_PANIC(free_twice_tag_gone, NULL, "bytes, tag \"a tag that is gone\" of kernel): now by ");
}

static void osmalloc__tag__outlives_its_handle(void)
{
    struct kern_memory_stats stats;
    OSMallocTag tag = OSMalloc_Tagalloc("com.example.tag", OSMT_DEFAULT);
    void *ptr = OSMalloc(100, tag);

    KT_ASSERT_NOT_NULL(tag);
    KT_ASSERT_NOT_NULL(ptr);
    KT_ASSERT_NULL(OSMalloc(0, tag));
    KT_ASSERT(kern_tag_stats("com.example.tag", &stats));
    KT_ASSERT_EQ(stats.bytes, 100u);
    OSMalloc_Tagfree(tag); /* warns, and keeps the tag for the block */
    KT_ASSERT(kern_tag_stats("com.example.tag", &stats));
    OSFree(ptr, 100, tag);
    KT_ASSERT(!kern_tag_stats("com.example.tag", &stats));
}

static void osfree_wrong_tag(void *arg)
{
    OSMallocTag one = OSMalloc_Tagalloc("tag one", 0), two = OSMalloc_Tagalloc("tag two", 0);

    (void)arg;
    OSFree(OSMalloc(8, one), 8, two);
}

static void osmalloc__wrong_tag__panics(void)
{
    KT_EXPECT_PANIC(osfree_wrong_tag, NULL,
                    "freed with tag \"tag two\", but was allocated with tag \"tag one\"");
}

static void malloc_bsd__flags__zero_and_nothing(void)
{
    char *ptr = _MALLOC(5000, M_TEMP, M_ZERO | M_NOWAIT);

    KT_ASSERT_NOT_NULL(ptr);
    for (int i = 0; i < 5000; i++)
        KT_ASSERT_EQ(ptr[i], 0);
    FREE(ptr, M_TEMP);
    KT_ASSERT_NULL(_MALLOC(0, M_TEMP, M_WAITOK));
    _FREE(NULL, M_TEMP);
    KT_ASSERT_NULL(_MALLOC((size_t)-5, M_TEMP, M_WAITOK));
}

static void iomalloc_aligned__any_alignment__is_honoured(void)
{
    for (vm_offset_t align = 1; align <= 65536; align *= 2) {
        char *ptr = IOMallocAligned(300, align);

        KT_ASSERT_EQ((uintptr_t)ptr & (align - 1), 0);
        memset(ptr, 1, 300);
        IOFreeAligned(ptr, 300);
    }
}

static void memory__injected_failure__fails_the_nth_once(void)
{
    void *a, *b;

    kern_memory_fail_after(2);
    a = kern_alloc_try(10, "test");
    KT_ASSERT_NOT_NULL(a);
    KT_ASSERT_NULL(kern_alloc_try(10, "test"));
    b = kern_alloc_try(10, "test");
    KT_ASSERT_NOT_NULL(b);
    kern_free(a, 10);
    kern_free(b, 10);
}

struct hammer {
    uint64_t seed;
    unsigned rounds;
};

static void hammer_memory(void *arg)
{
    struct hammer *hammer = arg;
    void *held[16] = {0};
    size_t size[16];
    uint64_t x = hammer->seed;

    for (unsigned i = 0; i < hammer->rounds; i++) {
        unsigned at;

        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        at = (x >> 33) & 15;
        if (held[at]) {
            kern_free(held[at], size[at]);
            held[at] = NULL;
        } else {
            size[at] = (x >> 40) & 1023;
            held[at] = kern_alloc(size[at], i & 1 ? "hammer one" : "hammer two");
            memset(held[at], (int)at, size[at]);
        }
    }
    for (unsigned at = 0; at < 16; at++)
        kern_free(held[at], size[at]);
}

static void memory__many_threads__balance(void)
{
    struct hammer hammers[4];
    struct kern_memory_stats stats;
    void *threads[4];

    for (unsigned i = 0; i < 4; i++) {
        hammers[i] = (struct hammer){ktest_seed() + i, 4000};
        threads[i] = ktest_thread(hammer_memory, &hammers[i]);
    }
    for (unsigned i = 0; i < 4; i++)
        ktest_thread_join(threads[i]);
    KT_ASSERT(kern_tag_stats("hammer one", &stats));
    KT_ASSERT_EQ(stats.bytes, 0u);
    KT_ASSERT_EQ(stats.blocks, 0u);
}

static void *alloc_as(const void *caller, size_t size)
{
    struct memory_request request = {.size = size,
                                     .tag = memory_tag_named("test owner"),
                                     .kind = MEMORY_KERNEL,
                                     .caller = caller,
                                     .zero = true};

    return memory_alloc(&request);
}

static void owner__code_in_its_pages__is_charged(void)
{
    const uint8_t *code = host_arena_base() + 7 * host_page_size();
    struct kern_memory_stats stats;
    uint32_t owner;
    void *ptr;

    KT_ASSERT_EQ(kern_owner_of((const void *)(uintptr_t)alloc_as), KERN_OWNER_KERNEL);
    KT_ASSERT_OK(kern_owner_create("com.example.owner", &owner));
    kern_owner_map(code, 2 * host_page_size(), owner);
    KT_ASSERT_EQ(kern_owner_of(code), owner);
    KT_ASSERT_EQ(kern_owner_of(code + 2 * host_page_size() - 1), owner);
    KT_ASSERT_EQ(kern_owner_of(code - 1), KERN_OWNER_KERNEL);
    KT_ASSERT_EQ(kern_owner_of(code + 2 * host_page_size()), KERN_OWNER_KERNEL);
    ptr = alloc_as(code + 100, 1234);
    kern_owner_stats(owner, &stats);
    KT_ASSERT_EQ(stats.bytes, 1234u);
    KT_ASSERT_EQ(stats.blocks, 1u);
    kern_owner_map(code, 2 * host_page_size(), KERN_OWNER_KERNEL);
    kern_free(ptr, 1234);
    kern_owner_stats(owner, &stats);
    KT_ASSERT_EQ(stats.bytes, 0u);
    KT_ASSERT_EQ(kern_owner_destroy(owner), 0u);
}

static uintptr_t distance(uintptr_t a, uintptr_t b)
{
    return a > b ? a - b : b - a;
}

static void arena__lies_within_reach_of_the_kernels_code_and_data(void)
{
    static int data;
    uintptr_t first = (uintptr_t)host_arena_base(), last = first + host_arena_size() - 1;
    uintptr_t places[] = {(uintptr_t)&data,
                          (uintptr_t)&arena__lies_within_reach_of_the_kernels_code_and_data};
    KT_ASSERT_EQ(host_arena_size(), 1u << 30);
    for (size_t i = 0; i < 2; i++) {
        KT_ASSERT(places[i] < first || places[i] > last);
        KT_ASSERT(distance(places[i], first) < (uintptr_t)1 << 31);
        KT_ASSERT(distance(places[i], last) < (uintptr_t)1 << 31);
    }
}

static void arena__commit_and_decommit__gives_fresh_zeros(void)
{
    size_t page = host_page_size(), off = 100 * page;
    volatile uint8_t *at = host_arena_base() + off;

    KT_ASSERT_EQ((uintptr_t)host_arena_base() % page, 0);
    KT_ASSERT_OK(host_arena_commit(off, 2 * page, HOST_PROT_READ | HOST_PROT_WRITE));
    KT_ASSERT_EQ(at[0], 0);
    at[0] = 1;
    at[2 * page - 1] = 2;
    KT_ASSERT_OK(host_arena_protect(off, page, HOST_PROT_READ));
    KT_ASSERT_EQ(at[0], 1);
    KT_ASSERT_OK(host_arena_decommit(off, 2 * page));
    KT_ASSERT_OK(host_arena_commit(off, 2 * page, HOST_PROT_READ));
    KT_ASSERT_EQ(at[0], 0);
    KT_ASSERT_EQ(at[2 * page - 1], 0);
    KT_ASSERT_OK(host_arena_decommit(off, 2 * page));
    KT_ASSERT_EQ(host_arena_commit(off + 1, page, HOST_PROT_READ), HOST_EINVAL);
    KT_ASSERT_EQ(host_arena_commit(off, 0, HOST_PROT_READ), HOST_EINVAL);
    KT_ASSERT_EQ(host_arena_commit(host_arena_size() - page, 2 * page, HOST_PROT_READ), HOST_EINVAL);
    KT_ASSERT_EQ(host_arena_decommit(host_arena_size(), page), HOST_EINVAL);
}

static void touch_arena(void *arg)
{
    (void)arg;
    *(volatile uint8_t *)(host_arena_base() + host_arena_size() / 2) = 1;
}

static void arena__not_committed__faults(void)
{
    KT_EXPECT_PANIC(touch_arena, NULL, "segmentation fault: store to");
}

static const struct ktest_case cases[] = {
    KT_CASE(kern_alloc__fresh__is_zero_and_aligned),
    KT_CASE(kern_alloc__tag__counts_live_and_peak),
    KT_CASE(memory__misuse__panics),
    KT_CASE(memory__double_free__panics),
    KT_CASE(osmalloc__tag__outlives_its_handle),
    KT_CASE(osmalloc__wrong_tag__panics),
    KT_CASE(malloc_bsd__flags__zero_and_nothing),
    KT_CASE(iomalloc_aligned__any_alignment__is_honoured),
    KT_CASE(memory__injected_failure__fails_the_nth_once),
    KT_CASE(memory__many_threads__balance),
    KT_CASE(arena__lies_within_reach_of_the_kernels_code_and_data),
    KT_CASE(arena__commit_and_decommit__gives_fresh_zeros),
    KT_CASE(arena__not_committed__faults),
    KT_CASE(owner__code_in_its_pages__is_charged),
};
KT_KERN_SUITE(memory, cases);
