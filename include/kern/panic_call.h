// SPDX-License-Identifier: BSD-2-Clause
/*
 * panic.
 */
#ifndef KPI_KERN_PANIC_CALL_H
#define KPI_KERN_PANIC_CALL_H

#include <sys/cdefs.h>

__BEGIN_DECLS
/** panic - stop the kernel process with a report: the reason, the stack through kext frames, the kexts in
 *      it.
 *  @string in  printf format of the reason.
 *  Refs:   none.
 *  Locks:  any may be held.
 *  Blocks: does not return.
 *  Errno:  none.
 *  KPI:    libkern, stable */
extern void panic(const char *string, ...) __abortlike __printflike(1, 2);
__END_DECLS

#ifdef KERNEL_PRIVATE
/* The reason as it stands in the source, quotes and all, and where that is. So a format may be followed by
 * whatever can be spelled, and must not be a variable: panic_plain takes one. */
#define panic(ex, ...)                                                                                       \
    __extension__({                                                                                          \
        __asm__("" ::: "memory");                                                                            \
        (panic)(#ex " @%s:%d", ##__VA_ARGS__, __FILE__, __LINE__);                                           \
    })
#define panic_plain(ex, ...) (panic)(ex, ##__VA_ARGS__)
#endif

#endif /* KPI_KERN_PANIC_CALL_H */
