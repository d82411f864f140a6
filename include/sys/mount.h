// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mounted file systems: statistics, flags, attributes, and what a file system registers itself with.
 */
#ifndef KPI_SYS_MOUNT_H
#define KPI_SYS_MOUNT_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/attr.h>
#include <sys/types.h>
#include <sys/kernel_types.h>
#include <sys/queue.h>
#include <sys/param.h>
#include <sys/ioccom.h>
#include <sys/_types/_fsid_t.h>
#include <sys/_types/_graftdmg_un.h>
#include <stdint.h>
#include <uuid/uuid.h>
#include <os/base.h>
#include <Availability.h>

struct vnodeopv_desc;
struct vnode;
struct componentname;
struct netfs_status;

/* Lengths of names, the terminating NUL included except in MFSNAMELEN. */
#define MFSNAMELEN     15
#define MFSTYPENAMELEN 16
#ifndef MNAMELEN
#define MNAMELEN 90
#endif
#define MNT_EXT_ROOT_DATA_VOL 0x1
#define MNT_EXT_FSKIT         0x2

/* The statistics of a mount as the kernel keeps them; packed to four bytes. */
#pragma pack(push, 4)
struct vfsstatfs {
    uint32_t f_bsize;  /* bytes in a block, the unit of the counts below */
    size_t f_iosize;   /* preferred transfer size, bytes */
    uint64_t f_blocks; /* blocks in all */
    uint64_t f_bfree;  /* free blocks */
    uint64_t f_bavail; /* free blocks for other than the superuser */
    uint64_t f_bused;  /* blocks in use */
    uint64_t f_files;  /* file slots in all */
    uint64_t f_ffree;  /* free file slots */
    fsid_t f_fsid;
    uid_t f_owner;    /* who mounted it */
    uint64_t f_flags; /* MNT_* */
    char f_fstypename[MFSTYPENAMELEN];
    char f_mntonname[MAXPATHLEN];
    char f_mntfromname[MAXPATHLEN];
    uint32_t f_fssubtype;
    void *f_reserved[2];
};
#pragma pack(pop)

#define __DARWIN_STRUCT_STATFS64_FIELDS                                                                      \
    uint32_t f_bsize;                                                                                        \
    int32_t f_iosize;                                                                                        \
    uint64_t f_blocks;                                                                                       \
    uint64_t f_bfree;                                                                                        \
    uint64_t f_bavail;                                                                                       \
    uint64_t f_files;                                                                                        \
    uint64_t f_ffree;                                                                                        \
    fsid_t f_fsid;                                                                                           \
    uid_t f_owner;                                                                                           \
    uint32_t f_type;                                                                                         \
    uint32_t f_flags;                                                                                        \
    uint32_t f_fssubtype;                                                                                    \
    char f_fstypename[MFSTYPENAMELEN];                                                                       \
    char f_mntonname[MAXPATHLEN];                                                                            \
    char f_mntfromname[MAXPATHLEN];                                                                          \
    uint32_t f_flags_ext;                                                                                    \
    uint32_t f_reserved[7]
struct statfs64 {
    __DARWIN_STRUCT_STATFS64_FIELDS;
};
/* The oldest form, for programs of that age. */
struct statfs {
    short f_otype;
    short f_oflags;
    long f_bsize;
    long f_iosize;
    long f_blocks;
    long f_bfree;
    long f_bavail;
    long f_files;
    long f_ffree;
    fsid_t f_fsid;
    uid_t f_owner;
    short f_reserved1;
    short f_type;
    long f_flags;
    long f_reserved2[2];
    char f_fstypename[MFSNAMELEN];
    char f_mntonname[MNAMELEN];
    char f_mntfromname[MNAMELEN];
    char f_reserved3;
    long f_reserved4[4];
};

