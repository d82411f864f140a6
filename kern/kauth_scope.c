// SPDX-License-Identifier: BSD-2-Clause
/*
 * kauth_scope.c: scopes and listeners: who is asked before an action. A scope's own callback speaks first,
 * then each listener; one that denies decides, else one that allows, else the answer is no.
 *
 * Lock: scope_lock (rank 805) over the lists and every count. Never held while a callback runs: a listener
 * that is being called, or waits to be, is kept by its count.
 */
#include <stdatomic.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kauth.h>
#include <sys/proc.h>

#include "kern/kauth_scope_internal.h"
#include "kern/kern_iface.h"
#include "host/host.h"

#define LISTENERS_MAX 15u /* of one scope */

struct kauth_listener {
    struct kauth_listener *kl_next; /* all listeners */
    const char *kl_identifier;      /* own copy, behind the structure */
    size_t kl_size;
    kauth_scope_callback_t kl_callback;
    void *kl_idata;
    unsigned kl_refs; /* the handle, and each call under way */
    bool kl_gone;     /* kauth_unlisten_scope was called */
    uint32_t kl_owner;
};

struct kauth_scope {
    struct kauth_scope *ks_next;
    const char *ks_identifier;
    size_t ks_size;
    kauth_scope_callback_t ks_callback;
    void *ks_idata;
    uint32_t ks_owner;
};

static struct host_mutex scope_lock;
static struct kauth_scope *all_scopes;
static struct kauth_listener *all_listeners;
static kauth_scope_t process_scope, generic_scope;
/* So that a right on a vnode, and an operation on a file, costs nothing where nobody listens. */
static _Atomic(uint32_t) vnode_listeners, fileop_listeners;

uint32_t kern_vnode_listeners(void)
{
    return atomic_load_explicit(&vnode_listeners, memory_order_acquire);
}

uint32_t kern_fileop_listeners(void)
{
    return atomic_load_explicit(&fileop_listeners, memory_order_acquire);
}

static void listeners_count(const struct kauth_listener *listener, uint32_t change)
{
    if (strcmp(listener->kl_identifier, KAUTH_SCOPE_VNODE) == 0)
        atomic_fetch_add_explicit(&vnode_listeners, change, memory_order_acq_rel);
    else if (strcmp(listener->kl_identifier, KAUTH_SCOPE_FILEOP) == 0)
        atomic_fetch_add_explicit(&fileop_listeners, change, memory_order_acq_rel);
}

uint32_t kern_owner_listener_count(uint32_t owner)
{
    uint32_t n = 0;

    host_mutex_lock(&scope_lock);
    for (struct kauth_listener *at = all_listeners; at; at = at->kl_next)
        n += at->kl_owner == owner;
    for (struct kauth_scope *at = all_scopes; at; at = at->ks_next)
        n += at->ks_owner == owner;
    host_mutex_unlock(&scope_lock);
    return n;
}

static struct kauth_scope *scope_find(const char *identifier)
{
    struct kauth_scope *scope = all_scopes;

    while (scope && strcmp(scope->ks_identifier, identifier) != 0)
        scope = scope->ks_next;
    return scope;
}

kauth_scope_t kauth_register_scope(const char *identifier, kauth_scope_callback_t callback, void *idata)
{
    size_t len = strlen(identifier) + 1, size = sizeof(struct kauth_scope) + len;
    struct kauth_scope *scope = kern_alloc_try(size, "kauth scope");
    bool taken;

    if (!scope)
        return NULL;
    scope->ks_size = size;
    scope->ks_identifier = memcpy(scope + 1, identifier, len);
    scope->ks_callback = callback;
    scope->ks_idata = idata;
    scope->ks_owner = kern_owner_of(__builtin_return_address(0));
    host_mutex_lock(&scope_lock);
    taken = scope_find(identifier) != NULL;
    if (!taken) {
        scope->ks_next = all_scopes;
        all_scopes = scope;
    }
    host_mutex_unlock(&scope_lock);
    if (!taken)
        return scope;
    kern_free(scope, size);
    return NULL;
}

void kauth_deregister_scope(kauth_scope_t scope)
{
    struct kauth_scope **at = &all_scopes;

    host_mutex_lock(&scope_lock);
    while (*at && *at != scope)
        at = &(*at)->ks_next;
    KASSERT(*at, "a kauth scope is removed that was never registered");
    *at = scope->ks_next;
    host_mutex_unlock(&scope_lock);
    kern_free(scope, scope->ks_size);
}

kauth_listener_t kauth_listen_scope(const char *identifier, kauth_scope_callback_t callback, void *idata)
{
    size_t len = strlen(identifier) + 1, size = sizeof(struct kauth_listener) + len;
    struct kauth_listener *listener = kern_alloc_try(size, "kauth listener"), **at = &all_listeners;
    unsigned n = 0;

    if (!listener)
        return NULL;
    listener->kl_size = size;
    listener->kl_identifier = memcpy(listener + 1, identifier, len);
    listener->kl_callback = callback;
    listener->kl_idata = idata;
    listener->kl_refs = 1;
    listener->kl_owner = kern_owner_of(__builtin_return_address(0));
    host_mutex_lock(&scope_lock);
    for (; *at; at = &(*at)->kl_next)
        n += !(*at)->kl_gone && strcmp((*at)->kl_identifier, identifier) == 0;
    if (n < LISTENERS_MAX)
        *at = listener; /* last: those who came first are asked first */
    if (n < LISTENERS_MAX)
        listeners_count(listener, 1);
    host_mutex_unlock(&scope_lock);
    if (n < LISTENERS_MAX)
        return listener;
    kern_free(listener, size);
    return NULL;
}

