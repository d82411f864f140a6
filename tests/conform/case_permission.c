// SPDX-License-Identifier: BSD-2-Clause
/*
 * case_permission.c: who may do what: each class of user with each of the bits, the sticky bit, and the
 * set-id bits.
 */
#include "tests/conform/conform.h"

/* ---- permission bits ----------------------------------------------------------------------------------- */

/* The file is ALICE's and GROUP_TEAM's, of which CAROL is a member. */
static const struct {
    const char *name;
    const struct user *who;
    unsigned shift;
} classes[] = {{"owner", ALICE, 6}, {"group", CAROL, 3}, {"other", BOB, 0}};

/* The class has the bits, the other classes have the rest. */
static uint32_t class_mode(unsigned row)
{
    uint32_t bits = row % 8, rest = 7 - bits, mode = 0;

    for (unsigned class = 0; class < COUNT_OF(classes); class ++)
        mode |= (class == row / 8 ? bits : rest) << classes[class].shift;
    return mode;
}

static const char *class_name(unsigned row)
{
    static char name[64];

    snprintf(name, sizeof(name), "%s with %u (%03o)", classes[row / 8].name, row % 8, class_mode(row));
    return name;
}
#define CLASS_ROWS (8 * COUNT_OF(classes))

static int granted(bool right)
{
    return right ? 0 : SYS_EACCES;
}

static void file_bits__decide_for_their_class(unsigned row)
{
    const struct user *who = classes[row / 8].who;
    bool r = row & 4, w = row & 2, x = row & 1;
    struct sys_attr attr;

    make_owned("f", UID_ALICE, GROUP_TEAM, class_mode(row));
    CHECK_ERR(granted(r), open_err(who, "f", SYS_O_RDONLY, 0));
    CHECK_ERR(granted(w), open_err(who, "f", SYS_O_WRONLY, 0));
    CHECK_ERR(granted(r && w), open_err(who, "f", SYS_O_RDWR, 0));
    CHECK_ERR(granted(r), fs->access(who, "f", 4));
    CHECK_ERR(granted(w), fs->access(who, "f", 2));
    CHECK_ERR(granted(x), fs->access(who, "f", 1));
    CHECK_ERR(granted(r && w && x), fs->access(who, "f", 7));
    CHECK_OK(fs->access(who, "f", 0));
    CHECK_OK(fs->stat(who, "f", true, &attr));
    CHECK_ERR(granted(w), fs->truncate(who, "f", 1));
    CHECK_EQ(stat_of("f").size, w ? 1 : 5);
}

static void dir_scene(unsigned row)
{
    make_dir(ROOT, "d", 0755);
    make_owned("d/f", UID_ALICE, GROUP_TEAM, 0666);
    CHECK_OK(fs->chown(ROOT, "d", true, UID_ALICE, GROUP_TEAM));
    CHECK_OK(fs->chmod(ROOT, "d", class_mode(row)));
}

static void directory_bits__decide_for_their_class(unsigned row)
{
    const struct user *who = classes[row / 8].who;
    bool r = row & 4, w = row & 2, x = row & 1;
    struct sys_attr attr;

    dir_scene(row);
    CHECK_ERR(granted(r), open_err(who, "d", SYS_O_RDONLY, 0));
    CHECK_ERR(granted(x), fs->stat(who, "d/f", true, &attr));
    CHECK_ERR(x ? SYS_ENOENT : SYS_EACCES, fs->stat(who, "d/none", true, &attr));
    CHECK_ERR(granted(x), open_err(who, "d/f", SYS_O_RDWR, 0));
    CHECK_ERR(granted(w && x), open_err(who, "d/new", SYS_O_RDWR | SYS_O_CREAT, 0644));
    CHECK_ERR(granted(x && w), fs->mkdir(who, "d/sub", 0755));
    CHECK_ERR(granted(x && w), fs->symlink(who, "t", "d/link"));
    CHECK_ERR(granted(x && w), fs->rename(who, "d/f", "d/g", 0));
    CHECK_ERR(granted(x && w), fs->unlink(who, w && x ? "d/g" : "d/f"));
    CHECK_EQ(exists("d/new"), w && x);
}

