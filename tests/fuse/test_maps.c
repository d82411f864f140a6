// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tables between the two systems: error numbers, open flags, types, device numbers, attributes.
 */
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <linux/falloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <cmocka.h>

#include "fusehost/errno_map.h"
#include "fusehost/flags_map.h"

static void errno__named_alike__maps_to_its_name(void **state)
{
    static const struct {
        int darwin, host;
    } pairs[] = {
        {SYS_EPERM, EPERM},
        {SYS_ENOENT, ENOENT},
        {SYS_EIO, EIO},
        {SYS_ENXIO, ENXIO},
        {SYS_EBADF, EBADF},
        {SYS_EDEADLK, EDEADLK},
        {SYS_ENOMEM, ENOMEM},
        {SYS_EACCES, EACCES},
        {SYS_EBUSY, EBUSY},
        {SYS_EEXIST, EEXIST},
        {SYS_EXDEV, EXDEV},
        {SYS_ENODEV, ENODEV},
        {SYS_ENOTDIR, ENOTDIR},
        {SYS_EISDIR, EISDIR},
        {SYS_EINVAL, EINVAL},
        {SYS_ENFILE, ENFILE},
        {SYS_EFBIG, EFBIG},
        {SYS_ENOSPC, ENOSPC},
        {SYS_EROFS, EROFS},
        {SYS_EMLINK, EMLINK},
        {SYS_ERANGE, ERANGE},
        {SYS_EAGAIN, EAGAIN},
        {SYS_ENOTSUP, EOPNOTSUPP},
        {SYS_ETIMEDOUT, ETIMEDOUT},
        {SYS_ELOOP, ELOOP},
        {SYS_ENAMETOOLONG, ENAMETOOLONG},
        {SYS_ENOTEMPTY, ENOTEMPTY},
        {SYS_EDQUOT, EDQUOT},
        {SYS_ESTALE, ESTALE},
        {SYS_ENOLCK, ENOLCK},
        {SYS_EOVERFLOW, EOVERFLOW},
        {SYS_ECANCELED, ECANCELED},
        {SYS_ENOATTR, ENODATA},
    };

    (void)state;
    assert_int_equal(fh_errno_to_host(0), 0);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        assert_int_equal(fh_errno_to_host(pairs[i].darwin), pairs[i].host);
}

/* The kernel takes ENOSYS for good, and what is not an errno of its own for an invalid answer. */
static void errno__any_value__is_one_the_host_accepts(void **state)
{
    (void)state;
    for (int darwin = 1; darwin <= 106; darwin++) {
        int host = fh_errno_to_host(darwin);

        assert_in_range(host, 1, 133);
        assert_int_not_equal(host, ENOSYS);
        assert_non_null(strerror(host));
        assert_string_not_equal(fh_errno_name(darwin), "?");
    }
    assert_int_equal(fh_errno_to_host(107), EIO);
    assert_int_equal(fh_errno_to_host(-1), EIO);
    assert_int_equal(fh_errno_to_host(INT32_MIN), EIO);
    assert_int_equal(fh_errno_to_host(INT32_MAX), EIO);
    assert_string_equal(fh_errno_name(107), "?");
    assert_string_equal(fh_errno_name(0), "?");
}

static void open_flags__each_translated(void **state)
{
    (void)state;
    assert_int_equal(fh_oflags(O_RDONLY), SYS_O_RDONLY);
    assert_int_equal(fh_oflags(O_WRONLY), SYS_O_WRONLY);
    assert_int_equal(fh_oflags(O_RDWR), SYS_O_RDWR);
    assert_int_equal(fh_oflags(O_RDWR | O_CREAT | O_EXCL | O_TRUNC),
                     SYS_O_RDWR | SYS_O_CREAT | SYS_O_EXCL | SYS_O_TRUNC);
    assert_int_equal(fh_oflags(O_NONBLOCK | O_NOFOLLOW), SYS_O_NONBLOCK | SYS_O_NOFOLLOW);
    assert_int_equal(fh_oflags(O_DIRECTORY), SYS_O_DIRECTORY);
    assert_int_equal(fh_oflags(O_WRONLY | O_SYNC), SYS_O_WRONLY | SYS_O_SYNC);
    assert_int_equal(fh_oflags(O_WRONLY | O_DSYNC), SYS_O_WRONLY | SYS_O_SYNC);
    assert_int_equal(fh_oflags(O_WRONLY | O_APPEND), SYS_O_WRONLY); /* where to is the host's business */
    assert_int_equal(fh_oflags(O_RDONLY | O_DIRECT | O_NOATIME | O_CLOEXEC), SYS_O_RDONLY);
}

static void types__both_ways(void **state)
{
    static const mode_t modes[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFSOCK, S_IFIFO};

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        assert_int_equal(fh_mode_type(fh_vtype(modes[i] | 0644)), modes[i]);
    assert_int_equal(fh_vtype(0644), SYS_VNON);
    assert_int_equal(fh_mode_type(SYS_VNON), 0);
    assert_int_equal(fh_mode_type(99), 0);
}

static void devices__that_fit_survive_the_way_there_and_back(void **state)
{
    uint32_t darwin;

    (void)state;
    assert_true(fh_rdev_to_darwin(makedev(8, 300), &darwin));
    assert_int_equal(darwin, 8u << 24 | 300);
    assert_int_equal(fh_rdev_to_host(darwin), makedev(8, 300));
    assert_true(fh_rdev_to_darwin(makedev(255, 0xfffff), &darwin));
    assert_int_equal(fh_rdev_to_host(darwin), makedev(255, 0xfffff));
    assert_false(fh_rdev_to_darwin(makedev(256, 0), &darwin));
    assert_false(fh_rdev_to_darwin(makedev(1, 1u << 24), &darwin));
    assert_int_equal(fh_rdev_to_host(1u << 24 | 0xffffff), makedev(1, 0xfffff));
}

