// SPDX-License-Identifier: BSD-2-Clause
/*
 * Block buffers: a busy buffer belongs to whoever got it, until one of brelse, bwrite, bawrite,
 * bdwrite. Block numbers are 64 bits, logical ones counted in blocks of the caller's size.
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
/** buf_alloc - a buffer for I/O on @vp, not in the cache; end with buf_free. Blocks. */
buf_t buf_alloc(vnode_t vp);
/** buf_bawrite - start writing a busy buffer and return; released on completion. */
errno_t buf_bawrite(buf_t bp);
/** buf_bdwrite - mark a busy buffer dirty and release it: written later. */
errno_t buf_bdwrite(buf_t bp);
/** buf_biodone - the I/O of a buffer is done: for strategy routines. */
void buf_biodone(buf_t bp);
/** buf_biowait - wait until the I/O of a buffer is done. 0 or the error. */
errno_t buf_biowait(buf_t bp);
/** buf_blkno - block number on the device. */
daddr64_t buf_blkno(buf_t bp);
/** buf_bread - the busy buffer of a block, read if it was not cached; *@bpp set on error too. Blocks. */
errno_t buf_bread(vnode_t vp, daddr64_t blkno, int size, kauth_cred_t cred, buf_t *bpp);
/** buf_breadn - as buf_bread, and read ahead @nrablks more blocks. */
errno_t buf_breadn(vnode_t vp, daddr64_t blkno, int size, daddr64_t *rablks, int *rasizes, int nrablks,
                   kauth_cred_t cred, buf_t *bpp);
/** buf_brelse - release a busy buffer. */
void buf_brelse(buf_t bp);
/** buf_bwrite - write a busy buffer, wait, release it. 0 or the error. */
errno_t buf_bwrite(buf_t bp);
/** buf_callback - the function that is called on completion. */
void *buf_callback(buf_t bp);
/** buf_clear - zero the contents. */
void buf_clear(buf_t bp);
/** buf_clear_redundancy_flags - remove redundancy flags. */
void buf_clear_redundancy_flags(buf_t bp, uint32_t flags);
/** buf_clearflags - clear B_* flags. */
void buf_clearflags(buf_t bp, int32_t flags);
/** buf_clone - a buffer for a part of the I/O of @bp; NULL if there is no memory. */
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
/** buf_flushdirtyblks - write all dirty buffers of @vp. */
void buf_flushdirtyblks(vnode_t vp, int wait, int flags, const char *msg);
/** buf_free - free a buffer of buf_alloc. */
void buf_free(buf_t bp);
/** buf_fromcache - true if the contents were cached. */
int buf_fromcache(buf_t bp);
/** buf_fsprivate - the file system's own data. */
void *buf_fsprivate(buf_t bp);
/** buf_fua - true if the write has to reach the medium. */
int buf_fua(buf_t bp);
/** buf_getblk - the busy buffer of a block, contents unset if not cached; NULL on time-out or signal.
 *  @operation: BLK_*. Blocks. */
buf_t buf_getblk(vnode_t vp, daddr64_t blkno, int size, int slpflag, int slptimeo, int operation);
/** buf_geteblk - a busy buffer that belongs to no block. */
buf_t buf_geteblk(int size);
/** buf_invalblkno - drop the buffer of a block. BUF_WAIT waits for it, else EBUSY. */
errno_t buf_invalblkno(vnode_t vp, daddr64_t lblkno, int flags);
/** buf_invalidateblks - drop all buffers of @vp, written first with BUF_WRITE_DATA. */
int buf_invalidateblks(vnode_t vp, int flags, int slpflag, int slptimeo);
/** buf_iterate - call a function for each buffer of @vp, busy; answers BUF_RETURNED or BUF_CLAIMED, with
 *  _DONE to stop. */
