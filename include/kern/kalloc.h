// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kernel's own allocation functions. Private; IOMalloc and its relatives are for everybody.
 */
#ifndef KPI_KERN_KALLOC_H
#define KPI_KERN_KALLOC_H

#ifdef KERNEL_PRIVATE

#include <stdint.h>
#include <sys/cdefs.h>
#include <mach/vm_types.h>
#include <kern/zalloc.h>

__BEGIN_DECLS
/** kalloc - @size bytes, which kfree takes back with the same size. NULL: none. Private. */
void *kalloc(vm_size_t size) __attribute__((malloc, alloc_size(1)));
/** kfree - free memory of kalloc, of @size bytes. Private. */
void kfree(void *data, vm_size_t size);
/** kalloc_data - @size bytes for something without pointers in it. @flags: Z_*. NULL: none. Private. */
void *kalloc_data(vm_size_t size, zalloc_flags_t flags) __attribute__((malloc, alloc_size(1)));
/** kfree_data - free memory of kalloc_data, of @size bytes. NULL is nothing. The macro also forgets the
 * pointer. Private. */
void kfree_data(void *ptr, vm_size_t size);
/** krealloc_data - memory of kalloc_data with another size and the same contents, as far as they fit.
 *  @ptr      in  the memory, consumed on success; NULL: as kalloc_data.
 *  @old_size in  bytes.
 *  @new_size in  bytes; 0 frees @ptr, with NULL as the answer.
 *  @flags    in  Z_ZERO clears what is new; Z_REALLOCF frees @ptr also where there is no memory.
 *  Refs:     none.
 *  Locks:    as kalloc_data.
 *  Blocks:   unless Z_NOWAIT.
 *  Errno:    NULL: no memory.
 *  KPI:      unsupported, stable. Private */
void *krealloc_data(void *ptr, vm_size_t old_size, vm_size_t new_size, zalloc_flags_t flags);
__END_DECLS

/* The pointer is an lvalue and NULL afterwards. */
#define KPI_KFREE(ptr, size)                                                                                 \
    __extension__({                                                                                          \
        __typeof__(ptr) *kpi_at_ = &(ptr);                                                                   \
        void *kpi_freed_ = (void *)(uintptr_t)*kpi_at_;                                                      \
        vm_size_t kpi_size_ = (size);                                                                        \
        *kpi_at_ = 0;                                                                                        \
        (kfree_data)(kpi_freed_, kpi_size_);                                                                 \
    })
#define kfree_data(ptr, size) KPI_KFREE(ptr, size)

/* Typed memory: kalloc_type(type, flags), (type, count, flags), or (header, type, count, flags) for a header
 * with elements behind it. kfree_type(type, ptr), (type, count, ptr), (header, type, count, ptr). */
#define kalloc_type(...)                                                                                     \
    KPI_KALLOC_CHOOSE(__VA_ARGS__, KPI_KALLOC_4, KPI_KALLOC_3, KPI_KALLOC_2, 0)(__VA_ARGS__)
#define kfree_type(...)                           KPI_KALLOC_CHOOSE(__VA_ARGS__, KPI_KFREE_4, KPI_KFREE_3, KPI_KFREE_2, 0)(__VA_ARGS__)
#define KPI_KALLOC_CHOOSE(a, b, c, d, which, ...) which
#define KPI_KALLOC_2(type, flags)                 ((type *)kalloc_data(sizeof(type), flags))
#define KPI_KALLOC_3(type, count, flags)          ((type *)kalloc_data(sizeof(type) * (count), flags))
#define KPI_KALLOC_4(header, type, count, flags)                                                             \
    ((header *)kalloc_data(sizeof(header) + sizeof(type) * (count), flags))
#define KPI_KFREE_2(type, ptr)                KPI_KFREE(ptr, sizeof(type))
#define KPI_KFREE_3(type, count, ptr)         KPI_KFREE(ptr, sizeof(type) * (count))
#define KPI_KFREE_4(header, type, count, ptr) KPI_KFREE(ptr, sizeof(header) + sizeof(type) * (count))

#endif /* KERNEL_PRIVATE */

#endif /* KPI_KERN_KALLOC_H */
