// SPDX-License-Identifier: BSD-2-Clause
/*
 * disk_internal.h: an attached disk, as the files disk*.c of this folder know it.
 *
 * Lock: disk_lock (rank 440) over the table of disks, their uses and opens. It is not held over a call of the
 * host's, of devfs or over the end of a transfer.
 */
#ifndef KEXTBED_BUF_DISK_INTERNAL_H
#define KEXTBED_BUF_DISK_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/conf.h>
#include <sys/uio.h>
#include <kern/locks.h>

#include "buf/disk_iface.h"
#include "host/disk.h"
#include "host/host.h"
#include "kern/kern_iface.h"

#define DISK_MAJOR  14   /* of both kinds */
#define DISK_BLOCK  0x1u /* d_open: the block device is open */
#define DISK_CHAR   0x2u /* the raw one */
#define DISK_GOING  0x4u /* it is being detached */
#define DISK_MAKING 0x8u /* it is being attached */

/* Field legend: [i] constant while attached, [l] disk_lock, [a] atomic. */
struct disk {
    struct host_disk *d_host;        /* [i] */
    struct host_disk_geometry d_geo; /* [i] but for its size, which is d_size */
    _Atomic uint64_t d_size;         /* [a] bytes, as last seen */
    uint32_t d_unit;                 /* [i] */
    void *d_node, *d_rnode;          /* [i] */
    uint32_t d_state;                /* [l] DISK_* */
    uint32_t d_uses;                 /* [l] calls and transfers under way */
    _Atomic uint32_t d_block;        /* [a] bytes: what the numbers of blocks count */
    _Atomic bool d_unflushed;        /* [a] something was written since the last flush began */
};

/* disk.c */
/** disk_use - the disk @dev, kept until disk_unuse(). NULL: there is none. */
struct disk *disk_use(dev_t dev);
void disk_unuse(struct disk *disk);
/** disk_size - bytes, now: asks the host. */
uint64_t disk_size(struct disk *disk);
/** disk_has - do @len bytes from @offset lie on the disk? */
bool disk_has(struct disk *disk, uint64_t offset, uint64_t len);
/** disk_errno - what a status of the host's is called here. */
int disk_errno(int status);

/* disk_transfer.c */
/** disk_move - one transfer, waited for.
 *  @bytes  at most d_geo.hg_transfer_max. Errno: 0; EINVAL, EIO, ENOSPC, EACCES. */
int disk_move(struct disk *disk, bool reads, uint64_t offset, void *base, uint32_t bytes);
/** disk_command - blocks that are not used any more, waited for. */
int disk_command(struct disk *disk, enum host_disk_op op, uint64_t offset, uint64_t len);
/** disk_flush - all that was written and has ended is on the medium. Blocks. Errno: 0; EIO, ENOSPC. */
int disk_flush(struct disk *disk);
void disk_strategy(struct buf *bp);
int disk_read(dev_t dev, struct uio *uio, int ioflag);
int disk_write(dev_t dev, struct uio *uio, int ioflag);

/* disk_ioctl.c */
int disk_ioctl(dev_t dev, u_long cmd, caddr_t data, int fflag, struct proc *p);

#endif
