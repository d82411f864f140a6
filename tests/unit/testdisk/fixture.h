// SPDX-License-Identifier: BSD-2-Clause
/*
 * fixture.h: what tests of the test device share: a disk in memory for it to stand on, requests that wait,
 * and blocks whose contents say which write they are from. Locks: the disk's own, a leaf.
 */
#ifndef KEXTBED_TESTS_TESTDISK_FIXTURE_H
#define KEXTBED_TESTS_TESTDISK_FIXTURE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "host/host.h"
#include "host/testdisk/testdisk.h"

#define BLOCK      512u
#define PHYSICAL   4096u
#define BLOCKS     256u
#define DISK_BYTES (BLOCK * BLOCKS)

/* A disk in memory. Its bytes belong to the test, so that they outlive it. */
struct memdisk {
    struct host_disk disk;
    pthread_mutex_t lock;
    uint8_t *bytes;
    bool read_only, no_unmap;
    int flush_status;  /* what a flush answers */
    unsigned flush_us; /* how long it takes */
    unsigned flushes;
};

struct host_disk *memdisk_new(uint8_t *bytes);

/** fixture_open - a test device by @plan on a disk over @bytes. Fails the test where that is not possible. */
struct host_disk *fixture_open(uint8_t *bytes, const char *plan);

/** disk_do - one request, waited for. @moved may be NULL. Returns its status. */
int disk_do(struct host_disk *disk, enum host_disk_op op, bool fua, uint64_t offset, void *bytes, size_t len,
            uint64_t *moved);

/** stamp_fill - the contents of block @block as write @stamp leaves it; 0: zeros. */
void stamp_fill(uint8_t *bytes, uint64_t block, uint64_t stamp);
/** stamp_of - the write that a block is from. Fails the test where it is a mixture. */
uint64_t stamp_of(const uint8_t *bytes, uint64_t block);
/** stamp_write - write @stamp to @count blocks from @first. Returns the status. */
int stamp_write(struct host_disk *disk, uint64_t first, uint64_t count, uint64_t stamp, bool fua);
/** stamp_read - the write that the disk says block @block is from. */
uint64_t stamp_read(struct host_disk *disk, uint64_t block);

static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
