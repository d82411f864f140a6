// SPDX-License-Identifier: BSD-2-Clause
/*
 * listing.c: what every thread runs, holds and waits for, for `kextbed locks` and the watchdog. A record is
 * copied under its lock and named afterwards: naming addresses is slow.
 *
 * Locks: none of its own. Called by the system-call layer and watch.c.
 */
#include <string.h>
#include <libkern/libkern.h>

#include "validate/listing_internal.h"

static void view_fill(struct thread_view *view, const struct thread_record *record)
{
    view->record = *record;
    view->n_operations = 0;
    for (const struct validate_operation *op = record->operation; op && view->n_operations < VIEW_OPERATIONS;
         op = op->outer) {
        struct view_operation *out = &view->operations[view->n_operations++];
        out->name = op->name;
        out->function = op->function;
        out->object = op->object;
        out->began_ns = op->began_ns;
    }
}

bool thread_view_next(uint32_t *index, struct thread_view *view)
{
    struct thread_record *record;
    while ((record = thread_record_at(index)) != NULL) {
        lck_spin_lock(record->lock);
        bool busy = record->operation || record->n_held || record_waits(record);
        if (busy)
            view_fill(view, record);
        lck_spin_unlock(record->lock);
        if (busy)
            return true;
    }
    return false;
}

void view_lock_describe(const struct lock_entry *entry, char *buf, size_t size)
{
    snprintf(buf, size, "%s %p (%s)", lock_kind_name(entry->class->kind),
             atomic_load_explicit(&entry->lock, memory_order_relaxed), entry->class->name);
}

static void row_begin(struct validate_row *row, enum validate_row_kind kind, const struct thread_view *view)
{
    memset(row, 0, sizeof(*row));
    row->kind = kind;
    row->thread = view->record.number;
    strlcpy(row->thread_name, view->record.thread_name, sizeof(row->thread_name));
    if (view->n_operations) {
        row->operation = view->operations[0].name;
        row->kext = kern_pc_kext(view->operations[0].function);
    }
}

static void row_wait(struct validate_row *row, const struct thread_view *view)
{
    const struct thread_record *record = &view->record;
    bool lock = record->waits == WAIT_LOCK;
    row_begin(row, lock ? VALIDATE_ROW_WAITS : VALIDATE_ROW_SLEEPS, view);
    row->since_ns = record->wait_since_ns;
    row->stack = record->wait_stack;
    if (lock)
        view_lock_describe(record->wait_entry, row->object, sizeof(row->object));
    else
        snprintf(row->object, sizeof(row->object), "event %p \"%s\"", record->wait_event, record->wait_name);
}

static void rows_of(const struct thread_view *view, struct validate_row *row,
                    void (*fn)(void *arg, const struct validate_row *row), void *arg)
{
    for (unsigned i = view->n_operations; i-- > 0;) {
        row_begin(row, VALIDATE_ROW_RUNS, view);
        row->operation = view->operations[i].name;
        row->kext = kern_pc_kext(view->operations[i].function);
        row->about = view->operations[i].object;
        row->since_ns = view->operations[i].began_ns;
        kern_describe_pc(view->operations[i].function, row->object, sizeof(row->object));
        fn(arg, row);
    }
    for (unsigned i = 0; i < view->record.n_held; i++) {
        const struct held_lock *held = &view->record.held[i];
        row_begin(row, VALIDATE_ROW_HOLDS, view);
        row->operation = held->operation;
        row->since_ns = held->since_ns;
        row->stack = held->stack;
        view_lock_describe(held->entry, row->object, sizeof(row->object));
        if (held->shared)
            strlcat(row->object, ", shared", sizeof(row->object));
        fn(arg, row);
    }
    if (record_waits(&view->record)) {
        row_wait(row, view);
        fn(arg, row);
    }
}

void validate_each_row(void (*fn)(void *arg, const struct validate_row *row), void *arg)
{
    uint32_t index = 0;
    if (!validate_on())
        return;
    struct thread_view *view = kern_alloc(sizeof(*view), "validator");
    struct validate_row *row = kern_alloc(sizeof(*row), "validator");
    while (thread_view_next(&index, view))
        rows_of(view, row, fn, arg);
    kern_free(row, sizeof(*row));
    kern_free(view, sizeof(*view));
}

void validate_each_class(void (*fn)(void *arg, const struct validate_contention *class), void *arg)
{
    struct lock_class *class;
    if (!validate_on())
        return;
    for (uint32_t i = 0; (class = lock_class_at(i)); i++) {
        const struct validate_contention row = {
            .kind = lock_kind_name(class->kind),
            .name = class->name,
            .taken = atomic_load_explicit(&class->taken, memory_order_relaxed),
            .waited = atomic_load_explicit(&class->waited, memory_order_relaxed),
            .wait_ns = atomic_load_explicit(&class->wait_ns, memory_order_relaxed),
            .wait_max_ns = atomic_load_explicit(&class->wait_max, memory_order_relaxed),
        };
        fn(arg, &row);
    }
}
