// SPDX-License-Identifier: BSD-2-Clause
/*
 * Controls of a disk device: size, geometry, what it can do, discarding blocks, flushing its cache.
 * Block numbers count blocks of the size that DKIOCGETBLOCKSIZE reports; offsets and lengths are
 * bytes.
 */
#ifndef KPI_SYS_DISK_H
#define KPI_SYS_DISK_H

#include <sys/cdefs.h>
#include <stdint.h>
#include <sys/ioccom.h>
#include <sys/types.h>
#include <sys/ioctl.h>

typedef struct {
    uint64_t offset;
    uint64_t length;
} dk_extent_t;
typedef struct {
    char path[128];
} dk_firmware_path_t;
typedef struct {
    uint64_t blockCount;
    uint32_t blockSize;
    uint8_t reserved0096[4];
} dk_format_capacity_t;
typedef struct {
    dk_format_capacity_t *capacities;
    uint32_t capacitiesCount; /* room in, number out */
    uint8_t reserved0096[4];
} dk_format_capacities_t;
typedef struct {
    uint64_t offset;
    uint64_t length;
    uint32_t options; /* DK_SYNCHRONIZE_OPTION_* */
    uint8_t reserved0160[4];
} dk_synchronize_t;
typedef struct {
    dk_extent_t *extents;
    uint32_t extentsCount;
    uint32_t options;
} dk_unmap_t;
typedef struct {
    uint64_t flags; /* DK_CORESTORAGE_* */
    uint64_t hotfile_size;
    uint64_t hibernate_minsize;
    uint64_t swapfile_pinning;
    uint64_t padding[4];
} dk_corestorage_info_t;
typedef struct {
    uint64_t offset;
    uint64_t length;
    uint8_t provisionType; /* DK_PROVISION_TYPE_* */
    uint8_t reserved[7];
} dk_provision_extent_t;
typedef struct {
    uint64_t offset;
    uint64_t length;
    uint64_t options;
    uint32_t reserved;
    uint32_t extentsCount; /* room in, number out */
    dk_provision_extent_t *extents;
} dk_provision_status_t;
typedef struct {
    uint64_t options;
    uint64_t reserved;
    uint64_t description_size;
    char *description;
} dk_error_description_t;
typedef struct {
    uint64_t offset;
    uint64_t length;
    uint8_t reserved0128[12];
    dev_t dev;
} dk_physical_extent_t;
typedef struct {
    dk_extent_t *extents;
    uint32_t extentsCount;
    uint8_t tier; /* DK_TIER_* */
    uint8_t reserved0104[3];
} dk_set_tier_t;

/* Medium and cache. */
#define DKIOCEJECT               _IO('d', 21)
#define DKIOCSYNCHRONIZE         _IOW('d', 22, dk_synchronize_t)
#define DKIOCSYNCHRONIZECACHE    _IO('d', 22)
#define DKIOCFORMAT              _IOW('d', 26, dk_format_capacity_t)
#define DKIOCGETFORMATCAPACITIES _IOWR('d', 26, dk_format_capacities_t)
#define DKIOCREQUESTIDLE         _IO('d', 30)
#define DKIOCUNMAP               _IOW('d', 31, dk_unmap_t)

