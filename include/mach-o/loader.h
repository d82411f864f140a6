// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mach-O: header, load commands, segments and sections of an executable, for kexts that look at one.
 */
#ifndef KPI_MACH_O_LOADER_H
#define KPI_MACH_O_LOADER_H

#include <stdint.h>
#include <mach/machine.h>
#include <mach/vm_prot.h>
#include <architecture/byte_order.h>

/* ---- header ---- */

#define MH_MAGIC    0xfeedface
#define MH_CIGAM    0xcefaedfe /* of the other byte order */
#define MH_MAGIC_64 0xfeedfacf
#define MH_CIGAM_64 0xcffaedfe

struct mach_header {
    uint32_t magic; /* MH_MAGIC or MH_CIGAM */
    cpu_type_t cputype;
    cpu_subtype_t cpusubtype;
    uint32_t filetype;   /* MH_OBJECT... */
    uint32_t ncmds;      /* load commands, right after this */
    uint32_t sizeofcmds; /* bytes of all of them */
    uint32_t flags;      /* MH_NOUNDEFS... */
};
struct mach_header_64 {
    uint32_t magic; /* MH_MAGIC_64 or MH_CIGAM_64 */
    cpu_type_t cputype;
    cpu_subtype_t cpusubtype;
    uint32_t filetype;
    uint32_t ncmds;
    uint32_t sizeofcmds;
    uint32_t flags;
    uint32_t reserved;
};

/* Kinds of file. */
#define MH_OBJECT      0x1
#define MH_EXECUTE     0x2
#define MH_CORE        0x4
#define MH_DYLIB       0x6
#define MH_DYLINKER    0x7
#define MH_BUNDLE      0x8
#define MH_DSYM        0xa
#define MH_KEXT_BUNDLE 0xb
#define MH_FILESET     0xc

/* Properties of a file. */
#define MH_NOUNDEFS                0x1
#define MH_INCRLINK                0x2
#define MH_DYLDLINK                0x4
#define MH_TWOLEVEL                0x80
#define MH_SUBSECTIONS_VIA_SYMBOLS 0x2000
#define MH_WEAK_DEFINES            0x8000
#define MH_BINDS_TO_WEAK           0x10000
#define MH_PIE                     0x200000
#define MH_HAS_TLV_DESCRIPTORS     0x800000

/* ---- load commands ---- */

struct load_command {
    uint32_t cmd;     /* LC_* */
    uint32_t cmdsize; /* bytes with these eight; a multiple of 8 in a 64-bit file, else of 4 */
};

#define LC_REQ_DYLD            0x80000000
#define LC_SEGMENT             0x1
#define LC_SYMTAB              0x2
#define LC_THREAD              0x4
#define LC_UNIXTHREAD          0x5
#define LC_DYSYMTAB            0xb
#define LC_LOAD_DYLIB          0xc
#define LC_ID_DYLIB            0xd
#define LC_SEGMENT_64          0x19
#define LC_UUID                0x1b
#define LC_CODE_SIGNATURE      0x1d
#define LC_SEGMENT_SPLIT_INFO  0x1e
#define LC_DYLD_INFO           0x22
#define LC_DYLD_INFO_ONLY      (0x22 | LC_REQ_DYLD)
#define LC_VERSION_MIN_MACOSX  0x24
#define LC_FUNCTION_STARTS     0x26
#define LC_DATA_IN_CODE        0x29
#define LC_SOURCE_VERSION      0x2a
#define LC_BUILD_VERSION       0x32
#define LC_DYLD_EXPORTS_TRIE   (0x33 | LC_REQ_DYLD)
#define LC_DYLD_CHAINED_FIXUPS (0x34 | LC_REQ_DYLD)
#define LC_FILESET_ENTRY       (0x35 | LC_REQ_DYLD)

/* A string inside a command: bytes from the command's start. */
union lc_str {
    uint32_t offset;
};

