// SPDX-License-Identifier: BSD-2-Clause
/*
 * The format on disk of ext2, ext3 and ext4: structures as they lie there, all little-endian, with the field
 * names that the format's documentation uses. Nothing here is an address in memory; whoever reads a field
 * that is wider than a byte goes through e2_le16(), e2_le32().
 */
#ifndef EXT2_DISK_H
#define EXT2_DISK_H

#include <libkern/OSByteOrder.h>
#include <stdint.h>

typedef struct {
    uint16_t v;
} e2_le16_t;
typedef struct {
    uint32_t v;
} e2_le32_t;

static inline uint16_t e2_le16(e2_le16_t x)
{
    return OSSwapLittleToHostInt16(x.v);
}
static inline uint32_t e2_le32(e2_le32_t x)
{
    return OSSwapLittleToHostInt32(x.v);
}
static inline e2_le16_t e2_to16(uint16_t x)
{
    return (e2_le16_t){OSSwapHostToLittleInt16(x)};
}
static inline e2_le32_t e2_to32(uint32_t x)
{
    return (e2_le32_t){OSSwapHostToLittleInt32(x)};
}

/* ---- superblock: 1,024 bytes at byte 1,024, and copies at the head of some groups ------------------------
 */

#define E2_SUPER_OFFSET 1024u
#define E2_SUPER_SIZE   1024u
#define E2_MAGIC        0xef53u
#define E2_ROOT_INO     2u
#define E2_RESIZE_INO   7u
#define E2_JOURNAL_INO  8u
#define E2_OLD_FIRST    11u  /* first inode of files in revision 0 */
#define E2_OLD_INODE    128u /* size of an inode in revision 0 */
#define E2_REV_DYNAMIC  1u

#define E2_STATE_VALID  0x1u /* unmounted cleanly */
#define E2_STATE_ERROR  0x2u
#define E2_STATE_ORPHAN 0x4u

struct e2_super {
    e2_le32_t s_inodes_count;
    e2_le32_t s_blocks_count_lo;
    e2_le32_t s_r_blocks_count_lo;
    e2_le32_t s_free_blocks_count_lo;
    e2_le32_t s_free_inodes_count;
    e2_le32_t s_first_data_block;
    e2_le32_t s_log_block_size; /* block size is 1,024 << this */
    e2_le32_t s_log_cluster_size;
    e2_le32_t s_blocks_per_group;
    e2_le32_t s_clusters_per_group;
    e2_le32_t s_inodes_per_group;
    e2_le32_t s_mtime;
    e2_le32_t s_wtime;
    e2_le16_t s_mnt_count;
    e2_le16_t s_max_mnt_count;
    e2_le16_t s_magic;
    e2_le16_t s_state;
    e2_le16_t s_errors;
    e2_le16_t s_minor_rev_level;
    e2_le32_t s_lastcheck;
    e2_le32_t s_checkinterval;
    e2_le32_t s_creator_os;
    e2_le32_t s_rev_level;
    e2_le16_t s_def_resuid;
    e2_le16_t s_def_resgid;
    /* from here on for E2_REV_DYNAMIC */
    e2_le32_t s_first_ino;
    e2_le16_t s_inode_size;
    e2_le16_t s_block_group_nr;
    e2_le32_t s_feature_compat;
    e2_le32_t s_feature_incompat;
    e2_le32_t s_feature_ro_compat;
    uint8_t s_uuid[16];
    char s_volume_name[16];
    char s_last_mounted[64];
    e2_le32_t s_algorithm_usage_bitmap;
    uint8_t s_prealloc_blocks;
    uint8_t s_prealloc_dir_blocks;
    e2_le16_t s_reserved_gdt_blocks;
    uint8_t s_journal_uuid[16];
    e2_le32_t s_journal_inum;
    e2_le32_t s_journal_dev;
    e2_le32_t s_last_orphan;
    e2_le32_t s_hash_seed[4];
    uint8_t s_def_hash_version;
    uint8_t s_jnl_backup_type;
    e2_le16_t s_desc_size;
    e2_le32_t s_default_mount_opts;
    e2_le32_t s_first_meta_bg;
    e2_le32_t s_mkfs_time;
    e2_le32_t s_jnl_blocks[17];
    e2_le32_t s_blocks_count_hi;
    e2_le32_t s_r_blocks_count_hi;
    e2_le32_t s_free_blocks_count_hi;
    e2_le16_t s_min_extra_isize;
    e2_le16_t s_want_extra_isize;
    e2_le32_t s_flags;
    e2_le16_t s_raid_stride;
    e2_le16_t s_mmp_interval;
    e2_le32_t s_mmp_block[2];
    e2_le32_t s_raid_stripe_width;
    uint8_t s_log_groups_per_flex;
    uint8_t s_checksum_type; /* 1: crc32c */
    e2_le16_t s_reserved_pad;
    e2_le32_t s_kbytes_written[2];
    uint8_t s_unused[204];
    e2_le32_t s_backup_bgs[2];
    uint8_t s_unused2[28];
    e2_le32_t s_checksum_seed; /* with E2_INCOMPAT_CSUM_SEED */
    uint8_t s_unused3[392];
    e2_le32_t s_checksum; /* crc32c of all before it */
};
_Static_assert(sizeof(struct e2_super) == E2_SUPER_SIZE, "the superblock's layout");
_Static_assert(__builtin_offsetof(struct e2_super, s_checksum_seed) == 0x270, "the superblock's layout");

