// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a vnode and a mount say of themselves and let be set: the questions and settings of the KPI that no
 * other suite asks. Through tinyfs, one thread.
 */
#include <string.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/ubc.h>
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"

static vnode_t get(enum vtype type)
{
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, type), &vp));
    return vp;
}

/* ---- what it is ---------------------------------------------------------------------------------------- */

static void type__is_told_by_each_question(void)
{
    static const enum vtype types[] = {VREG, VDIR, VBLK, VCHR, VLNK, VSOCK, VFIFO};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        enum vtype type = types[i];
        vnode_t vp = get(type);
        KT_ASSERT_EQ(vnode_vtype(vp), type);
        KT_ASSERT_EQ(!!vnode_isreg(vp), type == VREG);
        KT_ASSERT_EQ(!!vnode_isdir(vp), type == VDIR);
        KT_ASSERT_EQ(!!vnode_isblk(vp), type == VBLK);
        KT_ASSERT_EQ(!!vnode_ischr(vp), type == VCHR);
        KT_ASSERT_EQ(!!vnode_islnk(vp), type == VLNK);
        KT_ASSERT_EQ(!!vnode_isfifo(vp), type == VFIFO);
        vnode_put(vp);
    }
}

static void desiredvnodes__is_the_bound_of_the_table(void)
{
    KT_ASSERT_EQ(desiredvnodes, 64); /* as the suite's set-up says */
}

static void type_tables__both_ways(void)
{
    KT_ASSERT_EQ(iftovt_tab[S_IFDIR >> 12], VDIR);
    KT_ASSERT_EQ(iftovt_tab[15], VBAD);
    KT_ASSERT_EQ(vttoif_tab[VREG], S_IFREG);
    KT_ASSERT_EQ(vttoif_tab[VNON], 0);
    KT_ASSERT_EQ(MAKEIMODE(VLNK, 0777), S_IFLNK | 0777);
}

static void flags__not_set_by_anybody__are_clear(void)
{
    vnode_t vp = get(VREG);
    KT_ASSERT(!vnode_isvroot(vp) && !vnode_issystem(vp) && !vnode_isswap(vp));
    KT_ASSERT(!vnode_isnamedstream(vp) && !vnode_ismonitored(vp) && !vnode_israge(vp));
    KT_ASSERT(!vnode_isonexternalstorage(vp) && !vnode_hascleanblks(vp) && !vnode_hasdirtyblks(vp));
    vnode_put(vp);
}

struct flag {
    int (*is)(vnode_t);
    void (*set)(vnode_t), (*clear)(vnode_t);
};

static void flags__set_and_cleared__one_at_a_time(void)
{
    static const struct flag flags[] = {
        {vnode_isnocache, vnode_setnocache, vnode_clearnocache},
        {vnode_isnoreadahead, vnode_setnoreadahead, vnode_clearnoreadahead},
        {vnode_ismountedon, vnode_setmountedon, vnode_clearmountedon},
    };
    vnode_t vp = get(VREG);
    for (size_t i = 0; i < 3; i++) {
        KT_ASSERT(!flags[i].is(vp));
        flags[i].set(vp);
        for (size_t j = 0; j < 3; j++)
            KT_ASSERT_EQ(!!flags[j].is(vp), i == j);
        KT_ASSERT_EQ(vfs_mountedon(vp), flags[i].is == vnode_ismountedon ? EBUSY : 0);
        flags[i].clear(vp);
        KT_ASSERT(!flags[i].is(vp));
    }
    vnode_setmultipath(vp);
    KT_ASSERT(vnode_flag_is(vp, VF_MULTIPATH));
    vnode_put(vp);
}

static void tag__set_by_the_file_system__is_kept(void)
{
    vnode_t vp = get(VREG);
    vnode_settag(vp, VT_HFS);
    KT_ASSERT_EQ(vnode_tag(vp), VT_HFS);
    vnode_put(vp);
}

static void mount__asked_through_a_vnode__answers_the_same(void)
{
    char name[MFSNAMELEN], own[MFSNAMELEN];
    vnode_t vp = get(VREG);
    mount_t mp = vnode_mount(vp);
    KT_ASSERT_PTR_EQ(mp, tiny_mnt->mp);
    vnode_vfsname(vp, name);
    vfs_name(mp, own);
    KT_ASSERT_STR(name, own);
    KT_ASSERT_STR(name, "tiny");
    KT_ASSERT_EQ(vnode_vfstypenum(vp), vfs_typenum(mp));
    KT_ASSERT_EQ(vnode_vfs64bitready(vp), 1);
    KT_ASSERT_EQ(vfs_64bitready(mp), 1);
    vfs_setmaxsymlen(mp, 60);
    KT_ASSERT_EQ(vnode_vfsmaxsymlen(vp), 60u);
    KT_ASSERT(!vnode_vfsisrdonly(vp));
    vfs_setflags(mp, MNT_RDONLY);
    KT_ASSERT(vnode_vfsisrdonly(vp));
    vfs_clearflags(mp, MNT_RDONLY);
    vnode_put(vp);
}

