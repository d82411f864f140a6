// SPDX-License-Identifier: BSD-2-Clause
/*
 * Flags of a rename, as system calls know them.
 */
#ifndef KPI_SYS_STDIO_H
#define KPI_SYS_STDIO_H

#include <sys/cdefs.h>

#define RENAME_SECLUDE      0x00000001
#define RENAME_SWAP         0x00000002
#define RENAME_EXCL         0x00000004
#define RENAME_RESERVED1    0x00000008
#define RENAME_NOFOLLOW_ANY 0x00000010

#endif /* KPI_SYS_STDIO_H */
