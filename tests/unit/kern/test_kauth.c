// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kauth calls beside credentials' life: who the caller is, identities of other kinds, lists of entries.
 */
#include <string.h>
#include <sys/kauth.h>
#include <sys/ucred.h>

#include "tests/support/ktest_kern.h"

static void caller__every_id__is_the_running_calls(void)
{
    struct kern_call call;
    kauth_cred_t cred = kern_cred_create(501, 20, NULL, 0);
    kern_enter(&call, cred, kern_proc_kernel());
    KT_ASSERT_PTR_EQ(kauth_cred_get(), cred);
    KT_ASSERT_EQ(kauth_getuid(), 501u);
    KT_ASSERT_EQ(kauth_getruid(), 501u);
    KT_ASSERT_EQ(kauth_getgid(), 20u);
    KT_ASSERT_EQ(kauth_getrgid(), 20u);
    KT_ASSERT_EQ(kauth_cred_getsvuid(cred), 501u);
    KT_ASSERT_EQ(kauth_cred_getrgid(cred), 20u);
    KT_ASSERT_EQ(kauth_cred_getsvgid(cred), 20u);
    KT_ASSERT(!kauth_cred_issuser(cred));
    kern_leave(&call);
    KT_ASSERT_PTR_EQ(kauth_cred_get(), kern_cred_kernel());
    KT_ASSERT(kauth_cred_issuser(kauth_cred_get()));
    kauth_cred_unref(&cred);
}

static void create__from_a_template__shares_the_equal_one(void)
{
    struct ucred template = {.cr_posix = {.cr_uid = 501, .cr_ngroups = 3, .cr_groups = {20, 30, 40}}};
    gid_t groups[] = {30, 40};
    kauth_cred_t made = kauth_cred_create(&template), same = kern_cred_create(501, 20, groups, 2);
    KT_ASSERT_NOT_NULL(made);
    KT_ASSERT_PTR_EQ(made, same);
    kauth_cred_unref(&made);
    kauth_cred_unref(&same);
    template.cr_posix.cr_ngroups = NGROUPS_MAX + 1;
    KT_ASSERT_NULL(kauth_cred_create(&template));
}

static void guid__and_back__is_the_same_number(void)
{
    guid_t user, group, nobody = kauth_null_guid;
    uid_t uid;
    gid_t gid;
    KT_ASSERT_OK(kauth_cred_uid2guid(501, &user));
    KT_ASSERT_OK(kauth_cred_gid2guid(501, &group));
    KT_ASSERT(!kauth_guid_equal(&user, &group));
    KT_ASSERT_OK(kauth_cred_guid2uid(&user, &uid));
    KT_ASSERT_EQ(uid, 501u);
    KT_ASSERT_OK(kauth_cred_guid2gid(&group, &gid));
    KT_ASSERT_EQ(gid, 501u);
    KT_ASSERT_ERRNO(kauth_cred_guid2uid(&group, &uid), ENOENT);
    KT_ASSERT_ERRNO(kauth_cred_guid2gid(&nobody, &gid), ENOENT);
}

static void ntsid__of_anybody__enoent(void)
{
    guid_t guid = kauth_null_guid;
    ntsid_t sid;
    uid_t uid;
    gid_t gid;
    memset(&sid, 0, sizeof(sid));
    KT_ASSERT_ERRNO(kauth_cred_getntsid(kauth_cred_get(), &sid), ENOENT);
    KT_ASSERT_ERRNO(kauth_cred_uid2ntsid(0, &sid), ENOENT);
    KT_ASSERT_ERRNO(kauth_cred_gid2ntsid(0, &sid), ENOENT);
    KT_ASSERT_ERRNO(kauth_cred_guid2ntsid(&guid, &sid), ENOENT);
    KT_ASSERT_ERRNO(kauth_cred_ntsid2uid(&sid, &uid), ENOENT);
    KT_ASSERT_ERRNO(kauth_cred_ntsid2gid(&sid, &gid), ENOENT);
    KT_ASSERT_ERRNO(kauth_cred_ntsid2guid(&sid, &guid), ENOENT);
}

static void acl__room_for_its_entries(void)
{
    kauth_acl_t acl = kauth_acl_alloc(3);
    KT_ASSERT_NOT_NULL(acl);
    KT_ASSERT_EQ(acl->acl_entrycount, 0u);
    memset(acl->acl_ace, 0xff, 3 * sizeof(acl->acl_ace[0])); /* as much as was asked for */
    kauth_acl_free(acl);
    acl = kauth_acl_alloc(KAUTH_ACL_MAX_ENTRIES);
    KT_ASSERT_NOT_NULL(acl);
    kauth_acl_free(acl);
    KT_ASSERT_NULL(kauth_acl_alloc(KAUTH_ACL_MAX_ENTRIES + 1));
    KT_ASSERT_NULL(kauth_acl_alloc(-1));
}

static void filesec__begins_without_a_list(void)
{
    kauth_filesec_t sec = kauth_filesec_alloc(2);
    KT_ASSERT_NOT_NULL(sec);
    KT_ASSERT_EQ(sec->fsec_magic, (u_int32_t)KAUTH_FILESEC_MAGIC);
    KT_ASSERT_EQ(sec->fsec_entrycount, KAUTH_FILESEC_NOACL);
    KT_ASSERT(kauth_guid_equal(&sec->fsec_owner, &kauth_null_guid));
    memset(sec->fsec_ace, 0xff, 2 * sizeof(sec->fsec_ace[0]));
    kauth_filesec_free(sec);
    KT_ASSERT_NULL(kauth_filesec_alloc(KAUTH_ACL_MAX_ENTRIES + 1));
}

static const struct ktest_case cases[] = {
    KT_CASE(caller__every_id__is_the_running_calls),
    KT_CASE(create__from_a_template__shares_the_equal_one),
    KT_CASE(guid__and_back__is_the_same_number),
    KT_CASE(ntsid__of_anybody__enoent),
    KT_CASE(acl__room_for_its_entries),
    KT_CASE(filesec__begins_without_a_list),
};
KT_KERN_SUITE(kauth, cases);
