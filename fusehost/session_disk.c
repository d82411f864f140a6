// SPDX-License-Identifier: BSD-2-Clause
/*
 * The disk below a session: where the type wants one and its special is an image file or block device of the
 * host, that becomes a disk of the kernel half, for as long as the mount lasts.
 *
 * No locks: the session's maker, then its supervisor. Called by session_start.c and session.c.
 */
#include <stdio.h>
#include <string.h>

#include "fusehost/backing.h"
#include "fusehost/errno_map.h"
#include "fusehost/log.h"
#include "fusehost/session_internal.h"
#include "host/disk.h"

static bool wants_disk(const struct fh_session *session, sys_caller_t *who, const char *special,
                       const struct sys_backing *backing)
{
    struct sys_node found;

    if (session->stands_on || special[0] != '/' || !sys_type_wants_disk(session->type))
        return false;
    /* A disk that is in the kernel half's own tree already, and not the host's as well. */
    return backing->kind != SYS_BACKING_NONE || sys_lookup(who, NULL, special, 0, &found, NULL) != 0;
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
    int error = 0;

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
    (void)snprintf(special, SYS_PATH_MAX, "%s", node);
    return 0;
}

void fh_session_disk_detach(struct fh_session *session)
{
    if (!session->has_disk)
        return;
    session->has_disk = false;
    fh_session_testdisk_forget(session);
    int error = sys_disk_detach(session->disk_unit);
    if (error)
        fh_log(FH_LOG_ERROR, "%s: its disk cannot be detached: %s\n", session->special, fh_errno_name(error));
}
