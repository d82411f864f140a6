// SPDX-License-Identifier: BSD-2-Clause
/*
 * Comparing what was read with the good copy, and explaining a difference. Called by the thread that owns the
 * subject; no locks.
 */
#ifndef FSX_VERIFY_H
#define FSX_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/fsx/subject.h"

/**
 * verify_bytes - checks @len bytes that @how ("read", ...) found at @off.
 * Returns true when they are right; else false, and the subject's report names the first wrong byte, what was
 * expected and found, which operation had written it, and where the wrong bytes seem to come from.
 */
bool verify_bytes(struct subject *s, const char *how, uint64_t off, const uint8_t *found, size_t len);

#endif
