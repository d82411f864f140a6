// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start and end of the kernel half, its counters and its log.
 *
 * Order of the start: kern/ (memory, threads, credentials), the kernel's own caller, the core of vfs/ (vnode
 * table, name cache, mount table), the root file system. The end is the same backwards. kext/ stands above
 * all of this: its owner starts it after sys_boot() and ends it before sys_shutdown(), which refuses while a
 * file system's type is registered.
 *
 * Locks: none; sys_boot() and sys_shutdown() are for one thread, when no other call runs (asserted by a
 * state).
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <mach/vm_param.h>
#include <string.h>

#include "vfs/mount_internal.h"
#include "buf/buf_iface.h"
#include "buf/disk_iface.h"
#include "ubc/ubc_iface.h"
#include "vfs/sys_internal.h"

enum boot_state { BOOT_DOWN, BOOT_CHANGING, BOOT_UP };

static _Atomic(int) boot_state = BOOT_DOWN;
static bool kern_is_ours; /* kern/ was brought up here, not by somebody else before */
static struct sys_boot boot_args;

lck_grp_t *call_lock_group;

static bool state_move(enum boot_state from, enum boot_state to)
{
    int expected = (int)from;
    return atomic_compare_exchange_strong(&boot_state, &expected, (int)to);
}

/* ---- files changed behind the host's back -------------------------------------------------------------- */

/* A file system called vnode_notify(): the host is told number, parent and name, as far as they are known.
 * Or a file is revoked. */
static void event_heard(void *arg, uint32_t mount_id, uint32_t events, vnode_t vp)
{
    (void)arg;
    bool revoked = events == VFS_EVENT_REVOKED;
    struct vnode_attr va;
    if (!vp || !(revoked ? boot_args.revoked != NULL : boot_args.changed != NULL))
        return;
    VATTR_INIT(&va);
    VATTR_WANTED(&va, va_fileid);
    VATTR_WANTED(&va, va_parentid);
    if (vnode_getattr(vp, &va, vfs_context_current()) || !VATTR_IS_SUPPORTED(&va, va_fileid))
        return;
    if (revoked) {
        boot_args.revoked(boot_args.changed_arg, mount_id, va.va_fileid);
        return;
    }
    const char *name = vnode_getname(vp);
    boot_args.changed(boot_args.changed_arg, mount_id, va.va_fileid,
                      VATTR_IS_SUPPORTED(&va, va_parentid) ? va.va_parentid : 0, name);
    if (name)
        vnode_putname(name);
}

/* ---- start --------------------------------------------------------------------------------------------- */

static int boot_kern(void)
{
    int error = kern_boot();
    kern_is_ours = error == 0;
    return error == EALREADY ? 0 : error;
}

static void shutdown_kern(void)
{
    if (kern_is_ours)
        kern_shutdown();
}

static int boot_vfs(const struct sys_boot *args)
{
    struct vfs_boot_args vfs = {.max_vnodes = args->max_vnodes,
                                .cache_bytes = args->cache_bytes,
                                .ledger = (args->flags & SYS_BOOT_LEDGER) != 0,
                                .validate = args->flags & SYS_BOOT_VALIDATE        ? VALIDATE_PANIC
                                            : args->flags & SYS_BOOT_VALIDATE_WARN ? VALIDATE_WARN
                                                                                   : VALIDATE_OFF,
                                .exceptions = args->exceptions};
    int error = vfs_boot(&vfs);
    if (error)
        return error;
    vfs_set_event_listener(event_heard, NULL);
    struct sys_call call;
    CALL_ENTER(&call, sys_caller_kernel());
    error = rootfs_boot(call.c_ctx);
    call_leave(&call);
    if (error)
        vfs_shutdown();
    return error;
}

int sys_boot(const struct sys_boot *args)
{
    static const struct sys_boot defaults;
    if (!args)
        args = &defaults;
    if ((args->flags & ~SYS_BOOT_ALL) || (args->max_vnodes && args->max_vnodes < 8))
        return EINVAL;
    if (!state_move(BOOT_DOWN, BOOT_CHANGING))
        return EBUSY;
    boot_args = *args;
    int error = boot_kern();
    if (error)
        goto down;
    kern_signals_allow((args->flags & SYS_BOOT_SIGNALS) != 0);
    call_boot();
    call_lock_group = lck_grp_alloc_init("sys", LCK_GRP_ATTR_NULL);
    error = boot_vfs(args);
    if (error)
        goto out_group;
    state_move(BOOT_CHANGING, BOOT_UP);
    return 0;
out_group:
    lck_grp_free(call_lock_group);
    call_shutdown();
    shutdown_kern();
down:
    state_move(BOOT_CHANGING, BOOT_DOWN);
    return error;
}

