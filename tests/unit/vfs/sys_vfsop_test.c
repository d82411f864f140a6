// SPDX-License-Identifier: BSD-2-Clause
/*
 * VFS operations that a type registers by descriptor and vector: which are called when, with what, and what
 * is answered for those that it does not have.
 */
#include <sys/vfs_operation.h>

#include "tests/unit/vfs/sys_fixture.h"
#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"

#define SIZE_NOW (1000ull * FX_BLOCK) /* as the fixture's getattr says */

static struct {
    unsigned init, uninit, extend, truncate, update, reload, suspend, resume;
    int init_error, uninit_error, suspend_error;
    uint64_t bytes, flags;
    char name[MFSNAMELEN];
    int other; /* what the default was asked for */
} seen;

static int op_init(struct vfsop_init_args *ap)
{
    seen.init++;
    strlcpy(seen.name, ap->a_conf->vfc_name, sizeof(seen.name));
    return seen.init_error;
}
static int op_uninit(struct vfsop_uninit_args *ap)
{
    (void)ap;
    seen.uninit++;
    return seen.uninit_error;
}
static int op_extend(struct vfsop_extend_args *ap)
{
    seen.extend++;
    seen.bytes = ap->a_bytes;
    return 0;
}
static int op_truncate(struct vfsop_truncate_args *ap)
{
    seen.truncate++;
    seen.bytes = ap->a_bytes;
    return ENOSPC;
}
static int op_update(struct vfsop_update_args *ap)
{
    seen.update++;
    seen.flags = ap->a_flags;
    return vfs_isupdate(ap->a_mp) ? 0 : EINVAL;
}
static int op_reload(struct vfsop_reload_args *ap)
{
    seen.reload++;
    return vfs_isreload(ap->a_mp) ? 0 : EINVAL;
}
static int op_suspend(struct vfsop_suspend_args *ap)
{
    (void)ap;
    seen.suspend++;
    return seen.suspend_error;
}
static int op_resume(struct vfsop_resume_args *ap)
{
    (void)ap;
    seen.resume++;
    return 0;
}
static int op_other(void *args)
{
    (void)args;
    return seen.other;
}

#define OP(name)                                                                                             \
    {                                                                                                        \
        &vfsop_##name##_desc, (int (*)(void *))(void (*)(void))op_##name                                     \
    }
static struct vfsopv_entry_desc all[] = {OP(init),   OP(uninit),  OP(extend), OP(truncate), OP(update),
                                         OP(reload), OP(suspend), OP(resume), {NULL, NULL}};
static vfstable_t handle;
static struct fx_place place;

static int add(struct vfsopv_entry_desc *ops, uint32_t flags)
{
    struct vnodeopv_desc *vectors[] = {&fx_vector};
    struct vfsopv_desc desc = {ops};
    struct vfs_fsentry entry = {
        .vfe_vfsops = &fx_vfsops,
        .vfe_vopcnt = 1,
        .vfe_opvdescs = vectors,
        .vfe_fsname = "fxop",
        .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLNOTYPENUM | VFS_TBL64BITREADY | VFS_TBLGENERICMNTARGS |
                     VFS_TBLREADDIR_EXTENDED | flags,
        .vfe_reserv = {ops ? &desc : NULL},
    };
    return vfs_fsadd(&entry, &handle);
}

static void setup(void)
{
    fx_setup();
    memset(&seen, 0, sizeof(seen));
}

static void mount_one(uint64_t flags)
{
    KT_ASSERT_OK(add(all, VFS_TBLVFSOPV));
    place = fx_mount("fxop", 0, flags);
}

static void unmount_it(void)
{
    fx_unmount(&place);
    KT_ASSERT_OK(vfs_fsremove(handle));
}

static int change(uint64_t flags)
{
    const struct sys_mount args = {.type = "fxop", .special = "x", .flags = SYS_MNT_UPDATE | flags};
    return sys_mount(ROOT, &args, &place.id, NULL);
}

/* ---- registration -------------------------------------------------------------------------------------- */

static void register__init_and_uninit__once_each(void)
{
    mount_one(0);
    KT_ASSERT_EQ(seen.init, 1);
    KT_ASSERT_STR(seen.name, "fxop");
    KT_ASSERT_ERRNO(vfs_fsremove(handle), EBUSY);
    KT_ASSERT_EQ(seen.uninit, 0);
    unmount_it();
    KT_ASSERT_EQ(seen.init, 1);
    KT_ASSERT_EQ(seen.uninit, 1);
}

