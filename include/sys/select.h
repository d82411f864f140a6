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

struct selinfo;

__BEGIN_DECLS
/** selrecord - note that the caller's thread waits for the event of @sip. */
void selrecord(proc_t selector, struct selinfo *sip, void *wql);
/** selwakeup - wake everyone noted in @sip. */
void selwakeup(struct selinfo *sip);
/** selthreadclear - forget everyone noted in @sip, before its memory goes. */
void selthreadclear(struct selinfo *sip);
__END_DECLS

#endif /* KPI_SYS_SELECT_H */
