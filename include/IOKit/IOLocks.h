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

IOLock *IOLockAlloc(void);
void IOLockFree(IOLock *lock);
void IOLockLock(IOLock *lock);
boolean_t IOLockTryLock(IOLock *lock);
void IOLockUnlock(IOLock *lock);
int IOLockSleep(IOLock *lock, void *event, UInt32 interType);
int IOLockSleepDeadline(IOLock *lock, void *event, AbsoluteTime deadline, UInt32 interType);
void IOLockWakeup(IOLock *lock, void *event, bool oneThread);

IORecursiveLock *IORecursiveLockAlloc(void);
void IORecursiveLockFree(IORecursiveLock *lock);
void IORecursiveLockLock(IORecursiveLock *lock);
boolean_t IORecursiveLockTryLock(IORecursiveLock *lock);
void IORecursiveLockUnlock(IORecursiveLock *lock);
boolean_t IORecursiveLockHaveLock(const IORecursiveLock *lock);

IORWLock *IORWLockAlloc(void);
void IORWLockFree(IORWLock *lock);
void IORWLockRead(IORWLock *lock);
void IORWLockWrite(IORWLock *lock);
/** IORWLockUnlock - release the lock, however held. */
void IORWLockUnlock(IORWLock *lock);

IOSimpleLock *IOSimpleLockAlloc(void);
void IOSimpleLockFree(IOSimpleLock *lock);
void IOSimpleLockInit(IOSimpleLock *lock);
void IOSimpleLockDestroy(IOSimpleLock *lock);
void IOSimpleLockLock(IOSimpleLock *lock);
boolean_t IOSimpleLockTryLock(IOSimpleLock *lock);
void IOSimpleLockUnlock(IOSimpleLock *lock);
__END_DECLS

#endif /* KPI_IOKIT_IOLOCKS_H */
