// SPDX-License-Identifier: BSD-2-Clause
/*
 * helpers.c: the users of the cases, short forms of what most of them do, and names of errors.
 */
#include <stdlib.h>
#include <time.h>

#include "tests/conform/conform.h"

static const uint32_t team[] = {GROUP_TEAM};
const struct user root_user = {0};
const struct user alice = {UID_ALICE, GROUP_ALICE, 1, team};
const struct user bob = {UID_BOB, GROUP_BOB, 0, NULL};
const struct user carol = {UID_CAROL, GROUP_CAROL, 1, team};

/* ---- errors -------------------------------------------------------------------------------------------- */

struct error_name {
    int error;
    const char *name;
};
#define NAME(e)                                                                                              \
    {                                                                                                        \
        SYS_##e, #e                                                                                          \
    }
static const struct error_name error_names[] = {
    {0, "success"}, NAME(EPERM),   NAME(ENOENT),    NAME(EINTR),        NAME(EIO),       NAME(ENXIO),
    NAME(E2BIG),    NAME(EBADF),   NAME(ENOMEM),    NAME(EACCES),       NAME(EFAULT),    NAME(EBUSY),
    NAME(EEXIST),   NAME(EXDEV),   NAME(ENODEV),    NAME(ENOTDIR),      NAME(EISDIR),    NAME(EINVAL),
    NAME(EFBIG),    NAME(ENOSPC),  NAME(ESPIPE),    NAME(EROFS),        NAME(EMLINK),    NAME(ERANGE),
    NAME(EAGAIN),   NAME(ENOTSUP), NAME(ELOOP),     NAME(ENAMETOOLONG), NAME(ENOTEMPTY), NAME(ESTALE),
    NAME(ENOATTR),  NAME(ENOSYS),  NAME(EOVERFLOW), NAME(ENOTTY),       NAME(ETXTBSY),
};

const char *conform_errno_name(int error)
{
    static char other[32];

    for (size_t i = 0; i < COUNT_OF(error_names); i++)
        if (error_names[i].error == error)
            return error_names[i].name;
    snprintf(other, sizeof(other), "errno %d", error);
    return other;
}

/* ---- names --------------------------------------------------------------------------------------------- */

bool names_add(struct names_seen *names, const char *name, uint64_t fileid, uint32_t type)
{
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 16;
        struct name_seen *more = realloc(names->names, room * sizeof(*more));
        if (!more)
            return false;
        names->names = more;
        names->room = room;
    }
    struct name_seen *seen = &names->names[names->count++];
    snprintf(seen->name, sizeof(seen->name), "%s", name);
    seen->fileid = fileid;
    seen->type = type;
    return true;
}

void names_free(struct names_seen *names)
{
    free(names->names);
    memset(names, 0, sizeof(*names));
}

/* ---- files --------------------------------------------------------------------------------------------- */

int open_ok(const struct user *who, const char *path, uint32_t oflags, uint32_t mode)
{
    int fd = -1;
    int error = fs->open(who, path, oflags, mode, &fd);

    if (error)
        conform_fail(__FILE__, __LINE__, "open \"%s\": %s", path, conform_errno_name(error));
    return fd;
}

int open_err(const struct user *who, const char *path, uint32_t oflags, uint32_t mode)
{
    int fd = -1;
    int error = fs->open(who, path, oflags, mode, &fd);

    if (!error)
        close_ok(fd);
    return error;
}

void close_ok(int fd)
{
    CHECK_OK(fs->close(fd));
}

size_t read_ok(int fd, void *buf, size_t len, int64_t off)
{
    size_t done = 0;

    CHECK_OK(fs->pread(fd, buf, len, off, &done));
    return done;
}

void write_ok(int fd, const void *buf, size_t len, int64_t off)
{
    size_t done = 0;

    CHECK_OK(fs->pwrite(fd, buf, len, off, &done));
    CHECK_EQ(done, len);
}

void make_file(const struct user *who, const char *path, uint32_t mode, const char *contents)
{
    int fd = open_ok(who, path, SYS_O_RDWR | SYS_O_CREAT | SYS_O_EXCL, mode);

    if (contents && *contents)
        write_ok(fd, contents, strlen(contents), 0);
    close_ok(fd);
}

