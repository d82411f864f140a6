// SPDX-License-Identifier: BSD-2-Clause
/*
 * Permission: mode bits for each class of caller against what POSIX expects, the sticky bit, attributes, file
 * flags, read-only and no-exec mounts, opaque mounts, callers whose host has asked already.
 */
#include <sys/kauth.h>

#include "tests/unit/vfs/sys_place.h"
#include "vfs/authorize_internal.h"

#define OWNER 501u
#define GROUP 20u

/* ---- mode bits ----------------------------------------------------------------------------------------- */

enum who { WHO_OWNER, WHO_OWNER_IN_GROUP, WHO_GROUP, WHO_SUPPLEMENTARY, WHO_OTHER, WHO_SUPER, WHO_COUNT };

static void callers_make(sys_caller_t *who[WHO_COUNT])
{
    static const uint32_t extra[] = {7, GROUP, 9};
    who[WHO_OWNER] = fx_user(OWNER, 99, 0);
    who[WHO_OWNER_IN_GROUP] = fx_user(OWNER, GROUP, 0);
    who[WHO_GROUP] = fx_user(600, GROUP, 0);
    who[WHO_SUPPLEMENTARY] = fx_user_in(601, 99, extra, 3);
    who[WHO_OTHER] = fx_user(602, 99, 0);
    who[WHO_SUPER] = fx_user(0, 0, 0);
}

/* What POSIX says: the first class that fits decides, and alone. */
static bool posix_allows(enum who who, uint32_t mode, uint32_t rwx, bool dir)
{
    switch (who) {
    case WHO_OWNER:
    case WHO_OWNER_IN_GROUP:
        return (rwx & ~(mode >> 6)) == 0;
    case WHO_GROUP:
    case WHO_SUPPLEMENTARY:
        return (rwx & ~(mode >> 3)) == 0;
    case WHO_OTHER:
        return (rwx & ~mode) == 0;
    default:
        return dir || !(rwx & 1) || (mode & 0111);
    }
}

static void check_mode(sys_caller_t *who[WHO_COUNT], const struct sys_node *node, uint32_t mode, bool dir)
{
    KT_ASSERT_OK(sys_setattr(ROOT, node, &(struct sys_attr){.mask = SYS_ATTR_MODE, .mode = mode}, NULL));
    for (enum who w = 0; w < WHO_COUNT; w++) {
        for (uint32_t rwx = 0; rwx < 8; rwx++) {
            int expect = posix_allows(w, mode, rwx, dir) ? 0 : EACCES;
            int error = sys_access(who[w], node, rwx);
            int code = (int)(mode << 8 | rwx << 20 | w << 24);
            KT_ASSERT_EQ(error | code, expect | code);
        }
    }
}

static void access__every_mode_for_every_class__as_posix_says(void)
{
    sys_caller_t *who[WHO_COUNT];
    struct sys_node f = fx_file(R, "f", 0, NULL), d = fx_mkdir(R, "d", 0);
    callers_make(who);
    fx_chown(R, "f", OWNER, GROUP);
    fx_chown(R, "d", OWNER, GROUP);
    for (uint32_t mode = 0; mode < 0777; mode += 5) /* coprime to 8: meets every triple in every place */
        check_mode(who, &f, mode, false);
    for (uint32_t mode = 0; mode < 0777; mode += 11)
        check_mode(who, &d, mode, true);
    KT_ASSERT_ERRNO(sys_access(ROOT, &f, 8), EINVAL);
}

static int open_as(sys_caller_t *who, const char *path, uint32_t oflags)
{
    sys_file_t *file;
    int error = sys_open(who, R, path, 0, oflags, 0644, &file, NULL, NULL);
    if (!error)
        KT_ASSERT_OK(sys_close(who, file));
    return error;
}

static void open__every_class__asks_for_what_it_opens(void)
{
    sys_caller_t *who[WHO_COUNT];
    fx_file(R, "f", 0642, NULL); /* owner rw, group r, others w */
    fx_chown(R, "f", OWNER, GROUP);
    callers_make(who);
    static const struct {
        enum who who;
        int r, w, rw;
    } table[] = {{WHO_OWNER, 0, 0, 0},
                 {WHO_GROUP, 0, EACCES, EACCES},
                 {WHO_SUPPLEMENTARY, 0, EACCES, EACCES},
                 {WHO_OTHER, EACCES, 0, EACCES},
                 {WHO_SUPER, 0, 0, 0}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        KT_ASSERT_EQ(open_as(who[table[i].who], "f", SYS_O_RDONLY), table[i].r);
        KT_ASSERT_EQ(open_as(who[table[i].who], "f", SYS_O_WRONLY), table[i].w);
        KT_ASSERT_EQ(open_as(who[table[i].who], "f", SYS_O_WRONLY | SYS_O_APPEND), table[i].w);
        KT_ASSERT_EQ(open_as(who[table[i].who], "f", SYS_O_RDWR), table[i].rw);
    }
}

