// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start and end of the kernel half in this process. No locks; see fusehost.h for who calls.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fusehost/errno_map.h"
#include "fusehost/fusehost.h"
#include "fusehost/log.h"
#include "fusehost/panic.h"
#include "fusehost/patience.h"
#include "fusehost/session_internal.h"
#include "fusehost/source_lines.h"
#include "host/host.h"
#include "kext/kext_control.h"

/* A build for debugging keeps the ledger whether asked to or not. */
#ifdef NDEBUG
#define LEDGER_ALWAYS false
#else
#define LEDGER_ALWAYS true
#endif

#define SESSIONS_MAX 1024u

static int kernel_boot(const struct fh_boot_args *args, char *err, size_t errlen)
{
    struct sys_boot boot = {
        .max_vnodes = args->max_vnodes,
        .cache_bytes = args->cache_bytes,
        .flags = args->ledger || LEDGER_ALWAYS ? SYS_BOOT_LEDGER : 0,
        .changed = fh_changed,
        .revoked = fh_revoked,
    };
    uint32_t validate;
    char *exceptions;
    int error = fh_patience_check(err, errlen);

    if (!error)
        error = fh_validate_flags(&args->validate, &validate, err, errlen);
    if (!error)
        error = fh_validate_exceptions(&args->validate, &exceptions, err, errlen);
    if (error)
        return error;
    boot.flags |= validate;
    boot.exceptions = exceptions;
    error = sys_boot(&boot);
    free(exceptions);
    if (!error && (error = kext_control_boot()) != 0)
        sys_shutdown();
    if (error)
        snprintf(err, errlen, "the kernel half does not start: %s", fh_errno_name(error));
    else
        fh_watchdog_start(&args->validate);
    return fh_errno_to_host(error);
}

int fh_boot(const struct fh_boot_args *args, char *err, size_t errlen)
{
    int error = fh_log_open(args->log_file);

    if (error) {
        snprintf(err, errlen, "log %s: %s", args->log_file, strerror(error));
        return error;
    }
    error = fh_signals_prepare();
    if (error) {
        snprintf(err, errlen, "signals: %s", strerror(error));
        return error;
    }
    fh_panic_prepare();
    fh_source_lines_prepare();
    fh_session_limit_vnodes(args->max_vnodes);
    return kernel_boot(args, err, errlen);
}

/* ---- the end ------------------------------------------------------------------------------------------- */

static bool session_end(struct fh_session *session, bool force)
{
    char err[2048];

    if (fh_session_is_stuck(session))
        return false; /* cut off and told of already */
    if (!force || !fh_session_is_slow(session)) {
        if (fh_session_stop(session, 0, err, sizeof(err)) == 0)
            return true;
        fh_log(FH_LOG_WARNING, "%s\n", err);
    }
    if (force && fh_session_stop(session, FH_STOP_FORCE, err, sizeof(err)) != 0)
        fh_log(FH_LOG_ERROR, "%s\n", err);
    return false;
}

bool fh_unmount_all(bool force)
{
    struct fh_session **all = calloc(SESSIONS_MAX, sizeof(struct fh_session *));
    size_t n = all ? fh_session_list(all, SESSIONS_MAX) : 0;
    bool clean = true;

    while (n-- > 0) { /* the newest first: it may be mounted inside an older one */
        clean = session_end(all[n], force) && clean;
        fh_session_release(all[n]);
    }
    free(all);
    return clean;
}

/* A session may have ended while something inside the kernel half still held its mount. */
static int leftovers_unmount(void)
{
    uint32_t ids[64];
    size_t n = sys_mount_list(ids, 64);

    for (size_t i = 0; i < n && i < 64; i++) {
        struct sys_mount_info info;

        if (sys_mount_info(ids[i], &info) != 0 || !info.shown_on[0])
            continue;
        int err = sys_unmount(sys_caller_kernel(), ids[i], SYS_MNT_FORCE, NULL, 0);
        fh_log(FH_LOG_WARNING, "a mount of %s, once on %s, was left: %s\n", info.type, info.shown_on,
               err ? fh_errno_name(err) : "taken away by force");
    }
    sys_disk_detach_all();
    return 0;
}

static int kernel_shutdown(void)
{
    char text[1024] = "";
    struct kext_control_reply reply = {.text = text, .size = sizeof(text)};
    fh_watchdog_stop();
    int err = kext_control_shutdown(&reply);

    if (err)
        fh_log(FH_LOG_ERROR, "kexts stay loaded: %s%s%s\n", fh_errno_name(err), text[0] ? ": " : "", text);
    else if ((err = sys_shutdown()) != 0)
        fh_log(FH_LOG_ERROR, "the kernel half does not shut down: %s\n", fh_errno_name(err));
    return 0;
}

/* One step of the end, which may hang in a kext: it runs on a thread of its own, that is given up after a
 * while. */
struct step {
    const char *what;
    int (*run)(void);
    int ms; /* before patience */
    _Atomic uint32_t host_thread;
};

static void *step_main(void *arg)
{
    struct step *step = arg;

    atomic_store(&step->host_thread, host_thread_id(host_thread_self()));
    step->run();
    return NULL;
}

static void step_complain(const struct step *step)
{
    char where[512], held[1024];
    uint32_t ids[8];
    size_t n = sys_mount_list(ids, 8);

    sys_call_where(atomic_load(&step->host_thread), where, sizeof(where));
    fh_log(FH_LOG_ERROR, "%s has taken %.1f s and is given up%s%s\n", step->what,
           (double)fh_patience_ms(step->ms) / 1000, where[0] ? "; it is in " : "", where);
    for (size_t i = 0; i < n && i < 8; i++)
        if (sys_mount_holders(ids[i], held, sizeof(held)))
            fh_log(FH_LOG_ERROR, "vnodes still held: %s\n", held);
}

static bool step_within(struct step *step)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, step_main, step) != 0) {
        step->run();
        return true;
    }
    struct timespec until = fh_patience_end(CLOCK_REALTIME, step->ms);
    if (pthread_timedjoin_np(thread, NULL, &until) == 0)
        return true;
    step_complain(step);
    return false;
}

int fh_halt(bool force)
{
    static struct step leftovers = {"the unmount of what was left", leftovers_unmount, 5000, 0};
    static struct step shutdown = {"the end of the kexts and of the kernel half", kernel_shutdown, 30000, 0};
    bool clean = fh_unmount_all(force);

    if (!clean && !force)
        return EBUSY;
    /* What still runs in there would have the floor pulled from under it. */
    if (fh_session_count() > 0 || !step_within(&leftovers) || !step_within(&shutdown))
        return ETIMEDOUT;
    return clean ? 0 : EBUSY;
}