static void directory_bits__decide_for_moves(unsigned row)
{
    const struct user *who = classes[row / 8].who;
    bool w = row & 2, x = row & 1;

    dir_scene(row);
    make_dir(who, "own", 0755);
    make_file(who, "own/mine", 0644, "mine");
    CHECK_ERR(granted(w && x), fs->rename(who, "own/mine", "d/mine", 0));
    CHECK_ERR(granted(w && x), fs->rename(who, "d/f", "own/taken", 0));
    CHECK_ERR(granted(w && x), fs->link(who, w && x ? "d/mine" : "own/mine", "d/linked"));
}

static void superuser__needs_no_bits(void)
{
    make_owned("f", UID_ALICE, GROUP_TEAM, 0);
    make_dir(ROOT, "d", 0);
    CHECK_OK(open_err(ROOT, "f", SYS_O_RDWR, 0));
    CHECK_OK(fs->access(ROOT, "f", 6));
    CHECK_ERR(SYS_EACCES, fs->access(ROOT, "f", 1));
    make_file(ROOT, "d/f", 0644, "");
    CHECK_OK(fs->access(ROOT, "d", 7));
    CHECK_OK(fs->chmod(ROOT, "f", 0010));
    CHECK_OK(fs->access(ROOT, "f", 1));
}

static void search__is_asked_on_the_whole_way(void)
{
    struct sys_attr attr;

    make_dir(ROOT, "a", 0755);
    make_dir(ROOT, "a/b", 0700);
    make_dir(ROOT, "a/b/c", 0777);
    make_file(ROOT, "a/b/c/f", 0666, "x");
    CHECK_ERR(SYS_EACCES, fs->stat(BOB, "a/b/c/f", true, &attr));
    CHECK_OK(fs->chmod(ROOT, "a/b", 0711));
    CHECK_OK(fs->stat(BOB, "a/b/c/f", true, &attr));
    CHECK_OK(fs->chmod(ROOT, "a", 0766));
    CHECK_ERR(SYS_EACCES, fs->stat(BOB, "a/b/c/f", true, &attr));
    CHECK_ERR(SYS_EACCES, fs->stat(BOB, "a/b/c/..", true, &attr));
}

