// SPDX-License-Identifier: BSD-2-Clause
/*
 * Public BSD types: ids, offsets, times, device numbers, descriptor sets.
 */
#ifndef KPI_SYS_TYPES_H
#define KPI_SYS_TYPES_H

#include <sys/cdefs.h>
#include <sys/_types.h>
#include <machine/types.h>
#include <machine/endian.h>
#include <sys/_types/_fd_def.h>
#include <sys/_types/_size_t.h>
#include <sys/_types/_rsize_t.h>
#include <sys/_types/_errno_t.h>
#include <sys/appleapiopts.h>

typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef u_int64_t u_quad_t;
typedef int64_t quad_t;
typedef quad_t *qaddr_t;
typedef char *caddr_t;

typedef __darwin_ssize_t ssize_t;
typedef __darwin_time_t time_t;
typedef __darwin_clock_t clock_t;
typedef __darwin_useconds_t useconds_t;
typedef __darwin_suseconds_t suseconds_t;

typedef __darwin_blkcnt_t blkcnt_t;
typedef __darwin_blksize_t blksize_t;
typedef __darwin_fsblkcnt_t fsblkcnt_t;
typedef __darwin_fsfilcnt_t fsfilcnt_t;
typedef __darwin_ino_t ino_t;
typedef __darwin_ino64_t ino64_t;
typedef __darwin_off_t off_t;
typedef __darwin_mode_t mode_t;
typedef __darwin_dev_t dev_t;
typedef __uint16_t nlink_t;
typedef int32_t daddr_t;
typedef int64_t daddr64_t;
typedef int32_t segsz_t;
typedef int32_t swblk_t;
typedef u_int32_t fixpt_t;
typedef __int32_t key_t;
typedef __uint32_t in_addr_t;
typedef __uint16_t in_port_t;
typedef __darwin_uid_t uid_t;
typedef __darwin_gid_t gid_t;
typedef __darwin_id_t id_t;
typedef __darwin_pid_t pid_t;
typedef __darwin_sigset_t sigset_t;

/* A device number is 8 bits of major and 24 bits of minor. */
#define major(dev)    ((int32_t)(((u_int32_t)(dev) >> 24) & 0xffu))
#define minor(dev)    ((int32_t)((dev)&0xffffff))
#define makedev(x, y) ((dev_t)(((u_int32_t)(x) << 24) | (u_int32_t)(y)))

#define NBBY    8
#define NFDBITS (sizeof(__int32_t) * NBBY)
#ifndef howmany
#define howmany(n, d) (((n) % (d)) == 0 ? ((n) / (d)) : ((n) / (d)) + 1)
#endif

#endif /* KPI_SYS_TYPES_H */