/* ---- directories --------------------------------------------------------------------------------------- */

static void directory__names__need_write_and_search(void)
{
    sys_caller_t *user = fx_user(OWNER, GROUP, 0);
    fx_mkdir(R, "d", 0777);
    fx_file(R, "d/f", 0644, NULL);
    fx_file(R, "d/u", 0644, NULL);
    for (uint32_t bits = 0; bits < 8; bits++) {
        fx_chmod(R, "d", bits);
        int expect = (bits & 3) == 3 ? 0 : EACCES;
        KT_ASSERT_EQ(sys_mkdir(user, R, "d/x", 0, 0755, NULL, NULL), expect);
        KT_ASSERT_EQ(sys_symlink(user, R, "d/l", 0, "t", NULL, NULL), expect);
        KT_ASSERT_EQ(sys_rename(user, R, "d/f", R, "d/g", 0, 0, NULL), expect);
        KT_ASSERT_EQ(sys_unlink(user, R, "d/u", 0, NULL), expect);
        KT_ASSERT_EQ(open_as(user, "d", SYS_O_RDONLY), bits & 4 ? 0 : EACCES);
        if (!expect) {
            KT_ASSERT_OK(sys_rmdir(user, R, "d/x", 0, NULL));
            KT_ASSERT_OK(sys_unlink(user, R, "d/l", 0, NULL));
            KT_ASSERT_OK(sys_rename(user, R, "d/g", R, "d/f", 0, 0, NULL));
            fx_file(R, "d/u", 0644, NULL);
        }
    }
}

static void sticky__names_go__for_their_owners_alone(void)
{
    sys_caller_t *dir_owner = fx_user(1, 1, 0), *file_owner = fx_user(2, 2, 0), *other = fx_user(3, 3, 0);
    sys_caller_t *all[] = {dir_owner, file_owner, ROOT};
    fx_mkdir(R, "d", 0777);
    fx_chown(R, "d", 1, 1);
    fx_chmod(R, "d", 01777);
    for (int i = 0; i < 3; i++) {
        fx_file(R, "d/f", 0666, NULL);
        fx_chown(R, "d/f", 2, 2);
        KT_ASSERT_ERRNO(sys_unlink(other, R, "d/f", 0, NULL), EPERM);
        KT_ASSERT_ERRNO(sys_rename(other, R, "d/f", R, "d/g", 0, 0, NULL), EPERM);
        fx_file(R, "d/mine", 0666, NULL);
        fx_chown(R, "d/mine", 3, 3);
        KT_ASSERT_ERRNO(sys_rename(other, R, "d/mine", R, "d/f", 0, 0, NULL), EPERM); /* over another's */
        KT_ASSERT_OK(sys_unlink(other, R, "d/mine", 0, NULL));
        KT_ASSERT_OK(sys_unlink(all[i], R, "d/f", 0, NULL));
    }
}

/* ---- attributes ---------------------------------------------------------------------------------------- */

static int set_as(sys_caller_t *who, const char *path, struct sys_attr attr)
{
    struct sys_node node = fx_get(R, path);
    return sys_setattr(who, &node, &attr, NULL);
}

static void chmod__is_the_owners_and_drops_foreign_set_ids(void)
{
    sys_caller_t *owner = fx_user(OWNER, GROUP, 0), *other = fx_user(602, GROUP, 0);
    fx_file(R, "f", 0666, NULL);
    fx_chown(R, "f", OWNER, GROUP);
    KT_ASSERT_ERRNO(set_as(other, "f", (struct sys_attr){.mask = SYS_ATTR_MODE, .mode = 0600}), EPERM);
    KT_ASSERT_OK(set_as(owner, "f", (struct sys_attr){.mask = SYS_ATTR_MODE, .mode = 07711}));
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 07711);
    fx_chown(R, "f", OWNER, 77); /* no group of theirs */
    KT_ASSERT_OK(set_as(owner, "f", (struct sys_attr){.mask = SYS_ATTR_MODE, .mode = 07711}));
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 05711);
}

