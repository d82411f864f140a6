// SPDX-License-Identifier: BSD-2-Clause
/*
 * Lock attributes: whether a lock is checked at run time.
 */
#ifndef KPI_KERN_LOCK_ATTR_H
#define KPI_KERN_LOCK_ATTR_H

#include <kern/lock_types.h>

#define LCK_ATTR_NULL ((lck_attr_t *)0)

__BEGIN_DECLS
/** lck_attr_alloc_init - default attributes; end with lck_attr_free. Blocks. */
lck_attr_t *lck_attr_alloc_init(void);
/** lck_attr_setdefault - back to the defaults. */
void lck_attr_setdefault(lck_attr_t *attr);
/** lck_attr_setdebug - check each use of the locks made with it. */
void lck_attr_setdebug(lck_attr_t *attr);
/** lck_attr_cleardebug - do not check. */
void lck_attr_cleardebug(lck_attr_t *attr);
/** lck_attr_free - free attributes; locks made with them stay. */
void lck_attr_free(lck_attr_t *attr);
__END_DECLS

#endif /* KPI_KERN_LOCK_ATTR_H */
