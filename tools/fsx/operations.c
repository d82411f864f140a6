// SPDX-License-Identifier: BSD-2-Clause
/*
 * What each kind of operation does with system calls, and how its outcome is checked. No locks (see
 * operations.h).
 */
#include "tools/fsx/operations.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/fsx/mapped.h"
#include "tools/fsx/rng.h"
#include "tools/fsx/verify.h"

static bool fail_call(struct subject *s, const char *call)
{
    return report_add(&s->report, "%s failed: %s\n", call, strerror(errno));
}

static bool fail_short(struct subject *s, const char *call, uint64_t wanted, ssize_t got)
{
    if (got < 0)
        return fail_call(s, call);
    return report_add(&s->report, "%s did 0x%zx bytes of 0x%" PRIx64 "\n", call, (size_t)got, wanted);
}

static bool do_read(struct subject *s, const struct op *op)
{
    uint64_t size = s->model.size;
    uint64_t want = op->off < size ? size - op->off : 0;
    ssize_t got;

    if (want > op->len)
        want = op->len;
    do
        got = pread(s->fd, s->buf, op->len, (off_t)op->off);
    while (got < 0 && errno == EINTR);
    if (got < 0 || (uint64_t)got != want)
        return fail_short(s, "read", want, got);
    return verify_bytes(s, "read", op->off, s->buf, want);
}

// A mapping of [off, off + len), of whole pages.
struct mapping {
    uint8_t *base;
    size_t len;
    uint8_t *at;  // where @off is
    uint8_t *end; // where @off + @len is
};

static bool mapping_make(struct subject *s, uint64_t off, uint64_t len, int protection, struct mapping *map)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t slack = off % page;

    // Whole pages, so that thread sanitizers forget the whole mapping when it goes.
    map->len = (slack + len + page - 1) / page * page;
    map->base = mmap(NULL, map->len, protection, MAP_SHARED, s->fd, (off_t)(off - slack));
    if (map->base == MAP_FAILED)
        return fail_call(s, "mmap");
    map->at = map->base + slack;
    map->end = map->at + len;
    return true;
}

// The rest of the last mapped page, if the file ends in it, must be zeros.
static bool check_tail(struct subject *s, const struct mapping *map, uint64_t end)
{
    size_t tail = map->len - (size_t)(map->end - map->base);

    if (end != s->model.size || tail == 0)
        return true;
    if (!mapped_copy(s->buf, map->end, tail))
        return report_add(&s->report, "SIGBUS behind the end of file in its last page\n");
    for (size_t i = 0; i < tail; i++)
        if (s->buf[i] != 0)
            return report_add(&s->report,
                              "the byte 0x%zx behind the end of file (0x%" PRIx64
                              ") is 0x%02x in the mapped page, not zero\n",
                              i, end, s->buf[i]);
    return true;
}

static bool do_mapread(struct subject *s, const struct op *op)
{
    struct mapping map;
    bool good;

    if (!mapping_make(s, op->off, op->len, PROT_READ, &map))
        return false;
    if (!mapped_copy(s->buf, map.at, op->len))
        good = report_add(&s->report, "SIGBUS while reading the mapping\n");
    else
        good = verify_bytes(s, "mapped read", op->off, s->buf, op->len) &&
               check_tail(s, &map, op->off + op->len);
    munmap(map.base, map.len);
    return good;
}

static bool do_write(struct subject *s, const struct op *op)
{
    ssize_t done;

    do
        done = pwrite(s->fd, s->model.good + op->off, op->len, (off_t)op->off);
    while (done < 0 && errno == EINTR);
    return done == (ssize_t)op->len || fail_short(s, "write", op->len, done);
}

static bool do_mapwrite(struct subject *s, const struct op *op)
{
    struct mapping map;
    bool good = true;

    if (op->off + op->len > op->size_before && ftruncate(s->fd, (off_t)(op->off + op->len)) != 0)
        return fail_call(s, "ftruncate before a mapped write");
    if (!mapping_make(s, op->off, op->len, PROT_READ | PROT_WRITE, &map))
        return false;
    if (!mapped_copy(map.at, s->model.good + op->off, op->len))
        good = report_add(&s->report, "SIGBUS while writing the mapping\n");
    else if (op->kind == OP_MAPWRITE_SYNC && msync(map.base, map.len, MS_SYNC) != 0)
        good = fail_call(s, "msync");
    else
        good = check_tail(s, &map, op->off + op->len);
    if (munmap(map.base, map.len) != 0)
        good = fail_call(s, "munmap");
    return good;
}

