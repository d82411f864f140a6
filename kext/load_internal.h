// SPDX-License-Identifier: BSD-2-Clause
/* load_internal.h: the one step that handles a whole message; see load.c. */
#ifndef KEXTBED_KEXT_LOAD_INTERNAL_H
#define KEXTBED_KEXT_LOAD_INTERNAL_H

#include "kext/kext_internal.h"

/** kext_load - all kexts of a checked message, or none. Errno: as kext_control_load(). */
int kext_load(const struct kext_message *message, struct kext_control_reply *reply);

#endif
