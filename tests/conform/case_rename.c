// SPDX-License-Identifier: BSD-2-Clause
/*
 * case_rename.c: the matrix of what is renamed over what, in one directory and across two, plainly, excluding
 * and exchanging; and the rules beside the matrix.
 */
#include "tests/conform/conform.h"

enum kind { NOTHING, FILE_KIND, LINK_KIND, EMPTY_DIR, FULL_DIR, KINDS };
enum how { PLAIN, EXCLUSIVE, SWAPPED, HOWS };
static const char *const kind_names[] = {"nothing", "file", "link", "empty directory", "full directory"};
static const char *const how_names[] = {"", ", exclusive", ", swapped"};
static const uint32_t how_flags[] = {0, SYS_RENAME_EXCL, SYS_RENAME_SWAP};

struct move {
    enum kind from, to;
    enum how how;
    bool across;
};

static struct move move_of(unsigned row)
{
    return (struct move){.to = row % KINDS,
                         .from = row / KINDS % KINDS,
                         .how = row / KINDS / KINDS % HOWS,
                         .across = row / KINDS / KINDS / HOWS};
}
#define MOVES (KINDS * KINDS * HOWS * 2)

static const char *move_name(unsigned row)
{
    static char name[96];
    struct move move = move_of(row);

    snprintf(name, sizeof(name), "%s over %s%s%s", kind_names[move.from], kind_names[move.to],
             how_names[move.how], move.across ? ", to another directory" : "");
    return name;
}

static void thing_make(const char *path, enum kind kind)
{
    char inner[64];

    if (kind == FILE_KIND)
        make_file(ROOT, path, 0644, path);
    else if (kind == LINK_KIND)
        CHECK_OK(fs->symlink(ROOT, "target", path));
    else if (kind >= EMPTY_DIR)
        make_dir(ROOT, path, 0755);
    if (kind == FULL_DIR) {
        snprintf(inner, sizeof(inner), "%s/inner", path);
        make_file(ROOT, inner, 0644, path);
    }
}

static bool is_dir(enum kind kind)
{
    return kind >= EMPTY_DIR;
}

static int move_expected(const struct move *move)
{
    if (move->from == NOTHING)
        return SYS_ENOENT;
    if (move->how == EXCLUSIVE && move->to != NOTHING)
        return SYS_EEXIST;
    if (move->how == SWAPPED)
        return move->to == NOTHING ? SYS_ENOENT : 0;
    if (move->to == NOTHING)
        return 0;
    if (is_dir(move->from) && !is_dir(move->to))
        return SYS_ENOTDIR;
    if (!is_dir(move->from) && is_dir(move->to))
        return SYS_EISDIR;
    return move->to == FULL_DIR ? SYS_ENOTEMPTY : 0;
}

struct seen {
    bool there;
    uint64_t fileid;
    uint32_t nlink;
};

static struct seen look(const char *path)
{
    struct seen seen = {.there = exists(path)};

    if (seen.there) {
        struct sys_attr attr = stat_of(path);
        seen.fileid = attr.fileid;
        seen.nlink = attr.nlink;
    }
    return seen;
}

static void check_same(const struct seen *a, const struct seen *b)
{
    CHECK_EQ(a->there, b->there);
    CHECK_EQ(a->fileid, b->fileid);
    CHECK_EQ(a->nlink, b->nlink);
}

/* The two parents count their directories. */
static void check_parents(const struct move *move, int error)
{
    bool moved = !error && is_dir(move->from), replaced = !error && move->how != SWAPPED && is_dir(move->to);
    unsigned first = 2u + is_dir(move->from), second = 2u + is_dir(move->to);

    if (!move->across) {
        CHECK_EQ(stat_of("one").nlink, first + second - 2 - replaced);
        return;
    }
    if (moved)
        first--, second++;
    if (replaced)
        second--;
    if (!error && move->how == SWAPPED && is_dir(move->to))
        first++, second--;
    CHECK_EQ(stat_of("one").nlink, first);
    CHECK_EQ(stat_of("two").nlink, second);
}