/* Attributes of a volume: VFS_GETATTR sets the fields that f_active asks for and f_supported reports. */
#pragma pack(push, 4)
struct vfs_attr {
    uint64_t f_supported;
    uint64_t f_active;
    uint64_t f_objcount;
    uint64_t f_filecount;
    uint64_t f_dircount;
    uint64_t f_maxobjcount;
    uint32_t f_bsize;
    size_t f_iosize;
    uint64_t f_blocks;
    uint64_t f_bfree;
    uint64_t f_bavail;
    uint64_t f_bused;
    uint64_t f_files;
    uint64_t f_ffree;
    fsid_t f_fsid;
    uid_t f_owner;
    vol_capabilities_attr_t f_capabilities;
    vol_attributes_attr_t f_attributes;
    struct timespec f_create_time;
    struct timespec f_modify_time;
    struct timespec f_access_time;
    struct timespec f_backup_time;
    uint32_t f_fssubtype;
    char *f_vol_name; /* buffer of MAXPATHLEN bytes, given by the caller */
    uint16_t f_signature;
    uint16_t f_carbon_fsid;
    uuid_t f_uuid;
    uint64_t f_quota;
    uint64_t f_reserved;
};
#pragma pack(pop)

#define VFSATTR_f_objcount     0x1ull
#define VFSATTR_f_filecount    0x2ull
#define VFSATTR_f_dircount     0x4ull
#define VFSATTR_f_maxobjcount  0x8ull
#define VFSATTR_f_bsize        0x10ull
#define VFSATTR_f_iosize       0x20ull
#define VFSATTR_f_blocks       0x40ull
#define VFSATTR_f_bfree        0x80ull
#define VFSATTR_f_bavail       0x100ull
#define VFSATTR_f_bused        0x200ull
#define VFSATTR_f_files        0x400ull
#define VFSATTR_f_ffree        0x800ull
#define VFSATTR_f_fsid         0x1000ull
#define VFSATTR_f_owner        0x2000ull
#define VFSATTR_f_capabilities 0x4000ull
#define VFSATTR_f_attributes   0x8000ull
#define VFSATTR_f_create_time  0x10000ull
#define VFSATTR_f_modify_time  0x20000ull
#define VFSATTR_f_access_time  0x40000ull
#define VFSATTR_f_backup_time  0x80000ull
#define VFSATTR_f_fssubtype    0x100000ull
#define VFSATTR_f_vol_name     0x200000ull
#define VFSATTR_f_signature    0x400000ull
#define VFSATTR_f_carbon_fsid  0x800000ull
#define VFSATTR_f_uuid         0x1000000ull
#define VFSATTR_f_quota        0x2000000ull
#define VFSATTR_f_reserved     0x4000000ull

#define VFSATTR_INIT(s)                 ((s)->f_supported = (s)->f_active = 0)
#define VFSATTR_SET_SUPPORTED(s, field) ((s)->f_supported |= VFSATTR_##field)
#define VFSATTR_IS_SUPPORTED(s, field)  (((s)->f_supported & VFSATTR_##field) != 0)
#define VFSATTR_CLEAR_ACTIVE(s, field)  ((s)->f_active &= ~VFSATTR_##field)
#define VFSATTR_IS_ACTIVE(s, field)     (((s)->f_active & VFSATTR_##field) != 0)
#define VFSATTR_ALL_SUPPORTED(s)        (((s)->f_active & (s)->f_supported) == (s)->f_active)
#define VFSATTR_WANTED(s, field)        ((s)->f_active |= VFSATTR_##field)
/* Give field a value and mark it as given. */
#define VFSATTR_RETURN(s, field, value)                                                                      \
    do {                                                                                                     \
        (s)->field = (value);                                                                                \
        VFSATTR_SET_SUPPORTED(s, field);                                                                     \
    } while (0)

