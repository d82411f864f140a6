// SPDX-License-Identifier: BSD-2-Clause
/*
 * Making and removing names: what each call answers for each kind of thing in its way, owners and groups of
 * new objects, retries when names change under a call, holds on what lost its name, attributes.
 */
#include "tests/unit/vfs/sys_place.h"

/* ---- making -------------------------------------------------------------------------------------------- */

static void mkdir__in_the_way_of_anything__is_refused(void)
{
    struct sys_attr attr;
    struct sys_node node;
    fx_file(R, "f", 0644, NULL);
    fx_symlink(R, "dangling", "x");
    KT_ASSERT_OK(sys_mkdir(ROOT, R, "d", 0, 0751, &node, &attr));
    KT_ASSERT_EQ(attr.type, SYS_VDIR);
    KT_ASSERT_EQ(attr.mode, 0751);
    KT_ASSERT_EQ(attr.nlink, 2);
    KT_ASSERT_EQ(attr.fileid, node.fileid);
    KT_ASSERT_EQ(node.mount_id, place.id);
    KT_ASSERT_OK(sys_mkdir(ROOT, R, "e/", 0, 0700, NULL, NULL));
    static const struct {
        const char *path;
        int error;
    } table[] = {{"d", EEXIST},        {"d/", EEXIST}, {"f", EEXIST},   {"f/", EEXIST},
                 {"dangling", EEXIST}, {".", EEXIST},  {"..", EEXIST},  {"d/.", EEXIST},
                 {"", ENOENT},         {"/", EEXIST},  {"x/y", ENOENT}, {"f/y", ENOTDIR}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        KT_ASSERT_EQ(sys_mkdir(ROOT, R, table[i].path, 0, 0755, NULL, NULL) | (int)i << 8,
                     table[i].error | (int)i << 8);
}

static void mknod__kinds__and_what_they_need(void)
{
    sys_caller_t *user = fx_user(501, 20, 0);
    struct sys_attr attr;
    fx_chmod(R, "", 0777);
    KT_ASSERT_OK(sys_mknod(ROOT, R, "chr", 0, SYS_VCHR, 0600, 0x05000007, NULL, &attr));
    KT_ASSERT_EQ(attr.type, SYS_VCHR);
    KT_ASSERT_EQ(attr.rdev, 0x05000007);
    KT_ASSERT_ERRNO(sys_mknod(user, R, "chr2", 0, SYS_VCHR, 0600, 7, NULL, NULL), EPERM);
    KT_ASSERT_ERRNO(sys_mknod(user, R, "blk", 0, SYS_VBLK, 0600, 7, NULL, NULL), EPERM);
    KT_ASSERT_OK(sys_mknod(user, R, "fifo", 0, SYS_VFIFO, 0600, 0, NULL, &attr));
    KT_ASSERT_EQ(attr.type, SYS_VFIFO);
    KT_ASSERT_OK(sys_mknod(user, R, "sock", 0, SYS_VSOCK, 0600, 0, NULL, NULL));
    KT_ASSERT_OK(sys_mknod(user, R, "reg", 0, SYS_VREG, 0600, 0, NULL, &attr));
    KT_ASSERT_EQ(attr.type, SYS_VREG);
    KT_ASSERT_ERRNO(sys_mknod(user, R, "reg", 0, SYS_VREG, 0600, 0, NULL, NULL), EEXIST);
    KT_ASSERT_ERRNO(sys_mknod(user, R, "x", 0, SYS_VDIR, 0600, 0, NULL, NULL), EPERM);
    KT_ASSERT_ERRNO(sys_mknod(user, R, "x", 0, SYS_VLNK, 0600, 0, NULL, NULL), EINVAL);
    KT_ASSERT_ERRNO(sys_mknod(user, R, "x", 0, 99, 0600, 0, NULL, NULL), EINVAL);
    KT_ASSERT_ERRNO(sys_mknod(user, R, "x/", 0, SYS_VFIFO, 0600, 0, NULL, NULL), ENOENT);
}

static void symlink__text__limits(void)
{
    char target[1025], buf[1024];
    size_t len = 0;
    memset(target, 't', sizeof(target));
    target[1024] = '\0';
    KT_ASSERT_ERRNO(sys_symlink(ROOT, R, "l", 0, target, NULL, NULL), ENAMETOOLONG);
    target[1023] = '\0';
    struct sys_node l = fx_symlink(R, "l", target);
    KT_ASSERT_OK(sys_readlink(ROOT, &l, buf, sizeof(buf), &len));
    KT_ASSERT_EQ(len, 1023);
    KT_ASSERT_MEM(buf, target, 1023);
    KT_ASSERT_OK(sys_readlink(ROOT, &l, buf, 10, &len));
    KT_ASSERT_EQ(len, 10);
    KT_ASSERT_EQ(fx_stat(R, "l").size, 1023);
    KT_ASSERT_ERRNO(sys_symlink(ROOT, R, "l", 0, "x", NULL, NULL), EEXIST);
    KT_ASSERT_ERRNO(sys_symlink(ROOT, R, "m", 0, "", NULL, NULL), ENOENT);
    KT_ASSERT_ERRNO(sys_readlink(ROOT, R, buf, 10, &len), EINVAL);
}

static void link__another_name__and_what_cannot_have_one(void)
{
    struct sys_node f = fx_file(R, "f", 0644, "data"), d = fx_mkdir(R, "d", 0755);
    struct sys_attr attr;
    KT_ASSERT_OK(sys_link(ROOT, &f, &d, "g", 0, &attr));
    KT_ASSERT_EQ(attr.nlink, 2);
    KT_ASSERT_EQ(attr.fileid, f.fileid);
    KT_ASSERT_EQ(fx_get(R, "d/g").fileid, f.fileid);
    KT_ASSERT_ERRNO(sys_link(ROOT, &f, R, "f", 0, NULL), EEXIST);
    KT_ASSERT_ERRNO(sys_link(ROOT, &d, R, "e", 0, NULL), EPERM);
    KT_ASSERT_ERRNO(sys_link(ROOT, &f, R, "x/", 0, NULL), ENOENT);
    KT_ASSERT_ERRNO(sys_link(ROOT, &f, R, "", 0, NULL), ENOENT);
    struct fx_place other = fx_mount("fxfs", 0, 0);
    KT_ASSERT_ERRNO(sys_link(ROOT, &f, &other.root, "f", 0, NULL), EXDEV);
    fx_unmount(&other);
    fx_chflags(R, "f", UF_IMMUTABLE);
    KT_ASSERT_ERRNO(sys_link(ROOT, &f, R, "h", 0, NULL), EPERM);
    fx_chflags(R, "f", 0);
}

/* ---- owner and group of what is new -------------------------------------------------------------------- */

static void new__group__is_the_creators_unless_the_directory_says(void)
{
    static const uint32_t groups[] = {30, 40};
    sys_caller_t *user = fx_user_in(501, 20, groups, 2);
    struct sys_attr attr;
    fx_mkdir(R, "plain", 0777);
    fx_chown(R, "plain", 0, 40);
    KT_ASSERT_OK(sys_mkdir(user, R, "plain/d", 0, 0755, NULL, &attr));
    KT_ASSERT_EQ(attr.gid, 20);
    KT_ASSERT_EQ(attr.uid, 501);
    KT_ASSERT_EQ(attr.mode, 0755);
    fx_mkdir(R, "sgid", 0777);
    fx_chown(R, "sgid", 0, 40);
    fx_chmod(R, "sgid", 02777);
    KT_ASSERT_OK(sys_mkdir(user, R, "sgid/d", 0, 0755, NULL, &attr));
    KT_ASSERT_EQ(attr.gid, 40);
    KT_ASSERT_EQ(attr.mode, 02755);
    KT_ASSERT_OK(sys_mknod(user, R, "sgid/f", 0, SYS_VREG, 02755, 0, NULL, &attr));
    KT_ASSERT_EQ(attr.gid, 40);
    KT_ASSERT_EQ(attr.mode, 02755); /* theirs too */
    fx_chown(R, "sgid", 0, 99);
    fx_chmod(R, "sgid", 02777);
    KT_ASSERT_OK(sys_mknod(user, R, "sgid/g", 0, SYS_VREG, 06755, 0, NULL, &attr));
    KT_ASSERT_EQ(attr.gid, 99);
    KT_ASSERT_EQ(attr.mode, 04755); /* not their group: no set-group-id for them */
}

/* ---- removing ------------------------------------------------------------------------------------------ */

static void remove__each_kind_by_each_call__as_the_table_says(void)
{
    struct sys_node d = fx_mkdir(R, "d", 0755);
    fx_file(R, "f", 0644, NULL);
    fx_file(&d, "inside", 0644, NULL);
    fx_mkdir(R, "empty", 0755);
    fx_symlink(R, "ld", "empty");
    fx_symlink(R, "lf", "f");
    static const struct {
        const char *path;
        int unlink, rmdir;
    } table[] = {
        {"x", ENOENT, ENOENT},       {"", ENOENT, ENOENT},      {"/", EISDIR, EBUSY},
        {"f/", ENOTDIR, ENOTDIR},    {"d", EISDIR, ENOTEMPTY},  {"d/.", EISDIR, EINVAL},
        {"d/..", EISDIR, ENOTEMPTY}, {"ld/", ENOTDIR, ENOTDIR}, {"f/x", ENOTDIR, ENOTDIR},
        {"x/y", ENOENT, ENOENT},     {"empty", EISDIR, 0},      {"f", 0, ENOTDIR},
        {"ld", 0, ENOTDIR},          {"lf", 0, ENOTDIR},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        KT_ASSERT_EQ(sys_rmdir(ROOT, R, table[i].path, 0, NULL) | (int)i << 8, table[i].rmdir | (int)i << 8);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].rmdir)
            KT_ASSERT_EQ(sys_unlink(ROOT, R, table[i].path, 0, NULL) | (int)i << 8,
                         table[i].unlink | (int)i << 8);
    KT_ASSERT(!fx_exists(R, "f"));
    KT_ASSERT_OK(sys_unlink(ROOT, R, "d/inside", 0, NULL));
    KT_ASSERT_OK(sys_rmdir(ROOT, R, "d/", 0, NULL));
}