static void rename_flags__known_ones_only(void **state)
{
    uint32_t out;

    (void)state;
    assert_true(fh_rename_flags(0, &out));
    assert_int_equal(out, 0);
    assert_true(fh_rename_flags(RENAME_NOREPLACE, &out));
    assert_int_equal(out, SYS_RENAME_EXCL);
    assert_true(fh_rename_flags(RENAME_EXCHANGE, &out));
    assert_int_equal(out, SYS_RENAME_SWAP);
    assert_false(fh_rename_flags(RENAME_WHITEOUT, &out));
}

static void xattr_flags__known_ones_only(void **state)
{
    uint32_t out;

    (void)state;
    assert_true(fh_xattr_flags(0, &out));
    assert_int_equal(out, 0);
    assert_true(fh_xattr_flags(XATTR_CREATE, &out));
    assert_int_equal(out, SYS_XATTR_CREATE);
    assert_true(fh_xattr_flags(XATTR_REPLACE, &out));
    assert_int_equal(out, SYS_XATTR_REPLACE);
    assert_false(fh_xattr_flags(4, &out));
}

static void fallocate_modes__composed_or_refused(void **state)
{
    bool keep;

    (void)state;
    assert_int_equal(fh_fallocate_mode(0, &keep), FH_FALLOCATE_RESERVE);
    assert_false(keep);
    assert_int_equal(fh_fallocate_mode(FALLOC_FL_KEEP_SIZE, &keep), FH_FALLOCATE_RESERVE);
    assert_true(keep);
    assert_int_equal(fh_fallocate_mode(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, &keep),
                     FH_FALLOCATE_PUNCH);
    assert_int_equal(fh_fallocate_mode(FALLOC_FL_PUNCH_HOLE, &keep), FH_FALLOCATE_REFUSED);
    assert_int_equal(fh_fallocate_mode(FALLOC_FL_ZERO_RANGE, &keep), FH_FALLOCATE_ZERO);
    assert_false(keep);
    assert_int_equal(fh_fallocate_mode(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, &keep), FH_FALLOCATE_ZERO);
    assert_true(keep);
    assert_int_equal(fh_fallocate_mode(FALLOC_FL_COLLAPSE_RANGE, &keep), FH_FALLOCATE_REFUSED);
    assert_int_equal(fh_fallocate_mode(FALLOC_FL_INSERT_RANGE, &keep), FH_FALLOCATE_REFUSED);
    assert_int_equal(fh_fallocate_mode(FALLOC_FL_UNSHARE_RANGE, &keep), FH_FALLOCATE_REFUSED);
}

static void setattr_mask__now_beats_the_given_time(void **state)
{
    (void)state;
    assert_int_equal(fh_setattr_mask(FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID),
                     SYS_ATTR_MODE | SYS_ATTR_UID | SYS_ATTR_GID);
    assert_int_equal(fh_setattr_mask(FUSE_SET_ATTR_SIZE | FUSE_SET_ATTR_KILL_SUID), SYS_ATTR_SIZE);
    assert_int_equal(fh_setattr_mask(FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW), SYS_ATTR_ATIME_NOW);
    assert_int_equal(fh_setattr_mask(FUSE_SET_ATTR_MTIME), SYS_ATTR_MTIME);
    assert_int_equal(fh_setattr_mask(FUSE_SET_ATTR_CTIME), SYS_ATTR_CTIME);
}

static void stat__every_member_arrives(void **state)
{
    struct sys_attr attr = {
        .type = SYS_VREG,
        .mode = 06755,
        .nlink = 3,
        .uid = 7,
        .gid = 8,
        .blksize = 4096,
        .fileid = 1234567890123ull,
        .size = 100000,
        .alloc = 102400,
        .atime = {1, 2},
        .mtime = {3, 4},
        .ctime = {5, 999999999},
        .rdev = 5,
    };
    struct stat st;

    (void)state;
    fh_stat(&attr, &st);
    assert_int_equal(st.st_mode, S_IFREG | 06755);
    assert_int_equal(st.st_nlink, 3);
    assert_int_equal(st.st_uid, 7);
    assert_int_equal(st.st_gid, 8);
    assert_int_equal(st.st_ino, 1234567890123ull);
    assert_int_equal(st.st_size, 100000);
    assert_int_equal(st.st_blocks, 200);
    assert_int_equal(st.st_blksize, 4096);
    assert_int_equal(st.st_rdev, 0); /* not a device */
    assert_int_equal(st.st_atim.tv_nsec, 2);
    assert_int_equal(st.st_mtim.tv_sec, 3);
    assert_int_equal(st.st_ctim.tv_nsec, 999999999);
    attr.type = SYS_VCHR;
    attr.rdev = 1u << 24 | 3;
    attr.blksize = 0;
    fh_stat(&attr, &st);
    assert_int_equal(st.st_mode & S_IFMT, S_IFCHR);
    assert_int_equal(st.st_rdev, makedev(1, 3));
    assert_int_equal(st.st_blksize, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errno__named_alike__maps_to_its_name),
        cmocka_unit_test(errno__any_value__is_one_the_host_accepts),
        cmocka_unit_test(open_flags__each_translated),
        cmocka_unit_test(types__both_ways),
        cmocka_unit_test(devices__that_fit_survive_the_way_there_and_back),
        cmocka_unit_test(rename_flags__known_ones_only),
        cmocka_unit_test(xattr_flags__known_ones_only),
        cmocka_unit_test(fallocate_modes__composed_or_refused),
        cmocka_unit_test(setattr_mask__now_beats_the_given_time),
        cmocka_unit_test(stat__every_member_arrives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