static bool do_fallocate(struct subject *s, const struct op *op, int mode)
{
    int result;

    do
        result = fallocate(s->fd, mode, (off_t)op->off, (off_t)op->len);
    while (result != 0 && errno == EINTR);
    return result == 0 || fail_call(s, "fallocate");
}

static bool do_closeopen(struct subject *s)
{
    int fd = s->fd;

    s->fd = -1;
    if (close(fd) != 0)
        return fail_call(s, "close");
    s->fd = open(s->path, O_RDWR | O_CLOEXEC);
    return s->fd >= 0 || fail_call(s, "open");
}

bool subject_do(struct subject *s, const struct op *op)
{
    switch (op->kind) {
    case OP_READ:
        return do_read(s, op);
    case OP_MAPREAD:
        return do_mapread(s, op);
    case OP_WRITE:
        return do_write(s, op);
    case OP_MAPWRITE:
    case OP_MAPWRITE_SYNC:
        return do_mapwrite(s, op);
    case OP_TRUNCATE:
        return ftruncate(s->fd, (off_t)op->off) == 0 || fail_call(s, "ftruncate");
    case OP_PUNCH:
        return do_fallocate(s, op, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
    case OP_ALLOC:
        return do_fallocate(s, op, 0);
    case OP_ALLOC_KEEP:
        return do_fallocate(s, op, FALLOC_FL_KEEP_SIZE);
    case OP_ZERO:
        return do_fallocate(s, op, FALLOC_FL_ZERO_RANGE);
    case OP_ZERO_KEEP:
        return do_fallocate(s, op, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE);
    case OP_CLOSEOPEN:
        return do_closeopen(s);
    case OP_FSYNC:
        return fsync(s->fd) == 0 || fail_call(s, "fsync");
    case OP_FDATASYNC:
        return fdatasync(s->fd) == 0 || fail_call(s, "fdatasync");
    default:
        return report_add(&s->report, "unknown operation kind %" PRIu32 "\n", op->kind);
    }
}

bool subject_check_size(struct subject *s)
{
    struct stat st;

    if (s->options->no_size_check)
        return true;
    if (fstat(s->fd, &st) != 0)
        return fail_call(s, "fstat");
    off_t end = lseek(s->fd, 0, SEEK_END);
    if (end < 0)
        return fail_call(s, "lseek");
    if ((uint64_t)st.st_size == s->model.size && (uint64_t)end == s->model.size)
        return true;
    return report_add(&s->report, "file size: expected 0x%" PRIx64 ", fstat says 0x%jx, lseek says 0x%jx\n",
                      s->model.size, (uintmax_t)st.st_size, (uintmax_t)end);
}

// Reads the whole file in pieces by @piece (do_read or do_mapread).
static bool check_pieces(struct subject *s, bool (*piece)(struct subject *, const struct op *))
{
    struct op op = {0};

    for (; op.off < s->model.size; op.off += op.len) {
        op.len = s->model.size - op.off < s->buf_len ? s->model.size - op.off : s->buf_len;
        if (!piece(s, &op))
            return false;
    }
    return true;
}

bool subject_check_all(struct subject *s)
{
    uint8_t byte;

    if (!do_closeopen(s) || !subject_check_size(s) || !check_pieces(s, do_read))
        return false;
    if (s->caps->allowed[OP_MAPREAD] && !check_pieces(s, do_mapread))
        return false;
    ssize_t got = pread(s->fd, &byte, 1, (off_t)s->model.size);
    return got == 0 || s->options->no_size_check ||
           report_add(&s->report, "a read at the end of file gives %zd bytes, not 0\n", got);
}

bool subject_write_image(struct subject *s)
{
    struct op whole = {.kind = OP_WRITE, .len = s->model.size};

    if (ftruncate(s->fd, (off_t)s->model.size) != 0)
        return fail_call(s, "ftruncate");
    return whole.len == 0 || do_write(s, &whole);
}

bool subject_inject(struct subject *s, const struct op *op)
{
    off_t off = (off_t)(op->off + rng_mix(s->seed ^ op->number) % op->len);
    int fd = open(s->path, O_RDWR | O_CLOEXEC);
    uint8_t byte;
    bool good = false;

    if (fd < 0)
        return fail_call(s, "open");
    if (pread(fd, &byte, 1, off) != 1) {
        fail_call(s, "read");
        goto out;
    }
    byte ^= 0x55;
    if (pwrite(fd, &byte, 1, off) != 1) {
        fail_call(s, "write");
        goto out;
    }
    good = true;
out:
    close(fd);
    return good;
}
