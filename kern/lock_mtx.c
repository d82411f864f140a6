// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_mtx.c: mutexes: a host mutex plus its owner, so that misuse is a panic that names the group instead of
 * a hang. The spin forms are the same lock. Called by kexts and by all of the kernel half.
 */
#include "kern/lock_internal.h"
#include "kern/memory_internal.h"

#define CALLER __builtin_return_address(0)

static struct kthread *mtx_owner(lck_mtx_t *lck)
{
    return atomic_load_explicit(&lck->mtx_owner, memory_order_relaxed);
}

static void mtx_taken(lck_mtx_t *lck, struct kthread *self, const void *pc)
{
    lock_held_add(self, lck, lck->mtx_group, pc);
    atomic_store_explicit(&lck->mtx_owner, self, memory_order_relaxed);
    self->t_mutexes++;
}

void lck_mtx_init(lck_mtx_t *lck, lck_grp_t *grp, lck_attr_t *attr)
{
    (void)attr;
    lock_join_group(grp);
    host_mutex_init(&lck->mtx_host);
    atomic_store_explicit(&lck->mtx_owner, NULL, memory_order_relaxed);
    lck->mtx_group = grp;
}

void lck_mtx_destroy(lck_mtx_t *lck, lck_grp_t *grp)
{
    lock_check(lck, lck->mtx_group, "mutex", CALLER);
    KASSERT(!mtx_owner(lck), "mutex of group \"%s\" is destroyed while held", lck->mtx_group->grp_name);
    KASSERT(grp == lck->mtx_group, "mutex of group \"%s\" is destroyed with another group",
            lck->mtx_group->grp_name);
    host_mutex_destroy(&lck->mtx_host);
    lck->mtx_group = LOCK_DESTROYED;
    lock_leave_group(grp);
}

lck_mtx_t *lck_mtx_alloc_init_at(lck_grp_t *grp, lck_attr_t *attr, const void *caller)
{
    struct memory_request request = {.size = sizeof(lck_mtx_t),
                                     .tag = memory_tag_named("lck_mtx"),
                                     .kind = MEMORY_KERNEL,
                                     .caller = caller,
                                     .zero = true};
    lck_mtx_t *lck = memory_alloc(&request);

    KASSERT(lck, "no memory for a mutex");
    lck_mtx_init(lck, grp, attr);
    return lck;
}

lck_mtx_t *lck_mtx_alloc_init(lck_grp_t *grp, lck_attr_t *attr)
{
    return lck_mtx_alloc_init_at(grp, attr, CALLER);
}

void lck_mtx_free(lck_mtx_t *lck, lck_grp_t *grp)
{
    lck_mtx_destroy(lck, grp);
    kern_free(lck, sizeof *lck);
}

void lck_mtx_lock(lck_mtx_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->mtx_group, "mutex", CALLER);
    KASSERT(mtx_owner(lck) != self, "mutex of group \"%s\" is taken twice by one thread",
            lck->mtx_group->grp_name);
    host_mutex_lock(&lck->mtx_host);
    mtx_taken(lck, self, CALLER);
}

boolean_t lck_mtx_try_lock(lck_mtx_t *lck)
{
    lock_check(lck, lck->mtx_group, "mutex", CALLER);
    if (!host_mutex_trylock(&lck->mtx_host))
        return FALSE;
    mtx_taken(lck, thread_self(), CALLER);
    return TRUE;
}

void lck_mtx_unlock(lck_mtx_t *lck)
{
    struct kthread *self = thread_self();

    lock_check(lck, lck->mtx_group, "mutex", CALLER);
    KASSERT(mtx_owner(lck) == self, "mutex of group \"%s\" is released by a thread that does not hold it",
            lck->mtx_group->grp_name);
    atomic_store_explicit(&lck->mtx_owner, NULL, memory_order_relaxed);
    self->t_mutexes--;
    lock_held_drop(self, lck);
    host_mutex_unlock(&lck->mtx_host);
}

void lck_mtx_lock_spin(lck_mtx_t *lck)
{
    lck_mtx_lock(lck);
}

boolean_t lck_mtx_try_lock_spin(lck_mtx_t *lck)
{
    return lck_mtx_try_lock(lck);
}

void lck_mtx_convert_spin(lck_mtx_t *lck)
{
    KASSERT(mtx_owner(lck) == thread_self(),
            "mutex of group \"%s\" is converted by a thread that does not hold it", lck->mtx_group->grp_name);
}

bool lck_mtx_held(lck_mtx_t *lck)
{
    return mtx_owner(lck) == thread_self();
}

void lck_mtx_assert(lck_mtx_t *lck, unsigned int type)
{
    bool held = lck_mtx_held(lck);

    lock_check(lck, lck->mtx_group, "mutex", CALLER);
    if (type == LCK_MTX_ASSERT_OWNED && !held)
        panic("mutex of group \"%s\" should be held by this thread", lck->mtx_group->grp_name);
    if (type == LCK_MTX_ASSERT_NOTOWNED && held)
        panic("mutex of group \"%s\" should not be held by this thread", lck->mtx_group->grp_name);
}
