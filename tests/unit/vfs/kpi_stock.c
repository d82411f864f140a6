// SPDX-License-Identifier: BSD-2-Clause
/*
 * The stock operations: each nop_ succeeds, each err_ refuses, both leave "nothing" where a caller looks for
 * a result. And the operation descriptors: each has a place and a name of its own.
 */
#include <sys/buf.h>
#include <string.h>
#include <libkern/libkern.h>
#include <vfs/vfs_support.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/vnop_internal.h"

typedef int (*stock_t)(void *);
#define S(function) ((stock_t)(void (*)(void))(function))

static const struct {
    const char *name;
    stock_t nop, err;
} plain[] = {
    {"access", S(nop_access), S(err_access)},
    {"advlock", S(nop_advlock), S(err_advlock)},
    {"blockmap", S(nop_blockmap), S(err_blockmap)},
    {"close", S(nop_close), S(err_close)},
    {"copyfile", S(nop_copyfile), S(err_copyfile)},
    {"create", S(nop_create), S(err_create)},
    {"exchange", S(nop_exchange), S(err_exchange)},
    {"fsync", S(nop_fsync), S(err_fsync)},
    {"getattr", S(nop_getattr), S(err_getattr)},
    {"inactive", S(nop_inactive), S(err_inactive)},
    {"ioctl", S(nop_ioctl), S(err_ioctl)},
    {"link", S(nop_link), S(err_link)},
    {"mkdir", S(nop_mkdir), S(err_mkdir)},
    {"mknod", S(nop_mknod), S(err_mknod)},
    {"mmap", S(nop_mmap), S(err_mmap)},
    {"monitor", S(nop_monitor), S(err_monitor)},
    {"open", S(nop_open), S(err_open)},
    {"pathconf", S(nop_pathconf), S(err_pathconf)},
    {"read", S(nop_read), S(err_read)},
    {"readdir", S(nop_readdir), S(err_readdir)},
    {"readlink", S(nop_readlink), S(err_readlink)},
    {"reclaim", S(nop_reclaim), S(err_reclaim)},
    {"remove", S(nop_remove), S(err_remove)},
    {"rename", S(nop_rename), S(err_rename)},
    {"rmdir", S(nop_rmdir), S(err_rmdir)},
    {"select", S(nop_select), S(err_select)},
    {"setattr", S(nop_setattr), S(err_setattr)},
    {"symlink", S(nop_symlink), S(err_symlink)},
    {"whiteout", S(nop_whiteout), S(err_whiteout)},
    {"write", S(nop_write), S(err_write)},
};

static void stock__without_result__zero_or_enotsup(void)
{
    uint64_t args[32];
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        memset(args, 0, sizeof(args));
        if (plain[i].nop(args) != 0 || plain[i].err(args) != ENOTSUP)
            KT_FAIL(plain[i].name);
    }
    KT_ASSERT_EQ(vn_default_error(), ENOTSUP);
    KT_ASSERT_EQ(err_bwrite(NULL), ENOTSUP);
}

static void stock__with_result__says_nothing_was_done(void)
{
    off_t bytes = 5, offset = 5;
    daddr64_t block = 5;
    uint32_t matches = 5, count = 5;
    int eof = 5;
    struct vnop_allocate_args allocate = {.a_bytesallocated = &bytes};
    struct vnop_blktooff_args blktooff = {.a_offset = &offset};
    struct vnop_offtoblk_args offtoblk = {.a_lblkno = &block};
    struct vnop_searchfs_args searchfs = {.a_nummatches = &matches};
    struct vnop_readdirattr_args readdirattr = {.a_actualcount = &count, .a_eofflag = &eof};
    KT_ASSERT_OK(nop_allocate(&allocate));
    KT_ASSERT_EQ(bytes, 0);
    KT_ASSERT_OK(nop_blktooff(&blktooff));
    KT_ASSERT_EQ(offset, -1);
    KT_ASSERT_OK(nop_offtoblk(&offtoblk));
    KT_ASSERT_EQ(block, -1);
    KT_ASSERT_OK(nop_searchfs(&searchfs));
    KT_ASSERT_EQ(matches, 0u);
    KT_ASSERT_OK(nop_readdirattr(&readdirattr));
    KT_ASSERT(count == 0 && eof == 0);
    bytes = offset = block = 5;
    matches = count = 5;
    eof = 5;
    KT_ASSERT_ERRNO(err_allocate(&allocate), ENOTSUP);
    KT_ASSERT_ERRNO(err_blktooff(&blktooff), ENOTSUP);
    KT_ASSERT_ERRNO(err_offtoblk(&offtoblk), ENOTSUP);
    KT_ASSERT_ERRNO(err_searchfs(&searchfs), ENOTSUP);
    KT_ASSERT_ERRNO(err_readdirattr(&readdirattr), ENOTSUP);
    KT_ASSERT(bytes == 0 && offset == -1 && block == -1 && matches == 0 && count == 0 && eof == 0);
}

static void stock__strategy__ends_the_transfer(void)
{
    buf_t bp = buf_alloc(NULLVP);
    struct vnop_strategy_args args = {.a_desc = &vnop_strategy_desc, .a_bp = bp};
    buf_setflags(bp, B_READ);
    buf_setresid(bp, 512);
    KT_ASSERT_OK(nop_strategy(&args));
    KT_ASSERT_OK(buf_biowait(bp));
    KT_ASSERT_EQ(buf_resid(bp), 0);
    buf_reset(bp, B_READ);
    KT_ASSERT_ERRNO(err_strategy(&args), ENOTSUP);
    KT_ASSERT_ERRNO(buf_biowait(bp), ENOTSUP);
    buf_free(bp);
}

