// SPDX-License-Identifier: BSD-2-Clause
/*
 * Bookkeeping of the shared file: owners, state words, stamped contents, and the comparison of both.
 *
 * A state word holds, from bit 0: changing, data (else zeros), then 8 bits of thread and 54 bits of operation
 * number. A reader that sees the same word, not changing, before and after its read knows that the owner did
 * not touch the block in between. Locks: see shared.h; functions here take none.
 */
#include "tools/fsx/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "tools/fsx/rng.h"

enum {
    STATE_CHANGING = 1,
    STATE_DATA = 2,
    STATE_THREAD_SHIFT = 2,
    STATE_NUMBER_SHIFT = 10,
};

#define STAMP_MAGIC 0x66737862u // "fsxb"

// Begins each block of data; the rest is a pattern that follows from it.
struct stamp {
    uint32_t magic;
    uint32_t thread;
    uint64_t generation; // number of the owner's operation
    uint64_t block;
    uint64_t checksum; // of the fields above, the seed and the pattern
};

static uint64_t state_make(uint32_t thread, uint64_t number, bool data)
{
    return (number << STATE_NUMBER_SHIFT) | ((uint64_t)thread << STATE_THREAD_SHIFT) |
           (data ? STATE_DATA : 0);
}

static uint32_t state_thread(uint64_t state)
{
    return (uint32_t)(state >> STATE_THREAD_SHIFT) & 0xff;
}

/*
 * Linux's FUSE client lets a mapped write to the same page dirty and send that page between flushing the
 * range of a hole and asking the server for it; the server then gets the old bytes after it made the hole,
 * whatever it does. Truncation is guarded against this, punching is not.
 */
static bool punch_must_be_alone(const struct shared_file *sf, int fd)
{
    struct statfs st;

    if (sf->options->racy_punch || !sf->caps->allowed[OP_PUNCH] || !sf->caps->allowed[OP_MAPWRITE])
        return false;
    if (fstatfs(fd, &st) != 0 || st.f_type != FUSE_SUPER_MAGIC)
        return false;
    printf("fsx: the host is FUSE: holes in the shared file are punched while the other threads wait\n");
    return true;
}

int shared_init(struct shared_file *sf, const char *path, const struct fsx_options *options,
                const struct fsx_caps *caps)
{
    pthread_rwlockattr_t attr;

    memset(sf, 0, sizeof(*sf));
    sf->options = options;
    sf->caps = caps;
    sf->path = path;
    sf->seed = rng_derive(options->seed, 0);
    sf->n_blocks = options->file_len / SHARED_BLOCK;
    // Every thread owns a stripe at least, however short the file was asked to be.
    if (sf->n_blocks < (uint64_t)options->threads * SHARED_STRIPE)
        sf->n_blocks = (uint64_t)options->threads * SHARED_STRIPE;
    sf->region = sf->n_blocks * SHARED_BLOCK;
    sf->states = calloc(sf->n_blocks, sizeof(sf->states[0]));
    if (sf->states == NULL)
        return ENOMEM;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        int error = errno;

        free(sf->states);
        return error;
    }
    sf->punch_alone = punch_must_be_alone(sf, fd);
    close(fd);
    // With the default kind a cut would wait for ever: there is always some reader.
    pthread_rwlockattr_init(&attr);
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&sf->gate, &attr);
    pthread_rwlockattr_destroy(&attr);
    pthread_mutex_init(&sf->size_lock, NULL);
    return 0;
}

void shared_free(struct shared_file *sf)
{
    pthread_mutex_destroy(&sf->size_lock);
    pthread_rwlock_destroy(&sf->gate);
    free(sf->states);
}

uint32_t shared_owner(const struct shared_file *sf, uint64_t block)
{
    return (uint32_t)(block / SHARED_STRIPE % sf->options->threads);
}

void shared_begin(struct shared_file *sf, uint64_t first, uint64_t count)
{
    for (uint64_t block = first; block < first + count; block++)
        atomic_fetch_or(&sf->states[block], STATE_CHANGING);
}

void shared_commit(struct shared_file *sf, uint64_t first, uint64_t count, uint32_t thread, uint64_t number,
                   bool data)
{
    for (uint64_t block = first; block < first + count; block++)
        atomic_store(&sf->states[block], state_make(thread, number, data));
}

void shared_grow(struct shared_file *sf, uint64_t size)
{
    uint_fast64_t known = atomic_load(&sf->known_size);

    while (known < size && !atomic_compare_exchange_weak(&sf->known_size, &known, size))
        ;
}

