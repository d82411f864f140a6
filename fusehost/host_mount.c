// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's side of a mount: making it, finding its device number, taking it away, saying who is in the way.
 * Called by session.c without locks.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fusehost/flight.h"
#include "fusehost/log.h"
#include "fusehost/mounts.h"
#include "fusehost/panic.h"
#include "fusehost/patience.h"
#include "fusehost/session_internal.h"

#define FLIGHT_TOLD_MS 300  /* requests older than that are told of where they are in the way */
#define SYNC_WAIT_MS   5000 /* for writing back before a mount in use is cut off */

/* Somebody who only looks in (statfs, a walk past it) makes a mount busy for a moment, and is nowhere to be
 * found. */
#define PASSING_TRIES    100 /* before patience */
#define PASSING_PAUSE_NS 10000000

struct find {
    const char *dir;
    unsigned major, minor; /* out when looking by directory, in when looking by number */
    bool found;
};

/* The last row for a directory is the topmost mount on it. */
static bool find_by_dir(void *arg, const struct fh_mount_row *row)
{
    struct find *find = arg;

    if (strcmp(row->dir, find->dir) == 0 && strncmp(row->type, "fuse", 4) == 0) {
        find->major = row->dev_major;
        find->minor = row->dev_minor;
        find->found = true;
    }
    return true;
}

static bool find_by_number(void *arg, const struct fh_mount_row *row)
{
    struct find *find = arg;

    find->found =
        row->dev_minor == find->minor && row->dev_major == find->major && strcmp(row->dir, find->dir) == 0;
    return !find->found;
}

static bool still_mounted(const struct fh_session *session)
{
    struct find find = {.dir = session->dir, .major = session->dev_major, .minor = session->dev_minor};

    if (session->dev_minor)
        fh_mounts_each(find_by_number, &find);
    return find.found;
}

static int fuse_session_make(struct fh_session *session)
{
    char *text = fh_options_fuse_text(&session->options, session->type, session->special);
    struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
    int err = ENOMEM;

    if (text && fuse_opt_add_arg(&args, "fusehost") == 0 && fuse_opt_add_arg(&args, "-o") == 0 &&
        fuse_opt_add_arg(&args, text) == 0) {
        session->fuse = fuse_session_new(&args, &fh_ops, sizeof(fh_ops), session);
        err = session->fuse ? 0 : EINVAL;
    }
    fuse_opt_free_args(&args);
    free(text);
    return err;
}

/* Errno, with a sentence, where the host offers no FUSE. */
static int device_check(char *err, size_t errlen)
{
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    int error = fd < 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    if (error == ENOENT || error == ENXIO || error == ENODEV)
        snprintf(
            err, errlen,
            "there is no /dev/fuse: the host's module is not loaded (modprobe fuse), or a container was not "
            "given the device");
    else if (error)
        snprintf(err, errlen, "/dev/fuse cannot be opened: %s", strerror(error));
    return error;
}

int fh_host_mount(struct fh_session *session, char *err, size_t errlen)
{
    struct find find = {.dir = session->dir};
    char said[256];

    int error = device_check(err, errlen);
    if (error)
        return error;
    fh_log_capture(said, sizeof(said));
    error = fuse_session_make(session);
    if (!error && fuse_session_mount(session->fuse, session->dir) != 0)
        error = geteuid() == 0 ? EIO : EPERM;
    fh_log_capture(NULL, 0);
    if (error) {
        said[strcspn(said, "\n")] = '\0';
        snprintf(err, errlen, "cannot mount on %s: %s", session->dir,
                 said[0]          ? said
                 : geteuid() == 0 ? strerror(error)
                                  : "fusermount3 refused");
        return error;
    }
    session->fd = fuse_session_fd(session->fuse);
    fh_mounts_each(find_by_dir, &find);
    session->dev_major = find.major;
    session->dev_minor = find.minor;
    session->panic_slot = fh_panic_add(session->dev_minor, session->dir);
    if (session->panic_slot < 0) {
        snprintf(err, errlen, "too many mounts");
        return ENFILE;
    }
    return fh_loop_hooks(session);
}

/* An unmount that writes data back takes long: say so, and what the file system is busy with. */
static void write_back_tick(void *arg)
{
    struct fh_session *session = arg;
    char text[1600];
    unsigned n = fh_flights_tell(session, FH_MOUNT_TICK_MS / 2, text, sizeof(text));

    fh_log(FH_LOG_WARNING, "%s: still writing back before it is unmounted%s%s\n", session->dir,
           n ? "; not answered: " : "", text);
}

/* EBUSY: @users says by whom; nobody, if it stayed busy without a user that can be seen. */
static int detach(struct fh_session *session, bool force, char *users, size_t size)
{
    struct timespec pause = {.tv_sec = 0, .tv_nsec = PASSING_PAUSE_NS};
    struct fh_mount_wait wait = {.tick = write_back_tick, .arg = session};
    unsigned max = (unsigned)fh_patience_ms(PASSING_TRIES);

    for (unsigned tries = 0;; tries++) {
        int error = force ? fh_mount_detach(session->dir, FH_DETACH_LAZY | FH_DETACH_ABORT, NULL)
                          : fh_mount_detach(session->dir, 0, &wait);

        if (error != EBUSY)
            return error;
        fh_mount_users(session->dir, users, size);
        if (users[0] || tries >= max)
            return EBUSY;
        nanosleep(&pause, NULL);
    }
}

int fh_host_unmount(struct fh_session *session, bool force, char *err, size_t errlen)
{
    char users[512] = "", flights[1200];

    bool mounted = still_mounted(session);
    if (!mounted && !force)
        return 0; /* taken away already; the connection ends when the last user goes */
    if (force) {
        if (mounted && session->writeback)
            fh_mount_sync(session->dir, fh_patience_ms(SYNC_WAIT_MS));
        pthread_mutex_lock(&session->mutex); /* the session may be ending, and take the slot away */
        fh_panic_abort_one(session->panic_slot);
        pthread_mutex_unlock(&session->mutex);
    }
    if (!mounted)
        return 0;
    int error = detach(session, force, users, sizeof(users));
    if (error && !still_mounted(session))
        return 0; /* the end of the connection was quicker */
    if (error != EBUSY) {
        if (error)
            snprintf(err, errlen, "cannot unmount %s: %s", session->dir, strerror(error));
        return error;
    }
    unsigned n = fh_flights_tell(session, FLIGHT_TOLD_MS, flights, sizeof(flights));
    snprintf(err, errlen, "%s is busy%s%s%s%s%s", session->dir, users[0] ? ": in use by " : "", users,
             n ? "; " : "", n ? session->type : "", n ? " has not answered: " : "");
    size_t used = strlen(err);
    snprintf(err + used, errlen - used, "%s", flights);
    return EBUSY;
}

void fh_host_unmount_dead(struct fh_session *session)
{
    if (still_mounted(session))
        fh_mount_detach(session->dir, FH_DETACH_LAZY, NULL);
}
