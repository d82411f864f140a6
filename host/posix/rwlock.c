// SPDX-License-Identifier: BSD-2-Clause
/*
 * rwlock.c: the reader-writer lock with upgrade and downgrade.
 *
 * `state` holds everything that the uncontended paths need: they are one compare-and-swap and touch nothing
 * else, in particular nothing after the lock has been let go, so that the next holder may destroy the lock.
 * As soon as a waiter bit is set, every change goes through the gate, a small lock over the counters and the
 * wake-ups.
 *
 *   RW_WRITER    held exclusively                     RW_READER * n   n shared holds
 *   RW_WAIT_WR   writers wait: no new readers         RW_WAIT_RD      readers wait (only ever beside another
 * bit) RW_WAIT_UP   one reader waits to be the only one and become the writer: no new readers
 *
 * Who comes too late looks again a few times, further and further apart (spin_pause()), before it goes to the
 * gate: most holds are shorter than a sleep, and each look takes the line from the holder. Looking gives no
 * right: nobody who waits at the gate is passed by more often for it than the next paragraph allows.
 *
 * Fairness: readers that waited are let in all together when a writer releases, before the next writer; while
 * a writer waits no new reader gets in. A writer that was woken competes anew, against all comers, so that
 * the lock does not lie idle until it runs; when it has lost for the second time it presses, and from then on
 * holds new readers back all the time.
 */
#include "host/posix/lock_note.h"
#include "host/posix/posix_internal.h"

#define RW_READER   1u
#define RW_READERS  0x000fffffu
#define RW_WAIT_RD  0x10000000u
#define RW_WAIT_UP  0x20000000u
#define RW_WAIT_WR  0x40000000u
#define RW_WRITER   0x80000000u
#define RW_NO_ENTRY (RW_WRITER | RW_WAIT_WR | RW_WAIT_UP) /* a new reader must wait */
#define RW_WAITERS  (RW_WAIT_RD | RW_WAIT_UP | RW_WAIT_WR)
#define RW_HOLDERS  (RW_WRITER | RW_READERS | RW_WAIT_UP) /* a writer must wait */
#define PRESS_AFTER 2u                                    /* sleeps in vain */

/* [g] under the gate, [a] atomic. The *_turn words count wake-ups of one kind; waiters sleep on them. */
struct rwlock {
    _Atomic uint32_t state;        /* [a] */
    _Atomic uint32_t gate;         /* [a] of word_lock() */
    uint32_t waiting_readers;      /* [g] */
    uint32_t waiting_writers;      /* [g] asleep, or woken and not yet in */
    uint32_t pressing_writers;     /* [g] of those */
    _Atomic uint32_t reader_turn;  /* [g] to change */
    _Atomic uint32_t writer_turn;  /* [g] to change */
    _Atomic uint32_t upgrade_turn; /* [g] to change */
};

_Static_assert(sizeof(struct rwlock) <= sizeof(struct host_rwlock), "host_rwlock is too small");

static struct rwlock *rwlock_of(struct host_rwlock *rw)
{
    return (struct rwlock *)rw->opaque;
}

static uint32_t state_load(struct rwlock *lock)
{
    return atomic_load_explicit(&lock->state, memory_order_relaxed);
}

static bool state_swap(struct rwlock *lock, uint32_t *seen, uint32_t wanted)
{
    return atomic_compare_exchange_weak_explicit(&lock->state, seen, wanted, memory_order_acq_rel,
                                                 memory_order_relaxed);
}

static void turn_next(_Atomic uint32_t *turn, int count)
{
    atomic_fetch_add_explicit(turn, 1, memory_order_release);
    futex_wake(turn, count);
}

