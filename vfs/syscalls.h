// SPDX-License-Identifier: BSD-2-Clause
/*
 * The system-call layer: the one way into the kernel half for the FUSE host, the control socket and the
 * tests. Both sides of the house include this file, so it uses fixed-width types and Darwin values only;
 * a kernel-side file asserts that every value below equals the one in include/.
 *
 * Errors: every call returns 0 or a positive Darwin errno (SYS_E*), never a host one. Out-parameters are
 * set on success only, unless said otherwise.
 * Callers: any host thread; no lock of the host's may be held over a call (all of them may block).
 * Identity: the first argument says on whose behalf the call is made; it becomes the thread's credential
 * for the length of the call and never longer. Calls on an open file take NULL there: whoever opened it.
 *
 * Naming a file. `at` is a weak reference to a vnode, `path` a byte string that is resolved from it:
 *   at NULL              from the root of the kernel process's own tree ("/" leads, or not)
 *   path NULL or ""      the node `at` itself
 *   SYS_AT_COMPONENT     `path` is one name, not a path: no separators, no following (what FUSE hands over)
 * A weak reference holds nothing. A call whose `at` no longer exists under its identity returns
 * SYS_ESTALE; sys_recover() then finds the file again by its number, if its file system can.
 */
#ifndef KEXTBED_VFS_SYSCALLS_H
#define KEXTBED_VFS_SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- identity ---------------------------------------------------------------------------------- */

struct sys_identity {
    uint32_t uid;
    uint32_t gid;
    uint32_t ngroups; /* supplementary groups in `groups`; at most SYS_NGROUPS are looked at */
    const uint32_t *groups;
    int32_t pid;    /* host process on whose behalf the call is made, 0 for none */
    uint32_t flags; /* SYS_CALLER_* */
};
#define SYS_NGROUPS 64
/* The host has checked permission already (FUSE's default_permissions): do not ask the file system again. */
#define SYS_CALLER_PREAUTHORISED 0x1u
/* Nothing may be changed in this name: SYS_EROFS. */
#define SYS_CALLER_READONLY 0x2u

typedef struct sys_caller
    sys_caller_t; /* opaque, reference counted, immutable; safe to share between threads */

int sys_caller_create(const struct sys_identity *id, sys_caller_t **out);
void sys_caller_retain(sys_caller_t *who);
void sys_caller_release(sys_caller_t *who);
sys_caller_t *sys_caller_kernel(void); /* uid 0, no process; needs no release */

/* Names the call that runs on a host thread now, by host_thread_id(); 0: none. */
uint64_t sys_call_running(uint32_t thread);
/* Its interruptible sleeps (PCATCH) end, and it may return SYS_EINTR. False: that call is over. Any thread.
 */
bool sys_call_interrupt(uint64_t call);
/* Where in the kernel half and its kexts a host thread is, as one line; empty: it cannot be told. Slow. */
void sys_call_where(uint32_t thread, char *buf, size_t size);

/* ---- life of the kernel half ------------------------------------------------------------------- */

struct sys_boot {
    uint32_t max_vnodes; /* bound of the vnode table; 0 = the default (65,536). At least 8 */
    uint32_t flags;      /* SYS_BOOT_* */
    /* Told, without any lock held, when a file system changed a file behind the host's back. May be NULL. */
    void (*changed)(void *arg, uint32_t mount_id, uint64_t fileid, uint64_t parent_fileid, const char *name);
    /* Told the same way, before it happens, of a file that is revoked: a host that opens nothing here has to
     * take it away from its own users. May be NULL. */
    void (*revoked)(void *arg, uint32_t mount_id, uint64_t fileid);
    void *changed_arg;
    const char
        *exceptions; /* the validator's, see docs/locking.md; NULL: none. Needed during the call alone */
    uint64_t
        cache_bytes; /* memory for cached blocks and pages; 0 = the default (128 MiB). At least 512 KiB */
};
#define SYS_BOOT_LEDGER                                                                                      \
    0x1u /* keep the ledger of iocounts per thread and operation; panic at the one left behind */
