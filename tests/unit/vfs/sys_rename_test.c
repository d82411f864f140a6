// SPDX-License-Identifier: BSD-2-Clause
/*
 * Renaming: every pair of kinds, plain, exclusive and exchanging; names that cannot be; permission; holds;
 * races.
 */
#include "tests/unit/vfs/sys_place.h"

static int rename_error(const char *from, const char *to, uint32_t flags)
{
    return sys_rename(ROOT, R, from, R, to, 0, flags, NULL);
}

/* ---- the matrix ---------------------------------------------------------------------------------------- */

enum kind { NOTHING, FILE_, EMPTY_DIR, FULL_DIR, LINK, KINDS };

static void make(const char *name, enum kind kind)
{
    char inside[8];
    switch (kind) {
    case FILE_:
        fx_file(R, name, 0644, NULL);
        break;
    case LINK:
        fx_symlink(R, name, "x");
        break;
    case EMPTY_DIR:
    case FULL_DIR:
        fx_mkdir(R, name, 0755);
        inside[0] = name[0], inside[1] = '/', inside[2] = 'i', inside[3] = '\0';
        if (kind == FULL_DIR)
            fx_file(R, inside, 0644, NULL);
        break;
    default:
        break;
    }
}

static void clean(const char *name)
{
    char inside[8] = {name[0], '/', 'i', 0};
    if (fx_exists(R, inside))
        KT_ASSERT_OK(sys_unlink(ROOT, R, inside, 0, NULL));
    if (sys_unlink(ROOT, R, name, 0, NULL) == EISDIR)
        KT_ASSERT_OK(sys_rmdir(ROOT, R, name, 0, NULL));
}

static int expected(enum kind from, enum kind to, uint32_t flags)
{
    bool fdir = from == EMPTY_DIR || from == FULL_DIR, tdir = to == EMPTY_DIR || to == FULL_DIR;
    if (from == NOTHING)
        return ENOENT;
    if (flags == SYS_RENAME_EXCL)
        return to == NOTHING ? 0 : EEXIST;
    if (flags == SYS_RENAME_SWAP)
        return to == NOTHING ? ENOENT : 0;
    if (to == NOTHING)
        return 0;
    if (fdir && !tdir)
        return ENOTDIR;
    if (!fdir && tdir)
        return EISDIR;
    return to == FULL_DIR ? ENOTEMPTY : 0;
}

static void one_pair(enum kind from, enum kind to, uint32_t flags)
{
    make("a", from);
    make("b", to);
    uint64_t a = from ? fx_stat(R, "a").fileid : 0, b = to ? fx_stat(R, "b").fileid : 0;
    int code = (int)from << 8 | (int)to << 12 | (int)flags << 16;
    int error = rename_error("a", "b", flags);
    KT_ASSERT_EQ(error | code, expected(from, to, flags) | code);
    if (error) {
        KT_ASSERT_EQ(fx_exists(R, "a") ? fx_stat(R, "a").fileid : 0, a);
        KT_ASSERT_EQ(fx_exists(R, "b") ? fx_stat(R, "b").fileid : 0, b);
    } else {
        KT_ASSERT_EQ(fx_stat(R, "b").fileid, a);
        KT_ASSERT_EQ(fx_exists(R, "a") ? fx_stat(R, "a").fileid : 0, flags == SYS_RENAME_SWAP ? b : 0);
    }
    clean("a");
    clean("b");
}

static void rename__each_kind_onto_each__as_posix_says(void)
{
    for (enum kind from = NOTHING; from < KINDS; from++) {
        for (enum kind to = NOTHING; to < KINDS; to++) {
            one_pair(from, to, 0);
            one_pair(from, to, SYS_RENAME_EXCL);
            one_pair(from, to, SYS_RENAME_SWAP);
        }
    }
}

/* ---- names that cannot be ------------------------------------------------------------------------------ */

