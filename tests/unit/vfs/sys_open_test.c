// SPDX-License-Identifier: BSD-2-Clause
/*
 * Opening: a table of flags against kinds of files, creation, truncation, races with other creators, what
 * VNOP_OPEN and VNOP_CLOSE are told, and vnode_open() as kexts use it.
 */
#include <sys/fcntl.h>

#include "tests/unit/vfs/sys_place.h"

static int open_error(sys_caller_t *who, const char *path, uint32_t at_flags, uint32_t oflags)
{
    sys_file_t *file;
    int error = sys_open(who, R, path, at_flags, oflags, 0640, &file, NULL, NULL);
    if (!error)
        KT_ASSERT_OK(sys_close(who, file));
    return error;
}

/* ---- the table ----------------------------------------------------------------------------------------- */

struct row {
    const char *path;
    uint32_t at_flags, oflags;
    int error;
};

#define C    SYS_O_CREAT
#define X    SYS_O_EXCL
#define T    SYS_O_TRUNC
#define D    SYS_O_DIRECTORY
#define N    SYS_O_NOFOLLOW
#define W    SYS_O_WRONLY
#define COMP SYS_AT_COMPONENT

static const struct row table[] = {
    /* files */
    {"f", 0, 0, 0},
    {"f", 0, W, 0},
    {"f", 0, SYS_O_RDWR, 0},
    {"f", 0, C, 0},
    {"f", 0, C | X, EEXIST},
    {"f", 0, D, ENOTDIR},
    {"f", 0, W | D, ENOTDIR},
    {"f/", 0, 0, ENOTDIR},
    {"f", 0, T, 0},
    {"f", COMP, W, 0},
    {"f", 0, SYS_O_ACCMODE, EINVAL},
    {"f", 0, 0x40, EINVAL},
    /* directories */
    {"d", 0, 0, 0},
    {"d", 0, D, 0},
    {"d/", 0, D, 0},
    {"d", 0, W, EISDIR},
    {"d", 0, SYS_O_RDWR, EISDIR},
    {"d", 0, C, EISDIR},
    {"d", 0, C | X, EEXIST},
    {"d", 0, T, EISDIR},
    {"", 0, D, 0},
    {"", 0, W, EISDIR},
    {"d/.", 0, 0, 0},
    {"d/..", 0, 0, 0},
    {".", 0, C, EISDIR},
    /* links */
    {"lf", 0, 0, 0},
    {"lf", 0, W, 0},
    {"lf", 0, N, ELOOP},
    {"lf", COMP, 0, ELOOP},
    {"lf", SYS_AT_NOFOLLOW, 0, ELOOP},
    {"lf", 0, C, 0},
    {"lf", 0, C | X, EEXIST},
    {"lf", 0, N | D, ENOTDIR},
    {"ld", 0, D, 0},
    {"ld", 0, N, ELOOP},
    {"ld", COMP, D, ENOTDIR},
    {"loop", 0, 0, ELOOP},
    {"loop", 0, C, ELOOP},
    {"loop", 0, C | X, EEXIST},
    {"dangling", 0, 0, ENOENT},
    {"dangling", 0, N, ELOOP},
    {"dangling", 0, C | X, EEXIST},
    /* nothing there */
    {"x", 0, 0, ENOENT},
    {"x", COMP, W, ENOENT},
    {"x/", 0, C, EISDIR},
    {"x/y", 0, C, ENOENT},
    {"f/y", 0, C, ENOTDIR},
    {"x", 0, C | D, EINVAL},
    /* what has nothing behind it */
    {"fifo", 0, 0, ENXIO},
    {"chr", 0, SYS_O_RDWR, ENXIO},
    {"sock", 0, 0, ENXIO},
    {"fifo", 0, D, ENOTDIR},
};

