// SPDX-License-Identifier: BSD-2-Clause
/*
 * Page sizes and address ranges of x86_64.
 */
#ifndef KPI_MACH_I386_VM_PARAM_H
#define KPI_MACH_I386_VM_PARAM_H

#include <sys/cdefs.h>

#define BYTE_SIZE      8
#define I386_PGBYTES   4096
#define I386_PGSHIFT   12
#define I386_LPGBYTES  2097152
#define I386_LPGSHIFT  21
#define I386_LPGMASK   (I386_LPGBYTES - 1)
#define PAGE_SHIFT     12
#define PAGE_SIZE      (1 << PAGE_SHIFT)
#define PAGE_MASK      (PAGE_SIZE - 1)
#define PAGE_MAX_SHIFT PAGE_SHIFT
#define PAGE_MAX_SIZE  PAGE_SIZE
#define PAGE_MAX_MASK  PAGE_MASK
#define PAGE_MIN_SHIFT PAGE_SHIFT
#define PAGE_MIN_SIZE  PAGE_SIZE
#define PAGE_MIN_MASK  PAGE_MASK

#define VM_MIN_ADDRESS           0x0ull
#define VM_MIN_ADDRESS64         0x0ull
#define VM_MAX_ADDRESS           0xffe00000ull
#define VM_MAX_PAGE_ADDRESS      0x7fffffe00000ull
#define VM_MAX_USER_PAGE_ADDRESS 0x7ffffffff000ull
#define VM_USRSTACK32            0xc0000000ull
#define VM_USRSTACK64            0x7ff7bff00000ull
#define VM_DYLD64                0x7fff5fc00000ull
#define VM_LIB64_SHR_DATA        0x7fff60000000ull
#define VM_LIB64_SHR_TEXT        0x7fff80000000ull
#define MACH_VM_MIN_ADDRESS      0x0ull
#define MACH_VM_MAX_ADDRESS      0x7fffffe00000ull

#endif /* KPI_MACH_I386_VM_PARAM_H */
