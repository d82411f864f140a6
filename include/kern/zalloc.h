// SPDX-License-Identifier: BSD-2-Clause
/*
 * Flags of the kernel's allocation functions. Private.
 */
#ifndef KPI_KERN_ZALLOC_H
#define KPI_KERN_ZALLOC_H

#ifdef KERNEL_PRIVATE

#include <stdint.h>
#include <sys/cdefs.h>
#include <mach/vm_types.h>

/* May block; may not; may not wait for a page; cleared; krealloc frees the old memory also where it fails;
 * never fails. */
typedef enum {
    Z_WAITOK = 0x0000,
    Z_NOWAIT = 0x0001,
    Z_NOPAGEWAIT = 0x0002,
    Z_ZERO = 0x0004,
    Z_REALLOCF = 0x0008,
    Z_NOFAIL = 0x8000,
    Z_NOWAIT_ZERO = Z_NOWAIT | Z_ZERO,
    Z_WAITOK_ZERO = Z_WAITOK | Z_ZERO,
    Z_WAITOK_ZERO_NOFAIL = Z_WAITOK | Z_ZERO | Z_NOFAIL
} zalloc_flags_t;

#endif /* KERNEL_PRIVATE */

#endif /* KPI_KERN_ZALLOC_H */
