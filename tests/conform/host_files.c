// SPDX-License-Identifier: BSD-2-Clause
/*
 * host_files.c: the operations on open files as plain system calls of the host. Numbers of open files are the
 * host's descriptors; a bit map remembers which are the cases'.
 *
 * Lock: files_lock over the bit map.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/conform/host_internal.h"

#define FILES_MAX 4096

static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;
static bool ours[FILES_MAX];
static int highest = -1;

static void file_note(int fd, bool open)
{
    if (fd < 0 || fd >= FILES_MAX)
        abort();
    pthread_mutex_lock(&files_lock);
    ours[fd] = open;
    if (open && fd > highest)
        highest = fd;
    pthread_mutex_unlock(&files_lock);
}

void host_files_close_all(void)
{
    for (int fd = 0; fd <= highest; fd++)
        if (ours[fd])
            (void)host_close(fd);
    highest = -1;
}

static int left(long result)
{
    return result < 0 ? host_errno_map(errno) : 0;
}

/* ---- opening ------------------------------------------------------------------------------------------- */

struct open_call {
    const char *path;
    int flags;
    mode_t mode;
    int fd;
};

static int do_open(void *arg)
{
    struct open_call *call = arg;

    call->fd = openat(host_here, call->path, call->flags | O_CLOEXEC, call->mode);
    return call->fd < 0 ? errno : 0;
}

static int flags_of(uint32_t oflags)
{
    static const struct {
        uint32_t sys;
        int host;
    } table[] = {
        {SYS_O_NONBLOCK, O_NONBLOCK}, {SYS_O_APPEND, O_APPEND},       {SYS_O_SYNC, O_SYNC},
        {SYS_O_NOFOLLOW, O_NOFOLLOW}, {SYS_O_CREAT, O_CREAT},         {SYS_O_TRUNC, O_TRUNC},
        {SYS_O_EXCL, O_EXCL},         {SYS_O_DIRECTORY, O_DIRECTORY},
    };
    int flags = (int)(oflags & SYS_O_ACCMODE);

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (oflags & table[i].sys)
            flags |= table[i].host;
    return flags;
}

int host_open(const struct user *who, const char *path, uint32_t oflags, uint32_t mode, int *fd)
{
    struct open_call call = {.path = path, .flags = flags_of(oflags), .mode = mode};
    int error = host_as(who, do_open, &call);

    if (error)
        return host_result(error);
    file_note(call.fd, true);
    *fd = call.fd;
    return 0;
}

int host_close(int fd)
{
    file_note(fd, false);
    return left(close(fd));
}

/* ---- contents ------------------------------------------------------------------------------------------ */

int host_pread(int fd, void *buf, size_t len, int64_t off, size_t *done)
{
    ssize_t n = pread(fd, buf, len, off);

    if (n >= 0)
        *done = (size_t)n;
    return left(n);
}

int host_pwrite(int fd, const void *buf, size_t len, int64_t off, size_t *done)
{
    ssize_t n = pwrite(fd, buf, len, off);

    if (n >= 0)
        *done = (size_t)n;
    return left(n);
}

struct write_call {
    int fd;
    const void *buf;
    size_t len;
    int64_t off;
};

static int do_pwrite(void *arg)
{
    struct write_call *call = arg;
    return pwrite(call->fd, call->buf, call->len, call->off) < 0 ? errno : 0;
}

int host_pwrite_as(const struct user *who, int fd, const void *buf, size_t len, int64_t off)
{
    return host_result(host_as(who, do_pwrite, &(struct write_call){fd, buf, len, off}));
}

static int do_ftruncate(void *arg)
{
    struct write_call *call = arg;
    return ftruncate(call->fd, call->off) < 0 ? errno : 0;
}

int host_ftruncate_as(const struct user *who, int fd, int64_t size)
{
    return host_result(host_as(who, do_ftruncate, &(struct write_call){fd, NULL, 0, size}));
}

int host_fstat(int fd, struct sys_attr *attr)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return host_errno_map(errno);
    host_attr_from(attr, &st);
    return 0;
}

int host_fsync(int fd, bool data_only)
{
    return left(data_only ? fdatasync(fd) : fsync(fd));
}

int host_ftruncate(int fd, int64_t size)
{
    return left(ftruncate(fd, size));
}

int host_allocate(int fd, int64_t off, int64_t len, bool keep_size)
{
    return left(fallocate(fd, keep_size ? FALLOC_FL_KEEP_SIZE : 0, off, len));
}

int host_punch(int fd, int64_t off, int64_t len)
{
    return left(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, len));
}

int host_zero(int fd, int64_t off, int64_t len, bool keep_size)
{
    return left(fallocate(fd, FALLOC_FL_ZERO_RANGE | (keep_size ? FALLOC_FL_KEEP_SIZE : 0), off, len));
}

int host_seek(int fd, int64_t off, bool hole, int64_t *out)
{
    off_t where = lseek(fd, off, hole ? SEEK_HOLE : SEEK_DATA);

    if (where >= 0)
        *out = where;
    return left(where);
}

/* ---- directories --------------------------------------------------------------------------------------- */

static uint32_t type_of(unsigned char d_type)
{
    switch (d_type) {
    case DT_REG:
        return SYS_VREG;
    case DT_DIR:
        return SYS_VDIR;
    case DT_LNK:
        return SYS_VLNK;
    case DT_CHR:
        return SYS_VCHR;
    case DT_BLK:
        return SYS_VBLK;
    case DT_FIFO:
        return SYS_VFIFO;
    case DT_SOCK:
        return SYS_VSOCK;
    default:
        return SYS_VNON;
    }
}

int host_readdir(int fd, struct names_seen *out)
{
    int copy = dup(fd);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    int error = 0;

    if (!dir) {
        error = host_errno_map(errno);
        if (copy >= 0)
            close(copy);
        return error;
    }
    rewinddir(dir);
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            error = errno ? host_errno_map(errno) : 0;
            break;
        }
        if (!names_add(out, entry->d_name, entry->d_ino, type_of(entry->d_type))) {
            error = SYS_ENOMEM;
            break;
        }
    }
    closedir(dir);
    return error;
}

/* ---- locks --------------------------------------------------------------------------------------------- */

int host_lock(int fd, enum lock_type type, int64_t off, int64_t len)
{
    static const short types[] = {[LK_READ] = F_RDLCK, [LK_WRITE] = F_WRLCK, [LK_NONE] = F_UNLCK};
    struct flock lock = {.l_type = types[type], .l_whence = SEEK_SET, .l_start = off, .l_len = len};

    return left(fcntl(fd, F_OFD_SETLK, &lock));
}

int host_flock(int fd, enum lock_type type)
{
    static const int how[] = {[LK_READ] = LOCK_SH, [LK_WRITE] = LOCK_EX, [LK_NONE] = LOCK_UN};

    return left(flock(fd, how[type] | LOCK_NB));
}
