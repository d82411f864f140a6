// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_cred.c: credentials, processes, contexts, and the call that carries them.
 */
#include <string.h>
#include <sys/kauth.h>
#include <sys/proc.h>
#include <sys/vnode.h>

#include "host/host.h"
#include "tests/support/ktest_kern.h"

static void cred__equal_ids__are_one_object(void)
{
    gid_t groups[3] = {20, 30, 40}, other[3] = {20, 30, 41};
    kauth_cred_t a = kern_cred_create(501, 20, groups, 3), b = kern_cred_create(501, 20, groups, 3);
    kauth_cred_t c = kern_cred_create(501, 20, other, 3);

    KT_ASSERT_PTR_EQ(a, b);
    KT_ASSERT_NE(a, c);
    KT_ASSERT_EQ(kauth_cred_getuid(a), 501u);
    KT_ASSERT_EQ(kauth_cred_getruid(a), 501u);
    KT_ASSERT_EQ(kauth_cred_getgid(a), 20u);
    kauth_cred_ref(a);
    kauth_cred_unref(&b);
    KT_ASSERT_NULL(b);
    kauth_cred_unref(&c);
    b = a;
    kauth_cred_unref(&b);
    KT_ASSERT_EQ(kauth_cred_getuid(a), 501u);
    kauth_cred_unref(&a);
    KT_ASSERT_EQ(kern_cred_count(), 1u);
}

static void cred__membership__sees_all_groups(void)
{
    gid_t groups[40], got[64];
    size_t n = 64;
    kauth_cred_t cred;
    int is = -1;

    for (unsigned i = 0; i < 40; i++)
        groups[i] = 100 + i;
    cred = kern_cred_create(1000, 7, groups, 40); /* more than the public structure has room for */
    KT_ASSERT_OK(kauth_cred_ismember_gid(cred, 139, &is));
    KT_ASSERT_EQ(is, 1);
    KT_ASSERT_OK(kauth_cred_ismember_gid(cred, 7, &is));
    KT_ASSERT_EQ(is, 1);
    KT_ASSERT_OK(kauth_cred_ismember_gid(cred, 140, &is));
    KT_ASSERT_EQ(is, 0);
    KT_ASSERT(groupmember(100, cred));
    KT_ASSERT_OK(kauth_cred_getgroups(cred, got, &n));
    KT_ASSERT_EQ(n, 41u);
    KT_ASSERT_EQ(got[0], 7u);
    KT_ASSERT_EQ(got[40], 139u);
    n = 5;
    KT_ASSERT_ERRNO(kauth_cred_getgroups(cred, got, &n), ERANGE);
    KT_ASSERT_EQ(n, 41u);
    kauth_cred_unref(&cred);
}

static void guid__of_ids__have_the_known_prefixes(void)
{
    static const unsigned char user[16] = {0xff, 0xff, 0xee, 0xee, 0xdd, 0xdd, 0xcc, 0xcc,
                                           0xbb, 0xbb, 0xaa, 0xaa, 0x00, 0x00, 0x01, 0xf5};
    kauth_cred_t cred = kern_cred_create(501, 20, NULL, 0);
    guid_t guid, everyone;
    uid_t uid;
    gid_t gid;
    int is;

    KT_ASSERT_OK(kauth_cred_getguid(cred, &guid));
    KT_ASSERT_MEM(guid.g_guid, user, 16);
    KT_ASSERT_OK(kauth_cred_guid2uid(&guid, &uid));
    KT_ASSERT_EQ(uid, 501u);
    KT_ASSERT_ERRNO(kauth_cred_guid2gid(&guid, &gid), ENOENT);
    KT_ASSERT_OK(kauth_cred_gid2guid(20, &guid));
    KT_ASSERT_OK(kauth_cred_guid2gid(&guid, &gid));
    KT_ASSERT_EQ(gid, 20u);
    KT_ASSERT_OK(kauth_cred_ismember_guid(cred, &guid, &is));
    KT_ASSERT_EQ(is, 1);
    KT_ASSERT_OK(kauth_cred_gid2guid(12, &everyone));
    KT_ASSERT_OK(kauth_cred_ismember_guid(cred, &everyone, &is));
    KT_ASSERT_EQ(is, 1);
    KT_ASSERT(!kauth_guid_equal(&guid, &everyone));
    KT_ASSERT_ERRNO(kauth_cred_guid2uid(&kauth_null_guid, &uid), ENOENT);
    kauth_cred_unref(&cred);
}

