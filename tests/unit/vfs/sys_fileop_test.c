// SPDX-License-Identifier: BSD-2-Clause
/*
 * Listeners to KAUTH_SCOPE_FILEOP: what each operation tells them, when, and that their answer has no
 * meaning. And READ_ATTRIBUTES in the scope of rights, which a stat asks for where somebody listens.
 */
#include <sys/fcntl.h>
#include <sys/kauth.h>

#include "tests/unit/vfs/sys_place.h"

#define OWNER 501u
#define GROUP 20u

/* ---- hearing ------------------------------------------------------------------------------------------- */

struct news {
    kauth_action_t action;
    vnode_t vp;
    char first[MAXPATHLEN], second[MAXPATHLEN];
    uintptr_t flags;
    uid_t uid;
    uint32_t renames; /* VNOP_RENAME and _RENAMEX calls by then */
};
static struct news heard[8];
static unsigned nheard;

static bool names_vnode(kauth_action_t action)
{
    return action != KAUTH_FILEOP_RENAME && action != KAUTH_FILEOP_LINK;
}

static int listen(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t arg0, uintptr_t arg1,
                  uintptr_t arg2, uintptr_t arg3)
{
    KT_ASSERT(idata == &nheard && nheard < 8 && !arg3);
    struct news *news = &heard[nheard++];
    *news = (struct news){.action = action, .uid = kauth_cred_getuid(cred)};
    news->renames = atomic_load(&fx_calls[FX_RENAME]) + atomic_load(&fx_calls[FX_RENAMEX]);
    if (names_vnode(action)) {
        news->vp = (vnode_t)arg0;
        KT_ASSERT(vnode_mount(news->vp) && vnode_vid(news->vp));
        strlcpy(news->first, (const char *)arg1, MAXPATHLEN);
        if (action == KAUTH_FILEOP_WILL_RENAME)
            strlcpy(news->second, (const char *)arg2, MAXPATHLEN);
        else
            news->flags = arg2;
    } else {
        KT_ASSERT(!arg2);
        strlcpy(news->first, (const char *)arg0, MAXPATHLEN);
        strlcpy(news->second, (const char *)arg1, MAXPATHLEN);
    }
    return KAUTH_RESULT_DENY;
}

static kauth_listener_t listen_begin(void)
{
    kauth_listener_t listener = kauth_listen_scope(KAUTH_SCOPE_FILEOP, listen, &nheard);
    KT_ASSERT_NOT_NULL(listener);
    nheard = 0;
    return listener;
}

static void path_is(const char *path, const char *name)
{
    char expect[MAXPATHLEN];
    KT_ASSERT_OK(sys_mount_path(place.id, expect, sizeof(expect)));
    if (*name)
        strlcat(expect, "/", sizeof(expect));
    strlcat(expect, name, sizeof(expect));
    KT_ASSERT_STR(path, expect);
}

static void told(unsigned i, kauth_action_t action, const char *first, const char *second)
{
    KT_ASSERT_EQ(heard[i].action, action);
    path_is(heard[i].first, first);
    if (second)
        path_is(heard[i].second, second);
}

/* ---- each operation ------------------------------------------------------------------------------------ */

static void open_and_close__tell_vnode_path_and_whether_written(void)
{
    char byte;
    fx_mkdir(R, "d", 0777);
    struct sys_node f = fx_file(R, "d/f", 0666, "contents");
    sys_caller_t *user = fx_user(OWNER, GROUP, 0);
    kauth_listener_t listener = listen_begin();
    for (int writes = 0; writes < 2; writes++) {
        sys_file_t *file;
        nheard = 0;
        KT_ASSERT_OK(sys_open(user, R, "d/f", 0, SYS_O_RDWR | SYS_O_TRUNC, 0, &file, NULL, NULL));
        KT_ASSERT_EQ(nheard, 1);
        told(0, KAUTH_FILEOP_OPEN, "d/f", NULL);
        KT_ASSERT_EQ(vnode_vid(heard[0].vp), f.vid);
        KT_ASSERT(heard[0].flags == 0 && heard[0].uid == OWNER);
        if (writes)
            KT_ASSERT_OK(fx_write(file, "x", 1, 0));
        else
            KT_ASSERT_EQ(fx_read(file, &byte, 1, 0), 0);
        KT_ASSERT_OK(sys_close(ROOT, file)); /* somebody else: it is still the opener's */
        KT_ASSERT_EQ(nheard, 2);
        told(1, KAUTH_FILEOP_CLOSE, "d/f", NULL);
        KT_ASSERT_EQ(heard[1].flags, writes ? KAUTH_FILEOP_CLOSE_MODIFIED : 0);
        KT_ASSERT_EQ(heard[1].uid, OWNER);
        KT_ASSERT(heard[1].vp == heard[0].vp);
    }
    kauth_unlisten_scope(listener);
}