static void rwlock_enter_shared_slow(struct rwlock *lock)
{
    uint32_t seen, turn;

    word_lock(&lock->gate);
    seen = state_load(lock);
    for (;;) {
        if (!(seen & RW_NO_ENTRY)) {
            if (state_swap(lock, &seen, seen + RW_READER)) {
                word_unlock(&lock->gate);
                return;
            }
        } else if (state_swap(lock, &seen, seen | RW_WAIT_RD)) {
            break;
        }
    }
    lock->waiting_readers++;
    turn = atomic_load_explicit(&lock->reader_turn, memory_order_relaxed);
    word_unlock(&lock->gate);
    /* Whoever advances the turn has counted our hold already. */
    while (atomic_load_explicit(&lock->reader_turn, memory_order_acquire) == turn)
        (void)futex_wait(&lock->reader_turn, turn, HOST_FOREVER);
    /* He may still be in the gate; our caller may destroy the lock as soon as it is through with it. */
    word_lock(&lock->gate);
    word_unlock(&lock->gate);
}

/* One try with the gate held: true it is the caller's, false the state says that a writer waits. */
static bool rwlock_try_waiting(struct rwlock *lock)
{
    uint32_t seen = state_load(lock), wanted;

    do {
        if (seen & RW_HOLDERS)
            wanted = seen | RW_WAIT_WR;
        else
            wanted = RW_WRITER | (seen & RW_WAIT_RD) | (lock->waiting_writers > 1 ? RW_WAIT_WR : 0);
    } while (!state_swap(lock, &seen, wanted));
    return !(seen & RW_HOLDERS);
}

static void rwlock_enter_exclusive_slow(struct rwlock *lock)
{
    unsigned sleeps = 0;

    word_lock(&lock->gate);
    lock->waiting_writers++;
    while (!rwlock_try_waiting(lock)) {
        uint32_t turn = atomic_load_explicit(&lock->writer_turn, memory_order_relaxed);

        if (sleeps++ == PRESS_AFTER)
            lock->pressing_writers++;
        word_unlock(&lock->gate);
        (void)futex_wait(&lock->writer_turn, turn, HOST_FOREVER);
        word_lock(&lock->gate);
    }
    lock->waiting_writers--;
    if (sleeps > PRESS_AFTER)
        lock->pressing_writers--;
    word_unlock(&lock->gate);
}

/* Gate held, nobody holds the lock: wake a writer. It says itself that it waits, should it have to again. */
static void rwlock_wake_writer(struct rwlock *lock)
{
    if (!lock->pressing_writers)
        atomic_fetch_and_explicit(&lock->state, ~RW_WAIT_WR, memory_order_release);
    turn_next(&lock->writer_turn, 1);
}

/* Gate held, the lock is held exclusively by the caller: go on with @holds shared holds plus all readers that
 * wait. */
static void rwlock_let_readers_in(struct rwlock *lock, uint32_t holds)
{
    uint32_t waiting = lock->waiting_readers;

    lock->waiting_readers = 0;
    atomic_store_explicit(&lock->state,
                          (holds + waiting) * RW_READER | (lock->waiting_writers ? RW_WAIT_WR : 0),
                          memory_order_release);
    if (waiting)
        turn_next(&lock->reader_turn, INT32_MAX);
}

static void rwlock_leave_shared_slow(struct rwlock *lock)
{
    uint32_t left;

    word_lock(&lock->gate);
    left = atomic_fetch_sub_explicit(&lock->state, RW_READER, memory_order_acq_rel) - RW_READER;
    if ((left & RW_WAIT_UP) && (left & RW_READERS) == RW_READER)
        turn_next(&lock->upgrade_turn, 1);
    else if ((left & RW_WAIT_WR) && !(left & RW_READERS))
        rwlock_wake_writer(lock);
    word_unlock(&lock->gate);
}

static void rwlock_leave_exclusive_slow(struct rwlock *lock)
{
    word_lock(&lock->gate);
    if (lock->waiting_readers) {
        rwlock_let_readers_in(lock, 0);
    } else {
        atomic_store_explicit(&lock->state, RW_WAIT_WR, memory_order_release);
        rwlock_wake_writer(lock);
    }
    word_unlock(&lock->gate);
}

