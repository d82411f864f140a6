// SPDX-License-Identifier: BSD-2-Clause
/*
 * watch.c: the watchdog's report of an operation that does not end: who waits for what, who has that, what
 * that one waits for in turn, with all stacks; and whether it goes round in a circle.
 *
 * Locks: none of its own. Called now and then by the host program.
 */
#include <string.h>
#include <sys/syslog.h>
#include <libkern/libkern.h>

#include "validate/listing_internal.h"

#define CHAIN_MAX 8u

/* A thread that holds @entry. False: nobody does now. */
static bool holder_view(const struct lock_entry *entry, struct thread_view *view,
                        const struct held_lock **held)
{
    uint32_t index = 0;
    while (thread_view_next(&index, view)) {
        *held = record_find(&view->record, entry);
        if (*held)
            return true;
    }
    return false;
}

static void log_wait(const struct thread_view *view)
{
    const struct thread_record *record = &view->record;
    uint64_t ms = (now_ns() - record->wait_since_ns) / 1000000;
    char what[256];
    if (record->waits == WAIT_LOCK)
        view_lock_describe(record->wait_entry, what, sizeof(what));
    else
        snprintf(what, sizeof(what), "event %p \"%s\"", record->wait_event, record->wait_name);
    kern_log(LOG_WARNING, "validate:   thread %u \"%s\" has waited %llu ms for %s\n", record->number,
             record->thread_name, ms, what);
    report_stack(LOG_WARNING, "where it waits", &record->wait_stack);
}

static void log_running(uint32_t thread)
{
    char where[512];
    kern_thread_where(thread, where, sizeof(where));
    kern_log(LOG_WARNING, "validate:   thread %u runs%s%s\n", thread, where[0] ? ": " : "", where);
}

/* From a thread that waits to the one that has what it waits for, and on. @view is overwritten. */
static void log_chain(struct thread_view *view)
{
    uint32_t first = view->record.number;
    for (unsigned i = 0; i < CHAIN_MAX && record_waits(&view->record); i++) {
        const struct held_lock *held;
        log_wait(view);
        if (view->record.waits != WAIT_LOCK)
            return;
        if (!holder_view(view->record.wait_entry, view, &held)) {
            kern_log(LOG_WARNING, "validate:   nobody holds it now\n");
            return;
        }
        kern_log(LOG_WARNING, "validate:   thread %u \"%s\" holds it since %llu ms (%s)\n",
                 view->record.number, view->record.thread_name, (now_ns() - held->since_ns) / 1000000,
                 held->operation ? held->operation : "outside any operation");
        report_stack(LOG_WARNING, "where it was taken", &held->stack);
        if (view->record.number == first) {
            kern_log(LOG_WARNING, "validate:   the threads wait for each other: a deadlock\n");
            return;
        }
    }
    if (!record_waits(&view->record))
        log_running(view->record.number);
}

/* Has this operation been told of? Remembers that it has. */
static bool told_already(uint32_t index, uint64_t began_ns)
{
    struct thread_record *record = thread_record_at(&(uint32_t){index});
    bool told = true;
    if (!record)
        return told;
    lck_spin_lock(record->lock);
    told = record->told == began_ns;
    record->told = began_ns;
    lck_spin_unlock(record->lock);
    return told;
}

unsigned validate_watch(uint64_t ns)
{
    uint32_t index = 0;
    unsigned told = 0;
    if (!validate_on())
        return 0;
    struct thread_view *view = kern_alloc(sizeof(*view), "validator");
    while (thread_view_next(&index, view)) {
        if (!view->n_operations)
            continue;
        /* The outermost: what is called from inside it is no news. */
        const struct view_operation op = view->operations[view->n_operations - 1];
        uint64_t now = now_ns();
        char where[256];
        if (now < op.began_ns || now - op.began_ns < ns || told_already(index - 1, op.began_ns))
            continue;
        kern_describe_pc(op.function, where, sizeof(where));
        kern_log(LOG_WARNING, "validate: [hang] %s of %s has run for %llu ms on thread %u: %s\n", op.name,
                 kern_pc_kext(op.function) ? kern_pc_kext(op.function) : "the kernel",
                 (now - op.began_ns) / 1000000, view->record.number, where);
        log_chain(view);
        told++;
    }
    kern_free(view, sizeof(*view));
    return told;
}
