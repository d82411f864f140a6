// SPDX-License-Identifier: BSD-2-Clause
/*
 * Trace points: an event is a class, a subclass, a code and whether it begins or ends something, with up to
 * five arguments. They cost a load and a branch while tracing is off. Of the many names of classes and codes,
 * those that a file system uses are here.
 */
#ifndef KPI_SYS_KDEBUG_H
#define KPI_SYS_KDEBUG_H

#include <stdint.h>
#include <sys/appleapiopts.h>
#include <sys/cdefs.h>

/* Parts of an event's number. */
#define KDBG_CLASS_MASK      0xff000000
#define KDBG_CLASS_MAX       0xff
#define KDBG_CLASS_OFFSET    24
#define KDBG_CODE_MASK       0xfffc
#define KDBG_CODE_MAX        0x3fff
#define KDBG_CODE_OFFSET     2
#define KDBG_CSC_MASK        0xffff0000
#define KDBG_CSC_MAX         0xffff
#define KDBG_CSC_OFFSET      16
#define KDBG_EVENTID_MASK    0xfffffffc
#define KDBG_FUNC_MASK       0x3
#define KDBG_SUBCLASS_MASK   0xff0000
#define KDBG_SUBCLASS_MAX    0xff
#define KDBG_SUBCLASS_OFFSET 16
#define KDBG_EVENTID(class_, subclass, code)                                                                 \
    (((unsigned)((class_)&KDBG_CLASS_MAX) << KDBG_CLASS_OFFSET) |                                            \
     ((unsigned)((subclass)&KDBG_SUBCLASS_MAX) << KDBG_SUBCLASS_OFFSET) |                                    \
     ((unsigned)((code)&KDBG_CODE_MAX) << KDBG_CODE_OFFSET))
#define KDBG_CODE(class_, subclass, code)   KDBG_EVENTID(class_, subclass, code)
#define KDBG_CLASS_ENCODE(class_, subclass) KDBG_EVENTID(class_, subclass, 0)
#define KDBG_CLASS_DECODE(event)            ((event)&KDBG_CSC_MASK)
#define KDBG_EXTRACT_CLASS(event)           ((uint8_t)(((event)&KDBG_CLASS_MASK) >> KDBG_CLASS_OFFSET))
#define KDBG_EXTRACT_SUBCLASS(event)        ((uint8_t)(((event)&KDBG_SUBCLASS_MASK) >> KDBG_SUBCLASS_OFFSET))
#define KDBG_EXTRACT_CSC(event)             ((uint16_t)(((event)&KDBG_CSC_MASK) >> KDBG_CSC_OFFSET))
#define KDBG_EXTRACT_CODE(event)            ((uint16_t)(((event)&KDBG_CODE_MASK) >> KDBG_CODE_OFFSET))
#define FSDBG_CODE(subclass, code)          KDBG_EVENTID(DBG_FSYSTEM, subclass, code)

/* Lowest bits: a moment, the beginning or the end. */
#define DBG_FUNC_NONE  0u
#define DBG_FUNC_START 1u
#define DBG_FUNC_END   2u

/* Classes. */
#define DBG_MACH        1
#define DBG_NETWORK     2
#define DBG_FSYSTEM     3
#define DBG_BSD         4
#define DBG_IOKIT       5
#define DBG_DRIVERS     6
#define DBG_TRACE       7
#define DBG_DLIL        8
#define DBG_PTHREAD     9
#define DBG_CORESTORAGE 10
#define DBG_CG          11
#define DBG_MONOTONIC   12
#define DBG_MISC        20
#define DBG_SECURITY    30
#define DBG_DYLD        31
#define DBG_QT          32
#define DBG_APPS        33
#define DBG_LAUNCHD     34
#define DBG_SILICON     35
#define DBG_PERF        37
#define DBG_IMPORTANCE  38
#define DBG_BANK        40
#define DBG_XPC         41
#define DBG_ATM         42
#define DBG_ARIADNE     43
#define DBG_DAEMON      44
#define DBG_ENERGYTRACE 45
#define DBG_DISPATCH    46
#define DBG_IMG         49
#define DBG_UMALLOC     51
#define DBG_TURNSTILE   53
#define DBG_AUDIO       54
#define DBG_MIG         255

