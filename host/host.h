// SPDX-License-Identifier: BSD-2-Clause
/*
 * host.h: the narrow waist. Everything that the kernel side needs from the machine below it, and the only
 * way it may ask for it. Implemented by host/posix for real use; a second implementation may stand in its
 * place.
 *
 * Rules:
 *  - This file includes nothing but the four freestanding headers below, so both worlds can read it.
 *  - The host never calls the kernel side by name: it knows only the two upcalls given to host_init().
 *  - No function here takes a kernel-side lock or allocates behind the caller's back unless it says so.
 *  - Functions that can fail return 0 or a host_status value, never an errno (the two worlds' errnos differ).
 *  - Locks: the host's own internal locks are leaves. They may be taken with any kernel lock held and are
 * never held across an upcall.
 */
#ifndef KEXTBED_HOST_HOST_H
#define KEXTBED_HOST_HOST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised by one whenever a declaration below changes its meaning; host_init() refuses a caller built for
 * another. */
#define HOST_VERSION 1

/* Results of calls that can fail. */
enum host_status {
    HOST_OK = 0,
    HOST_ENOMEM = 1,       /* no memory, no address space, no threads left */
    HOST_EINVAL = 2,       /* the argument makes no sense (unaligned, out of range, wrong version) */
    HOST_ETIMEDOUT = 3,    /* the deadline passed */
    HOST_EINTERRUPTED = 4, /* host_thread_interrupt() was called on the parked thread */
    HOST_ENOENT = 5,       /* no such process, no such symbol */
    HOST_EPERM = 6,        /* the host does not let this process do that */
    HOST_EBUSY = 7,        /* somebody else has it */
    HOST_EIO = 8,          /* the medium failed */
    HOST_ENOSPC = 9,       /* no room left below */
};

/* ---- start --------------------------------------------------------------------------------------------- */

/* What is known about a processor exception or a fatal signal. */
struct host_fault {
    int signo;        /* the host's signal number, for the text only */
    const char *what; /* "segmentation fault", "bus error"...; static string */
    uintptr_t pc;     /* where it happened */
    uintptr_t fp;     /* frame pointer there */
    uintptr_t sp;     /* stack pointer there */
    uintptr_t addr;   /* the address that could not be touched, 0 where there is none */
    bool write;       /* the access was a store (only where addr is meaningful) */
};

struct host_upcalls {
    /* A thread that had called host_thread_set_data() with a non-null value ends; @data is that value. Runs
     * on the ending thread, after its own code, and may use every host function except
     * host_thread_set_data(). */
    void (*thread_exit)(void *data);
    /* A fatal exception in this thread. Runs on the thread's alternate stack, all signals of the kind
     * unblocked. Must not return; it ends in host_die(). */
    void (*fault)(const struct host_fault *fault);
};

/** host_init - prepare the host side. Call once, first, from the initial thread.
 *  @version  HOST_VERSION of the caller.
 *  @upcalls  copied. Both members must be set.
 *  Reserves the arena, installs the fault handlers, adopts the calling thread.
 *  Returns: HOST_OK; HOST_EINVAL wrong version or called twice; HOST_ENOMEM, also where the arena
 *  finds no room near the executable (logged). */
int host_init(uint32_t version, const struct host_upcalls *upcalls);

/* ---- memory -------------------------------------------------------------------------------------------- */

enum host_prot { HOST_PROT_NONE = 0, HOST_PROT_READ = 1, HOST_PROT_WRITE = 2, HOST_PROT_EXEC = 4 };

/** host_alloc - general heap memory, contents undefined. @align power of two, 0 means 16. NULL when there is
 * none. */
void *host_alloc(size_t size, size_t align);
/** host_alloc_zero - as host_alloc(size, 0), zero-filled (cheaper than clearing for large sizes). */
void *host_alloc_zero(size_t size);
/** host_free - give back memory of host_alloc or host_alloc_zero. NULL is allowed. */
void host_free(void *ptr);

/** host_page_size - bytes in a page; a power of two, constant. */
size_t host_page_size(void);
/** host_map - fresh zero-filled pages. @size a multiple of the page size. NULL when there are none. */
void *host_map(size_t size, unsigned prot);
/** host_protect - change the protection of whole pages inside one mapping. */
int host_protect(void *addr, size_t size, unsigned prot);
/** host_unmap - give back a whole mapping of host_map. */
void host_unmap(void *addr, size_t size);