/* How a mount came to be and how it behaves (f_flags). */
#define MNT_RDONLY             0x00000001
#define MNT_SYNCHRONOUS        0x00000002
#define MNT_NOEXEC             0x00000004
#define MNT_NOSUID             0x00000008
#define MNT_NODEV              0x00000010
#define MNT_UNION              0x00000020
#define MNT_ASYNC              0x00000040
#define MNT_CPROTECT           0x00000080
#define MNT_EXPORTED           0x00000100
#define MNT_REMOVABLE          0x00000200
#define MNT_QUARANTINE         0x00000400
#define MNT_LOCAL              0x00001000
#define MNT_QUOTA              0x00002000
#define MNT_ROOTFS             0x00004000
#define MNT_DOVOLFS            0x00008000
#define MNT_DONTBROWSE         0x00100000
#define MNT_IGNORE_OWNERSHIP   0x00200000
#define MNT_AUTOMOUNTED        0x00400000
#define MNT_JOURNALED          0x00800000
#define MNT_NOUSERXATTR        0x01000000
#define MNT_DEFWRITE           0x02000000
#define MNT_MULTILABEL         0x04000000
#define MNT_NOFOLLOW           0x08000000
#define MNT_NOATIME            0x10000000
#define MNT_SNAPSHOT           0x40000000
#define MNT_STRICTATIME        0x80000000
#define MNT_UNKNOWNPERMISSIONS MNT_IGNORE_OWNERSHIP
#define MNT_VISFLAGMASK        0xdff0f7ffu

/* What this call of mount or unmount is to do. */
#define MNT_UPDATE   0x00010000
#define MNT_NOBLOCK  0x00020000
#define MNT_RELOAD   0x00040000
#define MNT_FORCE    0x00080000
#define MNT_CMDFLAGS (MNT_UPDATE | MNT_NOBLOCK | MNT_RELOAD | MNT_FORCE)

/* waitfor of VFS_SYNC and VNOP_FSYNC: wait for all I/O, start it only, wait for what was not yet started;
 * flush the volume. */
#define MNT_WAIT   1
#define MNT_NOWAIT 2
#define MNT_DWAIT  4
#define MNT_VOLUME 0x8

/* vfs_unmountbyfsid, vfs_busy. */
#define LK_NOWAIT 1

/* Registration flags (vfe_flags). */
#define VFS_TBLTHREADSAFE             0x00000001
#define VFS_TBLFSNODELOCK             0x00000002
#define VFS_TBLNOTYPENUM              0x00000008
#define VFS_TBLLOCALVOL               0x00000010
#define VFS_TBL64BITREADY             0x00000020
#define VFS_TBLNATIVEXATTR            0x00000040
#define VFS_TBLDIRLINKS               0x00000080
#define VFS_TBLUNMOUNT_PREFLIGHT      0x00000100
#define VFS_TBLGENERICMNTARGS         0x00000200
#define VFS_TBLREADDIR_EXTENDED       0x00000400
#define VFS_TBLNOMACLABEL             0x00001000
#define VFS_TBLVNOP_PAGEINV2          0x00002000
#define VFS_TBLVNOP_PAGEOUTV2         0x00004000
#define VFS_TBLVNOP_NOUPDATEID_RENAME 0x00008000
#define VFS_TBLVNOP_SECLUDE_RENAME    0x00010000
#define VFS_TBLCANMOUNTROOT           0x00020000

struct vfs_fsentry {
    struct vfsops *vfe_vfsops;
    int vfe_vopcnt; /* vectors in vfe_opvdescs, 1..8 */
    struct vnodeopv_desc **vfe_opvdescs;
    int vfe_fstypenum;           /* ignored with VFS_TBLNOTYPENUM */
    char vfe_fsname[MFSNAMELEN]; /* NUL-terminated */
    uint32_t vfe_flags;          /* VFS_TBL* */
    void *vfe_reserv[2];         /* 0, but see <sys/vfs_operation.h> */
};

