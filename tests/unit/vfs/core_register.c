// SPDX-License-Identifier: BSD-2-Clause
/*
 * Registration of types: what is refused and why, numbers and names, the vectors that come out, who uses a
 * range of code. One thread.
 */
#include <sys/fcntl.h>
#include <libkern/libkern.h>
#include <miscfs/fifofs/fifo.h>
#include <miscfs/specfs/specdev.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/mount_internal.h"
#include "vfs/vnop_internal.h"

static vfstable_t handle;
static int (**vector)(void *);

static int answer_42(void *args)
{
    (void)args;
    return 42;
}

static int own_open(struct vnop_open_args *ap)
{
    (void)ap;
    return 0;
}

#define OP(name, function)                                                                                   \
    {                                                                                                        \
        &vnop_##name##_desc, (int (*)(void *))(void (*)(void))(function)                                     \
    }

/* Register a type with one vector of @entries. */
static int add(const struct vnodeopv_entry_desc *entries)
{
    struct vnodeopv_desc desc = {&vector, entries};
    struct vnodeopv_desc *descs[] = {&desc};
    struct vfs_fsentry entry = tiny_entry("other", descs);
    vector = NULL;
    return vfs_fsadd(&entry, &handle);
}

static void fsadd__fills_gaps_with_the_default(void)
{
    static const struct vnodeopv_entry_desc entries[] = {
        OP(open, own_open), OP(default, answer_42), {NULL, NULL}};
    KT_ASSERT_OK(add(entries));
    KT_ASSERT_NOT_NULL(vector);
    KT_ASSERT_EQ(vector[vnop_read_desc.vdesc_offset](NULL), 42);
    KT_ASSERT_EQ(vector[vnop_open_desc.vdesc_offset](NULL), 0);
    KT_ASSERT_EQ(vector[vnop_bwrite_desc.vdesc_offset](NULL), 42);
    KT_ASSERT_OK(vfs_fsremove(handle));
}

static void fsadd__no_default__einval(void)
{
    static const struct vnodeopv_entry_desc entries[] = {OP(open, own_open), {NULL, NULL}};
    KT_ASSERT_ERRNO(add(entries), EINVAL);
    KT_ASSERT_NULL(vector);
}

static void fsadd__unknown_operation__einval(void)
{
    static struct vnodeop_desc stray = {.vdesc_offset = 3, .vdesc_name = "vnop_stray"};
    static const struct vnodeopv_entry_desc entries[] = {
        OP(default, answer_42), {&stray, answer_42}, {NULL, NULL}};
    KT_ASSERT_ERRNO(add(entries), EINVAL);
    KT_ASSERT_NULL(vector);
}

static void fsadd__bad_entry__einval(void)
{
    struct vnodeopv_desc *descs[] = {&tiny_vector_desc};
    struct vfs_fsentry good = tiny_entry("other", descs), entry = good;
    entry.vfe_flags = VFS_TBL64BITREADY | VFS_TBLNOTYPENUM;
    KT_ASSERT_ERRNO(vfs_fsadd(&entry, &handle), EINVAL);
    entry = good;
    entry.vfe_vopcnt = 0;
    KT_ASSERT_ERRNO(vfs_fsadd(&entry, &handle), EINVAL);
    entry.vfe_vopcnt = 9;
    KT_ASSERT_ERRNO(vfs_fsadd(&entry, &handle), EINVAL);
    entry = good;
    entry.vfe_vfsops = NULL;
    KT_ASSERT_ERRNO(vfs_fsadd(&entry, &handle), EINVAL);
    entry = good;
    entry.vfe_opvdescs = NULL;
    KT_ASSERT_ERRNO(vfs_fsadd(&entry, &handle), EINVAL);
    entry = good;
    entry.vfe_fsname[0] = 0;
    KT_ASSERT_ERRNO(vfs_fsadd(&entry, &handle), EINVAL);
    memset(entry.vfe_fsname, 'x', sizeof(entry.vfe_fsname));
    KT_ASSERT_ERRNO(vfs_fsadd(&entry, &handle), EINVAL);
    KT_ASSERT_ERRNO(vfs_fsadd(NULL, &handle), EINVAL);
    KT_ASSERT_ERRNO(vfs_fsadd(&good, NULL), EINVAL);
}

static void fsadd__name_taken__eexist(void)
{
    static const struct vnodeopv_entry_desc entries[] = {OP(default, answer_42), {NULL, NULL}};
    struct vnodeopv_desc desc = {&vector, entries}, *descs[] = {&desc};
    struct vfs_fsentry entry = tiny_entry("tiny", descs);
    vector = NULL;
    KT_ASSERT_ERRNO(vfs_fsadd(&entry, &handle), EEXIST);
    KT_ASSERT_NULL(vector);
}

static void fsadd__init_fails__nothing_stays(void)
{
    static const struct vnodeopv_entry_desc entries[] = {OP(default, answer_42), {NULL, NULL}};
    tiny_tricks.init_error = ENXIO;
    KT_ASSERT_ERRNO(add(entries), ENXIO);
    KT_ASSERT_NULL(vector);
    KT_ASSERT_EQ(tiny_counters().file_systems, 1);
    tiny_tricks.init_error = 0;
    KT_ASSERT_OK(add(entries));
    KT_ASSERT_OK(vfs_fsremove(handle));
}