static void make_one_of_each(void)
{
    fx_file(R, "f", 0644, "contents");
    fx_mkdir(R, "d", 0755);
    fx_symlink(R, "lf", "f");
    fx_symlink(R, "ld", "d");
    fx_symlink(R, "loop", "loop");
    fx_symlink(R, "dangling", "made");
    KT_ASSERT_OK(sys_mknod(ROOT, R, "fifo", 0, SYS_VFIFO, 0644, 0, NULL, NULL));
    KT_ASSERT_OK(sys_mknod(ROOT, R, "sock", 0, SYS_VSOCK, 0644, 0, NULL, NULL));
    KT_ASSERT_OK(sys_mknod(ROOT, R, "chr", 0, SYS_VCHR, 0644, 1, NULL, NULL));
}

static void open__each_kind_with_each_flag__as_the_table_says(void)
{
    make_one_of_each();
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int error = open_error(ROOT, table[i].path, table[i].at_flags, table[i].oflags);
        if (error != table[i].error)
            ktest_note(table[i].path);
        KT_ASSERT_EQ(error | (int)i << 8, table[i].error | (int)i << 8);
    }
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_OPEN]), atomic_load(&fx_calls[FX_CLOSE]));
    KT_ASSERT(!fx_exists(R, "x"));
}

/* ---- creating ------------------------------------------------------------------------------------------ */

static void create__gives_mode_owner_and_group(void)
{
    sys_caller_t *user = fx_user(501, 20, 0);
    struct sys_attr attr;
    struct sys_node node;
    sys_file_t *file;
    fx_chmod(R, "", 0777);
    KT_ASSERT_OK(
        sys_open(user, R, "mine", SYS_AT_COMPONENT, SYS_O_WRONLY | C | X, 0400, &file, &node, &attr));
    KT_ASSERT_EQ(attr.mode, 0400);
    KT_ASSERT_EQ(attr.uid, 501);
    KT_ASSERT_EQ(attr.gid, 20);
    KT_ASSERT_EQ(attr.nlink, 1);
    KT_ASSERT_EQ(attr.size, 0);
    KT_ASSERT_EQ(attr.fileid, node.fileid);
    KT_ASSERT_OK(fx_write(file, "writable all the same", 8, 0)); /* its creator's permission is not asked */
    KT_ASSERT_OK(sys_close(user, file));
    KT_ASSERT_ERRNO(open_error(user, "mine", 0, W), EACCES);
    KT_ASSERT_OK(open_error(user, "mine", 0, 0));
}

static void create__through_a_dangling_link__makes_the_target(void)
{
    make_one_of_each();
    KT_ASSERT_OK(open_error(ROOT, "dangling", 0, C | W));
    KT_ASSERT(fx_exists(R, "made"));
    KT_ASSERT_EQ(fx_stat(R, "dangling").type, SYS_VLNK);
}

static void create__needs_a_writable_directory(void)
{
    sys_caller_t *user = fx_user(501, 20, 0);
    KT_ASSERT_ERRNO(open_error(user, "new", 0, C | W), EACCES);
    fx_mkdir(R, "ro", 0777);
    fx_chflags(R, "ro", UF_IMMUTABLE);
    KT_ASSERT_ERRNO(open_error(ROOT, "ro/new", 0, C | W), EPERM);
    fx_chflags(R, "ro", UF_APPEND); /* names may come, not go */
    KT_ASSERT_OK(open_error(ROOT, "ro/new", 0, C | W));
    KT_ASSERT_ERRNO(sys_unlink(ROOT, R, "ro/new", 0, NULL), EPERM);
    fx_chflags(R, "ro", 0);
}

static void make_it_first(void *arg)
{
    (void)arg;
    KT_ASSERT_OK(sys_mknod(ROOT, R, "race", 0, SYS_VREG, 0600, 0, NULL, NULL));
}

static void create__somebody_is_faster__opens_theirs(void)
{
    fx_hook(FX_CREATE, make_it_first, NULL);
    uint32_t opens = atomic_load(&fx_calls[FX_OPEN]);
    /* mknod comes to VNOP_CREATE as well; the hook is taken by the open, whose create then finds the file. */
    KT_ASSERT_OK(open_error(ROOT, "race", 0, C | W));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_OPEN]), opens + 1);
    KT_ASSERT_EQ(fx_stat(R, "race").mode, 0600);
    KT_ASSERT_OK(sys_unlink(ROOT, R, "race", 0, NULL));
    fx_hook(FX_CREATE, make_it_first, NULL);
    KT_ASSERT_ERRNO(open_error(ROOT, "race", 0, C | X | W), EEXIST);
}

