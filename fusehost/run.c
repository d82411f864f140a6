// SPDX-License-Identifier: BSD-2-Clause
/*
 * The foreground run: kernel, kext and mount in one process, for debuggers, tests and ordinary users. See
 * fusehost.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "fusehost/fusehost.h"
#include "fusehost/log.h"

static int say(const char *what, const char *err)
{
    fh_log(FH_LOG_ERROR, "%s: %s\n", what, err);
    return FH_EXIT_FAILURE;
}

/* Serves until the mount is gone. The first signal asks politely, the next one does not. */
static int serve(struct fh_session *session)
{
    char err[2048];
    bool asked = false;

    while (fh_signals_wait(true) != 0) {
        fh_watch_begin(FH_WATCH_STOP);
        if (asked || fh_session_is_stuck(session))
            return fh_unmount_all(true) ? FH_EXIT_OK : FH_EXIT_BUSY;
        asked = true;
        if (fh_session_stop(session, 0, err, sizeof(err)) != 0)
            fh_log(FH_LOG_WARNING, "%s; once more to cut it off\n", err);
        fh_watch_end();
    }
    fh_watch_begin(FH_WATCH_STOP);
    int ended = fh_session_wait(session);
    if (!ended)
        return FH_EXIT_OK;
    fh_log(FH_LOG_ERROR, "the mount ended: %s\n", strerror(ended));
    return FH_EXIT_FAILURE;
}

int fh_run(struct fh_run_args *args)
{
    struct fh_session *session;
    char err[2048] = "";
    int code = FH_EXIT_FAILURE, error;

    args->stage = FH_RUN_BOOT;
    args->error = fh_boot(&args->boot, err, sizeof(err));
    if (args->error != 0)
        return say("cannot start", err);
    fh_watch_begin(FH_WATCH_START);
    args->stage = FH_RUN_LOAD;
    if (args->load && !args->load(args->arg))
        goto out;
    args->stage = FH_RUN_MOUNT;
    args->error = fh_session_start(&args->mount, &session, err, sizeof(err));
    if (args->error != 0) {
        code = say("cannot mount", err);
        goto unload;
    }
    args->stage = FH_RUN_SERVE;
    fh_watch_end();
    if (args->ready)
        args->ready(args->arg, session);
    code = serve(session);
    fh_session_release(session);
unload:
    if (args->unload && !args->unload(args->arg))
        fh_exit_now(code == FH_EXIT_OK ? FH_EXIT_BUSY : code);
out:
    error = fh_halt(true);
    if (error && code == FH_EXIT_OK)
        code = FH_EXIT_BUSY;
    if (error == ETIMEDOUT)
        fh_exit_now(code);
    fh_watch_end();
    return code;
}
