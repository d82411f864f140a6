// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a kext with private headers has more: the kernel's own allocation functions, with typed macros that
 * forget what they free, and panic with its place. Likewise the array macros of IOKit, which everybody has.
 */
#define KERNEL_PRIVATE 1
#include <string.h>
#include <kern/kalloc.h>
#include <IOKit/IOLib.h>

#include "tests/support/ktest_kern.h"

struct header {
    uint64_t count;
};
struct element {
    uint32_t value[3];
};

static void realloc__keeps_what_fits(void)
{
    char *bytes = krealloc_data(NULL, 0, 8, Z_WAITOK_ZERO);

    KT_ASSERT_NOT_NULL(bytes);
    KT_ASSERT_EQ(bytes[7], 0);
    memcpy(bytes, "1234567", 8);
    bytes = krealloc_data(bytes, 8, 64, Z_ZERO);
    KT_ASSERT_EQ(memcmp(bytes, "1234567", 8), 0);
    for (int i = 8; i < 64; i++)
        KT_ASSERT_EQ(bytes[i], 0);
    bytes = krealloc_data(bytes, 64, 4, Z_WAITOK);
    KT_ASSERT_EQ(memcmp(bytes, "1234", 4), 0);
    KT_ASSERT_NULL(krealloc_data(bytes, 4, 0, Z_WAITOK));
    KT_ASSERT_NULL(krealloc_data(NULL, 0, 0, Z_WAITOK));
}

static void typed__all_forms__freed_with_their_size(void)
{
    struct element *one = kalloc_type(struct element, Z_WAITOK_ZERO);
    struct element *many = kalloc_type(struct element, 5, Z_WAITOK);
    struct header *headed = kalloc_type(struct header, struct element, 7, Z_ZERO);
    void *plain = kalloc(100), *data = kalloc_data(10, Z_NOWAIT);

    KT_ASSERT(one && many && headed && plain && data);
    KT_ASSERT_EQ(one->value[2], 0u);
    KT_ASSERT_EQ(((struct element *)(void *)(headed + 1))[6].value[2], 0u);
    kfree_type(struct element, one);
    kfree_type(struct element, 5, many);
    kfree_type(struct header, struct element, 7, headed);
    kfree(plain, 100);
    kfree_data(data, 10);
    KT_ASSERT(!one && !many && !headed && !data);
}

static void io_arrays__with_and_without_a_header(void)
{
    struct element *many = IONew(struct element, 3), *zero = IONewZero(struct element, 3);
    struct header *headed = IONewZero(struct header, struct element, 2);

    KT_ASSERT(many && zero && headed);
    KT_ASSERT_EQ(zero[2].value[2], 0u);
    KT_ASSERT_EQ(((struct element *)(void *)(headed + 1))[1].value[2], 0u);
    IODelete(many, struct element, 3);
    IODelete(headed, struct header, struct element, 2);
    IOSafeDeleteNULL(zero, struct element, 3);
    KT_ASSERT_NULL(zero);
}

static void panic_private(void *arg)
{
    panic("out of %s in " __FILE__, (const char *)arg);
}

static void panic_private_plain(void *arg)
{
    const char *format = arg;

    panic_plain(format, 7);
}

static void panic__private_form__as_spelled_with_its_place(void)
{
    KT_EXPECT_PANIC(panic_private, (void *)(uintptr_t) "luck", "panic: \"out of luck in \" __FILE__ @");
    KT_EXPECT_PANIC(panic_private, (void *)(uintptr_t) "luck", "test_kalloc.c:");
    KT_EXPECT_PANIC(panic_private_plain, (void *)(uintptr_t) "number %d", "panic: number 7");
}

static const struct ktest_case cases[] = {
    KT_CASE(realloc__keeps_what_fits),
    KT_CASE(typed__all_forms__freed_with_their_size),
    KT_CASE(io_arrays__with_and_without_a_header),
    KT_CASE(panic__private_form__as_spelled_with_its_place),
};
KT_KERN_SUITE(kalloc, cases);
