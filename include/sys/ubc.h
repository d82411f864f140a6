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
/** ubc_blktooff - byte offset of a logical block, as the file system says (VNOP_BLKTOOFF); -1: it does not.
 */
off_t ubc_blktooff(struct vnode *vp, daddr64_t blkno);
/** ubc_offtoblk - logical block of a byte offset (VNOP_OFFTOBLK); -1: there is none. */
daddr64_t ubc_offtoblk(struct vnode *vp, off_t offset);
/** ubc_getsize - size of a regular file as the cache knows it, bytes: vnfs_filesize, then what ubc_setsize
 *  set; 0 of anything else. */
off_t ubc_getsize(struct vnode *vp);
/** ubc_setsize - set that size.
 *  @size   in   bytes. Smaller: pages behind it are dropped, also dirty ones, and the rest of its last page
 * is zeroed. Larger: the rest of what was the last page is zeroed, but not if somebody has it busy. Refs:
 * none. Locks:  takes ranks 360 to 380. The caller has no page behind @size in a list. Blocks: where it gets
 * smaller, until such pages are not busy. Errno:  none; nonzero on success, 0 where it is negative or no
 * regular file. KPI:    bsd, stable */
int ubc_setsize(struct vnode *vp, off_t size);
/** ubc_setsize_ex - as ubc_setsize, with an errno. @opts is 0. 0; EINVAL negative, or an unknown option;
 *  ENOENT not a regular file. */
errno_t ubc_setsize_ex(struct vnode *vp, off_t size, int opts);
/** ubc_getcred - the credential for write-back, borrowed as long as the vnode keeps its file, or NOCRED. */
kauth_cred_t ubc_getcred(struct vnode *vp);
/** ubc_setthreadcred - remember the credential of @thread, or where that is not the caller of @p, for
 *  write-back, with a reference of its own. The first one stays. 1; 0 not a regular file. */
int ubc_setthreadcred(struct vnode *vp, struct proc *p, struct thread *thread);
/** ubc_msync - write or drop the pages that [@beg_off, @end_off) touches.
 *  @resid_off  out  may be NULL. Where it stopped on error, else 0.
 *  @flags      in   UBC_PUSHDIRTY: what is dirty is written; UBC_PUSHALL: clean pages too; UBC_SYNC: waits,
 *                   also for writes of others; UBC_INVALIDATE: clean pages are dropped afterwards, and where
 *                   nothing is to be written dirty ones as well.
 *  Refs:   the caller has an iocount.
 *  Locks:  takes ranks 360 to 380, none over VNOP_PAGEOUT. The caller has no page of the range in a list.
 *  Blocks: yes.
 *  Errno:  0; EINVAL no flag, negative, not a regular file; the file system's of the first write that failed,
 *          whose pages stay dirty.
 *  KPI:    bsd, stable */
errno_t ubc_msync(vnode_t vp, off_t beg_off, off_t end_off, off_t *resid_off, int flags);
/** ubc_pages_resident - nonzero if any page of the file is cached. */
int ubc_pages_resident(vnode_t vp);
/** ubc_page_op - look at one page, or change it.
 *  @f_offset     in   bytes; its page is meant.
 *  @ops          in   0: look. UPL_POP_SET or UPL_POP_CLR with UPL_POP_DIRTY, UPL_POP_BUSY; UPL_POP_DUMP
 *                     drops the page, with UPL_POP_BUSY one that the caller has busy.
 *  @phys_entryp  out  may be NULL. 0: pages have no physical number.
 *  @flagsp       out  may be NULL. UPL_POP_* as they were before.
 *  Refs:   UPL_POP_SET of UPL_POP_BUSY makes the page the caller's until UPL_POP_CLR.
 *  Locks:  takes ranks 360 to 380.
 *  Blocks: to make it busy and to dump it, until nobody has it.
 *  Errno:  none; KERN_SUCCESS; KERN_FAILURE there is no such page; KERN_INVALID_ARGUMENT negative,
 *          UPL_POP_PHYSICAL, not a regular file.
 *  KPI:    bsd, stable */
