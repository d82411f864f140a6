// SPDX-License-Identifier: BSD-2-Clause
/*
 * The test device below a session (option testdisk=): made before the disk is attached, and told what to do
 * as long as it is. The kernel half has it as its disk, and closes it.
 *
 * Lock: testdisk_lock guards session->test_disk and keeps a device from being closed while a request is about
 * it. A leaf; held while the device waits for its disk. Called by session_disk.c and control_testdisk.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fusehost/session_internal.h"
#include "host/host.h"
#include "host/testdisk/testdisk.h"

static pthread_mutex_t testdisk_lock = PTHREAD_MUTEX_INITIALIZER;

static int status_errno(int status)
{
    switch (status) {
    case HOST_OK:
        return 0;
    case HOST_ENOENT:
        return SYS_ENOENT;
    case HOST_EPERM:
        return SYS_EACCES;
    case HOST_EBUSY:
        return SYS_EBUSY;
    case HOST_EINVAL:
        return SYS_EINVAL;
    case HOST_ENOMEM:
        return SYS_ENOMEM;
    default:
        return SYS_EIO;
    }
}

/* A record is named as this process sees it, whose working folder is nobody's affair. */
static int plan_check(const char *text, char *why, size_t why_size)
{
    struct testdisk_plan plan;
    char wrong[512];

    if (!testdisk_plan_parse(text, &plan, wrong, sizeof(wrong))) {
        snprintf(why, why_size, "mount option testdisk: %s", wrong);
        return SYS_EINVAL;
    }
    if (plan.record[0] != '\0' && plan.record[0] != '/') {
        snprintf(why, why_size, "mount option testdisk: record=%s is not an absolute path", plan.record);
        return SYS_EINVAL;
    }
    return 0;
}

int fh_session_testdisk_make(struct fh_session *session, bool read_only, struct host_disk **disk, char *why,
                             size_t why_size)
{
    struct host_disk *inner;
    int error = plan_check(session->options.testdisk, why, why_size);

    if (error)
        return error;
    int status = host_disk_open(session->special, read_only ? 0 : HOST_DISK_WRITABLE, &inner, why, why_size);
    if (status != HOST_OK)
        return status_errno(status);
    status = testdisk_open(inner, session->options.testdisk, disk, why, why_size);
    if (status != HOST_OK) {
        host_disk_close(inner);
        return status_errno(status);
    }
    pthread_mutex_lock(&testdisk_lock);
    session->test_disk = *disk;
    pthread_mutex_unlock(&testdisk_lock);
    return 0;
}

void fh_session_testdisk_forget(struct fh_session *session)
{
    pthread_mutex_lock(&testdisk_lock);
    session->test_disk = NULL;
    pthread_mutex_unlock(&testdisk_lock);
}

int fh_session_testdisk(struct fh_session *session, bool cut, const char *plan, struct testdisk_stats *stats,
                        char *err, size_t errlen)
{
    int status = HOST_OK;

    pthread_mutex_lock(&testdisk_lock);
    struct host_disk *disk = session->test_disk;
    if (!disk) {
        pthread_mutex_unlock(&testdisk_lock);
        snprintf(err, errlen, "it does not lie on a test device (mount option testdisk=)");
        return ENODEV;
    }
    if (plan)
        status = testdisk_plan_set(disk, plan, err, errlen);
    if (status == HOST_OK && cut) {
        status = testdisk_cut(disk);
        if (status != HOST_OK)
            snprintf(err, errlen, "the image did not take what survives the power cut");
    }
    testdisk_stats(disk, stats);
    pthread_mutex_unlock(&testdisk_lock);
    return status == HOST_OK ? 0 : status == HOST_EINVAL ? EINVAL : EIO;
}