/* The arena: one range of address space beside the executable, where kext images live: no byte of either is
 * 2 GiB or more from any byte of the other. Offsets and sizes are multiples of the page size. Nothing is
 * accessible until committed; contents of committed pages start as zeros; decommitted pages lose theirs. What
 * one call committed, one call decommits whole. Committed pages are in core dumps, and a leak checker reads
 * them. The host keeps no record of what is in use. Before host_init() the size is 0.
 */
uint8_t *host_arena_base(void);
size_t host_arena_size(void);
int host_arena_commit(size_t off, size_t size, unsigned prot);
int host_arena_protect(size_t off, size_t size, unsigned prot);
int host_arena_decommit(size_t off, size_t size);

/* ---- threads ------------------------------------------------------------------------------------------- */

/* A thread's token. Tokens are type-stable: memory of an ended thread's token is only ever reused as another
 * thread's token, so host_unpark() on a stale one is harmless (a permit too many; parking is always in a
 * loop). */
struct host_thread;

#define HOST_FOREVER UINT64_MAX
/* Thread ids are small: 1 .. HOST_THREAD_MAX-1, unique among live threads, reused after a thread ended. */
#define HOST_THREAD_MAX 16384u

/** host_thread_create - run @fn(@arg) on a new thread.
 *  @name   copied, cut to what the system shows (15 bytes). @stack bytes, 0 = default (1 MiB).
 *  @out    optional; the token. The creator owes exactly one host_thread_join or host_thread_detach, which
 * may be given to another thread; with @out NULL the thread is detached from the start. */
int host_thread_create(void (*fn)(void *), void *arg, const char *name, size_t stack,
                       struct host_thread **out);
/** host_thread_join - wait until @thread has ended, thread_exit upcall included. Blocks. */
void host_thread_join(struct host_thread *thread);
void host_thread_detach(struct host_thread *thread);

/** host_thread_self - the calling thread's token; a thread not made here is adopted on its first call. Never
 * NULL. */
struct host_thread *host_thread_self(void);
uint32_t host_thread_id(const struct host_thread *thread);
/** host_thread_set_data - the pointer handed to the thread_exit upcall when the calling thread ends (NULL:
 * none). */
void host_thread_set_data(void *data);
/** host_thread_on_block - call @fn(@arg) whenever the calling thread is about to sleep in a function of this
 * file: for a lock that is held, a permit, a time, another thread. NULL: no more. @fn runs with any locks
 * held: it takes none, allocates nothing and does not sleep. For the host program. */
void host_thread_on_block(void (*fn)(void *arg), void *arg);
void host_thread_setname(const char *name);
void host_thread_yield(void);
/** host_thread_restart - abandon the calling thread's stack and run @fn(@arg) on it from the bottom. With @fn
 * NULL the thread ends. Only on threads of host_thread_create(); HOST_EINVAL on any other, else it does not
 * return. */
int host_thread_restart(void (*fn)(void *), void *arg);

/** host_park - wait for a permit and consume it.
 *  @deadline_ns   host_time_mono_ns() value, or HOST_FOREVER.
 *  @interruptible whether a pending or coming host_thread_interrupt() ends the wait (it is consumed then).
 *  Returns: HOST_OK a permit was consumed; HOST_ETIMEDOUT; HOST_EINTERRUPTED. A permit given before the call
 * counts, permits do not add up. Everything done before host_unpark() is visible after the HOST_OK. */
int host_park(uint64_t deadline_ns, bool interruptible);
/** host_unpark - give @thread a permit. Never blocks; usable with any lock held. */
void host_unpark(struct host_thread *thread);
/** host_thread_interrupt - make the current or next interruptible host_park() of @thread end. Never blocks.
 */
void host_thread_interrupt(struct host_thread *thread);
/** host_thread_interrupt_clear - forget an interrupt of the calling thread that nobody has consumed. */
void host_thread_interrupt_clear(void);
/** host_sleep_ns - wait at least @ns nanoseconds. */
void host_sleep_ns(uint64_t ns);
/** host_ncpu - processors this process may use; at least 1. */
unsigned host_ncpu(void);

