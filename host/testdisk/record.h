// SPDX-License-Identifier: BSD-2-Clause
/*
 * record.h: what a disk was asked and what it answered, as lines of text, so that a failure replays.
 *
 *     testdisk-record 1
 *     disk size=BYTES block=BYTES physical=BYTES cache=on|off unmap=on|off      again when the size has
 * changed plan TEXT                                                                 for people submit SEQ
 * read|unmap OFFSET LENGTH submit SEQ write OFFSET LENGTH [fua] [hash=HEX16] [data=HEX|data=zeros] submit SEQ
 * flush done SEQ ok|eio|enospc MOVED [lied] cut seed=N torn=none|physical|block keep=PERCENT|seeded close
 *
 * SEQ counts requests from 1. Each submit and each done line is one event, counted from 1; what is done when
 * a request is submitted stands before it. MOVED is in bytes; lied: nothing was done. A hash is FNV-1a of 64
 * bits. Nothing stands behind cut (the power has gone) and close (all is on the medium). A last line without
 * its end was being written when the process ended: it does not count.
 */
#ifndef KEXTBED_HOST_TESTDISK_RECORD_H
#define KEXTBED_HOST_TESTDISK_RECORD_H

#include <stdio.h>

#include "host/disk.h"
#include "host/testdisk/plan.h"

/* ---- writing ------------------------------------------------------------------------------------------- */

/* No locks: the owner's. All functions do nothing where @file is NULL. */
struct testdisk_recorder {
    FILE *file;
    enum testdisk_contents contents;
    bool cache_off;
    uint64_t size; /* of the disk, as last written */
    bool failed;   /* something could not be written; the record ends there */
};

/** testdisk_recorder_open - make the file and write its head.
 *  Returns: false, and @why a sentence. */
bool testdisk_recorder_open(struct testdisk_recorder *recorder, const char *path,
                            enum testdisk_contents contents, const struct host_disk_geometry *geometry,
                            bool cache_off, const char *plan, char *why, size_t why_size);
/** testdisk_recorder_submit - @data: of a write. */
void testdisk_recorder_submit(struct testdisk_recorder *recorder, const struct host_disk_geometry *geometry,
                              const struct host_disk_io *io, uint64_t seq, const uint8_t *data);
void testdisk_recorder_done(struct testdisk_recorder *recorder, uint64_t seq, int status, uint64_t moved,
                            bool lied);
void testdisk_recorder_cut(struct testdisk_recorder *recorder, const struct testdisk_choice *choice);
/** testdisk_recorder_flush - what was recorded survives this process. */
void testdisk_recorder_flush(struct testdisk_recorder *recorder);
/** testdisk_recorder_close - with @orderly, say that the disk was closed. */
void testdisk_recorder_close(struct testdisk_recorder *recorder, bool orderly);

uint64_t testdisk_hash(const uint8_t *bytes, size_t len);

/* ---- reading ------------------------------------------------------------------------------------------- */

struct testdisk_event {
    bool is_submit;
    enum host_disk_op op;
    bool fua, lied, has_hash, zeros;
    int status; /* of a done */
    uint64_t seq;
    uint64_t offset, len; /* of a submit */
    uint64_t moved;       /* of a done */
    uint64_t hash;
    const char *hex; /* two digits for each byte, in the text that was read; NULL: no contents */
};

enum testdisk_record_end { TESTDISK_END_NONE, TESTDISK_END_CUT, TESTDISK_END_CLOSE };

struct testdisk_record {
    struct host_disk_geometry geometry; /* size, block, physical, unmap; the last size */
    bool cache_off;
    bool truncated; /* the last line had no end */
    struct testdisk_event *events;
    size_t count;
    size_t *submits; /* by SEQ - 1: the index of its submit */
    size_t n_submits;
    enum testdisk_record_end end;
    struct testdisk_choice cut; /* TESTDISK_END_CUT */
};

/** testdisk_record_read - understand a record. @text stays the caller's and has to live as long as @record.
 *  @why  on failure, a sentence that names the line.
 *  Returns: false: @record holds nothing. */
bool testdisk_record_read(const char *text, size_t size, struct testdisk_record *record, char *why,
                          size_t why_size);
void testdisk_record_free(struct testdisk_record *record);

/** testdisk_event_contents - the bytes of a write that has contents. @bytes has room for its length. */
void testdisk_event_contents(const struct testdisk_event *event, uint8_t *bytes);

#endif