static void register__init_fails__nothing_stays(void)
{
    seen.init_error = ENOMEM;
    KT_ASSERT_ERRNO(add(all, VFS_TBLVFSOPV), ENOMEM);
    seen.init_error = 0;
    KT_ASSERT_OK(add(all, VFS_TBLVFSOPV));
    KT_ASSERT_OK(vfs_fsremove(handle));
}

static void register__uninit_fails__type_stays(void)
{
    KT_ASSERT_OK(add(all, VFS_TBLVFSOPV));
    seen.uninit_error = EAGAIN;
    KT_ASSERT_ERRNO(vfs_fsremove(handle), EAGAIN);
    seen.uninit_error = 0;
    place = fx_mount("fxop", 0, 0);
    unmount_it();
}

static void register__bad_vector__einval(void)
{
    static struct vfsopv_entry_desc unknown[] = {{(struct vfsop_desc *)(void *)&seen, op_other},
                                                 {NULL, NULL}};
    KT_ASSERT_ERRNO(add(unknown, VFS_TBLVFSOPV), EINVAL);
    KT_ASSERT_ERRNO(add(NULL, VFS_TBLVFSOPV), EINVAL);
    KT_ASSERT_OK(
        add(all, 0)); /* without the flag nobody looks, as with kexts from before there were vectors */
    KT_ASSERT_EQ(seen.init, 0);
    KT_ASSERT_OK(vfs_fsremove(handle));
}

static void register__code_of_the_vector__is_in_use(void)
{
    KT_ASSERT_OK(add(all, VFS_TBLVFSOPV));
    const char *code = (const char *)(uintptr_t)op_extend;
    KT_ASSERT(vfs_range_in_use(code, code + 1, NULL, 0));
    KT_ASSERT_OK(vfs_fsremove(handle));
    KT_ASSERT(!vfs_range_in_use(code, code + 1, NULL, 0));
}

/* ---- operations ---------------------------------------------------------------------------------------- */

static void resize__extends_or_truncates(void)
{
    mount_one(0);
    KT_ASSERT_OK(sys_resize(ROOT, place.id, SIZE_NOW + FX_BLOCK));
    KT_ASSERT_EQ(seen.extend, 1);
    KT_ASSERT_EQ(seen.bytes, SIZE_NOW + FX_BLOCK);
    KT_ASSERT_ERRNO(sys_resize(ROOT, place.id, SIZE_NOW - FX_BLOCK), ENOSPC);
    KT_ASSERT_EQ(seen.truncate, 1);
    KT_ASSERT_OK(sys_resize(ROOT, place.id, SIZE_NOW));
    KT_ASSERT_ERRNO(sys_resize(ROOT, place.id, 0), EINVAL);
    KT_ASSERT_EQ(seen.extend + seen.truncate, 2);
    KT_ASSERT_OK(change(SYS_MNT_RDONLY));
    KT_ASSERT_ERRNO(sys_resize(ROOT, place.id, SIZE_NOW * 2), EROFS);
    unmount_it();
}

static void update__own_operation__instead_of_mount(void)
{
    mount_one(0);
    uint32_t mounts = atomic_load(&fx_calls[FX_MOUNT]);
    KT_ASSERT_OK(change(SYS_MNT_RDONLY | SYS_MNT_NOATIME));
    KT_ASSERT_EQ(seen.update, 1);
    KT_ASSERT_EQ(seen.flags, MNT_RDONLY | MNT_NOATIME);
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_MOUNT]), mounts);
    unmount_it();
}

static void reload__read_only_mounts_alone(void)
{
    mount_one(0);
    KT_ASSERT_ERRNO(change(SYS_MNT_RELOAD), EINVAL);
    KT_ASSERT_EQ(seen.reload, 0);
    KT_ASSERT_OK(change(SYS_MNT_RDONLY));
    KT_ASSERT_OK(change(SYS_MNT_RELOAD));
    KT_ASSERT_EQ(seen.reload, 1);
    struct sys_mount_info info;
    KT_ASSERT_OK(sys_mount_info(place.id, &info));
    KT_ASSERT(info.flags & SYS_MNT_RDONLY);
    unmount_it();
}

