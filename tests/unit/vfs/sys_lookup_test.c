// SPDX-License-Identifier: BSD-2-Clause
/*
 * Looking up names and paths: every limit and edge, symbolic links, mount points, the name cache, the
 * componentname that file systems see.
 */
#include <sys/namei.h>

#include "tests/unit/vfs/sys_place.h"

/* A path of @len bytes: "d/d/d/.../d" or "./././x". */
static void path_of(char *buf, size_t len, const char *step, const char *end)
{
    size_t at = 0, end_len = strlen(end);
    while (at + strlen(step) + end_len <= len) {
        memcpy(buf + at, step, strlen(step));
        at += strlen(step);
    }
    while (at + end_len < len)
        buf[at++] = '/';
    memcpy(buf + at, end, end_len + 1);
}

static void lookup__at_nothing__is_the_kernels_root(void)
{
    struct sys_attr attr;
    struct sys_node a, b;
    KT_ASSERT_OK(sys_lookup(ROOT, NULL, NULL, 0, &a, &attr));
    KT_ASSERT_EQ(attr.type, SYS_VDIR);
    KT_ASSERT_EQ(attr.mode, 0755);
    KT_ASSERT_OK(sys_lookup(ROOT, NULL, "/", 0, &b, NULL));
    KT_ASSERT_EQ(a.vnode, b.vnode);
    KT_ASSERT_EQ(a.fileid, 2);
    KT_ASSERT_OK(sys_lookup(ROOT, NULL, "///", 0, &b, NULL));
    KT_ASSERT_EQ(a.vnode, b.vnode);
    KT_ASSERT_OK(fx_error(NULL, "/dev", 0));
    KT_ASSERT_OK(fx_error(NULL, "mnt", 0));
    KT_ASSERT_ERRNO(fx_error(NULL, "/nothing", 0), ENOENT);
}

static void lookup__empty_path__is_the_node_itself(void)
{
    struct sys_node node, file = fx_file(R, "f", 0644, NULL);
    KT_ASSERT_OK(sys_lookup(ROOT, &file, "", 0, &node, NULL));
    KT_ASSERT_EQ(node.vnode, file.vnode);
    KT_ASSERT_OK(sys_lookup(ROOT, &file, NULL, SYS_AT_COMPONENT, &node, NULL));
    KT_ASSERT_EQ(node.fileid, file.fileid);
    KT_ASSERT_ERRNO(fx_error(&file, "x", 0), ENOTDIR);
    KT_ASSERT_ERRNO(fx_error(&file, "x", SYS_AT_COMPONENT), ENOTDIR);
}

static void lookup__dots_and_slashes__lead_where_they_should(void)
{
    struct sys_node d = fx_mkdir(R, "d", 0755), e = fx_mkdir(&d, "e", 0755), node;
    fx_file(&e, "f", 0644, NULL);
    KT_ASSERT_EQ(fx_get(R, "d/./e/../e/.").fileid, e.fileid);
    KT_ASSERT_EQ(fx_get(R, "d//e///").fileid, e.fileid);
    KT_ASSERT_EQ(fx_get(&e, "..").fileid, d.fileid);
    KT_ASSERT_EQ(fx_get(&e, "../..").fileid, place.root.fileid);
    KT_ASSERT_EQ(fx_get(&d, ".").fileid, d.fileid);
    KT_ASSERT_OK(sys_lookup(ROOT, &e, "..", SYS_AT_COMPONENT, &node, NULL));
    KT_ASSERT_EQ(node.fileid, d.fileid);
    KT_ASSERT_OK(sys_lookup(ROOT, &e, ".", SYS_AT_COMPONENT, &node, NULL));
    KT_ASSERT_EQ(node.fileid, e.fileid);
    KT_ASSERT_ERRNO(fx_error(R, "d/e/f/", 0), ENOTDIR);
    KT_ASSERT_ERRNO(fx_error(R, "d/e/f/.", 0), ENOTDIR);
    KT_ASSERT_ERRNO(fx_error(R, "d/e/f/..", 0), ENOTDIR);
    KT_ASSERT_ERRNO(fx_error(R, "d/x/..", 0), ENOENT);
}