static void remove__a_mount_point__is_busy(void)
{
    const struct sys_mount args = {.type = "fxfs", .special = "x", .on = "/busy"};
    uint32_t id;
    KT_ASSERT_OK(sys_mkdir(ROOT, NULL, "/busy", 0, 0755, NULL, NULL));
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id, NULL));
    KT_ASSERT_ERRNO(sys_rmdir(ROOT, NULL, "/busy", 0, NULL), EBUSY);
    KT_ASSERT_ERRNO(sys_unlink(ROOT, NULL, "/busy", 0, NULL), EISDIR);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
    KT_ASSERT_OK(sys_rmdir(ROOT, NULL, "/busy", 0, NULL));
}

static void replace_it(void *arg)
{
    (void)arg;
    KT_ASSERT_OK(sys_rename(ROOT, R, "other", R, "name", 0, 0, NULL));
}

static void remove__name_taken_over_meanwhile__removes_what_is_there(void)
{
    struct sys_node first = fx_file(R, "name", 0644, NULL), second = fx_file(R, "other", 0644, NULL);
    fx_hook(FX_REMOVE, replace_it, NULL);
    KT_ASSERT_OK(sys_unlink(ROOT, R, "name", 0, NULL));
    KT_ASSERT(!fx_exists(R, "name"));
    KT_ASSERT(!fx_exists(R, "other"));
    struct sys_attr attr;
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &first, &attr), ESTALE);
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &second, &attr), ESTALE);
}