int ubc_page_op(vnode_t vp, off_t f_offset, int ops, ppnum_t *phys_entryp, int *flagsp);
/** ubc_range_op - how far pages are, or are not, there; or drop them.
 *  @ops    in   UPL_ROP_PRESENT, UPL_ROP_ABSENT: from the beginning on; UPL_ROP_DUMP: drop them, dirty ones
 *               too.
 *  @range  out  may be NULL. Bytes from @f_offset_beg for which that holds.
 *  Refs:   none.
 *  Locks:  takes ranks 360 to 380. Dumping, the caller has no page of the range in a list.
 *  Blocks: dumping, until nobody has them.
 *  Errno:  none; KERN_SUCCESS; KERN_INVALID_ARGUMENT the range is negative or 2 GiB or more, or the file is
 *          not a regular one.
 *  KPI:    bsd, stable */
int ubc_range_op(vnode_t vp, off_t f_offset_beg, off_t f_offset_end, int ops, int *range);
/** ubc_create_upl - gather the pages of a range, busy, into a list.
 *  @f_offset  in   bytes, a multiple of 4096.
 *  @bufsize   in   bytes, a multiple of 4096, at most ubc_upl_maxbufsize().
 *  @uplp      out  the list; NULL on error.
 *  @plp       out  may be NULL. The state of each page when it was taken; goes with the list.
 *  @uplflags  in   UPL_UBC_PAGEOUT, UPL_UBC_MSYNC: the dirty pages, to write them; UPL_UBC_PAGEIN: the
 *                  missing ones, to fill them; else by UPL_COPYOUT_FROM (none is made), UPL_RET_ONLY_DIRTY,
 *                  UPL_RET_ONLY_ABSENT. Pages that are not meant are holes. UPL_NOBLOCK: busy ones too. New
 *                  pages are zero but with UPL_FILE_IO or UPL_NOZEROFILL.
 *  Refs:   gives 1 list, for ubc_upl_commit, ubc_upl_abort, or a range with FREE_ON_EMPTY.
 *  Locks:  takes ranks 360 and up. Who has a list of a file makes another one of it only behind.
 *  Blocks: until busy pages are not.
 *  Errno:  none; KERN_SUCCESS; KERN_INVALID_ARGUMENT.
 *  KPI:    bsd, stable */
int ubc_create_upl(vnode_t vp, off_t f_offset, int bufsize, upl_t *uplp, upl_page_info_t **plp, int uplflags);
/** ubc_upl_map - the list as one range of addresses.
 *  @dst_addr  out  its first byte. Pages may move in memory before, but not while it is mapped.
 *  Refs:   nests; each ends with an unmap, before the list does.
 *  Locks:  takes ranks 360 to 380, evicts.
 *  Blocks: no.
 *  Errno:  none; KERN_SUCCESS.
 *  KPI:    bsd, stable */
int ubc_upl_map(upl_t upl, vm_offset_t *dst_addr);
/** ubc_upl_unmap - undo ubc_upl_map. KERN_SUCCESS; KERN_FAILURE it is not mapped. */
int ubc_upl_unmap(upl_t upl);
/** ubc_upl_map_range - as ubc_upl_map, of a part: @offset and @size in bytes, multiples of 4096; @prot is not
 *  enforced. KERN_SUCCESS; KERN_INVALID_ARGUMENT not inside the list. */
int ubc_upl_map_range(upl_t upl, vm_offset_t offset, vm_size_t size, vm_prot_t prot, vm_offset_t *dst_addr);
/** ubc_upl_unmap_range - undo ubc_upl_map_range. */
int ubc_upl_unmap_range(upl_t upl, vm_offset_t offset, vm_size_t size);
/** ubc_upl_commit - give all pages back, valid; those of a list that was made to write are clean then. The
 *  list is consumed. */
