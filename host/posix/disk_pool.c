// SPDX-License-Identifier: BSD-2-Clause
/*
 * disk_pool.c: the threads of one disk that do requests whose submitter must not wait. They are made when a
 * request finds none idle, up to a few, and end when the disk is closed.
 *
 * Lock: dp_lock, a leaf; not held over a request or its completion. Called by disk_open.c.
 */
#include "host/posix/disk_internal.h"

void disk_pool_init(struct disk_pool *pool)
{
    (void)pthread_mutex_init(&pool->dp_lock, NULL);
    (void)pthread_cond_init(&pool->dp_work, NULL);
    pool->dp_last = &pool->dp_first;
}

/* The next request; NULL: the disk is being closed. Lock held, dropped while waiting. */
static struct host_disk_io *next_locked(struct disk_pool *pool)
{
    while (!pool->dp_first && !pool->dp_closing) {
        pool->dp_idle++;
        (void)pthread_cond_wait(&pool->dp_work, &pool->dp_lock);
        pool->dp_idle--;
    }
    struct host_disk_io *io = pool->dp_first;
    if (io) {
        pool->dp_first = io->hi_next;
        pool->dp_waiting--;
        if (!pool->dp_first)
            pool->dp_last = &pool->dp_first;
    }
    return io;
}

static void pool_run(void *arg)
{
    struct disk_file *disk = arg;
    struct disk_pool *pool = &disk->df_pool;
    struct host_disk_io *io;

    (void)pthread_mutex_lock(&pool->dp_lock);
    while ((io = next_locked(pool)) != NULL) {
        (void)pthread_mutex_unlock(&pool->dp_lock);
        disk_request_run(disk, io);
        io->hi_done(io);
        (void)pthread_mutex_lock(&pool->dp_lock);
    }
    (void)pthread_mutex_unlock(&pool->dp_lock);
}

bool disk_pool_add(struct disk_file *disk, struct host_disk_io *io)
{
    struct disk_pool *pool = &disk->df_pool;

    io->hi_next = NULL;
    (void)pthread_mutex_lock(&pool->dp_lock);
    if (pool->dp_waiting >= pool->dp_idle && pool->dp_count < DISK_POOL_MAX &&
        host_thread_create(pool_run, disk, "kextbed disk", 0, &pool->dp_threads[pool->dp_count]) == HOST_OK)
        pool->dp_count++;
    bool taken = pool->dp_count > 0;
    if (taken) {
        *pool->dp_last = io;
        pool->dp_last = &io->hi_next;
        pool->dp_waiting++;
        (void)pthread_cond_signal(&pool->dp_work);
    }
    (void)pthread_mutex_unlock(&pool->dp_lock);
    return taken;
}

void disk_pool_end(struct disk_pool *pool)
{
    (void)pthread_mutex_lock(&pool->dp_lock);
    pool->dp_closing = true;
    (void)pthread_cond_broadcast(&pool->dp_work);
    (void)pthread_mutex_unlock(&pool->dp_lock);
    for (unsigned i = 0; i < pool->dp_count; i++)
        host_thread_join(pool->dp_threads[i]);
    (void)pthread_cond_destroy(&pool->dp_work);
    (void)pthread_mutex_destroy(&pool->dp_lock);
}