/* ---- blocking primitives ------------------------------------------------------------------------------- */

/* Opaque storage: nothing is allocated, so a lock lives wherever its owner does. Zeroed storage is not a
 * valid lock. */
struct host_mutex {
    uint64_t opaque[1];
};
struct host_rwlock {
    uint64_t opaque[4];
};

/* Not recursive, not transferable: the locker unlocks. */
void host_mutex_init(struct host_mutex *mutex);
void host_mutex_destroy(struct host_mutex *mutex);
void host_mutex_lock(struct host_mutex *mutex);
bool host_mutex_trylock(struct host_mutex *mutex);
void host_mutex_unlock(struct host_mutex *mutex);

/* Reader-writer lock. Waiting writers hold new readers back; a releasing writer lets in the readers that were
 * waiting before the next writer, so neither starves. Not recursive for writers; a second shared hold by one
 * thread may deadlock against a waiting writer. Holds may not change threads. */
void host_rwlock_init(struct host_rwlock *rw);
void host_rwlock_destroy(struct host_rwlock *rw);
void host_rwlock_lock_shared(struct host_rwlock *rw);
void host_rwlock_lock_exclusive(struct host_rwlock *rw);
bool host_rwlock_trylock_shared(struct host_rwlock *rw);
bool host_rwlock_trylock_exclusive(struct host_rwlock *rw);
void host_rwlock_unlock_shared(struct host_rwlock *rw);
void host_rwlock_unlock_exclusive(struct host_rwlock *rw);
/** host_rwlock_upgrade - turn the caller's shared hold into an exclusive one, ahead of waiting writers.
 *  Returns: true held exclusively, nobody wrote in between; false another thread is upgrading already, and
 * the caller's shared hold is GONE. May block until the other readers left. */
bool host_rwlock_upgrade(struct host_rwlock *rw);
/** host_rwlock_downgrade - turn an exclusive hold into a shared one without letting a writer in. */
void host_rwlock_downgrade(struct host_rwlock *rw);
/** host_rwlock_held_exclusive / _held_shared - some thread holds it so right now; for assertions. */
bool host_rwlock_held_exclusive(const struct host_rwlock *rw);
bool host_rwlock_held_shared(const struct host_rwlock *rw);

/* ---- time and chance ----------------------------------------------------------------------------------- */

/** host_time_mono_ns - nanoseconds since some fixed moment; never goes back. */
uint64_t host_time_mono_ns(void);
/** host_time_wall - seconds and nanoseconds since 1970-01-01 UTC. */
void host_time_wall(int64_t *sec, uint32_t *nsec);
/** host_time_wall_coarse - the same with the resolution of the host's timer tick (a few ms), cheaper. */
void host_time_wall_coarse(int64_t *sec, uint32_t *nsec);
/** host_random - fill @buf with unpredictable bytes. */
void host_random(void *buf, size_t len);

/* ---- log ----------------------------------------------------------------------------------------------- */

enum host_log_level {
    HOST_LOG_PANIC = 0,
    HOST_LOG_ERROR = 3,
    HOST_LOG_WARNING = 4,
    HOST_LOG_INFO = 6,
    HOST_LOG_DEBUG = 7
};

/** host_log - hand one piece of text (any length, not terminated) to the sink. Signal-safe for the default
 * sink. */
void host_log(int level, const char *text, size_t len);
/** host_log_set_sink - where host_log goes. @sink NULL restores the default (standard error). The sink may be
 * called by several threads at once and in a panic; it must not call back into the kernel side. For the host
 * program. */
void host_log_set_sink(void (*sink)(void *arg, int level, const char *text, size_t len), void *arg);

/* ---- processes of the host ----------------------------------------------------------------------------- */

struct host_process_info {
    int32_t pid, ppid, pgid, sid;
    uint64_t start_time; /* ticks since boot; with pid it names a process for good */
    char name[33];       /* command name, terminated */
    bool exiting;        /* dead, waiting for its parent */
};

int32_t host_process_self(void);
/** host_process_info - read what the host knows of @pid. HOST_OK; HOST_ENOENT no such process. */
int host_process_info(int32_t pid, struct host_process_info *info);
/** host_process_ids - effective user and group and the supplementary groups of @pid.
 *  @n_groups  in: room in @groups; out: groups stored (the rest is cut off). HOST_OK; HOST_ENOENT no such
 * process. */