static void *taker;

static void take_unused(void *arg)
{
    struct kern_call call;
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    KT_ASSERT_OK(vflush(vnode_mount(arg), NULL, FORCECLOSE | SKIPROOT));
    kern_leave(&call);
}

/* The file is removed, and its vnode is being reclaimed: only the iocount of whoever opens it is waited for.
 */
static void take_it_away(void *arg)
{
    KT_ASSERT_OK(sys_unlink(ROOT, R, "taken", 0, NULL));
    taker = ktest_thread(take_unused, arg);
    while (vnode_ref(arg) == 0) {
        vnode_rele(arg);
        ktest_msleep(1);
    }
}

static void open__taken_away_meanwhile__looks_again(void)
{
    fx_file(R, "taken", 0644, NULL);
    fx_hook(FX_OPEN, take_it_away, fx_vnode_of(R, "taken"));
    KT_ASSERT_ERRNO(open_error(ROOT, "taken", 0, 0), ENOENT);
    ktest_thread_join(taker);
    fx_file(R, "taken", 0644, "old");
    fx_hook(FX_OPEN, take_it_away, fx_vnode_of(R, "taken"));
    KT_ASSERT_OK(open_error(ROOT, "taken", 0, C | W));
    ktest_thread_join(taker);
    KT_ASSERT_EQ(fx_stat(R, "taken").size, 0);
}

/* ---- truncating ---------------------------------------------------------------------------------------- */

static void truncate__at_open__needs_permission_and_takes_set_ids(void)
{
    sys_caller_t *user = fx_user(501, 20, 0);
    fx_file(R, "f", 0644, "contents");
    KT_ASSERT_ERRNO(open_error(user, "f", 0, T), EACCES);
    KT_ASSERT_EQ(fx_stat(R, "f").size, 8);
    fx_chmod(R, "f", 06777);
    KT_ASSERT_OK(open_error(user, "f", 0, T | W));
    KT_ASSERT_EQ(fx_stat(R, "f").size, 0);
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 0777);
    fx_chmod(R, "f", 06777);
    KT_ASSERT_OK(open_error(ROOT, "f", 0, T | W));
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 06777); /* the superuser's writing takes none */
}

static void truncate__fails__leaves_nothing_open(void)
{
    fx_file(R, "f", 0644, "contents");
    uint32_t opens = atomic_load(&fx_calls[FX_OPEN]), closes = atomic_load(&fx_calls[FX_CLOSE]);
    fx_fail(FX_SETATTR, ENOSPC, 1);
    KT_ASSERT_ERRNO(open_error(ROOT, "f", 0, T | W), ENOSPC);
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_OPEN]) - opens, 1);
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_CLOSE]) - closes, 1);
}

/* ---- VNOP_OPEN and VNOP_CLOSE -------------------------------------------------------------------------- */

static void open__tells_the_file_system_the_mode(void)
{
    fx_file(R, "f", 0644, NULL);
    KT_ASSERT_OK(open_error(ROOT, "f", 0, 0));
    KT_ASSERT_EQ(atomic_load(&fx_last_open_mode), FREAD);
    KT_ASSERT_OK(open_error(ROOT, "f", 0, W | SYS_O_APPEND));
    KT_ASSERT_EQ(atomic_load(&fx_last_open_mode), FWRITE | O_APPEND);
    KT_ASSERT_OK(open_error(ROOT, "f", 0, SYS_O_RDWR | SYS_O_NONBLOCK | C));
    KT_ASSERT_EQ(atomic_load(&fx_last_open_mode), FREAD | FWRITE | O_NONBLOCK);
}

