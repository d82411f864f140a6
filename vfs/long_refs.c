// SPDX-License-Identifier: BSD-2-Clause
/*
 * The book of long references: usecounts and vnode_addfsref(), by vnode, each with the stack that took it.
 * What kexts take is written down by the checking variants, apart from what anybody takes.
 *
 * A usecount has no name, so who gives one up does not say which. It is one of the same role, which is how it
 * was opened, or that a kext's code took it; of an open file's, the one that the file was said to own; else
 * the one that was taken by the same thread or for the same process, else the newest. References of one role
 * that were taken at one place for one process share a row, but for those of open files. Of each role
 * LONG_REF_TAKERS_MAX rows are kept, and one more counts what has no row.
 *
 * Locks: one spin lock (rank 335) for a share of the buckets. Called by vnode_refs.c, vnode_checked.c,
 * sys_file.c, vnode_holders.c.
 */
#include <mach/mach_time.h>
#include <string.h>
#include <sys/fcntl.h>

#include "kern/kern_iface.h"
#include "kern/lock_iface.h"
#include "vfs/vnode_checked_internal.h"

#define SHARES  16u
#define BUCKETS 64u /* of each share */

static struct {
    lck_spin_t lock;
    struct long_ref *buckets[BUCKETS];
} shares[SHARES];
static lck_grp_t *group;

void long_refs_boot(void)
{
    group = lck_grp_alloc_init("vfs.long_refs", LCK_GRP_ATTR_NULL);
    for (unsigned i = 0; i < SHARES; i++)
        lck_spin_init(&shares[i].lock, group, LCK_ATTR_NULL);
}

void long_refs_shutdown(void)
{
    for (unsigned i = 0; i < SHARES; i++) {
        for (unsigned j = 0; j < BUCKETS; j++) {
            struct long_ref *next;
            for (struct long_ref *ref = shares[i].buckets[j]; ref; ref = next) {
                next = ref->next;
                kern_free(ref, sizeof(*ref));
            }
            shares[i].buckets[j] = NULL;
        }
        lck_spin_destroy(&shares[i].lock, group);
    }
    lck_grp_free(group);
}