/* ---- end ----------------------------------------------------------------------------------------------- */

static int shutdown_vfs(void)
{
    struct vfs_counters counts;
    vfs_counters_get(&counts);
    if (counts.mounts || counts.file_systems || call_file_count() || counts.usecounts || disk_count())
        return EBUSY;
    struct sys_call call;
    CALL_ENTER(&call, sys_caller_kernel());
    int error = rootfs_shutdown(call.c_ctx);
    call_leave(&call);
    if (error)
        return error;
    vfs_set_event_listener(NULL, NULL);
    error = vfs_shutdown();
    KASSERT(!error, "the core of vfs/ is in use after the last unmount: %d", error);
    return 0;
}

int sys_shutdown(void)
{
    if (!state_move(BOOT_UP, BOOT_CHANGING))
        return EBUSY;
    int error = shutdown_vfs();
    if (error) {
        state_move(BOOT_CHANGING, BOOT_UP);
        return error;
    }
    lck_grp_free(call_lock_group);
    call_lock_group = NULL;
    call_shutdown();
    shutdown_kern();
    memset(&boot_args, 0, sizeof(boot_args));
    state_move(BOOT_CHANGING, BOOT_DOWN);
    return 0;
}

/* ---- counters ------------------------------------------------------------------------------------------ */

void sys_counters_get(struct sys_counters *out)
{
    struct vfs_counters vfs = {0};
    struct kern_leak_counts kern;
    struct kern_memory_stats all, own;
    if (atomic_load(&boot_state) == BOOT_UP)
        vfs_counters_get(&vfs);
    kern_leak_counts(&kern);
    kern_memory_stats(&all);
    kern_owner_stats(KERN_OWNER_KERNEL, &own);
    *out = (struct sys_counters){
        .vnodes = vfs.vnodes,
        .vnodes_created = vfs.vnodes_created,
        .vnodes_recycled = vfs.vnodes_recycled,
        .iocounts = vfs.iocounts,
        .usecounts = vfs.usecounts,
        .mounts = vfs.mounts,
        .file_systems = vfs.file_systems,
        .open_files = call_file_count(),
        .name_cache_entries = vfs.name_cache_entries,
        .kext_bytes = all.bytes - own.bytes,
        .kext_allocations = all.blocks - own.blocks,
        .kernel_bytes = own.bytes,
        .credentials = kern.creds,
        .procs = kern.procs,
        .threads = kern.threads,
        .locks = kern.locks,
    };
}

void sys_cache_get(struct sys_cache *out)
{
    struct buf_counters buf = {0};
    struct ubc_counters ubc = {0};
    if (atomic_load(&boot_state) == BOOT_UP) {
        buf_counters_get(&buf);
        ubc_counters_get(&ubc);
    }
    *out = (struct sys_cache){
        .limit = buf.budget,
        .bytes = buf.bytes,
        .dirty_bytes = buf.dirty_bytes + ubc.dirty * PAGE_SIZE,
        .buffers = buf.clean + buf.dirty,
        .dirty_buffers = buf.dirty,
        .pages = ubc.pages,
        .dirty_pages = ubc.dirty,
        .misses = buf.misses,
        .evictions = buf.evictions + ubc.evictions,
    };
}

/* ---- log ----------------------------------------------------------------------------------------------- */

size_t sys_log_read(uint64_t *seq, char *buf, size_t size)
{
    if (size < 2)
        return 0;
    uint64_t next = *seq;
    size_t got = kern_log_read(&next, buf, size - 1, NULL);
    /* Whole lines: what follows the last newline is read again when its own has come, unless it fills the
     * buffer alone. */
    size_t keep = got;
    while (keep && buf[keep - 1] != '\n')
        keep--;
    if (!keep && got == size - 1)
        keep = got;
    buf[keep] = '\0';
    *seq = next - (got - keep);
    return keep;
}
