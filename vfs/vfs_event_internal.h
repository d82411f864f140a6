// SPDX-License-Identifier: BSD-2-Clause
/* vfs_event_internal.h: start and end of event delivery (vfs_event.c). */
#ifndef KEXTBED_VFS_VFS_EVENT_INTERNAL_H
#define KEXTBED_VFS_VFS_EVENT_INTERNAL_H

#include <sys/vnode.h>

void vfs_event_boot(void);
void vfs_event_shutdown(void);
/** vfs_event_revoked - @vp is about to be taken away from who has it open. Caller holds an iocount, no lock.
 */
void vfs_event_revoked(vnode_t vp);

#endif