static void remove__always_somebody_elses__ends(void)
{
    fx_file(R, "f", 0644, NULL);
    fx_fail(FX_REMOVE, ENOENT, UINT32_MAX);
    KT_ASSERT_ERRNO(sys_unlink(ROOT, R, "f", 0, NULL), ENOENT);
    fx_fail(FX_REMOVE, 0, 0);
    KT_ASSERT_OK(sys_unlink(ROOT, R, "f", 0, NULL));
}

/* ---- holds --------------------------------------------------------------------------------------------- */

static uint64_t usecounts(void)
{
    struct sys_counters counts;
    sys_counters_get(&counts);
    return counts.usecounts;
}

static void hold__on_what_was_unlinked__keeps_its_identity(void)
{
    struct sys_node f = fx_file(R, "f", 0644, "data");
    struct sys_attr attr;
    sys_hold_t *hold = NULL;
    uint64_t before = usecounts();
    fx_fail(FX_REMOVE, EIO, 1);
    KT_ASSERT_ERRNO(sys_unlink(ROOT, R, "f", 0, &hold), EIO);
    KT_ASSERT_NULL(hold);
    KT_ASSERT_EQ(usecounts(), before);
    KT_ASSERT_OK(sys_unlink(ROOT, R, "f", 0, &hold));
    KT_ASSERT_NOT_NULL(hold);
    KT_ASSERT_OK(sys_getattr(ROOT, &f, &attr));
    KT_ASSERT_EQ(attr.nlink, 0);
    KT_ASSERT_EQ(attr.size, 4);
    sys_hold_release(hold);
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &f, &attr), ESTALE);
    struct sys_node d = fx_mkdir(R, "d", 0755);
    KT_ASSERT_OK(sys_rmdir(ROOT, R, "d", 0, &hold));
    KT_ASSERT_OK(sys_getattr(ROOT, &d, &attr));
    KT_ASSERT_ERRNO(sys_mkdir(ROOT, &d, "x", 0, 0755, NULL, NULL), ENOENT);
    sys_hold_release(hold);
    sys_hold_release(NULL);
    struct sys_node g = fx_file(R, "g", 0644, NULL);
    KT_ASSERT_OK(sys_hold(&g, &hold));
    sys_hold_release(hold);
    KT_ASSERT_ERRNO(sys_hold(&f, &hold), ESTALE);
}

