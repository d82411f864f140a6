// SPDX-License-Identifier: BSD-2-Clause
/*
 * sysctl.c: the tree of variables that kexts register, and requests for them by name. The variables are the
 * kexts' own structures, linked into their parents' lists; the lists at the top are in sysctl_root.c, the
 * stock handlers in sysctl_handlers.c.
 *
 * Locks: tree_lock (rank 806) over every list and use count; never held while a handler runs. A variable in
 * use is kept by its count: withdrawing it waits until that is 0. handler_lock (rank 5: taken with no other
 * lock held) is held while a handler runs that has a part without CTLFLAG_LOCKED in its path, so that such
 * handlers run one at a time.
 */
#include <stdatomic.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <sys/syslog.h>
#include <libkern/copyio.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "kern/sleep_internal.h"
#include "kern/sysctl_internal.h"

#define COMPONENT_MAX 64u /* bytes of one part of a name, with the NUL */

static struct host_mutex tree_lock;
static lck_grp_t *handler_group;
static lck_mtx_t handler_lock;

/* What a name leads to. */
struct place {
    struct sysctl_oid *oid;
    int rest[CTL_MAXNAME]; /* the parts after a node that handles them itself */
    unsigned n_rest;
    bool unlocked; /* some part of the path is not marked CTLFLAG_LOCKED */
};

/* ---- registration -------------------------------------------------------------------------------------- */

static bool is_node(const struct sysctl_oid *oid)
{
    return (oid->oid_kind & CTLTYPE) == CTLTYPE_NODE;
}

/* A list is in the order of its numbers. Returns false where the number is taken. */
static bool insert_locked(struct sysctl_oid *oid)
{
    struct sysctl_oid_list *list = oid->oid_parent;
    struct sysctl_oid *at, *before = NULL;

    if (oid->oid_number == OID_AUTO) {
        int number = OID_AUTO_START;

        SLIST_FOREACH(at, list, oid_link)
        {
            if (at->oid_number >= number)
                number = at->oid_number + 1;
        }
        oid->oid_number = number;
    }
    SLIST_FOREACH(at, list, oid_link)
    {
        if (at->oid_number == oid->oid_number)
            return false;
        if (at->oid_number > oid->oid_number)
            break;
        before = at;
    }
    if (before)
        SLIST_INSERT_AFTER(before, oid, oid_link);
    else
        SLIST_INSERT_HEAD(list, oid, oid_link);
    return true;
}

static bool listed_locked(const struct sysctl_oid *oid)
{
    struct sysctl_oid *at;

    SLIST_FOREACH(at, oid->oid_parent, oid_link)
    {
        if (at == oid)
            return true;
    }
    return false;
}

void sysctl_register_oid(struct sysctl_oid *oidp)
{
    bool added;

    if (!(oidp->oid_kind & CTLFLAG_OID2) || oidp->oid_version != SYSCTL_OID_VERSION ||
        oidp->oid_number < OID_AUTO || !oidp->oid_parent) {
        kern_log(LOG_ERR, "sysctl: %s is not registered: its description is of a layout that is not known\n",
                 oidp->oid_name ? oidp->oid_name : "a variable");
        return;
    }
    host_mutex_lock(&tree_lock);
    added = insert_locked(oidp);
    host_mutex_unlock(&tree_lock);
    if (!added)
        kern_log(LOG_ERR, "sysctl: %s is not registered: number %d is taken\n", oidp->oid_name,
                 oidp->oid_number);
}

void sysctl_unregister_oid(struct sysctl_oid *oidp)
{
    bool listed;

    if (!oidp->oid_parent)
        return;
    host_mutex_lock(&tree_lock);
    listed = listed_locked(oidp);
    if (listed)
        SLIST_REMOVE(oidp->oid_parent, oidp, sysctl_oid, oid_link);
    while (listed && oidp->oid_refcnt > 0) {
        wait_result_t result = sleep_begin((event_t)&oidp->oid_refcnt, false, HOST_FOREVER, "sysctl");

        host_mutex_unlock(&tree_lock);
        if (result == THREAD_WAITING)
            (void)sleep_wait();
        host_mutex_lock(&tree_lock);
    }
    host_mutex_unlock(&tree_lock);
}

