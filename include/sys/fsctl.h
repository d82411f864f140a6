// SPDX-License-Identifier: BSD-2-Clause
/*
 * File-system control commands that VFS itself sends through VNOP_IOCTL.
 */
#ifndef KPI_SYS_FSCTL_H
#define KPI_SYS_FSCTL_H

#include <sys/ioccom.h>
#include <sys/types.h>
#include <sys/mount.h>

/* lseek(SEEK_HOLE) and lseek(SEEK_DATA): off_t in, the position found out; ENXIO past the end of the file. */
#define FSIOC_FIOSEEKHOLE _IOWR('A', 16, off_t)
#define FSIOC_FIOSEEKDATA _IOWR('A', 17, off_t)

#endif
