// SPDX-License-Identifier: BSD-2-Clause
/*
 * vnodes: references, life cycle, attributes, path name components, the name cache, authorisation. The
 * rules in short: an iocount is needed for any use and blocks reclaim; a usecount only keeps the
 * identity.
 */
#ifndef KPI_SYS_VNODE_H
#define KPI_SYS_VNODE_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/param.h>
#include <sys/signal.h>
#include <sys/uio.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <sys/stat.h>
#include <sys/kernel_types.h>
#include <sys/kauth.h>
#include <sys/_types/_fsid_t.h>
#include <sys/_types/_guid_t.h>
#include <sys/_vnode_types.h>
#include <sys/_vnode_attr.h>
#include <mach/mach_types.h>
#include <mach/memory_object_types.h>

/* VNOP_BLOCKMAP: what the mapping is for. */
#define VNODE_READ              0x1
#define VNODE_WRITE             0x2
#define VNODE_BLOCKMAP_NO_TRACK 0x4
#define VNODE_CLUSTER_VERIFY    0x8

/* Answers of a vnode_iterate callback. CLAIMED: the callback keeps the iocount and puts it itself. */
#define VNODE_RETURNED      0
#define VNODE_RETURNED_DONE 1
#define VNODE_CLAIMED       2
#define VNODE_CLAIMED_DONE  3

/* Flags of vflush. */
#define SKIPSYSTEM 0x1
#define FORCECLOSE 0x2
#define WRITECLOSE 0x4
#define SKIPSWAP   0x8
#define SKIPROOT   0x10
#define DOCLOSE    0x8

/* Flags of vnode_iterate. */
#define VNODE_RELOAD           0x1
#define VNODE_WAIT             0x2
#define VNODE_WRITEABLE        0x4
#define VNODE_WITHID           0x8
#define VNODE_NOLOCK_INTERNAL  0x10
#define VNODE_NODEAD           0x20
#define VNODE_NOSUSPEND        0x40
#define VNODE_ITERATE_ALL      0x80
#define VNODE_ITERATE_ACTIVE   0x100
#define VNODE_ITERATE_INACTIVE 0x200

/* a_flags of VNOP_ALLOCATE and friends. */
#define PREALLOCATE      0x1
#define ALLOCATECONTIG   0x2
#define ALLOCATEALL      0x4
#define ALLOCATEPERSIST  0x8
#define ALLOCATEFROMPEOF 0x10
#define ALLOCATEFROMVOL  0x20

/* a_ioflag of VNOP_READ and VNOP_WRITE, flags of vn_rdwr. */
#define IO_UNIT               0x1
#define IO_APPEND             0x2
#define IO_SYNC               0x4
#define IO_NODELOCKED         0x8
#define IO_NDELAY             0x10
#define IO_NOZEROFILL         0x20
#define IO_TAILZEROFILL       0x40
#define IO_HEADZEROFILL       0x80
#define IO_NOZEROVALID        0x100
#define IO_NOZERODIRTY        0x200
#define IO_CLOSE              0x400
#define IO_NOCACHE            0x800
#define IO_RAOFF              0x1000
#define IO_DEFWRITE           0x2000
#define IO_BACKGROUND         0x4000
#define IO_PASSIVE            0x4000
#define IO_NOAUTH             0x8000
#define IO_NODIRECT           0x10000
#define IO_ENCRYPTED          0x20000
#define IO_RETURN_ON_THROTTLE 0x40000
#define IO_SINGLE_WRITER      0x80000
#define IO_SYSCALL_DISPATCH   0x100000
#define IO_SWAP_DISPATCH      0x200000
#define IO_SKIP_ENCRYPTION    0x400000
#define IO_EVTONLY            0x800000
#define IO_NOCACHE_SYSSPACE   0x1000000
#define IO_NOCACHE_SWRITE     0x2000000

/* A component of a path name: what VNOP_LOOKUP looks for, and the name that create, remove, rename... work
 * on. cn_nameptr is not NUL-terminated at cn_namelen. */
struct componentname {
    uint32_t cn_nameiop; /* LOOKUP, CREATE, DELETE, RENAME */
    uint32_t cn_flags;   /* ISDOTDOT, MAKEENTRY, ISLASTCN... */
    void *cn_reserved1;
    void *cn_reserved2;
    char *cn_pnbuf;      /* the whole path */
    int cn_pnlen;        /* size of that buffer, bytes */
    char *cn_nameptr;    /* this component in it */
    int cn_namelen;      /* bytes */
    uint32_t cn_hash;    /* of the component; 0: not computed */
    uint32_t cn_consume; /* bytes beyond the component that the file system used up */
};

