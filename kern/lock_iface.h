// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_iface.h: the layout of the locks, for kernel folders that embed locks in their own structures and use
 * lck_*_init / lck_*_destroy instead of the allocating forms (kexts see opaque types only), and the
 * assertions that the public headers leave out.
 *
 * Every lock belongs to a group; the group counts its live locks, which is how a forgotten lock is found.
 */
#ifndef KEXTBED_KERN_LOCK_IFACE_H
#define KEXTBED_KERN_LOCK_IFACE_H

#include <kern/locks.h>

#include "host/host.h"

struct kthread;

/* What taking a lock touches lies together in front. Field legend: [i] constant after init, [a] atomic. */
struct __lck_mtx_t__ {
    lck_grp_t *mtx_group;              /* [i] NULL marks memory that was never made a lock */
    struct kthread *_Atomic mtx_owner; /* [a] the holder, NULL when free; exact for the holder itself */
    struct host_mutex mtx_host;        /* [i] */
};

struct __lck_spin_t__ {
    lck_grp_t *spin_group;              /* [i] */
    struct kthread *_Atomic spin_owner; /* [a] */
    struct host_mutex spin_host;        /* [i] */
};

struct __lck_rw_t__ {
    lck_grp_t *rw_group;              /* [i] */
    struct kthread *_Atomic rw_owner; /* [a] the exclusive holder, else NULL */
    struct host_rwlock rw_host;       /* [i] */
};

/* Kexts that embed locks reserve this much for them. */
_Static_assert(sizeof(struct __lck_mtx_t__) <= KPI_LCK_MTX_WORDS * sizeof(unsigned long),
               "raise KPI_LCK_MTX_WORDS");
_Static_assert(sizeof(struct __lck_spin_t__) <= KPI_LCK_SPIN_WORDS * sizeof(unsigned long),
               "raise KPI_LCK_SPIN_WORDS");
_Static_assert(sizeof(struct __lck_rw_t__) <= KPI_LCK_RW_WORDS * sizeof(unsigned long),
               "raise KPI_LCK_RW_WORDS");

#define LCK_RW_ASSERT_SHARED    0x01
#define LCK_RW_ASSERT_EXCLUSIVE 0x02
#define LCK_RW_ASSERT_HELD      0x03
#define LCK_RW_ASSERT_NOTHELD   0x04

/** lck_rw_assert - panic unless the lock is held (by anybody where shared, by the caller where exclusive) as
 * @type says. */
void lck_rw_assert(lck_rw_t *lck, unsigned int type);
/** lck_rw_held_exclusive - does the calling thread hold it alone? */
bool lck_rw_held_exclusive(lck_rw_t *lck);
/** lck_spin_assert - as lck_mtx_assert, LCK_ASSERT_*. */
void lck_spin_assert(lck_spin_t *lck, unsigned int type);
/** lck_X_alloc_init_at - lck_X_alloc_init() on behalf of the code at @caller, which the memory and the lock
 * are charged to: for whoever stands between a kext and the lock. */
lck_mtx_t *lck_mtx_alloc_init_at(lck_grp_t *grp, lck_attr_t *attr, const void *caller);
lck_rw_t *lck_rw_alloc_init_at(lck_grp_t *grp, lck_attr_t *attr, const void *caller);
lck_spin_t *lck_spin_alloc_init_at(lck_grp_t *grp, lck_attr_t *attr, const void *caller);
/** lck_grp_name - what a group was called; lives as long as the group. */
const char *lck_grp_name(const lck_grp_t *group);
/** lck_mtx_held - does the calling thread hold it? */
bool lck_mtx_held(lck_mtx_t *lck);

#endif
