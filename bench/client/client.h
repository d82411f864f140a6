// SPDX-License-Identifier: BSD-2-Clause
/*
 * bench-client: does one kind of work in a directory and says how fast it went.
 *
 * A workload is prepared outside the measured time, thread after thread, then run by all its threads at once.
 * Each thread works in a directory of its own, with files of its own. What one workload leaves is used by the
 * next. Nothing is shared between running threads but the constant parts of struct bench. No locks.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BENCH_THREADS_MAX = 16,
    SMALL_BYTES = 4096,       // size of a small file, and of a random access
    CHUNK_BYTES = 128 * 1024, // of a sequential read or write
};

// What exists in a thread's directory.
struct place {
    bool made;          // the directory itself
    bool empty_files;   // the tree of empty files
    char prefix;        // their first letter
    bool small_files;   // the tree of small files
    uint64_t big_bytes; // length of the big file, 0 = none
};

struct bench {
    const char *dir;
    uint32_t n_files;    // in a directory
    uint64_t data_bytes; // of all big files of a workload together
    struct place places[BENCH_THREADS_MAX];
};

// One thread's share of a workload.
struct job {
    const struct bench *bench;
    struct place *place;
    int dir_fd;      // the thread's directory
    int fd;          // the big file, where the workload needs it
    uint8_t *buffer; // CHUNK_BYTES
    uint64_t big_bytes;
    uint64_t done;       // operations or bytes
    uint64_t started_ns; // when the measured part began
    uint64_t ended_ns;
    const char *what; // the call that failed
    int error;        // its errno, 0 = all is well
};

enum unit { UNIT_OPS, UNIT_BYTES };

// What is forgotten between preparation and the measured part.
enum cold {
    COLD_NO,
    COLD_NAMES, // the kernel's names, attributes, and with them pages: needs root
    COLD_DATA,  // the pages of the big file
};

struct workload {
    const char *name;
    enum unit unit;
    enum cold cold;
    bool big_file; // job.fd is open while it runs
    bool (*prepare)(struct job *job);
    bool (*run)(struct job *job);
};

/** job_fail - notes that @what failed with errno. Returns false, for "return job_fail(...)". */
bool job_fail(struct job *job, const char *what);

/** job_again - counts @done more; whether the workload, which may be repeated, has not run long enough yet.
 */
bool job_again(struct job *job, uint64_t done);

/** clock_ns - monotonic time. */
uint64_t clock_ns(void);

/** directory_path - where @thread works. */
void directory_path(const struct bench *bench, uint32_t thread, char path[PATH_MAX]);

/** directory_open - a descriptor of that directory, or -1 and errno. */
int directory_open(const struct bench *bench, uint32_t thread);

/**
 * prepare_... - bring the thread's directory into the state that a workload starts from: files there or not,
 * and where their being cached matters, cached (_warm). Other clients may have dropped the caches of the
 * whole machine.
 */
bool prepare_no_files(struct job *job);
bool prepare_files(struct job *job);
bool prepare_files_warm(struct job *job);
bool prepare_no_small(struct job *job);
bool prepare_small(struct job *job);
bool prepare_small_warm(struct job *job);
bool prepare_no_big(struct job *job);
bool prepare_big(struct job *job);
bool prepare_big_warm(struct job *job);

/** place_clear - removes all that @bench has made in the directories of all threads. Best effort. */
void place_clear(struct bench *bench);

/** files_name - the name of file @index, of those whose names begin with @prefix. */
void files_name(char name[32], char prefix, uint32_t index);

/** workload_find - the workload called @name (without its "_2t"), @len characters long, or NULL. */
const struct workload *workload_find(const char *name, size_t len);

/** workload_list - prints the names of all workloads. */
void workload_list(void);

struct result {
    uint64_t done;
    double seconds;
    char problem[256]; // why there is no result; empty if there is one
    bool skipped;      // the problem is the surroundings' (no root), not a failure
};

/** workload_run - prepares and runs @workload with @n_threads threads. */
void workload_run(struct bench *bench, const struct workload *workload, uint32_t n_threads,
                  struct result *result);

// The measured parts, in names.c and contents.c; all of type workload.run.
bool run_mkfiles(struct job *job);
bool run_stat(struct job *job);
bool run_stat_warm(struct job *job);
bool run_readdir(struct job *job);
bool run_readdir_stat(struct job *job);
bool run_lookup_negative(struct job *job);
bool run_rename(struct job *job);
bool run_unlink(struct job *job);
bool run_smallwrite(struct job *job);
bool run_smallread(struct job *job);
bool run_smallread_warm(struct job *job);
bool run_seqwrite(struct job *job);
bool run_seqread(struct job *job);
bool run_seqread_warm(struct job *job);
bool run_randread(struct job *job);
bool run_randwrite(struct job *job);
bool run_mmap_write(struct job *job);
bool run_mmap_read(struct job *job);

#endif
