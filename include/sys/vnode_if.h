// SPDX-License-Identifier: BSD-2-Clause
/*
 * The vnode operations: the arguments of each, its descriptor, and those that kernel code may call.
 * Every vnode among the arguments carries an iocount of the caller's for the whole call, and VFS holds
 * no lock.
 */
#ifndef KPI_SYS_VNODE_IF_H
#define KPI_SYS_VNODE_IF_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/buf.h>
#include <sys/vnode.h>
#include <sys/mount.h>
#include <sys/xattr.h>
#include <sys/vm.h>
#include <mach/memory_object_types.h>

struct attrlist;
struct flock;
struct knote;
struct label;
struct searchstate;
struct timespec;

/* a_flags of VNOP_MONITOR and VNOP_VERIFY, of renamex. */
#define VNODE_MONITOR_BEGIN  0x1
#define VNODE_MONITOR_END    0x2
#define VNODE_MONITOR_UPDATE 0x4
enum {
    VNODE_VERIFY_DEFAULT = 0,
    VNODE_VERIFY_CONTEXT_ALLOC = 1,
    VNODE_VERIFY_WITH_CONTEXT = 2,
    VNODE_VERIFY_CONTEXT_FREE = 4
};
typedef unsigned int vnode_verify_flags_t;
enum {
    VFS_RENAME_SECLUDE = 0x00000001,
    VFS_RENAME_SWAP = 0x00000002,
    VFS_RENAME_EXCL = 0x00000004,
    VFS_RENAME_DATALESS = 0x00000008,
    VFS_RENAME_RESERVED1 = 0x00000010,
    VFS_RENAME_FLAGS_MASK = (VFS_RENAME_SECLUDE | VFS_RENAME_SWAP | VFS_RENAME_EXCL)
};
typedef unsigned int vfs_rename_flags_t;
typedef enum dir_clone_authorizer_op {
    OP_AUTHORIZE = 0,
    OP_VATTR_SETUP = 1,
    OP_VATTR_CLEANUP = 2
} dir_clone_authorizer_op_t;

__BEGIN_DECLS

