// SPDX-License-Identifier: BSD-2-Clause
/*
 * disk_iface.h: disks of the host as devices of the kernel half: /dev/diskN in blocks, /dev/rdiskN raw.
 */
#ifndef KEXTBED_BUF_DISK_IFACE_H
#define KEXTBED_BUF_DISK_IFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DISKS_MAX     1024u /* attached at once */
#define DISK_NODE_MAX 24u   /* "/dev/rdisk1234", with the NUL */

/** disk_boot - register the driver. After the device switches are up. Errno: 0; EBUSY its numbers are taken.
 */
int disk_boot(void);
/** disk_shutdown - every disk is detached. */
void disk_shutdown(void);
/** disk_count - disks attached now. */
unsigned disk_count(void);

struct host_disk;
struct disk_new {
    const char *path;       /* of the host; for a name alone where @disk is given */
    struct host_disk *disk; /* NULL: open @path; else this one, which the driver closes in the end */
    bool read_only;
    uid_t uid; /* whose the nodes are */
    gid_t gid;
    char *why; /* may be NULL: one sentence about what is in the way */
    size_t why_size;
};
/** disk_attach - give a disk of the host its nodes.
 *  @unit   out  N of its names.
 *  Blocks: yes.
 *  Errno:  0; ENOENT, EACCES, EBUSY somebody else has it, EINVAL it is no disk, ENOMEM, EIO: @args->disk is
 *          still the caller's; ENOSPC there are too many. */
int disk_attach(const struct disk_new *args, uint32_t *unit);
/** disk_detach - take the nodes away and close the disk. Waits for transfers under way. Blocks.
 *  Errno:  0; ENOENT; EBUSY it is open. */
int disk_detach(uint32_t unit);

#endif
