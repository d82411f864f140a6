// SPDX-License-Identifier: BSD-2-Clause
/* Reading whole files with a limit. No state, no locks. */
#ifndef KEXTBED_LIBKEXT_FILE_H
#define KEXTBED_LIBKEXT_FILE_H

#include <stddef.h>
#include <stdint.h>

/** kext_file_read - read a regular file into memory.
 *  @max    bytes; a larger file is EFBIG.
 *  @bytes  out  to be ended with free(); one NUL follows the contents.
 *  @len    out  bytes.
 *  Errno:  0 or a host errno; EINVAL is not a regular file. */
int kext_file_read(const char *path, size_t max, uint8_t **bytes, size_t *len);

/** kext_fd_read - the same for an open file, from its start; the descriptor's position is not used. */
int kext_fd_read(int fd, size_t max, uint8_t **bytes, size_t *len);

#endif
