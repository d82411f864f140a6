// SPDX-License-Identifier: BSD-2-Clause
/*
 * Block buffers. Two kinds: an I/O buffer (buf_alloc, buf_clone) is a header for one transfer of its maker's
 * memory; a cached buffer (buf_getblk and those who call it) has the contents of one block, found by vnode
 * and logical block number, and memory of its own.
 *
 * A busy buffer belongs to one owner: whoever got it, until one of buf_brelse, buf_bwrite, buf_bawrite,
 * buf_bdwrite; the device during a transfer; the callback after one. What asks or sets a field is the owner's
 * alone, takes no lock but where it says so, and does not block.
 *
 * Block numbers are 64 bits. Logical ones of a file are counted in blocks of the size that it is read and
 * written with, those of a device, and all device block numbers, in blocks of the device
 * (vfs_devblocksize). Sizes, counts and offsets are bytes.
 *
 * Order of writes: none, but the one that a caller makes by waiting for the first before it begins the
 * second. A write is complete when the device has it; what is on the medium a flush of the device says, or
 * B_FUA. Errors of delayed and asynchronous writes are told by fsync, once to each opener of the file.
 */
#ifndef KPI_SYS_BUF_H
#define KPI_SYS_BUF_H

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/types.h>
#include <mach/memory_object_types.h>
#include <mach/vm_prot.h>
#include <sys/ucred.h>

/* Flags that a caller may see and set. */
#define B_WRITE         0x00000000
#define B_READ          0x00000001
#define B_ASYNC         0x00000002
#define B_NOCACHE       0x00000004
#define B_DELWRI        0x00000008
#define B_LOCKED        0x00000010
#define B_PHYS          0x00000020
#define B_CLUSTER       0x00000040
#define B_PAGEIO        0x00000080
#define B_META          0x00000100
#define B_RAW           0x00000200
#define B_FUA           0x00000400
#define B_PASSIVE       0x00000800
#define B_IOSTREAMING   0x00001000
#define B_THROTTLED_IO  0x00002000
#define B_ENCRYPTED_IO  0x00004000
#define B_STATICCONTENT 0x00008000

/* buf_iterate: which buffers, and what the callback answers. */
#define BUF_SKIP_NONLOCKED 0x1
#define BUF_SKIP_LOCKED    0x2
#define BUF_SCAN_CLEAN     0x4
#define BUF_SCAN_DIRTY     0x8
#define BUF_NOTIFY_BUSY    0x10
#define BUF_RETURNED       0
#define BUF_RETURNED_DONE  1
#define BUF_CLAIMED        2
#define BUF_CLAIMED_DONE   3

/* buf_flushdirtyblks, buf_invalidateblks, buf_invalblkno. */
#define BUF_WAIT              0x1
#define BUF_WRITE_DATA        0x1
#define BUF_SKIP_META         0x2
#define BUF_INVALIDATE_LOCKED 0x4

/* buf_getblk: what the block is for. */
#define BLK_READ      0x1
#define BLK_WRITE     0x2
#define BLK_META      0x10
#define BLK_ONLYVALID 0x80000000u

__BEGIN_DECLS
/** buf_alloc - an I/O buffer: busy, with no memory, count 0.
 *  @vp   in   what the transfer is of, or NULL. The caller keeps it alive until buf_free.
 *  Refs:   gives one busy buffer; end with buf_free. No reference of @vp is taken.
 *  Locks:  any.
 *  Blocks: memory.
 *  Errno:  never NULL.
 *  KPI:    bsd, stable */
buf_t buf_alloc(vnode_t vp);
/** buf_bawrite - begin to write a busy buffer.
 *  @bp   in   a cached buffer, or an I/O buffer with B_ASYNC's consequences.
 *  Refs:   takes the busy buffer over; released when it is written. Contents of a failed write are kept and
 *          tried again a few times.
 *  Locks:  none of buf/'s; the caller may hold its own that VNOP_STRATEGY and VNOP_BLOCKMAP do not take.
 *  Blocks: while very many writes of the vnode are under way.
 *  Errno:  0. What goes wrong later is told by fsync.
 *  KPI:    bsd, stable */
errno_t buf_bawrite(buf_t bp);
/** buf_bdwrite - leave a busy buffer to be written later: within seconds, or when memory is short.
 *  @bp   in   a cached buffer. It is read back from the cache until then.
 *  Refs:   takes the busy buffer over.
 *  Locks:  as for buf_bawrite, which it becomes while too much is dirty.
 *  Blocks: as buf_bawrite.
 *  Errno:  0. What goes wrong later is told by fsync.
 *  KPI:    bsd, stable */