/* Descriptors, one for each operation; default stands for all that are not listed. */
/** vnop_*_desc - the identity of an operation: what an entry of a vnodeopv_desc names. KPI: bsd, stable */
extern struct vnodeop_desc vnop_default_desc;
extern struct vnodeop_desc vnop_lookup_desc;
extern struct vnodeop_desc vnop_create_desc;
extern struct vnodeop_desc vnop_whiteout_desc;
extern struct vnodeop_desc vnop_mknod_desc;
extern struct vnodeop_desc vnop_open_desc;
extern struct vnodeop_desc vnop_close_desc;
extern struct vnodeop_desc vnop_access_desc;
extern struct vnodeop_desc vnop_getattr_desc;
extern struct vnodeop_desc vnop_setattr_desc;
extern struct vnodeop_desc vnop_read_desc;
extern struct vnodeop_desc vnop_write_desc;
extern struct vnodeop_desc vnop_ioctl_desc;
extern struct vnodeop_desc vnop_select_desc;
extern struct vnodeop_desc vnop_exchange_desc;
extern struct vnodeop_desc vnop_revoke_desc;
extern struct vnodeop_desc vnop_mmap_check_desc;
extern struct vnodeop_desc vnop_mmap_desc;
extern struct vnodeop_desc vnop_mnomap_desc;
extern struct vnodeop_desc vnop_fsync_desc;
extern struct vnodeop_desc vnop_remove_desc;
extern struct vnodeop_desc vnop_link_desc;
extern struct vnodeop_desc vnop_rename_desc;
extern struct vnodeop_desc vnop_renamex_desc;
extern struct vnodeop_desc vnop_mkdir_desc;
extern struct vnodeop_desc vnop_rmdir_desc;
extern struct vnodeop_desc vnop_symlink_desc;
extern struct vnodeop_desc vnop_readdir_desc;
extern struct vnodeop_desc vnop_readdirattr_desc;
extern struct vnodeop_desc vnop_getattrlistbulk_desc;
extern struct vnodeop_desc vnop_readlink_desc;
extern struct vnodeop_desc vnop_inactive_desc;
extern struct vnodeop_desc vnop_reclaim_desc;
extern struct vnodeop_desc vnop_pathconf_desc;
extern struct vnodeop_desc vnop_advlock_desc;
extern struct vnodeop_desc vnop_allocate_desc;
extern struct vnodeop_desc vnop_pagein_desc;
extern struct vnodeop_desc vnop_pageout_desc;
extern struct vnodeop_desc vnop_searchfs_desc;
extern struct vnodeop_desc vnop_copyfile_desc;
extern struct vnodeop_desc vnop_clonefile_desc;
extern struct vnodeop_desc vnop_getxattr_desc;
extern struct vnodeop_desc vnop_setxattr_desc;
extern struct vnodeop_desc vnop_removexattr_desc;
extern struct vnodeop_desc vnop_listxattr_desc;
extern struct vnodeop_desc vnop_blktooff_desc;
extern struct vnodeop_desc vnop_offtoblk_desc;
extern struct vnodeop_desc vnop_blockmap_desc;
extern struct vnodeop_desc vnop_strategy_desc;
extern struct vnodeop_desc vnop_bwrite_desc;
extern struct vnodeop_desc vnop_kqfilt_add_desc;
extern struct vnodeop_desc vnop_kqfilt_remove_desc;
extern struct vnodeop_desc vnop_monitor_desc;
extern struct vnodeop_desc vnop_getnamedstream_desc;
extern struct vnodeop_desc vnop_makenamedstream_desc;
extern struct vnodeop_desc vnop_removenamedstream_desc;
extern struct vnodeop_desc vnop_setlabel_desc;
extern struct vnodeop_desc vnop_verify_desc;
__END_DECLS

/** VNOP_LOOKUP - find a name in a directory. *a_vpp gets an iocount. ENOENT: not there; EJUSTRETURN: not
 *  there, but the last component of a create or rename may go on. */
struct vnop_lookup_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_dvp;
    vnode_t *a_vpp;
    struct componentname *a_cnp;
    vfs_context_t a_context;
};

/** VNOP_CREATE - make a regular file, FIFO or socket. *a_vpp gets an iocount. */
struct vnop_create_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_dvp;
    vnode_t *a_vpp;
    struct componentname *a_cnp;
    struct vnode_attr *a_vap;
    vfs_context_t a_context;
};

/** VNOP_WHITEOUT - hide a name of a lower layer. */
struct vnop_whiteout_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_dvp;
    struct componentname *a_cnp;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_MKNOD - make a device node, FIFO or socket. *a_vpp gets an iocount. */
struct vnop_mknod_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_dvp;
    vnode_t *a_vpp;
    struct componentname *a_cnp;
    struct vnode_attr *a_vap;
    vfs_context_t a_context;
};

/** VNOP_OPEN - a descriptor is about to refer to the file. a_mode: FREAD, FWRITE, O_*. */
struct vnop_open_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    int a_mode;
    vfs_context_t a_context;
};

/** VNOP_CLOSE - a descriptor goes. a_fflag as at open. Called before the usecount falls. */
struct vnop_close_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    int a_fflag;
    vfs_context_t a_context;
};

/** VNOP_ACCESS - may the caller do a_action (KAUTH_VNODE_*)? Asked on opaque-authorisation mounts only. */
struct vnop_access_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    int a_action;
    vfs_context_t a_context;
};

/** VNOP_GETATTR - answer the attributes that a_vap asks for, with VATTR_RETURN. */
struct vnop_getattr_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    struct vnode_attr *a_vap;
    vfs_context_t a_context;
};

/** VNOP_SETATTR - change the attributes that are active in a_vap, and mark each one done as supported. */
struct vnop_setattr_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    struct vnode_attr *a_vap;
    vfs_context_t a_context;
};

