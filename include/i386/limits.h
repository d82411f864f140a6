// SPDX-License-Identifier: BSD-2-Clause
/*
 * Ranges of C's arithmetic types on x86_64. The compiler's <limits.h> may come before or after.
 */
#ifndef KPI_I386_LIMITS_H
#define KPI_I386_LIMITS_H

#include <sys/cdefs.h>

#undef CHAR_BIT
#undef CHAR_MAX
#undef CHAR_MIN
#undef SCHAR_MAX
#undef SCHAR_MIN
#undef UCHAR_MAX
#undef SHRT_MAX
#undef SHRT_MIN
#undef USHRT_MAX
#undef INT_MAX
#undef INT_MIN
#undef UINT_MAX
#undef LONG_MAX
#undef LONG_MIN
#undef ULONG_MAX
#undef LLONG_MAX
#undef LLONG_MIN
#undef ULLONG_MAX
#undef MB_LEN_MAX
#define CHAR_BIT   8
#define MB_LEN_MAX 6
#define CLK_TCK    100
#define CHAR_MAX   127
#define CHAR_MIN   (-128)
#define SCHAR_MAX  127
#define SCHAR_MIN  (-128)
#define UCHAR_MAX  255
#define SHRT_MAX   32767
#define SHRT_MIN   (-32768)
#define USHRT_MAX  65535
#define INT_MAX    2147483647
#define INT_MIN    (-INT_MAX - 1)
#define UINT_MAX   0xffffffffu
#define LONG_MAX   0x7fffffffffffffffl
#define LONG_MIN   (-LONG_MAX - 1l)
#define ULONG_MAX  0xfffffffffffffffful
#define LLONG_MAX  0x7fffffffffffffffll
#define LLONG_MIN  (-LLONG_MAX - 1ll)
#define ULLONG_MAX 0xffffffffffffffffull
#define QUAD_MAX   LLONG_MAX
#define QUAD_MIN   LLONG_MIN
#define UQUAD_MAX  ULLONG_MAX
#define SIZE_T_MAX ULONG_MAX
#define SSIZE_MAX  LONG_MAX
#define LONG_BIT   64
#define WORD_BIT   32

#endif /* KPI_I386_LIMITS_H */
