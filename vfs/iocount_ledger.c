// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ledger of iocounts: for each thread, the vnodes it holds and where it got hold of each. Kept only when
 * vfs_boot() was asked to (SYS_BOOT_LEDGER); otherwise one test of a constant per get and put.
 *
 * A ledger is changed by its thread alone, under a lock since listings look at it; its thread
 * reads it without. Ledgers are found by thread number and pass on to the next thread of that number. An
 * iocount may legally be put by another thread than its taker; the putter's count is negative then, and the
 * operation it does that in is what the contract checks complain about.
 *
 * Locks: a spin lock (rank 330) for a share of the ledgers, never two. Called by whatever changes an iocount,
 * and by vnop_watch.c.
 */
#include <mach/mach_time.h>
#include <sys/syslog.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_internal.h"

#define THREADS_MAX 16384u /* thread numbers are below it */
#define ROWS_FIRST  16u
#define LOCKS       64u

struct ledger_row {
    struct vnode *vp;
    int32_t held;
    struct validate_stack stack; /* of the last take */
    uint64_t since_ns;
};
struct iocount_ledger {
    lck_spin_t *lock;
    struct kthread *owner;
    uint32_t number;
    int64_t total;
    unsigned count, room;
    struct ledger_row *rows; /* `room` of them */
};

bool iocount_ledger_enabled;
static struct iocount_ledger *_Atomic *ledgers;
static lck_grp_t *group;
static lck_spin_t locks[LOCKS]; /* a share of the ledgers each */

void iocount_ledger_boot(bool enabled)
{
    iocount_ledger_enabled = enabled;
    if (!enabled)
        return;
    ledgers = kern_alloc(THREADS_MAX * sizeof(*ledgers), "iocount ledger");
    group = lck_grp_alloc_init("vfs.ledger", LCK_GRP_ATTR_NULL);
    for (unsigned i = 0; i < LOCKS; i++)
        lck_spin_init(&locks[i], group, LCK_ATTR_NULL);
}

void iocount_ledger_shutdown(void)
{
    if (!iocount_ledger_enabled)
        return;
    iocount_ledger_enabled = false;
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        struct iocount_ledger *ledger = atomic_load(&ledgers[i]);
        if (!ledger)
            continue;
        kern_free(ledger->rows, ledger->room * sizeof(struct ledger_row));
        kern_free(ledger, sizeof(*ledger));
    }
    for (unsigned i = 0; i < LOCKS; i++)
        lck_spin_destroy(&locks[i], group);
    lck_grp_free(group);
    kern_free((void *)(uintptr_t)ledgers, THREADS_MAX * sizeof(*ledgers));
    ledgers = NULL;
}

static struct iocount_ledger *ledger_make(uint32_t number)
{
    struct iocount_ledger *ledger = kern_alloc(sizeof(*ledger), "iocount ledger");
    ledger->lock = &locks[number % LOCKS];
    atomic_store_explicit(&ledgers[number], ledger, memory_order_release);
    return ledger;
}

static struct iocount_ledger *mine(void)
{
    struct kthread *self = kern_thread();
    uint32_t number = kern_thread_number(self) % THREADS_MAX;
    struct iocount_ledger *ledger = atomic_load_explicit(&ledgers[number], memory_order_acquire);
    if (ledger && ledger->owner == self)
        return ledger;
    if (!ledger)
        ledger = ledger_make(number);
    if (ledger->total)
        kern_log(LOG_WARNING, "vfs: a thread ended with %lld iocounts\n", (long long)ledger->total);
    lck_spin_lock(ledger->lock);
    ledger->owner = self;
    ledger->number = number;
    ledger->total = 0;
    ledger->count = 0;
    lck_spin_unlock(ledger->lock);
    return ledger;
}

static struct ledger_row *row_of(struct iocount_ledger *ledger, struct vnode *vp)
{
    for (unsigned i = 0; i < ledger->count; i++) {
        if (ledger->rows[i].vp == vp)
            return &ledger->rows[i];
    }
    return NULL;
}

/* Room for one more row: made without the lock, exchanged under it. */
static void room_make(struct iocount_ledger *ledger)
{
    if (ledger->count < ledger->room)
        return;
    unsigned room = ledger->room ? 2 * ledger->room : ROWS_FIRST, old_room = ledger->room;
    struct ledger_row *rows = kern_alloc(room * sizeof(*rows), "iocount ledger"), *old = ledger->rows;
    if (ledger->count)
        memcpy(rows, old, ledger->count * sizeof(*rows));
    lck_spin_lock(ledger->lock);
    ledger->rows = rows;
    ledger->room = room;
    lck_spin_unlock(ledger->lock);
    kern_free(old, old_room * sizeof(*old));
}

static struct ledger_row *row_new(struct iocount_ledger *ledger, struct vnode *vp)
{
    struct ledger_row *row = &ledger->rows[ledger->count++];
    row->vp = vp;
    row->held = 0;
    return row;
}

void iocount_ledger_add(struct vnode *vp, int delta)
{
    struct iocount_ledger *ledger = mine();
    struct ledger_row *row = row_of(ledger, vp);
    struct validate_stack stack;
    bool noted = delta > 0 || !row || row->held + delta < 0;
    if (!row)
        room_make(ledger);
    if (noted)
        validate_stack_take(&stack);
    uint64_t now = noted && validate_on() ? mach_absolute_time() : 0;
    lck_spin_lock(ledger->lock);
    ledger->total += delta;
    if (!row)
        row = row_new(ledger, vp);
    row->held += delta;
    if (noted) {
        row->stack = stack;
        row->since_ns = now;
    }
    if (row->held == 0)
        *row = ledger->rows[--ledger->count];
    lck_spin_unlock(ledger->lock);
}

