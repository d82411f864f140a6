// SPDX-License-Identifier: BSD-2-Clause
/*
 * sys_internal.h: what the files of the system-call layer share: a call in progress, weak references, memory
 * for transfers, permission as the layer asks for it, open files. Nothing outside sys_*.c, lookup*.c,
 * rootfs*.c and vfs_open.c includes it. Functions here begin with call_: names in sys_ are the entry points
 * of vfs/syscalls.h and nothing else.
 */
#ifndef KEXTBED_VFS_SYS_INTERNAL_H
#define KEXTBED_VFS_SYS_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <kern/locks.h>

#include "kern/kern_iface.h"
#include "kern/lock_iface.h"
#include "kern/uio_iface.h"
#include "vfs/authorize_internal.h"
#include "vfs/fileop_internal.h"
#include "vfs/lookup_internal.h"
#include "vfs/syscalls.h"
#include "vfs/vfs_iface.h"

/* ---- a call in progress (sys_caller.c) ----------------------------------------------------------------- */

struct sys_caller {
    _Atomic(uint32_t) sc_refs; /* not counted for the kernel's own */
    uint32_t sc_flags;         /* SYS_CALLER_* */
    kauth_cred_t sc_cred;
    proc_t sc_proc;
    uint32_t sc_mount_id;         /* of a client of an export: the mount, else 0 */
    struct sys_address sc_client; /* who it is, */
    struct sys_export sc_export;  /* and how the mount was exported to it */
};

/* Lives on the stack of the call. */
struct sys_call {
    struct kern_call c_kern;
    struct vnop_call_mark c_mark;
    vfs_context_t c_ctx;
    bool c_preauth;  /* SYS_CALLER_PREAUTHORISED */
    bool c_readonly; /* SYS_CALLER_READONLY */
};

/** call_enter, call_leave - bracket every call: credential and process of @who for this thread, a free vnode
 * or two, the check that no reference is left behind. @name static. */
void call_enter(struct sys_call *call, const sys_caller_t *who, const char *name);
void call_leave(struct sys_call *call);
#define CALL_ENTER(call, who) call_enter((call), (who), __func__)

/** call_boot, call_shutdown - the kernel's own identity. */
void call_boot(void);
void call_shutdown(void);

/* ---- weak references and attributes (sys_attr.c) ------------------------------------------------------- */

/** call_node_get - the vnode behind @node (NULL: the root of the kernel's tree) with an iocount. Errno: 0;
 * ESTALE; EINTR interrupted while it is suspended. */
int call_node_get(const struct sys_node *node, vnode_t *vpp);
/** call_describe - fill in @node and @attr (each may be NULL) for @vp with one VNOP_GETATTR. Untouched on
 * errors. */
int call_describe(const struct sys_call *call, vnode_t vp, struct sys_node *node, struct sys_attr *attr);

/* ---- memory for transfers (sys_uio.c) ------------------------------------------------------------------ */

#define CALL_UIO_SMALL 4
/* A uio over host memory, which the file system sees as user memory: reachable by copyin, copyout and uiomove
 * only. */
struct call_uio {
    uio_t su_uio;
    struct kern_user_range *su_ranges;
    uint32_t su_count;     /* ranges pushed */
    uint32_t su_allocated; /* elements of su_ranges that are heap memory; the uio is, too, then */
    uint64_t su_total;
    struct kern_user_range su_small[CALL_UIO_SMALL];
    KERN_UIO_STORAGE(CALL_UIO_SMALL) su_room;
};
/** call_uio_begin - set @su up over @iov for a transfer at @off. Needs a call in progress; end with
 * call_uio_end(). Errno: 0; EINVAL too many vectors or bytes. Nothing to end on errors. */
int call_uio_begin(struct call_uio *su, const struct sys_iovec *iov, uint32_t iovcnt, int64_t off,
                   enum uio_rw rw);
/** call_uio_begin_kernel - the same over @len bytes of the kernel half's own memory at @buf. */
int call_uio_begin_kernel(struct call_uio *su, void *buf, size_t len, int64_t off, enum uio_rw rw);
void call_uio_end(struct call_uio *su);
static inline size_t call_uio_done(const struct call_uio *su)
{
    return (size_t)(su->su_total - (uint64_t)uio_resid(su->su_uio));
}
/** call_link_read - the text of symbolic link @vp into kernel memory, not terminated, cut to @size. */
int call_link_read(vnode_t vp, char *buf, size_t size, size_t *len, vfs_context_t ctx);