/* ---- from a name to a variable ------------------------------------------------------------------------- */

/* Takes the first part off @name. Returns false where there is none that could be a name. */
static bool part_take(const char **name, char part[COMPONENT_MAX])
{
    size_t len = 0;

    while ((*name)[len] && (*name)[len] != '.')
        len++;
    if (len == 0 || len >= COMPONENT_MAX)
        return false;
    memcpy(part, *name, len);
    part[len] = '\0';
    *name += len + ((*name)[len] == '.');
    return true;
}

/* A part may be a number in decimal instead of a name. */
static bool part_number(const char *part, int *number)
{
    int64_t value = 0;

    for (; *part; part++) {
        if (*part < '0' || *part > '9' || value > INT32_MAX / 10)
            return false;
        value = value * 10 + (*part - '0');
    }
    *number = (int)value;
    return value <= INT32_MAX;
}

static struct sysctl_oid *child_find(struct sysctl_oid_list *list, const char *part)
{
    struct sysctl_oid *at, *numbered = NULL;
    int number;
    bool is_number = part_number(part, &number);

    SLIST_FOREACH(at, list, oid_link)
    {
        if (at->oid_name && strcmp(at->oid_name, part) == 0)
            return at;
        if (is_number && at->oid_number == number)
            numbered = at;
    }
    return numbered;
}

/* What is left of a name belongs to the node that was reached, as numbers. */
static int rest_read(struct place *place, const char *name)
{
    char part[COMPONENT_MAX];

    while (*name) {
        if (place->n_rest == CTL_MAXNAME || !part_take(&name, part) ||
            !part_number(part, &place->rest[place->n_rest]))
            return ENOENT;
        place->n_rest++;
    }
    return 0;
}

static int place_find_locked(const char *name, struct place *place)
{
    struct sysctl_oid_list *list = &sysctl__children;
    char part[COMPONENT_MAX];

    memset(place, 0, sizeof *place);
    for (unsigned depth = 0; depth < CTL_MAXNAME && part_take(&name, part); depth++) {
        struct sysctl_oid *oid = child_find(list, part);

        if (!oid)
            return ENOENT;
        place->oid = oid;
        place->unlocked |= !(oid->oid_kind & CTLFLAG_LOCKED);
        if (!is_node(oid))
            return *name ? EISDIR : 0;
        if (oid->oid_handler)
            return rest_read(place, name);
        list = oid->oid_arg1;
        if (!list)
            return ENOENT;
    }
    return ENOENT;
}

/* ---- requests ------------------------------------------------------------------------------------------ */

/* May @req do with the variable what it wants? */
static int request_permit(const struct sysctl_oid *oid, const struct sysctl_req *req, bool from_kernel)
{
    if (req->newptr && !(oid->oid_kind & CTLFLAG_WR))
        return EPERM;
    if (from_kernel && !(oid->oid_kind & CTLFLAG_KERN))
        return EPERM;
    if (req->newptr && !from_kernel && !(oid->oid_kind & CTLFLAG_ANYBODY))
        return proc_suser(req->p);
    return oid->oid_handler ? 0 : EINVAL;
}

static int handler_run(struct place *place, struct sysctl_req *req)
{
    struct sysctl_oid *oid = place->oid;
    int error;

    if (place->unlocked)
        lck_mtx_lock(&handler_lock);
    if (is_node(oid))
        error = oid->oid_handler(oid, place->rest, (int)place->n_rest, req);
    else
        error = oid->oid_handler(oid, oid->oid_arg1, oid->oid_arg2, req);
    if (place->unlocked)
        lck_mtx_unlock(&handler_lock);
    return error;
}

static int request_run(const char *name, struct sysctl_req *req, bool from_kernel)
{
    struct place place;
    int error;

    host_mutex_lock(&tree_lock);
    error = place_find_locked(name, &place);
    if (!error)
        error = request_permit(place.oid, req, from_kernel);
    if (!error)
        place.oid->oid_refcnt++;
    host_mutex_unlock(&tree_lock);
    if (error)
        return error;
    error = handler_run(&place, req);
    host_mutex_lock(&tree_lock);
    if (--place.oid->oid_refcnt == 0)
        (void)sleep_wake((event_t)&place.oid->oid_refcnt, false, THREAD_AWAKENED);
    host_mutex_unlock(&tree_lock);
    return error;
}

