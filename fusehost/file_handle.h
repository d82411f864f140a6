// SPDX-License-Identifier: BSD-2-Clause
/*
 * Open files as the host numbers them: a handle is the address of a struct fh_file, given out by OPEN,
 * OPENDIR and CREATE and taken back by RELEASE. It holds the kernel half's open file and the opener's
 * identity, in whose name read-ahead and write-back are done.
 *
 * A connection that is cut sends no RELEASE, so a session also keeps a list of its handles.
 *
 * Locks: one mutex per list shard, leaves.
 */
#ifndef KEXTBED_FUSEHOST_FILE_HANDLE_H
#define KEXTBED_FUSEHOST_FILE_HANDLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "vfs/syscalls.h"

#define FH_FILE_SHARDS 16u

struct fh_file {
    sys_file_t *file;
    sys_caller_t *opener; /* retained */
    uint64_t nodeid;
    _Atomic bool written; /* fh_files_written() has been here */
    struct fh_file *next, **link;
};

struct fh_file_list {
    struct {
        pthread_mutex_t mutex;
        struct fh_file *head;
    } __attribute__((aligned(64))) shards[FH_FILE_SHARDS];
};

void fh_files_init(struct fh_file_list *list);
/** fh_files_destroy - close what is still open. No operation may be running. */
void fh_files_destroy(struct fh_file_list *list);

/** fh_file_new - a handle that owns @file. NULL: no memory, @file stays the caller's. */
struct fh_file *fh_file_new(struct fh_file_list *list, uint64_t nodeid, sys_file_t *file,
                            sys_caller_t *opener);
/** fh_files_written - the host wrote back through @handle. It takes the youngest open of the file for that,
 * whoever wrote, so all opens of the file count as written, if anybody wants to know. */
void fh_files_written(struct fh_file_list *list, struct fh_file *handle);
/** fh_file_close - take the handle back and close its file. Darwin errno of the close. */
int fh_file_close(struct fh_file_list *list, struct fh_file *handle);

#endif
