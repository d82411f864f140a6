// SPDX-License-Identifier: BSD-2-Clause
/*
 * proc.c: processes as handles: a pid and a count. What else is asked about a process is read from the host
 * at that moment.
 *
 * Lock: table_lock (rank 800) over the hash of handles; a count falls to 0 only with it held.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/proc.h>
#include <sys/syslog.h>
#include <kern/task.h>

#include "kern/cred_internal.h"
#include "kern/proc_internal.h"
#include "kern/thread_internal.h"
#include "host/host.h"

#define N_CHAINS      64u /* a power of two */
#define ANCESTORS_MAX 128 /* a longer chain of parents is taken for a race with the host */

static struct host_mutex table_lock;
static struct proc *chains[N_CHAINS];
static struct proc kernel_proc = {.p_refs = 1};
static unsigned n_procs = 1; /* table_lock */
static _Atomic bool signals_allowed;

proc_t kernproc = &kernel_proc;
task_t kernel_task = (task_t)(void *)&kernel_proc; /* a process and its task are one thing here */

void proc_init(void)
{
    host_mutex_init(&table_lock);
}

static struct proc **chain_of(int pid)
{
    return &chains[(unsigned)pid & (N_CHAINS - 1)];
}

proc_t kern_proc_kernel(void)
{
    return &kernel_proc;
}

unsigned kern_proc_count(void)
{
    unsigned n;

    host_mutex_lock(&table_lock);
    n = n_procs;
    host_mutex_unlock(&table_lock);
    return n;
}

static struct proc *proc_take(int pid, struct proc **fresh)
{
    struct proc *proc, **chain = chain_of(pid);

    host_mutex_lock(&table_lock);
    for (proc = *chain; proc && proc->p_pid != pid; proc = proc->p_next)
        ;
    if (proc) {
        atomic_fetch_add_explicit(&proc->p_refs, 1, memory_order_relaxed);
    } else if (*fresh) {
        proc = *fresh;
        *fresh = NULL;
        proc->p_next = *chain;
        *chain = proc;
        n_procs++;
    }
    host_mutex_unlock(&table_lock);
    return proc;
}

proc_t kern_proc_get(int pid)
{
    struct proc *fresh = NULL, *proc;

    if (pid <= 0)
        return &kernel_proc;
    while (!(proc = proc_take(pid, &fresh))) {
        fresh = kern_alloc(sizeof *fresh, "proc");
        fresh->p_pid = pid;
        atomic_store_explicit(&fresh->p_refs, 1, memory_order_relaxed);
    }
    kern_free(fresh, sizeof *fresh);
    return proc;
}

static void proc_remove(struct proc *proc)
{
    struct proc **at = chain_of(proc->p_pid);
    bool last;

    host_mutex_lock(&table_lock);
    last = atomic_fetch_sub_explicit(&proc->p_refs, 1, memory_order_acq_rel) == 1;
    if (last) {
        while (*at != proc)
            at = &(*at)->p_next;
        *at = proc->p_next;
        n_procs--;
    }
    host_mutex_unlock(&table_lock);
    if (last)
        kern_free(proc, sizeof *proc);
}

int proc_rele(proc_t proc)
{
    uint32_t refs;

    if (!proc || proc == &kernel_proc)
        return 0;
    refs = atomic_load_explicit(&proc->p_refs, memory_order_relaxed);
    KASSERT(refs, "a reference too many of process %d is given up", proc->p_pid);
    while (refs > 1)
        if (atomic_compare_exchange_weak_explicit(&proc->p_refs, &refs, refs - 1, memory_order_release,
                                                  memory_order_relaxed))
            return 0;
    proc_remove(proc);
    return 0;
}

proc_t kern_proc_current(void)
{
    struct kern_call *call = thread_self()->t_call;

    return call ? call->kc_context.vc_proc : &kernel_proc;
}

proc_t current_proc(void)
{
    return kern_proc_current();
}

task_t current_task(void)
{
    return (task_t)(void *)kern_proc_current();
}

proc_t proc_self(void)
{
    proc_t proc = kern_proc_current();

    if (proc != &kernel_proc)
        atomic_fetch_add_explicit(&proc->p_refs, 1, memory_order_relaxed);
    return proc;
}

proc_t proc_find(int pid)
{
    struct host_process_info info;

    if (pid == 0)
        return &kernel_proc;
    if (host_process_info(pid, &info) || info.exiting)
        return NULL;
    return kern_proc_get(pid);
}

/* What names a process for good is its pid and the moment it was started. */
struct proc_ident proc_ident(proc_t proc)
{
    struct proc_ident ident = {.p_pid = proc_pid(proc)};
    struct host_process_info info;

    if (proc && proc != &kernel_proc && host_process_info(proc->p_pid, &info) == HOST_OK) {
        ident.p_uniqueid = info.start_time;
        ident.p_idversion = (int)(info.start_time & INT32_MAX);
    }
    return ident;
}

