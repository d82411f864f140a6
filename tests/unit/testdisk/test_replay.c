// SPDX-License-Identifier: BSD-2-Clause
/*
 * A record of random requests gives the same disk again: after the cut that ended it, and as those who read
 * saw it at every event; and every state that a replay makes up is one that the rules allow.
 */
#include "host/testdisk/replay.h"
#include "tests/unit/testdisk/fixture.h"

#define IN_FLIGHT 24u

static bool image_put(void *arg, uint64_t offset, uint64_t len, const uint8_t *bytes)
{
    uint8_t *image = arg;

    assert_true(offset + len <= DISK_BYTES);
    if (bytes != NULL) {
        memcpy(image + offset, bytes, len);
    } else {
        memset(image + offset, 0, len);
    }
    return true;
}

/* A request that nobody waits for one by one. */
struct flying {
    struct host_disk_io io;
    struct host_disk_segment segment;
    uint8_t bytes[8 * BLOCK];
};

struct flight {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned under_way;
};

static void flying_done(struct host_disk_io *io)
{
    struct flight *flight = io->hi_owner;

    pthread_mutex_lock(&flight->lock);
    flight->under_way--;
    pthread_cond_signal(&flight->changed);
    pthread_mutex_unlock(&flight->lock);
}

static void flight_land(struct flight *flight)
{
    pthread_mutex_lock(&flight->lock);
    while (flight->under_way != 0) {
        pthread_cond_wait(&flight->changed, &flight->lock);
    }
    pthread_mutex_unlock(&flight->lock);
}

static void flying_submit(struct host_disk *disk, struct flight *flight, struct flying *flying,
                          uint64_t random, uint64_t stamp)
{
    uint64_t count = 1 + (random >> 8) % 8, first = (random >> 16) % (40 - count);
    unsigned kind = (unsigned)(random >> 40) % 16;

    for (uint64_t i = 0; i < count; i++) {
        stamp_fill(flying->bytes + i * BLOCK, first + i, stamp);
    }
    flying->segment = (struct host_disk_segment){flying->bytes, count * BLOCK};
    flying->io = (struct host_disk_io){.hi_op = kind < 2    ? HOST_DISK_READ
                                                : kind < 12 ? HOST_DISK_WRITE
                                                : kind < 14 ? HOST_DISK_UNMAP
                                                            : HOST_DISK_FLUSH,
                                       .hi_async = true,
                                       .hi_fua = kind == 11,
                                       .hi_offset = first * BLOCK,
                                       .hi_len = kind < 14 ? count * BLOCK : 0,
                                       .hi_segments = &flying->segment,
                                       .hi_count = kind < 12,
                                       .hi_done = flying_done,
                                       .hi_owner = flight};
    pthread_mutex_lock(&flight->lock);
    flight->under_way++;
    pthread_mutex_unlock(&flight->lock);
    host_disk_submit(disk, &flying->io);
}

static char *slurp(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    char *text;

    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    text = malloc(*size + 1);
    assert_int_equal(fread(text, 1, *size, file), *size);
    fclose(file);
    return text;
}

/* Many requests at once, late and reordered, failed, short and lied about, until the power goes. */
static void session(const char *path, uint64_t seed, uint8_t *medium)
{
    static struct flying flying[IN_FLIGHT];
    struct flight flight = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    uint64_t random = seed * 0x9e3779b97f4a7c15u + 1, stamp = 0;
    char plan[512];

    snprintf(plan, sizeof(plan),
             "record=%s,contents=full,seed=%llu,torn=%s,%s,fail=write:7%%,fail=flush:20%%,short=write:9%%,"
             "lie=any:3%%,"
             "delay=10us-500us/any:40%%%s",
             path, (unsigned long long)seed, seed % 2 == 0 ? "block" : "physical",
             seed % 3 == 0 ? "reorder=6" : "cache=on", seed % 4 == 0 ? ",cut=60" : "");
    struct host_disk *disk = fixture_open(medium, plan);
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < IN_FLIGHT; i++) {
            flying_submit(disk, &flight, &flying[i], random_next(&random), ++stamp);
        }
        if (round == 7 && seed % 4 != 3) {
            assert_int_equal(testdisk_cut(disk), HOST_OK);
        }
        flight_land(&flight);
    }
    host_disk_close(disk);
}

