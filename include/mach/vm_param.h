// SPDX-License-Identifier: BSD-2-Clause
/*
 * Page arithmetic.
 */
#ifndef KPI_MACH_VM_PARAM_H
#define KPI_MACH_VM_PARAM_H

#include <mach/machine/vm_param.h>
#include <mach/vm_types.h>
#include <os/base.h>
#include <os/overflow.h>

#define PAGE_SIZE_64              ((unsigned long long)PAGE_SIZE)
#define PAGE_MASK_64              ((unsigned long long)PAGE_MASK)
#define VM_KERNEL_SIMPLE_MAX_SIZE 0x40000000ull
#define MALLOC_MEDIUM_CHUNK_SIZE  0x800000ull
#define ANON_CHUNK_SIZE           0x8000000ull
#define ANON_MAX_PAGES            0xffffffffull
#define ANON_MAX_SIZE             0xffffffff000ull

#define atop_64(v)            ((uint64_t)(v) >> PAGE_SHIFT)
#define ptoa_64(v)            ((uint64_t)(v) << PAGE_SHIFT)
#define atop_32(v)            ((uint32_t)(v) >> PAGE_SHIFT)
#define ptoa_32(v)            ((uint32_t)(v) << PAGE_SHIFT)
#define atop(v)               ((vm_address_t)(v) >> PAGE_SHIFT)
#define ptoa(v)               ((vm_address_t)(v) << PAGE_SHIFT)
#define round_page(v)         (((vm_offset_t)(v) + PAGE_MASK) & ~((vm_offset_t)PAGE_MASK))
#define trunc_page(v)         ((vm_offset_t)(v) & ~((vm_offset_t)PAGE_MASK))
#define round_page_32(v)      (((uint32_t)(v) + (uint32_t)PAGE_MASK) & ~((uint32_t)PAGE_MASK))
#define trunc_page_32(v)      ((uint32_t)(v) & ~((uint32_t)PAGE_MASK))
#define round_page_64(v)      (((uint64_t)(v) + PAGE_MASK_64) & ~((uint64_t)PAGE_MASK_64))
#define trunc_page_64(v)      ((uint64_t)(v) & ~((uint64_t)PAGE_MASK_64))
#define mach_vm_round_page(v) (((mach_vm_offset_t)(v) + PAGE_MASK) & ~((signed)PAGE_MASK))
#define mach_vm_trunc_page(v) ((mach_vm_offset_t)(v) & ~((signed)PAGE_MASK))
#define page_aligned(v)       (((v)&PAGE_MASK) == 0)

__BEGIN_DECLS
/** page_size, page_mask, page_shift - the page size as data, for code that was built for several. */
extern vm_size_t page_size;
extern vm_size_t page_mask;
extern int page_shift;
/** mem_size, max_mem - bytes of memory that the kernel believes to have. */
extern vm_size_t mem_size;
extern uint64_t max_mem;
__END_DECLS

#endif /* KPI_MACH_VM_PARAM_H */
