// SPDX-License-Identifier: BSD-2-Clause
/*
 * The rules of crew.h.
 *
 * Why no request waits for ever: whenever nobody reads, the member that took the last request is in charge,
 * and it either comes back to fh_crew_wait(), where it reads because nobody does, or another is called up.
 * Calling up moves one from those who stand by to those who read, in one step and before it wakes; so nobody
 * goes to stand by while there is no reader, and no call is lost or made twice. Where nobody stands by, any
 * other member is working, and reads as soon as it is done.
 */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "fusehost/crew.h"
#include "host/host.h"

#define READER         1u
#define READERS(s)     ((s)&0x7fffu)
#define STANDS_BY      (1u << 15)
#define STANDING_BY(s) (((s) >> 15) & 0x7fffu)
#define DISMISSED      (1u << 31)

#define LOOK_EVERY  8u  /* answers */
#define CROWDED_MAX 3u  /* looks */
#define SURPLUS_MAX 64u /* requests */
#define WATCH_MS    20  /* between two looks */

void fh_crew_init(struct fh_crew *crew)
{
    atomic_init(&crew->state, 0);
    atomic_init(&crew->active, 0);
    atomic_init(&crew->charge, 0);
    atomic_init(&crew->watched, false);
    crew->processors = (int)host_ncpu();
    sem_init(&crew->calls, 0, 0);
    sem_init(&crew->watch, 0, 0);
}

void fh_crew_destroy(struct fh_crew *crew)
{
    sem_destroy(&crew->watch);
    sem_destroy(&crew->calls);
}

/* Where @unless_read, nobody is called up when somebody reads already. */
static bool call_up(struct fh_crew *crew, bool unless_read)
{
    uint32_t state = atomic_load(&crew->state);

    do {
        if (STANDING_BY(state) == 0 || (unless_read && READERS(state) != 0))
            return false;
    } while (!atomic_compare_exchange_weak(&crew->state, &state, state - STANDS_BY + READER));
    sem_post(&crew->calls);
    return true;
}

/* The member's thread is about to sleep in the kernel half. Any locks may be held. */
static void on_block(void *arg)
{
    struct fh_crew_member *member = arg;

    if (!member->slept) {
        member->slept = true;
        atomic_fetch_sub(&member->crew->active, 1);
    }
    if (member->in_charge) {
        member->in_charge = false;
        call_up(member->crew, true);
    }
}

void fh_crew_join(struct fh_crew *crew, struct fh_crew_member *member)
{
    *member = (struct fh_crew_member){.crew = crew, .surplus = SURPLUS_MAX};
    atomic_fetch_add(&crew->active, 1);
    host_thread_on_block(on_block, member);
}

void fh_crew_leave(struct fh_crew_member *member)
{
    host_thread_on_block(NULL, NULL);
    if (!member->slept)
        atomic_fetch_sub(&member->crew->active, 1);
}

/* Whoever called this member up has made a reader of it already. */
static void stand_by(struct fh_crew_member *member)
{
    atomic_fetch_sub(&member->crew->active, 1);
    while (sem_wait(&member->crew->calls) != 0 && errno == EINTR)
        ;
    atomic_fetch_add(&member->crew->active, 1);
    member->surplus = 0;
}

bool fh_crew_wait(struct fh_crew_member *member)
{
    struct fh_crew *crew = member->crew;
    uint32_t state = atomic_load(&crew->state), next;
    bool spare;

    member->in_charge = false;
    if (member->slept) {
        member->slept = false;
        atomic_fetch_add(&crew->active, 1);
    }
    do {
        if (state & DISMISSED)
            return false;
        spare = READERS(state) != 0 && member->surplus >= SURPLUS_MAX;
        next = state + (spare ? STANDS_BY : READER);
    } while (!atomic_compare_exchange_weak(&crew->state, &state, next));
    if (!spare) {
        member->surplus = READERS(state) ? member->surplus + 1 : 0;
        return true;
    }
    stand_by(member);
    if (!(atomic_load(&crew->state) & DISMISSED))
        return true;
    atomic_fetch_sub(&crew->state, READER);
    return false;
}

void fh_crew_took(struct fh_crew_member *member)
{
    struct fh_crew *crew = member->crew;

    member->in_charge = READERS(atomic_fetch_sub(&crew->state, READER)) == 1;
    if (!member->in_charge)
        return;
    /* Only that it changes matters, so one of two steps at the same time may be lost. */
    uint32_t charge = atomic_load_explicit(&crew->charge, memory_order_relaxed);
    atomic_store_explicit(&crew->charge, charge + 1, memory_order_relaxed);
    if (!atomic_load(&crew->watched) && !atomic_exchange(&crew->watched, true))
        sem_post(&crew->watch);
}

static bool request_waits(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};

    return poll(&look, 1, 0) == 1 && (look.revents & POLLIN);
}

/* A request that waits now is not from the client that is about to get the answer. */
void fh_crew_answers(struct fh_crew_member *member, int fd)
{
    struct fh_crew *crew = member->crew;

    if (++member->answered % LOOK_EVERY || atomic_load(&crew->active) >= crew->processors)
        return;
    member->crowded = request_waits(fd) ? member->crowded + 1 : 0;
    if (member->crowded == CROWDED_MAX) {
        member->crowded = 0;
        call_up(crew, false);
    }
}

bool fh_crew_lacks(struct fh_crew *crew)
{
    return STANDING_BY(atomic_load(&crew->state)) == 0;
}

/* ---- the watch ----------------------------------------------------------------------------------------- */

static void watch_pause(struct fh_crew *crew)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WATCH_MS * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)sem_clockwait(&crew->watch, CLOCK_MONOTONIC, &until);
}

/* Nothing has happened between two looks. */
static void watch_quiet(struct fh_crew *crew)
{
    if (READERS(atomic_load(&crew->state)) == 0) {
        call_up(crew, true);
        return;
    }
    /* Either this sees that the last reader took a request, or that one sees that it has to wake the watch.
     */
    atomic_store(&crew->watched, false);
    if (READERS(atomic_load(&crew->state)) == 0)
        atomic_store(&crew->watched, true);
}

void fh_crew_watch(struct fh_crew *crew)
{
    uint32_t seen = atomic_load(&crew->charge);

    while (!(atomic_load(&crew->state) & DISMISSED)) {
        if (atomic_load(&crew->watched))
            watch_pause(crew);
        else
            (void)sem_wait(&crew->watch);
        uint32_t charge = atomic_load(&crew->charge);
        if (charge == seen)
            watch_quiet(crew);
        seen = charge;
    }
}

void fh_crew_dismiss(struct fh_crew *crew)
{
    atomic_fetch_or(&crew->state, DISMISSED);
    while (call_up(crew, false))
        ;
    sem_post(&crew->watch);
}
