// SPDX-License-Identifier: BSD-2-Clause
/*
 * What one thread does to the shared file. A struct shared_thread belongs to its thread until that has ended.
 */
#ifndef FSX_SHARED_OPS_H
#define FSX_SHARED_OPS_H

#include "tools/fsx/rng.h"
#include "tools/fsx/shared.h"

struct shared_thread {
    struct shared_file *file;
    uint32_t index;
    int fd;
    struct rng rng;
    struct oplog log;
    struct report report; // filled when a step fails
    uint64_t current;     // number of the running operation
    uint8_t *buf;         // room for the longest range of blocks read or written at once
};

/** shared_thread_init - opens the file for thread @index. Returns 0 or an errno with nothing held. */
int shared_thread_init(struct shared_thread *t, struct shared_file *file, uint32_t index);

/** shared_thread_free - closes the file and frees what @t holds. */
void shared_thread_free(struct shared_thread *t);

/** shared_thread_step - does one random operation and checks it. Takes the locks of shared.h. False: see
 * report. */
bool shared_thread_step(struct shared_thread *t);

/** shared_check_all - after all threads have ended: reads the whole file anew and checks it and its size. */
bool shared_check_all(struct shared_thread *t);

#endif
