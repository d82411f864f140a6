// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's requests about a file's space: allocate, punch a hole, zero a range. Darwin has no single twin
 * for any of them, so they are composed here of what it has; what cannot be composed is refused, with the
 * file unchanged.
 *
 *  - allocate: VNOP_ALLOCATE. A file system with holes (it answers FSIOC_FIOSEEKHOLE) is asked for the
 *    exact range by ALLOCATEFROMVOL with a_offset, a byte offset in the file. Others have no holes to fill:
 *    they are asked by ALLOCATEFROMPEOF for what lies beyond their last allocated byte.
 *  - punch: F_PUNCHHOLE for the range as it is; where the file system wants whole blocks (EINVAL), for the
 *    blocks inside, and zeroes are written to the rest.
 *  - zero: a hole, else zeroes, up to the end of the file; then allocation and the new size.
 *
 * The steps of one request are not one step to others: the host serialises its requests that change one file.
 * No lock. Called by the host and the tests.
 */
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/mount.h>

#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

#define ZERO_CHUNK    65536u
#define DEFAULT_BLOCK 4096 /* where the file system tells no block size */

struct span {
    int64_t off, end; /* bytes, end not included */
    bool keep_size;   /* the file does not grow */
};

static int span_check(int64_t off, int64_t len, bool keep_size, struct span *span)
{
    if (off < 0 || len <= 0)
        return EINVAL;
    if (len > INT64_MAX - off)
        return EFBIG;
    *span = (struct span){off, off + len, keep_size};
    return 0;
}

/* Enters a call that changes the contents of a regular file; nothing to leave on errors. */
static int enter_change(struct sys_call *call, sys_caller_t *who, sys_file_t *file, const char *name)
{
    int error = call_file_enter(call, who, file, FWRITE, name);
    if (error)
        return error;
    error = vnode_isreg(file->sf_vp) ? 0 : ENODEV;
    if (!error)
        error = call_setid_drop(call, file->sf_vp, &file->sf_setid_seen);
    if (error)
        call_file_leave(call, file);
    return error;
}

typedef int change_fn(const struct sys_call *call, vnode_t vp, const struct span *span);

static int change(sys_caller_t *who, sys_file_t *file, int64_t off, int64_t len, bool keep_size,
                  change_fn *fn, const char *name)
{
    struct sys_call call;
    struct span span;
    int error = span_check(off, len, keep_size, &span);
    if (!error)
        error = enter_change(&call, who, file, name);
    if (error)
        return error;
    error = fn(&call, file->sf_vp, &span);
    call_file_leave(&call, file);
    return error;
}

struct extent_of {
    int64_t size, alloc;
};

static int extent_get(const struct sys_call *call, vnode_t vp, struct extent_of *ext)
{
    struct vnode_attr va;
    VATTR_INIT(&va);
    VATTR_WANTED(&va, va_data_size);
    VATTR_WANTED(&va, va_data_alloc);
    int error = vnode_getattr(vp, &va, call->c_ctx);
    if (error)
        return error;
    ext->size = VATTR_IS_SUPPORTED(&va, va_data_size) ? (int64_t)va.va_data_size : 0;
    ext->alloc = VATTR_IS_SUPPORTED(&va, va_data_alloc) ? (int64_t)va.va_data_alloc : ext->size;
    return 0;
}

static int size_set(const struct sys_call *call, vnode_t vp, int64_t size)
{
    struct vnode_attr va;
    VATTR_INIT(&va);
    VATTR_SET(&va, va_data_size, (uint64_t)size);
    return vnode_setattr(vp, &va, call->c_ctx);
}

/* ---- allocate ------------------------------------------------------------------------------------------ */

static int allocate_span(const struct sys_call *call, vnode_t vp, const struct span *span,
                         const struct extent_of *ext)
{
    uint32_t flags = PREALLOCATE | ALLOCATEALL;
    off_t got = 0;
    int64_t hole;
    /* An empty file cannot be asked for holes, and has none. */
    int error = ext->size > 0 ? call_seek(call, vp, 0, true, &hole) : ENOTSUP;
    if (!error)
        return VNOP_ALLOCATE(vp, span->end - span->off, flags | ALLOCATEFROMVOL, &got, span->off,
                             call->c_ctx);
    if (error != ENOTSUP)
        return error;
    int64_t have = ext->alloc > ext->size ? ext->alloc : ext->size;
    if (span->end <= have)
        return 0;
    return VNOP_ALLOCATE(vp, span->end - have, flags | ALLOCATEFROMPEOF, &got, 0, call->c_ctx);
}

