// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_spin.c: spin locks. A thread here can always be preempted by the host, so spinning would only burn its
 * time: they are host mutexes, but a thread that holds one may not sleep (sleep.c panics), as on the real
 * thing.
 */
#include "kern/lock_internal.h"
#include "kern/memory_internal.h"

#define CALLER __builtin_return_address(0)

static struct kthread *spin_owner(lck_spin_t *lck)
{
    return atomic_load_explicit(&lck->spin_owner, memory_order_relaxed);
}

void lck_spin_init(lck_spin_t *lck, lck_grp_t *grp, lck_attr_t *attr)
{
    (void)attr;
    lock_join_group(grp);
    host_mutex_init(&lck->spin_host);
    atomic_store_explicit(&lck->spin_owner, NULL, memory_order_relaxed);
    lck->spin_group = grp;
}

void lck_spin_destroy(lck_spin_t *lck, lck_grp_t *grp)
{
    lock_check(lck, lck->spin_group, "spin lock", CALLER);
    KASSERT(!spin_owner(lck), "spin lock of group \"%s\" is destroyed while held", lck->spin_group->grp_name);
    KASSERT(grp == lck->spin_group, "spin lock of group \"%s\" is destroyed with another group",
            lck->spin_group->grp_name);
    host_mutex_destroy(&lck->spin_host);
    lck->spin_group = LOCK_DESTROYED;
    lock_leave_group(grp);
}

lck_spin_t *lck_spin_alloc_init_at(lck_grp_t *grp, lck_attr_t *attr, const void *caller)
{
    struct memory_request request = {.size = sizeof(lck_spin_t),
                                     .tag = memory_tag_named("lck_spin"),
                                     .kind = MEMORY_KERNEL,
                                     .caller = caller,
                                     .zero = true};
    lck_spin_t *lck = memory_alloc(&request);

    KASSERT(lck, "no memory for a spin lock");
    lck_spin_init(lck, grp, attr);
    return lck;
}

lck_spin_t *lck_spin_alloc_init(lck_grp_t *grp, lck_attr_t *attr)
{
    return lck_spin_alloc_init_at(grp, attr, CALLER);
}

void lck_spin_free(lck_spin_t *lck, lck_grp_t *grp)
{
    lck_spin_destroy(lck, grp);
    kern_free(lck, sizeof *lck);
}

void lck_spin_lock(lck_spin_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->spin_group, "spin lock", CALLER);
    KASSERT(spin_owner(lck) != self, "spin lock of group \"%s\" is taken twice by one thread",
            lck->spin_group->grp_name);
    host_mutex_lock(&lck->spin_host);
    atomic_store_explicit(&lck->spin_owner, self, memory_order_relaxed);
    self->t_spins++;
    lock_held_add(self, lck, lck->spin_group, CALLER);
}

boolean_t lck_spin_try_lock(lck_spin_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->spin_group, "spin lock", CALLER);
    if (!host_mutex_trylock(&lck->spin_host))
        return FALSE;
    atomic_store_explicit(&lck->spin_owner, self, memory_order_relaxed);
    self->t_spins++;
    lock_held_add(self, lck, lck->spin_group, CALLER);
    return TRUE;
}

void lck_spin_unlock(lck_spin_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->spin_group, "spin lock", CALLER);
    KASSERT(spin_owner(lck) == self,
            "spin lock of group \"%s\" is released by a thread that does not hold it",
            lck->spin_group->grp_name);
    atomic_store_explicit(&lck->spin_owner, NULL, memory_order_relaxed);
    self->t_spins--;
    lock_held_drop(self, lck);
    host_mutex_unlock(&lck->spin_host);
}

void lck_spin_lock_grp(lck_spin_t *lck, lck_grp_t *grp)
{
    (void)grp;
    lck_spin_lock(lck);
}

boolean_t lck_spin_try_lock_grp(lck_spin_t *lck, lck_grp_t *grp)
{
    (void)grp;
    return lck_spin_try_lock(lck);
}

void lck_spin_assert(lck_spin_t *lck, unsigned int type)
{
    bool held = spin_owner(lck) == thread_self();

    lock_check(lck, lck->spin_group, "spin lock", CALLER);
    if (type == LCK_ASSERT_OWNED && !held)
        panic("spin lock of group \"%s\" should be held by this thread", lck->spin_group->grp_name);
    if (type == LCK_ASSERT_NOTOWNED && held)
        panic("spin lock of group \"%s\" should not be held by this thread", lck->spin_group->grp_name);
}
