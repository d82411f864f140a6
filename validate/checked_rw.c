// SPDX-License-Identifier: BSD-2-Clause
/*
 * checked_rw.c: the checking variants of reader-writer locks. Called by kexts.
 */
#include "validate/checked_internal.h"

#define CALLER __builtin_return_address(0)

lck_rw_t *checked_lck_rw_alloc_init(lck_grp_t *grp, lck_attr_t *attr)
{
    validate_no_spins("lck_rw_alloc_init", CALLER);
    lck_rw_t *lck = lck_rw_alloc_init_at(grp, attr, CALLER);
    checked_made(lck, LOCK_RW, grp, CALLER, "lck_rw_alloc_init");
    return lck;
}

void checked_lck_rw_free(lck_rw_t *lck, lck_grp_t *grp)
{
    checked_free(checked_find(lck, LOCK_RW, "lck_rw_free", CALLER), "lck_rw_free");
    lck_rw_free(lck, grp);
}

void checked_lck_rw_init(lck_rw_t *lck, lck_grp_t *grp, lck_attr_t *attr)
{
    checked_made(lck, LOCK_RW, grp, CALLER, "lck_rw_init");
    lck_rw_init(lck, grp, attr);
}

void checked_lck_rw_destroy(lck_rw_t *lck, lck_grp_t *grp)
{
    checked_free(checked_find(lck, LOCK_RW, "lck_rw_destroy", CALLER), "lck_rw_destroy");
    lck_rw_destroy(lck, grp);
}

/* ---- taking -------------------------------------------------------------------------------------------- */

static void rw_take(lck_rw_t *lck, bool shared, const char *call, const void *caller)
{
    struct thread_record *record = thread_record_self();
    struct lock_entry *entry = checked_find(lck, LOCK_RW, call, caller);
    validate_no_spins(call, caller);
    checked_begin(record, entry, shared, call);
    atomic_fetch_add_explicit(&entry->class->taken, 1, memory_order_relaxed);
    if (!(shared ? lck_rw_try_lock_shared(lck) : lck_rw_try_lock_exclusive(lck))) {
        uint64_t began = now_ns();
        record_wait_begin(record, entry, NULL, NULL);
        lck_rw_lock(lck, shared ? LCK_RW_TYPE_SHARED : LCK_RW_TYPE_EXCLUSIVE);
        checked_wait_end(record, entry, began);
    }
    record_push(record, entry, shared, false);
}

void checked_lck_rw_lock(lck_rw_t *lck, lck_rw_type_t type)
{
    rw_take(lck, type == LCK_RW_TYPE_SHARED, "lck_rw_lock", CALLER);
}

void checked_lck_rw_lock_shared(lck_rw_t *lck)
{
    rw_take(lck, true, "lck_rw_lock_shared", CALLER);
}

void checked_lck_rw_lock_exclusive(lck_rw_t *lck)
{
    rw_take(lck, false, "lck_rw_lock_exclusive", CALLER);
}

static boolean_t rw_try(lck_rw_t *lck, lck_rw_type_t type, const char *call, const void *caller)
{
    struct lock_entry *entry = checked_find(lck, LOCK_RW, call, caller);
    if (!lck_rw_try_lock(lck, type))
        return FALSE;
    atomic_fetch_add_explicit(&entry->class->taken, 1, memory_order_relaxed);
    record_push(thread_record_self(), entry, type == LCK_RW_TYPE_SHARED, false);
    return TRUE;
}

boolean_t checked_lck_rw_try_lock(lck_rw_t *lck, lck_rw_type_t type)
{
    return rw_try(lck, type, "lck_rw_try_lock", CALLER);
}

boolean_t checked_lck_rw_try_lock_shared(lck_rw_t *lck)
{
    return rw_try(lck, LCK_RW_TYPE_SHARED, "lck_rw_try_lock_shared", CALLER);
}

boolean_t checked_lck_rw_try_lock_exclusive(lck_rw_t *lck)
{
    return rw_try(lck, LCK_RW_TYPE_EXCLUSIVE, "lck_rw_try_lock_exclusive", CALLER);
}

/* ---- releasing ----------------------------------------------------------------------------------------- */

static lck_rw_type_t rw_drop(lck_rw_t *lck, lck_rw_type_t type, const char *call, const void *caller)
{
    struct thread_record *record = thread_record_self();
    struct lock_entry *entry = checked_find(lck, LOCK_RW, call, caller);
    struct held_lock *held = checked_held(record, entry, call);
    lck_rw_type_t has = held->shared ? LCK_RW_TYPE_SHARED : LCK_RW_TYPE_EXCLUSIVE;
    if (type && type != has)
        report_text("lock-wrong-release", true, "the lock was taken", &held->stack,
                    "it calls %s on reader-writer lock %p (%s), which this thread holds %s", call,
                    atomic_load_explicit(&entry->lock, memory_order_relaxed), entry->class->name,
                    held->shared ? "shared" : "exclusively");
    record_drop(record, held);
    return has;
}

void checked_lck_rw_unlock(lck_rw_t *lck, lck_rw_type_t type)
{
    rw_drop(lck, type, "lck_rw_unlock", CALLER);
    lck_rw_unlock(lck, type);
}

void checked_lck_rw_unlock_shared(lck_rw_t *lck)
{
    rw_drop(lck, LCK_RW_TYPE_SHARED, "lck_rw_unlock_shared", CALLER);
    lck_rw_unlock_shared(lck);
}

void checked_lck_rw_unlock_exclusive(lck_rw_t *lck)
{
    rw_drop(lck, LCK_RW_TYPE_EXCLUSIVE, "lck_rw_unlock_exclusive", CALLER);
    lck_rw_unlock_exclusive(lck);
}

lck_rw_type_t checked_lck_rw_done(lck_rw_t *lck)
{
    lck_rw_type_t type = rw_drop(lck, 0, "lck_rw_done", CALLER);
    lck_rw_unlock(lck, type);
    return type;
}

/* ---- changing ------------------------------------------------------------------------------------------ */

boolean_t checked_lck_rw_lock_shared_to_exclusive(lck_rw_t *lck)
{
    struct thread_record *record = thread_record_self();
    struct lock_entry *entry = checked_find(lck, LOCK_RW, "lck_rw_lock_shared_to_exclusive", CALLER);
    validate_no_spins("lck_rw_lock_shared_to_exclusive", CALLER);
    rw_drop(lck, LCK_RW_TYPE_SHARED, "lck_rw_lock_shared_to_exclusive", CALLER);
    record_wait_begin(record, entry, NULL, NULL);
    boolean_t upgraded = lck_rw_lock_shared_to_exclusive(lck);
    record_wait_end(record);
    if (upgraded)
        record_push(record, entry, false, false);
    return upgraded;
}

void checked_lck_rw_lock_exclusive_to_shared(lck_rw_t *lck)
{
    struct thread_record *record = thread_record_self();
    struct lock_entry *entry = checked_find(lck, LOCK_RW, "lck_rw_lock_exclusive_to_shared", CALLER);
    rw_drop(lck, LCK_RW_TYPE_EXCLUSIVE, "lck_rw_lock_exclusive_to_shared", CALLER);
    lck_rw_lock_exclusive_to_shared(lck);
    record_push(record, entry, true, false);
}