#define SYS_BOOT_SIGNALS  0x2u /* kexts may send signals to processes of the host (proc_signal) */
#define SYS_BOOT_VALIDATE 0x4u /* kexts are bound to the checking variants; a finding is a panic */
#define SYS_BOOT_VALIDATE_WARN                                                                               \
    0x8u /* the same, but a finding is logged, and the kext goes on where it can                             \
          */
#define SYS_BOOT_ALL 0xfu

int sys_boot(const struct sys_boot *args); /* once per process before any other call */
int sys_shutdown(void); /* SYS_EBUSY while something is mounted; afterwards sys_boot() may be called again */

/* What is held now; every figure but the first two must return to its value before a test (leak check). */
struct sys_counters {
    uint64_t vnodes; /* in the table, live or free */
    uint64_t vnodes_created, vnodes_recycled;
    uint64_t iocounts, usecounts; /* held now, over all vnodes except those of the kernel's own root */
    uint64_t mounts;              /* not counting the root */
    uint64_t file_systems;        /* registered types */
    uint64_t open_files;
    uint64_t name_cache_entries;
    uint64_t kext_bytes, kext_allocations; /* memory held under kexts' tags */
    uint64_t kernel_bytes;                 /* memory held by the kernel half itself */
    uint64_t credentials, procs, threads, locks;
};
void sys_counters_get(struct sys_counters *out);

/* The caches of blocks and pages, which live on one budget. */
struct sys_cache {
    uint64_t limit, bytes, dirty_bytes; /* memory: what there should be at most, what there is */
    uint64_t buffers, dirty_buffers;    /* cached blocks, the dirty ones among them */
    uint64_t pages, dirty_pages;        /* of files, 4 KiB each; likewise */
    uint64_t misses, evictions;         /* ever: of blocks; of blocks and pages */
};
void sys_cache_get(struct sys_cache *out);

/* The kernel's log ring: copies whole lines after sequence *seq into buf (NUL-terminated), advances *seq. */
size_t sys_log_read(uint64_t *seq, char *buf, size_t size);

/* ---- what is held and waited for (with SYS_BOOT_VALIDATE or _WARN; SYS_ENOTSUP without) ---------- */

enum sys_row_kind {
    SYS_ROW_RUNS,     /* a thread runs an operation */
    SYS_ROW_HOLDS,    /* it holds a lock */
    SYS_ROW_WAITS,    /* it waits for a lock */
    SYS_ROW_SLEEPS,   /* it sleeps on an event */
    SYS_ROW_IOCOUNT,  /* it has iocounts of a vnode */
    SYS_ROW_USECOUNT, /* usecounts of a vnode, those of one taker; age: of the last */
    SYS_ROW_FSREF     /* a file system's vnode_addfsref() */
};
struct sys_row {
    uint32_t kind;   /* enum sys_row_kind */
    uint32_t thread; /* number; 0 where no thread is known */
    uint32_t count;  /* of references */
    uint32_t nframes;
    int32_t pid; /* of the call that took the reference; 0: not known */
    uint32_t mount_id;
    uint64_t age_ns;
    char thread_name[64];
    char operation[64];   /* in which it was taken, or which runs; empty: none */
    char kext[64];        /* whose code took it, or runs; empty: the kernel half */
    char object[384];     /* lock and class, event, vnode with its counts */
    char frames[12][160]; /* where, innermost first */
    bool unkept;          /* usecounts of takers that are not kept: only their number is known */
};
/** sys_each_lock - what each thread runs, holds and waits for. @fn runs without any lock. Errno: 0;
 * SYS_ENOTSUP. */
int sys_each_lock(void (*fn)(void *arg, const struct sys_row *row), void *arg);
/** sys_each_ref - who holds references of vnodes: of the mount @mount_id, or of all with 0. Errno: 0;
 * SYS_ENOTSUP. */
int sys_each_ref(uint32_t mount_id, void (*fn)(void *arg, const struct sys_row *row), void *arg);

struct sys_lock_class {
    char kind[32], name[160];
    uint64_t taken, waited; /* times */
    uint64_t wait_ns, wait_max_ns;
};
/** sys_each_lock_class - every class of locks that kexts have made, and how often and long it was waited for.
 */