static void rename__of_places__is_refused(void)
{
    fx_mkdir(R, "d", 0755);
    fx_mkdir(R, "d/e", 0755);
    fx_file(R, "f", 0644, NULL);
    static const struct {
        const char *from, *to;
        int error;
    } table[] = {
        {".", "x", EINVAL},      {"d/.", "x", EINVAL}, {"d/..", "x", EINVAL},  {"d", ".", EINVAL},
        {"d", "d/..", EINVAL},   {"/", "x", EBUSY},    {"d", "/", EBUSY},      {"", "x", ENOENT},
        {"f", "", ENOENT},       {"d", "d/x", EINVAL}, {"d", "d/e/x", EINVAL}, {"d", "d/e", EINVAL},
        {"d/e", "d", ENOTEMPTY}, {"f", "x/", ENOTDIR}, {"f/", "x", ENOTDIR},   {"f", "d/", ENOTDIR},
        {"f", "f/x", ENOTDIR},   {"x", "y", ENOENT},   {"f", "x/y", ENOENT},   {"d/", "g/", 0},
        {"g", "d", 0},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        KT_ASSERT_EQ(rename_error(table[i].from, table[i].to, 0) | (int)i << 8, table[i].error | (int)i << 8);
    KT_ASSERT_ERRNO(rename_error("f", "x", 4), EINVAL);
    KT_ASSERT_ERRNO(rename_error("f", "x", SYS_RENAME_EXCL | SYS_RENAME_SWAP), EINVAL);
    KT_ASSERT_ERRNO(rename_error("d", "d/e", SYS_RENAME_SWAP), EINVAL);
    KT_ASSERT_ERRNO(rename_error("d/e", "d", SYS_RENAME_SWAP), EINVAL);
}

static void rename__between_mounts__and_of_mount_points(void)
{
    struct fx_place other = fx_mount("fxfs", 0, 0);
    const struct sys_mount args = {.type = "fxfs", .special = "x", .on = "/on"};
    uint32_t id;
    fx_file(R, "f", 0644, NULL);
    KT_ASSERT_ERRNO(sys_rename(ROOT, R, "f", &other.root, "f", 0, 0, NULL), EXDEV);
    KT_ASSERT_OK(sys_mkdir(ROOT, NULL, "/on", 0, 0755, NULL, NULL));
    KT_ASSERT_OK(sys_mkdir(ROOT, NULL, "/free", 0, 0755, NULL, NULL));
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id, NULL));
    KT_ASSERT_ERRNO(sys_rename(ROOT, NULL, "/on", NULL, "/x", 0, 0, NULL), EBUSY);
    KT_ASSERT_ERRNO(sys_rename(ROOT, NULL, "/free", NULL, "/on", 0, 0, NULL), EBUSY);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
    KT_ASSERT_OK(sys_rmdir(ROOT, NULL, "/on", 0, NULL));
    KT_ASSERT_OK(sys_rmdir(ROOT, NULL, "/free", 0, NULL));
    fx_unmount(&other);
}

/* ---- one file, two names ------------------------------------------------------------------------------- */

static void rename__onto_another_name_of_itself__does_nothing(void)
{
    struct sys_node f = fx_file(R, "f", 0644, NULL);
    KT_ASSERT_OK(sys_link(ROOT, &f, R, "g", 0, NULL));
    uint32_t calls = atomic_load(&fx_calls[FX_RENAME]);
    struct sys_renamed renamed;
    KT_ASSERT_OK(sys_rename(ROOT, R, "f", R, "g", 0, 0, &renamed));
    KT_ASSERT_NULL(renamed.replaced);
    KT_ASSERT_EQ(renamed.moved.fileid, f.fileid);
    KT_ASSERT_OK(rename_error("f", "f", 0));
    KT_ASSERT_OK(rename_error("f", "g", SYS_RENAME_SWAP));
    KT_ASSERT_ERRNO(rename_error("f", "g", SYS_RENAME_EXCL), EEXIST);
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_RENAME]), calls);
    KT_ASSERT(fx_exists(R, "f"));
    KT_ASSERT(fx_exists(R, "g"));
}

static void rename__where_case_is_ignored__reaches_the_file_system(void)
{
    struct fx_place other = fx_mount("fxfs", FX_NO_CASE, 0);
    struct sys_node f = fx_file(&other.root, "f", 0644, NULL);
    KT_ASSERT_OK(sys_link(ROOT, &f, &other.root, "F", 0, NULL));
    uint32_t calls = atomic_load(&fx_calls[FX_RENAME]);
    KT_ASSERT_OK(sys_rename(ROOT, &other.root, "f", &other.root, "F", 0, 0, NULL));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_RENAME]), calls + 1);
    KT_ASSERT_OK(sys_rename(ROOT, &other.root, "F", &other.root, "F", 0, 0, NULL));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_RENAME]), calls + 1);
    fx_unmount(&other);
}

static void rename__without_renamex__flags_are_refused(void)
{
    struct fx_place other = fx_mount("fxfs", FX_NO_RENAMEX, 0);
    fx_file(&other.root, "f", 0644, NULL);
    fx_file(&other.root, "g", 0644, NULL);
    KT_ASSERT_ERRNO(sys_rename(ROOT, &other.root, "f", &other.root, "g", 0, SYS_RENAME_SWAP, NULL), ENOTSUP);
    KT_ASSERT_ERRNO(sys_rename(ROOT, &other.root, "f", &other.root, "h", 0, SYS_RENAME_EXCL, NULL), ENOTSUP);
    KT_ASSERT_OK(sys_rename(ROOT, &other.root, "f", &other.root, "g", 0, 0, NULL));
    fx_unmount(&other);
}

