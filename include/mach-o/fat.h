// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mach-O: a file with an executable for each of several architectures. All fields are big-endian.
 */
#ifndef KPI_MACH_O_FAT_H
#define KPI_MACH_O_FAT_H

#include <stdint.h>
#include <mach/machine.h>
#include <architecture/byte_order.h>

#define FAT_MAGIC 0xcafebabe
#define FAT_CIGAM 0xbebafeca /* read on a little-endian machine */

struct fat_header {
    uint32_t magic;     /* FAT_MAGIC */
    uint32_t nfat_arch; /* entries, right after this */
};

struct fat_arch {
    cpu_type_t cputype;
    cpu_subtype_t cpusubtype;
    uint32_t offset; /* bytes from the start of the file */
    uint32_t size;   /* bytes */
    uint32_t align;  /* power of two */
};

#endif /* KPI_MACH_O_FAT_H */