int sys_each_lock_class(void (*fn)(void *arg, const struct sys_lock_class *class), void *arg);
/** sys_lock_order - the order in which classes are taken, as a graph in the DOT language, piece by piece. */
int sys_lock_order(void (*add)(void *arg, const char *text), void *arg);
/** sys_validate_watch - log the operations that have lasted longer than @ns and what they wait for, each
 * once. Returns how many. */
unsigned sys_validate_watch(uint64_t ns);
/** sys_validate_findings - how many findings there were since the boot. */
uint64_t sys_validate_findings(void);

/* ---- nodes and attributes ---------------------------------------------------------------------- */

/* Weak reference. Plain data: may be copied, stored and forgotten. */
struct sys_node {
    uint64_t vnode;    /* opaque */
    uint32_t vid;      /* identity of the vnode when it was named */
    uint32_t mount_id; /* never reused within one process */
    uint64_t fileid;   /* the file system's number for the file */
};

enum sys_vtype { SYS_VNON, SYS_VREG, SYS_VDIR, SYS_VBLK, SYS_VCHR, SYS_VLNK, SYS_VSOCK, SYS_VFIFO };

struct sys_time {
    int64_t sec;
    int32_t nsec;
};

struct sys_attr {
    uint32_t mask; /* SYS_ATTR_*: setattr: what to change. getattr: what is known, the rest is made up */
    uint32_t type; /* enum sys_vtype */
    uint32_t mode; /* permission bits with set-id and sticky: 07777 */
    uint32_t nlink;
    uint32_t uid, gid;
    uint32_t rdev;    /* Darwin dev_t: 8 bits major, 24 bits minor */
    uint32_t flags;   /* UF_*, SF_* */
    uint32_t blksize; /* preferred I/O size in bytes */
    uint64_t fileid;
    uint64_t generation;
    uint64_t size;  /* bytes */
    uint64_t alloc; /* bytes allocated */
    struct sys_time atime, mtime, ctime, btime;
};
#define SYS_ATTR_MODE      0x0001u
#define SYS_ATTR_UID       0x0002u
#define SYS_ATTR_GID       0x0004u
#define SYS_ATTR_SIZE      0x0008u
#define SYS_ATTR_ATIME     0x0010u
#define SYS_ATTR_MTIME     0x0020u
#define SYS_ATTR_CTIME     0x0040u
#define SYS_ATTR_BTIME     0x0080u
#define SYS_ATTR_FLAGS     0x0100u
#define SYS_ATTR_ATIME_NOW 0x0200u /* setattr: the present time; allowed to whoever may write the file */
#define SYS_ATTR_MTIME_NOW 0x0400u

#define SYS_AT_COMPONENT 0x1u
#define SYS_AT_NOFOLLOW  0x2u /* do not follow a symbolic link in the last component */
#define SYS_AT_NOCROSS   0x4u /* do not cross into what is mounted on the last component */

int sys_lookup(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
               struct sys_node *node, struct sys_attr *attr /* may be NULL */);
int sys_getattr(sys_caller_t *who, const struct sys_node *node, struct sys_attr *attr);
int sys_setattr(sys_caller_t *who, const struct sys_node *node, const struct sys_attr *set,
                struct sys_attr *after /* may be NULL */);
int sys_access(sys_caller_t *who, const struct sys_node *node, uint32_t rwx /* 4 read, 2 write, 1 execute */);
int sys_readlink(sys_caller_t *who, const struct sys_node *node, char *buf, size_t size, size_t *len);

/* Finds file number `fileid` of a mount again through VFS_VGET; SYS_ENOTSUP where the file system has none.
 */
int sys_recover(sys_caller_t *who, uint32_t mount_id, uint64_t fileid, struct sys_node *node,
                struct sys_attr *attr /* may be NULL */);

/* Takes the file away from everybody who has it open: every use of their handles but closing is SYS_EIO.
 * Looked up again it is as good as new. For its owner and the superuser. SYS_EBUSY the root of a mount. */
int sys_revoke(sys_caller_t *who, const struct sys_node *node);

/* ---- file handles: a file's name for ever, not only while the kernel half remembers it */
#define SYS_HANDLE_MAX 128u
struct sys_handle {
    uint32_t len;
    uint8_t data[SYS_HANDLE_MAX];
};
/* SYS_ENOTSUP where the type makes none and finds no file by number either. */
int sys_handle_make(sys_caller_t *who, const struct sys_node *node, struct sys_handle *handle);
/* SYS_ESTALE the file is gone, or the handle is of another file system or no handle at all. SYS_EACCES a
 * client's caller (sys_export_caller) whose export is another now. */
