// SPDX-License-Identifier: BSD-2-Clause
/*
 * wildfs: a file system that misbehaves when it is told to, for tests of what is above it. Its root holds
 * four files that nobody can change; what happens is asked for by looking up names that do not exist:
 *
 *   steady   "steady\n"
 *   fickle   "version N\n"; "change*" raises N and tells the kernel that the file changed
 *   opens    "OPENS CLOSES\n", counted over all files before this one is opened
 *   locked   a read waits until "wake*" is looked up
 *   doze*    waits likewise, or for a signal
 *   crash*   follows a null pointer, panic* panics, fail-N* fails with errno N
 *   arm*     from now on VNOP_GETATTR of all but the root waits until "wake*"; hang* does so for the root too
 *   keep*    a thread takes an iocount of steady and keeps it until "wake*", spin* without ever sleeping
 *   double*  frees memory twice, overrun* writes a byte behind it, leak* returns with a lock held
 *
 * Mounted from "hang" it hangs in VFS_MOUNT. It has a VNOP_OPEN and a VNOP_CLOSE of its own, and no VFS_VGET.
 * w_lock guards everything that changes; it is not held over calls that may come back to us.
 */
#include <kern/thread.h>
#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <libkern/locks.h>
#include <mach/kmod.h>
#include <stdbool.h>
#include <string.h>
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

enum { ROOT = 2, STEADY, FICKLE, OPENS, LOCKED, END };

static const char *const names[END] = {
    [STEADY] = "steady", [FICKLE] = "fickle", [OPENS] = "opens", [LOCKED] = "locked"};

struct wild_file {
    uint64_t w_ino;
    vnode_t w_vnode;    /* while attached */
    boolean_t w_making; /* somebody is in vnode_create() for it */
};

static lck_grp_t *w_group;
static lck_mtx_t *w_lock;
static vfstable_t w_table;
static int (**w_vnodeop_p)(void *);
static mount_t w_mount; /* one at a time */
static struct wild_file w_files[END];
static unsigned w_version, w_opens, w_closes, w_wakes;
static struct timespec w_made;
static unsigned w_armed; /* 1: all but the root, 2: the root too */
static lck_mtx_t *w_spare;
static OSMallocTag w_tag;

static struct wild_file *file_of(vnode_t vp)
{
    return vnode_fsnode(vp);
}

/* ---- vnodes ------------------------------------------------------------------------------------- */

static int vnode_make(struct wild_file *file, vnode_t dvp, struct componentname *cnp)
{
    struct vnode_fsparam param = {
        .vnfs_mp = w_mount,
        .vnfs_vtype = file->w_ino == ROOT ? VDIR : VREG,
        .vnfs_str = "wildfs",
        .vnfs_dvp = dvp,
        .vnfs_cnp = cnp,
        .vnfs_fsnode = file,
        .vnfs_vops = w_vnodeop_p,
        .vnfs_markroot = file->w_ino == ROOT,
        .vnfs_filesize = 64,
        .vnfs_flags = VNFS_NOCACHE | VNFS_CANTCACHE,
    };
    int error = vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, &file->w_vnode);

    if (!error)
        vnode_addfsref(file->w_vnode);
    return error;
}

/* The vnode of a file, with an iocount. */
static int vnode_of(struct wild_file *file, vnode_t dvp, struct componentname *cnp, vnode_t *vpp)
{
    int error = 0;

    lck_mtx_lock(w_lock);
    for (;;) {
        vnode_t vp = file->w_vnode;

        if (file->w_making) {
            (void)msleep(&file->w_making, w_lock, PINOD, "wildfs_vnode", NULL);
        } else if (!vp) {
            file->w_making = TRUE;
            lck_mtx_unlock(w_lock);
            error = vnode_make(file, dvp, cnp);
            lck_mtx_lock(w_lock);
            if (error)
                file->w_vnode = NULLVP;
            file->w_making = FALSE;
            wakeup(&file->w_making);
            *vpp = file->w_vnode;
            break;
        } else {
            uint32_t vid = vnode_vid(vp);

            lck_mtx_unlock(w_lock);
            error = vnode_getwithvid(vp, vid);
            lck_mtx_lock(w_lock);
            if (!error) {
                *vpp = vp;
                break;
            }
        }
    }
    lck_mtx_unlock(w_lock);
    return error;
}

static int wild_reclaim(struct vnop_reclaim_args *ap)
{
    lck_mtx_lock(w_lock);
    file_of(ap->a_vp)->w_vnode = NULLVP;
    lck_mtx_unlock(w_lock);
    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    return 0;
}

/* ---- what it is told to do ------------------------------------------------------------------------ */

/* Keeps the function that it ends in on the stack during its last call. */
#define STAY() __asm__ volatile("" ::: "memory")