/* Geometry and state. */
#define DKIOCGETBLOCKSIZE         _IOR('d', 24, uint32_t)
#define DKIOCSETBLOCKSIZE         _IOW('d', 24, uint32_t)
#define DKIOCGETBLOCKCOUNT        _IOR('d', 25, uint64_t)
#define DKIOCGETPHYSICALBLOCKSIZE _IOR('d', 77, uint32_t)
#define DKIOCGETBASE              _IOR('d', 73, uint64_t)
#define DKIOCISFORMATTED          _IOR('d', 23, uint32_t)
#define DKIOCISWRITABLE           _IOR('d', 29, uint32_t)
#define DKIOCISVIRTUAL            _IOR('d', 72, uint32_t)
#define DKIOCISSOLIDSTATE         _IOR('d', 79, uint32_t)
#define DKIOCISLOWPOWERMODE       _IOR('d', 87, uint32_t)
#define DKIOCGETLOCATION          _IOR('d', 33, uint64_t)
#define DKIOCGETFEATURES          _IOR('d', 76, uint32_t)
#define DKIOCGETFIRMWAREPATH      _IOR('d', 28, dk_firmware_path_t)
#define DKIOCGETENCRYPTIONTYPE    _IOR('d', 86, uint32_t)
#define DKIOCGETBSDUNIT           _IOR('d', 27, uint32_t)
#define DKIOCCORESTORAGE          _IOR('d', 32, dk_corestorage_info_t)
#define DKIOCGETPROVISIONSTATUS   _IOWR('d', 79, dk_provision_status_t)
#define DKIOCGETERRORDESCRIPTION  _IOR('d', 80, dk_error_description_t)

/* Limits of one transfer. */
#define DKIOCGETMAXBLOCKCOUNTREAD             _IOR('d', 64, uint64_t)
#define DKIOCGETMAXBLOCKCOUNTWRITE            _IOR('d', 65, uint64_t)
#define DKIOCGETMAXBYTECOUNTREAD              _IOR('d', 70, uint64_t)
#define DKIOCGETMAXBYTECOUNTWRITE             _IOR('d', 71, uint64_t)
#define DKIOCGETMAXSEGMENTCOUNTREAD           _IOR('d', 66, uint64_t)
#define DKIOCGETMAXSEGMENTCOUNTWRITE          _IOR('d', 67, uint64_t)
#define DKIOCGETMAXSEGMENTBYTECOUNTREAD       _IOR('d', 68, uint64_t)
#define DKIOCGETMAXSEGMENTBYTECOUNTWRITE      _IOR('d', 69, uint64_t)
#define DKIOCGETMINSEGMENTALIGNMENTBYTECOUNT  _IOR('d', 74, uint64_t)
#define DKIOCGETMAXSEGMENTADDRESSABLEBITCOUNT _IOR('d', 75, uint64_t)
#define DKIOCGETCOMMANDPOOLSIZE               _IOR('d', 78, uint32_t)
#define DKIOCGETIOMINSATURATIONBYTECOUNT      _IOR('d', 88, uint32_t)
#define DKIOCGETTHROTTLEMASK                  _IOR('d', 80, uint64_t)

/* Placement. */
#define DKIOCLOCKPHYSICALEXTENTS   _IO('d', 81)
#define DKIOCUNLOCKPHYSICALEXTENTS _IO('d', 83)
#define DKIOCGETPHYSICALEXTENT     _IOWR('d', 82, dk_physical_extent_t)
#define DKIOCSETTIER               _IOW('d', 85, dk_set_tier_t)

#define DK_SYNCHRONIZE_OPTION_BARRIER    0x2
#define DK_FEATURE_BARRIER               0x2
#define DK_FEATURE_FORCE_UNIT_ACCESS     0x1
#define DK_FEATURE_PRIORITY              0x4
#define DK_FEATURE_UNMAP                 0x10
#define DK_CORESTORAGE_ENABLE_HOTFILES   0x2
#define DK_CORESTORAGE_PIN_YOUR_METADATA 0x1
#define DK_CORESTORAGE_PIN_YOUR_SWAPFILE 0x4
#define DK_LOCATION_INTERNAL             0
#define DK_LOCATION_EXTERNAL             1
#define DK_ENCRYPTION_TYPE_AES_CBC       1
#define DK_ENCRYPTION_TYPE_AES_XEX       2
#define DK_ENCRYPTION_TYPE_AES_XTS       3
#define DK_PROVISION_TYPE_MAPPED         0
#define DK_PROVISION_TYPE_DEALLOCATED    1
#define DK_PROVISION_TYPE_ANCHORED       2
#define DK_TIER_SHIFT                    6
#define DK_TIER_MASK                     (0x3 << DK_TIER_SHIFT)

#endif /* KPI_SYS_DISK_H */
