// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reader-writer locks: many share, or one excludes. Holders may sleep. Writers go before later
 * readers.
 */
#ifndef KPI_KERN_LOCK_RW_H
#define KPI_KERN_LOCK_RW_H

#include <kern/lock_types.h>
#include <kern/lock_group.h>
#include <kern/lock_attr.h>

typedef unsigned int lck_rw_type_t;
#define LCK_RW_TYPE_SHARED            0x1
#define LCK_RW_TYPE_EXCLUSIVE         0x2
#define decl_lck_rw_data(class, name) class lck_rw_t name

__BEGIN_DECLS
/** lck_rw_alloc_init - make a reader-writer lock.
 *  @grp  in  its group.
 *  @attr in  or LCK_ATTR_NULL.
 *  Refs:   end with lck_rw_free, same group.
 *  Locks:  none.
 *  Blocks: yes.
 *  Errno:  never NULL.
 *  KPI:    libkern, stable */
lck_rw_t *lck_rw_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
/** lck_rw_free - destroy and free a lock that nobody holds. */
void lck_rw_free(lck_rw_t *lck, lck_grp_t *grp);
/** lck_rw_init - initialise memory that is known to be large enough for a lock. */
void lck_rw_init(lck_rw_t *lck, lck_grp_t *grp, lck_attr_t *attr);
/** lck_rw_destroy - end a lock of lck_rw_init that nobody holds. */
void lck_rw_destroy(lck_rw_t *lck, lck_grp_t *grp);
/** lck_rw_lock - take the lock as LCK_RW_TYPE_* says. Blocks. */
void lck_rw_lock(lck_rw_t *lck, lck_rw_type_t lck_rw_type);
/** lck_rw_unlock - release the lock, held as LCK_RW_TYPE_* says. */
void lck_rw_unlock(lck_rw_t *lck, lck_rw_type_t lck_rw_type);
/** lck_rw_lock_shared - share the lock. Blocks. Not twice by one thread: a writer between the two would
 *  deadlock it. */
void lck_rw_lock_shared(lck_rw_t *lck);
/** lck_rw_lock_exclusive - take the lock alone. Blocks. */
void lck_rw_lock_exclusive(lck_rw_t *lck);
/** lck_rw_unlock_shared - release a shared hold. */
void lck_rw_unlock_shared(lck_rw_t *lck);
/** lck_rw_unlock_exclusive - release an exclusive hold. */
void lck_rw_unlock_exclusive(lck_rw_t *lck);
/** lck_rw_done - release the lock, however held, and say how. */
lck_rw_type_t lck_rw_done(lck_rw_t *lck);
/** lck_rw_try_lock - take the lock if that does not block: TRUE. */
boolean_t lck_rw_try_lock(lck_rw_t *lck, lck_rw_type_t lck_rw_type);
/** lck_rw_try_lock_shared - share the lock if that does not block: TRUE. */
boolean_t lck_rw_try_lock_shared(lck_rw_t *lck);
/** lck_rw_try_lock_exclusive - take the lock alone if that does not block: TRUE. */
boolean_t lck_rw_try_lock_exclusive(lck_rw_t *lck);
/** lck_rw_lock_shared_to_exclusive - turn a shared hold into an exclusive one.
 *  @lck in  held shared.
 *  Refs:   none.
 *  Locks:  see Errno.
 *  Blocks: until other readers are gone.
 *  Errno:  TRUE exclusive now, nobody was in between; FALSE another upgrade came first and the lock is not
 *          held at all.
 *  KPI:    libkern, stable */
boolean_t lck_rw_lock_shared_to_exclusive(lck_rw_t *lck);
/** lck_rw_lock_exclusive_to_shared - turn an exclusive hold into a shared one; nobody is in between. */
void lck_rw_lock_exclusive_to_shared(lck_rw_t *lck);
/** lck_rw_sleep - as lck_mtx_sleep; LCK_SLEEP_SHARED, LCK_SLEEP_EXCLUSIVE say how to take it again. */
wait_result_t lck_rw_sleep(lck_rw_t *lck, lck_sleep_action_t lck_sleep_action, event_t event,
                           wait_interrupt_t interruptible);
/** lck_rw_sleep_deadline - as lck_rw_sleep until @deadline of mach_absolute_time. */
wait_result_t lck_rw_sleep_deadline(lck_rw_t *lck, lck_sleep_action_t lck_sleep_action, event_t event,
                                    wait_interrupt_t interruptible, uint64_t deadline);
__END_DECLS

#endif /* KPI_KERN_LOCK_RW_H */
