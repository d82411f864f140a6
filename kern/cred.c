// SPDX-License-Identifier: BSD-2-Clause
/*
 * cred.c: credentials: immutable, counted, and shared: two with the same ids are the same object.
 *
 * Locks: one per hash shard (rank 810) over its chain; a count falls to 0 only with it held, so a look-up can
 * revive nothing that is on its way out. Reading a credential takes none.
 */
#include <string.h>
#include <sys/errno.h>

#include "kern/cred_internal.h"
#include "kern/thread_internal.h"
#include "host/host.h"

#define N_SHARDS 64u /* a power of two */

struct shard {
    struct host_mutex lock;
    struct cred *first;
} __attribute__((aligned(64)));

static struct shard shards[N_SHARDS];
static struct cred kernel_cred;
static _Atomic unsigned n_creds;

static struct cred *cred_of(kauth_cred_t cred)
{
    return (struct cred *)cred;
}

static void cred_fill(struct cred *cred, uid_t uid, gid_t gid, const gid_t *groups, unsigned n_groups)
{
    struct posix_cred *posix = &cred->c_public.cr_posix;

    posix->cr_uid = posix->cr_ruid = posix->cr_svuid = uid;
    posix->cr_rgid = posix->cr_svgid = gid;
    posix->cr_gmuid = uid;
    posix->cr_groups[0] = gid;
    posix->cr_ngroups = 1;
    for (unsigned i = 0; i < n_groups; i++) {
        cred->c_groups[i] = groups[i];
        if (posix->cr_ngroups < NGROUPS)
            posix->cr_groups[posix->cr_ngroups++] = groups[i];
    }
    cred->c_n_groups = n_groups;
}

void cred_init(void)
{
    for (unsigned i = 0; i < N_SHARDS; i++)
        host_mutex_init(&shards[i].lock);
    cred_fill(&kernel_cred, 0, 0, NULL, 0);
    atomic_store_explicit(&kernel_cred.c_refs, 1, memory_order_relaxed);
    kernel_cred.c_public.cr_ref = 1;
    atomic_store_explicit(&n_creds, 1, memory_order_relaxed);
}

kauth_cred_t kern_cred_kernel(void)
{
    return &kernel_cred.c_public;
}

unsigned kern_cred_count(void)
{
    return atomic_load_explicit(&n_creds, memory_order_relaxed);
}

static uint32_t cred_hash(uid_t uid, gid_t gid, const gid_t *groups, unsigned n_groups)
{
    uint32_t hash = (uid * 0x9e3779b1u) ^ (gid * 0x85ebca77u);

    for (unsigned i = 0; i < n_groups; i++)
        hash = (hash ^ groups[i]) * 0x01000193u;
    return hash ^ hash >> 15;
}

static bool cred_equal(const struct cred *cred, uid_t uid, gid_t gid, const gid_t *groups, unsigned n_groups)
{
    const struct posix_cred *posix = &cred->c_public.cr_posix;

    return posix->cr_uid == uid && posix->cr_groups[0] == gid && cred->c_n_groups == n_groups &&
           memcmp(cred->c_groups, groups, n_groups * sizeof groups[0]) == 0;
}

kauth_cred_t kern_cred_create(uid_t uid, gid_t gid, const gid_t *groups, unsigned n_groups)
{
    static const gid_t none[1];
    struct cred *cred, *fresh;
    struct shard *shard;
    uint32_t hash;

    if (n_groups > KERN_CRED_GROUPS_MAX)
        n_groups = KERN_CRED_GROUPS_MAX;
    if (!groups || !n_groups) {
        groups = none;
        n_groups = 0;
    }
    hash = cred_hash(uid, gid, groups, n_groups);
    shard = &shards[hash & (N_SHARDS - 1)];
    fresh = NULL;
    for (;;) {
        host_mutex_lock(&shard->lock);
        for (cred = shard->first; cred; cred = cred->c_next)
            if (cred->c_hash == hash && cred_equal(cred, uid, gid, groups, n_groups))
                break;
        if (!cred && fresh) {
            cred = fresh;
            fresh = NULL;
            cred->c_next = shard->first;
            shard->first = cred;
            atomic_fetch_add_explicit(&n_creds, 1, memory_order_relaxed);
        } else if (cred) {
            atomic_fetch_add_explicit(&cred->c_refs, 1, memory_order_relaxed);
        }
        host_mutex_unlock(&shard->lock);
        if (cred)
            break;
        fresh = kern_alloc(sizeof *fresh, "credential");
        cred_fill(fresh, uid, gid, groups, n_groups);
        fresh->c_hash = hash;
        fresh->c_public.cr_ref = 1;
        atomic_store_explicit(&fresh->c_refs, 1, memory_order_relaxed);
    }
    kern_free(fresh, sizeof *fresh);
    return &cred->c_public;
}

