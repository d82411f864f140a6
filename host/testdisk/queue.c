// SPDX-License-Identifier: BSD-2-Clause
/*
 * The queue of the test device: requests that are late, reordered, or were not to be waited for, and the one
 * thread that does them. Locks: td_lock.
 *
 * Reordering takes batches: as many of the oldest whose time has come as the plan says, or those that are
 * there when the oldest has waited for a moment. The whole batch is done, in an order that the seed chooses,
 * before the next is made, so nobody is passed over for ever.
 */
#include <time.h>

#include "host/testdisk/rng.h"
#include "host/testdisk/testdisk_internal.h"

#define LINGER_NS 1000000u /* how long a batch waits to become full */

uint64_t queue_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void queue_add(struct testdisk *td, struct request *request)
{
    request->next = NULL;
    *td->queue_end = request;
    td->queue_end = &request->next;
    pthread_cond_signal(&td->td_work);
}

static void queue_remove(struct testdisk *td, struct request *request)
{
    struct request **place = &td->queue;

    while (*place != request) {
        place = &(*place)->next;
    }
    *place = request->next;
    if (*place == NULL) {
        td->queue_end = place;
    }
}

/* One whose time has come: of those the one whose time came first. Else NULL, and when to look again. */
static struct request *pick_due(struct testdisk *td, uint64_t now, uint64_t *wake)
{
    struct request *best = NULL;

    for (struct request *request = td->queue; request != NULL; request = request->next) {
        if (best == NULL || request->due_ns < best->due_ns) {
            best = request;
        }
    }
    if (best != NULL && best->due_ns > now) {
        *wake = best->due_ns;
        return NULL;
    }
    return best;
}

static struct request *pick_of_batch(struct testdisk *td)
{
    struct request *best = NULL;
    uint64_t best_key = 0;

    for (struct request *request = td->queue; request != NULL; request = request->next) {
        uint64_t key = testdisk_random(td->plan.choice.seed, TESTDISK_SALT_ORDER, request->seq, 0);

        if (request->in_batch && (best == NULL || key < best_key)) {
            best = request;
            best_key = key;
        }
    }
    return best;
}

static struct request *pick_reordered(struct testdisk *td, uint64_t now, uint64_t *wake)
{
    struct request *oldest = NULL, *best = pick_of_batch(td);
    unsigned ready = 0;

    if (best != NULL) {
        return best;
    }
    for (struct request *request = td->queue; request != NULL; request = request->next) {
        if (request->due_ns <= now) {
            ready++;
            oldest = oldest == NULL ? request : oldest;
        } else if (request->due_ns < *wake) {
            *wake = request->due_ns;
        }
    }
    if (oldest == NULL) {
        return NULL;
    }
    uint64_t until = (oldest->due_ns > oldest->arrived_ns ? oldest->due_ns : oldest->arrived_ns) + LINGER_NS;
    if (ready < td->plan.reorder && until > now) {
        *wake = until < *wake ? until : *wake;
        return NULL;
    }
    ready = 0;
    for (struct request *request = oldest; request != NULL && ready < td->plan.reorder;
         request = request->next) {
        request->in_batch = request->due_ns <= now;
        ready += request->in_batch;
    }
    return pick_of_batch(td);
}

/* The next to do, or NULL: the disk is being closed. td_lock is held. */
static struct request *queue_next(struct testdisk *td)
{
    for (;;) {
        uint64_t wake = UINT64_MAX;
        struct request *request = td->queue;

        /* Without power nothing is worth waiting for. */
        if (request != NULL && td->power != POWER_OFF) {
            request = td->plan.reorder != 0 ? pick_reordered(td, queue_now_ns(), &wake)
                                            : pick_due(td, queue_now_ns(), &wake);
        }
        if (request != NULL) {
            queue_remove(td, request);
            return request;
        }
        if (td->queue == NULL && td->stopping) {
            return NULL;
        }
        if (wake == UINT64_MAX) {
            pthread_cond_wait(&td->td_work, &td->td_lock);
        } else {
            struct timespec until = {.tv_sec = (time_t)(wake / 1000000000u),
                                     .tv_nsec = (long)(wake % 1000000000u)};

            pthread_cond_timedwait(&td->td_work, &td->td_lock, &until);
        }
    }
}

void *queue_worker(void *arg)
{
    struct testdisk *td = arg;
    struct request *request;

    pthread_mutex_lock(&td->td_lock);
    while ((request = queue_next(td)) != NULL) {
        pthread_mutex_unlock(&td->td_lock);
        request_run(td, request);
        pthread_mutex_lock(&td->td_lock);
    }
    pthread_mutex_unlock(&td->td_lock);
    return NULL;
}