static void chown__gives_away_only_what_one_may(void)
{
    static const uint32_t groups[] = {30};
    sys_caller_t *owner = fx_user_in(OWNER, GROUP, groups, 1), *other = fx_user(602, 99, 0);
    fx_file(R, "f", 0644, NULL);
    fx_chown(R, "f", OWNER, GROUP);
    fx_chmod(R, "f", 06755);
    KT_ASSERT_ERRNO(set_as(owner, "f", (struct sys_attr){.mask = SYS_ATTR_UID, .uid = 602}), EPERM);
    KT_ASSERT_ERRNO(set_as(owner, "f", (struct sys_attr){.mask = SYS_ATTR_GID, .gid = 77}), EPERM);
    KT_ASSERT_ERRNO(set_as(other, "f", (struct sys_attr){.mask = SYS_ATTR_UID, .uid = 602}), EPERM);
    KT_ASSERT_ERRNO(set_as(other, "f", (struct sys_attr){.mask = SYS_ATTR_GID, .gid = 99}), EPERM);
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 06755);
    KT_ASSERT_OK(
        set_as(owner, "f", (struct sys_attr){.mask = SYS_ATTR_GID | SYS_ATTR_UID, .uid = OWNER, .gid = 30}));
    KT_ASSERT_EQ(fx_stat(R, "f").gid, 30);
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 0755); /* passed on: set-id bits go */
    fx_chmod(R, "f", 06755);
    KT_ASSERT_OK(set_as(ROOT, "f", (struct sys_attr){.mask = SYS_ATTR_UID, .uid = 7}));
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 06755);
}

static void utimes__now_for_writers__given_times_for_the_owner(void)
{
    sys_caller_t *owner = fx_user(OWNER, GROUP, 0), *writer = fx_user(602, GROUP, 0),
                 *reader = fx_user(603, 99, 0);
    const struct sys_attr now = {.mask = SYS_ATTR_ATIME_NOW | SYS_ATTR_MTIME_NOW};
    const struct sys_attr given = {.mask = SYS_ATTR_ATIME | SYS_ATTR_MTIME};
    const struct sys_attr mixed = {.mask = SYS_ATTR_ATIME_NOW | SYS_ATTR_MTIME};
    fx_file(R, "f", 0464, NULL); /* the owner may not write, the group may */
    fx_chown(R, "f", OWNER, GROUP);
    KT_ASSERT_OK(set_as(owner, "f", now));
    KT_ASSERT_OK(set_as(owner, "f", given));
    KT_ASSERT_OK(set_as(writer, "f", now));
    KT_ASSERT_ERRNO(set_as(writer, "f", given), EPERM);
    KT_ASSERT_ERRNO(set_as(writer, "f", mixed), EPERM);
    KT_ASSERT_ERRNO(set_as(reader, "f", now), EACCES);
    KT_ASSERT_OK(set_as(ROOT, "f", given));
}

static void truncate__needs_write(void)
{
    sys_caller_t *user = fx_user(OWNER, GROUP, 0);
    fx_file(R, "f", 0644, "contents");
    KT_ASSERT_ERRNO(set_as(user, "f", (struct sys_attr){.mask = SYS_ATTR_SIZE, .size = 0}), EACCES);
    fx_chmod(R, "f", 0646);
    KT_ASSERT_OK(set_as(user, "f", (struct sys_attr){.mask = SYS_ATTR_SIZE, .size = 0}));
    fx_chmod(R, "f", 06656); /* contents changed by another: set-id bits go */
    KT_ASSERT_OK(set_as(user, "f", (struct sys_attr){.mask = SYS_ATTR_SIZE, .size = 1}));
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 0656);
    fx_chmod(R, "f", 06646);
    KT_ASSERT_OK(set_as(ROOT, "f", (struct sys_attr){.mask = SYS_ATTR_SIZE, .size = 2}));
    KT_ASSERT_EQ(fx_stat(R, "f").mode, 06646);
}

/* ---- file flags ---------------------------------------------------------------------------------------- */

