// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory for transfers. The host's buffers are user memory to a file system, as a process's would be: their
 * addresses are tagged, and only copyin, copyout and uiomove of the running call reach them. A few vectors
 * need no allocation.
 *
 * No lock; everything belongs to the thread that makes the call. Called by sys_*.c and lookup_path.c.
 */
#include <limits.h>
#include <sys/errno.h>
#include <sys/uio.h>

#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

/* File systems count in int; no call may exceed that. */
static int total_of(const struct sys_iovec *iov, uint32_t iovcnt, uint64_t *total)
{
    *total = 0;
    if (iovcnt > UIO_MAXIOV)
        return EINVAL;
    for (uint32_t i = 0; i < iovcnt; i++) {
        if (iov[i].len > INT_MAX - *total)
            return EINVAL;
        *total += iov[i].len;
    }
    return 0;
}

int call_uio_begin(struct call_uio *su, const struct sys_iovec *iov, uint32_t iovcnt, int64_t off,
                   enum uio_rw rw)
{
    int error = total_of(iov, iovcnt, &su->su_total);
    if (error)
        return error;
    bool small = iovcnt <= CALL_UIO_SMALL;
    if (small) {
        su->su_ranges = su->su_small;
        su->su_uio = kern_uio_init(&su->su_room, sizeof(su->su_room), off, UIO_USERSPACE64, rw);
    } else {
        su->su_ranges = kern_alloc(iovcnt * sizeof(*su->su_ranges), "sys_uio");
        su->su_uio = uio_create((int)iovcnt, off, UIO_USERSPACE64, rw);
    }
    su->su_allocated = small ? 0 : iovcnt;
    su->su_count = iovcnt;
    for (uint32_t i = 0; i < iovcnt; i++) {
        /* What the file system reads into must be writable, what it writes from need not be. */
        kern_user_range_push(&su->su_ranges[i], iov[i].base, iov[i].len, rw == UIO_READ);
        uio_addiov(su->su_uio, kern_user_addr(iov[i].base), iov[i].len);
    }
    return 0;
}

int call_uio_begin_kernel(struct call_uio *su, void *buf, size_t len, int64_t off, enum uio_rw rw)
{
    const struct sys_iovec one = {buf, len};
    int error = total_of(&one, 1, &su->su_total);
    if (error)
        return error;
    su->su_allocated = su->su_count = 0;
    su->su_uio = kern_uio_init(&su->su_room, sizeof(su->su_room), off, UIO_SYSSPACE, rw);
    uio_addiov(su->su_uio, (user_addr_t)(uintptr_t)buf, len);
    return 0;
}

void call_uio_end(struct call_uio *su)
{
    for (uint32_t i = su->su_count; i-- > 0;)
        kern_user_range_pop(&su->su_ranges[i]);
    if (su->su_allocated) {
        uio_free(su->su_uio);
        kern_free(su->su_ranges, su->su_allocated * sizeof(*su->su_ranges));
    }
}

int call_link_read(vnode_t vp, char *buf, size_t size, size_t *len, vfs_context_t ctx)
{
    struct call_uio transfer;
    int error = call_uio_begin_kernel(&transfer, buf, size, 0, UIO_READ);
    if (error)
        return error;
    error = VNOP_READLINK(vp, transfer.su_uio, ctx);
    if (!error)
        *len = call_uio_done(&transfer);
    call_uio_end(&transfer);
    return error;
}
