// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_panic.c: the panic path: what the report says, faults, panics inside panics, the hook, and names of
 * addresses in kexts.
 */
#include <string.h>
#include <kern/assert.h>

#include "host/host.h"
#include "tests/support/ktest_kern.h"

static __attribute__((noinline)) void panic_deep(int depth)
{
    volatile int here = depth;

    if (here == 0)
        panic("reason %d of %s", 42, "the test");
    if (here > 0)
        panic_deep(here - 1);
    __asm__ volatile("");
}

static void panic_named(void *arg)
{
    (void)arg;
    panic_deep(3);
    __asm__ volatile("");
}

static void panic_assertion(void *arg)
{
    (void)arg;
    KASSERT(1 == 2, "one is not %d", 2);
}

static void panic_public_assert(void *arg)
{
    (void)arg;
    Assert("file.c", 12, "x == y");
}

static void fault_null(void *arg)
{
    *(volatile int *)arg = 1;
}

static __attribute__((noinline)) void copy_to_nowhere(void *to, size_t len)
{
    static char from[4096];

    memcpy(to, from, len);
    __asm__ volatile("");
}

static void fault_in_memcpy(void *arg)
{
    copy_to_nowhere(arg, 3000);
    __asm__ volatile("");
}

static void jump_nowhere(void *arg)
{
    void (*volatile fn)(void) = (void (*)(void))(uintptr_t)arg;

    fn();
    __asm__ volatile("");
}

static int overflow_stack(volatile int *depth)
{
    volatile char frame[8192];

    frame[0] = (char)++*depth;
    if (*depth < 0) /* never, but the compiler cannot know */
        return 0;
    return overflow_stack(depth) + frame[0];
}

static void run_out_of_stack(void *arg)
{
    volatile int depth = 0;

    (void)arg;
    (void)overflow_stack(&depth);
}

static void divide_by_zero(void *arg)
{
    (void)arg;
    /* The instruction itself: a sanitizer would report the division in C first. */
    __asm__ volatile("xorl %%ecx, %%ecx\n\tmovl $1, %%eax\n\tcltd\n\tidivl %%ecx" ::: "eax", "ecx", "edx");
}

static void panic__report__has_reason_and_backtrace(void)
{
    KT_EXPECT_PANIC(panic_named, NULL, "panic: reason 42 of the test\n");
    KT_EXPECT_PANIC(panic_named, NULL, " (test_panic.c:");
    KT_EXPECT_PANIC(panic_named, NULL, "panic_named+0x");
    KT_EXPECT_PANIC(panic_assertion, NULL, "test_panic.c:");
    KT_EXPECT_PANIC(panic_assertion, NULL, ": one is not 2");
    KT_EXPECT_PANIC(panic_public_assert, NULL, "file.c:12: assertion failed: x == y");
}

static void panic__faults__are_reported_where_they_happen(void)
{
    KT_EXPECT_PANIC(fault_null, (void *)16, "segmentation fault: store to 0x10 at pc");
    KT_EXPECT_PANIC(jump_nowhere, (void *)0x4000, "jump_nowhere+0x");
    KT_EXPECT_PANIC(divide_by_zero, NULL, "arithmetic exception");
    KT_EXPECT_PANIC(divide_by_zero, NULL, "divide_by_zero+0x");
}

static void panic__fault_in_memcpy__names_the_caller(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    KT_SKIP("a sanitizer's own memcpy is in the way");
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    KT_SKIP("a sanitizer's own memcpy is in the way");
#endif
#endif
    KT_EXPECT_PANIC(fault_in_memcpy, (void *)0x5000, " copy_to_nowhere");
    KT_EXPECT_PANIC(fault_in_memcpy, (void *)0x5000, " fault_in_memcpy");
}

static void panic__stack_overflow__is_reported(void)
{
#if defined(__clang__) && defined(__has_feature)
#if __has_feature(thread_sanitizer)
    KT_SKIP("clang's ThreadSanitizer writes beyond its own event trace in a forked child");
#endif
#endif
    KT_EXPECT_PANIC(run_out_of_stack, NULL, "panic: segmentation fault");
}

static void panicking_hook(void *arg)
{
    panic("second panic, from %s", (const char *)arg);
}

static void panic_in_hook(void *arg)
{
    host_panic_hook_set(panicking_hook, arg);
    panic("first panic");
}

static void saying_hook(void *arg)
{
    host_log(HOST_LOG_PANIC, arg, strlen(arg));
}

static void panic_with_hook(void *arg)
{
    host_panic_hook_set(saying_hook, arg);
    panic("after the hook");
}

static void faulting_observer(const char *reason)
{
    volatile uintptr_t nowhere = 8;

    *(volatile char *)nowhere = reason[0];
}

static void panic_with_faulting_observer(void *arg)
{
    (void)arg;
    kern_set_panic_observer(faulting_observer);
    panic("observed");
}

static void panic_while_formatting(void *arg)
{
    (void)arg;
    panic("half of it %s", (const char *)8);
}

static void panic__inside_a_panic__ends_at_once(void)
{
    static char text[] = "hook ran\n";

    KT_EXPECT_PANIC(panic_in_hook, text, "panic: inside a panic");
    KT_EXPECT_PANIC(panic_with_hook, text, "hook ran\npanic: after the hook");
    KT_EXPECT_PANIC(panic_with_faulting_observer, NULL,
                    "panic: inside a panic: segmentation fault: address 0x8");
    KT_EXPECT_PANIC(panic_with_faulting_observer, NULL, "the first panic: observed\n");
    KT_EXPECT_PANIC(panic_while_formatting, NULL, "the first panic: half of it ");
}

static bool resolve_everything(const void *pc, struct kern_pc_name *name)
{
    name->kext = "com.example.kext";
    name->function = (uintptr_t)pc & 1 ? "odd" : NULL;
    name->offset = 0x10;
    return true;
}

static void panic_in_kext(void *arg)
{
    (void)arg;
    kern_set_pc_resolver(resolve_everything);
    panic("from a kext");
}

static void panic__kext_frames__are_named_by_the_resolver(void)
{
    char text[128];

    kern_set_pc_resolver(resolve_everything);
    kern_describe_pc((void *)0x1001, text, sizeof text);
    KT_ASSERT_STR(text, "odd+0x10 (com.example.kext)");
    kern_describe_pc((void *)0x1000, text, sizeof text);
    KT_ASSERT_STR(text, "com.example.kext+0x10");
    kern_set_pc_resolver(NULL);
    KT_EXPECT_PANIC(panic_in_kext, NULL, "kexts in the backtrace: com.example.kext\n");
}

static void symbolize__our_function__has_name_and_line(void)
{
    char text[256];

    kern_describe_pc((const char *)(uintptr_t)panic_named + 4, text, sizeof text);
    KT_ASSERT_MEM(text, "panic_named+0x4", 15);
    kern_describe_pc((void *)0x10, text, sizeof text);
    KT_ASSERT_STR(text, "0x10");
}

static const struct ktest_case cases[] = {
    KT_CASE(panic__report__has_reason_and_backtrace),
    KT_CASE(panic__faults__are_reported_where_they_happen),
    KT_CASE(panic__fault_in_memcpy__names_the_caller),
    KT_CASE(panic__stack_overflow__is_reported),
    KT_CASE(panic__inside_a_panic__ends_at_once),
    KT_CASE(panic__kext_frames__are_named_by_the_resolver),
    KT_CASE(symbolize__our_function__has_name_and_line),
};
KT_KERN_SUITE(panic, cases);