static void rename__matrix(unsigned row)
{
    struct move move = move_of(row);
    const char *to = move.across ? "two/to" : "one/to";
    int expected = move_expected(&move);

    if (move.how != PLAIN)
        conform_need(HAS_SWAP);
    make_dir(ROOT, "one", 0755);
    make_dir(ROOT, "two", 0755);
    thing_make("one/from", move.from);
    thing_make(to, move.to);
    struct seen from_before = look("one/from"), to_before = look(to);
    CHECK_ERR(expected, fs->rename(ROOT, "one/from", to, how_flags[move.how]));
    struct seen from_after = look("one/from"), to_after = look(to), none = {0};
    if (expected) {
        check_same(&from_after, &from_before);
        check_same(&to_after, &to_before);
    } else {
        check_same(&from_after, move.how == SWAPPED ? &to_before : &none);
        check_same(&to_after, &from_before);
        if (move.from == FILE_KIND)
            check_contents(to, "one/from");
        if (move.from == FULL_DIR)
            CHECK(exists(move.across ? "two/to/inner" : "one/to/inner"));
    }
    check_parents(&move, expected);
}

/* ---- paths that do not do ------------------------------------------------------------------------------ */

static const struct {
    const char *name, *from, *to;
    int error;
} refused[] = {
    {"missing parent of source", "none/x", "y", SYS_ENOENT},
    {"missing parent of target", "file", "none/x", SYS_ENOENT},
    {"source below a file", "file/x", "y", SYS_ENOTDIR},
    {"target below a file", "file", "file/x", SYS_ENOTDIR},
    {"directory below a file", "dir", "file/x", SYS_ENOTDIR},
    {"below itself", "dir", "dir/x", SYS_EINVAL},
    {"far below itself", "dir", "dir/sub/x", SYS_EINVAL},
    {"over the parent", "dir/sub", "dir", SYS_ENOTEMPTY},
    {"file over the parent", "dir/file", "dir", SYS_ENOTEMPTY},
    {"empty source", "", "y", SYS_ENOENT},
    {"empty target", "file", "", SYS_ENOENT},
    {"file to name with slash", "file", "new/", SYS_ENOTDIR},
    {"file with slash", "file/", "new", SYS_ENOTDIR},
    {"missing with slash", "none/", "new/", SYS_ENOENT},
};
ROW_NAMES(refused)

static void scene_make(void)
{
    make_file(ROOT, "file", 0644, "contents");
    make_dir(ROOT, "dir", 0755);
    make_dir(ROOT, "dir/sub", 0755);
    make_file(ROOT, "dir/file", 0644, "below");
}

static void rename__of_what_does_not_fit__fails(unsigned row)
{
    scene_make();
    CHECK_ERR(refused[row].error, fs->rename(ROOT, refused[row].from, refused[row].to, 0));
    check_contents("file", "contents");
    check_contents("dir/file", "below");
    CHECK(exists("dir/sub") && !exists("new"));
}

static const struct {
    const char *name, *from, *to;
} dots[] = {
    {"dot", "dir/.", "new"},
    {"dot-dot", "dir/sub/..", "new"},
    {"onto dot", "dir/sub", "dir/."},
    {"onto dot-dot", "dir/sub", "dir/sub/.."},
};
ROW_NAMES(dots)

static void rename__of_dots__is_refused(unsigned row)
{
    scene_make();
    CHECK_ERR(difference(DIFF_RENAME_DOT), fs->rename(ROOT, dots[row].from, dots[row].to, 0));
    CHECK(exists("dir/sub"));
}

static void rename__of_directory_to_name_with_slash__succeeds(void)
{
    scene_make();
    CHECK_OK(fs->rename(ROOT, "dir", "new/", 0));
    check_contents("new/file", "below");
    CHECK_OK(fs->rename(ROOT, "new/", "dir", 0));
    check_contents("dir/file", "below");
}

static void rename__onto_itself__does_nothing(void)
{
    scene_make();
    uint64_t before = stat_of("file").fileid;
    CHECK_OK(fs->rename(ROOT, "file", "file", 0));
    CHECK_OK(fs->rename(ROOT, "dir", "dir", 0));
    CHECK_EQ(stat_of("file").fileid, before);
    check_contents("file", "contents");
}

static void rename__between_names_of_one_file__keeps_both(void)
{
    scene_make();
    CHECK_OK(fs->link(ROOT, "file", "other"));
    CHECK_OK(fs->link(ROOT, "file", "dir/other"));
    CHECK_OK(fs->rename(ROOT, "file", "other", 0));
    CHECK_OK(fs->rename(ROOT, "file", "dir/other", 0));
    CHECK_EQ(stat_of("file").nlink, 3);
    CHECK_EQ(stat_of("other").nlink, 3);
}