errno_t buf_bdwrite(buf_t bp);
/** buf_biodone - the transfer of a buffer has ended: for strategy routines and drivers, exactly once for each
 *  transfer. buf_seterror and buf_setresid come before.
 *  @bp   in   the caller does not touch it afterwards.
 *  Refs:   gives up the device's ownership: to the callback, else to the releaser (B_ASYNC), else to whoever
 *          waits. A write without B_RAW ends the vnode_startwrite that was made for it.
 *  Locks:  none held; any thread.
 *  Blocks: no, but a callback may.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void buf_biodone(buf_t bp);
/** buf_biowait - wait for the end of the transfer of a buffer.
 *  @bp   in   owned by the caller, not B_ASYNC.
 *  Refs:   none.
 *  Locks:  the caller's own, if no strategy routine takes them.
 *  Blocks: yes.
 *  Errno:  0; the transfer's; EINTR after buf_markeintr.
 *  KPI:    bsd, stable */
errno_t buf_biowait(buf_t bp);
/** buf_blkno - block number on the device. */
daddr64_t buf_blkno(buf_t bp);
/** buf_bread - get the buffer of a block, read if it was not cached.
 *  @vp    in   file or device. The caller holds an iocount for the whole call.
 *  @blkno in   logical block.
 *  @size  in   bytes, at most MAXBSIZE; the same for each use of a block.
 *  @cred  in   for the read, or NOCRED; a reference is held until release.
 *  @bpp   out  a busy buffer, on success and on error; contents valid only on 0. NULL only where the block
 *              was dirty with another size and could not be written: buf_brelse takes it.
 *  Refs:   gives one busy buffer; end with exactly one of buf_brelse, buf_bwrite, buf_bawrite, buf_bdwrite.
 *  Locks:  the caller's own, if no strategy routine or owner of the buffer waits for them.
 *  Blocks: yes: for the buffer's owner, for the device. Never from the end of a transfer.
 *  Errno:  0; the read's (also buf_error).
 *  KPI:    bsd, stable */
errno_t buf_bread(vnode_t vp, daddr64_t blkno, int size, kauth_cred_t cred, buf_t *bpp);
/** buf_breadn - as buf_bread, and begin to read more blocks without waiting for them.
 *  @rablks, @rasizes  in   their numbers and sizes; those in the cache are passed by, and all while memory is
 *              short.
 *  @nrablks in how many. */
errno_t buf_breadn(vnode_t vp, daddr64_t blkno, int size, daddr64_t *rablks, int *rasizes, int nrablks,
                   kauth_cred_t cred, buf_t *bpp);
/** buf_brelse - release a busy buffer: it stays in the cache if it is valid or dirty, unless it is marked
 *  invalid or B_NOCACHE.
 *  @bp   in   NULL is allowed; an I/O buffer is freed.
 *  Refs:   gives up the busy buffer and its credentials.
 *  Locks:  any but spin locks.
 *  Blocks: no.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void buf_brelse(buf_t bp);
/** buf_bwrite - write a busy buffer and wait (with B_ASYNC: do not), then release it.
 *  @bp   in   one that is invalid or belongs to no block is released only.
 *  Refs:   takes the busy buffer over. After an error the contents are dropped; those of an earlier
 *          buf_bdwrite are kept and tried again a few times.
 *  Locks:  as for buf_bawrite.
 *  Blocks: yes.
 *  Errno:  0; the write's.
 *  KPI:    bsd, stable */
errno_t buf_bwrite(buf_t bp);
/** buf_callback - the function that is called at the end of the transfer; NULL: none. */
void *buf_callback(buf_t bp);
/** buf_clear - zero the contents, buf_count bytes, and buf_resid. */
void buf_clear(buf_t bp);
/** buf_clear_redundancy_flags - remove redundancy flags. */
void buf_clear_redundancy_flags(buf_t bp, uint32_t flags);
/** buf_clearflags - clear B_* flags. */
void buf_clearflags(buf_t bp, int32_t flags);
/** buf_clone - an I/O buffer for a part of the transfer of @bp, with its vnode and flags. The caller sets the
 *  block numbers, and calls vnode_startwrite for a write.
 *  @io_offset, @io_size in  the part, in bytes. Of a page list: from page to page, or to its end.
 *  @iodone in  called with the clone and @arg at its end, which then frees it; NULL: none.
 *  Refs:   gives one busy buffer; end with buf_free. @bp's memory is used until then.
 *  Locks:  any.
 *  Blocks: memory.
 *  Errno:  NULL: the part does not lie within @bp, or cuts a page.
 *  KPI:    bsd, stable */
