// SPDX-License-Identifier: BSD-2-Clause
/*
 * Making and ending a struct subject, and finding out what the host can do. No locks (see subject.h).
 */
#include "tools/fsx/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool errno_means_unsupported(int error)
{
    return error == EOPNOTSUPP || error == ENOSYS;
}

// Within the file and beyond its end, which a file system may treat differently. The file has one page.
static bool fallocate_works(int fd, int mode)
{
    long page = sysconf(_SC_PAGESIZE);

    return fallocate(fd, mode, 0, page) == 0 && fallocate(fd, mode, 16 * page, page) == 0 &&
           ftruncate(fd, page) == 0;
}

// Drops the kinds in [first, last] if the host refuses to fallocate with @mode, and says so.
static void probe_fallocate(struct fsx_caps *caps, int fd, int mode, uint32_t first, uint32_t last)
{
    if (!caps->allowed[first] || fallocate_works(fd, mode))
        return;
    if (!errno_means_unsupported(errno))
        return; // a real failure: the run will meet it again and report it
    int error = errno;
    for (uint32_t kind = first; kind <= last; kind++)
        caps->allowed[kind] = false;
    printf("fsx: %s is left out: the host says %s\n", op_name(first), strerror(error));
}

static void probe_mmap(struct fsx_caps *caps, int fd, int protection, uint32_t first, uint32_t last)
{
    size_t len = (size_t)sysconf(_SC_PAGESIZE);
    void *map = caps->allowed[first] ? mmap(NULL, len, protection, MAP_SHARED, fd, 0) : NULL;

    if (map == NULL)
        return;
    if (map != MAP_FAILED) {
        munmap(map, len);
        return;
    }
    if (errno != ENODEV && !errno_means_unsupported(errno))
        return;
    int error = errno;
    for (uint32_t kind = first; kind <= last; kind++)
        caps->allowed[kind] = false;
    printf("fsx: %s is left out: the host says %s\n", op_name(first), strerror(error));
}

static void caps_from_options(struct fsx_caps *caps, const struct fsx_options *o)
{
    for (uint32_t kind = 0; kind < OP_KIND_COUNT; kind++)
        caps->allowed[kind] = true;
    caps->allowed[OP_MAPREAD] = !o->no_map_read;
    caps->allowed[OP_MAPWRITE] = caps->allowed[OP_MAPWRITE_SYNC] = !o->no_map_write;
    caps->allowed[OP_PUNCH] = !o->no_punch;
    caps->allowed[OP_ALLOC] = caps->allowed[OP_ALLOC_KEEP] = !o->no_alloc;
    caps->allowed[OP_ZERO] = caps->allowed[OP_ZERO_KEEP] = !o->no_zero;
}

int caps_probe(const char *path, const struct fsx_options *options, struct fsx_caps *caps)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int error = 0;

    caps_from_options(caps, options);
    if (fd < 0)
        return errno;
    if (ftruncate(fd, sysconf(_SC_PAGESIZE)) != 0) {
        error = errno;
        goto out;
    }
    probe_fallocate(caps, fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, OP_PUNCH, OP_PUNCH);
    probe_fallocate(caps, fd, 0, OP_ALLOC, OP_ALLOC);
    probe_fallocate(caps, fd, FALLOC_FL_KEEP_SIZE, OP_ALLOC_KEEP, OP_ALLOC_KEEP);
    probe_fallocate(caps, fd, FALLOC_FL_ZERO_RANGE, OP_ZERO, OP_ZERO);
    probe_fallocate(caps, fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, OP_ZERO_KEEP, OP_ZERO_KEEP);
    probe_mmap(caps, fd, PROT_READ, OP_MAPREAD, OP_MAPREAD);
    probe_mmap(caps, fd, PROT_READ | PROT_WRITE, OP_MAPWRITE, OP_MAPWRITE_SYNC);
    if (ftruncate(fd, 0) != 0)
        error = errno;
out:
    close(fd);
    return error;
}

int subject_open(struct subject *s, const char *path, uint64_t seed, const struct fsx_options *options,
                 const struct fsx_caps *caps)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    int error = 0;

    memset(s, 0, sizeof(*s));
    s->options = options;
    s->caps = caps;
    s->path = path;
    s->seed = seed;
    s->inject_op = options->inject_op;
    s->fd = -1;
    // Replayed operations may be longer than -o says, never longer than the file.
    s->buf_len = options->replay != NULL ? options->file_len : options->max_op;
    if (s->buf_len < page)
        s->buf_len = page;
    error = model_init(&s->model, options->file_len, seed);
    if (error != 0)
        return error;
    s->buf = malloc(s->buf_len);
    if (s->buf == NULL) {
        error = ENOMEM;
        goto out;
    }
    s->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (s->fd < 0)
        error = errno;
out:
    if (error != 0)
        subject_close(s);
    return error;
}

void subject_close(struct subject *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    free(s->buf);
    s->buf = NULL;
    model_free(&s->model);
    oplog_free(&s->log);
}
