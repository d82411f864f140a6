// SPDX-License-Identifier: BSD-2-Clause
/*
 * log.c: the log ring, and what writes to it: printf, log, kprintf, IOLog. Everything also goes to the host's
 * log.
 *
 * Lock: ring_lock (rank 950, leaf) over the ring; the text is formatted before it is taken and handed to the
 * host after it was let go. Not used in a panic.
 */
#include <stdatomic.h>
#include <string.h>
#include <sys/syslog.h>
#include <IOKit/IOLib.h>
#include <libkern/libkern.h>

#include "kern/format_internal.h"
#include "kern/kern_iface.h"
#include "kern/log_internal.h"
#include "host/host.h"

#define RING_SIZE ((size_t)1 << 17) /* a power of two */

static struct host_mutex ring_lock;
static char ring[RING_SIZE];
static uint64_t ring_end; /* bytes ever written */
static _Atomic bool ready;

void log_init(void)
{
    host_mutex_init(&ring_lock);
    atomic_store(&ready, true);
}

static void ring_append(const char *text, size_t len)
{
    if (!atomic_load_explicit(&ready, memory_order_acquire))
        return;
    host_mutex_lock(&ring_lock);
    for (size_t done = 0; done < len;) {
        size_t at = ring_end & (RING_SIZE - 1), piece = RING_SIZE - at;

        if (piece > len - done)
            piece = len - done;
        memcpy(ring + at, text + done, piece);
        ring_end += piece;
        done += piece;
    }
    host_mutex_unlock(&ring_lock);
}

size_t kern_log_read(uint64_t *seq, char *buf, size_t len, uint64_t *lost)
{
    uint64_t oldest, start = *seq;
    size_t n;

    host_mutex_lock(&ring_lock);
    oldest = ring_end > RING_SIZE ? ring_end - RING_SIZE : 0;
    if (start < oldest)
        start = oldest;
    if (start > ring_end)
        start = ring_end;
    if (lost)
        *lost = start - *seq <= oldest ? start - *seq : 0;
    n = ring_end - start < len ? (size_t)(ring_end - start) : len;
    for (size_t i = 0; i < n; i++)
        buf[i] = ring[(start + i) & (RING_SIZE - 1)];
    host_mutex_unlock(&ring_lock);
    *seq = start + n;
    return n;
}

static int log_text(int level, const char *fmt, va_list ap)
{
    char room[512], *text = room;
    size_t len = format_buffer(room, sizeof room, fmt, ap), kept = len;

    if (len >= sizeof room) {
        text = host_alloc(len + 1, 0);
        if (text) {
            (void)format_buffer(text, len + 1, fmt, ap);
        } else {
            text = room;
            kept = sizeof room - 1;
        }
    }
    ring_append(text, kept);
    host_log(level, text, kept);
    if (text != room)
        host_free(text);
    return (int)len;
}

void kern_log(int level, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)log_text(level, fmt, ap);
    va_end(ap);
}

int printf(const char *fmt, ...)
{
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = log_text(LOG_INFO, fmt, ap);
    va_end(ap);
    return len;
}

int vprintf(const char *fmt, va_list ap)
{
    return log_text(LOG_INFO, fmt, ap);
}

void kprintf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)log_text(LOG_DEBUG, fmt, ap);
    va_end(ap);
}

void log(int level, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)log_text(level & LOG_PRIMASK, fmt, ap);
    va_end(ap);
}

void IOLog(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)log_text(LOG_INFO, fmt, ap);
    va_end(ap);
}

void IOLogv(const char *fmt, va_list ap)
{
    (void)log_text(LOG_INFO, fmt, ap);
}
