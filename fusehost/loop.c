// SPDX-License-Identifier: BSD-2-Clause
/*
 * The workers: threads that take requests from the connection and answer them. There are two at first, one of
 * which stands by; another is started whenever the last that stood by is called up (crew.h), up to the
 * mount's limit, and none is ended before the connection is. Each has its own clone of the connection where
 * the host allows it, so that they neither share a queue of answers nor a descriptor, and its own buffers.
 *
 * The loop is ours rather than the library's: requests can be looked at raw, nothing is cancelled
 * asynchronously, and two mutexes per request are saved. Decoding and encoding is the library's.
 *
 * Locks: session.mutex for the list of workers.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fusehost/flight.h"
#include "fusehost/panic.h"
#include "fusehost/session_internal.h"
#include "host/host.h"

#define PAGE         4096u
#define REQUEST_SIZE (FH_MAX_IO + PAGE)
#define WRITE_HEADER (sizeof(struct fuse_in_header) + sizeof(struct fuse_write_in))
#define OUT_SIZE     (64u << 10)

static __thread struct fh_worker *current;

struct fh_worker *fh_worker_current(void)
{
    return current;
}

void *fh_worker_out(struct fh_worker *worker, size_t size)
{
    if (size > worker->out_size || !worker->out) {
        size_t want = size > OUT_SIZE ? (size + PAGE - 1) & ~(size_t)(PAGE - 1) : OUT_SIZE;
        char *grown = aligned_alloc(PAGE, want);

        if (!grown)
            return NULL;
        free(worker->out);
        worker->out = grown;
        worker->out_size = want;
    }
    return worker->out;
}

/* ---- the library's side of the connection ----------------------------------------------------------- */

static ssize_t hook_read(int fd, void *buf, size_t size, void *userdata)
{
    (void)userdata;
    return read(fd, buf, size);
}

static void reply_count(struct fh_worker *worker, const struct fuse_out_header *out)
{
    uint32_t op = ((const struct fuse_in_header *)(const void *)worker->in)->opcode;

    if (out->error)
        fh_stats_add(&worker->stats.ops[op < FH_STATS_OPS ? op : FH_STATS_OPS - 1].errors, 1);
}

/* An answer goes out where its request came in: on the worker's own clone. */
static ssize_t hook_writev(int fd, struct iovec *iov, int count, void *userdata)
{
    struct fh_worker *worker = current;

    (void)userdata;
    if (!worker)
        return writev(fd, iov, count);

    const struct fuse_in_header *in = (const void *)worker->in;
    bool first = in->opcode == FUSE_INIT;
    reply_count(worker, iov[0].iov_base);
    if (first)
        fh_negotiate_patch(iov, count);
    fh_crew_answers(&worker->member, worker->fd);
    ssize_t n = writev(worker->fd, iov, count);
    if (first && n >= 0)
        fh_session_answered(worker->session);
    return n;
}

int fh_loop_hooks(struct fh_session *session)
{
    static const struct fuse_custom_io io = {.read = hook_read, .writev = hook_writev};

    return -fuse_session_custom_io(session->fuse, &io, session->fd);
}

/* ---- one worker --------------------------------------------------------------------------------------- */

static void request_note(struct fh_worker *worker, const struct fuse_in_header *in, size_t size)
{
    uint32_t op = in->opcode < FH_STATS_OPS ? in->opcode : FH_STATS_OPS - 1;

    fh_stats_add(&worker->stats.ops[op].count, 1);
    worker->raw_flags = 0;
    if (in->opcode == FUSE_WRITE && size >= WRITE_HEADER)
        worker->raw_flags = ((const struct fuse_write_in *)(const void *)(in + 1))->write_flags;
}

static void worker_start(struct fh_session *session);

/* ---- interrupts ---------------------------------------------------------------------------------------- */

static bool request_interrupt(struct fh_worker *busy, uint64_t unique)
{
    if (atomic_load_explicit(&busy->unique, memory_order_acquire) != unique)
        return false;
    uint64_t call = sys_call_running(busy->host_thread);
    /* Numbers of requests do not come again: if it is still this one, the call was made for it. */
    return call && atomic_load_explicit(&busy->unique, memory_order_acquire) == unique &&
           sys_call_interrupt(call);
}

/* Somebody who waits for an answer got a signal. Where his request is between two calls, or has been read but
 * not begun, the host is told to ask again, which it does only on the descriptor that the request came from.
 */
static void interrupt_serve(struct fh_worker *worker, const struct fuse_in_header *in)
{
    uint64_t unique = ((const struct fuse_interrupt_in *)(const void *)(in + 1))->unique;
    struct fuse_out_header again = {.len = sizeof(again), .error = -EAGAIN, .unique = in->unique};

    pthread_mutex_lock(&worker->session->mutex);
    struct fh_worker *workers = worker->session->workers;
    pthread_mutex_unlock(&worker->session->mutex);
    for (struct fh_worker *busy = workers; busy; busy = busy->next)
        if (request_interrupt(busy, unique))
            return;
    for (struct fh_worker *busy = workers; busy; busy = busy->next)
        if (write(busy->fd, &again, sizeof(again)) == (ssize_t)sizeof(again))
            return;
}

