// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing and dropping pages of a range when somebody asks: ubc_msync() and the end of a vnode's life.
 *
 * A vnode that loses its file with pages that can't be written loses them. Its openers are gone, so the error
 * is noted with the device that the mount lies on, of whose errors every file on it hears.
 *
 * Locks: the file's (360), not held over VNOP_PAGEOUT. Called by file systems (KPI) and by reclaim in vfs/.
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/syslog.h>
#include <sys/systm.h>

#include "buf/buf_iface.h"
#include "ubc/ubc_internal.h"
#include "vfs/vfs_iface.h"

errno_t ubc_msync(vnode_t vp, off_t beg_off, off_t end_off, off_t *resid_off, int flags)
{
    struct ubc_page_queue dead = TAILQ_HEAD_INITIALIZER(dead);
    bool pushes = (flags & (UBC_PUSHDIRTY | UBC_PUSHALL)) != 0;
    errno_t error;
    if (resid_off)
        *resid_off = 0;
    if (beg_off < 0 || !vnode_isreg(vp) || (!pushes && !(flags & UBC_INVALIDATE)))
        return EINVAL;
    struct ubc_push push = {.file = ubc_file_find(vp), .flags = flags, .stops = true};
    if (end_off <= beg_off || !push.file)
        return 0;
    uint64_t begin = (uint64_t)beg_off >> UBC_SHIFT;
    push.at = begin;
    push.end = ((uint64_t)end_off + UBC_PAGE - 1) >> UBC_SHIFT;
    if (pushes)
        ubc_push_run(&push);
    error = push.error;
    if (!error && (flags & UBC_INVALIDATE)) {
        lck_mtx_lock(&push.file->uf_lock);
        ubc_file_drop(push.file, begin, push.end, !pushes, &dead);
        lck_mtx_unlock(&push.file->uf_lock);
        ubc_pages_free(&dead);
    }
    if (error && resid_off)
        *resid_off = (off_t)(push.at << UBC_SHIFT);
    return error;
}

void ubc_vnode_push(vnode_t vp)
{
    struct ubc_push push = {
        .file = ubc_file_find(vp), .end = UBC_INDEX_END, .flags = UBC_PUSHDIRTY | UBC_SYNC};
    if (!push.file || !ubc_vnode_has(vp, true))
        return;
    ubc_push_run(&push);
    uint64_t left = atomic_load_explicit(&push.file->uf_dirty, memory_order_relaxed);
    if (!left)
        return;
    mount_t mp = vnode_mount(vp);
    vnode_t devvp = vfs_devvp(mp);
    if (push.error && devvp)
        buf_error_note(devvp, push.error);
    kern_log(LOG_ERR, "ubc: %s: %llu pages of a file could not be written and are dropped: error %d\n",
             vfs_statfs(mp)->f_mntonname, (unsigned long long)left, push.error);
}

/* ---- for a look ---------------------------------------------------------------------------------------- */

int ubc_pages_resident(vnode_t vp)
{
    return vnode_isreg(vp) && ubc_vnode_has(vp, false);
}

int is_file_clean(vnode_t vp, off_t filesize)
{
    (void)filesize;
    return vnode_isreg(vp) && ubc_vnode_has(vp, true) ? EBUSY : 0;
}