/* What the look-up is for. */
#define LOOKUP    0
#define CREATE    1
#define DELETE    2
#define RENAME    3
#define OPMASK    3
#define FOLLOW    0x40
#define ISDOTDOT  0x2000
#define MAKEENTRY 0x4000
#define ISLASTCN  0x8000

/* Everything vnode_create needs to know. */
struct vnode_fsparam {
    struct mount *vnfs_mp;
    enum vtype vnfs_vtype;
    const char *vnfs_str;           /* name of the type, in reports */
    struct vnode *vnfs_dvp;         /* parent, gains a usecount; may be NULL */
    void *vnfs_fsnode;              /* the file system's own node */
    int (**vnfs_vops)(void *);      /* operation vector of vfs_fsadd */
    int vnfs_markroot;              /* nonzero: root of its mount */
    int vnfs_marksystem;            /* nonzero: hidden file of the file system */
    dev_t vnfs_rdev;                /* VBLK and VCHR only */
    off_t vnfs_filesize;            /* VREG only, bytes */
    struct componentname *vnfs_cnp; /* with vnfs_dvp: enters the name cache; may be NULL */
    uint32_t vnfs_flags;            /* VNFS_* */
};
#define VNFS_NOCACHE   0x1
#define VNFS_CANTCACHE 0x2
#define VNFS_ADDFSREF  0x4
/* flavor of vnode_create, and the size that goes with it. */
#define VNCREATE_FLAVOR    0
#define VCREATESIZE        sizeof(struct vnode_fsparam)
#define VNODE_FSPARAM_SIZE VCREATESIZE

/* Mode bits as a file system tests them. */
#define VSUID  04000
#define VSGID  02000
#define VSVTX  01000
#define VREAD  0400
#define VWRITE 0200
#define VEXEC  0100

/* Conversion between enum vtype and S_IFMT. */
/** iftovt_tab, vttoif_tab - what IFTOVT and VTTOIF look up. */
extern enum vtype iftovt_tab[];
extern int vttoif_tab[];
#define IFTOVT(mode)          (iftovt_tab[((mode)&S_IFMT) >> 12])
#define VTTOIF(type)          (vttoif_tab[(int)(type)])
#define MAKEIMODE(type, mode) (int)(VTTOIF(type) | (mode))

#define VNOVAL (-1)

/* Flags of buf_invalidateblks and of vnode_open's like. */
#define V_SAVE     0x1
#define V_SAVEMETA 0x2
#define REVOKEALL  0x1

/* a_flags of VNOP_REMOVE, VNOP_READDIR, VNOP_CLONEFILE. */
#define VNODE_REMOVE_NODELETEBUSY         0x1
#define VNODE_REMOVE_SKIP_NAMESPACE_EVENT 0x2
#define VNODE_REMOVE_NO_AUDIT_PATH        0x4
#define VNODE_REMOVE_DATALESS_DIR         0x8
#define VNODE_REMOVE_SYSTEM_DISCARDED     0x20
#define VNODE_READDIR_EXTENDED            0x1
#define VNODE_READDIR_REQSEEKOFF          0x2
#define VNODE_READDIR_SEEKOFF32           0x4
#define VNODE_READDIR_NAMEMAX             0x8
#define VNODE_CLONEFILE_DEFAULT           0x0
#define VNODE_CLONEFILE_NOOWNERCOPY       0x1

#define VNODE_ASYNC_THROTTLE 15

/* Flags of vnode_update_identity. */
#define VNODE_UPDATE_PARENT             0x1
#define VNODE_UPDATE_NAMEDSTREAM_PARENT 0x1
#define VNODE_UPDATE_NAME               0x2
#define VNODE_UPDATE_CACHE              0x4
#define VNODE_UPDATE_PURGE              0x8

/* Flags of vnode_lookup. */
#define VNODE_LOOKUP_NOFOLLOW         0x1
#define VNODE_LOOKUP_NOCROSSMOUNT     0x2
#define VNODE_LOOKUP_CROSSMOUNTNOWAIT 0x4
#define VNODE_LOOKUP_NOFOLLOW_ANY     0x8

/* Events of vnode_notify. */
#define VNODE_EVENT_DELETE       0x00000001
#define VNODE_EVENT_WRITE        0x00000002
#define VNODE_EVENT_EXTEND       0x00000004
#define VNODE_EVENT_ATTRIB       0x00000008
#define VNODE_EVENT_LINK         0x00000010
#define VNODE_EVENT_RENAME       0x00000020
#define VNODE_EVENT_PERMS        0x00000040
#define VNODE_EVENT_FILE_CREATED 0x00000080
#define VNODE_EVENT_DIR_CREATED  0x00000100
#define VNODE_EVENT_FILE_REMOVED 0x00000200
#define VNODE_EVENT_DIR_REMOVED  0x00000400
#define VNODE_NOTIFY_ATTRS                                                                                   \
    (VNODE_ATTR_BIT(va_fsid) | VNODE_ATTR_BIT(va_fileid) | VNODE_ATTR_BIT(va_mode) |                         \
     VNODE_ATTR_BIT(va_uid) | VNODE_ATTR_BIT(va_gid) | VNODE_ATTR_BIT(va_document_id) |                      \
     VNODE_ATTR_BIT(va_dirlinkcount) | VNODE_ATTR_BIT(va_nlink))

