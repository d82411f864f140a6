// SPDX-License-Identifier: BSD-2-Clause
/*
 * case_attributes.c: modes, owners, types and numbers of files, and which operation moves which time.
 */
#include "tests/conform/conform.h"

/* ---- modes and owners ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint32_t mode;
} modes[] = {{"0", 0},         {"01", 01},     {"02", 02},       {"04", 04},
             {"010", 010},     {"020", 020},   {"040", 040},     {"0100", 0100},
             {"0200", 0200},   {"0400", 0400}, {"01000", 01000}, {"02000", 02000},
             {"04000", 04000}, {"0777", 0777}, {"06755", 06755}, {"07777", 07777}};
ROW_NAMES(modes)

static void chmod__sets_just_that_mode(unsigned row)
{
    make_file(ROOT, "f", 0123, "x");
    make_dir(ROOT, "d", 0321);
    CHECK_OK(fs->chmod(ROOT, "f", modes[row].mode));
    CHECK_OK(fs->chmod(ROOT, "d", modes[row].mode));
    CHECK_EQ(stat_of("f").mode, modes[row].mode);
    CHECK_EQ(stat_of("f").type, SYS_VREG);
    CHECK_EQ(stat_of("d").mode, modes[row].mode);
    CHECK_EQ(stat_of("d").type, SYS_VDIR);
}

static const struct {
    const char *name;
    uint32_t uid, gid;
} owners[] = {{"both", UID_ALICE, GROUP_BOB},
              {"user", UID_BOB, KEEP_ID},
              {"group", KEEP_ID, GROUP_TEAM},
              {"neither", KEEP_ID, KEEP_ID},
              {"root", 0, 0},
              {"large", 0x7ffffffe, 0x7ffffffe}};
ROW_NAMES(owners)

static void chown__sets_what_is_given(unsigned row)
{
    uint32_t uid = owners[row].uid, gid = owners[row].gid;

    make_owned("f", UID_CAROL, GROUP_CAROL, 0644);
    CHECK_OK(fs->chown(ROOT, "f", true, uid, gid));
    CHECK_EQ(stat_of("f").uid, uid == KEEP_ID ? UID_CAROL : uid);
    CHECK_EQ(stat_of("f").gid, gid == KEEP_ID ? GROUP_CAROL : gid);
}

/* ---- types and numbers --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint32_t type, rdev;
} types[] = {{"file", SYS_VREG, 0},
             {"fifo", SYS_VFIFO, 0},
             {"socket", SYS_VSOCK, 0},
             {"character device", SYS_VCHR, 5u << 24 | 7},
             {"block device", SYS_VBLK, 7u << 24 | 300}};
ROW_NAMES(types)

static void mknod__makes_the_type(unsigned row)
{
    if (types[row].type != SYS_VREG)
        conform_need(HAS_DEVICES);
    CHECK_OK(fs->mknod(ROOT, "n", types[row].type, 0640, types[row].rdev));
    struct sys_attr attr = stat_of("n");
    CHECK_EQ(attr.type, types[row].type);
    CHECK_EQ(attr.mode, 0640);
    CHECK_EQ(attr.nlink, 1);
    if (types[row].rdev)
        CHECK_EQ(attr.rdev, types[row].rdev);
    CHECK_ERR(SYS_EEXIST, fs->mknod(ROOT, "n", types[row].type, 0640, types[row].rdev));
}

static void mknod__of_devices_by_users__is_refused(void)
{
    conform_need(HAS_DEVICES);
    CHECK_ERR(SYS_EPERM, fs->mknod(ALICE, "c", SYS_VCHR, 0666, 1u << 24 | 3));
    CHECK_ERR(SYS_EPERM, fs->mknod(ALICE, "b", SYS_VBLK, 0666, 7u << 24));
    CHECK_OK(fs->mknod(ALICE, "p", SYS_VFIFO, 0666, 0));
    CHECK_EQ(stat_of("p").uid, UID_ALICE);
}

static void numbers__are_each_files_own(void)
{
    make_file(ROOT, "a", 0644, "");
    make_file(ROOT, "b", 0644, "");
    make_dir(ROOT, "c", 0755);
    uint64_t a = stat_of("a").fileid, b = stat_of("b").fileid, c = stat_of("c").fileid;
    CHECK(a && b && c && a != b && b != c && a != c);
    CHECK_EQ(stat_of("a").fileid, a);
    int fd = open_ok(ROOT, "a", SYS_O_RDONLY, 0);
    CHECK_EQ(fstat_of(fd).fileid, a);
}

static void open_and_named_file__have_the_same_attributes(void)
{
    make_owned("f", UID_ALICE, GROUP_TEAM, 0640);
    int fd = open_ok(ROOT, "f", SYS_O_RDWR, 0);
    struct sys_attr by_name = stat_of("f"), by_fd = fstat_of(fd);
    CHECK_EQ(by_fd.mode, by_name.mode);
    CHECK_EQ(by_fd.uid, by_name.uid);
    CHECK_EQ(by_fd.gid, by_name.gid);
    CHECK_EQ(by_fd.size, by_name.size);
    CHECK_EQ(by_fd.nlink, by_name.nlink);
    CHECK(time_equal(by_fd.mtime, by_name.mtime));
}

static void statfs__tells_sense(void)
{
    struct sys_statfs sfs;

    CHECK_OK(fs->statfs(&sfs));
    CHECK(sfs.bsize >= 512);
    CHECK(sfs.bfree <= sfs.blocks && sfs.bavail <= sfs.bfree);
    CHECK(sfs.ffree <= sfs.files);
    CHECK_EQ(sfs.namemax, 255);
}

/* ---- times set ----------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    struct sys_time time;
} instants[] = {{"the epoch", {0, 0}},
                {"a second", {1, 0}},
                {"a nanosecond", {1, 1}},
                {"just before a second", {1234567890, 999999999}},
                {"end of 31 bits", {0x7fffffff, 0}},
                {"past 31 bits", {0x80000000ll, 5}}};
ROW_NAMES(instants)

static void utimes__sets_just_that_time(unsigned row)
{
    struct sys_attr times = {
        .mask = SYS_ATTR_ATIME | SYS_ATTR_MTIME, .atime = {42, 43}, .mtime = instants[row].time};

    make_file(ROOT, "f", 0644, "x");
    CHECK_OK(fs->utimes(ROOT, "f", true, &times));
    struct sys_attr attr = stat_of("f");
    CHECK(time_equal(attr.mtime, instants[row].time));
    CHECK(time_equal(attr.atime, times.atime));
}

static const struct {
    const char *name;
    uint32_t mask;
} partial[] = {{"access", SYS_ATTR_ATIME},
               {"modification", SYS_ATTR_MTIME},
               {"access now", SYS_ATTR_ATIME_NOW},
               {"modification now", SYS_ATTR_MTIME_NOW},
               {"access, modification now", SYS_ATTR_ATIME | SYS_ATTR_MTIME_NOW},
               {"access now, modification", SYS_ATTR_ATIME_NOW | SYS_ATTR_MTIME}};
ROW_NAMES(partial)

static void check_time(struct sys_time time, uint32_t mask, uint32_t given, uint32_t now, int64_t before)
{
    if (mask & given)
        CHECK_EQ(time.sec, 777);
    else if (mask & now)
        CHECK(time.sec > 1000000);
    else
        CHECK_EQ(time.sec, before);
}

static void utimes__of_one__leaves_the_other(unsigned row)
{
    uint32_t mask = partial[row].mask;
    struct sys_attr times = {.mask = mask, .atime = {777, 0}, .mtime = {777, 0}};

    make_file(ROOT, "f", 0644, "x");
    set_times("f", 1000, 2000);
    CHECK_OK(fs->utimes(ROOT, "f", true, &times));
    struct sys_attr attr = stat_of("f");
    check_time(attr.atime, mask, SYS_ATTR_ATIME, SYS_ATTR_ATIME_NOW, 1000);
    check_time(attr.mtime, mask, SYS_ATTR_MTIME, SYS_ATTR_MTIME_NOW, 2000);
}

static void utimes__with_bad_nanoseconds__is_refused(void)
{
    struct sys_attr times = {.mask = SYS_ATTR_MTIME, .mtime = {1, 1000000000}};

    make_file(ROOT, "f", 0644, "x");
    CHECK_ERR(SYS_EINVAL, fs->utimes(ROOT, "f", true, &times));
}

static void utimes__of_a_link__leaves_its_target(void)
{
    struct sys_attr times = {.mask = SYS_ATTR_MTIME, .mtime = {5, 0}};

    make_file(ROOT, "f", 0644, "x");
    set_times("f", 1000, 2000);
    CHECK_OK(fs->symlink(ROOT, "f", "l"));
    CHECK_OK(fs->utimes(ROOT, "l", false, &times));
    CHECK_EQ(stat_of("f").mtime.sec, 2000);
    CHECK_EQ(stat_of("l").mtime.sec, 5);
    CHECK_OK(fs->utimes(ROOT, "l", true, &times));
    CHECK_EQ(stat_of("f").mtime.sec, 5);
}

/* ---- times moved --------------------------------------------------------------------------------------- */