buf_t buf_clone(buf_t bp, int io_offset, int io_size, void (*iodone)(buf_t, void *), void *arg);
/** buf_count - bytes to transfer. */
uint32_t buf_count(buf_t bp);
/** buf_dataptr - address of the contents. */
uintptr_t buf_dataptr(buf_t bp);
/** buf_device - device number. */
dev_t buf_device(buf_t bp);
/** buf_dirtyend - end of the dirty bytes. */
uint32_t buf_dirtyend(buf_t bp);
/** buf_dirtyoff - first dirty byte. */
uint32_t buf_dirtyoff(buf_t bp);
/** buf_drvdata - the driver's own data. */
void *buf_drvdata(buf_t bp);
/** buf_error - error of the last I/O. */
errno_t buf_error(buf_t bp);
/** buf_flags - B_* flags. */
int32_t buf_flags(buf_t bp);
/** buf_flushdirtyblks - write the buffers of @vp that are dirty now.
 *  @wait  in   until they are written, and for those that are busy; 0: begin to write those that are not.
 *  @flags in   0, BUF_SKIP_LOCKED, BUF_SKIP_NONLOCKED.
 *  @msg   in   ignored.
 *  Refs:   the caller holds an iocount.
 *  Locks:  as for buf_bawrite; no buffer of @vp busy by the caller.
 *  Blocks: yes.
 *  Errno:  none: fsync tells.
 *  KPI:    bsd, stable */
void buf_flushdirtyblks(vnode_t vp, int wait, int flags, const char *msg);
/** buf_free - free a buffer of buf_alloc or buf_clone whose transfer has ended, if there was one. */
void buf_free(buf_t bp);
/** buf_fromcache - true if the contents were valid when the buffer was got. */
int buf_fromcache(buf_t bp);
/** buf_fsprivate - the file system's own data. */
void *buf_fsprivate(buf_t bp);
/** buf_fua - true if the write has to reach the medium. */
int buf_fua(buf_t bp);
/** buf_getblk - get the buffer of a block without reading it: buf_valid says whether the contents are there.
 *  @vp, @blkno, @size in  as for buf_bread.
 *  @slpflag  in  PCATCH: an interrupt ends the wait.
 *  @slptimeo in  100ths of a second to wait for the buffer's owner, 0: for ever.
 *  @operation in BLK_READ, BLK_WRITE, or BLK_META (sets B_META); with BLK_ONLYVALID only what is cached.
 *  Refs:   gives one busy buffer, as buf_bread.
 *  Locks:  as for buf_bread.
 *  Blocks: for the buffer's owner; never for memory.
 *  Errno:  NULL: interrupted, timed out, not cached (BLK_ONLYVALID), or as for buf_bread.
 *  KPI:    bsd, stable */
buf_t buf_getblk(vnode_t vp, daddr64_t blkno, int size, int slpflag, int slptimeo, int operation);
/** buf_geteblk - a busy buffer with @size bytes of memory that belongs to no block; freed at release. */
buf_t buf_geteblk(int size);
/** buf_invalblkno - drop the buffer of a block, dirty or not.
 *  @flags in   BUF_WAIT: wait for its owner.
 *  Refs:   the caller holds an iocount.
 *  Locks:  as for buf_bread.
 *  Blocks: with BUF_WAIT.
 *  Errno:  0; ENOENT not cached; EBUSY.
 *  KPI:    bsd, stable */
errno_t buf_invalblkno(vnode_t vp, daddr64_t lblkno, int flags);
/** buf_invalidateblks - drop all buffers of @vp.
 *  @flags in   BUF_WRITE_DATA: what is dirty is written first, and dropped if that fails (fsync tells);
 *              BUF_SKIP_META: not metadata (B_META, or a negative block); BUF_INVALIDATE_LOCKED: also those
 *              with B_LOCKED.
 *  @slpflag, @slptimeo in  as for buf_getblk, for busy buffers.
 *  Refs:   the caller holds an iocount, and no buffer of @vp busy.
 *  Locks:  as for buf_bread.
 *  Blocks: yes.
 *  Errno:  0; EINTR; EWOULDBLOCK.
 *  KPI:    bsd, stable */
