// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_note.h: what mutex.c and rwlock.c tell the thread sanitizer about the locks that they make of words
 * and futexes. Without the sanitizer all of it is nothing.
 */
#ifndef KEXTBED_HOST_POSIX_LOCK_NOTE_H
#define KEXTBED_HOST_POSIX_LOCK_NOTE_H

#if defined(__SANITIZE_THREAD__)
#define LOCK_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LOCK_TSAN 1
#endif
#endif

/* Flags: held shared; may fail; has failed. */
#ifdef LOCK_TSAN
#include <sanitizer/tsan_interface.h>
#define LOCK_SHARED                         __tsan_mutex_read_lock
#define LOCK_TRY                            __tsan_mutex_try_lock
#define LOCK_FAILED                         __tsan_mutex_try_lock_failed
#define lock_note_create(lock)              __tsan_mutex_create(lock, __tsan_mutex_not_static)
#define lock_note_destroy(lock)             __tsan_mutex_destroy(lock, __tsan_mutex_not_static)
#define lock_note_lock_begin(lock, flags)   __tsan_mutex_pre_lock(lock, flags)
#define lock_note_lock_end(lock, flags)     __tsan_mutex_post_lock(lock, flags, 0)
#define lock_note_unlock_begin(lock, flags) (void)__tsan_mutex_pre_unlock(lock, flags)
#define lock_note_unlock_end(lock, flags)   __tsan_mutex_post_unlock(lock, flags)
#else
#define LOCK_SHARED                         0u
#define LOCK_TRY                            0u
#define LOCK_FAILED                         0u
#define lock_note_create(lock)              ((void)(lock))
#define lock_note_destroy(lock)             ((void)(lock))
#define lock_note_lock_begin(lock, flags)   ((void)(lock), (void)(flags))
#define lock_note_lock_end(lock, flags)     ((void)(lock), (void)(flags))
#define lock_note_unlock_begin(lock, flags) ((void)(lock), (void)(flags))
#define lock_note_unlock_end(lock, flags)   ((void)(lock), (void)(flags))
#endif

#endif