static void open__widened__reads_what_was_opened_for_writing(void)
{
    sys_caller_t *user = fx_user(501, 20, 0);
    char buf[8];
    sys_file_t *file;
    fx_file(R, "f", 0622, "contents"); /* others may write, not read */
    KT_ASSERT_ERRNO(open_error(user, "f", 0, SYS_O_RDWR), EACCES);
    KT_ASSERT_OK(sys_open(user, R, "f", 0, W | SYS_O_WIDEN, 0, &file, NULL, NULL));
    KT_ASSERT_EQ(atomic_load(&fx_last_open_mode), FREAD | FWRITE);
    KT_ASSERT_EQ(fx_read(file, buf, 8, 0), 8);
    KT_ASSERT_OK(sys_close(user, file));
    KT_ASSERT_OK(sys_open(user, R, "f", 0, W, 0, &file, NULL, NULL));
    KT_ASSERT_EQ(fx_read(file, buf, 8, 0), -EBADF);
    KT_ASSERT_OK(sys_close(user, file));
}

static void open__refused_by_the_file_system__keeps_nothing(void)
{
    sys_file_t *file = (sys_file_t *)1;
    fx_file(R, "f", 0644, NULL);
    fx_fail(FX_OPEN, EPERM, 1);
    KT_ASSERT_ERRNO(sys_open(ROOT, R, "f", 0, 0, 0, &file, NULL, NULL), EPERM);
    KT_ASSERT_PTR_EQ(file, (void *)1);
    fx_fail(FX_GETATTR, EIO, 2); /* one for the permission, one for the answer */
    struct sys_attr attr;
    KT_ASSERT_ERRNO(sys_open(ROOT, R, "f", 0, 0, 0, &file, NULL, &attr), EIO);
    struct sys_counters counts;
    sys_counters_get(&counts);
    KT_ASSERT_EQ(counts.open_files, 0);
}

static void close__gives_the_file_systems_error_and_is_done(void)
{
    fx_file(R, "f", 0644, NULL);
    sys_file_t *file = fx_open(R, "f", W);
    struct sys_node node;
    struct sys_counters counts;
    KT_ASSERT_OK(sys_file_node(file, &node));
    KT_ASSERT_EQ(node.fileid, fx_get(R, "f").fileid);
    sys_counters_get(&counts);
    KT_ASSERT_EQ(counts.open_files, 1);
    fx_fail(FX_CLOSE, EIO, 1);
    KT_ASSERT_ERRNO(sys_close(ROOT, file), EIO);
    sys_counters_get(&counts);
    KT_ASSERT_EQ(counts.open_files, 0);
}

/* ---- for kexts ----------------------------------------------------------------------------------------- */

static void vnode_open__as_kexts_use_it(void)
{
    struct kern_call call;
    vnode_t vp;
    char path[] = "/mnt/x";
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    vfs_context_t ctx = vfs_context_current();
    KT_ASSERT_ERRNO(vnode_open(path, FREAD, 0, 0, &vp, ctx), ENOENT);
    KT_ASSERT_NULL(vp);
    KT_ASSERT_OK(vnode_open("/mnt", FREAD, 0, 0, &vp, ctx));
    KT_ASSERT(vnode_isinuse(vp, 0));
    KT_ASSERT_OK(vnode_close(vp, FREAD, ctx));
    KT_ASSERT_ERRNO(vnode_open("/mnt", FREAD | FWRITE, 0, 0, &vp, ctx), EISDIR);
    KT_ASSERT_ERRNO(vnode_open("/mnt", 0, 0, 0, &vp, ctx), EINVAL);
    KT_ASSERT_OK(vnode_lookup("/mnt/..", 0, &vp, ctx));
    KT_ASSERT(vnode_isvroot(vp));
    KT_ASSERT_OK(vnode_put(vp));
    KT_ASSERT_ERRNO(vnode_lookup("/none", 0, &vp, ctx), ENOENT);
    KT_ASSERT_NULL(vp);
    kern_leave(&call);
}

