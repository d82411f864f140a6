// SPDX-License-Identifier: BSD-2-Clause
/*
 * Opening and closing: from a path and open flags to an open vnode. The system-call layer puts its file
 * handle around this; kexts use it as vnode_open() and vnode_close(). vnode_lookup() is here too.
 *
 * Order of an open: find or create, check the type, ask for permission, VNOP_OPEN, take the usecount,
 * truncate. The creator needs no permission on what it creates. A file that appears between lookup and
 * creation is opened instead, unless it had to be new. No lock.
 */
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/mount.h>
#include <string.h>

#include "vfs/device_internal.h"
#include "vfs/sys_internal.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"

static bool must_be_new(uint32_t oflags)
{
    return (oflags & (SYS_O_CREAT | SYS_O_EXCL)) == (SYS_O_CREAT | SYS_O_EXCL);
}

int open_fmode(uint32_t oflags, bool asked)
{
    int fmode;
    switch (oflags & SYS_O_ACCMODE) {
    case SYS_O_RDONLY:
        fmode = FREAD;
        break;
    case SYS_O_WRONLY:
        fmode = FWRITE | ((oflags & SYS_O_WIDEN) && !asked ? FREAD : 0);
        break;
    default:
        fmode = FREAD | FWRITE;
        break;
    }
    return fmode | (int)(oflags & (SYS_O_NONBLOCK | SYS_O_APPEND | SYS_O_SYNC));
}

static int check_type(vnode_t vp, uint32_t oflags)
{
    struct cdevsw chars;
    struct bdevsw blocks;
    bool changes = (oflags & SYS_O_ACCMODE) != SYS_O_RDONLY || (oflags & (SYS_O_CREAT | SYS_O_TRUNC));
    switch (vnode_vtype(vp)) {
    case VDIR:
        return changes ? EISDIR : 0;
    case VREG:
        return oflags & SYS_O_DIRECTORY ? ENOTDIR : 0;
    case VLNK:
        return oflags & SYS_O_DIRECTORY ? ENOTDIR : ELOOP;
    default: /* FIFOs, sockets, devices that nobody drives: nothing here stands behind them */
        if (oflags & SYS_O_DIRECTORY)
            return ENOTDIR;
        if (vnode_isblk(vp))
            return device_block_get(vnode_specrdev(vp), &blocks) ? 0 : ENXIO;
        return vnode_ischr(vp) && device_char_get(vnode_specrdev(vp), &chars) ? 0 : ENXIO;
    }
}

static kauth_action_t rights_for(uint32_t oflags)
{
    int fmode = open_fmode(oflags, true);
    kauth_action_t rights = fmode & FREAD ? KAUTH_VNODE_READ_DATA : 0;
    if (oflags & SYS_O_EXEC)
        rights = KAUTH_VNODE_EXECUTE;
    if (fmode & FWRITE)
        rights |= oflags & SYS_O_APPEND ? KAUTH_VNODE_APPEND_DATA : KAUTH_VNODE_WRITE_DATA;
    if (oflags & SYS_O_TRUNC)
        rights |= KAUTH_VNODE_WRITE_DATA;
    return rights;
}

static int truncate_opened(const struct sys_call *call, vnode_t vp)
{
    _Atomic(uint64_t) seen = 0;
    struct vnode_attr va;
    int error = call_setid_drop(call, vp, &seen);
    if (error)
        return error;
    VATTR_INIT(&va);
    VATTR_SET(&va, va_data_size, 0);
    return vnode_setattr(vp, &va, call->c_ctx);
}

/* VNOP_OPEN and what follows on @vp, of which the caller has an iocount. *again: the file was removed, or its
 * mount forced away, since it was found. */
static int open_found(const struct sys_call *call, vnode_t vp, const struct open_request *req, bool created,
                      bool *again)
{
    int fmode = open_fmode(req->or_flags, false);
    int error = check_type(vp, req->or_flags);
    if (!error && !created)
        error = call_permit(call, vp, rights_for(req->or_flags));
    if (!error)
        error = VNOP_OPEN(vp, fmode, call->c_ctx);
    if (error)
        return error;
    error = vnode_ref_ext(vp, fmode);
    if (error) {
        VNOP_CLOSE(vp, fmode, call->c_ctx);
        *again = true;
        return EIO;
    }
    if ((req->or_flags & SYS_O_TRUNC) && !created && vnode_isreg(vp)) {
        error = truncate_opened(call, vp);
        if (error)
            open_end(vp, fmode, call->c_ctx);
    }
    return error;
}

static int create(const struct sys_call *call, struct lookup *lk, const struct open_request *req,
                  vnode_t *vpp)
{
    struct vnode_attr va;
    if (lk->lk_slash)
        return EISDIR;
    if (req->or_flags & SYS_O_DIRECTORY)
        return EINVAL;
    int error = call_new_attr(call, lk, VREG, req->or_mode, &va);
    if (error)
        return error;
    if (must_be_new(req->or_flags))
        va.va_vaflags |= VA_EXCLUSIVE;
    return VNOP_CREATE(lk->lk_dvp, vpp, &lk->lk_cn, &va, call->c_ctx);
}

