// SPDX-License-Identifier: BSD-2-Clause
/*
 * The shards of the buffer cache: their locks, hash chains and queues, and nothing that decides anything.
 *
 * A cached buffer belongs to the shard that its (vnode, logical block) falls into, an I/O buffer to the one
 * that its address does, for the lock alone. One shard lock at a time.
 *
 * Locks: this is rank 400. Called by the files of buf/.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>
#include <kern/clock.h>

#include "buf/buf_internal.h"

struct buf_shard {
    lck_mtx_t bs_lock;
    uint8_t bs_pad[64];
};

#define SHARDS 64u /* a power of two */

static struct buf_shard *shards;
static lck_grp_t *group;

int buf_shard_boot(uint64_t budget)
{
    (void)budget;
    shards = kern_alloc(SHARDS * sizeof(*shards), "buf_shard");
    group = lck_grp_alloc_init("buf.shard", LCK_GRP_ATTR_NULL);
    for (unsigned i = 0; i < SHARDS; i++)
        lck_mtx_init(&shards[i].bs_lock, group, LCK_ATTR_NULL);
    return 0;
}

void buf_shard_shutdown(void)
{
    for (unsigned i = 0; i < SHARDS; i++)
        lck_mtx_destroy(&shards[i].bs_lock, group);
    lck_grp_free(group);
    kern_free(shards, SHARDS * sizeof(*shards));
}

struct buf_shard *buf_shard_any(const struct buf *bp)
{
    return &shards[((uintptr_t)bp >> 6) % SHARDS];
}

void buf_shard_lock(struct buf_shard *shard)
{
    lck_mtx_lock(&shard->bs_lock);
}

void buf_shard_unlock(struct buf_shard *shard)
{
    lck_mtx_unlock(&shard->bs_lock);
}

int buf_shard_sleep(struct buf_shard *shard, void *channel, int flags, const char *why, uint64_t deadline)
{
    struct timespec left = {0, 0};
    if (deadline) {
        uint64_t now = mach_absolute_time(), ns;
        if (now >= deadline)
            return EWOULDBLOCK;
        absolutetime_to_nanoseconds(deadline - now, &ns);
        left.tv_sec = (time_t)(ns / NSEC_PER_SEC);
        left.tv_nsec = (long)(ns % NSEC_PER_SEC);
    }
    return msleep(channel, &shard->bs_lock, PRIBIO | flags, why, deadline ? &left : NULL);
}
