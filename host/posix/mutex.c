// SPDX-License-Identifier: BSD-2-Clause
/*
 * mutex.c: host_mutex is a POSIX mutex in the caller's storage, so that the thread sanitizer and debuggers
 * know what it is. Owner checks are the kernel half's business.
 */
#include "host/posix/posix_internal.h"

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct host_mutex), "host_mutex is too small");
_Static_assert(_Alignof(pthread_mutex_t) <= _Alignof(struct host_mutex), "host_mutex is under-aligned");

static pthread_mutex_t *mutex_posix(struct host_mutex *mutex)
{
    return (pthread_mutex_t *)mutex->opaque;
}

void host_mutex_init(struct host_mutex *mutex)
{
    (void)pthread_mutex_init(mutex_posix(mutex), NULL);
}

void host_mutex_destroy(struct host_mutex *mutex)
{
    (void)pthread_mutex_destroy(mutex_posix(mutex));
}

void host_mutex_lock(struct host_mutex *mutex)
{
    (void)pthread_mutex_lock(mutex_posix(mutex));
}

bool host_mutex_trylock(struct host_mutex *mutex)
{
    return pthread_mutex_trylock(mutex_posix(mutex)) == 0;
}

void host_mutex_unlock(struct host_mutex *mutex)
{
    (void)pthread_mutex_unlock(mutex_posix(mutex));
}