struct symtab_command {
    uint32_t cmd, cmdsize; /* LC_SYMTAB */
    uint32_t symoff;       /* bytes into the file */
    uint32_t nsyms;        /* symbols */
    uint32_t stroff;       /* bytes into the file */
    uint32_t strsize;      /* bytes */
};
struct dysymtab_command {
    uint32_t cmd, cmdsize; /* LC_DYSYMTAB */
    uint32_t ilocalsym, nlocalsym;
    uint32_t iextdefsym, nextdefsym;
    uint32_t iundefsym, nundefsym;
    uint32_t tocoff, ntoc;
    uint32_t modtaboff, nmodtab;
    uint32_t extrefsymoff, nextrefsyms;
    uint32_t indirectsymoff, nindirectsyms;
    uint32_t extreloff, nextrel;
    uint32_t locreloff, nlocrel;
};
struct uuid_command {
    uint32_t cmd, cmdsize; /* LC_UUID */
    uint8_t uuid[16];
};
struct linkedit_data_command {
    uint32_t cmd, cmdsize;
    uint32_t dataoff, datasize; /* bytes */
};
struct version_min_command {
    uint32_t cmd, cmdsize;
    uint32_t version, sdk; /* xxxx.yy.zz as 16, 8 and 8 bits */
};
struct source_version_command {
    uint32_t cmd, cmdsize;
    uint64_t version; /* a.b.c.d.e as 24 and four times 10 bits */
};
struct build_version_command {
    uint32_t cmd, cmdsize;
    uint32_t platform, minos, sdk;
    uint32_t ntools;
};
struct fileset_entry_command {
    uint32_t cmd, cmdsize;
    uint64_t vmaddr, fileoff;
    union lc_str entry_id;
    uint32_t reserved;
};

/* ---- segments and sections ---- */

struct segment_command {
    uint32_t cmd, cmdsize; /* LC_SEGMENT, with its sections */
    char segname[16];      /* not terminated when it fills all 16 */
    uint32_t vmaddr, vmsize;
    uint32_t fileoff, filesize;
    vm_prot_t maxprot, initprot;
    uint32_t nsects;
    uint32_t flags; /* SG_* */
};
struct segment_command_64 {
    uint32_t cmd, cmdsize; /* LC_SEGMENT_64 */
    char segname[16];
    uint64_t vmaddr, vmsize;
    uint64_t fileoff, filesize;
    vm_prot_t maxprot, initprot;
    uint32_t nsects;
    uint32_t flags;
};
#define SG_HIGHVM              0x1
#define SG_FVMLIB              0x2
#define SG_NORELOC             0x4
#define SG_PROTECTED_VERSION_1 0x8
#define SG_READ_ONLY           0x10

struct section {
    char sectname[16];
    char segname[16];
    uint32_t addr, size;
    uint32_t offset;         /* bytes into the file */
    uint32_t align;          /* power of two */
    uint32_t reloff, nreloc; /* relocations: bytes into the file, number */
    uint32_t flags;          /* type and S_ATTR_* */
    uint32_t reserved1, reserved2;
};
struct section_64 {
    char sectname[16];
    char segname[16];
    uint64_t addr, size;
    uint32_t offset;
    uint32_t align;
    uint32_t reloff, nreloc;
    uint32_t flags;
    uint32_t reserved1, reserved2, reserved3;
};
#define SECTION_TYPE               0x000000ff
#define SECTION_ATTRIBUTES         0xffffff00
#define S_REGULAR                  0x0
#define S_ZEROFILL                 0x1
#define S_CSTRING_LITERALS         0x2
#define S_4BYTE_LITERALS           0x3
#define S_8BYTE_LITERALS           0x4
#define S_LITERAL_POINTERS         0x5
#define S_NON_LAZY_SYMBOL_POINTERS 0x6
#define S_LAZY_SYMBOL_POINTERS     0x7
#define S_SYMBOL_STUBS             0x8
#define S_MOD_INIT_FUNC_POINTERS   0x9
#define S_MOD_TERM_FUNC_POINTERS   0xa
#define S_COALESCED                0xb
#define S_16BYTE_LITERALS          0xe
#define S_ATTR_PURE_INSTRUCTIONS   0x80000000
#define S_ATTR_NO_DEAD_STRIP       0x10000000
#define S_ATTR_DEBUG               0x02000000
#define S_ATTR_SOME_INSTRUCTIONS   0x00000400
#define S_ATTR_EXT_RELOC           0x00000200
#define S_ATTR_LOC_RELOC           0x00000100

#define SEG_PAGEZERO "__PAGEZERO"
#define SEG_TEXT     "__TEXT"
#define SEG_DATA     "__DATA"
#define SEG_LINKEDIT "__LINKEDIT"
#define SEG_LINKINFO "__LINKINFO"
#define SECT_TEXT    "__text"
#define SECT_DATA    "__data"
#define SECT_BSS     "__bss"
#define SECT_COMMON  "__common"

#endif /* KPI_MACH_O_LOADER_H */
