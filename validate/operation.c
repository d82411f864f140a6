// SPDX-License-Identifier: BSD-2-Clause
/*
 * operation.c: what a thread is doing for whom: the stack of operations that it is inside of, what was held
 * when each began, and what it left behind when it ended.
 *
 * Lock: the record lock where others look. Called by vfs/ around every operation, by the checking variants of
 * vnode functions, and by the locks' variants.
 */
#include <string.h>
#include <libkern/libkern.h>

#include "validate/validate_internal.h"

/* A file system that holds a lock of its own while it causes a call of itself waits for itself, if that needs
 * the lock. */
static void check_entry(struct thread_record *record, const struct validate_operation *op)
{
    const char *kext = record->n_held ? kern_pc_kext(op->function) : NULL;
    for (unsigned i = 0; kext && i < record->n_held; i++) {
        const struct held_lock *held = &record->held[i];
        const char *owner = kern_pc_kext(held->entry->class->site);
        if (!owner || strcmp(owner, kext) != 0)
            continue;
        report_text("lock-at-entry", false, "the lock was taken", &held->stack,
                    "it is called again on a thread that holds a lock of its own, %s %p (%s)",
                    lock_kind_name(held->entry->class->kind),
                    atomic_load_explicit(&held->entry->lock, memory_order_relaxed), held->entry->class->name);
        return;
    }
}

void validate_operation_begin(struct validate_operation *op, const char *name, const void *function,
                              const void *object, const void *mount, unsigned flags)
{
    struct thread_record *record = thread_record_self();
    bool recursion = false;
    op->name = name;
    op->function = function;
    op->object = object;
    op->mount = mount;
    op->began_ns = now_ns();
    op->locks = record->n_held;
    op->reclaims = (flags & VALIDATE_OP_RECLAIMS) != 0;
    op->n_uses = op->n_puts = 0;
    op->outer = record->operation;
    /* That of a stacked file system may end one of the mount below: it goes down, and so comes to an end. */
    for (const struct validate_operation *at = op->outer; at && op->reclaims; at = at->outer)
        recursion = recursion || (at->reclaims && at->mount == mount);
    lck_spin_lock(record->lock);
    record->operation = op;
    lck_spin_unlock(record->lock);
    if (!(flags & VALIDATE_OP_LOCKS_ANY))
        check_entry(record, op);
    if (recursion)
        report_text("reclaim-recursion", false, NULL, NULL,
                    "a reclaim runs inside another reclaim of the same thread and mount: reclaims may nest "
                    "without end, and locks of the outer one may be taken again");
}

/* After a finding that was let pass: what is held too much would stop the next thread that wants it. */
static void locks_release(struct thread_record *record, unsigned down_to)
{
    while (record->n_held > down_to) {
        struct held_lock *held = &record->held[record->n_held - 1];
        void *lock = (void *)(uintptr_t)atomic_load_explicit(&held->entry->lock, memory_order_relaxed);
        bool shared = held->shared;
        enum lock_kind kind = held->entry->class->kind;
        record_drop(record, held);
        if (kind == LOCK_MTX)
            lck_mtx_unlock(lock);
        else if (kind == LOCK_SPIN)
            lck_spin_unlock(lock);
        else
            lck_rw_unlock(lock, shared ? LCK_RW_TYPE_SHARED : LCK_RW_TYPE_EXCLUSIVE);
    }
}

static void check_locks(struct thread_record *record, const struct validate_operation *op, int result)
{
    if (record->n_held == op->locks)
        return;
    struct validate_finding finding = {.rule = "lock-at-return", .function = op->function};
    char text[256];
    if (record->n_held > op->locks) {
        const struct held_lock *held = &record->held[record->n_held - 1];
        snprintf(text, sizeof(text),
                 "it returns (%d) with %u more lock(s) held than it was entered with: %s %p (%s)", result,
                 record->n_held - op->locks, lock_kind_name(held->entry->class->kind),
                 atomic_load_explicit(&held->entry->lock, memory_order_relaxed), held->entry->class->name);
        finding.evidence[finding.n_evidence++] =
            (struct validate_evidence){"the lock was taken", &held->stack};
    } else {
        snprintf(text, sizeof(text), "it returns (%d) with %u lock(s) released that its caller held", result,
                 op->locks - record->n_held);
    }
    finding.text = text;
    validate_report(&finding);
    locks_release(record, op->locks);
}

