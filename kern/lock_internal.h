// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_internal.h: groups and attributes, and the checks that all kinds of locks share.
 */
#ifndef KEXTBED_KERN_LOCK_INTERNAL_H
#define KEXTBED_KERN_LOCK_INTERNAL_H

#include <stdatomic.h>

#include "kern/kern_iface.h"
#include "kern/lock_iface.h"
#include "kern/split_internal.h"
#include "kern/thread_internal.h"

/* Field legend: [i] constant, [a] atomic, [g] group list lock. */
struct _lck_grp_ {
    uint32_t grp_owner;           /* [i] */
    bool grp_given_up;            /* [g] the handle is gone: it ends with its last lock */
    char grp_name[64];            /* [i] */
    struct _lck_grp_ *grp_next;   /* [g] */
    struct split_count grp_locks; /* [a] live locks */
};

/* The group field of a lock that was destroyed. */
#define LOCK_DESTROYED ((lck_grp_t *)8)

void lock_group_init(void);
/** lock_join_group / lock_leave_group - a lock of @group begins or ends. */
void lock_join_group(lck_grp_t *group);
void lock_leave_group(lck_grp_t *group);
/** lock_bad - panic about a lock that is not usable. */
void lock_bad(const void *lock, const lck_grp_t *group, const char *kind, const void *caller)
    __attribute__((noreturn, cold));
/** lock_owner_count - live locks and groups that code of @owner made. */
uint32_t lock_owner_count(uint32_t owner);
void lock_counts(struct kern_leak_counts *counts);

/** lock_held_add / _drop - the thread took @lock at @pc, and released it. */
static inline void lock_held_add(struct kthread *self, const void *lock, const lck_grp_t *group,
                                 const void *pc)
{
    if (__builtin_expect(self->t_held < HELD_LOCKS_MAX, 1))
        self->t_held_rows[self->t_held++] = (struct held_lock){lock, group, pc};
}

static inline void lock_held_drop(struct kthread *self, const void *lock)
{
    for (unsigned i = self->t_held; i-- > 0;) {
        if (self->t_held_rows[i].lock == lock) {
            self->t_held_rows[i] = self->t_held_rows[--self->t_held];
            break;
        }
    }
}

static inline void lock_check(const void *lock, const lck_grp_t *group, const char *kind, const void *caller)
{
    if (__builtin_expect((uintptr_t)group <= (uintptr_t)LOCK_DESTROYED, 0))
        lock_bad(lock, group, kind, caller);
}

#endif
