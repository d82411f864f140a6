// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attribute lists: what a list asks the file system for, and the bytes of a packed entry. A small reader
 * walks the entry as a program would: length, set, fixed parts in the order of the bits.
 */
#include <string.h>
#include <sys/attr.h>
#include <sys/kauth.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"

#define ROOM 2048

static vnode_t vp;
static struct vnode_attr va;
static char entry[ROOM + 8];
static size_t at; /* of the reader */

static void begin(enum vtype type)
{
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, type), &vp));
    memset(&va, 0, sizeof(va));
    VATTR_INIT(&va);
}

static void end(void)
{
    vnode_put(vp);
}

static struct attrlist list_of(attrgroup_t common, attrgroup_t dir, attrgroup_t file, attrgroup_t ext)
{
    return (struct attrlist){.bitmapcount = ATTR_BIT_MAP_COUNT,
                             .commonattr = common,
                             .dirattr = dir,
                             .fileattr = file,
                             .forkattr = ext};
}

/* Packs into @room bytes; what was used, or minus the error. The byte behind must stay as it was. */
static int64_t pack_ext(mount_t mp, vnode_t file, struct attrlist list, uint64_t options, size_t room)
{
    struct attrlist before = list;
    uint64_t active = va.va_active;
    memset(entry, 0x55, sizeof(entry));
    uio_t uio = uio_create(1, 0, UIO_SYSSPACE, UIO_READ);
    uio_addiov(uio, (user_addr_t)(uintptr_t)entry, room);
    int error = vfs_attr_pack_ext(mp, file, uio, &list, options, &va, NULL, tiny_ctx());
    int64_t used = (int64_t)room - uio_resid(uio);
    uio_free(uio);
    KT_ASSERT_EQ(entry[room], 0x55);
    KT_ASSERT_MEM(&list, &before, sizeof(list));
    if (!error) {
        KT_ASSERT_EQ(va.va_active, active);
        KT_ASSERT_EQ(va.va_supported, 0u);
    }
    at = sizeof(uint32_t);
    return error ? -error : used;
}

static int64_t pack(struct attrlist list, uint64_t options)
{
    return pack_ext(NULL, vp, list, options, ROOM);
}

static uint32_t entry_length(void)
{
    uint32_t length;
    memcpy(&length, entry, sizeof(length));
    return length;
}

static uint32_t next32(void)
{
    uint32_t value;
    memcpy(&value, entry + at, sizeof(value));
    at += sizeof(value);
    return value;
}

static uint64_t next64(void)
{
    uint64_t value;
    memcpy(&value, entry + at, sizeof(value));
    at += sizeof(value);
    return value;
}

static const char *next_variable(uint32_t *len)
{
    attrreference_t reference;
    memcpy(&reference, entry + at, sizeof(reference));
    const char *data = entry + at + reference.attr_dataoffset;
    at += sizeof(reference);
    *len = reference.attr_length;
    return data;
}

static const char *next_string(void)
{
    uint32_t len;
    const char *text = next_variable(&len);
    KT_ASSERT_EQ(text[len - 1], '\0');
    KT_ASSERT_EQ(strlen(text) + 1, len);
    return text;
}

static attribute_set_t next_set(void)
{
    attribute_set_t set;
    memcpy(&set, entry + at, sizeof(set));
    at += sizeof(set);
    return set;
}

/* ---- asking -------------------------------------------------------------------------------------------- */

static void setup__asks_for_what_the_list_needs(void)
{
    ssize_t size = 0;
    struct attrlist list =
        list_of(ATTR_CMN_RETURNED_ATTRS | ATTR_CMN_NAME | ATTR_CMN_MODTIME | ATTR_CMN_OWNERID, 0,
                ATTR_FILE_DATALENGTH, 0);
    va.va_supported = 99;
    KT_ASSERT_OK(vfs_setup_vattr_from_attrlist(&list, &va, VREG, &size, tiny_ctx()));
    KT_ASSERT_EQ(va.va_active, (uint64_t)(VNODE_ATTR_BIT(va_name) | VNODE_ATTR_BIT(va_modify_time) |
                                          VNODE_ATTR_BIT(va_uid) | VNODE_ATTR_BIT(va_data_size) |
                                          VNODE_ATTR_BIT(va_total_size)));
    KT_ASSERT_EQ(va.va_supported, 0u);
    KT_ASSERT_EQ(size, 4 + 20 + 8 + 16 + 4 + 8);
    list = list_of(0, ATTR_DIR_ENTRYCOUNT, ATTR_FILE_LINKCOUNT, ATTR_CMNEXT_CLONEID);
    KT_ASSERT_OK(vfs_setup_vattr_from_attrlist(&list, &va, VDIR, &size, tiny_ctx()));
    KT_ASSERT_EQ(size, 4 + 4 + 8); /* of a directory's attributes and a file's one kind counts */
    KT_ASSERT_EQ(va.va_active, (uint64_t)(VNODE_ATTR_BIT(va_nchildren) | VNODE_ATTR_BIT(va_clone_id)));
    KT_ASSERT_OK(vfs_setup_vattr_from_attrlist(&list, &va, VNON, &size, tiny_ctx()));
    KT_ASSERT_EQ(size, 4 + 4 + 4 + 8);
    KT_ASSERT_OK(vfs_setup_vattr_from_attrlist(&list, &va, VREG, NULL, tiny_ctx()));
}

