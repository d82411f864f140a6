// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations of one thread on the shared file. Takes gate before size_lock (shared.h); both are held across
 * system calls, never while printing.
 */
#include "tools/fsx/shared_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/fsx/mapped.h"

enum {
    LOOK_BLOCKS = 16,   // longest range read of other threads' blocks
    TAIL_BYTES = 16384, // how far behind the region the file may reach
};

// A run of blocks and the byte range it covers.
struct run {
    uint64_t first;
    uint64_t count;
    uint64_t off;
    uint64_t len;
};

static bool fail_call(struct shared_thread *t, const char *call)
{
    return report_add(&t->report, "%s failed: %s\n", call, strerror(errno));
}

static struct run run_make(uint64_t first, uint64_t count)
{
    return (struct run){first, count, first * SHARED_BLOCK, count * SHARED_BLOCK};
}

// Some blocks in a row of one of the thread's own stripes.
static struct run run_choose_own(struct shared_thread *t)
{
    uint64_t n_stripes = (t->file->n_blocks + SHARED_STRIPE - 1) / SHARED_STRIPE;
    uint64_t own = (n_stripes - t->index + t->file->options->threads - 1) / t->file->options->threads;
    uint64_t stripe = t->index + t->file->options->threads * rng_below(&t->rng, own);
    uint64_t begin = stripe * SHARED_STRIPE;
    uint64_t in_stripe =
        t->file->n_blocks - begin < SHARED_STRIPE ? t->file->n_blocks - begin : SHARED_STRIPE;
    uint64_t skip = rng_below(&t->rng, in_stripe);

    return run_make(begin + skip, 1 + rng_below(&t->rng, in_stripe - skip));
}

static struct run run_choose_any(struct shared_thread *t)
{
    uint64_t first = rng_below(&t->rng, t->file->n_blocks);
    uint64_t left = t->file->n_blocks - first;

    return run_make(first, 1 + rng_below(&t->rng, left < LOOK_BLOCKS ? left : LOOK_BLOCKS));
}

// A mapping of a run; every byte of it lies inside the file while the gate is held.
static uint8_t *map_run(struct shared_thread *t, const struct run *r, int protection, void **base,
                        size_t *len)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t slack = r->off % page;

    // Whole pages, so that thread sanitizers forget the whole mapping when it goes.
    *len = (slack + r->len + page - 1) / page * page;
    *base = mmap(NULL, *len, protection, MAP_SHARED, t->fd, (off_t)(r->off - slack));
    if (*base == MAP_FAILED) {
        fail_call(t, "mmap");
        return NULL;
    }
    return (uint8_t *)*base + slack;
}

static bool read_mapped(struct shared_thread *t, const struct run *r)
{
    void *base;
    size_t len;
    uint8_t *at = map_run(t, r, PROT_READ, &base, &len);
    bool good = at != NULL;

    if (at == NULL)
        return false;
    if (!mapped_copy(t->buf, at, r->len))
        good = report_add(&t->report, "SIGBUS while reading the mapping\n");
    munmap(base, len);
    return good;
}

// Reads a run. What lies behind the end of file counts as zeros, but only where the file may end there.
static bool read_plain(struct shared_thread *t, const struct run *r)
{
    uint64_t known = atomic_load(&t->file->known_size);
    ssize_t got = pread(t->fd, t->buf, r->len, (off_t)r->off);

    if (got < 0)
        return fail_call(t, "read");
    // Sizes behind the region may shrink at any time, but not into it.
    uint64_t must = known < t->file->region ? known : t->file->region;
    must = must > r->off ? must - r->off : 0;
    if ((uint64_t)got < r->len && (uint64_t)got < must)
        return report_add(&t->report, "read gave 0x%zx bytes; the file reaches at least to 0x%" PRIx64 "\n",
                          (size_t)got, known);
    memset(t->buf + got, 0, r->len - (size_t)got);
    return true;
}

static bool do_read(struct shared_thread *t, const struct run *r, bool mapped)
{
    uint64_t before[LOOK_BLOCKS];

    shared_snapshot(t->file, r->first, r->count, before);
    if (!(mapped ? read_mapped(t, r) : read_plain(t, r)))
        return false;
    return shared_verify(t->file, r->first, r->count, before, t->buf, &t->report);
}

