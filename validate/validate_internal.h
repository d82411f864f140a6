// SPDX-License-Identifier: BSD-2-Clause
/*
 * validate_internal.h: what the validator knows of threads, locks and lock classes.
 *
 * Locks, in order (all inside the folder, above kern/'s own):
 *   700  order lock   lock_order.c     the graph of classes
 *   710  shard lock   lock_table.c     the table of locks by address
 *   715  share lock   lock_nesting.c   pairs of locks of one class
 *   720  record lock  thread_record.c  what one thread does; written by the thread itself, read by listings
 * No two of one kind are held at once, and none of them while a kext's lock is waited for.
 */
#ifndef KEXTBED_VALIDATE_VALIDATE_INTERNAL_H
#define KEXTBED_VALIDATE_VALIDATE_INTERNAL_H

#include <stdatomic.h>

#include "kern/kern_iface.h"
#include "kern/lock_iface.h"
#include "validate/validate_iface.h"

/* ---- lock classes -------------------------------------------------------------------------------------- */

#define CLASSES_MAX 512u
enum lock_kind { LOCK_MTX, LOCK_RW, LOCK_SPIN };
const char *lock_kind_name(enum lock_kind kind);

/* All locks that one place of one kext made in one group: they play one role, so they have one place in the
 * order. */
struct lock_class {
    uint32_t index;
    enum lock_kind kind;
    const void *site; /* who calls lck_*_init */
    char group[64];
    char name[128];            /* "group, made by function+0x12 (kext)" */
    _Atomic uint64_t taken;    /* ever */
    _Atomic uint64_t waited;   /* of those, had to wait */
    _Atomic uint64_t wait_ns;  /* all together */
    _Atomic uint64_t wait_max; /* the longest */
    const char *_Atomic nests; /* the operation that first took one inside another; NULL: none did */
    _Atomic bool nests_both;   /* two of them were taken in both orders */
};

/* One lock of a kext's. Entries are never freed while the validator runs, so that a pointer to one stays
 * good. */
struct lock_entry {
    struct lock_entry *next;      /* [shard] */
    const void *_Atomic lock;     /* its address */
    struct lock_class *class;     /* [shard] to write, constant while the lock lives */
    _Atomic bool alive;           /* initialised and not destroyed */
    _Atomic uint32_t life;        /* how often it was destroyed */
    struct validate_stack ending; /* [shard] where it was destroyed */
};

void lock_table_boot(void);
void lock_table_shutdown(void);
/** lock_table_add - a lock begins; @site names its class. Returns false when it is alive already. */
bool lock_table_add(const void *lock, enum lock_kind kind, lck_grp_t *group, const void *site);
/** lock_table_find - NULL: no such lock was ever made. */
struct lock_entry *lock_table_find(const void *lock);
void lock_table_end(struct lock_entry *entry);
/** lock_class_at - the class with an index, NULL at and after the last. */
struct lock_class *lock_class_at(uint32_t index);

/* ---- threads ------------------------------------------------------------------------------------------- */

#define HELD_MAX 48u
struct held_lock {
    struct lock_entry *entry;
    bool shared;
    bool spins; /* a spin lock, or a mutex taken as one: the thread must not sleep */
    uint64_t since_ns;
    const char *operation; /* in which it was taken; may be NULL */
    struct validate_stack stack;
};
enum wait_kind { WAIT_NONE, WAIT_LOCK, WAIT_EVENT };

/* Written by its thread under its lock, read by it freely and by others under the lock. */
struct thread_record {
    lck_spin_t *lock;
    struct kthread *owner;
    char thread_name[64];
    uint32_t number;
    uint32_t n_held;
    struct held_lock held[HELD_MAX];
    struct validate_operation *operation; /* innermost */
    enum wait_kind waits;
    struct lock_entry *wait_entry;
    const void *wait_event;
    const char *wait_name;
    uint64_t wait_since_ns;
    struct validate_stack wait_stack;
    uint64_t told; /* began_ns of the operation that the watchdog has told of */
};

void thread_record_boot(void);
void thread_record_shutdown(void);
/** thread_record_self - the calling thread's. Never NULL. */
struct thread_record *thread_record_self(void);
/** thread_record_each - call @fn with each thread's record, its lock held: nothing that locks may be done. */
void thread_record_each(void (*fn)(void *arg, struct thread_record *record), void *arg);
/** thread_record_at - the first record at or after *@index, which moves behind it; NULL: no more. */
struct thread_record *thread_record_at(uint32_t *index);
struct held_lock *record_find(struct thread_record *record, const struct lock_entry *entry);
void record_push(struct thread_record *record, struct lock_entry *entry, bool shared, bool spins);
void record_drop(struct thread_record *record, struct held_lock *held);
/** record_wait_begin, record_wait_end - the thread waits for a lock, or for an event called @name. */
void record_wait_begin(struct thread_record *record, struct lock_entry *entry, const void *event,
                       const char *name);
void record_wait_end(struct thread_record *record);
static inline bool record_waits(const struct thread_record *record)
{
    return record->waits != WAIT_NONE;
}

/* ---- order --------------------------------------------------------------------------------------------- */

void lock_order_boot(void);
void lock_order_shutdown(void);
/** lock_order_check - @record's thread is about to wait for @entry: remember after locks of which classes,
 * and which of its own class, and report the cycle that this closes. */
void lock_order_check(struct thread_record *record, struct lock_entry *entry);
void lock_nesting_boot(void);
void lock_nesting_shutdown(void);
/** lock_nesting_check - the same for @entry and the lock of its class that the thread holds at @index. */
void lock_nesting_check(struct thread_record *record, unsigned index, struct lock_entry *entry);

/* ---- reports ------------------------------------------------------------------------------------------- */

int exceptions_boot(const char *text);
void exceptions_shutdown(void);
/** exceptions_cover - is there an exception for @rule in @kext, function @function? Counts its use. */
bool exceptions_cover(const char *rule, const char *kext, const char *function);
/** report_text - a finding with one stack at most, whose text is printed from @fmt. */
void report_text(const char *rule, bool fatal, const char *heading, const struct validate_stack *stack,
                 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** report_stack - a stack into the log, with source lines where they are known. @level LOG_*. */
void report_stack(int level, const char *heading, const struct validate_stack *stack);
/** now_ns - the monotonic clock. */
uint64_t now_ns(void);

#endif