static void call__nested__answers_with_the_innermost(void)
{
    kauth_cred_t outer = kern_cred_create(501, 20, NULL, 0), inner = kern_cred_create(502, 21, NULL, 0), mine;
    proc_t proc = kern_proc_get(4242), self;
    struct kern_call one, two;
    uint64_t id;

    KT_ASSERT_EQ(kauth_getuid(), 0u);
    KT_ASSERT_EQ(kern_call_current_id(), 0u);
    KT_ASSERT_PTR_EQ(vfs_context_current(), vfs_context_kernel());
    kern_enter(&one, outer, proc);
    id = kern_call_current_id();
    KT_ASSERT_NE(id, 0u);
    KT_ASSERT_EQ(kauth_getuid(), 501u);
    KT_ASSERT_EQ(kauth_getgid(), 20u);
    KT_ASSERT_EQ(proc_selfpid(), 4242);
    KT_ASSERT_EQ(vfs_context_pid(vfs_context_current()), 4242);
    kern_enter(&two, inner, kern_proc_kernel());
    KT_ASSERT_EQ(kern_call_current_id(), id);
    KT_ASSERT_EQ(kauth_getuid(), 502u);
    KT_ASSERT_EQ(proc_selfpid(), 0);
    mine = kauth_cred_get_with_ref();
    KT_ASSERT_PTR_EQ(mine, inner);
    kauth_cred_unref(&mine);
    kern_leave(&two);
    KT_ASSERT_EQ(kauth_getuid(), 501u);
    self = proc_self();
    KT_ASSERT_PTR_EQ(self, proc);
    (void)proc_rele(self);
    KT_ASSERT_ERRNO(vfs_context_suser(vfs_context_current()), EPERM);
    kern_leave(&one);
    KT_ASSERT_EQ(kauth_getuid(), 0u);
    KT_ASSERT_OK(vfs_context_suser(NULL));
    kauth_cred_unref(&outer);
    kauth_cred_unref(&inner);
    (void)proc_rele(proc);
}

static void context__created__keeps_its_parts_alive(void)
{
    kauth_cred_t cred = kern_cred_create(777, 8, NULL, 0);
    proc_t proc = kern_proc_get(777);
    struct kern_call call;
    vfs_context_t ctx, copy;

    kern_enter(&call, cred, proc);
    ctx = vfs_context_create(NULL);
    kern_leave(&call);
    kauth_cred_unref(&cred);
    (void)proc_rele(proc);
    copy = vfs_context_create(ctx);
    KT_ASSERT_OK(vfs_context_rele(ctx));
    KT_ASSERT_EQ(kauth_cred_getuid(vfs_context_ucred(copy)), 777u);
    KT_ASSERT_EQ(vfs_context_pid(copy), 777);
    KT_ASSERT(vfs_context_is64bit(copy));
    KT_ASSERT(!vfs_context_iskernel(copy));
    KT_ASSERT_EQ(vfs_context_issignal(copy, ~(sigset_t)0), 0);
    KT_ASSERT_OK(vfs_context_rele(copy));
    KT_ASSERT_EQ(kern_cred_count(), 1u);
    KT_ASSERT_EQ(kern_proc_count(), 1u);
}

static void proc__of_this_process__is_known_to_the_host(void)
{
    int pid = host_process_self();
    proc_t proc = proc_find(pid), again = proc_find(pid);
    kauth_cred_t cred;
    char name[33] = "", self[33];

    KT_ASSERT_NOT_NULL(proc);
    KT_ASSERT_PTR_EQ(proc, again);
    KT_ASSERT_EQ(proc_pid(proc), pid);
    KT_ASSERT_GT(proc_ppid(proc), 0);
    KT_ASSERT_GE(proc_pgrpid(proc), 0);
    KT_ASSERT(!proc_exiting(proc));
    proc_name(pid, name, sizeof name);
    KT_ASSERT_NE(name[0], 0);
    proc_selfname(self, sizeof self);
    KT_ASSERT_STR(self, "kernel_task");
    KT_ASSERT_EQ(proc_isinferior(pid, proc_ppid(proc)), 1);
    KT_ASSERT_EQ(proc_isinferior(pid, pid), 0);
    cred = kauth_cred_proc_ref(proc);
    KT_ASSERT_NE(kauth_cred_getuid(cred), KAUTH_UID_NONE);
    kauth_cred_unref(&cred);
    (void)proc_rele(again);
    (void)proc_rele(proc);
    KT_ASSERT_NULL(proc_find(0x7ffffff0));
    KT_ASSERT_PTR_EQ(proc_find(0), kernproc);
    KT_ASSERT_OK(proc_suser(kernproc));
}

static int answer_as_told(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t arg0,
                          uintptr_t arg1, uintptr_t arg2, uintptr_t arg3)
{
    int *told = idata;

    (void)cred, (void)arg1, (void)arg2, (void)arg3;
    told[1]++;
    told[2] = action + (int)arg0;
    return told[0];
}