enum { DIR_M = 1, DIR_C = 2, DIR_MC = 3, FILE_M = 4, FILE_C = 8, FILE_MC = 12 };

static void do_create(void)
{
    make_file(ROOT, "d/new", 0644, "");
}
static void do_mkdir(void)
{
    make_dir(ROOT, "d/new", 0755);
}
static void do_symlink(void)
{
    CHECK_OK(fs->symlink(ROOT, "x", "d/new"));
}
static void do_link(void)
{
    CHECK_OK(fs->link(ROOT, "d/f", "d/new"));
}
static void do_link_elsewhere(void)
{
    CHECK_OK(fs->link(ROOT, "d/f", "new"));
}
static void do_unlink(void)
{
    CHECK_OK(fs->unlink(ROOT, "d/g"));
}
static void do_unlink_a_name(void)
{
    CHECK_OK(fs->unlink(ROOT, "d/h"));
}
static void do_rename(void)
{
    CHECK_OK(fs->rename(ROOT, "d/f", "d/moved", 0));
    CHECK_OK(fs->rename(ROOT, "d/moved", "d/f", 0));
}
static void do_chmod(void)
{
    CHECK_OK(fs->chmod(ROOT, "d/f", 0600));
}
static void do_chown(void)
{
    CHECK_OK(fs->chown(ROOT, "d/f", true, UID_BOB, GROUP_BOB));
}
static void do_truncate(void)
{
    CHECK_OK(fs->truncate(ROOT, "d/f", 2));
}
static void do_truncate_same(void)
{
    int fd = open_ok(ROOT, "d/f", SYS_O_RDWR, 0);
    CHECK_OK(fs->ftruncate(fd, 1));
}
static void do_write(void)
{
    int fd = open_ok(ROOT, "d/f", SYS_O_RDWR, 0);
    write_ok(fd, "y", 1, 0);
    CHECK_OK(fs->fsync(fd, false));
    close_ok(fd);
}
static void do_truncating_open(void)
{
    close_ok(open_ok(ROOT, "d/f", SYS_O_RDWR | SYS_O_TRUNC, 0));
}
static void do_nothing(void)
{
    close_ok(open_ok(ROOT, "d/f", SYS_O_RDWR, 0));
    (void)stat_of("d/f");
    CHECK_ERR(SYS_EEXIST, fs->mkdir(ROOT, "d/f", 0755));
    CHECK_ERR(SYS_ENOENT, fs->unlink(ROOT, "d/none"));
}