/* ---- what only the owner may --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const struct user *who;
    bool owner;
} askers[] = {{"owner", ALICE, true},
              {"member of its group", CAROL, false},
              {"other", BOB, false},
              {"root", ROOT, true}};
ROW_NAMES(askers)

static void attributes__are_the_owners_to_change(unsigned row)
{
    const struct user *who = askers[row].who;
    int expected = askers[row].owner ? 0 : SYS_EPERM;
    struct sys_attr times = {.mask = SYS_ATTR_ATIME | SYS_ATTR_MTIME, .atime = {1, 0}, .mtime = {2, 0}};

    make_owned("f", UID_ALICE, GROUP_TEAM, 0666);
    CHECK_ERR(expected, fs->chmod(who, "f", 0646));
    CHECK_ERR(expected, fs->utimes(who, "f", true, &times));
    CHECK_ERR(expected, fs->chown(who, "f", true, KEEP_ID, GROUP_TEAM));
    CHECK_ERR(who == ROOT ? 0 : SYS_EPERM, fs->chown(who, "f", true, UID_BOB, KEEP_ID));
}

static void present_time__may_be_set_by_writers(unsigned row)
{
    struct sys_attr now = {.mask = SYS_ATTR_ATIME_NOW | SYS_ATTR_MTIME_NOW};

    make_owned("f", UID_ALICE, GROUP_TEAM, 0466);
    CHECK_OK(fs->utimes(askers[row].who, "f", true, &now));
    CHECK_OK(fs->chmod(ROOT, "f", 0444));
    CHECK_ERR(askers[row].owner ? 0 : SYS_EACCES, fs->utimes(askers[row].who, "f", true, &now));
}

static const struct {
    const char *name;
    const struct user *who;
    uint32_t uid, gid;
    int error;
} gifts[] = {
    {"owner to a group of theirs", ALICE, KEEP_ID, GROUP_TEAM, 0},
    {"owner to their first group", ALICE, KEEP_ID, GROUP_ALICE, 0},
    {"owner to a stranger's group", ALICE, KEEP_ID, GROUP_BOB, SYS_EPERM},
    {"owner to another user", ALICE, UID_BOB, KEEP_ID, SYS_EPERM},
    {"owner to themselves", ALICE, UID_ALICE, KEEP_ID, 0},
    {"owner, both kept by name", ALICE, UID_ALICE, GROUP_ALICE, 0},
    {"other to a group of theirs", BOB, KEEP_ID, GROUP_BOB, SYS_EPERM},
    {"other to themselves", BOB, UID_BOB, KEEP_ID, SYS_EPERM},
    {"root to anybody", ROOT, UID_BOB, GROUP_BOB, 0},
};
ROW_NAMES(gifts)

static void chown__follows_the_rules(unsigned row)
{
    make_owned("f", UID_ALICE, GROUP_ALICE, 0644);
    CHECK_ERR(gifts[row].error, fs->chown(gifts[row].who, "f", true, gifts[row].uid, gifts[row].gid));
    if (gifts[row].error)
        CHECK(stat_of("f").uid == UID_ALICE && stat_of("f").gid == GROUP_ALICE);
}

static const struct conform_case permission_cases[] = {
    CASE_ROWS(file_bits__decide_for_their_class, CLASS_ROWS, class_name),
    CASE_ROWS(directory_bits__decide_for_their_class, CLASS_ROWS, class_name),
    CASE_ROWS(directory_bits__decide_for_moves, CLASS_ROWS, class_name),
    CASE(superuser__needs_no_bits),
    CASE(search__is_asked_on_the_whole_way),
    CASE_TABLE(attributes__are_the_owners_to_change, askers),
    CASE_TABLE(present_time__may_be_set_by_writers, askers),
    CASE_TABLE(chown__follows_the_rules, gifts),
};
SUITE(permission, permission_cases);

/* ---- the sticky bit ------------------------------------------------------------------------------------ */

enum removal { UNLINK, RMDIR, MOVE_AWAY, MOVE_OVER, REMOVALS };
static const char *const removal_names[] = {"unlink", "rmdir", "rename away", "rename over"};
static const struct {
    const char *name;
    const struct user *who;
} people[] = {{"alice", ALICE}, {"bob", BOB}, {"root", ROOT}};
#define PEOPLE COUNT_OF(people)

struct sticky {
    unsigned dir, file, actor; /* of people */
    enum removal what;
};

static struct sticky sticky_of(unsigned row)
{
    return (struct sticky){.what = row % REMOVALS,
                           .actor = row / REMOVALS % PEOPLE,
                           .file = row / REMOVALS / PEOPLE % PEOPLE,
                           .dir = row / REMOVALS / PEOPLE / PEOPLE};
}
#define STICKY_ROWS (REMOVALS * PEOPLE * PEOPLE * PEOPLE)

static const char *sticky_name(unsigned row)
{
    static char name[96];
    struct sticky it = sticky_of(row);

    snprintf(name, sizeof(name), "%s: %s of %s's in %s's", people[it.actor].name, removal_names[it.what],
             people[it.file].name, people[it.dir].name);
    return name;
}

static int sticky_remove(const struct user *who, enum removal what)
{
    if (what == UNLINK)
        return fs->unlink(who, "d/x");
    if (what == RMDIR)
        return fs->rmdir(who, "d/x");
    if (what == MOVE_AWAY)
        return fs->rename(who, "d/x", "own/x", 0);
    return fs->rename(who, "own/y", "d/x", 0);
}

