// SPDX-License-Identifier: BSD-2-Clause
/*
 * mount_internal.h: the mount and the registered type as vfs/ knows them, and the calls into a file system's
 * VFS operations. Kexts and the other kernel folders see mount_t and vfstable_t only.
 *
 * A mount's life: NEW (being mounted), LIVE, GOING (being unmounted; back to LIVE when it was busy), DEAD.
 *   mnt_refs   keeps the structure, not what it points to: taken by whoever stores a pointer to it
 *   mnt_busy   keeps it mounted: vfs_busy(). Unmounting waits until it is 0 and lets no new one in
 *
 * Locks: mnt_lock (rank 110) and the mount list lock (rank 100); see vnode_internal.h.
 */
#ifndef KEXTBED_VFS_MOUNT_INTERNAL_H
#define KEXTBED_VFS_MOUNT_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/queue.h>
#include <sys/sysctl.h>
#include <sys/vnode.h>
#include <kern/locks.h>

#include "kern/lock_iface.h"
#include "vfs/line_internal.h"
#include "vfs/vnode_internal.h"

/* ---- a registered type --------------------------------------------------------------------------------- */

typedef int (**vfsop_vector_t)(void *);

struct vfs_vector { /* one operations vector of a type */
    const struct vnodeopv_desc *vv_desc;
    vnode_vector_t vv_ops; /* VNOP_COUNT functions */
};

/* Field legend: [i] constant after registration, [t] mount list lock. */
struct vfstable {
    TAILQ_ENTRY(vfstable) vfc_list;                  /* [t] */
    const struct vfsops *vfc_ops;                    /* [i] */
    char vfc_name[MFSTYPENAMELEN];                   /* [i] */
    int vfc_typenum;                                 /* [i] */
    uint32_t vfc_flags;                              /* [i] VFS_TBL* */
    uint32_t vfc_mounts;                             /* [t] mounts and mounting attempts */
    bool vfc_leaving;                                /* [t] vfs_fsremove() runs: no new mount */
    bool vfc_internal;                               /* [i] the kernel's own (root file system) */
    bool vfc_has_open, vfc_has_close, vfc_has_xattr; /* [i] see sys_mount_info */
    int vfc_vector_count;                            /* [i] */
    struct vfs_vector vfc_vectors[8];                /* [i] */
    vfsop_vector_t vfc_vfsops;                       /* [i] NULL: the type has no vector of VFS operations */
    struct sysctl_oid vfc_sysctl;                    /* [i] where the type has vfs_sysctl */
};

/* ---- what a file system lies on ------------------------------------------------------------------------ */

/* A device or an image file, by the host's numbers, or a device of the kernel's own. Two names of the same
 * thing have the same numbers. */
enum backing_kind { BACKING_NONE, BACKING_HOST_FILE, BACKING_HOST_DEVICE, BACKING_DEVICE };
struct mount_backing {
    enum backing_kind mb_kind;
    uint64_t mb_dev, mb_ino; /* the file's device and number; or the device's number and 0 */
};

/* ---- a mount ------------------------------------------------------------------------------------------- */

enum mount_state { MOUNT_NEW, MOUNT_LIVE, MOUNT_GOING, MOUNT_DEAD };

/* What changes with nearly every call, split so that threads on several CPUs do not fight for one cache line:
 * each changes the way that is its own, and whoever wants to know adds them up. */
#define MOUNT_WAYS 8
struct mount_way {
    _Atomic(uint64_t) mw_ops;       /* vnode operations since the mount */
    _Atomic(int64_t) mw_vnodes;     /* live vnodes; one may go by another way than it came */
    _Atomic(uint32_t) mw_cache_gen; /* counts purges of the name cache */
    char mw_pad[LINE_BYTES - 20];
};
_Static_assert(sizeof(struct mount_way) == LINE_BYTES, "a way is a cache line");

