// SPDX-License-Identifier: BSD-2-Clause
/*
 * The control server: the socket through which tools load kexts into the kernel process, mount, unmount and
 * ask. One thread accepts, one thread serves each client; their number, the size of what they send and the
 * time that they may keep silent are bounded. Whatever a client sends, the kernel process goes on.
 *
 * Who may what: anyone who can connect may ask what is loaded and mounted (without addresses); the log,
 * loading, unloading, mounting and stopping are for root and for the user whose process this is. The kernel's
 * word on the peer's uid counts, not the client's.
 *
 * Callers: the daemon and the foreground run, on the initial thread, after fh_boot() and kext_control_boot().
 */
#ifndef KEXTBED_FUSEHOST_CONTROL_H
#define KEXTBED_FUSEHOST_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libkext/diag.h"

struct control_server_args {
    const char *socket; /* path to listen at; its folder is made; NULL: the usual one */
    mode_t mode;        /* of the socket; 0: 0666 */
    void (*stop)(
        void); /* a client asked the process to end; called once the answer is sent. May be NULL: refused */
};

/** control_server_start - listen and serve.
 *  @err  a sentence on error.
 *  Errno (host): 0; EADDRINUSE another kernel process listens there; whatever socket, bind or thread creation
 * gave. */
int control_server_start(const struct control_server_args *args, char *err, size_t errlen);

/** control_server_stop - stop listening, finish requests under way, remove the socket. May be called when not
 * started. Blocks until all client threads are gone, for thirty seconds at most; false: some are not, and use
 * the kernel half on. Not from a client's thread. */
bool control_server_stop(void);

/** control_archive_load - what the verb `load` does: decode an archive and load it, for the foreground run
 * too.
 *  @bytes  the archive.
 *  @diags  gets all that there is to say.
 *  Errno (Darwin): 0 or as kext_control_load(); SYS_EINVAL the archive is damaged. */
int control_archive_load(const uint8_t *bytes, size_t len, struct kext_diags *diags);

#endif
