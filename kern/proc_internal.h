// SPDX-License-Identifier: BSD-2-Clause
/*
 * proc_internal.h: what context.c needs of proc.c.
 */
#ifndef KEXTBED_KERN_PROC_INTERNAL_H
#define KEXTBED_KERN_PROC_INTERNAL_H

#include <sys/types.h>

/** proc_pending_signals - those of @mask that count as pending for the calling thread: an interrupted call
 * has SIGINT. */
int proc_pending_signals(sigset_t mask);

#endif