/* Compression statistics of a file. */
#define IOCS_BUFFER_NUM_SIZE_BUCKETS        10
#define IOCS_BUFFER_MAX_BUCKET              9
#define IOCS_BUFFER_NUM_COMPRESSION_BUCKETS 7
#define IOCS_BLOCK_NUM_SIZE_BUCKETS         16
#define IOCS_PATH_START_BYTES_TO_COPY       108
#define IOCS_PATH_END_BYTES_TO_COPY         20
#define IOCS_SBE_PATH_LEN                   128
#define IOCS_SYSCTL_LIVE                    1
#define IOCS_SYSCTL_STORE_BUFFER_RD_ONLY    2
#define IOCS_SYSCTL_STORE_BUFFER_MARK       4
struct io_compression_stats {
    uint64_t uncompressed_size;
    uint64_t compressed_size;
    uint32_t buffer_size_compression_dist[IOCS_BUFFER_NUM_SIZE_BUCKETS][IOCS_BUFFER_NUM_COMPRESSION_BUCKETS];
    uint32_t block_compressed_size_dist[IOCS_BLOCK_NUM_SIZE_BUCKETS];
};
typedef struct io_compression_stats *io_compression_stats_t;
struct iocs_store_buffer_entry {
    char path_name[IOCS_SBE_PATH_LEN];
    struct io_compression_stats iocs;
};

struct attrlist;
struct componentname;
struct knote;
struct vnop_bwrite_args;

/** vnodeop_desc - the identity of an operation; only its address means anything to a kext. */
struct vnodeop_desc;

/* One implementation, and the list of all of a file system, ended by an entry of NULL, NULL. */
struct vnodeopv_entry_desc {
    struct vnodeop_desc *opve_op;
    int (*opve_impl)(void *);
};
struct vnodeopv_desc {
    int (***opv_desc_vector_p)(void *); /* filled in by vfs_fsadd */
    const struct vnodeopv_entry_desc *opv_desc_ops;
};

/* What every argument structure begins with. */
struct vnop_generic_args {
    struct vnodeop_desc *a_desc;
};

__BEGIN_DECLS
/** desiredvnodes - how many vnodes the table is meant to hold. */
extern int desiredvnodes;

/** vnode_create - make a vnode for a node of the file system.
 *  @flavor in   VNCREATE_FLAVOR.
 *  @size   in   VCREATESIZE.
 *  @data   in   struct vnode_fsparam *, read during the call.
 *  @vpp    out  the vnode; set before anyone else can find it, so pass the address of the node's own field.
 *               NULL on error.
 *  Refs:   gives one iocount, no usecount. vnfs_dvp, if given, keeps a usecount as the parent.
 *  Locks:  no lock that VNOP_RECLAIM or VNOP_INACTIVE of the same file system takes: another vnode may be
 *          recycled.
 *  Blocks: yes.
 *  Errno:  0; EINVAL flavor, size or vnfs_vtype; ENFILE table full; ENOMEM.
 *  KPI:    bsd, stable */
errno_t vnode_create(uint32_t flavor, uint32_t size, void *data, vnode_t *vpp);
/** vnode_addfsref - the file system now holds @vp on its own account: reclaim must give it up. 0. Twice
 *  is a panic. */
int vnode_addfsref(vnode_t vp);
/** vnode_removefsref - undo vnode_addfsref; for VNOP_RECLAIM. 0. */
int vnode_removefsref(vnode_t vp);
/** vnode_hasdirtyblks - true if @vp has dirty buffers. */
int vnode_hasdirtyblks(vnode_t vp);
/** vnode_hascleanblks - true if @vp has clean buffers. */
int vnode_hascleanblks(vnode_t vp);
/** vnode_waitforwrites - wait until at most @output_target writes of @vp are in flight. @slptimeout in
 *  units of 10 ms. 0; EWOULDBLOCK; EINTR with PCATCH in @slpflag. */
