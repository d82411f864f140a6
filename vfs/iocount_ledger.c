// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ledger of iocounts: for each thread, the vnodes it holds and where it got hold of each. Kept only when
 * vfs_boot() was asked to (SYS_BOOT_LEDGER); otherwise one test of a constant per get and put.
 *
 * A ledger belongs to its thread: no other changes it, so the thread itself reads it without a lock; for the
 * others, who ask about a vnode whose drain takes long, it changes under a lock of a pool. Ledgers are found
 * by thread number and pass on to the next thread of that number. An iocount may legally be put by another
 * thread than its taker; the putter's count is negative then, and the operation it does that in is what the
 * contract checks complain about.
 *
 * Locks: `mutex` (rank 330) over the table of ledgers, then one of the pool's, leaves but for memory. Called
 * by whatever changes an iocount, and by vnop_watch.c.
 */
#include <sys/syslog.h>
#include <sys/systm.h>
#include <libkern/OSDebug.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_internal.h"

#define THREADS_MAX 16384u /* thread numbers are below it */
#define ROWS_FIRST  16u
#define DEPTH       10u
#define POOL_SIZE   16u

struct ledger_row {
    struct vnode *vp;
    int32_t held;
    unsigned depth;
    void *stack[DEPTH]; /* of the last take */
};
struct iocount_ledger {
    struct kthread *owner;
    int64_t total;
    unsigned count, room;
    struct ledger_row *rows; /* `room` of them */
};

bool iocount_ledger_enabled;
static struct iocount_ledger **ledgers;
static lck_grp_t *group;
static lck_mtx_t mutex;
static lck_mtx_t pool[POOL_SIZE]; /* by thread number */

void iocount_ledger_boot(bool enabled)
{
    iocount_ledger_enabled = enabled;
    if (!enabled)
        return;
    ledgers = kern_alloc(THREADS_MAX * sizeof(*ledgers), "iocount ledger");
    group = lck_grp_alloc_init("vfs.ledger", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&mutex, group, LCK_ATTR_NULL);
    for (unsigned i = 0; i < POOL_SIZE; i++)
        lck_mtx_init(&pool[i], group, LCK_ATTR_NULL);
}

void iocount_ledger_shutdown(void)
{
    if (!iocount_ledger_enabled)
        return;
    iocount_ledger_enabled = false;
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        if (!ledgers[i])
            continue;
        kern_free(ledgers[i]->rows, ledgers[i]->room * sizeof(struct ledger_row));
        kern_free(ledgers[i], sizeof(*ledgers[i]));
    }
    for (unsigned i = 0; i < POOL_SIZE; i++)
        lck_mtx_destroy(&pool[i], group);
    lck_mtx_destroy(&mutex, group);
    lck_grp_free(group);
    kern_free(ledgers, THREADS_MAX * sizeof(*ledgers));
    ledgers = NULL;
}

static struct iocount_ledger *mine(void)
{
    struct kthread *self = kern_thread();
    uint32_t number = kern_thread_number(self) % THREADS_MAX;
    struct iocount_ledger *ledger = ledgers[number];
    if (ledger && ledger->owner == self)
        return ledger;
    lck_mtx_lock(&mutex);
    if (!ledger) {
        ledger = kern_alloc(sizeof(*ledger), "iocount ledger");
        ledgers[number] = ledger;
    }
    lck_mtx_unlock(&mutex);
    if (ledger->total)
        kern_log(LOG_WARNING, "vfs: a thread ended with %lld iocounts\n", (long long)ledger->total);
    lck_mtx_lock(&pool[number % POOL_SIZE]);
    ledger->owner = self;
    ledger->total = 0;
    ledger->count = 0;
    lck_mtx_unlock(&pool[number % POOL_SIZE]);
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

static struct ledger_row *row_new(struct iocount_ledger *ledger, struct vnode *vp)
{
    if (ledger->count == ledger->room) {
        unsigned room = ledger->room ? 2 * ledger->room : ROWS_FIRST;
        struct ledger_row *rows = kern_alloc(room * sizeof(*rows), "iocount ledger");
        if (ledger->count)
            memcpy(rows, ledger->rows, ledger->count * sizeof(*rows));
        kern_free(ledger->rows, ledger->room * sizeof(*rows));
        ledger->rows = rows;
        ledger->room = room;
    }
    struct ledger_row *row = &ledger->rows[ledger->count++];
    row->vp = vp;
    row->held = 0;
    return row;
}

void iocount_ledger_add(struct vnode *vp, int delta)
{
    struct iocount_ledger *ledger = mine();
    struct ledger_row *row = row_of(ledger, vp);
    lck_mtx_t *lock = &pool[kern_thread_number(ledger->owner) % POOL_SIZE];
    lck_mtx_lock(lock);
    ledger->total += delta;
    if (!row)
        row = row_new(ledger, vp);
    row->held += delta;
    if (delta > 0 || row->held < 0)
        row->depth = OSBacktrace(row->stack, DEPTH);
    if (row->held == 0)
        *row = ledger->rows[--ledger->count];
    lck_mtx_unlock(lock);
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

static int32_t held_before(const struct iocount_snapshot *snapshot, const struct vnode *vp)
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
        if (ledger->rows[i].held != held_before(snapshot, vp) + (vp == given))
            return vp;
    }
    for (unsigned i = 0; i < snapshot->count; i++) {
        struct vnode *vp = snapshot->rows[i].vp;
        if (!row_of(ledger, vp) && snapshot->rows[i].held + (vp == given) != 0)
            return vp;
    }
    return NULL;
}

/* ---- reports ------------------------------------------------------------------------------------------- */

static void stack_describe(const struct ledger_row *row, char *buf, size_t size)
{
    size_t used = 0;
    buf[0] = 0;
    for (unsigned i = 0; i < row->depth && used + 1 < size; i++) {
        char pc[96];
        kern_describe_pc(row->stack[i], pc, sizeof(pc));
        used += (size_t)scnprintf(buf + used, size - used, "%s%s", i ? " < " : "", pc);
    }
}

/* The row of @vp in the ledger of thread @number, copied. */
static bool row_copy(unsigned number, struct vnode *vp, struct ledger_row *out)
{
    bool found = false;
    lck_mtx_lock(&mutex);
    struct iocount_ledger *ledger = ledgers[number];
    if (ledger) {
        lck_mtx_lock(&pool[number % POOL_SIZE]);
        struct ledger_row *row = row_of(ledger, vp);
        found = row != NULL;
        if (found)
            *out = *row;
        lck_mtx_unlock(&pool[number % POOL_SIZE]);
    }
    lck_mtx_unlock(&mutex);
    return found;
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
