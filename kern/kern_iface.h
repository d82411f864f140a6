// SPDX-License-Identifier: BSD-2-Clause
/*
 * kern_iface.h: what the kernel support folder offers to the other kernel folders beyond the public KPI.
 *
 * Lock ranks (a thread may only take a lock of a higher number than those it holds). kern/ sits at the bottom
 * of the order: the folders above use ranks below 800, and none of the locks here is held across a call into
 * them.
 *
 *   800  proc table            proc.c
 *   805  kauth scopes          kauth_scope.c       never held while a callback runs
 *   806  tree of variables     sysctl.c            never held while a handler runs
 *   807  kernel controls       control.c
 *   810  credential table      cred.c              one per hash shard
 *   815  pending time-outs     timeout.c
 *   820  thread call queue     thread_call_run.c   never held while a call's function runs
 *   830  log objects           os_log.c
 *   835  select records        select.c
 *   840  owner and tag lists   memory_owner.c, memory_tag.c
 *   850  thread table          thread.c
 *   900  sleep queue bucket    sleep.c             leaf: a waker holds it only to take threads off the queue
 *   950  log ring              log.c               leaf; never taken in a panic
 *
 * Memory can be allocated with any of these below 840 held.
 *
 * One lock here is held across a call into a kext and so comes before everybody else's: sysctl.c's handler
 * lock, rank 5.
 */
#ifndef KEXTBED_KERN_KERN_IFACE_H
#define KEXTBED_KERN_KERN_IFACE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/kauth.h>
#include <sys/proc.h>
#include <sys/vnode.h>
#include <kern/panic_call.h>
#include <kern/thread.h>
#include <mach/mach_types.h>

/* Builds without NDEBUG keep what debugging needs at some cost in time and memory. */
#if !defined(NDEBUG) && !defined(KERN_DEBUG)
#define KERN_DEBUG 1
#endif

/* ---- start and end ------------------------------------------------------------------------------------- */

/** kern_boot - bring up host and kernel support. Call once, before everything else in the kernel half.
 *  Errno: 0; EALREADY booted before; ENOMEM; ENODEV the host side has another version. */
int kern_boot(void);
/** kern_shutdown - stop worker threads. The caller has no system call running. Blocks until they are gone.
 * kern_boot() may be called again afterwards. */
void kern_shutdown(void);

/* ---- assertions and panic ------------------------------------------------------------------------------ */

/* The exit status of a process that panicked (EX_SOFTWARE of the host world), distinct from any normal
 * failure. */
#define KERN_PANIC_EXIT_CODE 70

/** kern_panic_at - panic with the place that noticed. @fmt as printf. */
void kern_panic_at(const char *file, int line, const char *fmt, ...)
    __attribute__((noreturn, cold, format(printf, 3, 4)));

#undef KASSERT /* of <sys/systm.h>, which checks nothing */
/* Our own invariants only; what a kext, an image or a user can cause is an error, not an assertion. */
#define KASSERT(cond, ...)                                                                                   \
    do {                                                                                                     \
        if (__builtin_expect(!(cond), 0))                                                                    \
            kern_panic_at(__FILE__, __LINE__, __VA_ARGS__);                                                  \
    } while (0)

/* The answer of a pc resolver: strings stay valid until the process ends. */
struct kern_pc_name {
    const char *kext;     /* bundle identifier */
    const char *function; /* NULL when there is no symbol */
    uint64_t offset;      /* bytes into the function, or into the kext when @function is NULL */
    const char
        *detail; /* the kext in full: version, UUID, addresses, what it links against; NULL: nothing known */
};
/** kern_set_pc_resolver - who names addresses inside kexts in a backtrace. @resolver must take no lock and
 * not allocate (it runs in a panic); returns false when the address is in no kext. NULL: none. */
void kern_set_pc_resolver(bool (*resolver)(const void *pc, struct kern_pc_name *name));
/** kern_describe_pc - "function+0x12 (com.example.kext)" or the host's description. For reports: slow, always
 * terminated. */
void kern_describe_pc(const void *pc, char *buf, size_t len);
/** kern_thread_where - what a thread of the kernel half is doing, as one line: the function that it is in,
 * and those of kexts that lead there. Empty: it cannot be told. Blocks; slow; for reports. */
void kern_thread_where(uint32_t number, char *buf, size_t len);
/** kern_threads_started - the numbers of live threads that were made by kernel_thread_start(), at most @max,
 * and returns how many there are. They may end at any moment. */
size_t kern_threads_started(uint32_t *numbers, size_t max);
/** kern_describe_source - "file.c:12" for an address in a kext, or "". For reports, not in a panic. */
void kern_describe_source(const void *pc, char *buf, size_t len);
/** kern_pc_kext - the identifier of the kext that holds @pc, valid until the process ends; NULL: no kext. */
const char *kern_pc_kext(const void *pc);
/** kern_set_panic_observer - called once in a panic with the reason, before the process dies (tests that
 * expect a panic, the sys layer). May not return to take over. NULL: none. */
