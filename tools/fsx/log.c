// SPDX-License-Identifier: BSD-2-Clause
/*
 * The operations of a run: a vector that becomes a ring when it is full, and its two written forms.
 * No locks (see log.h).
 */
#include "tools/fsx/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define OPLOG_MAX ((size_t)1 << 21)

int oplog_append(struct oplog *log, const struct op *op)
{
    if (log->count == OPLOG_MAX) {
        log->ops[log->first] = *op;
        log->first = (log->first + 1) % OPLOG_MAX;
        log->dropped++;
        return 0;
    }
    if (log->count == log->capacity) {
        size_t capacity = log->capacity != 0 ? 2 * log->capacity : 1024;
        struct op *ops = realloc(log->ops, capacity * sizeof(ops[0]));

        if (ops == NULL)
            return ENOMEM;
        log->ops = ops;
        log->capacity = capacity;
    }
    log->ops[log->count++] = *op;
    return 0;
}

const struct op *oplog_at(const struct oplog *log, size_t index)
{
    return &log->ops[(log->first + index) % log->capacity];
}

const struct op *oplog_find(const struct oplog *log, uint64_t number)
{
    size_t low = 0;
    size_t high = log->count;

    // Numbers rise, but a shortened replay leaves gaps.
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (oplog_at(log, middle)->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == log->count || oplog_at(log, low)->number != number)
        return NULL;
    return oplog_at(log, low);
}

void oplog_free(struct oplog *log)
{
    free(log->ops);
    *log = (struct oplog){0};
}

static void op_write_text(const struct op *op, bool with_thread, FILE *out)
{
    char text[160];

    op_describe(op, text, sizeof(text));
    if (with_thread)
        fprintf(out, "thread %" PRIu32 " ", op->thread);
    fprintf(out, "%8" PRIu64 " %s\n", op->number, text);
}

void oplog_write_text(const struct oplog *const *logs, size_t n_logs, FILE *out)
{
    size_t *next = calloc(n_logs, sizeof(next[0]));

    if (next == NULL)
        return;
    for (size_t i = 0; i < n_logs; i++)
        if (logs[i]->dropped != 0)
            fprintf(out, "(%" PRIu64 " earlier operations forgotten)\n", logs[i]->dropped);
    for (;;) {
        size_t best = n_logs;

        for (size_t i = 0; i < n_logs; i++) {
            if (next[i] == logs[i]->count)
                continue;
            if (best == n_logs ||
                oplog_at(logs[i], next[i])->ticket < oplog_at(logs[best], next[best])->ticket)
                best = i;
        }
        if (best == n_logs)
            break;
        op_write_text(oplog_at(logs[best], next[best]), n_logs > 1, out);
        next[best]++;
    }
    free(next);
}

void oplog_write_replay(const struct oplog *log, uint64_t seed, uint64_t file_len, FILE *out)
{
    fprintf(out, "fsxops 1\nseed %" PRIu64 "\nfilelen %" PRIu64 "\n", seed, file_len);
    for (size_t i = 0; i < log->count; i++) {
        const struct op *op = oplog_at(log, i);

        fprintf(out, "%" PRIu64 " %s 0x%" PRIx64 " 0x%" PRIx64 "\n", op->number, op_name(op->kind), op->off,
                op->len);
    }
}
