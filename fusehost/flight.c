// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests in flight; see flight.h. A worker describes its request in atomics of its own before it publishes
 * the request's number, so a reader who finds the same number before and after has read one request.
 *
 * Locks: session.mutex for the list of workers.
 */
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fusehost/flight.h"

#define TOLD_MAX 6u

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void fh_flight_begin(struct fh_worker *worker, const struct fuse_in_header *in)
{
    atomic_store_explicit(&worker->flight.op, in->opcode, memory_order_relaxed);
    atomic_store_explicit(&worker->flight.pid, in->pid, memory_order_relaxed);
    atomic_store_explicit(&worker->flight.nodeid, in->nodeid, memory_order_relaxed);
    atomic_store_explicit(&worker->flight.since_ms, now_ms(), memory_order_relaxed);
    atomic_store_explicit(&worker->unique, in->unique, memory_order_release);
}

struct flight {
    uint32_t op, pid, thread;
    uint64_t nodeid, age_ms;
};

static bool flight_read(struct fh_worker *worker, struct flight *out)
{
    uint64_t unique = atomic_load_explicit(&worker->unique, memory_order_acquire);
    uint64_t now = now_ms();

    if (!unique)
        return false; /* what is constant from the first request on may not be there yet */
    *out = (struct flight){.op = atomic_load(&worker->flight.op),
                           .pid = atomic_load(&worker->flight.pid),
                           .thread = worker->host_thread,
                           .nodeid = atomic_load(&worker->flight.nodeid)};
    uint64_t since = atomic_load(&worker->flight.since_ms);
    out->age_ms = now > since ? now - since : 0;
    return atomic_load(&worker->unique) == unique;
}

static void process_name(uint32_t pid, char *buf, size_t size)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%u/comm", pid);
    FILE *in = fopen(path, "re");
    if (!in || !fgets(buf, (int)size, in))
        snprintf(buf, size, "?");
    if (in)
        fclose(in);
    buf[strcspn(buf, "\n")] = '\0';
}

static size_t flight_tell(const struct flight *flight, char *buf, size_t size)
{
    const char *op = fh_stats_op_name(flight->op);
    char name[64], where[512];
    int n;

    process_name(flight->pid, name, sizeof(name));
    sys_call_where(flight->thread, where, sizeof(where));
    n = snprintf(buf, size, "%s of node %llu for %s (pid %u), since %.1f s%s%s", op ? op : "an operation",
                 (unsigned long long)flight->nodeid, name, flight->pid, (double)flight->age_ms / 1000,
                 where[0] ? ", in " : "", where);
    return n > 0 && (size_t)n < size ? (size_t)n : size - 1;
}

unsigned fh_flights_tell(struct fh_session *session, uint64_t age_ms, char *buf, size_t size)
{
    size_t used = 0;
    unsigned n = 0;

    buf[0] = '\0';
    /* The list only grows while it has readers: what was its head leads to all that were there then. */
    pthread_mutex_lock(&session->mutex);
    struct fh_worker *workers = session->workers;
    pthread_mutex_unlock(&session->mutex);
    for (struct fh_worker *worker = workers; worker; worker = worker->next) {
        struct flight flight;

        if (!flight_read(worker, &flight) || flight.age_ms < age_ms || n++ >= TOLD_MAX)
            continue;
        if (n > 1 && used + 3 < size) {
            memcpy(buf + used, "; ", 3);
            used += 2;
        }
        used += flight_tell(&flight, buf + used, size - used);
    }
    if (n > TOLD_MAX && used + 32 < size)
        snprintf(buf + used, size - used, "; and %u more", n - TOLD_MAX);
    return n;
}

void fh_flights_interrupt(struct fh_session *session)
{
    pthread_mutex_lock(&session->mutex);
    struct fh_worker *workers = session->workers;
    pthread_mutex_unlock(&session->mutex);
    for (struct fh_worker *worker = workers; worker; worker = worker->next) {
        uint64_t unique = atomic_load_explicit(&worker->unique, memory_order_acquire);
        uint64_t call = unique ? sys_call_running(worker->host_thread) : 0;

        if (call && atomic_load_explicit(&worker->unique, memory_order_acquire) == unique)
            sys_call_interrupt(call);
    }
}

unsigned fh_session_waiting(struct fh_session *session, unsigned age_ms, char *buf, size_t size)
{
    return fh_flights_tell(session, age_ms, buf, size);
}