void kern_set_panic_observer(void (*observer)(const char *reason));

/* ---- threads ------------------------------------------------------------------------------------------- */

/* The kernel's block for one thread; thread_t points at it. Made on the first kern_thread() of any thread,
 * gone when the thread has ended and the last thread_reference() was dropped. */
struct kthread;

/** kern_thread - the calling thread's block. Never NULL, cheap (one thread-local load). */
struct kthread *kern_thread(void);
/** kern_thread_number - small number, 1.., unique among live threads; index for per-thread tables. */
uint32_t kern_thread_number(struct kthread *thread);
/** kern_thread_name - the thread's name or ""; for reports, racy. */
const char *kern_thread_name(struct kthread *thread);
/** kern_thread_locks_held - mutexes, spin locks and reader-writer holds that the calling thread has right
 * now. */
unsigned kern_thread_locks_held(void);
/** kern_thread_locks - the same of @self, the calling thread's block. */
unsigned kern_thread_locks(const struct kthread *self);
/** kern_locks_describe - the locks that the calling thread took after it had @before, as one line: kind,
 * group, whose group, where taken. */
void kern_locks_describe(unsigned before, char *buf, size_t len);
/** kern_thread_slots - pointers per thread for the folders above; zero at first. */
void **kern_thread_slots(struct kthread *thread);
#define KERN_THREAD_SLOT_VFS  0
#define KERN_THREAD_SLOT_KEXT 1
#define KERN_THREAD_SLOTS     2

/* ---- the call in progress: whose credentials, which user memory ---------------------------------------- */

/* A context is three borrowed or owned pointers; vfs_context_create() makes owned ones. */
struct vfs_context {
    thread_t vc_thread;
    kauth_cred_t vc_ucred;
    proc_t vc_proc;
};

/* One entered system call. Lives on the caller's stack between kern_enter and kern_leave; fields are private
 * to kern/. */
struct kern_call {
    struct kern_call *kc_previous;
    struct vfs_context kc_context;
    struct kern_user_range *kc_ranges;
    uint64_t kc_id;
    unsigned kc_locks_held;
};

/** kern_enter - begin a call on behalf of @cred and @proc: vfs_context_current(), kauth_cred_get(),
 * current_proc() answer with them on this thread until the matching kern_leave(). Nests. Refs:   borrows
 * both; the caller keeps them alive until kern_leave(). Blocks: no. */
void kern_enter(struct kern_call *call, kauth_cred_t cred, proc_t proc);
/** kern_enter_named - the same, and what the call is called in reports: a static string. */
void kern_enter_named(struct kern_call *call, kauth_cred_t cred, proc_t proc, const char *name);
/** kern_leave - end it. Panics when the call leaves with other locks held than it came with, or with a user
 * range pushed. */
void kern_leave(struct kern_call *call);
/** kern_call_current_id - names the outermost call running on this thread, 0 when there is none. */
uint64_t kern_call_current_id(void);
/** kern_call_running - names the call that runs on the thread of that number (kern_thread_number()) now, 0:
 * none. Any thread. */
uint64_t kern_call_running(uint32_t number);
/* A call in progress, as kern_call_list() found it. */
struct kern_call_info {
    uint64_t id;
    uint32_t thread;   /* kern_thread_number() */
    const char *name;  /* kern_enter_named(); NULL: it has none */
    uint64_t since_ns; /* kern_call_since(), of whichever call noted it last */
};
/** kern_call_since - when the outermost call of this thread began, host_time_mono_ns(). For reports, and only
 * where a look at the clock at each call is worth it. */
void kern_call_since(uint64_t ns);
/** kern_call_list - the calls in progress now, at most @max; returns how many there are. Any thread. */
size_t kern_call_list(struct kern_call_info *out, size_t max);
/** kern_call_interrupt - mark the call named @id as interrupted: its PCATCH sleeps end with EINTR and
 *  vfs_context_issignal() becomes true until it leaves. Any thread. Returns false when that call is over. */
bool kern_call_interrupt(uint64_t id);

/* ---- user memory --------------------------------------------------------------------------------------- */

/* A user address handed to kexts is the host address with this bit set: not a valid pointer, so a kext that
 * dereferences one faults; copyin, copyout and uiomove go through the ranges pushed by the running call. */
#define KERN_USER_TAG (1ULL << 62)

struct kern_user_range {
    struct kern_user_range *kr_next;
    uint64_t kr_start, kr_end; /* tagged */
    bool kr_writable;
};

/** kern_user_range_push - let the running call's copyin/copyout (with @writable) touch @len bytes at @addr.
 * Needs kern_enter(). */
