// SPDX-License-Identifier: BSD-2-Clause
/*
 * stress_shared.c: the directory that all threads work in. Names come and go under everybody's hands, so no
 * single answer can be foretold; but some cannot be, and when all have stopped, counts must fit.
 *
 * No lock: the kernel half is asked to do without.
 */
#include <stdlib.h>

#include "tests/conform/stress.h"

#define NAMES 24
#define DIRS  3

static void race(const struct stress_thread *t, int error)
{
    switch (error) {
    case 0:
    case SYS_ENOENT:
    case SYS_EEXIST:
    case SYS_ENOTDIR:
    case SYS_EISDIR:
    case SYS_ENOTEMPTY:
    case SYS_EINVAL:
    case SYS_EPERM:
    case SYS_ELOOP:
    case SYS_ESTALE: /* the host, whose own name cache lost the race */
        return;
    default:
        stress_fail(t, "%s cannot be", conform_errno_name(error));
    }
}

static void any_path(struct stress_thread *t, char out[64])
{
    unsigned dir = stress_pick(t, DIRS + 1), name = stress_pick(t, NAMES);

    if (dir == DIRS)
        snprintf(out, 64, "shared/n%u", name);
    else
        snprintf(out, 64, "shared/d%u/n%u", dir, name);
}

static void touch_contents(struct stress_thread *t, const char *path)
{
    char buf[3000];
    size_t done;
    int fd;
    int error = fs->open(ROOT, path, SYS_O_RDWR | SYS_O_CREAT, 0644, &fd);

    race(t, error);
    if (error)
        return;
    memset(buf, 's', sizeof(buf));
    race(t, fs->pwrite(fd, buf, sizeof(buf), stress_pick(t, 9000), &done));
    race(t, fs->pread(fd, buf, sizeof(buf), stress_pick(t, 9000), &done));
    race(t, fs->ftruncate(fd, stress_pick(t, 9000)));
    race(t, fs->close(fd));
}

static void list(struct stress_thread *t)
{
    struct names_seen names = {0};
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "shared/d%u", stress_pick(t, DIRS));
    int error = fs->open(ROOT, path, SYS_O_RDONLY, 0, &fd);
    race(t, error);
    if (error)
        return;
    race(t, fs->readdir(fd, &names));
    names_free(&names);
    race(t, fs->close(fd));
}

void stress_shared_step(struct stress_thread *t)
{
    struct sys_attr attr;
    char path[64], other[64];

    any_path(t, path);
    any_path(t, other);
    unsigned what = stress_pick(t, 10);
    snprintf(t->op, sizeof(t->op), "shared operation %u on %s and %s", what, path, other);
    switch (what) {
    case 0:
    case 1:
        touch_contents(t, path);
        break;
    case 2:
        race(t, fs->unlink(ROOT, path));
        break;
    case 3:
        race(t, fs->mkdir(ROOT, path, 0755));
        break;
    case 4:
        race(t, fs->rmdir(ROOT, path));
        break;
    case 5:
    case 6:
        race(t, fs->rename(ROOT, path, other, 0));
        break;
    case 7:
        race(t, fs->link(ROOT, path, other));
        break;
    case 8:
        race(t, fs->stat(ROOT, path, false, &attr));
        break;
    default:
        list(t);
        break;
    }
}

/* ---- what must be true at the end ---------------------------------------------------------------------- */

struct tally {
    uint64_t fileid[512];
    uint32_t nlink[512], seen[512];
    unsigned count;
};

static void tally_add(struct stress_thread *t, struct tally *tally, const struct sys_attr *attr)
{
    unsigned i = 0;

    while (i < tally->count && tally->fileid[i] != attr->fileid)
        i++;
    if (i == COUNT_OF(tally->fileid))
        stress_fail(t, "more files than there can be");
    if (i == tally->count) {
        tally->fileid[tally->count++] = attr->fileid;
        tally->nlink[i] = attr->nlink;
    }
    tally->seen[i]++;
}

static void tree_verify(struct stress_thread *t, const char *path, struct tally *tally)
{
    struct names_seen names = {0};
    struct sys_attr attr;
    unsigned dirs = 0;
    char inner[512];
    int fd;

    snprintf(t->op, sizeof(t->op), "verify %s", path);
    stress_expect(t, fs->open(ROOT, path, SYS_O_RDONLY, 0, &fd), 0);
    stress_expect(t, fs->readdir(fd, &names), 0);
    stress_expect(t, fs->close(fd), 0);
    for (size_t i = 0; i < names.count; i++) {
        if (names.names[i].name[0] == '.')
            continue;
        snprintf(inner, sizeof(inner), "%.200s/%s", path, names.names[i].name);
        stress_expect(t, fs->stat(ROOT, inner, false, &attr), 0);
        if (attr.fileid != names.names[i].fileid || attr.type != names.names[i].type)
            stress_fail(t, "the listing tells another file than stat of \"%s\"", inner);
        if (attr.type == SYS_VDIR) {
            dirs++;
            tree_verify(t, inner, tally);
        } else {
            tally_add(t, tally, &attr);
        }
    }
    names_free(&names);
    stress_expect(t, fs->stat(ROOT, path, false, &attr), 0);
    if (attr.nlink != 2 + dirs)
        stress_fail(t, "%s has %u links and %u directories in it", path, attr.nlink, dirs);
}

void stress_shared_verify(struct stress_thread *t)
{
    struct tally *tally = calloc(1, sizeof(*tally));

    tree_verify(t, "shared", tally);
    for (unsigned i = 0; i < tally->count; i++)
        if (tally->nlink[i] != tally->seen[i])
            stress_fail(t, "file %llu has %u links and %u names", (unsigned long long)tally->fileid[i],
                        tally->nlink[i], tally->seen[i]);
    free(tally);
}
