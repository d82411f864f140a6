// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests in flight: what each worker serves now, for whoever has to say why a mount does not end.
 */
#ifndef KEXTBED_FUSEHOST_FLIGHT_H
#define KEXTBED_FUSEHOST_FLIGHT_H

#include "fusehost/session_internal.h"

struct fuse_in_header;

/** fh_flight_begin, fh_flight_end - the calling worker takes up a request, and has answered it. */
void fh_flight_begin(struct fh_worker *worker, const struct fuse_in_header *in);
static inline void fh_flight_end(struct fh_worker *worker)
{
    atomic_store_explicit(&worker->unique, 0, memory_order_release);
}

/** fh_flights_tell - the requests that have been served for at least @age_ms: operation, node, on whose
 * behalf, since when, and where in the kext. @buf is always terminated. Returns how many. Slow; any thread.
 */
unsigned fh_flights_tell(struct fh_session *session, uint64_t age_ms, char *buf, size_t size);

/** fh_flights_interrupt - end the interruptible sleeps of all of them. */
void fh_flights_interrupt(struct fh_session *session);

#endif
