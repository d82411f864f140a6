// SPDX-License-Identifier: BSD-2-Clause
/*
 * How an ioctl command number is built: direction, size of its argument, group letter, number.
 */
#ifndef KPI_SYS_IOCCOM_H
#define KPI_SYS_IOCCOM_H

#include <sys/types.h>

#define IOCPARM_MASK 0x1fff
#define IOCPARM_MAX  (IOCPARM_MASK + 1)
#define IOC_VOID     ((__uint32_t)0x20000000)
#define IOC_OUT      ((__uint32_t)0x40000000)
#define IOC_IN       ((__uint32_t)0x80000000)
#define IOC_INOUT    (IOC_IN | IOC_OUT)
#define IOC_DIRMASK  ((__uint32_t)0xe0000000)

#define IOCPARM_LEN(cmd)           (((cmd) >> 16) & IOCPARM_MASK)
#define IOCBASECMD(cmd)            ((cmd) & ~(IOCPARM_MASK << 16))
#define IOCGROUP(cmd)              (((cmd) >> 8) & 0xff)
#define _IOC(dir, group, num, len) ((dir) | (((len)&IOCPARM_MASK) << 16) | ((group) << 8) | (num))
#define _IO(group, num)            _IOC(IOC_VOID, (group), (num), 0)
#define _IOR(group, num, type)     _IOC(IOC_OUT, (group), (num), sizeof(type))
#define _IOW(group, num, type)     _IOC(IOC_IN, (group), (num), sizeof(type))
#define _IOWR(group, num, type)    _IOC(IOC_INOUT, (group), (num), sizeof(type))

#endif /* KPI_SYS_IOCCOM_H */