/* compatible: whoever does not know them may read and write all the same */
#define E2_COMPAT_DIR_PREALLOC  0x0001u
#define E2_COMPAT_HAS_JOURNAL   0x0004u
#define E2_COMPAT_EXT_ATTR      0x0008u
#define E2_COMPAT_RESIZE_INODE  0x0010u
#define E2_COMPAT_DIR_INDEX     0x0020u
#define E2_COMPAT_SPARSE_SUPER2 0x0200u
/* incompatible: whoever does not know them may do nothing */
#define E2_INCOMPAT_COMPRESSION 0x00001u
#define E2_INCOMPAT_FILETYPE    0x00002u
#define E2_INCOMPAT_RECOVER     0x00004u /* the journal has to be replayed */
#define E2_INCOMPAT_JOURNAL_DEV 0x00008u
#define E2_INCOMPAT_META_BG     0x00010u
#define E2_INCOMPAT_EXTENTS     0x00040u
#define E2_INCOMPAT_64BIT       0x00080u
#define E2_INCOMPAT_MMP         0x00100u
#define E2_INCOMPAT_FLEX_BG     0x00200u
#define E2_INCOMPAT_EA_INODE    0x00400u
#define E2_INCOMPAT_CSUM_SEED   0x02000u
#define E2_INCOMPAT_LARGEDIR    0x04000u
#define E2_INCOMPAT_INLINE_DATA 0x08000u
#define E2_INCOMPAT_ENCRYPT     0x10000u
#define E2_INCOMPAT_CASEFOLD    0x20000u
/* whoever does not know them may only read */
#define E2_ROCOMPAT_SPARSE_SUPER  0x0001u
#define E2_ROCOMPAT_LARGE_FILE    0x0002u
#define E2_ROCOMPAT_HUGE_FILE     0x0008u
#define E2_ROCOMPAT_GDT_CSUM      0x0010u
#define E2_ROCOMPAT_DIR_NLINK     0x0020u
#define E2_ROCOMPAT_EXTRA_ISIZE   0x0040u
#define E2_ROCOMPAT_QUOTA         0x0100u
#define E2_ROCOMPAT_BIGALLOC      0x0200u
#define E2_ROCOMPAT_METADATA_CSUM 0x0400u
#define E2_ROCOMPAT_READONLY      0x1000u
#define E2_ROCOMPAT_PROJECT       0x2000u
#define E2_ROCOMPAT_VERITY        0x8000u
#define E2_ROCOMPAT_ORPHAN        0x10000u

