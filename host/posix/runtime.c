// SPDX-License-Identifier: BSD-2-Clause
/*
 * runtime.c: functions of compilers' run-time libraries by name, for kexts that were built with a sanitizer
 * or with coverage. A shared run-time library is asked for by the dynamic linker. The one of gcov is static
 * and hidden; a build with coverage lists what it needs here.
 *
 * gcov keeps a list of the counters of all objects and writes all of them when the process ends. A kext's lie
 * in its image, so they are written and taken off the list when it goes. Kexts come and go one at a time (the
 * manager's lock), which is all the protection that the list needs.
 */
#include <dlfcn.h>
#include <string.h>

#include "host/posix/posix_internal.h"

#ifdef KEXTBED_COVERAGE
/* As gcc 12 lays them out; what follows in the first is not looked at. */
struct gcov_info {
    unsigned version;
    struct gcov_info *next;
};
struct gcov_root {
    struct gcov_info *list;
};
extern struct gcov_root __gcov_root;
void __gcov_init(void *);
void __gcov_dump(void);
void __gcov_reset(void);
void __gcov_merge_add(void *, unsigned);

/* For each source of a kext that ends: host_runtime_leave() does it for all of them. */
static void gcov_exit_of_kext(void)
{
}

static const struct {
    const char *name;
    const void *address;
} hidden[] = {
    {"__gcov_init", (const void *)__gcov_init},
    {"__gcov_exit", (const void *)gcov_exit_of_kext},
    {"__gcov_merge_add", (const void *)__gcov_merge_add},
};

void host_runtime_leave(const void *base, size_t size)
{
    struct gcov_info **link = &__gcov_root.list;

    /* What is written is added to the files, so all counters start from nothing again. */
    __gcov_dump();
    __gcov_reset();
    while (*link) {
        if ((uintptr_t)*link - (uintptr_t)base < size)
            *link = (*link)->next;
        else
            link = &(*link)->next;
    }
}
#else
void host_runtime_leave(const void *base, size_t size)
{
    (void)base;
    (void)size;
}
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
