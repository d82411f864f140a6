// SPDX-License-Identifier: BSD-2-Clause
/*
 * runtime.c: functions of compilers' run-time libraries by name, for kexts that were built with a sanitizer
 * or with coverage. A shared run-time library is asked for by the dynamic linker. The one of gcov is static
 * and hidden; a build with coverage lists what it needs here. No state, no locks.
 */
#include <dlfcn.h>
#include <string.h>

#include "host/posix/posix_internal.h"

#ifdef KEXTBED_COVERAGE
void __gcov_init(void *);
void __gcov_exit(void);
void __gcov_merge_add(void *, unsigned);

static const struct {
    const char *name;
    const void *address;
} hidden[] = {
    {"__gcov_init", (const void *)__gcov_init},
    {"__gcov_exit", (const void *)__gcov_exit},
    {"__gcov_merge_add", (const void *)__gcov_merge_add},
};
#endif

const void *host_runtime_symbol(const char *name)
{
#ifdef KEXTBED_COVERAGE
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (strcmp(hidden[i].name, name) == 0) {
            return hidden[i].address;
        }
    }
#endif
    return dlsym(RTLD_DEFAULT, name);
}