static void sticky_directory__protects_from_others(unsigned row)
{
    struct sticky it = sticky_of(row);
    const struct user *who = people[it.actor].who;
    bool may = it.actor == it.file || it.actor == it.dir || who == ROOT;

    make_dir(ROOT, "d", 0755);
    if (it.what == RMDIR)
        make_dir(ROOT, "d/x", 0777);
    else
        make_file(ROOT, "d/x", 0666, "x");
    CHECK_OK(fs->chown(ROOT, "d/x", true, people[it.file].who->uid, GROUP_TEAM));
    CHECK_OK(fs->chown(ROOT, "d", true, people[it.dir].who->uid, GROUP_TEAM));
    CHECK_OK(fs->chmod(ROOT, "d", 01777));
    make_dir(who, "own", 0755);
    make_file(who, "own/y", 0644, "y");
    CHECK_ERR(may ? 0 : SYS_EPERM, sticky_remove(who, it.what));
    if (!may)
        CHECK_EQ(stat_of("d/x").uid, people[it.file].who->uid);
}

static void sticky_directory__lets_all_make_and_read(void)
{
    make_dir(ROOT, "d", 0755);
    CHECK_OK(fs->chmod(ROOT, "d", 01777));
    make_file(ALICE, "d/a", 0644, "a");
    make_dir(BOB, "d/b", 0755);
    CHECK_OK(open_err(BOB, "d/a", SYS_O_RDONLY, 0));
    CHECK_OK(fs->rename(ALICE, "d/a", "d/c", 0));
    CHECK_OK(fs->rmdir(BOB, "d/b"));
}

static const struct conform_case sticky_cases[] = {
    CASE_ROWS(sticky_directory__protects_from_others, STICKY_ROWS, sticky_name),
    CASE(sticky_directory__lets_all_make_and_read),
};
SUITE(sticky, sticky_cases);

/* ---- set-id bits --------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint32_t before, after; /* a user's write */
} written[] = {
    {"04755", 04755, 0755}, {"02755", 02755, 0755}, {"06777", 06777, 0777},  {"02745", 02745, 02745},
    {"04644", 04644, 0644}, {"0755", 0755, 0755},   {"01755", 01755, 01755},
};
ROW_NAMES(written)

static void write__by_a_user__takes_set_id_bits(unsigned row)
{
    make_owned("f", UID_ALICE, GROUP_ALICE, written[row].before);
    int fd = open_ok(ALICE, "f", SYS_O_RDWR, 0);
    CHECK_OK(fs->pwrite_as(ALICE, fd, "x", 1, 0));
    CHECK_OK(fs->fsync(fd, false));
    close_ok(fd);
    CHECK_EQ(stat_of("f").mode, written[row].after);
}

static void truncate__by_a_user__takes_set_id_bits(unsigned row)
{
    make_owned("f", UID_ALICE, GROUP_ALICE, written[row].before);
    int fd = open_ok(ALICE, "f", SYS_O_RDWR, 0);
    CHECK_OK(fs->ftruncate_as(ALICE, fd, 2));
    CHECK_EQ(stat_of("f").mode, written[row].after);
    CHECK_OK(fs->chmod(ROOT, "f", written[row].before));
    CHECK_OK(fs->truncate(ALICE, "f", 1));
    CHECK_EQ(stat_of("f").mode, written[row].after);
}

static void chown__by_the_owner__takes_set_id_bits(unsigned row)
{
    make_owned("f", UID_ALICE, GROUP_ALICE, written[row].before);
    CHECK_OK(fs->chown(ALICE, "f", true, KEEP_ID, GROUP_TEAM));
    /* Without group execution a set-group-id bit meant mandatory locks. */
    CHECK_EQ(stat_of("f").mode & 04777, written[row].after & 04777);
    CHECK_EQ(stat_of("f").gid, GROUP_TEAM);
}