static void open__of_a_kext__tells_too(void)
{
    struct kern_call call;
    vnode_t vp;
    char path[MAXPATHLEN];
    fx_file(R, "f", 0666, NULL);
    KT_ASSERT_OK(sys_mount_path(place.id, path, sizeof(path)));
    strlcat(path, "/f", sizeof(path));
    kauth_listener_t listener = listen_begin();
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    KT_ASSERT_OK(vnode_open(path, FREAD, 0, 0, &vp, vfs_context_current()));
    KT_ASSERT_OK(vnode_close(vp, FREAD, vfs_context_current()));
    kern_leave(&call);
    kauth_unlisten_scope(listener);
    KT_ASSERT_EQ(nheard, 1);
    told(0, KAUTH_FILEOP_OPEN, "f", NULL);
}

static void exec__tells_of_no_open_and_asks_for_its_own_right(void)
{
    sys_file_t *file;
    char byte;
    sys_caller_t *user = fx_user(OWNER, GROUP, 0);
    fx_file(R, "program", 0711, "#!");
    fx_file(R, "text", 0766, "text");
    kauth_listener_t listener = listen_begin();
    KT_ASSERT_ERRNO(sys_open(user, R, "text", 0, SYS_O_EXEC, 0, &file, NULL, NULL), EACCES);
    KT_ASSERT_ERRNO(sys_open(user, R, "program", 0, SYS_O_RDONLY, 0, &file, NULL, NULL), EACCES);
    KT_ASSERT_OK(sys_open(user, R, "program", 0, SYS_O_EXEC, 0, &file, NULL, NULL));
    KT_ASSERT_EQ(fx_read(file, &byte, 1, 0), 1);
    KT_ASSERT_OK(sys_close(user, file));
    kauth_unlisten_scope(listener);
    KT_ASSERT_EQ(nheard, 1);
    told(0, KAUTH_FILEOP_EXEC, "program", NULL);
    KT_ASSERT_EQ(heard[0].uid, OWNER);
}

static void delete__tells_the_path_that_was(void)
{
    fx_mkdir(R, "d", 0777);
    struct sys_node e = fx_mkdir(R, "d/e", 0777), f = fx_file(R, "d/f", 0666, NULL);
    sys_hold_t *hold;
    kauth_listener_t listener = listen_begin();
    KT_ASSERT_ERRNO(sys_unlink(ROOT, R, "d/none", 0, NULL), ENOENT);
    KT_ASSERT_ERRNO(sys_rmdir(ROOT, R, "d", 0, NULL), ENOTEMPTY);
    KT_ASSERT_EQ(nheard, 0);
    KT_ASSERT_OK(sys_unlink(ROOT, R, "d/f", 0, &hold));
    told(0, KAUTH_FILEOP_DELETE, "d/f", NULL);
    KT_ASSERT(vnode_vid(heard[0].vp) == f.vid && heard[0].flags == 0);
    sys_hold_release(hold);
    KT_ASSERT_OK(sys_rmdir(ROOT, R, "d/e", 0, &hold));
    told(1, KAUTH_FILEOP_DELETE, "d/e", NULL);
    KT_ASSERT_EQ(vnode_vid(heard[1].vp), e.vid);
    sys_hold_release(hold);
    KT_ASSERT_EQ(nheard, 2);
    kauth_unlisten_scope(listener);
}

static void rename__is_announced_and_told(void)
{
    fx_mkdir(R, "d", 0777);
    fx_mkdir(R, "e", 0777);
    struct sys_node f = fx_file(R, "d/f", 0666, NULL);
    kauth_listener_t listener = listen_begin();
    KT_ASSERT_OK(sys_rename(ROOT, R, "d/f", R, "d/f", 0, 0, NULL)); /* nothing to do, nothing to tell */
    KT_ASSERT_ERRNO(sys_rename(ROOT, R, "d/f", R, "e", 0, 0, NULL), EISDIR);
    KT_ASSERT_EQ(nheard, 0);
    KT_ASSERT_OK(sys_rename(ROOT, R, "d/f", R, "e/g", 0, 0, NULL));
    KT_ASSERT_EQ(nheard, 2);
    told(0, KAUTH_FILEOP_WILL_RENAME, "d/f", "e/g");
    KT_ASSERT(vnode_vid(heard[0].vp) == f.vid && heard[0].renames == 0);
    told(1, KAUTH_FILEOP_RENAME, "d/f", "e/g");
    KT_ASSERT_EQ(heard[1].renames, 1);
    nheard = 0;
    fx_fail(FX_RENAME, EIO, 1);
    KT_ASSERT_ERRNO(sys_rename(ROOT, R, "e/g", R, "d/f", 0, 0, NULL), EIO);
    KT_ASSERT_EQ(nheard, 1);
    told(0, KAUTH_FILEOP_WILL_RENAME, "e/g", "d/f");
    kauth_unlisten_scope(listener);
}

