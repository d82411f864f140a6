// SPDX-License-Identifier: BSD-2-Clause
/*
 * Extended attributes: the two ways of asking, flags, limits, permission, file systems and kinds of files
 * without.
 */
#include "tests/unit/vfs/sys_place.h"

static void xattr__set_get_list_remove(void)
{
    struct sys_node f = fx_file(R, "f", 0644, NULL);
    char buf[64];
    size_t len = 0;
    KT_ASSERT_ERRNO(sys_getxattr(ROOT, &f, "user.a", buf, sizeof(buf), &len), ENOATTR);
    KT_ASSERT_OK(sys_setxattr(ROOT, &f, "user.a", "value", 5, 0));
    KT_ASSERT_OK(sys_setxattr(ROOT, &f, "user.empty", NULL, 0, 0));
    KT_ASSERT_OK(sys_getxattr(ROOT, &f, "user.a", NULL, 0, &len));
    KT_ASSERT_EQ(len, 5);
    KT_ASSERT_OK(sys_getxattr(ROOT, &f, "user.a", buf, sizeof(buf), &len));
    KT_ASSERT_EQ(len, 5);
    KT_ASSERT_MEM(buf, "value", 5);
    KT_ASSERT_ERRNO(sys_getxattr(ROOT, &f, "user.a", buf, 4, &len), ERANGE);
    KT_ASSERT_OK(sys_getxattr(ROOT, &f, "user.empty", buf, sizeof(buf), &len));
    KT_ASSERT_EQ(len, 0);
    KT_ASSERT_OK(sys_listxattr(ROOT, &f, NULL, 0, &len));
    KT_ASSERT_EQ(len, 18);
    KT_ASSERT_OK(sys_listxattr(ROOT, &f, buf, sizeof(buf), &len));
    KT_ASSERT_EQ(len, 18);
    KT_ASSERT_MEM(buf, "user.empty\0user.a\0", 18);
    KT_ASSERT_ERRNO(sys_listxattr(ROOT, &f, buf, 12, &len), ERANGE);
    KT_ASSERT_OK(sys_removexattr(ROOT, &f, "user.a"));
    KT_ASSERT_ERRNO(sys_removexattr(ROOT, &f, "user.a"), ENOATTR);
}

static void xattr__flags_and_limits(void)
{
    struct sys_node f = fx_file(R, "f", 0644, NULL), fifo;
    char name[200];
    size_t len;
    memset(name, 'n', sizeof(name));
    name[127] = '\0';
    KT_ASSERT_ERRNO(sys_setxattr(ROOT, &f, "user.a", "v", 1, SYS_XATTR_REPLACE), ENOATTR);
    KT_ASSERT_OK(sys_setxattr(ROOT, &f, "user.a", "v", 1, SYS_XATTR_CREATE));
    KT_ASSERT_ERRNO(sys_setxattr(ROOT, &f, "user.a", "v", 1, SYS_XATTR_CREATE), EEXIST);
    KT_ASSERT_OK(sys_setxattr(ROOT, &f, "user.a", "w", 1, SYS_XATTR_REPLACE));
    KT_ASSERT_ERRNO(sys_setxattr(ROOT, &f, "user.a", "v", 1, 1), EINVAL);
    KT_ASSERT_ERRNO(sys_setxattr(ROOT, &f, "user.a", "v", 1, SYS_XATTR_CREATE | SYS_XATTR_REPLACE), EINVAL);
    KT_ASSERT_ERRNO(sys_setxattr(ROOT, &f, "", "v", 1, 0), EINVAL);
    KT_ASSERT_ERRNO(sys_setxattr(ROOT, &f, NULL, "v", 1, 0), EINVAL);
    KT_ASSERT_OK(sys_setxattr(ROOT, &f, name, "v", 1, 0));
    name[127] = 'n', name[128] = '\0';
    KT_ASSERT_ERRNO(sys_setxattr(ROOT, &f, name, "v", 1, 0), ENAMETOOLONG);
    KT_ASSERT_ERRNO(sys_getxattr(ROOT, &f, name, NULL, 0, &len), ENAMETOOLONG);
    KT_ASSERT_ERRNO(sys_setxattr(ROOT, &f, "user.big", "v", 1ull << 33, 0), E2BIG);
    KT_ASSERT_OK(sys_mknod(ROOT, R, "fifo", 0, SYS_VFIFO, 0644, 0, &fifo, NULL));
    KT_ASSERT_ERRNO(sys_setxattr(ROOT, &fifo, "user.a", "v", 1, 0), EPERM);
    KT_ASSERT_ERRNO(sys_getxattr(ROOT, NULL, "user.a", NULL, 0, &len),
                    ENOTSUP); /* the kernel's root has none */
}

static void xattr__permission__is_that_of_the_contents(void)
{
    sys_caller_t *user = fx_user(501, 20, 0);
    struct sys_node f = fx_file(R, "f", 0600, NULL);
    char buf[8];
    size_t len;
    KT_ASSERT_OK(sys_setxattr(ROOT, &f, "user.a", "v", 1, 0));
    KT_ASSERT_ERRNO(sys_getxattr(user, &f, "user.a", buf, 8, &len), EACCES);
    KT_ASSERT_ERRNO(sys_setxattr(user, &f, "user.a", "w", 1, 0), EACCES);
    KT_ASSERT_ERRNO(sys_removexattr(user, &f, "user.a"), EACCES);
    fx_chmod(R, "f", 0644);
    KT_ASSERT_OK(sys_getxattr(user, &f, "user.a", buf, 8, &len));
    KT_ASSERT_ERRNO(sys_setxattr(user, &f, "user.a", "w", 1, 0), EACCES);
    fx_chmod(R, "f", 0602);
    KT_ASSERT_OK(sys_setxattr(user, &f, "user.a", "w", 1, 0));
    KT_ASSERT_OK(sys_removexattr(user, &f, "user.a"));
}

static const struct ktest_case cases[] = {
    KT_CASE(xattr__set_get_list_remove),
    KT_CASE(xattr__flags_and_limits),
    KT_CASE(xattr__permission__is_that_of_the_contents),
};
SYS_SUITE(sys_xattr, cases);