/* One attempt; @start's iocount is consumed. *again: somebody else was faster, look again; the error is what
 * to say when that was the last attempt. */
static int open_once(const struct sys_call *call, vnode_t start, const char *path,
                     const struct open_request *req, vnode_t *vpp, bool *again)
{
    struct lookup lk;
    uint32_t flags = req->or_lookup | (call->c_preauth ? LOOKUP_PREAUTH : 0);
    if (!(flags & LOOKUP_ONENAME) && !(req->or_flags & SYS_O_NOFOLLOW) && !must_be_new(req->or_flags))
        flags |= LOOKUP_FOLLOW;
    *again = false;
    lookup_init(&lk, call->c_ctx, req->or_flags & SYS_O_CREAT ? CREATE : LOOKUP, flags);
    int error = lookup_run(&lk, start, path);
    if (error)
        return error;
    vnode_t vp = lk.lk_vp;
    bool created = !vp;
    lk.lk_vp = NULL;
    if (created) {
        error = create(call, &lk, req, &vp);
        *again = error == EEXIST && !must_be_new(req->or_flags);
    } else if (must_be_new(req->or_flags)) {
        error = EEXIST;
    } else if (lk.lk_slash && !vnode_isdir(vp)) {
        error = ENOTDIR;
    }
    if (!error)
        error = open_found(call, vp, req, created, again);
    lookup_done(&lk);
    if (!error)
        *vpp = vp;
    else if (vp)
        vnode_put(vp);
    return error;
}

int open_run(const struct sys_call *call, vnode_t start, const char *path, const struct open_request *req,
             vnode_t *vpp)
{
    bool again = true;
    int error = EIO;
    for (unsigned attempt = 0; again && attempt < CALL_RETRIES; attempt++) {
        vnode_t from = start;
        if (vnode_get(from)) {
            error = ESTALE; /* its mount is being forced away */
            break;
        }
        error = open_once(call, from, path, req, vpp, &again);
    }
    vnode_put(start);
    if (!error && fileop_is_heard())
        fileop_tell_file(req->or_flags & SYS_O_EXEC ? KAUTH_FILEOP_EXEC : KAUTH_FILEOP_OPEN, *vpp, 0,
                         vfs_context_ucred(call->c_ctx));
    return error;
}

int open_end(vnode_t vp, int fmode, vfs_context_t ctx)
{
    int error = VNOP_CLOSE(vp, fmode, ctx);
    vnode_rele_ext(vp, fmode);
    return error;
}

/* ---- for kexts ----------------------------------------------------------------------------------------- */

static uint32_t lookup_flags_of(int flags)
{
    uint32_t out = 0;
    if (flags & VNODE_LOOKUP_NOCROSSMOUNT)
        out |= LOOKUP_NOCROSS;
    if (flags & VNODE_LOOKUP_CROSSMOUNTNOWAIT)
        out |= LOOKUP_NOWAIT;
    if (flags & VNODE_LOOKUP_NOFOLLOW_ANY)
        out |= LOOKUP_NOLINKS;
    return out;
}

errno_t vnode_lookup(const char *path, int flags, vnode_t *vpp, vfs_context_t ctx)
{
    struct lookup lk;
    *vpp = NULL;
    vnode_t start = vfs_rootvnode();
    if (!start)
        return ENOENT;
    if (!ctx)
        ctx = vfs_context_current();
    uint32_t how = lookup_flags_of(flags);
    if (!(flags & VNODE_LOOKUP_NOFOLLOW))
        how |= LOOKUP_FOLLOW;
    lookup_init(&lk, ctx, LOOKUP, how);
    int error = lookup_run(&lk, start, path);
    if (!error)
        *vpp = lk.lk_vp;
    return error;
}

errno_t vnode_open(const char *path, int fmode, int cmode, int flags, vnode_t *vpp, vfs_context_t ctx)
{
    *vpp = NULL;
    if (!(fmode & (FREAD | FWRITE)))
        return EINVAL;
    vnode_t start = vfs_rootvnode();
    if (!start)
        return ENOENT;
    /* FREAD and FWRITE are the access mode plus one. */
    uint32_t oflags = ((uint32_t)fmode & ~(uint32_t)(FREAD | FWRITE)) & ~(uint32_t)(SYS_O_WIDEN | SYS_O_EXEC);
    oflags |= (uint32_t)(fmode & (FREAD | FWRITE)) - 1;
    if (flags & VNODE_LOOKUP_NOFOLLOW)
        oflags |= SYS_O_NOFOLLOW;
    const struct sys_call call = {.c_ctx = ctx ? ctx : vfs_context_current()};
    const struct open_request req = {
        .or_flags = oflags, .or_mode = (uint32_t)cmode, .or_lookup = lookup_flags_of(flags)};
    return open_run(&call, start, path, &req, vpp);
}

errno_t vnode_close(vnode_t vp, int flags, vfs_context_t ctx)
{
    int error = open_end(vp, flags & (FREAD | FWRITE | FNONBLOCK | FAPPEND | FFSYNC),
                         ctx ? ctx : vfs_context_current());
    vnode_put(vp);
    return error;
}
