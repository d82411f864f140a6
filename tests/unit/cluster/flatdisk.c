// SPDX-License-Identifier: BSD-2-Clause
/*
 * The disk in memory. See flatfs.h.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>

#include "kern/lock_iface.h"
#include "tests/unit/cluster/flatfs.h"

#define QUEUE_MAX 8192u

struct flat_disk flat_disk;
static buf_t queue[QUEUE_MAX]; /* lock */
static unsigned queued;        /* lock */
static bool ending;            /* lock */
static lck_grp_t *group;
static lck_mtx_t lock;
static void *thread;

static errno_t transfer(buf_t bp, bool reads)
{
    caddr_t addr;
    size_t from = (size_t)buf_blkno(bp) * FLAT_SECTOR, bytes = buf_count(bp);
    errno_t fails = atomic_load(reads ? &flat_disk.fail_reads : &flat_disk.fail_writes);
    if (fails)
        return fails;
    if (buf_blkno(bp) < 0 || bytes % FLAT_SECTOR || from + bytes > FLAT_DISK)
        return EINVAL;
    if (buf_map(bp, &addr))
        return EFAULT;
    if (reads)
        memcpy(addr, flat_disk.data + from, bytes);
    else
        memcpy(flat_disk.data + from, addr, bytes);
    buf_unmap(bp);
    return 0;
}

static void finish(buf_t bp)
{
    bool reads = (buf_flags(bp) & B_READ) != 0;
    uint32_t largest = atomic_load(&flat_disk.largest), bytes = buf_count(bp);
    while (bytes > largest && !atomic_compare_exchange_weak(&flat_disk.largest, &largest, bytes))
        continue;
    atomic_fetch_add(reads ? &flat_disk.reads : &flat_disk.writes, 1);
    errno_t error = transfer(bp, reads);
    buf_setresid(bp, error ? bytes : 0);
    if (error)
        buf_seterror(bp, error);
    buf_biodone(bp);
}

void flat_disk_strategy(buf_t bp)
{
    if (!atomic_load(&flat_disk.later)) {
        finish(bp);
        return;
    }
    lck_mtx_lock(&lock);
    KASSERT(queued < QUEUE_MAX, "flatdisk: too much at once");
    queue[queued++] = bp;
    atomic_store(&flat_disk.waiting, queued);
    wakeup(&queue);
    lck_mtx_unlock(&lock);
}

static void run(void *arg)
{
    (void)arg;
    lck_mtx_lock(&lock);
    while (!ending || queued) {
        if (!queued || atomic_load(&flat_disk.held)) {
            msleep(&queue, &lock, PRIBIO, "flat disk", NULL);
            continue;
        }
        buf_t bp = queue[--queued];
        atomic_store(&flat_disk.waiting, queued);
        lck_mtx_unlock(&lock);
        finish(bp);
        lck_mtx_lock(&lock);
    }
    lck_mtx_unlock(&lock);
}

void flat_disk_go(void)
{
    lck_mtx_lock(&lock);
    atomic_store(&flat_disk.held, false);
    wakeup(&queue);
    lck_mtx_unlock(&lock);
}

void flat_disk_boot(void)
{
    memset(&flat_disk, 0, sizeof(flat_disk));
    flat_disk.data = kern_alloc(FLAT_DISK, "flat_disk");
    memset(flat_disk.data, FLAT_GARBAGE, FLAT_DISK);
    group = lck_grp_alloc_init("flatdisk", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&lock, group, LCK_ATTR_NULL);
    queued = 0;
    ending = false;
    thread = ktest_thread(run, NULL);
}

void flat_disk_shutdown(void)
{
    lck_mtx_lock(&lock);
    ending = true;
    atomic_store(&flat_disk.held, false);
    wakeup(&queue);
    lck_mtx_unlock(&lock);
    ktest_thread_join(thread);
    lck_mtx_destroy(&lock, group);
    lck_grp_free(group);
    kern_free(flat_disk.data, FLAT_DISK);
}