/* The value does not fit: the caller gets its length, and from the kernel's own memory what fits. */
static int old_kernel(struct sysctl_req *req, const void *data, size_t len)
{
    size_t room = req->oldptr && req->oldidx < req->oldlen ? req->oldlen - req->oldidx : 0;
    size_t n = len < room ? len : room;

    if (req->oldptr)
        memcpy((char *)(uintptr_t)req->oldptr + req->oldidx, data, n);
    req->oldidx += len;
    return req->oldptr && n < len ? ENOMEM : 0;
}

static int new_kernel(struct sysctl_req *req, void *data, size_t len)
{
    if (!req->newptr)
        return 0;
    if (req->newlen - req->newidx < len)
        return EINVAL;
    memcpy(data, (const char *)(uintptr_t)req->newptr + req->newidx, len);
    req->newidx += len;
    return 0;
}

static int old_user(struct sysctl_req *req, const void *data, size_t len)
{
    int error = 0;

    if (req->oldptr) {
        if (req->oldidx > req->oldlen || req->oldlen - req->oldidx < len)
            error = ENOMEM;
        else
            error = copyout(data, req->oldptr + req->oldidx, len);
    }
    req->oldidx += len;
    return error;
}

static int new_user(struct sysctl_req *req, void *data, size_t len)
{
    int error;

    if (!req->newptr)
        return 0;
    if (req->newlen - req->newidx < len)
        return EINVAL;
    error = copyin(req->newptr + req->newidx, data, len);
    req->newidx += len;
    return error;
}

static int request(const char *name, struct sysctl_req *req, size_t *oldlenp, bool from_kernel)
{
    int error;

    if (!name)
        return EINVAL;
    req->p = current_proc();
    req->lock = 1;
    req->oldlen = oldlenp ? *oldlenp : 0;
    error = request_run(name, req, from_kernel);
    if (oldlenp && (!error || error == ENOMEM))
        *oldlenp = req->oldidx;
    return error;
}

int sysctlbyname(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen)
{
    struct sysctl_req req = {
        .oldptr = (user_addr_t)(uintptr_t)oldp,
        .oldfunc = old_kernel,
        .newptr = newlen ? (user_addr_t)(uintptr_t)newp : 0,
        .newlen = newlen,
        .newfunc = new_kernel,
    };

    return request(name, &req, oldlenp, true);
}

int kern_sysctl(const char *name, user_addr_t oldp, size_t *oldlenp, user_addr_t newp, size_t newlen)
{
    struct sysctl_req req = {
        .oldptr = oldp,
        .oldfunc = old_user,
        .newptr = newlen ? newp : 0,
        .newlen = newlen,
        .newfunc = new_user,
    };

    return request(name, &req, oldlenp, false);
}

/* ---- who still has code or data of its own in the tree ------------------------------------------------- */

static struct sysctl_oid *in_range_locked(struct sysctl_oid_list *list, const void *start, const void *end)
{
    struct sysctl_oid *at;

    SLIST_FOREACH(at, list, oid_link)
    {
        uintptr_t handler = (uintptr_t)at->oid_handler, where = (uintptr_t)at;
        struct sysctl_oid *below = NULL;

        if ((where >= (uintptr_t)start && where < (uintptr_t)end) ||
            (handler >= (uintptr_t)start && handler < (uintptr_t)end))
            return at;
        if (is_node(at) && !at->oid_handler && at->oid_arg1)
            below = in_range_locked(at->oid_arg1, start, end);
        if (below)
            return below;
    }
    return NULL;
}

bool kern_sysctl_range_in_use(const void *start, const void *end, char *why, size_t why_size)
{
    struct sysctl_oid *oid;

    host_mutex_lock(&tree_lock);
    oid = in_range_locked(&sysctl__children, start, end);
    if (oid && why)
        (void)snprintf(why, why_size, "sysctl variable %s is registered", oid->oid_name);
    host_mutex_unlock(&tree_lock);
    return oid != NULL;
}

void sysctl_init(void)
{
    host_mutex_init(&tree_lock);
    handler_group = lck_grp_alloc_init("sysctl", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&handler_lock, handler_group, LCK_ATTR_NULL);
    sysctl_root_register();
}
