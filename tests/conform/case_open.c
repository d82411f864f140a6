// SPDX-License-Identifier: BSD-2-Clause
/*
 * case_open.c: open and its flags, and what an open file may be used for.
 */
#include "tests/conform/conform.h"

#define RDONLY SYS_O_RDONLY
#define WRONLY SYS_O_WRONLY
#define RDWR   SYS_O_RDWR
#define CREAT  SYS_O_CREAT
#define EXCL   SYS_O_EXCL

/* A file, a directory, and links of each kind. */
static void scene_make(void)
{
    make_file(ROOT, "file", 0644, "contents");
    make_dir(ROOT, "dir", 0755);
    CHECK_OK(fs->symlink(ROOT, "file", "to-file"));
    CHECK_OK(fs->symlink(ROOT, "dir", "to-dir"));
    CHECK_OK(fs->symlink(ROOT, "nothing", "dangling"));
    CHECK_OK(fs->symlink(ROOT, "loop-b", "loop-a"));
    CHECK_OK(fs->symlink(ROOT, "loop-a", "loop-b"));
}

static const struct {
    const char *name, *path;
    uint32_t oflags;
    int error;
} refused[] = {
    {"missing", "none", RDONLY, SYS_ENOENT},
    {"missing to write", "none", RDWR, SYS_ENOENT},
    {"missing to empty", "none", WRONLY | SYS_O_TRUNC, SYS_ENOENT},
    {"missing parent", "none/x", RDONLY, SYS_ENOENT},
    {"missing parent, create", "none/x", RDWR | CREAT, SYS_ENOENT},
    {"file as parent", "file/x", RDONLY, SYS_ENOTDIR},
    {"file as parent, create", "file/x", RDWR | CREAT, SYS_ENOTDIR},
    {"file as ancestor", "file/x/y", RDONLY, SYS_ENOTDIR},
    {"exclusive, file", "file", RDWR | CREAT | EXCL, SYS_EEXIST},
    {"exclusive, directory", "dir", RDONLY | CREAT | EXCL, SYS_EEXIST},
    {"exclusive, link", "to-file", RDWR | CREAT | EXCL, SYS_EEXIST},
    {"exclusive, dangling link", "dangling", RDWR | CREAT | EXCL, SYS_EEXIST},
    {"exclusive, looping link", "loop-a", RDWR | CREAT | EXCL, SYS_EEXIST},
    {"directory to write", "dir", WRONLY, SYS_EISDIR},
    {"directory to read and write", "dir", RDWR, SYS_EISDIR},
    {"directory to create and write", "dir", RDWR | CREAT, SYS_EISDIR},
    {"directory through link to write", "to-dir", WRONLY, SYS_EISDIR},
    {"no following, link", "to-file", RDONLY | SYS_O_NOFOLLOW, SYS_ELOOP},
    {"no following, dangling link", "dangling", RDONLY | SYS_O_NOFOLLOW, SYS_ELOOP},
    {"no following, link to write", "to-file", RDWR | SYS_O_NOFOLLOW, SYS_ELOOP},
    {"file as directory", "file", RDONLY | SYS_O_DIRECTORY, SYS_ENOTDIR},
    {"link to file as directory", "to-file", RDONLY | SYS_O_DIRECTORY, SYS_ENOTDIR},
    {"loop", "loop-a", RDONLY, SYS_ELOOP},
    {"loop as parent", "loop-a/x", RDONLY, SYS_ELOOP},
    {"loop, create", "loop-a", RDWR | CREAT, SYS_ELOOP},
    {"dangling", "dangling", RDONLY, SYS_ENOENT},
    {"dangling as parent", "dangling/x", RDWR | CREAT, SYS_ENOENT},
    {"empty path", "", RDONLY, SYS_ENOENT},
    {"file with a slash", "file/", RDONLY, SYS_ENOTDIR},
    {"file and dot", "file/.", RDONLY, SYS_ENOTDIR},
    {"file and dot-dot", "file/..", RDONLY, SYS_ENOTDIR},
    {"missing and dot-dot", "none/..", RDONLY, SYS_ENOENT},
    {"dot to write", ".", RDWR, SYS_EISDIR},
};
ROW_NAMES(refused)

static void open__of_what_does_not_fit__fails(unsigned row)
{
    scene_make();
    CHECK_ERR(refused[row].error, open_err(ROOT, refused[row].path, refused[row].oflags, 0644));
    check_contents("file", "contents");
    CHECK(!exists("nothing") && !exists("none"));
}