int ubc_upl_commit(upl_t upl);
/** ubc_upl_commit_range - give pages of a range back, valid.
 *  @offset, @size  in  bytes within the list; the pages that they touch.
 *  @flags          in  UPL_COMMIT_SET_DIRTY, UPL_COMMIT_CLEAR_DIRTY, UPL_COMMIT_INACTIVATE (evicted before
 *                      others), UPL_COMMIT_FREE_ON_EMPTY.
 *  Refs:   UPL_COMMIT_FREE_ON_EMPTY consumes the list once nothing is left of it.
 *  Locks:  takes ranks 360 to 380.
 *  Blocks: no.
 *  Errno:  none; KERN_SUCCESS; KERN_FAILURE not inside the list; KERN_INVALID_ARGUMENT a flag of the kernel's
 *          own.
 *  KPI:    bsd, stable */
int ubc_upl_commit_range(upl_t upl, upl_offset_t offset, upl_size_t size, int flags);
/** ubc_upl_abort - give all pages back: those that were not valid are dropped, and with UPL_ABORT_DUMP_PAGES
 *  all; others are as before. The list is consumed. */
int ubc_upl_abort(upl_t upl, int abort_type);
/** ubc_upl_abort_range - as ubc_upl_abort for a range; UPL_ABORT_FREE_ON_EMPTY consumes the list once nothing
 *  is left of it. KERN_SUCCESS; KERN_FAILURE not inside the list. */
int ubc_upl_abort_range(upl_t upl, upl_offset_t offset, upl_size_t size, int abort_flags);
/** ubc_upl_pageinfo - the state of each page, as it was when it was taken; goes with the list. */
upl_page_info_t *ubc_upl_pageinfo(upl_t upl);
/** ubc_upl_range_needed - the pages of [@index, @index + @count) of the list are about to be used: eviction
 *  lets them pass once. KPI: private. */
void ubc_upl_range_needed(upl_t upl, int index, int count);
/** UBCINFOEXISTS - nonzero if @vp may have pages: a regular file. @vp may be NULL. KPI: private. */
int UBCINFOEXISTS(const struct vnode *vp);
/** ubc_is_mapped - is the file mapped into a program, as far as that is known?
 *  @vp        in   the caller has an iocount.
 *  @writable  out  may be NULL. Nonzero if one of the mappings is for writing.
 *  Refs:   none.
 *  Locks:  takes rank 360.
 *  Blocks: no.
 *  Errno:  none; nonzero: it is. Programs of the host show their mappings only by writing to them, and only
 *          where the host caches no writes: a file for which this says 0 may be mapped all the same.
 *  KPI:    private */
boolean_t ubc_is_mapped(const struct vnode *vp, boolean_t *writable);
/** ubc_is_mapped_writable - *@writable of ubc_is_mapped. KPI: private. */
boolean_t ubc_is_mapped_writable(const struct vnode *vp);
/** ubc_was_mapped_writable - has it been mapped for writing since the vnode has this file? KPI: private. */
boolean_t ubc_was_mapped_writable(const struct vnode *vp);
/** ubc_upl_maxbufsize - the largest list, bytes: 1 MiB. */
upl_size_t ubc_upl_maxbufsize(void);
/** is_file_clean - 0 if no page of the file is dirty, else EBUSY. */
int is_file_clean(vnode_t vp, off_t filesize);

/* Cluster I/O: the data of a regular file between pages and the device. VNOP_BLOCKMAP says where a range
 * lies, and VNOP_STRATEGY gets a buffer for each run, of which buf_lblkno is the page and buf_blkno the
 * device block. A *callback* is called at the end of each such buffer; what it returns, if not 0, is an
 * error. */

/** advisory_read - advice to start reading @resid bytes from @f_offset into the cache.
 *  @filesize  in  bytes; nothing behind it is read.
 *  Refs:   the caller has an iocount.
 *  Locks:  takes ranks 360 to 380, none over VNOP_BLOCKMAP and VNOP_STRATEGY.
 *  Blocks: VNOP_BLOCKMAP; not for the data.
 *  Errno:  0, also where reading fails; EINVAL not a regular file, or negative.
 *  KPI:    bsd, stable */
int advisory_read(vnode_t vp, off_t filesize, off_t f_offset, int resid);
/** advisory_read_ext - as advisory_read, with a callback. @bflag is not used. */
int advisory_read_ext(vnode_t vp, off_t filesize, off_t f_offset, int resid, int (*callback)(buf_t, void *),
                      void *callback_arg, int bflag);