static void setup__attribute_that_does_not_exist__einval(void)
{
    struct attrlist list = list_of(0, 0, ATTR_FILE_FORKLIST, 0);
    KT_ASSERT_ERRNO(vfs_setup_vattr_from_attrlist(&list, &va, VREG, NULL, tiny_ctx()), EINVAL);
    list = list_of(0, 0x80, 0, 0);
    KT_ASSERT_ERRNO(vfs_setup_vattr_from_attrlist(&list, &va, VDIR, NULL, tiny_ctx()), EINVAL);
    KT_ASSERT_OK(vfs_setup_vattr_from_attrlist(&list, &va, VREG, NULL, tiny_ctx()));
    list = list_of(0, 0, 0, 0x1);
    KT_ASSERT_ERRNO(vfs_setup_vattr_from_attrlist(&list, &va, VREG, NULL, tiny_ctx()), EINVAL);
}

/* ---- packing ------------------------------------------------------------------------------------------- */

static void pack__in_the_order_of_the_bits(void)
{
    struct timespec then = {.tv_sec = 1000, .tv_nsec = 5};
    begin(VREG);
    VATTR_RETURN(&va, va_fileid, 0x1122334455667788ull);
    VATTR_RETURN(&va, va_parentid, 9);
    VATTR_RETURN(&va, va_modify_time, then);
    VATTR_RETURN(&va, va_uid, 501);
    VATTR_RETURN(&va, va_gid, 20);
    VATTR_RETURN(&va, va_mode, 0640);
    VATTR_RETURN(&va, va_flags, UF_HIDDEN);
    VATTR_RETURN(&va, va_data_size, 1234);
    VATTR_RETURN(&va, va_nlink, 3);
    int64_t used =
        pack(list_of(ATTR_CMN_NAME | ATTR_CMN_OBJTYPE | ATTR_CMN_OBJID | ATTR_CMN_PAROBJID |
                         ATTR_CMN_MODTIME | ATTR_CMN_OWNERID | ATTR_CMN_GRPID | ATTR_CMN_ACCESSMASK |
                         ATTR_CMN_FLAGS | ATTR_CMN_FILEID | ATTR_CMN_PARENTID,
                     0, ATTR_FILE_LINKCOUNT | ATTR_FILE_DATALENGTH, 0),
             0);
    KT_ASSERT_EQ(used, entry_length());
    KT_ASSERT_EQ(used % 8, 0);
    const char *name = next_string();
    KT_ASSERT_EQ(strncmp(name, "n", 1), 0);
    KT_ASSERT_EQ(next32(), VREG);
    KT_ASSERT_EQ(next32(), 0x55667788u); /* an object number of 32 bits, */
    KT_ASSERT_EQ(next32(), 0u);          /* without a generation */
    KT_ASSERT_EQ(next64(), 9u);
    KT_ASSERT_EQ(next64(), 1000u);
    KT_ASSERT_EQ(next64(), 5u);
    KT_ASSERT_EQ(next32(), 501u);
    KT_ASSERT_EQ(next32(), 20u);
    KT_ASSERT_EQ(next32(), (uint32_t)(S_IFREG | 0640));
    KT_ASSERT_EQ(next32(), (uint32_t)UF_HIDDEN);
    KT_ASSERT_EQ(next64(), 0x1122334455667788ull);
    KT_ASSERT_EQ(next64(), 9u);
    KT_ASSERT_EQ(next32(), 3u);
    KT_ASSERT_EQ(next64(), 1234u);
    KT_ASSERT_PTR_EQ(name, entry + at); /* what is of variable size follows */
    end();
}

