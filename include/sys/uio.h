// SPDX-License-Identifier: BSD-2-Clause
/*
 * uio: the description of one transfer, scattered over memory at one side and at an offset of a file
 * at the other. A uio belongs to one thread at a time; nothing here locks.
 */
#ifndef KPI_SYS_UIO_H
#define KPI_SYS_UIO_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_types/_iovec_t.h>
#include <sys/kernel_types.h>
#include <Availability.h>

/* Direction, seen from the file. */
enum uio_rw { UIO_READ, UIO_WRITE };

/* Where the memory lies. */
enum uio_seg {
    UIO_USERSPACE = 0, /* the current process, whatever its width */
    UIO_SYSSPACE = 2,  /* the kernel */
    UIO_USERSPACE32 = 5,
    UIO_USERSPACE64 = 8,
    UIO_SYSSPACE32 = 11
};
#define UIO_SEG_IS_USER_SPACE(seg)                                                                           \
    ((seg) == UIO_USERSPACE64 || (seg) == UIO_USERSPACE32 || (seg) == UIO_USERSPACE)

#define UIOF_USERSPACE   0x1
#define UIOF_SYSSPACE    0x4
#define UIOF_USERSPACE32 0x20
#define UIOF_USERSPACE64 0x100
#define UIOF_SYSSPACE32  0x800
#define UIO_MAXIOV       1024
#define UIO_SMALLIOV     8

__BEGIN_DECLS
/** uio_create - make an empty uio.
 *  @iovcount    in  most vectors it shall hold, 0..UIO_MAXIOV.
 *  @offset      in  byte offset in the file.
 *  @spacetype   in  enum uio_seg.
 *  @iodirection in  enum uio_rw.
 *  Refs:   the caller owns it; end with uio_free.
 *  Locks:  none needed.
 *  Blocks: yes, for memory.
 *  Errno:  NULL, no memory.
 *  KPI:    bsd, stable */
uio_t uio_create(int iovcount, off_t offset, int spacetype, int iodirection);
/** uio_reset - make @uio empty again, as after uio_create with the same number of vectors. */
void uio_reset(uio_t uio, off_t offset, int spacetype, int iodirection);
/** uio_duplicate - a copy of @uio that shares no state with it; end with uio_free. NULL: no memory. */
uio_t uio_duplicate(uio_t uio);
/** uio_free - free a uio. The memory that its vectors describe is not touched. */
void uio_free(uio_t uio);
/** uio_addiov - append a vector.
 *  @uio      in  one of uio_create.
 *  @baseaddr in  start of the memory, in the uio's space.
 *  @length   in  bytes; added to the residual count.
 *  Refs:   the memory described stays the caller's.
 *  Locks:  none: a uio belongs to one thread.
 *  Blocks: no.
 *  Errno:  0; -1 if all vectors are taken or the residual count would overflow.
 *  KPI:    bsd, stable */
int uio_addiov(uio_t uio, user_addr_t baseaddr, user_size_t length);
/** uio_getiov - base and length of vector @index, counted from the current one. 0, or -1 if there is none. */
int uio_getiov(uio_t uio, int index, user_addr_t *baseaddr, user_size_t *length);
/** uio_update - account for a transfer that was done without uiomove.
 *  @uio   in  the transfer.
 *  @count in  bytes moved: residual count falls, offset grows, vectors advance. 0 steps over an empty
 *             vector.
 *  Refs:   none.
 *  Locks:  none: a uio belongs to one thread.
 *  Blocks: no.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void uio_update(uio_t uio, user_size_t count);
/** uio_resid - bytes still to move. */
user_ssize_t uio_resid(uio_t uio);
/** uio_setresid - set the number of bytes still to move. For saving and restoring only. */
void uio_setresid(uio_t uio, user_ssize_t resid);
/** uio_iovcnt - vectors not used up yet. */
int uio_iovcnt(uio_t uio);
/** uio_offset - file offset of the next byte. */
off_t uio_offset(uio_t uio);
/** uio_setoffset - set the file offset of the next byte. */
void uio_setoffset(uio_t uio, off_t offset);
/** uio_rw - UIO_READ or UIO_WRITE. */
int uio_rw(uio_t uio);
/** uio_setrw - set the direction. */
void uio_setrw(uio_t uio, int direction);
/** uio_isuserspace - true if the memory is a process's. */
int uio_isuserspace(uio_t uio);
/** uio_curriovbase - address of the next byte of memory. */
user_addr_t uio_curriovbase(uio_t uio);
/** uio_curriovlen - bytes left in the current vector. */
user_size_t uio_curriovlen(uio_t uio);
/** uiomove - move bytes between kernel memory and the memory of @uio, in the direction of @uio.
 *  @cp  in  kernel memory; written to when the direction is UIO_WRITE, const notwithstanding.
 *  @n   in  most bytes to move; stops early when the residual count is 0.
 *  @uio in  advanced by what was moved, on error too.
 *  Refs:   none.
 *  Locks:  user memory may fault and so re-enter a file system: hold no lock that a read or pagein needs.
 *  Blocks: yes for user memory.
 *  Errno:  0; EFAULT.
 *  KPI:    bsd, stable */
int uiomove(const char *cp, int n, struct uio *uio);
/** uiomove64 - as uiomove, with the kernel address as an integer. */
int uiomove64(const __uint64_t cp, int n, struct uio *uio);
__END_DECLS

#endif /* KPI_SYS_UIO_H */