int sys_handle_find(sys_caller_t *who, uint32_t mount_id, const struct sys_handle *handle,
                    struct sys_node *node, struct sys_attr *attr /* may be NULL */);

/* ---- exports: which clients of a server of files get what; a list per mount, the narrowest entry counts */
struct sys_address {
    uint32_t family;  /* SYS_AF_INET: 4 bytes of address; SYS_AF_INET6: 16; 0: everybody, prefix 0 */
    uint32_t prefix;  /* bits that count; of a client all */
    uint8_t addr[16]; /* network byte order */
};
#define SYS_AF_INET  2u
#define SYS_AF_INET6 30u
struct sys_export {
    struct sys_address to;
    uint32_t flags; /* SYS_EXPORT_* */
    uint32_t uid, gid;
};
#define SYS_EXPORT_READONLY 0x1u
#define SYS_EXPORT_MAPROOT  0x2u /* the client's superuser acts as uid, gid */
#define SYS_EXPORT_MAPALL   0x4u /* everybody does */
/* Exports a mount, or says anew how; for the superuser. `sys_unexport` with NULL: to nobody any more.
 * SYS_EINVAL the address or flags; SYS_ENOENT no such mount, or it was not exported so. */
int sys_export(sys_caller_t *who, uint32_t mount_id, const struct sys_export *ex);
int sys_unexport(sys_caller_t *who, uint32_t mount_id, const struct sys_address *to);
/* In whose name a client's request is carried out: whom it claims to be, mapped as the mount's export to it
 * says, and with SYS_CALLER_READONLY where that is read-only. SYS_EACCES the mount is not exported to it.
 * Such a caller finds files by handle (sys_handle_find) on that mount alone, and as long as the export stays
 * as it is. */
int sys_export_caller(uint32_t mount_id, const struct sys_address *client, const struct sys_identity *claimed,
                      sys_caller_t **who);

/* Keeps a file's identity (one usecount) until released, whatever happens to its names. */
typedef struct sys_hold sys_hold_t;
int sys_hold(const struct sys_node *node, sys_hold_t **out);
void sys_hold_release(sys_hold_t *hold);
int sys_hold_node(sys_hold_t *hold, struct sys_node *node); /* whom it keeps */

/* ---- names ------------------------------------------------------------------------------------- */

int sys_mkdir(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
              uint32_t mode, struct sys_node *node, struct sys_attr *attr);
int sys_mknod(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
              uint32_t type /* enum sys_vtype */, uint32_t mode, uint32_t rdev, struct sys_node *node,
              struct sys_attr *attr);
int sys_symlink(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
                const char *target, struct sys_node *node, struct sys_attr *attr);
int sys_link(sys_caller_t *who, const struct sys_node *file, const struct sys_node *at, const char *path,
             uint32_t at_flags, struct sys_attr *attr);
/* `hold`, if not NULL, receives a hold on the file that lost its name (an open file's host still needs it).
 */
int sys_unlink(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
               sys_hold_t **hold);
int sys_rmdir(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
              sys_hold_t **hold);
#define SYS_RENAME_EXCL 0x1u /* fail with SYS_EEXIST where the target exists */
#define SYS_RENAME_SWAP 0x2u /* exchange the two; SYS_ENOTSUP where the file system cannot */
struct sys_renamed {
    struct sys_node moved;   /* the file with the new name */
    struct sys_node swapped; /* SYS_RENAME_SWAP: the file with the old name */
    sys_hold_t *replaced;    /* a hold on the file that was renamed over; NULL: there was none */
};
int sys_rename(sys_caller_t *who, const struct sys_node *from_at, const char *from,
               const struct sys_node *to_at, const char *to, uint32_t at_flags, uint32_t rename_flags,
               struct sys_renamed *out /* may be NULL */);

/* ---- open files -------------------------------------------------------------------------------- */

typedef struct sys_file
    sys_file_t; /* one open: a usecount, the opener's credential, flags, directory position */

