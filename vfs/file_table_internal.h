// SPDX-License-Identifier: BSD-2-Clause
/*
 * file_table_internal.h: the descriptors that the host program has announced.
 */
#ifndef KEXTBED_VFS_FILE_TABLE_INTERNAL_H
#define KEXTBED_VFS_FILE_TABLE_INTERNAL_H

#include <sys/vnode.h>

void file_table_boot(void);
void file_table_shutdown(void);
/** file_table_give - descriptor @fd of process @pid is @vp, open with @flags (FREAD, FWRITE...).
 *  Refs:   takes a usecount of its own; the caller has an iocount. Errno: 0; EBADF; EEXIST; ENOMEM; ENOENT.
 */
int file_table_give(int pid, int fd, vnode_t vp, int flags);
/** file_table_take - the descriptor is closed. Blocks until no kext holds it. Errno: 0; EBADF. */
int file_table_take(int pid, int fd);

#endif
