// SPDX-License-Identifier: BSD-2-Clause
/*
 * validate_iface.h: the validator as the folders above see it: on or off, what a thread is doing
 * (operations), what went wrong (findings), and what is held and waited for (listings).
 *
 * It is chosen at boot. With it off nothing here costs more than one test of a constant, and kexts are bound
 * to the plain functions; with it on the linker binds them to the checking variants (checked_X for X, here
 * and in vfs/).
 */
#ifndef KEXTBED_VALIDATE_VALIDATE_IFACE_H
#define KEXTBED_VALIDATE_VALIDATE_IFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- on or off ----------------------------------------------------------------------------------------- */

enum validate_policy {
    VALIDATE_OFF,
    VALIDATE_WARN,  /* a finding is logged, and the kext goes on where that is possible */
    VALIDATE_PANIC, /* a finding is logged, then a panic */
};
extern enum validate_policy validate_policy; /* constant between boot and shutdown */
static inline bool validate_on(void)
{
#ifdef KEXTBED_WITHOUT_VALIDATOR /* the yardstick of tests/validate/test_cost.py, and nothing else */
    return false;
#else
    return __builtin_expect(validate_policy != VALIDATE_OFF, 0);
#endif
}

/** validate_boot - choose a policy. Before any kext is loaded.
 *  @exceptions  text: see docs/locking.md; NULL for none. Not kept.
 *  Errno:  0; EINVAL a line of @exceptions makes no sense (logged with its number). */
int validate_boot(enum validate_policy policy, const char *exceptions);
/** validate_shutdown - forget everything; exceptions that nothing needed are logged. */
void validate_shutdown(void);
/** validate_findings - how many were reported since the boot. */
uint64_t validate_findings(void);

/* ---- where somebody was -------------------------------------------------------------------------------- */

/* Deep enough to reach the kext from within a nested operation, also where nothing is inlined. */
#define VALIDATE_DEPTH 20u
struct validate_stack {
    unsigned depth;
    void *pc[VALIDATE_DEPTH];
};
void validate_stack_take(struct validate_stack *stack);

/* ---- findings ------------------------------------------------------------------------------------------ */

#define VALIDATE_EVIDENCE_MAX 8u
/* A stack that explains a finding, under a heading such as "the lock was taken". */
struct validate_evidence {
    const char *heading;
    const struct validate_stack *stack;
};
struct validate_finding {
    const char *rule; /* short and fixed: what exceptions name */
    bool fatal;       /* going on would hang or corrupt: a panic under either policy */
    const void
        *function; /* whose fault it is: an address in it. NULL: the kext nearest on the calling stack */
    const char *text;
    unsigned n_evidence;
    struct validate_evidence evidence[VALIDATE_EVIDENCE_MAX];
};
/** validate_report - log a finding with kext, running operation, function, evidence and the calling stack,
 * then panic or, where policy and finding allow it, return. An exception that covers it makes it silent.
 *  Locks:  none of the validator's. */
void validate_report(const struct validate_finding *finding);

/* ---- what a thread is doing ---------------------------------------------------------------------------- */

#define VALIDATE_USES_MAX 8u
/* One operation of a file system, on its caller's stack. The record's lock guards all of it: others look. */
struct validate_operation {
    struct validate_operation *outer;
    const char *name;     /* "vnop_lookup" */
    const void *function; /* the file system's */
    const void *object;   /* vnode or mount */
    const void *mount;    /* whose operation it is */
    uint64_t began_ns;
    unsigned locks; /* held at the start */
    bool reclaims;  /* a reclaim */
    /* Vnodes of which it has another number of usecounts than at its start, and those that it put for good.
     */
    unsigned n_uses, n_puts;
    struct {
        const void *vp;
        int delta;
        struct validate_stack stack;
    } uses[VALIDATE_USES_MAX];
    struct {
        const void *vp;
        struct validate_stack stack;
    } puts[VALIDATE_USES_MAX];
};
#define VALIDATE_OP_RECLAIMS                                                                                 \
    0x1u /* takes a file away: may not run inside another one of the same thread and mount */
#define VALIDATE_OP_USES_FREE 0x2u /* may end with other usecounts than it began with */
#define VALIDATE_OP_LOCKS_ANY 0x4u /* may be called with locks of the same kext held */
/** validate_operation_begin - the calling thread enters @function for @object, a file or mount of @mount.
 * @flags VALIDATE_OP_*. */
void validate_operation_begin(struct validate_operation *op, const char *name, const void *function,
                              const void *object, const void *mount, unsigned flags);
/** validate_operation_end - it has returned @result: its locks and usecounts are compared with those at the
 * start. */
void validate_operation_end(struct validate_operation *op, int result, unsigned flags);
/** validate_operation_now - the innermost operation of the calling thread; NULL: none. */
struct validate_operation *validate_operation_now(void);
/** validate_use - the calling thread's operation took (@delta 1) or gave up (-1) a usecount on @vp. */
void validate_use(const void *vp, int delta);
/** validate_put_last - it gave up its last iocount on @vp; validate_put_find says where. NULL: it did not. */
void validate_put_last(const void *vp);
const struct validate_stack *validate_put_find(const void *vp);

/* ---- locks, for calls that must not be made with one held ---------------------------------------------- */

/** validate_locks_held - how many locks of kexts the calling thread holds. */
unsigned validate_locks_held(void);
/** validate_no_locks - a finding unless the thread holds no lock of a kext's. @call names what it calls, @why
 * what may happen inside. */
void validate_no_locks(const char *call, const char *why);
/** validate_no_spins - a finding when the thread holds a spin lock; @caller a place in the kext. */
void validate_no_spins(const char *call, const void *caller);

/** validate_tree_change_begin, validate_tree_change_end - bracket what may give directories another place, or
 * end some: what is known of the order of two locks of one class may be the other way round afterwards. */
void validate_tree_change_begin(void);
void validate_tree_change_end(void);

/* ---- listings ------------------------------------------------------------------------------------------ */

enum validate_row_kind {
    VALIDATE_ROW_RUNS,   /* an operation */
    VALIDATE_ROW_HOLDS,  /* a lock */
    VALIDATE_ROW_WAITS,  /* for a lock */
    VALIDATE_ROW_SLEEPS, /* on an event */
};
struct validate_row {
    enum validate_row_kind kind;
    uint32_t thread; /* number */
    char thread_name[64];
    const char *operation; /* may be NULL */
    const char *kext;      /* whose operation; may be NULL */
    char object[256];      /* the lock and its class, the event, the function */
    const void *about;     /* the operation's vnode or mount; NULL for the other kinds */
    uint64_t since_ns;
    struct validate_stack stack;
};
/** validate_each_row - what each thread runs, holds and waits for. @fn is called without any lock held. */
void validate_each_row(void (*fn)(void *arg, const struct validate_row *row), void *arg);

struct validate_contention {
    const char *kind, *name;
    uint64_t taken, waited, wait_ns, wait_max_ns;
};
/** validate_each_class - every lock class with how often and how long it was waited for. */
void validate_each_class(void (*fn)(void *arg, const struct validate_contention *class), void *arg);
/** validate_order_dot - the lock order graph in the DOT language, piece by piece. */
void validate_order_dot(void (*add)(void *arg, const char *text), void *arg);
/** validate_watch - log each thread whose operation has lasted longer than @ns nanoseconds, once an
 * operation: what it waits for, who has that, and the stacks. Returns how many were told of. Any thread, now
 * and then. */
unsigned validate_watch(uint64_t ns);

#endif