#define SYS_O_RDONLY    0x0000u
#define SYS_O_WRONLY    0x0001u
#define SYS_O_RDWR      0x0002u
#define SYS_O_ACCMODE   0x0003u
#define SYS_O_NONBLOCK  0x0004u
#define SYS_O_APPEND    0x0008u
#define SYS_O_SYNC      0x0080u
#define SYS_O_NOFOLLOW  0x0100u
#define SYS_O_CREAT     0x0200u
#define SYS_O_TRUNC     0x0400u
#define SYS_O_EXCL      0x0800u
#define SYS_O_DIRECTORY 0x100000u
/* Not Darwin's: authorise what was asked for, but open for reading too (a write-back cache fills whole
 * pages). */
#define SYS_O_WIDEN 0x80000000u
/* The file is opened to be executed: the right to that is asked for in place of the right to read, and
 * listeners hear of an execution, not of an open and its close. */
#define SYS_O_EXEC 0x40000000u

int sys_open(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
             uint32_t oflags, uint32_t mode /* with SYS_O_CREAT */, sys_file_t **file,
             struct sys_node *node /* may be NULL */, struct sys_attr *attr /* may be NULL */);
int sys_close(sys_caller_t *who, sys_file_t *file); /* always consumes `file`; the error is VNOP_CLOSE's */
int sys_file_node(sys_file_t *file, struct sys_node *node);
/* Somebody listens to what is done to files (KAUTH_SCOPE_FILEOP) now: he hears of opens that come here only.
 */
bool sys_files_heard(void);
/* The file was written through this open, says the host, which wrote back through another. */
void sys_file_written(sys_file_t *file);

struct sys_iovec {
    void *base;
    size_t len;
};
/* Offsets and counts are bytes. *done is set on success and, for a short transfer, on error too. */
int sys_pread(sys_caller_t *who, sys_file_t *file, const struct sys_iovec *iov, uint32_t iovcnt, int64_t off,
              size_t *done);
int sys_pwrite(sys_caller_t *who, sys_file_t *file, const struct sys_iovec *iov, uint32_t iovcnt, int64_t off,
               size_t *done);
/* The same for a file that is not open; permission is asked for at each call. For file systems without a
 * VNOP_OPEN or VNOP_CLOSE of their own (sys_mount_info), which see no difference. */
int sys_node_read(sys_caller_t *who, const struct sys_node *node, const struct sys_iovec *iov,
                  uint32_t iovcnt, int64_t off, size_t *done);
int sys_node_write(sys_caller_t *who, const struct sys_node *node, const struct sys_iovec *iov,
                   uint32_t iovcnt, int64_t off, size_t *done);
int sys_ftruncate(sys_caller_t *who, sys_file_t *file, int64_t size);
/* The three below are made of several operations: the caller sees to it that nobody else changes the file
 * meanwhile. */
/* keep_size: reserve without changing the size. Composed from VNOP_ALLOCATE, else refused (SYS_ENOTSUP). */
int sys_allocate(sys_caller_t *who, sys_file_t *file, int64_t off, int64_t len, bool keep_size);
/* Frees the whole blocks in the range and zeroes the rest. */
int sys_punch(sys_caller_t *who, sys_file_t *file, int64_t off, int64_t len);
/* Zeroes the range; composed from punch and write. keep_size as above. */
int sys_zero_range(sys_caller_t *who, sys_file_t *file, int64_t off, int64_t len, bool keep_size);
int sys_fsync(sys_caller_t *who, sys_file_t *file, bool data_only);
/* A program has mapped what is open for writing; until the close that counts as one mapping, however often it
 * is said. For a host that does not hear of the mapping itself. SYS_EPERM: the file system refuses. */
int sys_mapped(sys_caller_t *who, sys_file_t *file);
/* SEEK_DATA and SEEK_HOLE; SYS_ENOTSUP where the file system does not say, SYS_ENXIO past the end. */
int sys_seek(sys_caller_t *who, sys_file_t *file, int64_t off, bool hole, int64_t *out);