int vnode_waitforwrites(vnode_t vp, int output_target, int slpflag, int slptimeout, const char *msg);
/** vnode_startwrite - a write of @vp was started. */
void vnode_startwrite(vnode_t vp);
/** vnode_writedone - a write of @vp has completed. */
void vnode_writedone(vnode_t vp);
/** vnode_vtype - type of the file. */
enum vtype vnode_vtype(vnode_t vp);
/** vnode_vid - identity of the vnode: changes when the vnode is reused. Take it while holding an iocount
 *  or the lock that reclaim needs. */
uint32_t vnode_vid(vnode_t vp);
/** vnode_mountedhere - the mount on the directory @vp, or NULL. */
mount_t vnode_mountedhere(vnode_t vp);
/** vnode_mount - the mount that @vp belongs to. Not held: valid as long as the iocount. */
mount_t vnode_mount(vnode_t vp);
/** vnode_specrdev - device number of a VBLK or VCHR vnode. */
dev_t vnode_specrdev(vnode_t vp);
/** vnode_fsnode - the file system's own node; NULL after vnode_clearfsnode. */
void *vnode_fsnode(vnode_t vp);
/** vnode_clearfsnode - detach the file system's node; for VNOP_RECLAIM. */
void vnode_clearfsnode(vnode_t vp);
/** vnode_isvroot - true for the root directory of a mount. */
int vnode_isvroot(vnode_t vp);
/** vnode_issystem - true for a hidden file of the file system. */
int vnode_issystem(vnode_t vp);
/** vnode_ismount - true if a mount on @vp is in progress or done. */
int vnode_ismount(vnode_t vp);
/** vnode_ismountedon - true for a device that is mounted. */
int vnode_ismountedon(vnode_t vp);
/** vnode_setmountedon - the device @vp is mounted. */
void vnode_setmountedon(vnode_t vp);
/** vnode_clearmountedon - the device @vp is not mounted any more. */
void vnode_clearmountedon(vnode_t vp);
/** vnode_isreg - true for VREG. */
int vnode_isreg(vnode_t vp);
/** vnode_isdir - true for VDIR. */
int vnode_isdir(vnode_t vp);
/** vnode_islnk - true for VLNK. */
int vnode_islnk(vnode_t vp);
/** vnode_isblk - true for VBLK. */
int vnode_isblk(vnode_t vp);
/** vnode_ischr - true for VCHR. */
int vnode_ischr(vnode_t vp);
/** vnode_isfifo - true for VFIFO. */
int vnode_isfifo(vnode_t vp);
/** vnode_isnamedstream - always 0 here: named streams are separate attributes. */
int vnode_isnamedstream(vnode_t vp);
/** vnode_ismonitored - true if somebody waits for events of @vp. */
int vnode_ismonitored(vnode_t vp);
/** vnode_isswap - always 0: nothing is swapped to. */
int vnode_isswap(vnode_t vp);
/** vnode_isnocache - true if data of @vp is not to stay cached. */
int vnode_isnocache(vnode_t vp);
/** vnode_setnocache - data of @vp is not to stay cached. */
void vnode_setnocache(vnode_t vp);
/** vnode_clearnocache - data of @vp may stay cached. */
void vnode_clearnocache(vnode_t vp);
/** vnode_isnoreadahead - true if reads of @vp do not read ahead. */
int vnode_isnoreadahead(vnode_t vp);
/** vnode_setnoreadahead - reads of @vp do not read ahead. */
void vnode_setnoreadahead(vnode_t vp);
/** vnode_clearnoreadahead - reads of @vp read ahead. */
void vnode_clearnoreadahead(vnode_t vp);
/** vnode_setmultipath - @vp has more than one name: its cached name may not be its only one. */
void vnode_setmultipath(vnode_t vp);
/** vnode_settag - set the enum vtagtype. */
void vnode_settag(vnode_t vp, int tag);
/** vnode_tag - the enum vtagtype. */
int vnode_tag(vnode_t vp);
/** vnode_israge - true if data of @vp should age fast, for the calling thread. */
int vnode_israge(vnode_t vp);
/** vnode_isonexternalstorage - true if the device of @vp can be unplugged. */
boolean_t vnode_isonexternalstorage(vnode_t vp);
/** vnode_isrecycled - true once @vp is being terminated: no new work is to be started. */
int vnode_isrecycled(vnode_t vp);
/** vnode_willberecycled - true if @vp goes as soon as it is free. */
int vnode_willberecycled(vnode_t vp);
/** vnode_isinuse - true if @vp has more than @refcnt usecounts, event-only opens not counted. */
int vnode_isinuse(vnode_t vp, int refcnt);
/** vnode_get - take an iocount.
 *  @vp in  a vnode that the caller knows to exist: it holds a usecount or the lock that reclaim takes.
 *  Refs:   gives one iocount; end with vnode_put.
 *  Locks:  takes the vnode's, briefly.
 *  Blocks: no.
 *  Errno:  0; ENOENT no iocount was held and the vnode is terminating or dead.
 *  KPI:    bsd, stable */