static struct long_ref **place_of(struct vnode *vp, lck_spin_t **lock)
{
    uint32_t index = vp->v_index;
    *lock = &shares[index % SHARES].lock;
    return &shares[index % SHARES].buckets[index / SHARES % BUCKETS];
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

static bool row_is(const struct long_ref *ref, const struct vnode *vp, enum long_ref_kind kind)
{
    return ref->vp == vp && ref->kind == kind;
}

/* The modes of an open come with whatever flags the opener gave. */
#define OPENS (FREAD | FWRITE | O_EVTONLY)
static int role_of(int fmode)
{
    return fmode & (OPENS | LONG_REF_ROLE_KEXT);
}

static bool taken_alike(const struct long_ref *a, const struct long_ref *b)
{
    return !(a->role & OPENS) && a->pid == b->pid && a->operation == b->operation &&
           a->stack.depth == b->stack.depth &&
           memcmp(a->stack.pc, b->stack.pc, a->stack.depth * sizeof(a->stack.pc[0])) == 0;
}

/* The row that a reference like @note goes into; NULL: it needs one of its own. */
static struct long_ref *row_shared(struct long_ref *ref, const struct long_ref *note)
{
    struct long_ref *rest = NULL;
    unsigned takers = 0;
    for (; ref; ref = ref->next) {
        if (!row_is(ref, note->vp, note->kind) || ref->role != note->role)
            continue;
        if (ref->unkept)
            rest = ref;
        else if (taken_alike(ref, note))
            return ref;
        else
            takers++;
    }
    return takers < LONG_REF_TAKERS_MAX ? NULL : rest;
}

/* A row for what is not kept, where @note is one too many. */
static void row_fill(struct long_ref *place, struct long_ref *fresh, const struct long_ref *note)
{
    unsigned takers = 0;
    for (const struct long_ref *ref = place; ref; ref = ref->next)
        takers += row_is(ref, note->vp, note->kind) && ref->role == note->role && !ref->unkept;
    *fresh = *note;
    if (takers < LONG_REF_TAKERS_MAX)
        return;
    *fresh = (struct long_ref){.vp = note->vp, .kind = note->kind, .role = note->role, .unkept = true};
}

/* Writes down a reference that was just taken. False: it needs a row, and @fresh is NULL. */
static bool row_note(struct vnode *vp, struct long_ref *fresh, const struct long_ref *note)
{
    lck_spin_t *lock;
    struct long_ref **place = place_of(vp, &lock);
    lck_spin_lock(lock);
    struct long_ref *ref = row_shared(*place, note);
    if (!ref && fresh) {
        row_fill(*place, fresh, note);
        ref = fresh;
        ref->next = *place;
        *place = ref;
    }
    if (ref) {
        ref->count++;
        ref->since_ns = ref->unkept ? 0 : note->since_ns;
        ref->thread = note->thread;
    }
    lck_spin_unlock(lock);
    if (fresh && ref != fresh)
        kern_free(fresh, sizeof(*fresh));
    return ref != NULL;
}

void long_ref_take(struct vnode *vp, enum long_ref_kind kind, int role)
{
    const struct validate_operation *op = validate_operation_now();
    struct long_ref note = {.vp = vp,
                            .kind = kind,
                            .role = role_of(role),
                            .since_ns = mach_absolute_time(),
                            .operation = op ? op->name : NULL,
                            .thread = kern_thread_number(kern_thread()),
                            .pid = proc_pid(kern_proc_current())};
    validate_stack_take(&note.stack);
    if (!row_note(vp, NULL, &note))
        row_note(vp, kern_alloc(sizeof(note), "long references"), &note);
}

/* ---- which one goes ------------------------------------------------------------------------------------ */

/* How well @ref fits what the calling thread gives up. */
static unsigned fit(const struct long_ref *ref, int role, uint32_t thread, int32_t pid)
{
    unsigned points = ref->role == role ? 64 : 0;
    if (ref->leaving)
        points += 32;
    if (ref->unkept)
        return points + 9; /* less than one that fits, more than one of which nothing is known */
    if (!ref->owner)
        points += 8;
    if (ref->thread == thread)
        points += 2;
    if (pid && ref->pid == pid)
        points += 4;
    return points;
}

static struct long_ref **row_leaving(struct long_ref **at, struct vnode *vp, enum long_ref_kind kind,
                                     int role)
{
    uint32_t thread = kern_thread_number(kern_thread());
    int32_t pid = proc_pid(kern_proc_current());
    struct long_ref **best = NULL;
    unsigned most = 0;
    for (; *at; at = &(*at)->next) {
        if (!row_is(*at, vp, kind))
            continue;
        unsigned points = fit(*at, role, thread, pid);
        if (best && (points < most || (points == most && (*at)->since_ns <= (*best)->since_ns)))
            continue;
        best = at;
        most = points;
    }
    return best;
}

bool long_ref_drop(struct vnode *vp, enum long_ref_kind kind, int role)
{
    struct long_ref *gone = NULL;
    lck_spin_t *lock;
    struct long_ref **place = place_of(vp, &lock);
    lck_spin_lock(lock);
    struct long_ref **at = row_leaving(place, vp, kind, role_of(role));
    if (at && (*at)->leaving)
        (*at)->leaving--;
    if (at && --(*at)->count == 0) {
        gone = *at;
        *at = gone->next;
    }
    lck_spin_unlock(lock);
    kern_free(gone, sizeof(*gone));
    return at != NULL;
}

void long_ref_own(struct vnode *vp, int role, const void *owner)
{
    uint32_t thread = kern_thread_number(kern_thread());
    struct long_ref *newest = NULL;
    lck_spin_t *lock;
    struct long_ref **place = place_of(vp, &lock);
    lck_spin_lock(lock);
    for (struct long_ref *ref = *place; ref; ref = ref->next) {
        if (row_is(ref, vp, LONG_REF_ANY) && ref->role == role_of(role) && ref->thread == thread &&
            !ref->owner && !ref->unkept && (!newest || ref->since_ns > newest->since_ns))
            newest = ref;
    }
    if (newest)
        newest->owner = owner;
    lck_spin_unlock(lock);
}

void long_ref_leave(struct vnode *vp, int role, const void *owner)
{
    struct long_ref *leaving = NULL;
    lck_spin_t *lock;
    struct long_ref **place = place_of(vp, &lock);
    lck_spin_lock(lock);
    for (struct long_ref *ref = *place; ref; ref = ref->next) {
        if (!row_is(ref, vp, LONG_REF_ANY) || ref->role != role_of(role))
            continue;
        if (ref->owner == owner || (ref->unkept && !leaving))
            leaving = ref;
        if (ref->owner == owner)
            break;
    }
    if (leaving)
        leaving->leaving++;
    lck_spin_unlock(lock);
}

/* ---- copies -------------------------------------------------------------------------------------------- */

size_t long_refs_of(struct vnode *vp, enum long_ref_kind kind, struct long_ref *rows, size_t max)
{
    size_t n = 0;
    lck_spin_t *lock;
    struct long_ref **place = place_of(vp, &lock);
    lck_spin_lock(lock);
    for (const struct long_ref *ref = *place; ref; ref = ref->next) {
        if (!row_is(ref, vp, kind))
            continue;
        if (n < max)
            rows[n] = *ref;
        n++;
    }
    lck_spin_unlock(lock);
    return n;
}

size_t long_refs_copy(enum long_ref_kind kind, struct long_ref *rows, size_t max)
{
    size_t n = 0;
    for (unsigned i = 0; i < SHARES; i++) {
        lck_spin_lock(&shares[i].lock);
        for (unsigned j = 0; j < BUCKETS; j++) {
            for (const struct long_ref *ref = shares[i].buckets[j]; ref; ref = ref->next) {
                if (ref->kind != kind)
                    continue;
                if (n < max)
                    rows[n] = *ref;
                n++;
            }
        }
        lck_spin_unlock(&shares[i].lock);
    }
    return n;
}
