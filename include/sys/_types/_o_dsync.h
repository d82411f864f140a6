// SPDX-License-Identifier: BSD-2-Clause
/*
 * O_DSYNC.
 */
#ifndef KPI_SYS__TYPES__O_DSYNC_H
#define KPI_SYS__TYPES__O_DSYNC_H

#define O_DSYNC 0x400000

#endif /* KPI_SYS__TYPES__O_DSYNC_H */