static bool write_mapped(struct shared_thread *t, const struct run *r, bool sync)
{
    void *base;
    size_t len;
    uint8_t *at = map_run(t, r, PROT_READ | PROT_WRITE, &base, &len);
    bool good = true;

    if (at == NULL)
        return false;
    if (!mapped_copy(at, t->buf, r->len))
        good = report_add(&t->report, "SIGBUS while writing the mapping\n");
    else if (sync && msync(base, len, MS_SYNC) != 0)
        good = fail_call(t, "msync");
    if (munmap(base, len) != 0)
        good = fail_call(t, "munmap");
    return good;
}

static bool write_plain(struct shared_thread *t, const struct run *r)
{
    ssize_t done = pwrite(t->fd, t->buf, r->len, (off_t)r->off);

    if (done < 0)
        return fail_call(t, "write");
    if ((uint64_t)done != r->len)
        return report_add(&t->report, "write did 0x%zx bytes of 0x%" PRIx64 "\n", (size_t)done, r->len);
    shared_grow(t->file, r->off + r->len);
    return true;
}

// For testing fsx itself: damages one byte of each write of thread 0 from some operation on.
static bool inject_bug(struct shared_thread *t, const struct run *r)
{
    uint64_t wanted = t->file->options->inject_share;
    uint8_t byte = (uint8_t)~t->buf[r->len / 2];

    if (wanted == 0 || t->index != 0 || t->current < wanted)
        return true;
    int fd = open(t->file->path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && pwrite(fd, &byte, 1, (off_t)(r->off + r->len / 2)) == 1;
    if (!good)
        fail_call(t, "write of the injected bug");
    if (fd >= 0)
        close(fd);
    return good;
}

static bool do_write(struct shared_thread *t, const struct run *r, uint32_t kind)
{
    bool good;

    shared_begin(t->file, r->first, r->count);
    shared_fill(t->file, r->first, r->count, t->index, t->current, t->buf);
    good = kind == OP_WRITE ? write_plain(t, r) : write_mapped(t, r, kind == OP_MAPWRITE_SYNC);
    if (!good)
        return false;
    shared_commit(t->file, r->first, r->count, t->index, t->current, true);
    return inject_bug(t, r);
}

static bool do_punch(struct shared_thread *t, const struct run *r)
{
    shared_begin(t->file, r->first, r->count);
    if (fallocate(t->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)r->off, (off_t)r->len) != 0)
        return fail_call(t, "fallocate");
    shared_commit(t->file, r->first, r->count, t->index, t->current, false);
    return true;
}

static bool check_size(struct shared_thread *t, uint64_t expected)
{
    struct stat st;

    if (t->file->options->no_size_check)
        return true;
    if (fstat(t->fd, &st) != 0)
        return fail_call(t, "fstat");
    return (uint64_t)st.st_size == expected ||
           report_add(&t->report, "file size: expected 0x%" PRIx64 ", fstat says 0x%jx\n", expected,
                      (uintmax_t)st.st_size);
}

/*
 * Moves the end of file about behind the region while the other threads go on: puts junk behind @size, cuts
 * it off, grows the file again over that place, which must be zeros, and comes to rest at @size. Gate: read.
 */
