// SPDX-License-Identifier: BSD-2-Clause
/*
 * replay.h: the disk as it was at any event of a record with contents, and as it could have been after a
 * power cut there.
 *
 * A replay goes forward only. What is on the medium for certain goes to its sink as it comes to be there;
 * what nothing covers yet can be asked for at every event, in as many versions as wanted. No locks: one
 * thread.
 */
#ifndef KEXTBED_HOST_TESTDISK_REPLAY_H
#define KEXTBED_HOST_TESTDISK_REPLAY_H

#include "host/testdisk/cache.h"
#include "host/testdisk/record.h"

/* Takes bytes for the disk; @bytes NULL: zeros. Returns false to end what is going on. */
struct testdisk_sink {
    bool (*put)(void *arg, uint64_t offset, uint64_t len, const uint8_t *bytes);
    void *arg;
};

struct testdisk_replay {
    const struct testdisk_record *record;
    struct testdisk_sink medium;
    struct testdisk_cache cache;
    struct testdisk_write **by_seq; /* those under way */
    size_t at;                      /* events done */
};

/** testdisk_replay_begin - a replay at event 0. @medium gets what is durable.
 *  Returns: false, and @why a sentence: the record has no contents, no memory. */
bool testdisk_replay_begin(struct testdisk_replay *replay, const struct testdisk_record *record,
                           struct testdisk_sink medium, char *why, size_t why_size);
/** testdisk_replay_to - go on until @events events are done, at most to the end.
 *  Returns: false: no memory, or the sink's answer. */
bool testdisk_replay_to(struct testdisk_replay *replay, size_t events);

/** testdisk_replay_visible - what lies over the medium for those who read now: all that is done. */
bool testdisk_replay_visible(const struct testdisk_replay *replay, struct testdisk_sink sink);
/** testdisk_replay_cut - what lies over the medium when the power goes now. @loss may be NULL. */
bool testdisk_replay_cut(const struct testdisk_replay *replay, const struct testdisk_choice *choice,
                         struct testdisk_sink sink, struct testdisk_loss *loss);
/** testdisk_replay_uncovered - writes that a cut may lose now, those under way too. */
uint64_t testdisk_replay_uncovered(const struct testdisk_replay *replay);

void testdisk_replay_end(struct testdisk_replay *replay);

#endif
