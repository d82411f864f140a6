// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_rw.c: reader-writer locks: the host's, plus the exclusive owner and a count of holds per thread, so
 * that misuse is a panic instead of a hang. Called by kexts and by all of the kernel half.
 */
#include "kern/lock_internal.h"
#include "kern/memory_internal.h"

#define CALLER __builtin_return_address(0)

static struct kthread *rw_owner(lck_rw_t *lck)
{
    return atomic_load_explicit(&lck->rw_owner, memory_order_relaxed);
}

static void rw_set_owner(lck_rw_t *lck, struct kthread *owner)
{
    atomic_store_explicit(&lck->rw_owner, owner, memory_order_relaxed);
}

void lck_rw_init(lck_rw_t *lck, lck_grp_t *grp, lck_attr_t *attr)
{
    (void)attr;
    lock_join_group(grp);
    host_rwlock_init(&lck->rw_host);
    rw_set_owner(lck, NULL);
    lck->rw_group = grp;
}

void lck_rw_destroy(lck_rw_t *lck, lck_grp_t *grp)
{
    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    KASSERT(!host_rwlock_held_exclusive(&lck->rw_host) && !host_rwlock_held_shared(&lck->rw_host),
            "reader-writer lock of group \"%s\" is destroyed while held", lck->rw_group->grp_name);
    KASSERT(grp == lck->rw_group, "reader-writer lock of group \"%s\" is destroyed with another group",
            lck->rw_group->grp_name);
    host_rwlock_destroy(&lck->rw_host);
    lck->rw_group = LOCK_DESTROYED;
    lock_leave_group(grp);
}

lck_rw_t *lck_rw_alloc_init_at(lck_grp_t *grp, lck_attr_t *attr, const void *caller)
{
    struct memory_request request = {.size = sizeof(lck_rw_t),
                                     .tag = memory_tag_named("lck_rw"),
                                     .kind = MEMORY_KERNEL,
                                     .caller = caller,
                                     .zero = true};
    lck_rw_t *lck = memory_alloc(&request);

    KASSERT(lck, "no memory for a reader-writer lock");
    lck_rw_init(lck, grp, attr);
    return lck;
}

lck_rw_t *lck_rw_alloc_init(lck_grp_t *grp, lck_attr_t *attr)
{
    return lck_rw_alloc_init_at(grp, attr, CALLER);
}

void lck_rw_free(lck_rw_t *lck, lck_grp_t *grp)
{
    lck_rw_destroy(lck, grp);
    kern_free(lck, sizeof *lck);
}

void lck_rw_lock_shared(lck_rw_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    KASSERT(rw_owner(lck) != self,
            "reader-writer lock of group \"%s\" is taken shared by its exclusive holder",
            lck->rw_group->grp_name);
    host_rwlock_lock_shared(&lck->rw_host);
    self->t_rws++;
    lock_held_add(self, lck, lck->rw_group, CALLER);
}

void lck_rw_lock_exclusive(lck_rw_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    KASSERT(rw_owner(lck) != self, "reader-writer lock of group \"%s\" is taken twice by one thread",
            lck->rw_group->grp_name);
    host_rwlock_lock_exclusive(&lck->rw_host);
    rw_set_owner(lck, self);
    self->t_rws++;
    lock_held_add(self, lck, lck->rw_group, CALLER);
}

boolean_t lck_rw_try_lock_shared(lck_rw_t *lck)
{
    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    if (!host_rwlock_trylock_shared(&lck->rw_host))
        return FALSE;
    thread_self()->t_rws++;
    lock_held_add(thread_self(), lck, lck->rw_group, CALLER);
    return TRUE;
}

boolean_t lck_rw_try_lock_exclusive(lck_rw_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    if (!host_rwlock_trylock_exclusive(&lck->rw_host))
        return FALSE;
    rw_set_owner(lck, self);
    self->t_rws++;
    lock_held_add(self, lck, lck->rw_group, CALLER);
    return TRUE;
}