static bool do_truncate_beyond(struct shared_thread *t, uint64_t size)
{
    uint8_t junk[100];
    ssize_t got;
    bool good = false;

    memset(junk, 0x99, sizeof(junk));
    pthread_mutex_lock(&t->file->size_lock);
    if (ftruncate(t->fd, (off_t)size) != 0) {
        fail_call(t, "ftruncate");
        goto out;
    }
    if (pwrite(t->fd, junk, sizeof(junk), (off_t)size) != (ssize_t)sizeof(junk)) {
        fail_call(t, "write behind the end");
        goto out;
    }
    if (ftruncate(t->fd, (off_t)size) != 0 || ftruncate(t->fd, (off_t)(size + sizeof(junk))) != 0) {
        fail_call(t, "ftruncate");
        goto out;
    }
    got = pread(t->fd, junk, sizeof(junk), (off_t)size);
    if (got != (ssize_t)sizeof(junk)) {
        report_add(&t->report, "read gave %zd bytes of %zu behind 0x%" PRIx64 "\n", got, sizeof(junk), size);
        goto out;
    }
    for (size_t i = 0; i < sizeof(junk); i++) {
        if (junk[i] != 0) {
            report_add(&t->report,
                       "the byte at 0x%" PRIx64
                       " is 0x%02x after the file was cut before it and grown again, not zero\n",
                       size + i, junk[i]);
            goto out;
        }
    }
    if (ftruncate(t->fd, (off_t)size) != 0) {
        fail_call(t, "ftruncate");
        goto out;
    }
    atomic_store(&t->file->known_size, size);
    good = check_size(t, size);
out:
    pthread_mutex_unlock(&t->file->size_lock);
    return good;
}

// Cuts the file inside the region, all other threads waiting: the only moment at which others' blocks change.
static bool do_cut(struct shared_thread *t, uint64_t n_blocks)
{
    bool good = false;

    pthread_rwlock_wrlock(&t->file->gate);
    if (check_size(t, atomic_load(&t->file->known_size))) {
        good = ftruncate(t->fd, (off_t)(n_blocks * SHARED_BLOCK)) == 0 || fail_call(t, "ftruncate");
        shared_commit(t->file, n_blocks, t->file->n_blocks - n_blocks, t->index, t->current, false);
        atomic_store(&t->file->known_size, n_blocks * SHARED_BLOCK);
        good = good && check_size(t, n_blocks * SHARED_BLOCK);
    }
    pthread_rwlock_unlock(&t->file->gate);
    return good;
}

static bool do_closeopen(struct shared_thread *t)
{
    int fd = t->fd;

    t->fd = -1;
    if (close(fd) != 0)
        return fail_call(t, "close");
    t->fd = open(t->file->path, O_RDWR | O_CLOEXEC);
    return t->fd >= 0 || fail_call(t, "open");
}

// Chooses kind and range of the next operation. Truncations inside the region are rare, as they stop
// everybody.
static void choose(struct shared_thread *t, struct op *op, struct run *r)
{
    const struct shared_file *f = t->file;
    uint64_t dice = rng_below(&t->rng, 1000);
    bool own = rng_below(&t->rng, 4) != 0;

    *r = run_choose_own(t);
    if (f->options->close_chance != 0 && rng_below(&t->rng, f->options->close_chance) == 0)
        op->kind = OP_CLOSEOPEN;
    else if (dice < 550)
        op->kind = dice < 200 ? OP_READ : dice < 350 ? OP_MAPREAD : OP_WRITE;
    else if (dice < 750)
        op->kind = dice < 735 ? OP_MAPWRITE : OP_MAPWRITE_SYNC;
    else if (dice < 840)
        op->kind = dice < 810 ? OP_PUNCH : OP_ALLOC_KEEP;
    else if (dice < 970)
        op->kind = OP_TRUNCATE;
    else
        op->kind = dice < 985 ? OP_FSYNC : OP_FDATASYNC;
    if (!f->caps->allowed[op->kind])
        op->kind = rng_below(&t->rng, 2) != 0 ? OP_WRITE : OP_READ;
    if ((op->kind == OP_READ || op->kind == OP_MAPREAD) && !own)
        *r = run_choose_any(t);
    op->off = r->off;
    op->len = r->len;
    if (op->kind == OP_TRUNCATE && rng_below(&t->rng, 10) == 0)
        op->off = rng_below(&t->rng, f->n_blocks + 1) * SHARED_BLOCK;
    else if (op->kind == OP_TRUNCATE)
        op->off = f->region + rng_below(&t->rng, TAIL_BYTES);
}

