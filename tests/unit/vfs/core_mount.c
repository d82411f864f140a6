// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mounting, changing and unmounting, busy mounts, crossing mount points, volume attributes, events. Through
 * tinyfs.
 */
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"

/* Mount another tiny on node @ino of tiny_mnt. */
static int mount_below(uint32_t ino, mount_t *mpp)
{
    vnode_t dir;
    uint32_t id;
    KT_ASSERT_OK(tiny_get(tiny_mnt, ino, &dir));
    struct mount_attach args = {.type = "tiny", .from = "below", .on = "/n2/below", .covered = dir};
    int error = mount_attach(&args, tiny_ctx(), mpp, &id);
    vnode_put(dir);
    return error;
}

/* ---- mount --------------------------------------------------------------------------------------------- */

static void attach__each_step_fails__nothing_stays(void)
{
    mount_t mp = NULL;
    int *const steps[] = {&tiny_tricks.mount_error, &tiny_tricks.start_error, &tiny_tricks.root_error};
    uint32_t dir = tiny_add(tiny_mnt, TINY_ROOT, VDIR), file = tiny_add(tiny_mnt, TINY_ROOT, VREG);
    for (unsigned i = 0; i < 3; i++) {
        *steps[i] = EIO;
        KT_ASSERT_ERRNO(mount_below(dir, &mp), EIO);
        *steps[i] = 0;
        KT_ASSERT_EQ(tiny_counters().mounts, 1);
        vnode_t vp;
        KT_ASSERT_OK(tiny_get(tiny_mnt, dir, &vp));
        KT_ASSERT(!vnode_ismount(vp));
        KT_ASSERT_EQ(vnode_usecount(vp), 0);
        vnode_put(vp);
    }
    KT_ASSERT_ERRNO(mount_below(file, &mp), ENOTDIR);
    KT_ASSERT_NULL(mp);
    KT_ASSERT_OK(mount_below(dir, &mp));
    KT_ASSERT_OK(mount_detach(mp, 0, tiny_ctx(), NULL, 0));
}

static void attach__unknown_type__enodev(void)
{
    mount_t mp;
    uint32_t id;
    struct mount_attach args = {.type = "nosuchfs", .from = "none", .on = "/x"};
    KT_ASSERT_ERRNO(mount_attach(&args, tiny_ctx(), &mp, &id), ENODEV);
}

static void attach__twice_in_one_place__ebusy(void)
{
    uint32_t id = tiny_mnt_id;
    struct tiny_mount *first = tiny_mnt;
    KT_ASSERT_ERRNO(tiny_mount_mnt(), EBUSY);
    tiny_mnt_id = id;
    tiny_mnt = first;
    mount_t mp;
    struct mount_attach root = {.type = "tiny", .from = "none", .on = "/"};
    KT_ASSERT_ERRNO(mount_attach(&root, tiny_ctx(), &mp, &id), EBUSY);
}

static void attach__names_ids_and_flags(void)
{
    struct vfsstatfs *sfs = vfs_statfs(tiny_mnt->mp);
    char name[MFSTYPENAMELEN];
    KT_ASSERT_STR(sfs->f_mntonname, "/n2");
    KT_ASSERT_STR(sfs->f_mntfromname, "none");
    KT_ASSERT_STR(sfs->f_fstypename, "tiny");
    vfs_name(tiny_mnt->mp, name);
    KT_ASSERT_STR(name, "tiny");
    KT_ASSERT_NE(sfs->f_fsid.val[0], vfs_statfs(tiny_root->mp)->f_fsid.val[0]);
    KT_ASSERT_PTR_EQ(vfs_getvfs(&sfs->f_fsid), tiny_mnt->mp);
    fsid_t none = {{1, 2}};
    KT_ASSERT_NULL(vfs_getvfs(&none));
    KT_ASSERT_NULL(vfs_getvfs_with_vfsops(&none, &tiny_vfsops));
    KT_ASSERT_PTR_EQ(vfs_getvfs_with_vfsops(&sfs->f_fsid, &tiny_vfsops), tiny_mnt->mp);
    vfs_unbusy(tiny_mnt->mp);
    KT_ASSERT_EQ(sfs->f_bsize, 512);
    KT_ASSERT_EQ(sfs->f_bavail, 400); /* made up from f_bfree */
    KT_ASSERT_EQ(sfs->f_bused, 600);
    KT_ASSERT_EQ(vfs_flags(tiny_mnt->mp), 0);
    vfs_setflags(tiny_mnt->mp, MNT_LOCAL | MNT_SYNCHRONOUS);
    KT_ASSERT(vfs_issynchronous(tiny_mnt->mp));
    vfs_clearflags(tiny_mnt->mp, MNT_SYNCHRONOUS);
    KT_ASSERT_EQ(vfs_flags(tiny_mnt->mp), MNT_LOCAL);
    uint32_t id = tiny_mnt_id;
    KT_ASSERT_OK(tiny_unmount_mnt(0));
    KT_ASSERT_OK(tiny_mount_mnt());
    KT_ASSERT_GT(tiny_mnt_id, id);
}

