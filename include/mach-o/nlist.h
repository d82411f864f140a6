// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mach-O: entries of a symbol table.
 */
#ifndef KPI_MACH_O_NLIST_H
#define KPI_MACH_O_NLIST_H

#include <stdint.h>

struct nlist {
    union {
        uint32_t n_strx; /* offset of the name in the string table */
    } n_un;
    uint8_t n_type; /* N_* */
    uint8_t n_sect; /* section, from 1 on, or NO_SECT */
    int16_t n_desc;
    uint32_t n_value;
};

struct nlist_64 {
    union {
        uint32_t n_strx;
    } n_un;
    uint8_t n_type;
    uint8_t n_sect;
    uint16_t n_desc;
    uint64_t n_value;
};

/* Parts of n_type. */
#define N_STAB 0xe0 /* for debuggers, with all of the field as its kind */
#define N_PEXT 0x10 /* was private outside its image */
#define N_TYPE 0x0e
#define N_EXT  0x01

/* Kinds. */
#define N_UNDF 0x0
#define N_ABS  0x2
#define N_INDR 0xa
#define N_PBUD 0xc
#define N_SECT 0xe

#define NO_SECT  0
#define MAX_SECT 255

/* Alignment of a common symbol, and n_desc of one that is not defined. */
#define GET_COMM_ALIGN(n_desc)                    (((n_desc) >> 8) & 0x0f)
#define SET_COMM_ALIGN(n_desc, align)             (n_desc) = (((n_desc)&0xf0ff) | (((align)&0x0f) << 8))
#define REFERENCE_TYPE                            0x7
#define REFERENCE_FLAG_UNDEFINED_NON_LAZY         0
#define REFERENCE_FLAG_UNDEFINED_LAZY             1
#define REFERENCE_FLAG_DEFINED                    2
#define REFERENCE_FLAG_PRIVATE_DEFINED            3
#define REFERENCE_FLAG_PRIVATE_UNDEFINED_NON_LAZY 4
#define REFERENCE_FLAG_PRIVATE_UNDEFINED_LAZY     5
#define REFERENCED_DYNAMICALLY                    0x0010
#define N_NO_DEAD_STRIP                           0x0020
#define N_DESC_DISCARDED                          0x0020
#define N_WEAK_REF                                0x0040
#define N_WEAK_DEF                                0x0080
#define N_REF_TO_WEAK                             0x0080
#define N_ARM_THUMB_DEF                           0x0008
#define N_SYMBOL_RESOLVER                         0x0100
#define N_ALT_ENTRY                               0x0200

#endif /* KPI_MACH_O_NLIST_H */