/* Field legend: [i] constant once mounted, [a] atomic, [m] mnt_lock, [t] mount list lock, [v] the covered
 * vnode's lock. */
struct mount {
    TAILQ_ENTRY(mount) mnt_list; /* [t] */
    struct vfstable *mnt_type;   /* [i] */
    const struct vfsops *mnt_op; /* [i] */
    _Atomic(void *) mnt_data;    /* [a] the file system's own */
    _Atomic(uint64_t) mnt_flag;  /* [a] MNT_* */
    _Atomic(uint32_t) mnt_kern;  /* [a] MNTK_* */
    _Atomic(uint32_t) mnt_refs;  /* [a] */
    uint32_t mnt_id;             /* [i] never reused in this process */
    lck_mtx_t mnt_lock;
    enum mount_state mnt_state;       /* [m] */
    uint32_t mnt_busy;                /* [m] */
    struct kthread *mnt_going;        /* [m] the thread that unmounts */
    struct vnode *mnt_covered;        /* [i] holds a usecount; NULL for the root */
    uint32_t mnt_maxsymlen;           /* [m] */
    int mnt_authcache_ttl;            /* [m] */
    struct vfsioattr mnt_ioattr;      /* [m] */
    struct mount_export *mnt_exports; /* [m] vfs_export.c */
    struct mount_backing mnt_backing; /* [i] */
    struct vnode *mnt_devvp;          /* [i] the device it lies on, open and with a usecount; or NULL */
    int mnt_devmode;                  /* [i] FREAD, FWRITE: how that is open */
    TAILQ_ENTRY(mount) mnt_backed;    /* [t] */
    /* Strings and fsid [i]; the numbers are written by vfs_update_vfsstat() and by the file system. */
    struct vfsstatfs mnt_vfsstat;
    struct ubc_mount *_Atomic mnt_pages;   /* [a] what ubc/ knows of it */
    struct mount_way mnt_ways[MOUNT_WAYS]; /* [a] */
};

/* mnt_kern */
#define MNTK_KERNELROOT         0x0001u /* the kernel's own tree; not counted, not unmountable */
#define MNTK_AUTH_OPAQUE        0x0002u
#define MNTK_AUTH_OPAQUE_ACCESS 0x0004u
#define MNTK_AUTH_CACHE_TTL     0x0008u
#define MNTK_EXTENDED_SECURITY  0x0010u
#define MNTK_LOCK_LOCAL         0x0020u
#define MNTK_WANTRDWR           0x0040u /* an update from read-only to read-write runs */
#define MNTK_FORCED             0x0080u /* a forced unmount runs */
#define MNTK_UNMOUNTING         0x0100u /* GOING, readable without the lock */
#define MNTK_UPDATING           0x0200u /* mount_update() runs */
#define MNTK_SUSPENDED          0x0400u /* changes under mnt_lock; suspend_internal.h */

/** mount_way - that of the calling thread, @self. */
static inline struct mount_way *mount_way(struct mount *mp, struct kthread *self)
{
    return &mp->mnt_ways[kern_thread_number(self) % MOUNT_WAYS];
}

static inline struct mount_way *mount_way_mine(struct mount *mp)
{
    return mount_way(mp, kern_thread());
}

static inline bool mount_kern_is(struct mount *mp, uint32_t flag)
{
    return (atomic_load_explicit(&mp->mnt_kern, memory_order_relaxed) & flag) != 0;
}

/* The mount of vnodes that have no file. Never busy, never found, has no operations. */
extern struct mount mount_dead;

/* ---- mount_table.c ------------------------------------------------------------------------------------- */

