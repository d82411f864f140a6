// SPDX-License-Identifier: BSD-2-Clause
/* vfs_event_internal.h: start and end of event delivery (vfs_event.c). */
#ifndef KEXTBED_VFS_VFS_EVENT_INTERNAL_H
#define KEXTBED_VFS_VFS_EVENT_INTERNAL_H

void vfs_event_boot(void);
void vfs_event_shutdown(void);

#endif
