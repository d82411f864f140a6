// SPDX-License-Identifier: BSD-2-Clause
/*
 * One file under test with all that is known about it: the good copy, the operations so far, what its host
 * can do. A struct subject belongs to one thread from subject_open to subject_close; no locks.
 */
#ifndef FSX_SUBJECT_H
#define FSX_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/fsx/log.h"
#include "tools/fsx/model.h"
#include "tools/fsx/options.h"
#include "tools/fsx/report.h"

// Which kinds of operation are used: asked for by the options and supported by the host.
struct fsx_caps {
    bool allowed[OP_KIND_COUNT];
};

struct subject {
    const struct fsx_options *options;
    const struct fsx_caps *caps;
    const char *path; // of the file; the caller keeps the string
    uint64_t seed;
    uint64_t inject_op; // corrupt a byte after this operation, 0 = do not
    int fd;
    uint8_t *buf;     // scratch of @buf_len bytes
    uint64_t buf_len; // the longest operation, but a page at least
    struct model model;
    struct oplog log;
    struct report report; // filled by whatever returns false
    uint64_t current;     // number of the running operation, for reports
};

/**
 * caps_probe - finds out what the host of @path can do, on the file itself, and says on stdout what is left
 * out. Creates @path if need be and leaves it empty. Returns 0 or an errno.
 */
int caps_probe(const char *path, const struct fsx_options *options, struct fsx_caps *caps);

/**
 * subject_open - creates or empties @path and makes the good copy.
 * @seed  in  chooses operations and contents.
 * Returns 0, or an errno with nothing held.
 */
int subject_open(struct subject *s, const char *path, uint64_t seed, const struct fsx_options *options,
                 const struct fsx_caps *caps);

/** subject_close - closes the file (left in place) and frees all that @s holds. */
void subject_close(struct subject *s);

#endif
