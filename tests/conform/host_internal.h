// SPDX-License-Identifier: BSD-2-Clause
/*
 * host_internal.h: what the two halves of the host's operations share.
 */
#ifndef KEXTBED_TESTS_CONFORM_HOST_INTERNAL_H
#define KEXTBED_TESTS_CONFORM_HOST_INTERNAL_H

#include <sys/stat.h>

#include "tests/conform/host_users.h"

extern int host_here; /* descriptor of the folder that paths are relative to */

int host_result(int failed); /* 0 or a host errno -> 0 or SYS_E* */
void host_attr_from(struct sys_attr *attr, const struct stat *st);

/* host_files.c */
int host_open(const struct user *who, const char *path, uint32_t oflags, uint32_t mode, int *fd);
int host_close(int fd);
int host_pread(int fd, void *buf, size_t len, int64_t off, size_t *done);
int host_pwrite(int fd, const void *buf, size_t len, int64_t off, size_t *done);
int host_fstat(int fd, struct sys_attr *attr);
int host_fsync(int fd, bool data_only);
int host_ftruncate(int fd, int64_t size);
int host_allocate(int fd, int64_t off, int64_t len, bool keep_size);
int host_punch(int fd, int64_t off, int64_t len);
int host_zero(int fd, int64_t off, int64_t len, bool keep_size);
int host_seek(int fd, int64_t off, bool hole, int64_t *out);
int host_readdir(int fd, struct names_seen *out);
int host_lock(int fd, enum lock_type type, int64_t off, int64_t len);
int host_flock(int fd, enum lock_type type);
int host_pwrite_as(const struct user *who, int fd, const void *buf, size_t len, int64_t off);
int host_ftruncate_as(const struct user *who, int fd, int64_t size);
void host_files_close_all(void);

#endif
