// SPDX-License-Identifier: BSD-2-Clause
/*
 * sys_fixture.h: the file system that the tests of the system-call layer drive, and their common set-up.
 *
 * "fxfs" keeps everything in memory under one lock, counts the operations that reach it and fails those that
 * it is told to. Three types are registered: fxfs (cookies in readdir), fxplain (struct dirent only), fxdisk
 * (wants a device). Kernel side.
 */
#ifndef KEXTBED_TESTS_SYS_FIXTURE_H
#define KEXTBED_TESTS_SYS_FIXTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>
#include <string.h>

#include "kern/kern_iface.h"
#include "tests/support/ktest.h"
#include "vfs/syscalls.h"

/* ---- what a mount is told to do ------------------------------------------------------------------------ */

#define FX_NO_HOLES    0x0001u /* no punching, no seeking for holes */
#define FX_BLOCK_PUNCH 0x0002u /* punches whole blocks only, EINVAL for the rest */
#define FX_OPAQUE      0x0004u /* permissions are known by VNOP_ACCESS alone */
#define FX_NO_RENAMEX  0x0008u
#define FX_NO_CASE     0x0010u /* says that it ignores case; names compare exactly all the same */
#define FX_NO_ALLOCATE 0x0020u
#define FX_GARBLE_DIR  0x0040u /* readdir returns an entry that reaches beyond the buffer */
#define FX_NO_NUMBERS  0x0080u /* getattr returns no va_fileid */
#define FX_BLOCK       4096u
#define FX_FILE_MAX    (256u * FX_BLOCK)

struct fx_args {
    uint32_t options;
};

enum fx_op {
    FX_MOUNT,
    FX_START,
    FX_ROOT,
    FX_UNMOUNT,
    FX_SYNC,
    FX_VGET,
    FX_LOOKUP,
    FX_CREATE,
    FX_MKNOD,
    FX_MKDIR,
    FX_SYMLINK,
    FX_LINK,
    FX_REMOVE,
    FX_RMDIR,
    FX_RENAME,
    FX_RENAMEX,
    FX_OPEN,
    FX_CLOSE,
    FX_GETATTR,
    FX_SETATTR,
    FX_ACCESS,
    FX_READ,
    FX_WRITE,
    FX_IOCTL,
    FX_ALLOCATE,
    FX_FSYNC,
    FX_READDIR,
    FX_READLINK,
    FX_GETXATTR,
    FX_SETXATTR,
    FX_LISTXATTR,
    FX_REMOVEXATTR,
    FX_INACTIVE,
    FX_RECLAIM,
    FX_OP_COUNT
};
/* Calls since the case began. */
extern _Atomic(uint32_t) fx_calls[FX_OP_COUNT];
/** fx_fail - the next @times calls of @op fail with @error, before they do anything. */
void fx_fail(enum fx_op op, int error, uint32_t times);
/** fx_hook - call @fn once, with no lock held, at the start of the next call of @op (to change things under
 * it). */
void fx_hook(enum fx_op op, void (*fn)(void *arg), void *arg);
/** fx_enter - what each operation begins with: counts, hooks, failures. */
int fx_enter(enum fx_op op);
extern _Atomic(int) fx_access_answer;                     /* what VNOP_ACCESS says on FX_OPAQUE mounts */
extern _Atomic(int) fx_last_ioflag;                       /* of the last VNOP_READ or VNOP_WRITE */
extern _Atomic(int) fx_last_open_mode;                    /* of the last VNOP_OPEN */
extern _Atomic(uint32_t) fx_last_cn_flags, fx_last_cn_op; /* of the last VNOP_LOOKUP */
extern _Atomic(uint32_t) fx_last_alloc_flags;             /* of the last VNOP_ALLOCATE */

/* ---- objects (sys_fixture_fs.c) ------------------------------------------------------------------------ */

struct fx_node;
struct fx_entry {
    TAILQ_ENTRY(fx_entry) e_link;
    struct fx_node *e_node;
    uint64_t e_cookie;
    uint32_t e_len;
    char e_name[];
};
struct fx_xattr {
    struct fx_xattr *x_next;
    size_t x_size;
    uint8_t x_value[256];
    char x_name[128];
};
struct fx_node {
    TAILQ_ENTRY(fx_node) n_link; /* all nodes of the mount */
    struct fx_mount *n_mount;
    uint32_t n_refs;
    uint64_t n_ino;
    enum vtype n_type;
    mode_t n_mode;
    uid_t n_uid;
    gid_t n_gid;
    uint32_t n_flags, n_nlink;
    dev_t n_rdev;
    off_t n_size;
    struct timespec n_atime, n_mtime, n_ctime, n_btime;
    TAILQ_HEAD(, fx_entry) n_entries; /* VDIR */
    uint64_t n_next_cookie;
    struct fx_node *n_parent;
    char *n_target;      /* VLNK */
    uint8_t *n_data;     /* VREG: FX_FILE_MAX bytes once there are any */
    bool n_present[256]; /* blocks that are no hole */
    struct fx_xattr *n_xattrs;
    vnode_t n_vnode;
    bool n_making;
};
struct fx_mount {
    mount_t m_mp;
    uint32_t m_options;
    uint64_t m_next_ino;
    bool m_plain;
    TAILQ_HEAD(, fx_node) m_nodes;
    struct fx_node *m_root;
};
struct fx_new {
    enum vtype type;
    const struct vnode_attr *vap;
    const char *target;
};

