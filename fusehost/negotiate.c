// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is agreed with the host in the first request of a connection, and why.
 *
 * Both modes
 *   ASYNC_READ, ASYNC_DIO, PARALLEL_DIROPS: the kernel half needs no help in ordering requests. The library,
 *   as of 3.14, forgets to pass the last one on, so it is patched in.
 *   AUTO_INVAL_DATA: cached data goes when attributes show that the file changed.
 *   EXPORT_SUPPORT: "." and ".." can be looked up.
 *   HANDLE_KILLPRIV_V2, which the library cannot express and is therefore patched in: without it the
 *   host asks for the attribute security.capability before every write(2). It makes set-id bits our
 *   business (fh_kill_set_id()).
 *
 * Fast mode
 *   WRITEBACK_CACHE if the mount is local, writable and not synchronous: with it the host trusts its own idea
 *   of a file's size, so nobody else may change one.
 *   READDIRPLUS as the host sees fit, CACHE_SYMLINKS.
 *   Not ATOMIC_O_TRUNC: where OPEN is never sent nobody would truncate.
 *
 * Exact mode
 *   ATOMIC_O_TRUNC, so that an open is authorised as one thing.
 *   Not READDIRPLUS, whose attributes would be stale at once.
 *
 * Never
 *   POSIX_ACL (Darwin's ACLs are others), locks (the host's own do), IOCTL_DIR (no ioctls), splicing
 *   (the data is in memory on both sides, and measured to gain nothing).
 */
#include <linux/fuse.h>
#include <sys/uio.h>

#include "fusehost/session_internal.h"

#define WANT_BOTH                                                                                            \
    (FUSE_CAP_ASYNC_READ | FUSE_CAP_ASYNC_DIO | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_AUTO_INVAL_DATA |        \
     FUSE_CAP_EXPORT_SUPPORT)
#define WANT_FAST  (FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_CACHE_SYMLINKS)
#define WANT_EXACT FUSE_CAP_ATOMIC_O_TRUNC
#define NO_OPEN    (FUSE_CAP_NO_OPEN_SUPPORT | FUSE_CAP_NO_OPENDIR_SUPPORT)

void fh_negotiate(void *userdata, struct fuse_conn_info *conn)
{
    struct fh_session *session = userdata;
    unsigned want = WANT_BOTH | (session->exact ? WANT_EXACT : WANT_FAST);

    if (!session->exact && !session->options.sync &&
        (session->info.flags & (SYS_MNT_LOCAL | SYS_MNT_RDONLY)) == SYS_MNT_LOCAL)
        want |= FUSE_CAP_WRITEBACK_CACHE;
    conn->want = want & conn->capable;
    conn->max_write = FH_MAX_IO;
    conn->time_gran = 1;
    session->writeback = conn->want & FUSE_CAP_WRITEBACK_CACHE;
    session->expire = conn->capable & FUSE_CAP_EXPIRE_ONLY;
    if ((conn->capable & NO_OPEN) != NO_OPEN)
        session->no_open = false;
}

void fh_negotiate_patch(const struct iovec *iov, int count)
{
    const struct fuse_in_header *in = (const void *)fh_worker_current()->in;
    const struct fuse_init_in *asked = (const void *)(in + 1);
    struct fuse_init_out *answer;

    if (count < 2 || iov[1].iov_len < sizeof(*answer))
        return;
    answer = iov[1].iov_base;
    answer->flags |= asked->flags & (FUSE_HANDLE_KILLPRIV_V2 | FUSE_PARALLEL_DIROPS);
}