/** cluster_read - read through pages; what has no block is zero.
 *  @uio       in   advanced by what was read, at most up to @filesize.
 *  @filesize  in   bytes.
 *  @xflags    in   IO_NOCACHE: pages that it brings in are evicted before others. IO_RAOFF: nothing is read
 *                  ahead; else it is for reads in sequence, and for those that are equally far apart.
 *  Refs:   the caller has an iocount.
 *  Locks:  takes ranks 360 to 380, none over a copy or an operation. The caller has no page of the file in a
 *          list.
 *  Blocks: until busy pages are not, and for the device.
 *  Errno:  0; EINVAL a negative offset, or not a regular file; EFAULT; that of VNOP_BLOCKMAP or of the
 * device. KPI:    bsd, stable */
int cluster_read(vnode_t vp, struct uio *uio, off_t filesize, int xflags);
/** cluster_read_ext - as cluster_read, with a callback. */
int cluster_read_ext(vnode_t vp, struct uio *uio, off_t filesize, int xflags, int (*callback)(buf_t, void *),
                     void *callback_arg);
/** cluster_write - write into pages, which stay dirty. The file has its blocks already; its size is set
 *  afterwards (ubc_setsize), and until then @new_eof counts for pages that are written back.
 *  @uio       in   advanced by what was written. NULL: there is no data, and what is to be zeroed begins at
 *                  @head_off and ends with @new_eof.
 *  @old_eof   in   bytes. Pages covered in part are read up to there.
 *  @new_eof   in   bytes.
 *  @head_off  in   with IO_HEADZEROFILL: bytes from here to the data become zero.
 *  @tail_off  in   with IO_TAILZEROFILL: bytes from the data to here become zero, in pages of the file.
 *  @xflags    in   IO_NOZEROVALID, IO_NOZERODIRTY: such bytes stay in pages that were valid, or dirty, before
 *                  the call. IO_SYNC: it is stored on return.
 *  Refs:   the caller has an iocount.
 *  Locks:  takes ranks 360 to 380, none over a copy or an operation. One writer of a file at a time,
 *          who has no page of the file in a list.
 *  Blocks: until busy pages are not; for the device, to read, and where much is dirty.
 *  Errno:  0; EINVAL a negative offset, or not a regular file; EFAULT; that of VNOP_BLOCKMAP or of the
 *          device.
 *  KPI:    bsd, stable */
int cluster_write(vnode_t vp, struct uio *uio, off_t old_eof, off_t new_eof, off_t head_off, off_t tail_off,
                  int xflags);
