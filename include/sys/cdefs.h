// SPDX-License-Identifier: BSD-2-Clause
/*
 * Compiler vocabulary of the KPI: declaration brackets, attributes under their BSD names, and the
 * feature switches a kernel build has. Included by every other header; depends on none.
 */
#ifndef KPI_SYS_CDEFS_H
#define KPI_SYS_CDEFS_H

#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS   }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif

/* Everything here is for the kernel side; a plain -DKERNEL is all a kext's build has to say. */
#ifndef KERNEL
#define KERNEL 1
#endif
#ifndef __DARWIN_64_BIT_INO_T
#define __DARWIN_64_BIT_INO_T 0
#endif
#ifndef __DARWIN_UNIX03
#define __DARWIN_UNIX03 1
#endif
#define __DARWIN_ONLY_64_BIT_INO_T     0
#define __DARWIN_ONLY_UNIX_CONFORMANCE 1
#define __DARWIN_ONLY_VERS_1050        0
#define __DARWIN_VERS_1050             1
#define __DARWIN_NON_CANCELABLE        0
#define __DARWIN_BYTE_ORDER            1234
#ifndef __LITTLE_ENDIAN__ /* Darwin's compilers predefine it */
#define __LITTLE_ENDIAN__ 1
#endif

#define __P(params)                    params
#define __CONCAT(a, b)                 a##b
#define __STRING(text)                 #text
#define __CAST_AWAY_QUALIFIER(v, q, t) ((t)(unsigned long)(v))

#ifndef __has_attribute
#define __has_attribute(a) 0
#endif
#ifndef __has_feature
#define __has_feature(f) 0
#endif
#ifndef __has_builtin
#define __has_builtin(b) 0
#endif
#ifndef __has_extension
#define __has_extension(e) 0
#endif
#ifndef __has_include
#define __has_include(i) 0
#endif

/* Attributes. */
#define __dead2               __attribute__((__noreturn__))
#define __pure2               __attribute__((__const__))
#define __pure                __attribute__((__pure__))
#define __unused              __attribute__((__unused__))
#define __used                __attribute__((__used__))
#define __cold                __attribute__((__cold__))
#define __packed              __attribute__((__packed__))
#define __aligned(n)          __attribute__((__aligned__(n)))
#define __weak                __attribute__((__weak__))
#define __exported            __attribute__((__visibility__("default")))
#define __deprecated          __attribute__((__deprecated__))
#define __deprecated_msg(why) __attribute__((__deprecated__(why)))
#define __kpi_deprecated(why)
#define __result_use_check __attribute__((__warn_unused_result__))
#define __unavailable      __attribute__((__unavailable__))
#define __abortlike        __dead2 __cold
#define __returns_nonnull  __attribute__((__returns_nonnull__))
#define __not_tail_called
#define __disable_tail_calls
#define __printflike(form, first) __attribute__((__format__(__printf__, form, first)))
#define __printf0like(form, first)
#define __scanflike(form, first) __attribute__((__format__(__scanf__, form, first)))
#define __strftimelike(form)
#define __swift_unavailable(why)
#define __osloglike(form, first) __printflike(form, first)
#define __section(name)          __attribute__((__section__(name)))

#define __header_inline        static inline
#define __header_always_inline static inline __attribute__((__always_inline__))
#ifndef __improbable
#define __improbable(e) __builtin_expect(!!(e), 0)
#define __probable(e)   __builtin_expect(!!(e), 1)
#endif
#define __offsetof(type, field)          __builtin_offsetof(type, field)
#define __container_of(ptr, type, field) ((type *)(void *)((char *)(ptr) - __builtin_offsetof(type, field)))

/* Words that Darwin's compilers know and these do not. */
#ifdef __clang__
#define __nonnull          _Nonnull
#define __nullable         _Nullable
#define __null_unspecified _Null_unspecified
#else
#define __nonnull
#define __nullable
#define __null_unspecified
#define _Nonnull
#define _Nullable
#define _Null_unspecified
#define __private_extern__ extern __attribute__((__visibility__("hidden")))
#endif

/* Identification strings: kept out of the object. */
#define __IDSTRING(name, text)
#define __COPYRIGHT(text)
#define __RCSID(text)
#define __SCCSID(text)
#define __FBSDID(text)
#define __PROJECT_VERSION(text)

/* Symbol aliases choose between C library variants and mean nothing in a kernel. */
#define __DARWIN_ALIAS(sym)
#define __DARWIN_ALIAS_C(sym)
#define __DARWIN_ALIAS_I(sym)
#define __DARWIN_INODE64(sym)
#define __DARWIN_1050(sym)
#define __DARWIN_EXTSN(sym)

/* Bounds annotations: documentation for readers, nothing for these compilers. */
#define __counted_by(n)
#define __counted_by_or_null(n)
#define __sized_by(n)
#define __sized_by_or_null(n)
#define __ended_by(p)
#define __terminated_by(v)
#define __null_terminated
#define __single
#define __indexable
#define __bidi_indexable
#define __unsafe_indexable
#define __ptrcheck_abi_assume_single()
#define __ptrcheck_abi_assume_unsafe_indexable()
#define __unsafe_forge_single(type, p)                  ((type)(p))
#define __unsafe_forge_bidi_indexable(type, p, size)    ((type)(p))
#define __unsafe_forge_null_terminated(type, p)         ((type)(p))
#define __unsafe_null_terminated_from_indexable(p, ...) (p)
#define __null_terminated_to_indexable(p)               (p)
#define __ASSUME_PTR_ABI_SINGLE_BEGIN
#define __ASSUME_PTR_ABI_SINGLE_END

/* Enumerations with a fixed underlying type: C11 has none, so the name is the integer type itself. */
#define __enum_open
#define __enum_closed
#define __enum_options
#define __enum_decl(name, type, ...)                                                                         \
    typedef type name;                                                                                       \
    enum __VA_ARGS__
#define __enum_closed_decl(name, type, ...)                                                                  \
    typedef type name;                                                                                       \
    enum __VA_ARGS__
#define __options_decl(name, type, ...)                                                                      \
    typedef type name;                                                                                       \
    enum __VA_ARGS__
#define __options_closed_decl(name, type, ...)                                                               \
    typedef type name;                                                                                       \
    enum __VA_ARGS__
#define __kernel_ptr_semantics
#define __kernel_data_semantics
#define __kernel_dual_semantics
#define __xnu_data_size
#define __xnu_returns_data_pointer

/* Sources print what compiled them, and know one compiler. */
#ifndef __clang_version__
#define __clang_version__ __VERSION__
#endif

#endif /* KPI_SYS_CDEFS_H */