static void pack__what_the_vnode_knows__needs_no_answer(void)
{
    begin(VDIR);
    struct vfsstatfs *sfs = vfs_statfs(tiny_mnt->mp);
    int64_t used = pack(list_of(ATTR_CMN_DEVID | ATTR_CMN_FSID | ATTR_CMN_OBJTYPE | ATTR_CMN_OBJTAG |
                                    ATTR_CMN_SCRIPT | ATTR_CMN_FULLPATH,
                                ATTR_DIR_LINKCOUNT | ATTR_DIR_MOUNTSTATUS, 0,
                                ATTR_CMNEXT_RELPATH | ATTR_CMNEXT_REALDEVID | ATTR_CMNEXT_REALFSID),
                        FSOPT_ATTR_CMN_EXTENDED);
    KT_ASSERT_GT(used, 0);
    KT_ASSERT_EQ(next32(), (uint32_t)sfs->f_fsid.val[0]);
    KT_ASSERT_EQ(next32(), (uint32_t)sfs->f_fsid.val[0]);
    KT_ASSERT_EQ(next32(), (uint32_t)sfs->f_fsid.val[1]);
    KT_ASSERT_EQ(next32(), VDIR);
    KT_ASSERT_EQ(next32(), (uint32_t)vnode_tag(vp));
    KT_ASSERT_EQ(next32(), 0x7eu);
    KT_ASSERT_EQ(strncmp(next_string(), "/n2/n", 5), 0); /* mounted on /n2 */
    KT_ASSERT_EQ(next32(), 1u);
    KT_ASSERT_EQ(next32(), 0u);
    KT_ASSERT_EQ(strncmp(next_string(), "/n", 2), 0);
    KT_ASSERT_EQ(next32(), (uint32_t)sfs->f_fsid.val[0]);
    end();
    KT_ASSERT_OK(tiny_get(tiny_mnt, TINY_ROOT, &vp));
    KT_ASSERT_GT(
        pack(list_of(ATTR_CMN_NAME, ATTR_DIR_MOUNTSTATUS, 0, ATTR_CMNEXT_RELPATH), FSOPT_ATTR_CMN_EXTENDED),
        0);
    KT_ASSERT_STR(next_string(), "n2"); /* the root of a volume is called as its mount point */
    KT_ASSERT_EQ(next32(), (uint32_t)DIR_MNTSTATUS_MNTPOINT);
    KT_ASSERT_STR(next_string(), "/");
    end();
}

static void pack__64_bit_numbers_and_links(void)
{
    begin(VREG);
    VATTR_RETURN(&va, va_fileid, 5);
    VATTR_RETURN(&va, va_linkid, 0x700000006ull);
    va.va_vaflags |= VA_64BITOBJIDS;
    KT_ASSERT_GT(pack(list_of(ATTR_CMN_OBJID | ATTR_CMN_OBJPERMANENTID | ATTR_CMN_FILEID, 0, 0, 0), 0), 0);
    KT_ASSERT_EQ(next64(), 0x700000006ull);
    KT_ASSERT_EQ(next64(), 0x700000006ull);
    KT_ASSERT_EQ(next64(), 5u);
    end();
}

static void pack__nobody_can_say__einval_and_nothing_written(void)
{
    begin(VREG);
    VATTR_RETURN(&va, va_uid, 501);
    KT_ASSERT_EQ(pack(list_of(ATTR_CMN_OWNERID | ATTR_CMN_CRTIME, 0, 0, 0), 0), -EINVAL);
    KT_ASSERT_EQ(entry[0], 0x55);
    end();
}

static void pack__with_the_set__leaves_out_what_is_absent(void)
{
    begin(VREG);
    VATTR_RETURN(&va, va_uid, 501);
    VATTR_RETURN(&va, va_gid, 20);
    struct attrlist list =
        list_of(ATTR_CMN_RETURNED_ATTRS | ATTR_CMN_CRTIME | ATTR_CMN_OWNERID | ATTR_CMN_GRPID, 0,
                ATTR_FILE_TOTALSIZE | ATTR_FILE_CLUMPSIZE, 0);
    KT_ASSERT_GT(pack(list, 0), 0);
    attribute_set_t set = next_set();
    KT_ASSERT_EQ(set.commonattr, ATTR_CMN_RETURNED_ATTRS | ATTR_CMN_OWNERID | ATTR_CMN_GRPID);
    KT_ASSERT_EQ(set.fileattr, 0u);
    KT_ASSERT_EQ(next32(), 501u);
    KT_ASSERT_EQ(next32(), 20u);
    end();
}

