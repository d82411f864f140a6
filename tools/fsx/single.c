// SPDX-License-Identifier: BSD-2-Clause
/*
 * The loop over one file: choose or replay an operation, change the good copy, do it, check.
 * Owns report_lock (a leaf: nothing is taken while it is held), which keeps printed reports in one piece.
 */
#include "tools/fsx/single.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tools/fsx/artifacts.h"
#include "tools/fsx/choose.h"
#include "tools/fsx/operations.h"
#include "tools/fsx/progress.h"

static pthread_mutex_t report_lock = PTHREAD_MUTEX_INITIALIZER;

void single_report_lock(void)
{
    pthread_mutex_lock(&report_lock);
}

void single_report_unlock(void)
{
    pthread_mutex_unlock(&report_lock);
}

// Where operations come from, and how far the run is.
struct single {
    struct subject subject;
    struct chooser chooser;
    const struct replay *replay;
    size_t next;    // place in the replay
    bool image_due; // the file lags behind the good copy (-b)
    bool injected;
    uint32_t skipped; // replayed operations that were not possible
};

// The next operation to run, or false at the end.
static bool single_next(struct single *run, struct op *op)
{
    struct subject *s = &run->subject;

    if (run->replay == NULL) {
        uint64_t limit = s->options->num_ops != 0 ? s->options->num_ops : UINT32_MAX - 1;

        if (s->current >= limit)
            return false;
        chooser_next(&run->chooser, s->model.size, op);
        op->number = s->current + 1;
        return true;
    }
    for (; run->next < run->replay->ops.count; run->skipped++) {
        *op = *oplog_at(&run->replay->ops, run->next++);
        if (s->caps->allowed[op->kind] && op_possible(op, s->model.size, s->options->file_len))
            return true;
    }
    return false;
}

static void print_op(const struct op *op)
{
    char text[160];

    op_describe(op, text, sizeof(text));
    printf("%8" PRIu64 " %s\n", op->number, text);
}

static bool single_inject(struct single *run, const struct op *op)
{
    struct subject *s = &run->subject;

    if (s->inject_op == 0 || run->injected || op->number < s->inject_op || !op_stores(op->kind))
        return true;
    run->injected = true;
    return subject_inject(s, op);
}

static bool single_step(struct single *run, struct op *op)
{
    struct subject *s = &run->subject;

    s->current = op->number;
    op->size_before = s->model.size;
    if (s->options->debug)
        print_op(op);
    if (oplog_append(&s->log, op) != 0)
        return report_add(&s->report, "no memory for the log of operations\n");
    if (op->number < s->options->op_start) {
        model_apply(&s->model, op);
        run->image_due = true;
        return true;
    }
    if (run->image_due && !subject_write_image(s))
        return false;
    run->image_due = false;
    model_apply(&s->model, op);
    return subject_do(s, op) && subject_check_size(s) && single_inject(run, op);
}

static bool single_loop(struct single *run)
{
    struct op op;

    while (!progress_stopped() && single_next(run, &op)) {
        if (!single_step(run, &op))
            return false;
        progress_tick();
    }
    if (run->image_due && !subject_write_image(&run->subject))
        return false;
    return true;
}

static void single_report(struct single *run, bool at_end)
{
    struct subject *s = &run->subject;
    const struct op *op = oplog_find(&s->log, s->current);
    char text[160] = "";

    artifacts_save(s);
    single_report_lock();
    if (!at_end && op != NULL) {
        op_describe(op, text, sizeof(text));
        fprintf(stderr, "fsx: %s: MISMATCH at operation %" PRIu64 ": %s\n", s->path, s->current, text);
    } else {
        fprintf(stderr, "fsx: %s: MISMATCH in the check after operation %" PRIu64 "\n", s->path, s->current);
    }
    fputs(s->report.text, stderr);
    artifacts_print_path(s->options, s->path, ".fsxlog", "log:       ");
    artifacts_print_path(s->options, s->path, ".fsxgood", "good copy: ");
    artifacts_print_path(s->options, s->path, ".fsxops", "operations:");
    artifacts_print_replay(s);
    single_report_unlock();
}

int single_run(const char *path, uint64_t seed, const struct fsx_options *options,
               const struct fsx_caps *caps, const struct replay *replay, uint64_t inject_op)
{
    struct single run = {.replay = replay};
    int error = subject_open(&run.subject, path, seed, options, caps);
    bool at_end = false;

    if (error != 0) {
        fprintf(stderr, "fsx: %s: %s\n", path, strerror(error));
        return FSX_EXIT_SYSTEM;
    }
    run.subject.inject_op = inject_op;
    chooser_init(&run.chooser, seed, options, caps);
    bool good = single_loop(&run);
    if (good) {
        at_end = true;
        good = subject_check_all(&run.subject);
    }
    if (!good) {
        progress_stop();
        single_report(&run, at_end);
    } else if (run.skipped != 0) {
        printf("fsx: %" PRIu32 " operations of the replay were not possible here and left out\n",
               run.skipped);
    }
    subject_close(&run.subject);
    return good ? FSX_EXIT_OK : FSX_EXIT_MISMATCH;
}