void host_rwlock_init(struct host_rwlock *rw)
{
    *rwlock_of(rw) = (struct rwlock){0};
    lock_note_create(rw);
}

void host_rwlock_destroy(struct host_rwlock *rw)
{
    lock_note_destroy(rw);
}

/* Looks for a while whether it becomes free; true it is the caller's. */
static bool rwlock_spin_shared(struct rwlock *lock)
{
    for (unsigned i = 0; i < spin_looks; i++) {
        spin_pause(i);
        uint32_t seen = state_load(lock);

        if (!(seen & RW_NO_ENTRY) && state_swap(lock, &seen, seen + RW_READER))
            return true;
    }
    return false;
}

static bool rwlock_spin_exclusive(struct rwlock *lock)
{
    for (unsigned i = 0; i < spin_looks; i++) {
        spin_pause(i);
        uint32_t seen = state_load(lock);

        if (!seen && state_swap(lock, &seen, RW_WRITER))
            return true;
        if (!(seen & RW_HOLDERS) && seen) /* free, but for waiters */
            return false;
    }
    return false;
}

void host_rwlock_lock_shared(struct host_rwlock *rw)
{
    struct rwlock *lock = rwlock_of(rw);
    uint32_t seen;

    lock_note_lock_begin(rw, LOCK_SHARED);
    seen = state_load(lock);
    do {
        if (seen & RW_NO_ENTRY) {
            if (!rwlock_spin_shared(lock))
                rwlock_enter_shared_slow(lock);
            break;
        }
    } while (!state_swap(lock, &seen, seen + RW_READER));
    lock_note_lock_end(rw, LOCK_SHARED);
}

bool host_rwlock_trylock_shared(struct host_rwlock *rw)
{
    struct rwlock *lock = rwlock_of(rw);
    uint32_t seen;
    bool taken = false;

    lock_note_lock_begin(rw, LOCK_SHARED | LOCK_TRY);
    seen = state_load(lock);
    while (!(seen & RW_NO_ENTRY) && !taken)
        taken = state_swap(lock, &seen, seen + RW_READER);
    lock_note_lock_end(rw, LOCK_SHARED | LOCK_TRY | (taken ? 0 : LOCK_FAILED));
    return taken;
}

void host_rwlock_lock_exclusive(struct host_rwlock *rw)
{
    struct rwlock *lock = rwlock_of(rw);
    uint32_t unheld = 0;

    lock_note_lock_begin(rw, 0);
    if (!atomic_compare_exchange_strong_explicit(&lock->state, &unheld, RW_WRITER, memory_order_acquire,
                                                 memory_order_relaxed) &&
        !rwlock_spin_exclusive(lock))
        rwlock_enter_exclusive_slow(lock);
    lock_note_lock_end(rw, 0);
}

bool host_rwlock_trylock_exclusive(struct host_rwlock *rw)
{
    struct rwlock *lock = rwlock_of(rw);
    uint32_t unheld = 0;
    bool taken;

    lock_note_lock_begin(rw, LOCK_TRY);
    taken = atomic_compare_exchange_strong_explicit(&lock->state, &unheld, RW_WRITER, memory_order_acquire,
                                                    memory_order_relaxed);
    lock_note_lock_end(rw, LOCK_TRY | (taken ? 0 : LOCK_FAILED));
    return taken;
}

void host_rwlock_unlock_shared(struct host_rwlock *rw)
{
    struct rwlock *lock = rwlock_of(rw);
    uint32_t seen;

    lock_note_unlock_begin(rw, LOCK_SHARED);
    seen = state_load(lock);
    do {
        if (seen & RW_WAITERS) {
            rwlock_leave_shared_slow(lock);
            break;
        }
    } while (!state_swap(lock, &seen, seen - RW_READER));
    lock_note_unlock_end(rw, LOCK_SHARED);
}

