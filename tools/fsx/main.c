// SPDX-License-Identifier: BSD-2-Clause
/*
 * fsx: exercises a file with random operations and checks every byte of it. This file puts the parts in
 * order. No locks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/fsx/mapped.h"
#include "tools/fsx/options.h"
#include "tools/fsx/progress.h"
#include "tools/fsx/replay.h"
#include "tools/fsx/single.h"
#include "tools/fsx/threads.h"

enum { EXIT_BY_SIGNAL = 128 };

// With -j, FILE itself only lends its name to the files of the threads.
static int run_probed(const struct fsx_options *o, const struct replay *replay)
{
    struct fsx_caps caps;
    bool existed = access(o->path, F_OK) == 0;
    int error = caps_probe(o->path, o, &caps);

    if (error != 0) {
        fprintf(stderr, "fsx: %s: %s\n", o->path, strerror(error));
        return FSX_EXIT_SYSTEM;
    }
    if (o->threads == 0)
        return single_run(o->path, o->seed, o, &caps, replay, o->inject_op);
    if (!existed)
        unlink(o->path);
    return threads_run(o, &caps);
}

static uint64_t total_ops(const struct fsx_options *o, const struct replay *replay)
{
    if (replay != NULL)
        return replay->ops.count;
    return o->threads != 0 ? o->num_ops * 2 * o->threads : o->num_ops;
}

int main(int argc, char **argv)
{
    struct fsx_options options;
    struct replay replay = {0};
    int result;

    if (!options_parse(argc, argv, &options, &result))
        return result;
    if (options.replay != NULL) {
        if (replay_load(&replay, options.replay) != 0)
            return FSX_EXIT_USAGE;
        options.seed = replay.seed;
        options.file_len = replay.file_len;
    }
    printf("fsx: seed %" PRIu64 "\n", options.seed);
    fflush(stdout);
    if (options.debug)
        setvbuf(stdout, NULL, _IOLBF, 0);
    mapped_install();

    const struct replay *source = options.replay != NULL ? &replay : NULL;
    progress_start(&options, total_ops(&options, source));
    result = run_probed(&options, source);
    if (result == FSX_EXIT_OK && !options.quiet)
        printf("fsx: %" PRIu64 " operations, no mismatch (%.1f s)\n", progress_done(), progress_seconds());
    if (result == FSX_EXIT_OK && progress_signal() != 0) {
        printf("fsx: stopped by signal %d\n", progress_signal());
        result = EXIT_BY_SIGNAL + progress_signal();
    }
    replay_free(&replay);
    return result;
}