static void settings__keep_what_was_set(void)
{
    mount_t mp = tiny_mnt->mp;
    struct vfsioattr attr, deflt;
    vfs_ioattr(NULL, &deflt);
    vfs_ioattr(mp, &attr);
    KT_ASSERT_MEM(&attr, &deflt, sizeof(attr));
    attr.io_devblocksize = 4096;
    vfs_setioattr(mp, &attr);
    KT_ASSERT_EQ(vfs_devblocksize(mp), 4096);
    vfs_setmaxsymlen(mp, 60);
    KT_ASSERT_EQ(vfs_maxsymlen(mp), 60);
    KT_ASSERT_EQ(vfs_authcache_ttl(mp), CACHED_RIGHT_INFINITE_TTL);
    vfs_setauthcache_ttl(mp, 5);
    KT_ASSERT_EQ(vfs_authcache_ttl(mp), 5);
    vfs_clearauthcache_ttl(mp);
    KT_ASSERT_EQ(vfs_authcache_ttl(mp), CACHED_RIGHT_INFINITE_TTL);
    vfs_setauthopaque(mp);
    KT_ASSERT(vfs_authopaque(mp) && !vfs_authopaqueaccess(mp));
    vfs_setauthopaqueaccess(mp);
    KT_ASSERT(vfs_authopaqueaccess(mp));
    vfs_clearauthopaque(mp);
    vfs_clearauthopaqueaccess(mp);
    KT_ASSERT(!vfs_authopaque(mp) && !vfs_authopaqueaccess(mp));
}

/* ---- update -------------------------------------------------------------------------------------------- */

static void update__flags_change_only_on_success(void)
{
    mount_t mp = tiny_mnt->mp;
    KT_ASSERT_OK(mount_update(mp, MNT_RDONLY | MNT_NOATIME, NULLVP, 0, tiny_ctx()));
    KT_ASSERT(vfs_isrdonly(mp));
    KT_ASSERT_EQ(vfs_flags(mp), MNT_RDONLY | MNT_NOATIME);
    tiny_tricks.mount_error = EINVAL;
    KT_ASSERT_ERRNO(mount_update(mp, 0, NULLVP, 0, tiny_ctx()), EINVAL);
    KT_ASSERT_EQ(vfs_flags(mp), MNT_RDONLY | MNT_NOATIME);
    tiny_tricks.mount_error = 0;
    KT_ASSERT_OK(mount_update(mp, 0, NULLVP, 0, tiny_ctx()));
    KT_ASSERT_EQ(vfs_flags(mp), 0);
    KT_ASSERT(vfs_isrdwr(mp) && !vfs_isupdate(mp) && !vfs_iswriteupgrade(mp));
    tiny_tricks.mount_error = EINVAL;
    KT_ASSERT_ERRNO(mount_update(mp, MNT_RDONLY, NULLVP, 0, tiny_ctx()), EINVAL);
    KT_ASSERT(vfs_isrdwr(mp));
    tiny_tricks.mount_error = 0;
}

/* ---- unmount ------------------------------------------------------------------------------------------- */

static void detach__file_in_use__ebusy_names_it(void)
{
    char why[256];
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
    KT_ASSERT_OK(vnode_ref(vp));
    vnode_put(vp);
    KT_ASSERT_ERRNO(mount_detach(tiny_mnt->mp, 0, tiny_ctx(), why, sizeof(why)), EBUSY);
    KT_ASSERT_NOT_NULL(strnstr(why, "n2 (VREG on tiny /n2, LIVE, 0 iocounts, 1 usecount)", sizeof(why)));
    KT_ASSERT_NULL(strnstr(why, "VDIR", sizeof(why))); /* its parent is not to blame */
    KT_ASSERT(!vfs_isunmount(tiny_mnt->mp));
    KT_ASSERT_OK(vfs_busy(tiny_mnt->mp, LK_NOWAIT)); /* as before */
    vfs_unbusy(tiny_mnt->mp);
    vnode_rele(vp);
    KT_ASSERT_OK(tiny_unmount_mnt(0));
}

