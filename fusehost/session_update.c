// SPDX-License-Identifier: BSD-2-Clause
/*
 * Changing a mount that is in use: its options, what its file system was told, its size, who has a file of it
 * open. The kernel half and
 * the host's mount change together: first whichever becomes stricter, and back if the other one refuses.
 *
 * Lock: update_mutex, one change at a time; held over calls of the kernel half and of the host, and taken
 * with no other lock held. Called by the control server.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "fusehost/errno_map.h"
#include "fusehost/session_internal.h"

#define CHANGEABLE (SYS_MNT_RDONLY | SYS_MNT_NOSUID | SYS_MNT_NODEV | SYS_MNT_NOEXEC | SYS_MNT_NOATIME)

static pthread_mutex_t update_mutex = PTHREAD_MUTEX_INITIALIZER;

static const struct word {
    const char *name;
    uint64_t set, clear;
} words[] = {
    {"update", 0, 0},
    {"remount", 0, 0},
    {"defaults", 0, 0},
    {"ro", SYS_MNT_RDONLY, 0},
    {"rw", 0, SYS_MNT_RDONLY},
    {"nosuid", SYS_MNT_NOSUID, 0},
    {"suid", 0, SYS_MNT_NOSUID},
    {"nodev", SYS_MNT_NODEV, 0},
    {"dev", 0, SYS_MNT_NODEV},
    {"noexec", SYS_MNT_NOEXEC, 0},
    {"exec", 0, SYS_MNT_NOEXEC},
    {"noatime", SYS_MNT_NOATIME, 0},
    {"atime", 0, SYS_MNT_NOATIME},
    {"reload", SYS_MNT_RELOAD, 0},
};

/* Takes one option into *@flags and *@data. */
static int option_take(char *option, uint64_t *flags, char **data, char *err, size_t errlen)
{
    if (strncmp(option, "fsdata=", 7) == 0) {
        free(*data);
        *data = strdup(option + 7);
        return *data ? 0 : ENOMEM;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].name, option) != 0)
            continue;
        *flags = (*flags & ~words[i].clear) | words[i].set;
        return 0;
    }
    snprintf(err, errlen, "mount option %s cannot be changed while it is mounted", option);
    return EINVAL;
}

static int options_take(const char *text, uint64_t *flags, char **data, char *err, size_t errlen)
{
    char *copy = strdup(text ? text : "");
    int error = copy ? 0 : ENOMEM;

    for (char *rest = copy, *option = copy; !error && rest; option = rest) {
        rest = fh_options_split(option);
        if (*option)
            error = option_take(option, flags, data, err, errlen);
    }
    free(copy);
    return error;
}

/* What the file system is told. */
struct change_data {
    const void *bytes;
    size_t size;
    bool is_text;
};

static int kernel_change(struct fh_session *session, uint64_t flags, const struct change_data *data)
{
    uint32_t mount_id = session->mount_id;
    struct sys_mount args = {.type = session->type,
                             .special = session->special,
                             .flags = flags | SYS_MNT_UPDATE,
                             .data = data->bytes,
                             .data_size = data->size,
                             .data_is_text = data->is_text};

    return sys_mount(session->kernel_caller, &args, &mount_id, NULL);
}

/* Sets the host's flags; what was written so far reaches the file system before. */
static int host_change(const struct fh_session *session, uint64_t flags)
{
    unsigned long host = MS_REMOUNT;

    host |= flags & SYS_MNT_RDONLY ? MS_RDONLY : 0;
    host |= flags & SYS_MNT_NOSUID ? MS_NOSUID : 0;
    host |= flags & SYS_MNT_NODEV ? MS_NODEV : 0;
    host |= flags & SYS_MNT_NOEXEC ? MS_NOEXEC : 0;
    host |= flags & SYS_MNT_NOATIME ? MS_NOATIME : 0;
    host |= session->options.sync ? MS_SYNCHRONOUS : 0;
    return mount(NULL, session->dir, NULL, host, NULL) == 0 ? 0 : errno;
}

/* An image or device that was opened for reading is others' to read as well: nobody can begin to write to it.
 */
static int disk_check(const struct fh_session *session, uint64_t new, char *err, size_t errlen)
{
    if (!session->has_disk || !session->disk_read_only || (new &SYS_MNT_RDONLY))
        return 0;
    snprintf(
        err, errlen,
        "%s was opened for reading when it was mounted read-only: unmount it and mount it again to write "
        "to it",
        session->special);
    return EROFS;
}

static int both_change(struct fh_session *session, uint64_t old, uint64_t new, const struct change_data *data,
                       char *err, size_t errlen)
{
    bool host = ((old ^ new) & CHANGEABLE) != 0, stricter = (new &SYS_MNT_RDONLY) && !(old & SYS_MNT_RDONLY);
    int error = host && stricter ? host_change(session, new) : 0;

    if (!error) {
        int darwin = kernel_change(session, new, data);

        error = fh_errno_to_host(darwin);
        if (darwin)
            snprintf(err, errlen, "the file system %s refused the change: %s", session->type,
                     fh_errno_name(darwin));
        if (darwin && host && stricter)
            (void)host_change(session, old);
    } else {
        snprintf(err, errlen, "the host refused the change: %s", strerror(error));
    }
    if (error || !host || stricter)
        return error;
    error = host_change(session, new);
    if (error) {
        snprintf(err, errlen, "the host refused the change: %s", strerror(error));
        (void)kernel_change(session, old, &(struct change_data){.is_text = true});
    }
    return error;
}

int fh_session_update(struct fh_session *session, const char *options, const void *bytes, size_t size,
                      char *err, size_t errlen)
{
    struct sys_mount_info info;
    char *text = NULL;

    err[0] = '\0';
    pthread_mutex_lock(&update_mutex);
    int error = fh_errno_to_host(sys_mount_info(session->mount_id, &info));
    uint64_t old = info.flags & (CHANGEABLE | SYS_MNT_SYNCHRONOUS), new = old;
    if (!error)
        error = options_take(options, &new, &text, err, errlen);
    if (!error)
        error = disk_check(session, new, err, errlen);
    if (!error)
        error = both_change(session, old, new,
                            bytes ? &(struct change_data){bytes, size, false}
                                  : &(struct change_data){text, text ? strlen(text) + 1 : 0, true},
                            err, errlen);
    pthread_mutex_unlock(&update_mutex);
    free(text);
    return error;
}

int fh_session_revoke(struct fh_session *session, const char *path)
{
    struct sys_node root, node;
    int error = sys_mount_root(session->mount_id, &root);

    if (!error)
        error = sys_lookup(session->kernel_caller, &root, path, SYS_AT_NOFOLLOW, &node, NULL);
    if (!error)
        error = sys_revoke(session->kernel_caller, &node); /* which tells fh_revoked() */
    return fh_errno_to_host(error);
}

int fh_session_resize(struct fh_session *session, uint64_t bytes, char *err, size_t errlen)
{
    int error = sys_resize(session->kernel_caller, session->mount_id, bytes);

    err[0] = '\0';
    if (error == SYS_ENOTSUP)
        snprintf(err, errlen, "a %s cannot change its size", session->type);
    else if (error == SYS_ENOSPC)
        snprintf(err, errlen, "more than %llu bytes of it are in use", (unsigned long long)bytes);
    else if (error)
        snprintf(err, errlen, "the file system %s refused the size: %s", session->type, fh_errno_name(error));
    return fh_errno_to_host(error);
}
