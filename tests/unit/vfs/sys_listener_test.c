// SPDX-License-Identifier: BSD-2-Clause
/*
 * Listeners to KAUTH_SCOPE_VNODE: which questions reach them, with what, and what each answer does.
 */
#include <sys/kauth.h>

#include "tests/unit/vfs/sys_place.h"

#define OWNER 501u
#define GROUP 20u

/* What a listener is told to do, and what it heard. */
struct ear {
    kauth_action_t when; /* answers to a question that has any of these rights, else defers */
    int answer, error;
    uint32_t asked;        /* questions with such a right */
    kauth_action_t action; /* of the last of them */
    uid_t uid;
    uintptr_t vp, dvp;
};

static int listen(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t ctx, uintptr_t vp,
                  uintptr_t dvp, uintptr_t errorp)
{
    struct ear *ear = idata;
    if (!(action & ear->when))
        return KAUTH_RESULT_DEFER;
    ear->asked++;
    ear->action = action;
    ear->uid = kauth_cred_getuid(vfs_context_ucred((vfs_context_t)ctx));
    KT_ASSERT_EQ(ear->uid, kauth_cred_getuid(cred));
    ear->vp = vp;
    ear->dvp = dvp;
    if (ear->error)
        *(int *)errorp = ear->error;
    return ear->answer;
}

static kauth_listener_t listen_to(struct ear *ear)
{
    kauth_listener_t listener = kauth_listen_scope(KAUTH_SCOPE_VNODE, listen, ear);
    KT_ASSERT_NOT_NULL(listener);
    return listener;
}

static void scene_make(void)
{
    fx_mkdir(R, "d", 0777);
    fx_file(R, "d/f", 0666, "contents");
    fx_file(R, "d/g", 0666, NULL);
    fx_mkdir(R, "d/e", 0777);
}

/* ---- every operation asks ------------------------------------------------------------------------------ */

static int open_as(sys_caller_t *who, const char *path, uint32_t oflags)
{
    sys_file_t *file;
    int error = sys_open(who, R, path, 0, oflags, 0644, &file, NULL, NULL);
    if (!error)
        KT_ASSERT_OK(sys_close(who, file));
    return error;
}

static int do_search(sys_caller_t *who)
{
    return sys_lookup(who, R, "d/f", 0, &(struct sys_node){0}, NULL);
}
static int do_read(sys_caller_t *who)
{
    return open_as(who, "d/f", SYS_O_RDONLY);
}
static int do_write(sys_caller_t *who)
{
    return open_as(who, "d/f", SYS_O_WRONLY);
}
static int do_create(sys_caller_t *who)
{
    return open_as(who, "d/new", SYS_O_RDWR | SYS_O_CREAT);
}
static int do_mkdir(sys_caller_t *who)
{
    return sys_mkdir(who, R, "d/new", 0, 0755, NULL, NULL);
}
static int do_symlink(sys_caller_t *who)
{
    return sys_symlink(who, R, "d/new", 0, "t", NULL, NULL);
}
static int do_link(sys_caller_t *who)
{
    struct sys_node f = fx_get(R, "d/f");
    return sys_link(who, &f, R, "d/new", 0, NULL);
}
static int do_unlink(sys_caller_t *who)
{
    return sys_unlink(who, R, "d/g", 0, NULL);
}
static int do_rmdir(sys_caller_t *who)
{
    return sys_rmdir(who, R, "d/e", 0, NULL);
}
static int do_rename(sys_caller_t *who)
{
    return sys_rename(who, R, "d/f", R, "d/new", 0, 0, NULL);
}
static int do_chmod(sys_caller_t *who)
{
    struct sys_node f = fx_get(R, "d/f");
    return sys_setattr(who, &f, &(struct sys_attr){.mask = SYS_ATTR_MODE, .mode = 0600}, NULL);
}
static int do_access(sys_caller_t *who)
{
    struct sys_node f = fx_get(R, "d/f");
    return sys_access(who, &f, 4);
}
static int do_setxattr(sys_caller_t *who)
{
    struct sys_node f = fx_get(R, "d/f");
    return sys_setxattr(who, &f, "name", "v", 1, 0);
}

static const struct {
    const char *name;
    int (*act)(sys_caller_t *who);
    kauth_action_t right;
    bool has_dvp;
} acts[] = {
    {"search", do_search, KAUTH_VNODE_SEARCH, false},
    {"open to read", do_read, KAUTH_VNODE_READ_DATA, false},
    {"open to write", do_write, KAUTH_VNODE_WRITE_DATA, false},
    {"create", do_create, KAUTH_VNODE_ADD_FILE, false},
    {"mkdir", do_mkdir, KAUTH_VNODE_ADD_SUBDIRECTORY, false},
    {"symlink", do_symlink, KAUTH_VNODE_ADD_FILE, false},
    {"link", do_link, KAUTH_VNODE_LINKTARGET, false},
    {"unlink", do_unlink, KAUTH_VNODE_DELETE, true},
    {"rmdir", do_rmdir, KAUTH_VNODE_DELETE, true},
    {"rename", do_rename, KAUTH_VNODE_DELETE, true},
    {"chmod", do_chmod, KAUTH_VNODE_WRITE_SECURITY, false},
    {"access", do_access, KAUTH_VNODE_READ_DATA, false},
    {"setxattr", do_setxattr, KAUTH_VNODE_WRITE_EXTATTRIBUTES, false},
};
#define ACTS (sizeof(acts) / sizeof(acts[0]))

static bool scene_is_whole(void)
{
    return fx_exists(R, "d/f") && fx_exists(R, "d/g") && fx_exists(R, "d/e") && !fx_exists(R, "d/new") &&
           fx_stat(R, "d/f").mode == 0666;
}

