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

/** buf_boot - bring up the buffers. @budget bytes of memory for cached contents, 0 for the default.
 *  Errno:  0; EINVAL fewer than BUF_BUDGET_MIN. */
int buf_boot(uint64_t budget);
#define BUF_BUDGET_MIN (512u << 10)
/** buf_shutdown - give everything back. No file system is mounted any more; a buffer that is still busy is a
 * panic. */
void buf_shutdown(void);

struct buf_counters {
    uint64_t io_buffers; /* of buf_alloc and buf_clone, not freed */
};
void buf_counters_get(struct buf_counters *out);

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