static void detach__sync_fails__stays_mounted(void)
{
    tiny_tricks.sync_error = EIO;
    KT_ASSERT_ERRNO(tiny_unmount_mnt(0), EIO);
    tiny_tricks.sync_error = 0;
    tiny_mnt->busy_unmount = true;
    char why[256];
    KT_ASSERT_ERRNO(mount_detach(tiny_mnt->mp, 0, tiny_ctx(), why, sizeof(why)), EBUSY);
    KT_ASSERT_STR(why, "the file system says so");
    tiny_mnt->busy_unmount = false;
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, TINY_ROOT, &vp));
    vnode_put(vp);
    KT_ASSERT_OK(tiny_unmount_mnt(0));
    KT_ASSERT_ERRNO(tiny_unmount_mnt(0), ENOENT);
}

static void detach__covered__ebusy_until_forced(void)
{
    mount_t below;
    uint32_t dir = tiny_add(tiny_mnt, TINY_ROOT, VDIR);
    KT_ASSERT_OK(mount_below(dir, &below));
    KT_ASSERT_EQ(tiny_counters().mounts, 2);
    KT_ASSERT_ERRNO(tiny_unmount_mnt(0), EBUSY);
    KT_ASSERT_OK(tiny_unmount_mnt(MNT_FORCE));
    KT_ASSERT_EQ(tiny_counters().mounts, 0);
}

static void unmountbyfsid__finds_it(void)
{
    fsid_t fsid = vfs_statfs(tiny_mnt->mp)->f_fsid;
    KT_ASSERT_OK(vfs_unmountbyfsid(&fsid, 0, tiny_ctx()));
    KT_ASSERT_ERRNO(vfs_unmountbyfsid(&fsid, 0, tiny_ctx()), ENOENT);
}

/* ---- busy ---------------------------------------------------------------------------------------------- */

static void unmount_thread(void *arg)
{
    struct kern_call call;
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    *(int *)arg = tiny_unmount_mnt(0);
    kern_leave(&call);
}

static void busy__unmount_waits_and_newcomers_fail(void)
{
    int result = -1;
    mount_t mp = tiny_mnt->mp;
    mount_ref(mp);
    KT_ASSERT_OK(vfs_busy(mp, 0));
    void *thread = ktest_thread(unmount_thread, &result);
    KT_UNTIL(vfs_isunmount(mp));
    KT_ASSERT_ERRNO(vfs_busy(mp, LK_NOWAIT), ENOENT);
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, TINY_ROOT, &vp)); /* still mounted */
    vnode_put(vp);
    vfs_unbusy(mp);
    ktest_thread_join(thread);
    KT_ASSERT_OK(result);
    KT_ASSERT_ERRNO(vfs_busy(mp, 0), ENOENT);
    mount_rele(mp);
}

struct iteration {
    unsigned visits;
    int answer;
    mount_t claimed;
};

static int see_mount(struct mount *mp, void *arg)
{
    struct iteration *it = arg;
    it->visits++;
    it->claimed = mp;
    return it->answer;
}

static void iterate__visits_mounts_held(void)
{
    struct iteration it = {.answer = VFS_RETURNED};
    KT_ASSERT_OK(vfs_iterate(0, see_mount, &it));
    KT_ASSERT_EQ(it.visits, 2);
    it = (struct iteration){.answer = VFS_RETURNED_DONE};
    KT_ASSERT_OK(vfs_iterate(0, see_mount, &it));
    KT_ASSERT_EQ(it.visits, 1);
    it = (struct iteration){.answer = VFS_CLAIMED_DONE};
    KT_ASSERT_OK(vfs_iterate(0, see_mount, &it));
    vfs_unbusy(it.claimed);
}

/* ---- crossing ------------------------------------------------------------------------------------------ */