void lck_rw_unlock_shared(lck_rw_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    KASSERT(self->t_rws && host_rwlock_held_shared(&lck->rw_host),
            "reader-writer lock of group \"%s\" is released, but was not held shared",
            lck->rw_group->grp_name);
    self->t_rws--;
    lock_held_drop(self, lck);
    host_rwlock_unlock_shared(&lck->rw_host);
}

void lck_rw_unlock_exclusive(lck_rw_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    KASSERT(rw_owner(lck) == self,
            "reader-writer lock of group \"%s\" is released by a thread that does not hold it",
            lck->rw_group->grp_name);
    rw_set_owner(lck, NULL);
    self->t_rws--;
    lock_held_drop(self, lck);
    host_rwlock_unlock_exclusive(&lck->rw_host);
}

lck_rw_type_t lck_rw_done(lck_rw_t *lck)
{
    if (rw_owner(lck) == thread_self()) {
        lck_rw_unlock_exclusive(lck);
        return LCK_RW_TYPE_EXCLUSIVE;
    }
    lck_rw_unlock_shared(lck);
    return LCK_RW_TYPE_SHARED;
}

static void rw_bad_type(lck_rw_type_t type) __attribute__((noreturn));
static void rw_bad_type(lck_rw_type_t type)
{
    panic("reader-writer lock used with the unknown type %u", type);
}

void lck_rw_lock(lck_rw_t *lck, lck_rw_type_t type)
{
    if (type == LCK_RW_TYPE_SHARED)
        lck_rw_lock_shared(lck);
    else if (type == LCK_RW_TYPE_EXCLUSIVE)
        lck_rw_lock_exclusive(lck);
    else
        rw_bad_type(type);
}

void lck_rw_unlock(lck_rw_t *lck, lck_rw_type_t type)
{
    if (type == LCK_RW_TYPE_SHARED)
        lck_rw_unlock_shared(lck);
    else if (type == LCK_RW_TYPE_EXCLUSIVE)
        lck_rw_unlock_exclusive(lck);
    else
        rw_bad_type(type);
}

boolean_t lck_rw_try_lock(lck_rw_t *lck, lck_rw_type_t type)
{
    if (type == LCK_RW_TYPE_SHARED)
        return lck_rw_try_lock_shared(lck);
    if (type == LCK_RW_TYPE_EXCLUSIVE)
        return lck_rw_try_lock_exclusive(lck);
    rw_bad_type(type);
}

boolean_t lck_rw_lock_shared_to_exclusive(lck_rw_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    KASSERT(self->t_rws && host_rwlock_held_shared(&lck->rw_host),
            "reader-writer lock of group \"%s\" is upgraded, but was not held shared",
            lck->rw_group->grp_name);
    if (!host_rwlock_upgrade(&lck->rw_host)) {
        self->t_rws--;
        lock_held_drop(self, lck);
        return FALSE;
    }
    rw_set_owner(lck, self);
    return TRUE;
}

void lck_rw_lock_exclusive_to_shared(lck_rw_t *lck)
{
    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    KASSERT(rw_owner(lck) == thread_self(),
            "reader-writer lock of group \"%s\" is downgraded by a thread that does not hold it",
            lck->rw_group->grp_name);
    rw_set_owner(lck, NULL);
    host_rwlock_downgrade(&lck->rw_host);
}

bool lck_rw_held_exclusive(lck_rw_t *lck)
{
    return rw_owner(lck) == thread_self();
}

void lck_rw_assert(lck_rw_t *lck, unsigned int type)
{
    bool alone = lck_rw_held_exclusive(lck), shared = host_rwlock_held_shared(&lck->rw_host), right;

    lock_check(lck, lck->rw_group, "reader-writer lock", CALLER);
    switch (type) {
    case LCK_RW_ASSERT_SHARED:
        right = shared;
        break;
    case LCK_RW_ASSERT_EXCLUSIVE:
        right = alone;
        break;
    case LCK_RW_ASSERT_HELD:
        right = alone || shared;
        break;
    case LCK_RW_ASSERT_NOTHELD:
        right = !alone;
        break;
    default:
        rw_bad_type(type);
    }
    if (!right)
        panic("reader-writer lock of group \"%s\" fails assertion %u", lck->rw_group->grp_name, type);
}
