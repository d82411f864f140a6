// SPDX-License-Identifier: BSD-2-Clause
/*
 * Processes as handles: finding them, what they say of themselves, signals that are not sent.
 */
#include <string.h>
#include <sys/proc.h>
#include <sys/signal.h>
#include <kern/task.h>

#include "host/host.h"
#include "tests/support/ktest_kern.h"

#define NO_PID 0x3fffffff /* beyond what the host gives */

/* The test's own process, as the one that a call is made for. */
static struct kern_call call;
static proc_t self;

static void begin(void)
{
    self = proc_find(host_process_self());
    KT_ASSERT_NOT_NULL(self);
    kern_enter(&call, kern_cred_kernel(), self);
}

static void end(void)
{
    kern_leave(&call);
    proc_rele(self);
}

static void find__by_pid_and_by_identity(void)
{
    begin();
    struct proc_ident ident = proc_ident(self);
    KT_ASSERT_EQ(ident.p_pid, host_process_self());
    KT_ASSERT_NE(ident.p_uniqueid, 0);
    proc_t found = proc_find_ident(&ident);
    KT_ASSERT_PTR_EQ(found, self);
    proc_rele(found);
    ident.p_uniqueid++; /* another process that had the same pid */
    KT_ASSERT_NULL(proc_find_ident(&ident));
    ident.p_uniqueid--;
    ident.p_idversion++;
    KT_ASSERT_NULL(proc_find_ident(&ident));
    ident.p_pid = NO_PID;
    KT_ASSERT_NULL(proc_find_ident(&ident));
    KT_ASSERT_NULL(proc_find(NO_PID));
    end();
}

static void find__by_audit_token(void)
{
    begin();
    audit_token_t token = {.val = {[5] = (unsigned)host_process_self()}};
    proc_t found = proc_find_audit_token(token);
    KT_ASSERT_PTR_EQ(found, self);
    proc_rele(found);
    token.val[5] = NO_PID;
    KT_ASSERT_NULL(proc_find_audit_token(token));
    end();
}

static void self__is_who_the_call_is_for(void)
{
    char name[64], mine[64];
    begin();
    KT_ASSERT_PTR_EQ(current_proc(), self);
    KT_ASSERT_PTR_EQ((void *)current_task(), (void *)self);
    KT_ASSERT_EQ(proc_selfpid(), proc_pid(self));
    KT_ASSERT_EQ(proc_selfppid(), proc_ppid(self));
    KT_ASSERT_EQ(proc_original_ppid(self), proc_ppid(self));
    KT_ASSERT_GT(proc_ppid(self), 0);
    KT_ASSERT_EQ(proc_selfpgrpid(), proc_pgrpid(self));
    KT_ASSERT_GT(proc_pgrpid(self), 0);
    KT_ASSERT_EQ(proc_isinferior(proc_pid(self), proc_ppid(self)), 1);
    KT_ASSERT_EQ(proc_isinferior(proc_ppid(self), proc_pid(self)), 0);
    proc_selfname(mine, sizeof(mine));
    proc_name(proc_pid(self), name, sizeof(name));
    KT_ASSERT_STR(mine, name);
    KT_ASSERT(mine[0] != '\0');
    end();
    KT_ASSERT_PTR_EQ(current_proc(), kernproc);
    KT_ASSERT_EQ(proc_selfpid(), 0);
}

static void session__the_hosts_or_none(void)
{
    struct host_process_info info;
    begin();
    KT_ASSERT_EQ(host_process_info(host_process_self(), &info), HOST_OK);
    KT_ASSERT_EQ(proc_sessionid(self), info.sid > 0 ? info.sid : -1);
    end();
    KT_ASSERT_EQ(proc_sessionid(kernproc), -1);
    KT_ASSERT_EQ(proc_sessionid(NULL), -1);
}

static void traits__the_same_for_all(void)
{
    begin();
    KT_ASSERT_EQ(proc_is64bit(self), 1);
    KT_ASSERT_EQ(proc_is64bit_data(self), 1);
    KT_ASSERT_EQ(proc_is_classic(self), 0);
    KT_ASSERT_EQ(proc_chrooted(self), 0);
    KT_ASSERT_EQ(proc_forcequota(self), 0);
    KT_ASSERT_EQ(proc_noremotehang(self), 0);
    KT_ASSERT_EQ(proc_exiting(self), 0);
    KT_ASSERT_EQ(proc_suser(self), 0);
    end();
}

static void issignal__of_the_interrupted_call(void)
{
    begin();
    KT_ASSERT_EQ(proc_issignal(proc_pid(self), sigmask(SIGINT)), 0);
    KT_ASSERT(kern_call_interrupt(kern_call_current_id()));
    KT_ASSERT_EQ(proc_issignal(proc_pid(self), sigmask(SIGINT)), sigmask(SIGINT));
    KT_ASSERT_EQ(proc_issignal(proc_pid(self), sigmask(SIGHUP)), 0);
    KT_ASSERT_EQ(proc_issignal(NO_PID, sigmask(SIGINT)), 0);
    end();
}

static void signal__not_allowed__is_not_sent(void)
{
    int pid = host_process_self();
    KT_ASSERT_ERRNO(kern_proc_signal(pid, SIGKILL), EPERM);
    proc_signal(pid, SIGKILL); /* we are still here */
    KT_ASSERT_ERRNO(kern_proc_signal(NO_PID, SIGTERM), EPERM);
}

static void signal__allowed__goes_to_the_host(void)
{
    int pid = host_process_self();
    kern_signals_allow(true);
    KT_ASSERT_OK(kern_proc_signal(pid, 0));
    KT_ASSERT_OK(kern_proc_signal(pid, SIGWINCH)); /* ignored unless asked for */
    proc_signal(pid, SIGWINCH);
    KT_ASSERT_ERRNO(kern_proc_signal(NO_PID, SIGTERM), ESRCH);
    KT_ASSERT_ERRNO(kern_proc_signal(0, SIGTERM), ESRCH);
    KT_ASSERT_ERRNO(kern_proc_signal(-1, SIGTERM), ESRCH); /* never a group */
    KT_ASSERT_ERRNO(kern_proc_signal(pid, SIGEMT), EINVAL);
    KT_ASSERT_ERRNO(kern_proc_signal(pid, NSIG), EINVAL);
    kern_signals_allow(false);
    KT_ASSERT_ERRNO(kern_proc_signal(pid, 0), EPERM);
}

static const struct ktest_case cases[] = {
    KT_CASE(find__by_pid_and_by_identity),     KT_CASE(find__by_audit_token),
    KT_CASE(self__is_who_the_call_is_for),     KT_CASE(session__the_hosts_or_none),
    KT_CASE(traits__the_same_for_all),         KT_CASE(issignal__of_the_interrupted_call),
    KT_CASE(signal__not_allowed__is_not_sent), KT_CASE(signal__allowed__goes_to_the_host),
};
KT_KERN_SUITE(proc, cases);
