// SPDX-License-Identifier: BSD-2-Clause
/*
 * pagefs.h: a file system in memory for the tests of ubc/: files whose bytes lie in an array, read and
 * written by VNOP_PAGEIN and VNOP_PAGEOUT. Two types, one that is given page lists and one that makes them
 * itself.
 */
#ifndef KEXTBED_TESTS_UBC_PAGEFS_H
#define KEXTBED_TESTS_UBC_PAGEFS_H

#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/ubc.h>
#include <sys/vnode.h>

#include "kern/kern_iface.h"
#include "tests/support/ktest.h"
#include "ubc/ubc_iface.h"

#define PG        4096
#define PG_FILES  4u
#define PG_PAGES  512u
#define PG_BYTES  (PG_PAGES * PG)
#define PG_BUDGET (4u << 20)

struct page_store {
    uint8_t *data[PG_FILES];          /* PG_BYTES each */
    _Atomic(uint32_t) outs, pages;    /* calls of VNOP_PAGEOUT, pages written */
    _Atomic(int) out_error;           /* what it fails with from page fail_from on; 0: it does not */
    _Atomic(uint32_t) fail_from;      /* of the file */
    _Atomic(bool) out_missing;        /* it answers as if there were no such operation */
    _Atomic(int) last_flags;          /* a_flags of the last call */
    _Atomic(uint32_t) maps, unmaps;   /* calls of VNOP_MMAP and VNOP_MNOMAP */
    _Atomic(int) map_prot, map_error; /* what the last VNOP_MMAP was told, what it answers */
};
extern struct page_store page_store;

/** pg_file - file @f's vnode with an iocount, for the length of a case. */
vnode_t pg_file(unsigned f);
/** pg_recycle - take it away; the next pg_file() makes another. */
void pg_recycle(unsigned f);
/** pg_list - a list that covers [@page, @page + @count); fails the case where there is none. */
upl_t pg_list(vnode_t vp, unsigned page, unsigned count, int flags, upl_page_info_t **info);
/** pg_fill - bring pages in from the file, as a read that misses does. Any thread. Returns an errno. */
int pg_fill(vnode_t vp, unsigned page, unsigned count);
/** pg_put - fill whole pages with @value, dirty, as a write does. Any thread. */
int pg_put(vnode_t vp, unsigned page, unsigned count, uint8_t value);
/** pg_peek - the byte at @offset in the cache; -1: its page is not there. */
int pg_peek(vnode_t vp, off_t offset);
struct ubc_counters pg_counters(void);

/** pg_reboot - with another budget, or with the type that makes its lists itself. */
void pg_reboot(uint64_t cache_bytes, bool makes_lists);
void pg_suite_boot(void);
void pg_suite_setup(void);
void pg_suite_teardown(void);
#define PG_SUITE(noun, table) KT_SUITE_WITH(noun, table, pg_suite_setup, pg_suite_teardown, pg_suite_boot)

#endif
