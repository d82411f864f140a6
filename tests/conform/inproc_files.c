// SPDX-License-Identifier: BSD-2-Clause
/*
 * inproc_files.c: the operations on open files as calls of vfs/syscalls.h, and the table that gives open
 * files numbers.
 *
 * Lock: files_lock over the table; no call of the kernel half is made with it held.
 */
#include <pthread.h>
#include <string.h>

#include "tests/conform/inproc_internal.h"

#define FILES_MAX 1024

static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;
static sys_file_t *files[FILES_MAX];

static int number_take(sys_file_t *file, int *fd)
{
    int error = SYS_EMFILE;

    pthread_mutex_lock(&files_lock);
    for (int i = 0; i < FILES_MAX && error; i++) {
        if (files[i])
            continue;
        files[i] = file;
        *fd = i;
        error = 0;
    }
    pthread_mutex_unlock(&files_lock);
    return error;
}

static sys_file_t *file_of(int fd, bool take)
{
    pthread_mutex_lock(&files_lock);
    sys_file_t *file = fd >= 0 && fd < FILES_MAX ? files[fd] : NULL;
    if (file && take)
        files[fd] = NULL;
    pthread_mutex_unlock(&files_lock);
    return file;
}

void inproc_files_close_all(void)
{
    for (int fd = 0; fd < FILES_MAX; fd++)
        if (file_of(fd, false))
            (void)inproc_close(fd);
}

int inproc_open(const struct user *who, const char *path, uint32_t oflags, uint32_t mode, int *fd)
{
    sys_file_t *file;
    int error;

    if (!*path)
        return SYS_ENOENT;
    error = sys_open(inproc_as(who), &inproc_here, path, 0, oflags, mode, &file, NULL, NULL);
    if (error)
        return error;
    error = number_take(file, fd);
    if (error)
        (void)sys_close(NULL, file);
    return error;
}

int inproc_close(int fd)
{
    sys_file_t *file = file_of(fd, true);
    return file ? sys_close(NULL, file) : SYS_EBADF;
}

int inproc_pread(int fd, void *buf, size_t len, int64_t off, size_t *done)
{
    sys_file_t *file = file_of(fd, false);
    struct sys_iovec iov = {buf, len};
    return file ? sys_pread(NULL, file, &iov, 1, off, done) : SYS_EBADF;
}

static int write_as(sys_caller_t *who, int fd, const void *buf, size_t len, int64_t off, size_t *done)
{
    sys_file_t *file = file_of(fd, false);
    struct sys_iovec iov = {(void *)(uintptr_t)buf, len};
    return file ? sys_pwrite(who, file, &iov, 1, off, done) : SYS_EBADF;
}

int inproc_pwrite(int fd, const void *buf, size_t len, int64_t off, size_t *done)
{
    return write_as(NULL, fd, buf, len, off, done);
}

int inproc_pwrite_as(const struct user *who, int fd, const void *buf, size_t len, int64_t off)
{
    size_t done;
    return write_as(inproc_as(who), fd, buf, len, off, &done);
}

static int truncate_as(sys_caller_t *who, int fd, int64_t size)
{
    sys_file_t *file = file_of(fd, false);
    return file ? sys_ftruncate(who, file, size) : SYS_EBADF;
}

int inproc_ftruncate(int fd, int64_t size)
{
    return truncate_as(NULL, fd, size);
}

int inproc_ftruncate_as(const struct user *who, int fd, int64_t size)
{
    return truncate_as(inproc_as(who), fd, size);
}

int inproc_fstat(int fd, struct sys_attr *attr)
{
    sys_file_t *file = file_of(fd, false);
    struct sys_node node;
    int error = file ? sys_file_node(file, &node) : SYS_EBADF;

    return error ? error : sys_getattr(inproc_root(), &node, attr);
}

int inproc_fsync(int fd, bool data_only)
{
    sys_file_t *file = file_of(fd, false);
    return file ? sys_fsync(NULL, file, data_only) : SYS_EBADF;
}

int inproc_allocate(int fd, int64_t off, int64_t len, bool keep_size)
{
    sys_file_t *file = file_of(fd, false);
    return file ? sys_allocate(NULL, file, off, len, keep_size) : SYS_EBADF;
}

int inproc_punch(int fd, int64_t off, int64_t len)
{
    sys_file_t *file = file_of(fd, false);
    return file ? sys_punch(NULL, file, off, len) : SYS_EBADF;
}

int inproc_zero(int fd, int64_t off, int64_t len, bool keep_size)
{
    sys_file_t *file = file_of(fd, false);
    return file ? sys_zero_range(NULL, file, off, len, keep_size) : SYS_EBADF;
}

int inproc_seek(int fd, int64_t off, bool hole, int64_t *out)
{
    sys_file_t *file = file_of(fd, false);
    return file ? sys_seek(NULL, file, off, hole, out) : SYS_EBADF;
}

static int emit(void *arg, const struct sys_dirent *entry)
{
    return !names_add(arg, entry->name, entry->fileid, entry->type);
}

int inproc_readdir(int fd, struct names_seen *out)
{
    sys_file_t *file = file_of(fd, false);
    bool eof = false;
    int error = file ? sys_readdir(NULL, file, 0, emit, out, &eof) : SYS_EBADF;

    return error ? error : eof ? 0 : SYS_ENOMEM;
}

/* Never asked: the world declares that there are none. */
int inproc_lock(int fd, enum lock_type type, int64_t off, int64_t len)
{
    (void)fd, (void)type, (void)off, (void)len;
    return SYS_ENOTSUP;
}

int inproc_flock(int fd, enum lock_type type)
{
    (void)fd, (void)type;
    return SYS_ENOTSUP;
}

int inproc_statfs(struct sys_statfs *out)
{
    return sys_statfs(inproc_root(), inproc_here.mount_id, out);
}
