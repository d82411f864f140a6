// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mutexes: held by one thread, which may sleep with it held. Not recursive.
 */
#ifndef KPI_KERN_LOCK_MTX_H
#define KPI_KERN_LOCK_MTX_H

#include <kern/lock_types.h>
#include <kern/lock_group.h>
#include <kern/lock_attr.h>

#define LCK_MTX_ASSERT_OWNED           1
#define LCK_MTX_ASSERT_NOTOWNED        2
#define decl_lck_mtx_data(class, name) class lck_mtx_t name

__BEGIN_DECLS
/** lck_mtx_alloc_init - make a mutex.
 *  @grp  in  its group.
 *  @attr in  or LCK_ATTR_NULL.
 *  Refs:   end with lck_mtx_free, same group.
 *  Locks:  none.
 *  Blocks: yes.
 *  Errno:  never NULL.
 *  KPI:    libkern, stable */
lck_mtx_t *lck_mtx_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
/** lck_mtx_free - destroy and free a mutex that nobody holds. */
void lck_mtx_free(lck_mtx_t *lck, lck_grp_t *grp);
/** lck_mtx_init - initialise memory that is known to be large enough for a mutex. */
void lck_mtx_init(lck_mtx_t *lck, lck_grp_t *grp, lck_attr_t *attr);
/** lck_mtx_destroy - end a mutex of lck_mtx_init that nobody holds. */
void lck_mtx_destroy(lck_mtx_t *lck, lck_grp_t *grp);
/** lck_mtx_lock - take a mutex.
 *  @lck in  not held by the caller: that is a panic.
 *  Refs:   none.
 *  Locks:  the caller holds no spin lock.
 *  Blocks: until it is free.
 *  Errno:  none.
 *  KPI:    libkern, stable */
void lck_mtx_lock(lck_mtx_t *lck);
/** lck_mtx_unlock - release a mutex that the calling thread holds. */
void lck_mtx_unlock(lck_mtx_t *lck);
/** lck_mtx_try_lock - take a mutex if it is free: TRUE. Does not block. */
boolean_t lck_mtx_try_lock(lck_mtx_t *lck);
/** lck_mtx_lock_spin - take a mutex for a short moment: no sleep until lck_mtx_unlock or
 *  lck_mtx_convert_spin. */
void lck_mtx_lock_spin(lck_mtx_t *lck);
/** lck_mtx_try_lock_spin - as lck_mtx_lock_spin if it is free: TRUE. */
boolean_t lck_mtx_try_lock_spin(lck_mtx_t *lck);
/** lck_mtx_convert_spin - from here on the holder may sleep. */
void lck_mtx_convert_spin(lck_mtx_t *lck);
/** lck_mtx_assert - panic unless the calling thread holds (LCK_MTX_ASSERT_OWNED) or does not hold the
 *  mutex. */
void lck_mtx_assert(lck_mtx_t *lck, unsigned int type);
/** lck_mtx_sleep - wait for an event, with the mutex released.
 *  @lck              in  held; released while asleep, afterwards as @lck_sleep_action says.
 *  @lck_sleep_action in  LCK_SLEEP_*.
 *  @event            in  of thread_wakeup.
 *  @interruptible    in  THREAD_UNINT, THREAD_INTERRUPTIBLE or THREAD_ABORTSAFE.
 *  Refs:   none; the caller keeps alive whatever @event is part of.
 *  Locks:  @lck is the only one held.
 *  Blocks: yes.
 *  Errno:  THREAD_AWAKENED, THREAD_INTERRUPTED, THREAD_RESTART.
 *  KPI:    libkern, stable */
wait_result_t lck_mtx_sleep(lck_mtx_t *lck, lck_sleep_action_t lck_sleep_action, event_t event,
                            wait_interrupt_t interruptible);
/** lck_mtx_sleep_deadline - as lck_mtx_sleep until @deadline of mach_absolute_time: THREAD_TIMED_OUT. */
wait_result_t lck_mtx_sleep_deadline(lck_mtx_t *lck, lck_sleep_action_t lck_sleep_action, event_t event,
                                     wait_interrupt_t interruptible, uint64_t deadline);
__END_DECLS

#endif /* KPI_KERN_LOCK_MTX_H */
