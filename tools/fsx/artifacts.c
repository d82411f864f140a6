// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writes the companions of a failed file and composes replay commands. No state, no locks (see artifacts.h).
 */
#include "tools/fsx/artifacts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

char *artifacts_path(const struct fsx_options *options, const char *path, const char *suffix)
{
    const char *slash = strrchr(path, '/');
    char *result = NULL;
    int n;

    if (options->save_dir != NULL)
        n = asprintf(&result, "%s/%s%s", options->save_dir, slash != NULL ? slash + 1 : path, suffix);
    else
        n = asprintf(&result, "%s%s", path, suffix);
    return n >= 0 ? result : NULL;
}

FILE *artifacts_open(const struct fsx_options *options, const char *path, const char *suffix)
{
    char *name = artifacts_path(options, path, suffix);
    FILE *out = name != NULL ? fopen(name, "we") : NULL;

    if (out == NULL)
        fprintf(stderr, "fsx: cannot write %s: %s\n", name != NULL ? name : suffix, strerror(errno));
    free(name);
    return out;
}

void artifacts_close(FILE *out, const char *suffix)
{
    bool bad = ferror(out) != 0;

    if (fclose(out) != 0 || bad)
        fprintf(stderr, "fsx: the %s file is incomplete: %s\n", suffix, strerror(errno));
}

// Prints @text so that a shell reads it back as one word.
static void print_quoted(const char *text)
{
    if (text[0] != '\0' && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                             "%+,-./:=@_")] == '\0') {
        fputs(text, stderr);
        return;
    }
    fputc('\'', stderr);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", stderr);
        else
            fputc(*text, stderr);
    }
    fputc('\'', stderr);
}

void artifacts_print_path(const struct fsx_options *options, const char *path, const char *suffix,
                          const char *label)
{
    char *name = artifacts_path(options, path, suffix);

    fprintf(stderr, "  %s ", label);
    print_quoted(name != NULL ? name : suffix);
    fputc('\n', stderr);
    free(name);
}

void artifacts_save(const struct subject *s)
{
    const struct oplog *log = &s->log;
    FILE *out = artifacts_open(s->options, s->path, ".fsxlog");

    if (out != NULL) {
        fprintf(out, "seed %" PRIu64 ", file length %" PRIu64 "\n", s->seed, s->options->file_len);
        oplog_write_text(&log, 1, out);
        fputs(s->report.text, out);
        artifacts_close(out, ".fsxlog");
    }
    out = artifacts_open(s->options, s->path, ".fsxgood");
    if (out != NULL) {
        fwrite(s->model.good, 1, s->model.size, out);
        artifacts_close(out, ".fsxgood");
    }
    out = artifacts_open(s->options, s->path, ".fsxops");
    if (out != NULL) {
        oplog_write_replay(log, s->seed, s->options->file_len, out);
        artifacts_close(out, ".fsxops");
    }
}

static void print_count(const char *option, uint64_t value, uint64_t usual)
{
    if (value != usual)
        fprintf(stderr, " %s %" PRIu64, option, value);
}

// The options that choose operations: needed wherever a seed shall give the same run.
static void print_choices(const struct fsx_options *o, const struct fsx_caps *caps)
{
    fprintf(stderr, " -l %" PRIu64 " -o %" PRIu64 " -c %" PRIu64, o->file_len, o->max_op, o->close_chance);
    print_count("-r", o->read_bdy, 1);
    print_count("-w", o->write_bdy, 1);
    print_count("-t", o->trunc_bdy, 1);
    if (o->no_map_write)
        fputs(" -W", stderr);
    if (o->no_map_read)
        fputs(" -R", stderr);
    if (o->no_punch || (caps != NULL && !caps->allowed[OP_PUNCH]))
        fputs(" --no-punch", stderr);
    if (o->no_alloc || (caps != NULL && !caps->allowed[OP_ALLOC] && !caps->allowed[OP_ALLOC_KEEP]))
        fputs(" --no-alloc", stderr);
    if (o->no_zero || (caps != NULL && !caps->allowed[OP_ZERO] && !caps->allowed[OP_ZERO_KEEP]))
        fputs(" --no-zero", stderr);
}

static void print_common(const struct fsx_options *o, uint64_t inject_op)
{
    print_count("-b", o->op_start, 1);
    print_count("--inject-bug", inject_op, 0);
    if (o->no_size_check)
        fputs(" -n", stderr);
    if (o->save_dir != NULL) {
        fputs(" -P ", stderr);
        print_quoted(o->save_dir);
    }
}

void artifacts_print_replay(const struct subject *s)
{
    const struct fsx_options *o = s->options;
    char *ops = artifacts_path(o, s->path, ".fsxops");

    fputs("replay: ", stderr);
    print_quoted(o->program);
    if (s->log.dropped == 0 && ops != NULL) {
        fputs(" --replay ", stderr);
        print_quoted(ops);
    } else {
        fprintf(stderr, " -S %" PRIu64 " -N %" PRIu64, s->seed, s->current);
        print_choices(o, s->caps);
    }
    print_common(o, s->inject_op);
    fputc(' ', stderr);
    print_quoted(s->path);
    fputc('\n', stderr);
    free(ops);
}

void artifacts_print_rerun(const struct fsx_options *o)
{
    fputs("replay: ", stderr);
    print_quoted(o->program);
    fprintf(stderr, " -j %" PRIu32 " -S %" PRIu64, o->threads, o->seed);
    print_count("-N", o->num_ops, 0);
    print_choices(o, NULL);
    print_common(o, o->inject_op);
    print_count("--inject-shared", o->inject_share, 0);
    if (o->racy_punch)
        fputs(" --racy-punch", stderr);
    fputc(' ', stderr);
    print_quoted(o->path);
    fputc('\n', stderr);
}
