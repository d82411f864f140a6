// SPDX-License-Identifier: BSD-2-Clause
/*
 * System parameters: limits, sleep priorities and flags of msleep, block arithmetic, small macros.
 */
#ifndef KPI_SYS_PARAM_H
#define KPI_SYS_PARAM_H

#include <sys/cdefs.h>
#include <sys/_types.h>
#include <sys/types.h>
#include <sys/syslimits.h>
#include <machine/limits.h>
#include <machine/param.h>
#include <sys/signal.h>
#include <sys/errno.h>
#include <sys/time.h>
#include <sys/ucred.h>
#include <sys/uio.h>
#include <sys/kernel_types.h>
#include <sys/resource.h>

#define BSD        199506
#define BSD4_3     1
#define BSD4_4     1
#define NeXTBSD    1995064
#define NeXTBSD4_0 0

/* Sizes and limits. MAXPATHLEN counts the terminating NUL. */
#define MAXCOMLEN      16
#define MAXINTERP      64
#define MAXLOGNAME     255
#define MAXUPRC        CHILD_MAX
#define NCARGS         ARG_MAX
#define NGROUPS        NGROUPS_MAX
#define NOFILE         256
#define NOGROUP        65535
#define MAXHOSTNAMELEN 256
#define MAXDOMNAMELEN  256
#define MAXPATHLEN     PATH_MAX
#define MAXSYMLINKS    32
#define NODEV          ((dev_t)(-1))
#define NBPW           4
#define CMASK          18
#define CBLOCK         64
#define CBQSIZE        8
#define CBSIZE         (CBLOCK - (int)sizeof(struct cblock *) - CBQSIZE)
#define CROUND         (CBLOCK - 1)

/* Sleep priorities (below PZERO a sleep was once uninterruptible; only PCATCH decides that now). */
#define PSWP    0
#define PVM     4
#define PINOD   8
#define PRIBIO  16
#define PVFS    20
#define PZERO   22
#define PSOCK   24
#define PWAIT   32
#define PLOCK   36
#define PPAUSE  40
#define PUSER   50
#define MAXPRI  127
#define PRIMASK 0xff

/* Flags or-ed into msleep's priority: wake for a signal; tty; do not retake the lock; it was taken as a spin
 * lock. */
#define PCATCH    0x100
#define PTTYBLOCK 0x200
#define PDROP     0x400
#define PSPIN     0x800

/* I/O sizes, in bytes. */
#define MAXPHYSIO       MAXPHYS
#define MAXPHYSIO_WIRED 16777216
#define MAXBSIZE        1048576
#define MAXFRAG         8

/* Clicks: units of memory, one page each. */
#define CLBYTES   (CLSIZE * NBPG)
#define CLOFSET   (CLSIZE * NBPG - 1)
#define CLOFF     CLOFSET
#define CLSHIFT   (PGSHIFT + CLSIZELOG2)
#define clbase(i) (i)
#define clrnd(i)  (i)
#define ctod(x)   ((x) << (PGSHIFT - DEV_BSHIFT))

/* Fixed-point load averages. */
#define FSHIFT 11
#define FSCALE (1 << FSHIFT)

/* A bit map in an array of char. */
#define setbit(a, i) (((char *)(a))[(i) / NBBY] |= 1 << ((i) % NBBY))
#define clrbit(a, i) (((char *)(a))[(i) / NBBY] &= ~(1 << ((i) % NBBY)))
#define isset(a, i)  (((char *)(a))[(i) / NBBY] & (1 << ((i) % NBBY)))
#define isclr(a, i)  ((((char *)(a))[(i) / NBBY] & (1 << ((i) % NBBY))) == 0)

#define roundup(x, y) ((((x) % (y)) == 0) ? (x) : (((x) + ((y)-1)) / (y)) * (y))
#ifndef powerof2
#define powerof2(x) ((((x)-1) & (x)) == 0)
#endif
#ifndef MIN
#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef MAX
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#endif
struct cblock;

#endif /* KPI_SYS_PARAM_H */