/** VNOP_READ - read from the file at the offset of a_uio. a_ioflag: IO_*. */
struct vnop_read_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    struct uio *a_uio;
    int a_ioflag;
    vfs_context_t a_context;
};

/** VNOP_WRITE - write to the file at the offset of a_uio. a_ioflag: IO_*. */
struct vnop_write_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    struct uio *a_uio;
    int a_ioflag;
    vfs_context_t a_context;
};

/** VNOP_IOCTL - device or file-system control. a_data: kernel copy of the argument. */
struct vnop_ioctl_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    u_long a_command;
    caddr_t a_data;
    int a_fflag;
    vfs_context_t a_context;
};

/** VNOP_SELECT - is the file ready for a_which (FREAD, FWRITE)? */
struct vnop_select_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    int a_which;
    int a_fflags;
    void *a_wql;
    vfs_context_t a_context;
};

/** VNOP_EXCHANGE - swap the contents of two files. */
struct vnop_exchange_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_fvp;
    vnode_t a_tvp;
    int a_options;
    vfs_context_t a_context;
};

/** VNOP_REVOKE - close the file under everyone that has it open. */
struct vnop_revoke_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_MMAP_CHECK - may the file be mapped? */
struct vnop_mmap_check_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_MMAP - the file is about to be mapped. a_fflags: PROT_*. */
struct vnop_mmap_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    int a_fflags;
    vfs_context_t a_context;
};

/** VNOP_MNOMAP - the last mapping of the file is gone. */
struct vnop_mnomap_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    vfs_context_t a_context;
};

/** VNOP_FSYNC - write dirty data and metadata. a_waitfor: MNT_WAIT, MNT_NOWAIT, MNT_DWAIT. */
struct vnop_fsync_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    int a_waitfor;
    vfs_context_t a_context;
};

/** VNOP_REMOVE - remove a name of a file that is not a directory. a_flags: VNODE_REMOVE_*. */
struct vnop_remove_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_dvp;
    vnode_t a_vp;
    struct componentname *a_cnp;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_LINK - give the file a_vp another name in a_tdvp. */
struct vnop_link_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    vnode_t a_tdvp;
    struct componentname *a_cnp;
    vfs_context_t a_context;
};

/** VNOP_RENAME - move a name; a_tvp, if not NULL, is what the new name meant so far, and goes. */
struct vnop_rename_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_fdvp;
    vnode_t a_fvp;
    struct componentname *a_fcnp;
    vnode_t a_tdvp;
    vnode_t a_tvp;
    struct componentname *a_tcnp;
    vfs_context_t a_context;
};

/** VNOP_RENAMEX - rename with flags: VFS_RENAME_*. */
struct vnop_renamex_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_fdvp;
    vnode_t a_fvp;
    struct componentname *a_fcnp;
    vnode_t a_tdvp;
    vnode_t a_tvp;
    struct componentname *a_tcnp;
    struct vnode_attr *a_vap;
    vfs_rename_flags_t a_flags;
    vfs_context_t a_context;
};

/** VNOP_MKDIR - make a directory. *a_vpp gets an iocount. */
struct vnop_mkdir_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_dvp;
    vnode_t *a_vpp;
    struct componentname *a_cnp;
    struct vnode_attr *a_vap;
    vfs_context_t a_context;
};

/** VNOP_RMDIR - remove an empty directory. */
struct vnop_rmdir_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_dvp;
    vnode_t a_vp;
    struct componentname *a_cnp;
    vfs_context_t a_context;
};

/** VNOP_SYMLINK - make a symbolic link to a_target. *a_vpp gets an iocount. */
struct vnop_symlink_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_dvp;
    vnode_t *a_vpp;
    struct componentname *a_cnp;
    struct vnode_attr *a_vap;
    char *a_target;
    vfs_context_t a_context;
};

