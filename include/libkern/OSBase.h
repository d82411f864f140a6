// SPDX-License-Identifier: BSD-2-Clause
/*
 * Base of libkern: its types, inlining, absolute time as a number.
 */
#ifndef KPI_LIBKERN_OSBASE_H
#define KPI_LIBKERN_OSBASE_H

#include <sys/cdefs.h>
#include <libkern/OSTypes.h>
#include <os/base.h>
#include <stdint.h>

#define AbsoluteTime_to_scalar(x) (*(uint64_t *)(x))
#define CMP_ABSOLUTETIME(t1, t2)                                                                             \
    (AbsoluteTime_to_scalar(t1) > AbsoluteTime_to_scalar(t2)   ? (int)+1                                     \
     : AbsoluteTime_to_scalar(t1) < AbsoluteTime_to_scalar(t2) ? (int)-1                                     \
                                                               : 0)
#define ADD_ABSOLUTETIME(t1, t2)          (AbsoluteTime_to_scalar(t1) += AbsoluteTime_to_scalar(t2))
#define SUB_ABSOLUTETIME(t1, t2)          (AbsoluteTime_to_scalar(t1) -= AbsoluteTime_to_scalar(t2))
#define ADD_ABSOLUTETIME_TICKS(t1, ticks) (AbsoluteTime_to_scalar(t1) += (int32_t)(ticks))

#endif /* KPI_LIBKERN_OSBASE_H */
