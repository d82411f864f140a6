// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory under ext2fs's own tag, and what is said of a mount in the log. Lock-free.
 */
#include <stdarg.h>

#include "ext2fs.h"

void *ext2_alloc(size_t size)
{
    if (size == 0 || size > UINT32_MAX)
        return NULL;
    void *p = OSMalloc((uint32_t)size, ext2_tag);
    if (p)
        bzero(p, size);
    return p;
}

void ext2_free(void *p, size_t size)
{
    if (p)
        OSFree(p, (uint32_t)size, ext2_tag);
}

/* One line of the log, in one piece. */
static void report(const struct ext2_mount *mnt, const char *format, va_list ap)
{
    char line[256];

    vsnprintf(line, sizeof(line), format, ap);
    printf("ext2fs: %s: %s\n", vfs_statfs(mnt->m_mount)->f_mntfromname, line);
}

void ext2_report(const struct ext2_mount *mnt, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    report(mnt, format, ap);
    va_end(ap);
}

int ext2_damaged(struct ext2_mount *mnt, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    report(mnt, format, ap);
    va_end(ap);
    atomic_store(&mnt->m_damaged, TRUE);
    if (mnt->m_options.errors == E2_ERRORS_RO && !vfs_isrdonly(mnt->m_mount)) {
        ext2_report(mnt, "nothing is changed any more (errors=remount-ro)");
        vfs_setflags(mnt->m_mount, MNT_RDONLY);
    }
    return EIO;
}
