// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory objects and universal page lists: types and flags. A page list (upl) holds the busy pages of
 * one contiguous range.
 */
#ifndef KPI_MACH_MEMORY_OBJECT_TYPES_H
#define KPI_MACH_MEMORY_OBJECT_TYPES_H

#include <sys/cdefs.h>
#include <mach/port.h>
#include <mach/message.h>
#include <mach/vm_prot.h>
#include <mach/vm_types.h>
#include <mach/machine/vm_types.h>

typedef unsigned long long memory_object_offset_t;
typedef unsigned long long memory_object_size_t;
typedef natural_t memory_object_cluster_size_t;
typedef natural_t *memory_object_fault_info_t;
typedef unsigned long long vm_object_id_t;
typedef mach_port_t memory_object_t;
typedef mach_port_t memory_object_control_t;
typedef mach_port_t memory_object_name_t;
typedef mach_port_t memory_object_default_t;
typedef memory_object_t *memory_object_array_t;
typedef int memory_object_copy_strategy_t;
typedef int memory_object_return_t;
typedef int *memory_object_info_t;
typedef int memory_object_flavor_t;

#define MEMORY_OBJECT_NULL             0
#define MEMORY_OBJECT_CONTROL_NULL     0
#define MEMORY_OBJECT_NAME_NULL        0
#define MEMORY_OBJECT_DEFAULT_NULL     0
#define MEMORY_OBJECT_COPY_NONE        0
#define MEMORY_OBJECT_COPY_CALL        1
#define MEMORY_OBJECT_COPY_DELAY       2
#define MEMORY_OBJECT_COPY_TEMPORARY   3
#define MEMORY_OBJECT_COPY_SYMMETRIC   4
#define MEMORY_OBJECT_COPY_INVALID     5
#define MEMORY_OBJECT_COPY_DELAY_FORK  6
#define MEMORY_OBJECT_COPY_SYNC        8
#define MEMORY_OBJECT_RETURN_NONE      0
#define MEMORY_OBJECT_RETURN_DIRTY     1
#define MEMORY_OBJECT_RETURN_ALL       2
#define MEMORY_OBJECT_RETURN_ANYTHING  3
#define MEMORY_OBJECT_DATA_FLUSH       0x1
#define MEMORY_OBJECT_DATA_NO_CHANGE   0x2
#define MEMORY_OBJECT_DATA_PURGE       0x4
#define MEMORY_OBJECT_DATA_SYNC        0x10
#define MEMORY_OBJECT_DATA_FLUSH_ALL   0x40
#define MEMORY_OBJECT_IO_SYNC          0x20
#define MEMORY_OBJECT_TERMINATE_IDLE   0x1
#define MEMORY_OBJECT_RESPECT_CACHE    0x2
#define MEMORY_OBJECT_RELEASE_NO_OP    0x4
#define MEMORY_OBJECT_INFO_MAX         1024
#define MEMORY_OBJECT_PERFORMANCE_INFO 11
#define MEMORY_OBJECT_ATTRIBUTE_INFO   14
#define MEMORY_OBJECT_BEHAVIOR_INFO    15
typedef int memory_object_info_data_t[MEMORY_OBJECT_INFO_MAX];

struct memory_object_perf_info {
    memory_object_cluster_size_t cluster_size;
    boolean_t may_cache;
};
struct memory_object_attr_info {
    memory_object_copy_strategy_t copy_strategy;
    memory_object_cluster_size_t cluster_size;
    boolean_t may_cache_object;
    boolean_t temporary;
};
struct memory_object_behave_info {
    memory_object_copy_strategy_t copy_strategy;
    boolean_t temporary;
    boolean_t invalidate;
    boolean_t silent_overwrite;
    boolean_t advisory_pageout;
};
typedef struct memory_object_perf_info *memory_object_perf_info_t;
typedef struct memory_object_perf_info memory_object_perf_info_data_t;
typedef struct memory_object_attr_info *memory_object_attr_info_t;
typedef struct memory_object_attr_info memory_object_attr_info_data_t;
typedef struct memory_object_behave_info *memory_object_behave_info_t;
typedef struct memory_object_behave_info memory_object_behave_info_data_t;
#define MEMORY_OBJECT_PERF_INFO_COUNT                                                                        \
    ((mach_msg_type_number_t)(sizeof(memory_object_perf_info_data_t) / sizeof(int)))
