// SPDX-License-Identifier: BSD-2-Clause
/*
 * Starts the threads of -j, waits for them, reports what the sharing ones found. Own-file threads report for
 * themselves. Owns no lock; takes the report lock of single.c, a leaf, while printing.
 */
#include "tools/fsx/threads.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/fsx/artifacts.h"
#include "tools/fsx/progress.h"
#include "tools/fsx/rng.h"
#include "tools/fsx/shared_ops.h"
#include "tools/fsx/single.h"

struct own_file {
    const struct fsx_options *options;
    const struct fsx_caps *caps;
    char *path;
    uint32_t index;
    int result; // exit code
    pthread_t thread;
};

struct shared_worker {
    struct shared_thread state;
    bool good;
    pthread_t thread;
};

static void *own_main(void *arg)
{
    struct own_file *own = arg;
    const struct fsx_options *o = own->options;
    uint64_t inject_op = own->index == 0 ? o->inject_op : 0;

    own->result = single_run(own->path, rng_derive(o->seed, own->index + 1), o, own->caps, NULL, inject_op);
    return NULL;
}

static void *shared_main(void *arg)
{
    struct shared_worker *worker = arg;
    uint64_t limit = worker->state.file->options->num_ops;

    worker->good = true;
    while (worker->good && !progress_stopped() && (limit == 0 || worker->state.current < limit)) {
        worker->good = shared_thread_step(&worker->state);
        progress_tick();
    }
    if (!worker->good)
        progress_stop();
    return NULL;
}

static void shared_save(const struct shared_file *file, const struct shared_worker *workers,
                        const char *report)
{
    const struct fsx_options *o = file->options;
    const struct oplog *logs[FSX_THREADS_MAX];

    for (uint32_t i = 0; i < o->threads; i++)
        logs[i] = &workers[i].state.log;
    FILE *out = artifacts_open(o, file->path, ".fsxlog");
    if (out != NULL) {
        fprintf(out,
                "seed %" PRIu64 ", %" PRIu32 " threads, blocks of %d bytes in stripes of %d, %" PRIu64
                " bytes\n",
                o->seed, o->threads, SHARED_BLOCK, SHARED_STRIPE, file->region);
        oplog_write_text(logs, o->threads, out);
        fputs(report, out);
        artifacts_close(out, ".fsxlog");
    }
    out = artifacts_open(o, file->path, ".fsxgood");
    if (out != NULL) {
        shared_write_good(file, atomic_load(&file->known_size), out);
        artifacts_close(out, ".fsxgood");
    }
    out = artifacts_open(o, file->path, ".fsxops");
    if (out != NULL) {
        fputs("# operations of several threads, each with numbers of its own, in the order in which they "
              "started\n",
              out);
        oplog_write_text(logs, o->threads, out);
        artifacts_close(out, ".fsxops");
    }
}

static void shared_report(const struct shared_file *file, const struct shared_worker *workers,
                          const struct shared_worker *bad)
{
    const struct oplog *log = &bad->state.log;
    const struct op *op = oplog_find(log, bad->state.current);
    char text[160] = "the check at the end";

    // After its last operation a worker is good again: then it was the check that failed.
    if (!bad->good && op != NULL)
        op_describe(op, text, sizeof(text));
    shared_save(file, workers, bad->state.report.text);
    single_report_lock();
    fprintf(stderr, "fsx: %s: MISMATCH found by thread %" PRIu32 " at its operation %" PRIu64 ": %s\n",
            file->path, bad->state.index, bad->state.current, text);
    fputs(bad->state.report.text, stderr);
    artifacts_print_path(file->options, file->path, ".fsxlog", "log:       ");
    artifacts_print_path(file->options, file->path, ".fsxgood", "good copy: ");
    artifacts_print_path(file->options, file->path, ".fsxops", "operations:");
    artifacts_print_rerun(file->options);
    fputs("  (the same operations; the threads may meet in another order)\n", stderr);
    single_report_unlock();
}

// Reports the worker that failed, else checks the whole file. Returns an exit code.
static int shared_finish(struct shared_file *file, struct shared_worker *workers)
{
    for (uint32_t i = 0; i < file->options->threads; i++) {
        if (!workers[i].good) {
            shared_report(file, workers, &workers[i]);
            return FSX_EXIT_MISMATCH;
        }
    }
    if (shared_check_all(&workers[0].state))
        return FSX_EXIT_OK;
    shared_report(file, workers, &workers[0]);
    return FSX_EXIT_MISMATCH;
}

static int fail_system(const char *what, int error)
{
    fprintf(stderr, "fsx: %s: %s\n", what, strerror(error));
    progress_stop();
    return FSX_EXIT_SYSTEM;
}

// Runs the threads on the shared file, between the start and the end of the own-file threads.
static int shared_run(const struct fsx_options *o, const struct fsx_caps *caps, const char *path)
{
    struct shared_worker *workers = calloc(o->threads, sizeof(workers[0]));
    struct shared_file file;
    uint32_t ready = 0;
    uint32_t started = 0;
    int result = FSX_EXIT_OK;
    int error;

    if (workers == NULL)
        return fail_system(path, ENOMEM);
    error = shared_init(&file, path, o, caps);
    if (error != 0) {
        free(workers);
        return fail_system(path, error);
    }
    for (; ready < o->threads; ready++) {
        error = shared_thread_init(&workers[ready].state, &file, ready);
        if (error != 0)
            goto out;
    }
    for (; started < o->threads; started++) {
        error = pthread_create(&workers[started].thread, NULL, shared_main, &workers[started]);
        if (error != 0)
            break;
    }
    if (error != 0)
        progress_stop();
    for (uint32_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    if (error == 0)
        result = shared_finish(&file, workers);
out:
    if (error != 0)
        result = fail_system(path, error);
    while (ready-- > 0)
        shared_thread_free(&workers[ready].state);
    shared_free(&file);
    free(workers);
    return result;
}

static int worse(int a, int b)
{
    return a == FSX_EXIT_MISMATCH || b == FSX_EXIT_OK ? a : b;
}

int threads_run(const struct fsx_options *o, const struct fsx_caps *caps)
{
    struct own_file *owns = calloc(o->threads, sizeof(owns[0]));
    char *shared_path = NULL;
    uint32_t started = 0;
    int result = FSX_EXIT_OK;

    if (owns == NULL || asprintf(&shared_path, "%s.shared", o->path) < 0) {
        free(owns);
        return fail_system(o->path, ENOMEM);
    }
    for (; started < o->threads; started++) {
        struct own_file *own = &owns[started];

        *own = (struct own_file){.options = o, .caps = caps, .index = started};
        int error = asprintf(&own->path, "%s.own%" PRIu32, o->path, started) < 0 ? ENOMEM : 0;
        if (error == 0)
            error = pthread_create(&own->thread, NULL, own_main, own);
        if (error != 0) {
            result = fail_system("own file", error);
            break;
        }
    }
    if (result == FSX_EXIT_OK)
        result = shared_run(o, caps, shared_path);
    for (uint32_t i = 0; i < started; i++) {
        pthread_join(owns[i].thread, NULL);
        result = worse(result, owns[i].result);
    }
    for (uint32_t i = 0; i < started; i++) {
        if (result == FSX_EXIT_OK)
            unlink(owns[i].path);
        free(owns[i].path);
    }
    if (result == FSX_EXIT_OK)
        unlink(shared_path);
    free(shared_path);
    free(owns);
    return result;
}