void kern_user_range_push(struct kern_user_range *range, void *addr, size_t len, bool writable);
/** kern_user_range_pop - the last one pushed. */
void kern_user_range_pop(struct kern_user_range *range);

static inline user_addr_t kern_user_addr(const void *host)
{
    return host ? ((uint64_t)(uintptr_t)host | KERN_USER_TAG) : 0;
}

/** kern_user_check - may the current call touch @len bytes at @addr? 0 or EFAULT. @write: copyout. */
int kern_user_check(user_addr_t addr, size_t len, bool write);

/* ---- credentials and processes ------------------------------------------------------------------------- */

#define KERN_CRED_GROUPS_MAX 64

/** kern_cred_create - the credential with these ids; equal ones share one object, so comparing pointers
 * compares identity.
 *  @groups supplementary groups, @n_groups <= KERN_CRED_GROUPS_MAX (the rest is cut off).
 *  Refs: gives 1; end with kauth_cred_unref. Blocks: memory. Never NULL. */
kauth_cred_t kern_cred_create(uid_t uid, gid_t gid, const gid_t *groups, unsigned n_groups);
/** kauth_cred_getgroups - effective group first, then the supplementary ones. @countp in: room, out: how many
 * there are. 0; ERANGE. */
int kauth_cred_getgroups(kauth_cred_t cred, gid_t *groups, size_t *countp);
/** kern_cred_kernel - uid 0, gid 0, no groups. Permanent, no reference given. */
kauth_cred_t kern_cred_kernel(void);
/** kern_cred_count - live credentials, the kernel's own included. */
unsigned kern_cred_count(void);

/** kern_proc_get - the handle of the host process @pid, made when there is none. Never NULL, and the host is
 * not asked whether it exists. Refs: gives 1; end with proc_rele. Pid 0 is the kernel itself. Blocks: memory.
 */
proc_t kern_proc_get(int pid);
/** kern_proc_kernel - pid 0. Permanent, no reference given. */
proc_t kern_proc_kernel(void);
/** kern_proc_current - the process of the running call, else the kernel. No reference given. */
proc_t kern_proc_current(void);
/** kern_proc_count - live handles, the kernel's own included. */
unsigned kern_proc_count(void);

/** vfs_context_kernel - the kernel's own context: uid 0, pid 0. Permanent. */
vfs_context_t vfs_context_kernel(void);
/** vfs_context_thread / vfs_context_issuser / vfs_context_iskernel - parts of a context. */
thread_t vfs_context_thread(vfs_context_t ctx);
int vfs_context_issuser(vfs_context_t ctx);
int vfs_context_iskernel(vfs_context_t ctx);

/** kern_signals_allow - may proc_signal() really signal processes of the host? False at first: a kext must
 * not be able to kill what runs beside it. */
void kern_signals_allow(bool allow);
/** kern_proc_signal - what proc_signal() does, with an answer. @signum as in sys/signal.h, 0 only checks.
 *  Errno: 0; EPERM not allowed; ESRCH no such process; EINVAL the host has no such signal. */
int kern_proc_signal(int pid, int signum);

/* ---- variables (sysctl) -------------------------------------------------------------------------------- */

/** kern_sysctl - read, and where @newp is given set, the variable @name ("vfs.generic.x"; a part may be a
 * number) on behalf of the running call, whose user memory @oldp and @newp are in.
 *  @oldp     0: only the length is asked for.
 *  @oldlenp  in: room at @oldp, bytes; out: bytes that the value has. May be NULL.
 *  Errno: 0; ENOENT no such variable; EPERM it cannot be set, or the caller may not; ENOMEM the value does
 * not fit, *oldlenp is set; EINVAL the new value is of another size; EISDIR a name goes on below a variable;
 * the handler's. Blocks: the handler may. */
int kern_sysctl(const char *name, user_addr_t oldp, size_t *oldlenp, user_addr_t newp, size_t newlen);
/** kern_sysctl_range_in_use - is a variable registered that lies in, or whose handler lies in, [@start,
 * @end)?
 * @why (may be NULL) gets one sentence. */
bool kern_sysctl_range_in_use(const void *start, const void *end, char *why, size_t why_size);

/* ---- waiting for files to become ready ----------------------------------------------------------------- */

struct kern_select_record;
/* One call that waits, on its caller's stack. Its address is the wql of VNOP_SELECT and d_select. */
struct kern_select {
    struct kern_select_record *ks_records;
    bool ks_woken;
};
/** kern_select_begin, kern_select_end - bracket the call: ask the files, wait, ask again. */
void kern_select_begin(struct kern_select *call);
void kern_select_end(struct kern_select *call);
/** kern_select_wait - until one of those that recorded @call (selrecord) wakes it; a wake-up since the last
 * wait counts.
 *  @deadline  mach_absolute_time() value, UINT64_MAX for ever. Errno: 0; EWOULDBLOCK; EINTR. */