/* I/O limits of the device under a mount. */
struct vfsioattr {
    u_int32_t io_maxreadcnt;     /* bytes in one read */
    u_int32_t io_maxwritecnt;    /* bytes in one write */
    u_int32_t io_segreadcnt;     /* segments in one read */
    u_int32_t io_segwritecnt;    /* segments in one write */
    u_int32_t io_maxsegreadsize; /* bytes in one segment */
    u_int32_t io_maxsegwritesize;
    u_int32_t io_devblocksize; /* bytes */
    u_int32_t io_flags;        /* VFS_IOATTR_FLAGS_* */
    union {
        int64_t io_max_swappin_available;
        void *io_reserved[2];
    };
};
#define VFS_IOATTR_FLAGS_FUA               0x1
#define VFS_IOATTR_FLAGS_SWAPPIN_SUPPORTED 0x10
#define VFS_IOATTR_FLAGS_UNMAP             0x2

/* One type of file system, as user space sees it. */
struct vfsconf {
    uint32_t vfc_reserved1;
    char vfc_name[MFSNAMELEN];
    int vfc_typenum;
    int vfc_refcount;
    int vfc_flags; /* MNT_* that describe the type */
    uint32_t vfc_reserved2;
    uint32_t vfc_reserved3;
};

/* fhandle: what VFS_VPTOFH makes and VFS_FHTOVP takes. */
#define NFSV2_MAX_FH_SIZE 32
#define NFSV3_MAX_FH_SIZE 64
#define NFSV4_MAX_FH_SIZE 128
#define NFS_MAX_FH_SIZE   NFSV4_MAX_FH_SIZE
struct fhandle {
    unsigned int fh_len; /* bytes of fh_data in use */
    unsigned char fh_data[NFS_MAX_FH_SIZE];
};
typedef struct fhandle fhandle_t;

/* Volume control by sysctl. */
struct vfsidctl {
    int vc_vers; /* VFS_CTL_VERS1 */
    fsid_t vc_fsid;
    void *vc_ptr;
    size_t vc_len;
    u_int32_t vc_spare[12];
};
struct user_vfsidctl {
    int vc_vers;
    fsid_t vc_fsid;
    user_addr_t vc_ptr __attribute__((__aligned__(8)));
    user_size_t vc_len;
    u_int32_t vc_spare[12];
};
struct user32_vfsidctl {
    int vc_vers;
    fsid_t vc_fsid;
    user32_addr_t vc_ptr;
    user32_size_t vc_len;
    u_int32_t vc_spare[12];
};
union union_vfsidctl {
    struct user32_vfsidctl vc32;
    struct user_vfsidctl vc64;
};
struct vfsquery {
    u_int32_t vq_flags; /* VQ_* */
    u_int32_t vq_spare[31];
};
struct vfs_server {
    int32_t vs_minutes; /* since the server last answered */
    u_int8_t vs_server_name[MAXHOSTNAMELEN * 3];
};
struct netfs_status {
    u_int32_t ns_status; /* VQ_* */
    char ns_mountopts[512];
    u_int32_t ns_waittime;    /* seconds */
    u_int32_t ns_threadcount; /* of ns_threadids */
    u_int64_t ns_threadids[0];
};
#define VFS_CTL_DISC              0x10008
#define VFS_CTL_NEWADDR           0x10004
#define VFS_CTL_NOLOCKS           0x10006
#define VFS_CTL_NSTATUS           0x1000a
#define VFS_CTL_VERS1             0x1
#define VFS_CTL_OSTATFS           0x10001
#define VFS_CTL_QUERY             0x10003
#define VFS_CTL_SADDR             0x10007
#define VFS_CTL_SERVERINFO        0x10009
#define VFS_CTL_STATFS64          0x1000b
#define VFS_CTL_TIMEO             0x10005
#define VFS_CTL_UMOUNT            0x10002
#define VFS_GENERIC               0
#define VFS_NUMMNTOPS             1
#define VFS_MAXTYPENUM            1
#define VFS_CONF                  2
#define VFS_USER_EVENT            0
#define VFS_KERNEL_EVENT          1
#define VQ_NOTRESP                0x1
#define VQ_NEEDAUTH               0x2
#define VQ_LOWDISK                0x4
#define VQ_MOUNT                  0x8
#define VQ_UNMOUNT                0x10
#define VQ_DEAD                   0x20
#define VQ_ASSIST                 0x40
#define VQ_NOTRESPLOCK            0x80
#define VQ_UPDATE                 0x100
#define VQ_VERYLOWDISK            0x200
#define VQ_SYNCEVENT              0x400
#define VQ_SERVEREVENT            0x800
#define VQ_QUOTA                  0x1000
#define VQ_NEARLOWDISK            0x2000
#define VQ_DESIRED_DISK           0x4000
#define VQ_FREE_SPACE_CHANGE      0x8000
#define VQ_PURGEABLE_SPACE_CHANGE 0x10000
#define VQ_FLAG20000              0x20000

