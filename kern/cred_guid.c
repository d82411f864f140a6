// SPDX-License-Identifier: BSD-2-Clause
/*
 * cred_guid.c: identities as guids. There is no directory service here, so only the guids that are made from
 * a number by a known prefix exist: FFFFEEEE-DDDD-CCCC-BBBB-AAAAxxxxxxxx for users,
 * ABCDEFAB-CDEF-ABCD-EFAB-CDEFxxxxxxxx for groups (number big-endian). Nobody has a security identifier. No
 * locks, no state.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/kauth.h>
#include <sys/malloc.h>

#include "kern/kern_iface.h"

#define PREFIX_SIZE  12
#define GID_EVERYONE 12u /* the group that everybody belongs to */

static const unsigned char user_prefix[PREFIX_SIZE] = {0xff, 0xff, 0xee, 0xee, 0xdd, 0xdd,
                                                       0xcc, 0xcc, 0xbb, 0xbb, 0xaa, 0xaa};
static const unsigned char group_prefix[PREFIX_SIZE] = {0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef,
                                                        0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef};

guid_t kauth_null_guid;

static void guid_make(guid_t *guid, const unsigned char *prefix, uint32_t id)
{
    memcpy(guid->g_guid, prefix, PREFIX_SIZE);
    for (int i = 0; i < 4; i++)
        guid->g_guid[PREFIX_SIZE + i] = (unsigned char)(id >> (24 - 8 * i));
}

static int guid_split(const guid_t *guid, const unsigned char *prefix, uint32_t *id)
{
    const unsigned char *tail = guid->g_guid + PREFIX_SIZE;

    if (memcmp(guid->g_guid, prefix, PREFIX_SIZE) != 0)
        return ENOENT;
    *id = (uint32_t)tail[0] << 24 | (uint32_t)tail[1] << 16 | (uint32_t)tail[2] << 8 | tail[3];
    return 0;
}

int kauth_guid_equal(guid_t *guid1, guid_t *guid2)
{
    return memcmp(guid1->g_guid, guid2->g_guid, sizeof guid1->g_guid) == 0;
}

int kauth_cred_uid2guid(uid_t uid, guid_t *guidp)
{
    guid_make(guidp, user_prefix, uid);
    return 0;
}

int kauth_cred_gid2guid(gid_t gid, guid_t *guidp)
{
    guid_make(guidp, group_prefix, gid);
    return 0;
}

int kauth_cred_guid2uid(guid_t *guidp, uid_t *uidp)
{
    return guid_split(guidp, user_prefix, uidp);
}

int kauth_cred_guid2gid(guid_t *guidp, gid_t *gidp)
{
    return guid_split(guidp, group_prefix, gidp);
}

int kauth_cred_getguid(kauth_cred_t cred, guid_t *guidp)
{
    return kauth_cred_uid2guid(kauth_cred_getuid(cred), guidp);
}

int kauth_cred_ismember_guid(kauth_cred_t cred, guid_t *guidp, int *resultp)
{
    gid_t gid;
    int error = kauth_cred_guid2gid(guidp, &gid);

    *resultp = 0;
    if (error)
        return error;
    if (gid == GID_EVERYONE)
        *resultp = 1;
    else
        error = kauth_cred_ismember_gid(cred, gid, resultp);
    return error;
}

int kauth_cred_getntsid(kauth_cred_t cred, ntsid_t *sidp)
{
    (void)cred, (void)sidp;
    return ENOENT;
}

int kauth_cred_uid2ntsid(uid_t uid, ntsid_t *sidp)
{
    (void)uid, (void)sidp;
    return ENOENT;
}

int kauth_cred_gid2ntsid(gid_t gid, ntsid_t *sidp)
{
    (void)gid, (void)sidp;
    return ENOENT;
}

int kauth_cred_guid2ntsid(guid_t *guidp, ntsid_t *sidp)
{
    (void)guidp, (void)sidp;
    return ENOENT;
}

int kauth_cred_ntsid2uid(ntsid_t *sidp, uid_t *uidp)
{
    (void)sidp, (void)uidp;
    return ENOENT;
}

int kauth_cred_ntsid2gid(ntsid_t *sidp, gid_t *gidp)
{
    (void)sidp, (void)gidp;
    return ENOENT;
}

int kauth_cred_ntsid2guid(ntsid_t *sidp, guid_t *guidp)
{
    (void)sidp, (void)guidp;
    return ENOENT;
}

kauth_acl_t kauth_acl_alloc(int size)
{
    kauth_acl_t acl;

    if (size < 0 || size > KAUTH_ACL_MAX_ENTRIES)
        return NULL;
    acl = _MALLOC(KAUTH_ACL_SIZE(size), M_KAUTH, M_WAITOK | M_ZERO);
    return acl;
}

void kauth_acl_free(kauth_acl_t acl)
{
    _FREE(acl, M_KAUTH);
}

kauth_filesec_t kauth_filesec_alloc(int size)
{
    kauth_filesec_t sec;

    if (size < 0 || size > KAUTH_ACL_MAX_ENTRIES)
        return NULL;
    sec = _MALLOC(KAUTH_FILESEC_SIZE(size), M_KAUTH, M_WAITOK | M_ZERO);
    if (sec) {
        sec->fsec_magic = KAUTH_FILESEC_MAGIC;
        sec->fsec_entrycount = KAUTH_FILESEC_NOACL;
    }
    return sec;
}

void kauth_filesec_free(kauth_filesec_t sec)
{
    _FREE(sec, M_KAUTH);
}
