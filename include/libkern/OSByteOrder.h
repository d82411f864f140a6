// SPDX-License-Identifier: BSD-2-Clause
/*
 * Byte order: swapping, and reading and writing integers of a given order at any address.
 */
#ifndef KPI_LIBKERN_OSBYTEORDER_H
#define KPI_LIBKERN_OSBYTEORDER_H

#include <libkern/OSBase.h>
#include <stdint.h>

enum { OSUnknownByteOrder, OSLittleEndian, OSBigEndian };

#define OSSwapConstInt16(x) ((uint16_t)((((uint16_t)(x)&0xff00u) >> 8) | (((uint16_t)(x)&0x00ffu) << 8)))
#define OSSwapConstInt32(x) ((uint32_t)__builtin_bswap32((uint32_t)(x)))
#define OSSwapConstInt64(x) ((uint64_t)__builtin_bswap64((uint64_t)(x)))
#define OSSwapInt16(x)      ((uint16_t)__builtin_bswap16((uint16_t)(x)))
#define OSSwapInt32(x)      ((uint32_t)__builtin_bswap32((uint32_t)(x)))
#define OSSwapInt64(x)      ((uint64_t)__builtin_bswap64((uint64_t)(x)))

OS_INLINE int32_t OSHostByteOrder(void)
{
    return OSLittleEndian;
}
OS_INLINE uint16_t _OSSwapInt16(uint16_t data)
{
    return __builtin_bswap16(data);
}
OS_INLINE uint32_t _OSSwapInt32(uint32_t data)
{
    return __builtin_bswap32(data);
}
OS_INLINE uint64_t _OSSwapInt64(uint64_t data)
{
    return __builtin_bswap64(data);
}

/* Unaligned access: @base + @byteOffset, in bytes. */
OS_INLINE uint16_t _OSReadInt16(const volatile void *base, uintptr_t byteOffset)
{
    uint16_t value;
    __builtin_memcpy(&value, (const unsigned char *)base + byteOffset, sizeof(value));
    return value;
}
OS_INLINE void _OSWriteInt16(volatile void *base, uintptr_t byteOffset, uint16_t data)
{
    __builtin_memcpy((unsigned char *)base + byteOffset, &data, sizeof(data));
}
OS_INLINE uint16_t OSReadSwapInt16(const volatile void *base, uintptr_t byteOffset)
{
    return __builtin_bswap16(_OSReadInt16(base, byteOffset));
}
OS_INLINE void OSWriteSwapInt16(volatile void *base, uintptr_t byteOffset, uint16_t data)
{
    _OSWriteInt16(base, byteOffset, __builtin_bswap16(data));
}
OS_INLINE uint32_t _OSReadInt32(const volatile void *base, uintptr_t byteOffset)
{
    uint32_t value;
    __builtin_memcpy(&value, (const unsigned char *)base + byteOffset, sizeof(value));
    return value;
}
OS_INLINE void _OSWriteInt32(volatile void *base, uintptr_t byteOffset, uint32_t data)
{
    __builtin_memcpy((unsigned char *)base + byteOffset, &data, sizeof(data));
}
OS_INLINE uint32_t OSReadSwapInt32(const volatile void *base, uintptr_t byteOffset)
{
    return __builtin_bswap32(_OSReadInt32(base, byteOffset));
}
OS_INLINE void OSWriteSwapInt32(volatile void *base, uintptr_t byteOffset, uint32_t data)
{
    _OSWriteInt32(base, byteOffset, __builtin_bswap32(data));
}
OS_INLINE uint64_t _OSReadInt64(const volatile void *base, uintptr_t byteOffset)
{
    uint64_t value;
    __builtin_memcpy(&value, (const unsigned char *)base + byteOffset, sizeof(value));
    return value;
}
OS_INLINE void _OSWriteInt64(volatile void *base, uintptr_t byteOffset, uint64_t data)
{
    __builtin_memcpy((unsigned char *)base + byteOffset, &data, sizeof(data));
}
OS_INLINE uint64_t OSReadSwapInt64(const volatile void *base, uintptr_t byteOffset)
{
    return __builtin_bswap64(_OSReadInt64(base, byteOffset));
}
OS_INLINE void OSWriteSwapInt64(volatile void *base, uintptr_t byteOffset, uint64_t data)
{
    _OSWriteInt64(base, byteOffset, __builtin_bswap64(data));
}