static void lookup__absolute_path__ignores_at(void)
{
    struct sys_node d = fx_mkdir(R, "d", 0755);
    KT_ASSERT_EQ(fx_get(&d, "/").mount_id, fx_get(NULL, "/").mount_id);
    KT_ASSERT_NE(fx_get(&d, "/").mount_id, place.id);
}

static void lookup__one_name__takes_no_separator(void)
{
    fx_mkdir(R, "d", 0755);
    KT_ASSERT_OK(fx_error(R, "d", SYS_AT_COMPONENT));
    KT_ASSERT_ERRNO(fx_error(R, "d/", SYS_AT_COMPONENT), EINVAL);
    KT_ASSERT_ERRNO(fx_error(R, "/d", SYS_AT_COMPONENT), EINVAL);
    KT_ASSERT_ERRNO(fx_error(R, "d/e", SYS_AT_COMPONENT), EINVAL);
}

static void lookup__name_of_255__passes_and_256_is_too_long(void)
{
    char name[260];
    memset(name, 'n', sizeof(name));
    name[255] = '\0';
    fx_file(R, name, 0644, NULL);
    KT_ASSERT_OK(fx_error(R, name, 0));
    KT_ASSERT_OK(fx_error(R, name, SYS_AT_COMPONENT));
    name[255] = 'n';
    name[256] = '\0';
    KT_ASSERT_ERRNO(fx_error(R, name, 0), ENAMETOOLONG);
    KT_ASSERT_ERRNO(fx_error(R, name, SYS_AT_COMPONENT), ENAMETOOLONG);
    KT_ASSERT_ERRNO(sys_mkdir(ROOT, R, name, 0, 0755, NULL, NULL), ENAMETOOLONG);
    /* In the middle too, and before anybody is asked whether it exists. */
    name[256] = '/';
    name[257] = 'x';
    name[258] = '\0';
    KT_ASSERT_ERRNO(fx_error(R, name, 0), ENAMETOOLONG);
}

static void lookup__path_of_1023__passes_and_1024_is_too_long(void)
{
    char path[1100];
    fx_file(R, "x", 0644, NULL);
    path_of(path, 1023, "./", "x");
    KT_ASSERT_EQ(strlen(path), 1023);
    KT_ASSERT_OK(fx_error(R, path, 0));
    path_of(path, 1024, "./", "x");
    KT_ASSERT_ERRNO(fx_error(R, path, 0), ENAMETOOLONG);
}

/* ---- symbolic links ------------------------------------------------------------------------------------ */

static void link__last_component__followed_unless_told_not_to(void)
{
    struct sys_node d = fx_mkdir(R, "d", 0755), f = fx_file(R, "f", 0644, NULL), l = fx_symlink(R, "l", "f");
    fx_symlink(R, "ld", "d");
    fx_symlink(R, "dangling", "nowhere");
    KT_ASSERT_EQ(fx_get(R, "l").fileid, f.fileid);
    struct sys_node node;
    KT_ASSERT_OK(sys_lookup(ROOT, R, "l", SYS_AT_NOFOLLOW, &node, NULL));
    KT_ASSERT_EQ(node.fileid, l.fileid);
    KT_ASSERT_OK(sys_lookup(ROOT, R, "l", SYS_AT_COMPONENT, &node, NULL));
    KT_ASSERT_EQ(node.fileid, l.fileid);
    KT_ASSERT_EQ(fx_get(R, "ld").fileid, d.fileid);
    /* A slash asks for what the link leads to. */
    KT_ASSERT_OK(sys_lookup(ROOT, R, "ld/", SYS_AT_NOFOLLOW, &node, NULL));
    KT_ASSERT_EQ(node.fileid, d.fileid);
    KT_ASSERT_ERRNO(fx_error(R, "l/", SYS_AT_NOFOLLOW), ENOTDIR);
    KT_ASSERT_ERRNO(fx_error(R, "dangling", 0), ENOENT);
    KT_ASSERT_OK(fx_error(R, "dangling", SYS_AT_NOFOLLOW));
}

