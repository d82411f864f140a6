// SPDX-License-Identifier: BSD-2-Clause
/*
 * Asking the kernel process to mount, and loading the type's kext first when nobody serves it: for kextbed
 * mount and mount(8)'s helper.
 */
#ifndef KEXTBED_TOOLS_COMMON_MOUNTING_H
#define KEXTBED_TOOLS_COMMON_MOUNTING_H

#include "tools/common/loader.h"

struct mounting {
    const char *type;
    const char *special; /* "none", or a path */
    const char *dir;
    const char *options; /* may be NULL; fsdata=@FILE is read here */
};

/** mounting_is_update - do the options say update or remount? */
bool mounting_is_update(const char *options);
/** mounting_run - mount, or change what is mounted. The loader's repository is searched for the type's kext,
 * and the system's extensions after it. */
enum kext_client_result mounting_run(struct loader *loader, const struct mounting *request);

/** mounting_path - a path that a process with another working folder can use; what is no path in the file
 * system ("none", a URL) stays as it is. Looks at the folders on the way alone: the last component may hang.
 * To be ended with free(). */
char *mounting_path(const char *path);

#endif