/* Answers of a vfs_iterate or vnode_iterate callback. */
#define VFS_RETURNED              0
#define VFS_RETURNED_DONE         1
#define VFS_CLAIMED               2
#define VFS_CLAIMED_DONE          3
#define CACHED_RIGHT_INFINITE_TTL (-1)

/* Arguments of VFS_IOCTL. */
typedef struct fs_snapshot_mount_args {
    mount_t sm_mp;
    struct componentname *sm_cnp;
} fs_snapshot_mount_args_t;
typedef struct fs_snapshot_revert_args {
    struct componentname *sr_cnp;
} fs_snapshot_revert_args_t;
typedef struct fs_snapshot_root_args {
    struct componentname *sr_cnp;
} fs_snapshot_root_args_t;
typedef struct fs_role_mount_args {
    mount_t root_mp;
    uint32_t mount_role; /* VFS_*_ROLE */
} fs_role_mount_args_t;
#define VFS_SYSTEM_ROLE                  0x1
#define VFS_RECOVERY_ROLE                0x4
#define VFS_VM_ROLE                      0x8
#define VFS_PREBOOT_ROLE                 0x10
#define VFS_DATA_ROLE                    0x40
#define VFSIOC_MOUNT_SNAPSHOT            _IOW('V', 1, fs_snapshot_mount_args_t)
#define VFSCTL_MOUNT_SNAPSHOT            IOCBASECMD(VFSIOC_MOUNT_SNAPSHOT)
#define VFSIOC_REVERT_SNAPSHOT           _IOW('V', 2, fs_snapshot_revert_args_t)
#define VFSCTL_REVERT_SNAPSHOT           IOCBASECMD(VFSIOC_REVERT_SNAPSHOT)
#define VFSIOC_ROOT_SNAPSHOT             _IOW('V', 3, fs_snapshot_root_args_t)
#define VFSCTL_ROOT_SNAPSHOT             IOCBASECMD(VFSIOC_ROOT_SNAPSHOT)
#define VFSIOC_MOUNT_BYROLE              _IOW('V', 4, fs_role_mount_args_t)
#define VFSCTL_MOUNT_BYROLE              IOCBASECMD(VFSIOC_MOUNT_BYROLE)
#define VFSIOC_MOUNT_BYROLE_has_recovery 1

/** vfsops - the operations of a file system on its mounts. A missing one (NULL) is answered by VFS:
 *  ENOTSUP, or success for vfs_start, vfs_init and vfs_sync. No lock of VFS's is held; the mount cannot
 *  go away during a call. The reserved entries are NULL. */