static void rename__onto_itself_exclusively__is_refused(void)
{
    conform_need(HAS_SWAP);
    scene_make();
    CHECK_ERR(SYS_EEXIST, fs->rename(ROOT, "file", "file", SYS_RENAME_EXCL));
    check_contents("file", "contents");
}

static void rename__of_directory__moves_its_parent(void)
{
    scene_make();
    make_dir(ROOT, "new", 0755);
    CHECK_OK(fs->rename(ROOT, "dir/sub", "new/sub", 0));
    CHECK_EQ(stat_of("new/sub/..").fileid, stat_of("new").fileid);
    CHECK_EQ(stat_of("dir").nlink, 2);
    CHECK_EQ(stat_of("new").nlink, 3);
    CHECK_OK(fs->rename(ROOT, "new/sub", "sub", 0));
    CHECK_EQ(stat_of("sub/..").fileid, stat_of(".").fileid);
}

static void rename__of_directory__carries_the_tree(void)
{
    scene_make();
    make_file(ROOT, "dir/sub/deep", 0644, "deep");
    int fd = open_ok(ROOT, "dir/sub/deep", SYS_O_RDWR, 0);
    CHECK_OK(fs->rename(ROOT, "dir", "moved", 0));
    check_contents("moved/sub/deep", "deep");
    CHECK(!exists("dir"));
    write_ok(fd, "DEEP", 4, 0);
    check_contents("moved/sub/deep", "DEEP");
}

static void rename__over_a_file_with_links__lowers_its_count(void)
{
    scene_make();
    CHECK_OK(fs->link(ROOT, "dir/file", "kept"));
    CHECK_OK(fs->rename(ROOT, "file", "dir/file", 0));
    CHECK_EQ(stat_of("kept").nlink, 1);
    check_contents("kept", "below");
    check_contents("dir/file", "contents");
}

static void rename__keeps_all_attributes(void)
{
    make_owned("f", UID_ALICE, GROUP_BOB, 04751);
    set_times("f", 1111, 2222);
    CHECK_OK(fs->rename(ROOT, "f", "g", 0));
    struct sys_attr attr = stat_of("g");
    CHECK_EQ(attr.uid, UID_ALICE);
    CHECK_EQ(attr.gid, GROUP_BOB);
    CHECK_EQ(attr.mode, 04751);
    CHECK_EQ(attr.mtime.sec, 2222);
}

static void rename__of_a_link__does_not_follow(void)
{
    scene_make();
    CHECK_OK(fs->symlink(ROOT, "dir", "l"));
    CHECK_OK(fs->rename(ROOT, "l", "m", 0));
    CHECK_EQ(stat_of("m").type, SYS_VLNK);
    CHECK_OK(fs->rename(ROOT, "file", "m", 0));
    CHECK_EQ(stat_of("m").type, SYS_VREG);
    CHECK(exists("dir"));
}

static void rename__to_a_cached_absent_name__is_seen(void)
{
    scene_make();
    CHECK(!exists("new"));
    CHECK_OK(fs->rename(ROOT, "file", "new", 0));
    CHECK(exists("new") && !exists("file"));
    CHECK_OK(fs->rename(ROOT, "new", "file", 0));
    CHECK(!exists("new") && exists("file"));
}

static void rename__many_times_round__keeps_the_file(void)
{
    make_file(ROOT, "a", 0644, "same");
    for (unsigned i = 0; i < 50; i++) {
        CHECK_OK(fs->rename(ROOT, "a", "b", 0));
        CHECK_OK(fs->rename(ROOT, "b", "a", 0));
    }
    check_contents("a", "same");
}

static const struct conform_case cases[] = {
    CASE_ROWS(rename__matrix, MOVES, move_name),
    CASE_TABLE(rename__of_what_does_not_fit__fails, refused),
    CASE_TABLE(rename__of_dots__is_refused, dots),
    CASE(rename__of_directory_to_name_with_slash__succeeds),
    CASE(rename__onto_itself__does_nothing),
    CASE(rename__between_names_of_one_file__keeps_both),
    CASE(rename__onto_itself_exclusively__is_refused),
    CASE(rename__of_directory__moves_its_parent),
    CASE(rename__of_directory__carries_the_tree),
    CASE(rename__over_a_file_with_links__lowers_its_count),
    CASE(rename__keeps_all_attributes),
    CASE(rename__of_a_link__does_not_follow),
    CASE(rename__to_a_cached_absent_name__is_seen),
    CASE(rename__many_times_round__keeps_the_file),
};
SUITE(rename, cases);
