// SPDX-License-Identifier: BSD-2-Clause
/*
 * select.c: who waits for a device or file to become ready: selrecord, selwakeup, and the waiting call's
 * side.
 *
 * A struct selinfo is the driver's and of a size that only the driver knows, so nothing is kept in it: its
 * address names it. A record stands for one waiting call at one selinfo; it is in a chain of the hash of
 * addresses and in the list of its call.
 *
 * Lock: select_lock (rank 835) over chains, lists and calls. A waker takes a sleep queue's lock (rank 900)
 * inside. Called by drivers and file systems, and by whoever calls VNOP_SELECT on behalf of a program.
 */
#include <sys/errno.h>
#include <sys/select.h>

#include "kern/select_internal.h"
#include "kern/sleep_internal.h"

#define N_CHAINS 64u /* a power of two */

struct kern_select_record {
    struct kern_select_record *sr_chain; /* the next in the hash */
    struct kern_select_record *sr_next;  /* the next of the same call */
    const struct selinfo *sr_where;      /* NULL: out of the hash */
    struct kern_select *sr_call;
};

static struct host_mutex select_lock;
static struct kern_select_record *chains[N_CHAINS];

void select_init(void)
{
    host_mutex_init(&select_lock);
}

static struct kern_select_record **chain_of(const struct selinfo *where)
{
    return &chains[(((uintptr_t)where * 0x9e3779b97f4a7c15ULL) >> 58) & (N_CHAINS - 1)];
}

void kern_select_begin(struct kern_select *call)
{
    call->ks_records = NULL;
    call->ks_woken = false;
}

static void wake_locked(struct kern_select *call)
{
    call->ks_woken = true;
    (void)sleep_wake((event_t)call, false, THREAD_AWAKENED);
}

/* Takes the records of @where out of the hash; the calls keep them until they end. */
static void forget_locked(const struct selinfo *where, bool wake)
{
    struct kern_select_record **at = chain_of(where), *record;

    while ((record = *at) != NULL) {
        if (record->sr_where != where) {
            at = &record->sr_chain;
            continue;
        }
        *at = record->sr_chain;
        record->sr_where = NULL;
        if (wake)
            wake_locked(record->sr_call);
    }
}

/* The record of @call for @where; NULL: one that waits for nothing any more. */
static struct kern_select_record *record_locked(const struct kern_select *call, const struct selinfo *where)
{
    struct kern_select_record *at = call->ks_records;

    while (at && at->sr_where != where)
        at = at->sr_next;
    return at;
}

static void note_locked(struct kern_select_record *record, const struct selinfo *where)
{
    struct kern_select_record **chain = chain_of(where);

    record->sr_where = where;
    record->sr_chain = *chain;
    *chain = record;
}

void selrecord(proc_t selector, struct selinfo *sip, void *wql)
{
    struct kern_select *call = wql;
    struct kern_select_record *fresh, *idle;

    (void)selector;
    if (!call || !sip)
        return;
    fresh = kern_alloc_try(sizeof *fresh, "select");
    host_mutex_lock(&select_lock);
    idle = record_locked(call, NULL);
    if (!record_locked(call, sip)) {
        if (!idle && fresh) {
            fresh->sr_call = call;
            fresh->sr_next = call->ks_records;
            call->ks_records = idle = fresh;
            fresh = NULL;
        }
        if (idle)
            note_locked(idle, sip);
        else
            wake_locked(call); /* it looks again instead of waiting for what nobody would tell it */
    }
    host_mutex_unlock(&select_lock);
    kern_free(fresh, sizeof *fresh);
}

void selwakeup(struct selinfo *sip)
{
    host_mutex_lock(&select_lock);
    forget_locked(sip, true);
    host_mutex_unlock(&select_lock);
}

void selthreadclear(struct selinfo *sip)
{
    host_mutex_lock(&select_lock);
    forget_locked(sip, false);
    host_mutex_unlock(&select_lock);
}

int kern_select_wait(struct kern_select *call, uint64_t deadline)
{
    wait_result_t result = THREAD_AWAKENED;

    host_mutex_lock(&select_lock);
    while (!call->ks_woken && result == THREAD_AWAKENED) {
        result = sleep_begin((event_t)call, true, deadline, "select");
        if (result != THREAD_WAITING)
            break;
        host_mutex_unlock(&select_lock);
        result = sleep_wait();
        host_mutex_lock(&select_lock);
    }
    if (call->ks_woken)
        result = THREAD_AWAKENED;
    call->ks_woken = false;
    host_mutex_unlock(&select_lock);
    return result == THREAD_AWAKENED ? 0 : result == THREAD_TIMED_OUT ? EWOULDBLOCK : EINTR;
}

static void unchain_locked(struct kern_select_record *record)
{
    struct kern_select_record **at = chain_of(record->sr_where);

    while (*at != record)
        at = &(*at)->sr_chain;
    *at = record->sr_chain;
}

void kern_select_end(struct kern_select *call)
{
    struct kern_select_record *record, *next;

    host_mutex_lock(&select_lock);
    record = call->ks_records;
    call->ks_records = NULL;
    for (struct kern_select_record *at = record; at; at = at->sr_next)
        if (at->sr_where)
            unchain_locked(at);
    host_mutex_unlock(&select_lock);
    for (; record; record = next) {
        next = record->sr_next;
        kern_free(record, sizeof *record);
    }
}