struct vfsops {
    /** @devvp: device of a VFS_TBLLOCALVOL type, with an iocount of the caller's, else NULL. @data: the
     * type's own arguments, in user space. May be an update: see vfs_isupdate. */
    int (*vfs_mount)(struct mount *mp, vnode_t devvp, user_addr_t data, vfs_context_t context);
    /** Called once after a successful mount. */
    int (*vfs_start)(struct mount *mp, int flags, vfs_context_t context);
    /** @mntflags: MNT_FORCE must succeed. VFS has flushed ordinary vnodes; root and system vnodes are the
     * type's. */
    int (*vfs_unmount)(struct mount *mp, int mntflags, vfs_context_t context);
    /** *@vpp: the root directory, with an iocount. */
    int (*vfs_root)(struct mount *mp, struct vnode **vpp, vfs_context_t context);
    int (*vfs_quotactl)(struct mount *mp, int cmds, uid_t uid, caddr_t arg, vfs_context_t context);
    int (*vfs_getattr)(struct mount *mp, struct vfs_attr *attrs, vfs_context_t context);
    /** Write everything dirty; @waitfor: MNT_WAIT or MNT_NOWAIT. */
    int (*vfs_sync)(struct mount *mp, int waitfor, vfs_context_t context);
    /** *@vpp: the file of number @ino, with an iocount. */
    int (*vfs_vget)(struct mount *mp, ino64_t ino, struct vnode **vpp, vfs_context_t context);
    /** *@vpp: the file of a handle, with an iocount; ESTALE if it is gone. */
    int (*vfs_fhtovp)(struct mount *mp, int fhlen, unsigned char *fhp, struct vnode **vpp,
                      vfs_context_t context);
    /** Make a handle of at most *@fhlen bytes and set *@fhlen to its length. */
    int (*vfs_vptofh)(struct vnode *vp, int *fhlen, unsigned char *fhp, vfs_context_t context);
    /** Called once at registration. */
    int (*vfs_init)(struct vfsconf *conf);
    int (*vfs_sysctl)(int *, u_int, user_addr_t, size_t *, user_addr_t, size_t, vfs_context_t context);
    int (*vfs_setattr)(struct mount *mp, struct vfs_attr *attrs, vfs_context_t context);
    int (*vfs_ioctl)(struct mount *mp, u_long command, caddr_t data, int flags, vfs_context_t context);
    int (*vfs_vget_snapdir)(struct mount *mp, struct vnode **vpp, vfs_context_t context);
    void *vfs_reserved5;
    void *vfs_reserved4;
    void *vfs_reserved3;
    void *vfs_reserved2;
    void *vfs_reserved1;
};

__BEGIN_DECLS
/** vfs_fsadd - register a type of file system.
 *  @vfe    in   the entry; read during the call only, except vfe_vfsops and the vectors, which stay in use.
 *               The vector pointer of each vnodeopv_desc is filled in.
 *  @handle out  the registration, for vfs_fsremove.
 *  Refs:   the code of the kext must stay until vfs_fsremove.
 *  Locks:  none held.
 *  Blocks: yes; calls vfs_init.
 *  Errno:  0; EINVAL vector count, name or flags (VFS_TBLTHREADSAFE or VFS_TBLFSNODELOCK is required);
 *          EEXIST the name is taken; ENOMEM; what vfs_init returned.
 *  KPI:    bsd, stable */
int vfs_fsadd(struct vfs_fsentry *vfe, vfstable_t *handle);
/** vfs_fsremove - withdraw a type of file system.
 *  @handle in  of vfs_fsadd; invalid after success.
 *  Refs:   ends the registration; the kext's code is not used afterwards.
 *  Locks:  none held.
 *  Blocks: yes.
 *  Errno:  0; EBUSY, something of the type is mounted; what its uninit operation returned.
 *  KPI:    bsd, stable */
int vfs_fsremove(vfstable_t handle);
/** vfs_iterate - call a function for each mount.
 *  @flags   in  0.
 *  @callout in  gets a mount that is held for the length of the call; answers VFS_RETURNED to go on,
 *               VFS_RETURNED_DONE to stop, VFS_CLAIMED(_DONE) to keep the hold and answer for it.
 *  @arg     in  passed on.
 *  Refs:   each mount is held while @callout runs on it.
 *  Locks:  none held.
 *  Blocks: yes.
 *  Errno:  0.
 *  KPI:    bsd, stable */
int vfs_iterate(int flags, int (*callout)(struct mount *, void *), void *arg);