static void suspend__type_is_told__also_when_it_ends_by_force(void)
{
    const struct sys_suspend args = {.owner = 1, .timeout_ms = 1000};
    mount_one(0);
    KT_ASSERT_OK(sys_suspend(ROOT, place.id, &args, NULL, 0));
    KT_ASSERT_OK(sys_suspend(ROOT, place.id, &args, NULL, 0));
    KT_ASSERT_EQ(seen.suspend, 1);
    KT_ASSERT_OK(sys_resume(ROOT, place.id, 1));
    KT_ASSERT_EQ(seen.resume, 0);
    KT_ASSERT_OK(sys_resume(ROOT, place.id, 1));
    KT_ASSERT_EQ(seen.resume, 1);

    seen.suspend_error = EIO;
    KT_ASSERT_ERRNO(sys_suspend(ROOT, place.id, &args, NULL, 0), EIO);
    seen.suspend_error = 0;
    KT_ASSERT_EQ(seen.resume, 1);

    KT_ASSERT_OK(sys_suspend(ROOT, place.id, &args, NULL, 0));
    KT_ASSERT_OK(sys_resume(ROOT, place.id, SYS_SUSPEND_ANY));
    KT_ASSERT_EQ(seen.resume, 2);
    KT_ASSERT_OK(sys_suspend(ROOT, place.id, &args, NULL, 0));
    KT_ASSERT_OK(sys_unmount(ROOT, place.id, SYS_MNT_FORCE, NULL, 0));
    KT_ASSERT_EQ(seen.suspend, 4);
    KT_ASSERT_EQ(seen.resume, 3);
    KT_ASSERT_OK(vfs_fsremove(handle));
}

/* ---- types that do not have them ----------------------------------------------------------------------- */

static void without_a_vector__defaults(void)
{
    const struct sys_suspend args = {.owner = 1, .timeout_ms = 1000};
    place = fx_mount("fxfs", 0, 0);
    KT_ASSERT_ERRNO(sys_resize(ROOT, place.id, SIZE_NOW * 2), ENOTSUP);
    KT_ASSERT_ERRNO(sys_resize(ROOT, place.id, SIZE_NOW / 2), ENOTSUP);
    KT_ASSERT_OK(sys_suspend(ROOT, place.id, &args, NULL, 0));
    KT_ASSERT_OK(sys_resume(ROOT, place.id, 1));
    uint32_t mounts = atomic_load(&fx_calls[FX_MOUNT]);
    struct sys_mount update = {.type = "fxfs", .special = "x", .flags = SYS_MNT_UPDATE | SYS_MNT_RDONLY};
    KT_ASSERT_OK(sys_mount(ROOT, &update, &place.id, NULL));
    update.flags = SYS_MNT_UPDATE | SYS_MNT_RELOAD;
    KT_ASSERT_OK(sys_mount(ROOT, &update, &place.id, NULL));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_MOUNT]), mounts + 2);
    fx_unmount(&place);
}

static void default_entry__answers_for_the_others(void)
{
    static struct vfsopv_entry_desc some[] = {{&vfsop_default_desc, op_other}, OP(extend), {NULL, NULL}};
    KT_ASSERT_OK(add(some, VFS_TBLVFSOPV));
    place = fx_mount("fxop", 0, 0);
    seen.other = ENXIO;
    KT_ASSERT_OK(sys_resize(ROOT, place.id, SIZE_NOW * 2));
    KT_ASSERT_ERRNO(sys_resize(ROOT, place.id, SIZE_NOW / 2), ENXIO);
    KT_ASSERT_ERRNO(change(SYS_MNT_RDONLY), ENXIO);
    unmount_it();
}

static const struct ktest_case cases[] = {
    KT_CASE(register__init_and_uninit__once_each),
    KT_CASE(register__init_fails__nothing_stays),
    KT_CASE(register__uninit_fails__type_stays),
    KT_CASE(register__bad_vector__einval),
    KT_CASE(register__code_of_the_vector__is_in_use),
    KT_CASE(resize__extends_or_truncates),
    KT_CASE(update__own_operation__instead_of_mount),
    KT_CASE(reload__read_only_mounts_alone),
    KT_CASE(suspend__type_is_told__also_when_it_ends_by_force),
    KT_CASE(without_a_vector__defaults),
    KT_CASE(default_entry__answers_for_the_others),
};
KT_SUITE_WITH(sys_vfsop, cases, setup, fx_teardown, fx_warm_up);
