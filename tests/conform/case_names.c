// SPDX-License-Identifier: BSD-2-Clause
/*
 * case_names.c: directories, removal, hard links and symbolic links.
 */
#include "tests/conform/conform.h"

/* ---- mkdir --------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint32_t mode;
} modes[] = {{"0", 0}, {"0700", 0700}, {"0755", 0755}, {"01777", 01777}, {"0511", 0511}};
ROW_NAMES(modes)

static void mkdir__with_mode__has_it(unsigned row)
{
    make_dir(ROOT, "d", modes[row].mode);
    struct sys_attr attr = stat_of("d");
    CHECK_EQ(attr.type, SYS_VDIR);
    CHECK_EQ(attr.mode, modes[row].mode);
    CHECK_EQ(attr.nlink, 2);
}

static const struct {
    const char *name, *path;
    int error;
} no_dir[] = {
    {"over a file", "file", SYS_EEXIST},
    {"over a directory", "dir", SYS_EEXIST},
    {"over a link", "link", SYS_EEXIST},
    {"over a dangling link", "dangling", SYS_EEXIST},
    {"dot", ".", SYS_EEXIST},
    {"dot-dot", "..", SYS_EEXIST},
    {"directory's dot", "dir/.", SYS_EEXIST},
    {"over a directory, slash", "dir/", SYS_EEXIST},
};
ROW_NAMES(no_dir)

static void scene_make(void)
{
    make_file(ROOT, "file", 0644, "contents");
    make_dir(ROOT, "dir", 0755);
    make_file(ROOT, "dir/inner", 0644, "inner");
    make_dir(ROOT, "empty", 0755);
    CHECK_OK(fs->symlink(ROOT, "file", "link"));
    CHECK_OK(fs->symlink(ROOT, "dir", "to-dir"));
    CHECK_OK(fs->symlink(ROOT, "nothing", "dangling"));
}

static void mkdir__where_something_is__fails(unsigned row)
{
    scene_make();
    CHECK_ERR(no_dir[row].error, fs->mkdir(ROOT, no_dir[row].path, 0755));
    CHECK(!exists("nothing"));
}

static void mkdir__with_trailing_slash__succeeds(void)
{
    CHECK_OK(fs->mkdir(ROOT, "d/", 0755));
    CHECK_OK(fs->mkdir(ROOT, "d/e//", 0755));
    CHECK_EQ(stat_of("d/e").type, SYS_VDIR);
}

static void mkdir__counts_in_the_parent(void)
{
    make_dir(ROOT, "d", 0755);
    make_dir(ROOT, "d/a", 0755);
    make_dir(ROOT, "d/b", 0755);
    make_file(ROOT, "d/f", 0644, "");
    CHECK_EQ(stat_of("d").nlink, 4);
    CHECK_OK(fs->rmdir(ROOT, "d/a"));
    CHECK_EQ(stat_of("d").nlink, 3);
}

static void mkdir__fifty_deep__is_reached_and_removed(void)
{
    char path[256] = "";

    for (unsigned i = 0; i < 50; i++) {
        strcat(path, i ? "/d" : "d");
        make_dir(ROOT, path, 0755);
    }
    strcat(path, "/f");
    make_file(ROOT, path, 0644, "deep");
    check_contents(path, "deep");
}

static void dot_and_dot_dot__lead_where_they_should(void)
{
    make_dir(ROOT, "d", 0755);
    make_dir(ROOT, "d/e", 0755);
    CHECK_EQ(stat_of("d/.").fileid, stat_of("d").fileid);
    CHECK_EQ(stat_of("d/e/..").fileid, stat_of("d").fileid);
    CHECK_EQ(stat_of("d/e/../..").fileid, stat_of(".").fileid);
    CHECK_EQ(stat_of("d/./e/.././e").fileid, stat_of("d/e").fileid);
}

/* ---- removing ------------------------------------------------------------------------------------------ */

static const struct {
    const char *name, *path;
    bool dir;
    int error;
} no_removal[] = {
    {"unlink directory", "empty", false, SYS_EISDIR},
    {"unlink full directory", "dir", false, SYS_EISDIR},
    {"unlink file with slash", "file/", false, SYS_ENOTDIR},
    {"unlink directory with slash", "empty/", false, SYS_EISDIR},
    {"rmdir file", "file", true, SYS_ENOTDIR},
    {"rmdir full directory", "dir", true, SYS_ENOTEMPTY},
    {"rmdir link to directory", "to-dir", true, SYS_ENOTDIR},
    {"rmdir dangling link", "dangling", true, SYS_ENOTDIR},
    {"rmdir dot", "empty/.", true, SYS_EINVAL},
    {"rmdir dot-dot", "dir/..", true, SYS_ENOTEMPTY},
    {"rmdir file with slash", "file/", true, SYS_ENOTDIR},
};
ROW_NAMES(no_removal)

