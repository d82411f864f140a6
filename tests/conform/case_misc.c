// SPDX-License-Identifier: BSD-2-Clause
/*
 * case_misc.c: listings, limits of names and paths, files without a name, holes, and advisory locks.
 */
#include <stdlib.h>

#include "tests/conform/conform.h"

/* ---- listing ------------------------------------------------------------------------------------------- */

static struct names_seen list_of(const char *path)
{
    struct names_seen names = {0};
    int fd = open_ok(ROOT, path, SYS_O_RDONLY | SYS_O_DIRECTORY, 0);

    CHECK_OK(fs->readdir(fd, &names));
    close_ok(fd);
    return names;
}

static const struct name_seen *name_in(const struct names_seen *names, const char *name)
{
    const struct name_seen *found = NULL;

    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->names[i].name, name) != 0)
            continue;
        if (found)
            conform_fail(__FILE__, __LINE__, "\"%s\" is listed twice", name);
        found = &names->names[i];
    }
    return found;
}

static void listing__tells_numbers_and_types(void)
{
    static const struct {
        const char *name;
        uint32_t type;
    } expected[] = {{"file", SYS_VREG}, {"dir", SYS_VDIR}, {"link", SYS_VLNK}};

    make_file(ROOT, "file", 0644, "");
    make_dir(ROOT, "dir", 0755);
    CHECK_OK(fs->symlink(ROOT, "file", "link"));
    struct names_seen names = list_of(".");
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct name_seen *seen = name_in(&names, expected[i].name);
        CHECK(seen);
        CHECK_EQ(seen->type, expected[i].type);
        CHECK_EQ(seen->fileid, stat_of(expected[i].name).fileid);
    }
    const struct name_seen *dot = name_in(&names, ".");
    CHECK(dot && dot->fileid == stat_of(".").fileid);
    CHECK(name_in(&names, ".."));
    CHECK_EQ(names.count, 5);
    names_free(&names);
}

static const struct {
    const char *name;
    unsigned count;
} counts[] = {{"0", 0}, {"1", 1}, {"7", 7}, {"100", 100}, {"700", 700}};
ROW_NAMES(counts)

static void listing__has_each_name_once(unsigned row)
{
    char name[64];
    unsigned count = counts[row].count;

    make_dir(ROOT, "d", 0755);
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "d/a-name-that-is-neither-short-nor-long-%u", i);
        make_file(ROOT, name, 0644, "");
    }
    struct names_seen names = list_of("d");
    CHECK_EQ(names.count, count + 2);
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "a-name-that-is-neither-short-nor-long-%u", i);
        CHECK(name_in(&names, name));
    }
    names_free(&names);
}

static void listing__follows_changes(void)
{
    int fd = open_ok(ROOT, ".", SYS_O_RDONLY, 0);
    struct names_seen names = {0};

    make_file(ROOT, "a", 0644, "");
    make_file(ROOT, "b", 0644, "");
    CHECK_OK(fs->readdir(fd, &names));
    CHECK(name_in(&names, "a") && name_in(&names, "b"));
    names_free(&names);
    CHECK_OK(fs->unlink(ROOT, "a"));
    CHECK_OK(fs->rename(ROOT, "b", "c", 0));
    CHECK_OK(fs->readdir(fd, &names));
    CHECK(!name_in(&names, "a") && !name_in(&names, "b") && name_in(&names, "c"));
    names_free(&names);
}

static const struct conform_case readdir_cases[] = {
    CASE(listing__tells_numbers_and_types),
    CASE_TABLE(listing__has_each_name_once, counts),
    CASE(listing__follows_changes),
};
SUITE(readdir, readdir_cases);

