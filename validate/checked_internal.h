// SPDX-License-Identifier: BSD-2-Clause
/*
 * checked_internal.h: the checking variants of the KPI. checked_X has the signature of X; the export table
 * binds kexts to it in X's place while the validator is on (tools/mkexports finds it by its name). Nobody in
 * the kernel half calls one.
 */
#ifndef KEXTBED_VALIDATE_CHECKED_INTERNAL_H
#define KEXTBED_VALIDATE_CHECKED_INTERNAL_H

#include <IOKit/IOLocks.h>
#include <kern/sched_prim.h>
#include <sys/proc.h>

#include "validate/validate_internal.h"

/* ---- checked_lock.c: what the kinds of locks share ----------------------------------------------------- */

/** checked_find - the entry of a lock that @call is about to use; what is no living lock of @kind is a
 * finding. */
struct lock_entry *checked_find(const void *lock, enum lock_kind kind, const char *call, const void *caller);
/** checked_held - the calling thread's hold on @entry, which @call needs; not to have one is a finding. */
struct held_lock *checked_held(struct thread_record *record, struct lock_entry *entry, const char *call);
/** checked_free - a lock is about to be destroyed: a finding when somebody holds it. */
void checked_free(struct lock_entry *entry, const char *call);
/** checked_begin - before a lock is taken, which may wait: is it held already, is the order kept? */
void checked_begin(struct thread_record *record, struct lock_entry *entry, bool shared, const char *call);
/** checked_wait_end - it was waited for since @began_ns. */
void checked_wait_end(struct thread_record *record, struct lock_entry *entry, uint64_t began_ns);
/** checked_made - @lock begins, initialised at @site. */
void checked_made(const void *lock, enum lock_kind kind, lck_grp_t *group, const void *site,
                  const char *call);

/* ---- mutexes ------------------------------------------------------------------------------------------- */

lck_mtx_t *checked_lck_mtx_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
void checked_lck_mtx_free(lck_mtx_t *lck, lck_grp_t *grp);
void checked_lck_mtx_init(lck_mtx_t *lck, lck_grp_t *grp, lck_attr_t *attr);
void checked_lck_mtx_destroy(lck_mtx_t *lck, lck_grp_t *grp);
void checked_lck_mtx_lock(lck_mtx_t *lck);
void checked_lck_mtx_lock_spin(lck_mtx_t *lck);
boolean_t checked_lck_mtx_try_lock(lck_mtx_t *lck);
boolean_t checked_lck_mtx_try_lock_spin(lck_mtx_t *lck);
void checked_lck_mtx_convert_spin(lck_mtx_t *lck);
void checked_lck_mtx_unlock(lck_mtx_t *lck);

/* ---- spin locks ---------------------------------------------------------------------------------------- */

lck_spin_t *checked_lck_spin_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
void checked_lck_spin_free(lck_spin_t *lck, lck_grp_t *grp);
void checked_lck_spin_init(lck_spin_t *lck, lck_grp_t *grp, lck_attr_t *attr);
void checked_lck_spin_destroy(lck_spin_t *lck, lck_grp_t *grp);
void checked_lck_spin_lock(lck_spin_t *lck);
void checked_lck_spin_lock_grp(lck_spin_t *lck, lck_grp_t *grp);
boolean_t checked_lck_spin_try_lock(lck_spin_t *lck);
boolean_t checked_lck_spin_try_lock_grp(lck_spin_t *lck, lck_grp_t *grp);
void checked_lck_spin_unlock(lck_spin_t *lck);

/* ---- reader-writer locks ------------------------------------------------------------------------------- */

lck_rw_t *checked_lck_rw_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
void checked_lck_rw_free(lck_rw_t *lck, lck_grp_t *grp);
void checked_lck_rw_init(lck_rw_t *lck, lck_grp_t *grp, lck_attr_t *attr);
void checked_lck_rw_destroy(lck_rw_t *lck, lck_grp_t *grp);
void checked_lck_rw_lock(lck_rw_t *lck, lck_rw_type_t type);
void checked_lck_rw_lock_shared(lck_rw_t *lck);
void checked_lck_rw_lock_exclusive(lck_rw_t *lck);
boolean_t checked_lck_rw_try_lock(lck_rw_t *lck, lck_rw_type_t type);
boolean_t checked_lck_rw_try_lock_shared(lck_rw_t *lck);
boolean_t checked_lck_rw_try_lock_exclusive(lck_rw_t *lck);
void checked_lck_rw_unlock(lck_rw_t *lck, lck_rw_type_t type);
void checked_lck_rw_unlock_shared(lck_rw_t *lck);
void checked_lck_rw_unlock_exclusive(lck_rw_t *lck);
lck_rw_type_t checked_lck_rw_done(lck_rw_t *lck);
boolean_t checked_lck_rw_lock_shared_to_exclusive(lck_rw_t *lck);
void checked_lck_rw_lock_exclusive_to_shared(lck_rw_t *lck);

/* ---- sleeping with a lock ------------------------------------------------------------------------------ */

wait_result_t checked_lck_mtx_sleep(lck_mtx_t *lck, lck_sleep_action_t action, event_t event,
                                    wait_interrupt_t interruptible);
wait_result_t checked_lck_mtx_sleep_deadline(lck_mtx_t *lck, lck_sleep_action_t action, event_t event,
                                             wait_interrupt_t interruptible, uint64_t deadline);
wait_result_t checked_lck_spin_sleep(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                                     wait_interrupt_t interruptible);
wait_result_t checked_lck_spin_sleep_deadline(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                                              wait_interrupt_t interruptible, uint64_t deadline);
wait_result_t checked_lck_rw_sleep(lck_rw_t *lck, lck_sleep_action_t action, event_t event,
                                   wait_interrupt_t interruptible);
wait_result_t checked_lck_rw_sleep_deadline(lck_rw_t *lck, lck_sleep_action_t action, event_t event,
                                            wait_interrupt_t interruptible, uint64_t deadline);
/* Exported, but in no header of the KPI. */
int msleep1(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, uint64_t abstime);
int tsleep(void *chan, int pri, const char *wmesg, int timo);
int checked_msleep(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, struct timespec *ts);
int checked_msleep0(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, int timo,
                    int (*continuation)(int));
int checked_msleep1(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, uint64_t abstime);
int checked_tsleep(void *chan, int pri, const char *wmesg, int timo);

/** checked_before_block - called by the stubs of checked_block.S before a function that may sleep. @caller
 * its return address in the kext, @registers its integer arguments. */
void checked_before_block(const char *name, const void *caller, const uint64_t *registers);
void checked_before_malloc(const char *name, const void *caller, const uint64_t *registers);

#endif