static void link__on_the_way__is_always_followed(void)
{
    struct sys_node d = fx_mkdir(R, "d", 0755), f = fx_file(&d, "f", 0644, NULL), node;
    fx_symlink(R, "l", "d");
    fx_symlink(&d, "up", "../d/./f");
    KT_ASSERT_OK(sys_lookup(ROOT, R, "l/f", SYS_AT_NOFOLLOW, &node, NULL));
    KT_ASSERT_EQ(node.fileid, f.fileid);
    KT_ASSERT_EQ(fx_get(R, "l/up").fileid, f.fileid);
    KT_ASSERT_EQ(fx_get(R, "l/../d/up").fileid, f.fileid);
    KT_ASSERT_ERRNO(fx_error(R, "l/up/x", 0), ENOTDIR);
}

static void link__absolute_target__starts_at_the_kernels_root(void)
{
    fx_symlink(R, "root", "/");
    fx_symlink(R, "slashes", "//");
    fx_symlink(R, "dev", "/dev/");
    KT_ASSERT_EQ(fx_get(R, "root").mount_id, fx_get(NULL, "/").mount_id);
    KT_ASSERT_EQ(fx_get(R, "slashes").fileid, fx_get(NULL, "/").fileid);
    KT_ASSERT_EQ(fx_get(R, "root/dev").fileid, fx_get(NULL, "/dev").fileid);
    KT_ASSERT_EQ(fx_get(R, "dev").fileid, fx_get(NULL, "/dev").fileid);
    KT_ASSERT_EQ(fx_get(R, "dev/../mnt").fileid, fx_get(NULL, "/mnt").fileid);
}

static void link__thirty_two__are_followed_and_one_more_is_a_loop(void)
{
    char name[8], target[8];
    fx_file(R, "l0", 0644, NULL);
    for (unsigned i = 1; i <= 33; i++) {
        name[0] = target[0] = 'l';
        name[1] = (char)('0' + i / 10), name[2] = (char)('0' + i % 10), name[3] = '\0';
        unsigned t = i - 1;
        target[1] = (char)('0' + t / 10), target[2] = (char)('0' + t % 10), target[3] = '\0';
        fx_symlink(R, name, t ? target : "l0");
    }
    KT_ASSERT_OK(fx_error(R, "l32", 0));
    KT_ASSERT_ERRNO(fx_error(R, "l33", 0), ELOOP);
    fx_symlink(R, "self", "self");
    KT_ASSERT_ERRNO(fx_error(R, "self", 0), ELOOP);
    KT_ASSERT_ERRNO(fx_error(R, "self/x", 0), ELOOP);
    KT_ASSERT_OK(fx_error(R, "self", SYS_AT_NOFOLLOW));
}

static void link__whose_text_makes_the_path_too_long__is_refused(void)
{
    char target[1024], path[1024];
    fx_file(R, "x", 0644, NULL);
    path_of(target, 600, "./", ".");
    fx_symlink(R, "long", target);
    KT_ASSERT_OK(fx_error(R, "long/x", 0));
    path_of(path, 500, "./", "x");
    memcpy(path, "long/", 5);
    KT_ASSERT_ERRNO(fx_error(R, path, 0), ENAMETOOLONG);
}

static void link__trailing_slash_in_its_text__asks_for_a_directory(void)
{
    struct sys_node d = fx_mkdir(R, "d", 0755);
    fx_file(R, "f", 0644, NULL);
    fx_symlink(R, "tod", "d/");
    fx_symlink(R, "tof", "f/");
    KT_ASSERT_EQ(fx_get(R, "tod").fileid, d.fileid);
    KT_ASSERT_ERRNO(fx_error(R, "tof", 0), ENOTDIR);
}

/* ---- mount points -------------------------------------------------------------------------------------- */