static void open_file__unlinked__lives_until_it_is_closed(void)
{
    char buf[8];
    struct sys_attr attr;
    struct sys_node f = fx_file(R, "f", 0644, "contents");
    sys_file_t *file = fx_open(R, "f", SYS_O_RDWR);
    KT_ASSERT_OK(sys_unlink(ROOT, R, "f", 0, NULL));
    KT_ASSERT_EQ(fx_read(file, buf, 8, 0), 8);
    KT_ASSERT_OK(fx_write(file, "C", 1, 0));
    KT_ASSERT_OK(sys_getattr(ROOT, &f, &attr));
    KT_ASSERT_EQ(attr.nlink, 0);
    fx_close(file);
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &f, &attr), ESTALE);
}

/* ---- attributes ---------------------------------------------------------------------------------------- */

static void setattr__each_field__comes_back(void)
{
    struct sys_node f = fx_file(R, "f", 0644, "contents");
    struct sys_attr after;
    const struct sys_attr all = {.mask = SYS_ATTR_MODE | SYS_ATTR_UID | SYS_ATTR_GID | SYS_ATTR_SIZE |
                                         SYS_ATTR_ATIME | SYS_ATTR_MTIME | SYS_ATTR_CTIME | SYS_ATTR_BTIME |
                                         SYS_ATTR_FLAGS,
                                 .mode = 01751,
                                 .uid = 5,
                                 .gid = 6,
                                 .size = 3,
                                 .flags = UF_NODUMP,
                                 .atime = {1, 999999999},
                                 .mtime = {-2, 2},
                                 .ctime = {3, 3},
                                 .btime = {1ll << 40, 4}};
    KT_ASSERT_OK(sys_setattr(ROOT, &f, &all, &after));
    KT_ASSERT_EQ(after.mode, 01751);
    KT_ASSERT_EQ(after.uid, 5);
    KT_ASSERT_EQ(after.gid, 6);
    KT_ASSERT_EQ(after.size, 3);
    KT_ASSERT_EQ(after.flags, UF_NODUMP);
    KT_ASSERT_EQ(after.atime.nsec, 999999999);
    KT_ASSERT_EQ(after.mtime.sec, -2);
    KT_ASSERT_EQ(after.ctime.sec, 3);
    KT_ASSERT_EQ(after.btime.sec, 1ll << 40);
    KT_ASSERT_EQ(after.mask & all.mask, all.mask);
    KT_ASSERT_EQ(after.type, SYS_VREG);
    KT_ASSERT_EQ(after.blksize, FX_BLOCK);
    KT_ASSERT_EQ(after.generation, 7);
    KT_ASSERT_EQ(after.alloc, FX_BLOCK);
    const struct sys_attr now = {.mask = SYS_ATTR_ATIME_NOW | SYS_ATTR_MTIME_NOW};
    KT_ASSERT_OK(sys_setattr(ROOT, &f, &now, &after));
    KT_ASSERT_GT(after.mtime.sec, 1600000000);
    KT_ASSERT_OK(sys_setattr(ROOT, &f, &(struct sys_attr){0}, &after));
}