int mount_table_boot(void);
void mount_table_shutdown(void);
void mount_list_lock(void);
void mount_list_unlock(void);
TAILQ_HEAD(mount_list, mount);
extern struct mount_list mount_list; /* list lock; in the order of mounting */
/** mount_ref, mount_rele - keep the structure. The last rele of a DEAD mount frees it. */
void mount_ref(struct mount *mp);
void mount_rele(struct mount *mp);
/** mount_find - the mount with this id (see sys_mount), LIVE or GOING. Refs: gives one; NULL: none. */
struct mount *mount_find(uint32_t id);
/** mount_find_busy - the same and vfs_busy() it. ENOENT: none, or it goes away; EINTR while it is suspended.
 *  Release with vfs_unbusy(). */
int mount_find_busy(uint32_t id, struct mount **mpp);
/** mount_busy_anyway - vfs_busy() of a mount that may be suspended, without waiting. ENOENT: it goes away. */
int mount_busy_anyway(struct mount *mp);
/** mount_find_fsid - the same by file-system id. */
struct mount *mount_find_fsid(const fsid_t *fsid);
/** mount_alloc - a NEW mount of @type, on no list yet. @from and @on are copied, cut to MAXPATHLEN - 1.
 *  Refs:   gives one. */
struct mount *mount_alloc(struct vfstable *type, const char *from, const char *on, uint64_t flags);
/** mount_backing_in_use - does a mount lie on @backing? @why (may be NULL) names it. */
bool mount_backing_in_use(const struct mount_backing *backing, char *why, size_t why_size);
/** mount_backing_claim - @mp, NEW, is to lie on @backing. Given back by mount_retire().
 *  @why    may be NULL. On EBUSY it names the mount that lies on it. */
int mount_backing_claim(struct mount *mp, const struct mount_backing *backing, char *why, size_t why_size);
void mount_publish(struct mount *mp); /* NEW -> LIVE, on the list */
/** mount_retire - GOING or NEW -> DEAD, off the list; gives the caller's reference back. */
void mount_retire(struct mount *mp);
/** mount_going_begin - LIVE -> GOING: later vfs_busy() waits or fails; waits until mnt_busy is 0.
 *  Blocks: yes.
 *  A suspension of its ends; unless @force, that of another owner is waited for first.
 *  Errno:  0; EBUSY somebody else unmounts it; ENOENT it is gone; EINTR. */
int mount_going_begin(struct mount *mp, bool force);
void mount_going_cancel(struct mount *mp);

/* ---- vfs_register.c ------------------------------------------------------------------------------------ */

uint64_t vfs_register_count(bool internal); /* types registered; with @internal the kernel's own too */
/** vfs_type_hold - the type called @name, with a count that keeps it registered. NULL: none or leaving. */
struct vfstable *vfs_type_hold(const char *name);
void vfs_type_drop(struct vfstable *type);
/** vnode_vector_build - the operations vector that @desc describes. @owner names it in complaints.
 *  Errno:  0; EINVAL, logged. */
int vnode_vector_build(const struct vnodeopv_desc *desc, const char *owner, vnode_vector_t *vector);
size_t vnode_vector_size(void); /* bytes, for kern_free() */
/** vfs_fsadd_internal - vfs_fsadd() for a type of the kernel's own: not counted, not in reports. */
int vfs_fsadd_internal(struct vfs_fsentry *entry, vfstable_t *handle);

/* ---- vfsop.c ------------------------------------------------------------------------------------------- */

/** vfsop_vector_build - the VFS operations that @entry describes by a vector; NULL for an entry without one.
 *  Errno:  0; EINVAL, logged. */
int vfsop_vector_build(const struct vfs_fsentry *entry, vfsop_vector_t *vector);
void vfsop_vector_free(vfsop_vector_t vector);
bool vfsop_vector_in_range(vfsop_vector_t vector, const void *start, const void *end);

/* Calls into a file system, as those of vfs_ops.c; what a type answers that does not have the operation is in
 * <sys/vfs_operation.h>. */