static void cross__down_and_up(void)
{
    mount_t below;
    vnode_t vp, covered;
    uint32_t dir = tiny_add(tiny_mnt, TINY_ROOT, VDIR);
    KT_ASSERT_OK(mount_below(dir, &below));
    KT_ASSERT_OK(tiny_get(tiny_mnt, dir, &vp));
    covered = vp;
    KT_ASSERT(vnode_ismount(vp));
    KT_ASSERT_PTR_EQ(vnode_mountedhere(vp), below);
    KT_ASSERT_OK(vnode_cross_down(&vp, LK_NOWAIT, tiny_ctx()));
    KT_ASSERT_PTR_EQ(vnode_mount(vp), below);
    KT_ASSERT(vnode_isvroot(vp));
    KT_ASSERT_OK(vnode_cross_up(&vp, tiny_ctx()));
    KT_ASSERT_PTR_EQ(vp, covered);
    vnode_put(vp);
    vnode_t root = vfs_rootvnode();
    KT_ASSERT_NOT_NULL(root);
    vp = root;
    KT_ASSERT_OK(vnode_cross_up(&vp, tiny_ctx()));
    KT_ASSERT_PTR_EQ(vp, root); /* the top */
    vnode_put(vp);
    KT_ASSERT_OK(mount_detach(below, 0, tiny_ctx(), NULL, 0));
    KT_ASSERT_OK(tiny_get(tiny_mnt, dir, &vp));
    KT_ASSERT_OK(vnode_cross_down(&vp, 0, tiny_ctx()));
    KT_ASSERT_PTR_EQ(vp, covered);
    vnode_put(vp);
}

static void getattr__what_the_type_leaves_out(void)
{
    struct vfs_attr vfa;
    VFSATTR_INIT(&vfa);
    VFSATTR_WANTED(&vfa, f_fsid);
    VFSATTR_WANTED(&vfa, f_owner);
    VFSATTR_WANTED(&vfa, f_bavail);
    VFSATTR_WANTED(&vfa, f_bused);
    VFSATTR_WANTED(&vfa, f_files);
    KT_ASSERT_OK(vfs_getattr(tiny_mnt->mp, &vfa, tiny_ctx()));
    KT_ASSERT(VFSATTR_IS_SUPPORTED(&vfa, f_fsid) && VFSATTR_IS_SUPPORTED(&vfa, f_owner));
    KT_ASSERT_EQ(vfa.f_bavail, 400);
    KT_ASSERT_EQ(vfa.f_bused, 600);
    KT_ASSERT(!VFSATTR_IS_SUPPORTED(&vfa, f_files));
    KT_ASSERT_ERRNO(vfs_setattr(tiny_mnt->mp, &vfa, tiny_ctx()), ENOTSUP);
}

/* ---- events -------------------------------------------------------------------------------------------- */

struct heard {
    unsigned n;
    uint32_t mount_id, events;
    vnode_t vp;
};

static void hear(void *arg, uint32_t mount_id, uint32_t events, vnode_t vp)
{
    struct heard *heard = arg;
    *heard = (struct heard){heard->n + 1, mount_id, events, vp};
}

static void events__reach_the_listener(void)
{
    struct heard heard = {0};
    vnode_t vp;
    struct vnode_attr va;
    KT_ASSERT_OK(tiny_get(tiny_mnt, TINY_ROOT, &vp));
    vfs_set_event_listener(hear, &heard);
    KT_ASSERT_OK(vfs_get_notify_attributes(&va));
    KT_ASSERT(VATTR_IS_ACTIVE(&va, va_fileid));
    KT_ASSERT_OK(vnode_notify(vp, VNODE_EVENT_WRITE, &va));
    KT_ASSERT_EQ(heard.mount_id, tiny_mnt_id);
    KT_ASSERT_EQ(heard.events, VNODE_EVENT_WRITE);
    KT_ASSERT_PTR_EQ(heard.vp, vp);
    vfs_event_signal(&vfs_statfs(tiny_mnt->mp)->f_fsid, VQ_LOWDISK, 0);
    KT_ASSERT_EQ(heard.events, VQ_LOWDISK);
    KT_ASSERT_EQ(heard.n, 2);
    vfs_set_event_listener(NULL, NULL);
    vfs_event_signal(NULL, VQ_LOWDISK, 0);
    KT_ASSERT_EQ(heard.n, 2);
    vnode_put(vp);
}

static const struct ktest_case cases[] = {
    KT_CASE(attach__each_step_fails__nothing_stays),
    KT_CASE(attach__unknown_type__enodev),
    KT_CASE(attach__twice_in_one_place__ebusy),
    KT_CASE(attach__names_ids_and_flags),
    KT_CASE(settings__keep_what_was_set),
    KT_CASE(update__flags_change_only_on_success),
    KT_CASE(detach__file_in_use__ebusy_names_it),
    KT_CASE(detach__sync_fails__stays_mounted),
    KT_CASE(detach__covered__ebusy_until_forced),
    KT_CASE(unmountbyfsid__finds_it),
    KT_CASE(busy__unmount_waits_and_newcomers_fail),
    KT_CASE(iterate__visits_mounts_held),
    KT_CASE(cross__down_and_up),
    KT_CASE(getattr__what_the_type_leaves_out),
    KT_CASE(events__reach_the_listener),
};
TINY_SUITE(core_mount, cases);