static void replay__of_a_record__gives_the_same_image(void **state)
{
    static uint8_t medium[DISK_BYTES], image[DISK_BYTES];
    char path[] = "/tmp/testdisk-replay-XXXXXX", why[256] = "";
    unsigned lost = 0, under_way = 0;

    (void)state;
    close(mkstemp(path));
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct testdisk_sink sink = {image_put, image};
        struct testdisk_replay replay;
        struct testdisk_record record;
        struct testdisk_loss loss;
        size_t size;

        print_message("\rseed %llu ", (unsigned long long)seed);
        memset(medium, 0, sizeof(medium));
        memset(image, 0, sizeof(image));
        session(path, seed, medium);
        char *text = slurp(path, &size);
        if (!testdisk_record_read(text, size, &record, why, sizeof(why)) ||
            !testdisk_replay_begin(&replay, &record, sink, why, sizeof(why))) {
            fail_msg("%s", why);
        }
        assert_true(testdisk_replay_to(&replay, SIZE_MAX));
        if (record.end == TESTDISK_END_CUT) {
            under_way += replay.cache.under_way != NULL;
            assert_true(testdisk_replay_cut(&replay, &record.cut, sink, &loss));
            lost += loss.lost + loss.torn != 0;
        } else {
            assert_int_equal(record.end, TESTDISK_END_CLOSE);
            assert_true(testdisk_replay_visible(&replay, sink));
        }
        assert_memory_equal(image, medium, DISK_BYTES);
        testdisk_replay_end(&replay);
        testdisk_record_free(&record);
        free(text);
    }
    unlink(path);
    print_message("%u of 60 cuts lost something, %u with writes under way\n", lost, under_way);
    assert_true(lost > 10 && under_way > 10);
}

/* Requests one after the other, so that a test's own notes say what is allowed at each event. */
static void replay__at_every_event__is_what_was_there(void **state)
{
    static uint8_t medium[DISK_BYTES], image[DISK_BYTES], other[DISK_BYTES];
    static uint64_t seen[101][BLOCKS], durable[101][BLOCKS];
    char path[] = "/tmp/testdisk-replay-XXXXXX", plan[128];
    struct testdisk_sink sink = {image_put, image}, to_other = {image_put, other};
    struct testdisk_replay replay;
    struct testdisk_record record;
    uint64_t random = 99;
    size_t size;

    (void)state;
    close(mkstemp(path));
    snprintf(plan, sizeof(plan), "record=%s,contents=full", path);
    struct host_disk *disk = fixture_open(medium, plan);
    for (unsigned i = 1; i <= 100; i++) {
        uint64_t first = random_next(&random) % 30, count = 1 + random_next(&random) % 10;
        bool flush = random_next(&random) % 10 == 0, fua = random_next(&random) % 10 == 0;

        memcpy(seen[i], seen[i - 1], sizeof(seen[i]));
        memcpy(durable[i], durable[i - 1], sizeof(durable[i]));
        if (flush) {
            assert_int_equal(disk_do(disk, HOST_DISK_FLUSH, false, 0, NULL, 0, NULL), HOST_OK);
            memcpy(durable[i], seen[i], sizeof(durable[i]));
        } else {
            assert_int_equal(stamp_write(disk, first, count, i, fua), HOST_OK);
        }
        for (uint64_t block = first; !flush && block < first + count; block++) {
            seen[i][block] = i;
            durable[i][block] = fua ? i : durable[i][block];
        }
    }
    host_disk_close(disk);
    char *text = slurp(path, &size);
    unlink(path);
    assert_true(testdisk_record_read(text, size, &record, NULL, 0));
    assert_int_equal(record.count, 200);
    assert_true(testdisk_replay_begin(&replay, &record, sink, NULL, 0));
    for (unsigned i = 1; i <= 100; i++) {
        assert_true(testdisk_replay_to(&replay, 2 * i));
        memcpy(other, image, sizeof(other));
        assert_true(testdisk_replay_visible(&replay, to_other));
        for (uint64_t block = 0; block < BLOCKS; block++) {
            assert_int_equal(stamp_of(other + block * BLOCK, block), seen[i][block]);
        }
        for (uint64_t seed = 0; seed < 20; seed++) {
            struct testdisk_choice choice = {seed, TESTDISK_TORN_BLOCK, -1};

            memcpy(other, image, sizeof(other));
            assert_true(testdisk_replay_cut(&replay, &choice, to_other, NULL));
            for (uint64_t block = 0; block < BLOCKS; block++) {
                /* Versions of a block grow, so what lies between the two is one that was not covered. */
                assert_in_range(stamp_of(other + block * BLOCK, block), durable[i][block], seen[i][block]);
            }
        }
    }
    testdisk_replay_end(&replay);
    testdisk_record_free(&record);
    free(text);
}

static void replay__without_contents__is_refused(void **state)
{
    static const char text[] = "testdisk-record 1\ndisk size=1024 block=512 physical=512 cache=on unmap=on\n"
                               "submit 1 write 0 512 hash=0123456789abcdef\n";
    struct testdisk_sink sink = {image_put, NULL};
    struct testdisk_replay replay;
    struct testdisk_record record;
    char why[256];

    (void)state;
    assert_true(testdisk_record_read(text, sizeof(text) - 1, &record, NULL, 0));
    assert_false(testdisk_replay_begin(&replay, &record, sink, why, sizeof(why)));
    assert_non_null(strstr(why, "contents=full"));
    testdisk_record_free(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay__of_a_record__gives_the_same_image),
        cmocka_unit_test(replay__at_every_event__is_what_was_there),
        cmocka_unit_test(replay__without_contents__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
