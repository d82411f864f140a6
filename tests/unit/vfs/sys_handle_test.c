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

static sys_caller_t *client(unsigned last, uint32_t uid, int expect)
{
    const struct sys_address address = {SYS_AF_INET, 32, {10, 0, 0, (uint8_t)last}};
    const uint32_t groups[] = {0};
    const struct sys_identity id = {.uid = uid, .gid = 5, .ngroups = 1, .groups = groups};
    sys_caller_t *who = NULL;
    KT_ASSERT_ERRNO(sys_export_caller(place.id, &address, &id, &who), expect);
    return who;
}

static int serve(sys_caller_t *who, const struct sys_handle *handle, uint32_t oflags)
{
    struct sys_node node;
    sys_file_t *file;
    int error = sys_handle_find(who, place.id, handle, &node, NULL);
    if (!error)
        error = sys_open(who, &node, NULL, 0, oflags, 0, &file, NULL, NULL);
    if (!error)
        KT_ASSERT_OK(sys_close(who, file));
    return error;
}

static void exports_make(void)
{
    struct sys_export ex = {
        .to = {SYS_AF_INET, 32, {10, 0, 0, 1}}, .flags = SYS_EXPORT_MAPROOT, .uid = 7, .gid = 8};
    sys_caller_t *user = fx_user(501, 20, 0);
    KT_ASSERT_ERRNO(sys_export(user, place.id, &ex), EPERM);
    KT_ASSERT_ERRNO(sys_export(ROOT, 9999, &ex), ENOENT);
    KT_ASSERT_OK(sys_export(ROOT, place.id, &ex));
    ex = (struct sys_export){.to = {SYS_AF_INET, 32, {10, 0, 0, 2}}, .flags = SYS_EXPORT_READONLY};
    KT_ASSERT_OK(sys_export(ROOT, place.id, &ex));
    ex = (struct sys_export){.to = {SYS_AF_INET, 32, {10, 0, 0, 3}}, .flags = SYS_EXPORT_MAPALL, .uid = 7};
    KT_ASSERT_OK(sys_export(ROOT, place.id, &ex));
    ex.flags = 0x80;
    KT_ASSERT_ERRNO(sys_export(ROOT, place.id, &ex), EINVAL);
}

static void client__gets_what_the_export_says(void)
{
    struct sys_handle handle = handle_of("file"), top = handle_of("");
    struct sys_attr attr;
    struct sys_node root, node;
    exports_make();
    fx_chown(R, "file", 7, 8);
    fx_chmod(R, "file", 0600);
    sys_caller_t *mapped = client(1, 0, 0), *reader = client(2, 0, 0), *all = client(3, 501, 0);
    sys_caller_t *stranger = client(1, 501, 0);
    client(4, 0, EACCES);

    KT_ASSERT_OK(serve(mapped, &handle, SYS_O_RDWR)); /* as 7, whose file it is */
    KT_ASSERT_OK(serve(all, &handle, SYS_O_RDWR));
    KT_ASSERT_ERRNO(serve(stranger, &handle, SYS_O_RDONLY), EACCES);
    KT_ASSERT_OK(sys_handle_find(mapped, place.id, &top, &root, NULL));
    KT_ASSERT_ERRNO(sys_mkdir(mapped, &root, "d", 0, 0755, NULL, NULL), EACCES); /* the superuser's no more */

    KT_ASSERT_OK(serve(reader, &handle, SYS_O_RDONLY)); /* the superuser, who may change nothing */
    KT_ASSERT_ERRNO(serve(reader, &handle, SYS_O_WRONLY), EROFS);
    KT_ASSERT_ERRNO(serve(reader, &handle, SYS_O_RDONLY | SYS_O_TRUNC), EROFS);
    KT_ASSERT_ERRNO(sys_mkdir(reader, &root, "d", 0, 0755, NULL, NULL), EROFS);
    KT_ASSERT_ERRNO(sys_unlink(reader, &root, "file", 0, NULL), EROFS);
    KT_ASSERT_ERRNO(sys_rename(reader, &root, "file", &root, "g", 0, 0, NULL), EROFS);
    KT_ASSERT_OK(sys_handle_find(reader, place.id, &handle, &node, &attr));
    KT_ASSERT_ERRNO(sys_link(reader, &node, &root, "g", 0, NULL), EROFS);
    KT_ASSERT_ERRNO(sys_setxattr(reader, &node, "user.x", "v", 1, 0), EROFS);
    KT_ASSERT_ERRNO(sys_setattr(reader, &node, &(struct sys_attr){.mask = SYS_ATTR_MODE}, NULL), EROFS);
    KT_ASSERT_EQ(fx_stat(R, "file").mode, 0600);
    sys_caller_t *const made[] = {mapped, reader, all, stranger};
    for (unsigned i = 0; i < 4; i++)
        sys_caller_release(made[i]);
}

static void client__export_changed_or_another_mount__eacces(void)
{
    struct sys_handle handle = handle_of("file");
    struct sys_export ex = {.to = {SYS_AF_INET, 32, {10, 0, 0, 1}}, .flags = SYS_EXPORT_READONLY};
    struct sys_node node;
    exports_make();
    struct fx_place other = fx_mount("fxfs", 0, 0);
    sys_caller_t *who = client(1, 501, 0), *again;
    KT_ASSERT_OK(sys_handle_find(who, place.id, &handle, &node, NULL));
    KT_ASSERT_ERRNO(sys_handle_find(who, other.id, &handle, &node, NULL), EACCES);
    fx_unmount(&other);
    KT_ASSERT_OK(sys_export(ROOT, place.id, &ex));
    KT_ASSERT_ERRNO(sys_handle_find(who, place.id, &handle, &node, NULL), EACCES);
    again = client(1, 501, 0);
    KT_ASSERT_OK(sys_handle_find(again, place.id, &handle, &node, NULL));
    KT_ASSERT_OK(sys_unexport(ROOT, place.id, &ex.to));
    KT_ASSERT_ERRNO(sys_handle_find(again, place.id, &handle, &node, NULL), EACCES);
    KT_ASSERT_ERRNO(sys_unexport(ROOT, place.id, &ex.to), ENOENT);
    KT_ASSERT_OK(sys_unexport(ROOT, place.id, NULL));
    KT_ASSERT_OK(sys_handle_find(ROOT, place.id, &handle, &node, NULL)); /* the host's own need none */
    sys_caller_release(again);
    sys_caller_release(who);
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
    KT_CASE(client__gets_what_the_export_says),
    KT_CASE(client__export_changed_or_another_mount__eacces),
    KT_CASE(backing__mounted_already__ebusy_names_the_mount),
    KT_CASE(revoke__open_files__eio_and_new_ones_work),
};
SYS_SUITE(sys_handle, cases);