static void advice_and_caches__asked_for__change_nothing(void)
{
    vnode_t vp = get(VREG), dir = get(VDIR);
    vnode_uncache_credentials(vp);
    KT_ASSERT_OK(advisory_read(vp, 1000, 0, 1000));
    KT_ASSERT_ERRNO(advisory_read(dir, 1000, 0, 1000), EINVAL);
    vnode_put(vp);
    vnode_put(dir);
}

static void package_check__there_are_no_packages(void)
{
    char path[] = "/a/b.app/c";
    int component = 7;
    vnode_t vp = get(VDIR);
    KT_ASSERT_OK(vn_path_package_check(vp, path, (int)strlen(path), &component));
    KT_ASSERT_EQ(component, -1);
    KT_ASSERT_ERRNO(vn_path_package_check(vp, path, -1, &component), EINVAL);
    KT_ASSERT_ERRNO(vn_path_package_check(vp, NULL, 3, &component), EINVAL);
    vnode_put(vp);
}

static void private_data__of_mount_and_vnode__is_kept(void)
{
    vnode_t vp = get(VREG);
    void *mine = vfs_fsprivate(tiny_mnt->mp), *node = vnode_fsnode(vp);
    KT_ASSERT_PTR_EQ(mine, tiny_mnt);
    vfs_setfsprivate(tiny_mnt->mp, NULL);
    KT_ASSERT_NULL(vfs_fsprivate(tiny_mnt->mp));
    vfs_setfsprivate(tiny_mnt->mp, mine);
    vnode_clearfsnode(vp);
    KT_ASSERT_NULL(vnode_fsnode(vp));
    vp->v_data = node; /* its reclaim needs it */
    KT_ASSERT_OK(vnode_removefsref(vp));
    KT_ASSERT(!vnode_flag_is(vp, VF_FSREF));
    KT_ASSERT_OK(vnode_addfsref(vp));
    KT_ASSERT(vnode_flag_is(vp, VF_FSREF));
    vnode_put(vp);
}

static void new_fsid__differs_from_all_others(void)
{
    fsid_t before = vfs_statfs(tiny_mnt->mp)->f_fsid, root = vfs_statfs(tiny_root->mp)->f_fsid;
    KT_ASSERT(before.val[0] != root.val[0] || before.val[1] != root.val[1]);
    vfs_getnewfsid(tiny_mnt->mp);
    fsid_t after = vfs_statfs(tiny_mnt->mp)->f_fsid;
    KT_ASSERT(after.val[0] != before.val[0] || after.val[1] != before.val[1]);
    KT_ASSERT(after.val[0] != root.val[0] || after.val[1] != root.val[1]);
    KT_ASSERT_PTR_EQ(vfs_getvfs(&after), tiny_mnt->mp);
    KT_ASSERT_NULL(vfs_getvfs(&before));
}

/* ---- contexts ------------------------------------------------------------------------------------------ */

static void context__parts__are_the_running_calls(void)
{
    vfs_context_t ctx = vfs_context_current();
    KT_ASSERT_PTR_EQ(vfs_context_proc(ctx), kernproc);
    KT_ASSERT_EQ(vfs_context_pid(ctx), 0);
    KT_ASSERT_PTR_EQ(vfs_context_ucred(ctx), kern_cred_kernel());
}

/* ---- what a mount says --------------------------------------------------------------------------------- */

static void reload__only_during_an_update(void)
{
    mount_t mp = tiny_mnt->mp;
    KT_ASSERT(!vfs_isreload(mp) && !vfs_isforce(mp));
    vfs_setflags(mp, MNT_RELOAD);
    KT_ASSERT(!vfs_isreload(mp));
    vfs_setflags(mp, MNT_UPDATE);
    KT_ASSERT(vfs_isreload(mp));
    vfs_clearflags(mp, MNT_UPDATE | MNT_RELOAD);
    KT_ASSERT(!vfs_isreload(mp));
    atomic_fetch_or(&mp->mnt_kern, MNTK_FORCED);
    KT_ASSERT(vfs_isforce(mp));
    atomic_fetch_and(&mp->mnt_kern, ~MNTK_FORCED);
}

