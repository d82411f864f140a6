// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which files are mapped into programs: telling the file system (VNOP_MMAP, VNOP_MNOMAP) and answering who
 * asks.
 *
 * A mapping keeps a usecount. The file system hears of each, of the end only when the last one is gone; both
 * calls of a file come one after the other, never at once.
 *
 * Locks: the file's (360), not held over the operations. Called by vfs/, and by file systems (KPI).
 */
#include <sys/errno.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/systm.h>

#include "ubc/ubc_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"

/* From here to change_end() nobody else tells the file system of mappings. */
static void change_begin(struct ubc_file *file)
{
    lck_mtx_lock(&file->uf_lock);
    while (file->uf_map_changing)
        msleep(&file->uf_map_changing, &file->uf_lock, PVFS, "ubc map", NULL);
    file->uf_map_changing = true;
    lck_mtx_unlock(&file->uf_lock);
}

static void change_end(struct ubc_file *file)
{
    lck_mtx_lock(&file->uf_lock);
    file->uf_map_changing = false;
    wakeup(&file->uf_map_changing);
    lck_mtx_unlock(&file->uf_lock);
}

errno_t ubc_map(vnode_t vp, int prot, vfs_context_t ctx)
{
    if (!vnode_isreg(vp))
        return EINVAL;
    errno_t error = VNOP_MMAP_CHECK(vp, prot, ctx);
    if (error && error != ENOTSUP)
        return error;
    error = vnode_ref(vp);
    if (error)
        return error;
    struct ubc_file *file = ubc_file_get(vp);
    change_begin(file);
    /* A file system that has nothing to do for a mapping answers what it likes; it refuses by EPERM. */
    error = VNOP_MMAP(vp, prot, ctx) == EPERM ? EPERM : 0;
    if (!error) {
        lck_mtx_lock(&file->uf_lock);
        file->uf_maps++;
        file->uf_map_writable |= (prot & PROT_WRITE) != 0;
        file->uf_was_writable |= (prot & PROT_WRITE) != 0;
        lck_mtx_unlock(&file->uf_lock);
    }
    change_end(file);
    if (error)
        vnode_rele(vp);
    return error;
}

void ubc_unmap(vnode_t vp, vfs_context_t ctx)
{
    struct ubc_file *file = ubc_file_find(vp);
    if (file && vnode_isreg(vp)) { /* else it was taken away meanwhile */
        change_begin(file);
        lck_mtx_lock(&file->uf_lock);
        bool last = file->uf_maps && !--file->uf_maps;
        if (last)
            file->uf_map_writable = false;
        lck_mtx_unlock(&file->uf_lock);
        if (last)
            VNOP_MNOMAP(vp, ctx);
        change_end(file);
    }
    vnode_rele(vp);
}

/* ---- the KPI ------------------------------------------------------------------------------------------- */

enum map_question { MAP_NOW, MAP_WRITABLE, MAP_WAS_WRITABLE };

static bool ask(const struct vnode *vp, enum map_question question)
{
    vnode_t file_vp = (vnode_t)(uintptr_t)vp;
    struct ubc_file *file = vnode_isreg(file_vp) ? ubc_file_find(file_vp) : NULL;
    if (!file)
        return false;
    lck_mtx_lock(&file->uf_lock);
    bool answer = question == MAP_NOW        ? file->uf_maps > 0
                  : question == MAP_WRITABLE ? file->uf_map_writable
                                             : file->uf_was_writable;
    lck_mtx_unlock(&file->uf_lock);
    return answer;
}

int UBCINFOEXISTS(const struct vnode *vp)
{
    return vp && vnode_isreg((vnode_t)(uintptr_t)vp);
}

boolean_t ubc_is_mapped(const struct vnode *vp, boolean_t *writable)
{
    if (writable)
        *writable = ask(vp, MAP_WRITABLE);
    return ask(vp, MAP_NOW);
}

boolean_t ubc_is_mapped_writable(const struct vnode *vp)
{
    return ask(vp, MAP_WRITABLE);
}

boolean_t ubc_was_mapped_writable(const struct vnode *vp)
{
    return ask(vp, MAP_WAS_WRITABLE);
}