static __attribute__((noinline)) void wild_crash_here(volatile int *where)
{
    *where = 1;
    STAY();
}

static void fickle_change(void)
{
    vnode_t vp;

    lck_mtx_lock(w_lock);
    w_version++;
    lck_mtx_unlock(w_lock);
    if (vnode_of(&w_files[FICKLE], NULLVP, NULL, &vp) == 0) {
        vnode_notify(vp, VNODE_EVENT_WRITE, NULL);
        vnode_put(vp);
    }
}

static void sleepers_wake(void)
{
    lck_mtx_lock(w_lock);
    w_wakes++;
    w_armed = 0;
    wakeup(&w_wakes);
    lck_mtx_unlock(w_lock);
}

static int sleep_until_woken(int priority)
{
    int error = 0;

    lck_mtx_lock(w_lock);
    unsigned before = w_wakes;
    while (!error && w_wakes == before)
        error = msleep(&w_wakes, w_lock, priority, "wildfs_sleeper", NULL);
    lck_mtx_unlock(w_lock);
    return error;
}

static void keeper(void *parameter, wait_result_t result)
{
    vnode_t vp;

    (void)parameter;
    (void)result;
    if (vnode_of(&w_files[STEADY], NULLVP, NULL, &vp) == 0) {
        (void)sleep_until_woken(PINOD);
        vnode_put(vp);
    }
}

static bool woken_since(unsigned before)
{
    lck_mtx_lock(w_lock);
    bool woken = w_wakes != before;
    lck_mtx_unlock(w_lock);
    return woken;
}

static __attribute__((noinline)) void spinner(void *parameter, wait_result_t result)
{
    unsigned before = (unsigned)(uintptr_t)parameter;
    vnode_t vp;

    (void)result;
    if (vnode_of(&w_files[STEADY], NULLVP, NULL, &vp) == 0) {
        while (!woken_since(before))
            ;
        vnode_put(vp);
    }
}

static void keep(thread_continue_t how)
{
    thread_t thread;

    lck_mtx_lock(w_lock);
    unsigned wakes = w_wakes;
    lck_mtx_unlock(w_lock);
    if (kernel_thread_start(how, (void *)(uintptr_t)wakes, &thread) == KERN_SUCCESS)
        thread_deallocate(thread);
}

static __attribute__((noinline)) void wild_double_free(void)
{
    void *mem = OSMalloc(200, w_tag);

    OSFree(mem, 200, w_tag);
    OSFree(mem, 200, w_tag);
    STAY();
}

static __attribute__((noinline)) void wild_overrun(unsigned size)
{
    volatile char *mem = OSMalloc(size, w_tag);

    mem[size] = 'x';
    OSFree((void *)mem, size, w_tag);
    STAY();
}

static __attribute__((noinline)) void wild_leak_lock(void)
{
    lck_mtx_lock(w_spare);
    STAY();
}

/* What ends in a panic. */
static void harm(const char *name)
{
    if (strncmp(name, "crash", 5) == 0)
        wild_crash_here(NULL);
    else if (strncmp(name, "panic", 5) == 0)
        panic("wildfs was told to panic");
    else if (strncmp(name, "double", 6) == 0)
        wild_double_free();
    else if (strncmp(name, "overrun", 7) == 0)
        wild_overrun(21);
    else if (strncmp(name, "leak", 4) == 0)
        wild_leak_lock();
}

static void arm(unsigned how)
{
    lck_mtx_lock(w_lock);
    w_armed = how;
    lck_mtx_unlock(w_lock);
}

static int command(const char *name)
{
    int number = 0;

    if (strncmp(name, "doze", 4) == 0)
        number = sleep_until_woken(PZERO | PCATCH);
    else if (strncmp(name, "arm", 3) == 0)
        arm(1);
    else if (strncmp(name, "hang", 4) == 0)
        arm(2);
    else if (strncmp(name, "keep", 4) == 0)
        keep(keeper);
    else if (strncmp(name, "spin", 4) == 0)
        keep(spinner);
    else if (strncmp(name, "change", 6) == 0)
        fickle_change();
    else if (strncmp(name, "wake", 4) == 0)
        sleepers_wake();
    else if (strncmp(name, "fail-", 5) == 0)
        for (name += 5; *name >= '0' && *name <= '9'; name++)
            number = number * 10 + (*name - '0');
    else
        harm(name);
    return number ? number : ENOENT;
}

