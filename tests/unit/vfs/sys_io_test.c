// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading and writing open files, truncation, synchronisation, and set-id bits that writing takes away.
 */
#include <sys/fcntl.h>

#include "tests/unit/vfs/sys_place.h"

static void io__scattered__gathers_and_scatters(void)
{
    char a[3], b[5], c[1], all[16] = {0};
    sys_file_t *file = fx_open(R, "f", SYS_O_RDWR | SYS_O_CREAT);
    struct sys_iovec out[3] = {{(void *)"abc", 3}, {(void *)"", 0}, {(void *)"defgh", 5}};
    size_t done = 0;
    KT_ASSERT_OK(sys_pwrite(ROOT, file, out, 3, 2, &done));
    KT_ASSERT_EQ(done, 8);
    struct sys_iovec in[3] = {{a, 3}, {b, 5}, {c, 1}};
    KT_ASSERT_OK(sys_pread(ROOT, file, in, 3, 2, &done));
    KT_ASSERT_EQ(done, 8);
    KT_ASSERT_MEM(a, "abc", 3);
    KT_ASSERT_MEM(b, "defgh", 5);
    KT_ASSERT_EQ(fx_read(file, all, 16, 0), 10);
    KT_ASSERT_MEM(all, "\0\0abcdefgh", 10);
    fx_close(file);
}

static void io__many_vectors__work_and_too_many_do_not(void)
{
    static struct sys_iovec iov[1025];
    static char byte[1025];
    sys_file_t *file = fx_open(R, "f", SYS_O_RDWR | SYS_O_CREAT);
    size_t done = 0;
    for (int i = 0; i < 1025; i++) {
        byte[i] = (char)i;
        iov[i] = (struct sys_iovec){&byte[i], 1};
    }
    KT_ASSERT_OK(sys_pwrite(ROOT, file, iov, 1024, 0, &done));
    KT_ASSERT_EQ(done, 1024);
    memset(byte, 0, sizeof(byte));
    KT_ASSERT_OK(sys_pread(ROOT, file, iov, 5, 1000, &done));
    for (int i = 0; i < 5; i++)
        KT_ASSERT_EQ(byte[i], (char)(1000 + i));
    KT_ASSERT_ERRNO(sys_pwrite(ROOT, file, iov, 1025, 0, &done), EINVAL);
    iov[0].len = (size_t)INT32_MAX;
    KT_ASSERT_ERRNO(sys_pread(ROOT, file, iov, 2, 0, &done), EINVAL);
    iov[0].len = SIZE_MAX;
    KT_ASSERT_ERRNO(sys_pread(ROOT, file, iov, 2, 0, &done), EINVAL);
    fx_close(file);
}

static void io__limits__are_kept(void)
{
    char buf[4] = "abc";
    sys_file_t *file = fx_open(R, "f", SYS_O_RDWR | SYS_O_CREAT);
    KT_ASSERT_EQ(fx_read(file, buf, 4, 0), 0);
    KT_ASSERT_EQ(fx_read(file, buf, 4, INT64_MAX), 0);
    KT_ASSERT_EQ(fx_read(file, buf, 4, -1), -EINVAL);
    KT_ASSERT_ERRNO(fx_write(file, buf, 4, -1), EINVAL);
    KT_ASSERT_ERRNO(fx_write(file, buf, 4, INT64_MAX - 3), EFBIG);
    KT_ASSERT_OK(fx_write(file, buf, 0, 5));
    KT_ASSERT_EQ(fx_stat(R, "f").size, 0);
    KT_ASSERT_ERRNO(sys_ftruncate(ROOT, file, -1), EINVAL);
    fx_close(file);
}

static void io__of_what_is_not_a_file__is_refused(void)
{
    char buf[4];
    sys_file_t *dir = fx_open(R, "", SYS_O_RDONLY);
    KT_ASSERT_EQ(fx_read(dir, buf, 4, 0), -EISDIR);
    KT_ASSERT_ERRNO(fx_write(dir, "x", 1, 0), EBADF);
    KT_ASSERT_ERRNO(sys_ftruncate(ROOT, dir, 0), EINVAL);
    KT_ASSERT_OK(sys_fsync(ROOT, dir, false));
    fx_close(dir);
    fx_file(R, "f", 0644, NULL);
    sys_file_t *file = fx_open(R, "f", SYS_O_RDONLY);
    KT_ASSERT_ERRNO(fx_write(file, "x", 1, 0), EBADF);
    KT_ASSERT_ERRNO(sys_ftruncate(ROOT, file, 0), EINVAL);
    KT_ASSERT_OK(sys_fsync(ROOT, file, true));
    fx_close(file);
}

