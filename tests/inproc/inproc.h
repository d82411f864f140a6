// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kernel half inside a test program, without FUSE: boot it, load built kexts into it, mount them, and
 * make sure at the end that nothing is left. A failed step ends the test with what the kernel said.
 */
#ifndef KEXTBED_TESTS_INPROC_H
#define KEXTBED_TESTS_INPROC_H

#include <stdint.h>

#include "vfs/syscalls.h"

struct inproc {
    sys_caller_t *root;           /* uid 0 */
    struct sys_counters baseline; /* after boot, nothing loaded */
    uint32_t mount_id;            /* of the last inproc_mount() */
    struct sys_node mount_root;
};

/* Boots with a bound on the vnode table, the ledger of iocounts on, and the validator as $KEXTBED_VALIDATE
 * says, the caches as large as $KEXTBED_CACHE_SIZE says, in bytes. */
void inproc_start(struct inproc *ip, uint32_t max_vnodes);
/* Boots as @args say; returns what sys_boot() returned. */
int inproc_boot(struct inproc *ip, const struct sys_boot *args);
/* Everything must be unmounted and unloaded by now: fails if anything is left. */
void inproc_end(struct inproc *ip);

void inproc_load(const char *kext_path); /* relative: in the build's Extensions folder */
void inproc_unload(const char *id);
void inproc_mount(struct inproc *ip, const char *type, const char *options);
void inproc_unmount(struct inproc *ip);

/* Fails the test with the kernel's log when a call did not return what was expected. */
#define CHECK_SYS(expected, call) inproc_check((call), (expected), #call, __FILE__, __LINE__)
void inproc_check(int got, int expected, const char *what, const char *file, int line);

/* Shorthands for paths below the mount, on behalf of root. */
void inproc_write_file(struct inproc *ip, const char *path, const void *bytes, size_t len);
void inproc_mkdir(struct inproc *ip, const char *path);

#endif
