// SPDX-License-Identifier: BSD-2-Clause
/*
 * The integer types of libkern.
 */
#ifndef KPI_LIBKERN_OSTYPES_H
#define KPI_LIBKERN_OSTYPES_H

#define OSTYPES_K64_REV          2
#define ABSOLUTETIME_SCALAR_TYPE 1
typedef unsigned int UInt;
typedef signed int SInt;
typedef unsigned char UInt8;
typedef unsigned short UInt16;
typedef unsigned int UInt32;
typedef unsigned long long UInt64;
typedef signed char SInt8;
typedef signed short SInt16;
typedef signed int SInt32;
typedef signed long long SInt64;
#ifdef __cplusplus
typedef bool Boolean;
#else
typedef _Bool Boolean;
#endif
typedef SInt32 OSStatus;
typedef UInt32 OptionBits;
typedef UInt64 AbsoluteTime;
typedef struct UnsignedWide {
    UInt32 lo;
    UInt32 hi;
} UnsignedWide;

#ifndef OS_INLINE
#define OS_INLINE static inline
#endif

#endif /* KPI_LIBKERN_OSTYPES_H */
