// SPDX-License-Identifier: BSD-2-Clause
/*
 * plain_mount.h: a test's own file system as the only one there is: the kernel half booted, the type
 * registered and mounted as the root. Nothing of it is left when it ends. One at a time.
 */
#ifndef KEXTBED_TESTS_PLAIN_MOUNT_H
#define KEXTBED_TESTS_PLAIN_MOUNT_H

#include <sys/mount.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

struct plain_mount {
    const char *name;
    struct vnodeopv_desc **descs;
    int ndescs;
    uint64_t flags;                  /* VFS_TBL* beyond those of every such type */
    uint64_t cache_bytes;            /* budget; 0: the default */
    int (*root)(struct vnode **vpp); /* gives the root with an iocount; plain_mounted is set */
};
extern mount_t plain_mounted;
/** plain_mount_begin - in a thread that has entered the kernel. Fails the case. */
void plain_mount_begin(const struct plain_mount *what);
/** plain_mount_end - nobody has a vnode any more. Fails the case where either cache has something left. */
void plain_mount_end(void);

#endif
