// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading, writing, truncating, synchronising and seeking in open files, and reading and writing files that
 * are not open. Reads and writes of up to four vectors allocate nothing here.
 *
 * No lock: file systems serialise what they must. Called by the host and the tests.
 */
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/fsctl.h>
#include <sys/mount.h>

#include "buf/buf_iface.h"
#include "ubc/ubc_iface.h"
#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"
#include "vfs/vnop_internal.h"

/* Plain contents are a regular file's, or come from a device's driver; the rest is refused with the errno
 * that fits. */
static int contents_of(vnode_t vp)
{
    if (vnode_isreg(vp) || vnode_ischr(vp) || vnode_isblk(vp))
        return 0;
    return vnode_isdir(vp) ? EISDIR : EINVAL;
}

static int write_flags(vnode_t vp, int fmode)
{
    int flags = IO_UNIT | IO_SYSCALL_DISPATCH;
    if (fmode & O_NONBLOCK)
        flags |= IO_NDELAY;
    if (fmode & O_APPEND)
        flags |= IO_APPEND;
    if ((fmode & O_FSYNC) || (vfs_flags(vnode_mount(vp)) & MNT_SYNCHRONOUS))
        flags |= IO_SYNC;
    return flags;
}

/* What the caller of a transfer gave. */
struct io_request {
    enum uio_rw rw;
    const struct sys_iovec *iov;
    uint32_t iovcnt;
    int64_t off;
    size_t *done;
};

static int read_vnode(const struct sys_call *call, vnode_t vp, int fmode, struct call_uio *transfer)
{
    return VNOP_READ(vp, transfer->su_uio, fmode & O_NONBLOCK ? IO_NDELAY : 0, call->c_ctx);
}

static int write_vnode(const struct sys_call *call, vnode_t vp, int fmode, _Atomic(uint64_t) *setid_seen,
                       int64_t off, struct call_uio *transfer)
{
    if (transfer->su_total > (uint64_t)(INT64_MAX - off))
        return EFBIG;
    if (!transfer->su_total) /* changes nothing, not even the time */
        return 0;
    struct ubc_write pages;
    int error = call_setid_drop(call, vp, setid_seen);
    if (!error)
        error = ubc_write_begin(vp, transfer->su_total, &pages);
    if (error)
        return error;
    error = VNOP_WRITE(vp, transfer->su_uio, write_flags(vp, fmode), call->c_ctx);
    ubc_write_end(&pages);
    return error;
}

static int transfer_vnode(const struct sys_call *call, vnode_t vp, int fmode, _Atomic(uint64_t) *setid_seen,
                          const struct io_request *req)
{
    struct call_uio transfer;
    *req->done = 0;
    int error = contents_of(vp);
    if (!error)
        error = call_uio_begin(&transfer, req->iov, req->iovcnt, req->off, req->rw);
    if (error)
        return error;
    error = req->rw == UIO_READ ? read_vnode(call, vp, fmode, &transfer)
                                : write_vnode(call, vp, fmode, setid_seen, req->off, &transfer);
    *req->done = call_uio_done(&transfer);
    call_uio_end(&transfer);
    return error;
}

static int transfer_file(sys_caller_t *who, sys_file_t *file, const char *name, const struct io_request *req)
{
    struct sys_call call;
    if (req->off < 0)
        return EINVAL;
    int error = call_file_enter(&call, who, file, req->rw == UIO_READ ? FREAD : FWRITE, name);
    if (error)
        return error;
    error = transfer_vnode(&call, file->sf_vp, file->sf_fmode, &file->sf_setid_seen, req);
    if (req->rw == UIO_WRITE && *req->done)
        sys_file_written(file);
    call_file_leave(&call, file);
    return error;
}

static int transfer_node(const struct sys_call *call, const struct sys_node *node,
                         const struct io_request *req)
{
    vnode_t vp;
    _Atomic(uint64_t) setid_seen = 0;
    int error = call_node_get(node, &vp);
    if (error)
        return error;
    error = call_permit(call, vp, req->rw == UIO_READ ? KAUTH_VNODE_READ_DATA : KAUTH_VNODE_WRITE_DATA);
    if (!error)
        error = transfer_vnode(call, vp, req->rw == UIO_READ ? FREAD : FWRITE, &setid_seen, req);
    vnode_put(vp);
    return error;
}

int sys_pread(sys_caller_t *who, sys_file_t *file, const struct sys_iovec *iov, uint32_t iovcnt, int64_t off,
              size_t *done)
{
    return transfer_file(who, file, __func__, &(struct io_request){UIO_READ, iov, iovcnt, off, done});
}

