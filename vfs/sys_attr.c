// SPDX-License-Identifier: BSD-2-Clause
/*
 * Between the host's view of a file and a vnode: weak references, names and paths, attributes in both
 * directions.
 *
 * No lock, no state. Called by the other sys_*.c; sys_getattr(), sys_setattr() and sys_lookup() are here, the
 * calls that a host makes most often: they allocate nothing.
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

#define BLOCK_BYTES      512u  /* unit in which allocation is made up where the file system tells none */
#define DEFAULT_IO_BYTES 4096u /* preferred transfer where neither file nor mount tells one */

int call_node_get(const struct sys_node *node, vnode_t *vpp)
{
    if (node) {
        int error = vnode_weak_get(node->vnode, node->vid, vpp);
        return error && error != EINTR ? ESTALE : error;
    }
    *vpp = vfs_rootvnode();
    return *vpp ? 0 : ESTALE;
}

int call_pathconf(vnode_t vp, int name, int32_t *value, vfs_context_t ctx)
{
    /* A file system from the time when a_retval led to a register_t stores eight bytes. The low half comes
     * first. */
    union {
        int64_t wide;
        int32_t low;
    } slot = {0};
    int error = VNOP_PATHCONF(vp, name, &slot.low, ctx);
    if (!error)
        *value = slot.low;
    return error;
}

int call_lookup_at(const struct sys_call *call, struct lookup *lk, const struct sys_node *at,
                   const char *path, uint32_t at_flags, uint32_t op, bool follow)
{
    uint32_t flags = call->c_preauth ? LOOKUP_PREAUTH : 0;
    if (at_flags & SYS_AT_COMPONENT)
        flags |= LOOKUP_ONENAME;
    else if (follow && !(at_flags & SYS_AT_NOFOLLOW))
        flags |= LOOKUP_FOLLOW;
    if (at_flags & SYS_AT_NOCROSS)
        flags |= LOOKUP_NOCROSS;
    lookup_init(lk, call->c_ctx, op, flags);
    vnode_t start;
    int error = call_node_get(at, &start);
    return error ? error : lookup_run(lk, start, path);
}

/* ---- from vnode_attr ----------------------------------------------------------------------------------- */

static void attr_ask(struct vnode_attr *va)
{
    VATTR_INIT(va);
    VATTR_WANTED(va, va_mode);
    VATTR_WANTED(va, va_uid);
    VATTR_WANTED(va, va_gid);
    VATTR_WANTED(va, va_nlink);
    VATTR_WANTED(va, va_rdev);
    VATTR_WANTED(va, va_flags);
    VATTR_WANTED(va, va_iosize);
    VATTR_WANTED(va, va_fileid);
    VATTR_WANTED(va, va_gen);
    VATTR_WANTED(va, va_data_size);
    VATTR_WANTED(va, va_data_alloc);
    VATTR_WANTED(va, va_total_alloc);
    VATTR_WANTED(va, va_create_time);
    VATTR_WANTED(va, va_access_time);
    VATTR_WANTED(va, va_modify_time);
    VATTR_WANTED(va, va_change_time);
}

static struct sys_time time_out(const struct timespec *ts)
{
    return (struct sys_time){.sec = ts->tv_sec, .nsec = (int32_t)ts->tv_nsec};
}

static void times_take(struct sys_attr *attr, const struct vnode_attr *va)
{
    attr->atime = attr->mtime = attr->ctime = attr->btime = (struct sys_time){0};
    if (VATTR_IS_SUPPORTED(va, va_modify_time)) {
        attr->mtime = time_out(&va->va_modify_time);
        attr->mask |= SYS_ATTR_MTIME;
    }
    /* One time stands in for those that the file system does not keep. */
    attr->atime = attr->ctime = attr->btime = attr->mtime;
    if (VATTR_IS_SUPPORTED(va, va_access_time)) {
        attr->atime = time_out(&va->va_access_time);
        attr->mask |= SYS_ATTR_ATIME;
    }
    if (VATTR_IS_SUPPORTED(va, va_change_time)) {
        attr->ctime = time_out(&va->va_change_time);
        attr->mask |= SYS_ATTR_CTIME;
    }
    if (VATTR_IS_SUPPORTED(va, va_create_time)) {
        attr->btime = time_out(&va->va_create_time);
        attr->mask |= SYS_ATTR_BTIME;
    }
}

