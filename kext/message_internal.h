// SPDX-License-Identifier: BSD-2-Clause
/*
 * message_internal.h: what a load message (libkext/wire.h) holds, once checked. Freestanding, so that the
 * check fuzzes alone.
 */
#ifndef KEXTBED_KEXT_MESSAGE_INTERNAL_H
#define KEXTBED_KEXT_MESSAGE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/wire.h"

struct kext_message_lib {
    const char *id;
    uint64_t min_version;
};

/* Pointers go into the message. */
struct kext_message_entry {
    const char *id, *version_text, *path;
    uint64_t version, compatible;
    const void *exec;
    size_t exec_len;
    struct kext_message_lib libs[KEXT_WIRE_MAX_LIBS];
    uint32_t nlibs;
    bool nostart, evolving;
};

struct kext_message {
    const uint8_t *bytes;
    size_t len;
    uint32_t nentries, flags;
    uint32_t entries_off;
};

/** kext_message_check - check a whole message, every range and string in it.
 *  @what  out  on error, a static clause that says what is wrong.
 *  Refs: none, @message points into @bytes. Locks: none. Blocks: no. Errno: 0; EINVAL. */
int kext_message_check(const void *bytes, size_t len, struct kext_message *message, const char **what);
/** kext_message_entry - entry @i of a checked message; @i below nentries. */
void kext_message_entry(const struct kext_message *message, uint32_t i, struct kext_message_entry *entry);

#endif