static int allocate(const struct sys_call *call, vnode_t vp, const struct span *span)
{
    struct extent_of ext;
    int error = extent_get(call, vp, &ext);
    if (!error)
        error = allocate_span(call, vp, span, &ext);
    if (!error && !span->keep_size && span->end > ext.size)
        error = size_set(call, vp, span->end);
    return error;
}

int sys_allocate(sys_caller_t *who, sys_file_t *file, int64_t off, int64_t len, bool keep_size)
{
    return change(who, file, off, len, keep_size, allocate, __func__);
}

/* ---- punch --------------------------------------------------------------------------------------------- */

static int zeroes_write(const struct sys_call *call, vnode_t vp, struct span span)
{
    if (span.off >= span.end)
        return 0;
    size_t chunk = (size_t)(span.end - span.off < ZERO_CHUNK ? span.end - span.off : ZERO_CHUNK);
    void *zeroes = kern_alloc(chunk, "sys_zeroes");
    int error = 0;
    while (!error && span.off < span.end) {
        size_t n = (size_t)(span.end - span.off < (int64_t)chunk ? span.end - span.off : (int64_t)chunk);
        struct call_uio transfer;
        error = call_uio_begin_kernel(&transfer, zeroes, n, span.off, UIO_WRITE);
        if (error)
            break;
        error = VNOP_WRITE(vp, transfer.su_uio, IO_UNIT, call->c_ctx);
        size_t done = call_uio_done(&transfer);
        call_uio_end(&transfer);
        if (!error && done == 0)
            error = EIO;
        span.off += (int64_t)done;
    }
    kern_free(zeroes, chunk);
    return error;
}

static int hole_make(const struct sys_call *call, vnode_t vp, const struct span *span)
{
    fpunchhole_t hole = {.fp_offset = span->off, .fp_length = span->end - span->off};
    int error = VNOP_IOCTL(vp, F_PUNCHHOLE, (caddr_t)&hole, FWRITE, call->c_ctx);
    return error == ENOTTY ? ENOTSUP : error;
}

/* The whole blocks inside @span. Behind the end of the file nothing is left that a block could share. */
static struct span blocks_inside(const struct span *span, int64_t block, int64_t size)
{
    struct span inner = {.off = span->off + (block - span->off % block) % block,
                         .end = span->end - span->end % block};
    if (span->end >= size && size > 0)
        inner.end = size + (block - size % block) % block;
    return inner;
}

static int punch_blocks(const struct sys_call *call, vnode_t vp, const struct span *span)
{
    struct extent_of ext;
    int error = extent_get(call, vp, &ext);
    if (error)
        return error;
    int64_t block = vfs_statfs(vnode_mount(vp))->f_bsize;
    struct span inner = blocks_inside(span, block > 0 ? block : DEFAULT_BLOCK, ext.size);
    int64_t end = span->end < ext.size ? span->end : ext.size;
    if (inner.off >= inner.end)
        return zeroes_write(call, vp, (struct span){.off = span->off, .end = end});
    error = hole_make(call, vp, &inner); /* first: where it cannot be done, nothing shall have changed */
    if (!error)
        error =
            zeroes_write(call, vp, (struct span){.off = span->off, .end = inner.off < end ? inner.off : end});
    if (!error)
        error = zeroes_write(call, vp, (struct span){.off = inner.end, .end = end});
    return error;
}

static int punch(const struct sys_call *call, vnode_t vp, const struct span *span)
{
    int error = hole_make(call, vp, span);
    return error == EINVAL ? punch_blocks(call, vp, span) : error;
}

int sys_punch(sys_caller_t *who, sys_file_t *file, int64_t off, int64_t len)
{
    return change(who, file, off, len, true, punch, __func__);
}

/* ---- zero ---------------------------------------------------------------------------------------------- */

static int zero(const struct sys_call *call, vnode_t vp, const struct span *span)
{
    struct extent_of ext;
    int error = extent_get(call, vp, &ext);
    if (error)
        return error;
    struct span inside = {.off = span->off, .end = span->end < ext.size ? span->end : ext.size};
    if (inside.off < inside.end) {
        error = punch(call, vp, &inside);
        if (error == ENOTSUP)
            error = zeroes_write(call, vp, inside);
    }
    if (error)
        return error;
    /* Zeroed space is to be there when it is written; a file system that cannot promise that has zeroed it
     * all the same. */
    error = allocate_span(call, vp, span, &ext);
    if (error == ENOTSUP)
        error = 0;
    if (!error && !span->keep_size && span->end > ext.size)
        error = size_set(call, vp, span->end);
    return error;
}

int sys_zero_range(sys_caller_t *who, sys_file_t *file, int64_t off, int64_t len, bool keep_size)
{
    return change(who, file, off, len, keep_size, zero, __func__);
}