#define MEMORY_OBJECT_ATTR_INFO_COUNT                                                                        \
    ((mach_msg_type_number_t)(sizeof(memory_object_attr_info_data_t) / sizeof(int)))
#define MEMORY_OBJECT_BEHAVE_INFO_COUNT                                                                      \
    ((mach_msg_type_number_t)(sizeof(memory_object_behave_info_data_t) / sizeof(int)))

/* Named entries: caching and kind. */
#define MAP_MEM_NOOP                      0x0
#define MAP_MEM_COPYBACK                  0x1
#define MAP_MEM_IO                        0x2
#define MAP_MEM_WTHRU                     0x3
#define MAP_MEM_WCOMB                     0x4
#define MAP_MEM_INNERWBACK                0x5
#define MAP_MEM_POSTED                    0x6
#define MAP_MEM_RT                        0x7
#define MAP_MEM_POSTED_REORDERED          0x8
#define MAP_MEM_POSTED_COMBINED_REORDERED 0x9
#define MAP_MEM_PROT_MASK                 0xff
#define MAP_MEM_LEDGER_TAGGED             0x2000
#define MAP_MEM_PURGABLE_KERNEL_ONLY      0x4000
#define MAP_MEM_GRAB_SECLUDED             0x8000
#define MAP_MEM_ONLY                      0x10000
#define MAP_MEM_NAMED_CREATE              0x20000
#define MAP_MEM_PURGABLE                  0x40000
#define MAP_MEM_NAMED_REUSE               0x80000
#define MAP_MEM_USE_DATA_ADDR             0x100000
#define MAP_MEM_VM_COPY                   0x200000
#define MAP_MEM_VM_SHARE                  0x400000
#define MAP_MEM_4K_DATA_ADDR              0x800000
#define MAP_MEM_FLAGS_ALL                 0xffe000
#define MAP_MEM_FLAGS_USER                0xffe000
#define MAP_MEM_FLAGS_MASK                0xffff00

/* Page lists. */
typedef uint32_t upl_size_t;
typedef uint32_t upl_offset_t;
typedef uint64_t upl_control_flags_t;
struct upl_page_info {
    unsigned int opaque[2];
};
typedef struct upl_page_info upl_page_info_t;
typedef upl_page_info_t *upl_page_info_array_t;
typedef upl_page_info_array_t upl_page_list_ptr_t;
#define UPL_SIZE_MAX    ((upl_size_t)0xfffff000)
#define UPL_VALID_FLAGS 0xffffffffffull

/* Results of asking for a list. */
#define UPL_DEV_MEMORY  0x1
#define UPL_PHYS_CONTIG 0x2

/* State of a page: ubc_page_op. */
#define UPL_POP_DIRTY    0x1
#define UPL_POP_PAGEOUT  0x2
#define UPL_POP_PRECIOUS 0x4
#define UPL_POP_ABSENT   0x8
#define UPL_POP_BUSY     0x10
#define UPL_POP_PHYSICAL 0x10000000
#define UPL_POP_DUMP     0x20000000
#define UPL_POP_SET      0x40000000
#define UPL_POP_CLR      0x80000000

/* Range operations: ubc_range_op. */
#define UPL_ROP_ABSENT  0x1
#define UPL_ROP_PRESENT 0x2
#define UPL_ROP_DUMP    0x4

