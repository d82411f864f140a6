// SPDX-License-Identifier: BSD-2-Clause
/*
 * Unloading one kext: refused while other kexts link against it, while anything is mounted through it, or
 * when its stop routine says no. Called by control.c and load.c with the operation held.
 */
#include "kext/kext_internal.h"

#include <sys/errno.h>

struct dependents {
    const struct kext *of;
    struct kext_control_reply *reply;
    unsigned count;
};

static bool dependent_tell(void *arg, struct kext *kext)
{
    struct dependents *dependents = arg;

    for (uint32_t i = 0; i < kext->nlibs; i++) {
        if (kext->libs[i] == dependents->of) {
            kext_reply_add(dependents->reply, "%s%s", dependents->count++ == 0 ? "" : ", ", kext->id);
        }
    }
    return true;
}

int kext_unload(struct kext *kext, struct kext_control_reply *reply)
{
    int error;

    if (kext->is_interface) {
        kext_reply_add(reply, "%s is part of the kernel process and cannot be unloaded\n", kext->id);
        return EPERM;
    }
    if (kext->refs != 0) {
        struct dependents dependents = {.of = kext, .reply = reply};

        kext_reply_add(reply, "%s is in use by ", kext->id);
        kext_each(dependent_tell, &dependents);
        kext_reply_add(reply, "\n");
        return EBUSY;
    }
    error = kext_stop(kext, reply);
    if (error == 0) {
        kext_unlink(kext, reply);
    }
    return error;
}
