// SPDX-License-Identifier: BSD-2-Clause
/*
 * ubc_iface.h: what ubc/ offers to vfs/ and buf/ beyond the KPI of <sys/ubc.h>.
 */
#ifndef KEXTBED_UBC_UBC_IFACE_H
#define KEXTBED_UBC_UBC_IFACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/vnode.h>

/* ---- start and end ------------------------------------------------------------------------------------- */

/** ubc_boot - bring up the page cache. After buf_boot(), whose budget it shares. @max_vnodes bound of the
 * vnode table. */
void ubc_boot(uint32_t max_vnodes);
/** ubc_shutdown - give everything back. No vnode has pages any more; one that has is a panic. */
void ubc_shutdown(void);

struct ubc_counters {
    uint64_t files;            /* vnodes that have used the cache and still have their file */
    uint64_t pages, dirty;     /* cached now */
    uint64_t evictions, moves; /* ever: pages thrown out, pages that were moved to be mapped in one piece */
    uint64_t written, waits;   /* ever: pages written because of age or pressure, writers that had to wait */
};
void ubc_counters_get(struct ubc_counters *out);

/* ---- a vnode's pages ----------------------------------------------------------------------------------- */

/** ubc_vnode_has - has @vp dirty, or any, pages now? */
bool ubc_vnode_has(vnode_t vp, bool dirty);
/** ubc_vnode_push - write what @vp has dirty, for a vnode that is about to lose its file; costs one load
 *  where it never used the cache. Blocks: VNOP_PAGEOUT. */
void ubc_vnode_push(vnode_t vp);
/** ubc_vnode_dirty - has the vnode in that place dirty pages? For one that may lose its file meanwhile. */
bool ubc_vnode_dirty(vnode_t vp);
/** ubc_vnode_gone - @vp loses its file: all of its pages are dropped. Blocks: until those that are busy are
 *  not. */
void ubc_vnode_gone(vnode_t vp);

/* ---- writers ------------------------------------------------------------------------------------------- */

struct ubc_mount;
struct ubc_write {
    struct ubc_mount *uw_mount;
    uint64_t uw_pages;
};
/** ubc_write_begin - the caller is about to call VNOP_WRITE for @bytes of @vp. Where that could make more
 *  dirty than there may be it waits until pages of the mount were written.
 *  @out    for ubc_write_end(), which follows a success.
 *  Locks:  takes rank 365; the caller has an iocount and nothing that writing back needs: no lock, no page.
 *  Blocks: yes.
 *  Errno:  0; EINTR; that of VNOP_PAGEOUT where the cache is full of pages that can't be written. */
errno_t ubc_write_begin(vnode_t vp, uint64_t bytes, struct ubc_write *out);
void ubc_write_end(const struct ubc_write *write);
/** ubc_age_set - how long a page may be dirty until it is written, in ns; 0: as at the start. */
void ubc_age_set(uint64_t ns);
/** ubc_mount_gone - @mp has no vnodes any more: nobody writes back for it. Blocks: until nobody does. */
void ubc_mount_gone(mount_t mp);

/* ---- mappings ------------------------------------------------------------------------------------------ */

/** ubc_map - @vp is mapped into a program: VNOP_MMAP_CHECK and VNOP_MMAP, as Darwin does.
 *  @prot   PROT_*.
 *  Refs:   the mapping takes a usecount, until ubc_unmap(). The caller has an iocount.
 *  Blocks: the operations.
 *  Errno:  0; EINVAL not a regular file; that of VNOP_MMAP_CHECK; EPERM the file system refuses. */
errno_t ubc_map(vnode_t vp, int prot, vfs_context_t ctx);
/** ubc_unmap - one mapping less; after the last one VNOP_MNOMAP. */
void ubc_unmap(vnode_t vp, vfs_context_t ctx);

/* ---- reading what is there ----------------------------------------------------------------------------- */

struct ubc_page;
/** ubc_page_hold - keep the valid page at @offset where it is and as it is, to read from it.
 *  @data   out  the first byte of the page.
 *  Refs:   gives one hold; end with ubc_page_unhold() soon: whoever wants the page busy waits for it, so the
 *          holder waits for nothing that needs a page. Blocks: while it is busy. NULL: there is no valid one.
 */
struct ubc_page *ubc_page_hold(vnode_t vp, off_t offset, const uint8_t **data);
void ubc_page_unhold(struct ubc_page *page);

#endif