int host_process_ids(int32_t pid, uint32_t *uid, uint32_t *gid, uint32_t *groups, unsigned *n_groups);
/** host_process_signal - send @signum, 1..31 as BSD numbers signals, to @pid; 0 only checks. HOST_OK;
 * HOST_ENOENT no such process; HOST_EPERM; HOST_EINVAL the host has no such signal. */
int host_process_signal(int32_t pid, int signum);
/** host_process_name - the calling process's own name (argv[0] without its path); static string. */
const char *host_process_name(void);

/* ---- backtraces, panic --------------------------------------------------------------------------------- */

/** host_backtrace - return addresses of the calling thread by frame pointers, innermost first. Every frame
 * address is checked to lie in the thread's stack, so it is safe with broken chains. Returns the number
 * stored. */
size_t host_backtrace(void **pcs, size_t max);
/** host_backtrace_from - the same for the place of a fault, whose pc comes first. The caller of a function
 * that has no frame yet, or never makes one (memcpy), is found on the stack. Signal-safe. */
size_t host_backtrace_from(uintptr_t pc, uintptr_t fp, uintptr_t sp, void **pcs, size_t max);
/** host_thread_backtrace - where thread @id is, as host_backtrace() would say there: it is stopped for a
 * moment by a signal. Returns the number stored; 0: no such thread, the calling one, or it does not answer
 * within a fifth of a second because it waits inside the host. Blocks. Not in a panic. */
size_t host_thread_backtrace(uint32_t id, void **pcs, size_t max);
/** host_symbolize - "function+0x12 (file.c:34)" for an address in this executable or a library it uses.
 *  Always terminates @buf. HOST_OK; HOST_ENOENT unknown, @buf then holds the number. Slow; for reports only.
 */
int host_symbolize(const void *pc, char *buf, size_t len);
/** host_source_set - who knows source lines of code in the arena: writes "file.c:12" for @pc, or returns
 * false. For the host program. NULL: nobody. */
void host_source_set(bool (*fn)(const void *pc, char *buf, size_t len));
/** host_source_line - ask it. Not in a panic: it may wait and allocate. Slow. @buf is always terminated. */
bool host_source_line(const void *pc, char *buf, size_t len);
/** host_unwind_register / _deregister - announce and withdraw a zero-terminated .eh_frame section. */
void host_unwind_register(const void *eh_frame);
void host_unwind_deregister(const void *eh_frame);

/** host_runtime_symbol - where this executable or a library it uses has the function @name of a compiler's
 * run-time library (a sanitizer's, coverage's); NULL where it has none. For the linker: kexts built with such
 * a compiler option need them. */
const void *host_runtime_symbol(const char *name);
/** host_runtime_leave - the image of a kext at @base, @size bytes, ends: its destructors have run. What such
 * a library still knows of it is brought to safety and forgotten: with coverage, counters. Else nothing.
 *  Blocks: with coverage, file I/O. */
void host_runtime_leave(const void *base, size_t size);

/** host_panic_hook_set - the function that makes the mounts fail at once. Runs first in a panic, on the
 * panicking thread, possibly on an alternate stack; async-signal-safe calls only. For the host program. NULL:
 * none. */
void host_panic_hook_set(void (*hook)(void *arg), void *arg);
/** host_panic_begin - claim the panic for the calling thread, run the hook, and set a limit of ten seconds
 * after which the process ends with @exit_code even if its report got stuck. Returns true for the first
 * caller. A second panic of the same thread gets false; another thread does not return (it waits for the end
 * of the process). Signal-safe. */
bool host_panic_begin(int exit_code);
/** host_panic_detail_set - a function that adds to a panic's report what may fail or hang. It runs last, with
 * the return addresses of the report, on the panicking thread. For the host program. NULL: none. */
void host_panic_detail_set(void (*fn)(void *const *pcs, size_t n, bool first_is_exact));
/** host_panic_detail - run it. */
void host_panic_detail(void *const *pcs, size_t n, bool first_is_exact);
/** host_die - end the process with @exit_code at once: no destructors, no flushing, no return. */
_Noreturn void host_die(int exit_code);

#ifdef __cplusplus
}
#endif
#endif