struct sys_dirent {
    uint64_t fileid;
    int64_t cookie; /* position after this entry: pass it to go on from here */
    uint32_t type;  /* enum sys_vtype, SYS_VNON where unknown */
    uint32_t namelen;
    const char *name;                  /* NUL-terminated, valid during the call of emit only */
    const struct sys_listing *listing; /* the call that emits it: for sys_dirent_lookup() */
};
/* Emits entries from `cookie` (0 = the start) until emit returns non-zero or the directory ends. "." and ".."
 * are included. emit runs without any lock of the kernel's held and may call back into sys_lookup(). */
int sys_readdir(sys_caller_t *who, sys_file_t *dir, int64_t cookie,
                int (*emit)(void *arg, const struct sys_dirent *ent), void *arg, bool *eof);
/* The file that an entry names, as sys_lookup() of the name with all SYS_AT_* flags would find it for the
 * same caller, but within the running call. Only inside emit, on the entry it was given; SYS_EINVAL for "."
 * and "..". */
int sys_dirent_lookup(const struct sys_dirent *ent, struct sys_node *node, struct sys_attr *attr);

/* ---- extended attributes ----------------------------------------------------------------------- */

/* size 0: *len is set to the length needed. Too small: SYS_ERANGE. */
int sys_getxattr(sys_caller_t *who, const struct sys_node *node, const char *name, void *buf, size_t size,
                 size_t *len);
#define SYS_XATTR_CREATE  0x2u
#define SYS_XATTR_REPLACE 0x4u
int sys_setxattr(sys_caller_t *who, const struct sys_node *node, const char *name, const void *buf,
                 size_t size, uint32_t flags);
int sys_listxattr(sys_caller_t *who, const struct sys_node *node, char *buf, size_t size, size_t *len);
int sys_removexattr(sys_caller_t *who, const struct sys_node *node, const char *name);

/* ---- mounts ------------------------------------------------------------------------------------ */

#define SYS_NAME_MAX   255u
#define SYS_PATH_MAX   1024u
#define SYS_FSTYPE_MAX 16u /* with the NUL */

#define SYS_MNT_RDONLY      0x00000001ull
#define SYS_MNT_SYNCHRONOUS 0x00000002ull
#define SYS_MNT_NOEXEC      0x00000004ull
#define SYS_MNT_NOSUID      0x00000008ull
#define SYS_MNT_NODEV       0x00000010ull
#define SYS_MNT_UNION       0x00000020ull
#define SYS_MNT_LOCAL       0x00001000ull /* told in flags, never asked for: nobody else changes it */
#define SYS_MNT_UPDATE      0x00010000ull
#define SYS_MNT_RELOAD      0x00040000ull /* with UPDATE, of a read-only mount: forget what is cached */
#define SYS_MNT_FORCE       0x00080000ull
#define SYS_MNT_NOATIME     0x10000000ull

/* What a local file system lies on, if the host has it, so that nothing is mounted twice under two names: the
 * numbers of the image file or of the device, all links and loops resolved. */
struct sys_backing {
    enum { SYS_BACKING_NONE, SYS_BACKING_FILE, SYS_BACKING_DEVICE } kind;
    uint64_t dev, ino; /* FILE: its device and number; DEVICE: its own number, and 0 */
};

/* Disks of the host in the kernel's own tree: an image file or block device gets the nodes /dev/diskN and
 * /dev/rdiskN, owned by the caller, and whatever wants a disk takes the first as its special. */
#define SYS_DISK_NODE_MAX 24u
struct host_disk;
struct sys_disk {
    const char *path;       /* absolute, the host's */
    struct host_disk *disk; /* instead of opening path: one that the caller has made; the kernel closes it */
    bool read_only;
    struct sys_backing backing; /* what path really is */
    char *why;                  /* may be NULL: gets why it is refused, as a sentence */
    size_t why_size;
};
/* SYS_EBUSY a mount lies on it, or another process has it; SYS_ENOENT; SYS_EACCES; SYS_EINVAL it is no disk.
 * node gets the name of its block device. */
int sys_disk_attach(sys_caller_t *who, const struct sys_disk *args, uint32_t *unit,
                    char node[SYS_DISK_NODE_MAX]);
/* Ends it and closes the disk. SYS_EBUSY it is open, or mounted. */
int sys_disk_detach(uint32_t unit);
/* Ends all that are not open. */
void sys_disk_detach_all(void);
/* Does a file-system type want a disk as its special? False for one that is not there. */
bool sys_type_wants_disk(const char *type);