/* ---- limits -------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t len;
} lengths[] = {{"1", 1},     {"14", 14},   {"15", 15},   {"31", 31},  {"32", 32},
               {"127", 127}, {"128", 128}, {"254", 254}, {"255", 255}};
ROW_NAMES(lengths)

static void name__of_that_length__does(unsigned row)
{
    char name[256], other[256];

    fill_name(name, 'n', lengths[row].len);
    fill_name(other, 'o', lengths[row].len);
    make_file(ROOT, name, 0644, "x");
    CHECK_OK(fs->rename(ROOT, name, other, 0));
    CHECK_OK(fs->link(ROOT, other, name));
    struct names_seen names = list_of(".");
    CHECK(name_in(&names, name) && name_in(&names, other));
    names_free(&names);
    CHECK_OK(fs->unlink(ROOT, name));
    CHECK_OK(fs->mkdir(ROOT, name, 0755));
    CHECK_OK(fs->rmdir(ROOT, name));
}

static const struct {
    const char *name, *spelling;
} odd[] = {{"blank", " "},
           {"dots", "..."},
           {"leading dot", ".hidden"},
           {"trailing dot", "a."},
           {"line feed", "a\nb"},
           {"tab", "\t"},
           {"star", "*"},
           {"colon", "a:b"},
           {"backslash", "a\\b"},
           {"percent", "%s%n"},
           {"latin", "\xc3\xbc"},
           {"kana", "\xe3\x81\x82"},
           {"emoji", "\xf0\x9f\x98\x80"},
           {"quote", "\"'`"},
           {"hyphen", "-rf"},
           {"delete", "\x7f"}};
ROW_NAMES(odd)

static void name__with_odd_bytes__does(unsigned row)
{
    make_file(ROOT, odd[row].spelling, 0644, "x");
    check_contents(odd[row].spelling, "x");
    struct names_seen names = list_of(".");
    CHECK(name_in(&names, odd[row].spelling));
    CHECK_EQ(names.count, 3);
    names_free(&names);
}

static void case_of_letters__counts(void)
{
    make_file(ROOT, "name", 0644, "lower");
    CHECK(!exists("NAME"));
    make_file(ROOT, "Name", 0644, "upper");
    check_contents("name", "lower");
}

/* `len` bytes that lead to "f": "././.../f" */
static void path_make(char *path, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++)
        path[i] = i % 2 ? '/' : '.';
    if (len % 2 == 0)
        path[len - 2] = '/'; /* two slashes in a row do no harm */
    path[len - 1] = 'f';
    path[len] = '\0';
}

static void path__of_1023_bytes__does(void)
{
    char path[1025];

    make_file(ROOT, "f", 0644, "x");
    path_make(path, 1023);
    check_contents(path, "x");
}

static void path__of_2001_bytes(void)
{
    char path[2002];

    make_file(ROOT, "f", 0644, "x");
    path_make(path, 2001);
    CHECK_ERR(difference(DIFF_PATH_MAX), open_err(ROOT, path, SYS_O_RDONLY, 0));
}

static void path__of_5001_bytes__is_enametoolong(void)
{
    char path[5002];

    make_file(ROOT, "f", 0644, "x");
    path_make(path, 5001);
    CHECK_ERR(SYS_ENAMETOOLONG, open_err(ROOT, path, SYS_O_RDONLY, 0));
}

static const struct conform_case limit_cases[] = {
    CASE_TABLE(name__of_that_length__does, lengths),
    CASE_TABLE(name__with_odd_bytes__does, odd),
    CASE(case_of_letters__counts),
    CASE(path__of_1023_bytes__does),
    CASE(path__of_2001_bytes),
    CASE(path__of_5001_bytes__is_enametoolong),
};
SUITE(limits, limit_cases);

/* ---- files without a name ------------------------------------------------------------------------------ */

static int nameless_make(void)
{
    make_file(ROOT, "f", 0644, "contents");
    int fd = open_ok(ROOT, "f", SYS_O_RDWR, 0);
    CHECK_OK(fs->unlink(ROOT, "f"));
    return fd;
}

