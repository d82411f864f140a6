// SPDX-License-Identifier: BSD-2-Clause
/*
 * The operations of a run, kept in memory until somebody needs them.
 * One struct oplog belongs to one thread while operations run; the main thread reads it after joining. No
 * locks.
 */
#ifndef FSX_LOG_H
#define FSX_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tools/fsx/op.h"

struct oplog {
    struct op *ops;   // ring once @count has reached OPLOG_MAX
    size_t count;     // operations held
    size_t capacity;  // operations there is room for
    size_t first;     // ring index of the oldest one
    uint64_t dropped; // operations pushed out of the ring
};

/** oplog_append - remembers @op. A very long run forgets its oldest operations. Returns 0 or ENOMEM. */
int oplog_append(struct oplog *log, const struct op *op);

/** oplog_at - the operation at place @index, 0 being the oldest one held. */
const struct op *oplog_at(const struct oplog *log, size_t index);

/** oplog_find - the operation with number @number, or NULL if it is not held. */
const struct op *oplog_find(const struct oplog *log, uint64_t number);

/** oplog_free - gives back the memory of @log. */
void oplog_free(struct oplog *log);

/**
 * oplog_write_text - writes the operations for people, oldest first; those of several logs merged in the
 * order in which they started.
 */
void oplog_write_text(const struct oplog *const *logs, size_t n_logs, FILE *out);

/** oplog_write_replay - writes a replay file: the header with @seed and @file_len, then the operations. */
void oplog_write_replay(const struct oplog *log, uint64_t seed, uint64_t file_len, FILE *out);

#endif