static void request_serve(struct fh_worker *worker, size_t size)
{
    struct fh_session *session = worker->session;
    const struct fuse_in_header *in = (const void *)worker->in;
    struct fuse_buf buf = {.mem = worker->in, .size = size, .fd = -1};
    bool forget = in->opcode == FUSE_FORGET || in->opcode == FUSE_BATCH_FORGET;

    request_note(worker, in, size);
    if (forget) {
        fuse_session_process_buf(session->fuse, &buf);
        return;
    }
    if (in->opcode == FUSE_INTERRUPT) {
        interrupt_serve(worker, in);
        return;
    }
    fh_flight_begin(worker, in);
    fuse_session_process_buf(session->fuse, &buf);
    fh_flight_end(worker);
}

/* Returns 0 when the connection ended, else the errno that ends it. */
static int worker_loop(struct fh_worker *worker)
{
    struct fh_session *session = worker->session;

    while (!fuse_session_exited(session->fuse) && fh_crew_wait(&worker->member)) {
        if (fh_crew_lacks(&session->crew))
            worker_start(session);
        ssize_t n = read(worker->fd, worker->in, REQUEST_SIZE);
        fh_crew_took(&worker->member);

        if (n >= (ssize_t)sizeof(struct fuse_in_header)) {
            request_serve(worker, (size_t)n);
        } else if (n >= 0) {
            return EIO;
        } else if (errno == ENODEV) {
            return 0;
        } else if (errno != EINTR && errno != EAGAIN &&
                   errno != ENOENT) { /* ENOENT: that request was withdrawn */
            return errno;
        }
    }
    return 0;
}

static void *worker_main(void *arg)
{
    struct fh_worker *worker = arg;
    struct fh_session *session = worker->session;

    pthread_setname_np(pthread_self(), "fh-worker");
    current = worker;
    worker->host_thread = host_thread_id(host_thread_self());
    fh_crew_join(&session->crew, &worker->member);
    int err = worker_loop(worker);
    fh_crew_leave(&worker->member);
    fh_crew_dismiss(&session->crew);
    fh_panic_stay();
    current = NULL;
    fh_caller_cache_clear(&worker->callers);
    free(worker->in_base);
    free(worker->out);
    worker->in_base = worker->in = worker->out = NULL;

    pthread_mutex_lock(&session->mutex);
    if (err && !session->error)
        session->error = err;
    session->running--;
    pthread_cond_broadcast(&session->changed);
    pthread_mutex_unlock(&session->mutex);
    return NULL;
}

/* A second descriptor of the same connection, or the session's own one where the host gives none. */
static int connection_clone(const struct fh_session *session)
{
    uint32_t master = (uint32_t)session->fd;
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return session->fd;
    if (ioctl(fd, FUSE_DEV_IOC_CLONE, &master) != 0) {
        close(fd);
        return session->fd;
    }
    return fd;
}

static struct fh_worker *worker_make(struct fh_session *session)
{
    struct fh_worker *worker = calloc(1, sizeof(*worker));

    if (!worker)
        return NULL;
    worker->in_base = aligned_alloc(PAGE, REQUEST_SIZE + PAGE);
    if (!worker->in_base) {
        free(worker);
        return NULL;
    }
    worker->in = (char *)worker->in_base + PAGE - WRITE_HEADER;
    worker->session = session;
    worker->fd = connection_clone(session);
    return worker;
}

static void worker_unmake(struct fh_worker *worker)
{
    if (worker->fd != worker->session->fd)
        close(worker->fd);
    free(worker->in_base);
    free(worker);
}

/* Adds a worker if the limit allows; without memory or threads the others go on alone. */
static void worker_start(struct fh_session *session)
{
    if (atomic_load_explicit(&session->n_workers, memory_order_relaxed) >= session->options.threads)
        return;
    struct fh_worker *worker = worker_make(session);
    if (!worker)
        return;

    pthread_mutex_lock(&session->mutex);
    bool started = atomic_load(&session->n_workers) < session->options.threads &&
                   pthread_create(&worker->thread, NULL, worker_main, worker) == 0;
    if (started) {
        worker->next = session->workers;
        session->workers = worker;
        atomic_fetch_add(&session->n_workers, 1);
        session->running++;
    }
    pthread_mutex_unlock(&session->mutex);
    if (!started)
        worker_unmake(worker);
}

int fh_loop_run(struct fh_session *session)
{
    worker_start(session);
    pthread_mutex_lock(&session->mutex);
    bool none = session->workers == NULL;
    pthread_mutex_unlock(&session->mutex);
    if (!none)
        fh_crew_watch(&session->crew);
    pthread_mutex_lock(&session->mutex);
    while (session->running)
        pthread_cond_wait(&session->changed, &session->mutex);
    int err = none ? EAGAIN : session->error;
    struct fh_worker *workers = session->workers;
    pthread_mutex_unlock(&session->mutex);

    for (struct fh_worker *worker = workers; worker; worker = worker->next)
        pthread_join(worker->thread, NULL);
    for (struct fh_worker *worker = workers; worker; worker = worker->next)
        if (worker->fd != session->fd)
            close(worker->fd);
    return err;
}