int kern_select_wait(struct kern_select *call, uint64_t deadline);

/* ---- memory for the kernel half ------------------------------------------------------------------------ */

/** kern_alloc - @size bytes, zero-filled, 16-byte aligned; never NULL (no memory is a panic). @tag a static
 * name for statistics and reports. Blocks: memory. */
void *kern_alloc(size_t size, const char *tag);
/** kern_alloc_try - the same, NULL when there is no memory (@size may come from outside). */
void *kern_alloc_try(size_t size, const char *tag);
/** kern_free - @size must be the size allocated; a wrong size or a double free panics. NULL is allowed. */
void kern_free(void *ptr, size_t size);

/* Whose memory is it: every allocation made by code in the arena is charged to the owner of that code. */
#define KERN_OWNER_KERNEL 0u
#define KERN_OWNER_MAX    1024u

struct kern_memory_stats {
    uint64_t bytes;       /* live, as asked for */
    uint64_t blocks;      /* live */
    uint64_t allocations; /* ever */
    uint64_t peak_bytes;
};

/** kern_owner_create - a new owner named @name (copied). Errno: 0; ENOSPC. */
int kern_owner_create(const char *name, uint32_t *owner);
/** kern_owner_map - code in these pages of the arena belongs to @owner (KERN_OWNER_KERNEL takes it away). */
void kern_owner_map(const void *base, size_t len, uint32_t owner);
/** kern_owner_of - the owner of the code at @pc. */
uint32_t kern_owner_of(const void *pc);
/** kern_owner_destroy - forget an owner. One that still has memory or locks keeps its number and its
 * counters, so that they stay accounted for. Returns the bytes it still had. */
uint64_t kern_owner_destroy(uint32_t owner);
void kern_owner_stats(uint32_t owner, struct kern_memory_stats *stats);
/** kern_memory_stats - all owners together. */
void kern_memory_stats(struct kern_memory_stats *stats);
/** kern_tag_stats - one allocation tag (OSMalloc tag name, kern_alloc tag, "_MALLOC", "IOMalloc"...). False:
 * no such tag. */
bool kern_tag_stats(const char *tag, struct kern_memory_stats *stats);
/** kern_tag_each - call @fn for every tag with live blocks. @fn must not allocate. */
void kern_tag_each(void (*fn)(void *arg, const char *tag, const struct kern_memory_stats *stats), void *arg);
/** kern_memory_report - print the live blocks of @owner (address, size, tag, allocating function) to the log,
 * at most @max lines; only builds with KERN_DEBUG keep what it takes, others print the totals. */
void kern_memory_report(uint32_t owner, unsigned max);
/** kern_memory_fail_after - fault injection: the @n-th next failable allocation (M_NOWAIT, OSMalloc,
 * kern_alloc_try...) fails once. 0: off. */
void kern_memory_fail_after(uint64_t n);

/* ---- what must be nothing after a test ----------------------------------------------------------------- */

struct kern_leak_counts {
    uint64_t memory_bytes, memory_blocks;
    uint32_t locks; /* initialised and not destroyed, all groups */
    uint32_t lock_groups, lock_attrs;
    uint32_t malloc_tags;
    uint32_t threads;      /* kernel threads made by kernel_thread_start and alive */
    uint32_t thread_calls; /* allocated and not freed */
    uint32_t creds, procs, contexts, uios;
};
void kern_leak_counts(struct kern_leak_counts *counts);
/** kern_owner_lock_count - live locks and groups made by code of @owner, for the manager's unload report. */
uint32_t kern_owner_lock_count(uint32_t owner);
/** kern_owner_thread_count - live kernel threads started by, and thread calls allocated by, code of @owner.
 */
uint32_t kern_owner_thread_count(uint32_t owner);

/** kern_owner_listener_count - kauth scopes and listeners made by code of @owner. */
uint32_t kern_owner_listener_count(uint32_t owner);
/** kern_vnode_listeners - how many listen to KAUTH_SCOPE_VNODE now. No lock, never blocks: a listener that
 * comes or goes meanwhile may be missed or asked once more. */
uint32_t kern_vnode_listeners(void);
/** kern_fileop_listeners - the same for KAUTH_SCOPE_FILEOP. */
uint32_t kern_fileop_listeners(void);

/* ---- log ----------------------------------------------------------------------------------------------- */

/** kern_log_read - copy log text from the ring.
 *  @seq   in: the byte number to start at (0: oldest kept); out: where to go on next time.
 *  @lost  out, optional: bytes that had already been overwritten.
 *  Returns the bytes stored in @buf. Blocks: no. */
size_t kern_log_read(uint64_t *seq, char *buf, size_t len, uint64_t *lost);
/** kern_log - a line of the kernel's own, level as in sys/syslog.h. */
void kern_log(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
