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
#include <sys/uio.h>

__BEGIN_DECLS
/** file_vnode - the vnode behind a descriptor of the calling process. Private.
 *  @fd  in   descriptor number. Known are those that the host program has announced.
 *  @vpp out  the vnode.
 *  Refs:   holds the descriptor until file_drop; no iocount on *@vpp: take one with vnode_getwithref.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  0; EBADF no such descriptor, or not announced.
 *  KPI:    private, compatibility */
int file_vnode(int fd, struct vnode **vpp);
/** file_vnode_withvid - as file_vnode, with the identity of the vnode. KPI: bsd, stable */
int file_vnode_withvid(int fd, vnode_t *vpp, uint32_t *vidp);
/** file_vnode_ext - as file_vnode_withvid for a descriptor that must be open for what @fflag (FREAD, FWRITE)
 *  says, else EBADF. Either pointer may be NULL. Private. */
int file_vnode_ext(int fd, vnode_t *vpp, uint32_t *vidp, int fflag);
/** file_flags - FREAD, FWRITE and others of an open descriptor. 0; EBADF. */
int file_flags(int fd, int *flags);
/** file_drop - end the hold that file_vnode took on a descriptor. 0; EBADF not held. */
int file_drop(int fd);
__END_DECLS

#endif /* KPI_SYS_FILE_H */
