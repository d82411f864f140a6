// SPDX-License-Identifier: BSD-2-Clause
/*
 * Arithmetic that tells whether it overflowed: each is true if the result does not fit.
 */
#ifndef KPI_OS_OVERFLOW_H
#define KPI_OS_OVERFLOW_H

#include <sys/cdefs.h>
#include <os/base.h>

#define os_add_overflow(a, b, res) __builtin_add_overflow((a), (b), (res))
#define os_sub_overflow(a, b, res) __builtin_sub_overflow((a), (b), (res))
#define os_mul_overflow(a, b, res) __builtin_mul_overflow((a), (b), (res))
#define os_add3_overflow(a, b, c, res)                                                                       \
    __extension__({                                                                                          \
        __typeof__(*(res)) os_tmp;                                                                           \
        int os_over = os_add_overflow((a), (b), &os_tmp);                                                    \
        os_add_overflow(os_tmp, (c), (res)) || os_over;                                                      \
    })
#define os_sub3_overflow(a, b, c, res)                                                                       \
    __extension__({                                                                                          \
        __typeof__(*(res)) os_tmp;                                                                           \
        int os_over = os_sub_overflow((a), (b), &os_tmp);                                                    \
        os_sub_overflow(os_tmp, (c), (res)) || os_over;                                                      \
    })
#define os_mul3_overflow(a, b, c, res)                                                                       \
    __extension__({                                                                                          \
        __typeof__(*(res)) os_tmp;                                                                           \
        int os_over = os_mul_overflow((a), (b), &os_tmp);                                                    \
        os_mul_overflow(os_tmp, (c), (res)) || os_over;                                                      \
    })
#define os_add_and_mul_overflow(a, b, x, res)                                                                \
    __extension__({                                                                                          \
        __typeof__(*(res)) os_tmp;                                                                           \
        int os_over = os_add_overflow((a), (b), &os_tmp);                                                    \
        os_mul_overflow((x), os_tmp, (res)) || os_over;                                                      \
    })
#define os_mul_and_add_overflow(a, x, b, res)                                                                \
    __extension__({                                                                                          \
        __typeof__(*(res)) os_tmp;                                                                           \
        int os_over = os_mul_overflow((a), (x), &os_tmp);                                                    \
        os_add_overflow((b), os_tmp, (res)) || os_over;                                                      \
    })
#define os_inc_overflow(res)        __builtin_add_overflow(*(res), 1, (res))
#define os_dec_overflow(res)        __builtin_sub_overflow(*(res), 1, (res))
#define os_convert_overflow(a, res) os_add_overflow((a), 0, (res))

#endif /* KPI_OS_OVERFLOW_H */
