// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_uio.c: uio bookkeeping, uiomove in both directions and both spaces, copyin and copyout.
 */
#include <string.h>
#include <libkern/libkern.h>
#include <sys/systm.h>
#include <sys/uio.h>

#include "kern/uio_iface.h"
#include "tests/support/ktest_kern.h"

static char pattern[64];

static void fill_pattern(void)
{
    for (int i = 0; i < 64; i++)
        pattern[i] = (char)(i + 1);
}

static void uiomove__read_into_kernel_vectors__scatters(void)
{
    char a[10] = {0}, b[20] = {0}, c[5] = {0};
    uio_t uio = uio_create(4, 1000, UIO_SYSSPACE, UIO_READ);

    fill_pattern();
    KT_ASSERT_OK(uio_addiov(uio, (uintptr_t)a, sizeof a));
    KT_ASSERT_OK(uio_addiov(uio, (uintptr_t)b, 0));
    KT_ASSERT_OK(uio_addiov(uio, (uintptr_t)b, sizeof b));
    KT_ASSERT_OK(uio_addiov(uio, (uintptr_t)c, sizeof c));
    KT_ASSERT_EQ(uio_addiov(uio, (uintptr_t)c, sizeof c), -1);
    KT_ASSERT_EQ(uio_resid(uio), 35);
    KT_ASSERT_EQ(uio_iovcnt(uio), 4);
    KT_ASSERT(!uio_isuserspace(uio));
    KT_ASSERT_OK(uiomove(pattern, 12, uio));
    KT_ASSERT_EQ(uio_resid(uio), 23);
    KT_ASSERT_EQ(uio_offset(uio), 1012);
    KT_ASSERT_EQ(uio_iovcnt(uio), 2);
    KT_ASSERT_EQ(uio_curriovbase(uio), (uintptr_t)b + 2);
    KT_ASSERT_EQ(uio_curriovlen(uio), 18u);
    KT_ASSERT_OK(uiomove(pattern + 12, 50, uio)); /* more than there is room for */
    KT_ASSERT_EQ(uio_resid(uio), 0);
    KT_ASSERT_EQ(uio_offset(uio), 1035);
    KT_ASSERT_EQ(uio_iovcnt(uio), 0);
    KT_ASSERT_EQ(uio_curriovlen(uio), 0u);
    KT_ASSERT_MEM(a, pattern, 10);
    KT_ASSERT_MEM(b, pattern + 10, 20);
    KT_ASSERT_MEM(c, pattern + 30, 5);
    uio_reset(uio, 7, UIO_SYSSPACE, UIO_WRITE);
    KT_ASSERT_EQ(uio_resid(uio), 0);
    KT_ASSERT_EQ(uio_offset(uio), 7);
    KT_ASSERT_EQ(uio_rw(uio), UIO_WRITE);
    KT_ASSERT_OK(uio_addiov(uio, (uintptr_t)a, sizeof a));
    uio_free(uio);
}

static void uiomove__write_from_user_vectors__gathers(void)
{
    char got[30] = {0}, source[30];
    struct kern_user_range range;
    struct kern_call call;
    uio_t uio = uio_create(2, 0, UIO_USERSPACE, UIO_WRITE);

    fill_pattern();
    memcpy(source, pattern, sizeof source);
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    kern_user_range_push(&range, source, sizeof source, false);
    KT_ASSERT_OK(uio_addiov(uio, kern_user_addr(source + 20), 10));
    KT_ASSERT_OK(uio_addiov(uio, kern_user_addr(source), 20));
    KT_ASSERT(uio_isuserspace(uio));
    KT_ASSERT_OK(uiomove(got, 30, uio));
    KT_ASSERT_MEM(got, pattern + 20, 10);
    KT_ASSERT_MEM(got + 10, pattern, 20);
    kern_user_range_pop(&range);
    kern_leave(&call);
    uio_free(uio);
}