int vnode_get(vnode_t vp);
/** vnode_getwithref - take an iocount on a vnode of which a usecount is held.
 *  @vp in  the vnode.
 *  Refs:   gives one iocount.
 *  Locks:  none of the file system's.
 *  Blocks: while the vnode drains or is suspended.
 *  Errno:  0; ENOENT dead.
 *  KPI:    bsd, stable */
int vnode_getwithref(vnode_t vp);
/** vnode_getwithvid - take an iocount on a vnode that may have been reused.
 *  @vp  in  a pointer kept from earlier; vnode memory stays readable for ever.
 *  @vid in  vnode_vid from that time.
 *  Refs:   gives one iocount on success.
 *  Locks:  drop the lock of the table that @vp was found in before the call: reclaim needs it.
 *  Blocks: while the vnode terminates; it passes a drain.
 *  Errno:  0; ENOENT another identity, or dead.
 *  KPI:    bsd, stable */
int vnode_getwithvid(vnode_t vp, uint32_t vid);
/** vnode_put - give up an iocount.
 *  @vp in  the vnode; not to be used afterwards.
 *  Refs:   consumes one iocount. The last one of an unused vnode calls VNOP_INACTIVE.
 *  Locks:  no lock that VNOP_INACTIVE or VNOP_RECLAIM takes.
 *  Blocks: yes, when it is the last.
 *  Errno:  0.
 *  KPI:    bsd, stable */
int vnode_put(vnode_t vp);
/** vnode_ref - take a usecount: the vnode keeps its identity until vnode_rele.
 *  @vp in  the vnode; an iocount is held.
 *  Refs:   gives one usecount.
 *  Locks:  takes the vnode's, briefly.
 *  Blocks: no.
 *  Errno:  0; ENOENT the vnode is being terminated.
 *  KPI:    bsd, stable */
int vnode_ref(vnode_t vp);
/** vnode_rele - give up a usecount.
 *  @vp in  the vnode.
 *  Refs:   consumes one usecount; the last one may lead to VNOP_INACTIVE.
 *  Locks:  as vnode_put.
 *  Blocks: yes, when it is the last.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void vnode_rele(vnode_t vp);
/** vnode_recycle - have a vnode reclaimed as soon as nothing holds it.
 *  @vp in  the vnode; an iocount is held.
 *  Refs:   none taken.
 *  Locks:  as vnode_put.
 *  Blocks: yes.
 *  Errno:  nonzero if it was reclaimed at once, 0 if it is only marked.
 *  KPI:    bsd, stable */
int vnode_recycle(vnode_t vp);
/** vflush - end every vnode of a mount.
 *  @mp     in  the mount.
 *  @skipvp in  vnode to leave alone, or NULL.
 *  @flags  in  SKIPSYSTEM, SKIPSWAP, SKIPROOT leave those alone; FORCECLOSE ends vnodes in use; WRITECLOSE
 *              only those open for writing.
 *  Refs:   none kept.
 *  Locks:  none of the file system's.
 *  Blocks: yes.
 *  Errno:  0; EBUSY a vnode is in use.
 *  KPI:    bsd, stable */
int vflush(struct mount *mp, struct vnode *skipvp, int flags);
/** vnode_iterate - call a function for each vnode of a mount.
 *  @mp      in  the mount.
 *  @flags   in  VNODE_RELOAD only unused ones; VNODE_WAIT wait for drains; VNODE_WRITEABLE only with
 *               something to write; VNODE_WITHID check the identity; VNODE_NODEAD leave out the dead ones;
 *               VNODE_ITERATE_ACTIVE, _INACTIVE.
 *  @callout in  gets the vnode with an iocount; answers VNODE_RETURNED (iteration puts it), VNODE_CLAIMED
 *               (the callback puts it), or either with _DONE, which ends the iteration.
 *  @arg     in  passed on.
 *  Refs:   see @callout.
 *  Locks:  none of the file system's.
 *  Blocks: yes.
 *  Errno:  0.
 *  KPI:    bsd, stable */
int vnode_iterate(struct mount *mp, int flags, int (*callout)(struct vnode *, void *), void *arg);
/** vn_revoke - take a file away from everyone who has it open; of a device, all vnodes of it.
 *  @vp    in  the file; an iocount is held, and no other by this thread. It is dead afterwards.
 *  @flags in  REVOKEALL.
 *  @ctx   in  whose call it is.
 *  Refs:   the caller's iocount stays.
 *  Locks:  no lock that VNOP_CLOSE, VNOP_INACTIVE or VNOP_RECLAIM takes.
 *  Blocks: yes: operations in progress on the file.
 *  Errno:  0; EINVAL without REVOKEALL; ENOENT somebody else takes it away; EBUSY the root of a mount.
 *  KPI:    bsd, stable */