/* ---- names, caches, holds ------------------------------------------------------------------------------ */

static void rename__of_a_directory__moves_what_is_known_of_it(void)
{
    struct sys_node from = fx_mkdir(R, "from", 0755), to = fx_mkdir(R, "to", 0755),
                    d = fx_mkdir(&from, "d", 0755);
    fx_file(&d, "f", 0644, NULL);
    KT_ASSERT_OK(fx_error(R, "from/d/f", 0));
    KT_ASSERT_ERRNO(fx_error(R, "to/d", 0), ENOENT);
    KT_ASSERT_OK(sys_rename(ROOT, &from, "d", &to, "e", SYS_AT_COMPONENT, 0, NULL));
    KT_ASSERT_ERRNO(fx_error(R, "from/d", 0), ENOENT);
    KT_ASSERT_EQ(fx_get(R, "to/e/..").fileid, to.fileid);
    KT_ASSERT_OK(fx_error(R, "to/e/f", 0));
    KT_ASSERT_EQ(fx_stat(R, "from").nlink, 2);
    KT_ASSERT_EQ(fx_stat(R, "to").nlink, 3);
}

static void rename__over_an_open_file__gives_a_hold_on_it(void)
{
    struct sys_node b = fx_file(R, "b", 0644, "old");
    fx_file(R, "a", 0644, "new");
    struct sys_renamed renamed;
    struct sys_attr attr;
    char buf[4];
    sys_file_t *file = fx_open(R, "b", SYS_O_RDONLY);
    KT_ASSERT_OK(sys_rename(ROOT, R, "a", R, "b", 0, 0, &renamed));
    KT_ASSERT_NOT_NULL(renamed.replaced);
    KT_ASSERT_EQ(fx_read(file, buf, 4, 0), 3);
    KT_ASSERT_MEM(buf, "old", 3);
    fx_close(file);
    KT_ASSERT_OK(sys_getattr(ROOT, &b, &attr));
    KT_ASSERT_EQ(attr.nlink, 0);
    sys_hold_release(renamed.replaced);
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &b, &attr), ESTALE);
    renamed.replaced = (sys_hold_t *)1;
    fx_fail(FX_RENAME, EIO, 1);
    KT_ASSERT_ERRNO(sys_rename(ROOT, R, "b", R, "c", 0, 0, &renamed), EIO);
    KT_ASSERT_PTR_EQ(renamed.replaced, (void *)1);
    KT_ASSERT_OK(sys_rename(ROOT, R, "b", R, "c", 0, 0, &renamed));
    KT_ASSERT_NULL(renamed.replaced);
}

static void rename__tells_who_is_who(void)
{
    struct sys_node a = fx_file(R, "a", 0644, NULL), b = fx_file(R, "b", 0644, NULL);
    struct sys_renamed renamed;
    KT_ASSERT_OK(sys_rename(ROOT, R, "a", R, "b", 0, SYS_RENAME_SWAP, &renamed));
    KT_ASSERT_EQ(renamed.moved.fileid, a.fileid);
    KT_ASSERT_EQ(renamed.swapped.fileid, b.fileid);
    KT_ASSERT_NULL(renamed.replaced);
    KT_ASSERT_OK(sys_rename(ROOT, R, "a", R, "c", 0, 0, &renamed));
    KT_ASSERT_EQ(renamed.moved.fileid, b.fileid);
    KT_ASSERT_EQ(renamed.moved.vnode, b.vnode);
    KT_ASSERT_EQ(renamed.swapped.vnode, 0);
}

/* ---- races --------------------------------------------------------------------------------------------- */

static void take_source_away(void *arg)
{
    (void)arg;
    KT_ASSERT_OK(sys_unlink(ROOT, R, "a", 0, NULL));
    fx_file(R, "a", 0644, "second");
}

static void make_target(void *arg)
{
    (void)arg;
    fx_file(R, "b", 0644, "in the way");
}

