// SPDX-License-Identifier: BSD-2-Clause
/*
 * The panic hook and its table of connections; see panic.h. The table is an array of atomics, since the hook
 * may run on any thread in the middle of anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fusehost/panic.h"
#include "host/host.h"

#define SLOTS      1024
#define SLOT_FREE  -1
#define SLOT_TAKEN -2 /* in use, but without an abort file */
#define CONTROL_FS "/sys/fs/fuse/connections"

static struct {
    _Atomic int fd;
    _Atomic(const char *) dir;
} slots[SLOTS];
static _Atomic int slots_used; /* slots above were never taken */
static _Atomic bool under_way;

/* Without an abort file the mount is forced off by its path; an ordinary user has neither, and the host
 * aborts when the last descriptor of the connection goes with the process. */
static void slot_abort(int i)
{
    int fd = atomic_load(&slots[i].fd);

    if (fd >= 0) {
        ssize_t n = write(fd, "1", 1);
        (void)n;
    } else if (fd == SLOT_TAKEN) {
        const char *dir = atomic_load(&slots[i].dir);

        if (dir)
            umount2(dir, MNT_FORCE | UMOUNT_NOFOLLOW);
    }
}

void fh_panic_abort_all(void)
{
    int used = atomic_load(&slots_used);

    for (int i = 0; i < used; i++)
        slot_abort(i);
}

static void panic_hook(void *arg)
{
    (void)arg;
    atomic_store(&under_way, true);
    fh_panic_abort_all();
}

void fh_panic_stay(void)
{
    while (atomic_load(&under_way))
        pause();
}

void fh_panic_prepare(void)
{
    if (access(CONTROL_FS "/.", X_OK) == 0)
        mount("none", CONTROL_FS, "fusectl", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL); /* EBUSY: it is there */
    for (int i = 0; i < SLOTS; i++)
        atomic_store(&slots[i].fd, SLOT_FREE);
    host_panic_hook_set(panic_hook, NULL);
}

int fh_panic_add(unsigned minor, const char *dir)
{
    char path[96];

    snprintf(path, sizeof(path), CONTROL_FS "/%u/abort", minor);
    int fd = minor ? open(path, O_WRONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        fd = SLOT_TAKEN;
    for (int i = 0; i < SLOTS; i++) {
        int expected = SLOT_FREE;

        if (!atomic_compare_exchange_strong(&slots[i].fd, &expected, fd))
            continue;
        atomic_store(&slots[i].dir, dir);
        int used = atomic_load(&slots_used);
        while (used < i + 1 && !atomic_compare_exchange_weak(&slots_used, &used, i + 1))
            ;
        return i;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

void fh_panic_remove(int slot)
{
    if (slot < 0)
        return;
    atomic_store(&slots[slot].dir, NULL);
    int fd = atomic_exchange(&slots[slot].fd, SLOT_FREE);
    if (fd >= 0)
        close(fd);
}

int fh_panic_abort_one(int slot)
{
    if (slot < 0 || atomic_load(&slots[slot].fd) < 0)
        return ENOENT;
    slot_abort(slot);
    return 0;
}
