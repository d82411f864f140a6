// SPDX-License-Identifier: BSD-2-Clause
/*
 * A second opinion on relocated bytes. It reads the object with libelf and works every field out from the
 * formulas of the ABI and from where the image says that its sections are; it shares no code with the linker.
 *
 * Owns: nothing. Locks: none. Callers: tests/link.
 */
#ifndef TESTS_LINK_ORACLE_H
#define TESTS_LINK_ORACLE_H

#include "kxld/kxld.h"

/* The address of an undefined symbol, as the test's providers have it; false when the symbol has none. */
typedef bool (*oracle_resolve)(const char *name, uint64_t *address);

/*
 * Compares every relocated field of @image with what it should be and fails the test at the first that
 * differs. Returns the number of fields compared. Objects in which two loaded sections share a name are not
 * for it.
 */
size_t oracle_check(const struct kxld_image *image, const void *object, size_t size, oracle_resolve resolve);

#endif
