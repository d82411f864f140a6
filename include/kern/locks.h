// SPDX-License-Identifier: BSD-2-Clause
/*
 * Spin locks, and all other locks by inclusion. A spin lock is held for a few instructions: its holder
 * never sleeps.
 */
#ifndef KPI_KERN_LOCKS_H
#define KPI_KERN_LOCKS_H

#include <sys/cdefs.h>
#include <mach/boolean.h>
#include <kern/kern_types.h>
#include <kern/lock_types.h>
#include <kern/lock_group.h>
#include <kern/lock_attr.h>
#include <kern/lock_mtx.h>
#include <kern/lock_rw.h>
#include <kern/assert.h>
#include <sys/appleapiopts.h>

#define LCK_ASSERT_OWNED                1
#define LCK_ASSERT_NOTOWNED             2
#define decl_lck_spin_data(class, name) class lck_spin_t name
#define LCK_MTX_ASSERT(lck, type)       lck_mtx_assert((lck), (type))

__BEGIN_DECLS
/** lck_spin_alloc_init - make a spin lock.
 *  @grp  in  its group.
 *  @attr in  or LCK_ATTR_NULL.
 *  Refs:   end with lck_spin_free, same group.
 *  Locks:  none.
 *  Blocks: yes.
 *  Errno:  never NULL.
 *  KPI:    libkern, stable */
lck_spin_t *lck_spin_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
/** lck_spin_free - destroy and free a lock that nobody holds. */
void lck_spin_free(lck_spin_t *lck, lck_grp_t *grp);
/** lck_spin_init - initialise memory that is known to be large enough for a lock. */
void lck_spin_init(lck_spin_t *lck, lck_grp_t *grp, lck_attr_t *attr);
/** lck_spin_destroy - end a lock of lck_spin_init that nobody holds. */
void lck_spin_destroy(lck_spin_t *lck, lck_grp_t *grp);
/** lck_spin_lock - take the lock. From here to lck_spin_unlock the thread must not sleep. */
void lck_spin_lock(lck_spin_t *lck);
/** lck_spin_lock_grp - as lck_spin_lock, accounted to @grp. */
void lck_spin_lock_grp(lck_spin_t *lck, lck_grp_t *grp);
/** lck_spin_unlock - release the lock. */
void lck_spin_unlock(lck_spin_t *lck);
/** lck_spin_try_lock - take the lock if it is free: TRUE. */
boolean_t lck_spin_try_lock(lck_spin_t *lck);
/** lck_spin_try_lock_grp - as lck_spin_try_lock, accounted to @grp. */
boolean_t lck_spin_try_lock_grp(lck_spin_t *lck, lck_grp_t *grp);
/** lck_spin_sleep - as lck_mtx_sleep for a spin lock. */
wait_result_t lck_spin_sleep(lck_spin_t *lck, lck_sleep_action_t lck_sleep_action, event_t event,
                             wait_interrupt_t interruptible);
/** lck_spin_sleep_deadline - as lck_spin_sleep until @deadline of mach_absolute_time. */
wait_result_t lck_spin_sleep_deadline(lck_spin_t *lck, lck_sleep_action_t lck_sleep_action, event_t event,
                                      wait_interrupt_t interruptible, uint64_t deadline);
__END_DECLS

#endif /* KPI_KERN_LOCKS_H */