static int set_error(const struct sys_node *node, struct sys_attr attr)
{
    return sys_setattr(ROOT, node, &attr, NULL);
}

static void setattr__nonsense__is_refused(void)
{
    struct sys_node f = fx_file(R, "f", 0644, NULL);
    KT_ASSERT_ERRNO(set_error(&f, (struct sys_attr){.mask = 0x8000}), EINVAL);
    KT_ASSERT_ERRNO(set_error(&f, (struct sys_attr){.mask = SYS_ATTR_MODE, .mode = 0100644}), EINVAL);
    KT_ASSERT_ERRNO(set_error(&f, (struct sys_attr){.mask = SYS_ATTR_ATIME, .atime = {0, 1000000000}}),
                    EINVAL);
    KT_ASSERT_ERRNO(set_error(&f, (struct sys_attr){.mask = SYS_ATTR_MTIME, .mtime = {0, -1}}), EINVAL);
    KT_ASSERT_ERRNO(set_error(&f, (struct sys_attr){.mask = SYS_ATTR_SIZE, .size = UINT64_MAX}), EFBIG);
    KT_ASSERT_ERRNO(set_error(R, (struct sys_attr){.mask = SYS_ATTR_SIZE}), EISDIR);
    struct sys_node l = fx_symlink(R, "l", "x");
    KT_ASSERT_ERRNO(set_error(&l, (struct sys_attr){.mask = SYS_ATTR_SIZE}), EINVAL);
}

static void getattr__without_numbers__makes_one_up(void)
{
    struct fx_place other = fx_mount("fxfs", FX_NO_NUMBERS, 0);
    struct sys_node a = fx_file(&other.root, "a", 0644, NULL), b = fx_file(&other.root, "b", 0644, NULL);
    KT_ASSERT_NE(a.fileid, 0);
    KT_ASSERT_NE(a.fileid, b.fileid);
    KT_ASSERT_EQ(fx_stat(&other.root, "a").fileid, a.fileid);
    fx_unmount(&other);
}

static const struct ktest_case cases[] = {
    KT_CASE(mkdir__in_the_way_of_anything__is_refused),
    KT_CASE(mknod__kinds__and_what_they_need),
    KT_CASE(symlink__text__limits),
    KT_CASE(link__another_name__and_what_cannot_have_one),
    KT_CASE(new__group__is_the_creators_unless_the_directory_says),
    KT_CASE(remove__each_kind_by_each_call__as_the_table_says),
    KT_CASE(remove__a_mount_point__is_busy),
    KT_CASE(remove__name_taken_over_meanwhile__removes_what_is_there),
    KT_CASE(remove__always_somebody_elses__ends),
    KT_CASE(hold__on_what_was_unlinked__keeps_its_identity),
    KT_CASE(open_file__unlinked__lives_until_it_is_closed),
    KT_CASE(setattr__each_field__comes_back),
    KT_CASE(setattr__nonsense__is_refused),
    KT_CASE(getattr__without_numbers__makes_one_up),
};
SYS_SUITE(sys_names, cases);