/** VNOP_READDIR - read directory entries at the offset (a cookie) of a_uio. *a_eofflag, *a_numdirent may
 *  be NULL. */
struct vnop_readdir_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    struct uio *a_uio;
    int a_flags;
    int *a_eofflag;
    int *a_numdirent;
    vfs_context_t a_context;
};

/** VNOP_READDIRATTR - read directory entries together with attributes. */
struct vnop_readdirattr_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    struct attrlist *a_alist;
    struct uio *a_uio;
    uint32_t a_maxcount;
    uint32_t a_options;
    uint32_t *a_newstate;
    int *a_eofflag;
    uint32_t *a_actualcount;
    vfs_context_t a_context;
};

/** VNOP_GETATTRLISTBULK - read directory entries together with attributes, by attribute list. */
struct vnop_getattrlistbulk_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    struct attrlist *a_alist;
    struct vnode_attr *a_vap;
    struct uio *a_uio;
    void *a_private;
    uint64_t a_options;
    int32_t *a_eofflag;
    int32_t *a_actualcount;
    vfs_context_t a_context;
};

/* What is to be done with a named stream. */
enum nsoperation { NS_OPEN, NS_CREATE, NS_DELETE };

/** VNOP_GETNAMEDSTREAM - the vnode of a named stream. Described, never called: streams are attributes here.
 */
struct vnop_getnamedstream_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    vnode_t *a_svpp;
    const char *a_name;
    enum nsoperation a_operation;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_MAKENAMEDSTREAM - make a named stream. As VNOP_GETNAMEDSTREAM. */
struct vnop_makenamedstream_args {
    struct vnodeop_desc *a_desc;
    vnode_t *a_svpp;
    vnode_t a_vp;
    const char *a_name;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_REMOVENAMEDSTREAM - remove a named stream. As VNOP_GETNAMEDSTREAM. */
struct vnop_removenamedstream_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    vnode_t a_svp;
    const char *a_name;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_READLINK - read the target of a symbolic link, without a NUL. */
struct vnop_readlink_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    struct uio *a_uio;
    vfs_context_t a_context;
};

/** VNOP_INACTIVE - the vnode is no longer used: release what only users need. May be called many times. */
struct vnop_inactive_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    vfs_context_t a_context;
};

/** VNOP_RECLAIM - the vnode goes: free the node, vnode_removefsref, vnode_clearfsnode. Must succeed. */
struct vnop_reclaim_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    vfs_context_t a_context;
};

/** VNOP_PATHCONF - a limit of the file: a_name is _PC_*. */
struct vnop_pathconf_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    int a_name;
    int32_t *a_retval;
    vfs_context_t a_context;
};

/** VNOP_ADVLOCK - advisory record lock. a_op: F_SETLK, F_UNLCK, F_GETLK; a_id: owner. */
struct vnop_advlock_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    caddr_t a_id;
    int a_op;
    struct flock *a_fl;
    int a_flags;
    vfs_context_t a_context;
    struct timespec *a_timeout;
};

/** VNOP_ALLOCATE - reserve or free space. a_flags: PREALLOCATE, ALLOCATE*. */
struct vnop_allocate_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    off_t a_length;
    u_int32_t a_flags;
    off_t *a_bytesallocated;
    off_t a_offset;
    vfs_context_t a_context;
};

/** VNOP_PAGEIN - fill pages of the file. a_pl: the list, or NULL with VFS_TBLVNOP_PAGEINV2; offset and
 *  size in bytes. */
struct vnop_pagein_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    upl_t a_pl;
    upl_offset_t a_pl_offset;
    off_t a_f_offset;
    size_t a_size;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_PAGEOUT - write pages of the file. Otherwise as pagein. */
struct vnop_pageout_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    upl_t a_pl;
    upl_offset_t a_pl_offset;
    off_t a_f_offset;
    size_t a_size;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_SEARCHFS - search the whole volume by attributes. */
