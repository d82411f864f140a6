// SPDX-License-Identifier: BSD-2-Clause
/*
 * Files by descriptor.
 */
#ifndef KPI_SYS_FILE_H
#define KPI_SYS_FILE_H

#include <sys/appleapiopts.h>
#include <sys/types.h>
#include <sys/fcntl.h>
#include <sys/unistd.h>
#include <sys/queue.h>
#include <sys/cdefs.h>
#include <sys/kernel_types.h>

__BEGIN_DECLS
int file_vnode(int fd, struct vnode **vpp);
/** file_vnode_withvid - as file_vnode, with the identity of the vnode. */
int file_vnode_withvid(int fd, vnode_t *vpp, uint32_t *vidp);
/** file_flags - FREAD, FWRITE and others of an open descriptor. 0; EBADF. */
int file_flags(int fd, int *flags);
/** file_drop - end the hold that file_vnode took on a descriptor. 0; EBADF. */
int file_drop(int fd);
__END_DECLS

#endif /* KPI_SYS_FILE_H */