static void flags__immutable__binds_everybody(void)
{
    fx_file(R, "f", 0644, "contents");
    for (int i = 0; i < 2; i++) {
        fx_chflags(R, "f", i ? SF_IMMUTABLE : UF_IMMUTABLE);
        KT_ASSERT_ERRNO(open_as(ROOT, "f", SYS_O_WRONLY), EPERM);
        KT_ASSERT_ERRNO(open_as(ROOT, "f", SYS_O_WRONLY | SYS_O_APPEND), EPERM);
        KT_ASSERT_OK(open_as(ROOT, "f", SYS_O_RDONLY));
        KT_ASSERT_ERRNO(sys_unlink(ROOT, R, "f", 0, NULL), EPERM);
        KT_ASSERT_ERRNO(sys_rename(ROOT, R, "f", R, "g", 0, 0, NULL), EPERM);
        KT_ASSERT_ERRNO(set_as(ROOT, "f", (struct sys_attr){.mask = SYS_ATTR_MODE, .mode = 0}), EPERM);
        KT_ASSERT_ERRNO(set_as(ROOT, "f", (struct sys_attr){.mask = SYS_ATTR_SIZE}), EPERM);
        KT_ASSERT_ERRNO(set_as(ROOT, "f", (struct sys_attr){.mask = SYS_ATTR_MTIME}), EPERM);
        KT_ASSERT_ERRNO(set_as(ROOT, "f", (struct sys_attr){.mask = SYS_ATTR_FLAGS | SYS_ATTR_MODE}), EPERM);
        struct sys_node f = fx_get(R, "f");
        KT_ASSERT_ERRNO(sys_setxattr(ROOT, &f, "user.x", "v", 1, 0), EPERM);
    }
    fx_chflags(R, "f", 0); /* taking it off is allowed */
    KT_ASSERT_OK(sys_unlink(ROOT, R, "f", 0, NULL));
}

static void flags__append_only__grows_and_stays(void)
{
    fx_file(R, "f", 0644, "contents");
    fx_chflags(R, "f", UF_APPEND);
    KT_ASSERT_ERRNO(open_as(ROOT, "f", SYS_O_WRONLY), EPERM);
    KT_ASSERT_OK(open_as(ROOT, "f", SYS_O_WRONLY | SYS_O_APPEND));
    KT_ASSERT_ERRNO(open_as(ROOT, "f", SYS_O_WRONLY | SYS_O_APPEND | SYS_O_TRUNC), EPERM);
    KT_ASSERT_ERRNO(sys_unlink(ROOT, R, "f", 0, NULL), EPERM);
    KT_ASSERT_ERRNO(set_as(ROOT, "f", (struct sys_attr){.mask = SYS_ATTR_SIZE}), EPERM);
    fx_chflags(R, "f", SF_NOUNLINK);
    KT_ASSERT_ERRNO(sys_unlink(ROOT, R, "f", 0, NULL), EPERM);
    fx_chflags(R, "f", 0);
}

static void flags__of_the_superuser__are_not_the_owners(void)
{
    sys_caller_t *owner = fx_user(OWNER, GROUP, 0);
    fx_file(R, "f", 0644, NULL);
    fx_chown(R, "f", OWNER, GROUP);
    KT_ASSERT_OK(set_as(owner, "f", (struct sys_attr){.mask = SYS_ATTR_FLAGS, .flags = UF_IMMUTABLE}));
    KT_ASSERT_OK(set_as(owner, "f", (struct sys_attr){.mask = SYS_ATTR_FLAGS, .flags = 0}));
    KT_ASSERT_ERRNO(set_as(owner, "f", (struct sys_attr){.mask = SYS_ATTR_FLAGS, .flags = SF_APPEND}), EPERM);
    fx_chflags(R, "f", SF_IMMUTABLE);
    KT_ASSERT_ERRNO(set_as(owner, "f", (struct sys_attr){.mask = SYS_ATTR_FLAGS, .flags = 0}), EPERM);
    fx_chflags(R, "f", 0);
}

/* ---- mounts -------------------------------------------------------------------------------------------- */