static void fill_block(const struct shared_file *sf, uint64_t block, uint32_t thread, uint64_t number,
                       uint8_t *out)
{
    struct stamp stamp = {.magic = STAMP_MAGIC, .thread = thread, .generation = number, .block = block};
    uint64_t key = sf->seed ^ rng_mix(block * FSX_THREADS_MAX + thread) ^ rng_mix(number);
    uint64_t sum = key;

    for (size_t at = sizeof(stamp); at < SHARED_BLOCK; at += sizeof(uint64_t)) {
        uint64_t word = rng_mix(key + at);

        memcpy(out + at, &word, sizeof(word));
        sum = rng_mix(sum ^ word);
    }
    stamp.checksum = sum;
    memcpy(out, &stamp, sizeof(stamp));
}

void shared_fill(const struct shared_file *sf, uint64_t first, uint64_t count, uint32_t thread,
                 uint64_t number, uint8_t *out)
{
    for (uint64_t i = 0; i < count; i++)
        fill_block(sf, first + i, thread, number, out + i * SHARED_BLOCK);
}

void shared_snapshot(const struct shared_file *sf, uint64_t first, uint64_t count, uint64_t *states)
{
    for (uint64_t i = 0; i < count; i++)
        states[i] = atomic_load(&sf->states[first + i]);
}

static void expect_block(const struct shared_file *sf, uint64_t block, uint64_t state, uint8_t *out)
{
    if ((state & STATE_DATA) != 0)
        fill_block(sf, block, state_thread(state), state >> STATE_NUMBER_SHIFT, out);
    else
        memset(out, 0, SHARED_BLOCK);
}

// What the wrong block looks like: zeros, an intact stamp of another time or place, or a mixture.
static void explain_found(const struct shared_file *sf, uint64_t block, const uint8_t *found,
                          struct report *report)
{
    uint8_t model[SHARED_BLOCK] = {0};
    struct stamp stamp;

    if (memcmp(found, model, SHARED_BLOCK) == 0) {
        report_add(report, "  the block found is all zeros\n");
        return;
    }
    memcpy(&stamp, found, sizeof(stamp));
    if (stamp.magic != STAMP_MAGIC || stamp.thread >= sf->options->threads) {
        report_add(report, "  the block found bears no stamp of fsx\n");
        return;
    }
    fill_block(sf, stamp.block, stamp.thread, stamp.generation, model);
    report_add(report,
               "  the block found is stamped block %" PRIu64 " (here is %" PRIu64 "), thread %" PRIu32
               ", operation %" PRIu64 ", checksum %s\n",
               stamp.block, block, stamp.thread, stamp.generation,
               memcmp(found, model, SHARED_BLOCK) == 0 ? "good: a whole block of another time or place"
                                                       : "bad: torn or damaged");
}

static bool explain_block(const struct shared_file *sf, uint64_t block, uint64_t state,
                          const uint8_t *expected, const uint8_t *found, struct report *report)
{
    size_t at = 0;

    while (expected[at] == found[at])
        at++;
    report_add(report,
               "wrong data at offset 0x%" PRIx64 " (block %" PRIu64 " + 0x%zx, owned by thread %" PRIu32
               "): expected 0x%02x, got 0x%02x\n",
               block * SHARED_BLOCK + at, block, at, shared_owner(sf, block), expected[at], found[at]);
    size_t shown = SHARED_BLOCK - at < 16 ? SHARED_BLOCK - at : 16;
    report_add_hex(report, "expected", expected + at, shown);
    report_add_hex(report, "got", found + at, shown);
    if (state >> STATE_NUMBER_SHIFT == 0)
        report_add(report, "  the block was never written\n");
    else
        report_add(report, "  the block was last %s by operation %" PRIu64 " of thread %" PRIu32 "\n",
                   (state & STATE_DATA) != 0 ? "written" : "cut off or punched", state >> STATE_NUMBER_SHIFT,
                   state_thread(state));
    explain_found(sf, block, found, report);
    return false;
}

bool shared_verify(const struct shared_file *sf, uint64_t first, uint64_t count, const uint64_t *before,
                   const uint8_t *found, struct report *report)
{
    uint8_t expected[SHARED_BLOCK];

    for (uint64_t i = 0; i < count; i++) {
        uint64_t state = atomic_load(&sf->states[first + i]);

        if (state != before[i] || (state & STATE_CHANGING) != 0)
            continue;
        expect_block(sf, first + i, state, expected);
        if (memcmp(expected, found + i * SHARED_BLOCK, SHARED_BLOCK) != 0)
            return explain_block(sf, first + i, state, expected, found + i * SHARED_BLOCK, report);
    }
    return true;
}

void shared_write_good(const struct shared_file *sf, uint64_t size, FILE *out)
{
    uint8_t expected[SHARED_BLOCK];

    for (uint64_t done = 0; done < size; done += SHARED_BLOCK) {
        uint64_t block = done / SHARED_BLOCK;

        if (block < sf->n_blocks)
            expect_block(sf, block, atomic_load(&sf->states[block]), expected);
        else
            memset(expected, 0, sizeof(expected));
        fwrite(expected, 1, size - done < SHARED_BLOCK ? size - done : SHARED_BLOCK, out);
    }
}