static const struct {
    const char *name;
    void (*act)(void);
    unsigned moves;
} acts[] = {
    {"create", do_create, DIR_MC},
    {"mkdir", do_mkdir, DIR_MC},
    {"symlink", do_symlink, DIR_MC},
    {"link", do_link, DIR_MC | FILE_C},
    {"link elsewhere", do_link_elsewhere, FILE_C},
    {"unlink", do_unlink, DIR_MC},
    {"unlink one of two names", do_unlink_a_name, DIR_MC | FILE_C},
    {"rename", do_rename, DIR_MC | FILE_C},
    {"chmod", do_chmod, FILE_C},
    {"chown", do_chown, FILE_C},
    {"truncate", do_truncate, FILE_MC},
    {"truncate to the same size", do_truncate_same, FILE_MC},
    {"truncating open", do_truncating_open, FILE_MC},
    {"write", do_write, FILE_MC},
    {"nothing", do_nothing, 0},
};
ROW_NAMES(acts)

static void act__moves_just_its_times(unsigned row)
{
    make_dir(ROOT, "d", 0755);
    make_file(ROOT, "d/f", 0644, "x");
    make_file(ROOT, "d/g", 0644, "x");
    CHECK_OK(fs->link(ROOT, "d/f", "d/h"));
    struct sys_attr dir = stat_of("d"), file = stat_of("d/f");
    tick_past(time_before(dir.ctime, file.ctime) ? file.ctime : dir.ctime);
    acts[row].act();
    struct sys_attr dir_after = stat_of("d"), file_after = stat_of("d/f");
    unsigned moved = (time_before(dir.mtime, dir_after.mtime) ? DIR_M : 0) |
                     (time_before(dir.ctime, dir_after.ctime) ? DIR_C : 0) |
                     (time_before(file.mtime, file_after.mtime) ? FILE_M : 0) |
                     (time_before(file.ctime, file_after.ctime) ? FILE_C : 0);
    CHECK_EQ(moved, acts[row].moves);
}

