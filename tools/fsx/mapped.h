// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copies to and from file mappings that turn a SIGBUS (the file system failed to give the page) into a
 * result. Owns the process's SIGBUS handler; the landing place is thread-local, so any thread may copy. No
 * locks.
 */
#ifndef FSX_MAPPED_H
#define FSX_MAPPED_H

#include <stdbool.h>
#include <stddef.h>

/** mapped_install - takes over SIGBUS. Once, before the first copy. */
void mapped_install(void);

/** mapped_copy - memcpy of @len bytes where one side is a file mapping. Returns false if a page could not be
 * had. */
bool mapped_copy(void *to, const void *from, size_t len);

#endif