static void fsadd__eight_vectors__each_its_own(void)
{
    static int (**vectors[8])(void *);
    static const struct vnodeopv_entry_desc entries[] = {OP(default, answer_42), {NULL, NULL}};
    struct vnodeopv_desc desc[8], *descs[8];
    for (unsigned i = 0; i < 8; i++) {
        desc[i] = (struct vnodeopv_desc){&vectors[i], entries};
        descs[i] = &desc[i];
    }
    struct vfs_fsentry entry = tiny_entry("other", descs);
    entry.vfe_vopcnt = 8;
    entry.vfe_flags &= ~(uint32_t)VFS_TBLNOTYPENUM;
    entry.vfe_fstypenum = 77;
    KT_ASSERT_OK(vfs_fsadd(&entry, &handle));
    KT_ASSERT_EQ(handle->vfc_typenum, 77);
    for (unsigned i = 0; i < 8; i++)
        KT_ASSERT(vectors[i] && (i == 0 || vectors[i] != vectors[i - 1]));
    KT_ASSERT_OK(vfs_fsremove(handle));
}

static void fsremove__mounted__ebusy(void)
{
    struct vfstable *type = vfs_type_hold("tiny");
    KT_ASSERT_NOT_NULL(type);
    vfs_type_drop(type);
    KT_ASSERT_ERRNO(vfs_fsremove(type), EBUSY);
    KT_ASSERT_ERRNO(vfs_fsremove((vfstable_t)&type), EINVAL); /* no handle at all */
}

static void abilities__own_operations_only(void)
{
    static const struct vnodeopv_entry_desc stock[] = {
        OP(default, vn_default_error), OP(open, nop_open), OP(close, err_close), {NULL, NULL}};
    static const struct vnodeopv_entry_desc own[] = {
        OP(default, vn_default_error), OP(open, own_open), OP(getxattr, answer_42), {NULL, NULL}};
    KT_ASSERT_OK(add(stock));
    KT_ASSERT(!handle->vfc_has_open && !handle->vfc_has_close && !handle->vfc_has_xattr);
    KT_ASSERT_OK(vfs_fsremove(handle));
    KT_ASSERT_OK(add(own));
    KT_ASSERT(handle->vfc_has_open && !handle->vfc_has_close && handle->vfc_has_xattr);
    KT_ASSERT_OK(vfs_fsremove(handle));
    struct vfs_type_abilities abilities;
    vfs_mount_abilities(tiny_mnt->mp, &abilities);
    KT_ASSERT(abilities.has_open && abilities.has_close && abilities.has_vget && !abilities.has_xattr);
}

static bool in_use(uintptr_t start, uintptr_t end, char *why, size_t size)
{
    return vfs_range_in_use((const void *)start, (const void *)end, why, size);
}

static void range_in_use__names_type_and_mounts(void)
{
    char why[160];
    uintptr_t code = (uintptr_t)own_open;
    static const struct vnodeopv_entry_desc entries[] = {
        OP(default, vn_default_error), OP(open, own_open), {NULL, NULL}};
    KT_ASSERT(!in_use(code, code + 1, why, sizeof(why)));
    KT_ASSERT_OK(add(entries));
    KT_ASSERT(in_use(code, code + 1, why, sizeof(why)));
    KT_ASSERT_STR(why, "file system other is registered");
    KT_ASSERT(in_use(code - 10, code + 1, NULL, 0));
    KT_ASSERT(!in_use(code + 1, code + 2, NULL, 0));
    KT_ASSERT_OK(vfs_fsremove(handle));
    KT_ASSERT(!in_use(code, code + 1, why, sizeof(why)));
    KT_ASSERT(vfs_range_in_use(&tiny_vector_desc, &tiny_vector_desc + 1, why, sizeof(why)));
    KT_ASSERT_STR(why, "file system tiny is registered, 1 mount (/n2), 1 vnode");
}

static void special_vectors__refuse_to_open(void)
{
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VCHR), &vp));
    struct vnop_open_args open = {.a_desc = &vnop_open_desc, .a_vp = vp};
    KT_ASSERT_EQ(spec_vnodeop_p[vnop_open_desc.vdesc_offset](&open), ENXIO);
    KT_ASSERT_EQ(fifo_vnodeop_p[vnop_open_desc.vdesc_offset](&open), ENOTSUP);
    KT_ASSERT_EQ(spec_vnodeop_p[vnop_getattr_desc.vdesc_offset](NULL), EBADF);
    KT_ASSERT_EQ(fifo_vnodeop_p[vnop_readdir_desc.vdesc_offset](NULL), ENOTSUP);
    KT_ASSERT_EQ(spec_vnodeop_p[vnop_reclaim_desc.vdesc_offset](NULL), 0);
    vnode_put(vp);
}

static const struct ktest_case cases[] = {
    KT_CASE(fsadd__fills_gaps_with_the_default), KT_CASE(fsadd__no_default__einval),
    KT_CASE(fsadd__unknown_operation__einval),   KT_CASE(fsadd__bad_entry__einval),
    KT_CASE(fsadd__name_taken__eexist),          KT_CASE(fsadd__init_fails__nothing_stays),
    KT_CASE(fsadd__eight_vectors__each_its_own), KT_CASE(fsremove__mounted__ebusy),
    KT_CASE(abilities__own_operations_only),     KT_CASE(range_in_use__names_type_and_mounts),
    KT_CASE(special_vectors__refuse_to_open),
};
TINY_SUITE(core_register, cases);
