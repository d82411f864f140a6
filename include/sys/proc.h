// SPDX-License-Identifier: BSD-2-Clause
/*
 * Processes as opaque handles, and the BSD sleep and wakeup primitives.
 */
#ifndef KPI_SYS_PROC_H
#define KPI_SYS_PROC_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/kernel_types.h>
#include <sys/select.h>
#include <sys/lock.h>
#include <sys/param.h>
#include <sys/signal.h>
#include <sys/time.h>
#include <mach/message.h>
#include <kern/locks.h>
#include <sys/event.h>
#include <uuid/uuid.h>

#define PROC_NULL ((struct proc *)0)

/* What tells a process from a later one of the same pid. Private. */
struct proc_ident {
    uint64_t p_uniqueid;
    pid_t p_pid;
    int p_idversion;
};

__BEGIN_DECLS
/** kernproc - the kernel's own process. */
extern proc_t kernproc;

/** msleep - sleep until wakeup(@chan), a time-out or a signal.
 *  @chan  in  the address that names the event. Any address will do; both sides use the same one.
 *  @mtx   in  held mutex, released while asleep and taken again before the return, or NULL. No wakeup that
 *             comes after @mtx was taken by the caller is lost.
 *  @pri   in  priority, or-ed with PCATCH (a signal ends the sleep), PDROP (do not take @mtx again) and
 *             PSPIN (@mtx was taken as a spin lock).
 *  @wmesg in  short text that names the wait in reports.
 *  @ts    in  longest time to sleep, relative; NULL or zero sleeps for ever.
 *  Refs:   none; the caller keeps alive whatever @chan is part of.
 *  Locks:  @mtx must be the innermost lock, and no other may be held.
 *  Blocks: yes.
 *  Errno:  0; EWOULDBLOCK time-out; EINTR or ERESTART signal, PCATCH only.
 *  KPI:    bsd, stable */
int msleep(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, struct timespec *ts);
/** msleep0 - as msleep with a time-out in ticks of 1/hz second; @continuation runs at wake-up in place
 *  of a return. */
int msleep0(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, int timo, int (*continuation)(int));
/** wakeup - wake every thread that sleeps on @chan.
 *  @chan in  as in msleep.
 *  Refs:   none.
 *  Locks:  any may be held; hold the mutex that guards the condition, or a sleeper may test it too early.
 *  Blocks: no.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void wakeup(void *chan);
/** wakeup_one - wake one thread, the first, of those that sleep on @chan. Otherwise as wakeup. */
void wakeup_one(caddr_t chan);

/** current_proc - the calling thread's process; borrowed, valid for as long as the thread is inside this
 *  call. */
struct proc *current_proc(void);
/** proc_self - the calling thread's process with a reference; end with proc_rele. */
proc_t proc_self(void);
/** proc_find - the process @pid with a reference, or NULL; end with proc_rele. */
proc_t proc_find(int pid);
/** proc_ident - the identity of a process; stays valid without a reference. Private. */
struct proc_ident proc_ident(proc_t p);
/** proc_find_ident - the process of an identity that a proc_ident holds, with a reference, or NULL if it is
 *  gone. */
proc_t proc_find_ident(const struct proc_ident *ident);
/** proc_find_audit_token - the process of an audit token, with a reference, or NULL. */
proc_t proc_find_audit_token(const audit_token_t token);
/** proc_rele - give up a reference of proc_self or proc_find. Returns 0. */
int proc_rele(proc_t p);
/** proc_pid - process id. */
int proc_pid(proc_t p);
/** proc_ppid - parent's process id. */
int proc_ppid(proc_t p);
/** proc_original_ppid - process id of the parent at creation. */
int proc_original_ppid(proc_t p);
/** proc_pgrpid - process group id. */
pid_t proc_pgrpid(proc_t p);
/** proc_sessionid - session id, -1 if it has none. */
pid_t proc_sessionid(proc_t p);
/** proc_selfpid - the caller's process id. */
int proc_selfpid(void);
/** proc_selfppid - the caller's parent's process id. */
int proc_selfppid(void);
/** proc_selfpgrpid - the caller's process group id. */
pid_t proc_selfpgrpid(void);
/** proc_name - copy the command name of @pid into @buf of @size bytes, NUL-terminated; empty if there is
 *  no such process. */
void proc_name(int pid, char *buf, int size);
/** proc_selfname - as proc_name for the caller. */
void proc_selfname(char *buf, int size);
/** proc_isinferior - true if @pid1 is a descendant of @pid2. */
int proc_isinferior(int pid1, int pid2);
/** proc_suser - 0 if the process has superuser's credentials, else EPERM. */
int proc_suser(proc_t p);
/** proc_is64bit - true if the process has 64-bit addresses. */
int proc_is64bit(proc_t p);
/** proc_is64bit_data - true if the process has 64-bit long and pointers. */
int proc_is64bit_data(proc_t p);
/** proc_is_classic - always 0. */
int proc_is_classic(proc_t p);
/** proc_exiting - true once the process has begun to exit. */
int proc_exiting(proc_t p);
/** proc_chrooted - true if the process has a root directory of its own. */
int proc_chrooted(proc_t p);
/** proc_forcequota - true if quotas apply to the process even as superuser. */
int proc_forcequota(proc_t p);
/** proc_noremotehang - true if the process asked not to hang on a dead server. */
int proc_noremotehang(proc_t p);
/** proc_issignal - signals of @mask pending for @pid, as a set. */
int proc_issignal(int pid, sigset_t mask);
/** proc_signal - send a signal to a process of the host.
 *  @pid    in  the process; one that is gone is no error.
 *  @signum in  a number of <sys/signal.h>.
 *  Refs:   none.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  none; nothing is sent, and a line logged, unless whoever runs the kernel process has allowed it
 *          (SYS_BOOT_SIGNALS): a kext under test must not kill its neighbours.
 *  KPI:    bsd, stable */
void proc_signal(int pid, int signum);
__END_DECLS

#endif /* KPI_SYS_PROC_H */
