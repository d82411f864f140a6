// SPDX-License-Identifier: BSD-2-Clause
/*
 * stress_model.c: a thread's own directory and the model that knows what is in it: names, links between them,
 * every byte. Each step says beforehand what the answer will be.
 *
 * No lock: a model and its directory belong to one thread.
 */
#include <stdlib.h>

#include "tests/conform/stress.h"

static void path_dir(const struct stress_thread *t, unsigned dir, char out[64])
{
    if (dir)
        snprintf(out, 64, "t%u/d%u", t->number, dir);
    else
        snprintf(out, 64, "t%u", t->number);
}

static void path_place(const struct stress_thread *t, unsigned place, char out[64])
{
    char dir[64];

    path_dir(t, place / 8, dir);
    snprintf(out, 64, "%.40s/n%u", dir, place % 8);
}

static bool dir_there(const struct stress_thread *t, unsigned place)
{
    return t->dir[place / 8];
}

static bool taken(const struct stress_thread *t, unsigned place)
{
    return t->file[place] || t->link[place];
}

static unsigned names_in(const struct stress_thread *t, unsigned dir)
{
    unsigned n = 0;

    for (unsigned i = 8 * dir; i < 8 * dir + 8; i++)
        n += taken(t, i);
    return n;
}

static void place_clear(struct stress_thread *t, unsigned place)
{
    struct stress_file *file = t->file[place];

    t->file[place] = NULL;
    t->link[place] = 0;
    if (file && --file->refs == 0) {
        free(file->bytes);
        free(file);
    }
}

static unsigned any_place(struct stress_thread *t)
{
    return stress_pick(t, STRESS_PLACES);
}

/* A place that is likely to hold something. */
static unsigned full_place(struct stress_thread *t)
{
    unsigned place = any_place(t);

    for (unsigned i = 0; i < STRESS_PLACES && !t->file[place]; i++)
        place = (place + 1) % STRESS_PLACES;
    return place;
}

#define OP(t, ...) snprintf((t)->op, sizeof((t)->op), __VA_ARGS__)

/* ---- files --------------------------------------------------------------------------------------------- */

static void do_create(struct stress_thread *t)
{
    unsigned place = any_place(t);
    char path[64];
    int fd = -1;

    path_place(t, place, path);
    OP(t, "create %s", path);
    int expected = !dir_there(t, place) ? SYS_ENOENT : taken(t, place) ? SYS_EEXIST : 0;
    int error = fs->open(ROOT, path, SYS_O_RDWR | SYS_O_CREAT | SYS_O_EXCL, 0640, &fd);
    stress_expect(t, error, expected);
    if (error)
        return;
    struct stress_file *file = calloc(1, sizeof(*file));
    file->bytes = calloc(1, STRESS_BYTES);
    file->refs = 1;
    file->mode = 0640;
    t->file[place] = file;
    stress_expect(t, fs->close(fd), 0);
}

/* Opens a place as the model foretells; NULL: there is no file. */
static struct stress_file *place_open(struct stress_thread *t, unsigned place, const char *what, int *fd)
{
    char path[64];

    path_place(t, place, path);
    OP(t, "%s %s", what, path);
    stress_expect(t, fs->open(ROOT, path, SYS_O_RDWR, 0, fd), t->file[place] ? 0 : SYS_ENOENT);
    return t->file[place];
}

static void do_write(struct stress_thread *t)
{
    unsigned char buf[9000];
    size_t len = 1 + stress_pick(t, sizeof(buf) - 1), done = 0;
    int64_t off = stress_pick(t, STRESS_BYTES - sizeof(buf));
    int fd;
    struct stress_file *file = place_open(t, full_place(t), "write", &fd);

    if (!file)
        return;
    memset(buf, (int)(1 + stress_pick(t, 255)), len);
    stress_expect(t, fs->pwrite(fd, buf, len, off, &done), 0);
    if (done != len)
        stress_fail(t, "%zu of %zu bytes written", done, len);
    memcpy(file->bytes + off, buf, len);
    if (file->size < off + (int64_t)len)
        file->size = off + (int64_t)len;
    if (stress_pick(t, 8) == 0)
        stress_expect(t, fs->fsync(fd, stress_pick(t, 2)), 0);
    stress_expect(t, fs->close(fd), 0);
}

