// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attributes under the names of the os_ libraries.
 */
#ifndef KPI_OS_BASE_H
#define KPI_OS_BASE_H

#include <sys/cdefs.h>

#define OS_NORETURN                   __attribute__((__noreturn__))
#define OS_NOTHROW                    __attribute__((__nothrow__))
#define OS_NONNULL1                   __attribute__((__nonnull__(1)))
#define OS_NONNULL2                   __attribute__((__nonnull__(2)))
#define OS_NONNULL_ALL                __attribute__((__nonnull__))
#define OS_WARN_RESULT                __attribute__((__warn_unused_result__))
#define OS_WARN_RESULT_NEEDS_RELEASE  OS_WARN_RESULT
#define OS_MALLOC                     __attribute__((__malloc__))
#define OS_USED                       __attribute__((__used__))
#define OS_UNUSED                     __attribute__((__unused__))
#define OS_COLD                       __attribute__((__cold__))
#define OS_WEAK                       __attribute__((__weak__))
#define OS_PURE                       __attribute__((__pure__))
#define OS_CONST                      __attribute__((__const__))
#define OS_FORMAT_PRINTF(form, first) __attribute__((__format__(__printf__, form, first)))
#define OS_ALWAYS_INLINE              __attribute__((__always_inline__))
#define OS_NOINLINE                   __attribute__((__noinline__))
#define OS_EXPORT                     extern
#ifndef OS_INLINE
#define OS_INLINE static inline
#endif
#define OS_EXPECT(e, v)   __builtin_expect((e), (v))
#define os_likely(e)      __builtin_expect(!!(e), 1)
#define os_unlikely(e)    __builtin_expect(!!(e), 0)
#define OS_STRINGIFY(s)   __OS_STRINGIFY(s)
#define __OS_STRINGIFY(s) #s
#define OS_CONCAT(x, y)   x##y

/* Enumerations of a given integer type. */
#define OS_ENUM(name, type, ...)                                                                             \
    typedef type name##_t;                                                                                   \
    enum { __VA_ARGS__ }
#define OS_CLOSED_ENUM(name, type, ...)    OS_ENUM(name, type, __VA_ARGS__)
#define OS_OPTIONS(name, type, ...)        OS_ENUM(name, type, __VA_ARGS__)
#define OS_CLOSED_OPTIONS(name, type, ...) OS_ENUM(name, type, __VA_ARGS__)
#define OS_ALIGNED(n)                      __attribute__((__aligned__(n)))
#define os_compiler_barrier(...)           __asm__ __volatile__("" ::: "memory")

#endif /* KPI_OS_BASE_H */
