// SPDX-License-Identifier: BSD-2-Clause
/*
 * For servers of files: handles made by VFS for a type that finds files by number, and to whom a mount is
 * exported. Devices and images that are mounted once. Files that are taken away.
 */
#include <sys/socket.h>
#include <sys/vfs_handle.h>

#include "tests/unit/vfs/sys_fixture.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"

static struct fx_place place;
#define R (&place.root)

static void setup(void)
{
    fx_setup();
    place = fx_mount("fxfs", 0, 0);
    fx_file(R, "file", 0644, "contents");
}

static void teardown(void)
{
    fx_unmount(&place);
    fx_teardown();
}

/* ---- handles ------------------------------------------------------------------------------------------- */

static struct sys_handle handle_of(const char *path)
{
    struct sys_handle handle;
    struct sys_node node = fx_get(R, path);
    KT_ASSERT_OK(sys_handle_make(ROOT, &node, &handle));
    KT_ASSERT_LE(handle.len, SYS_HANDLE_MAX);
    return handle;
}

static void handle__vnode_recycled__finds_the_file(void)
{
    struct sys_node before = fx_get(R, "file"), after;
    struct sys_attr attr;
    struct sys_handle handle = handle_of("file");
    mount_t mp = mount_find(place.id);
    vflush(mp, NULLVP, SKIPROOT);
    mount_rele(mp);
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &before, &attr), ESTALE);
    KT_ASSERT_OK(sys_handle_find(ROOT, place.id, &handle, &after, &attr));
    KT_ASSERT_EQ(after.fileid, before.fileid);
    KT_ASSERT_EQ(attr.size, 8);
    handle = handle_of("");
    KT_ASSERT_OK(sys_handle_find(ROOT, place.id, &handle, &after, &attr));
    KT_ASSERT_EQ(attr.type, SYS_VDIR);
}

static void handle__file_gone_or_other_mount_or_garbage__estale(void)
{
    struct sys_node node;
    struct sys_handle handle = handle_of("file"), bad;
    struct fx_place other = fx_mount("fxfs", 0, 0);
    KT_ASSERT_ERRNO(sys_handle_find(ROOT, other.id, &handle, &node, NULL), ESTALE);
    fx_unmount(&other);
    KT_ASSERT_ERRNO(sys_handle_find(ROOT, other.id, &handle, &node, NULL), ESTALE);
    for (uint32_t len = 0; len <= SYS_HANDLE_MAX; len++) {
        bad = handle;
        bad.len = len;
        if (len != handle.len)
            KT_ASSERT_ERRNO(sys_handle_find(ROOT, place.id, &bad, &node, NULL), ESTALE);
    }
    for (uint32_t at = 0; at < handle.len; at++) {
        bad = handle;
        bad.data[at] ^= 0x55;
        int error = sys_handle_find(ROOT, place.id, &bad, &node, NULL);
        KT_ASSERT(error == ESTALE || (error == 0 && at >= 24)); /* padding after the generation */
    }
    KT_ASSERT_OK(sys_unlink(ROOT, R, "file", 0, NULL));
    KT_ASSERT_ERRNO(sys_handle_find(ROOT, place.id, &handle, &node, NULL), ESTALE);
}

/* ---- exports ------------------------------------------------------------------------------------------- */

static struct vfs_export_address inet(unsigned a, unsigned b, unsigned c, unsigned d, uint32_t prefix)
{
    return (struct vfs_export_address){
        .ea_family = AF_INET,
        .ea_prefix = prefix,
        .ea_addr = {(unsigned char)a, (unsigned char)b, (unsigned char)c, (unsigned char)d}};
}