static void reading__moves_the_access_time(void)
{
    char c;

    conform_need(HAS_ATIME);
    make_file(ROOT, "f", 0644, "x");
    struct sys_attr before = stat_of("f");
    tick_past(before.ctime);
    int fd = open_ok(ROOT, "f", SYS_O_RDONLY, 0);
    CHECK_EQ(read_ok(fd, &c, 1, 0), 1);
    struct sys_attr after = stat_of("f");
    CHECK(time_before(before.atime, after.atime));
    CHECK(time_equal(before.mtime, after.mtime) && time_equal(before.ctime, after.ctime));
}

static void new_file__has_the_present_times(void)
{
    make_file(ROOT, "old", 0644, "");
    struct sys_attr old = stat_of("old");
    tick_past(old.ctime);
    make_file(ROOT, "f", 0644, "");
    struct sys_attr attr = stat_of("f");
    CHECK(time_before(old.mtime, attr.mtime) && time_before(old.ctime, attr.ctime));
    CHECK(time_before(old.atime, attr.atime));
}

static void birth__stays(void)
{
    conform_need(HAS_BIRTH);
    make_file(ROOT, "f", 0644, "x");
    struct sys_time born = stat_of("f").btime;
    CHECK(born.sec > 0);
    tick_past(born);
    CHECK_OK(fs->truncate(ROOT, "f", 0));
    CHECK_OK(fs->rename(ROOT, "f", "g", 0));
    CHECK(time_equal(stat_of("g").btime, born));
}

static const struct conform_case attribute_cases[] = {
    CASE_TABLE(chmod__sets_just_that_mode, modes),
    CASE_TABLE(chown__sets_what_is_given, owners),
    CASE_TABLE(mknod__makes_the_type, types),
    CASE(mknod__of_devices_by_users__is_refused),
    CASE(numbers__are_each_files_own),
    CASE(open_and_named_file__have_the_same_attributes),
    CASE(statfs__tells_sense),
};
SUITE(attributes, attribute_cases);

static const struct conform_case time_cases[] = {
    CASE_TABLE(utimes__sets_just_that_time, instants),
    CASE_TABLE(utimes__of_one__leaves_the_other, partial),
    CASE(utimes__with_bad_nanoseconds__is_refused),
    CASE(utimes__of_a_link__leaves_its_target),
    CASE_TABLE(act__moves_just_its_times, acts),
    CASE(reading__moves_the_access_time),
    CASE(new_file__has_the_present_times),
    CASE(birth__stays),
};
SUITE(times, time_cases);