static void rename__names_change_meanwhile__starts_again(void)
{
    fx_file(R, "a", 0644, "first");
    fx_hook(FX_RENAME, take_source_away, NULL);
    KT_ASSERT_OK(rename_error("a", "b", 0));
    KT_ASSERT_EQ(fx_stat(R, "b").size, 6);
    KT_ASSERT_OK(rename_error("b", "a", 0));
    fx_hook(FX_RENAME, make_target, NULL);
    KT_ASSERT_OK(rename_error("a", "b", 0));
    KT_ASSERT_EQ(fx_stat(R, "b").size, 6);
    KT_ASSERT(!fx_exists(R, "a"));
    KT_ASSERT_OK(rename_error("b", "a", 0));
    fx_hook(FX_RENAMEX, make_target, NULL);
    KT_ASSERT_ERRNO(rename_error("a", "b", SYS_RENAME_EXCL), EEXIST);
    KT_ASSERT_EQ(fx_stat(R, "b").size, 10);
}

/* Replaces the target before each of that many attempts. */
static void replace_target(void *arg)
{
    unsigned *left = arg;
    fx_file(R, "c", 0644, NULL);
    KT_ASSERT_OK(rename_error("c", "b", 0));
    if (--*left)
        fx_hook(FX_RENAME, replace_target, left);
}

static void rename__target_replaced_a_hundred_times_meanwhile__gets_there(void)
{
    unsigned left = 100;
    struct sys_node a = fx_file(R, "a", 0644, "moved"), now;
    fx_file(R, "b", 0644, NULL);
    fx_hook(FX_RENAME, replace_target, &left);
    KT_ASSERT_OK(rename_error("a", "b", 0));
    KT_ASSERT_EQ(left, 0);
    KT_ASSERT_OK(sys_lookup(ROOT, R, "b", 0, &now, NULL));
    KT_ASSERT_EQ(now.fileid, a.fileid);
}

static void rename__always_somebody_elses__ends(void)
{
    fx_file(R, "a", 0644, NULL);
    fx_fail(FX_RENAME, ENOENT, UINT32_MAX);
    KT_ASSERT_ERRNO(rename_error("a", "b", 0), ENOENT);
    fx_fail(FX_RENAME, 0, 0);
    KT_ASSERT_OK(rename_error("a", "b", 0));
}

/* ---- permission ---------------------------------------------------------------------------------------- */

static void rename__needs_both_directories_and_the_moved_one(void)
{
    sys_caller_t *user = fx_user(501, 20, 0);
    fx_mkdir(R, "a", 0777);
    fx_mkdir(R, "b", 0755);
    fx_file(R, "a/f", 0644, NULL);
    fx_mkdir(R, "a/d", 0755);
    KT_ASSERT_ERRNO(sys_rename(user, R, "a/f", R, "b/f", 0, 0, NULL), EACCES);
    fx_chmod(R, "b", 0777);
    KT_ASSERT_OK(sys_rename(user, R, "a/f", R, "b/f", 0, 0, NULL));
    /* A directory that gets another parent is written itself. */
    KT_ASSERT_OK(sys_rename(user, R, "a/d", R, "a/e", 0, 0, NULL));
    KT_ASSERT_ERRNO(sys_rename(user, R, "a/e", R, "b/e", 0, 0, NULL), EACCES);
    fx_chmod(R, "a/e", 0777);
    KT_ASSERT_OK(sys_rename(user, R, "a/e", R, "b/e", 0, 0, NULL));
    fx_chmod(R, "b", 01777);
    KT_ASSERT_ERRNO(sys_rename(user, R, "b/f", R, "a/f", 0, 0, NULL), EPERM);
    fx_chflags(R, "a", UF_IMMUTABLE);
    KT_ASSERT_ERRNO(rename_error("b/f", "a/f", 0), EPERM);
    fx_chflags(R, "a", 0);
    KT_ASSERT_OK(rename_error("b/f", "a/f", 0));
}

static const struct ktest_case cases[] = {
    KT_CASE(rename__each_kind_onto_each__as_posix_says),
    KT_CASE(rename__of_places__is_refused),
    KT_CASE(rename__between_mounts__and_of_mount_points),
    KT_CASE(rename__onto_another_name_of_itself__does_nothing),
    KT_CASE(rename__where_case_is_ignored__reaches_the_file_system),
    KT_CASE(rename__without_renamex__flags_are_refused),
    KT_CASE(rename__of_a_directory__moves_what_is_known_of_it),
    KT_CASE(rename__over_an_open_file__gives_a_hold_on_it),
    KT_CASE(rename__tells_who_is_who),
    KT_CASE(rename__names_change_meanwhile__starts_again),
    KT_CASE(rename__target_replaced_a_hundred_times_meanwhile__gets_there),
    KT_CASE(rename__always_somebody_elses__ends),
    KT_CASE(rename__needs_both_directories_and_the_moved_one),
};
SYS_SUITE(sys_rename, cases);
