// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which of a session's workers read requests. A new request wakes whoever waits for one, even where the
 * worker that has just answered is about to come back for the next; and a turn round many threads finds each
 * one's stack cold in the CPU's caches. So as few read as get the work done, and the others stand by.
 *
 * In charge is a member that took a request and left nobody reading. It reads again as soon as it is done.
 * Another is called up in its stead
 *   - when it is about to sleep in the kernel half, for whatever reason;
 *   - when it has been at one request for longer than a look of fh_crew_watch(), whatever it does there;
 *   - when, on a machine with processors to spare, requests keep waiting while it works (fh_crew_answers()).
 * So requests are served one after the other while that is quickest, and none ever waits for one that waits
 * itself. A member that is done and finds others reading, many times running, stands by.
 *
 * Locks: none. Who reads and who stands by is one atomic word, so that each step sees both; a semaphore wakes
 * those who stand by. A member belongs to its own thread.
 */
#ifndef KEXTBED_FUSEHOST_CREW_H
#define KEXTBED_FUSEHOST_CREW_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct fh_crew {
    _Atomic uint32_t state;  /* how many read and how many stand by; whether the crew was dismissed */
    _Atomic int active;      /* members that neither stand by nor have slept since they took their request */
    _Atomic uint32_t charge; /* changes when somebody comes to be in charge */
    _Atomic bool watched;    /* fh_crew_watch() looks now and then; else it wants to be woken */
    int processors;          /* constant */
    sem_t calls;             /* one for each member that is called up */
    sem_t watch;             /* wakes fh_crew_watch() */
};

struct fh_crew_member {
    struct fh_crew *crew;
    bool in_charge;
    bool slept;        /* since it took its request */
    unsigned surplus;  /* times running that it was done and others were reading */
    unsigned answered; /* requests */
    unsigned crowded;  /* looks running that found a request waiting */
};

void fh_crew_init(struct fh_crew *crew);
void fh_crew_destroy(struct fh_crew *crew);

/** fh_crew_join - make the calling thread @member, which stands by unless nobody reads. */
void fh_crew_join(struct fh_crew *crew, struct fh_crew_member *member);
/** fh_crew_leave - the calling thread is a member no longer. After fh_crew_wait() said so, or fh_crew_took().
 */
void fh_crew_leave(struct fh_crew_member *member);
/** fh_crew_wait - wait until it is the member's turn to read. False: the crew was dismissed. Blocks. */
bool fh_crew_wait(struct fh_crew_member *member);
/** fh_crew_took - the member has come back from reading, with a request or without. */
void fh_crew_took(struct fh_crew_member *member);
/** fh_crew_answers - the member is about to answer a request that it read from @fd. */
void fh_crew_answers(struct fh_crew_member *member, int fd);
/** fh_crew_lacks - is there nobody left to be called up? */
bool fh_crew_lacks(struct fh_crew *crew);

/** fh_crew_watch - call up another when one in charge takes too long, until the crew is dismissed. Blocks;
 * sleeps all the time while no requests come. One thread that is no member. */
void fh_crew_watch(struct fh_crew *crew);
/** fh_crew_dismiss - the connection is at its end: nobody stands by any longer. */
void fh_crew_dismiss(struct fh_crew *crew);

#endif
