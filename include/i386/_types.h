// SPDX-License-Identifier: BSD-2-Clause
/*
 * Base integer types of x86_64 Darwin: long is 64 bits, and 64-bit typedefs are long long.
 */
#ifndef KPI_I386__TYPES_H
#define KPI_I386__TYPES_H

typedef signed char __int8_t;
typedef unsigned char __uint8_t;
typedef short __int16_t;
typedef unsigned short __uint16_t;
typedef int __int32_t;
typedef unsigned int __uint32_t;
typedef long long __int64_t;
typedef unsigned long long __uint64_t;

typedef long __darwin_intptr_t;
typedef unsigned int __darwin_natural_t;
typedef int __darwin_ct_rune_t;
typedef __PTRDIFF_TYPE__ __darwin_ptrdiff_t;
typedef __SIZE_TYPE__ __darwin_size_t;
typedef long __darwin_ssize_t;
typedef long __darwin_time_t;
typedef unsigned long __darwin_clock_t;
typedef __uint32_t __darwin_socklen_t;
typedef __builtin_va_list __darwin_va_list;

#endif /* KPI_I386__TYPES_H */