void host_rwlock_unlock_exclusive(struct host_rwlock *rw)
{
    struct rwlock *lock = rwlock_of(rw);
    uint32_t held = RW_WRITER;

    lock_note_unlock_begin(rw, 0);
    if (!atomic_compare_exchange_strong_explicit(&lock->state, &held, 0, memory_order_release,
                                                 memory_order_relaxed))
        rwlock_leave_exclusive_slow(lock);
    lock_note_unlock_end(rw, 0);
}

/* Gate held. Another upgrade is under way: the caller's shared hold goes away. */
static void rwlock_upgrade_lose(struct rwlock *lock)
{
    uint32_t left = atomic_fetch_sub_explicit(&lock->state, RW_READER, memory_order_acq_rel) - RW_READER;

    if ((left & RW_READERS) == RW_READER)
        turn_next(&lock->upgrade_turn, 1);
}

static bool rwlock_upgrade_slow(struct rwlock *lock)
{
    uint32_t seen;

    word_lock(&lock->gate);
    if (state_load(lock) & RW_WAIT_UP) {
        rwlock_upgrade_lose(lock);
        word_unlock(&lock->gate);
        return false;
    }
    for (;;) {
        uint32_t turn = atomic_load_explicit(&lock->upgrade_turn, memory_order_relaxed);

        seen = state_load(lock);
        for (;;) {
            bool alone = (seen & RW_READERS) == RW_READER;
            uint32_t wanted = alone ? RW_WRITER | (seen & (RW_WAIT_RD | RW_WAIT_WR)) : seen | RW_WAIT_UP;

            if (!state_swap(lock, &seen, wanted))
                continue;
            if (alone) {
                word_unlock(&lock->gate);
                return true;
            }
            break;
        }
        word_unlock(&lock->gate);
        (void)futex_wait(&lock->upgrade_turn, turn, HOST_FOREVER);
        word_lock(&lock->gate);
    }
}

bool host_rwlock_upgrade(struct host_rwlock *rw)
{
    struct rwlock *lock = rwlock_of(rw);
    uint32_t alone = RW_READER;
    bool won = true;

    lock_note_unlock_begin(rw, LOCK_SHARED);
    lock_note_unlock_end(rw, LOCK_SHARED);
    lock_note_lock_begin(rw, LOCK_TRY);
    if (!atomic_compare_exchange_strong_explicit(&lock->state, &alone, RW_WRITER, memory_order_acq_rel,
                                                 memory_order_relaxed))
        won = rwlock_upgrade_slow(lock);
    lock_note_lock_end(rw, LOCK_TRY | (won ? 0 : LOCK_FAILED));
    return won;
}

void host_rwlock_downgrade(struct host_rwlock *rw)
{
    struct rwlock *lock = rwlock_of(rw);
    uint32_t held = RW_WRITER;

    lock_note_unlock_begin(rw, 0);
    lock_note_unlock_end(rw, 0);
    lock_note_lock_begin(rw, LOCK_SHARED | LOCK_TRY);
    if (!atomic_compare_exchange_strong_explicit(&lock->state, &held, RW_READER, memory_order_acq_rel,
                                                 memory_order_relaxed)) {
        word_lock(&lock->gate);
        rwlock_let_readers_in(lock, 1);
        word_unlock(&lock->gate);
    }
    lock_note_lock_end(rw, LOCK_SHARED | LOCK_TRY);
}

bool host_rwlock_held_exclusive(const struct host_rwlock *rw)
{
    const struct rwlock *lock = (const struct rwlock *)rw->opaque;

    return atomic_load_explicit(&lock->state, memory_order_relaxed) & RW_WRITER;
}

bool host_rwlock_held_shared(const struct host_rwlock *rw)
{
    const struct rwlock *lock = (const struct rwlock *)rw->opaque;

    return atomic_load_explicit(&lock->state, memory_order_relaxed) & RW_READERS;
}
