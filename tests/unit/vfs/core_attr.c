// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attributes that VFS makes up or refuses, vn_rdwr(), vn_revoke(). Through tinyfs, one thread.
 */
#include <sys/stat.h>
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnode_internal.h"

static vnode_t vp;

static void begin(enum vtype type)
{
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, type), &vp));
}

static void getattr__made_up_from_what_is_known(void)
{
    struct vnode_attr va;
    begin(VREG);
    tiny_tricks.getattr_minimal = true;
    VATTR_INIT(&va);
    VATTR_WANTED(&va, va_total_alloc);
    VATTR_WANTED(&va, va_fsid);
    VATTR_WANTED(&va, va_uid);
    VATTR_WANTED(&va, va_acl);
    KT_ASSERT_OK(vnode_getattr(vp, &va, tiny_ctx()));
    KT_ASSERT_EQ(va.va_data_size, 1000);
    KT_ASSERT_EQ(va.va_total_size, 1000);
    KT_ASSERT_EQ(va.va_data_alloc, 1024);
    KT_ASSERT_EQ(va.va_total_alloc, 1024);
    KT_ASSERT_EQ(va.va_type, VREG);
    KT_ASSERT_EQ(va.va_iosize, 4096);
    KT_ASSERT_EQ(va.va_flags, 0);
    KT_ASSERT_EQ(va.va_change_time.tv_sec, 1000);
    KT_ASSERT_EQ(va.va_fsid, (uint32_t)vfs_statfs(tiny_mnt->mp)->f_fsid.val[0]);
    KT_ASSERT_EQ(va.va_uid, 0);
    KT_ASSERT(!VATTR_IS_ACTIVE(&va, va_acl)); /* not asked for: no extended security */
    KT_ASSERT(!VATTR_IS_SUPPORTED(&va, va_nlink));
    vfs_setextendedsecurity(tiny_mnt->mp);
    VATTR_INIT(&va);
    VATTR_WANTED(&va, va_acl);
    KT_ASSERT_OK(vnode_getattr(vp, &va, tiny_ctx()));
    KT_ASSERT(VATTR_IS_SUPPORTED(&va, va_acl));
    KT_ASSERT_NULL(va.va_acl);
    vnode_put(vp);
}

static void getattr__unknown_attribute__einval(void)
{
    struct vnode_attr va;
    begin(VREG);
    VATTR_INIT(&va);
    va.va_active = 1ull << 60;
    KT_ASSERT_ERRNO(vnode_getattr(vp, &va, tiny_ctx()), EINVAL);
    KT_ASSERT_ERRNO(vnode_setattr(vp, &va, tiny_ctx()), EINVAL);
    vnode_put(vp);
}

static void setattr__size_by_type(void)
{
    struct vnode_attr va;
    begin(VDIR);
    VATTR_INIT(&va);
    VATTR_SET(&va, va_data_size, 0);
    KT_ASSERT_ERRNO(vnode_setattr(vp, &va, tiny_ctx()), EISDIR);
    vnode_put(vp);
    begin(VFIFO);
    VATTR_INIT(&va);
    VATTR_SET(&va, va_data_size, 0);
    KT_ASSERT_OK(vnode_setattr(vp, &va, tiny_ctx())); /* means nothing */
    KT_ASSERT_EQ(va.va_supported, 0);
    VATTR_INIT(&va);
    VATTR_SET(&va, va_data_size, 0);
    VATTR_SET(&va, va_mode, 0600);
    KT_ASSERT_OK(vnode_setattr(vp, &va, tiny_ctx()));
    KT_ASSERT(VATTR_IS_SUPPORTED(&va, va_mode) && !VATTR_IS_SUPPORTED(&va, va_data_size));
    vnode_put(vp);
}

static void setattr__what_the_mount_forbids(void)
{
    struct vnode_attr va;
    begin(VREG);
    VATTR_INIT(&va);
    VATTR_SET(&va, va_uid, 5);
    VATTR_SET(&va, va_mode, 0600);
    vfs_setflags(tiny_mnt->mp, MNT_RDONLY);
    KT_ASSERT_ERRNO(vnode_setattr(vp, &va, tiny_ctx()), EROFS);
    vfs_clearflags(tiny_mnt->mp, MNT_RDONLY);
    vfs_setflags(tiny_mnt->mp, MNT_IGNORE_OWNERSHIP);
    KT_ASSERT_OK(vnode_setattr(vp, &va, tiny_ctx()));
    KT_ASSERT(!VATTR_IS_SUPPORTED(&va, va_uid) && VATTR_IS_SUPPORTED(&va, va_mode));
    VATTR_INIT(&va);
    VATTR_SET(&va, va_acl, NULL);
    KT_ASSERT_ERRNO(vnode_setattr(vp, &va, tiny_ctx()), ENOTSUP);
    vnode_put(vp);
}