int vn_revoke(vnode_t vp, int flags, vfs_context_t ctx);
/** vn_default_error - ENOTSUP: the default of operations that a file system lacks. */
int vn_default_error(void);
/** vn_bwrite - the stock VNOP_BWRITE: buf_bwrite. */
int vn_bwrite(struct vnop_bwrite_args *ap);
/** vn_rdwr - read or write a file from kernel code.
 *  @rw     in   UIO_READ or UIO_WRITE.
 *  @vp     in   the file; an iocount is held.
 *  @base   in   memory, in the space @segflg.
 *  @len    in   bytes.
 *  @offset in   byte offset in the file.
 *  @segflg in   enum uio_seg.
 *  @ioflg  in   IO_*.
 *  @cred   in   whose credentials.
 *  @aresid out  bytes not moved; if NULL, a short transfer is an error.
 *  @p      in   whose call it is.
 *  Refs:   the caller's iocount on @vp is held throughout.
 *  Locks:  no lock that VNOP_READ or VNOP_WRITE takes.
 *  Blocks: yes.
 *  Errno:  0; EINVAL @len negative; EIO short and @aresid is NULL; the operation's own.
 *  KPI:    bsd, stable */
int vn_rdwr(enum uio_rw rw, struct vnode *vp, caddr_t base, int len, off_t offset, enum uio_seg segflg,
            int ioflg, kauth_cred_t cred, int *aresid, proc_t p);
/** vn_rdwr_64 - as vn_rdwr with 64-bit address and length. */
int vn_rdwr_64(enum uio_rw rw, struct vnode *vp, uint64_t base, int64_t len, off_t offset,
               enum uio_seg segflg, int ioflg, kauth_cred_t cred, int64_t *aresid, struct proc *p);
/** vn_getpath - the path of a vnode, built from cached names and parents.
 *  @vp      in      the vnode; an iocount is held.
 *  @pathbuf out     NUL-terminated.
 *  @len     in out  size of @pathbuf, then bytes used with the NUL.
 *  Refs:   none kept.
 *  Locks:  takes the name cache's.
 *  Blocks: yes.
 *  Errno:  0; ENOSPC buffer too small; ENOENT a name or a parent on the way is not known.
 *          The path is one of the kernel's own tree, as vnode_lookup takes it; where the host shows the mount
 * is in f_mntonname of vfs_statfs(). KPI:    bsd, stable */
int vn_getpath(struct vnode *vp, char *pathbuf, int *len);
/** vn_path_package_check - position in @path of the last component that is a package, -1 for none. 0;
 *  EINVAL. */
int vn_path_package_check(vnode_t vp, char *path, int pathlen, int *component);
/** vnode_getattr - the attributes of a file, completed by VFS where the file system has none.
 *  @vp  in      the file; an iocount is held.
 *  @vap in out  va_active asks, va_supported answers.
 *  @ctx in      whose call it is.
 *  Refs:   the caller's iocount on @vp is held throughout.
 *  Locks:  no lock that VNOP_GETATTR takes.
 *  Blocks: yes.
 *  Errno:  0; VNOP_GETATTR's own.
 *  KPI:    bsd, stable */
int vnode_getattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx);
/** vnode_setattr - change attributes, without authorisation.
 *  @vp  in      the file; an iocount is held.
 *  @vap in out  va_active asks, va_supported tells what the file system took.
 *  @ctx in      whose call it is.
 *  Refs:   the caller's iocount on @vp is held throughout.
 *  Locks:  no lock that VNOP_SETATTR takes.
 *  Blocks: yes.
 *  Errno:  0; EROFS; VNOP_SETATTR's own.
 *  KPI:    bsd, stable */
int vnode_setattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx);
/** vfs_rootvnode - the root directory of the system's tree, with an iocount. */
vnode_t vfs_rootvnode(void);
/** vnode_uncache_credentials - forget rights that were granted on @vp. */
void vnode_uncache_credentials(vnode_t vp);

/* Contexts: who calls. */
/** vfs_context_create - a context of one's own.
 *  @ctx in  to copy from, or NULL for the caller's.
 *  Refs:   the credential is referenced; end with vfs_context_rele.
 *  Locks:  none.
 *  Blocks: yes, for memory.
 *  Errno:  NULL, no memory.
 *  KPI:    bsd, stable */