int VFS_INIT(struct vfstable *type, struct vfsconf *conf);
int VFS_UNINIT(struct vfstable *type, struct vfsconf *conf);
int VFS_EXTEND(mount_t mp, uint64_t bytes, vfs_context_t ctx);
int VFS_TRUNCATE(mount_t mp, uint64_t bytes, vfs_context_t ctx);
int VFS_UPDATE(mount_t mp, uint64_t flags, vnode_t devvp, user_addr_t data, vfs_context_t ctx);
int VFS_RELOAD(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx);
int VFS_SUSPEND(mount_t mp, vfs_context_t ctx);
int VFS_RESUME(mount_t mp, vfs_context_t ctx);

/* ---- type_sysctl.c ------------------------------------------------------------------------------------- */

/** vfs_type_sysctl_add, _remove - what the type answers below "vfs" in the tree of variables. The second
 * waits for calls under way. */
void vfs_type_sysctl_add(struct vfstable *type);
void vfs_type_sysctl_remove(struct vfstable *type);

/* ---- vfs_ops.c ----------------------------------------------------------------------------------------- */

/* Calls into a file system. The caller keeps the mount (vfs_busy, its own unmount, an iocount on one of its
 * vnodes) and holds no lock. What the type does not have is ENOTSUP, except VFS_START and VFS_SYNC: 0.
 * A vnode comes back with an iocount, on success only. */
int VFS_MOUNT(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx);
int VFS_START(mount_t mp, int flags, vfs_context_t ctx);
int VFS_UNMOUNT(mount_t mp, int flags, vfs_context_t ctx);
int VFS_ROOT(mount_t mp, vnode_t *vpp, vfs_context_t ctx);
int VFS_QUOTACTL(mount_t mp, int cmds, uid_t uid, caddr_t arg, vfs_context_t ctx);
int VFS_GETATTR(mount_t mp, struct vfs_attr *vfa, vfs_context_t ctx);
int VFS_SETATTR(mount_t mp, struct vfs_attr *vfa, vfs_context_t ctx);
int VFS_SYNC(mount_t mp, int waitfor, vfs_context_t ctx);
int VFS_VGET(mount_t mp, ino64_t ino, vnode_t *vpp, vfs_context_t ctx);
int VFS_FHTOVP(mount_t mp, int fhlen, unsigned char *fhp, vnode_t *vpp, vfs_context_t ctx);
int VFS_VPTOFH(vnode_t vp, int *fhlenp, unsigned char *fhp, vfs_context_t ctx);
int VFS_IOCTL(mount_t mp, u_long command, caddr_t data, int flags, vfs_context_t ctx);

/** vfs_getattr - VFS_GETATTR, and what it leaves out made up: f_fsid, f_owner, f_bsize, f_bused... */
int vfs_getattr(mount_t mp, struct vfs_attr *vfa, vfs_context_t ctx);
int vfs_setattr(mount_t mp, struct vfs_attr *vfa, vfs_context_t ctx);

/* ---- mount_life.c -------------------------------------------------------------------------------------- */

struct mount_attach {
    const char *type; /* registered name */
    const char *from; /* f_mntfromname */
    const char *on;   /* f_mntonname */
    uint64_t flags;   /* MNT_* */
    vnode_t covered;  /* directory with an iocount of the caller's; NULL mounts the kernel's root */
    vnode_t devvp;    /* VFS_TBLLOCALVOL without generic arguments: the device, with an iocount; else NULL */
    user_addr_t data; /* VFS_MOUNT's argument, the device path already taken off */
    uint32_t kern_flags;          /* MNTK_KERNELROOT */
    struct mount_backing backing; /* BACKING_NONE: nothing, or devvp */
    char *why;                    /* may be NULL: on EBUSY, what is in the way */
    size_t why_size;
};
/** mount_attach - mount: VFS_MOUNT, VFS_START and VFS_ROOT, then the mount can be found. All or nothing.
 *  Refs:   *mpp carries none of the caller's: it stays valid until somebody unmounts it, so *idp is what to
 *          keep. @args->covered gets a usecount for the mount's life.
 *  Locks:  none held. Blocks: yes.
 *  Errno:  0; ENODEV no such type; EBUSY something is mounted there already, or the device or image is
 * mounted, under whatever name; ENOTDIR; the file system's. */
