// SPDX-License-Identifier: BSD-2-Clause
/*
 * control.c: kernel controls: the register of names and numbers by which programs would find a kext's socket.
 * There are no such sockets in this process, so that a unit is never connected; whoever sends is told so.
 *
 * Lock: control_lock (rank 807) over the list, which is in the order of numbers. Nobody is called under it.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/kern_control.h>

#include "kern/control_internal.h"
#include "kern/kern_iface.h"
#include "host/host.h"

#define BUFFER_SIZE (8u * 1024) /* bytes, where the kext names none */
#define ANY_UNIT    UINT32_MAX  /* of a control whose number was chosen here */

struct control {
    struct control *next;
    uint32_t id, unit;
    char name[MAX_KCTL_NAME];
};

static struct host_mutex control_lock;
static struct control *all_controls;

void control_init(void)
{
    host_mutex_init(&control_lock);
}

/* The functions below: lock held. */

/* Where the link to @wanted is, or NULL. */
static struct control **control_find(const void *wanted)
{
    struct control **at = &all_controls;

    while (*at && *at != wanted)
        at = &(*at)->next;
    return *at ? at : NULL;
}

static bool name_is_taken(const char *name)
{
    struct control *at = all_controls;

    while (at && strcmp(at->name, name) != 0)
        at = at->next;
    return at != NULL;
}

/* The number after the last; once those are used up, the first that is free. */
static uint32_t id_choose(void)
{
    uint32_t id = 1, last = 0;

    for (struct control *at = all_controls; at; at = at->next) {
        last = at->id;
        if (at->id == id)
            id++;
    }
    return last == UINT32_MAX ? id : last + 1;
}

static errno_t control_insert(struct control *control)
{
    struct control **at = &all_controls;

    for (; *at && (*at)->id <= control->id; at = &(*at)->next)
        if ((*at)->id == control->id && (*at)->unit == control->unit)
            return EEXIST;
    control->next = *at;
    *at = control;
    return 0;
}

/* ---- the interface ------------------------------------------------------------------------------------- */

errno_t ctl_register(struct kern_ctl_reg *userkctl, kern_ctl_ref *kctlref)
{
    struct control *control;
    errno_t error = 0;
    size_t len;

    if (!userkctl || !kctlref || !userkctl->ctl_connect)
        return EINVAL;
    len = strnlen(userkctl->ctl_name, MAX_KCTL_NAME);
    if (len == 0 || len == MAX_KCTL_NAME)
        return EINVAL;
    control = kern_alloc_try(sizeof *control, "kernel control");
    if (!control)
        return ENOMEM;
    memcpy(control->name, userkctl->ctl_name, len + 1);
    host_mutex_lock(&control_lock);
    if (userkctl->ctl_flags & CTL_FLAG_REG_ID_UNIT) {
        control->id = userkctl->ctl_id;
        control->unit = userkctl->ctl_unit;
    } else {
        error = name_is_taken(control->name) ? EEXIST : 0;
        control->id = id_choose();
        control->unit = ANY_UNIT;
    }
    if (!error)
        error = control_insert(control);
    if (!error)
        userkctl->ctl_id = control->id;
    host_mutex_unlock(&control_lock);
    if (error) {
        kern_free(control, sizeof *control);
        return error;
    }
    if (userkctl->ctl_sendsize == 0)
        userkctl->ctl_sendsize = BUFFER_SIZE;
    if (userkctl->ctl_recvsize == 0)
        userkctl->ctl_recvsize = BUFFER_SIZE;
    *kctlref = control;
    return 0;
}

errno_t ctl_deregister(kern_ctl_ref kctlref)
{
    struct control **at, *control = NULL;

    host_mutex_lock(&control_lock);
    at = control_find(kctlref);
    if (at) {
        control = *at;
        *at = control->next;
    }
    host_mutex_unlock(&control_lock);
    if (!control)
        return EINVAL;
    kern_free(control, sizeof *control);
    return 0;
}

/* No unit is ever connected, of a live handle or any other. */
errno_t ctl_enqueuedata(kern_ctl_ref kctlref, u_int32_t unit, void *data, size_t len, u_int32_t flags)
{
    (void)kctlref, (void)unit, (void)data, (void)len, (void)flags;
    return EINVAL;
}

errno_t ctl_enqueuembuf(kern_ctl_ref kctlref, u_int32_t unit, mbuf_t m, u_int32_t flags)
{
    (void)kctlref, (void)unit, (void)m, (void)flags;
    return EINVAL;
}

errno_t ctl_getenqueuespace(kern_ctl_ref kctlref, u_int32_t unit, size_t *space)
{
    (void)kctlref, (void)unit, (void)space;
    return EINVAL;
}