/* Lock held. Takes the listener off the list with its last reference; the caller frees what is returned. */
static struct kauth_listener *listener_drop(struct kauth_listener *listener)
{
    struct kauth_listener **at = &all_listeners;

    if (--listener->kl_refs)
        return NULL;
    while (*at != listener)
        at = &(*at)->kl_next;
    *at = listener->kl_next;
    return listener;
}

static void listener_free(struct kauth_listener *listener)
{
    if (listener)
        kern_free(listener, listener->kl_size);
}

void kauth_unlisten_scope(kauth_listener_t listener)
{
    struct kauth_listener *last;

    host_mutex_lock(&scope_lock);
    KASSERT(!listener->kl_gone, "kauth_unlisten_scope is called twice for one listener");
    listener->kl_gone = true;
    listeners_count(listener, UINT32_MAX);
    last = listener_drop(listener);
    host_mutex_unlock(&scope_lock);
    listener_free(last);
}

/* The live listeners of @identifier, each with a reference. */
static unsigned listeners_hold(const char *identifier, struct kauth_listener *held[LISTENERS_MAX])
{
    unsigned n = 0;

    host_mutex_lock(&scope_lock);
    for (struct kauth_listener *at = all_listeners; at && n < LISTENERS_MAX; at = at->kl_next) {
        if (at->kl_gone || strcmp(at->kl_identifier, identifier) != 0)
            continue;
        at->kl_refs++;
        held[n++] = at;
    }
    host_mutex_unlock(&scope_lock);
    return n;
}

static void listeners_drop(struct kauth_listener *const *held, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct kauth_listener *last;

        host_mutex_lock(&scope_lock);
        last = listener_drop(held[i]);
        host_mutex_unlock(&scope_lock);
        listener_free(last);
    }
}

int kauth_authorize_action(kauth_scope_t scope, kauth_cred_t credential, kauth_action_t action,
                           uintptr_t arg0, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3)
{
    struct kauth_listener *held[LISTENERS_MAX];
    int result = KAUTH_RESULT_DEFER;
    unsigned n;

    if (scope->ks_callback)
        result = scope->ks_callback(credential, scope->ks_idata, action, arg0, arg1, arg2, arg3);
    if (result != KAUTH_RESULT_ALLOW && result != KAUTH_RESULT_DENY)
        result = KAUTH_RESULT_DEFER;
    n = listeners_hold(scope->ks_identifier, held);
    for (unsigned i = 0; i < n; i++) {
        int answer = held[i]->kl_callback(credential, held[i]->kl_idata, action, arg0, arg1, arg2, arg3);

        if (answer == KAUTH_RESULT_DENY || (answer == KAUTH_RESULT_ALLOW && result == KAUTH_RESULT_DEFER))
            result = answer;
    }
    listeners_drop(held, n);
    return result == KAUTH_RESULT_ALLOW ? 0 : EPERM;
}

int kauth_authorize_process(kauth_cred_t credential, kauth_action_t action, struct proc *process,
                            uintptr_t arg1, uintptr_t arg2, uintptr_t arg3)
{
    return kauth_authorize_action(process_scope, credential, action, (uintptr_t)process, arg1, arg2, arg3);
}

/* A process may be signalled and traced by its own user and by the superuser. */
static int decide_process(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t arg0,
                          uintptr_t arg1, uintptr_t arg2, uintptr_t arg3)
{
    kauth_cred_t target;
    bool same;

    (void)idata, (void)arg1, (void)arg2, (void)arg3;
    if (action != KAUTH_PROCESS_CANSIGNAL && action != KAUTH_PROCESS_CANTRACE)
        return KAUTH_RESULT_DEFER;
    target = kauth_cred_proc_ref((proc_t)arg0);
    same = kauth_cred_getuid(cred) == kauth_cred_getuid(target);
    kauth_cred_unref(&target);
    return same || kauth_cred_issuser(cred) ? KAUTH_RESULT_ALLOW : KAUTH_RESULT_DENY;
}

static int decide_generic(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t arg0,
                          uintptr_t arg1, uintptr_t arg2, uintptr_t arg3)
{
    (void)idata, (void)arg0, (void)arg1, (void)arg2, (void)arg3;
    if (action != KAUTH_GENERIC_ISSUSER)
        return KAUTH_RESULT_DEFER;
    return kauth_cred_issuser(cred) ? KAUTH_RESULT_ALLOW : KAUTH_RESULT_DENY;
}

void kauth_scope_init(void)
{
    host_mutex_init(&scope_lock);
}

void kauth_scope_start(void)
{
    process_scope = kauth_register_scope(KAUTH_SCOPE_PROCESS, decide_process, NULL);
    generic_scope = kauth_register_scope(KAUTH_SCOPE_GENERIC, decide_generic, NULL);
    KASSERT(process_scope && generic_scope, "no memory for the first kauth scopes");
}

void kauth_scope_stop(void)
{
    kauth_deregister_scope(process_scope);
    kauth_deregister_scope(generic_scope);
}
