// SPDX-License-Identifier: BSD-2-Clause
/*
 * System-wide functions: hash tables, stock operations that do nothing or refuse, delayed calls, log.
 */
#ifndef KPI_SYS_SYSTM_H
#define KPI_SYS_SYSTM_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/time.h>
#include <sys/proc.h>
#include <sys/ioctl.h>
#include <sys/malloc.h>
#include <sys/param.h>
#include <sys/errno.h>
#include <libkern/libkern.h>
#include <sys/vm.h>
#include <kern/thread.h>
#include <kern/debug.h>

struct tty;
struct uio;

/** timeout_fcn_t - a function that bsd_timeout calls. */
typedef void (*timeout_fcn_t)(void *);

/* What sources from other BSDs say, and Darwin has no use for. */
#define SYSINIT(name, subsystem, order, function, ident)
#define MALLOC_DEFINE(type, name, description)
#define getenv_int(name, value) (*(value) = 0)
#ifndef KASSERT
#define KASSERT(exp, msg)
#endif

__BEGIN_DECLS
/** hashinit - allocate a table of list heads, a power of two of at least @count of them; *@hashmask is
 *  that number less one. Panics if @count <= 0. Blocks. */
void *hashinit(int count, int type, u_long *hashmask);
/** hashdestroy - free a table of hashinit; every list must be empty. */
void hashdestroy(void *table, int type, u_long hashmask);
/** nullop - does nothing, returns 0. */
int nullop(void);
/** nulldev - does nothing, returns 0. */
int nulldev(void);
/** enoioctl - returns ENOTTY. */
int enoioctl(void);
/** enosys - returns ENOSYS. */
int enosys(void);
/** enxio - returns ENXIO. */
int enxio(void);
/** eopnotsupp - returns ENOTSUP. */
int eopnotsupp(void);
/** bsd_timeout - call @func(@arg) once after the interval @ts, on a thread of the kernel's. */
void bsd_timeout(void (*func)(void *), void *arg, struct timespec *ts);
/** bsd_untimeout - forget a call that bsd_timeout has not made yet. */
void bsd_untimeout(void (*func)(void *), void *arg);
/** fubyte - the byte at a user address, or -1 if it cannot be read. */
int fubyte(user_addr_t addr);
/** subyte - store a byte at a user address: 0, or -1 if it cannot be written. */
int subyte(user_addr_t addr, int byte);
/** fuword - the word at a user address, or -1. */
long fuword(user_addr_t addr);
/** suword - store a word at a user address: 0 or -1. */
int suword(user_addr_t addr, long word);
__END_DECLS

#endif /* KPI_SYS_SYSTM_H */