/** vfs_init_io_attributes - ask the device for its limits and store them in the mount. */
int vfs_init_io_attributes(vnode_t devvp, mount_t mp);
/** vfs_flags - MNT_* flags. */
uint64_t vfs_flags(mount_t mp);
/** vfs_setflags - set flags; only visible ones, and not the command flags. */
void vfs_setflags(mount_t mp, uint64_t flags);
/** vfs_clearflags - clear flags. */
void vfs_clearflags(mount_t mp, uint64_t flags);
/** vfs_issynchronous - true with MNT_SYNCHRONOUS. */
int vfs_issynchronous(mount_t mp);
/** vfs_iswriteupgrade - true while an update makes a read-only mount writable. */
int vfs_iswriteupgrade(mount_t mp);
/** vfs_isupdate - true while an existing mount is being changed. */
int vfs_isupdate(mount_t mp);
/** vfs_isreload - true while an update asks to read everything again. */
int vfs_isreload(mount_t mp);
/** vfs_isforce - true while a forced unmount runs. */
int vfs_isforce(mount_t mp);
/** vfs_isunmount - true while an unmount runs. */
int vfs_isunmount(mount_t mp);
/** vfs_isrdonly - true if mounted read-only. */
int vfs_isrdonly(mount_t mp);
/** vfs_isrdwr - true if mounted writable. */
int vfs_isrdwr(mount_t mp);
/** vfs_authopaque - true if the file system decides on authorisation itself. */
int vfs_authopaque(mount_t mp);
/** vfs_authopaqueaccess - true if VNOP_ACCESS is asked as well. */
int vfs_authopaqueaccess(mount_t mp);
/** vfs_setauthopaque - authorisation is the file system's. */
void vfs_setauthopaque(mount_t mp);
/** vfs_setauthopaqueaccess - VNOP_ACCESS is to be asked. */
void vfs_setauthopaqueaccess(mount_t mp);
/** vfs_clearauthopaque - authorisation is VFS's again. */
void vfs_clearauthopaque(mount_t mp);
/** vfs_clearauthopaqueaccess - VNOP_ACCESS is not to be asked. */
void vfs_clearauthopaqueaccess(mount_t mp);
/** vfs_setauthcache_ttl - keep granted rights for @ttl seconds. */
void vfs_setauthcache_ttl(mount_t mp, int ttl);
/** vfs_authcache_ttl - seconds for which granted rights are kept, or CACHED_RIGHT_INFINITE_TTL. */
int vfs_authcache_ttl(mount_t mp);
/** vfs_clearauthcache_ttl - forget all kept rights and keep none. */
void vfs_clearauthcache_ttl(mount_t mp);
/** vfs_setextendedsecurity - access control lists are in use. */
void vfs_setextendedsecurity(mount_t mp);
/** vfs_clearextendedsecurity - access control lists are not in use. */
void vfs_clearextendedsecurity(mount_t mp);
/** vfs_setlocklocal - advisory locks are kept by VFS, VNOP_ADVLOCK is not called. */
void vfs_setlocklocal(mount_t mp);
/** vfs_maxsymlen - longest target that a symbolic link stores in its inode, bytes. */
uint32_t vfs_maxsymlen(mount_t mp);
/** vfs_setmaxsymlen - set that length. */
void vfs_setmaxsymlen(mount_t mp, uint32_t symlen);
/** vfs_fsprivate - the file system's own data of a mount. */
void *vfs_fsprivate(mount_t mp);
/** vfs_setfsprivate - set the file system's own data of a mount. */
void vfs_setfsprivate(mount_t mp, void *mntdata);
/** vfs_statfs - the statistics of a mount, in place: valid as long as the mount, not locked. */
struct vfsstatfs *vfs_statfs(mount_t mp);
/** vfs_update_vfsstat - refresh vfs_statfs from the file system.
 *  @mp        in  the mount.
 *  @ctx       in  whose call it is.
 *  @eventtype in  VFS_USER_EVENT or VFS_KERNEL_EVENT.
 *  Refs:   the caller keeps the mount from going.
 *  Locks:  none of the file system's.
 *  Blocks: calls vfs_getattr.
 *  Errno:  0; what vfs_getattr returned.
 *  KPI:    unsupported, evolving */
