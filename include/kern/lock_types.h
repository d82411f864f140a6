// SPDX-License-Identifier: BSD-2-Clause
/*
 * The lock types, all opaque: a lock is allocated with lck_*_alloc_init and never embedded. Sources that
 * define KERNEL_PRIVATE embed mutexes, spin and reader-writer locks in their own structures and use
 * lck_*_init and lck_*_destroy: for them the types have a size, and nothing else. *Private*.
 */
#ifndef KPI_KERN_LOCK_TYPES_H
#define KPI_KERN_LOCK_TYPES_H

#include <sys/cdefs.h>
#include <mach/boolean.h>
#include <kern/kern_types.h>

typedef struct __lck_spin_t__ lck_spin_t;
typedef struct __lck_mtx_t__ lck_mtx_t;
typedef struct __lck_rw_t__ lck_rw_t;
typedef struct _lck_grp_ lck_grp_t;
typedef struct _lck_grp_attr_ lck_grp_attr_t;
typedef struct __lck_attr__ lck_attr_t;

/* Words that an embedded lock takes. */
#define KPI_LCK_SPIN_WORDS 8
#define KPI_LCK_MTX_WORDS  8
#define KPI_LCK_RW_WORDS   12
#ifdef KERNEL_PRIVATE
struct __lck_spin_t__ {
    unsigned long opaque[KPI_LCK_SPIN_WORDS];
};
struct __lck_mtx_t__ {
    unsigned long opaque[KPI_LCK_MTX_WORDS];
};
struct __lck_rw_t__ {
    unsigned long opaque[KPI_LCK_RW_WORDS];
};
#endif /* KERNEL_PRIVATE */

/* What lck_*_sleep does with the lock afterwards. */
typedef unsigned int lck_sleep_action_t;
enum {
    LCK_SLEEP_DEFAULT = 0x00,      /* take it again */
    LCK_SLEEP_UNLOCK = 0x01,       /* leave it unlocked */
    LCK_SLEEP_SHARED = 0x02,       /* take it shared */
    LCK_SLEEP_EXCLUSIVE = 0x04,    /* take it exclusive */
    LCK_SLEEP_SPIN = 0x08,         /* take a mutex as a spin lock */
    LCK_SLEEP_PROMOTED_PRI = 0x10, /* sleep at raised priority */
    LCK_SLEEP_SPIN_ALWAYS = 0x20
};
#define LCK_SLEEP_MASK 0x3f

typedef unsigned int lck_wake_action_t;
enum { LCK_WAKE_DEFAULT = 0, LCK_WAKE_DO_NOT_TRANSFER_PUSH = 1 };

#endif /* KPI_KERN_LOCK_TYPES_H */
