// SPDX-License-Identifier: BSD-2-Clause
/*
 * case_errors.c: every operation on a path, with every way in which a path can be wrong.
 */
#include "tests/conform/conform.h"

typedef int (*path_op_t)(const struct user *who, const char *path);

static int op_stat(const struct user *who, const char *path)
{
    struct sys_attr attr;
    return fs->stat(who, path, true, &attr);
}

static int op_lstat(const struct user *who, const char *path)
{
    struct sys_attr attr;
    return fs->stat(who, path, false, &attr);
}

static int op_open(const struct user *who, const char *path)
{
    return open_err(who, path, SYS_O_RDONLY, 0);
}

static int op_open_write(const struct user *who, const char *path)
{
    return open_err(who, path, SYS_O_RDWR | SYS_O_TRUNC, 0);
}

static int op_create(const struct user *who, const char *path)
{
    return open_err(who, path, SYS_O_RDWR | SYS_O_CREAT, 0644);
}

static int op_mkdir(const struct user *who, const char *path)
{
    return fs->mkdir(who, path, 0755);
}

static int op_mkfifo(const struct user *who, const char *path)
{
    return fs->mknod(who, path, SYS_VFIFO, 0644, 0);
}

static int op_symlink(const struct user *who, const char *path)
{
    return fs->symlink(who, "target", path);
}

static int op_link_from(const struct user *who, const char *path)
{
    return fs->link(who, path, "made");
}

static int op_link_to(const struct user *who, const char *path)
{
    return fs->link(who, "mine", path);
}

static int op_unlink(const struct user *who, const char *path)
{
    return fs->unlink(who, path);
}

static int op_rmdir(const struct user *who, const char *path)
{
    return fs->rmdir(who, path);
}

static int op_rename_from(const struct user *who, const char *path)
{
    return fs->rename(who, path, "made", 0);
}

static int op_rename_to(const struct user *who, const char *path)
{
    return fs->rename(who, "mine", path, 0);
}

static int op_chmod(const struct user *who, const char *path)
{
    return fs->chmod(who, path, 0600);
}

static int op_chown(const struct user *who, const char *path)
{
    return fs->chown(who, path, true, KEEP_ID, GROUP_TEAM);
}

static int op_lchown(const struct user *who, const char *path)
{
    return fs->chown(who, path, false, KEEP_ID, GROUP_TEAM);
}

static int op_utimes(const struct user *who, const char *path)
{
    struct sys_attr times = {.mask = SYS_ATTR_ATIME_NOW | SYS_ATTR_MTIME_NOW};
    return fs->utimes(who, path, true, &times);
}

static int op_truncate(const struct user *who, const char *path)
{
    return fs->truncate(who, path, 0);
}

static int op_access(const struct user *who, const char *path)
{
    return fs->access(who, path, 4);
}

static int op_readlink(const struct user *who, const char *path)
{
    char buf[256];
    size_t len;
    return fs->readlink(who, path, buf, sizeof(buf), &len);
}

static int op_getxattr(const struct user *who, const char *path)
{
    char buf[8];
    size_t len;
    return fs->getxattr(who, path, "user.x", buf, sizeof(buf), &len);
}

static int op_setxattr(const struct user *who, const char *path)
{
    return fs->setxattr(who, path, "user.x", "v", 1, 0);
}

static int op_listxattr(const struct user *who, const char *path)
{
    char buf[8];
    size_t len;
    return fs->listxattr(who, path, buf, sizeof(buf), &len);
}

static const struct {
    const char *name;
    path_op_t op;
    bool makes;   /* a name that is not there is fine */
    bool follows; /* a link in the last place */
    unsigned needs;
} ops[] = {
    {"stat", op_stat, false, true, 0},
    {"lstat", op_lstat, false, false, 0},
    {"open", op_open, false, true, 0},
    {"open to write", op_open_write, false, true, 0},
    {"create", op_create, true, true, 0},
    {"mkdir", op_mkdir, true, false, 0},
    {"mkfifo", op_mkfifo, true, false, HAS_DEVICES},
    {"symlink", op_symlink, true, false, 0},
    {"link from", op_link_from, false, false, 0},
    {"link to", op_link_to, true, false, 0},
    {"unlink", op_unlink, false, false, 0},
    {"rmdir", op_rmdir, false, false, 0},
    {"rename from", op_rename_from, false, false, 0},
    {"rename to", op_rename_to, true, false, 0},
    {"chmod", op_chmod, false, true, 0},
    {"chown", op_chown, false, true, 0},
    {"lchown", op_lchown, false, false, 0},
    {"utimes", op_utimes, false, true, 0},
    {"truncate", op_truncate, false, true, 0},
    {"access", op_access, false, true, 0},
    {"readlink", op_readlink, false, false, 0},
    {"getxattr", op_getxattr, false, false, HAS_XATTR},
    {"setxattr", op_setxattr, false, false, HAS_XATTR},
    {"listxattr", op_listxattr, false, false, HAS_XATTR},
};
ROW_NAMES(ops)