void make_dir(const struct user *who, const char *path, uint32_t mode)
{
    int error = fs->mkdir(who, path, mode);

    if (error)
        conform_fail(__FILE__, __LINE__, "mkdir \"%s\": %s", path, conform_errno_name(error));
}

void make_owned(const char *path, uint32_t uid, uint32_t gid, uint32_t mode)
{
    make_file(ROOT, path, 0600, "owned");
    CHECK_OK(fs->chown(ROOT, path, false, uid, gid));
    CHECK_OK(fs->chmod(ROOT, path, mode));
}

struct sys_attr stat_of(const char *path)
{
    struct sys_attr attr = {0};
    int error = fs->stat(ROOT, path, false, &attr);

    if (error)
        conform_fail(__FILE__, __LINE__, "stat \"%s\": %s", path, conform_errno_name(error));
    return attr;
}

struct sys_attr fstat_of(int fd)
{
    struct sys_attr attr = {0};

    CHECK_OK(fs->fstat(fd, &attr));
    return attr;
}

void check_contents(const char *path, const char *expected)
{
    char buf[8192];
    int fd = open_ok(ROOT, path, SYS_O_RDONLY, 0);
    size_t len = read_ok(fd, buf, sizeof(buf), 0);

    close_ok(fd);
    if (len != strlen(expected) || memcmp(buf, expected, len) != 0)
        conform_fail(__FILE__, __LINE__, "\"%s\" holds \"%.*s\", expected \"%s\"", path, (int)len, buf,
                     expected);
}

bool exists(const char *path)
{
    struct sys_attr attr;
    int error = fs->stat(ROOT, path, false, &attr);

    if (error && error != SYS_ENOENT)
        conform_fail(__FILE__, __LINE__, "stat \"%s\": %s", path, conform_errno_name(error));
    return !error;
}

void set_times(const char *path, int64_t atime, int64_t mtime)
{
    struct sys_attr times = {
        .mask = SYS_ATTR_ATIME | SYS_ATTR_MTIME, .atime = {atime, 0}, .mtime = {mtime, 0}};

    CHECK_OK(fs->utimes(ROOT, path, false, &times));
}

void fill_name(char *buf, char c, size_t len)
{
    memset(buf, c, len);
    buf[len] = '\0';
}

/* ---- time ---------------------------------------------------------------------------------------------- */

bool time_before(struct sys_time a, struct sys_time b)
{
    return a.sec < b.sec || (a.sec == b.sec && a.nsec < b.nsec);
}

bool time_equal(struct sys_time a, struct sys_time b)
{
    return a.sec == b.sec && a.nsec == b.nsec;
}

void tick_past(struct sys_time last)
{
    struct timespec pause = {.tv_nsec = 200000}, now;

    do {
        nanosleep(&pause, NULL);
        clock_gettime(CLOCK_REALTIME_COARSE, &now);
    } while (now.tv_sec < last.sec || (now.tv_sec == last.sec && now.tv_nsec <= last.nsec));
}

/* ---- clearing ------------------------------------------------------------------------------------------ */

static int name_clear(const char *dir, const struct name_seen *seen)
{
    char path[4096];

    if (strcmp(seen->name, ".") == 0 || strcmp(seen->name, "..") == 0)
        return 0;
    snprintf(path, sizeof(path), "%s%s%s", dir ? dir : "", dir ? "/" : "", seen->name);
    if (seen->type != SYS_VDIR)
        return fs->unlink(ROOT, path);
    return tree_clear(path);
}

int tree_clear(const char *path)
{
    struct names_seen names = {0};
    int fd;
    int error = fs->open(ROOT, path ? path : ".", SYS_O_RDONLY | SYS_O_DIRECTORY, 0, &fd);

    if (error)
        return error;
    error = fs->readdir(fd, &names);
    (void)fs->close(fd);
    for (size_t i = 0; i < names.count && !error; i++)
        error = name_clear(path, &names.names[i]);
    names_free(&names);
    return error || !path ? error : fs->rmdir(ROOT, path);
}
