// SPDX-License-Identifier: BSD-2-Clause
/*
 * Atomic operations on memory. Each is a full barrier; the value returned is the one before the
 * change, except where said.
 */
#ifndef KPI_LIBKERN_OSATOMIC_H
#define KPI_LIBKERN_OSATOMIC_H

#include <libkern/OSBase.h>
#include <stdbool.h>
#include <string.h>

__BEGIN_DECLS
/** OSCompareAndSwap - store @newValue if *@address is @oldValue: true. */
Boolean OSCompareAndSwap(UInt32 oldValue, UInt32 newValue, volatile UInt32 *address);
/** OSCompareAndSwap64 - as OSCompareAndSwap, 64 bits. */
Boolean OSCompareAndSwap64(UInt64 oldValue, UInt64 newValue, volatile UInt64 *address);
/** OSCompareAndSwapPtr - as OSCompareAndSwap for a pointer. */
Boolean OSCompareAndSwapPtr(void *oldValue, void *newValue, void *volatile *address);
/** OSAddAtomic - add. */
SInt32 OSAddAtomic(SInt32 amount, volatile SInt32 *address);
/** OSAddAtomic8 - add, 8 bits. */
SInt8 OSAddAtomic8(SInt32 amount, volatile SInt8 *address);
/** OSAddAtomic16 - add, 16 bits. */
SInt16 OSAddAtomic16(SInt32 amount, volatile SInt16 *address);
/** OSAddAtomic64 - add, 64 bits. */
SInt64 OSAddAtomic64(SInt64 amount, volatile SInt64 *address);
long OSAddAtomicLong(long amount, volatile long *address);
/** OSIncrementAtomic - add 1. */
SInt32 OSIncrementAtomic(volatile SInt32 *address);
/** OSIncrementAtomic8 - add 1, 8 bits. */
SInt8 OSIncrementAtomic8(volatile SInt8 *address);
/** OSIncrementAtomic16 - add 1, 16 bits. */
SInt16 OSIncrementAtomic16(volatile SInt16 *address);
/** OSDecrementAtomic - subtract 1. */
SInt32 OSDecrementAtomic(volatile SInt32 *address);
/** OSDecrementAtomic8 - subtract 1, 8 bits. */
SInt8 OSDecrementAtomic8(volatile SInt8 *address);
/** OSDecrementAtomic16 - subtract 1, 16 bits. */
SInt16 OSDecrementAtomic16(volatile SInt16 *address);
/** OSBitAndAtomic - and. */
UInt32 OSBitAndAtomic(UInt32 mask, volatile UInt32 *address);
/** OSBitAndAtomic8 - and, 8 bits. */
UInt8 OSBitAndAtomic8(UInt32 mask, volatile UInt8 *address);
/** OSBitAndAtomic16 - and, 16 bits. */
UInt16 OSBitAndAtomic16(UInt32 mask, volatile UInt16 *address);
/** OSBitOrAtomic - or. */
UInt32 OSBitOrAtomic(UInt32 mask, volatile UInt32 *address);
/** OSBitOrAtomic8 - or, 8 bits. */
UInt8 OSBitOrAtomic8(UInt32 mask, volatile UInt8 *address);
/** OSBitOrAtomic16 - or, 16 bits. */
UInt16 OSBitOrAtomic16(UInt32 mask, volatile UInt16 *address);
/** OSBitXorAtomic - exclusive or. */
UInt32 OSBitXorAtomic(UInt32 mask, volatile UInt32 *address);
/** OSBitXorAtomic8 - exclusive or, 8 bits. */
UInt8 OSBitXorAtomic8(UInt32 mask, volatile UInt8 *address);
/** OSBitXorAtomic16 - exclusive or, 16 bits. */
UInt16 OSBitXorAtomic16(UInt32 mask, volatile UInt16 *address);
/** OSTestAndSet - set bit @bit, counted from the top of each byte. True if it was set already. */
Boolean OSTestAndSet(UInt32 bit, volatile UInt8 *startAddress);
/** OSTestAndClear - clear bit @bit. True if it was clear already. */
Boolean OSTestAndClear(UInt32 bit, volatile UInt8 *startAddress);
__END_DECLS

OS_INLINE SInt64 OSIncrementAtomic64(volatile SInt64 *address)
{
    return OSAddAtomic64(1, address);
}
OS_INLINE SInt64 OSDecrementAtomic64(volatile SInt64 *address)
{
    return OSAddAtomic64(-1, address);
}

/* The barriers that are left of older interfaces. */
OS_INLINE void OSSynchronizeIO(void)
{
}
OS_INLINE void OSMemoryBarrier(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#ifndef OS_SPINLOCK_INIT
#define OS_SPINLOCK_INIT 0
typedef SInt32 OSSpinLock;
#endif

#endif /* KPI_LIBKERN_OSATOMIC_H */