void buf_iterate(vnode_t vp, int (*callout)(buf_t, void *), int flags, void *arg);
/** buf_lblkno - logical block number in the file. */
daddr64_t buf_lblkno(buf_t bp);
/** buf_lblksize - size of a logical block, bytes. */
uint32_t buf_lblksize(buf_t bp);
/** buf_map - address of the contents, mapped if need be; end with buf_unmap. */
errno_t buf_map(buf_t bp, caddr_t *io_addr);
/** buf_map_range - as buf_map, only the part that the I/O covers. */
errno_t buf_map_range(buf_t bp, caddr_t *io_addr);
/** buf_map_range_with_prot - as buf_map_range with a protection. */
errno_t buf_map_range_with_prot(buf_t bp, caddr_t *io_addr, vm_prot_t prot);
/** buf_markaged - the contents are of no more use soon. */
void buf_markaged(buf_t bp);
/** buf_markclean - not dirty any more. */
void buf_markclean(buf_t bp);
/** buf_markdelayed - mark dirty, without releasing. */
void buf_markdelayed(buf_t bp);
/** buf_markeintr - the I/O was interrupted by a signal. */
void buf_markeintr(buf_t bp);
/** buf_markfua - the write has to reach the medium. */
void buf_markfua(buf_t bp);
/** buf_markinvalid - the contents are not valid: dropped at release. */
void buf_markinvalid(buf_t bp);
/** buf_meta_bread - as buf_bread for metadata. */
errno_t buf_meta_bread(vnode_t vp, daddr64_t blkno, int size, kauth_cred_t cred, buf_t *bpp);
/** buf_meta_breadn - as buf_breadn for metadata. */
errno_t buf_meta_breadn(vnode_t vp, daddr64_t blkno, int size, daddr64_t *rablks, int *rasizes, int nrablks,
                        kauth_cred_t cred, buf_t *bpp);
/** buf_proc - the process that asked for the I/O. */
proc_t buf_proc(buf_t bp);
/** buf_rcred - credential for reading. */
kauth_cred_t buf_rcred(buf_t bp);
/** buf_redundancy_flags - redundancy flags of the I/O. */
uint32_t buf_redundancy_flags(buf_t bp);
/** buf_reset - clear all flags that a caller may set, then set @flags. */
void buf_reset(buf_t bp, int32_t flags);
/** buf_resid - bytes not transferred. */
uint32_t buf_resid(buf_t bp);
/** buf_set_redundancy_flags - add redundancy flags. */
void buf_set_redundancy_flags(buf_t bp, uint32_t flags);
/** buf_setblkno - set the block number on the device. */
void buf_setblkno(buf_t bp, daddr64_t blkno);
/** buf_setcallback - have @callback(buffer, @transaction) called on completion. */
errno_t buf_setcallback(buf_t bp, void (*callback)(buf_t, void *), void *transaction);
/** buf_setcount - set the bytes to transfer. */
void buf_setcount(buf_t bp, uint32_t bcount);
/** buf_setdataptr - set the address of the contents. */
void buf_setdataptr(buf_t bp, uintptr_t data);
/** buf_setdevice - take the device number of @vp. */
errno_t buf_setdevice(buf_t bp, vnode_t vp);
/** buf_setdirtyend - set the end of the dirty bytes. */
void buf_setdirtyend(buf_t bp, uint32_t end);
/** buf_setdirtyoff - set the first dirty byte. */
void buf_setdirtyoff(buf_t bp, uint32_t off);
/** buf_setdrvdata - set the driver's own data. */
void buf_setdrvdata(buf_t bp, void *drvdata);
/** buf_seterror - set the error of the I/O. */
void buf_seterror(buf_t bp, errno_t error);
/** buf_setflags - set B_* flags. */
void buf_setflags(buf_t bp, int32_t flags);
/** buf_setfsprivate - set the file system's own data. */
void buf_setfsprivate(buf_t bp, void *fsprivate);
/** buf_setlblkno - set the logical block number. */
void buf_setlblkno(buf_t bp, daddr64_t lblkno);
/** buf_setlblksize - set the size of a logical block, bytes. */
void buf_setlblksize(buf_t bp, uint32_t size);
/** buf_setresid - set the bytes not transferred. */
void buf_setresid(buf_t bp, uint32_t resid);
/** buf_setsize - set the bytes of memory. */
void buf_setsize(buf_t bp, uint32_t bufsize);
/** buf_setupl - the contents are pages of @upl, from byte @offset. */
errno_t buf_setupl(buf_t bp, upl_t upl, uint32_t offset);
/** buf_setvnode - set the vnode of the buffer. */
void buf_setvnode(buf_t bp, vnode_t vp);
/** buf_size - bytes of memory. */
uint32_t buf_size(buf_t bp);
/** buf_strategy - hand a buffer to the device @devvp, mapping its logical to device blocks first. @ap:
 *  vnop_strategy_args. */
errno_t buf_strategy(vnode_t devvp, void *ap);
/** buf_unmap - end a buf_map. */
errno_t buf_unmap(buf_t bp);
/** buf_unmap_range - end a buf_map_range. */
errno_t buf_unmap_range(buf_t bp);
/** buf_upl - the page list of the contents, or NULL. */
void *buf_upl(buf_t bp);
/** buf_uploffset - byte offset in the page list. */
uint32_t buf_uploffset(buf_t bp);
/** buf_valid - true if the contents are valid. */
int buf_valid(buf_t bp);
/** buf_vnode - the vnode of the buffer. */
vnode_t buf_vnode(buf_t bp);
/** buf_wcred - credential for writing. */
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