static int wild_lookup(struct vnop_lookup_args *ap)
{
    struct componentname *cnp = ap->a_cnp;
    char name[64];

    *ap->a_vpp = NULLVP;
    if (cnp->cn_namelen >= (int)sizeof(name))
        return ENAMETOOLONG;
    memcpy(name, cnp->cn_nameptr, (size_t)cnp->cn_namelen);
    name[cnp->cn_namelen] = '\0';
    if (strncmp(name, ".", 2) == 0 || strncmp(name, "..", 3) == 0)
        return vnode_of(&w_files[ROOT], NULLVP, NULL, ap->a_vpp);
    for (int i = STEADY; i < END; i++)
        if (strncmp(name, names[i], sizeof(name)) == 0)
            return vnode_of(&w_files[i], ap->a_dvp, cnp, ap->a_vpp);
    return command(name);
}

/* ---- other vnode operations ------------------------------------------------------------------------ */

static int wild_open(struct vnop_open_args *ap)
{
    lck_mtx_lock(w_lock);
    if (file_of(ap->a_vp)->w_ino != ROOT && file_of(ap->a_vp)->w_ino != OPENS)
        w_opens++;
    lck_mtx_unlock(w_lock);
    return 0;
}

static int wild_close(struct vnop_close_args *ap)
{
    lck_mtx_lock(w_lock);
    if (file_of(ap->a_vp)->w_ino != ROOT && file_of(ap->a_vp)->w_ino != OPENS)
        w_closes++;
    lck_mtx_unlock(w_lock);
    return 0;
}

static int contents_of(uint64_t ino, char *buf, size_t size)
{
    int len = 0;

    lck_mtx_lock(w_lock);
    if (ino == FICKLE)
        len = snprintf(buf, size, "version %u\n", w_version);
    else if (ino == OPENS)
        len = snprintf(buf, size, "%u %u\n", w_opens, w_closes);
    else if (ino != ROOT)
        len = snprintf(buf, size, "%s\n", names[ino]);
    lck_mtx_unlock(w_lock);
    return len;
}

static __attribute__((noinline)) void wild_getattr_hang(uint64_t ino)
{
    lck_mtx_lock(w_lock);
    bool hang = w_armed > (ino == ROOT);
    lck_mtx_unlock(w_lock);
    if (hang)
        (void)sleep_until_woken(PINOD);
}

static int wild_getattr(struct vnop_getattr_args *ap)
{
    uint64_t ino = file_of(ap->a_vp)->w_ino;
    struct vnode_attr *vap = ap->a_vap;
    char text[64];

    wild_getattr_hang(ino);
    VATTR_RETURN(vap, va_type, ino == ROOT ? VDIR : VREG);
    VATTR_RETURN(vap, va_mode, ino == ROOT ? 0555 : 0444);
    VATTR_RETURN(vap, va_uid, 0);
    VATTR_RETURN(vap, va_gid, 0);
    VATTR_RETURN(vap, va_nlink, ino == ROOT ? 2 : 1);
    VATTR_RETURN(vap, va_fileid, ino);
    VATTR_RETURN(vap, va_parentid, ROOT);
    VATTR_RETURN(vap, va_data_size, (uint64_t)contents_of(ino, text, sizeof(text)));
    VATTR_RETURN(vap, va_data_alloc, 0);
    VATTR_RETURN(vap, va_access_time, w_made);
    VATTR_RETURN(vap, va_modify_time, w_made);
    VATTR_RETURN(vap, va_change_time, w_made);
    return 0;
}

static int wild_read(struct vnop_read_args *ap)
{
    uint64_t ino = file_of(ap->a_vp)->w_ino;
    off_t off = uio_offset(ap->a_uio);
    char text[64];
    int error = 0;

    if (ino == LOCKED)
        error = sleep_until_woken(PINOD);
    if (error)
        return error;
    int len = contents_of(ino, text, sizeof(text));
    return off < len ? uiomove(text + off, len - (int)off, ap->a_uio) : 0;
}

static int wild_readdir(struct vnop_readdir_args *ap)
{
    off_t index = uio_offset(ap->a_uio);
    int error = 0, count = 0;

    if (ap->a_flags & (VNODE_READDIR_EXTENDED | VNODE_READDIR_REQSEEKOFF))
        return EINVAL;
    for (; index < END && uio_resid(ap->a_uio) >= (user_ssize_t)sizeof(struct dirent) && !error; index++) {
        const char *name = index == 0 ? "." : index == 1 ? ".." : index == ROOT ? NULL : names[index];
        struct dirent entry = {.d_ino = index < STEADY ? ROOT : (uint32_t)index, .d_reclen = sizeof(entry)};

        if (!name)
            continue;
        entry.d_type = index < STEADY ? DT_DIR : DT_REG;
        entry.d_namlen = (uint8_t)strlcpy(entry.d_name, name, sizeof(entry.d_name));
        error = uiomove((const char *)&entry, (int)sizeof(entry), ap->a_uio);
        count += !error;
    }
    uio_setoffset(ap->a_uio, index);
    if (ap->a_eofflag)
        *ap->a_eofflag = index >= END;
    if (ap->a_numdirent)
        *ap->a_numdirent = count;
    return error;
}