static void check_uses(const struct validate_operation *op, int result)
{
    for (unsigned i = 0; i < op->n_uses; i++) {
        struct validate_finding finding = {.rule = "usecount-balance", .function = op->function};
        char text[256];
        if (!op->uses[i].delta)
            continue;
        snprintf(text, sizeof(text),
                 op->uses[i].delta > 0
                     ? "it returns (%d) and leaves %d usecount(s) on vnode %p"
                     : "it returns (%d) and has released %d usecount(s) too many of vnode %p",
                 result, op->uses[i].delta > 0 ? op->uses[i].delta : -op->uses[i].delta, op->uses[i].vp);
        finding.text = text;
        finding.evidence[finding.n_evidence++] = (struct validate_evidence){
            op->uses[i].delta > 0 ? "the usecount was taken" : "the usecount was released",
            &op->uses[i].stack};
        validate_report(&finding);
    }
}

void validate_operation_end(struct validate_operation *op, int result, unsigned flags)
{
    struct thread_record *record = thread_record_self();
    check_locks(record, op, result);
    if (!(flags & VALIDATE_OP_USES_FREE))
        check_uses(op, result);
    lck_spin_lock(record->lock);
    record->operation = op->outer;
    lck_spin_unlock(record->lock);
}

struct validate_operation *validate_operation_now(void)
{
    return validate_on() ? thread_record_self()->operation : NULL;
}

/* ---- references ---------------------------------------------------------------------------------------- */

void validate_use(const void *vp, int delta)
{
    struct validate_operation *op = validate_operation_now();
    unsigned i = 0;
    if (!op)
        return;
    while (i < op->n_uses && op->uses[i].vp != vp)
        i++;
    if (i == VALIDATE_USES_MAX)
        return;
    if (i == op->n_uses) {
        op->uses[i].vp = vp;
        op->uses[i].delta = 0;
        op->n_uses++;
    }
    op->uses[i].delta += delta;
    validate_stack_take(&op->uses[i].stack);
}

void validate_put_last(const void *vp)
{
    struct validate_operation *op = validate_operation_now();
    unsigned i = 0;
    if (!op)
        return;
    while (i < op->n_puts && op->puts[i].vp != vp)
        i++;
    if (i == VALIDATE_USES_MAX) {
        memmove(&op->puts[0], &op->puts[1], (VALIDATE_USES_MAX - 1) * sizeof(op->puts[0]));
        i = VALIDATE_USES_MAX - 1;
    } else if (i == op->n_puts) {
        op->n_puts++;
    }
    op->puts[i].vp = vp;
    validate_stack_take(&op->puts[i].stack);
}

const struct validate_stack *validate_put_find(const void *vp)
{
    const struct validate_operation *op = validate_operation_now();
    for (unsigned i = 0; op && i < op->n_puts; i++) {
        if (op->puts[i].vp == vp)
            return &op->puts[i].stack;
    }
    return NULL;
}

/* ---- locks over calls ---------------------------------------------------------------------------------- */

unsigned validate_locks_held(void)
{
    return thread_record_self()->n_held;
}

void validate_no_locks(const char *call, const char *why)
{
    struct thread_record *record = thread_record_self();
    if (!record->n_held)
        return;
    const struct held_lock *held = &record->held[record->n_held - 1];
    report_text("lock-over-call", false, "the lock was taken", &held->stack,
                "it calls %s with %u lock(s) held, %s %p (%s) the last: %s", call, record->n_held,
                lock_kind_name(held->entry->class->kind),
                atomic_load_explicit(&held->entry->lock, memory_order_relaxed), held->entry->class->name,
                why);
}

void validate_no_spins(const char *call, const void *caller)
{
    struct thread_record *record = thread_record_self();
    for (unsigned i = record->n_held; i-- > 0;) {
        const struct held_lock *held = &record->held[i];
        if (!held->spins)
            continue;
        struct validate_finding finding = {.rule = "sleep-with-spin-lock",
                                           .function = caller ? (const char *)caller - 1 : NULL,
                                           .n_evidence = 1};
        char text[256];
        snprintf(text, sizeof(text), "it calls %s, which may sleep, with a spin lock held: %p (%s)", call,
                 atomic_load_explicit(&held->entry->lock, memory_order_relaxed), held->entry->class->name);
        finding.text = text;
        finding.evidence[0] = (struct validate_evidence){"the spin lock was taken", &held->stack};
        validate_report(&finding);
        return;
    }
}
