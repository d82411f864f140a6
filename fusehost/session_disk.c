// SPDX-License-Identifier: BSD-2-Clause
/*
 * The disk below a session: where the type wants one and its special is an image file or block device of the
 * host, that becomes a disk of the kernel half, for as long as the mount lasts.
 *
 * Lock: the session's mutex, for the end of a disk; else only its maker, then its supervisor. Called by
 * session_start.c and session.c.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fusehost/backing.h"
#include "fusehost/errno_map.h"
#include "fusehost/log.h"
#include "fusehost/session_internal.h"
#include "host/disk.h"

#define BLOCK_IMAGE 512 /* bytes; what the blocks of an image have */

static bool wants_disk(const struct fh_session *session, sys_caller_t *who, const char *special,
                       const struct sys_backing *backing)
{
    struct sys_node found;

    if (session->stands_on || special[0] != '/' || !sys_type_wants_disk(session->type))
        return false;
    /* A disk that is in the kernel half's own tree already, and not the host's as well. */
    return backing->kind != SYS_BACKING_NONE || sys_lookup(who, NULL, special, 0, &found, NULL) != 0;
}

/* What a type on a disk gets instead of one: a name that is no path, or a file without one block. */
static int special_refuse(const struct fh_session *session, char *why, size_t why_size)
{
    struct stat st;

    if (session->stands_on || !sys_type_wants_disk(session->type))
        return 0;
    if (strcmp(session->special, "none") == 0) {
        (void)snprintf(why, why_size, "%s wants a block device or an image file", session->type);
        return SYS_ENOENT;
    }
    if (session->special[0] != '/') {
        (void)snprintf(why, why_size, "%s: no such file, and %s wants a block device or an image file",
                       session->special, session->type);
        return SYS_ENOENT;
    }
    if (stat(session->special, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < BLOCK_IMAGE) {
        (void)snprintf(why, why_size, "%s is no disk image: it has %lld bytes, and a block %d",
                       session->special, (long long)st.st_size, BLOCK_IMAGE);
        return SYS_EINVAL;
    }
    return 0;
}

int fh_session_disk_attach(struct fh_session *session, sys_caller_t *who, char special[SYS_PATH_MAX],
                           char *why, size_t why_size)
{
    char node[SYS_DISK_NODE_MAX];
    struct sys_disk disk = {
        .path = session->special,
        .read_only = (fh_options_mount_flags(&session->options) & SYS_MNT_RDONLY) != 0,
        .backing = fh_backing_of(session->special),
        .why = why,
        .why_size = why_size,
    };
    int error = special_refuse(session, why, why_size);

    if (error)
        return error;
    if (!wants_disk(session, who, special, &disk.backing)) {
        if (!session->options.testdisk)
            return 0;
        (void)snprintf(why, why_size, "mount option testdisk: %s is no image or block device that %s lies on",
                       session->special, session->type);
        return SYS_EINVAL;
    }
    if (session->options.testdisk)
        error = fh_session_testdisk_make(session, disk.read_only, &disk.disk, why, why_size);
    if (!error)
        error = sys_disk_attach(who, &disk, &session->disk_unit, node);
    if (error) {
        fh_session_testdisk_forget(session);
        if (disk.disk)
            host_disk_close(disk.disk);
        return error;
    }
    session->has_disk = true;
    session->disk_read_only = disk.read_only;
    (void)snprintf(special, SYS_PATH_MAX, "%s", node);
    return 0;
}

void fh_session_disk_detach(struct fh_session *session)
{
    pthread_mutex_lock(&session->mutex); /* for whoever asks for statistics */
    bool had_disk = session->has_disk;
    session->has_disk = false;
    pthread_mutex_unlock(&session->mutex);
    if (!had_disk)
        return;
    fh_session_testdisk_forget(session);
    int error = sys_disk_detach(session->disk_unit);
    if (error)
        fh_log(FH_LOG_ERROR, "%s: its disk cannot be detached: %s\n", session->special, fh_errno_name(error));
}
