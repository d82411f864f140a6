// SPDX-License-Identifier: BSD-2-Clause
/*
 * The size of a file as its pages know it, who writes them back, and how offsets become blocks.
 *
 * Bytes of the last page behind the end of the file are zero: a file that shrinks has its tail zeroed and the
 * pages behind dropped; one that grows has the rest of what was the last page zeroed, since somebody may have
 * left other bytes there. The size lies in the vnode, so that a file without pages needs no record here.
 *
 * Locks: the file's (360). Called by file systems (KPI).
 */
#include <string.h>
#include <sys/errno.h>
#include <kern/thread.h>

#include "ubc/ubc_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"

off_t ubc_getsize(struct vnode *vp)
{
    return vnode_isreg(vp) ? vnode_filesize(vp) : 0;
}

/* Zero what is behind @size in its page. @waits: also for who has it busy. File lock held. */
static void tail_zero(struct ubc_file *file, off_t size, bool waits)
{
    struct ubc_page *page;
    size_t within = (size_t)size % UBC_PAGE;
    if (!within)
        return;
    while ((page = ubc_page_find(file, (uint64_t)size >> UBC_SHIFT)) && ubc_page_in_use(page)) {
        if (!waits && !page->p_holds)
            return;
        ubc_page_wait(page);
    }
    if (page)
        memset(page->p_memory.um_data + within, 0, UBC_PAGE - within);
}

errno_t ubc_setsize_ex(struct vnode *vp, off_t size, int opts)
{
    struct ubc_page_queue dead = TAILQ_HEAD_INITIALIZER(dead);
    if (size < 0 || opts)
        return EINVAL;
    if (!vnode_isreg(vp))
        return ENOENT;
    off_t old = vnode_filesize(vp);
    vnode_filesize_set(vp, size);
    struct ubc_file *file = ubc_file_find(vp);
    if (!file)
        return 0;
    lck_mtx_lock(&file->uf_lock);
    /* What cluster_write() has written behind the old end is contents by now. */
    if (file->uf_cluster.cs_eof > old)
        old = file->uf_cluster.cs_eof;
    file->uf_cluster.cs_eof = 0;
    if (size < old) {
        ubc_file_drop(file, ((uint64_t)size + UBC_PAGE - 1) >> UBC_SHIFT, UBC_INDEX_END, true, &dead);
        tail_zero(file, size, true);
    } else if (size > old) {
        /* Who makes a file larger may have its last page itself. */
        tail_zero(file, old, false);
    }
    lck_mtx_unlock(&file->uf_lock);
    ubc_pages_free(&dead);
    return 0;
}

int ubc_setsize(struct vnode *vp, off_t size)
{
    return ubc_setsize_ex(vp, size, 0) == 0;
}

/* ---- who writes back ----------------------------------------------------------------------------------- */

kauth_cred_t ubc_getcred(struct vnode *vp)
{
    struct ubc_file *file = vnode_isreg(vp) ? ubc_file_find(vp) : NULL;
    if (!file)
        return NOCRED;
    lck_mtx_lock(&file->uf_lock);
    kauth_cred_t cred = file->uf_cred;
    lck_mtx_unlock(&file->uf_lock);
    return cred;
}

int ubc_setthreadcred(struct vnode *vp, struct proc *p, struct thread *thread)
{
    if (!vnode_isreg(vp))
        return 0;
    kauth_cred_t cred = thread == current_thread() ? kauth_cred_get_with_ref() : kauth_cred_proc_ref(p);
    struct ubc_file *file = ubc_file_get(vp);
    lck_mtx_lock(&file->uf_lock);
    if (!file->uf_cred) {
        file->uf_cred = cred;
        cred = NOCRED;
    }
    lck_mtx_unlock(&file->uf_lock);
    if (cred)
        kauth_cred_unref(&cred);
    return 1;
}

/* ---- blocks -------------------------------------------------------------------------------------------- */

off_t ubc_blktooff(struct vnode *vp, daddr64_t blkno)
{
    off_t offset = -1;
    return VNOP_BLKTOOFF(vp, blkno, &offset) ? -1 : offset;
}

daddr64_t ubc_offtoblk(struct vnode *vp, off_t offset)
{
    daddr64_t blkno = -1;
    return VNOP_OFFTOBLK(vp, offset, &blkno) ? -1 : blkno;
}