// Everything that leaves the other threads' blocks alone. Gate: read.
static bool do_beside_others(struct shared_thread *t, struct op *op, const struct run *r)
{
    bool mappable = r->off + r->len <= atomic_load(&t->file->known_size);

    switch (op->kind) {
    case OP_READ:
        return do_read(t, r, false);
    case OP_MAPREAD:
        return do_read(t, r, mappable);
    case OP_WRITE:
        return do_write(t, r, OP_WRITE);
    case OP_MAPWRITE:
    case OP_MAPWRITE_SYNC:
        return do_write(t, r, mappable ? op->kind : OP_WRITE);
    case OP_PUNCH:
        return do_punch(t, r);
    case OP_ALLOC_KEEP:
        return fallocate(t->fd, FALLOC_FL_KEEP_SIZE, (off_t)r->off, (off_t)r->len) == 0 ||
               fail_call(t, "fallocate");
    case OP_TRUNCATE:
        return do_truncate_beyond(t, op->off);
    case OP_FSYNC:
        return fsync(t->fd) == 0 || fail_call(t, "fsync");
    case OP_FDATASYNC:
        return fdatasync(t->fd) == 0 || fail_call(t, "fdatasync");
    default:
        return do_closeopen(t);
    }
}

bool shared_thread_step(struct shared_thread *t)
{
    struct op op = {.number = ++t->current, .thread = t->index};
    struct run r;
    bool good;

    choose(t, &op, &r);
    op.ticket = atomic_fetch_add(&t->file->ticket, 1);
    op.size_before = atomic_load(&t->file->known_size);
    if (oplog_append(&t->log, &op) != 0)
        return report_add(&t->report, "no memory for the log of operations\n");
    if (op.kind == OP_TRUNCATE && op.off < t->file->region)
        return do_cut(t, op.off / SHARED_BLOCK);
    if (op.kind == OP_PUNCH && t->file->punch_alone)
        pthread_rwlock_wrlock(&t->file->gate);
    else
        pthread_rwlock_rdlock(&t->file->gate);
    good = do_beside_others(t, &op, &r);
    pthread_rwlock_unlock(&t->file->gate);
    return good;
}

// The scratch buffer holds more than TAIL_BYTES.
static bool check_behind_region(struct shared_thread *t, uint64_t size)
{
    uint64_t region = t->file->region;
    uint64_t want = size > region ? size - region : 0;
    ssize_t got = pread(t->fd, t->buf, want, (off_t)region);

    if (got != (ssize_t)want)
        return report_add(&t->report, "read gave %zd bytes of 0x%" PRIx64 " behind all blocks\n", got, want);
    for (uint64_t i = 0; i < want; i++)
        if (t->buf[i] != 0)
            return report_add(&t->report,
                              "the byte at 0x%" PRIx64 ", behind all blocks, is 0x%02x, not zero\n",
                              region + i, t->buf[i]);
    return true;
}

bool shared_check_all(struct shared_thread *t)
{
    uint64_t size = atomic_load(&t->file->known_size);

    if (!do_closeopen(t) || !check_size(t, size))
        return false;
    for (uint64_t first = 0; first < t->file->n_blocks; first += LOOK_BLOCKS) {
        uint64_t left = t->file->n_blocks - first;
        struct run r = run_make(first, left < LOOK_BLOCKS ? left : LOOK_BLOCKS);

        if (!do_read(t, &r, false))
            return false;
        if (t->file->caps->allowed[OP_MAPREAD] && r.off + r.len <= size && !do_read(t, &r, true))
            return false;
    }
    return check_behind_region(t, size);
}

int shared_thread_init(struct shared_thread *t, struct shared_file *file, uint32_t index)
{
    memset(t, 0, sizeof(*t));
    t->file = file;
    t->index = index;
    t->rng.state = rng_derive(file->seed, index);
    t->buf = malloc((size_t)LOOK_BLOCKS * SHARED_BLOCK);
    if (t->buf == NULL)
        return ENOMEM;
    t->fd = open(file->path, O_RDWR | O_CLOEXEC);
    if (t->fd < 0) {
        int error = errno;

        free(t->buf);
        return error;
    }
    return 0;
}

void shared_thread_free(struct shared_thread *t)
{
    if (t->fd >= 0)
        close(t->fd);
    free(t->buf);
    oplog_free(&t->log);
}
