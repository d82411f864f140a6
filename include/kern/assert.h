// SPDX-License-Identifier: BSD-2-Clause
/*
 * Assertions, active when a source is compiled with MACH_ASSERT or APPLE_KEXT_ASSERTIONS set to 1.
 */
#ifndef KPI_KERN_ASSERT_H
#define KPI_KERN_ASSERT_H

#include <sys/cdefs.h>
#include <kern/panic_call.h>

#ifndef MACH_ASSERT
#define MACH_ASSERT 0
#endif
#ifndef APPLE_KEXT_ASSERTIONS
#define APPLE_KEXT_ASSERTIONS 0
#endif

__BEGIN_DECLS
/** Assert - report a failed assertion and stop. */
extern void Assert(const char *file, int line, const char *expression) __abortlike;
__END_DECLS

#if MACH_ASSERT || APPLE_KEXT_ASSERTIONS
#define __assert_only
#define assert(e)          (__builtin_expect(!!(e), 1) ? (void)0 : Assert(__FILE__, __LINE__, #e))
#define assertf(e, ...)    (__builtin_expect(!!(e), 1) ? (void)0 : panic(__VA_ARGS__))
#define assert3u(a, op, b) assert((unsigned long long)(a)op(unsigned long long)(b))
#define assert3s(a, op, b) assert((long long)(a)op(long long)(b))
#define assert3p(a, op, b) assert((const void *)(a)op(const void *)(b))
#else
#define __assert_only      __unused
#define assert(e)          ((void)0)
#define assertf(e, ...)    ((void)0)
#define assert3u(a, op, b) ((void)0)
#define assert3s(a, op, b) ((void)0)
#define assert3p(a, op, b) ((void)0)
#endif
#ifndef static_assert
#define static_assert _Static_assert
#endif

#endif /* KPI_KERN_ASSERT_H */
