// SPDX-License-Identifier: BSD-2-Clause
/*
 * ktest_kern.h: kernel-side half of the test support. A suite declared with KT_KERN_SUITE finds kern/ up and
 * running, and every case that passed is checked to have left no memory, lock, thread, credential... behind.
 *
 * Included by kernel-side test files only, once each.
 */
#ifndef KEXTBED_TESTS_KTEST_KERN_H
#define KEXTBED_TESTS_KTEST_KERN_H

#include <sys/errno.h>

#include "kern/kern_iface.h"
#include "tests/support/ktest.h"

static struct kern_leak_counts ktest_kern_before;

static void ktest_kern_boot(void)
{
    int error = kern_boot();

    if (error && error != EALREADY)
        KT_FAIL("kern_boot failed");
}

static void ktest_kern_setup(void)
{
    kern_leak_counts(&ktest_kern_before);
}

static void ktest_kern_teardown(void)
{
    struct kern_leak_counts after;

    kern_leak_counts(&after);
    KT_ASSERT_EQ(after.memory_blocks, ktest_kern_before.memory_blocks);
    KT_ASSERT_EQ(after.memory_bytes, ktest_kern_before.memory_bytes);
    KT_ASSERT_EQ(after.locks, ktest_kern_before.locks);
    KT_ASSERT_EQ(after.lock_groups, ktest_kern_before.lock_groups);
    KT_ASSERT_EQ(after.lock_attrs, ktest_kern_before.lock_attrs);
    KT_ASSERT_EQ(after.malloc_tags, ktest_kern_before.malloc_tags);
    KT_ASSERT_EQ(after.threads, ktest_kern_before.threads);
    KT_ASSERT_EQ(after.thread_calls, ktest_kern_before.thread_calls);
    KT_ASSERT_EQ(after.creds, ktest_kern_before.creds);
    KT_ASSERT_EQ(after.procs, ktest_kern_before.procs);
    KT_ASSERT_EQ(after.contexts, ktest_kern_before.contexts);
    KT_ASSERT_EQ(after.uios, ktest_kern_before.uios);
}

#define KT_KERN_SUITE(noun, table)                                                                           \
    KT_SUITE_WITH(noun, table, ktest_kern_setup, ktest_kern_teardown, ktest_kern_boot)

#endif
