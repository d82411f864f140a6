// SPDX-License-Identifier: BSD-2-Clause
/*
 * The locks of IOKit: names for those of <kern/locks.h>.
 */
#ifndef KPI_IOKIT_IOLOCKS_H
#define KPI_IOKIT_IOLOCKS_H

#include <sys/appleapiopts.h>
#include <kern/locks.h>
#include <IOKit/IOTypes.h>
#include <IOKit/system.h>
#include <libkern/locks.h>

typedef lck_mtx_t IOLock;
typedef lck_rw_t IORWLock;
typedef lck_spin_t IOSimpleLock;
struct _IORecursiveLock;
typedef struct _IORecursiveLock IORecursiveLock;
typedef long IOInterruptState;

__BEGIN_DECLS
/** IOLockGroup - the group of locks made below. */
extern lck_grp_t *IOLockGroup;

/** IOLockAlloc - a mutex; end with IOLockFree. */
IOLock *IOLockAlloc(void);
/** IOLockFree - free a mutex that nobody holds. */
void IOLockFree(IOLock *lock);
/** IOLockLock - lck_mtx_lock. */
void IOLockLock(IOLock *lock);
/** IOLockTryLock - lck_mtx_try_lock. */
boolean_t IOLockTryLock(IOLock *lock);
/** IOLockUnlock - lck_mtx_unlock. */
void IOLockUnlock(IOLock *lock);
/** IOLockSleep - wait for @event with @lock released, as lck_mtx_sleep: THREAD_AWAKENED and others. */
int IOLockSleep(IOLock *lock, void *event, UInt32 interType);
/** IOLockSleepDeadline - as IOLockSleep until @deadline: THREAD_TIMED_OUT. */
int IOLockSleepDeadline(IOLock *lock, void *event, AbsoluteTime deadline, UInt32 interType);
/** IOLockWakeup - wake one or all that wait for @event. */
void IOLockWakeup(IOLock *lock, void *event, bool oneThread);

/** IORecursiveLockAlloc - a mutex that its holder may take again; end with IORecursiveLockFree. */
IORecursiveLock *IORecursiveLockAlloc(void);
/** IORecursiveLockFree - free a lock that nobody holds. */
void IORecursiveLockFree(IORecursiveLock *lock);
/** IORecursiveLockLock - take the lock, once more if the caller holds it. Blocks. */
void IORecursiveLockLock(IORecursiveLock *lock);
/** IORecursiveLockTryLock - the same if no other thread holds it: TRUE. */
boolean_t IORecursiveLockTryLock(IORecursiveLock *lock);
/** IORecursiveLockUnlock - undo one IORecursiveLockLock. */
void IORecursiveLockUnlock(IORecursiveLock *lock);
/** IORecursiveLockHaveLock - true if the calling thread holds it. */
boolean_t IORecursiveLockHaveLock(const IORecursiveLock *lock);

/** IORWLockAlloc - a reader-writer lock; end with IORWLockFree. */
IORWLock *IORWLockAlloc(void);
/** IORWLockFree - free a lock that nobody holds. */
void IORWLockFree(IORWLock *lock);
/** IORWLockRead - lck_rw_lock_shared. */
void IORWLockRead(IORWLock *lock);
/** IORWLockWrite - lck_rw_lock_exclusive. */
void IORWLockWrite(IORWLock *lock);
/** IORWLockUnlock - release the lock, however held. */
void IORWLockUnlock(IORWLock *lock);

/** IOSimpleLockAlloc - a spin lock; end with IOSimpleLockFree. */
IOSimpleLock *IOSimpleLockAlloc(void);
/** IOSimpleLockFree - free a lock that nobody holds. */
void IOSimpleLockFree(IOSimpleLock *lock);
/** IOSimpleLockInit - make memory that is large enough a lock. */
void IOSimpleLockInit(IOSimpleLock *lock);
/** IOSimpleLockDestroy - end a lock of IOSimpleLockInit. */
void IOSimpleLockDestroy(IOSimpleLock *lock);
/** IOSimpleLockLock - lck_spin_lock. */
void IOSimpleLockLock(IOSimpleLock *lock);
/** IOSimpleLockTryLock - lck_spin_try_lock. */
boolean_t IOSimpleLockTryLock(IOSimpleLock *lock);
/** IOSimpleLockUnlock - lck_spin_unlock. */
void IOSimpleLockUnlock(IOSimpleLock *lock);
__END_DECLS

#endif /* KPI_IOKIT_IOLOCKS_H */