/* ---- groups: descriptors of 32 bytes, or s_desc_size with 64BIT, in the block after the superblock --------
 */

#define E2_GROUP_SIZE_MIN  32u
#define E2_BG_INODE_UNINIT 0x1u /* its inode bitmap and table were never written: no inode is used */
#define E2_BG_BLOCK_UNINIT 0x2u /* its block bitmap was never written: only its own metadata is used */
#define E2_BG_INODE_ZEROED 0x4u
struct e2_group_desc {
    e2_le32_t bg_block_bitmap_lo;
    e2_le32_t bg_inode_bitmap_lo;
    e2_le32_t bg_inode_table_lo;
    e2_le16_t bg_free_blocks_count_lo;
    e2_le16_t bg_free_inodes_count_lo;
    e2_le16_t bg_used_dirs_count_lo;
    e2_le16_t bg_flags;
    e2_le32_t bg_exclude_bitmap_lo;
    e2_le16_t bg_block_bitmap_csum_lo;
    e2_le16_t bg_inode_bitmap_csum_lo;
    e2_le16_t bg_itable_unused_lo;
    e2_le16_t bg_checksum;
    /* from here on where descriptors are 64 bytes or more */
    e2_le32_t bg_block_bitmap_hi;
    e2_le32_t bg_inode_bitmap_hi;
    e2_le32_t bg_inode_table_hi;
    e2_le16_t bg_free_blocks_count_hi;
    e2_le16_t bg_free_inodes_count_hi;
    e2_le16_t bg_used_dirs_count_hi;
    e2_le16_t bg_itable_unused_hi;
    e2_le32_t bg_exclude_bitmap_hi;
    e2_le16_t bg_block_bitmap_csum_hi;
    e2_le16_t bg_inode_bitmap_csum_hi;
    e2_le32_t bg_reserved;
};
_Static_assert(sizeof(struct e2_group_desc) == 64, "a group descriptor's layout");

/* ---- inodes ---------------------------------------------------------------------------------------------
 */

#define E2_NDIRECT  12u
#define E2_IND      12u
#define E2_DIND     13u
#define E2_TIND     14u
#define E2_N_BLOCKS 15u

#define E2_SECRM_FL       0x00000001u
#define E2_SYNC_FL        0x00000008u
#define E2_IMMUTABLE_FL   0x00000010u
#define E2_APPEND_FL      0x00000020u
#define E2_NODUMP_FL      0x00000040u
#define E2_NOATIME_FL     0x00000080u
#define E2_INDEX_FL       0x00001000u /* a directory with a hash tree */
#define E2_HUGE_FILE_FL   0x00040000u /* i_blocks counts file-system blocks */
#define E2_EXTENTS_FL     0x00080000u
#define E2_EA_INODE_FL    0x00200000u
#define E2_INLINE_DATA_FL 0x10000000u