static void export__narrowest_counts(void)
{
    struct vfs_export ex = {.ex_address = inet(10, 0, 0, 0, 8), .ex_flags = VFS_EXPORT_READONLY}, got;
    struct vfs_export_address inside = inet(10, 1, 2, 3, 32), other = inet(11, 1, 2, 3, 32), six = {0};
    struct sys_mount_info info;
    mount_t mp;
    KT_ASSERT_OK(mount_find_busy(place.id, &mp));
    KT_ASSERT_ERRNO(vfs_checkexp(mp, &inside, &got), EACCES);
    KT_ASSERT_OK(vfs_export(mp, &ex));
    KT_ASSERT_OK(sys_mount_info(place.id, &info));
    KT_ASSERT(info.flags & MNT_EXPORTED);
    KT_ASSERT_OK(vfs_checkexp(mp, &inside, &got));
    KT_ASSERT_EQ(got.ex_flags, VFS_EXPORT_READONLY);
    KT_ASSERT_ERRNO(vfs_checkexp(mp, &other, &got), EACCES);

    ex = (struct vfs_export){
        .ex_address = inet(10, 1, 2, 0, 23), .ex_flags = VFS_EXPORT_MAPROOT, .ex_uid = 99};
    KT_ASSERT_OK(vfs_export(mp, &ex));
    KT_ASSERT_OK(vfs_checkexp(mp, &inside, &got));
    KT_ASSERT_EQ(got.ex_uid, 99);
    KT_ASSERT_OK(vfs_checkexp(mp, &(struct vfs_export_address){AF_INET, 32, {10, 1, 3, 255}}, &got));
    KT_ASSERT_EQ(got.ex_uid, 99);
    KT_ASSERT_OK(vfs_checkexp(mp, &(struct vfs_export_address){AF_INET, 32, {10, 1, 4, 0}}, &got));
    KT_ASSERT_EQ(got.ex_flags, VFS_EXPORT_READONLY);

    ex = (struct vfs_export){.ex_flags = VFS_EXPORT_MAPALL, .ex_uid = 7}; /* everybody */
    KT_ASSERT_OK(vfs_export(mp, &ex));
    six.ea_family = AF_INET6;
    six.ea_prefix = 128;
    KT_ASSERT_OK(vfs_checkexp(mp, &six, &got));
    KT_ASSERT_EQ(got.ex_uid, 7);
    KT_ASSERT_OK(vfs_checkexp(mp, &inside, &got));
    KT_ASSERT_EQ(got.ex_uid, 99);
    ex.ex_uid = 8; /* replaces */
    KT_ASSERT_OK(vfs_export(mp, &ex));
    KT_ASSERT_OK(vfs_checkexp(mp, &other, &got));
    KT_ASSERT_EQ(got.ex_uid, 8);
    vfs_setflags(mp, MNT_RDONLY);
    KT_ASSERT_OK(vfs_checkexp(mp, &other, &got));
    KT_ASSERT_EQ(got.ex_flags, VFS_EXPORT_MAPALL | VFS_EXPORT_READONLY);
    vfs_clearflags(mp, MNT_RDONLY);

    KT_ASSERT_OK(vfs_unexport(mp, &ex.ex_address));
    KT_ASSERT_ERRNO(vfs_unexport(mp, &ex.ex_address), ENOENT);
    KT_ASSERT_ERRNO(vfs_checkexp(mp, &other, &got), EACCES);
    KT_ASSERT_OK(vfs_unexport(mp, NULL));
    KT_ASSERT_ERRNO(vfs_checkexp(mp, &inside, &got), EACCES);
    KT_ASSERT_OK(vfs_export(mp, &ex)); /* goes with the mount */
    vfs_unbusy(mp);
}

static void export__bad__einval(void)
{
    struct vfs_export ex = {.ex_address = inet(10, 0, 0, 0, 33)}, got;
    mount_t mp;
    KT_ASSERT_OK(mount_find_busy(place.id, &mp));
    KT_ASSERT_ERRNO(vfs_export(mp, &ex), EINVAL);
    ex.ex_address = (struct vfs_export_address){.ea_family = 77};
    KT_ASSERT_ERRNO(vfs_export(mp, &ex), EINVAL);
    ex.ex_address = inet(10, 0, 0, 0, 8);
    ex.ex_flags = 0x80;
    KT_ASSERT_ERRNO(vfs_export(mp, &ex), EINVAL);
    KT_ASSERT_ERRNO(vfs_checkexp(mp, &ex.ex_address, &got), EINVAL); /* not a whole address */
    vfs_unbusy(mp);
}

/* ---- one mount for each device and image --------------------------------------------------------------- */

static int mount_on(const char *type, struct sys_backing backing, uint32_t *id, char *why, size_t size)
{
    struct sys_node root;
    struct sys_mount args = {.type = type,
                             .special = "image",
                             .shown_on = "/here",
                             .backing = backing,
                             .why = why,
                             .why_size = size};
    return sys_mount(ROOT, &args, id, &root);
}