static void pack__with_room_for_what_is_absent__zeros(void)
{
    begin(VREG);
    VATTR_RETURN(&va, va_uid, 501);
    struct attrlist list =
        list_of(ATTR_CMN_RETURNED_ATTRS | ATTR_CMN_ERROR | ATTR_CMN_CRTIME | ATTR_CMN_OWNERID, 0,
                ATTR_FILE_TOTALSIZE | ATTR_FILE_CLUMPSIZE, 0);
    KT_ASSERT_GT(pack(list, FSOPT_PACK_INVAL_ATTRS), 0);
    attribute_set_t set = next_set();
    KT_ASSERT_EQ(set.commonattr, ATTR_CMN_RETURNED_ATTRS | ATTR_CMN_ERROR | ATTR_CMN_OWNERID);
    KT_ASSERT_EQ(set.fileattr, (attrgroup_t)ATTR_FILE_CLUMPSIZE);
    KT_ASSERT_EQ(next32(), 0u); /* the error comes first */
    KT_ASSERT_EQ(next64(), 0u);
    KT_ASSERT_EQ(next64(), 0u);
    KT_ASSERT_EQ(next32(), 501u);
    KT_ASSERT_EQ(next64(), 0u);
    KT_ASSERT_EQ(next32(), 0u);
    end();
}

static void pack__does_not_fit__nothing_moves(void)
{
    struct attrlist list = list_of(ATTR_CMN_OWNERID | ATTR_CMN_GRPID, 0, 0, 0);
    begin(VREG);
    for (size_t room = 1; room < 12; room++) {
        VATTR_RETURN(&va, va_uid, 501);
        VATTR_RETURN(&va, va_gid, 20);
        KT_ASSERT_EQ(pack_ext(NULL, vp, list, 0, room), 0);
        KT_ASSERT_EQ(entry[0], 0x55);
    }
    VATTR_RETURN(&va, va_uid, 501);
    VATTR_RETURN(&va, va_gid, 20);
    KT_ASSERT_EQ(pack_ext(NULL, vp, list, 0, 12), 12); /* no room for the padding */
    KT_ASSERT_EQ(entry_length(), 12u);
    KT_ASSERT_EQ(pack_ext(NULL, vp, list, 0, 0), -EINVAL);
    end();
}

static void pack__several_pieces_of_memory__einval(void)
{
    struct attrlist list = list_of(ATTR_CMN_OBJTYPE, 0, 0, 0);
    begin(VREG);
    uio_t uio = uio_create(2, 0, UIO_SYSSPACE, UIO_READ);
    uio_addiov(uio, (user_addr_t)(uintptr_t)entry, 64);
    uio_addiov(uio, (user_addr_t)(uintptr_t)(entry + 64), 64);
    KT_ASSERT_ERRNO(vfs_attr_pack(vp, uio, &list, 0, &va, NULL, tiny_ctx()), EINVAL);
    KT_ASSERT_EQ(uio_resid(uio), 128);
    uio_free(uio);
    end();
}

/* vfs_attr_pack is the form without a mount. */
static void pack__entries_one_after_the_other(void)
{
    struct attrlist list = list_of(ATTR_CMN_OBJTYPE | ATTR_CMN_FILEID, 0, 0, 0);
    begin(VREG);
    uio_t uio = uio_create(1, 0, UIO_SYSSPACE, UIO_READ);
    uio_addiov(uio, (user_addr_t)(uintptr_t)entry, 40);
    for (uint64_t id = 7; id < 9; id++) {
        VATTR_RETURN(&va, va_fileid, id);
        KT_ASSERT_OK(vfs_attr_pack(vp, uio, &list, 0, &va, NULL, tiny_ctx()));
    }
    KT_ASSERT_EQ(uio_resid(uio), 8);
    KT_ASSERT_EQ(uio_offset(uio), 32);
    uio_free(uio);
    at = 8;
    KT_ASSERT_EQ(next64(), 7u);
    at = 24;
    KT_ASSERT_EQ(next64(), 8u);
    end();
}

