// SPDX-License-Identifier: BSD-2-Clause
/*
 * One file operation as a value: chosen, logged, saved, parsed and replayed in this form.
 * Owns the table of operation kinds (op.c). No locks, no state; called by every other file of fsx.
 */
#ifndef FSX_OP_H
#define FSX_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum op_kind {
    OP_READ,
    OP_MAPREAD,
    OP_WRITE,
    OP_MAPWRITE,
    OP_MAPWRITE_SYNC, // the same, with msync before the mapping goes
    OP_TRUNCATE,      // off is the new size
    OP_PUNCH,
    OP_ALLOC,
    OP_ALLOC_KEEP,
    OP_ZERO,
    OP_ZERO_KEEP,
    OP_CLOSEOPEN,
    OP_FSYNC,
    OP_FDATASYNC,
    OP_KIND_COUNT
};

struct op {
    uint64_t number;      // counted from 1 in each run (in each thread with -j)
    uint64_t off;         // bytes
    uint64_t len;         // bytes
    uint64_t size_before; // bytes: file size the operation started from, for the log only
    uint64_t ticket;      // global order of start among threads sharing a file, else 0
    uint32_t kind;        // enum op_kind
    uint32_t thread;      // who ran it, among threads sharing a file
};

/** op_name - the name of @kind as it stands in logs and replay files. */
const char *op_name(uint32_t kind);

/** op_stores - whether @kind gives bytes new contents from the pattern (not zeros). */
bool op_stores(uint32_t kind);

/** op_zeroes - whether @kind makes a range read as zeros. */
bool op_zeroes(uint32_t kind);

/** op_grows - whether a range of @kind that ends past the end of file makes the file longer. */
bool op_grows(uint32_t kind);

/** op_has_range - whether @kind works on [off, off + len). */
bool op_has_range(uint32_t kind);

/**
 * op_possible - whether @op makes sense for a file of @size bytes that may grow to @file_len. Replay files
 * that somebody shortened by hand hold operations that no longer do.
 */
bool op_possible(const struct op *op, uint64_t size, uint64_t file_len);

/** op_describe - writes @op for people into @text (@size bytes, always terminated), without a newline. */
void op_describe(const struct op *op, char *text, size_t size);

/** op_parse - reads one line "number name offset length" of a replay file into @op. Returns false on anything
 * else. */
bool op_parse(const char *line, struct op *op);

#endif
