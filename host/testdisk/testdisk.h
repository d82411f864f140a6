// SPDX-License-Identifier: BSD-2-Clause
/*
 * testdisk.h: a disk for tests. It stands on another disk and looks like it, but keeps what is written in a
 * volatile cache until a flush covers it, does to requests what a plan says, loses its power when told, and
 * records what it was asked. Whoever has it as a struct host_disk cannot tell.
 *
 * What is promised whatever the plan says: after a power cut the disk below has every write that was done
 * when a flush was submitted that succeeded and did not lie, and every successful write with hi_fua that did
 * not. Of any other write that arrived since, it has all, some pieces, or nothing. Every request after the
 * cut gets HOST_EIO.
 *
 * Same plan, same requests one after the other: same outcome, byte for byte. Where requests overlap in time,
 * the record says what happened, and a replay of it is exact.
 *
 * Memory: the cache holds every byte that was written since the last flush that covered it, overwritten ones
 * too; with lying flushes that is all that was ever written.
 *
 * Functions here may be called by any thread. Those that say so wait for the disk below.
 */
#ifndef KEXTBED_HOST_TESTDISK_H
#define KEXTBED_HOST_TESTDISK_H

#include "host/disk.h"
#include "host/testdisk/cache.h"
#include "host/testdisk/plan.h"

struct testdisk_op_stats {
    uint64_t requests;  /* that arrived while there was power */
    uint64_t bytes;     /* moved by those that succeeded */
    uint64_t failed;    /* by the plan: HOST_EIO or HOST_ENOSPC */
    uint64_t shortened; /* by the plan */
    uint64_t delayed;   /* by the plan */
    uint64_t lied;      /* by the plan */
    uint64_t errors;    /* of the disk below */
};

struct testdisk_stats {
    struct testdisk_op_stats op[TESTDISK_OPS]; /* by enum host_disk_op */
    uint64_t refused;                          /* HOST_EINVAL, HOST_EPERM: they never arrived */
    uint64_t under_way;                        /* now */
    uint64_t reordered;                        /* done before one that had arrived earlier */
    uint64_t uncovered_writes, uncovered_bytes, uncovered_bytes_max;
    uint64_t events;          /* as a record counts them */
    bool off;                 /* the power has gone */
    uint64_t after_cut;       /* requests since */
    struct testdisk_loss cut; /* what became of the writes that nothing covered */
    int cut_status;           /* HOST_OK, or why the disk below did not take what survived */
    bool record_failed;       /* the record is not complete */
};

/** testdisk_open - a test device on @inner.
 *  @inner  the test device's on success: closing that closes both.
 *  @plan   text; see plan.h. "" is a plan.
 *  @why    on failure, a sentence. Terminated. May be NULL with size 0.
 *  HOST_OK; HOST_EINVAL the plan is wrong; HOST_ENOENT the record cannot be made; HOST_ENOMEM. Blocks. */
int testdisk_open(struct host_disk *inner, const char *plan, struct host_disk **disk, char *why,
                  size_t why_size);

/** testdisk_is - whether @disk is a test device. */
bool testdisk_is(const struct host_disk *disk);

/** testdisk_cut - the power goes now. Waits for a flush or a write with hi_fua that the disk below is about:
 * it still counts. HOST_OK; what the disk below answered to what survived. Twice: as the first. Blocks. */
int testdisk_cut(struct host_disk *disk);

/** testdisk_plan_set - go on by another plan: rules count from now, and what has to do with memory or files
 * (cache, record, contents) stays as it was. HOST_OK; HOST_EINVAL, @why. */
int testdisk_plan_set(struct host_disk *disk, const char *plan, char *why, size_t why_size);

void testdisk_stats(struct host_disk *disk, struct testdisk_stats *stats);

#endif
