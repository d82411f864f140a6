// SPDX-License-Identifier: BSD-2-Clause
/*
 * buf_iface.h: what buf/ offers to vfs/ and ubc/ beyond the KPI of <sys/buf.h>.
 */
#ifndef KEXTBED_BUF_BUF_IFACE_H
#define KEXTBED_BUF_BUF_IFACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/buf.h>
#include <sys/vnode.h>

/* ---- start and end ------------------------------------------------------------------------------------- */

/** buf_boot - bring up the buffers. @budget bytes of memory for cached contents, 0 for the default.
 *  Errno:  0; EINVAL fewer than BUF_BUDGET_MIN. */
int buf_boot(uint64_t budget);
#define BUF_BUDGET_MIN (512u << 10)
/** buf_shutdown - give everything back. No file system is mounted any more; a buffer that is left is a panic.
 */
void buf_shutdown(void);

struct buf_counters {
    uint64_t io_buffers;        /* of buf_alloc and buf_clone, not freed */
    uint64_t clean, dirty;      /* cached */
    uint64_t dirty_bytes;       /* memory of the dirty ones */
    uint64_t budget, bytes;     /* memory for contents: what there should be, what there is */
    uint64_t misses, evictions; /* ever, since the boot of the process */
};
void buf_counters_get(struct buf_counters *out);
/** buf_flush_age_set - how long a delayed write may be delayed, in ns; 0: as at the start. */
void buf_flush_age_set(uint64_t ns);
/** buf_memory_reclaim - throw out buffers that nobody has, until @bytes of memory are free or none is left.
 *  Returns the bytes freed.
 *  Locks:  takes ranks 400 and up. Blocks: no. */
uint64_t buf_memory_reclaim(uint64_t bytes);

/** buf_memory_charge, buf_memory_discharge - @bytes are taken, or given back, by somebody else who lives on
 * the same budget. Charging keeps the budget by eviction, there too. Locks:  charging takes ranks 360 and up.
 */
void buf_memory_charge(uint64_t bytes);
void buf_memory_discharge(uint64_t bytes);
/** buf_memory_sharer_set - who else lives on the budget: asked for @bytes it evicts and returns what it
 * freed. NULL: nobody. At start and end only. */
void buf_memory_sharer_set(uint64_t (*reclaim)(uint64_t bytes));

/* ---- a vnode's buffers --------------------------------------------------------------------------------- */

/** buf_vnode_has - has @vp dirty, or clean, buffers now? */
bool buf_vnode_has(vnode_t vp, bool dirty);
/** buf_vnode_gone - @vp loses its file: all of its buffers are dropped, and its errors forgotten. What was to
 *  be written has been, by buf_invalidateblks(). Blocks: until those that are busy are not. */
void buf_vnode_gone(vnode_t vp);

/* ---- errors of writes that nobody waited for ----------------------------------------------------------- */

/** buf_error_note - a write of @vp's data has failed whose writer was told that all is well. Locks: rank 410.
 */
void buf_error_note(vnode_t vp, errno_t error);
/** buf_error_sample - for an opener: where it begins to listen. An error that nobody has heard of is told to
 * it too. */
uint32_t buf_error_sample(vnode_t vp);
/** buf_error_check - what was noted since *@since, which moves on: each opener hears of an error once. */
errno_t buf_error_check(vnode_t vp, uint32_t *since);

/* ---- transfers that are mapped already -------------------------------------------------------------------
 */

/** buf_place - @bp, of buf_alloc() and the caller's, is a transfer of one run of the device: block @blkno of
 *  it, which buf_strategy() then takes as it is, even where it is the number of the logical block too. */
void buf_place(buf_t bp, daddr64_t lblkno, daddr64_t blkno);

/* ---- page lists ---------------------------------------------------------------------------------------- */

/* Who knows what a page list is: ubc/. Both functions are called with the buffer busy. */
struct buf_upl_mapper {
    /** map - the address of the first byte of @upl; the pages stay mapped until unmap. */
    errno_t (*map)(upl_t upl, vm_prot_t prot, uintptr_t *addr);
    errno_t (*unmap)(upl_t upl);
};
/** buf_upl_mapper_set - for buf_map() of page lists. NULL: there are none, and they can't be mapped. At start
 * and end only. */
void buf_upl_mapper_set(const struct buf_upl_mapper *mapper);

#endif