/* Commit and abort. */
#define UPL_COMMIT_FREE_ON_EMPTY     0x1
#define UPL_COMMIT_CLEAR_DIRTY       0x2
#define UPL_COMMIT_SET_DIRTY         0x4
#define UPL_COMMIT_INACTIVATE        0x8
#define UPL_COMMIT_NOTIFY_EMPTY      0x10
#define UPL_COMMIT_CS_VALIDATED      0x40
#define UPL_COMMIT_CLEAR_PRECIOUS    0x80
#define UPL_COMMIT_SPECULATE         0x100
#define UPL_COMMIT_FREE_ABSENT       0x200
#define UPL_COMMIT_KERNEL_ONLY_FLAGS 0x240
#define UPL_COMMIT_WRITTEN_BY_KERNEL 0x400
#define UPL_ABORT_RESTART            0x1
#define UPL_ABORT_UNAVAILABLE        0x2
#define UPL_ABORT_ERROR              0x4
#define UPL_ABORT_FREE_ON_EMPTY      0x8
#define UPL_ABORT_DUMP_PAGES         0x10
#define UPL_ABORT_NOTIFY_EMPTY       0x20
#define UPL_ABORT_REFERENCE          0x80

/* Paging: a_flags of VNOP_PAGEIN and VNOP_PAGEOUT. */
#define UPL_IOSYNC                  0x1
#define UPL_NOCOMMIT                0x2
#define UPL_NORDAHEAD               0x4
#define UPL_VNODE_PAGER             0x8
#define UPL_MSYNC                   0x10
#define UPL_PAGING_ENCRYPTED        0x20
#define UPL_KEEPCACHED              0x40
#define UPL_NESTED_PAGEOUT          0x80
#define UPL_IOSTREAMING             0x100
#define UPL_IGNORE_VALID_PAGE_CHECK 0x200

/* Creation: ubc_create_upl. */
#define UPL_FLAGS_NONE              0x0
#define UPL_CHECK_DIRTY             0x1
#define UPL_COPYOUT_FROM            0x1
#define UPL_PRECIOUS                0x2
#define UPL_NO_SYNC                 0x4
#define UPL_CLEAN_IN_PLACE          0x8
#define UPL_NOBLOCK                 0x10
#define UPL_PAGE_TICKET_SHIFT       0x10
#define UPL_RET_ONLY_DIRTY          0x20
#define UPL_SET_INTERNAL            0x40
#define UPL_QUERY_OBJECT_TYPE       0x80
#define UPL_RET_ONLY_ABSENT         0x100
#define UPL_FILE_IO                 0x200
#define UPL_SET_LITE                0x400
#define UPL_SET_INTERRUPTIBLE       0x800
#define UPL_SET_IO_WIRE             0x1000
#define UPL_FOR_PAGEOUT             0x2000
#define UPL_WILL_BE_DUMPED          0x4000
#define UPL_FORCE_DATA_SYNC         0x8000
#define UPL_PAGE_TICKET_MASK        0xf0000
#define UPL_BLOCK_ACCESS            0x100000
#define UPL_ENCRYPT                 0x200000
#define UPL_NOZEROFILL              0x400000
#define UPL_WILL_MODIFY             0x800000
#define UPL_NEED_32BIT_ADDR         0x1000000
#define UPL_UBC_MSYNC               0x2000000
#define UPL_UBC_PAGEOUT             0x4000000
#define UPL_UBC_PAGEIN              0x8000000
#define UPL_REQUEST_SET_DIRTY       0x10000000
#define UPL_REQUEST_NO_FAULT        0x20000000
#define UPL_NOZEROFILLIO            0x40000000
#define UPL_REQUEST_FORCE_COHERENCY 0x80000000

__BEGIN_DECLS
/** upl_get_size - bytes that the list covers, holes included. KPI: private. */
upl_size_t upl_get_size(upl_t upl);
/** upl_valid_page - true if the contents of page @index are valid. */
boolean_t upl_valid_page(upl_page_info_t *upl, int index);
/** upl_page_present - true if page @index exists. */
boolean_t upl_page_present(upl_page_info_t *upl, int index);
/** upl_dirty_page - true if page @index is dirty. */
boolean_t upl_dirty_page(upl_page_info_t *upl, int index);
__END_DECLS

#endif /* KPI_MACH_MEMORY_OBJECT_TYPES_H */
