// SPDX-License-Identifier: BSD-2-Clause
/*
 * Replay files (FILE.fsxops): text, a three-line header and one operation a line; lines may be removed by
 * hand to shorten a case, and lines starting with '#' are remarks. Read once by main; constant afterwards. No
 * locks.
 */
#ifndef FSX_REPLAY_H
#define FSX_REPLAY_H

#include <stdint.h>

#include "tools/fsx/log.h"

struct replay {
    uint64_t seed;
    uint64_t file_len; // bytes
    struct oplog ops;
};

/**
 * replay_load - reads the replay file @path. Returns 0, EINVAL for a file that is not one (the line is named
 * on stderr), or the error of reading it. On error nothing is held.
 */
int replay_load(struct replay *replay, const char *path);

/** replay_free - gives back the memory of @replay. */
void replay_free(struct replay *replay);

#endif
