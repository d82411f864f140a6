// SPDX-License-Identifier: BSD-2-Clause
/*
 * Lock groups: locks of one purpose share a name, statistics, and their place in the lock order.
 */
#ifndef KPI_KERN_LOCK_GROUP_H
#define KPI_KERN_LOCK_GROUP_H

#include <kern/lock_types.h>
#include <kern/assert.h>
#include <string.h>

#define LCK_GRP_NULL      ((lck_grp_t *)0)
#define LCK_GRP_ATTR_NULL ((lck_grp_attr_t *)0)

__BEGIN_DECLS
/** lck_grp_attr_alloc_init - default attributes of a group; end with lck_grp_attr_free. Blocks. */
lck_grp_attr_t *lck_grp_attr_alloc_init(void);
/** lck_grp_attr_setdefault - back to the defaults. */
void lck_grp_attr_setdefault(lck_grp_attr_t *attr);
/** lck_grp_attr_setstat - keep statistics for the group. */
void lck_grp_attr_setstat(lck_grp_attr_t *attr);
/** lck_grp_attr_free - free attributes; groups made with them stay. */
void lck_grp_attr_free(lck_grp_attr_t *attr);
/** lck_grp_alloc_init - make a lock group.
 *  @grp_name in  copied; names the group in reports.
 *  @attr     in  or LCK_GRP_ATTR_NULL.
 *  Refs:   end with lck_grp_free; locks of the group keep its memory.
 *  Locks:  none.
 *  Blocks: yes.
 *  Errno:  never NULL.
 *  KPI:    libkern, stable */
lck_grp_t *lck_grp_alloc_init(const char *grp_name, lck_grp_attr_t *attr);
/** lck_grp_free - give up a group. */
void lck_grp_free(lck_grp_t *grp);
__END_DECLS

#endif /* KPI_KERN_LOCK_GROUP_H */