static void pack_ext__without_a_vnode(void)
{
    struct attrlist list = list_of(ATTR_CMN_RETURNED_ATTRS | ATTR_CMN_NAME | ATTR_CMN_FSID |
                                       ATTR_CMN_OBJTYPE | ATTR_CMN_OWNERID | ATTR_CMN_FULLPATH,
                                   0, ATTR_FILE_DATALENGTH, 0);
    char name[] = "somewhere";
    memset(&va, 0, sizeof(va));
    VATTR_INIT(&va);
    VATTR_RETURN(&va, va_objtype, VREG);
    VATTR_RETURN(&va, va_name, name);
    VATTR_RETURN(&va, va_total_size, 77);
    VATTR_RETURN(&va, va_uid, 99);
    vfs_setflags(tiny_mnt->mp, MNT_IGNORE_OWNERSHIP);
    KT_ASSERT_GT(pack_ext(tiny_mnt->mp, NULLVP, list, 0, ROOM), 0);
    vfs_clearflags(tiny_mnt->mp, MNT_IGNORE_OWNERSHIP);
    attribute_set_t set = next_set();
    KT_ASSERT_EQ(set.commonattr, list.commonattr & ~(attrgroup_t)ATTR_CMN_FULLPATH);
    KT_ASSERT_STR(next_string(), "somewhere");
    KT_ASSERT_EQ(next32(), (uint32_t)vfs_statfs(tiny_mnt->mp)->f_fsid.val[0]);
    (void)next32();
    KT_ASSERT_EQ(next32(), VREG);
    KT_ASSERT_EQ(next32(), 0u); /* nobody's file is whoever's asks */
    KT_ASSERT_EQ(next64(), 77u);
}

static void pack__access_control_list__as_a_filesec(void)
{
    uint32_t len;
    struct kauth_filesec sec;
    kauth_acl_t acl = kauth_acl_alloc(1);
    begin(VREG);
    acl->acl_entrycount = 1;
    acl->acl_ace[0].ace_rights = KAUTH_VNODE_READ_DATA;
    VATTR_RETURN(&va, va_acl, acl);
    KT_ASSERT_GT(pack(list_of(ATTR_CMN_EXTENDED_SECURITY, 0, 0, 0), 0), 0);
    const char *data = next_variable(&len);
    KT_ASSERT_EQ(len, KAUTH_FILESEC_SIZE(1));
    memcpy(&sec, data, sizeof(sec));
    KT_ASSERT_EQ(sec.fsec_magic, (u_int32_t)KAUTH_FILESEC_MAGIC);
    KT_ASSERT_EQ(sec.fsec_entrycount, 1u);
    KT_ASSERT_EQ(sec.fsec_ace[0].ace_rights, (kauth_ace_rights_t)KAUTH_VNODE_READ_DATA);
    kauth_acl_free(acl);
    VATTR_RETURN(&va, va_acl, NULL);
    KT_ASSERT_GT(pack(list_of(ATTR_CMN_EXTENDED_SECURITY, 0, 0, 0), 0), 0); /* none is no error */
    (void)next_variable(&len);
    KT_ASSERT_EQ(len, 0u);
    end();
}

static void pack__device__its_number(void)
{
    begin(VCHR);
    KT_ASSERT_GT(pack(list_of(ATTR_CMN_OBJTYPE, 0, ATTR_FILE_DEVTYPE, 0), 0), 0);
    KT_ASSERT_EQ(next32(), VCHR);
    KT_ASSERT_EQ(next32(), (uint32_t)vnode_specrdev(vp));
    end();
}

static void pack__too_much__enomem(void)
{
    static char name[ATTR_MAX_BUFFER];
    memset(name, 'n', sizeof(name) - 1);
    begin(VREG);
    VATTR_RETURN(&va, va_name, name);
    KT_ASSERT_EQ(pack(list_of(ATTR_CMN_NAME, 0, 0, 0), 0), -ENOMEM);
    end();
}

static const struct ktest_case cases[] = {
    KT_CASE(setup__asks_for_what_the_list_needs),
    KT_CASE(setup__attribute_that_does_not_exist__einval),
    KT_CASE(pack__in_the_order_of_the_bits),
    KT_CASE(pack__what_the_vnode_knows__needs_no_answer),
    KT_CASE(pack__64_bit_numbers_and_links),
    KT_CASE(pack__nobody_can_say__einval_and_nothing_written),
    KT_CASE(pack__with_the_set__leaves_out_what_is_absent),
    KT_CASE(pack__with_room_for_what_is_absent__zeros),
    KT_CASE(pack__does_not_fit__nothing_moves),
    KT_CASE(pack__several_pieces_of_memory__einval),
    KT_CASE(pack__entries_one_after_the_other),
    KT_CASE(pack_ext__without_a_vnode),
    KT_CASE(pack__access_control_list__as_a_filesec),
    KT_CASE(pack__device__its_number),
    KT_CASE(pack__too_much__enomem),
};
TINY_SUITE(kpi_attr, cases);