static void file_check(struct stress_thread *t, const struct stress_file *file, int fd)
{
    unsigned char buf[STRESS_BYTES];
    struct sys_attr attr;
    size_t done = 0;

    stress_expect(t, fs->fstat(fd, &attr), 0);
    if ((int64_t)attr.size != file->size || attr.nlink != file->refs || attr.mode != file->mode)
        stress_fail(t, "size %llu links %u mode 0%o, expected %lld %u 0%o", (unsigned long long)attr.size,
                    attr.nlink, attr.mode, (long long)file->size, file->refs, file->mode);
    stress_expect(t, fs->pread(fd, buf, sizeof(buf), 0, &done), 0);
    if ((int64_t)done != file->size)
        stress_fail(t, "%zu bytes read, expected %lld", done, (long long)file->size);
    for (size_t i = 0; i < done; i++)
        if (buf[i] != file->bytes[i])
            stress_fail(t, "byte %zu is 0x%x, expected 0x%x", i, buf[i], file->bytes[i]);
}

static void do_read(struct stress_thread *t)
{
    int fd;
    struct stress_file *file = place_open(t, full_place(t), "read", &fd);

    if (!file)
        return;
    file_check(t, file, fd);
    stress_expect(t, fs->close(fd), 0);
}

static void do_truncate(struct stress_thread *t)
{
    unsigned place = full_place(t);
    int64_t size = stress_pick(t, STRESS_BYTES);
    struct stress_file *file = t->file[place];
    char path[64];

    path_place(t, place, path);
    OP(t, "truncate %s to %lld", path, (long long)size);
    stress_expect(t, fs->truncate(ROOT, path, size), file ? 0 : SYS_ENOENT);
    if (!file)
        return;
    memset(file->bytes + size, 0, STRESS_BYTES - (size_t)size);
    file->size = size;
}

static void do_punch(struct stress_thread *t)
{
    int64_t off = stress_pick(t, STRESS_BYTES - 10000), len = 1 + stress_pick(t, 9999);
    int fd;

    if (!(features & HAS_PUNCH))
        return;
    struct stress_file *file = place_open(t, full_place(t), "punch", &fd);
    if (!file)
        return;
    stress_expect(t, fs->punch(fd, off, len), 0);
    memset(file->bytes + off, 0, (size_t)len);
    stress_expect(t, fs->close(fd), 0);
}

static void do_chmod(struct stress_thread *t)
{
    unsigned place = full_place(t);
    uint32_t mode = stress_pick(t, 01000);
    char path[64];

    if (t->link[place])
        return;
    path_place(t, place, path);
    OP(t, "chmod %s", path);
    stress_expect(t, fs->chmod(ROOT, path, mode), t->file[place] ? 0 : SYS_ENOENT);
    if (t->file[place])
        t->file[place]->mode = mode;
}

static void do_xattr(struct stress_thread *t)
{
    unsigned place = full_place(t);
    struct stress_file *file = t->file[place];
    unsigned char value = (unsigned char)(1 + stress_pick(t, 255)), back = 0;
    char path[64];
    size_t len;

    if (!(features & HAS_XATTR) || !file)
        return;
    path_place(t, place, path);
    OP(t, "attributes of %s", path);
    int error = fs->getxattr(ROOT, path, "user.stress", &back, 1, &len);
    stress_expect(t, error, file->xattr ? 0 : SYS_ENOATTR);
    if (!error && back != file->xattr)
        stress_fail(t, "attribute is %u, expected %u", back, file->xattr);
    stress_expect(t, fs->setxattr(ROOT, path, "user.stress", &value, 1, 0), 0);
    file->xattr = value;
}

/* ---- names --------------------------------------------------------------------------------------------- */

static void do_unlink(struct stress_thread *t)
{
    unsigned place = any_place(t);
    char path[64];

    path_place(t, place, path);
    OP(t, "unlink %s", path);
    int error = fs->unlink(ROOT, path);
    stress_expect(t, error, taken(t, place) ? 0 : SYS_ENOENT);
    place_clear(t, place);
}

