// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads replay files. No state of its own, no locks.
 */
#include "tools/fsx/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fsx/options.h"

enum { REPLAY_HEADER_LINES = 3 };

static bool parse_header(struct replay *replay, unsigned line_number, const char *line)
{
    uint64_t version = 0;
    char rest = '\n';

    switch (line_number) {
    case 0:
        return sscanf(line, "fsxops %" SCNu64 "%c", &version, &rest) >= 1 && version == 1 && rest == '\n';
    case 1:
        return sscanf(line, "seed %" SCNu64 "%c", &replay->seed, &rest) >= 1 && rest == '\n';
    default:
        return sscanf(line, "filelen %" SCNu64 "%c", &replay->file_len, &rest) >= 1 && rest == '\n' &&
               replay->file_len >= 1 && replay->file_len <= FSX_FILE_LEN_MAX;
    }
}

static int parse_line(struct replay *replay, unsigned line_number, const char *line)
{
    struct op op;
    uint64_t last = replay->ops.count != 0 ? oplog_at(&replay->ops, replay->ops.count - 1)->number : 0;

    if (line_number < REPLAY_HEADER_LINES)
        return parse_header(replay, line_number, line) ? 0 : EINVAL;
    if (!op_parse(line, &op) || op.number <= last || op.number >= UINT32_MAX)
        return EINVAL;
    return oplog_append(&replay->ops, &op);
}

int replay_load(struct replay *replay, const char *path)
{
    char *line = NULL;
    size_t line_size = 0;
    unsigned seen = 0; // lines that count: remarks do not
    unsigned physical = 0;
    int error = 0;

    *replay = (struct replay){0};
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        error = errno;
        fprintf(stderr, "fsx: %s: %s\n", path, strerror(error));
        return error;
    }
    while (error == 0 && getline(&line, &line_size, in) >= 0) {
        physical++;
        if (line[0] == '#' || line[strspn(line, " \t\r\n")] == '\0')
            continue;
        error = parse_line(replay, seen++, line);
        if (error == EINVAL)
            fprintf(stderr, "fsx: %s: line %u is not part of a replay file: %s", path, physical, line);
    }
    if (error == 0 && ferror(in)) {
        error = EIO;
        fprintf(stderr, "fsx: %s: cannot be read\n", path);
    }
    if (error == 0 && seen < REPLAY_HEADER_LINES) {
        error = EINVAL;
        fprintf(stderr, "fsx: %s: not a replay file\n", path);
    }
    free(line);
    fclose(in);
    if (error != 0)
        replay_free(replay);
    return error;
}

void replay_free(struct replay *replay)
{
    oplog_free(&replay->ops);
}