int sys_pwrite(sys_caller_t *who, sys_file_t *file, const struct sys_iovec *iov, uint32_t iovcnt, int64_t off,
               size_t *done)
{
    return transfer_file(who, file, __func__, &(struct io_request){UIO_WRITE, iov, iovcnt, off, done});
}

int sys_node_read(sys_caller_t *who, const struct sys_node *node, const struct sys_iovec *iov,
                  uint32_t iovcnt, int64_t off, size_t *done)
{
    struct sys_call call;
    if (off < 0)
        return EINVAL;
    CALL_ENTER(&call, who);
    int error = transfer_node(&call, node, &(struct io_request){UIO_READ, iov, iovcnt, off, done});
    call_leave(&call);
    return error;
}

int sys_node_write(sys_caller_t *who, const struct sys_node *node, const struct sys_iovec *iov,
                   uint32_t iovcnt, int64_t off, size_t *done)
{
    struct sys_call call;
    if (off < 0)
        return EINVAL;
    CALL_ENTER(&call, who);
    int error = transfer_node(&call, node, &(struct io_request){UIO_WRITE, iov, iovcnt, off, done});
    call_leave(&call);
    return error;
}

int sys_ftruncate(sys_caller_t *who, sys_file_t *file, int64_t size)
{
    struct sys_call call;
    struct vnode_attr va;
    if (size < 0 || !(file->sf_fmode & FWRITE))
        return EINVAL;
    int error = call_file_enter(&call, who, file, FWRITE, __func__);
    if (error)
        return error;
    error = contents_of(file->sf_vp);
    if (!error)
        error = call_setid_drop(&call, file->sf_vp, &file->sf_setid_seen);
    if (!error) {
        VATTR_INIT(&va);
        VATTR_SET(&va, va_data_size, (uint64_t)size);
        error = vnode_setattr(file->sf_vp, &va, call.c_ctx);
    }
    call_file_leave(&call, file);
    return error;
}

/* To Darwin, fsync may leave data in the drive's cache. The host means the medium, so ask for the rest; what
 * has nothing below it need not know the request. */
static int medium_sync(vnode_t vp, vfs_context_t ctx)
{
    int error = VNOP_IOCTL(vp, F_FULLFSYNC, NULL, 0, ctx);
    return vnop_ioctl_unknown(error) ? 0 : error;
}

/* Errors of writes that nobody waited for: of the file's own buffers, and of those of the device below, which
 * may be whatever the file needs to be found again. */
static errno_t late_error(sys_file_t *file)
{
    vnode_t devvp = vfs_devvp(vnode_mount(file->sf_vp));
    errno_t error = buf_error_check(file->sf_vp, &file->sf_error_heard);
    errno_t below = devvp ? buf_error_check(devvp, &file->sf_device_heard) : 0;
    return error ? error : below;
}

int sys_fsync(sys_caller_t *who, sys_file_t *file, bool data_only)
{
    struct sys_call call;
    int error = call_file_enter(&call, who, file, 0, __func__);
    if (error)
        return error;
    error = VNOP_FSYNC(file->sf_vp, data_only ? MNT_DWAIT : MNT_WAIT, call.c_ctx);
    if (!error)
        error = medium_sync(file->sf_vp, call.c_ctx);
    errno_t late = late_error(file);
    call_file_leave(&call, file);
    return error ? error : late;
}

static int size_of(const struct sys_call *call, vnode_t vp, int64_t *size)
{
    struct vnode_attr va;
    VATTR_INIT(&va);
    VATTR_WANTED(&va, va_data_size);
    int error = vnode_getattr(vp, &va, call->c_ctx);
    if (!error)
        *size = VATTR_IS_SUPPORTED(&va, va_data_size) ? (int64_t)va.va_data_size : 0;
    return error;
}

int call_seek(const struct sys_call *call, vnode_t vp, int64_t off, bool hole, int64_t *out)
{
    off_t where = off;
    u_long command = hole ? FSIOC_FIOSEEKHOLE : FSIOC_FIOSEEKDATA;
    int error = VNOP_IOCTL(vp, command, (caddr_t)&where, 0, call->c_ctx);
    if (error == ENOTTY)
        error = ENOTSUP;
    if (!error)
        *out = where;
    return error;
}

int sys_seek(sys_caller_t *who, sys_file_t *file, int64_t off, bool hole, int64_t *out)
{
    struct sys_call call;
    int64_t size = 0;
    int error = call_file_enter(&call, who, file, 0, __func__);
    if (error)
        return error;
    error = contents_of(file->sf_vp);
    if (!error)
        error = size_of(&call, file->sf_vp, &size);
    if (!error && (off < 0 || off >= size))
        error = ENXIO;
    if (!error)
        error = call_seek(&call, file->sf_vp, off, hole, out);
    call_file_leave(&call, file);
    return error;
}
