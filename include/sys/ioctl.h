// SPDX-License-Identifier: BSD-2-Clause
/*
 * ioctl commands: the encoding, the generic ones, and the terminal's window size.
 */
#ifndef KPI_SYS_IOCTL_H
#define KPI_SYS_IOCTL_H

#include <sys/cdefs.h>
#include <sys/ioccom.h>
#include <sys/filio.h>

struct ttysize {
    unsigned short ts_lines;
    unsigned short ts_cols;
    unsigned short ts_xxx;
    unsigned short ts_yyy;
};
#define TIOCGSIZE _IOR('t', 104, struct ttysize)
#define TIOCSSIZE _IOW('t', 103, struct ttysize)

#endif /* KPI_SYS_IOCTL_H */
