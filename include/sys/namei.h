// SPDX-License-Identifier: BSD-2-Clause
/*
 * Flags of a path look-up that older file systems name.
 */
#ifndef KPI_SYS_NAMEI_H
#define KPI_SYS_NAMEI_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>

#define LOCKLEAF   0x4
#define LOCKPARENT 0x8
#define WANTPARENT 0x10

#endif /* KPI_SYS_NAMEI_H */
