// SPDX-License-Identifier: BSD-2-Clause
/*
 * BSD integer types of x86_64 and the types in which kernel code holds user addresses and sizes.
 */
#ifndef KPI_I386_TYPES_H
#define KPI_I386_TYPES_H

#include <sys/_types.h>
#include <stdint.h>

typedef unsigned char u_int8_t;
typedef unsigned short u_int16_t;
typedef unsigned int u_int32_t;
typedef unsigned long long u_int64_t;
typedef int64_t register_t;

/* A user address is 64 bits wide whatever the process is; never cast one to a pointer. */
typedef u_int64_t user_addr_t;
typedef u_int64_t user_size_t;
typedef int64_t user_ssize_t;
typedef int64_t user_long_t;
typedef u_int64_t user_ulong_t;
typedef int64_t user_time_t;
typedef int64_t user_off_t;
typedef u_int64_t syscall_arg_t;

typedef u_int32_t user32_addr_t;
typedef u_int32_t user32_size_t;
typedef int32_t user32_ssize_t;
typedef int32_t user32_long_t;
typedef u_int32_t user32_ulong_t;
typedef int32_t user32_time_t;
typedef int64_t user32_off_t;
typedef u_int64_t user64_addr_t;
typedef u_int64_t user64_size_t;
typedef int64_t user64_ssize_t;
typedef int64_t user64_long_t;
typedef u_int64_t user64_ulong_t;
typedef int64_t user64_time_t;
typedef int64_t user64_off_t;

#define USER_ADDR_NULL              ((user_addr_t)0)
#define CAST_USER_ADDR_T(p)         ((user_addr_t)((uintptr_t)(p)))
#define CAST_DOWN(type, v)          ((type)((uintptr_t)(v)))
#define CAST_DOWN_EXPLICIT(type, v) ((type)((uintptr_t)(v)))

#endif /* KPI_I386_TYPES_H */
