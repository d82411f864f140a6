// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whence values of lseek, holes and data included.
 */
#ifndef KPI_SYS__TYPES__SEEK_SET_H
#define KPI_SYS__TYPES__SEEK_SET_H

#include <sys/cdefs.h>

#define SEEK_SET  0
#define SEEK_CUR  1
#define SEEK_END  2
#define SEEK_HOLE 3
#define SEEK_DATA 4

#endif /* KPI_SYS__TYPES__SEEK_SET_H */