int64_t iocount_ledger_total(void)
{
    return mine()->total;
}

int32_t iocount_ledger_held(struct vnode *vp)
{
    struct ledger_row *row = row_of(mine(), vp);
    return row ? row->held : 0;
}

bool iocount_ledger_stack(struct vnode *vp, struct validate_stack *stack)
{
    const struct ledger_row *row = row_of(mine(), vp);
    if (row)
        *stack = row->stack;
    return row != NULL;
}

void iocount_ledger_snapshot(struct iocount_snapshot *snapshot)
{
    struct iocount_ledger *ledger = mine();
    snapshot->total = ledger->total;
    snapshot->partial = ledger->count > IOCOUNT_SNAPSHOT_MAX;
    snapshot->count = ledger->count < IOCOUNT_SNAPSHOT_MAX ? ledger->count : IOCOUNT_SNAPSHOT_MAX;
    for (unsigned i = 0; i < snapshot->count; i++) {
        snapshot->rows[i].vp = ledger->rows[i].vp;
        snapshot->rows[i].held = ledger->rows[i].held;
    }
}

int32_t iocount_snapshot_held(const struct iocount_snapshot *snapshot, const struct vnode *vp)
{
    for (unsigned i = 0; i < snapshot->count; i++) {
        if (snapshot->rows[i].vp == vp)
            return snapshot->rows[i].held;
    }
    return 0;
}

struct vnode *iocount_ledger_strange(const struct iocount_snapshot *snapshot, const struct vnode *given)
{
    struct iocount_ledger *ledger = mine();
    if (snapshot->partial)
        return NULL;
    for (unsigned i = 0; i < ledger->count; i++) {
        struct vnode *vp = ledger->rows[i].vp;
        if (ledger->rows[i].held != iocount_snapshot_held(snapshot, vp) + (vp == given))
            return vp;
    }
    for (unsigned i = 0; i < snapshot->count; i++) {
        struct vnode *vp = snapshot->rows[i].vp;
        if (!row_of(ledger, vp) && snapshot->rows[i].held + (vp == given) != 0)
            return vp;
    }
    return NULL;
}

void iocount_ledger_each(void (*fn)(void *arg, const struct iocount_holding *holding), void *arg)
{
    for (unsigned i = 0; iocount_ledger_enabled && i < THREADS_MAX; i++) {
        struct iocount_ledger *ledger = atomic_load_explicit(&ledgers[i], memory_order_acquire);
        if (!ledger)
            continue;
        lck_spin_lock(ledger->lock);
        for (unsigned j = 0; j < ledger->count; j++) {
            const struct ledger_row *row = &ledger->rows[j];
            struct iocount_holding holding = {ledger->number, row->vp, row->held, row->since_ns, row->stack};
            fn(arg, &holding);
        }
        lck_spin_unlock(ledger->lock);
    }
}

/* ---- reports ------------------------------------------------------------------------------------------- */

static void stack_describe(const struct ledger_row *row, char *buf, size_t size)
{
    size_t used = 0;
    buf[0] = 0;
    for (unsigned i = 0; i < row->stack.depth && used + 1 < size; i++) {
        char pc[96];
        kern_describe_pc((const char *)row->stack.pc[i] - 1, pc, sizeof(pc));
        used += (size_t)scnprintf(buf + used, size - used, "%s%s", i ? " < " : "", pc);
    }
}

/* The row of @vp in the ledger of thread @number, copied. */
static bool row_copy(unsigned number, struct vnode *vp, struct ledger_row *out)
{
    struct iocount_ledger *ledger = atomic_load_explicit(&ledgers[number], memory_order_acquire);
    if (!ledger)
        return false;
    lck_spin_lock(ledger->lock);
    const struct ledger_row *row = row_of(ledger, vp);
    if (row)
        *out = *row;
    lck_spin_unlock(ledger->lock);
    return row != NULL;
}

void iocount_ledger_holders(struct vnode *vp, char *buf, size_t size)
{
    struct ledger_row row;
    char where[512];
    size_t used = 0;
    buf[0] = 0;
    for (unsigned i = 0; iocount_ledger_enabled && i < THREADS_MAX && used + 1 < size; i++) {
        if (!row_copy(i, vp, &row))
            continue;
        stack_describe(&row, where, sizeof(where));
        used += (size_t)scnprintf(buf + used, size - used, "%sthread %u holds %d, last taken at %s",
                                  used ? "; " : "", i, row.held, where);
    }
}

void iocount_ledger_where(struct vnode *vp, char *buf, size_t size)
{
    struct ledger_row *row = vp ? row_of(mine(), vp) : NULL;
    if (row)
        stack_describe(row, buf, size);
    else
        strlcpy(buf, "nowhere: it is not held any more", size);
}

void iocount_ledger_report(void)
{
    struct iocount_ledger *ledger = mine();
    char what[192], where[512];
    for (unsigned i = 0; i < ledger->count; i++) {
        vnode_describe(ledger->rows[i].vp, what, sizeof(what));
        iocount_ledger_where(ledger->rows[i].vp, where, sizeof(where));
        kern_log(LOG_ERR, "vfs: this thread holds %d of %s, last taken at %s\n", ledger->rows[i].held, what,
                 where);
    }
}