/** cluster_write_ext - as cluster_write, with a callback. */
int cluster_write_ext(vnode_t vp, struct uio *uio, off_t old_eof, off_t new_eof, off_t head_off,
                      off_t tail_off, int xflags, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_pagein - fill the pages of a range of a list that are not valid, and give the range back.
 *  @upl_offset, @f_offset, @size  in  bytes, multiples of 4096.
 *  @filesize  in   bytes. The rest of its last page is zero; pages behind it are aborted.
 *  @flags     in   UPL_NOCOMMIT: the pages stay the caller's. UPL_IGNORE_VALID_PAGE_CHECK: valid ones too.
 *  Refs:   without UPL_NOCOMMIT consumes the list once nothing is left of it, on error too.
 *  Locks:  takes ranks 360 to 380, none over an operation.
 *  Blocks: for the device.
 *  Errno:  0; EINVAL no list, not inside it, not a regular file, or behind @filesize; that of
 *          VNOP_BLOCKMAP or of the device, and the pages are aborted.
 *  KPI:    bsd, stable */
int cluster_pagein(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size, off_t filesize,
                   int flags);
/** cluster_pagein_ext - as cluster_pagein, with a callback. */
int cluster_pagein_ext(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size,
                       off_t filesize, int flags, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_pageout - write the pages of a range of a list, which are clean then, and give the range back.
 *  @upl_offset, @f_offset, @size  in  bytes, multiples of 4096.
 *  @filesize  in   bytes. Nothing is written behind its last device block; pages behind it are aborted.
 *  @flags     in   UPL_IOSYNC: wait. UPL_NOCOMMIT: wait, and the pages stay the caller's, as they are.
 *                  UPL_KEEPCACHED, UPL_MSYNC: they are not evicted before others.
 *  Refs:   without UPL_NOCOMMIT consumes the list once nothing is left of it, on error too.
 *  Locks:  takes ranks 360 to 380, none over an operation.
 *  Blocks: VNOP_BLOCKMAP, and if it waits for the device.
 *  Errno:  0; EINVAL as for cluster_pagein; if it waits EIO data where the file has no block, or that of
 *          VNOP_BLOCKMAP or of the device. If not, fsync tells it once to each opener. Pages stay dirty.
 *  KPI:    bsd, stable */
int cluster_pageout(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size, off_t filesize,
                    int flags);
/** cluster_pageout_ext - as cluster_pageout, with a callback. */
int cluster_pageout_ext(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size,
                        off_t filesize, int flags, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_push - write what cluster_write has left for later.
 *  @flags  in  IO_SYNC: wait until it is stored, also what is being written already.
 *  Refs:   the caller has an iocount.
 *  Locks:  takes ranks 360 to 380, none over an operation. The caller has no page of the file in a list.
 *  Blocks: VNOP_BLOCKMAP; with IO_SYNC for busy pages and for the device.
 *  Errno:  none; 1 if there was something to write, else 0. fsync tells an error once to each opener; what
 *          could not be written stays dirty and left for later.
 *  KPI:    bsd, stable */
int cluster_push(vnode_t vp, int flags);
/** cluster_push_ext - as cluster_push, with a callback. */
int cluster_push_ext(vnode_t vp, int flags, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_push_err - as cluster_push_ext. *@err, which may be NULL, is the first error that it has waited
 *  for, and fsync does not tell that then. */
int cluster_push_err(vnode_t vp, int flags, int (*callback)(buf_t, void *), void *callback_arg, int *err);
/** cluster_zero - zero @size bytes from @upl_offset on, of the pages that the list has; without a list of the
 *  buffer @bp. */
void cluster_zero(upl_t upl, upl_offset_t upl_offset, int size, buf_t bp);
/** cluster_bp - do the transfer of a buffer that may lie in several runs of device blocks, or in none, for
 *  VNOP_STRATEGY. Its place in the file is that of its logical block (VNOP_BLKTOOFF).
 *  Refs:   the buffer ends in buf_biodone, on error too, at once or later.
 *  Locks:  none.
 *  Blocks: VNOP_BLOCKMAP; without B_ASYNC it may wait for the device.
 *  Errno:  0; errors are in the buffer.
 *  KPI:    bsd, stable */
int cluster_bp(buf_t bp);
/** cluster_bp_ext - as cluster_bp, with a callback. */
int cluster_bp_ext(buf_t bp, int (*callback)(buf_t, void *), void *callback_arg);
/** cluster_copy_upl_data - copy between a list and @uio, in its direction.
 *  @upl_offset  in      bytes in the list.
 *  @io_resid    in,out  at most so many bytes; less what was copied, which ends with the list.
 *  Refs:   none.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  0; EINVAL not inside the list, or the list has a hole there; EFAULT.
 *  KPI:    bsd, stable */
int cluster_copy_upl_data(uio_t uio, upl_t upl, int upl_offset, int *io_resid);
/** cluster_copy_ubc_data - copy between @uio and the file, up to the first page that is not cached.
 *  @io_resid    in,out  at most so many bytes; less what was copied.
 *  @mark_dirty  in      pages that are written to become dirty.
 *  Refs:   the caller has an iocount.
 *  Locks:  takes ranks 360 to 380, none over a copy.
 *  Blocks: until busy pages are not.
 *  Errno:  0; EFAULT.
 *  KPI:    bsd, stable */
int cluster_copy_ubc_data(vnode_t vp, uio_t uio, int *io_resid, int mark_dirty);
__END_DECLS

#endif /* KPI_SYS_UBC_H */