static void mount__read_only__refuses_every_change(void)
{
    struct fx_place ro = fx_mount("fxfs", 0, 0);
    struct sys_node f = fx_file(&ro.root, "f", 0777, NULL);
    fx_mkdir(&ro.root, "d", 0777);
    const struct sys_mount args = {.type = "fxfs", .special = "x", .flags = SYS_MNT_UPDATE | SYS_MNT_RDONLY};
    KT_ASSERT_OK(sys_mount(ROOT, &args, &ro.id, NULL));
    sys_caller_t *who[] = {ROOT, fx_user(OWNER, GROUP, SYS_CALLER_PREAUTHORISED)};
    sys_file_t *file;
    for (int i = 0; i < 2; i++) {
        KT_ASSERT_ERRNO(sys_mkdir(who[i], &ro.root, "x", 0, 0755, NULL, NULL), EROFS);
        KT_ASSERT_ERRNO(sys_mkdir(who[i], &ro.root, "d", 0, 0755, NULL, NULL), EEXIST);
        KT_ASSERT_ERRNO(sys_unlink(who[i], &ro.root, "f", 0, NULL), EROFS);
        KT_ASSERT_ERRNO(sys_rmdir(who[i], &ro.root, "d", 0, NULL), EROFS);
        KT_ASSERT_ERRNO(sys_rename(who[i], &ro.root, "f", &ro.root, "g", 0, 0, NULL), EROFS);
        KT_ASSERT_ERRNO(sys_link(who[i], &f, &ro.root, "g", 0, NULL), EROFS);
        KT_ASSERT_ERRNO(sys_symlink(who[i], &ro.root, "l", 0, "t", NULL, NULL), EROFS);
        KT_ASSERT_ERRNO(sys_setattr(who[i], &f, &(struct sys_attr){.mask = SYS_ATTR_MODE}, NULL), EROFS);
        KT_ASSERT_ERRNO(sys_setxattr(who[i], &f, "user.x", "v", 1, 0), EROFS);
        KT_ASSERT_ERRNO(sys_open(who[i], &ro.root, "f", 0, SYS_O_WRONLY, 0, &file, NULL, NULL), EROFS);
        KT_ASSERT_ERRNO(sys_open(who[i], &ro.root, "x", 0, SYS_O_WRONLY | SYS_O_CREAT, 0, &file, NULL, NULL),
                        EROFS);
        KT_ASSERT_ERRNO(sys_access(who[i], &f, 2), EROFS);
        KT_ASSERT_OK(sys_open(who[i], &ro.root, "f", 0, SYS_O_CREAT, 0, &file, NULL, NULL));
        KT_ASSERT_OK(sys_close(who[i], file));
    }
    fx_unmount(&ro);
}

static void mount__noexec__files_cannot_be_executed(void)
{
    struct fx_place noexec = fx_mount("fxfs", 0, SYS_MNT_NOEXEC);
    struct sys_node f = fx_file(&noexec.root, "f", 0777, NULL);
    KT_ASSERT_ERRNO(sys_access(ROOT, &f, 1), EACCES);
    KT_ASSERT_OK(sys_access(ROOT, &f, 6));
    KT_ASSERT_OK(sys_access(ROOT, &noexec.root, 1)); /* directories are searched, not executed */
    fx_unmount(&noexec);
}

static void mount__opaque__the_file_system_alone_decides(void)
{
    struct fx_place opaque = fx_mount("fxfs", FX_OPAQUE, 0);
    sys_caller_t *user = fx_user(OWNER, GROUP, 0), *trusted = fx_user(OWNER, GROUP, SYS_CALLER_PREAUTHORISED);
    struct sys_node f = fx_file(&opaque.root, "f", 0, NULL);
    KT_ASSERT_OK(sys_access(user, &f, 7)); /* the mode is not looked at */
    KT_ASSERT_OK(sys_mkdir(user, &opaque.root, "d", 0, 0, NULL, NULL));
    atomic_store(&fx_access_answer, EACCES);
    KT_ASSERT_ERRNO(sys_access(user, &f, 4), EACCES);
    KT_ASSERT_ERRNO(sys_mkdir(user, &opaque.root, "e", 0, 0755, NULL, NULL), EACCES);
    KT_ASSERT_ERRNO(sys_lookup(user, &opaque.root, "f", 0, NULL, NULL), EACCES);
    KT_ASSERT_ERRNO(sys_unlink(user, &opaque.root, "f", 0, NULL), EACCES);
    uint32_t asked = atomic_load(&fx_calls[FX_ACCESS]);
    KT_ASSERT_OK(sys_lookup(trusted, &opaque.root, "f", 0, NULL, NULL));
    KT_ASSERT_OK(sys_unlink(trusted, &opaque.root, "f", 0, NULL));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_ACCESS]), asked);
    atomic_store(&fx_access_answer, ENOTSUP); /* no opinion */
    KT_ASSERT_OK(sys_mkdir(user, &opaque.root, "e", 0, 0755, NULL, NULL));
    atomic_store(&fx_access_answer, 0);
    fx_unmount(&opaque);
}

/* ---- callers whose host has asked ---------------------------------------------------------------------- */