/* ---- permission (sys_permit.c) ------------------------------------------------------------------------- */

/** call_permit - vnode_authorize(@vp, NULL, @action), less what a preauthorised caller's host has checked. */
int call_permit(const struct sys_call *call, vnode_t vp, kauth_action_t action);
/** call_permit_dir - may names be added to directory @dvp (@right KAUTH_VNODE_ADD_FILE or _ADD_SUBDIRECTORY)?
 * @dir gets its attributes, for the new object's group. */
int call_permit_dir(const struct sys_call *call, vnode_t dvp, kauth_action_t right,
                    struct authorize_attr *dir);
/** call_permit_delete - may the name in @dvp that leads to @vp be taken away? */
int call_permit_delete(const struct sys_call *call, vnode_t dvp, vnode_t vp);
/** call_permit_setattr - may the attributes active in @vap be set? Takes set-id bits out of it that must not
 * survive. */
int call_permit_setattr(const struct sys_call *call, vnode_t vp, struct vnode_attr *vap);

/* ---- set-id bits and writing (sys_permit.c) ------------------------------------------------------------ */

/** call_setid_noted - a file with these mode bits now exists: open files look again before their next write.
 */
void call_setid_noted(uint32_t mode);
/** call_setid_drop - before @vp's contents are changed by other than the superuser, its set-id bits go.
 * *@seen remembers across calls when there was nothing to do. */
int call_setid_drop(const struct sys_call *call, vnode_t vp, _Atomic(uint64_t) *seen);

/* ---- exports (sys_export.c) -----------------------------------------------------------------------------
 */

/** call_export_check - may @who find files of @mp by handle? Yes, unless it is a client's caller and the
 * mount is not exported to that client as it was. Caller keeps the mount busy. Errno: 0; EACCES. */
int call_export_check(const struct sys_caller *who, mount_t mp);

/* ---- lookup as the calls use it (sys_attr.c) ----------------------------------------------------------- */

/** call_lookup_at - lookup_init and lookup_run from @at with a call's SYS_AT_* flags. @op as lk_op; @follow:
 * may the last link be followed where the flags allow? */
int call_lookup_at(const struct sys_call *call, struct lookup *lk, const struct sys_node *at,
                   const char *path, uint32_t at_flags, uint32_t op, bool follow);

/** call_is_mount_point - is something mounted on @vp, or is it itself the root of a mount? */
static inline bool call_is_mount_point(vnode_t vp)
{
    return vnode_mountedhere(vp) || vnode_isvroot(vp);
}

/** call_pathconf - VNOP_PATHCONF into *@value, which is untouched on errors (sys_attr.c). */
int call_pathconf(vnode_t vp, int name, int32_t *value, vfs_context_t ctx);

/* How often a call starts again when the file system says that what lookup found is gone. Each time somebody
 * else has changed the name meanwhile: a crowd of threads on few processors does that dozens of times to one
 * that is unlucky. The bound is for a file system that always says so. */
#define CALL_RETRIES 1024

/* ---- the new object (sys_names.c) ---------------------------------------------------------------------- */

/** call_new_attr - permission to make an object of @type in lk_dvp, and the attributes that it gets, in @vap.
 */
int call_new_attr(const struct sys_call *call, struct lookup *lk, enum vtype type, uint32_t mode,
                  struct vnode_attr *vap);

/* ---- opening (vfs_open.c) ------------------------------------------------------------------------------ */

struct open_request {
    uint32_t or_flags;  /* SYS_O_* */
    uint32_t or_mode;   /* of a file that is created */
    uint32_t or_lookup; /* LOOKUP_ONENAME, _NOCROSS, _NOWAIT: how the path is to be read */
};
/** open_fmode - the FREAD, FWRITE and other bits that VNOP_OPEN and VNOP_CLOSE are told. @asked: without
 * SYS_O_WIDEN. */
int open_fmode(uint32_t oflags, bool asked);
/** open_run - look up, create, authorise, VNOP_OPEN, truncate.
 *  @start  its iocount is consumed, on errors too.
 *  Refs:   *vpp carries an iocount, and a usecount of the open: end it with open_end(). Nothing on errors. */
int open_run(const struct sys_call *call, vnode_t start, const char *path, const struct open_request *req,
             vnode_t *vpp);
/** open_end - VNOP_CLOSE, and the open's usecount. Caller keeps its iocount. */
int open_end(vnode_t vp, int fmode, vfs_context_t ctx);

/* ---- open files (sys_file.c) --------------------------------------------------------------------------- */

