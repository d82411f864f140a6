// SPDX-License-Identifier: BSD-2-Clause
/*
 * differences.c: the one table of them. Reviewed: each row needs a reason that a user would accept.
 */
#include <stdio.h>

#include "tests/conform/differences.h"
#include "vfs/syscalls.h"

struct row {
    const char *name;
    int answer[WORLD_COUNT]; /* by enum world: host, FUSE fast, FUSE exact, in process */
    const char *reason;
};

static const struct row rows[DIFF_COUNT] = {
    [DIFF_PATH_MAX] =
        {"a path of 2,000 bytes",
         {0, 0, 0, SYS_ENAMETOOLONG},
         "a path has 1,024 bytes at most on Darwin, 4,096 on Linux; through FUSE the host reads it"},
    [DIFF_LINK_TARGET_MAX] = {"a symbolic link to 2,000 bytes",
                              {0, SYS_ENAMETOOLONG, SYS_ENAMETOOLONG, SYS_ENAMETOOLONG},
                              "a target is a path, and has 1,024 bytes at most on Darwin"},
    [DIFF_LINKS_MAX] = {"a chain of 36 symbolic links",
                        {0, 0, 0, SYS_ELOOP},
                        "Darwin follows 32, Linux 40; through FUSE it is the host that follows"},
    [DIFF_RENAME_DOT] = {"renaming \".\" or \"..\"",
                         {SYS_EBUSY, SYS_EBUSY, SYS_EBUSY, SYS_EINVAL},
                         "POSIX allows both answers; Darwin gives the one, Linux the other"},
};
extern enum world conform_world;
static bool asked[DIFF_COUNT];

int difference(enum difference which)
{
    asked[which] = true;
    return rows[which].answer[conform_world];
}

unsigned differences_unused(void)
{
    unsigned bad = 0;

    for (unsigned i = 0; i < DIFF_COUNT; i++) {
        bool same = true;
        for (unsigned world = 1; world < WORLD_COUNT; world++)
            same = same && rows[i].answer[world] == rows[i].answer[0];
        if (asked[i] && !same && rows[i].reason)
            continue;
        bad++;
        printf("difference \"%s\": %s\n", rows[i].name, same ? "is none" : "no case asked for it");
    }
    return bad;
}