static inline struct fx_node *fx_node_of(vnode_t vp)
{
    return vnode_fsnode(vp);
}
extern int (**fx_vnodeop_p)(void *);
void fx_lock(void);
void fx_unlock(void);
void fx_sleep(void *channel);
struct fx_node *fx_node_make(struct fx_mount *mnt, const struct fx_new *args);            /* one reference */
void fx_node_rele(struct fx_node *node);                                                  /* lock held */
struct fx_entry *fx_find(struct fx_node *dir, const char *name, size_t len);              /* lock held */
int fx_vnode(struct fx_node *node, vnode_t dvp, struct componentname *cnp, vnode_t *vpp); /* lock not held */
void fx_touch(struct fx_node *node);

/* sys_fixture_names.c */
int fx_vnop_lookup(struct vnop_lookup_args *ap);
int fx_vnop_create(struct vnop_create_args *ap);
int fx_vnop_mknod(struct vnop_mknod_args *ap);
int fx_vnop_mkdir(struct vnop_mkdir_args *ap);
int fx_vnop_symlink(struct vnop_symlink_args *ap);
int fx_vnop_link(struct vnop_link_args *ap);
int fx_vnop_remove(struct vnop_remove_args *ap);
int fx_vnop_rmdir(struct vnop_rmdir_args *ap);
int fx_vnop_rename(struct vnop_rename_args *ap);
int fx_vnop_renamex(struct vnop_renamex_args *ap);
int fx_vnop_readdir(struct vnop_readdir_args *ap);

/* sys_fixture_data.c */
int fx_vnop_read(struct vnop_read_args *ap);
int fx_vnop_write(struct vnop_write_args *ap);
int fx_vnop_ioctl(struct vnop_ioctl_args *ap);
int fx_vnop_allocate(struct vnop_allocate_args *ap);
int fx_vnop_readlink(struct vnop_readlink_args *ap);
int fx_vnop_getxattr(struct vnop_getxattr_args *ap);
int fx_vnop_setxattr(struct vnop_setxattr_args *ap);
int fx_vnop_listxattr(struct vnop_listxattr_args *ap);
int fx_vnop_removexattr(struct vnop_removexattr_args *ap);
int fx_resize(struct fx_node *node, off_t size); /* lock held */
uint64_t fx_allocated(const struct fx_node *node);

/* ---- for cases (sys_fixture.c) ------------------------------------------------------------------------- */

/* Before each case: the kernel half is up with 256 vnodes and the ledger, the types are registered.
 * Afterwards everything is taken down again and nothing may be left. */
void fx_setup(void);
void fx_teardown(void);
void fx_warm_up(void); /* once: what the first boot of a process makes for good is made */
/* A setup of the case's own instead of fx_setup()'s table size. */
void fx_setup_sized(uint32_t max_vnodes);
#define FX_SUITE(noun, table) KT_SUITE_WITH(noun, table, fx_setup, fx_teardown, fx_warm_up)
/* For a file that defines setup() and teardown() of its own around these two. */
#define SYS_SUITE(noun, table) KT_SUITE_WITH(noun, table, setup, teardown, fx_warm_up)

extern vfstable_t fx_types[3];
/* What they are made of, for a type of a case's own. */
extern struct vfsops fx_vfsops;
extern struct vnodeopv_desc fx_vector;
void fx_types_add(void);
void fx_types_remove(void);
struct fx_place {
    uint32_t id;
    struct sys_node root;
};
/** fx_mount - mount a type ("fxfs", "fxplain") with FX_* options and SYS_MNT_* flags on a directory of its
 * own. */
struct fx_place fx_mount(const char *type, uint32_t options, uint64_t flags);
void fx_unmount(const struct fx_place *place);

/* The superuser (the kernel itself), and callers made for the case. */
#define ROOT sys_caller_kernel()
sys_caller_t *fx_user(uint32_t uid, uint32_t gid, uint32_t flags);
sys_caller_t *fx_user_in(uint32_t uid, uint32_t gid, const uint32_t *groups, uint32_t ngroups);

/* Short forms; they fail the case unless they succeed. All as ROOT. */
struct sys_node fx_mkdir(const struct sys_node *at, const char *path, uint32_t mode);
struct sys_node fx_file(const struct sys_node *at, const char *path, uint32_t mode, const char *contents);
struct sys_node fx_symlink(const struct sys_node *at, const char *path, const char *target);
struct sys_node fx_get(const struct sys_node *at, const char *path);
struct sys_attr fx_stat(const struct sys_node *at, const char *path);
vnode_t fx_vnode_of(const struct sys_node *at, const char *path);             /* no reference is taken */
int fx_error(const struct sys_node *at, const char *path, uint32_t at_flags); /* sys_lookup()'s answer */
bool fx_exists(const struct sys_node *at, const char *path);
sys_file_t *fx_open(const struct sys_node *at, const char *path, uint32_t oflags);
void fx_close(sys_file_t *file);
int fx_write(sys_file_t *file, const void *data, size_t len, int64_t off);
/* Reads up to @len bytes; returns how many, or minus the error. */
int64_t fx_read(sys_file_t *file, void *data, size_t len, int64_t off);
void fx_chmod(const struct sys_node *at, const char *path, uint32_t mode);
void fx_chown(const struct sys_node *at, const char *path, uint32_t uid, uint32_t gid);
void fx_chflags(const struct sys_node *at, const char *path, uint32_t flags);

#endif