static void io__flags__reach_the_file_system(void)
{
    sys_file_t *file = fx_open(R, "f", SYS_O_RDWR | SYS_O_CREAT | SYS_O_APPEND | SYS_O_SYNC | SYS_O_NONBLOCK);
    char buf[8];
    KT_ASSERT_OK(fx_write(file, "abcd", 4, 0));
    KT_ASSERT_OK(fx_write(file, "efgh", 4, 0)); /* appends, whatever the offset */
    KT_ASSERT_EQ(atomic_load(&fx_last_ioflag),
                 IO_UNIT | IO_SYSCALL_DISPATCH | IO_APPEND | IO_SYNC | IO_NDELAY);
    KT_ASSERT_EQ(fx_read(file, buf, 8, 0), 8);
    KT_ASSERT_MEM(buf, "abcdefgh", 8);
    KT_ASSERT_EQ(atomic_load(&fx_last_ioflag), IO_NDELAY);
    fx_close(file);
    struct fx_place sync = fx_mount("fxfs", 0, SYS_MNT_SYNCHRONOUS);
    file = fx_open(&sync.root, "f", SYS_O_RDWR | SYS_O_CREAT);
    KT_ASSERT_OK(fx_write(file, "a", 1, 0));
    KT_ASSERT_EQ(atomic_load(&fx_last_ioflag), IO_UNIT | IO_SYSCALL_DISPATCH | IO_SYNC);
    fx_close(file);
    fx_unmount(&sync);
}

/* ---- files that are not open --------------------------------------------------------------------------- */

static int node_write(sys_caller_t *who, const struct sys_node *node, const char *text, int64_t off)
{
    struct sys_iovec iov = {(void *)(uintptr_t)text, strlen(text)};
    size_t done = 0;
    int error = sys_node_write(who, node, &iov, 1, off, &done);
    KT_ASSERT_EQ(done, error ? 0 : iov.len);
    return error;
}

static int node_read(sys_caller_t *who, const struct sys_node *node, char *buf, size_t size, size_t *done)
{
    struct sys_iovec iov = {buf, size};
    return sys_node_read(who, node, &iov, 1, 0, done);
}

static void node_io__reads_and_writes_without_an_open(void)
{
    struct sys_node file = fx_file(R, "f", 0644, NULL);
    uint32_t opens = atomic_load(&fx_calls[FX_OPEN]);
    char buf[8];
    size_t done = 0;
    KT_ASSERT_OK(node_write(ROOT, &file, "abc", 2));
    KT_ASSERT_EQ(atomic_load(&fx_last_ioflag), IO_UNIT | IO_SYSCALL_DISPATCH);
    KT_ASSERT_OK(node_read(ROOT, &file, buf, sizeof(buf), &done));
    KT_ASSERT_EQ(done, 5);
    KT_ASSERT_MEM(buf, "\0\0abc", 5);
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_OPEN]), opens);
    KT_ASSERT_ERRNO(node_write(ROOT, &file, "x", -1), EINVAL);
    KT_ASSERT_ERRNO(node_read(ROOT, R, buf, sizeof(buf), &done), EISDIR);
    KT_ASSERT_ERRNO(node_write(ROOT, R, "x", 0), EISDIR);
    KT_ASSERT_OK(sys_unlink(ROOT, R, "f", 0, NULL));
    KT_ASSERT_ERRNO(node_read(ROOT, &file, buf, sizeof(buf), &done), ESTALE);
}

static void node_io__asks_for_permission_each_time(void)
{
    struct sys_node file = fx_file(R, "f", 0640, "abc");
    sys_caller_t *stranger = fx_user(500, 500, 0), *trusted = fx_user(500, 500, SYS_CALLER_PREAUTHORISED);
    char buf[8];
    size_t done = 0;
    KT_ASSERT_ERRNO(node_read(stranger, &file, buf, sizeof(buf), &done), EACCES);
    KT_ASSERT_ERRNO(node_write(stranger, &file, "x", 0), EACCES);
    KT_ASSERT_OK(node_read(trusted, &file, buf, sizeof(buf), &done));
    KT_ASSERT_OK(node_write(trusted, &file, "x", 0));
    fx_chmod(R, "f", 0646);
    KT_ASSERT_OK(node_read(stranger, &file, buf, sizeof(buf), &done));
    KT_ASSERT_OK(node_write(stranger, &file, "y", 0));
    fx_chflags(R, "f", UF_IMMUTABLE);
    KT_ASSERT_ERRNO(node_write(trusted, &file, "z", 0), EPERM);
    fx_chflags(R, "f", 0);
    fx_chmod(R, "f", 06777);
    KT_ASSERT_OK(node_write(stranger, &file, "z", 0));
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 0777);
}

