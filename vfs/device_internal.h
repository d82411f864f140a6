// SPDX-License-Identifier: BSD-2-Clause
/*
 * device_internal.h: the drivers that kexts have registered, as the vnode operations of devices use them.
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
/** device_range_in_use - is a driver registered with a function in [@start, @end)? @why (may be NULL) gets
 * one sentence. */
bool device_range_in_use(const void *start, const void *end, char *why, size_t why_size);

/* Opens are counted by vnode: a device is closed when nobody has it open under any of its names. Opening and
 * closing one device happen one at a time. */

struct device_turn { /* on the caller's stack */
    struct device_turn *dt_next;
    dev_t dt_dev;
};
/** device_turn_begin - wait until nobody else opens or closes @dev. Blocks. */
void device_turn_begin(struct device_turn *turn, dev_t dev);
void device_turn_end(struct device_turn *turn);
/** device_opened - inside a turn: @vp has one open more of @dev. */
void device_opened(vnode_t vp, dev_t dev);
/** device_closed - inside a turn: @vp has one open less of @dev, or none any more where @all. Returns whether
 * that was the last of all. */
bool device_closed(vnode_t vp, dev_t dev, bool all);

#endif