static void mountpoint__is_crossed_both_ways(void)
{
    struct sys_node d = fx_mkdir(R, "d", 0755), node;
    const struct sys_mount args = {.type = "fxfs", .special = "inner", .on = "/under"};
    uint32_t id;
    KT_ASSERT_OK(sys_mkdir(ROOT, NULL, "/under", 0, 0755, NULL, NULL));
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id, &node));
    KT_ASSERT_EQ(fx_get(NULL, "/under").mount_id, id);
    KT_ASSERT_EQ(fx_get(NULL, "/under").fileid, node.fileid);
    KT_ASSERT_EQ(fx_get(NULL, "/under/..").fileid, fx_get(NULL, "/").fileid);
    KT_ASSERT_EQ(fx_get(NULL, "/under/../under/.").mount_id, id);
    KT_ASSERT_OK(sys_lookup(ROOT, NULL, "/under", SYS_AT_NOCROSS, &node, NULL));
    KT_ASSERT_NE(node.mount_id, id);
    KT_ASSERT_OK(sys_lookup(ROOT, NULL, "under", SYS_AT_COMPONENT, &node, NULL));
    KT_ASSERT_EQ(node.mount_id, id);
    /* From within: ".." of the root leaves the mount, by component too. */
    KT_ASSERT_OK(sys_lookup(ROOT, &node, "..", SYS_AT_COMPONENT, &node, NULL));
    KT_ASSERT_EQ(node.fileid, fx_get(NULL, "/").fileid);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
    KT_ASSERT_NE(fx_get(NULL, "/under").mount_id, id);
    KT_ASSERT_OK(sys_rmdir(ROOT, NULL, "/under", 0, NULL));
    (void)d;
}

static void mountpoint__root_of_all__is_its_own_parent(void)
{
    KT_ASSERT_EQ(fx_get(NULL, "/..").fileid, 2);
    KT_ASSERT_EQ(fx_get(NULL, "/../../dev/..").fileid, 2);
}

/* ---- what the file system sees ------------------------------------------------------------------------- */

static void componentname__has_the_flags_of_its_operation(void)
{
    fx_mkdir(R, "d", 0755);
    fx_error(R, "d/nothing", 0);
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_op), LOOKUP);
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_flags) & (ISLASTCN | MAKEENTRY | ISDOTDOT | WANTPARENT),
                 ISLASTCN | MAKEENTRY);
    fx_error(R, "nothing/x", 0);
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_flags) & (ISLASTCN | MAKEENTRY), MAKEENTRY);
    fx_error(R, "d/..", 0);
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_flags) & (ISLASTCN | ISDOTDOT), ISLASTCN | ISDOTDOT);
    fx_file(R, "f", 0644, NULL);
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_op), CREATE);
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_flags) & (ISLASTCN | MAKEENTRY | WANTPARENT),
                 ISLASTCN | MAKEENTRY | WANTPARENT);
    KT_ASSERT_OK(sys_rename(ROOT, R, "f", R, "g", 0, 0, NULL));
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_op), RENAME);
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_flags) & (ISLASTCN | MAKEENTRY), ISLASTCN);
    KT_ASSERT_OK(sys_unlink(ROOT, R, "g", 0, NULL));
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_op), DELETE);
    KT_ASSERT_EQ(atomic_load(&fx_last_cn_flags) & (ISLASTCN | MAKEENTRY), ISLASTCN);
}

static uint32_t lookups(void)
{
    return atomic_load(&fx_calls[FX_LOOKUP]);
}

static void cache__second_look__does_not_reach_the_file_system(void)
{
    fx_file(R, "f", 0644, NULL);
    KT_ASSERT_OK(fx_error(R, "f", SYS_AT_COMPONENT));
    uint32_t seen = lookups();
    for (int i = 0; i < 5; i++) {
        KT_ASSERT_OK(fx_error(R, "f", SYS_AT_COMPONENT));
        KT_ASSERT_OK(fx_error(R, "f", 0));
    }
    KT_ASSERT_EQ(lookups(), seen);
    /* Absence is remembered as well, until the name appears. */
    KT_ASSERT_ERRNO(fx_error(R, "g", SYS_AT_COMPONENT), ENOENT);
    seen = lookups();
    KT_ASSERT_ERRNO(fx_error(R, "g", 0), ENOENT);
    KT_ASSERT_EQ(lookups(), seen);
    fx_file(R, "g", 0644, NULL);
    KT_ASSERT_OK(fx_error(R, "g", SYS_AT_COMPONENT));
}