static void nameless__is_read_and_written(void)
{
    char buf[16];
    int fd = nameless_make();

    CHECK(!exists("f"));
    CHECK_EQ(read_ok(fd, buf, 16, 0), 8);
    write_ok(fd, "more", 4, 8);
    CHECK_EQ(read_ok(fd, buf, 16, 0), 12);
    CHECK(memcmp(buf, "contentsmore", 12) == 0);
    CHECK_OK(fs->ftruncate(fd, 3));
    CHECK_EQ(fstat_of(fd).size, 3);
    CHECK_OK(fs->fsync(fd, false));
}

static void nameless__has_no_links(void)
{
    int fd = nameless_make();

    CHECK_EQ(fstat_of(fd).nlink, 0);
    CHECK_EQ(fstat_of(fd).type, SYS_VREG);
}

static void nameless__is_not_the_one_that_takes_its_name(void)
{
    char buf[16];
    int fd = nameless_make();

    make_file(ROOT, "f", 0644, "another");
    CHECK(fstat_of(fd).fileid != stat_of("f").fileid);
    CHECK_EQ(read_ok(fd, buf, 16, 0), 8);
    write_ok(fd, "XXXX", 4, 0);
    check_contents("f", "another");
}

static void renamed_over__is_read_through_its_open_file(void)
{
    char buf[16];

    make_file(ROOT, "f", 0644, "old");
    make_file(ROOT, "g", 0644, "new");
    int fd = open_ok(ROOT, "f", SYS_O_RDWR, 0);
    CHECK_OK(fs->rename(ROOT, "g", "f", 0));
    CHECK_EQ(read_ok(fd, buf, 16, 0), 3);
    CHECK(memcmp(buf, "old", 3) == 0);
    CHECK_EQ(fstat_of(fd).nlink, 0);
    write_ok(fd, "OLD", 3, 0);
    check_contents("f", "new");
}

static void nameless__many_at_once(void)
{
    char name[16], buf[16];
    int fds[50];

    for (unsigned i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "f%u", i);
        make_file(ROOT, name, 0644, name);
        fds[i] = open_ok(ROOT, name, SYS_O_RDWR, 0);
        CHECK_OK(fs->unlink(ROOT, name));
    }
    for (unsigned i = 0; i < 50; i++) {
        int len = snprintf(name, sizeof(name), "f%u", i);
        CHECK_EQ(read_ok(fds[i], buf, sizeof(buf), 0), len);
        CHECK(memcmp(buf, name, (size_t)len) == 0);
    }
}

static const struct conform_case unlinked_cases[] = {
    CASE(nameless__is_read_and_written),
    CASE(nameless__has_no_links),
    CASE(nameless__is_not_the_one_that_takes_its_name),
    CASE(renamed_over__is_read_through_its_open_file),
    CASE(nameless__many_at_once),
};
SUITE(unlinked, unlinked_cases);

/* ---- holes and reservations ---------------------------------------------------------------------------- */

#define BLOCK 4096

static int blocks_make(unsigned count)
{
    char block[BLOCK];
    int fd = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644);

    memset(block, 'b', sizeof(block));
    for (unsigned i = 0; i < count; i++)
        write_ok(fd, block, BLOCK, (int64_t)i * BLOCK);
    CHECK_OK(fs->fsync(fd, false));
    return fd;
}

static void check_range(int fd, int64_t from, int64_t to, char expected)
{
    char block[BLOCK];

    for (int64_t at = from; at < to; at += BLOCK) {
        size_t len = to - at < BLOCK ? (size_t)(to - at) : BLOCK;
        CHECK_EQ(read_ok(fd, block, len, at), len);
        for (size_t i = 0; i < len; i++)
            if (block[i] != expected)
                conform_fail(__FILE__, __LINE__, "byte %lld is 0x%x", (long long)at + (long long)i, block[i]);
    }
}

static void hole__takes_no_space(void)
{
    conform_need(HAS_SPARSE);
    int fd = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644);
    write_ok(fd, "x", 1, 10 << 20);
    CHECK_OK(fs->fsync(fd, false));
    CHECK(fstat_of(fd).alloc <= 65536);
    CHECK_EQ(fstat_of(fd).size, (10 << 20) + 1);
}