vfs_context_t vfs_context_create(vfs_context_t ctx);
/** vfs_context_rele - give up a context of vfs_context_create. 0. */
int vfs_context_rele(vfs_context_t ctx);
/** vfs_context_current - the calling thread's context, borrowed. */
vfs_context_t vfs_context_current(void);
/** vfs_context_proc - the process of a context, borrowed. */
proc_t vfs_context_proc(vfs_context_t ctx);
/** vfs_context_ucred - the credential of a context, borrowed. */
kauth_cred_t vfs_context_ucred(vfs_context_t ctx);
/** vfs_context_pid - process id. */
int vfs_context_pid(vfs_context_t ctx);
/** vfs_context_issignal - signals of @mask pending for the context's thread, as a set. */
int vfs_context_issignal(vfs_context_t ctx, sigset_t mask);
/** vfs_context_suser - 0 if superuser, else EPERM. */
int vfs_context_suser(vfs_context_t ctx);
/** vfs_context_is64bit - true if the process has 64-bit addresses. */
int vfs_context_is64bit(vfs_context_t ctx);

/* Names and parents. */
/** vnode_getparent - the parent with an iocount, or NULL if none is known. */
vnode_t vnode_getparent(vnode_t vp);
/** vnode_getname - the name, held until vnode_putname, or NULL if none is known. */
const char *vnode_getname(vnode_t vp);
/** vnode_putname - give up a name of vnode_getname. */
void vnode_putname(const char *name);
/** vnode_update_identity - give @vp another parent or name, as VNODE_UPDATE_* says. */
void vnode_update_identity(vnode_t vp, vnode_t dvp, const char *name, int name_len, uint32_t name_hashval,
                           int flags);
/** vnode_lookup - find a file by path.
 *  @path  in   NUL-terminated; relative to the caller's directory unless it begins with '/'.
 *  @flags in   VNODE_LOOKUP_*.
 *  @vpp   out  the file with an iocount; NULL on error.
 *  @ctx   in   whose call it is.
 *  Refs:   gives one iocount on *@vpp.
 *  Locks:  no lock that VNOP_LOOKUP takes.
 *  Blocks: yes.
 *  Errno:  0; what look-up gives (ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG...).
 *  KPI:    bsd, stable */
errno_t vnode_lookup(const char *path, int flags, vnode_t *vpp, vfs_context_t ctx);
/** vnode_open - open a file by path.
 *  @path  in   as vnode_lookup.
 *  @fmode in   FREAD, FWRITE, O_CREAT...
 *  @cmode in   permissions of a file that is created.
 *  @flags in   VNODE_LOOKUP_*.
 *  @vpp   out  the open file with an iocount and a usecount; end with vnode_close.
 *  @ctx   in   whose call it is.
 *  Refs:   gives one iocount and one usecount on *@vpp.
 *  Locks:  no lock that VNOP_LOOKUP, VNOP_CREATE or VNOP_OPEN takes.
 *  Blocks: yes.
 *  Errno:  0; those of look-up, authorisation, create and VNOP_OPEN.
 *  KPI:    bsd, stable */
errno_t vnode_open(const char *path, int fmode, int cmode, int flags, vnode_t *vpp, vfs_context_t ctx);
/** vnode_close - end a vnode_open.
 *  @vp    in  the file; both references are consumed.
 *  @flags in  the FREAD and FWRITE of the open.
 *  @ctx   in  whose call it is.
 *  Refs:   consumes one iocount and one usecount.
 *  Locks:  no lock that VNOP_CLOSE, VNOP_INACTIVE or VNOP_RECLAIM takes.
 *  Blocks: yes.
 *  Errno:  0; VNOP_CLOSE's own.
 *  KPI:    bsd, stable */
errno_t vnode_close(vnode_t vp, int flags, vfs_context_t ctx);
/** vnode_getfromfd - the vnode behind a descriptor of @ctx's process, with an iocount in *@vpp. 0; EBADF as
 *  file_vnode; ENOENT dead. Private. */
int vnode_getfromfd(vfs_context_t ctx, int fd, vnode_t *vpp);
/** vnode_vfsname - name of the file system's type into @buf of MFSNAMELEN bytes. */
void vnode_vfsname(vnode_t vp, char *buf);
/** vnode_vfstypenum - number of the file system's type. */
int vnode_vfstypenum(vnode_t vp);
/** vnode_vfs64bitready - always true. */
int vnode_vfs64bitready(vnode_t vp);
/** vnode_vfsisrdonly - true if the mount is read-only. */
int vnode_vfsisrdonly(vnode_t vp);
/** vnode_vfsmaxsymlen - vfs_maxsymlen of the mount. */
uint32_t vnode_vfsmaxsymlen(vnode_t vp);