static void rdwr__whole_short_and_refused(void)
{
    char buf[64];
    int resid = -1;
    begin(VREG);
    KT_ASSERT_OK(vn_rdwr(UIO_READ, vp, buf, 64, 100, UIO_SYSSPACE, 0, kern_cred_kernel(), &resid, NULL));
    KT_ASSERT_EQ(resid, 0);
    KT_ASSERT_EQ(buf[0], 100);
    KT_ASSERT_EQ(buf[63], (char)163);
    KT_ASSERT_OK(vn_rdwr(UIO_READ, vp, buf, 64, 990, UIO_SYSSPACE, 0, kern_cred_kernel(), &resid, NULL));
    KT_ASSERT_EQ(resid, 54);
    KT_ASSERT_ERRNO(vn_rdwr(UIO_READ, vp, buf, 64, 990, UIO_SYSSPACE, 0, kern_cred_kernel(), NULL, NULL),
                    EIO);
    KT_ASSERT_ERRNO(vn_rdwr(UIO_READ, vp, buf, -1, 0, UIO_SYSSPACE, 0, kern_cred_kernel(), &resid, NULL),
                    EINVAL);
    KT_ASSERT_ERRNO(vn_rdwr(UIO_WRITE, vp, buf, 64, 0, UIO_SYSSPACE, 0, kern_cred_kernel(), &resid, NULL),
                    ENOTSUP);
    vfs_setflags(tiny_mnt->mp, MNT_RDONLY);
    KT_ASSERT_ERRNO(vn_rdwr(UIO_WRITE, vp, buf, 64, 0, UIO_SYSSPACE, 0, kern_cred_kernel(), &resid, NULL),
                    EROFS);
    vnode_put(vp);
}

static void revoke__every_kind__dead_for_all_who_have_it(void)
{
    static const enum vtype types[] = {VREG, VDIR, VLNK, VFIFO, VSOCK, VCHR, VBLK};
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        begin(types[i]);
        KT_ASSERT_OK(vnode_ref(vp));
        KT_ASSERT_ERRNO(vn_revoke(vp, 0, tiny_ctx()), EINVAL);
        KT_ASSERT_OK(vn_revoke(vp, REVOKEALL, tiny_ctx()));
        KT_ASSERT_EQ(vnode_vtype(vp), VBAD);
        KT_ASSERT_ERRNO(vn_revoke(vp, REVOKEALL, tiny_ctx()), ENOENT);
        vnode_rele(vp);
        vnode_put(vp);
    }
    KT_ASSERT_OK(tiny_get(tiny_mnt, TINY_ROOT, &vp));
    KT_ASSERT_ERRNO(vn_revoke(vp, REVOKEALL, tiny_ctx()), EBUSY);
    vnode_put(vp);
}

static unsigned revoked_told;

static void hear_revoked(void *arg, uint32_t mount_id, uint32_t events, vnode_t told)
{
    (void)arg;
    KT_ASSERT(mount_id != 0 && events == VFS_EVENT_REVOKED);
    KT_ASSERT(vnode_vtype(told) == VREG); /* it is still what it was */
    revoked_told++;
}

static void revoke__is_told_before_it_happens(void)
{
    vfs_set_event_listener(hear_revoked, NULL);
    revoked_told = 0;
    begin(VREG);
    KT_ASSERT_OK(vn_revoke(vp, REVOKEALL, tiny_ctx()));
    KT_ASSERT_EQ(revoked_told, 1);
    KT_ASSERT_ERRNO(vn_revoke(vp, REVOKEALL, tiny_ctx()), ENOENT);
    KT_ASSERT_EQ(revoked_told, 1);
    vnode_put(vp);
    vfs_set_event_listener(NULL, NULL);
}

static void revoke__device__all_its_vnodes(void)
{
    vnode_t one, two;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VCHR), &one));
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VCHR), &two));
    KT_ASSERT_OK(vnode_ref(two));
    vnode_put(two);
    KT_ASSERT_EQ(vnode_specrdev(one), vnode_specrdev(two));
    KT_ASSERT_OK(vn_revoke(one, REVOKEALL, tiny_ctx()));
    KT_ASSERT_EQ(vnode_vtype(two), VBAD);
    vnode_put(one);
    vnode_rele(two);
}

static void type_tables__agree(void)
{
    for (int type = VREG; type <= VFIFO; type++)
        KT_ASSERT_EQ(IFTOVT(VTTOIF(type)), (enum vtype)type);
}

static const struct ktest_case cases[] = {
    KT_CASE(getattr__made_up_from_what_is_known),
    KT_CASE(getattr__unknown_attribute__einval),
    KT_CASE(setattr__size_by_type),
    KT_CASE(setattr__what_the_mount_forbids),
    KT_CASE(rdwr__whole_short_and_refused),
    KT_CASE(revoke__every_kind__dead_for_all_who_have_it),
    KT_CASE(revoke__is_told_before_it_happens),
    KT_CASE(revoke__device__all_its_vnodes),
    KT_CASE(type_tables__agree),
};
TINY_SUITE(core_attr, cases);