struct e2_inode_disk {
    e2_le16_t i_mode;
    e2_le16_t i_uid_lo;
    e2_le32_t i_size_lo;
    e2_le32_t i_atime;
    e2_le32_t i_ctime;
    e2_le32_t i_mtime;
    e2_le32_t i_dtime; /* when it was removed; the next one's number in the list of orphans */
    e2_le16_t i_gid_lo;
    e2_le16_t i_links_count;
    e2_le32_t i_blocks_lo; /* of 512 bytes */
    e2_le32_t i_flags;
    e2_le32_t i_version;
    e2_le32_t
        i_block[E2_N_BLOCKS]; /* block numbers, an extent tree's root, a short symbolic link, a device */
    e2_le32_t i_generation;
    e2_le32_t i_file_acl_lo;
    e2_le32_t i_size_hi; /* of regular files */
    e2_le32_t i_obso_faddr;
    e2_le16_t i_blocks_hi;
    e2_le16_t i_file_acl_hi;
    e2_le16_t i_uid_hi;
    e2_le16_t i_gid_hi;
    e2_le16_t i_checksum_lo;
    e2_le16_t i_reserved;
    /* from here on where inodes are larger than 128 bytes, as far as i_extra_isize goes */
    e2_le16_t i_extra_isize;
    e2_le16_t i_checksum_hi;
    e2_le32_t i_ctime_extra; /* two bits of epoch, 30 of nanoseconds */
    e2_le32_t i_mtime_extra;
    e2_le32_t i_atime_extra;
    e2_le32_t i_crtime;
    e2_le32_t i_crtime_extra;
    e2_le32_t i_version_hi;
    e2_le32_t i_projid;
};
_Static_assert(__builtin_offsetof(struct e2_inode_disk, i_extra_isize) == 128, "an inode's layout");
_Static_assert(sizeof(struct e2_inode_disk) == 160, "an inode's layout");

/* ---- extents --------------------------------------------------------------------------------------------
 */

#define E2_EXTENT_MAGIC 0xf30au
#define E2_EXTENT_INIT  32768u /* ee_len above this: allocated, never written; the length is the rest */
#define E2_EXTENT_DEPTH 5u
struct e2_extent_header {
    e2_le16_t eh_magic;
    e2_le16_t eh_entries;
    e2_le16_t eh_max;
    e2_le16_t eh_depth;
    e2_le32_t eh_generation;
};
struct e2_extent {
    e2_le32_t ee_block;
    e2_le16_t ee_len;
    e2_le16_t ee_start_hi;
    e2_le32_t ee_start_lo;
};
struct e2_extent_idx {
    e2_le32_t ei_block;
    e2_le32_t ei_leaf_lo;
    e2_le16_t ei_leaf_hi;
    e2_le16_t ei_unused;
};
struct e2_extent_tail {
    e2_le32_t et_checksum;
};

/* ---- directories ----------------------------------------------------------------------------------------
 */

#define E2_NAME_MAX   255u
#define E2_DIRENT_MIN 8u
#define E2_FT_UNKNOWN 0u
#define E2_FT_REG     1u
#define E2_FT_DIR     2u
#define E2_FT_CHR     3u
#define E2_FT_BLK     4u
#define E2_FT_FIFO    5u
#define E2_FT_SOCK    6u
#define E2_FT_LNK     7u
#define E2_FT_CSUM    0xdeu /* the entry at a block's end that holds its checksum */
struct e2_dirent {
    e2_le32_t inode; /* 0: nothing */
    e2_le16_t rec_len;
    uint8_t name_len;
    uint8_t file_type; /* without FILETYPE: the upper half of name_len */
    char name[];
};
/* The last twelve bytes of a directory's block with METADATA_CSUM. */
struct e2_dirent_tail {
    e2_le32_t det_zero;
    e2_le16_t det_rec_len; /* 12 */
    uint8_t det_zero2;
    uint8_t det_type; /* E2_FT_CSUM */
    e2_le32_t det_checksum;
};

/* ---- extended attributes --------------------------------------------------------------------------------
 */

#define E2_XATTR_MAGIC 0xea020000u
struct e2_xattr_header { /* of a block; inside an inode only the magic comes first */
    e2_le32_t h_magic;
    e2_le32_t h_refcount;
    e2_le32_t h_blocks;
    e2_le32_t h_hash;
    e2_le32_t h_checksum;
    e2_le32_t h_reserved[3];
};
struct e2_xattr_entry {
    uint8_t e_name_len;
    uint8_t e_name_index;
    e2_le16_t e_value_offs;
    e2_le32_t e_value_inum;
    e2_le32_t e_value_size;
    e2_le32_t e_hash;
    char e_name[];
};
_Static_assert(sizeof(struct e2_xattr_entry) == 16 && sizeof(struct e2_xattr_header) == 32, "attributes");

#endif
