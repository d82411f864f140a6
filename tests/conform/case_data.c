// SPDX-License-Identifier: BSD-2-Clause
/*
 * case_data.c: reading, writing and truncating.
 */
#include <stdlib.h>

#include "tests/conform/conform.h"

#define KIB 1024ll
#define GIB (1024 * 1024 * KIB)

static unsigned char pattern(int64_t at)
{
    return (unsigned char)(1 + (at * 7 + at / 251) % 255);
}

static unsigned char *pattern_make(int64_t off, size_t len)
{
    unsigned char *buf = malloc(len ? len : 1);

    if (!buf)
        abort();
    for (size_t i = 0; i < len; i++)
        buf[i] = pattern(off + (int64_t)i);
    return buf;
}

static void pattern_write(int fd, size_t len, int64_t off)
{
    unsigned char *buf = pattern_make(off, len);
    size_t done = 0;
    int error = fs->pwrite(fd, buf, len, off, &done);

    free(buf);
    CHECK_OK(error);
    CHECK_EQ(done, len);
}

/* Bytes [off, off + len) are the pattern below `end` and zero from there on. */
static void pattern_check(int fd, size_t len, int64_t off, int64_t end)
{
    unsigned char buf[4096];

    while (len) {
        size_t n = len < sizeof(buf) ? len : sizeof(buf);
        CHECK_EQ(read_ok(fd, buf, n, off), n);
        for (size_t i = 0; i < n; i++, off++)
            if (buf[i] != (off < end ? pattern(off) : 0))
                conform_fail(__FILE__, __LINE__, "byte %lld is 0x%x, expected 0x%x", (long long)off, buf[i],
                             off < end ? pattern(off) : 0);
        len -= n;
    }
}

