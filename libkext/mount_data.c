// SPDX-License-Identifier: BSD-2-Clause
/*
 * fsdata=@FILE; see mount_data.h. No state.
 */
#include "libkext/mount_data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPTION "fsdata=@"

static bool complain(struct kext_diags *diags, const char *file, const char *what)
{
    kext_diag_add(diags, KEXT_DIAG_REQUEST, file, NULL, "mount option fsdata=@: %s", what);
    return false;
}

/* All of @fd; one byte more than is allowed tells a file that is too long. */
static bool bytes_read(int fd, const char *file, struct mount_data *out, struct kext_diags *diags)
{
    unsigned char *bytes = malloc(MOUNT_DATA_MAX + 1);
    size_t size = 0;
    ssize_t n = bytes != NULL ? 1 : -1;

    while (n > 0 && size <= MOUNT_DATA_MAX) {
        n = read(fd, bytes + size, MOUNT_DATA_MAX + 1 - size);
        size += n > 0 ? (size_t)n : 0;
    }
    if (n < 0 || size > MOUNT_DATA_MAX) {
        bool ok = complain(diags, file, n < 0 ? strerror(errno) : "the file is longer than 64 KiB");

        free(bytes);
        return ok;
    }
    free(out->bytes);
    out->bytes = bytes;
    out->size = size;
    return true;
}

static bool file_read(const char *file, struct mount_data *out, struct kext_diags *diags)
{
    /* Not to hang in a pipe that nobody writes to. */
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    bool ok;

    if (fd < 0) {
        return complain(diags, file, strerror(errno));
    }
    if (fstat(fd, &st) != 0) {
        ok = complain(diags, file, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        ok = complain(diags, file, "this is no regular file");
    } else {
        ok = bytes_read(fd, file, out, diags);
    }
    close(fd);
    return ok;
}

/* Bytes up to the comma that ends an option. */
static size_t option_length(const char *option)
{
    size_t len = 0;

    while (option[len] != '\0' && option[len] != ',') {
        len += option[len] == '\\' && option[len + 1] != '\0' ? 2 : 1;
    }
    return len;
}

/* A value without its escapes; to be ended with free(). */
static char *value_copy(const char *from, size_t len)
{
    char *copy = malloc(len + 1), *to = copy;

    for (size_t i = 0; copy != NULL && i < len; i++) {
        if (from[i] == '\\' && i + 1 < len && (from[i + 1] == ',' || from[i + 1] == '\\')) {
            i++;
        }
        *to++ = from[i];
    }
    if (copy != NULL) {
        *to = '\0';
    }
    return copy;
}

static bool option_take(const char *option, size_t len, struct mount_data *out, struct kext_diags *diags)
{
    size_t skip = sizeof(OPTION) - 1;
    char *file = value_copy(option + skip, len - skip);
    bool ok = file != NULL ? file_read(file, out, diags) : complain(diags, NULL, strerror(ENOMEM));

    free(file);
    return ok;
}

bool mount_data_read(const char *options, struct mount_data *out, struct kext_diags *diags)
{
    *out = (struct mount_data){0};
    if (options == NULL) {
        return true;
    }
    out->options = malloc(strlen(options) + 1);
    if (out->options == NULL) {
        return complain(diags, NULL, strerror(ENOMEM));
    }
    char *to = out->options;
    for (const char *option = options; *option != '\0';) {
        size_t len = option_length(option);

        if (len >= sizeof(OPTION) - 1 && strncmp(option, OPTION, sizeof(OPTION) - 1) == 0) {
            if (!option_take(option, len, out, diags)) {
                mount_data_free(out);
                return false;
            }
        } else {
            if (to != out->options) {
                *to++ = ',';
            }
            memcpy(to, option, len);
            to += len;
        }
        option += len + (option[len] == ',');
    }
    *to = '\0';
    return true;
}

void mount_data_free(struct mount_data *data)
{
    free(data->options);
    free(data->bytes);
    *data = (struct mount_data){0};
}