int buf_invalidateblks(vnode_t vp, int flags, int slpflag, int slptimeo);
/** buf_iterate - call a function for each buffer of @vp, in the order of the blocks.
 *  @callout in gets it busy. BUF_RETURNED: it is released; BUF_CLAIMED: the callout has seen to that, or
 *              will; with _DONE the walk ends.
 *  @flags  in  BUF_SCAN_CLEAN, BUF_SCAN_DIRTY (neither: both), BUF_SKIP_LOCKED, BUF_SKIP_NONLOCKED. Busy ones
 *              are passed by; with BUF_NOTIFY_BUSY the callout gets NULL for each.
 *  @arg    in  for the callout.
 *  Refs:   the caller holds an iocount.
 *  Locks:  none is held over the callout.
 *  Blocks: the callout may.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void buf_iterate(vnode_t vp, int (*callout)(buf_t, void *), int flags, void *arg);
/** buf_lblkno - logical block number in the file. */
daddr64_t buf_lblkno(buf_t bp);
/** buf_lblksize - size of a logical block, bytes. */
uint32_t buf_lblksize(buf_t bp);
/** buf_map - the address of the contents; pages of a page list are mapped.
 *  @io_addr out NULL on error.
 *  Refs:   end with buf_unmap.
 *  Locks:  any but spin locks.
 *  Blocks: mapping may.
 *  Errno:  0; ENOTSUP there are no page lists.
 *  KPI:    bsd, stable */
errno_t buf_map(buf_t bp, caddr_t *io_addr);
/** buf_map_range - as buf_map, only the part that the I/O covers. */
errno_t buf_map_range(buf_t bp, caddr_t *io_addr);
/** buf_map_range_with_prot - as buf_map_range with a protection. */
errno_t buf_map_range_with_prot(buf_t bp, caddr_t *io_addr, vm_prot_t prot);
/** buf_markaged - the contents are of no more use soon: evicted before others. */
void buf_markaged(buf_t bp);
/** buf_markclean - not dirty any more. Takes the locks of buf/. */
void buf_markclean(buf_t bp);
/** buf_markdelayed - valid and dirty, without releasing. Takes the locks of buf/. */
void buf_markdelayed(buf_t bp);
/** buf_markeintr - the I/O was interrupted by a signal. */
void buf_markeintr(buf_t bp);
/** buf_markfua - the write has to reach the medium. */
void buf_markfua(buf_t bp);
/** buf_markinvalid - the contents are not valid: dropped at release, dirty or not. */
void buf_markinvalid(buf_t bp);
/** buf_meta_bread - as buf_bread for metadata. */
errno_t buf_meta_bread(vnode_t vp, daddr64_t blkno, int size, kauth_cred_t cred, buf_t *bpp);
/** buf_meta_breadn - as buf_breadn for metadata. */
errno_t buf_meta_breadn(vnode_t vp, daddr64_t blkno, int size, daddr64_t *rablks, int *rasizes, int nrablks,
                        kauth_cred_t cred, buf_t *bpp);
/** buf_proc - the process that waits for the transfer, NULL: none. No reference. */
proc_t buf_proc(buf_t bp);
/** buf_rcred - credential for reading, or NULL. No reference. */
kauth_cred_t buf_rcred(buf_t bp);
/** buf_redundancy_flags - redundancy flags of the I/O. */
uint32_t buf_redundancy_flags(buf_t bp);
/** buf_reset - ready for another transfer: B_READ, B_ASYNC, B_NOCACHE, B_FUA, error and validity are cleared,
 *  then B_READ, B_ASYNC, B_NOCACHE of @flags set. */
void buf_reset(buf_t bp, int32_t flags);
/** buf_resid - bytes not transferred. */
uint32_t buf_resid(buf_t bp);
/** buf_set_redundancy_flags - add redundancy flags. */
void buf_set_redundancy_flags(buf_t bp, uint32_t flags);
/** buf_setblkno - set the block number on the device. */
void buf_setblkno(buf_t bp, daddr64_t blkno);
/** buf_setcallback - have a function called at the end of the transfer, which owns the buffer then.
 *  @callback in NULL: none. Sets B_ASYNC. It is called once: for another transfer, set it again.
 *  @transaction in its second argument.
 *  Refs:   none.
 *  Locks:  any.
 *  Blocks: no.
 *  Errno:  0; EINVAL not an I/O buffer.
 *  KPI:    bsd, stable */