/* ---- writing ------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int64_t off;
    size_t len;
    unsigned needs;
} writes[] = {
    {"1 at 0", 0, 1, 0},
    {"511 at 0", 0, 511, 0},
    {"4095 at 0", 0, 4095, 0},
    {"4096 at 0", 0, 4096, 0},
    {"4097 at 0", 0, 4097, 0},
    {"2 at 4095", 4095, 2, 0},
    {"4096 at 4096", 4096, 4096, 0},
    {"8192 at 1", 1, 8192, 0},
    {"1 at 65535", 65535, 1, 0},
    {"3 at 131071", 131071, 3, 0},
    {"131072 at 131072", 131072, 131072, 0},
    {"300000 at 12345", 12345, 300000, 0},
    {"1 MiB at 0", 0, 1 << 20, 0},
    {"1 at 2^20", 1 << 20, 1, 0},
    {"4096 at 2^31 - 1", (1ll << 31) - 1, 4096, 0},
    {"2 at 2^32 - 1", (1ll << 32) - 1, 2, HAS_BIG_FILES},
    {"1 at 2^40 + 1", (1ll << 40) + 1, 1, HAS_HUGE},
};
ROW_NAMES(writes)

static void write__then_read__gives_it_back(unsigned row)
{
    int64_t off = writes[row].off;
    size_t len = writes[row].len;
    size_t before = off > 10000 ? 10000 : (size_t)off;

    conform_need(writes[row].needs);
    int fd = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644);
    pattern_write(fd, len, off);
    CHECK_EQ(fstat_of(fd).size, off + (int64_t)len);
    pattern_check(fd, len, off, off + (int64_t)len);
    pattern_check(fd, before, off - (int64_t)before, 0);
    close_ok(fd);
    fd = open_ok(ROOT, "f", SYS_O_RDONLY, 0);
    pattern_check(fd, len, off, off + (int64_t)len);
    CHECK_EQ(stat_of("f").size, off + (int64_t)len);
}

static void write__in_the_middle__keeps_the_rest(void)
{
    make_file(ROOT, "f", 0644, "0123456789");
    int fd = open_ok(ROOT, "f", SYS_O_WRONLY, 0);
    write_ok(fd, "abc", 3, 3);
    close_ok(fd);
    check_contents("f", "012abc6789");
}

static void write__of_nothing__changes_nothing(void)
{
    make_file(ROOT, "f", 0644, "x");
    set_times("f", 1000, 2000);
    int fd = open_ok(ROOT, "f", SYS_O_WRONLY, 0);
    write_ok(fd, "", 0, 0);
    close_ok(fd);
    CHECK_EQ(stat_of("f").size, 1);
    CHECK_EQ(stat_of("f").mtime.sec, 2000);
}

static void write__of_nothing_past_the_end__does_not_extend(void)
{
    make_file(ROOT, "f", 0644, "x");
    int fd = open_ok(ROOT, "f", SYS_O_WRONLY, 0);
    write_ok(fd, "", 0, 100);
    CHECK_EQ(fstat_of(fd).size, 1);
}

static void offsets__below_zero__are_refused(void)
{
    char c = 'x';
    size_t done;

    make_file(ROOT, "f", 0644, "x");
    int fd = open_ok(ROOT, "f", SYS_O_RDWR, 0);
    CHECK_ERR(SYS_EINVAL, fs->pread(fd, &c, 1, -1, &done));
    CHECK_ERR(SYS_EINVAL, fs->pwrite(fd, &c, 1, -1, &done));
    check_contents("f", "x");
}

static const struct {
    const char *name;
    int64_t off;
    size_t len, expected;
} reads[] = {
    {"all", 0, 10, 10},
    {"more than there is", 0, 100, 10},
    {"the last", 9, 1, 1},
    {"across the end", 7, 10, 3},
    {"at the end", 10, 1, 0},
    {"past the end", 11, 1, 0},
    {"far past the end", 1ll << 30, 4096, 0},
    {"nothing", 3, 0, 0},
};
ROW_NAMES(reads)

static void read__ends_where_the_file_does(unsigned row)
{
    static const char contents[] = "0123456789";
    char buf[4096];

    make_file(ROOT, "f", 0644, contents);
    int fd = open_ok(ROOT, "f", SYS_O_RDONLY, 0);
    CHECK_EQ(read_ok(fd, buf, reads[row].len, reads[row].off), reads[row].expected);
    CHECK(memcmp(buf, &contents[reads[row].expected ? reads[row].off : 0], reads[row].expected) == 0);
}

static void many_small_writes__add_up(void)
{
    int fd = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644);

    for (int64_t off = 0; off < 20000; off += 100)
        pattern_write(fd, 100, off);
    CHECK_EQ(fstat_of(fd).size, 20000);
    pattern_check(fd, 20000, 0, 20000);
}

static void writes_backwards__leave_no_hole(void)
{
    int fd = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644);

    for (int64_t off = 30000 - 1000; off >= 0; off -= 1000)
        pattern_write(fd, 1000, off);
    pattern_check(fd, 30000, 0, 30000);
}

static void written__is_seen_through_another_open_file(void)
{
    int a = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644), b = open_ok(ROOT, "f", SYS_O_RDWR, 0);

    pattern_write(a, 5000, 0);
    pattern_check(b, 5000, 0, 5000);
    pattern_write(b, 5000, 5000);
    pattern_check(a, 10000, 0, 10000);
    CHECK_OK(fs->ftruncate(b, 100));
    CHECK_EQ(fstat_of(a).size, 100);
}

static void sync__of_both_kinds__succeeds(void)
{
    int fd = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644);

    pattern_write(fd, 5000, 0);
    CHECK_OK(fs->fsync(fd, true));
    CHECK_OK(fs->fsync(fd, false));
    pattern_check(fd, 5000, 0, 5000);
    int dir = open_ok(ROOT, ".", SYS_O_RDONLY, 0);
    CHECK_OK(fs->fsync(dir, false));
}

/* ---- truncating ---------------------------------------------------------------------------------------- */

static const uint32_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 100000};
#define SIZES COUNT_OF(sizes)

static const char *truncation_name(unsigned row)
{
    static char name[64];

    snprintf(name, sizeof(name), "%u to %u", sizes[row / SIZES], sizes[row % SIZES]);
    return name;
}