static void write__by_root__keeps_set_id_bits(void)
{
    make_owned("f", UID_ALICE, GROUP_ALICE, 06755);
    int fd = open_ok(ROOT, "f", SYS_O_RDWR, 0);
    write_ok(fd, "x", 1, 0);
    CHECK_OK(fs->fsync(fd, false));
    close_ok(fd);
    CHECK_EQ(stat_of("f").mode, 06755);
}

static void set_group_id__for_a_strangers_group__is_dropped(void)
{
    make_owned("f", UID_ALICE, GROUP_BOB, 0755);
    CHECK_OK(fs->chmod(ALICE, "f", 02755));
    CHECK_EQ(stat_of("f").mode, 0755);
    CHECK_OK(fs->chown(ROOT, "f", true, KEEP_ID, GROUP_TEAM));
    CHECK_OK(fs->chmod(ALICE, "f", 02755));
    CHECK_EQ(stat_of("f").mode, 02755);
    CHECK_OK(fs->chmod(ALICE, "f", 04755));
    CHECK_EQ(stat_of("f").mode, 04755);
}

static void set_group_id_directory__passes_its_group_on(void)
{
    make_dir(ROOT, "d", 0755);
    CHECK_OK(fs->chown(ROOT, "d", true, 0, GROUP_TEAM));
    CHECK_OK(fs->chmod(ROOT, "d", 02777));
    make_file(BOB, "d/f", 0644, "");
    make_dir(BOB, "d/sub", 0755);
    make_dir(BOB, "d/sub/below", 0700);
    CHECK_OK(fs->symlink(BOB, "x", "d/l"));
    CHECK_EQ(stat_of("d/f").gid, GROUP_TEAM);
    CHECK_EQ(stat_of("d/f").mode, 0644);
    CHECK_EQ(stat_of("d/l").gid, GROUP_TEAM);
    CHECK_EQ(stat_of("d/sub").gid, GROUP_TEAM);
    CHECK_EQ(stat_of("d/sub").mode, 02755);
    CHECK_EQ(stat_of("d/sub/below").mode, 02700);
    CHECK_EQ(stat_of("d/sub/below").uid, UID_BOB);
}

static void plain_directory__gives_the_makers_group(void)
{
    make_dir(ROOT, "d", 0755);
    CHECK_OK(fs->chown(ROOT, "d", true, 0, GROUP_TEAM));
    CHECK_OK(fs->chmod(ROOT, "d", 0777));
    make_file(BOB, "d/f", 0644, "");
    make_dir(BOB, "d/sub", 0755);
    CHECK_EQ(stat_of("d/f").gid, GROUP_BOB);
    CHECK_EQ(stat_of("d/sub").gid, GROUP_BOB);
    CHECK_EQ(stat_of("d/sub").mode, 0755);
}

static void set_group_id_file__for_a_strangers_group__is_not_made(void)
{
    make_dir(ROOT, "d", 0755);
    CHECK_OK(fs->chown(ROOT, "d", true, 0, GROUP_TEAM));
    CHECK_OK(fs->chmod(ROOT, "d", 02777));
    close_ok(open_ok(BOB, "d/bobs", SYS_O_RDWR | SYS_O_CREAT, 02755));
    close_ok(open_ok(ALICE, "d/alices", SYS_O_RDWR | SYS_O_CREAT, 02755));
    CHECK_EQ(stat_of("d/bobs").mode, 0755);
    CHECK_EQ(stat_of("d/alices").mode, 02755);
}

static const struct conform_case setid_cases[] = {
    CASE_TABLE(write__by_a_user__takes_set_id_bits, written),
    CASE_TABLE(truncate__by_a_user__takes_set_id_bits, written),
    CASE_TABLE(chown__by_the_owner__takes_set_id_bits, written),
    CASE(write__by_root__keeps_set_id_bits),
    CASE(set_group_id__for_a_strangers_group__is_dropped),
    CASE(set_group_id_directory__passes_its_group_on),
    CASE(plain_directory__gives_the_makers_group),
    CASE(set_group_id_file__for_a_strangers_group__is_not_made),
};
SUITE(setid, setid_cases);
