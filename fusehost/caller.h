// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whose request it is. FUSE names a thread, its user and its group; the kernel half wants a caller object.
 * Each worker keeps the last few, by (thread, uid, gid).
 *
 * Fast mode: the host has checked permission, so a caller is marked preauthorised and its supplementary
 * groups do not matter. Exact mode: they do, and are read from /proc, together with the process that the
 * thread belongs to. A kept caller is looked at again after FH_CALLER_FRESH_MS: it stays when (pid, start
 * time) and the groups are what they were.
 *
 * Locks: none; a cache belongs to one thread.
 */
#ifndef KEXTBED_FUSEHOST_CALLER_H
#define KEXTBED_FUSEHOST_CALLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfs/syscalls.h"

#define FH_CALLER_SLOTS    16u
#define FH_CALLER_FRESH_MS 250u

struct fh_caller_slot {
    sys_caller_t *caller; /* NULL: free */
    uint32_t uid, gid;
    int32_t tid;
    uint64_t start_time; /* of the thread's process; 0 unknown */
    uint64_t groups_hash;
    uint64_t fresh_until; /* CLOCK_MONOTONIC_COARSE, ms */
};

struct fh_caller_cache {
    struct fh_caller_slot slots[FH_CALLER_SLOTS];
};

/** fh_caller_get - the caller object of (uid, gid, tid). Valid until the worker's next request; retain it to
 * keep it longer. NULL: no memory. */
sys_caller_t *fh_caller_get(struct fh_caller_cache *cache, uint32_t uid, uint32_t gid, int32_t tid,
                            bool exact);
void fh_caller_cache_clear(struct fh_caller_cache *cache);

#endif
