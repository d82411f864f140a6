// SPDX-License-Identifier: BSD-2-Clause
/*
 * Signal numbers, sets and the structures that describe an action. Kernel code needs them to name a
 * signal or to test for pending ones.
 */
#ifndef KPI_SYS_SIGNAL_H
#define KPI_SYS_SIGNAL_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_types/_sigaltstack.h>
#include <sys/appleapiopts.h>
#include <Availability.h>

#define __DARWIN_NSIG 32
#define NSIG          __DARWIN_NSIG
#define SIGHUP        1
#define SIGINT        2
#define SIGQUIT       3
#define SIGILL        4
#define SIGTRAP       5
#define SIGABRT       6
#define SIGIOT        6
#define SIGEMT        7
#define SIGFPE        8
#define SIGKILL       9
#define SIGBUS        10
#define SIGSEGV       11
#define SIGSYS        12
#define SIGPIPE       13
#define SIGALRM       14
#define SIGTERM       15
#define SIGURG        16
#define SIGSTOP       17
#define SIGTSTP       18
#define SIGCONT       19
#define SIGCHLD       20
#define SIGTTIN       21
#define SIGTTOU       22
#define SIGIO         23
#define SIGXCPU       24
#define SIGXFSZ       25
#define SIGVTALRM     26
#define SIGPROF       27
#define SIGWINCH      28
#define SIGINFO       29
#define SIGUSR1       30
#define SIGUSR2       31

struct __siginfo;
union __sigaction_u {
    void (*__sa_handler)(int);
    void (*__sa_sigaction)(int, struct __siginfo *, void *);
};
union sigval {
    int sival_int;
    void *sival_ptr;
};
typedef struct __siginfo {
    int si_signo;
    int si_errno;
    int si_code;
    pid_t si_pid;
    uid_t si_uid;
    int si_status;
    void *si_addr;
    union sigval si_value;
    long si_band;
    unsigned long __pad[7];
} siginfo_t;
struct __sigaction {
    union __sigaction_u __sigaction_u;
    void (*sa_tramp)(void *, int, int, siginfo_t *, void *);
    sigset_t sa_mask;
    int sa_flags;
};
struct sigaction {
    union __sigaction_u __sigaction_u;
    sigset_t sa_mask;
    int sa_flags;
};
struct sigvec {
    void (*sv_handler)(int);
    int sv_mask;
    int sv_flags;
};
struct sigstack {
    char *ss_sp;
    int ss_onstack;
};
typedef void (*sig_t)(int);

#define sa_handler   __sigaction_u.__sa_handler
#define sa_sigaction __sigaction_u.__sa_sigaction
#define sv_onstack   sv_flags

#define SIG_DFL           ((void (*)(int))0)
#define SIG_IGN           ((void (*)(int))1)
#define SIG_HOLD          ((void (*)(int))5)
#define SIG_ERR           ((void (*)(int)) - 1)
#define BADSIG            SIG_ERR
#define SIG_BLOCK         1
#define SIG_UNBLOCK       2
#define SIG_SETMASK       3
#define SA_64REGSET       0x200
#define SA_NOCLDSTOP      0x8
#define SA_NOCLDWAIT      0x20
#define SA_NODEFER        0x10
#define SA_ONSTACK        0x1
#define SA_RESETHAND      0x4
#define SA_RESTART        0x2
#define SA_SIGINFO        0x40
#define SA_USERSPACE_MASK 0x7f
#define SA_USERTRAMP      0x100
#define SV_INTERRUPT      0x2
#define SV_NOCLDSTOP      0x8
#define SV_NODEFER        0x10
#define SV_ONSTACK        0x1
#define SV_RESETHAND      0x4
#define SV_SIGINFO        0x40
#define SS_DISABLE        0x4
#define SS_ONSTACK        0x1
#define MINSIGSTKSZ       32768
#define SIGSTKSZ          131072
#define SIGEV_NONE        0
#define SIGEV_SIGNAL      1
#define SIGEV_THREAD      3
#define SI_ASYNCIO        0x10004
#define SI_MESGQ          0x10005
#define SI_QUEUE          0x10002
#define SI_TIMER          0x10003
#define SI_USER           0x10001
#define ILL_BADSTK        8
#define ILL_COPROC        7
#define ILL_ILLADR        5
#define ILL_ILLOPC        1
#define ILL_ILLOPN        4
#define ILL_ILLTRP        2
#define ILL_NOOP          0
#define ILL_PRVOPC        3
#define ILL_PRVREG        6
#define FPE_FLTDIV        1
#define FPE_FLTINV        5
#define FPE_FLTOVF        2
#define FPE_FLTRES        4
#define FPE_FLTSUB        6
#define FPE_FLTUND        3
#define FPE_INTDIV        7
#define FPE_INTOVF        8
#define FPE_NOOP          0
#define SEGV_ACCERR       2
#define SEGV_MAPERR       1
#define SEGV_NOOP         0
#define BUS_ADRALN        1
#define BUS_ADRERR        2
#define BUS_NOOP          0
#define BUS_OBJERR        3
#define TRAP_BRKPT        1
#define TRAP_TRACE        2
#define CLD_CONTINUED     6
#define CLD_DUMPED        3
#define CLD_EXITED        1
#define CLD_KILLED        2
#define CLD_NOOP          0
#define CLD_STOPPED       5
#define CLD_TRAPPED       4
#define POLL_ERR          4
#define POLL_HUP          6
#define POLL_IN           1
#define POLL_MSG          3
#define POLL_OUT          2
#define POLL_PRI          5

#define sigmask(sig) (1 << ((sig)-1))

#endif /* KPI_SYS_SIGNAL_H */