static void scene_make(void)
{
    make_file(ALICE, "mine", 0644, "mine");
    make_file(ROOT, "file", 0644, "file");
    CHECK_OK(fs->symlink(ROOT, "loop", "loop"));
    CHECK_OK(fs->symlink(ROOT, "nothing", "dangling"));
    make_dir(ROOT, "closed", 0755);
    make_owned("closed/file", UID_ALICE, GROUP_ALICE, 0666);
    CHECK_OK(fs->chmod(ROOT, "closed", 0700));
}

static int call(unsigned row, const char *path)
{
    conform_need(ops[row].needs);
    scene_make();
    return ops[row].op(ALICE, path);
}

static void missing_name__is_enoent(unsigned row)
{
    int error = call(row, "none");

    CHECK_ERR(ops[row].makes ? 0 : SYS_ENOENT, error);
}

static void missing_parent__is_enoent(unsigned row)
{
    CHECK_ERR(SYS_ENOENT, call(row, "none/x"));
}

static void missing_ancestor__is_enoent(unsigned row)
{
    CHECK_ERR(SYS_ENOENT, call(row, "none/x/y"));
}

static void file_as_parent__is_enotdir(unsigned row)
{
    CHECK_ERR(SYS_ENOTDIR, call(row, "file/x"));
}

static void dangling_link_as_parent__is_enoent(unsigned row)
{
    CHECK_ERR(SYS_ENOENT, call(row, "dangling/x"));
}

static void loop_as_parent__is_eloop(unsigned row)
{
    CHECK_ERR(SYS_ELOOP, call(row, "loop/x"));
}

static void loop_in_the_last_place__is_eloop(unsigned row)
{
    if (!ops[row].follows)
        conform_skip("the operation does not follow links");
    CHECK_ERR(SYS_ELOOP, call(row, "loop"));
}

static void unsearchable_parent__is_eacces(unsigned row)
{
    CHECK_ERR(SYS_EACCES, call(row, "closed/file"));
}

static void missing_below_unsearchable_parent__is_eacces(unsigned row)
{
    CHECK_ERR(SYS_EACCES, call(row, "closed/none"));
}

static void long_name__is_enametoolong(unsigned row)
{
    char path[257];

    fill_name(path, 'n', 256);
    CHECK_ERR(SYS_ENAMETOOLONG, call(row, path));
}

static void long_parent__is_enametoolong(unsigned row)
{
    char path[300];

    fill_name(path, 'n', 256);
    strcat(path, "/x");
    CHECK_ERR(SYS_ENAMETOOLONG, call(row, path));
}

static void empty_path__is_enoent(unsigned row)
{
    CHECK_ERR(SYS_ENOENT, call(row, ""));
}

static const struct conform_case cases[] = {
    CASE_TABLE(missing_name__is_enoent, ops),
    CASE_TABLE(missing_parent__is_enoent, ops),
    CASE_TABLE(missing_ancestor__is_enoent, ops),
    CASE_TABLE(file_as_parent__is_enotdir, ops),
    CASE_TABLE(dangling_link_as_parent__is_enoent, ops),
    CASE_TABLE(loop_as_parent__is_eloop, ops),
    CASE_TABLE(loop_in_the_last_place__is_eloop, ops),
    CASE_TABLE(unsearchable_parent__is_eacces, ops),
    CASE_TABLE(missing_below_unsearchable_parent__is_eacces, ops),
    CASE_TABLE(long_name__is_enametoolong, ops),
    CASE_TABLE(long_parent__is_enametoolong, ops),
    CASE_TABLE(empty_path__is_enoent, ops),
};
SUITE(errors, cases);