static void extended_security__on_and_off(void)
{
    mount_t mp = tiny_mnt->mp;
    struct vnode_attr va;
    vnode_t vp = get(VREG);
    for (int on = 1; on >= 0; on--) {
        if (on)
            vfs_setextendedsecurity(mp);
        else
            vfs_clearextendedsecurity(mp);
        VATTR_INIT(&va);
        VATTR_WANTED(&va, va_acl);
        KT_ASSERT_OK(vnode_getattr(vp, &va, tiny_ctx()));
        KT_ASSERT_EQ(VATTR_IS_SUPPORTED(&va, va_acl) != 0, on);
    }
    vnode_put(vp);
}

static void lock_local__is_noted(void)
{
    vfs_setlocklocal(tiny_mnt->mp);
    KT_ASSERT(mount_kern_is(tiny_mnt->mp, MNTK_LOCK_LOCAL));
}

static void statistics__refreshed_from_the_file_system(void)
{
    struct vfsstatfs *sfs = vfs_statfs(tiny_mnt->mp);
    sfs->f_blocks = sfs->f_bfree = 0;
    KT_ASSERT_OK(vfs_update_vfsstat(tiny_mnt->mp, tiny_ctx(), VFS_USER_EVENT));
    KT_ASSERT_EQ(sfs->f_blocks, 1000u);
    KT_ASSERT_EQ(sfs->f_bfree, 400u);
    KT_ASSERT_EQ(sfs->f_bsize, 512u);
}

/* What a device with a driver says is in unit/buf/disk_test.c. */
static void io_limits__of_a_device_without_a_driver__stay_as_they_were(void)
{
    struct vfsioattr attr, defaults;
    vnode_t dev = get(VBLK), file = get(VREG);
    vfs_ioattr(NULL, &defaults);
    memset(&attr, 0, sizeof(attr));
    vfs_setioattr(tiny_mnt->mp, &defaults);
    KT_ASSERT_ERRNO(vfs_init_io_attributes(file, tiny_mnt->mp), EINVAL);
    KT_ASSERT_NE(vfs_init_io_attributes(dev, tiny_mnt->mp), 0);
    vfs_ioattr(tiny_mnt->mp, &attr);
    KT_ASSERT_MEM(&attr, &defaults, sizeof(attr));
    KT_ASSERT_EQ(vfs_devblocksize(tiny_mnt->mp), (int)defaults.io_devblocksize);
    vnode_put(dev);
    vnode_put(file);
}

static void event_init__may_be_called(void)
{
    vfs_event_init(); /* delivery needs no preparation */
    vfs_event_signal(NULL, VQ_LOWDISK, 0);
}

/* ---- reading and permission ---------------------------------------------------------------------------- */

static void rdwr_64__whole_short_and_read_only(void)
{
    unsigned char bytes[16];
    int64_t resid = -1;
    vnode_t vp = get(VREG);
    kauth_cred_t cred = kern_cred_kernel();
    uint64_t base = (uint64_t)(uintptr_t)bytes;
    KT_ASSERT_OK(vn_rdwr_64(UIO_READ, vp, base, 16, 100, UIO_SYSSPACE, 0, cred, &resid, kernproc));
    KT_ASSERT_EQ(resid, 0);
    KT_ASSERT(bytes[0] == 100 && bytes[15] == 115);
    KT_ASSERT_OK(vn_rdwr_64(UIO_READ, vp, base, 16, 990, UIO_SYSSPACE, 0, cred, &resid, kernproc));
    KT_ASSERT_EQ(resid, 6);
    KT_ASSERT_ERRNO(vn_rdwr_64(UIO_READ, vp, base, 16, 990, UIO_SYSSPACE, 0, cred, NULL, kernproc), EIO);
    KT_ASSERT_ERRNO(vn_rdwr_64(UIO_READ, vp, base, -1, 0, UIO_SYSSPACE, 0, cred, &resid, kernproc), EINVAL);
    KT_ASSERT_ERRNO(vn_rdwr_64(UIO_READ, vp, base, 1, -1, UIO_SYSSPACE, 0, cred, &resid, kernproc), EINVAL);
    vfs_setflags(tiny_mnt->mp, MNT_RDONLY);
    KT_ASSERT_ERRNO(vn_rdwr_64(UIO_WRITE, vp, base, 1, 0, UIO_SYSSPACE, 0, cred, &resid, kernproc), EROFS);
    vfs_clearflags(tiny_mnt->mp, MNT_RDONLY);
    vnode_put(vp);
}