static void denied__each_operation__fails_and_changes_nothing(void)
{
    scene_make();
    for (size_t i = 0; i < ACTS; i++) {
        struct ear ear = {.when = acts[i].right, .answer = KAUTH_RESULT_DENY};
        kauth_listener_t listener = listen_to(&ear);
        int error = acts[i].act(acts[i].act == do_chmod ? ROOT : fx_user(OWNER, GROUP, 0));
        kauth_unlisten_scope(listener);
        KT_ASSERT_ERRNO(error, EACCES);
        KT_ASSERT_EQ(ear.asked, 1);
        KT_ASSERT(ear.action & acts[i].right);
        KT_ASSERT(ear.vp != 0);
        KT_ASSERT_EQ(ear.dvp != 0, acts[i].has_dvp);
        KT_ASSERT(scene_is_whole());
    }
}

static void denied__binds_the_superuser_too(void)
{
    struct ear ear = {.when = KAUTH_VNODE_WRITE_DATA, .answer = KAUTH_RESULT_DENY};
    scene_make();
    kauth_listener_t listener = listen_to(&ear);
    KT_ASSERT_ERRNO(do_write(ROOT), EACCES);
    kauth_unlisten_scope(listener);
    KT_ASSERT_EQ(ear.uid, 0);
}

static void denied__with_an_errno__tells_it(void)
{
    struct ear ear = {.when = KAUTH_VNODE_READ_DATA, .answer = KAUTH_RESULT_DENY, .error = EBUSY};
    scene_make();
    kauth_listener_t listener = listen_to(&ear);
    KT_ASSERT_ERRNO(do_read(ROOT), EBUSY);
    kauth_unlisten_scope(listener);
}

static void deferred__each_operation__goes_on(void)
{
    for (size_t i = 0; i < ACTS; i++) {
        struct ear ear = {.when = acts[i].right, .answer = KAUTH_RESULT_DEFER};
        scene_make();
        kauth_listener_t listener = listen_to(&ear);
        KT_ASSERT_OK(acts[i].act(ROOT));
        kauth_unlisten_scope(listener);
        KT_ASSERT(ear.asked >= 1);
        teardown();
        setup();
    }
}

static void allowed__does_not_outweigh_the_bits(void)
{
    struct ear ear = {.when = UINT32_MAX, .answer = KAUTH_RESULT_ALLOW};
    sys_caller_t *user = fx_user(OWNER, GROUP, 0);
    scene_make();
    fx_chmod(R, "d/f", 0);
    fx_chmod(R, "d", 0755);
    kauth_listener_t listener = listen_to(&ear);
    KT_ASSERT_ERRNO(do_read(user), EACCES);
    KT_ASSERT_ERRNO(do_mkdir(user), EACCES);
    KT_ASSERT_ERRNO(do_unlink(user), EACCES);
    KT_ASSERT_ERRNO(do_chmod(user), EPERM);
    KT_ASSERT_OK(do_read(ROOT));
    kauth_unlisten_scope(listener);
}

static void two_listeners__the_one_that_denies__decides(void)
{
    struct ear yes = {.when = KAUTH_VNODE_READ_DATA, .answer = KAUTH_RESULT_ALLOW};
    struct ear no = {.when = KAUTH_VNODE_READ_DATA, .answer = KAUTH_RESULT_DENY};
    scene_make();
    kauth_listener_t first = listen_to(&no), second = listen_to(&yes);
    KT_ASSERT_ERRNO(do_read(ROOT), EACCES);
    KT_ASSERT_EQ(yes.asked, 1);
    kauth_unlisten_scope(first);
    KT_ASSERT_OK(do_read(ROOT));
    kauth_unlisten_scope(second);
    KT_ASSERT_EQ(yes.asked, 2);
    KT_ASSERT_OK(do_read(ROOT));
    KT_ASSERT_EQ(yes.asked, 2);
}

static void preauthorised__asks_nobody(void)
{
    struct ear ear = {.when = UINT32_MAX, .answer = KAUTH_RESULT_DENY};
    sys_caller_t *trusted = fx_user(OWNER, GROUP, SYS_CALLER_PREAUTHORISED);
    scene_make();
    kauth_listener_t listener = listen_to(&ear);
    int error = do_read(trusted) ?: do_mkdir(trusted) ?: do_unlink(trusted);
    kauth_unlisten_scope(listener);
    KT_ASSERT_OK(error);
    KT_ASSERT_EQ(ear.asked, 0);
}

static void read_only_mount__is_refused_whatever_they_say(void)
{
    struct ear ear = {.when = UINT32_MAX, .answer = KAUTH_RESULT_ALLOW};
    struct fx_place sealed = fx_mount("fxfs", 0, SYS_MNT_RDONLY);
    kauth_listener_t listener = listen_to(&ear);
    int error = sys_mkdir(ROOT, &sealed.root, "x", 0, 0755, NULL, NULL);
    kauth_unlisten_scope(listener);
    fx_unmount(&sealed);
    KT_ASSERT_ERRNO(error, EROFS);
}

static const struct ktest_case cases[] = {
    KT_CASE(denied__each_operation__fails_and_changes_nothing),
    KT_CASE(denied__binds_the_superuser_too),
    KT_CASE(denied__with_an_errno__tells_it),
    KT_CASE(deferred__each_operation__goes_on),
    KT_CASE(allowed__does_not_outweigh_the_bits),
    KT_CASE(two_listeners__the_one_that_denies__decides),
    KT_CASE(preauthorised__asks_nobody),
    KT_CASE(read_only_mount__is_refused_whatever_they_say),
};
SYS_SUITE(sys_listener, cases);