static const struct {
    const char *name, *path;
    uint32_t oflags;
} fine[] = {
    {"file", "file", RDONLY},
    {"through link", "to-file", RDWR},
    {"no following, file", "file", RDONLY | SYS_O_NOFOLLOW},
    {"no following, link in the middle", "to-dir/../file", RDONLY | SYS_O_NOFOLLOW},
    {"directory", "dir", RDONLY},
    {"directory as such", "dir", RDONLY | SYS_O_DIRECTORY},
    {"link to directory as such", "to-dir", RDONLY | SYS_O_DIRECTORY},
    {"directory with slashes", "dir//", RDONLY},
    {"dot", ".", RDONLY},
    {"dot-dot", "dir/..", RDONLY},
    {"doubled slashes", "dir//..//file", RDONLY},
    {"create what is there", "file", RDWR | CREAT},
    {"create through link", "to-file", RDWR | CREAT},
    {"synchronous", "file", RDWR | SYS_O_SYNC},
    {"not waiting", "file", RDWR | SYS_O_NONBLOCK},
};
ROW_NAMES(fine)

static void open__of_what_fits__succeeds(unsigned row)
{
    scene_make();
    close_ok(open_ok(ROOT, fine[row].path, fine[row].oflags, 0600));
    check_contents("file", "contents");
    CHECK_EQ(stat_of("file").mode, 0644);
}

static const struct {
    const char *name;
    uint32_t mode;
} modes[] = {{"0", 0},         {"0400", 0400},   {"0644", 0644},   {"0755", 0755},  {"0777", 0777},
             {"04711", 04711}, {"02755", 02755}, {"01644", 01644}, {"07777", 07777}};
ROW_NAMES(modes)

static void create__with_mode__has_it(unsigned row)
{
    close_ok(open_ok(ROOT, "new", RDWR | CREAT | EXCL, modes[row].mode));
    struct sys_attr attr = stat_of("new");
    CHECK_EQ(attr.mode, modes[row].mode);
    CHECK_EQ(attr.type, SYS_VREG);
    CHECK_EQ(attr.size, 0);
    CHECK_EQ(attr.nlink, 1);
}

static void create__without_right_to_itself__opens_all_the_same(void)
{
    int fd = open_ok(ALICE, "new", RDWR | CREAT | EXCL, 0);

    write_ok(fd, "mine", 4, 0);
    close_ok(fd);
    check_contents("new", "mine");
    CHECK_ERR(SYS_EACCES, open_err(ALICE, "new", RDONLY, 0));
}

static void create__through_dangling_link__makes_its_target(void)
{
    scene_make();
    close_ok(open_ok(ROOT, "dangling", RDWR | CREAT, 0640));
    CHECK_EQ(stat_of("nothing").mode, 0640);
    CHECK_EQ(stat_of("dangling").type, SYS_VLNK);
}

static void create__of_existing__keeps_mode_and_contents(void)
{
    make_file(ROOT, "f", 0604, "kept");
    close_ok(open_ok(ROOT, "f", RDWR | CREAT, 0777));
    check_contents("f", "kept");
    CHECK_EQ(stat_of("f").mode, 0604);
}

static void create__belongs_to_its_maker(void)
{
    close_ok(open_ok(ALICE, "f", RDWR | CREAT, 0644));
    CHECK_EQ(stat_of("f").uid, UID_ALICE);
    CHECK_EQ(stat_of("f").gid, GROUP_ALICE);
}

static void truncating_open__empties(void)
{
    make_file(ROOT, "f", 0644, "contents");
    close_ok(open_ok(ROOT, "f", WRONLY | SYS_O_TRUNC, 0));
    CHECK_EQ(stat_of("f").size, 0);
    CHECK_EQ(stat_of("f").mode, 0644);
}

static void truncating_open__through_link__empties_the_file(void)
{
    scene_make();
    close_ok(open_ok(ROOT, "to-file", RDWR | CREAT | SYS_O_TRUNC, 0));
    CHECK_EQ(stat_of("file").size, 0);
}

static void truncating_open__refused__keeps_contents(void)
{
    make_file(ROOT, "f", 0644, "contents");
    CHECK_ERR(SYS_EACCES, open_err(ALICE, "f", WRONLY | SYS_O_TRUNC, 0));
    CHECK_ERR(SYS_EEXIST, open_err(ROOT, "f", WRONLY | CREAT | EXCL | SYS_O_TRUNC, 0));
    check_contents("f", "contents");
}

static void appending__writes_at_the_end_wherever_told(void)
{
    make_file(ROOT, "f", 0644, "start");
    int fd = open_ok(ROOT, "f", RDWR | SYS_O_APPEND, 0);
    write_ok(fd, "-one", 4, 0);
    int other = open_ok(ROOT, "f", RDWR, 0);
    write_ok(other, "-two", 4, 9);
    write_ok(fd, "-three", 6, 2);
    close_ok(fd);
    close_ok(other);
    check_contents("f", "start-one-two-three");
}