static void seeking__finds_data_and_holes(void)
{
    int64_t at = -1;

    conform_need(HAS_SPARSE | HAS_SEEK);
    int fd = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644);
    write_ok(fd, "x", 1, 1 << 20);
    CHECK_OK(fs->fsync(fd, false));
    CHECK_OK(fs->seek(fd, 0, false, &at));
    CHECK_EQ(at, 1 << 20);
    CHECK_OK(fs->seek(fd, 0, true, &at));
    CHECK_EQ(at, 0);
    CHECK_OK(fs->seek(fd, 1 << 20, true, &at));
    CHECK_EQ(at, (1 << 20) + 1);
    CHECK_ERR(SYS_ENXIO, fs->seek(fd, (1 << 20) + 1, false, &at));
    CHECK_ERR(SYS_ENXIO, fs->seek(fd, 1 << 21, true, &at));
}

static const struct {
    const char *name;
    int64_t off, len;
} ranges[] = {{"one block", BLOCK, BLOCK},
              {"two blocks", BLOCK, 2 * BLOCK},
              {"part of a block", 100, 200},
              {"across blocks", 1000, 2 * BLOCK},
              {"to the end", 2 * BLOCK, 2 * BLOCK},
              {"past the end", 3 * BLOCK, 5 * BLOCK},
              {"all", 0, 4 * BLOCK}};
ROW_NAMES(ranges)

static void punched__reads_as_zero(unsigned row)
{
    int64_t from = ranges[row].off, to = from + ranges[row].len;

    conform_need(HAS_PUNCH);
    int fd = blocks_make(4);
    CHECK_OK(fs->punch(fd, from, ranges[row].len));
    if (to > 4 * BLOCK)
        to = 4 * BLOCK;
    CHECK_EQ(fstat_of(fd).size, 4 * BLOCK);
    check_range(fd, 0, from, 'b');
    check_range(fd, from, to, 0);
    check_range(fd, to, 4 * BLOCK, 'b');
}

static void zeroed__reads_as_zero(unsigned row)
{
    int64_t from = ranges[row].off, to = from + ranges[row].len;

    conform_need(HAS_ZERO);
    int fd = blocks_make(4);
    CHECK_OK(fs->zero(fd, from, ranges[row].len, false));
    CHECK_EQ(fstat_of(fd).size, to > 4 * BLOCK ? to : 4 * BLOCK);
    check_range(fd, 0, from, 'b');
    check_range(fd, from, to, 0);
    check_range(fd, to, 4 * BLOCK, 'b');
}

static void punched__frees_space(void)
{
    conform_need(HAS_PUNCH | HAS_SPARSE | HAS_LIVE_SPACE);
    int fd = blocks_make(64);
    uint64_t before = fstat_of(fd).alloc;
    CHECK_OK(fs->punch(fd, 0, 32 * BLOCK));
    CHECK(fstat_of(fd).alloc + 16 * BLOCK <= before);
}

static void reserving__extends_or_not(void)
{
    conform_need(HAS_ALLOCATE);
    int fd = blocks_make(1);
    CHECK_OK(fs->allocate(fd, 0, 8 * BLOCK, true));
    CHECK_EQ(fstat_of(fd).size, BLOCK);
    CHECK_OK(fs->allocate(fd, 0, 8 * BLOCK, false));
    CHECK_EQ(fstat_of(fd).size, 8 * BLOCK);
    check_range(fd, 0, BLOCK, 'b');
    check_range(fd, BLOCK, 8 * BLOCK, 0);
}

static void reserving__with_bad_ranges__is_refused(void)
{
    conform_need(HAS_ALLOCATE);
    int fd = blocks_make(1);
    CHECK_ERR(SYS_EINVAL, fs->allocate(fd, 0, 0, false));
    CHECK_ERR(SYS_EINVAL, fs->allocate(fd, -1, BLOCK, false));
    CHECK_EQ(fstat_of(fd).size, BLOCK);
}