static void uiomove__user_memory_that_was_not_lent__is_efault(void)
{
    char kernel[16] = {0}, user[16] = {0};
    struct kern_user_range range;
    struct kern_call call;
    KERN_UIO_STORAGE(2) room;
    uio_t uio;

    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    uio = kern_uio_init(&room, sizeof room, 0, UIO_USERSPACE64, UIO_READ);
    KT_ASSERT_OK(uio_addiov(uio, kern_user_addr(user), sizeof user));
    KT_ASSERT_ERRNO(uiomove(kernel, 16, uio), EFAULT);
    KT_ASSERT_EQ(uio_resid(uio), 16);
    kern_user_range_push(&range, user, sizeof user, false); /* read-only to the kernel */
    KT_ASSERT_ERRNO(uiomove(kernel, 16, uio), EFAULT);
    kern_user_range_pop(&range);
    kern_user_range_push(&range, user, 8, true); /* half of it */
    kernel[7] = 42;
    KT_ASSERT_OK(uiomove(kernel, 8, uio));
    KT_ASSERT_EQ(user[7], 42);
    KT_ASSERT_ERRNO(uiomove(kernel, 8, uio), EFAULT);
    KT_ASSERT_EQ(uio_resid(uio), 8);
    kern_user_range_pop(&range);
    uio_free(uio);
    kern_leave(&call);
}

static void uio__update_and_setresid__account_without_moving(void)
{
    char a[10], b[10];
    user_addr_t base;
    user_size_t len;
    uio_t uio = uio_create(2, 5, UIO_SYSSPACE, UIO_READ), copy;

    (void)uio_addiov(uio, (uintptr_t)a, sizeof a);
    (void)uio_addiov(uio, (uintptr_t)b, sizeof b);
    uio_update(uio, 4);
    KT_ASSERT_EQ(uio_offset(uio), 9);
    KT_ASSERT_OK(uio_getiov(uio, 0, &base, &len));
    KT_ASSERT_EQ(base, (uintptr_t)a + 4);
    KT_ASSERT_EQ(len, 6u);
    KT_ASSERT_EQ(uio_getiov(uio, 2, &base, &len), -1);
    copy = uio_duplicate(uio);
    uio_update(uio, 6);
    KT_ASSERT_EQ(uio_iovcnt(uio), 1);
    KT_ASSERT_EQ(uio_iovcnt(copy), 2);
    KT_ASSERT_EQ(uio_resid(copy), 16);
    uio_setresid(uio, 3);
    KT_ASSERT_OK(uiomove(pattern, 10, uio));
    KT_ASSERT_EQ(uio_resid(uio), 0);
    KT_ASSERT_EQ(uio_offset(uio), 18);
    uio_setoffset(uio, 100);
    KT_ASSERT_EQ(uio_offset(uio), 100);
    uio_free(copy);
    uio_free(uio);
}

static void uio__bad_arguments__are_refused(void)
{
    uio_t uio;

    KT_ASSERT_NULL(uio_create(-1, 0, UIO_SYSSPACE, UIO_READ));
    KT_ASSERT_NULL(uio_create(UIO_MAXIOV + 1, 0, UIO_SYSSPACE, UIO_READ));
    uio = uio_create(UIO_MAXIOV, 0, UIO_SYSSPACE, UIO_READ);
    KT_ASSERT_NOT_NULL(uio);
    KT_ASSERT_OK(uio_addiov(uio, 0, INT64_MAX));
    KT_ASSERT_EQ(uio_addiov(uio, 0, 1), -1);
    uio_free(uio);
    uio = uio_create(0, 0, UIO_SYSSPACE, UIO_READ);
    KT_ASSERT_EQ(uio_addiov(uio, 0, 1), -1);
    KT_ASSERT_OK(uiomove(pattern, 5, uio));
    uio_free(uio);
    uio_free(NULL);
}