int vfs_update_vfsstat(mount_t mp, vfs_context_t ctx, int eventtype);
/** vfs_typenum - number of the type. */
int vfs_typenum(mount_t mp);
/** vfs_name - name of the type into @buffer of MFSNAMELEN bytes, NUL-terminated. */
void vfs_name(mount_t mp, char *buffer);
/** vfs_devblocksize - block size of the device, bytes. */
int vfs_devblocksize(mount_t mp);
#ifdef KERNEL_PRIVATE
/** vfs_devvp - the device that a mount lies on, without a reference; NULL: none. */
vnode_t vfs_devvp(mount_t mp);
#endif
/** vfs_ioattr - copy out the I/O limits; defaults if @mp is NULL. */
void vfs_ioattr(mount_t mp, struct vfsioattr *ioattrp);
/** vfs_setioattr - set the I/O limits. */
void vfs_setioattr(mount_t mp, struct vfsioattr *ioattrp);
/** vfs_64bitready - always true. */
int vfs_64bitready(mount_t mp);
/** vfs_busy - keep a mount from being unmounted.
 *  @mp    in  the mount.
 *  @flags in  LK_NOWAIT: do not wait for an unmount that is under way.
 *  Refs:   gives one hold; end with vfs_unbusy.
 *  Locks:  none held.
 *  Blocks: unless LK_NOWAIT.
 *  Errno:  0; ENOENT the mount is going or gone.
 *  KPI:    bsd, stable */
int vfs_busy(mount_t mp, int flags);
/** vfs_unbusy - give up a hold of vfs_busy. */
void vfs_unbusy(mount_t mp);
/** vfs_getnewfsid - give a mount an identity that no other has. */
void vfs_getnewfsid(struct mount *mp);
/** vfs_getvfs - the mount of an identity, or NULL; not held. */
mount_t vfs_getvfs(fsid_t *fsid);
/** vfs_getvfs_with_vfsops - as vfs_getvfs, only if its operations are @ops; held, end with vfs_unbusy. */
mount_t vfs_getvfs_with_vfsops(fsid_t *fsid, const struct vfsops *ops);
/** vfs_mountedon - EBUSY if something is mounted on the device @vp, else 0. */
int vfs_mountedon(struct vnode *vp);
/** vfs_unmountbyfsid - unmount the mount of an identity. */
int vfs_unmountbyfsid(fsid_t *fsid, int flags, vfs_context_t ctx);
/** vfs_event_signal - tell listeners of a VQ_* event; @fsid may be NULL. */
void vfs_event_signal(fsid_t *fsid, u_int32_t event, intptr_t data);
/** vfs_event_init - prepare event delivery. */
void vfs_event_init(void);
__END_DECLS

/* Kinds of grafted image. */
#define GRAFTDMG_CRYPTEX_BOOT                  1
#define GRAFTDMG_CRYPTEX_PREBOOT               2
#define GRAFTDMG_CRYPTEX_DOWNLEVEL             3
#define GRAFTDMG_CRYPTEX_PDI_NONCE             6
#define GRAFTDMG_CRYPTEX_EFFECTIVE_AP          7
#define GRAFTDMG_CRYPTEX_MOBILE_ASSET          8
#define GRAFTDMG_CRYPTEX_MAX                   8
#define CRYPTEX1_AUTH_ENV_GENERIC              4
#define CRYPTEX1_AUTH_ENV_GENERIC_SUPPLEMENTAL 5
#define CRYPTEX_AUTH_STRUCT_VERSION            2
#define CRYPTEX_AUTH_PDI_NONCE                 6
#define CRYPTEX_AUTH_MOBILE_ASSET              8
#define CRYPTEX_AUTH_MAX                       8

#endif /* KPI_SYS_MOUNT_H */