static const struct conform_case space_cases[] = {
    CASE(hole__takes_no_space),
    CASE(seeking__finds_data_and_holes),
    CASE_TABLE(punched__reads_as_zero, ranges),
    CASE_TABLE(zeroed__reads_as_zero, ranges),
    CASE(punched__frees_space),
    CASE(reserving__extends_or_not),
    CASE(reserving__with_bad_ranges__is_refused),
};
SUITE(space, space_cases);

/* ---- advisory locks ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    enum lock_type first, second;
    int64_t off, len; /* of the second; the first has bytes 10 to 19 */
    int error;
} conflicts[] = {
    {"read, read", LK_READ, LK_READ, 10, 10, 0},
    {"read, write", LK_READ, LK_WRITE, 10, 10, SYS_EAGAIN},
    {"write, read", LK_WRITE, LK_READ, 10, 10, SYS_EAGAIN},
    {"write, write", LK_WRITE, LK_WRITE, 10, 10, SYS_EAGAIN},
    {"last byte", LK_WRITE, LK_WRITE, 19, 1, SYS_EAGAIN},
    {"just before", LK_WRITE, LK_WRITE, 0, 10, 0},
    {"just after", LK_WRITE, LK_WRITE, 20, 10, 0},
    {"to the end", LK_WRITE, LK_READ, 0, 0, SYS_EAGAIN},
    {"from after to the end", LK_WRITE, LK_READ, 20, 0, 0},
};
ROW_NAMES(conflicts)

static void range_locks__conflict_as_they_should(unsigned row)
{
    conform_need(HAS_LOCKS);
    make_file(ROOT, "f", 0644, "x");
    int a = open_ok(ROOT, "f", SYS_O_RDWR, 0), b = open_ok(ROOT, "f", SYS_O_RDWR, 0);
    CHECK_OK(fs->lock(a, conflicts[row].first, 10, 10));
    CHECK_ERR(conflicts[row].error,
              fs->lock(b, conflicts[row].second, conflicts[row].off, conflicts[row].len));
    CHECK_OK(fs->lock(a, LK_NONE, 0, 0));
    CHECK_OK(fs->lock(b, conflicts[row].second, conflicts[row].off, conflicts[row].len));
}

static void range_locks__end_with_their_open_file(void)
{
    conform_need(HAS_LOCKS);
    make_file(ROOT, "f", 0644, "x");
    int a = open_ok(ROOT, "f", SYS_O_RDWR, 0), b = open_ok(ROOT, "f", SYS_O_RDWR, 0);
    CHECK_OK(fs->lock(a, LK_WRITE, 0, 0));
    CHECK_ERR(SYS_EAGAIN, fs->lock(b, LK_WRITE, 0, 0));
    close_ok(a);
    CHECK_OK(fs->lock(b, LK_WRITE, 0, 0));
}

static void whole_locks__conflict_as_they_should(void)
{
    conform_need(HAS_LOCKS);
    make_file(ROOT, "f", 0644, "x");
    int a = open_ok(ROOT, "f", SYS_O_RDWR, 0), b = open_ok(ROOT, "f", SYS_O_RDWR, 0);
    CHECK_OK(fs->flock(a, LK_READ));
    CHECK_OK(fs->flock(b, LK_READ));
    CHECK_ERR(SYS_EAGAIN, fs->flock(b, LK_WRITE));
    CHECK_OK(fs->flock(a, LK_NONE));
    CHECK_OK(fs->flock(b, LK_WRITE));
    CHECK_ERR(SYS_EAGAIN, fs->flock(a, LK_READ));
    close_ok(b);
    CHECK_OK(fs->flock(a, LK_READ));
}

static const struct conform_case lock_cases[] = {
    CASE_TABLE(range_locks__conflict_as_they_should, conflicts),
    CASE(range_locks__end_with_their_open_file),
    CASE(whole_locks__conflict_as_they_should),
};
SUITE(locks, lock_cases);