typedef int (*vnop_t)(void *);

static struct vnodeopv_entry_desc w_entries[] = {
    {&vnop_default_desc, (vnop_t)(void (*)(void))vn_default_error},
    {&vnop_lookup_desc, (vnop_t)wild_lookup},
    {&vnop_open_desc, (vnop_t)wild_open},
    {&vnop_close_desc, (vnop_t)wild_close},
    {&vnop_getattr_desc, (vnop_t)wild_getattr},
    {&vnop_read_desc, (vnop_t)wild_read},
    {&vnop_readdir_desc, (vnop_t)wild_readdir},
    {&vnop_reclaim_desc, (vnop_t)wild_reclaim},
    {NULL, NULL},
};
static struct vnodeopv_desc w_opv_desc = {&w_vnodeop_p, w_entries};
static struct vnodeopv_desc *w_opv_descs[] = {&w_opv_desc};

/* ---- the mount ------------------------------------------------------------------------------------ */

static int wild_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
    struct vfsstatfs *sfs = vfs_statfs(mp);

    (void)devvp;
    (void)data;
    (void)context;
    if (w_mount) {
        printf("wildfs: one mount at a time\n");
        return EBUSY;
    }
    if (strncmp(sfs->f_mntfromname, "hang", 5) == 0) {
        printf("wildfs hangs now\n");
        (void)sleep_until_woken(PINOD);
    }
    w_mount = mp;
    nanotime(&w_made);
    sfs->f_bsize = 4096;
    sfs->f_iosize = 4096;
    sfs->f_blocks = 1;
    vfs_setflags(mp, MNT_RDONLY);
    return 0;
}

static int wild_start_mount(mount_t mp, int flags, vfs_context_t context)
{
    (void)mp;
    (void)flags;
    (void)context;
    return 0;
}

static int wild_unmount(mount_t mp, int mntflags, vfs_context_t context)
{
    (void)context;
    int error = vflush(mp, NULLVP, (mntflags & MNT_FORCE) ? FORCECLOSE : 0);

    if (!error)
        w_mount = NULL;
    return error;
}

static int wild_root(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
    (void)mp;
    (void)context;
    return vnode_of(&w_files[ROOT], NULLVP, NULL, vpp);
}

static int wild_statfs(mount_t mp, struct vfs_attr *attr, vfs_context_t context)
{
    (void)mp;
    (void)context;
    VFSATTR_RETURN(attr, f_bsize, 4096);
    VFSATTR_RETURN(attr, f_iosize, 4096);
    VFSATTR_RETURN(attr, f_blocks, 1);
    VFSATTR_RETURN(attr, f_bfree, 0);
    VFSATTR_RETURN(attr, f_bavail, 0);
    VFSATTR_RETURN(attr, f_files, END - ROOT);
    VFSATTR_RETURN(attr, f_ffree, 0);
    return 0;
}

static struct vfsops w_vfsops = {.vfs_mount = wild_mount,
                                 .vfs_start = wild_start_mount,
                                 .vfs_unmount = wild_unmount,
                                 .vfs_root = wild_root,
                                 .vfs_getattr = wild_statfs};

static struct vfs_fsentry w_fsentry = {
    .vfe_vfsops = &w_vfsops,
    .vfe_vopcnt = 1,
    .vfe_opvdescs = w_opv_descs,
    .vfe_fsname = "wildfs",
    .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBLLOCALVOL |
                 VFS_TBLGENERICMNTARGS | VFS_TBL64BITREADY,
};

kern_return_t wildfs_start(kmod_info_t *info, void *data);
kern_return_t wildfs_stop(kmod_info_t *info, void *data);

kern_return_t wildfs_start(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    for (uint64_t i = 0; i < END; i++)
        w_files[i].w_ino = i;
    w_group = lck_grp_alloc_init("wildfs", LCK_GRP_ATTR_NULL);
    w_lock = lck_mtx_alloc_init(w_group, LCK_ATTR_NULL);
    w_spare = lck_mtx_alloc_init(w_group, LCK_ATTR_NULL);
    w_tag = OSMalloc_Tagalloc("wildfs.test", OSMT_DEFAULT);
    return vfs_fsadd(&w_fsentry, &w_table) ? KERN_FAILURE : KERN_SUCCESS;
}

kern_return_t wildfs_stop(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    if (vfs_fsremove(w_table))
        return KERN_FAILURE;
    OSMalloc_Tagfree(w_tag);
    lck_mtx_free(w_spare, w_group);
    lck_mtx_free(w_lock, w_group);
    lck_grp_free(w_group);
    return KERN_SUCCESS;
}