struct sys_mount {
    const char *type;     /* file-system type as the kext registered it */
    const char *special;  /* f_mntfromname; may be "none" */
    const char *shown_on; /* f_mntonname: the host's path; NULL = the path in the kernel's own tree */
    const char *on;   /* where in the kernel's own tree; NULL = a directory /mnt/<n> made for this mount */
    uint64_t flags;   /* SYS_MNT_* */
    const void *data; /* handed to VFS_MOUNT as its user-space argument; copied in by the file system */
    size_t data_size;
    bool data_is_text; /* data is an option text: no pointer to a device's name leads it */
    struct sys_backing backing;
    char *why; /* may be NULL: gets why it is refused, where there is more to say than the error */
    size_t why_size;
};
/* Whether the type's operations exist of its own (a host may answer OPEN itself only where this is false). */
struct sys_mount_info {
    uint32_t mount_id;
    uint32_t type_num;
    uint64_t flags;
    bool has_open, has_close; /* VNOP_OPEN / VNOP_CLOSE do something in at least one of its vectors */
    bool has_vget;            /* VFS_VGET works: sys_recover() */
    bool has_xattr;           /* native extended attributes */
    char type[SYS_FSTYPE_MAX];
    char special[SYS_PATH_MAX];
    char shown_on[SYS_PATH_MAX];
    uint64_t vnodes, vnode_ops; /* live vnodes now; operations since the mount */
};
struct sys_statfs {
    uint32_t bsize, iosize;
    uint64_t blocks, bfree, bavail, files, ffree;
    uint32_t namemax;
    uint64_t fsid;
    uint64_t flags;
    char type[SYS_FSTYPE_MAX];
};

/* With SYS_MNT_UPDATE the mount that is changed is the one on `on`, or where that is NULL the one in
 * *mount_id. A type that wants a disk finds it in `special`, and its data begins with a pointer, as Darwin's
 * do, that is skipped; data of 0 bytes is that pointer alone. SYS_ENOTBLK the special is no block device,
 * SYS_EACCES the caller may not read it, or write it. */
int sys_mount(sys_caller_t *who, const struct sys_mount *args, uint32_t *mount_id, struct sys_node *root);
/* Makes the file system on a mount larger or smaller, `bytes` in all. SYS_ENOTSUP its type cannot; SYS_ENOSPC
 * smaller than what is in use; SYS_EROFS; SYS_EBUSY it is just being changed. */
int sys_resize(sys_caller_t *who, uint32_t mount_id, uint64_t bytes);
/* SYS_EBUSY leaves everything as it was and writes who holds it to why (may be NULL). SYS_MNT_FORCE: never
 * busy. */
int sys_unmount(sys_caller_t *who, uint32_t mount_id, uint64_t flags, char *why, size_t why_size);
/* What keeps a mount from going, as text; returns how many of its vnodes are in use. Also while a call
 * unmounts it and waits. */
unsigned sys_mount_holders(uint32_t mount_id, char *why, size_t why_size);
int sys_mount_root(uint32_t mount_id, struct sys_node *root);
int sys_mount_info(uint32_t mount_id, struct sys_mount_info *info);
/* The directory that the mount covers, as a path in the kernel's own tree: what is stacked upon the mount
 * finds it by that name. SYS_ENAMETOOLONG: `size` bytes do not hold it. */
int sys_mount_path(uint32_t mount_id, char *path, size_t size);
size_t sys_mount_list(uint32_t *mount_ids, size_t max); /* returns how many there are */
int sys_statfs(sys_caller_t *who, uint32_t mount_id, struct sys_statfs *out);
int sys_sync(sys_caller_t *who, uint32_t mount_id, bool wait);

/* ---- suspending a mount ------------------------------------------------------------------------- */

