// SPDX-License-Identifier: BSD-2-Clause
/*
 * ramfs.h: a disk in memory and a file system on it, for the tests of buf/: a device vnode, and files whose
 * blocks lie where a table says. The disk counts, fails, holds back or delays what it is asked for; what is
 * delayed is done by another thread.
 */
#ifndef KEXTBED_TESTS_BUF_RAMFS_H
#define KEXTBED_TESTS_BUF_RAMFS_H

#include <stdatomic.h>
#include <sys/buf.h>
#include <sys/mount.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

#include "buf/buf_iface.h"
#include "kern/kern_iface.h"
#include "tests/support/ktest.h"

#define RAM_SECTOR      512u
#define RAM_BLOCK       4096u /* what files are mapped in */
#define RAM_FILES       6u
#define RAM_FILE_BLOCKS 512u
#define RAM_DISK_BYTES  (RAM_FILES * RAM_FILE_BLOCKS * RAM_BLOCK + (64u << 10))

enum ram_mode {
    RAM_NOW,   /* done inside the call */
    RAM_LATER, /* done by the disk's thread, the last one first */
    RAM_HELD,  /* kept until ram_let_go() */
};

struct ram_disk {
    uint8_t *data;
    _Atomic(int) mode;
    _Atomic(uint32_t) reads, writes, held;
    _Atomic(uint32_t) fail_read_nth, fail_write_nth; /* 0: none; n: every n-th fails */
    _Atomic(int) fail_errno;
    _Atomic(uint32_t) written_back; /* writes that came by way of a file's own vnode */
    _Atomic(int) blockmap_error;
    _Atomic(daddr64_t) last_blkno;
    _Atomic(uint32_t) last_count;
};
extern struct ram_disk ram_disk;

/* Where block @i of file @f lies, in sectors; -1: nowhere. As a fresh disk has it: one after another. */
extern daddr64_t ram_map[RAM_FILES][RAM_FILE_BLOCKS];
static inline uint8_t *ram_block(unsigned f, unsigned i)
{
    return ram_disk.data + (size_t)(f * RAM_FILE_BLOCKS + i) * RAM_BLOCK;
}

/** ram_dev, ram_file - vnodes with an iocount, for the length of a case. */
vnode_t ram_dev(void);
vnode_t ram_file(unsigned f);
/** ram_recycle - take file @f's vnode away; the next ram_file() makes another. */
void ram_recycle(unsigned f);
/** ram_let_go - finish all that the disk holds, then do the rest at once. */
void ram_let_go(void);
struct buf_counters ram_counters(void);

/** ram_reboot - for a case that wants another budget than the suite's 4 MiB. */
void ram_reboot(uint64_t cache_bytes);
void ram_suite_boot(void);
void ram_suite_setup(void);
void ram_suite_teardown(void);
#define RAM_SUITE(noun, table) KT_SUITE_WITH(noun, table, ram_suite_setup, ram_suite_teardown, ram_suite_boot)

#endif
