// SPDX-License-Identifier: BSD-2-Clause
/*
 * select() as a file system or a driver sees it: who waits, and how to wake him.
 */
#ifndef KPI_SYS_SELECT_H
#define KPI_SYS_SELECT_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_types/_fd_def.h>
#include <sys/kernel_types.h>
#include <sys/appleapiopts.h>
#include <sys/_types/_timespec.h>
#include <sys/_types/_timeval.h>
#include <sys/event.h>

struct selinfo;

__BEGIN_DECLS
/** selrecord - note that a caller of select waits for the event of @sip.
 *  @selector in  the process that waits.
 *  @sip      in  the driver's own; its address alone counts, its contents are not touched.
 *  @wql      in  what the driver's or file system's select was given. NULL: nobody waits.
 *  Refs:   none: the record goes with selwakeup, selthreadclear or the end of the call.
 *  Locks:  hold the lock that guards the condition, or a wake-up may come too early.
 *  Blocks: no.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void selrecord(proc_t selector, struct selinfo *sip, void *wql);
/** selwakeup - wake everyone noted in @sip and forget them: they ask again. Any lock may be held. */
void selwakeup(struct selinfo *sip);
/** selthreadclear - forget everyone noted in @sip, before its memory goes. Nobody is woken. */
void selthreadclear(struct selinfo *sip);
__END_DECLS

#endif /* KPI_SYS_SELECT_H */
