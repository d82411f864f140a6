// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the kernel process's messages go: standard error, a file, or the host's log daemon. The kernel
 * half's log, the FUSE library's and this program's own all end here.
 *
 * Any thread, also in a panic: a message is one write() or send() of a finished line, no lock, no allocation.
 */
#ifndef KEXTBED_FUSEHOST_LOG_H
#define KEXTBED_FUSEHOST_LOG_H

#include <stdarg.h>
#include <stddef.h>

/* syslog's levels, as host_log() has them. */
#define FH_LOG_ERROR   3
#define FH_LOG_WARNING 4
#define FH_LOG_INFO    6
#define FH_LOG_DEBUG   7

/** fh_log_open - choose the sink. @where is kept; NULL: standard error; "syslog"; else a file that is
 * appended to. Installs itself as host_log()'s sink and as the FUSE library's. Errno (host): 0, the file's.
 */
int fh_log_open(const char *where);
/** fh_log_fd - the descriptor that messages are written to. */
int fh_log_fd(void);

/** fh_log_capture - until called with NULL, what the FUSE library says on this thread goes to @buf instead;
 * always terminated. */
void fh_log_capture(char *buf, size_t size);

/** fh_log_tee - until called with NULL, what the kernel half and its kexts say on this thread goes to @buf as
 * well; always terminated. */
void fh_log_tee(char *buf, size_t size);

/** fh_log_panic_note - the file that gets a panic's reason and, on a second line, where its report is; one
 * that is there from before is removed. @path is kept; NULL: none. */
void fh_log_panic_note(const char *path);

/** fh_log - one message, a line with its newline. Cut at 4 KiB. */
void fh_log(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
