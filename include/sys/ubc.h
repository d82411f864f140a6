// SPDX-License-Identifier: BSD-2-Clause
/*
 * The unified buffer cache and the cluster layer: file data as pages of memory, and the I/O between
 * both. Offsets and sizes are in bytes unless said otherwise.
 */
#ifndef KPI_SYS_UBC_H
#define KPI_SYS_UBC_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/kernel_types.h>
#include <sys/ucred.h>
#include <mach/kern_return.h>
#include <mach/memory_object_types.h>
#include <kern/locks.h>
#include <mach/machine.h>

struct thread;

/* Flags of ubc_msync. */
#define UBC_PUSHDIRTY  0x1
#define UBC_PUSHALL    0x2
#define UBC_INVALIDATE 0x4
#define UBC_SYNC       0x8

__BEGIN_DECLS
/** ubc_blktooff - byte offset of a logical block. */
off_t ubc_blktooff(struct vnode *vp, daddr64_t blkno);
/** ubc_offtoblk - logical block of a byte offset. */
daddr64_t ubc_offtoblk(struct vnode *vp, off_t offset);
/** ubc_getsize - size of the file as the cache knows it. */
off_t ubc_getsize(struct vnode *vp);
/** ubc_setsize - set that size; a smaller one drops whole pages and zeroes the tail of the last. Nonzero
 *  on success. */
int ubc_setsize(struct vnode *vp, off_t size);
/** ubc_getcred - the credential for write-back, borrowed. */
kauth_cred_t ubc_getcred(struct vnode *vp);
/** ubc_setthreadcred - remember the credential of @thread for write-back. 0 or 1. */
int ubc_setthreadcred(struct vnode *vp, struct proc *p, struct thread *thread);
/** ubc_msync - push or drop pages of a range; *@resid_off is where it stopped on error. */
errno_t ubc_msync(vnode_t vp, off_t beg_off, off_t end_off, off_t *resid_off, int flags);
/** ubc_pages_resident - true if any page is cached. */
int ubc_pages_resident(vnode_t vp);
/** ubc_page_op - examine or change the flags of a page: UPL_POP_*. */
int ubc_page_op(vnode_t vp, off_t f_offset, int ops, ppnum_t *phys_entryp, int *flagsp);
/** ubc_range_op - examine or drop pages of a range: UPL_ROP_*. */
int ubc_range_op(vnode_t vp, off_t f_offset_beg, off_t f_offset_end, int ops, int *range);
/** ubc_create_upl - gather the pages of a range, busy, into a list. UPL_* flags. */
int ubc_create_upl(vnode_t vp, off_t f_offset, int bufsize, upl_t *uplp, upl_page_info_t **plp, int uplflags);
/** ubc_upl_map - map the pages of a list. */
int ubc_upl_map(upl_t upl, vm_offset_t *dst_addr);
/** ubc_upl_unmap - undo ubc_upl_map. */
int ubc_upl_unmap(upl_t upl);
/** ubc_upl_map_range - map a part of a list. */
int ubc_upl_map_range(upl_t upl, vm_offset_t offset, vm_size_t size, vm_prot_t prot, vm_offset_t *dst_addr);
/** ubc_upl_unmap_range - undo ubc_upl_map_range. */
int ubc_upl_unmap_range(upl_t upl, vm_offset_t offset, vm_size_t size);
/** ubc_upl_commit - give all pages back, valid. */
int ubc_upl_commit(upl_t upl);
/** ubc_upl_commit_range - give pages of a range back, valid: UPL_COMMIT_*. */
int ubc_upl_commit_range(upl_t upl, upl_offset_t offset, upl_size_t size, int flags);
/** ubc_upl_abort - give all pages back, not valid: UPL_ABORT_*. */
int ubc_upl_abort(upl_t upl, int abort_type);
/** ubc_upl_abort_range - give pages of a range back, not valid. */
int ubc_upl_abort_range(upl_t upl, upl_offset_t offset, upl_size_t size, int abort_flags);
/** ubc_upl_pageinfo - state of each page of a list. */
upl_page_info_t *ubc_upl_pageinfo(upl_t upl);
/** ubc_upl_maxbufsize - largest list, bytes. */
upl_size_t ubc_upl_maxbufsize(void);
/** is_file_clean - 0 if no page of the file is dirty, else EBUSY. */
int is_file_clean(vnode_t vp, off_t filesize);

/** advisory_read - advice to start reading @resid bytes from @f_offset into the cache; what there is no cache
 *  for is ignored. 0; EINVAL not a regular file. */
int advisory_read(vnode_t vp, off_t filesize, off_t f_offset, int resid);
/** advisory_read_ext - as advisory_read, with a callback on each buffer. */
int advisory_read_ext(vnode_t vp, off_t filesize, off_t f_offset, int resid, int (*callback)(buf_t, void *),
                      void *callback_arg, int bflag);
/** cluster_read - read through the cache; a hole or fresh range is zero. IO_* flags. */
int cluster_read(vnode_t vp, struct uio *uio, off_t filesize, int xflags);
/** cluster_read_ext - as cluster_read, with a callback on each buffer. */
int cluster_read_ext(vnode_t vp, struct uio *uio, off_t filesize, int xflags, int (*callback)(buf_t, void *),
                     void *callback_arg);
/** cluster_write - write through the cache; zeroes @head_off to the data and the data to @tail_off as
 *  IO_HEADZEROFILL, IO_TAILZEROFILL say. */
int cluster_write(vnode_t vp, struct uio *uio, off_t old_eof, off_t new_eof, off_t head_off, off_t tail_off,
                  int xflags);
/** cluster_write_ext - as cluster_write, with a callback on each buffer. */
int cluster_write_ext(vnode_t vp, struct uio *uio, off_t old_eof, off_t new_eof, off_t head_off,
                      off_t tail_off, int xflags, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_pagein - fill pages of a list from the device. */
int cluster_pagein(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size, off_t filesize,
                   int flags);
/** cluster_pagein_ext - as cluster_pagein, with a callback. */
int cluster_pagein_ext(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size,
                       off_t filesize, int flags, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_pageout - write pages of a list to the device. */
int cluster_pageout(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size, off_t filesize,
                    int flags);
/** cluster_pageout_ext - as cluster_pageout, with a callback. */
int cluster_pageout_ext(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size,
                        off_t filesize, int flags, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_push - write what cluster_write left for later. IO_* flags. */
int cluster_push(vnode_t vp, int flags);
/** cluster_push_ext - as cluster_push, with a callback on each buffer. */
int cluster_push_ext(vnode_t vp, int flags, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_push_err - as cluster_push_ext; *@err is the first error. */
int cluster_push_err(vnode_t vp, int flags, int (*callback)(buf_t, void *), void *callback_arg, int *err);
/** cluster_zero - zero bytes of a list; @bp may be NULL. */
void cluster_zero(upl_t upl, upl_offset_t upl_offset, int size, buf_t bp);
/** cluster_bp - strategy for a buffer that spans several device blocks. */
int cluster_bp(buf_t bp);
/** cluster_bp_ext - as cluster_bp, with a callback on each buffer. */
int cluster_bp_ext(buf_t bp, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_copy_upl_data - copy between a list and @uio. */
int cluster_copy_upl_data(uio_t uio, upl_t upl, int upl_offset, int *io_resid);
/** cluster_copy_ubc_data - copy between cached pages and @uio, as far as they are cached. */
int cluster_copy_ubc_data(vnode_t vp, uio_t uio, int *io_resid, int mark_dirty);
__END_DECLS

#endif /* KPI_SYS_UBC_H */
