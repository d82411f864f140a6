// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextbed_disk.h: what the verbs of kextbed-disk share. One thread; no locks.
 */
#ifndef KEXTBED_TOOLS_KEXTBED_DISK_H
#define KEXTBED_TOOLS_KEXTBED_DISK_H

#include "host/testdisk/replay.h"
#include "tools/common/tool.h"

/* Exit codes beside those of all tools. */
enum { DISK_BAD_STATES = 1, DISK_FAILED = 71 };

enum disk_state { DISK_CRASH, DISK_VISIBLE, DISK_DURABLE };

/* What the command line wants. */
struct job {
    const char *base, *record, *out, *run;
    const char *at; /* text of a point; NULL: the end */
    enum disk_state state;
    struct testdisk_choice choice;
    bool chosen; /* seed, torn or keep was given */
    uint64_t seeds, every;
    bool prefixes;
};

/* A record in memory. */
struct loaded {
    struct testdisk_record record;
    char *text;
    size_t size;
};

/** record_load - read a record. False: an error was added. */
bool record_load(struct tool *tool, const char *path, struct loaded *loaded);
void record_unload(struct loaded *loaded);

/** record_point_known - does @text name a point, of whatever record? False: a sentence is in @why. */
bool record_point_known(const char *text, char *why, size_t why_size);

/** record_point - the number of events at a point: "end", "N", "write:K", "flush:K", "request:K" (when that
 * arrived). @text is known. False: an error was added. */
bool record_point(struct tool *tool, const struct testdisk_record *record, const char *text, size_t *events);

/* An image that bytes are put into. */
struct image {
    struct tool *tool;
    const char *path; /* for messages */
    int fd;
};

/** image_start - make @path, with the contents of @base (NULL: zeros), as large as the disk of the record.
 * With
 * @hidden it has no name afterwards. False: an error was added. */
bool image_start(struct tool *tool, const struct job *job, const struct testdisk_record *record,
                 const char *path, bool hidden, struct image *image);
/** image_copy - make @to the same as @from. False: an error was added. */
bool image_copy(const struct image *from, const struct image *to);
/** image_sink - where a replay puts its bytes. */
struct testdisk_sink image_sink(struct image *image);

int verb_info(struct tool *tool, const struct job *job);
int verb_image(struct tool *tool, const struct job *job);
int verb_states(struct tool *tool, const struct job *job);

#endif