struct dir_chunk;
/* How the file system gives its entries: not known yet, with a cookie each, without any. */
enum dir_mode { DIR_MODE_UNKNOWN, DIR_MODE_COOKIES, DIR_MODE_WHOLE };

/* Field legend: [i] constant, [a] atomic, [d] sf_dir_lock. */
struct sys_file {
    vnode_t sf_vp;                   /* [i] holds a usecount */
    uint32_t sf_vid;                 /* [i] */
    int sf_fmode;                    /* [i] FREAD, FWRITE, O_APPEND...: what VNOP_OPEN was told */
    sys_caller_t *sf_opener;         /* [i] holds a reference */
    _Atomic(uint64_t) sf_setid_seen; /* [a] see call_setid_drop() */
    uint32_t sf_error_heard;         /* buf/'s, see buf_error_check() */
    uint32_t sf_device_heard;        /* the same of the device that its mount lies on */
    bool sf_is_dir;                  /* [i] */
    bool sf_exec;                    /* [i] SYS_O_EXEC */
    _Atomic(bool) sf_written;        /* [a] bytes were written through this open */
    _Atomic(bool) sf_mapped;         /* [a] sys_mapped() was told of it, and it counts as a mapping */
    lck_mtx_t sf_dir_lock;           /* directories only; a leaf: nothing is called with it held */
    struct dir_chunk *sf_dir;        /* [d] the entries that were read last; holds a reference */
    int64_t sf_dir_cookie;           /* [d] where the last call stopped in them, */
    uint32_t sf_dir_off;             /* [d] and the byte there */
    enum dir_mode sf_dir_mode;       /* [d] */
};
/** call_file_enter - call_enter() as @who (NULL: the opener) and an iocount on the file. @need FREAD or
 * FWRITE or 0. Errno: 0; EBADF not open for that; EIO the file was taken away (forced unmount); EINTR.
 * Nothing to leave on errors. */
int call_file_enter(struct sys_call *call, sys_caller_t *who, sys_file_t *file, int need, const char *name);
void call_file_leave(struct sys_call *call, sys_file_t *file);
uint64_t call_file_count(void);
/** call_seek - the next hole or data at or after @off; ENOTSUP where the file system does not know
 * (sys_io.c). */
int call_seek(const struct sys_call *call, vnode_t vp, int64_t off, bool hole, int64_t *out);
/** call_dir_forget - drop what readdir keeps in @file (close). */
void call_dir_forget(sys_file_t *file);

extern lck_grp_t *call_lock_group;

/* ---- holds (sys_node.c) -------------------------------------------------------------------------------- */

/** call_hold_take - a hold on @vp, of which the caller has an iocount. Errno: 0; ENOENT. */
int call_hold_take(vnode_t vp, sys_hold_t **out);
/** call_hold_nameless - @vp has just lost a name: give a hold on it, or where @hold is NULL see that
 * VNOP_INACTIVE comes. */
void call_hold_nameless(vnode_t vp, sys_hold_t **hold);
/** call_hold_drop - inside a call; NULL is allowed. */
void call_hold_drop(sys_hold_t *hold);

/* ---- what mounts lie on (sys_mount.c) ------------------------------------------------------------------ */

struct mount_backing;
struct vfstable;
/** call_backing - the same, as mount_internal.h has it. */
struct mount_backing call_backing(const struct sys_backing *backing);
/** call_type_wants_disk - VFS opens a device for mounts of this type. */
bool call_type_wants_disk(const struct vfstable *type);

/* ---- the kernel's own tree (rootfs.c) ------------------------------------------------------------------ */

/** rootfs_boot - register the type and mount it as the root, with /dev and /mnt. Inside a call. */
int rootfs_boot(vfs_context_t ctx);
/** rootfs_shutdown - unmount and forget it. EBUSY: something of it is in use. */
int rootfs_shutdown(vfs_context_t ctx);
/** rootfs_mountpoint_make - a fresh directory /mnt/<n>. Refs: an iocount on *vpp. @name gets the path. */
int rootfs_mountpoint_make(vnode_t *vpp, char *path, size_t size);
/** rootfs_path - the path of a vnode of the kernel's own root. Caller holds an iocount. Errno: 0;
 * ENAMETOOLONG. */
int rootfs_path(vnode_t vp, char *path, size_t size);
/** rootfs_mountpoint_drop - remove @vp if it is such a directory and still empty. Caller keeps its iocount.
 */
void rootfs_mountpoint_drop(vnode_t vp);

#endif
