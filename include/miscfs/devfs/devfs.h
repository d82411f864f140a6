// SPDX-License-Identifier: BSD-2-Clause
/*
 * /dev: making and removing device nodes.
 */
#ifndef KPI_MISCFS_DEVFS_DEVFS_H
#define KPI_MISCFS_DEVFS_DEVFS_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>

#define DEVFS_CHAR        0
#define DEVFS_BLOCK       1
#define DEVFS_CLONE_ALLOC 1
#define DEVFS_CLONE_FREE  0

/* Owners of device nodes. */
#define UID_ROOT         0
#define UID_BIN          3
#define UID_UUCP         66
#define UID_LOGD         272
#define GID_WHEEL        0
#define GID_KMEM         2
#define GID_TTY          4
#define GID_OPERATOR     5
#define GID_BIN          7
#define GID_GAMES        13
#define GID_DIALER       68
#define GID_WINDOWSERVER 88
#define GID_LOGD         272

__BEGIN_DECLS
/** devfs_make_node - put a node into /dev.
 *  @dev    in  device number.
 *  @chrblk in  DEVFS_CHAR or DEVFS_BLOCK.
 *  @uid    in  owner.
 *  @gid    in  group.
 *  @perms  in  permission bits.
 *  @fmt    in  printf format of the path below /dev.
 *  Refs:   the result is for devfs_remove.
 *  Locks:  none.
 *  Blocks: yes.
 *  Errno:  NULL: taken, or no memory.
 *  KPI:    bsd, stable */
void *devfs_make_node(dev_t dev, int chrblk, uid_t uid, gid_t gid, int perms, const char *fmt, ...)
    __printflike(6, 7);
/** devfs_remove - take a node of devfs_make_node away. */
void devfs_remove(void *handle);
__END_DECLS

#endif /* KPI_MISCFS_DEVFS_DEVFS_H */
