// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kext version strings: "major[.minor[.revision]][stage level]", such as 1.2, 4.0.1b3 or 24.4.0. Pure
 * functions, no state, no locks. The number they turn into is the one of libkext/wire.h.
 */
#ifndef KEXTBED_LIBKEXT_VERSION_H
#define KEXTBED_LIBKEXT_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/wire.h"

/** kext_version_parse - turn a version string into the number that orders versions.
 *  @text    NUL-terminated. One to four digits, then up to twice a dot and one or two digits, then optionally
 * a stage (d, a, b, f or fc) with a level of 0-255 (f and fc: 1-255). White space may follow.
 *  @number  set on success only.
 *  Returns: true, or false where @text is no version. */
bool kext_version_parse(const char *text, uint64_t *number);

/** kext_version_format - the shortest string for a version number; major and minor are always shown.
 *  @buf  at least KEXT_WIRE_MAX_VERSION + 1 bytes. */
void kext_version_format(uint64_t number, char *buf, size_t size);

/** kext_version_serves - whether a library may stand in for the version that a kext asks for.
 *  @version, @compatible  the library's; @compatible 0 means that it is no library.
 *  @wanted                what the kext names. */
bool kext_version_serves(uint64_t version, uint64_t compatible, uint64_t wanted);

#endif
