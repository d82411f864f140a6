// SPDX-License-Identifier: BSD-2-Clause
/*
 * mutex.c: host_mutex: one word, locked and unlocked by one atomic instruction each as long as nobody waits.
 * Owner checks are the kernel half's business, so none are made here.
 *
 * A waiter sleeps on the word; whoever unlocks a word that says so wakes one. The waker touches the word's
 * address once more after the lock is free: its memory may be another's by then, to whom a wake-up too many
 * does no harm, as everybody who sleeps on a word looks at it again.
 */
#include "host/posix/lock_note.h"
#include "host/posix/posix_internal.h"

static _Atomic uint32_t *mutex_word(struct host_mutex *mutex)
{
    return (_Atomic uint32_t *)mutex->opaque;
}

void host_mutex_init(struct host_mutex *mutex)
{
    atomic_store_explicit(mutex_word(mutex), WORD_FREE, memory_order_relaxed);
    lock_note_create(mutex);
}

void host_mutex_destroy(struct host_mutex *mutex)
{
    lock_note_destroy(mutex);
}

void host_mutex_lock(struct host_mutex *mutex)
{
    lock_note_lock_begin(mutex, 0);
    word_lock(mutex_word(mutex));
    lock_note_lock_end(mutex, 0);
}

bool host_mutex_trylock(struct host_mutex *mutex)
{
    bool taken;

    lock_note_lock_begin(mutex, LOCK_TRY);
    taken = word_trylock(mutex_word(mutex));
    lock_note_lock_end(mutex, LOCK_TRY | (taken ? 0 : LOCK_FAILED));
    return taken;
}

void host_mutex_unlock(struct host_mutex *mutex)
{
    lock_note_unlock_begin(mutex, 0);
    word_unlock(mutex_word(mutex));
    lock_note_unlock_end(mutex, 0);
}