proc_t proc_find_ident(const struct proc_ident *ident)
{
    proc_t proc = proc_find(ident->p_pid);
    struct proc_ident now;

    if (!proc)
        return NULL;
    now = proc_ident(proc);
    if (now.p_uniqueid == ident->p_uniqueid && now.p_idversion == ident->p_idversion)
        return proc;
    proc_rele(proc);
    return NULL;
}

proc_t proc_find_audit_token(const audit_token_t token)
{
    return proc_find((int)token.val[5]); /* where such a token keeps the pid */
}

/* Zeroes for the kernel and for a process that is gone. */
static struct host_process_info proc_ask(int pid)
{
    struct host_process_info info;

    if (host_process_info(pid, &info))
        memset(&info, 0, sizeof info);
    return info;
}

int proc_pid(proc_t proc)
{
    return proc ? proc->p_pid : -1;
}

int proc_ppid(proc_t proc)
{
    return proc ? proc_ask(proc->p_pid).ppid : -1;
}

int proc_original_ppid(proc_t proc)
{
    return proc_ppid(proc);
}

pid_t proc_pgrpid(proc_t proc)
{
    return proc ? proc_ask(proc->p_pid).pgid : -1;
}

pid_t proc_sessionid(proc_t proc)
{
    int sid = proc ? proc_ask(proc->p_pid).sid : 0;

    return sid > 0 ? sid : -1;
}

int proc_selfpid(void)
{
    return kern_proc_current()->p_pid;
}

int proc_selfppid(void)
{
    return proc_ppid(kern_proc_current());
}

pid_t proc_selfpgrpid(void)
{
    return proc_pgrpid(kern_proc_current());
}

void proc_name(int pid, char *buf, int size)
{
    struct host_process_info info;

    if (size <= 0)
        return;
    if (pid == 0)
        (void)strlcpy(buf, "kernel_task", (size_t)size);
    else
        (void)strlcpy(buf, host_process_info(pid, &info) ? "" : info.name, (size_t)size);
}

void proc_selfname(char *buf, int size)
{
    proc_name(proc_selfpid(), buf, size);
}

int proc_isinferior(int pid1, int pid2)
{
    for (int i = 0; i < ANCESTORS_MAX && pid1 > 1; i++) {
        pid1 = proc_ask(pid1).ppid;
        if (pid1 == pid2)
            return 1;
    }
    return 0;
}

int proc_exiting(proc_t proc)
{
    struct host_process_info info;

    if (!proc || proc == &kernel_proc)
        return 0;
    return host_process_info(proc->p_pid, &info) != 0 || info.exiting;
}

int proc_is64bit(proc_t proc)
{
    (void)proc;
    return 1;
}

int proc_is64bit_data(proc_t proc)
{
    (void)proc;
    return 1;
}

int proc_is_classic(proc_t proc)
{
    (void)proc;
    return 0;
}

int proc_chrooted(proc_t proc)
{
    (void)proc; /* no process has a root of its own in the kernel's tree */
    return 0;
}

int proc_forcequota(proc_t proc)
{
    (void)proc;
    return 0;
}

int proc_noremotehang(proc_t proc)
{
    (void)proc;
    return 0;
}

int proc_suser(proc_t proc)
{
    kauth_cred_t cred = kauth_cred_proc_ref(proc);
    int error = kauth_cred_issuser(cred) ? 0 : EPERM;

    kauth_cred_unref(&cred);
    return error;
}

int proc_issignal(int pid, sigset_t mask)
{
    return pid == proc_selfpid() ? proc_pending_signals(mask) : 0;
}

void kern_signals_allow(bool allow)
{
    atomic_store_explicit(&signals_allowed, allow, memory_order_relaxed);
}

int kern_proc_signal(int pid, int signum)
{
    if (!atomic_load_explicit(&signals_allowed, memory_order_relaxed))
        return EPERM;
    switch (pid > 0 ? host_process_signal(pid, signum) : HOST_ENOENT) {
    case HOST_OK:
        return 0;
    case HOST_ENOENT:
        return ESRCH;
    case HOST_EPERM:
        return EPERM;
    default:
        return EINVAL;
    }
}

void proc_signal(int pid, int signum)
{
    int error = kern_proc_signal(pid, signum);

    if (error && error != ESRCH)
        kern_log(LOG_NOTICE, "proc_signal: signal %d was not sent to process %d (error %d)\n", signum, pid,
                 error);
}

int proc_pending_signals(sigset_t mask)
{
    return call_interrupted(thread_self()) ? (int)(mask & sigmask(SIGINT)) : 0;
}

kauth_cred_t kauth_cred_proc_ref(proc_t proc)
{
    gid_t groups[KERN_CRED_GROUPS_MAX];
    unsigned n = KERN_CRED_GROUPS_MAX;
    uint32_t uid, gid;

    if (proc == kern_proc_current())
        return kauth_cred_get_with_ref();
    if (!proc || proc == &kernel_proc)
        return kern_cred_kernel();
    if (host_process_ids(proc->p_pid, &uid, &gid, groups, &n))
        return kern_cred_create(KAUTH_UID_NONE, KAUTH_GID_NONE, NULL, 0);
    return kern_cred_create(uid, gid, groups, n);
}
