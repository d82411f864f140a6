// SPDX-License-Identifier: BSD-2-Clause
/*
 * Summing a session's counters and telling them as JSON.
 */
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fusehost/session_internal.h"

static const char *const op_names[FH_STATS_OPS] = {
    [FUSE_LOOKUP] = "LOOKUP",
    [FUSE_FORGET] = "FORGET",
    [FUSE_GETATTR] = "GETATTR",
    [FUSE_SETATTR] = "SETATTR",
    [FUSE_READLINK] = "READLINK",
    [FUSE_SYMLINK] = "SYMLINK",
    [FUSE_MKNOD] = "MKNOD",
    [FUSE_MKDIR] = "MKDIR",
    [FUSE_UNLINK] = "UNLINK",
    [FUSE_RMDIR] = "RMDIR",
    [FUSE_RENAME] = "RENAME",
    [FUSE_LINK] = "LINK",
    [FUSE_OPEN] = "OPEN",
    [FUSE_READ] = "READ",
    [FUSE_WRITE] = "WRITE",
    [FUSE_STATFS] = "STATFS",
    [FUSE_RELEASE] = "RELEASE",
    [FUSE_FSYNC] = "FSYNC",
    [FUSE_SETXATTR] = "SETXATTR",
    [FUSE_GETXATTR] = "GETXATTR",
    [FUSE_LISTXATTR] = "LISTXATTR",
    [FUSE_REMOVEXATTR] = "REMOVEXATTR",
    [FUSE_FLUSH] = "FLUSH",
    [FUSE_INIT] = "INIT",
    [FUSE_OPENDIR] = "OPENDIR",
    [FUSE_READDIR] = "READDIR",
    [FUSE_RELEASEDIR] = "RELEASEDIR",
    [FUSE_FSYNCDIR] = "FSYNCDIR",
    [FUSE_GETLK] = "GETLK",
    [FUSE_SETLK] = "SETLK",
    [FUSE_SETLKW] = "SETLKW",
    [FUSE_ACCESS] = "ACCESS",
    [FUSE_CREATE] = "CREATE",
    [FUSE_INTERRUPT] = "INTERRUPT",
    [FUSE_BMAP] = "BMAP",
    [FUSE_DESTROY] = "DESTROY",
    [FUSE_IOCTL] = "IOCTL",
    [FUSE_POLL] = "POLL",
    [FUSE_BATCH_FORGET] = "BATCH_FORGET",
    [FUSE_FALLOCATE] = "FALLOCATE",
    [FUSE_READDIRPLUS] = "READDIRPLUS",
    [FUSE_RENAME2] = "RENAME2",
    [FUSE_LSEEK] = "LSEEK",
    [FUSE_COPY_FILE_RANGE] = "COPY_FILE_RANGE",
    [FUSE_SYNCFS] = "SYNCFS",
    [FUSE_TMPFILE] = "TMPFILE",
};

const char *fh_stats_op_name(uint32_t opcode)
{
    return opcode < FH_STATS_OPS ? op_names[opcode] : NULL;
}

void fh_session_stats_sum(struct fh_session *session, struct fh_stats_sum *sum)
{
    memset(sum, 0, sizeof(*sum));
    pthread_mutex_lock(&session->mutex);
    for (struct fh_worker *worker = session->workers; worker; worker = worker->next) {
        struct fh_stats *stats = &worker->stats;

        for (unsigned op = 0; op < FH_STATS_OPS; op++) {
            sum->ops[op].count += atomic_load_explicit(&stats->ops[op].count, memory_order_relaxed);
            sum->ops[op].errors += atomic_load_explicit(&stats->ops[op].errors, memory_order_relaxed);
        }
        sum->bytes_read += atomic_load_explicit(&stats->bytes_read, memory_order_relaxed);
        sum->bytes_written += atomic_load_explicit(&stats->bytes_written, memory_order_relaxed);
        sum->recovered += atomic_load_explicit(&stats->recovered, memory_order_relaxed);
    }
    pthread_mutex_unlock(&session->mutex);
    for (unsigned op = 0; op < FH_STATS_OPS; op++) {
        sum->requests += sum->ops[op].count;
        sum->errors += sum->ops[op].errors;
    }
}