static void lookup__error_of_the_file_system__comes_through(void)
{
    struct sys_node node = {.vnode = 1, .fileid = 77};
    fx_fail(FX_LOOKUP, EIO, 1);
    KT_ASSERT_ERRNO(sys_lookup(ROOT, R, "f", 0, &node, NULL), EIO);
    KT_ASSERT_EQ(node.fileid, 77); /* untouched */
    fx_file(R, "f", 0644, NULL);
    fx_fail(FX_GETATTR, EIO, 1);
    KT_ASSERT_ERRNO(sys_lookup(ROOT, R, "f", 0, &node, NULL), EIO);
    KT_ASSERT_EQ(node.fileid, 77);
}

/* ---- permission on the way ----------------------------------------------------------------------------- */

static void search__asked_of_each_directory(void)
{
    sys_caller_t *user = fx_user(501, 20, 0), *trusted = fx_user(501, 20, SYS_CALLER_PREAUTHORISED);
    struct sys_node d = fx_mkdir(R, "d", 0700), node;
    fx_mkdir(&d, "e", 0755);
    KT_ASSERT_ERRNO(sys_lookup(user, R, "d/e", 0, &node, NULL), EACCES);
    KT_ASSERT_ERRNO(sys_lookup(user, &d, "e", SYS_AT_COMPONENT, &node, NULL), EACCES);
    KT_ASSERT_ERRNO(sys_lookup(user, &d, "..", 0, &node, NULL), EACCES);
    KT_ASSERT_OK(sys_lookup(user, R, "d", 0, &node, NULL));
    KT_ASSERT_OK(sys_lookup(trusted, R, "d/e", 0, &node, NULL));
    fx_chmod(R, "d", 0711);
    KT_ASSERT_OK(sys_lookup(user, R, "d/e", 0, &node, NULL));
    fx_chmod(R, "d", 0766);
    KT_ASSERT_ERRNO(sys_lookup(user, R, "d/e", 0, &node, NULL), EACCES);
    KT_ASSERT_OK(sys_lookup(ROOT, R, "d/e", 0, &node, NULL));
}

static const struct ktest_case cases[] = {
    KT_CASE(lookup__at_nothing__is_the_kernels_root),
    KT_CASE(lookup__empty_path__is_the_node_itself),
    KT_CASE(lookup__dots_and_slashes__lead_where_they_should),
    KT_CASE(lookup__absolute_path__ignores_at),
    KT_CASE(lookup__one_name__takes_no_separator),
    KT_CASE(lookup__name_of_255__passes_and_256_is_too_long),
    KT_CASE(lookup__path_of_1023__passes_and_1024_is_too_long),
    KT_CASE(link__last_component__followed_unless_told_not_to),
    KT_CASE(link__on_the_way__is_always_followed),
    KT_CASE(link__absolute_target__starts_at_the_kernels_root),
    KT_CASE(link__thirty_two__are_followed_and_one_more_is_a_loop),
    KT_CASE(link__whose_text_makes_the_path_too_long__is_refused),
    KT_CASE(link__trailing_slash_in_its_text__asks_for_a_directory),
    KT_CASE(mountpoint__is_crossed_both_ways),
    KT_CASE(mountpoint__root_of_all__is_its_own_parent),
    KT_CASE(componentname__has_the_flags_of_its_operation),
    KT_CASE(cache__second_look__does_not_reach_the_file_system),
    KT_CASE(lookup__error_of_the_file_system__comes_through),
    KT_CASE(search__asked_of_each_directory),
};
SYS_SUITE(sys_lookup, cases);