struct sys_suspend {
    uint64_t owner;      /* a number of the host's choosing, not 0, below 2^63; its suspensions nest */
    uint32_t timeout_ms; /* for all waiting; SYS_SUSPEND_FOREVER */
    const char *label;   /* who that is, for reports; NULL: "the host" */
};
#define SYS_SUSPEND_FOREVER 0xffffffffu
#define SYS_SUSPEND_ANY     0xffffffffffffffffull
/* New calls wait, those in progress end, dirty data is written; then what the file system stores may be
 * changed until sys_resume(). An interrupt ends a call's waiting (SYS_EINTR); a forced unmount ends the
 * suspension. A call that is emitting directory entries is in progress. SYS_ETIMEDOUT: nothing is suspended,
 * and why (may be NULL) names who holds it: operation, thread, since when, or which other owner. SYS_ENOENT:
 * no such mount, or it is being unmounted. */
int sys_suspend(sys_caller_t *who, uint32_t mount_id, const struct sys_suspend *args, char *why,
                size_t why_size);
/* Ends one level. SYS_SUSPEND_ANY: all levels, whoever the owner is, also of single files and those that a
 * kext has suspended. SYS_EINVAL not suspended; SYS_EPERM by another owner; SYS_EBUSY it is just being
 * suspended; SYS_ENOENT no such mount. */
int sys_resume(sys_caller_t *who, uint32_t mount_id, uint64_t owner);
/* Ends all that an owner has suspended: it is gone. */
void sys_resume_all(uint64_t owner);
/* Is it suspended? `whose` gets a sentence. */
bool sys_suspended(uint32_t mount_id, char *whose, size_t size);
/* Calls of this host thread are the owner's from now on, and are let in; 0: they are not any more. */
void sys_suspend_as(uint64_t owner);

/* ---- the kernel itself -------------------------------------------------------------------------- */

/* Reads and, where newlen is not 0, sets the variable `name` ("vfs.generic.x"; a part may be a number).
 * *oldlen: in: room at old, bytes; out: length of the value, on SYS_ENOMEM too. old NULL: only the length. */
int sys_sysctl(sys_caller_t *who, const char *name, void *old, size_t *oldlen, const void *new_value,
               size_t newlen);

/* Announces that descriptor `fd` of process `pid` is this open file, so that a kext that is called on behalf
 * of the process and given the number finds the file (file_vnode). Descriptors are not announced unless the
 * host does it; those that are not are SYS_EBADF to kexts. Keeps the file's identity until taken back, which
 * waits until no kext uses it. SYS_EEXIST it is announced already. */
int sys_descriptor_give(int32_t pid, int32_t fd, sys_file_t *file);
int sys_descriptor_take(int32_t pid, int32_t fd);

/* ---- Darwin errno values ------------------------------------------------------------------------ */

enum {
    SYS_EPERM = 1,
    SYS_ENOENT = 2,
    SYS_ESRCH = 3,
    SYS_EINTR = 4,
    SYS_EIO = 5,
    SYS_ENXIO = 6,
    SYS_E2BIG = 7,
    SYS_ENOEXEC = 8,
    SYS_EBADF = 9,
    SYS_ECHILD = 10,
    SYS_EDEADLK = 11,
    SYS_ENOMEM = 12,
    SYS_EACCES = 13,
    SYS_EFAULT = 14,
    SYS_ENOTBLK = 15,
    SYS_EBUSY = 16,
    SYS_EEXIST = 17,
    SYS_EXDEV = 18,
    SYS_ENODEV = 19,
    SYS_ENOTDIR = 20,
    SYS_EISDIR = 21,
    SYS_EINVAL = 22,
    SYS_ENFILE = 23,
    SYS_EMFILE = 24,
    SYS_ENOTTY = 25,
    SYS_ETXTBSY = 26,
    SYS_EFBIG = 27,
    SYS_ENOSPC = 28,
    SYS_ESPIPE = 29,
    SYS_EROFS = 30,
    SYS_EMLINK = 31,
    SYS_EPIPE = 32,
    SYS_ERANGE = 34,
    SYS_EAGAIN = 35,
    SYS_ENOTSUP = 45,
    SYS_ETIMEDOUT = 60,
    SYS_ELOOP = 62,
    SYS_ENAMETOOLONG = 63,
    SYS_ENOTEMPTY = 66,
    SYS_EDQUOT = 69,
    SYS_ESTALE = 70,
    SYS_ENOLCK = 77,
    SYS_ENOSYS = 78,
    SYS_EOVERFLOW = 84,
    SYS_ECANCELED = 89,
    SYS_ENOATTR = 93
};

#endif
