// SPDX-License-Identifier: BSD-2-Clause
/*
 * checked_mtx.c: the checking variants of mutexes. A mutex that is taken in a spin form counts as a spin lock
 * until it is converted: on the real thing its holder must not block. Called by kexts.
 */
#include "validate/checked_internal.h"

#define CALLER __builtin_return_address(0)

lck_mtx_t *checked_lck_mtx_alloc_init(lck_grp_t *grp, lck_attr_t *attr)
{
    validate_no_spins("lck_mtx_alloc_init", CALLER);
    lck_mtx_t *lck = lck_mtx_alloc_init_at(grp, attr, CALLER);
    checked_made(lck, LOCK_MTX, grp, CALLER, "lck_mtx_alloc_init");
    return lck;
}

void checked_lck_mtx_free(lck_mtx_t *lck, lck_grp_t *grp)
{
    checked_free(checked_find(lck, LOCK_MTX, "lck_mtx_free", CALLER), "lck_mtx_free");
    lck_mtx_free(lck, grp);
}

void checked_lck_mtx_init(lck_mtx_t *lck, lck_grp_t *grp, lck_attr_t *attr)
{
    checked_made(lck, LOCK_MTX, grp, CALLER, "lck_mtx_init");
    lck_mtx_init(lck, grp, attr);
}

void checked_lck_mtx_destroy(lck_mtx_t *lck, lck_grp_t *grp)
{
    checked_free(checked_find(lck, LOCK_MTX, "lck_mtx_destroy", CALLER), "lck_mtx_destroy");
    lck_mtx_destroy(lck, grp);
}

static void mtx_take(lck_mtx_t *lck, bool spins, const char *call, const void *caller)
{
    struct thread_record *record = thread_record_self();
    struct lock_entry *entry = checked_find(lck, LOCK_MTX, call, caller);
    if (!spins)
        validate_no_spins(call, caller);
    checked_begin(record, entry, false, call);
    atomic_fetch_add_explicit(&entry->class->taken, 1, memory_order_relaxed);
    if (!lck_mtx_try_lock(lck)) {
        uint64_t began = now_ns();
        record_wait_begin(record, entry, NULL, NULL);
        lck_mtx_lock(lck);
        checked_wait_end(record, entry, began);
    }
    record_push(record, entry, false, spins);
}

void checked_lck_mtx_lock(lck_mtx_t *lck)
{
    mtx_take(lck, false, "lck_mtx_lock", CALLER);
}

void checked_lck_mtx_lock_spin(lck_mtx_t *lck)
{
    mtx_take(lck, true, "lck_mtx_lock_spin", CALLER);
}

static boolean_t mtx_try(lck_mtx_t *lck, bool spins, const char *call, const void *caller)
{
    struct lock_entry *entry = checked_find(lck, LOCK_MTX, call, caller);
    if (!lck_mtx_try_lock(lck))
        return FALSE;
    atomic_fetch_add_explicit(&entry->class->taken, 1, memory_order_relaxed);
    record_push(thread_record_self(), entry, false, spins);
    return TRUE;
}

boolean_t checked_lck_mtx_try_lock(lck_mtx_t *lck)
{
    return mtx_try(lck, false, "lck_mtx_try_lock", CALLER);
}

boolean_t checked_lck_mtx_try_lock_spin(lck_mtx_t *lck)
{
    return mtx_try(lck, true, "lck_mtx_try_lock_spin", CALLER);
}

void checked_lck_mtx_convert_spin(lck_mtx_t *lck)
{
    struct thread_record *record = thread_record_self();
    struct lock_entry *entry = checked_find(lck, LOCK_MTX, "lck_mtx_convert_spin", CALLER);
    struct held_lock *held = checked_held(record, entry, "lck_mtx_convert_spin");
    lck_spin_lock(record->lock);
    held->spins = false;
    lck_spin_unlock(record->lock);
}

void checked_lck_mtx_unlock(lck_mtx_t *lck)
{
    struct thread_record *record = thread_record_self();
    struct lock_entry *entry = checked_find(lck, LOCK_MTX, "lck_mtx_unlock", CALLER);
    record_drop(record, checked_held(record, entry, "lck_mtx_unlock"));
    lck_mtx_unlock(lck);
}
