// SPDX-License-Identifier: BSD-2-Clause
/*
 * fd_set: one bit for each of 1024 descriptors.
 */
#ifndef KPI_SYS__TYPES__FD_DEF_H
#define KPI_SYS__TYPES__FD_DEF_H

#include <machine/types.h>

#define __DARWIN_FD_SETSIZE 1024
#define FD_SETSIZE          __DARWIN_FD_SETSIZE
typedef struct fd_set {
    __int32_t fds_bits[__DARWIN_FD_SETSIZE / 32];
} fd_set;

#define FD_SET(n, p)   ((void)((p)->fds_bits[(n) / 32] |= (__int32_t)(1u << ((n) % 32))))
#define FD_CLR(n, p)   ((void)((p)->fds_bits[(n) / 32] &= (__int32_t) ~(1u << ((n) % 32))))
#define FD_ISSET(n, p) (((u_int32_t)(p)->fds_bits[(n) / 32] >> ((n) % 32)) & 1u)
#define FD_ZERO(p)     __builtin_memset((p), 0, sizeof(*(p)))

#endif /* KPI_SYS__TYPES__FD_DEF_H */
