// SPDX-License-Identifier: BSD-2-Clause
/* Building the flat load message of libkext/wire.h out of a decoded archive. No state, no locks. */
#ifndef KEXTBED_LIBKEXT_MESSAGE_H
#define KEXTBED_LIBKEXT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "libkext/archive.h"

/** kext_message_build - lay an archive out as one load message.
 *  @message  out  to be ended with free(), 16-byte aligned.  @len  out  bytes.
 *  Returns: true, or false with errors added. */
bool kext_message_build(const struct kext_archive *archive, void **message, size_t *len,
                        struct kext_diags *diags);

#endif