static void backing__mounted_already__ebusy_names_the_mount(void)
{
    struct sys_backing image = {SYS_BACKING_FILE, 3, 5}, device = {SYS_BACKING_DEVICE, 3, 0},
                       other = {SYS_BACKING_FILE, 3, 6};
    struct vnodeopv_desc *vectors[] = {&fx_vector};
    struct vfs_fsentry entry = {.vfe_vfsops = &fx_vfsops,
                                .vfe_vopcnt = 1,
                                .vfe_opvdescs = vectors,
                                .vfe_fsname = "fxlocal",
                                .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLNOTYPENUM | VFS_TBLLOCALVOL |
                                             VFS_TBLGENERICMNTARGS};
    vfstable_t handle;
    uint32_t ids[4];
    char why[256] = "";
    KT_ASSERT_OK(vfs_fsadd(&entry, &handle));
    KT_ASSERT_OK(mount_on("fxlocal", image, &ids[0], why, sizeof(why)));
    KT_ASSERT_ERRNO(mount_on("fxlocal", image, &ids[1], why, sizeof(why)), EBUSY);
    KT_ASSERT_STR(why, "it is mounted on /here already, as image");
    KT_ASSERT_ERRNO(mount_on("fxlocal", image, &ids[1], NULL, 0), EBUSY);
    KT_ASSERT_OK(mount_on("fxlocal", device, &ids[1], NULL, 0));
    KT_ASSERT_OK(mount_on("fxlocal", other, &ids[2], NULL, 0));
    KT_ASSERT_OK(mount_on("fxfs", image, &ids[3], NULL, 0)); /* not a local file system: it lies on nothing */
    KT_ASSERT_OK(sys_unmount(ROOT, ids[0], 0, NULL, 0));
    KT_ASSERT_OK(mount_on("fxlocal", image, &ids[0], NULL, 0));
    fx_fail(FX_MOUNT, EIO, 1);
    KT_ASSERT_OK(sys_unmount(ROOT, ids[2], 0, NULL, 0));
    KT_ASSERT_ERRNO(mount_on("fxlocal", other, &ids[2], NULL, 0), EIO);
    KT_ASSERT_OK(mount_on("fxlocal", other, &ids[2], NULL, 0)); /* a failed mount keeps nothing */
    for (unsigned i = 0; i < 4; i++)
        KT_ASSERT_OK(sys_unmount(ROOT, ids[i], 0, NULL, 0));
    KT_ASSERT_OK(vfs_fsremove(handle));
}

/* ---- revoke -------------------------------------------------------------------------------------------- */

static void revoke__open_files__eio_and_new_ones_work(void)
{
    char bytes[8];
    struct sys_node node = fx_get(R, "file");
    sys_caller_t *owner = fx_user(501, 20, 0), *stranger = fx_user(502, 20, 0);
    fx_chown(R, "file", 501, 20);
    sys_file_t *one = fx_open(R, "file", SYS_O_RDWR), *two = fx_open(R, "file", SYS_O_RDONLY);
    uint32_t closes = atomic_load(&fx_calls[FX_CLOSE]);
    KT_ASSERT_ERRNO(sys_revoke(stranger, &node), EPERM);
    KT_ASSERT_EQ(fx_read(one, bytes, 8, 0), 8);
    KT_ASSERT_OK(sys_revoke(owner, &node));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_CLOSE]), closes + 1);
    KT_ASSERT_EQ(fx_read(one, bytes, 8, 0), -EIO);
    KT_ASSERT_ERRNO(fx_write(one, "x", 1, 0), EIO);
    KT_ASSERT_EQ(fx_read(two, bytes, 8, 0), -EIO);
    KT_ASSERT_OK(sys_close(ROOT, one));
    KT_ASSERT_OK(sys_close(ROOT, two));
    one = fx_open(R, "file", SYS_O_RDONLY);
    KT_ASSERT_EQ(fx_read(one, bytes, 8, 0), 8);
    fx_close(one);
    KT_ASSERT_ERRNO(sys_revoke(ROOT, R), EBUSY);
    KT_ASSERT_ERRNO(sys_revoke(ROOT, &node), ESTALE);
}

static const struct ktest_case cases[] = {
    KT_CASE(handle__vnode_recycled__finds_the_file),
    KT_CASE(handle__file_gone_or_other_mount_or_garbage__estale),
    KT_CASE(export__narrowest_counts),
    KT_CASE(export__bad__einval),
    KT_CASE(backing__mounted_already__ebusy_names_the_mount),
    KT_CASE(revoke__open_files__eio_and_new_ones_work),
};
SYS_SUITE(sys_handle, cases);
