// SPDX-License-Identifier: BSD-2-Clause
/*
 * atomic.c: the OSAtomic functions. Each is a full barrier and returns the value before, except where its
 * header says otherwise.
 */
#include <libkern/OSAtomic.h>

#define FETCH(op, address, amount) __atomic_fetch_##op((address), (amount), __ATOMIC_SEQ_CST)

Boolean OSCompareAndSwap(UInt32 oldValue, UInt32 newValue, volatile UInt32 *address)
{
    return __atomic_compare_exchange_n(address, &oldValue, newValue, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

Boolean OSCompareAndSwap64(UInt64 oldValue, UInt64 newValue, volatile UInt64 *address)
{
    return __atomic_compare_exchange_n(address, &oldValue, newValue, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

Boolean OSCompareAndSwapPtr(void *oldValue, void *newValue, void *volatile *address)
{
    return __atomic_compare_exchange_n(address, &oldValue, newValue, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

SInt32 OSAddAtomic(SInt32 amount, volatile SInt32 *address)
{
    return FETCH(add, address, amount);
}

SInt8 OSAddAtomic8(SInt32 amount, volatile SInt8 *address)
{
    return FETCH(add, address, (SInt8)amount);
}

SInt16 OSAddAtomic16(SInt32 amount, volatile SInt16 *address)
{
    return FETCH(add, address, (SInt16)amount);
}

SInt64 OSAddAtomic64(SInt64 amount, volatile SInt64 *address)
{
    return FETCH(add, address, amount);
}

long OSAddAtomicLong(long amount, volatile long *address)
{
    return FETCH(add, address, amount);
}

SInt32 OSIncrementAtomic(volatile SInt32 *address)
{
    return FETCH(add, address, 1);
}

SInt8 OSIncrementAtomic8(volatile SInt8 *address)
{
    return FETCH(add, address, 1);
}

SInt16 OSIncrementAtomic16(volatile SInt16 *address)
{
    return FETCH(add, address, 1);
}

SInt32 OSDecrementAtomic(volatile SInt32 *address)
{
    return FETCH(sub, address, 1);
}

SInt8 OSDecrementAtomic8(volatile SInt8 *address)
{
    return FETCH(sub, address, 1);
}

SInt16 OSDecrementAtomic16(volatile SInt16 *address)
{
    return FETCH(sub, address, 1);
}

UInt32 OSBitAndAtomic(UInt32 mask, volatile UInt32 *address)
{
    return FETCH(and, address, mask);
}

UInt8 OSBitAndAtomic8(UInt32 mask, volatile UInt8 *address)
{
    return FETCH(and, address, (UInt8)mask);
}

UInt16 OSBitAndAtomic16(UInt32 mask, volatile UInt16 *address)
{
    return FETCH(and, address, (UInt16)mask);
}

UInt32 OSBitOrAtomic(UInt32 mask, volatile UInt32 *address)
{
    return FETCH(or, address, mask);
}

UInt8 OSBitOrAtomic8(UInt32 mask, volatile UInt8 *address)
{
    return FETCH(or, address, (UInt8)mask);
}

UInt16 OSBitOrAtomic16(UInt32 mask, volatile UInt16 *address)
{
    return FETCH(or, address, (UInt16)mask);
}

UInt32 OSBitXorAtomic(UInt32 mask, volatile UInt32 *address)
{
    return FETCH(xor, address, mask);
}

UInt8 OSBitXorAtomic8(UInt32 mask, volatile UInt8 *address)
{
    return FETCH(xor, address, (UInt8)mask);
}

UInt16 OSBitXorAtomic16(UInt32 mask, volatile UInt16 *address)
{
    return FETCH(xor, address, (UInt16)mask);
}

/* Bits count from the top of each byte. */
static UInt8 bit_mask(UInt32 bit)
{
    return (UInt8)(0x80u >> (bit & 7));
}

Boolean OSTestAndSet(UInt32 bit, volatile UInt8 *startAddress)
{
    return (FETCH(or, startAddress + (bit >> 3), bit_mask(bit)) & bit_mask(bit)) != 0;
}

Boolean OSTestAndClear(UInt32 bit, volatile UInt8 *startAddress)
{
    return (FETCH(and, startAddress + (bit >> 3), (UInt8)~bit_mask(bit)) & bit_mask(bit)) == 0;
}
