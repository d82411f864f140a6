// SPDX-License-Identifier: BSD-2-Clause
/*
 * Counters of a mount: requests by kind, errors, bytes, time. Every worker has its own, written by it alone
 * and read by whoever sums them up.
 */
#ifndef KEXTBED_FUSEHOST_STATS_H
#define KEXTBED_FUSEHOST_STATS_H

#include <stdatomic.h>
#include <stdint.h>

#define FH_STATS_OPS 64u /* FUSE opcodes; what is beyond counts as the last */

struct fh_stats {
    struct {
        _Atomic uint64_t count, errors;
    } ops[FH_STATS_OPS];
    _Atomic uint64_t bytes_read, bytes_written; /* of files */
    _Atomic uint64_t recovered;                 /* vnodes that had been recycled and were found again */
};

/* The sum of all workers. */
struct fh_stats_sum {
    struct {
        uint64_t count, errors;
    } ops[FH_STATS_OPS];
    uint64_t requests, errors, bytes_read, bytes_written, recovered;
};

/* The owner's way to count: no locked instruction. */
static inline void fh_stats_add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

/** fh_stats_op_name - "LOOKUP" for FUSE's opcode 1; NULL for one that is not known. */
const char *fh_stats_op_name(uint32_t opcode);

#endif