static void io__error__tells_how_far_it_came(void)
{
    char buf[4];
    sys_file_t *file = fx_open(R, "f", SYS_O_RDWR | SYS_O_CREAT);
    const struct sys_iovec iov = {buf, 4};
    size_t done = 99;
    fx_fail(FX_WRITE, ENOSPC, 1);
    KT_ASSERT_ERRNO(sys_pwrite(ROOT, file, &iov, 1, 0, &done), ENOSPC);
    KT_ASSERT_EQ(done, 0);
    fx_fail(FX_READ, EIO, 1);
    done = 99;
    KT_ASSERT_ERRNO(sys_pread(ROOT, file, &iov, 1, 0, &done), EIO);
    KT_ASSERT_EQ(done, 0);
    fx_fail(FX_FSYNC, EIO, 1);
    KT_ASSERT_ERRNO(sys_fsync(ROOT, file, false), EIO);
    fx_close(file);
}

static void io__by_nobody__is_the_openers(void)
{
    sys_caller_t *user = fx_user(501, 20, 0);
    sys_file_t *file;
    fx_chmod(R, "", 0777);
    KT_ASSERT_OK(sys_open(user, R, "f", 0, SYS_O_RDWR | SYS_O_CREAT, 0644, &file, NULL, NULL));
    const struct sys_iovec iov = {(void *)"x", 1};
    size_t done;
    KT_ASSERT_OK(sys_pwrite(NULL, file, &iov, 1, 0, &done));
    KT_ASSERT_OK(sys_fsync(NULL, file, false));
    KT_ASSERT_OK(sys_close(NULL, file));
}

static void truncate__moves_the_end(void)
{
    char buf[8];
    sys_file_t *file = fx_open(R, "f", SYS_O_RDWR | SYS_O_CREAT);
    KT_ASSERT_OK(fx_write(file, "abcdefgh", 8, 0));
    KT_ASSERT_OK(sys_ftruncate(ROOT, file, 3));
    KT_ASSERT_OK(sys_ftruncate(ROOT, file, 6));
    KT_ASSERT_EQ(fx_read(file, buf, 8, 0), 6);
    KT_ASSERT_MEM(buf, "abc\0\0\0", 6);
    fx_close(file);
}

/* ---- set-id bits --------------------------------------------------------------------------------------- */

static uint32_t mode_of_f(void)
{
    return fx_stat(R, "f").mode;
}

static void setid__written_by_another__is_taken(void)
{
    sys_caller_t *user = fx_user(501, 20, 0);
    sys_file_t *file;
    const struct sys_iovec iov = {(void *)"x", 1};
    size_t done;
    fx_file(R, "f", 0666, NULL);
    KT_ASSERT_OK(sys_open(user, R, "f", 0, SYS_O_WRONLY, 0, &file, NULL, NULL));
    KT_ASSERT_OK(sys_pwrite(user, file, &iov, 1, 0, &done));
    uint32_t asked = atomic_load(&fx_calls[FX_GETATTR]);
    for (int i = 0; i < 10; i++)
        KT_ASSERT_OK(sys_pwrite(user, file, &iov, 1, 0, &done));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_GETATTR]), asked); /* looked once, not at every write */
    fx_chmod(R, "f", 06777);                                 /* while it is open */
    KT_ASSERT_OK(sys_pwrite(user, file, &iov, 1, 0, &done));
    KT_ASSERT_EQ(mode_of_f(), 0777);
    fx_chmod(R, "f", 06767); /* set-group-id without group execution means something else */
    KT_ASSERT_OK(sys_pwrite(user, file, &iov, 1, 0, &done));
    KT_ASSERT_EQ(mode_of_f(), 02767);
    fx_chmod(R, "f", 04777);
    KT_ASSERT_OK(sys_ftruncate(user, file, 0));
    KT_ASSERT_EQ(mode_of_f(), 0777);
    fx_chmod(R, "f", 04777);
    KT_ASSERT_OK(sys_pwrite(user, file, &iov, 0, 0, &done)); /* nothing written, nothing taken */
    KT_ASSERT_EQ(mode_of_f(), 04777);
    KT_ASSERT_OK(sys_pwrite(ROOT, file, &iov, 1, 0, &done));
    KT_ASSERT_EQ(mode_of_f(), 04777);
    KT_ASSERT_OK(sys_allocate(user, file, 0, 10, false));
    KT_ASSERT_EQ(mode_of_f(), 0777);
    KT_ASSERT_OK(sys_close(user, file));
}

static const struct ktest_case cases[] = {
    KT_CASE(io__scattered__gathers_and_scatters),
    KT_CASE(io__many_vectors__work_and_too_many_do_not),
    KT_CASE(io__limits__are_kept),
    KT_CASE(io__of_what_is_not_a_file__is_refused),
    KT_CASE(io__flags__reach_the_file_system),
    KT_CASE(node_io__reads_and_writes_without_an_open),
    KT_CASE(node_io__asks_for_permission_each_time),
    KT_CASE(io__error__tells_how_far_it_came),
    KT_CASE(io__by_nobody__is_the_openers),
    KT_CASE(truncate__moves_the_end),
    KT_CASE(setid__written_by_another__is_taken),
};
SYS_SUITE(sys_io, cases);
