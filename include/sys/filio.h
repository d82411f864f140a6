// SPDX-License-Identifier: BSD-2-Clause
/*
 * Commands that any descriptor takes.
 */
#ifndef KPI_SYS_FILIO_H
#define KPI_SYS_FILIO_H

#include <sys/ioccom.h>

#define FIOCLEX   _IO('f', 1)
#define FIONCLEX  _IO('f', 2)
#define FIONREAD  _IOR('f', 127, int)
#define FIONBIO   _IOW('f', 126, int)
#define FIOASYNC  _IOW('f', 125, int)
#define FIOSETOWN _IOW('f', 124, int)
#define FIOGETOWN _IOR('f', 123, int)
#define FIODTYPE  _IOR('f', 122, int) /* D_TAPE, D_DISK, D_TTY */

#endif /* KPI_SYS_FILIO_H */
