// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_group.c: lock groups and attributes. A group lives until its handle was given back and its last lock
 * is gone.
 *
 * File systems make and destroy a lock with every file, on all CPUs at once, so a lock is counted in one
 * place only, in its group, by a split counter; the other figures are added up from the groups. A counter
 * that is split does not tell who took the last one away: a group that was given up with locks alive stays on
 * the list until somebody who looks at the list finds it without any. No lock can join it then, so a count of
 * 0 stays 0, and whoever brought it about does not touch the group any more.
 *
 * Lock: list_lock (rank 838) over the list of groups; memory is given back under it.
 */
#include <libkern/libkern.h>
#include <string.h>
#include <sys/syslog.h>

#include "kern/lock_internal.h"
#include "kern/memory_internal.h"

/* Attributes have no content that matters: checks are always on. They exist to be counted and freed once. */
struct __lck_attr__ {
    uint64_t attr_flags;
};
struct _lck_grp_attr_ {
    uint64_t grp_attr_flags;
};

#define ATTR_FLAG 1u

static struct host_mutex list_lock;
static lck_grp_t *groups;
static _Atomic uint32_t n_attrs;

void lock_group_init(void)
{
    host_mutex_init(&list_lock);
}

static uint32_t group_locks(lck_grp_t *group)
{
    int64_t locks = split_sum(&group->grp_locks);

    return locks > 0 ? (uint32_t)locks : 0;
}

/* Takes the groups off the list that have ended. List lock held. */
static void list_reap(void)
{
    for (lck_grp_t **at = &groups; *at;) {
        lck_grp_t *group = *at;

        if (!group->grp_given_up || group_locks(group)) {
            at = &group->grp_next;
            continue;
        }
        *at = group->grp_next;
        kern_free(group, sizeof *group);
    }
}

uint32_t lock_owner_count(uint32_t owner)
{
    uint32_t count = 0;

    host_mutex_lock(&list_lock);
    list_reap();
    for (lck_grp_t *group = groups; group; group = group->grp_next)
        if (group->grp_owner == owner)
            count += 1 + group_locks(group);
    host_mutex_unlock(&list_lock);
    return count;
}

uint32_t kern_owner_lock_count(uint32_t owner)
{
    return lock_owner_count(owner);
}

void lock_counts(struct kern_leak_counts *counts)
{
    counts->locks = counts->lock_groups = 0;
    host_mutex_lock(&list_lock);
    list_reap();
    for (lck_grp_t *group = groups; group; group = group->grp_next) {
        counts->lock_groups++;
        counts->locks += group_locks(group);
    }
    host_mutex_unlock(&list_lock);
    counts->lock_attrs = atomic_load_explicit(&n_attrs, memory_order_relaxed);
}

lck_grp_t *lck_grp_alloc_init(const char *name, lck_grp_attr_t *attr)
{
    lck_grp_t *group = kern_alloc(sizeof *group, "lock group");

    (void)attr;
    group->grp_owner = kern_owner_of(__builtin_return_address(0));
    (void)strlcpy(group->grp_name, name, sizeof group->grp_name);
    host_mutex_lock(&list_lock);
    group->grp_next = groups;
    groups = group;
    host_mutex_unlock(&list_lock);
    return group;
}

const char *lck_grp_name(const lck_grp_t *group)
{
    return group->grp_name;
}

void lck_grp_free(lck_grp_t *group)
{
    uint32_t left;

    if (!group)
        return;
    left = group_locks(group);
    if (left)
        kern_log(LOG_WARNING, "lock group \"%s\" is given up with %u locks still alive\n", group->grp_name,
                 left);
    host_mutex_lock(&list_lock);
    group->grp_given_up = true;
    list_reap();
    host_mutex_unlock(&list_lock);
}

void lock_join_group(lck_grp_t *group)
{
    KASSERT(group, "a lock without a group");
    split_add(&group->grp_locks, 1);
}

void lock_leave_group(lck_grp_t *group)
{
    split_add(&group->grp_locks, -1);
}

void lock_bad(const void *lock, const lck_grp_t *group, const char *kind, const void *caller)
{
    char who[128];

    kern_describe_pc(caller, who, sizeof who);
    panic("%s %p, used by %s, %s", kind, lock, who,
          group == LOCK_DESTROYED ? "was destroyed" : "was never initialised");
}

lck_attr_t *lck_attr_alloc_init(void)
{
    atomic_fetch_add_explicit(&n_attrs, 1, memory_order_relaxed);
    return kern_alloc(sizeof(lck_attr_t), "lock attributes");
}

void lck_attr_setdefault(lck_attr_t *attr)
{
    attr->attr_flags = 0;
}

void lck_attr_setdebug(lck_attr_t *attr)
{
    attr->attr_flags |= ATTR_FLAG;
}

void lck_attr_cleardebug(lck_attr_t *attr)
{
    attr->attr_flags &= ~(uint64_t)ATTR_FLAG;
}

void lck_attr_free(lck_attr_t *attr)
{
    if (!attr)
        return;
    atomic_fetch_sub_explicit(&n_attrs, 1, memory_order_relaxed);
    kern_free(attr, sizeof *attr);
}

lck_grp_attr_t *lck_grp_attr_alloc_init(void)
{
    atomic_fetch_add_explicit(&n_attrs, 1, memory_order_relaxed);
    return kern_alloc(sizeof(lck_grp_attr_t), "lock attributes");
}

void lck_grp_attr_setdefault(lck_grp_attr_t *attr)
{
    attr->grp_attr_flags = 0;
}

void lck_grp_attr_setstat(lck_grp_attr_t *attr)
{
    attr->grp_attr_flags |= ATTR_FLAG;
}

void lck_grp_attr_free(lck_grp_attr_t *attr)
{
    if (!attr)
        return;
    atomic_fetch_sub_explicit(&n_attrs, 1, memory_order_relaxed);
    kern_free(attr, sizeof *attr);
}

/* Releases in another order than that of taking shuffle the rows; the newest are the likeliest to be meant.
 */
void kern_locks_describe(unsigned before, char *buf, size_t len)
{
    struct kthread *self = thread_self();
    size_t used = 0;
    char where[160];

    (void)strlcpy(buf, "none that is known", len);
    for (unsigned i = before; i < self->t_held && used < len; i++) {
        const struct held_lock *held = &self->t_held_rows[i];

        kern_describe_pc((const char *)held->pc - 1, where, sizeof where);
        used += (size_t)scnprintf(buf + used, len - used, "%slock %p of group \"%s\" of %s, taken at %s",
                                  used ? "; " : "", held->lock, held->group->grp_name,
                                  owner_name(held->group->grp_owner), where);
    }
}