struct vnop_searchfs_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    void *a_searchparams1;
    void *a_searchparams2;
    struct attrlist *a_searchattrs;
    uint32_t a_maxmatches;
    struct timeval *a_timelimit;
    struct attrlist *a_returnattrs;
    uint32_t *a_nummatches;
    uint32_t a_scriptcode;
    uint32_t a_options;
    struct uio *a_uio;
    struct searchstate *a_searchstate;
    vfs_context_t a_context;
};

/** VNOP_COPYFILE - copy a file within the file system. */
struct vnop_copyfile_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_fvp;
    vnode_t a_tdvp;
    vnode_t a_tvp;
    struct componentname *a_tcnp;
    int a_mode;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_CLONEFILE - make a copy that shares blocks. *a_vpp gets an iocount. */
struct vnop_clonefile_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_fvp;
    vnode_t a_dvp;
    vnode_t *a_vpp;
    struct componentname *a_cnp;
    struct vnode_attr *a_vap;
    uint32_t a_flags;
    vfs_context_t a_context;
    int (*a_dir_clone_authorizer)(struct vnode_attr *, kauth_action_t, struct vnode_attr *, vnode_t, mount_t,
                                  dir_clone_authorizer_op_t, uint32_t, vfs_context_t, void *);
    void *a_reserved;
};

/** VNOP_GETXATTR - read an extended attribute; with a_uio NULL only its size into *a_size. ENOATTR: none. */
struct vnop_getxattr_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    const char *a_name;
    uio_t a_uio;
    size_t *a_size;
    int a_options;
    vfs_context_t a_context;
};

/** VNOP_SETXATTR - write an extended attribute. a_options: XATTR_*. */
struct vnop_setxattr_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    const char *a_name;
    uio_t a_uio;
    int a_options;
    vfs_context_t a_context;
};

/** VNOP_REMOVEXATTR - remove an extended attribute. ENOATTR: none. */
struct vnop_removexattr_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    const char *a_name;
    int a_options;
    vfs_context_t a_context;
};

/** VNOP_LISTXATTR - the names of all extended attributes, each with its NUL; with a_uio NULL only the
 *  size. */
struct vnop_listxattr_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    uio_t a_uio;
    size_t *a_size;
    int a_options;
    vfs_context_t a_context;
};

/** VNOP_BLKTOOFF - byte offset of a logical block. */
struct vnop_blktooff_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    daddr64_t a_lblkno;
    off_t *a_offset;
};

/** VNOP_OFFTOBLK - logical block of a byte offset. */
struct vnop_offtoblk_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    off_t a_offset;
    daddr64_t *a_lblkno;
};

/** VNOP_BLOCKMAP - where on the device a range of the file is: *a_bpn block (-1: hole), *a_run
 *  contiguous bytes. */
struct vnop_blockmap_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    off_t a_foffset;
    size_t a_size;
    daddr64_t *a_bpn;
    size_t *a_run;
    void *a_poff;
    int a_flags;
    vfs_context_t a_context;
};

/** VNOP_STRATEGY - start the I/O of a buffer. */
struct vnop_strategy_args {
    struct vnodeop_desc *a_desc;
    struct buf *a_bp;
};

/** VNOP_BWRITE - write a buffer, as buf_bwrite. */
struct vnop_bwrite_args {
    struct vnodeop_desc *a_desc;
    buf_t a_bp;
};

/** VNOP_KQFILT_ADD - attach an event filter. */
struct vnop_kqfilt_add_args {
    struct vnodeop_desc *a_desc;
    struct vnode *a_vp;
    struct knote *a_kn;
    vfs_context_t a_context;
};

/** VNOP_KQFILT_REMOVE - detach an event filter. */
struct vnop_kqfilt_remove_args {
    struct vnodeop_desc *a_desc;
    struct vnode *a_vp;
    uintptr_t a_ident;
    vfs_context_t a_context;
};

/** VNOP_MONITOR - start, change or stop watching for changes made elsewhere. a_flags: VNODE_MONITOR_*. */
struct vnop_monitor_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    uint32_t a_events;
    uint32_t a_flags;
    void *a_handle;
    vfs_context_t a_context;
};

