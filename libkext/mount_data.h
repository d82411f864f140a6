// SPDX-License-Identifier: BSD-2-Clause
/*
 * The mount option fsdata=@FILE: data for the file system that is no text. The tool reads the file, with its
 * own rights and in its own folder, and takes the option out; the kernel process sees bytes alone.
 */
#ifndef KEXTBED_LIBKEXT_MOUNT_DATA_H
#define KEXTBED_LIBKEXT_MOUNT_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "libkext/diag.h"

#define MOUNT_DATA_MAX 65536u /* bytes of the file */

struct mount_data {
    char *options;        /* the others; NULL where there were none at all */
    unsigned char *bytes; /* NULL: no such option */
    size_t size;
};

/** mount_data_read - split @options, which may be NULL. Where the option is given twice the last one counts.
 *  @out  set on success; the caller owes mount_data_free().
 *  Returns: true, or false with an error added that names the file. Blocks: as reading a regular file does.
 */
bool mount_data_read(const char *options, struct mount_data *out, struct kext_diags *diags);
void mount_data_free(struct mount_data *data);

#endif