int mount_attach(const struct mount_attach *args, vfs_context_t ctx, mount_t *mpp, uint32_t *idp);
/** mount_update - MNT_UPDATE: VFS_UPDATE with new flags; those that may change are set on success. With
 *  MNT_RELOAD: VFS_RELOAD, and the flags stay; EINVAL unless it is read-only. */
int mount_update(mount_t mp, uint64_t flags, vnode_t devvp, user_addr_t data, vfs_context_t ctx);
/** mount_resize - VFS_EXTEND or VFS_TRUNCATE to @bytes, whichever it takes.
 *  Refs:   the caller has a vfs_busy() hold.
 *  Errno:  0; EINVAL; EROFS; EBUSY it is being changed; ENOTSUP; the file system's. */
int mount_resize(mount_t mp, uint64_t bytes, vfs_context_t ctx);
/** mount_detach - unmount: VFS_SYNC, vflush, VFS_UNMOUNT. On an error everything is as before.
 *  @flags  MNT_FORCE: never busy; what is mounted on it goes first.
 *  @why    may be NULL. On EBUSY it names the holders.
 *  Refs:   the caller has a reference (mount_ref), not vfs_busy(); it keeps it.
 *  Locks:  none held. Blocks: yes.
 *  Errno:  0; EBUSY; ENOENT it is gone; the file system's. */
int mount_detach(mount_t mp, int flags, vfs_context_t ctx, char *why, size_t why_size);
/** mount_root_set - the mount whose root is vfs_rootvnode(). */
void mount_root_set(mount_t mp);
mount_t mount_root(void);

/* ---- mount_device.c ------------------------------------------------------------------------------------ */

vnode_t vfs_devvp(mount_t mp); /* KPI, for kexts of the private view alone */
/** mount_device_open - @mp is to lie on @devvp, a block device of which the caller has an iocount.
 *  Errno:  0; EBUSY it is mounted; EACCES it cannot be written; ENXIO; the driver's. */
int mount_device_open(mount_t mp, vnode_t devvp, vfs_context_t ctx);
/** mount_device_close - it does not any more, if it did. */
void mount_device_close(mount_t mp, vfs_context_t ctx);
/** mount_device_check - may @mp, which lies on a device, be changed to @flags? @devvp, or NULL, is the device
 *  that the change names.
 *  Errno:  0; EINVAL it is another one; EROFS the device cannot be written. */
int mount_device_check(mount_t mp, vnode_t devvp, uint64_t flags, vfs_context_t ctx);
/** mount_device_sync - what was written to a disk reaches the medium. @devvp NULL, or no disk: nothing to do.
 *  Blocks: yes. Errno: 0; EIO, the driver's. */
int mount_device_sync(vnode_t devvp, vfs_context_t ctx);

/* ---- crossing mount points (mount_cross.c) ------------------------------------------------------------- */

/** vnode_cross_down - while something is mounted on *@vpp, replace it by that mount's root.
 *  @flags  0 or LK_NOWAIT.
 *  Refs:   *vpp's iocount is exchanged for one on the new vnode; on an error the old one is kept.
 *  Blocks: yes.
 *  Errno:  0; ENOENT the mount goes away (LK_NOWAIT); what VFS_ROOT says. */
int vnode_cross_down(vnode_t *vpp, int flags, vfs_context_t ctx);
/** vnode_cross_up - while *@vpp is the root of a mount, replace it by the directory that the mount covers,
 *  as ".." does; stops at the kernel's root.
 *  Refs:   as above.
 *  Errno:  0; ENOENT that directory has been forced away. */
int vnode_cross_up(vnode_t *vpp, vfs_context_t ctx);

#endif