static void do_rename(struct stress_thread *t)
{
    unsigned from = full_place(t), to = any_place(t);
    char path[64], other[64];

    path_place(t, from, path);
    path_place(t, to, other);
    OP(t, "rename %s to %s", path, other);
    int expected = taken(t, from) && dir_there(t, to) ? 0 : SYS_ENOENT;
    stress_expect(t, fs->rename(ROOT, path, other, 0), expected);
    if (expected || from == to || (t->file[from] && t->file[from] == t->file[to]))
        return;
    place_clear(t, to);
    t->file[to] = t->file[from];
    t->link[to] = t->link[from];
    t->file[from] = NULL;
    t->link[from] = 0;
}

static void do_link(struct stress_thread *t)
{
    unsigned from = full_place(t), to = any_place(t);
    char path[64], other[64];

    if (!t->file[from])
        return;
    path_place(t, from, path);
    path_place(t, to, other);
    OP(t, "link %s to %s", path, other);
    int expected = !dir_there(t, to) ? SYS_ENOENT : taken(t, to) ? SYS_EEXIST : 0;
    stress_expect(t, fs->link(ROOT, path, other), expected);
    if (expected)
        return;
    t->file[to] = t->file[from];
    t->file[to]->refs++;
}

static void do_symlink(struct stress_thread *t)
{
    unsigned place = any_place(t), number = 1 + stress_pick(t, 1000000);
    char path[64], target[64];

    path_place(t, place, path);
    snprintf(target, sizeof(target), "nowhere-%u", number);
    OP(t, "symlink %s", path);
    int expected = !dir_there(t, place) ? SYS_ENOENT : taken(t, place) ? SYS_EEXIST : 0;
    stress_expect(t, fs->symlink(ROOT, target, path), expected);
    if (!expected)
        t->link[place] = number;
}

static void do_readlink(struct stress_thread *t)
{
    unsigned place = any_place(t);
    char path[64], buf[64], target[64];
    size_t len = 0;

    path_place(t, place, path);
    OP(t, "readlink %s", path);
    int expected = t->link[place] ? 0 : t->file[place] ? SYS_EINVAL : SYS_ENOENT;
    stress_expect(t, fs->readlink(ROOT, path, buf, sizeof(buf), &len), expected);
    if (expected)
        return;
    int want = snprintf(target, sizeof(target), "nowhere-%u", t->link[place]);
    if (len != (size_t)want || memcmp(buf, target, len) != 0)
        stress_fail(t, "the link leads to \"%.*s\", expected \"%s\"", (int)len, buf, target);
}

/* ---- directories --------------------------------------------------------------------------------------- */

static unsigned any_dir(struct stress_thread *t)
{
    return 1 + stress_pick(t, STRESS_DIRS - 1);
}

static void do_mkdir(struct stress_thread *t)
{
    unsigned dir = any_dir(t);
    char path[64];

    path_dir(t, dir, path);
    OP(t, "mkdir %s", path);
    stress_expect(t, fs->mkdir(ROOT, path, 0755), t->dir[dir] ? SYS_EEXIST : 0);
    t->dir[dir] = true;
}

static void do_rmdir(struct stress_thread *t)
{
    unsigned dir = any_dir(t);
    char path[64];

    path_dir(t, dir, path);
    OP(t, "rmdir %s", path);
    int expected = !t->dir[dir] ? SYS_ENOENT : names_in(t, dir) ? SYS_ENOTEMPTY : 0;
    stress_expect(t, fs->rmdir(ROOT, path), expected);
    if (!expected)
        t->dir[dir] = false;
}

