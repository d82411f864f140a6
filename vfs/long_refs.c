// SPDX-License-Identifier: BSD-2-Clause
/*
 * The book of long references: usecounts and vnode_addfsref(), by vnode, with the stack that took the last.
 * What kexts take is written down by the checking variants, apart from what anybody takes.
 *
 * Locks: one spin lock (rank 335) for a share of the buckets. Called by vnode_checked.c, vnop_watch.c,
 * vnode_holders.c.
 */
#include <mach/mach_time.h>

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

/* Where the pointer to the row is, or would be. */
static struct long_ref **row_of(struct long_ref **at, struct vnode *vp, enum long_ref_kind kind)
{
    while (*at && ((*at)->vp != vp || (*at)->kind != kind))
        at = &(*at)->next;
    return at;
}

/* Fills in the row of a reference that was just taken. False: there is no row, and @fresh is NULL. */
static bool row_note(struct vnode *vp, struct long_ref *fresh, const struct long_ref *note)
{
    lck_spin_t *lock;
    struct long_ref **place = place_of(vp, &lock);
    lck_spin_lock(lock);
    struct long_ref **at = row_of(place, vp, note->kind), *ref = *at;
    if (!ref && fresh)
        ref = *at = fresh;
    if (ref) {
        struct long_ref *next = ref->next;
        uint32_t count = ref->count + 1;
        *ref = *note;
        ref->next = next;
        ref->count = count;
    }
    lck_spin_unlock(lock);
    if (fresh && ref != fresh)
        kern_free(fresh, sizeof(*fresh));
    return ref != NULL;
}

void long_ref_take(struct vnode *vp, enum long_ref_kind kind)
{
    const struct validate_operation *op = validate_operation_now();
    struct long_ref note = {.vp = vp,
                            .kind = kind,
                            .since_ns = mach_absolute_time(),
                            .operation = op ? op->name : NULL,
                            .pid = proc_pid(kern_proc_current())};
    validate_stack_take(&note.stack);
    if (!row_note(vp, NULL, &note))
        row_note(vp, kern_alloc(sizeof(note), "long references"), &note);
}

bool long_ref_drop(struct vnode *vp, enum long_ref_kind kind)
{
    struct long_ref *gone = NULL;
    lck_spin_t *lock;
    struct long_ref **place = place_of(vp, &lock);
    lck_spin_lock(lock);
    struct long_ref **at = row_of(place, vp, kind);
    bool found = *at != NULL;
    if (found && --(*at)->count == 0) {
        gone = *at;
        *at = gone->next;
    }
    lck_spin_unlock(lock);
    kern_free(gone, sizeof(*gone));
    return found;
}

bool long_ref_copy(struct vnode *vp, enum long_ref_kind kind, struct long_ref *out)
{
    lck_spin_t *lock;
    struct long_ref **place = place_of(vp, &lock);
    lck_spin_lock(lock);
    struct long_ref *ref = *row_of(place, vp, kind);
    if (ref)
        *out = *ref;
    lck_spin_unlock(lock);
    return ref != NULL;
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