static void two_appending__lose_nothing(void)
{
    int a = open_ok(ROOT, "f", WRONLY | CREAT | SYS_O_APPEND, 0644);
    int b = open_ok(ROOT, "f", WRONLY | SYS_O_APPEND, 0);

    for (unsigned i = 0; i < 4; i++) {
        write_ok(a, "a", 1, 0);
        write_ok(b, "b", 1, 0);
    }
    close_ok(a);
    close_ok(b);
    check_contents("f", "abababab");
}

static void reading__from_write_only__is_refused(void)
{
    char c;
    size_t done;

    make_file(ROOT, "f", 0644, "x");
    int fd = open_ok(ROOT, "f", WRONLY, 0);
    CHECK_ERR(SYS_EBADF, fs->pread(fd, &c, 1, 0, &done));
}

static void writing__to_read_only__is_refused(void)
{
    size_t done;

    make_file(ROOT, "f", 0644, "x");
    int fd = open_ok(ROOT, "f", RDONLY, 0);
    CHECK_ERR(SYS_EBADF, fs->pwrite(fd, "y", 1, 0, &done));
    CHECK_ERR(SYS_EINVAL, fs->ftruncate(fd, 0));
    check_contents("f", "x");
}

static void reading__a_directory__is_refused(void)
{
    char c;
    size_t done;

    make_dir(ROOT, "d", 0755);
    int fd = open_ok(ROOT, "d", RDONLY, 0);
    CHECK_ERR(SYS_EISDIR, fs->pread(fd, &c, 1, 0, &done));
}

static void listing__a_file__is_refused(void)
{
    struct names_seen names = {0};

    make_file(ROOT, "f", 0644, "x");
    int fd = open_ok(ROOT, "f", RDONLY, 0);
    CHECK_ERR(SYS_ENOTDIR, fs->readdir(fd, &names));
}

static void open_file__keeps_its_rights(void)
{
    char c[4];

    make_owned("f", UID_ALICE, GROUP_ALICE, 0600);
    int fd = open_ok(ALICE, "f", RDWR, 0);
    CHECK_OK(fs->chmod(ROOT, "f", 0));
    CHECK_OK(fs->chown(ROOT, "f", true, UID_BOB, GROUP_BOB));
    CHECK_EQ(read_ok(fd, c, 4, 0), 4);
    write_ok(fd, "OWNED", 5, 0);
    check_contents("f", "OWNED");
}

static void open_files__are_independent(void)
{
    char c;

    make_file(ROOT, "f", 0644, "x");
    int a = open_ok(ROOT, "f", RDWR, 0), b = open_ok(ROOT, "f", RDONLY, 0);
    write_ok(a, "y", 1, 0);
    close_ok(a);
    CHECK_EQ(read_ok(b, &c, 1, 0), 1);
    CHECK_EQ(c, 'y');
    CHECK_EQ(fstat_of(b).fileid, stat_of("f").fileid);
}

static void many_open_files__of_one_file(void)
{
    int fds[100];

    make_file(ROOT, "f", 0644, "x");
    for (unsigned i = 0; i < 100; i++)
        fds[i] = open_ok(ROOT, "f", RDONLY, 0);
    CHECK_OK(fs->unlink(ROOT, "f"));
    for (unsigned i = 0; i < 100; i++) {
        CHECK_EQ(fstat_of(fds[i]).nlink, 0);
        close_ok(fds[i]);
    }
}

static const struct conform_case cases[] = {
    CASE_TABLE(open__of_what_does_not_fit__fails, refused),
    CASE_TABLE(open__of_what_fits__succeeds, fine),
    CASE_TABLE(create__with_mode__has_it, modes),
    CASE(create__without_right_to_itself__opens_all_the_same),
    CASE(create__through_dangling_link__makes_its_target),
    CASE(create__of_existing__keeps_mode_and_contents),
    CASE(create__belongs_to_its_maker),
    CASE(truncating_open__empties),
    CASE(truncating_open__through_link__empties_the_file),
    CASE(truncating_open__refused__keeps_contents),
    CASE(appending__writes_at_the_end_wherever_told),
    CASE(two_appending__lose_nothing),
    CASE(reading__from_write_only__is_refused),
    CASE(writing__to_read_only__is_refused),
    CASE(reading__a_directory__is_refused),
    CASE(listing__a_file__is_refused),
    CASE(open_file__keeps_its_rights),
    CASE(open_files__are_independent),
    CASE(many_open_files__of_one_file),
};
SUITE(open, cases);
