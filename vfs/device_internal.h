// SPDX-License-Identifier: BSD-2-Clause
/*
 * device_internal.h: the drivers of devices, as the vnode operations of devices use them, and what a device
 * needs beyond its driver (vnode_device.c, device_block.c).
 *
 * Lock: device_lock (rank 140) over the tables of drivers and open devices; not held over a driver's
 * function.
 */
#ifndef KEXTBED_VFS_DEVICE_INTERNAL_H
#define KEXTBED_VFS_DEVICE_INTERNAL_H

#include <stdbool.h>
#include <sys/conf.h>
#include <sys/vnode.h>
#include <kern/locks.h>

extern lck_mtx_t device_lock;

void device_boot(void);
void device_shutdown(void);

/** device_char_get - a copy of the driver of character device @dev. False: none is registered for its major.
 */
bool device_char_get(dev_t dev, struct cdevsw *driver);
/** device_block_get - the same of block device @dev. */
bool device_block_get(dev_t dev, struct bdevsw *driver);
/** device_block_of_char - the block device that character device @dev is the raw side of. False: of none. */
bool device_block_of_char(dev_t dev, dev_t *block);
/** device_range_in_use - is a driver registered with a function in [@start, @end)? @why (may be NULL) gets
 * one sentence. */
bool device_range_in_use(const void *start, const void *end, char *why, size_t why_size);

/* Opens are counted by vnode: a device is closed when nobody has it open under any of its names. Opening and
 * closing one device happen one at a time. */

struct device_id { /* the two kinds have numbers of their own */
    dev_t di_dev;
    bool di_block;
};
static inline struct device_id device_id_of(vnode_t vp)
{
    return (struct device_id){vnode_specrdev(vp), vnode_isblk(vp)};
}

struct device_turn { /* on the caller's stack */
    struct device_turn *dt_next;
    struct device_id dt_id;
};
/** device_turn_begin - wait until nobody else has the turn of the device. Blocks. */
void device_turn_begin(struct device_turn *turn, struct device_id id);
void device_turn_end(struct device_turn *turn);
/** device_opened - inside a turn: @vp has one open more. */
void device_opened(vnode_t vp, struct device_id id);
/** device_closed - inside a turn: @vp has one open less, or none any more where @all. Returns whether that
 * was the last of all. */
bool device_closed(vnode_t vp, struct device_id id, bool all);
/** device_closes_last - inside a turn: would that be the last open of this vnode? */
bool device_closes_last(vnode_t vp, struct device_id id, bool all);

/** device_mounted - is a block device mounted, under whatever of its names? */
bool device_mounted(dev_t dev);

/** device_block_read, device_block_write - bytes of a block device, through its driver's strategy routine,
 *  whole blocks or not. Blocks. Errno: 0; EINVAL; ENXIO; the driver's. */
int device_block_read(vnode_t vp, const struct bdevsw *driver, uio_t uio, vfs_context_t ctx);
int device_block_write(vnode_t vp, const struct bdevsw *driver, uio_t uio, vfs_context_t ctx);

#endif