/* A JSON string; bytes that are not UTF-8 pass as they are, which readers of paths expect. */
static void json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else if (*at < 0x20)
            fprintf(out, "\\u%04x", *at);
        else
            fputc(*at, out);
    }
    fputc('"', out);
}

static void json_field(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\"%s\":", name);
    json_string(out, text);
    fputc(',', out);
}

static void json_ops(FILE *out, const struct fh_stats_sum *sum)
{
    const char *comma = "";

    fputs("\"ops\":{", out);
    for (unsigned op = 0; op < FH_STATS_OPS; op++) {
        if (!sum->ops[op].count)
            continue;
        if (op_names[op])
            fprintf(out, "%s\"%s\"", comma, op_names[op]);
        else
            fprintf(out, "%s\"OP%u\"", comma, op);
        fprintf(out, ":{\"count\":%llu,\"errors\":%llu}", (unsigned long long)sum->ops[op].count,
                (unsigned long long)sum->ops[op].errors);
        comma = ",";
    }
    fputc('}', out);
}

static uint32_t lazies_count(struct fh_session *session)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < session->lazies.n_shards; i++) {
        pthread_mutex_lock(&session->lazies.shards[i].mutex);
        count += session->lazies.shards[i].count;
        pthread_mutex_unlock(&session->lazies.shards[i].mutex);
    }
    return count;
}

static void json_session(FILE *out, struct fh_session *session)
{
    struct fh_stats_sum sum;
    struct sys_mount_info info;

    fh_session_stats_sum(session, &sum);
    pthread_mutex_lock(&session->mutex);
    unsigned threads = session->running;
    bool running = session->state == FH_RUNNING;
    bool writeback = session->writeback;
    bool has_disk = session->has_disk;
    bool serving = session->state <= FH_RUNNING;
    uint64_t nodes = serving ? atomic_load_explicit(&session->nodes.count, memory_order_relaxed) : 0;
    uint32_t lazies = serving ? lazies_count(session) : 0;
    pthread_mutex_unlock(&session->mutex);
    if (sys_mount_info(session->mount_id, &info) != 0)
        info = session->info;

    fprintf(out, "{\"id\":%u,", session->mount_id);
    json_field(out, "type", session->type);
    json_field(out, "special", session->special);
    if (has_disk)
        fprintf(out, "\"disk\":\"/dev/disk%u\",", session->disk_unit);
    json_field(out, "dir", session->dir);
    json_field(out, "options", session->options_text);
    json_field(out, "mode", session->exact ? "exact" : "fast");
    json_field(out, "state", running ? "running" : "ending");
    fprintf(out, "\"sends_open\":%s,\"writeback\":%s,", session->no_open ? "false" : "true",
            writeback ? "true" : "false");
    fprintf(out, "\"threads\":%u,\"nodes\":%llu,\"lazy_files\":%u,", threads, (unsigned long long)nodes,
            lazies);
    fprintf(out, "\"vnodes\":%llu,\"vnode_ops\":%llu,", (unsigned long long)info.vnodes,
            (unsigned long long)info.vnode_ops);
    fprintf(
        out,
        "\"requests\":%llu,\"errors\":%llu,\"bytes_read\":%llu,\"bytes_written\":%llu,\"recovered\":%llu,",
        (unsigned long long)sum.requests, (unsigned long long)sum.errors, (unsigned long long)sum.bytes_read,
        (unsigned long long)sum.bytes_written, (unsigned long long)sum.recovered);
    json_ops(out, &sum);
    fputc('}', out);
}

char *fh_session_stats_json(struct fh_session *session)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    json_session(out, session);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