static void stock__pages__refused_without_a_page_list(void)
{
    struct vnop_pagein_args in = {.a_size = 4096};
    struct vnop_pageout_args out = {.a_size = 4096};
    KT_ASSERT_ERRNO(nop_pagein(&in), EINVAL);
    KT_ASSERT_ERRNO(err_pagein(&in), ENOTSUP);
    KT_ASSERT_ERRNO(nop_pageout(&out), EINVAL);
    KT_ASSERT_ERRNO(err_pageout(&out), ENOTSUP);
}

static void stock__revoke__takes_a_file_away(void)
{
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
    struct vnop_revoke_args revoke = {.a_vp = vp, .a_flags = REVOKEALL, .a_context = tiny_ctx()};
    KT_ASSERT_OK(nop_revoke(&revoke));
    KT_ASSERT_EQ(vnode_vtype(vp), VBAD);
    vnode_put(vp);
    for (int refuse = 0; refuse < 2; refuse++) {
        KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VCHR), &vp));
        revoke.a_vp = vp;
        KT_ASSERT_EQ(refuse ? err_revoke(&revoke) : nop_revoke(&revoke), refuse ? ENOTSUP : 0);
        KT_ASSERT_EQ(vnode_vtype(vp), VBAD);
        vnode_put(vp);
    }
}

/* ---- descriptors --------------------------------------------------------------------------------------- */

#define D(desc)                                                                                              \
    {                                                                                                        \
#desc, &desc                                                                                         \
    }
static const struct {
    const char *name;
    struct vnodeop_desc *desc;
} descs[] = {
    D(vnop_access_desc),      D(vnop_advlock_desc),  D(vnop_allocate_desc), D(vnop_blktooff_desc),
    D(vnop_blockmap_desc),    D(vnop_bwrite_desc),   D(vnop_close_desc),    D(vnop_create_desc),
    D(vnop_default_desc),     D(vnop_exchange_desc), D(vnop_fsync_desc),    D(vnop_getattr_desc),
    D(vnop_getxattr_desc),    D(vnop_inactive_desc), D(vnop_ioctl_desc),    D(vnop_link_desc),
    D(vnop_listxattr_desc),   D(vnop_lookup_desc),   D(vnop_mkdir_desc),    D(vnop_mknod_desc),
    D(vnop_mmap_desc),        D(vnop_mnomap_desc),   D(vnop_offtoblk_desc), D(vnop_open_desc),
    D(vnop_pagein_desc),      D(vnop_pageout_desc),  D(vnop_pathconf_desc), D(vnop_read_desc),
    D(vnop_readdir_desc),     D(vnop_readlink_desc), D(vnop_reclaim_desc),  D(vnop_remove_desc),
    D(vnop_removexattr_desc), D(vnop_rename_desc),   D(vnop_revoke_desc),   D(vnop_rmdir_desc),
    D(vnop_select_desc),      D(vnop_setattr_desc),  D(vnop_setxattr_desc), D(vnop_strategy_desc),
    D(vnop_symlink_desc),     D(vnop_write_desc),
};
#define N_DESCS (sizeof(descs) / sizeof(descs[0]))

static void descriptors__each_has_its_place_and_name(void)
{
    for (size_t i = 0; i < N_DESCS; i++) {
        size_t len = strlen(descs[i].name) - strlen("_desc");
        KT_ASSERT_EQ(strncmp(descs[i].desc->vdesc_name, descs[i].name, len), 0);
        KT_ASSERT_EQ(descs[i].desc->vdesc_name[len], '\0');
        KT_ASSERT_LT(descs[i].desc->vdesc_offset, (int)vnop_desc_count);
        for (size_t j = 0; j < i; j++)
            KT_ASSERT_NE(descs[i].desc->vdesc_offset, descs[j].desc->vdesc_offset);
    }
}

static int marked(void *args)
{
    (void)args;
    return -77;
}

/* What a descriptor stands for is the entry at its place: given one function, that place alone has it. */
static void descriptors__choose_the_entry_of_their_operation(void)
{
    for (size_t i = 0; i < N_DESCS; i++) {
        int (**vector)(void *) = NULL;
        bool is_default = descs[i].desc == &vnop_default_desc;
        struct vnodeopv_entry_desc entries[] = {
            {&vnop_default_desc, is_default ? marked : S(vn_default_error)},
            {descs[i].desc, marked},
            {NULL, NULL}};
        if (is_default)
            entries[1] = entries[2];
        const struct vnodeopv_desc desc = {&vector, entries};
        KT_ASSERT_OK(vnode_vector_build(&desc, "test", &vector));
        for (unsigned op = 0; op < vnop_desc_count; op++) {
            bool mine = is_default || op == (unsigned)descs[i].desc->vdesc_offset;
            KT_ASSERT_EQ(vector[op] == marked, mine);
        }
        kern_free(vector, vnode_vector_size());
    }
}

static const struct ktest_case cases[] = {
    KT_CASE(stock__without_result__zero_or_enotsup),
    KT_CASE(stock__with_result__says_nothing_was_done),
    KT_CASE(stock__strategy__ends_the_transfer),
    KT_CASE(stock__pages__refused_without_a_page_list),
    KT_CASE(stock__revoke__takes_a_file_away),
    KT_CASE(descriptors__each_has_its_place_and_name),
    KT_CASE(descriptors__choose_the_entry_of_their_operation),
};
TINY_SUITE(kpi_stock, cases);