static void removal__of_what_does_not_fit__fails(unsigned row)
{
    scene_make();
    int error =
        no_removal[row].dir ? fs->rmdir(ROOT, no_removal[row].path) : fs->unlink(ROOT, no_removal[row].path);
    CHECK_ERR(no_removal[row].error, error);
    check_contents("file", "contents");
    check_contents("dir/inner", "inner");
    CHECK(exists("empty") && exists("to-dir"));
}

static void unlink__of_a_link__leaves_its_target(void)
{
    scene_make();
    CHECK_OK(fs->unlink(ROOT, "link"));
    CHECK_OK(fs->unlink(ROOT, "to-dir"));
    CHECK_OK(fs->unlink(ROOT, "dangling"));
    check_contents("file", "contents");
    check_contents("dir/inner", "inner");
}

static void rmdir__with_trailing_slash__succeeds(void)
{
    scene_make();
    CHECK_OK(fs->rmdir(ROOT, "empty/"));
    CHECK(!exists("empty"));
}

static void removal__of_open_directory__leaves_it_empty(void)
{
    struct names_seen names = {0};

    make_dir(ROOT, "d", 0755);
    int fd = open_ok(ROOT, "d", SYS_O_RDONLY, 0);
    CHECK_OK(fs->rmdir(ROOT, "d"));
    CHECK(!exists("d"));
    CHECK_EQ(fstat_of(fd).type, SYS_VDIR);
    int error = fs->readdir(fd, &names);
    for (size_t i = 0; i < names.count && !error; i++)
        CHECK(names.names[i].name[0] == '.');
    names_free(&names);
    CHECK(error == 0 || error == SYS_ENOENT);
}

static void name__removed_and_made_again__is_another_file(void)
{
    for (unsigned i = 0; i < 20; i++) {
        make_file(ROOT, "f", 0644, "one");
        CHECK_OK(fs->unlink(ROOT, "f"));
        CHECK(!exists("f"));
        make_dir(ROOT, "f", 0755);
        CHECK_EQ(stat_of("f").type, SYS_VDIR);
        CHECK_OK(fs->rmdir(ROOT, "f"));
        CHECK(!exists("f"));
    }
}

/* ---- hard links ---------------------------------------------------------------------------------------- */

static void link__is_the_same_file(void)
{
    make_file(ROOT, "f", 0644, "contents");
    make_dir(ROOT, "d", 0755);
    CHECK_OK(fs->link(ROOT, "f", "g"));
    CHECK_OK(fs->link(ROOT, "g", "d/h"));
    CHECK_EQ(stat_of("d/h").fileid, stat_of("f").fileid);
    CHECK_EQ(stat_of("f").nlink, 3);
    int fd = open_ok(ROOT, "g", SYS_O_RDWR, 0);
    write_ok(fd, "CONTENTS", 8, 0);
    close_ok(fd);
    check_contents("d/h", "CONTENTS");
    CHECK_OK(fs->chmod(ROOT, "g", 0600));
    CHECK_EQ(stat_of("f").mode, 0600);
    CHECK_OK(fs->unlink(ROOT, "f"));
    CHECK_EQ(stat_of("g").nlink, 2);
    CHECK_OK(fs->unlink(ROOT, "g"));
    check_contents("d/h", "CONTENTS");
}

static const struct {
    const char *name, *from, *to;
    int error;
} no_link[] = {
    {"of a directory", "dir", "new", SYS_EPERM},
    {"over a file", "file", "dir/inner", SYS_EEXIST},
    {"over a directory", "file", "empty", SYS_EEXIST},
    {"over a link", "file", "link", SYS_EEXIST},
    {"over a dangling link", "file", "dangling", SYS_EEXIST},
    {"onto itself", "file", "file", SYS_EEXIST},
    {"to a name with slash", "file", "new/", SYS_ENOENT},
    {"onto dot", "file", ".", SYS_EEXIST},
    {"of a file with slash", "file/", "new", SYS_ENOTDIR},
};
ROW_NAMES(no_link)

static void link__that_does_not_fit__fails(unsigned row)
{
    scene_make();
    CHECK_ERR(no_link[row].error, fs->link(ROOT, no_link[row].from, no_link[row].to));
    CHECK_EQ(stat_of("file").nlink, 1);
    CHECK(!exists("new"));
}

