// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a file that works with contexts includes. A context is opaque; <sys/vnode.h> has its functions.
 */
#ifndef KPI_SYS_VFS_CONTEXT_H
#define KPI_SYS_VFS_CONTEXT_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/kernel_types.h>
#include <kern/thread.h>
#include <stdint.h>

#endif /* KPI_SYS_VFS_CONTEXT_H */