/* As user 501 or another in group 20; tinyfs' files belong to 501, rw-r--r--. */
static int authorized(uid_t uid, int (*ask)(vnode_t dvp, vnode_t vp), vnode_t dvp, vnode_t vp)
{
    struct kern_call call;
    kauth_cred_t cred = kern_cred_create(uid, 20, NULL, 0);
    kern_enter(&call, cred, kern_proc_kernel());
    int error = ask(dvp, vp);
    kern_leave(&call);
    kauth_cred_unref(&cred);
    return error;
}

static int ask_unlink(vnode_t dvp, vnode_t vp)
{
    return vn_authorize_unlink(dvp, vp, NULL, vfs_context_current(), NULL);
}

static int ask_rmdir(vnode_t dvp, vnode_t vp)
{
    return vn_authorize_rmdir(dvp, vp, NULL, vfs_context_current(), NULL);
}

static void authorize__removing__by_type_and_user(void)
{
    vnode_t dir = get(VDIR), file = get(VREG), sub = get(VDIR);
    KT_ASSERT_OK(authorized(0, ask_unlink, dir, file));
    KT_ASSERT_ERRNO(authorized(502, ask_unlink, dir, file), EACCES);
    KT_ASSERT_ERRNO(authorized(0, ask_unlink, dir, sub), EPERM); /* a directory is removed by rmdir */
    KT_ASSERT_OK(authorized(0, ask_rmdir, dir, sub));
    KT_ASSERT_ERRNO(authorized(502, ask_rmdir, dir, sub), EACCES);
    KT_ASSERT_ERRNO(authorized(0, ask_rmdir, dir, file), ENOTDIR);
    KT_ASSERT_ERRNO(authorized(0, ask_rmdir, dir, dir), EINVAL);
    vnode_put(dir);
    vnode_put(file);
    vnode_put(sub);
}

static void authattr__translates_a_change_into_rights(void)
{
    struct vnode_attr va;
    kauth_action_t rights = 0;
    vnode_t vp = get(VREG);
    VATTR_INIT(&va);
    VATTR_SET(&va, va_data_size, 0);
    KT_ASSERT_OK(vnode_authattr(vp, &va, &rights, tiny_ctx()));
    KT_ASSERT_EQ(rights, KAUTH_VNODE_WRITE_DATA);
    VATTR_INIT(&va);
    VATTR_SET(&va, va_mode, 0600);
    KT_ASSERT_OK(vnode_authattr(vp, &va, &rights, tiny_ctx()));
    KT_ASSERT_EQ(rights, KAUTH_VNODE_WRITE_SECURITY);
    VATTR_INIT(&va);
    VATTR_SET(&va, va_uid, 502);
    KT_ASSERT_OK(vnode_authattr(vp, &va, &rights, tiny_ctx()));
    KT_ASSERT_EQ(rights, KAUTH_VNODE_TAKE_OWNERSHIP);
    VATTR_INIT(&va);
    VATTR_SET(&va, va_modify_time, (struct timespec){0});
    va.va_vaflags |= VA_UTIMES_NULL;
    KT_ASSERT_OK(vnode_authattr(vp, &va, &rights, tiny_ctx()));
    KT_ASSERT_EQ(rights, KAUTH_VNODE_WRITE_DATA);
    vnode_put(vp);
}

static const struct ktest_case cases[] = {
    KT_CASE(type__is_told_by_each_question),
    KT_CASE(desiredvnodes__is_the_bound_of_the_table),
    KT_CASE(type_tables__both_ways),
    KT_CASE(flags__not_set_by_anybody__are_clear),
    KT_CASE(flags__set_and_cleared__one_at_a_time),
    KT_CASE(tag__set_by_the_file_system__is_kept),
    KT_CASE(mount__asked_through_a_vnode__answers_the_same),
    KT_CASE(advice_and_caches__asked_for__change_nothing),
    KT_CASE(package_check__there_are_no_packages),
    KT_CASE(private_data__of_mount_and_vnode__is_kept),
    KT_CASE(new_fsid__differs_from_all_others),
    KT_CASE(context__parts__are_the_running_calls),
    KT_CASE(reload__only_during_an_update),
    KT_CASE(extended_security__on_and_off),
    KT_CASE(lock_local__is_noted),
    KT_CASE(statistics__refreshed_from_the_file_system),
    KT_CASE(io_limits__of_a_device_without_a_driver__stay_as_they_were),
    KT_CASE(event_init__may_be_called),
    KT_CASE(rdwr_64__whole_short_and_read_only),
    KT_CASE(authorize__removing__by_type_and_user),
    KT_CASE(authattr__translates_a_change_into_rights),
};
TINY_SUITE(kpi_vnode, cases);