/* Subclasses of DBG_FSYSTEM. */
#define DBG_FSRW         1
#define DBG_DKRW         2
#define DBG_FSVN         3
#define DBG_FSLOOOKUP    4
#define DBG_JOURNAL      5
#define DBG_IOCTL        6
#define DBG_BOOTCACHE    7
#define DBG_HFS          8
#define DBG_APFS         9
#define DBG_SMB          10
#define DBG_MOUNT        11
#define DBG_EXFAT        14
#define DBG_MSDOS        15
#define DBG_ACFS         16
#define DBG_THROTTLE     17
#define DBG_DECMP        18
#define DBG_VFS          19
#define DBG_LIVEFS       20
#define DBG_NFS          21
#define DBG_CONTENT_PROT 207

__BEGIN_DECLS
/** kdebug_enable - non-zero while somebody wants events. */
extern unsigned int kdebug_enable;

/** kernel_debug - record an event; the running thread stands for arg5 where the caller has nothing better.
 *  @debugid in  KDBG_EVENTID(class, subclass, code), or-ed with DBG_FUNC_START or DBG_FUNC_END.
 *  @arg1... in  whatever belongs to the event.
 *  Refs:   none.
 *  Locks:  any may be held.
 *  Blocks: no.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void kernel_debug(uint32_t debugid, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3, uintptr_t arg4,
                  uintptr_t arg5);
/** kernel_debug1 - the same, with the thread given in @arg5. */
void kernel_debug1(uint32_t debugid, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3, uintptr_t arg4,
                   uintptr_t arg5);
/** kernel_debug_filtered - kernel_debug of four arguments, for events that a filter may leave out. */
void kernel_debug_filtered(uint32_t debugid, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3, uintptr_t arg4);
__END_DECLS

#define _KDEBUG_CALL(function, x, ...)                                                                       \
    do {                                                                                                     \
        if (__builtin_expect(kdebug_enable != 0, 0))                                                         \
            function((uint32_t)(x), __VA_ARGS__);                                                            \
    } while (0)
#define KERNEL_DEBUG_CONSTANT(x, a, b, c, d, e)                                                              \
    _KDEBUG_CALL(kernel_debug, x, (uintptr_t)(a), (uintptr_t)(b), (uintptr_t)(c), (uintptr_t)(d),            \
                 (uintptr_t)(e))
#define KERNEL_DEBUG_CONSTANT1(x, a, b, c, d, e)                                                             \
    _KDEBUG_CALL(kernel_debug1, x, (uintptr_t)(a), (uintptr_t)(b), (uintptr_t)(c), (uintptr_t)(d),           \
                 (uintptr_t)(e))
#define KERNEL_DEBUG_CONSTANT_FILTERED(x, a, b, c, d, ...)                                                   \
    _KDEBUG_CALL(kernel_debug_filtered, x, (uintptr_t)(a), (uintptr_t)(b), (uintptr_t)(c), (uintptr_t)(d))
#define KERNEL_DEBUG_CONSTANT_RELEASE(x, a, b, c, d, e) KERNEL_DEBUG_CONSTANT_FILTERED(x, a, b, c, d, e)

/* Only kernels built for it have these. */
#define KERNEL_DEBUG(...)                                                                                    \
    do {                                                                                                     \
    } while (0)
#define KERNEL_DEBUG1(...)                                                                                   \
    do {                                                                                                     \
    } while (0)

/* KDBG(event, up to four arguments). */
#define _KDBG_FIVE(x, a, b, c, d, ...)          KERNEL_DEBUG_CONSTANT(x, a, b, c, d, 0)
#define _KDBG_FIVE_FILTERED(x, a, b, c, d, ...) KERNEL_DEBUG_CONSTANT_FILTERED(x, a, b, c, d, 0)
#define KDBG(...)                               _KDBG_FIVE(__VA_ARGS__, 0, 0, 0, 0, 0)
#define KDBG_FILTERED(...)                      _KDBG_FIVE_FILTERED(__VA_ARGS__, 0, 0, 0, 0, 0)
#define KDBG_RELEASE(...)                       KDBG_FILTERED(__VA_ARGS__)
#define KDBG_DEBUG(...)                                                                                      \
    do {                                                                                                     \
    } while (0)

#endif /* KPI_SYS_KDEBUG_H */