/** VNOP_SETLABEL - attach a security label. */
struct vnop_setlabel_args {
    struct vnodeop_desc *a_desc;
    struct vnode *a_vp;
    struct label *a_vl;
    vfs_context_t a_context;
};

/** VNOP_VERIFY - check data just read against its checksums. */
struct vnop_verify_args {
    struct vnodeop_desc *a_desc;
    vnode_t a_vp;
    off_t a_foffset;
    uint8_t *a_buf;
    size_t a_bufsize;
    size_t *a_verifyblksize;
    void **a_verify_ctxp;
    vnode_verify_flags_t a_flags;
    vfs_context_t a_context;
};

__BEGIN_DECLS
/** VNOP_FSYNC - call the operation on @vp, as in vnop_fsync_args. */
errno_t VNOP_FSYNC(vnode_t vp, int waitfor, vfs_context_t ctx);
/** VNOP_IOCTL - call the operation on @vp, as in vnop_ioctl_args; @data is in kernel space. */
errno_t VNOP_IOCTL(vnode_t vp, u_long command, caddr_t data, int fflag, vfs_context_t ctx);
/** VNOP_READ - call the operation on @vp, as in vnop_read_args. No authorisation. */
errno_t VNOP_READ(vnode_t vp, struct uio *uio, int ioflag, vfs_context_t ctx);
/** VNOP_WRITE - call the operation on @vp, as in vnop_write_args. No authorisation. */
errno_t VNOP_WRITE(vnode_t vp, struct uio *uio, int ioflag, vfs_context_t ctx);
/** VNOP_STRATEGY - start the I/O of a buffer on its vnode. */
errno_t VNOP_STRATEGY(struct buf *bp);
/** VNOP_BWRITE - write a buffer by its vnode's operation. */
errno_t VNOP_BWRITE(buf_t bp);
/* What a stacked file system calls of the one below it (com.apple.kpi.unsupported, compatibility). They go
 * straight to the operation, without authorisation or name cache. The caller holds an iocount on every vnode
 * argument, and no lock that the lower file system could wait for; a vnode that comes back has an iocount,
 * and is NULL after an error. All of them may block. Errors are the lower file system's, ENOTSUP where it has
 * no such operation. */
/** VNOP_LOOKUP - find a name in @dvp, as in vnop_lookup_args. EJUSTRETURN: absent, but CREATE or
 * RENAME may go on. */
errno_t VNOP_LOOKUP(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, vfs_context_t ctx);
/** VNOP_CREATE - make a file, as in vnop_create_args. */
errno_t VNOP_CREATE(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, struct vnode_attr *vap,
                    vfs_context_t ctx);
/** VNOP_MKNOD - make a device, socket or fifo, as in vnop_mknod_args. */
errno_t VNOP_MKNOD(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, struct vnode_attr *vap,
                   vfs_context_t ctx);
/** VNOP_MKDIR - make a directory, as in vnop_mkdir_args. */
errno_t VNOP_MKDIR(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, struct vnode_attr *vap,
                   vfs_context_t ctx);
/** VNOP_SYMLINK - make a symbolic link, as in vnop_symlink_args. */
errno_t VNOP_SYMLINK(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, struct vnode_attr *vap,
                     char *target, vfs_context_t ctx);
/** VNOP_LINK - give @vp another name, as in vnop_link_args. */
errno_t VNOP_LINK(vnode_t vp, vnode_t tdvp, struct componentname *cnp, vfs_context_t ctx);
/** VNOP_REMOVE - take a name away, as in vnop_remove_args. */
errno_t VNOP_REMOVE(vnode_t dvp, vnode_t vp, struct componentname *cnp, int flags, vfs_context_t ctx);
/** VNOP_RMDIR - remove a directory, as in vnop_rmdir_args. */
errno_t VNOP_RMDIR(vnode_t dvp, vnode_t vp, struct componentname *cnp, vfs_context_t ctx);
/** VNOP_RENAME - rename, as in vnop_rename_args. All four on one mount. */
errno_t VNOP_RENAME(vnode_t fdvp, vnode_t fvp, struct componentname *fcnp, vnode_t tdvp, vnode_t tvp,
                    struct componentname *tcnp, vfs_context_t ctx);