errno_t buf_setcallback(buf_t bp, void (*callback)(buf_t, void *), void *transaction);
/** buf_setcount - set the bytes to transfer. */
void buf_setcount(buf_t bp, uint32_t bcount);
/** buf_setdataptr - set the address of the contents of an I/O buffer; of another it is a panic. */
void buf_setdataptr(buf_t bp, uintptr_t data);
/** buf_setdevice - take the device number of @vp. EINVAL: it is no device. */
errno_t buf_setdevice(buf_t bp, vnode_t vp);
/** buf_setdirtyend - set the end of the dirty bytes. */
void buf_setdirtyend(buf_t bp, uint32_t end);
/** buf_setdirtyoff - set the first dirty byte. */
void buf_setdirtyoff(buf_t bp, uint32_t off);
/** buf_setdrvdata - set the driver's own data. */
void buf_setdrvdata(buf_t bp, void *drvdata);
/** buf_seterror - set the error of the I/O. */
void buf_seterror(buf_t bp, errno_t error);
/** buf_setflags - set B_* flags; those that are the cache's own (B_DELWRI, B_CLUSTER, B_META) stay. */
void buf_setflags(buf_t bp, int32_t flags);
/** buf_setfsprivate - set the file system's own data. */
void buf_setfsprivate(buf_t bp, void *fsprivate);
/** buf_setlblkno - set the logical block; of a cached buffer it is a panic. */
void buf_setlblkno(buf_t bp, daddr64_t lblkno);
/** buf_setlblksize - set the size of a logical block; buf_strategy then need not ask VNOP_BLKTOOFF. */
void buf_setlblksize(buf_t bp, uint32_t size);
/** buf_setresid - set the bytes not transferred. */
void buf_setresid(buf_t bp, uint32_t resid);
/** buf_setsize - set the bytes of memory. Of a cached buffer the memory grows: zeros at the end. */
void buf_setsize(buf_t bp, uint32_t bufsize);
/** buf_setupl - the contents of an I/O buffer are pages of @upl, from byte @offset. EINVAL: not an I/O
 *  buffer. */
errno_t buf_setupl(buf_t bp, upl_t upl, uint32_t offset);
/** buf_setvnode - set the vnode of an I/O buffer; of a cached one it is a panic. */
void buf_setvnode(buf_t bp, vnode_t vp);
/** buf_size - bytes of memory. */
uint32_t buf_size(buf_t bp);
/** buf_strategy - hand the buffer of a file to its device: for VNOP_STRATEGY of file systems.
 *  @devvp in   the device, kept alive by the mount.
 *  @ap    in   struct vnop_strategy_args. Where buf_blkno is buf_lblkno the block is mapped (VNOP_BLKTOOFF,
 *              VNOP_BLOCKMAP) and, if one run of device blocks covers it, remembered. Several runs are
 *              several transfers at once. What has no device block reads as zeros.
 *  Refs:   takes the buffer over; it ends in buf_biodone on an error too.
 *  Locks:  as the device's strategy routine. VNOP_BLOCKMAP must not wait for this buffer's owner.
 *  Blocks: mapping may.
 *  Errno:  0; the error that the buffer ended with at once: the mapping's; EIO a hole is written; EOVERFLOW.
 *  KPI:    bsd, stable */
errno_t buf_strategy(vnode_t devvp, void *ap);
/** buf_unmap - end a buf_map. */
errno_t buf_unmap(buf_t bp);
/** buf_unmap_range - end a buf_map_range. */
errno_t buf_unmap_range(buf_t bp);
/** buf_upl - the page list of the contents, or NULL. */
void *buf_upl(buf_t bp);
/** buf_uploffset - byte offset in the page list. */
uint32_t buf_uploffset(buf_t bp);
/** buf_valid - true if the contents are the block's. */
int buf_valid(buf_t bp);
/** buf_vnode - the vnode of the buffer. */
vnode_t buf_vnode(buf_t bp);
/** buf_wcred - credential for writing: of whoever last left the buffer to be written. No reference. */
kauth_cred_t buf_wcred(buf_t bp);
/** minphys - cut a raw transfer to the largest size that a device takes. Bytes. */
u_int minphys(buf_t bp);
/** physio - raw transfer between a device and the memory of @uio. */
int physio(void (*strategy)(buf_t), buf_t bp, dev_t dev, int flags, u_int (*minphys_fn)(buf_t),
           struct uio *uio, int blocksize);
__END_DECLS

/* Flags: set, clear, ask. */
#define SET(t, f)   (t) |= (f)
#define CLR(t, f)   (t) &= ~(f)
#define ISSET(t, f) ((t) & (f))

#endif /* KPI_SYS_BUF_H */