static void preauthorised__only_flags_are_looked_at(void)
{
    sys_caller_t *trusted = fx_user(OWNER, GROUP, SYS_CALLER_PREAUTHORISED);
    fx_mkdir(R, "d", 0);
    fx_file(R, "d/f", 0, NULL);
    KT_ASSERT_OK(open_as(trusted, "d/f", SYS_O_RDWR));
    KT_ASSERT_OK(sys_mkdir(trusted, R, "d/x", 0, 0755, NULL, NULL));
    KT_ASSERT_EQ(fx_stat(R, "d/x").uid, OWNER);
    KT_ASSERT_OK(set_as(trusted, "d/f", (struct sys_attr){.mask = SYS_ATTR_UID, .uid = 3}));
    fx_chflags(R, "d/f", UF_IMMUTABLE);
    KT_ASSERT_ERRNO(open_as(trusted, "d/f", SYS_O_RDWR), EPERM);
    KT_ASSERT_ERRNO(sys_unlink(trusted, R, "d/f", 0, NULL), EPERM);
    KT_ASSERT_ERRNO(set_as(trusted, "d/f", (struct sys_attr){.mask = SYS_ATTR_MODE}), EPERM);
    fx_chflags(R, "d/f", 0);
    fx_chflags(R, "d", UF_IMMUTABLE);
    KT_ASSERT_ERRNO(sys_mkdir(trusted, R, "d/y", 0, 0755, NULL, NULL), EPERM);
    KT_ASSERT_ERRNO(sys_unlink(trusted, R, "d/f", 0, NULL), EPERM);
    fx_chflags(R, "d", 0);
    KT_ASSERT_OK(sys_unlink(trusted, R, "d/f", 0, NULL));
}

/* ---- the KPI ------------------------------------------------------------------------------------------- */

static void vnode_authattr_new__fills_in_and_refuses(void)
{
    struct kern_call call;
    struct vnode_attr va;
    kauth_cred_t cred = kern_cred_create(OWNER, GROUP, NULL, 0);
    kern_enter(&call, cred, kern_proc_kernel());
    vfs_context_t ctx = vfs_context_current();
    vnode_t root = vfs_rootvnode();
    VATTR_INIT(&va);
    VATTR_SET(&va, va_type, VREG);
    KT_ASSERT_OK(vnode_authattr_new(root, &va, 0, ctx));
    KT_ASSERT(VATTR_IS_ACTIVE(&va, va_uid) && va.va_uid == OWNER && va.va_gid == GROUP && va.va_mode == 0);
    va.va_uid = 3;
    KT_ASSERT_ERRNO(vnode_authattr_new(root, &va, 0, ctx), EPERM);
    KT_ASSERT_OK(vnode_authattr_new(root, &va, 1, ctx));
    KT_ASSERT_ERRNO(vnode_authorize(root, NULL, KAUTH_VNODE_ADD_FILE, ctx), EACCES);
    KT_ASSERT_OK(vnode_authorize(root, NULL, KAUTH_VNODE_SEARCH | KAUTH_VNODE_LIST_DIRECTORY, ctx));
    KT_ASSERT_OK(vnode_authorize(root, NULL, KAUTH_VNODE_READ_ATTRIBUTES | KAUTH_VNODE_READ_SECURITY, ctx));
    KT_ASSERT_ERRNO(vnode_authorize(root, NULL, KAUTH_VNODE_WRITE_SECURITY, ctx), EPERM);
    KT_ASSERT_ERRNO(vnode_authorize(root, root, KAUTH_VNODE_DELETE, ctx), EACCES);
    vnode_put(root);
    kern_leave(&call);
    kauth_cred_unref(&cred);
}

static const struct ktest_case cases[] = {
    KT_CASE(access__every_mode_for_every_class__as_posix_says),
    KT_CASE(open__every_class__asks_for_what_it_opens),
    KT_CASE(directory__names__need_write_and_search),
    KT_CASE(sticky__names_go__for_their_owners_alone),
    KT_CASE(chmod__is_the_owners_and_drops_foreign_set_ids),
    KT_CASE(chown__gives_away_only_what_one_may),
    KT_CASE(utimes__now_for_writers__given_times_for_the_owner),
    KT_CASE(truncate__needs_write),
    KT_CASE(flags__immutable__binds_everybody),
    KT_CASE(flags__append_only__grows_and_stays),
    KT_CASE(flags__of_the_superuser__are_not_the_owners),
    KT_CASE(mount__read_only__refuses_every_change),
    KT_CASE(mount__noexec__files_cannot_be_executed),
    KT_CASE(mount__opaque__the_file_system_alone_decides),
    KT_CASE(preauthorised__only_flags_are_looked_at),
    KT_CASE(vnode_authattr_new__fills_in_and_refuses),
};
SYS_SUITE(sys_authorize, cases);