/** VNOP_RENAMEX - rename with VFS_RENAME_* flags, as in vnop_renamex_args. */
errno_t VNOP_RENAMEX(vnode_t fdvp, vnode_t fvp, struct componentname *fcnp, vnode_t tdvp, vnode_t tvp,
                     struct componentname *tcnp, struct vnode_attr *vap, vfs_rename_flags_t flags,
                     vfs_context_t ctx);
/** VNOP_OPEN - a file is opened, as in vnop_open_args. */
errno_t VNOP_OPEN(vnode_t vp, int mode, vfs_context_t ctx);
/** VNOP_CLOSE - an open ends, as in vnop_close_args. */
errno_t VNOP_CLOSE(vnode_t vp, int fflag, vfs_context_t ctx);
/** VNOP_MMAP - a file is mapped, as in vnop_mmap_args. */
errno_t VNOP_MMAP(vnode_t vp, int fflags, vfs_context_t ctx);
/** VNOP_MNOMAP - the last mapping is gone, as in vnop_mnomap_args. */
errno_t VNOP_MNOMAP(vnode_t vp, vfs_context_t ctx);
/** VNOP_ALLOCATE - reserve or change space, as in vnop_allocate_args. */
errno_t VNOP_ALLOCATE(vnode_t vp, off_t length, u_int32_t flags, off_t *bytesallocated, off_t offset,
                      vfs_context_t ctx);
/** VNOP_ACCESS - ask the file system for rights, as in vnop_access_args. */
errno_t VNOP_ACCESS(vnode_t vp, int action, vfs_context_t ctx);
/** VNOP_GETATTR - get attributes, as in vnop_getattr_args. Nothing is made up, unlike vnode_getattr. */
errno_t VNOP_GETATTR(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx);
/** VNOP_SETATTR - set attributes, as in vnop_setattr_args. No authorisation. */
errno_t VNOP_SETATTR(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx);
/** VNOP_PATHCONF - a limit of the file system, as in vnop_pathconf_args. */
errno_t VNOP_PATHCONF(vnode_t vp, int name, int32_t *retval, vfs_context_t ctx);
/** VNOP_READDIR - list a directory, as in vnop_readdir_args. */
errno_t VNOP_READDIR(vnode_t vp, struct uio *uio, int flags, int *eofflag, int *numdirent, vfs_context_t ctx);
/** VNOP_READLINK - read a symbolic link, as in vnop_readlink_args. */
errno_t VNOP_READLINK(vnode_t vp, struct uio *uio, vfs_context_t ctx);
/** VNOP_GETXATTR - get an extended attribute, as in vnop_getxattr_args. */
errno_t VNOP_GETXATTR(vnode_t vp, const char *name, uio_t uio, size_t *size, int options, vfs_context_t ctx);
/** VNOP_SETXATTR - set an extended attribute, as in vnop_setxattr_args. */
errno_t VNOP_SETXATTR(vnode_t vp, const char *name, uio_t uio, int options, vfs_context_t ctx);
/** VNOP_LISTXATTR - list extended attributes, as in vnop_listxattr_args. */
errno_t VNOP_LISTXATTR(vnode_t vp, uio_t uio, size_t *size, int options, vfs_context_t ctx);
/** VNOP_REMOVEXATTR - remove an extended attribute, as in vnop_removexattr_args. */
errno_t VNOP_REMOVEXATTR(vnode_t vp, const char *name, int options, vfs_context_t ctx);
__END_DECLS

#endif /* KPI_SYS_VNODE_IF_H */
