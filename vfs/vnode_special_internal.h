// SPDX-License-Identifier: BSD-2-Clause
/*
 * vnode_special_internal.h: the operation vectors of the kernel's own (dead vnodes, devices, FIFOs), and
 * which functions count as "no operation of the type's own".
 */
#ifndef KEXTBED_VFS_VNODE_SPECIAL_INTERNAL_H
#define KEXTBED_VFS_VNODE_SPECIAL_INTERNAL_H

#include <stdbool.h>

#include "vfs/vnode_internal.h"

struct vnodeop_desc;

/** vnode_special_boot, _shutdown - build and free the vectors. Errno: 0; EINVAL (a mistake in the tables). */
int vnode_special_boot(void);
void vnode_special_shutdown(void);
/** vnode_op_is_stock - is @op, an entry for @desc, one of the kernel's own functions that do nothing? For
 *  open, close and getxattr. */
bool vnode_op_is_stock(const struct vnodeop_desc *desc, int (*op)(void *));

#endif