/* By path and by open file in turns; growing again must not bring back what was cut off. */
static void truncate__keeps_what_remains_and_zeroes_the_rest(unsigned row)
{
    int64_t from = sizes[row / SIZES], to = sizes[row % SIZES];
    int64_t kept = from < to ? from : to;
    int fd = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644);

    pattern_write(fd, (size_t)from, 0);
    if (row % 2)
        CHECK_OK(fs->ftruncate(fd, to));
    else
        CHECK_OK(fs->truncate(ROOT, "f", to));
    CHECK_EQ(fstat_of(fd).size, to);
    pattern_check(fd, (size_t)to, 0, kept);
    CHECK_OK(fs->ftruncate(fd, 120000));
    pattern_check(fd, 120000, 0, kept);
    CHECK_EQ(stat_of("f").size, 120000);
}

static const struct {
    const char *name, *path;
    int64_t size;
    int error;
} cannot[] = {
    {"negative", "f", -1, SYS_EINVAL},
    {"directory", "d", 0, SYS_EISDIR},
    {"missing", "none", 0, SYS_ENOENT},
    {"below a file", "f/x", 0, SYS_ENOTDIR},
    {"dangling link", "dangling", 0, SYS_ENOENT},
    {"with a slash", "f/", 0, SYS_ENOTDIR},
};
ROW_NAMES(cannot)

static void truncate__of_what_does_not_fit__fails(unsigned row)
{
    make_file(ROOT, "f", 0644, "kept");
    make_dir(ROOT, "d", 0755);
    CHECK_OK(fs->symlink(ROOT, "none", "dangling"));
    CHECK_ERR(cannot[row].error, fs->truncate(ROOT, cannot[row].path, cannot[row].size));
    check_contents("f", "kept");
}

static void truncate__through_link__changes_the_file(void)
{
    make_file(ROOT, "f", 0644, "0123456789");
    CHECK_OK(fs->symlink(ROOT, "f", "l"));
    CHECK_OK(fs->truncate(ROOT, "l", 4));
    check_contents("f", "0123");
    CHECK_EQ(stat_of("l").size, 1);
}

static void truncate__negative_on_open_file__is_refused(void)
{
    make_file(ROOT, "f", 0644, "kept");
    int fd = open_ok(ROOT, "f", SYS_O_RDWR, 0);
    CHECK_ERR(SYS_EINVAL, fs->ftruncate(fd, -5));
    check_contents("f", "kept");
}

static void truncate__up_to_many_gigabytes__is_a_hole(void)
{
    conform_need(HAS_BIG_FILES);
    int fd = open_ok(ROOT, "f", SYS_O_RDWR | SYS_O_CREAT, 0644);
    CHECK_OK(fs->ftruncate(fd, 100 * GIB));
    CHECK_EQ(fstat_of(fd).size, 100 * GIB);
    pattern_check(fd, 4096, 50 * GIB, 0);
    CHECK_OK(fs->ftruncate(fd, 0));
}

static const struct conform_case cases[] = {
    CASE_TABLE(write__then_read__gives_it_back, writes),
    CASE(write__in_the_middle__keeps_the_rest),
    CASE(write__of_nothing__changes_nothing),
    CASE(write__of_nothing_past_the_end__does_not_extend),
    CASE(offsets__below_zero__are_refused),
    CASE_TABLE(read__ends_where_the_file_does, reads),
    CASE(many_small_writes__add_up),
    CASE(writes_backwards__leave_no_hole),
    CASE(written__is_seen_through_another_open_file),
    CASE(sync__of_both_kinds__succeeds),
    CASE_ROWS(truncate__keeps_what_remains_and_zeroes_the_rest, SIZES *SIZES, truncation_name),
    CASE_TABLE(truncate__of_what_does_not_fit__fails, cannot),
    CASE(truncate__through_link__changes_the_file),
    CASE(truncate__negative_on_open_file__is_refused),
    CASE(truncate__up_to_many_gigabytes__is_a_hole),
};
SUITE(data, cases);
