// SPDX-License-Identifier: BSD-2-Clause
/*
 * O_SYNC.
 */
#ifndef KPI_SYS__TYPES__O_SYNC_H
#define KPI_SYS__TYPES__O_SYNC_H

#define O_SYNC 0x80

#endif /* KPI_SYS__TYPES__O_SYNC_H */