static void copyin__strings_and_limits__are_darwins(void)
{
    char user[8] = "hello", kernel[8];
    struct kern_user_range range;
    struct kern_call call;
    size_t done = 99;

    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    kern_user_range_push(&range, user, sizeof user, true);
    KT_ASSERT_OK(copyin(kern_user_addr(user), kernel, 6));
    KT_ASSERT_STR(kernel, "hello");
    KT_ASSERT_ERRNO(copyin(kern_user_addr(user), kernel, 9), EFAULT);
    KT_ASSERT_ERRNO(copyin(0, kernel, 1), EFAULT);
    KT_ASSERT_ERRNO(copyin((uintptr_t)user, kernel, 1), EFAULT); /* a kernel pointer is no user address */
    KT_ASSERT_OK(copyin(0, kernel, 0));
    KT_ASSERT_OK(copyinstr(kern_user_addr(user), kernel, 8, &done));
    KT_ASSERT_EQ(done, 6u);
    KT_ASSERT_ERRNO(copyinstr(kern_user_addr(user), kernel, 5, &done), ENAMETOOLONG);
    KT_ASSERT_EQ(done, 5u);
    memset(user, 'x', sizeof user);
    KT_ASSERT_ERRNO(copyinstr(kern_user_addr(user), kernel, 9, &done), EFAULT);
    KT_ASSERT_OK(copyout("bye", kern_user_addr(user), 4));
    KT_ASSERT_STR(user, "bye");
    KT_ASSERT_OK(copyoutstr("again", kern_user_addr(user), 8, &done));
    KT_ASSERT_EQ(done, 6u);
    KT_ASSERT_ERRNO(copyoutstr("again", kern_user_addr(user), 3, &done), ENAMETOOLONG);
    KT_ASSERT_EQ(fubyte(kern_user_addr(user)), 'a');
    KT_ASSERT_OK(subyte(kern_user_addr(user), 'b'));
    KT_ASSERT_EQ(user[0], 'b');
    KT_ASSERT_EQ(fubyte(kern_user_addr(user + 8)), -1);
    kern_user_range_pop(&range);
    KT_ASSERT_OK(copystr("abc", kernel, 4, &done));
    KT_ASSERT_EQ(done, 4u);
    KT_ASSERT_ERRNO(copystr("abc", kernel, 3, &done), ENAMETOOLONG);
    kern_leave(&call);
}

static void copyin__neighbouring_ranges__are_one(void)
{
    char user[32], kernel[32];
    struct kern_user_range first, second;
    struct kern_call call;

    memset(user, 'u', sizeof user);
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    kern_user_range_push(&first, user, 16, false);
    kern_user_range_push(&second, user + 16, 16, false);
    KT_ASSERT_OK(copyin(kern_user_addr(user), kernel, 32));
    KT_ASSERT_EQ(kernel[31], 'u');
    KT_ASSERT_OK(kern_user_check(kern_user_addr(user) + 8, 16, false));
    KT_ASSERT_ERRNO(kern_user_check(kern_user_addr(user) + 8, 16, true), EFAULT);
    kern_user_range_pop(&second);
    KT_ASSERT_ERRNO(copyin(kern_user_addr(user), kernel, 32), EFAULT);
    kern_user_range_pop(&first);
    kern_leave(&call);
}

static void touch_user_address(void *arg)
{
    *(volatile char *)(uintptr_t)kern_user_addr(arg) = 1;
}

static void user_address__dereferenced__is_a_fault(void)
{
    char user[8];

    KT_EXPECT_PANIC(touch_user_address, user, "panic: segmentation fault");
}

static const struct ktest_case cases[] = {
    KT_CASE(uiomove__read_into_kernel_vectors__scatters),
    KT_CASE(uiomove__write_from_user_vectors__gathers),
    KT_CASE(uiomove__user_memory_that_was_not_lent__is_efault),
    KT_CASE(uio__update_and_setresid__account_without_moving),
    KT_CASE(uio__bad_arguments__are_refused),
    KT_CASE(copyin__strings_and_limits__are_darwins),
    KT_CASE(copyin__neighbouring_ranges__are_one),
    KT_CASE(user_address__dereferenced__is_a_fault),
};
KT_KERN_SUITE(uio, cases);
