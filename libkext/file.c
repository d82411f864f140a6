// SPDX-License-Identifier: BSD-2-Clause
/* Whole-file reads for bundles and archives. Owns nothing. */
#include "libkext/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int kext_fd_read(int fd, size_t max, uint8_t **bytes, size_t *len)
{
    struct stat st;
    size_t done = 0;

    if (fstat(fd, &st) != 0) {
        return errno;
    }
    if (!S_ISREG(st.st_mode)) {
        return EINVAL;
    }
    if (st.st_size < 0 || (uint64_t)st.st_size > max) {
        return EFBIG;
    }
    size_t size = (size_t)st.st_size;
    uint8_t *buf = malloc(size + 1);
    if (buf == NULL) {
        return ENOMEM;
    }
    while (done < size) {
        ssize_t n = pread(fd, buf + done, size - done, (off_t)done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            int error = n < 0 ? errno : EIO; /* it shrank while it was read */
            free(buf);
            return error;
        }
        done += (size_t)n;
    }
    buf[size] = '\0';
    *bytes = buf;
    *len = size;
    return 0;
}

int kext_file_read(const char *path, size_t max, uint8_t **bytes, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error;

    if (fd < 0) {
        return errno;
    }
    error = kext_fd_read(fd, max, bytes, len);
    close(fd);
    return error;
}
