// SPDX-License-Identifier: BSD-2-Clause
/*
 * testdisk_internal.h: what the files of the test device share. Nobody else includes it.
 *
 * One lock, td_lock: a leaf, never held over a call of the disk below or of hi_done. Who writes to the disk
 * below (a flush, a write that has to be there, a power cut) claims it first by td_claimed, so that no older
 * write lands over a newer one; a power cut therefore waits for a flush that has begun.
 */
#ifndef KEXTBED_HOST_TESTDISK_INTERNAL_H
#define KEXTBED_HOST_TESTDISK_INTERNAL_H

#include <pthread.h>

#include "host/host.h"
#include "host/testdisk/record.h"
#include "host/testdisk/testdisk.h"

enum power { POWER_ON, POWER_GOING, POWER_OFF };

/* What the plan wants of one request. */
struct verdict {
    int status;   /* HOST_OK, or how it fails */
    bool lie;     /* success without deeds */
    uint64_t len; /* bytes that are done, less than asked of a short one */
    uint64_t delay_ns;
};

struct request {
    struct request *next; /* the queue */
    struct host_disk_io *io;
    struct testdisk_write *write; /* of a write or an unmap that has an effect; the cache's */
    uint64_t seq, submitted;
    uint64_t arrived_ns, due_ns; /* monotonic */
    bool in_batch;               /* of those that are being reordered */
    struct verdict verdict;
};

/* Field legend: [i] constant after open, [l] td_lock. */
struct testdisk {
    struct host_disk disk;   /* [i] */
    struct host_disk *inner; /* [i] */
    pthread_mutex_t td_lock;
    pthread_cond_t td_changed;          /* power, claimed */
    pthread_cond_t td_work;             /* the queue, stopping */
    pthread_t worker;                   /* [i] */
    struct testdisk_plan plan;          /* [l] */
    uint64_t seen[TESTDISK_RULES_MAX];  /* [l] requests that a rule's operation and range select */
    uint64_t cut_seen;                  /* [l] */
    enum power power;                   /* [l] */
    bool td_claimed;                    /* [l] somebody writes to the disk below */
    bool stopping;                      /* [l] */
    uint64_t seq, events;               /* [l] */
    uint64_t latest_done;               /* [l] largest seq among requests that are over */
    struct request *queue, **queue_end; /* [l] in order of arrival */
    struct testdisk_cache cache;        /* [l] */
    struct testdisk_recorder recorder;  /* [l] */
    struct testdisk_stats stats;        /* [l] what is not counted elsewhere */
};

/** plan_judge - what becomes of a request that arrives now, and whether the power goes with it. td_lock is
 * held. */
struct verdict plan_judge(struct testdisk *td, const struct host_disk_io *io, uint64_t seq, uint32_t block,
                          bool *cut);

/** request_run - do a request whose time has come, to the end. No lock is held. Blocks. */
void request_run(struct testdisk *td, struct request *request);
/** disk_cut_locked - the power goes, or has gone. td_lock is held, and left for a while. Blocks. */
void disk_cut_locked(struct testdisk *td);
/** disk_claim_locked - wait until nobody writes to the disk below. False: the power has gone meanwhile. */
bool disk_claim_locked(struct testdisk *td);
void disk_release_locked(struct testdisk *td);

/** queue_add - td_lock is held. */
void queue_add(struct testdisk *td, struct request *request);
/** queue_worker - the thread that does what is late, reordered or asynchronous. @arg: the disk. */
void *queue_worker(void *arg);
uint64_t queue_now_ns(void);

#endif
