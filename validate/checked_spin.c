// SPDX-License-Identifier: BSD-2-Clause
/*
 * checked_spin.c: the checking variants of spin locks. Called by kexts.
 */
#include "validate/checked_internal.h"

#define CALLER __builtin_return_address(0)

lck_spin_t *checked_lck_spin_alloc_init(lck_grp_t *grp, lck_attr_t *attr)
{
    validate_no_spins("lck_spin_alloc_init", CALLER);
    lck_spin_t *lck = lck_spin_alloc_init_at(grp, attr, CALLER);
    checked_made(lck, LOCK_SPIN, grp, CALLER, "lck_spin_alloc_init");
    return lck;
}

void checked_lck_spin_free(lck_spin_t *lck, lck_grp_t *grp)
{
    checked_free(checked_find(lck, LOCK_SPIN, "lck_spin_free", CALLER), "lck_spin_free");
    lck_spin_free(lck, grp);
}

void checked_lck_spin_init(lck_spin_t *lck, lck_grp_t *grp, lck_attr_t *attr)
{
    checked_made(lck, LOCK_SPIN, grp, CALLER, "lck_spin_init");
    lck_spin_init(lck, grp, attr);
}

void checked_lck_spin_destroy(lck_spin_t *lck, lck_grp_t *grp)
{
    checked_free(checked_find(lck, LOCK_SPIN, "lck_spin_destroy", CALLER), "lck_spin_destroy");
    lck_spin_destroy(lck, grp);
}

static void spin_take(lck_spin_t *lck, const char *call, const void *caller)
{
    struct thread_record *record = thread_record_self();
    struct lock_entry *entry = checked_find(lck, LOCK_SPIN, call, caller);
    checked_begin(record, entry, false, call);
    atomic_fetch_add_explicit(&entry->class->taken, 1, memory_order_relaxed);
    if (!lck_spin_try_lock(lck)) {
        uint64_t began = now_ns();
        record_wait_begin(record, entry, NULL, NULL);
        lck_spin_lock(lck);
        checked_wait_end(record, entry, began);
    }
    record_push(record, entry, false, true);
}

void checked_lck_spin_lock(lck_spin_t *lck)
{
    spin_take(lck, "lck_spin_lock", CALLER);
}

void checked_lck_spin_lock_grp(lck_spin_t *lck, lck_grp_t *grp)
{
    (void)grp;
    spin_take(lck, "lck_spin_lock_grp", CALLER);
}

static boolean_t spin_try(lck_spin_t *lck, const char *call, const void *caller)
{
    struct lock_entry *entry = checked_find(lck, LOCK_SPIN, call, caller);
    if (!lck_spin_try_lock(lck))
        return FALSE;
    atomic_fetch_add_explicit(&entry->class->taken, 1, memory_order_relaxed);
    record_push(thread_record_self(), entry, false, true);
    return TRUE;
}

boolean_t checked_lck_spin_try_lock(lck_spin_t *lck)
{
    return spin_try(lck, "lck_spin_try_lock", CALLER);
}

boolean_t checked_lck_spin_try_lock_grp(lck_spin_t *lck, lck_grp_t *grp)
{
    (void)grp;
    return spin_try(lck, "lck_spin_try_lock_grp", CALLER);
}

void checked_lck_spin_unlock(lck_spin_t *lck)
{
    struct thread_record *record = thread_record_self();
    struct lock_entry *entry = checked_find(lck, LOCK_SPIN, "lck_spin_unlock", CALLER);
    record_drop(record, checked_held(record, entry, "lck_spin_unlock"));
    lck_spin_unlock(lck);
}