static void owner_take(struct sys_attr *attr, const struct vnode_attr *va)
{
    attr->mode = VATTR_IS_SUPPORTED(va, va_mode) ? va->va_mode & ALLPERMS : ACCESSPERMS;
    attr->uid = VATTR_IS_SUPPORTED(va, va_uid) ? va->va_uid : 0;
    attr->gid = VATTR_IS_SUPPORTED(va, va_gid) ? va->va_gid : 0;
    attr->flags = VATTR_IS_SUPPORTED(va, va_flags) ? va->va_flags : 0;
    if (VATTR_IS_SUPPORTED(va, va_mode))
        attr->mask |= SYS_ATTR_MODE;
    if (VATTR_IS_SUPPORTED(va, va_uid))
        attr->mask |= SYS_ATTR_UID;
    if (VATTR_IS_SUPPORTED(va, va_gid))
        attr->mask |= SYS_ATTR_GID;
    if (VATTR_IS_SUPPORTED(va, va_flags))
        attr->mask |= SYS_ATTR_FLAGS;
}

static void size_take(struct sys_attr *attr, const struct vnode_attr *va, vnode_t vp)
{
    attr->size = 0;
    if (VATTR_IS_SUPPORTED(va, va_data_size)) {
        attr->size = va->va_data_size;
        attr->mask |= SYS_ATTR_SIZE;
    }
    if (VATTR_IS_SUPPORTED(va, va_total_alloc))
        attr->alloc = va->va_total_alloc;
    else if (VATTR_IS_SUPPORTED(va, va_data_alloc))
        attr->alloc = va->va_data_alloc;
    else
        attr->alloc = (attr->size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    if (VATTR_IS_SUPPORTED(va, va_iosize))
        attr->blksize = va->va_iosize;
    else
        attr->blksize = (uint32_t)vfs_statfs(vnode_mount(vp))->f_iosize ?: DEFAULT_IO_BYTES;
}

/* The file system's number for the file. One without numbers gets a number that lasts as long as its vnode.
 */
static uint64_t fileid_of(const struct vnode_attr *va, vnode_t vp)
{
    return VATTR_IS_SUPPORTED(va, va_fileid) ? va->va_fileid : vnode_weak(vp);
}

static void attr_take(struct sys_attr *attr, const struct vnode_attr *va, vnode_t vp)
{
    attr->mask = 0;
    attr->type = (uint32_t)vnode_vtype(vp);
    attr->nlink = VATTR_IS_SUPPORTED(va, va_nlink) ? (uint32_t)va->va_nlink : 1;
    attr->rdev = VATTR_IS_SUPPORTED(va, va_rdev) ? (uint32_t)va->va_rdev : 0;
    attr->generation = VATTR_IS_SUPPORTED(va, va_gen) ? va->va_gen : 0;
    attr->fileid = fileid_of(va, vp);
    owner_take(attr, va);
    size_take(attr, va, vp);
    times_take(attr, va);
}

int call_describe(const struct sys_call *call, vnode_t vp, struct sys_node *node, struct sys_attr *attr)
{
    if (!node && !attr)
        return 0;
    struct vnode_attr va;
    if (attr) {
        attr_ask(&va);
    } else {
        VATTR_INIT(&va);
        VATTR_WANTED(&va, va_fileid);
    }
    int error = vnode_getattr(vp, &va, call->c_ctx);
    if (error)
        return error;
    if (attr)
        attr_take(attr, &va, vp);
    if (node) {
        node->vnode = vnode_weak(vp);
        node->vid = vnode_vid(vp);
        node->mount_id = vfs_mount_id(vnode_mount(vp));
        node->fileid = fileid_of(&va, vp);
    }
    return 0;
}

/* ---- to vnode_attr ------------------------------------------------------------------------------------- */

#define SET_ALL                                                                                              \
    (SYS_ATTR_MODE | SYS_ATTR_UID | SYS_ATTR_GID | SYS_ATTR_SIZE | SYS_ATTR_ATIME | SYS_ATTR_MTIME |         \
     SYS_ATTR_CTIME | SYS_ATTR_BTIME | SYS_ATTR_FLAGS | SYS_ATTR_ATIME_NOW | SYS_ATTR_MTIME_NOW)

static bool time_is_valid(const struct sys_time *t)
{
    return t->nsec >= 0 && t->nsec < 1000000000;
}

static int set_check(const struct sys_attr *set, vnode_t vp)
{
    uint32_t mask = set->mask;
    if (mask & ~SET_ALL)
        return EINVAL;
    if (((mask & SYS_ATTR_ATIME) && !time_is_valid(&set->atime)) ||
        ((mask & SYS_ATTR_MTIME) && !time_is_valid(&set->mtime)) ||
        ((mask & SYS_ATTR_CTIME) && !time_is_valid(&set->ctime)) ||
        ((mask & SYS_ATTR_BTIME) && !time_is_valid(&set->btime)))
        return EINVAL;
    if ((mask & SYS_ATTR_MODE) && (set->mode & ~(uint32_t)ALLPERMS))
        return EINVAL;
    if (mask & SYS_ATTR_SIZE) {
        if (vnode_isdir(vp))
            return EISDIR;
        if (!vnode_isreg(vp))
            return EINVAL;
        if (set->size > INT64_MAX)
            return EFBIG;
    }
    return 0;
}

static struct timespec time_in(const struct sys_time *t)
{
    return (struct timespec){.tv_sec = t->sec, .tv_nsec = t->nsec};
}

static void set_times(struct vnode_attr *va, const struct sys_attr *set)
{
    uint32_t now = set->mask & (SYS_ATTR_ATIME_NOW | SYS_ATTR_MTIME_NOW);
    if (now) {
        struct timespec ts;
        nanotime(&ts);
        if (now & SYS_ATTR_ATIME_NOW)
            VATTR_SET(va, va_access_time, ts);
        if (now & SYS_ATTR_MTIME_NOW)
            VATTR_SET(va, va_modify_time, ts);
    }
    bool given = false;
    if ((set->mask & SYS_ATTR_ATIME) && !(now & SYS_ATTR_ATIME_NOW)) {
        VATTR_SET(va, va_access_time, time_in(&set->atime));
        given = true;
    }
    if ((set->mask & SYS_ATTR_MTIME) && !(now & SYS_ATTR_MTIME_NOW)) {
        VATTR_SET(va, va_modify_time, time_in(&set->mtime));
        given = true;
    }
    if (now && !given)
        va->va_vaflags |= VA_UTIMES_NULL;
    if (set->mask & SYS_ATTR_CTIME)
        VATTR_SET(va, va_change_time, time_in(&set->ctime));
    if (set->mask & SYS_ATTR_BTIME)
        VATTR_SET(va, va_create_time, time_in(&set->btime));
}

static void set_fill(struct vnode_attr *va, const struct sys_attr *set)
{
    VATTR_INIT(va);
    if (set->mask & SYS_ATTR_MODE)
        VATTR_SET(va, va_mode, (mode_t)set->mode);
    if (set->mask & SYS_ATTR_UID)
        VATTR_SET(va, va_uid, set->uid);
    if (set->mask & SYS_ATTR_GID)
        VATTR_SET(va, va_gid, set->gid);
    if (set->mask & SYS_ATTR_SIZE)
        VATTR_SET(va, va_data_size, set->size);
    if (set->mask & SYS_ATTR_FLAGS)
        VATTR_SET(va, va_flags, set->flags);
    set_times(va, set);
}

/* ---- calls --------------------------------------------------------------------------------------------- */

int sys_lookup(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
               struct sys_node *node, struct sys_attr *attr)
{
    struct sys_call call;
    struct lookup lk;
    CALL_ENTER(&call, who);
    int error = call_lookup_at(&call, &lk, at, path, at_flags, LOOKUP, true);
    if (!error) {
        error = call_describe(&call, lk.lk_vp, node, attr);
        lookup_done(&lk);
    }
    call_leave(&call);
    return error;
}

int sys_getattr(sys_caller_t *who, const struct sys_node *node, struct sys_attr *attr)
{
    struct sys_call call;
    vnode_t vp;
    CALL_ENTER(&call, who);
    int error = call_node_get(node, &vp);
    if (!error) {
        /* Nobody is refused this but by a listener. */
        if (!call.c_preauth)
            error = authorize_heard(vp, NULL, KAUTH_VNODE_READ_ATTRIBUTES, 0, call.c_ctx);
        if (!error)
            error = call_describe(&call, vp, NULL, attr);
        vnode_put(vp);
    }
    call_leave(&call);
    return error;
}

int sys_setattr(sys_caller_t *who, const struct sys_node *node, const struct sys_attr *set,
                struct sys_attr *after)
{
    struct sys_call call;
    struct vnode_attr va;
    vnode_t vp;
    CALL_ENTER(&call, who);
    int error = call_node_get(node, &vp);
    if (error)
        goto leave;
    error = set_check(set, vp);
    if (error)
        goto put;
    set_fill(&va, set);
    error = call_permit_setattr(&call, vp, &va);
    if (!error && va.va_active)
        error = vnode_setattr(vp, &va, call.c_ctx);
    if (!error && (set->mask & SYS_ATTR_MODE))
        call_setid_noted(va.va_mode);
    if (!error)
        error = call_describe(&call, vp, NULL, after);
put:
    vnode_put(vp);
leave:
    call_leave(&call);
    return error;
}
