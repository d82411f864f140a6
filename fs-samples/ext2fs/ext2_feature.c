// SPDX-License-Identifier: BSD-2-Clause
/*
 * Features: which of them this file system knows, and the names of all. Takes no lock.
 */
#include "ext2fs.h"

#define INCOMPAT_KNOWN                                                                                       \
    (E2_INCOMPAT_FILETYPE | E2_INCOMPAT_RECOVER | E2_INCOMPAT_META_BG | E2_INCOMPAT_EXTENTS |                \
     E2_INCOMPAT_64BIT | E2_INCOMPAT_FLEX_BG | E2_INCOMPAT_CSUM_SEED | E2_INCOMPAT_LARGEDIR)
#define ROCOMPAT_KNOWN                                                                                       \
    (E2_ROCOMPAT_SPARSE_SUPER | E2_ROCOMPAT_LARGE_FILE | E2_ROCOMPAT_HUGE_FILE | E2_ROCOMPAT_GDT_CSUM |      \
     E2_ROCOMPAT_DIR_NLINK | E2_ROCOMPAT_EXTRA_ISIZE | E2_ROCOMPAT_METADATA_CSUM)

struct feature_name {
    uint32_t bit;
    const char *name;
};

static const struct feature_name incompat_names[] = {
    {E2_INCOMPAT_COMPRESSION, "compression"},
    {E2_INCOMPAT_FILETYPE, "filetype"},
    {E2_INCOMPAT_RECOVER, "needs_recovery"},
    {E2_INCOMPAT_JOURNAL_DEV, "journal_dev"},
    {E2_INCOMPAT_META_BG, "meta_bg"},
    {E2_INCOMPAT_EXTENTS, "extent"},
    {E2_INCOMPAT_64BIT, "64bit"},
    {E2_INCOMPAT_MMP, "mmp"},
    {E2_INCOMPAT_FLEX_BG, "flex_bg"},
    {E2_INCOMPAT_EA_INODE, "ea_inode"},
    {0x1000u, "dirdata"},
    {E2_INCOMPAT_CSUM_SEED, "metadata_csum_seed"},
    {E2_INCOMPAT_LARGEDIR, "large_dir"},
    {E2_INCOMPAT_INLINE_DATA, "inline_data"},
    {E2_INCOMPAT_ENCRYPT, "encrypt"},
    {E2_INCOMPAT_CASEFOLD, "casefold"},
};
static const struct feature_name rocompat_names[] = {
    {0x0004u, "btree_dir"},
    {0x0080u, "has_snapshot"},
    {E2_ROCOMPAT_QUOTA, "quota"},
    {E2_ROCOMPAT_BIGALLOC, "bigalloc"},
    {0x0800u, "replica"},
    {E2_ROCOMPAT_READONLY, "read-only"},
    {E2_ROCOMPAT_PROJECT, "project"},
    {0x4000u, "shared_blocks"},
    {E2_ROCOMPAT_VERITY, "verity"},
    {E2_ROCOMPAT_ORPHAN, "orphan_present"},
};

/* A line for each of the unknown ones. */
static void features_report(const struct ext2_mount *mnt, uint32_t unknown, const struct feature_name *names,
                            size_t count, const char *consequence)
{
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        const char *name = NULL;
        for (size_t i = 0; i < count; i++)
            if (names[i].bit == bit)
                name = names[i].name;
        if (unknown & bit)
            ext2_report(mnt, "feature %s (%#x) is not known here: %s", name ? name : "without a name", bit,
                        consequence);
    }
}

int ext2_features_check(const struct ext2_mount *mnt, boolean_t writable)
{
    uint32_t unknown = mnt->m_incompat & ~INCOMPAT_KNOWN;

    if (unknown) {
        features_report(mnt, unknown, incompat_names, sizeof(incompat_names) / sizeof(*incompat_names),
                        "it cannot be mounted");
        return ENOTSUP;
    }
    if (mnt->m_rocompat & E2_ROCOMPAT_BIGALLOC) { /* its bitmaps count in other units */
        features_report(mnt, E2_ROCOMPAT_BIGALLOC, rocompat_names,
                        sizeof(rocompat_names) / sizeof(*rocompat_names), "it cannot be mounted");
        return ENOTSUP;
    }
    unknown = mnt->m_rocompat & ~ROCOMPAT_KNOWN;
    if (unknown && writable) {
        features_report(mnt, unknown, rocompat_names, sizeof(rocompat_names) / sizeof(*rocompat_names),
                        "it can only be mounted read-only");
        return EROFS;
    }
    return 0;
}
