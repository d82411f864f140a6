// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory_io_internal.h: exported allocation functions that the public headers do not declare.
 */
#ifndef KEXTBED_KERN_MEMORY_IO_INTERNAL_H
#define KEXTBED_KERN_MEMORY_IO_INTERNAL_H

#include <mach/mach_types.h>

/** IOMallocPageable / IOFreePageable - @size bytes, at least page-aligned. NULL: 0, or no memory. */
void *IOMallocPageable(vm_size_t size, vm_size_t alignment);
void IOFreePageable(void *addr, vm_size_t size);
/** kalloc / kfree - @size bytes, contents undefined; freed with the same size. NULL: 0, or no memory. */
void *kalloc(vm_size_t size);
void kfree(void *addr, vm_size_t size);
/** kalloc_data / kfree_data - the same for pure data; @flags 4: zero-filled. */
void *kalloc_data(vm_size_t size, unsigned flags);
void kfree_data(void *addr, vm_size_t size);
void *krealloc_data(void *addr, vm_size_t old_size, vm_size_t new_size, unsigned flags);

#endif
