// SPDX-License-Identifier: BSD-2-Clause
/*
 * The file that the threads of -j share, and the exact knowledge of its contents.
 *
 * The first @region bytes are blocks, dealt out to the threads in stripes. Only its owner writes a block, so
 * the owner knows every byte of it at any time; the block's state word lets the others know it too, whenever
 * the owner did not touch it while they looked. Blocks do not divide a page, so that neighbours with
 * different owners meet inside pages. What lies behind the region is always zeros.
 *
 * Locks, in the order in which they are taken:
 *   1 gate       read: for any operation on blocks; write: to cut the file inside the region, and to punch
 * holes where that is not safe beside mapped writes (punch_alone) 2 size_lock  to set a file size at or
 * behind the end of the region, and to know the size exactly State words and known_size are atomics, written
 * by the owner of the block (or under the gate held for writing) and raised by compare-and-exchange.
 */
#ifndef FSX_SHARED_H
#define FSX_SHARED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "tools/fsx/subject.h"

enum {
    SHARED_BLOCK = 1536, // bytes
    SHARED_STRIPE = 4,   // blocks of one owner in a row
};

struct shared_file {
    const struct fsx_options *options;
    const struct fsx_caps *caps;
    const char *path;
    uint64_t seed;
    uint64_t n_blocks;
    uint64_t region;                 // bytes, n_blocks * SHARED_BLOCK
    bool punch_alone;                // holes are punched with the gate held for writing
    atomic_uint_fast64_t *states;    // [n_blocks] shared_state_make
    atomic_uint_fast64_t known_size; // bytes; the file is at least so long
    atomic_uint_fast64_t ticket;     // order of operations
    pthread_rwlock_t gate;           // (1)
    pthread_mutex_t size_lock;       // (2)
};

/** shared_init - creates the empty file @path and its bookkeeping. Returns 0 or an errno with nothing held.
 */
int shared_init(struct shared_file *sf, const char *path, const struct fsx_options *options,
                const struct fsx_caps *caps);

/** shared_free - frees what @sf holds; the file stays. */
void shared_free(struct shared_file *sf);

/** shared_owner - the thread that owns @block. */
uint32_t shared_owner(const struct shared_file *sf, uint64_t block);

/** shared_begin - marks @count of the caller's own blocks from @first as being changed. Gate: read. */
void shared_begin(struct shared_file *sf, uint64_t first, uint64_t count);

/**
 * shared_commit - says what @count blocks from @first contain from now on.
 * @thread, @number  in  who made them so, by which operation of his.
 * @data             in  whether they hold stamped data, else zeros.
 */
void shared_commit(struct shared_file *sf, uint64_t first, uint64_t count, uint32_t thread, uint64_t number,
                   bool data);

/** shared_grow - @size bytes of file are known to exist. */
void shared_grow(struct shared_file *sf, uint64_t size);

/** shared_fill - the contents that operation @number of @thread gives to @count blocks from @first. */
void shared_fill(const struct shared_file *sf, uint64_t first, uint64_t count, uint32_t thread,
                 uint64_t number, uint8_t *out);

/** shared_snapshot - copies the state words of @count blocks from @first. */
void shared_snapshot(const struct shared_file *sf, uint64_t first, uint64_t count, uint64_t *states);

/**
 * shared_verify - checks @count whole blocks from @first, read into @found, against what they must contain.
 * @before  in  shared_snapshot taken before reading. Blocks that changed since, or were changing, are passed
 * over. Returns true if all is right, else false with an explanation in @report.
 */
bool shared_verify(const struct shared_file *sf, uint64_t first, uint64_t count, const uint64_t *before,
                   const uint8_t *found, struct report *report);

/** shared_write_good - writes the whole expected contents, @size bytes, to @out. After the threads have
 * ended. */
void shared_write_good(const struct shared_file *sf, uint64_t size, FILE *out);

#endif