static void vnode_lookup__flags__are_kept(void)
{
    struct kern_call call;
    vnode_t vp;
    const struct sys_mount args = {.type = "fxfs", .special = "x", .on = "/m"};
    struct sys_node root;
    uint32_t id;
    KT_ASSERT_OK(sys_mkdir(ROOT, NULL, "/m", 0, 0755, NULL, NULL));
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id, &root));
    fx_symlink(&root, "l", "f");
    fx_file(&root, "f", 0644, NULL);
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    vfs_context_t ctx = vfs_context_current();
    KT_ASSERT_OK(vnode_lookup("/m/l", VNODE_LOOKUP_NOFOLLOW, &vp, ctx));
    KT_ASSERT(vnode_islnk(vp));
    vnode_put(vp);
    KT_ASSERT_OK(vnode_lookup("/m/l", 0, &vp, ctx));
    KT_ASSERT(vnode_isreg(vp));
    vnode_put(vp);
    KT_ASSERT_ERRNO(vnode_lookup("/m/l", VNODE_LOOKUP_NOFOLLOW_ANY, &vp, ctx), ELOOP);
    KT_ASSERT_OK(vnode_lookup("/m", VNODE_LOOKUP_NOCROSSMOUNT, &vp, ctx));
    KT_ASSERT_NOT_NULL(vnode_mountedhere(vp));
    vnode_put(vp);
    KT_ASSERT_OK(vnode_open("/m/new", FWRITE | O_CREAT, 0600, 0, &vp, ctx));
    KT_ASSERT_OK(vnode_close(vp, FWRITE, ctx));
    kern_leave(&call);
    KT_ASSERT_EQ(fx_stat(&root, "new").mode, 0600);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
}

/* A mount whose place nobody named has a path all the same, for listeners, and one that leads back. */
static void vn_getpath__of_a_mount_of_the_hosts__leads_back(void)
{
    struct kern_call call;
    vnode_t vp;
    const struct sys_mount args = {.type = "fxfs", .special = "x"};
    struct sys_node root;
    char where[64], path[64];
    int len = sizeof(path);
    uint32_t id;
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id, &root));
    KT_ASSERT_OK(sys_mount_path(id, where, sizeof(where)));
    fx_file(&root, "f", 0644, NULL);
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    vfs_context_t ctx = vfs_context_current();
    KT_ASSERT_OK(vnode_lookup(where, 0, &vp, ctx));
    KT_ASSERT(vnode_isvroot(vp));
    KT_ASSERT_OK(vn_getpath(vp, path, &len));
    KT_ASSERT_STR(path, where);
    vnode_put(vp);
    strlcat(where, "/f", sizeof(where));
    KT_ASSERT_OK(vnode_lookup(where, 0, &vp, ctx));
    len = sizeof(path);
    KT_ASSERT_OK(vn_getpath(vp, path, &len));
    KT_ASSERT_STR(path, where);
    vnode_put(vp);
    kern_leave(&call);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
}

static const struct ktest_case cases[] = {
    KT_CASE(open__each_kind_with_each_flag__as_the_table_says),
    KT_CASE(create__gives_mode_owner_and_group),
    KT_CASE(create__through_a_dangling_link__makes_the_target),
    KT_CASE(create__needs_a_writable_directory),
    KT_CASE(create__somebody_is_faster__opens_theirs),
    KT_CASE(open__taken_away_meanwhile__looks_again),
    KT_CASE(truncate__at_open__needs_permission_and_takes_set_ids),
    KT_CASE(truncate__fails__leaves_nothing_open),
    KT_CASE(open__tells_the_file_system_the_mode),
    KT_CASE(open__widened__reads_what_was_opened_for_writing),
    KT_CASE(open__refused_by_the_file_system__keeps_nothing),
    KT_CASE(close__gives_the_file_systems_error_and_is_done),
    KT_CASE(vnode_open__as_kexts_use_it),
    KT_CASE(vnode_lookup__flags__are_kept),
    KT_CASE(vn_getpath__of_a_mount_of_the_hosts__leads_back),
};
SYS_SUITE(sys_open, cases);
