// SPDX-License-Identifier: BSD-2-Clause
/*
 * Records: what the test device writes is read back, and what is no record is refused by line.
 */
#include "host/testdisk/record.h"
#include "tests/unit/testdisk/fixture.h"

#define HEAD "testdisk-record 1\ndisk size=131072 block=512 physical=4096 cache=on unmap=on\n"

static uint8_t medium[DISK_BYTES];

/* The file as one string. */
static char *slurp(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, 4 << 20);

    assert_non_null(file);
    *size = fread(text, 1, (4 << 20) - 1, file);
    fclose(file);
    return text;
}

static void record__of_a_session__is_as_documented(void **state)
{
    char path[] = "/tmp/testdisk-record-XXXXXX", plan[128], why[256] = "";
    struct testdisk_record record;
    uint8_t bytes[BLOCK];
    size_t size;
    int fd = mkstemp(path);

    (void)state;
    close(fd);
    snprintf(plan, sizeof(plan), "record=%s,contents=full,lie=flush:=2,fail=read:=2,keep=0", path);
    struct host_disk *disk = fixture_open(medium, plan);
    assert_int_equal(stamp_write(disk, 1, 1, 7, true), HOST_OK);
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(disk_do(disk, HOST_DISK_WRITE, false, 0, bytes, BLOCK, NULL), HOST_OK);
    assert_int_equal(disk_do(disk, HOST_DISK_FLUSH, false, 0, NULL, 0, NULL), HOST_OK);
    assert_int_equal(disk_do(disk, HOST_DISK_FLUSH, false, 0, NULL, 0, NULL), HOST_OK);
    assert_int_equal(disk_do(disk, HOST_DISK_READ, false, 0, bytes, BLOCK, NULL), HOST_OK);
    assert_int_equal(disk_do(disk, HOST_DISK_READ, false, 0, bytes, BLOCK, NULL), HOST_EIO);
    assert_int_equal(disk_do(disk, HOST_DISK_UNMAP, false, 0, NULL, BLOCK, NULL), HOST_OK);
    assert_int_equal(testdisk_cut(disk), HOST_OK);
    assert_int_equal(stamp_write(disk, 1, 1, 8, false), HOST_EIO);
    host_disk_close(disk);
    char *text = slurp(path, &size);
    unlink(path);
    assert_non_null(strstr(text, HEAD "plan record="));
    assert_non_null(strstr(text, "\nsubmit 1 write 512 512 fua hash="));
    assert_non_null(strstr(text, " data=0700000000000000"));
    assert_non_null(strstr(text, "\ndone 1 ok 512\nsubmit 2 write 0 512 hash="));
    assert_non_null(
        strstr(text, " data=zeros\ndone 2 ok 512\nsubmit 3 flush\ndone 3 ok 0\nsubmit 4 flush\n"
                     "done 4 ok 0 lied\nsubmit 5 read 0 512\ndone 5 ok 512\nsubmit 6 read 0 512\n"
                     "done 6 eio 0\nsubmit 7 unmap 0 512\ndone 7 ok 512\ncut seed=1 torn=physical keep=0\n"));
    if (!testdisk_record_read(text, size, &record, why, sizeof(why))) {
        fail_msg("%s", why);
    }
    assert_int_equal(record.count, 14);
    assert_int_equal(record.n_submits, 7);
    assert_int_equal(record.end, TESTDISK_END_CUT);
    assert_int_equal(record.cut.keep, 0);
    assert_true(record.events[0].fua && record.events[0].has_hash);
    testdisk_event_contents(&record.events[0], bytes);
    assert_int_equal(stamp_of(bytes, 1), 7);
    assert_true(record.events[0].hash == testdisk_hash(bytes, BLOCK));
    assert_true(record.events[7].lied);
    assert_int_equal(record.events[11].status, HOST_EIO);
    testdisk_record_free(&record);
    free(text);
}

static void record__that_ends_in_a_line__is_read_up_to_there(void **state)
{
    static const char text[] = HEAD "submit 1 flush\ndone 1 o";
    struct testdisk_record record;

    (void)state;
    assert_true(testdisk_record_read(text, sizeof(text) - 1, &record, NULL, 0));
    assert_true(record.truncated);
    assert_int_equal(record.count, 1);
    assert_int_equal(record.end, TESTDISK_END_NONE);
    testdisk_record_free(&record);
}

static void record__that_is_wrong__is_refused_by_line(void **state)
{
    static const struct {
        const char *text, *line, *what;
    } rows[] = {
        {"", "line 1", "no head"},
        {"testdisk-record 2\n", "line 1", "no record"},
        {"testdisk-record 1\nsubmit 1 flush\n", "line 2", "described first"},
        {"testdisk-record 1\ndisk size=100 block=512 physical=512 cache=on unmap=on\n", "line 2", "no disk"},
        {"testdisk-record 1\ndisk size=1024 block=0 physical=512 cache=on unmap=on\n", "line 2", "no disk"},
        {"testdisk-record 1\ndisk size=1024 block=512 physical=512 cache=maybe unmap=on\n", "line 2",
         "cache=on"},
        {HEAD "disk size=1024 block=1024 physical=4096 cache=on unmap=on\n", "line 3", "only the size"},
        {HEAD "what\n", "line 3", "submit, done"},
        {HEAD "submit 2 flush\n", "line 3", "request number 1"},
        {HEAD "submit 1 erase\n", "line 3", "read, write"},
        {HEAD "submit 1 read 0\n", "line 3", "an offset and a length"},
        {HEAD "submit 1 read 1 512\n", "line 3", "not multiples"},
        {HEAD "submit 1 read 131072 512\n", "line 3", "beyond"},
        {HEAD "submit 1 write 0 512 data=00\n", "line 3", "not as long"},
        {HEAD "submit 1 write 0 0 data=\n", "line 3", "a length"},
        {HEAD "submit 1 write 0 512 hash=00\n", "line 3", "sixteen"},
        {HEAD "submit 1 write 0 512 fast\n", "line 3", "fua, hash="},
        {HEAD "submit 1 flush \n", "line 3", "too much"},
        {HEAD "submit 1 flush now\n", "line 3", "too much"},
        {HEAD "done 1 ok 0\n", "line 3", "under way"},
        {HEAD "submit 1 flush\ndone 1 ok 0\ndone 1 ok 0\n", "line 5", "under way"},
        {HEAD "submit 1 read 0 512\ndone 1 ok 1024\n", "line 4", "moved"},
        {HEAD "submit 1 read 0 512\ndone 1 fine 512\n", "line 4", "ok, eio"},
        {HEAD "submit 1 read 0 512\ndone 1 ok 512 died\n", "line 4", "lied"},
        {HEAD "cut seed=1 torn=some keep=0\n", "line 3", "torn=none"},
        {HEAD "cut seed=1 torn=none keep=101\n", "line 3", "keep="},
        {HEAD "cut torn=none keep=101\n", "line 3", "seed="},
        {HEAD "close\nsubmit 1 flush\n", "line 4", "nothing stands behind"},
    };
    struct testdisk_record record;
    char why[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        why[0] = '\0';
        assert_false(testdisk_record_read(rows[i].text, strlen(rows[i].text), &record, why, sizeof(why)));
        if (strstr(why, rows[i].line) == NULL || strstr(why, rows[i].what) == NULL) {
            fail_msg("%s: %s", rows[i].text, why);
        }
        assert_null(record.events);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record__of_a_session__is_as_documented),
        cmocka_unit_test(record__that_ends_in_a_line__is_read_up_to_there),
        cmocka_unit_test(record__that_is_wrong__is_refused_by_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
