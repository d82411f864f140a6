// SPDX-License-Identifier: BSD-2-Clause
/*
 * The measured parts of workloads on the contents of one big file. Writing ends with fsync or msync, which is
 * part of the measured time. No locks (see client.h).
 */
#include "bench/client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool fail_short(struct job *job, const char *what, ssize_t n)
{
    if (n >= 0)
        errno = EIO;
    return job_fail(job, what);
}

bool run_seqwrite(struct job *job)
{
    memset(job->buffer, 'b', CHUNK_BYTES);
    for (uint64_t off = 0; off < job->big_bytes; off += CHUNK_BYTES) {
        ssize_t n = pwrite(job->fd, job->buffer, CHUNK_BYTES, (off_t)off);
        if (n != CHUNK_BYTES)
            return fail_short(job, "write", n);
    }
    if (fsync(job->fd) != 0)
        return job_fail(job, "fsync");
    job->place->big_bytes = job->big_bytes;
    job->done += job->big_bytes;
    return true;
}

static bool read_through(struct job *job)
{
    for (uint64_t off = 0; off < job->big_bytes; off += CHUNK_BYTES) {
        ssize_t n = pread(job->fd, job->buffer, CHUNK_BYTES, (off_t)off);
        if (n != CHUNK_BYTES)
            return fail_short(job, "read", n);
    }
    return true;
}

bool run_seqread(struct job *job)
{
    job->done += job->big_bytes;
    return read_through(job);
}

bool run_seqread_warm(struct job *job)
{
    do {
        if (!read_through(job))
            return false;
    } while (job_again(job, job->big_bytes));
    return true;
}

/*
 * Visits every small block of the big file once, in an order without pattern. A big file is a multiple of
 * CHUNK_BYTES long and at most 8 GiB, so that its number of blocks has no factor in common with the step.
 */
static uint64_t block_offset(const struct job *job, uint64_t index)
{
    const uint64_t step = 1000003; // a prime
    uint64_t n_blocks = job->big_bytes / SMALL_BYTES;

    return index * step % n_blocks * SMALL_BYTES;
}

bool run_randread(struct job *job)
{
    uint64_t n_blocks = job->big_bytes / SMALL_BYTES;

    posix_fadvise(job->fd, 0, 0, POSIX_FADV_RANDOM);
    for (uint64_t i = 0; i < n_blocks; i++) {
        ssize_t n = pread(job->fd, job->buffer, SMALL_BYTES, (off_t)block_offset(job, i));
        if (n != SMALL_BYTES)
            return fail_short(job, "read", n);
    }
    job->done += n_blocks;
    return true;
}

bool run_randwrite(struct job *job)
{
    uint64_t n_blocks = job->big_bytes / SMALL_BYTES;

    memset(job->buffer, 'r', SMALL_BYTES);
    for (uint64_t i = 0; i < n_blocks; i++) {
        ssize_t n = pwrite(job->fd, job->buffer, SMALL_BYTES, (off_t)block_offset(job, i));
        if (n != SMALL_BYTES)
            return fail_short(job, "write", n);
    }
    if (fsync(job->fd) != 0)
        return job_fail(job, "fsync");
    job->done += n_blocks;
    return true;
}

bool run_mmap_write(struct job *job)
{
    uint8_t *map = mmap(NULL, job->big_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, job->fd, 0);
    bool good = true;

    if (map == MAP_FAILED)
        return job_fail(job, "mmap");
    memset(map, 'm', job->big_bytes);
    if (msync(map, job->big_bytes, MS_SYNC) != 0)
        good = job_fail(job, "msync");
    munmap(map, job->big_bytes);
    job->done += job->big_bytes;
    return good;
}

bool run_mmap_read(struct job *job)
{
    const uint64_t *map = mmap(NULL, job->big_bytes, PROT_READ, MAP_SHARED, job->fd, 0);
    volatile uint64_t sink;
    uint64_t sum = 0;

    if (map == MAP_FAILED)
        return job_fail(job, "mmap");
    for (uint64_t i = 0; i < job->big_bytes / sizeof(map[0]); i++)
        sum += map[i];
    sink = sum;
    (void)sink;
    munmap((void *)(uintptr_t)map, job->big_bytes);
    job->done += job->big_bytes;
    return true;
}
