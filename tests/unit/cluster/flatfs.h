// SPDX-License-Identifier: BSD-2-Clause
/*
 * flatfs.h: a file system for the tests of cluster I/O: files of blocks that lie here and there on a disk in
 * memory, or nowhere, and are handed out when they are first written. A fresh block has garbage in it. The
 * disk counts, fails, and does what it is asked at once or later on its own thread.
 *
 * It does what any file system has to: zeroes what is new of a block and not written, sets the size after
 * cluster_write(), and has pages written and read by cluster_pageout() and cluster_pagein().
 */
#ifndef KEXTBED_TESTS_CLUSTER_FLATFS_H
#define KEXTBED_TESTS_CLUSTER_FLATFS_H

#include <stdatomic.h>
#include <sys/buf.h>
#include <sys/mount.h>
#include <sys/ubc.h>
#include <sys/uio.h>
#include <sys/vnode.h>

#include "kern/kern_iface.h"
#include "tests/support/ktest.h"
#include "ubc/ubc_iface.h"

#define FLAT_PAGE     4096
#define FLAT_FILES    3u
#define FLAT_BYTES    (2u << 20) /* the longest file */
#define FLAT_SECTOR   512u
#define FLAT_DISK     (8u << 20)
#define FLAT_GARBAGE  0xa5
#define FLAT_BUDGET   (8u << 20)
#define FLAT_GENEROUS (64u << 20)

/* ---- flatdisk.c ---------------------------------------------------------------------------------------- */

struct flat_disk {
    uint8_t *data;
    _Atomic(bool) later; /* done by the disk's thread, the last one first */
    _Atomic(bool) held;  /* and not before this is cleared: flat_disk_go() */
    _Atomic(uint32_t) reads, writes, waiting;
    _Atomic(int) fail_reads, fail_writes; /* errno; 0: they succeed */
    _Atomic(uint32_t) largest;            /* bytes of one transfer */
};
extern struct flat_disk flat_disk;
void flat_disk_boot(void);
void flat_disk_shutdown(void);
void flat_disk_strategy(buf_t bp);
/** flat_disk_go - what was held is done, and all that comes. */
void flat_disk_go(void);

/* ---- flatfs.c ------------------------------------------------------------------------------------------ */

/** flat_file - file @f's vnode with an iocount, for the length of a case. */
vnode_t flat_file(unsigned f);
/** flat_recycle - take it away; the next flat_file() makes another. */
void flat_recycle(unsigned f);
off_t flat_size(unsigned f);
/** flat_read, flat_write - @bytes at @offset, in pieces as a caller's memory may be. Any thread; an errno.
 *  @done out may be NULL. What was moved. */
int flat_read(unsigned f, off_t offset, void *data, size_t bytes, int flags, size_t *done);
int flat_write(unsigned f, off_t offset, const void *data, size_t bytes, int flags, size_t *done);
int flat_truncate(unsigned f, off_t size);
/** flat_fsync - cluster_push() with IO_SYNC; its error. */
int flat_fsync(unsigned f);
/** flat_stored - the byte on the disk; -1: in a hole. */
int flat_stored(unsigned f, off_t offset);
/** flat_hole_make - the blocks of the range become a hole, for a file that is not cached. */
void flat_hole_make(unsigned f, off_t from, off_t to);
struct ubc_counters flat_counters(void);

/** flat_reboot - with another budget, or another size of blocks. */
void flat_reboot(uint64_t cache_bytes, uint32_t block);
void flat_suite_boot(void);
void flat_suite_setup(void);
void flat_suite_teardown(void);
#define FLAT_SUITE(noun, table)                                                                              \
    KT_SUITE_WITH(noun, table, flat_suite_setup, flat_suite_teardown, flat_suite_boot)

#endif
