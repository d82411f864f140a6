// SPDX-License-Identifier: BSD-2-Clause
/*
 * The C part of IOKit: memory, delays, log.
 */
#ifndef KPI_IOKIT_IOLIB_H
#define KPI_IOKIT_IOLIB_H

#include <sys/cdefs.h>
#include <stdarg.h>
#include <sys/appleapiopts.h>
#include <IOKit/IOTypes.h>
#include <IOKit/IOLocks.h>
#include <libkern/OSAtomic.h>
#include <libkern/libkern.h>
#include <mach/mach_types.h>
#include <os/overflow.h>
#include <IOKit/system.h>
#include <kern/thread_call.h>
#include <kern/clock.h>
#include <IOKit/assert.h>
#include <pexpert/pexpert.h>

/* These take any types, unlike the functions of the same name in libkern.h, which come first. */
#undef min
#undef max
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

__BEGIN_DECLS
/** IOMalloc - allocate @size bytes; end with IOFree and the same size. NULL: no memory, or @size is 0.
 * Blocks. */
void *IOMalloc(vm_size_t size);
/** IOMallocZero - as IOMalloc, cleared. */
void *IOMallocZero(vm_size_t size);
/** IOFree - free memory of IOMalloc; @size as allocated. */
void IOFree(void *address, vm_size_t size);
/** IOMallocAligned - as IOMalloc at a multiple of @alignment, a power of two; end with IOFreeAligned. */
void *IOMallocAligned(vm_size_t size, vm_offset_t alignment);
/** IOFreeAligned - free memory of IOMallocAligned; @size as allocated. */
void IOFreeAligned(void *address, vm_size_t size);
/** IOMallocData - memory that will hold no pointers; end with IOFreeData. */
void *IOMallocData(vm_size_t size);
/** IOMallocZeroData - as IOMallocData, cleared. */
void *IOMallocZeroData(vm_size_t size);
/** IOFreeData - free memory of IOMallocData. */
void IOFreeData(void *address, vm_size_t size);
/** IODelay - let at least @microseconds pass without sleeping. */
void IODelay(unsigned microseconds);
/** IOSleep - sleep at least @milliseconds. */
void IOSleep(unsigned milliseconds);
/** IOLog - As printf. */
void IOLog(const char *format, ...) __printflike(1, 2);
/** IOLogv - as IOLog, with the arguments as a list. */
void IOLogv(const char *format, va_list ap) __printflike(1, 0);
__END_DECLS

/* A type that a built kext allocates, as its compiler laid it down. Private. */
struct kalloc_type_view;
typedef struct kalloc_type_view *kalloc_type_view_t;
struct OSDictionary;

__BEGIN_DECLS
/** IOMallocTypeImpl - memory, cleared, for one object of the type that @kt_view describes; what built kexts
 *  call for IOMallocType. Private. */
void *IOMallocTypeImpl(kalloc_type_view_t kt_view);
/** IOFreeTypeImpl - free memory of IOMallocTypeImpl. Private. */
void IOFreeTypeImpl(kalloc_type_view_t kt_view, void *address);
/** IOBSDNameMatching - what to look for in IOKit's registry to find the device @name.
 *  @name   in  name below /dev.
 *  Refs:   none.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  always NULL: there is no registry. A device is found by its path (vnode_lookup).
 *  KPI:    iokit, stable */
struct OSDictionary *IOBSDNameMatching(const char *name);
__END_DECLS

/* Typed memory, by type and number of elements; IOMallocType clears it. */
#define IOMallocType(type)    ((type *)IOMallocZero(sizeof(type)))
#define IOFreeType(ptr, type) IOFree((ptr), sizeof(type))
/* Arrays: IONew(type, count), or IONew(header, type, count) for a header with elements behind it; IODelete
 * likewise, after the pointer. */
#define IONew(...)                                KPI_IO_CHOOSE_3(__VA_ARGS__, KPI_IO_NEW_3, KPI_IO_NEW_2, 0)(IOMalloc, __VA_ARGS__)
#define IONewZero(...)                            KPI_IO_CHOOSE_3(__VA_ARGS__, KPI_IO_NEW_3, KPI_IO_NEW_2, 0)(IOMallocZero, __VA_ARGS__)
#define IODelete(...)                             KPI_IO_CHOOSE_4(__VA_ARGS__, KPI_IO_DELETE_4, KPI_IO_DELETE_3, 0, 0)(__VA_ARGS__)
#define KPI_IO_CHOOSE_3(a, b, c, which, ...)      which
#define KPI_IO_CHOOSE_4(a, b, c, d, which, ...)   which
#define KPI_IO_NEW_2(alloc, type, count)          ((type *)alloc(sizeof(type) * (count)))
#define KPI_IO_NEW_3(alloc, header, type, count)  ((header *)alloc(sizeof(header) + sizeof(type) * (count)))
#define KPI_IO_DELETE_3(ptr, type, count)         IOFree((ptr), sizeof(type) * (count))
#define KPI_IO_DELETE_4(ptr, header, type, count) IOFree((ptr), sizeof(header) + sizeof(type) * (count))
#define IONewData(type, count)                    ((type *)IOMallocData(sizeof(type) * (count)))
#define IONewZeroData(type, count)                ((type *)IOMallocZeroData(sizeof(type) * (count)))
#define IODeleteData(ptr, type, count)            IOFreeData((ptr), sizeof(type) * (count))
#define IOSafeDeleteNULL(ptr, ...)                                                                           \
    do {                                                                                                     \
        if ((ptr) != 0) {                                                                                    \
            IODelete(ptr, __VA_ARGS__);                                                                      \
            (ptr) = 0;                                                                                       \
        }                                                                                                    \
    } while (0)

#define IOThreadSelf()           current_thread()
#define IOPanic(reason)          panic("%s", reason)
#define IORound(value, multiple) ((((value) + (multiple)-1) / (multiple)) * (multiple))
#define IOTrunc(value, multiple) (((value) / (multiple)) * (multiple))

#endif /* KPI_IOKIT_IOLIB_H */