static void do_rename_dir(struct stress_thread *t)
{
    unsigned from = any_dir(t), to = any_dir(t);
    char path[64], other[64];

    if (from == to)
        return;
    path_dir(t, from, path);
    path_dir(t, to, other);
    OP(t, "rename %s to %s", path, other);
    int expected = !t->dir[from] ? SYS_ENOENT : t->dir[to] && names_in(t, to) ? SYS_ENOTEMPTY : 0;
    stress_expect(t, fs->rename(ROOT, path, other, 0), expected);
    if (expected)
        return;
    t->dir[from] = false;
    t->dir[to] = true;
    memcpy(&t->file[8 * to], &t->file[8 * from], 8 * sizeof(t->file[0]));
    memcpy(&t->link[8 * to], &t->link[8 * from], 8 * sizeof(t->link[0]));
    memset(&t->file[8 * from], 0, 8 * sizeof(t->file[0]));
    memset(&t->link[8 * from], 0, 8 * sizeof(t->link[0]));
}

static bool name_foretold(const struct stress_thread *t, unsigned dir, const struct name_seen *seen)
{
    unsigned n = (unsigned)strtoul(seen->name + 1, NULL, 10);

    if (seen->name[0] == '.')
        return seen->type == SYS_VDIR;
    if (seen->name[0] == 'd')
        return !dir && n < STRESS_DIRS && t->dir[n] && seen->type == SYS_VDIR;
    return seen->name[0] == 'n' && n < 8 && taken(t, 8 * dir + n) &&
           seen->type == (t->link[8 * dir + n] ? SYS_VLNK : SYS_VREG);
}

static void dir_check(struct stress_thread *t, unsigned dir)
{
    struct names_seen names = {0};
    unsigned expected = 2 + names_in(t, dir);
    char path[64];
    int fd;

    path_dir(t, dir, path);
    OP(t, "list %s", path);
    int error = fs->open(ROOT, path, SYS_O_RDONLY, 0, &fd);
    stress_expect(t, error, t->dir[dir] ? 0 : SYS_ENOENT);
    if (error)
        return;
    stress_expect(t, fs->readdir(fd, &names), 0);
    stress_expect(t, fs->close(fd), 0);
    for (unsigned i = 1; i < STRESS_DIRS && !dir; i++)
        expected += t->dir[i];
    if (names.count != expected)
        stress_fail(t, "%zu names, expected %u", names.count, expected);
    for (size_t i = 0; i < names.count; i++)
        if (!name_foretold(t, dir, &names.names[i]))
            stress_fail(t, "\"%s\" of type %u should not be there", names.names[i].name, names.names[i].type);
    names_free(&names);
}

static void do_list(struct stress_thread *t)
{
    dir_check(t, stress_pick(t, STRESS_DIRS));
}

/* How often out of all: writing and reading most, as programs do. */
static const struct {
    void (*step)(struct stress_thread *t);
    unsigned weight;
} steps[] = {{do_create, 8}, {do_write, 10}, {do_read, 10},      {do_truncate, 4},
             {do_punch, 3},  {do_chmod, 2},  {do_xattr, 3},      {do_unlink, 4},
             {do_rename, 5}, {do_link, 4},   {do_symlink, 3},    {do_readlink, 2},
             {do_mkdir, 4},  {do_rmdir, 2},  {do_rename_dir, 2}, {do_list, 3}};

void stress_model_start(struct stress_thread *t)
{
    char path[64];

    path_dir(t, 0, path);
    OP(t, "mkdir %s", path);
    stress_expect(t, fs->mkdir(ROOT, path, 0755), 0);
    t->dir[0] = true;
}

void stress_model_step(struct stress_thread *t)
{
    unsigned total = 0, at;

    for (size_t i = 0; i < COUNT_OF(steps); i++)
        total += steps[i].weight;
    at = stress_pick(t, total);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        if (at < steps[i].weight) {
            steps[i].step(t);
            return;
        }
        at -= steps[i].weight;
    }
}

void stress_model_verify(struct stress_thread *t)
{
    int fd;

    for (unsigned dir = 0; dir < STRESS_DIRS; dir++)
        dir_check(t, dir);
    for (unsigned place = 0; place < STRESS_PLACES; place++) {
        struct stress_file *file = t->file[place];
        if (file && place_open(t, place, "verify", &fd)) {
            file_check(t, file, fd);
            stress_expect(t, fs->close(fd), 0);
        }
    }
    for (unsigned place = 0; place < STRESS_PLACES; place++)
        place_clear(t, place);
}
