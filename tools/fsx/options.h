// SPDX-License-Identifier: BSD-2-Clause
/*
 * Command line of fsx. Owns the parsed options, constant after options_parse; every other file only reads
 * them.
 */
#ifndef FSX_OPTIONS_H
#define FSX_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    FSX_EXIT_OK = 0,
    FSX_EXIT_MISMATCH = 1, // the file system gave a wrong answer or an error
    FSX_EXIT_USAGE = 64,   // bad option, bad replay file
    FSX_EXIT_SYSTEM = 71,  // fsx itself could not work: no memory, no permission to create the file
};

enum {
    FSX_FILE_LEN_MAX = 1 << 30, // the good copy costs five bytes a byte
    FSX_THREADS_MAX = 64,
};

struct fsx_options {
    const char *program;   // as it was invoked, for the replay command
    const char *path;      // file to exercise
    const char *save_dir;  // -P: where the log, the good copy and the operations go; NULL: beside the file
    const char *replay;    // --replay: operations to run instead of random ones, or NULL
    uint64_t seed;         // -S
    uint64_t num_ops;      // -N, 0 = without end
    uint64_t file_len;     // -l, bytes
    uint64_t max_op;       // -o, bytes
    uint64_t progress;     // -p, operations, 0 = by time
    uint64_t op_start;     // -b: operations before this one change only the good copy
    uint64_t close_chance; // -c: one in so many, 0 = never
    uint64_t read_bdy;     // -r, bytes
    uint64_t write_bdy;    // -w, bytes
    uint64_t trunc_bdy;    // -t, bytes
    uint64_t inject_op;    // --inject-bug: corrupt a byte after this operation, 0 = do not
    uint64_t inject_share; // --inject-shared: corrupt what thread 0 writes to the shared file from this
                           // operation on
    uint32_t threads;      // -j, 0 = the plain single-file run
    bool no_map_write;     // -W
    bool no_map_read;      // -R
    bool no_size_check;    // -n
    bool no_punch;
    bool no_alloc;
    bool no_zero;
    bool racy_punch; // punch the shared file beside mapped writes even over FUSE
    bool debug;      // -d
    bool quiet;      // -q
};

/**
 * options_parse - fills @o from the command line. Errors and the help text are printed here.
 * @exit_code out  the code to end with when the result is false.
 * Returns whether the run goes on. Strings in @o point into @argv.
 */
bool options_parse(int argc, char **argv, struct fsx_options *o, int *exit_code);

#endif
