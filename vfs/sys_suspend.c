// SPDX-License-Identifier: BSD-2-Clause
/*
 * Suspending and resuming a mount for the host: by mount id, on behalf of an owner that is a number of the
 * host's choosing, so that another thread or another connection can resume what one has suspended.
 *
 * A forced unmount takes such a suspension away for good. No lock. Called by the host and the tests.
 */
#include <sys/errno.h>
#include <sys/mount.h>

#include "vfs/suspend_internal.h"
#include "vfs/sys_internal.h"

_Static_assert(SYS_SUSPEND_FOREVER == VFS_SUSPEND_FOREVER, "one value for both sides");

/* No thread and no object of a kext's has an odd address. */
static void *owner_of(uint64_t number)
{
    return (void *)(uintptr_t)(number << 1 | 1);
}

int sys_suspend(sys_caller_t *who, uint32_t mount_id, const struct sys_suspend *args, char *why,
                size_t why_size)
{
    struct sys_call call;
    if (!args || !args->owner || args->owner >> 63)
        return EINVAL;
    if (why && why_size)
        why[0] = '\0';
    CALL_ENTER(&call, who);
    mount_t mp = mount_find(mount_id);
    int error = mp ? mount_kern_is(mp, MNTK_KERNELROOT) ? EINVAL : 0 : ENOENT;
    if (!error) {
        struct suspend_request req = {
            .mp = mp,
            .owner = owner_of(args->owner),
            .label = args->label ? args->label : "the host",
            .timeout_ms = args->timeout_ms,
            .forgotten = true,
            .why = why_size ? why : NULL,
            .why_size = why_size,
        };
        error = suspend_begin(&req, call.c_ctx);
    }
    if (mp)
        mount_rele(mp);
    call_leave(&call);
    return error;
}

/* All of them, whoever suspended. */
static int break_all(struct mount *mp)
{
    char whose[1];
    if (!sys_suspended(mp->mnt_id, whose, sizeof(whose)))
        return EINVAL;
    int error = mount_busy_anyway(mp);
    if (error)
        return error;
    suspend_end_mount(mp);
    vfs_unbusy(mp);
    return 0;
}

int sys_resume(sys_caller_t *who, uint32_t mount_id, uint64_t owner)
{
    struct sys_call call;
    CALL_ENTER(&call, who);
    mount_t mp = mount_find(mount_id);
    int error = ENOENT;
    if (mp) {
        error = owner == SYS_SUSPEND_ANY ? break_all(mp) : suspend_end(mp, NULLVP, owner_of(owner));
        mount_rele(mp);
    }
    call_leave(&call);
    return error;
}

void sys_resume_all(uint64_t owner)
{
    struct sys_call call;
    CALL_ENTER(&call, sys_caller_kernel());
    suspend_end_owner(owner_of(owner));
    call_leave(&call);
}

bool sys_suspended(uint32_t mount_id, char *whose, size_t size)
{
    bool found = false;
    struct suspension *s;
    suspend_lock();
    TAILQ_FOREACH(s, &suspend_list, s_list)
    {
        if (!found && s->s_mp->mnt_id == mount_id && !s->s_vp && s->s_state != SUSPEND_ENDED) {
            suspend_describe(s, whose, size);
            found = true;
        }
    }
    suspend_unlock();
    return found;
}

void sys_suspend_as(uint64_t owner)
{
    vfs_suspend_act(owner ? owner_of(owner) : NULL);
}
