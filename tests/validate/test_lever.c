// SPDX-License-Identifier: BSD-2-Clause
/*
 * The lever: what the linker binds a kext's symbols to with the validator off and on.
 */
#include <string.h>
#include <kern/locks.h>
#include <libkern/OSMalloc.h>
#include <sys/proc.h>
#include <sys/vnode.h>

#include "kext/exports_internal.h"
#include "kext/kext_internal.h"
#include "tests/support/ktest.h"
#include "validate/checked_internal.h"
#include "vfs/vnode_checked_internal.h"

static uint64_t bound_to(const struct kext_export *row)
{
    struct kxld_provider provider;
    struct kxld_export export = {.address = 0};

    kext_provider_interface((uint32_t)__builtin_ctz(row->sets), &provider);
    KT_ASSERT(provider.lookup(&provider, row->name, strlen(row->name), &export));
    return export.address;
}

static const struct kext_export *row_named(const char *name)
{
    for (size_t i = 0; i < kext_export_count; i++)
        if (strcmp(kext_export_table[i].name, name) == 0)
            return &kext_export_table[i];
    return NULL;
}

static void validator_off__every_symbol_is_the_plain_one(void)
{
    KT_ASSERT(!validate_on());
    for (size_t i = 0; i < kext_export_count; i++)
        KT_ASSERT_EQ(bound_to(&kext_export_table[i]), (uint64_t)(uintptr_t)kext_export_table[i].address);
    KT_ASSERT_EQ(bound_to(row_named("lck_mtx_lock")), (uint64_t)(uintptr_t)lck_mtx_lock);
    KT_ASSERT_EQ(bound_to(row_named("vnode_put")), (uint64_t)(uintptr_t)vnode_put);
    KT_ASSERT_EQ(bound_to(row_named("OSMalloc")), (uint64_t)(uintptr_t)OSMalloc);
}

static void validator_on__what_has_a_checking_variant_is_bound_to_it(void)
{
    static const char *const must[] = {
        "lck_mtx_lock",
        "lck_mtx_unlock",
        "lck_rw_lock_shared",
        "lck_rw_done",
        "lck_spin_lock",
        "vnode_get",
        "vnode_put",
        "vnode_ref",
        "vnode_rele",
        "vnode_create",
        "vnode_recycle",
        "vnode_addfsref",
        "vnode_removefsref",
        "vnode_fsnode",
        "msleep",
        "OSMalloc",
        "_MALLOC",
        "uiomove",
        "vnode_getwithvid",
        "lck_mtx_alloc_init",
    };
    size_t variants = 0;

    validate_policy = VALIDATE_WARN; /* the linker asks nothing else */
    for (size_t i = 0; i < kext_export_count; i++) {
        KT_ASSERT_EQ(bound_to(&kext_export_table[i]), (uint64_t)(uintptr_t)kext_export_table[i].checked);
        variants += kext_export_table[i].checked != kext_export_table[i].address;
    }
    KT_ASSERT_EQ(bound_to(row_named("lck_mtx_lock")), (uint64_t)(uintptr_t)checked_lck_mtx_lock);
    KT_ASSERT_EQ(bound_to(row_named("vnode_put")), (uint64_t)(uintptr_t)checked_vnode_put);
    validate_policy = VALIDATE_OFF;
    for (size_t i = 0; i < sizeof(must) / sizeof(must[0]); i++)
        KT_ASSERT(row_named(must[i])->checked != row_named(must[i])->address);
    KT_ASSERT(variants >= 80);
}

static const struct ktest_case cases[] = {
    KT_CASE(validator_off__every_symbol_is_the_plain_one),
    KT_CASE(validator_on__what_has_a_checking_variant_is_bound_to_it),
};
KT_SUITE(validate_lever, cases);