static void rename__of_two__is_told_both_ways(void)
{
    struct sys_node a = fx_file(R, "a", 0666, NULL), b = fx_file(R, "b", 0666, NULL);
    kauth_listener_t listener = listen_begin();
    KT_ASSERT_OK(sys_rename(ROOT, R, "a", R, "b", 0, SYS_RENAME_SWAP, NULL));
    kauth_unlisten_scope(listener);
    KT_ASSERT_EQ(nheard, 4);
    told(0, KAUTH_FILEOP_WILL_RENAME, "a", "b");
    KT_ASSERT_EQ(vnode_vid(heard[0].vp), a.vid);
    told(1, KAUTH_FILEOP_WILL_RENAME, "b", "a");
    KT_ASSERT_EQ(vnode_vid(heard[1].vp), b.vid);
    told(2, KAUTH_FILEOP_RENAME, "a", "b");
    told(3, KAUTH_FILEOP_RENAME, "b", "a");
}

static void link__tells_both_paths(void)
{
    fx_mkdir(R, "d", 0777);
    struct sys_node f = fx_file(R, "f", 0666, NULL);
    kauth_listener_t listener = listen_begin();
    KT_ASSERT_OK(sys_link(ROOT, &f, R, "d/g", 0, NULL));
    KT_ASSERT_ERRNO(sys_link(ROOT, &f, R, "d/g", 0, NULL), EEXIST);
    kauth_unlisten_scope(listener);
    KT_ASSERT_EQ(nheard, 1);
    told(0, KAUTH_FILEOP_LINK, "f", "d/g");
}

static void preauthorised__is_told_of_all_the_same(void)
{
    sys_file_t *file;
    sys_caller_t *trusted = fx_user(OWNER, GROUP, SYS_CALLER_PREAUTHORISED);
    KT_ASSERT(!sys_files_heard());
    kauth_listener_t listener = listen_begin();
    KT_ASSERT(sys_files_heard());
    KT_ASSERT_OK(sys_open(trusted, R, "f", 0, SYS_O_CREAT | SYS_O_WRONLY, 0600, &file, NULL, NULL));
    sys_file_written(file);
    KT_ASSERT_OK(sys_close(trusted, file));
    KT_ASSERT_OK(sys_unlink(trusted, R, "f", 0, NULL));
    kauth_unlisten_scope(listener);
    KT_ASSERT_EQ(nheard, 3);
    told(0, KAUTH_FILEOP_OPEN, "f", NULL);
    told(1, KAUTH_FILEOP_CLOSE, "f", NULL);
    KT_ASSERT_EQ(heard[1].flags, KAUTH_FILEOP_CLOSE_MODIFIED);
    told(2, KAUTH_FILEOP_DELETE, "f", NULL);
    KT_ASSERT(!sys_files_heard());
}

/* ---- stat ---------------------------------------------------------------------------------------------- */

static unsigned stats_asked;

static int refuse_stat(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t ctx, uintptr_t vp,
                       uintptr_t dvp, uintptr_t errorp)
{
    (void)cred, (void)idata, (void)ctx, (void)vp, (void)errorp;
    if (action != KAUTH_VNODE_READ_ATTRIBUTES)
        return KAUTH_RESULT_DEFER;
    KT_ASSERT(!dvp);
    stats_asked++;
    return KAUTH_RESULT_DENY;
}

static void stat__asks_who_listens(void)
{
    struct sys_attr attr;
    struct sys_node f = fx_file(R, "f", 0666, "contents");
    sys_caller_t *user = fx_user(OWNER, GROUP, 0), *trusted = fx_user(OWNER, GROUP, SYS_CALLER_PREAUTHORISED);
    kauth_listener_t listener = kauth_listen_scope(KAUTH_SCOPE_VNODE, refuse_stat, NULL);
    KT_ASSERT_NOT_NULL(listener);
    stats_asked = 0;
    KT_ASSERT_ERRNO(sys_getattr(user, &f, &attr), EACCES);
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &f, &attr), EACCES);
    KT_ASSERT_EQ(stats_asked, 2);
    KT_ASSERT_OK(sys_getattr(trusted, &f, &attr));
    KT_ASSERT_EQ(stats_asked, 2);
    kauth_unlisten_scope(listener);
    KT_ASSERT_OK(sys_getattr(user, &f, &attr));
}

static const struct ktest_case cases[] = {
    KT_CASE(open_and_close__tell_vnode_path_and_whether_written),
    KT_CASE(open__of_a_kext__tells_too),
    KT_CASE(exec__tells_of_no_open_and_asks_for_its_own_right),
    KT_CASE(delete__tells_the_path_that_was),
    KT_CASE(rename__is_announced_and_told),
    KT_CASE(rename__of_two__is_told_both_ways),
    KT_CASE(link__tells_both_paths),
    KT_CASE(preauthorised__is_told_of_all_the_same),
    KT_CASE(stat__asks_who_listens),
};
SYS_SUITE(sys_fileop, cases);
