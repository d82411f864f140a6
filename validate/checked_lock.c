// SPDX-License-Identifier: BSD-2-Clause
/*
 * checked_lock.c: what the checking variants of mutexes, spin locks and reader-writer locks share.
 * No lock of its own. Called by checked_mtx.c, checked_spin.c, checked_rw.c, checked_sleep.c.
 */
#include <libkern/libkern.h>

#include "validate/checked_internal.h"

/* Locks that IOKit's functions make come from the kernel half, and kexts may ask for the lock inside. */
static bool made_by_iokit(const void *lock, enum lock_kind kind)
{
    const lck_grp_t *group = kind == LOCK_MTX    ? ((const lck_mtx_t *)lock)->mtx_group
                             : kind == LOCK_SPIN ? ((const lck_spin_t *)lock)->spin_group
                                                 : ((const lck_rw_t *)lock)->rw_group;
    return group && group == IOLockGroup;
}

struct lock_entry *checked_find(const void *lock, enum lock_kind kind, const char *call, const void *caller)
{
    struct lock_entry *entry = lock_table_find(lock);
    if (!entry && lock && made_by_iokit(lock, kind)) {
        lock_table_add(lock, kind, IOLockGroup, caller);
        entry = lock_table_find(lock);
    }
    if (!entry)
        report_text("lock-never-made", true, NULL, NULL,
                    "it calls %s on %p, which was never initialised as a %s", call, lock,
                    lock_kind_name(kind));
    if (!atomic_load_explicit(&entry->alive, memory_order_acquire))
        report_text("lock-after-end", true, "the lock was destroyed", &entry->ending,
                    "it calls %s on %p, a %s (%s) that was destroyed", call, lock,
                    lock_kind_name(entry->class->kind), entry->class->name);
    if (entry->class->kind != kind)
        report_text("lock-wrong-kind", true, NULL, NULL, "it calls %s on %p, which is a %s (%s)", call, lock,
                    lock_kind_name(entry->class->kind), entry->class->name);
    return entry;
}

void checked_made(const void *lock, enum lock_kind kind, lck_grp_t *group, const void *site, const char *call)
{
    if (!lock_table_add(lock, kind, group, site))
        report_text("lock-made-twice", false, NULL, NULL,
                    "it calls %s on %p, which is a living lock: it was not destroyed before", call, lock);
}

struct held_lock *checked_held(struct thread_record *record, struct lock_entry *entry, const char *call)
{
    struct held_lock *held = record_find(record, entry);
    if (!held)
        report_text("lock-not-held", true, NULL, NULL,
                    "it calls %s on %s %p (%s), which this thread does not hold", call,
                    lock_kind_name(entry->class->kind),
                    atomic_load_explicit(&entry->lock, memory_order_relaxed), entry->class->name);
    return held;
}

/* ---- destroying ---------------------------------------------------------------------------------------- */

struct holder_search {
    const struct lock_entry *entry;
    bool found;
    uint32_t thread;
    struct validate_stack stack;
};

static void holder_look(void *arg, struct thread_record *record)
{
    struct holder_search *search = arg;
    const struct held_lock *held = record_find(record, search->entry);
    if (!held)
        return;
    search->found = true;
    search->thread = record->number;
    search->stack = held->stack;
}

void checked_free(struct lock_entry *entry, const char *call)
{
    struct holder_search search = {.entry = entry};
    thread_record_each(holder_look, &search);
    if (search.found)
        report_text(
            "lock-end-held", true, "the lock was taken", &search.stack,
            "it calls %s on %s %p (%s), which thread %u holds", call, lock_kind_name(entry->class->kind),
            atomic_load_explicit(&entry->lock, memory_order_relaxed), entry->class->name, search.thread);
    lock_table_end(entry);
}

/* ---- taking -------------------------------------------------------------------------------------------- */

void checked_begin(struct thread_record *record, struct lock_entry *entry, bool shared, const char *call)
{
    const struct held_lock *held = record_find(record, entry);
    if (held)
        report_text("lock-twice", !(shared && held->shared), "the lock was taken", &held->stack,
                    "it calls %s on %s %p (%s), which this thread holds already%s", call,
                    lock_kind_name(entry->class->kind),
                    atomic_load_explicit(&entry->lock, memory_order_relaxed), entry->class->name,
                    shared && held->shared ? ": a writer that waits in between blocks it for ever" : "");
    lock_order_check(record, entry);
}

void checked_wait_end(struct thread_record *record, struct lock_entry *entry, uint64_t began_ns)
{
    struct lock_class *class = entry->class;
    uint64_t waited = now_ns() - began_ns;
    uint64_t most = atomic_load_explicit(&class->wait_max, memory_order_relaxed);
    record_wait_end(record);
    atomic_fetch_add_explicit(&class->waited, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&class->wait_ns, waited, memory_order_relaxed);
    while (waited > most && !atomic_compare_exchange_weak_explicit(
                                &class->wait_max, &most, waited, memory_order_relaxed, memory_order_relaxed))
        ;
}
