// SPDX-License-Identifier: BSD-2-Clause
/*
 * host_users.h: making system calls of the host as one user or another.
 */
#ifndef KEXTBED_TESTS_CONFORM_HOST_USERS_H
#define KEXTBED_TESTS_CONFORM_HOST_USERS_H

#include "tests/conform/fs_ops.h"

/* Runs fn(arg) with the identity of `who` and returns what it returned. The superuser's calls run on the
 * calling thread, each other user's on a thread of theirs, so that (thread, identity) never changes. */
int host_as(const struct user *who, int (*fn)(void *arg), void *arg);
void host_users_end(void);

/* The Darwin errno for one of the host's. */
int host_errno_map(int error);

#endif