#define OSReadBigInt16(base, offset)           OSReadSwapInt16((base), (offset))
#define OSWriteBigInt16(base, offset, data)    OSWriteSwapInt16((base), (offset), (data))
#define OSReadLittleInt16(base, offset)        _OSReadInt16((base), (offset))
#define OSWriteLittleInt16(base, offset, data) _OSWriteInt16((base), (offset), (data))
#define OSReadBigInt32(base, offset)           OSReadSwapInt32((base), (offset))
#define OSWriteBigInt32(base, offset, data)    OSWriteSwapInt32((base), (offset), (data))
#define OSReadLittleInt32(base, offset)        _OSReadInt32((base), (offset))
#define OSWriteLittleInt32(base, offset, data) _OSWriteInt32((base), (offset), (data))
#define OSReadBigInt64(base, offset)           OSReadSwapInt64((base), (offset))
#define OSWriteBigInt64(base, offset, data)    OSWriteSwapInt64((base), (offset), (data))
#define OSReadLittleInt64(base, offset)        _OSReadInt64((base), (offset))
#define OSWriteLittleInt64(base, offset, data) _OSWriteInt64((base), (offset), (data))
#define OSSwapHostToBigInt16(x)                OSSwapInt16(x)
#define OSSwapBigToHostInt16(x)                OSSwapInt16(x)
#define OSSwapHostToLittleInt16(x)             ((uint16_t)(x))
#define OSSwapLittleToHostInt16(x)             ((uint16_t)(x))
#define OSSwapHostToBigConstInt16(x)           OSSwapConstInt16(x)
#define OSSwapBigToHostConstInt16(x)           OSSwapConstInt16(x)
#define OSSwapHostToLittleConstInt16(x)        ((uint16_t)(x))
#define OSSwapLittleToHostConstInt16(x)        ((uint16_t)(x))
#define OSSwapHostToBigInt32(x)                OSSwapInt32(x)
#define OSSwapBigToHostInt32(x)                OSSwapInt32(x)
#define OSSwapHostToLittleInt32(x)             ((uint32_t)(x))
#define OSSwapLittleToHostInt32(x)             ((uint32_t)(x))
#define OSSwapHostToBigConstInt32(x)           OSSwapConstInt32(x)
#define OSSwapBigToHostConstInt32(x)           OSSwapConstInt32(x)
#define OSSwapHostToLittleConstInt32(x)        ((uint32_t)(x))
#define OSSwapLittleToHostConstInt32(x)        ((uint32_t)(x))
#define OSSwapHostToBigInt64(x)                OSSwapInt64(x)
#define OSSwapBigToHostInt64(x)                OSSwapInt64(x)
#define OSSwapHostToLittleInt64(x)             ((uint64_t)(x))
#define OSSwapLittleToHostInt64(x)             ((uint64_t)(x))
#define OSSwapHostToBigConstInt64(x)           OSSwapConstInt64(x)
#define OSSwapBigToHostConstInt64(x)           OSSwapConstInt64(x)
#define OSSwapHostToLittleConstInt64(x)        ((uint64_t)(x))
#define OSSwapLittleToHostConstInt64(x)        ((uint64_t)(x))

/* Without a size: four bytes. */
#define OSReadBigInt(base, at)            OSReadBigInt32(base, at)
#define OSWriteBigInt(base, at, value)    OSWriteBigInt32(base, at, value)
#define OSSwapBigToHostInt(x)             OSSwapBigToHostInt32(x)
#define OSSwapHostToBigInt(x)             OSSwapHostToBigInt32(x)
#define OSReadLittleInt(base, at)         OSReadLittleInt32(base, at)
#define OSWriteLittleInt(base, at, value) OSWriteLittleInt32(base, at, value)
#define OSSwapHostToLittleInt(x)          OSSwapHostToLittleInt32(x)
#define OSSwapLittleToHostInt(x)          OSSwapLittleToHostInt32(x)

#endif /* KPI_LIBKERN_OSBYTEORDER_H */
