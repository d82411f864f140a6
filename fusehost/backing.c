// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a special of the host really is: the image file or the device, whatever name it is given by: links are
 * followed, and a loop device is the file that it shows, unless it shows a part of it only.
 *
 * No state, any thread. Called by session_start.c.
 */
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fusehost/backing.h"

/* False: it is no loop device, or does not show a whole file. */
static bool loop_file(const char *path, struct sys_backing *backing)
{
    struct loop_info64 info;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return false;
    bool whole = ioctl(fd, LOOP_GET_STATUS64, &info) == 0 && info.lo_offset == 0 && info.lo_sizelimit == 0;
    close(fd);
    if (whole)
        *backing = (struct sys_backing){SYS_BACKING_FILE, info.lo_device, info.lo_inode};
    return whole;
}

struct sys_backing fh_backing_of(const char *special)
{
    struct sys_backing backing = {.kind = SYS_BACKING_NONE};
    struct stat st;

    if (special[0] != '/' || stat(special, &st) != 0)
        return backing;
    if (S_ISREG(st.st_mode))
        backing = (struct sys_backing){SYS_BACKING_FILE, st.st_dev, st.st_ino};
    else if (S_ISBLK(st.st_mode) && !(major(st.st_rdev) == LOOP_MAJOR && loop_file(special, &backing)))
        backing = (struct sys_backing){SYS_BACKING_DEVICE, st.st_rdev, 0};
    return backing;
}