static void link__of_a_link__is_the_link(void)
{
    scene_make();
    CHECK_OK(fs->link(ROOT, "link", "other"));
    CHECK_EQ(stat_of("other").type, SYS_VLNK);
    CHECK_EQ(stat_of("other").nlink, 2);
    CHECK_EQ(stat_of("file").nlink, 1);
}

static void hundred_links__are_counted(void)
{
    char name[16];

    make_file(ROOT, "f", 0644, "x");
    for (unsigned i = 1; i < 100; i++) {
        snprintf(name, sizeof(name), "f%u", i);
        CHECK_OK(fs->link(ROOT, "f", name));
    }
    CHECK_EQ(stat_of("f").nlink, 100);
    for (unsigned i = 1; i < 100; i += 2) {
        snprintf(name, sizeof(name), "f%u", i);
        CHECK_OK(fs->unlink(ROOT, name));
    }
    CHECK_EQ(stat_of("f").nlink, 50);
}

/* ---- symbolic links ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    size_t len;
} targets[] = {{"1", 1},   {"2", 2},     {"59", 59},     {"60", 60},    {"63", 63},
               {"64", 64}, {"255", 255}, {"1000", 1000}, {"1022", 1022}};
ROW_NAMES(targets)

static void symlink__holds_its_target(unsigned row)
{
    char target[1100], buf[1100];
    size_t len = 0, want = targets[row].len;

    fill_name(target, 't', want);
    CHECK_OK(fs->symlink(ROOT, target, "l"));
    CHECK_EQ(stat_of("l").size, want);
    CHECK_EQ(stat_of("l").type, SYS_VLNK);
    CHECK_OK(fs->readlink(ROOT, "l", buf, sizeof(buf), &len));
    CHECK_EQ(len, want);
    CHECK(memcmp(buf, target, len) == 0);
}

static void symlink__with_a_long_target(void)
{
    char target[2001];

    fill_name(target, 't', 2000);
    CHECK_ERR(difference(DIFF_LINK_TARGET_MAX), fs->symlink(ROOT, target, "l"));
}

static const struct {
    const char *name, *target, *path;
    int error;
} no_symlink[] = {
    {"over a file", "x", "file", SYS_EEXIST},
    {"over a directory", "x", "dir", SYS_EEXIST},
    {"over a dangling link", "x", "dangling", SYS_EEXIST},
    {"empty target", "", "new", SYS_ENOENT},
    {"to a name with slash", "x", "new/", SYS_ENOENT},
    {"onto dot", "x", ".", SYS_EEXIST},
};
ROW_NAMES(no_symlink)

static void symlink__that_does_not_fit__fails(unsigned row)
{
    scene_make();
    CHECK_ERR(no_symlink[row].error, fs->symlink(ROOT, no_symlink[row].target, no_symlink[row].path));
    CHECK(!exists("new"));
}

static void readlink__of_others__is_refused(void)
{
    char buf[16];
    size_t len;

    scene_make();
    CHECK_ERR(SYS_EINVAL, fs->readlink(ROOT, "file", buf, sizeof(buf), &len));
    CHECK_ERR(SYS_EINVAL, fs->readlink(ROOT, "dir", buf, sizeof(buf), &len));
}

static void readlink__into_a_small_buffer__cuts(void)
{
    char buf[4] = "----";
    size_t len = 0;

    CHECK_OK(fs->symlink(ROOT, "0123456789", "l"));
    CHECK_OK(fs->readlink(ROOT, "l", buf, 3, &len));
    CHECK_EQ(len, 3);
    CHECK(memcmp(buf, "012-", 4) == 0);
}

static const struct {
    const char *name;
    unsigned length;
} chains[] = {{"1", 1}, {"2", 2}, {"8", 8}, {"16", 16}, {"31", 31}};
ROW_NAMES(chains)

static void chain_make(unsigned length)
{
    char name[16], target[16] = "end";

    make_file(ROOT, "end", 0644, "reached");
    for (unsigned i = 0; i < length; i++) {
        snprintf(name, sizeof(name), "l%u", i);
        CHECK_OK(fs->symlink(ROOT, target, name));
        memcpy(target, name, sizeof(target));
    }
    CHECK_OK(fs->symlink(ROOT, target, "start"));
}

static void chain__of_links__leads_to_its_end(unsigned row)
{
    chain_make(chains[row].length - 1);
    check_contents("start", "reached");
}

static void chain__of_36_links(void)
{
    chain_make(35);
    CHECK_ERR(difference(DIFF_LINKS_MAX), open_err(ROOT, "start", SYS_O_RDONLY, 0));
}

static void chain__of_41_links__is_a_loop(void)
{
    chain_make(40);
    CHECK_ERR(SYS_ELOOP, open_err(ROOT, "start", SYS_O_RDONLY, 0));
}

static const struct {
    const char *name, *target, *through;
} ways[] = {
    {"relative", "dir", "l/inner"},
    {"with dots", "./dir/../dir/.", "l/inner"},
    {"from below", "../dir", "empty/l/inner"},
    {"to dot", ".", "l/dir/inner"},
    {"to dot-dot", "..", "empty/l/dir/inner"},
    {"to a link", "to-dir", "l/inner"},
    {"with slashes", "dir///", "l//inner"},
    {"of two links", "to-dir/../to-dir", "l/inner"},
};
ROW_NAMES(ways)

static void symlink__in_the_middle__is_followed(unsigned row)
{
    scene_make();
    CHECK_OK(fs->symlink(ROOT, ways[row].target, strncmp(ways[row].through, "empty/", 6) ? "l" : "empty/l"));
    check_contents(ways[row].through, "inner");
}

static void symlink__with_trailing_slash__is_followed(void)
{
    struct sys_attr attr;

    scene_make();
    CHECK_OK(fs->stat(ROOT, "to-dir/", false, &attr));
    CHECK_EQ(attr.type, SYS_VDIR);
    CHECK_ERR(SYS_ENOTDIR, fs->stat(ROOT, "link/", false, &attr));
}

static void symlink__owner_is_its_own(void)
{
    scene_make();
    CHECK_OK(fs->chown(ROOT, "link", false, UID_BOB, GROUP_BOB));
    CHECK_EQ(stat_of("link").uid, UID_BOB);
    CHECK_EQ(stat_of("file").uid, 0);
    CHECK_OK(fs->chown(ROOT, "link", true, UID_ALICE, GROUP_ALICE));
    CHECK_EQ(stat_of("link").uid, UID_BOB);
    CHECK_EQ(stat_of("file").uid, UID_ALICE);
    CHECK_OK(fs->chmod(ROOT, "link", 0600));
    CHECK_EQ(stat_of("file").mode, 0600);
    CHECK_EQ(stat_of("link").mode, 0777);
}

static void symlink__changed_under_its_users__leads_elsewhere(void)
{
    scene_make();
    check_contents("to-dir/inner", "inner");
    CHECK_OK(fs->unlink(ROOT, "to-dir"));
    CHECK_OK(fs->symlink(ROOT, "empty", "to-dir"));
    CHECK(!exists("to-dir/inner"));
}

static const struct conform_case directory_cases[] = {
    CASE_TABLE(mkdir__with_mode__has_it, modes),     CASE_TABLE(mkdir__where_something_is__fails, no_dir),
    CASE(mkdir__with_trailing_slash__succeeds),      CASE(mkdir__counts_in_the_parent),
    CASE(mkdir__fifty_deep__is_reached_and_removed), CASE(dot_and_dot_dot__lead_where_they_should),
};
SUITE(directories, directory_cases);

static const struct conform_case remove_cases[] = {
    CASE_TABLE(removal__of_what_does_not_fit__fails, no_removal),
    CASE(unlink__of_a_link__leaves_its_target),
    CASE(rmdir__with_trailing_slash__succeeds),
    CASE(removal__of_open_directory__leaves_it_empty),
    CASE(name__removed_and_made_again__is_another_file),
};
SUITE(remove, remove_cases);

static const struct conform_case link_cases[] = {
    CASE(link__is_the_same_file),
    CASE_TABLE(link__that_does_not_fit__fails, no_link),
    CASE(link__of_a_link__is_the_link),
    CASE(hundred_links__are_counted),
};
SUITE(links, link_cases);

static const struct conform_case symlink_cases[] = {
    CASE_TABLE(symlink__holds_its_target, targets),
    CASE(symlink__with_a_long_target),
    CASE_TABLE(symlink__that_does_not_fit__fails, no_symlink),
    CASE(readlink__of_others__is_refused),
    CASE(readlink__into_a_small_buffer__cuts),
    CASE_TABLE(chain__of_links__leads_to_its_end, chains),
    CASE(chain__of_36_links),
    CASE(chain__of_41_links__is_a_loop),
    CASE_TABLE(symlink__in_the_middle__is_followed, ways),
    CASE(symlink__with_trailing_slash__is_followed),
    CASE(symlink__owner_is_its_own),
    CASE(symlink__changed_under_its_users__leads_elsewhere),
};
SUITE(symlinks, symlink_cases);
