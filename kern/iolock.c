// SPDX-License-Identifier: BSD-2-Clause
/*
 * iolock.c: the locks of IOKit under their names: the plain ones are those of lock_*.c in a group of their
 * own; the recursive lock is a mutex, its owner and a depth.
 */
#include <IOKit/IOLocks.h>
#include <kern/sched_prim.h>

#include "kern/iolock_internal.h"
#include "kern/lock_internal.h"

lck_grp_t *IOLockGroup;

void iolock_start(void)
{
    IOLockGroup = lck_grp_alloc_init("IOKit", LCK_GRP_ATTR_NULL);
}

void iolock_stop(void)
{
    lck_grp_free(IOLockGroup);
    IOLockGroup = NULL;
}

IOLock *IOLockAlloc(void)
{
    return lck_mtx_alloc_init(IOLockGroup, LCK_ATTR_NULL);
}

void IOLockFree(IOLock *lock)
{
    lck_mtx_free(lock, IOLockGroup);
}

void IOLockLock(IOLock *lock)
{
    lck_mtx_lock(lock);
}

boolean_t IOLockTryLock(IOLock *lock)
{
    return lck_mtx_try_lock(lock);
}

void IOLockUnlock(IOLock *lock)
{
    lck_mtx_unlock(lock);
}

int IOLockSleep(IOLock *lock, void *event, UInt32 interType)
{
    return lck_mtx_sleep(lock, LCK_SLEEP_DEFAULT, (event_t)event, (wait_interrupt_t)interType);
}

int IOLockSleepDeadline(IOLock *lock, void *event, AbsoluteTime deadline, UInt32 interType)
{
    return lck_mtx_sleep_deadline(lock, LCK_SLEEP_DEFAULT, (event_t)event, (wait_interrupt_t)interType,
                                  (uint64_t)deadline);
}

void IOLockWakeup(IOLock *lock, void *event, bool oneThread)
{
    (void)lock;
    (void)thread_wakeup_prim((event_t)event, oneThread, THREAD_AWAKENED);
}

struct _IORecursiveLock {
    lck_mtx_t rl_mutex;
    unsigned rl_depth; /* only its holder looks at it */
};

IORecursiveLock *IORecursiveLockAlloc(void)
{
    IORecursiveLock *lock = kern_alloc(sizeof *lock, "IORecursiveLock");

    lck_mtx_init(&lock->rl_mutex, IOLockGroup, LCK_ATTR_NULL);
    return lock;
}

void IORecursiveLockFree(IORecursiveLock *lock)
{
    lck_mtx_destroy(&lock->rl_mutex, IOLockGroup);
    kern_free(lock, sizeof *lock);
}

void IORecursiveLockLock(IORecursiveLock *lock)
{
    if (!lck_mtx_held(&lock->rl_mutex))
        lck_mtx_lock(&lock->rl_mutex);
    lock->rl_depth++;
}

boolean_t IORecursiveLockTryLock(IORecursiveLock *lock)
{
    if (!lck_mtx_held(&lock->rl_mutex) && !lck_mtx_try_lock(&lock->rl_mutex))
        return FALSE;
    lock->rl_depth++;
    return TRUE;
}

void IORecursiveLockUnlock(IORecursiveLock *lock)
{
    lck_mtx_assert(&lock->rl_mutex, LCK_MTX_ASSERT_OWNED);
    if (--lock->rl_depth == 0)
        lck_mtx_unlock(&lock->rl_mutex);
}

boolean_t IORecursiveLockHaveLock(const IORecursiveLock *lock)
{
    return lck_mtx_held((lck_mtx_t *)(uintptr_t)&lock->rl_mutex);
}

IORWLock *IORWLockAlloc(void)
{
    return lck_rw_alloc_init(IOLockGroup, LCK_ATTR_NULL);
}

void IORWLockFree(IORWLock *lock)
{
    lck_rw_free(lock, IOLockGroup);
}

void IORWLockRead(IORWLock *lock)
{
    lck_rw_lock_shared(lock);
}

void IORWLockWrite(IORWLock *lock)
{
    lck_rw_lock_exclusive(lock);
}

void IORWLockUnlock(IORWLock *lock)
{
    (void)lck_rw_done(lock);
}

IOSimpleLock *IOSimpleLockAlloc(void)
{
    return lck_spin_alloc_init(IOLockGroup, LCK_ATTR_NULL);
}

void IOSimpleLockFree(IOSimpleLock *lock)
{
    lck_spin_free(lock, IOLockGroup);
}

void IOSimpleLockInit(IOSimpleLock *lock)
{
    lck_spin_init(lock, IOLockGroup, LCK_ATTR_NULL);
}

void IOSimpleLockDestroy(IOSimpleLock *lock)
{
    lck_spin_destroy(lock, IOLockGroup);
}

void IOSimpleLockLock(IOSimpleLock *lock)
{
    lck_spin_lock(lock);
}

boolean_t IOSimpleLockTryLock(IOSimpleLock *lock)
{
    return lck_spin_try_lock(lock);
}

void IOSimpleLockUnlock(IOSimpleLock *lock)
{
    lck_spin_unlock(lock);
}