/* Authorisation. */
/** vnode_authorize - may the caller do this?
 *  @vp     in  the object; an iocount is held.
 *  @dvp    in  its directory, where the right is about an entry (KAUTH_VNODE_DELETE), else NULL.
 *  @action in  KAUTH_VNODE_* rights, all of which are needed.
 *  @ctx    in  who.
 *  Refs:   none kept.
 *  Locks:  no lock that VNOP_GETATTR or VNOP_ACCESS takes.
 *  Blocks: yes: asks listeners and the file system.
 *  Errno:  0; EACCES refused; EPERM immutable; EROFS.
 *  KPI:    bsd, stable */
int vnode_authorize(vnode_t vp, vnode_t dvp, kauth_action_t action, vfs_context_t ctx);
/** vnode_authattr - which rights the change @vap needs, into *@actionp. 0; EPERM, EINVAL for what nobody
 *  may. */
int vnode_authattr(vnode_t vp, struct vnode_attr *vap, kauth_action_t *actionp, vfs_context_t ctx);
/** vnode_authattr_new - complete and check @vap of an object to be made in @dvp. */
int vnode_authattr_new(vnode_t dvp, struct vnode_attr *vap, int noauth, vfs_context_t ctx);
/** vn_authorize_unlink - may the caller remove the file @vp from @dvp? Private. */
int vn_authorize_unlink(vnode_t dvp, vnode_t vp, struct componentname *cnp, vfs_context_t ctx,
                        void *reserved);
/** vn_authorize_rmdir - may the caller remove the directory @vp from @dvp? Private. */
int vn_authorize_rmdir(vnode_t dvp, vnode_t vp, struct componentname *cnp, vfs_context_t ctx, void *reserved);

/** vfs_get_notify_attributes - ask for the attributes that vnode_notify wants. 0. */
int vfs_get_notify_attributes(struct vnode_attr *vap);
/** vnode_notify - tell watchers of VNODE_EVENT_*; @vap answers vfs_get_notify_attributes, or NULL. 0. */
int vnode_notify(vnode_t vp, uint32_t events, struct vnode_attr *vap);
/** vfs_attr_pack - pack attributes as getattrlist does. */
errno_t vfs_attr_pack(vnode_t vp, uio_t uio, struct attrlist *alp, uint64_t options, struct vnode_attr *vap,
                      void *fndesc, vfs_context_t ctx);
/** vfs_attr_pack_ext - as vfs_attr_pack, for a file of @mp that has no vnode. */
errno_t vfs_attr_pack_ext(mount_t mp, vnode_t vp, uio_t uio, struct attrlist *alp, uint64_t options,
                          struct vnode_attr *vap, void *fndesc, vfs_context_t ctx);
/** vfs_setup_vattr_from_attrlist - ask in @vap for what an attribute list asks for. */
errno_t vfs_setup_vattr_from_attrlist(struct attrlist *alp, struct vnode_attr *vap, enum vtype obj_vtype,
                                      ssize_t *attr_fixed_sizep, vfs_context_t ctx);

/* The name cache. */
/** cache_lookup - look for a name in the cache.
 *  @dvp in   directory; an iocount is held.
 *  @vpp out  the file, with an iocount, when the result is -1.
 *  @cnp in   the name. Without MAKEENTRY an entry of that name is removed and the result is 0.
 *  Refs:   gives one iocount on a hit.
 *  Locks:  takes the cache's.
 *  Blocks: no.
 *  Errno:  -1 found; 0 not cached; ENOENT known not to exist.
 *  KPI:    bsd, stable */
int cache_lookup(vnode_t dvp, vnode_t *vpp, struct componentname *cnp);
/** cache_enter - remember a name.
 *  @dvp in  directory; an iocount is held.
 *  @vp  in  the file, or NULL: the name is known not to exist.
 *  @cnp in  the name.
 *  Refs:   none kept: an entry goes when either vnode is reclaimed.
 *  Locks:  takes the cache's.
 *  Blocks: yes, for memory.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void cache_enter(vnode_t dvp, vnode_t vp, struct componentname *cnp);
/** cache_purge - forget all names of and, for a directory, in @vp. */
void cache_purge(vnode_t vp);
/** cache_purge_negatives - forget all names that are known not to exist in the directory @vp. */
void cache_purge_negatives(vnode_t vp);
/** vfs_addname - a shared copy of a name, with a reference. @nc_hash 0: computed. */
const char *vfs_addname(const char *name, uint32_t len, uint32_t nc_hash, uint32_t flags);
/** vfs_removename - give up a reference of vfs_addname. 0, or ENOENT if it is no such name. */
int vfs_removename(const char *name);
__END_DECLS

/* The operations take what is declared above. */
#include <sys/vnode_if.h>

#endif /* KPI_SYS_VNODE_H */