void kauth_cred_ref(kauth_cred_t cred)
{
    if (cred_of(cred) != &kernel_cred)
        atomic_fetch_add_explicit(&cred_of(cred)->c_refs, 1, memory_order_relaxed);
}

static void cred_remove(struct cred *cred)
{
    struct shard *shard = &shards[cred->c_hash & (N_SHARDS - 1)];
    bool last;

    host_mutex_lock(&shard->lock);
    last = atomic_fetch_sub_explicit(&cred->c_refs, 1, memory_order_acq_rel) == 1;
    if (last) {
        struct cred **at = &shard->first;

        while (*at != cred)
            at = &(*at)->c_next;
        *at = cred->c_next;
        atomic_fetch_sub_explicit(&n_creds, 1, memory_order_relaxed);
    }
    host_mutex_unlock(&shard->lock);
    if (last)
        kern_free(cred, sizeof *cred);
}

void kauth_cred_unref(kauth_cred_t *credp)
{
    struct cred *cred = cred_of(*credp);
    uint32_t refs;

    *credp = NULL;
    if (!cred || cred == &kernel_cred)
        return;
    refs = atomic_load_explicit(&cred->c_refs, memory_order_relaxed);
    KASSERT(refs, "a reference too many of the credential of user %u is given up",
            cred->c_public.cr_posix.cr_uid);
    while (refs > 1)
        if (atomic_compare_exchange_weak_explicit(&cred->c_refs, &refs, refs - 1, memory_order_release,
                                                  memory_order_relaxed))
            return;
    cred_remove(cred);
}

kauth_cred_t kauth_cred_create(kauth_cred_t template)
{
    const struct posix_cred *posix = &template->cr_posix;
    unsigned n = posix->cr_ngroups;

    if (n > NGROUPS)
        return NULL;
    return kern_cred_create(posix->cr_uid, posix->cr_groups[0], n > 1 ? posix->cr_groups + 1 : NULL,
                            n > 1 ? n - 1 : 0);
}

uid_t kauth_cred_getuid(kauth_cred_t cred)
{
    return cred->cr_posix.cr_uid;
}

uid_t kauth_cred_getruid(kauth_cred_t cred)
{
    return cred->cr_posix.cr_ruid;
}

uid_t kauth_cred_getsvuid(kauth_cred_t cred)
{
    return cred->cr_posix.cr_svuid;
}

gid_t kauth_cred_getgid(kauth_cred_t cred)
{
    return cred->cr_posix.cr_groups[0];
}

gid_t kauth_cred_getrgid(kauth_cred_t cred)
{
    return cred->cr_posix.cr_rgid;
}

gid_t kauth_cred_getsvgid(kauth_cred_t cred)
{
    return cred->cr_posix.cr_svgid;
}

int kauth_cred_issuser(kauth_cred_t cred)
{
    return cred->cr_posix.cr_uid == 0;
}

int groupmember(gid_t gid, kauth_cred_t cred)
{
    const struct cred *full = cred_of(cred);

    if (cred->cr_posix.cr_groups[0] == gid)
        return 1;
    for (unsigned i = 0; i < full->c_n_groups; i++)
        if (full->c_groups[i] == gid)
            return 1;
    return 0;
}

int kauth_cred_ismember_gid(kauth_cred_t cred, gid_t gid, int *resultp)
{
    *resultp = groupmember(gid, cred);
    return 0;
}

int kauth_cred_getgroups(kauth_cred_t cred, gid_t *groups, size_t *countp)
{
    const struct cred *full = cred_of(cred);
    size_t have = full->c_n_groups + 1u, room = *countp;

    *countp = have;
    if (room < have)
        return ERANGE;
    groups[0] = cred->cr_posix.cr_groups[0];
    memcpy(groups + 1, full->c_groups, full->c_n_groups * sizeof groups[0]);
    return 0;
}

kauth_cred_t kauth_cred_get(void)
{
    struct kern_call *call = thread_self()->t_call;

    return call ? call->kc_context.vc_ucred : &kernel_cred.c_public;
}

kauth_cred_t kauth_cred_get_with_ref(void)
{
    kauth_cred_t cred = kauth_cred_get();

    kauth_cred_ref(cred);
    return cred;
}

uid_t kauth_getuid(void)
{
    return kauth_cred_getuid(kauth_cred_get());
}

uid_t kauth_getruid(void)
{
    return kauth_cred_getruid(kauth_cred_get());
}

gid_t kauth_getgid(void)
{
    return kauth_cred_getgid(kauth_cred_get());
}

gid_t kauth_getrgid(void)
{
    return kauth_cred_getrgid(kauth_cred_get());
}
