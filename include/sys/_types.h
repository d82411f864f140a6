// SPDX-License-Identifier: BSD-2-Clause
/*
 * The __darwin_ names that underlie the public integer types.
 */
#ifndef KPI_SYS__TYPES_H
#define KPI_SYS__TYPES_H

#include <sys/cdefs.h>
#include <machine/_types.h>

typedef __int64_t __darwin_blkcnt_t;
typedef __int32_t __darwin_blksize_t;
typedef __int32_t __darwin_dev_t;
typedef unsigned int __darwin_fsblkcnt_t;
typedef unsigned int __darwin_fsfilcnt_t;
typedef __uint32_t __darwin_gid_t;
typedef __uint32_t __darwin_id_t;
typedef __uint64_t __darwin_ino64_t;
#if __DARWIN_64_BIT_INO_T
typedef __darwin_ino64_t __darwin_ino_t;
#else
typedef __uint32_t __darwin_ino_t;
#endif
typedef __darwin_natural_t __darwin_mach_port_name_t;
typedef __darwin_mach_port_name_t __darwin_mach_port_t;
typedef __uint16_t __darwin_mode_t;
typedef __int64_t __darwin_off_t;
typedef __int32_t __darwin_pid_t;
typedef __uint32_t __darwin_sigset_t;
typedef __int32_t __darwin_suseconds_t;
typedef __uint32_t __darwin_uid_t;
typedef __uint32_t __darwin_useconds_t;
typedef unsigned char __darwin_uuid_t[16];
typedef char __darwin_uuid_string_t[37];

#ifndef NULL
#ifdef __cplusplus
#define NULL 0
#else
#define NULL ((void *)0)
#endif
#endif

#ifndef offsetof
#define offsetof(type, field) __builtin_offsetof(type, field)
#endif

#endif /* KPI_SYS__TYPES_H */