static void kauth_scope__answers__combine(void)
{
    int own[3] = {KAUTH_RESULT_DEFER}, first[3] = {KAUTH_RESULT_DEFER}, second[3] = {KAUTH_RESULT_DEFER};
    kauth_listener_t early = kauth_listen_scope("com.example.scope", answer_as_told, first), late;
    kauth_scope_t scope = kauth_register_scope("com.example.scope", answer_as_told, own);
    kauth_cred_t cred = kern_cred_kernel();

    KT_ASSERT_NULL(kauth_register_scope("com.example.scope", NULL, NULL));
    late = kauth_listen_scope("com.example.scope", answer_as_told, second);
    KT_ASSERT_ERRNO(kauth_authorize_action(scope, cred, 7, 1, 0, 0, 0), EPERM); /* nobody allows */
    KT_ASSERT_EQ(own[1] + first[1] + second[1], 3);
    KT_ASSERT_EQ(second[2], 8);
    first[0] = KAUTH_RESULT_ALLOW;
    KT_ASSERT_OK(kauth_authorize_action(scope, cred, 7, 1, 0, 0, 0));
    second[0] = KAUTH_RESULT_DENY;
    KT_ASSERT_ERRNO(kauth_authorize_action(scope, cred, 7, 1, 0, 0, 0), EPERM);
    kauth_unlisten_scope(late);
    KT_ASSERT_OK(kauth_authorize_action(scope, cred, 7, 1, 0, 0, 0));
    own[0] = KAUTH_RESULT_DENY; /* no listener can allow what the scope itself denies */
    KT_ASSERT_ERRNO(kauth_authorize_action(scope, cred, 7, 1, 0, 0, 0), EPERM);
    kauth_deregister_scope(scope);
    kauth_unlisten_scope(early);
}

static void kauth_process__own_and_foreign__follow_the_uid(void)
{
    kauth_cred_t user = kern_cred_create(4711, 1, NULL, 0);
    proc_t mine = kern_proc_get(host_process_self());

    KT_ASSERT_OK(kauth_authorize_process(kern_cred_kernel(), KAUTH_PROCESS_CANSIGNAL, mine, 9, 0, 0));
    KT_ASSERT_ERRNO(kauth_authorize_process(user, KAUTH_PROCESS_CANSIGNAL, mine, 9, 0, 0), EPERM);
    KT_ASSERT_ERRNO(kauth_authorize_process(kern_cred_kernel(), 99, mine, 0, 0, 0), EPERM);
    kauth_cred_unref(&user);
    (void)proc_rele(mine);
}

static void churn(void *arg)
{
    for (unsigned i = 0; i < 4000; i++) {
        kauth_cred_t cred = kern_cred_create(100 + i % 5, i % 3, NULL, 0);
        proc_t proc = kern_proc_get(1 + (int)(i % 7));

        if (kauth_cred_getuid(cred) != 100 + i % 5 || proc_pid(proc) != 1 + (int)(i % 7))
            *(int *)arg += 1;
        kauth_cred_unref(&cred);
        (void)proc_rele(proc);
    }
}

static void cred_and_proc__many_threads__balance(void)
{
    int wrong[4] = {0};
    void *threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = ktest_thread(churn, &wrong[i]);
    for (int i = 0; i < 4; i++) {
        ktest_thread_join(threads[i]);
        KT_ASSERT_EQ(wrong[i], 0);
    }
    KT_ASSERT_EQ(kern_cred_count(), 1u);
    KT_ASSERT_EQ(kern_proc_count(), 1u);
}

static void leave_in_wrong_order(void *arg)
{
    struct kern_call one, two;

    (void)arg;
    kern_enter(&one, kern_cred_kernel(), kern_proc_kernel());
    kern_enter(&two, kern_cred_kernel(), kern_proc_kernel());
    kern_leave(&one);
}

static void leave_with_range(void *arg)
{
    struct kern_user_range range;
    struct kern_call call;

    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    kern_user_range_push(&range, arg, 1, true);
    kern_leave(&call);
}

static void call__misuse__panics(void)
{
    KT_EXPECT_PANIC(leave_in_wrong_order, NULL, "calls are left in another order");
    KT_EXPECT_PANIC(leave_with_range, kern_thread(), "user memory still lent");
}

static const struct ktest_case cases[] = {
    KT_CASE(cred__equal_ids__are_one_object),         KT_CASE(cred__membership__sees_all_groups),
    KT_CASE(guid__of_ids__have_the_known_prefixes),   KT_CASE(call__nested__answers_with_the_innermost),
    KT_CASE(context__created__keeps_its_parts_alive), KT_CASE(proc__of_this_process__is_known_to_the_host),
    KT_CASE(kauth_scope__answers__combine),           KT_CASE(kauth_process__own_and_foreign__follow_the_uid),
    KT_CASE(cred_and_proc__many_threads__balance),    KT_CASE(call__misuse__panics),
};
KT_KERN_SUITE(cred, cases);
