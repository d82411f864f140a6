// SPDX-License-Identifier: BSD-2-Clause
/*
 * The callers that a worker remembers, and what /proc says about a process; see caller.h.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fusehost/caller.h"

struct process {
    int32_t pid; /* the process that the thread belongs to */
    uint64_t start_time;
    uint32_t ngroups;
    uint32_t groups[SYS_NGROUPS];
};

static uint64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Reads the beginning of a file of /proc; false: no such process. What is wanted stands near the top. */
static bool proc_read(int32_t tid, const char *file, char *buf, size_t size)
{
    char path[64];
    size_t len = 0;
    ssize_t n = 0;

    snprintf(path, sizeof(path), "/proc/%d/%s", tid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while (len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
        len += (size_t)n;
    close(fd);
    buf[len] = '\0';
    return n >= 0 && len > 0;
}

/* The command's name, in parentheses, may itself hold spaces and parentheses; fields count from behind it. */
static uint64_t start_time_parse(const char *stat)
{
    const char *at = strrchr(stat, ')');

    for (int field = 2; at && field < 22; field++) {
        at = strchr(at + 1, ' ');
    }
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

static void groups_parse(const char *at, struct process *out)
{
    while (out->ngroups < SYS_NGROUPS) {
        char *end;
        unsigned long gid = strtoul(at, &end, 10);

        if (end == at || *end == '\0')
            break;
        out->groups[out->ngroups++] = (uint32_t)gid;
        at = end;
        while (*at == ' ')
            at++;
        if (*at == '\n')
            break;
    }
}

/* A thread that is gone, or that another pid namespace hides, has no groups. */
static void process_read(int32_t tid, struct process *out)
{
    char buf[4096];
    const char *at;

    memset(out, 0, sizeof(*out));
    out->pid = tid;
    if (tid <= 0 || !proc_read(tid, "stat", buf, sizeof(buf)))
        return;
    out->start_time = start_time_parse(buf);
    if (!proc_read(tid, "status", buf, sizeof(buf)))
        return;
    at = strstr(buf, "\nTgid:");
    if (at)
        out->pid = (int32_t)strtol(at + 6, NULL, 10);
    at = strstr(buf, "\nGroups:");
    if (at)
        groups_parse(at + 8 + strspn(at + 8, "\t "), out);
}

static uint64_t groups_hash(const struct process *process)
{
    uint64_t hash = 0xcbf29ce484222325ull ^ process->ngroups;

    for (uint32_t i = 0; i < process->ngroups; i++)
        hash = (hash ^ process->groups[i]) * 0x100000001b3ull;
    return hash;
}

static struct fh_caller_slot *slot_of(struct fh_caller_cache *cache, uint32_t uid, uint32_t gid, int32_t tid)
{
    uint32_t hash = ((uint32_t)tid * 0x9e3779b1u) ^ (uid * 0x85ebca6bu) ^ (gid * 0xc2b2ae35u);

    return &cache->slots[(hash >> 16) % FH_CALLER_SLOTS];
}

static sys_caller_t *slot_refresh(struct fh_caller_slot *slot, uint32_t uid, uint32_t gid, int32_t tid,
                                  bool exact, bool same_key)
{
    struct process process = {.pid = tid};
    struct sys_identity id = {.uid = uid, .gid = gid};
    uint64_t hash = 0;

    if (exact) {
        process_read(tid, &process);
        hash = groups_hash(&process);
        if (same_key && slot->start_time == process.start_time && slot->groups_hash == hash)
            goto fresh;
        id.ngroups = process.ngroups;
        id.groups = process.groups;
    } else {
        id.flags = SYS_CALLER_PREAUTHORISED;
    }
    id.pid = process.pid;

    sys_caller_t *caller;
    if (sys_caller_create(&id, &caller) != 0)
        return NULL;
    if (slot->caller)
        sys_caller_release(slot->caller);
    *slot = (struct fh_caller_slot){.caller = caller,
                                    .uid = uid,
                                    .gid = gid,
                                    .tid = tid,
                                    .start_time = process.start_time,
                                    .groups_hash = hash};
fresh:
    slot->fresh_until = now_ms() + FH_CALLER_FRESH_MS;
    return slot->caller;
}

sys_caller_t *fh_caller_get(struct fh_caller_cache *cache, uint32_t uid, uint32_t gid, int32_t tid,
                            bool exact)
{
    struct fh_caller_slot *slot = slot_of(cache, uid, gid, tid);
    bool same_key = slot->caller && slot->uid == uid && slot->gid == gid && slot->tid == tid;

    if (same_key && now_ms() < slot->fresh_until)
        return slot->caller;
    return slot_refresh(slot, uid, gid, tid, exact, same_key);
}

void fh_caller_cache_clear(struct fh_caller_cache *cache)
{
    for (unsigned i = 0; i < FH_CALLER_SLOTS; i++)
        if (cache->slots[i].caller)
            sys_caller_release(cache->slots[i].caller);
    memset(cache, 0, sizeof(*cache));
}
